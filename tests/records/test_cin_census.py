"""Children in need censuses: what stands in a file, and the rows that come of it, as small drawn tables."""

from pathlib import Path

import numpy as np
import pytest
from portable_subset import violations
from second_engine import DataFusionEngine, Recording

from whatworked.engine.duckdb import DuckDBEngine
from whatworked.records.cin_census import read_cin_census
from whatworked.records.cin_header import CinFile
from whatworked.records.cin_rows import TEXT_TABLES
from whatworked.records.codes import CODE_SETS
from whatworked.records.schema import BY_NAME

HEADER = """<Header>
  <CollectionDetails><Collection>CIN</Collection><Year>2019</Year><ReferenceDate>2019-03-31</ReferenceDate>
  </CollectionDetails>
  <Source><SourceLevel>L</SourceLevel><LEA>301</LEA><DateTime>2019-05-01T10:00:00</DateTime></Source>
</Header>"""


def census(*children, header=HEADER):
    """Return a census file with these children."""
    return f"<Message>{header}<Children>{''.join(children)}</Children></Message>"


def child(identifiers="", details="", *, name="c1", characteristics=""):
    """Return a child with an identifier and what else is given."""
    given = f"<LAchildID>{name}</LAchildID>{identifiers}"
    return (
        f"<Child><ChildIdentifiers>{given}</ChildIdentifiers>"
        f"<ChildCharacteristics>{characteristics}</ChildCharacteristics>{details}</Child>"
    )


def referral(day="2018-05-01", rest=""):
    """Return a referral with what else is given."""
    return f"<CINdetails><CINreferralDate>{day}</CINreferralDate>{rest}</CINdetails>"


def assessment(start, end=""):
    """Return an assessment."""
    return (
        f"<Assessments><AssessmentActualStartDate>{start}</AssessmentActualStartDate>"
        f"<AssessmentAuthorisationDate>{end}</AssessmentAuthorisationDate></Assessments>"
    )


def section47(conference):
    """Return a section 47 enquiry that led to a conference."""
    return (
        "<Section47><S47ActualStartDate>2018-05-02</S47ActualStartDate>"
        f"<DateOfInitialCPC>{conference}</DateOfInitialCPC><ICPCnotRequired>false</ICPCnotRequired></Section47>"
    )


def plan(start, end="", previous="0", abuse="NEG"):
    """Return a child protection plan."""
    return (
        f"<ChildProtectionPlans><CPPstartDate>{start}</CPPstartDate><CPPendDate>{end}</CPPendDate>"
        f"<InitialCategoryOfAbuse>{abuse}</InitialCategoryOfAbuse><LatestCategoryOfAbuse>EMO</LatestCategoryOfAbuse>"
        f"<NumberOfPreviousCPP>{previous}</NumberOfPreviousCPP></ChildProtectionPlans>"
    )


@pytest.fixture
def read_census(engine, tmp_path):
    """Write files and read them as censuses."""

    def read(*contents, engine=engine, given=()):
        files = []
        for place, content in enumerate(contents):
            path = tmp_path / f"census_{place}.xml"
            path.write_text(content, encoding="utf-8")
            files.append(CinFile(path, **(given[place] if given else {})))
        return read_cin_census(engine, files, to=tmp_path / "cin")

    return read


def rows_of(engine, records, name, columns):
    """Return rows of a table as texts, nothing for NULL."""
    found = engine.collect(records.tables[name])
    listed = [np.ma.asarray(found[column]).tolist() for column in columns]
    return sorted(tuple("" if value is None else str(value) for value in row) for row in zip(*listed, strict=True))


@pytest.fixture
def expect(engine):
    """Compare a table with a drawn one, whose first line names the columns that matter."""

    def expect(records, name, drawn):
        lines = [[cell.strip() for cell in line.split("|")] for line in drawn.strip().splitlines()]
        assert rows_of(engine, records, name, lines[0]) == sorted(map(tuple, lines[1:]))

    return expect


def left_out(records, table):
    """Return the rules that took rows of a table away, and how many."""
    return {step.rule: step.left_out for step in records.steps if step.step == table and step.left_out}


def noted(records):
    """Return what was found, and how often, without the known elements that no table holds."""
    return {note.what: note.rows for note in records.notes if not note.what.startswith("elements that no table")}


def test_a_child_is_one_row_of_each_table_with_the_schema_columns(read_census, expect, engine):
    whole = child(
        "<UPN>a123456789012</UPN><PersonBirthDate>2010-02-28</PersonBirthDate><GenderCurrent>2</GenderCurrent>"
        "<PersonDeathDate>2018-12-31</PersonDeathDate>",
        referral(
            "2018-05-01",
            "<ReferralSource>1A</ReferralSource><PrimaryNeedCode>N1</PrimaryNeedCode>"
            "<CINclosureDate>2018-09-01</CINclosureDate><ReasonForClosure>RC7</ReasonForClosure>"
            + assessment("2018-05-02", "2018-06-13")
            + section47("2018-06-01")
            + "<ReferralNFA>false</ReferralNFA>"
            + plan("2018-06-01", "2018-08-31", previous="2"),
        ),
        characteristics="<Ethnicity>WBRI</Ethnicity><Disabilities><Disability>AUT</Disability></Disabilities>",
    )
    records = read_census(census(whole))
    assert {name: query.columns for name, query in records.tables.items()} == {
        name: BY_NAME[name].names for name in TEXT_TABLES
    }
    expect(
        records,
        "child",
        """
        area | child | census_year | origin | birth_date | birth_precision | expected_birth_date | death_date | sex
        301  | c1    | 2019        | cin    | 2010-02-28 | day             |                     | 2018-12-31 | 2
        """,
    )
    expect(
        records,
        "child",
        """
        child | ethnicity | disabled | asylum | pupil
        c1    | WBRI      | 1        |        | A123456789012
        """,
    )
    expect(
        records,
        "referral",
        """
        area | child | referral_date | census_year | sequence | referral_source | need | no_further_action
        301  | c1    | 2018-05-01    | 2019        | 1        | 1A              | N1   | 0
        """,
    )
    expect(
        records,
        "referral",
        """
        closure_date | closure_reason | in_need_at_31_march | in_need_at_any_point | in_need_started | previous_plans
        2018-09-01   | RC7            | 0                   |                      |                 | 2
        """,
    )
    expect(
        records,
        "assessment",
        """
        area | child | start_date | census_year | sequence | end_date   | referral_date | kind
        301  | c1    | 2018-05-02 | 2019        | 1        | 2018-06-13 | 2018-05-01    | combined
        """,
    )
    expect(
        records,
        "conference",
        """
        area | child | conference_date | census_year | origin    | referral_date
        301  | c1    | 2018-06-01      | 2019        | section47 | 2018-05-01
        """,
    )
    expect(
        records,
        "plan",
        """
        area | child | start_date | census_year | end_date   | referral_date | initial_abuse | previous_plans
        301  | c1    | 2018-06-01 | 2019        | 2018-08-31 | 2018-05-01    | NEG           | 2
        """,
    )
    assert noted(records) == {}
    assert not [step for step in records.steps if step.left_out]


@pytest.mark.parametrize("name", TEXT_TABLES)
def test_columns_have_the_types_of_the_schema(read_census, tmp_path, name):
    with DuckDBEngine([tmp_path], tmp_path) as writing:
        records = read_census(census(child("", referral())), engine=writing)
        writing.register("typed", writing.materialise(records.tables[name], to=tmp_path / "typed.parquet"))
        assert writing.schema("typed") == {column.name: column.type for column in BY_NAME[name].columns}


def test_a_conference_is_taken_from_both_places_and_once_a_day(read_census, expect):
    moved_in = "<DateOfInitialCPC>2018-05-20</DateOfInitialCPC>"
    records = read_census(
        census(
            child(
                "",
                referral("2018-05-01", moved_in + section47("2018-05-20") + section47("2018-07-01"))
                + referral("2018-06-01", section47("2018-07-01") + section47("")),
            ),
            child("", referral("2018-05-01", moved_in + moved_in), name="c2"),
        )
    )
    expect(
        records,
        "conference",
        """
        child | conference_date | origin    | referral_date
        c1    | 2018-05-20      | section47 | 2018-05-01
        c1    | 2018-07-01      | section47 | 2018-06-01
        c2    | 2018-05-20      | referral  | 2018-05-01
        """,
    )
    assert left_out(records, "conference") == {"conferences of a child on one day of one return are one row": 3}


@pytest.mark.parametrize(
    ("written", "read"),
    [("true", "1"), ("false", "0"), ("TRUE", "1"), ("FALSE", "0"), ("True", "1"), ("1", "1"), (" 0\n", "0"), ("", "")],
)
def test_a_truth_value_is_read_in_all_its_spellings(read_census, expect, written, read):
    records = read_census(census(child("", referral(rest=f"<ReferralNFA>{written}</ReferralNFA>"))))
    expect(records, "referral", f"child | no_further_action\nc1 | {read}")
    assert noted(records) == {}


@pytest.mark.parametrize(
    ("given", "read"),
    [
        ("<GenderCurrent>1</GenderCurrent>", "1"),
        ("<GenderCurrent>9</GenderCurrent>", "9"),
        ("<Sex>2</Sex>", "2"),
        ("<Sex>M</Sex>", "1"),
        ("<Sex>f</Sex>", "2"),
        ("<Sex>U</Sex>", "0"),
        ("<GenderCurrent>1</GenderCurrent><Sex>M</Sex>", "1"),
        ("<Sex></Sex><GenderCurrent>2</GenderCurrent>", "2"),
        ("", ""),
    ],
)
def test_sex_is_read_from_either_element_in_numbers_or_letters(read_census, expect, given, read):
    records = read_census(census(child(given)))
    expect(records, "child", f"child | sex\nc1 | {read}")
    assert noted(records) == {}


def test_two_sexes_in_one_record_are_counted_and_the_newer_element_is_taken(read_census, expect):
    records = read_census(census(child("<GenderCurrent>1</GenderCurrent><Sex>F</Sex>")))
    expect(records, "child", "child | sex\nc1 | 2")
    assert noted(records) == {"Sex and GenderCurrent: given twice, with different values": 1}


@pytest.mark.parametrize(
    ("written", "read", "reason"),
    [
        ("2018-02-28", "2018-02-28", ""),
        (" 2018-02-28 ", "2018-02-28", ""),
        ("2018-02-28T00:00:00", "2018-02-28", ""),
        ("2018-02-28Z", "2018-02-28", ""),
        ("2018-02-28+01:00", "2018-02-28", ""),
        ("2018-02-29", "", "no day of the calendar"),
        ("2018-13-01", "", "no day of the calendar"),
        ("28/02/2018", "", "not a date of the form yyyy-mm-dd"),
        ("2018-2-28", "", "not a date of the form yyyy-mm-dd"),
        ("2018-02-28T13:45:00", "", "not a date of the form yyyy-mm-dd"),
        ("\u0662\u0660\u0661\u0668-02-28", "", "not a date of the form yyyy-mm-dd"),
        ("soon", "", "not a date of the form yyyy-mm-dd"),
        ("9999-12-31", "", "a year before 1900 or after 2099"),
        ("1066-10-14", "", "a year before 1900 or after 2099"),
        ("0000-01-01", "", "no day of the calendar"),
        ("2018-02-28" + " " * 2000 + "x", "", "not a date of the form yyyy-mm-dd"),
    ],
)
def test_a_date_is_a_day_of_the_calendar_or_missing_with_the_reason(read_census, expect, written, read, reason):
    records = read_census(census(child("", referral(rest=f"<CINclosureDate>{written}</CINclosureDate>"))))
    expect(records, "referral", f"child | closure_date\nc1 | {read}")
    assert noted(records) == ({f"CINclosureDate: {reason}": 1} if reason else {})


@pytest.mark.parametrize(
    ("item", "written", "read", "reason"),
    [
        (("ReasonForClosure", "closure_reason"), "rc8", "RC8", ""),
        (("ReasonForClosure", "closure_reason"), " RC1 ", "RC1", ""),
        (("ReasonForClosure", "closure_reason"), "RC9", "", "a code of other years"),
        (("ReasonForClosure", "closure_reason"), "RC10", "", "not a code of the census"),
        (("ReferralSource", "referral_source"), "5d", "", "a code of other years"),
        (("ReferralSource", "referral_source"), "10", "10", ""),
        (("PrimaryNeedCode", "need"), "N0", "N0", ""),
        (("PrimaryNeedCode", "need"), "abuse", "", "not a code of the census"),
        (("ReferralNFA", "no_further_action"), "maybe", "", "neither true nor false"),
    ],
)
def test_a_code_is_one_of_its_year_or_missing_with_the_reason(read_census, expect, item, written, read, reason):
    element, column = item
    records = read_census(census(child("", referral(rest=f"<{element}>{written}</{element}>"))))
    expect(records, "referral", f"child | {column}\nc1 | {read}")
    assert noted(records) == ({f"{element}: {reason}": 1} if reason else {})


def test_a_code_is_taken_from_the_year_in_which_it_came(read_census, expect):
    later = HEADER.replace("2019", "2023")
    closed = child("", referral(rest="<ReferralSource>5D</ReferralSource><ReasonForClosure>RC9</ReasonForClosure>"))
    records = read_census(census(closed, header=later))
    expect(records, "referral", "census_year | referral_source | closure_reason\n2023 | 5D | RC9")


def test_every_code_set_of_the_five_tables_is_known():
    wanted = {column.codes for name in TEXT_TABLES for column in BY_NAME[name].columns if column.codes}
    assert wanted <= set(CODE_SETS)


@pytest.mark.parametrize(
    ("listed", "disabled", "bad"),
    [
        ("", "0", 0),
        ("<Disabilities/>", "0", 0),
        ("<Disabilities><Disability>NONE</Disability></Disabilities>", "0", 0),
        ("<Disabilities><Disability>NONE</Disability><Disability>ld</Disability></Disabilities>", "1", 0),
        ("<Disabilities><Disability>?</Disability></Disabilities>", "", 1),
        ("<Disabilities><Disability>?</Disability><Disability>VIS</Disability></Disabilities>", "1", 1),
    ],
)
def test_a_child_without_a_disability_element_has_none(read_census, expect, listed, disabled, bad):
    records = read_census(census(child(characteristics=listed)))
    expect(records, "child", f"child | disabled\nc1 | {disabled}")
    assert noted(records) == ({"Disability: not a code of the census": 1} if bad else {})


@pytest.mark.parametrize(("written", "read"), [("0", "0"), ("3", "3"), ("03", "3"), ("", ""), ("-1", ""), ("two", "")])
def test_no_earlier_plan_is_a_number_of_plans(read_census, expect, written, read):
    records = read_census(census(child("", referral(rest=plan("2018-06-01", previous=written)))))
    expect(records, "plan", f"child | previous_plans\nc1 | {read}")
    expect(records, "referral", f"child | previous_plans\nc1 | {read}")
    bad = bool(written) and not read
    assert noted(records) == ({"NumberOfPreviousCPP: not a whole number": 1} if bad else {})


def test_a_referral_has_the_smallest_number_of_earlier_plans_among_its_plans(read_census, expect):
    plans = plan("2018-06-01", "2018-07-01", previous="10") + plan("2018-08-01", previous="9")
    records = read_census(census(child("", referral(rest=plans))))
    expect(records, "referral", "child | previous_plans\nc1 | 9")


def test_stray_text_and_unknown_elements_are_passed_over_and_counted_by_name(read_census, expect):
    given = (
        "<UPNunknown>UN3</UPNunknown>PersonBirthDate<PersonBirthDate>2010-02-28</PersonBirthDate>"
        "<Nickname>x</Nickname><Nickname><LAchildID>inner</LAchildID></Nickname>"
    )
    details = referral(rest="<NewModule><CINreferralDate>2018-01-01</CINreferralDate></NewModule>")
    records = read_census(census(child(given, details), "<Adult><LAchildID>a1</LAchildID></Adult>"))
    expect(records, "child", "child | birth_date\nc1 | 2010-02-28")
    expect(records, "referral", "child | referral_date\nc1 | 2018-05-01")
    assert noted(records) == {
        "pieces of text between elements": 1,
        "elements Adult, unknown to the census where they stand": 1,
        "elements NewModule, unknown to the census where they stand": 1,
        "elements Nickname, unknown to the census where they stand": 2,
    }


def test_an_element_inside_an_item_is_no_item(read_census, expect):
    inside = "<PersonBirthDate>2010-<UPN>A1</UPN>02-28</PersonBirthDate>"
    records = read_census(census(child(inside)))
    expect(records, "child", "birth_date | pupil\n2010-02-28 |")
    assert noted(records) == {"elements UPN, unknown to the census where they stand": 1}


def test_only_so_many_unknown_names_are_told_apart(read_census):
    strange = "".join(f"<N{n}/>" for n in range(150)) + "<N0/>" + f"<{'x' * 51}/>"
    found = noted(read_census(census(child(strange))))
    assert len(found) == 101
    assert found["elements N0, unknown to the census where they stand"] == 2
    assert found["elements (others), unknown to the census where they stand"] == 51


def test_known_elements_that_no_table_holds_are_counted_together(read_census):
    records = read_census(census(child("<FormerUPN>X</FormerUPN>", referral(rest=section47("2018-06-01")))))
    found = {note.what: note.rows for note in records.notes}
    unused = "DateTime, FormerUPN, ICPCnotRequired, S47ActualStartDate, SourceLevel"
    assert found == {f"elements that no table holds: {unused}": 5}


@pytest.mark.parametrize(
    "change",
    [
        lambda text: text.replace("<Message>", '<Message xmlns="urn:example">'),
        lambda text: text.replace("<", "<x:").replace("<x:/", "</x:"),
        lambda text: '<?xml version="1.0" encoding="UTF-8"?>\n<!-- a note -->\n' + text + "\n",
        lambda text: text.replace("c1", "<![CDATA[c1]]>"),
        lambda text: text.replace("2018-05-01", "<!-- -->2018-<!-- -->05-01"),
        lambda text: text.replace("<CINdetails>", '<CINdetails id="1" nil="false">'),
        lambda text: text.replace("><", ">\r\n  <"),
    ],
    ids=["namespace", "prefix", "declaration", "cdata", "comments", "attributes", "line ends"],
)
def test_other_ways_to_write_the_same_xml_read_the_same(read_census, expect, change):
    records = read_census(change(census(child("", referral()))))
    expect(records, "referral", "area | child | census_year | referral_date\n301 | c1 | 2019 | 2018-05-01")
    assert noted(records) == {}


def test_repeated_modules_are_read_as_one(read_census, expect):
    repeated = (
        "<Child><ChildIdentifiers><LAchildID>c1</LAchildID></ChildIdentifiers>"
        "<ChildIdentifiers><PersonBirthDate>2010-01-01</PersonBirthDate></ChildIdentifiers>"
        "<ChildCharacteristics><Ethnicity>AIND</Ethnicity></ChildCharacteristics>"
        "<ChildCharacteristics><Ethnicity>APKN</Ethnicity><Disabilities><Disability>PC</Disability></Disabilities>"
        "<Disabilities><Disability>MOB</Disability></Disabilities></ChildCharacteristics>"
        f"{referral('2018-05-01')}{referral('2018-05-01')}{referral('2018-04-30')}</Child>"
    )
    records = read_census(census(repeated))
    expect(records, "child", "child | birth_date | ethnicity | disabled\nc1 | 2010-01-01 | AIND | 1")
    expect(
        records,
        "referral",
        """
        referral_date | sequence
        2018-05-01    | 1
        2018-05-01    | 2
        2018-04-30    | 3
        """,
    )
    assert noted(records) == {"Ethnicity: given twice, with different values": 1}


def test_records_of_a_child_in_one_return_are_one_row_of_what_they_agree_on(read_census, expect):
    def record(name, born, sex, ethnicity, disability=""):
        return child(
            f"<PersonBirthDate>{born}</PersonBirthDate><Sex>{sex}</Sex>",
            referral(),
            name=name,
            characteristics=f"<Ethnicity>{ethnicity}</Ethnicity>{disability}",
        )

    autism = "<Disabilities><Disability>AUT</Disability></Disabilities>"
    records = read_census(
        census(
            record("agree", "2010-01-01", "1", "WBRI"),
            record("differ", "2010-01-01", "1", "WBRI"),
            record("agree", "", "0", "NOBT", autism),
            record("differ", "2010-01-02", "2", "BCRB"),
            record("group", "2010-01-01", "0", "WIRI"),
            record("group", "2010-01-01", "0", "WBRI"),
        )
    )
    expect(
        records,
        "child",
        """
        child  | birth_date | birth_precision | sex | ethnicity | disabled
        agree  | 2010-01-01 | day             | 1   | WBRI      | 1
        differ |            |                 |     |           | 0
        group  | 2010-01-01 | day             | 0   | WBRI      | 0
        """,
    )
    expect(
        records,
        "referral",
        """
        child  | sequence
        agree  | 1
        agree  | 2
        differ | 1
        differ | 2
        group  | 1
        group  | 2
        """,
    )
    assert left_out(records, "child") == {"what one return says of a child is one row": 3}
    assert noted(records) == {
        f"children whose records in one return differ in {what}": 1 for what in ("birth_date", "sex", "ethnicity")
    }


@pytest.mark.parametrize("name", ["", "  \n ", "x" * 1001])
def test_a_child_without_an_identifier_is_left_out_with_all_that_is_its(read_census, expect, name):
    events = assessment("2018-05-02") + section47("2018-06-01") + plan("2018-06-01")
    nameless = child("", referral(rest=events + "<DateOfInitialCPC>2018-06-02</DateOfInitialCPC>"), name=name)
    records = read_census(census(nameless, child("", referral())))
    expect(records, "child", "child\nc1")
    expect(records, "referral", "child\nc1")
    rule = "the child has an LAchildID"
    assert {table: left_out(records, table) for table in TEXT_TABLES} == {
        "child": {rule: 1},
        "referral": {rule: 1},
        "assessment": {rule: 1},
        "conference": {rule: 2},
        "plan": {rule: 1},
    }


def test_an_event_without_its_date_is_left_out_and_counted_but_not_what_hangs_on_it(read_census, expect):
    undated = referral("?", assessment("2018-05-02") + assessment("", "2018-06-01") + section47("x") + plan(""))
    records = read_census(census(child("", undated)))
    expect(records, "referral", "child")
    expect(records, "assessment", "start_date | referral_date\n2018-05-02 |")
    expect(records, "conference", "child")
    expect(records, "plan", "child")
    assert {table: left_out(records, table) for table in TEXT_TABLES} == {
        "child": {},
        "referral": {"CINreferralDate is a date": 1},
        "assessment": {"AssessmentActualStartDate is a date": 1},
        "conference": {"DateOfInitialCPC is a date": 1},
        "plan": {"CPPstartDate is a date": 1},
    }


def test_of_plans_that_start_on_one_day_the_one_that_ends_last_stays(read_census, expect):
    plans = plan("2018-06-01", "2018-07-01") + plan("2018-06-01", "2018-08-01", abuse="PHY") + plan("2018-06-01")
    records = read_census(census(child("", referral(rest=plans))))
    expect(records, "plan", "start_date | end_date | initial_abuse\n2018-06-01 | 2018-08-01 | PHY")
    (rule,) = left_out(records, "plan")
    assert rule.endswith("the one that ends last")


def test_in_need_at_31_march_is_said_of_the_latest_return_of_each_area_only(read_census, expect):
    closed = "<CINclosureDate>2018-09-01</CINclosureDate>"
    details = (
        referral("2018-05-01")
        + referral("2018-05-02", closed)
        + referral("2018-05-03", "<ReferralNFA>1</ReferralNFA>")
        + referral("2018-05-04", "<ReferralNFA>0</ReferralNFA>")
    )
    files = [census(child("", details), header=HEADER.replace("2019", year)) for year in ("2018", "2019")]
    files.append(census(child("", referral()), header=HEADER.replace("2019", "2017").replace("301", "302")))
    expect(
        read_census(*files),
        "referral",
        """
        area | census_year | referral_date | in_need_at_31_march
        301  | 2018        | 2018-05-01    |
        301  | 2018        | 2018-05-02    |
        301  | 2018        | 2018-05-03    |
        301  | 2018        | 2018-05-04    |
        301  | 2019        | 2018-05-01    | 1
        301  | 2019        | 2018-05-02    | 0
        301  | 2019        | 2018-05-03    | 0
        301  | 2019        | 2018-05-04    | 1
        302  | 2017        | 2018-05-01    | 1
        """,
    )


@pytest.mark.parametrize(
    ("header", "given", "of", "odd"),
    [
        (HEADER, {}, ("301", "2019"), {}),
        (HEADER, {"area": "E1", "census_year": 2018}, ("E1", "2018"), {"whose LEA is not the area given for the file"}),
        ("", {"area": "E1", "census_year": 2018}, ("E1", "2018"), {}),
        (HEADER.replace("<ReferenceDate>2019-03-31</ReferenceDate>", ""), {}, ("301", "2019"), {}),
        (HEADER.replace("2019-03-31", "31/03/2019"), {}, ("301", "2019"), {}),
        (
            HEADER.replace("2019-03-31", "2020-07-21"),
            {},
            ("301", "2020"),
            {"whose ReferenceDate is no 31 March", "whose Year is not the year of their ReferenceDate"},
        ),
        (HEADER.replace("2019", "2012"), {}, ("301", "2012"), {"of years before 2017 or after 2026"}),
    ],
    ids=["as it says", "given", "no header", "year only", "unreadable date", "another day", "an old form"],
)
def test_a_return_is_of_the_area_and_year_of_its_header_unless_they_are_given(
    read_census, expect, header, given, of, odd
):
    area, year = of
    records = read_census(census(child("", referral()), header=header), given=[given])
    expect(records, "referral", f"area | census_year\n{area} | {year}")
    expect(records, "child", f"area | census_year\n{area} | {year}")
    assert set(noted(records)) == {f"returns {what}" for what in odd}


def test_an_identifier_may_hold_anything_that_text_can(read_census, expect):
    names = ['a,"b"', "tab\there", "two\nlines", "O'Neil", "Ünï", "NULL", "00123", "=1+1", "&lt;x&gt;"]
    records = read_census(census(*[child("", referral(), name=name) for name in names]))
    read = ['a,"b"', "tab here", "two lines", "O'Neil", "Ünï", "NULL", "00123", "=1+1", "<x>"]
    expect(records, "referral", "child\n" + "\n".join(read))
    expect(records, "child", "child\n" + "\n".join(read))


MIXED = census(
    child("<Sex>M</Sex>", referral(rest=assessment("2018-05-02", "2018-06-13") + section47("2018-06-01"))),
    child("<Sex>F</Sex>", referral(rest=plan("2018-06-01") + plan("2018-06-01", "2018-07-01"))),
    child("<PersonBirthDate>2010-01-01</PersonBirthDate>", characteristics="<Ethnicity>WBRI</Ethnicity>"),
    child("", referral("x") + referral(rest="<DateOfInitialCPC>2018-06-01</DateOfInitialCPC>"), name='c,"2'),
)


def test_every_statement_is_portable_and_a_second_engine_gives_the_same(read_census, tmp_path):
    other = DataFusionEngine()
    with Recording([tmp_path], None) as here:
        records = read_census(MIXED, engine=here)
        tables = {name: here.collect(query) for name, query in records.tables.items()}
        assert {text for query in here.queries for text in violations(query.text)} == set()
        assert len(here.queries) == 11
    there = read_census(MIXED, engine=other)
    assert there == records
    for name, found in tables.items():
        again = other.collect(there.tables[name])
        assert list(found) == list(again)
        for column in found:
            assert np.ma.asarray(found[column]).tolist() == np.ma.asarray(again[column]).tolist()


def test_the_page_on_censuses_does_what_it_says(tmp_path, monkeypatch, capsys):
    page = (Path(__file__).parents[2] / "docs" / "how-to" / "read-cin-census.md").read_text(encoding="utf-8")
    (block,) = [piece.partition("```")[0] for piece in page.split("```python\n")[1:]]
    for folder in ("censuses", "work"):
        (tmp_path / folder).mkdir()
    (tmp_path / "censuses" / "301.xml").write_text(census(child("", referral("x") + referral())), encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    exec(compile(block, "read-cin-census.md", "exec"), {})
    printed = capsys.readouterr().out
    assert "referral: CINreferralDate is a date: 1 rows, 1 left out\n" in printed
    assert "CINreferralDate: not a date of the form yyyy-mm-dd: 1, left missing\n" in printed
    assert all(f"| `{name}` |" in page for name in TEXT_TABLES)
