"""Extracts of the National Pupil Database: whatever their names look like, and whatever is wrong with them."""

import sys
import traceback
from datetime import date
from functools import partial
from pathlib import Path

import duckdb
import numpy as np
import portable_subset
import pytest
from hypothesis import given
from hypothesis import strategies as st
from second_engine import DataFusionEngine

from whatworked.engine.duckdb import DuckDBEngine
from whatworked.engine.interface import CsvSource, ParquetSource
from whatworked.engine.sql import Query
from whatworked.errors import RecordsError, WhatWorkedError
from whatworked.records.npd import read_npd, read_school_census
from whatworked.records.npd_columns import CARE, CIN, FIELDS, PARTS, bare_name, columns_of
from whatworked.records.npd_rows import TYPINGS

sys.path.insert(0, str(Path(__file__).parent))

import invented_reading

violations = partial(portable_subset.violations, more={"Substring", "Length", "Extract", "Var", "DPipe"})

CASE = {
    "CIN_ACADYR": "2013/2014", "CIN_LA": "867", "CIN_LAchildID_Anon": "c1", "CIN_PupilMatchingRefAnonymous": "p1",
    "CIN_DOB": "2005-05-06", "CIN_Gender": "1", "CIN_Ethnicity": "WBRI", "CIN_Disability": "0",
    "CIN_AsylumSeeking": "2", "CIN_ReferralDate": "2013-06-01", "CIN_ReferralSource": "6", "CIN_PrimaryNeedCode": "n1",
    "CIN_ReferralNFA": "0", "CIN_CINClosureDate": "2013-08-01", "CIN_ReasonForClosure": " rc7 ",
    "CIN_DateOfInitialCPC": "2013-06-20", "CIN_CPPstartDate": "2013-06-21", "CIN_CPPendDate": "",
    "CIN_InitialCategoryOfAbuse": "NEG", "CIN_NumberOfPreviousCPP": "1", "CIN_CINAt31March": "0",
    "CIN_AnyPoint": "1", "CIN_Started": "1", "CIN_PersonDeathDate": "",
}  # fmt: skip
EPISODE = {
    "LA": "867", "CHILD_LA_CODE_ANON": "c1", "CLA_PupilMatchingRefAnonymous": "p1", "poc_start": "2014-01-02",
    "poc_length": "90", "date_episode_started": "2014-01-02", "date_episode_ceased": "2014-04-02",
    "legal_status": "C1", "cin": "N1", "placement": "U3", "reason_episode_ceased": "E4A", "SEX": "1",
    "ethnic_or": "WBRI", "dob_Month": "5", "dob_Year": "2005", "uasc_status": "0",
}  # fmt: skip
SCHOOL = {
    "PupilMatchingRefAnonymous_SPR14": "p1", "AcademicYear_SPR14": "2013/2014", "FSMeligible_SPR14": "1",
    "EVERFSM_6_SPR14": "0", "EYPPE_SPR14": "Y", "NCyearActual_SPR14": "R", "EthnicGroupMinor_SPR14": "WENG",
    "SENprovision_SPR14": "K",
}  # fmt: skip
SECTION_47 = {"CIN_LA": "867", "CIN_LAchildID_Anon": "c1", "CIN_DateOfInitialCPC": "2013-06-20"}
ASSESSMENT = {
    "CIN_PupilMatchingRefAnonymous": "p1", "CIN_ACADYR": "2013/2014", "CIN_LA": "867", "CIN_LAchildID_Anon": "c1",
    "CIN_AssessmentActualStartDate": "2013-06-02", "CIN_AssessmentAuthorisationDate": "2013-07-02",
}  # fmt: skip
DISABILITY = {"CIN_ACADYR": "2013/14", "CIN_LA": "867", "CIN_LAchildID_Anon": "c1", "CIN_Disability": "LD"}
FILES = {"cin": CASE, "care": EPISODE, "school": SCHOOL, "s47": SECTION_47, "assess": ASSESSMENT, "dis": DISABILITY}


def csv_of(*rows, names=None):
    names = names or list(rows[0])
    lines = [",".join(names), *(",".join(row.values()) for row in rows)]
    return "\n".join(lines) + "\n"


class Extract:
    """A folder of files to be written and read."""

    def __init__(self, tmp_path):
        self.folder, self.work = tmp_path / "extract", tmp_path / "work"
        self.folder.mkdir()
        self.work.mkdir()

    def write(self, **files):
        for name, rows in files.items():
            listed = [rows] if isinstance(rows, dict) else rows
            text = listed if isinstance(listed, str) else csv_of(*listed)
            (self.folder / f"{name}.csv").write_text(text, encoding="utf-8")
        return self

    def read(self, read=read_npd):
        with DuckDBEngine([self.folder, self.work], self.work, threads=1) as engine:
            records = read(engine, self.folder, to=self.work, keep=invented_reading.keeping(engine, self.work))
            self.tables = {name: rows_of(engine, query) for name, query in records.tables.items()}
        return records


def rows_of(engine, query):
    found = engine.collect(query)
    lists = [invented_reading.texts(found[name]) for name in query.columns]
    return [dict(zip(query.columns, row, strict=True)) for row in zip(*lists, strict=True)]


@pytest.fixture
def extract(tmp_path):
    return Extract(tmp_path)


def only(rows):
    (row,) = rows
    return row


def test_every_column_of_a_case_finds_its_place(extract):
    extract.write(cin=CASE).read()
    tables = extract.tables
    assert only(tables["referral"]) == {
        "area": "867", "child": "c1", "referral_date": "2013-06-01", "census_year": "2014", "sequence": "1",
        "referral_source": "6", "need": "N1", "no_further_action": "0", "closure_date": "2013-08-01",
        "closure_reason": "RC7", "in_need_at_31_march": "0", "in_need_at_any_point": "1", "in_need_started": "1",
        "previous_plans": "1",
    }  # fmt: skip
    assert only(tables["child"]) == {
        "area": "867", "child": "c1", "census_year": "2014", "origin": "cin", "birth_date": "2005-05-06",
        "birth_precision": "day", "expected_birth_date": None, "death_date": None, "sex": "1", "ethnicity": "WBRI",
        "disabled": "0", "asylum": None, "pupil": "p1",
    }  # fmt: skip
    plan = {"start_date": "2013-06-21", "end_date": None, "initial_abuse": "NEG", "referral_date": "2013-06-01"}
    assert plan.items() <= only(tables["plan"]).items()
    assert {"conference_date": "2013-06-20", "origin": "referral"}.items() <= only(tables["conference"]).items()


def test_every_kind_of_file_is_known_by_its_columns_whatever_its_name(extract):
    extract.write(**{f"file{place}": rows for place, rows in enumerate(FILES.values())}).read()
    tables = extract.tables
    assert set(tables) == {"child", "referral", "plan", "conference", "assessment", "episode", "school_year"}
    assert {row["origin"]: row["disabled"] for row in tables["child"]} == {"cin": "1", "cla": None}
    assert only(tables["conference"])["origin"] == "section47"
    kind = {"kind": "combined", "start_date": "2013-06-02", "end_date": "2013-07-02"}
    assert kind.items() <= only(tables["assessment"]).items()
    school = {"pupil": "p1", "census_year": "2014", "free_meals": "1", "ever_free_meals": "0",
              "early_years_premium": "1", "school_year": "0", "ethnicity": "WENG", "special_needs": "K"}  # fmt: skip
    assert only(tables["school_year"]) == school


def test_an_episode_starts_a_period_where_the_extract_says_that_the_period_began(extract):
    second = EPISODE | {"date_episode_started": "2014-02-02", "placement": "U6", "reason_episode_ceased": "-10"}
    extract.write(care=[EPISODE, second]).read()
    first, then = extract.tables["episode"]
    assert (first["start_reason"], first["end_date"], first["end_reason"]) == ("S", "2014-04-02", "E4A")
    # A reason of -10 stands beside a day that is none: the episode is open.
    assert (then["start_reason"], then["end_date"], then["end_reason"]) == (None, None, None)
    birth = {"birth_date": "2005-05-01", "birth_precision": "month", "sex": "1", "asylum": "0"}
    assert birth.items() <= extract.tables["child"][0].items()


def test_the_other_names_of_the_same_columns_give_the_same_tables(extract, tmp_path):
    other = {
        "cla_CLA_LA": "LA", "CLA_CHILD_LA_CODE_Anon": "CHILD_LA_CODE_ANON", "cla_PupilMatchingRefAnonymous":
        "CLA_PupilMatchingRefAnonymous", "cla_POC_START": "poc_start", "cla_POC_LENGTH": "poc_length",
        "cla_DATE_EPI_COMM": "date_episode_started", "cla_DATE_EPI_CEASED": "date_episode_ceased",
        "cla_LEGAL STATUS": "legal_status", "cla_CAT_NEED": "cin", "cla_PLACEMENT": "placement",
        "cla.REC": "reason_episode_ceased", "cla_SEX": "SEX", "cla_ETHNIC": "ethnic_or",
        "month_of_birth": "dob_Month", "YEAR_OF_BIRTH": "dob_Year", "UASC_STATUS": "uasc_status",
    }  # fmt: skip
    case = {name.replace("CIN_ReferralDate", "CIN_CINReferralDate").swapcase(): value for name, value in CASE.items()}
    extract.write(cin=CASE, care=EPISODE).read()
    second = Extract(tmp_path / "other") if (tmp_path / "other").mkdir() is None else None
    second.write(cin=case, care={name: EPISODE[same] for name, same in other.items()}).read()
    assert second.tables == extract.tables


def test_the_council_of_2009_is_the_first_that_is_filled_of_its_columns(extract):
    case = {name: value for name, value in CASE.items() if name != "CIN_LA"}
    extract.write(cin=[case | {"CIN_CIN_LA": "11", "CIN_LA_LGR": "", "CIN_LA_09": "12"}]).read()
    assert only(extract.tables["referral"])["area"] == "12"


def test_a_school_census_joined_to_a_file_of_children_in_need_is_read_too(extract):
    joined = {"FSMeligible_SPR14": "0", "EVERFSM_ALL_SPR14": "1", "PupilMatchingRefAnonymous_SPR14": "x",
              "Gender_SPR14": "2"}  # fmt: skip
    extract.write(cin=CASE | joined).read()
    found = {"pupil": "p1", "census_year": "2014", "free_meals": "0", "ever_free_meals": "1"}
    assert found.items() <= only(extract.tables["school_year"]).items()
    assert only(extract.tables["child"])["sex"] == "1"


def test_a_census_of_the_summer_lies_in_the_next_collection_year(extract):
    summer = {name.replace("_SPR14", "_SUM14"): value for name, value in SCHOOL.items()}
    extract.write(school=summer).read()
    assert only(extract.tables["school_year"])["census_year"] == "2015"


@pytest.mark.parametrize(
    ("file", "changes", "first", "second"),
    [
        ("cin", {"referraldate": "2013-06-02"}, "CIN_ReferralDate", "referraldate"),
        ("cin", {"CIN_CINReferralDate": "2013-06-02"}, "CIN_ReferralDate", "CIN_CINReferralDate"),
        ("cin", {"LA": "868"}, "CIN_LA", "LA"),
        ("school", {"fsmeligible_spr15": "0"}, "FSMeligible_SPR14", "fsmeligible_spr15"),
        ("school", {"EVERFSM_ALL_AUT13": "0"}, "FSMeligible_SPR14", "EVERFSM_ALL_AUT13"),
        ("care", {"cla_REC": "X1"}, "reason_episode_ceased", "cla_REC"),
    ],
)
def test_two_columns_of_one_meaning_are_refused_and_both_are_named(extract, file, changes, first, second):
    with pytest.raises(RecordsError) as caught:
        extract.write(**{file: FILES[file] | changes}).read()
    assert file in str(caught.value)
    assert first in str(caught.value)
    assert second in str(caught.value)


def test_rows_that_cannot_be_used_are_counted_and_placed(extract):
    rows = [
        CASE,
        CASE | {"CIN_LA": ""},
        CASE | {"CIN_LAchildID_Anon": " "},
        CASE | {"CIN_ACADYR": "2013"},
        CASE | {"CIN_ACADYR": "2013/2015"},
        CASE | {"CIN_LAchildID_Anon": "c2", "CIN_ReferralDate": "31/02/2013"},
        CASE | {"CIN_LAchildID_Anon": "c3", "CIN_CINClosureDate": "yesterday", "CIN_PrimaryNeedCode": "Unmapped"},
    ]
    records = extract.write(cin=rows).read()
    steps = {step.rule.partition(" (")[0]: step for step in records.steps}
    assert steps["a council is given"].left_out == 1
    assert steps["a council is given"].rule.endswith("(not so: cin.csv row 2)")
    assert steps["a child is given"].rule.endswith("(not so: cin.csv row 3)")
    year = steps["the year is of the form 2011/2012"]
    assert (year.left_out, year.rows) == (2, 3)
    assert year.rule.endswith("(not so: cin.csv row 4, cin.csv row 5)")
    assert steps["the day of the referral is a date"].left_out == 1
    assert len(extract.tables["referral"]) == 2
    notes = {note.what: note.rows for note in records.notes}
    assert notes["children in need: referraldate is no date (not so: cin.csv row 6)"] == 1
    assert notes["children in need: cinclosuredate is no date (not so: cin.csv row 7)"] == 1
    several = extract.write(cin=[CASE, *[CASE | {"CIN_LA": ""}] * 5]).read()
    (rule,) = (step.rule for step in several.steps if step.left_out == 5)
    assert rule.endswith("(not so: cin.csv row 2, cin.csv row 3, cin.csv row 4 and 2 more)")
    assert notes["children in need: primaryneedcode holds something else (not so: cin.csv row 7)"] == 1


def test_rows_of_care_that_cannot_be_used_are_counted(extract):
    rows = [
        EPISODE,
        EPISODE | {"date_episode_started": ""},
        EPISODE | {"date_episode_ceased": "2014-01-01"},
        EPISODE | {"poc_length": "-3"},
    ]
    records = extract.write(care=rows).read()
    left_out = [step.left_out for step in records.steps if step.step == "looked-after children"]
    assert left_out == [0, 0, 0, 1, 1, 1]
    assert len(extract.tables["episode"]) == 1


@pytest.mark.parametrize(
    ("written", "year"),
    [("2011/2012", "2012"), ("2011/12", "2012"), ("2011-12", "2012"), ("201112", "2012"), ("20112012", "2012"),
     ("1999/00", "2000"), ("2011/2013", None), ("2012", None), ("11/12", None), ("2011/1x", None)],
)  # fmt: skip
def test_a_year_is_two_years_that_follow_each_other(extract, written, year):
    other = CASE | {"CIN_LAchildID_Anon": "c0"}
    extract.write(cin=[other, CASE | {"CIN_ACADYR": written}]).read()
    assert [row["census_year"] for row in extract.tables["referral"] if row["child"] == "c1"] == (
        [year] if year else []
    )


@pytest.mark.parametrize(
    "written", ["2013-06-01", "01/06/2013", "2013-06-01 00:00:00", "2013-06-01T00:00:00.000", "01/06/2013 00:00:00"]
)
def test_a_day_is_read_in_its_forms(extract, written):
    extract.write(cin=CASE | {"CIN_ReferralDate": written}).read()
    assert only(extract.tables["referral"])["referral_date"] == "2013-06-01"


@pytest.mark.parametrize("written", ["6/1/2013", "2013-06-31", "1 June 2013", "2013-06-01 10:00:00", "1013-06-01"])
def test_what_may_be_another_day_is_none(extract, written):
    extract.write(cin=[CASE, CASE | {"CIN_LAchildID_Anon": "c2", "CIN_ReferralDate": written}]).read()
    assert [row["child"] for row in extract.tables["referral"]] == ["c1"]


def test_rows_that_differ_in_their_plan_only_are_one_referral_with_the_fewest_plans_before(extract):
    second = {"CIN_CPPstartDate": "2013-07-21", "CIN_NumberOfPreviousCPP": "2"}
    extract.write(cin=[CASE | second, CASE]).read()
    assert only(extract.tables["referral"])["previous_plans"] == "1"
    assert [row["start_date"] for row in extract.tables["plan"]] == ["2013-06-21", "2013-07-21"]


def test_what_rows_of_a_year_disagree_on_is_missing_and_counted(extract):
    records = extract.write(cin=[CASE, CASE | {"CIN_Gender": "2", "CIN_DOB": "2005-05-07"}]).read()
    child = only(extract.tables["child"])
    assert (child["sex"], child["birth_date"], child["birth_precision"]) == (None, None, None)
    whats = {note.what for note in records.notes}
    assert "children whose rows of one year of children in need differ in sex" in whats


def test_years_without_plans_or_conferences_are_told_and_a_table_never_filled_is_not_there(extract):
    bare = {"CIN_CPPstartDate": "", "CIN_DateOfInitialCPC": "", "CIN_ACADYR": "2011/2012"}
    assert extract.write(cin=[CASE, CASE | bare]).read().first_days == {
        "plan": date(2012, 4, 1), "conference": date(2012, 4, 1)
    }  # fmt: skip
    extract.write(cin=[CASE | bare]).read()
    assert not {"plan", "conference"} & set(extract.tables)


def test_children_and_pupils_who_do_not_link_are_counted(extract):
    records = extract.write(
        cin=CASE, care=EPISODE | {"CHILD_LA_CODE_ANON": "c9"}, school=SCHOOL | {"PupilMatchingRefAnonymous_SPR14": "p9"}
    ).read()
    notes = {note.what: note.rows for note in records.notes}
    assert notes["children looked after who are in no file of children in need"] == 1
    assert notes["pupils among the children who are in no school census"] == 1


def test_identifiers_that_became_fractions_link_all_the_same(extract):
    with duckdb.connect() as connection:
        path = extract.folder / "cin.parquet"
        listed = ", ".join(f"'{value}' AS \"{name}\"" for name, value in CASE.items() if name not in NUMBERS)
        numbers = ", ".join(f'{value} AS "{name}"' for name, value in NUMBERS.items())
        connection.execute(f"COPY (SELECT {listed}, {numbers}) TO '{path}' (FORMAT parquet)")
    records = extract.write(care=EPISODE | {"LA": "867.0", "CHILD_LA_CODE_ANON": "12"}).read()
    row = only(extract.tables["referral"])
    assert (row["area"], row["child"], row["referral_date"]) == ("867", "12", "2013-06-01")
    assert not [note for note in records.notes if "looked after who" in note.what]


NUMBERS = {
    "CIN_LA": "CAST(867 AS DOUBLE)", "CIN_LAchildID_Anon": "CAST(12 AS FLOAT)",
    "CIN_ReferralDate": "TIMESTAMP '2013-06-01'", "CIN_CINClosureDate": "DATE '2013-08-01'",
    "CIN_ReferralNFA": "false", "CIN_NumberOfPreviousCPP": "CAST('nan' AS DOUBLE)",
}  # fmt: skip


def test_a_school_census_alone_takes_canonical_names_and_no_other_file(extract):
    extract.write(school="upn,census_year,free_meals\na 1,2014,1\nA1,2014,0\n").read(read_school_census)
    found = {"pupil": "A1", "census_year": "2014", "free_meals": "1", "ever_free_meals": None}
    assert found.items() <= only(extract.tables["school_year"]).items()
    with pytest.raises(RecordsError, match="is no file of the extract"):
        extract.write(cin=CASE).read(read_school_census)


def test_files_of_no_kind_or_no_table_are_told(extract):
    (extract.folder / "notes.docx").write_text("x")
    with pytest.raises(RecordsError, match="holds no file that ends in"):
        extract.read()
    with pytest.raises(RecordsError, match=r"other.csv: it is no file of the extract.*lacks the columns"):
        extract.write(other={"CIN_LA": "1", "CIN_LAchildID_Anon": "2"}).read()
    (extract.folder / "other.csv").unlink()
    records = extract.write(cin=CASE | {"CIN_Wednesday": "1"}).read()
    notes = {note.what: note.rows for note in records.notes}
    assert notes["files that are neither CSV, Parquet nor Stata"] == 1
    assert notes["columns that no table holds: CIN_Wednesday"] == 1


def test_files_of_which_no_row_can_be_used_are_refused(extract):
    with pytest.raises(RecordsError, match="no row can be used; left out: 1 for the rule that the year"):
        extract.write(cin=CASE | {"CIN_ACADYR": "2013"}).read()


CANARY = "CANARY7f3a"


def said(records):
    return " ".join([*(f"{s.step} {s.rule}" for s in records.steps), *(f"{n.what} {n.handled}" for n in records.notes)])


@pytest.mark.parametrize("file", FILES)
@pytest.mark.parametrize("broken", ["not broken", "too few values", "other names", "no names", "a value for a name"])
def test_no_value_of_any_column_appears_in_a_step_a_note_or_a_message(extract, file, broken):
    good = FILES[file]
    # A row for each column, in which nothing but that column holds the word, and one in which all do.
    spoiled = [*(good | {column: CANARY} for column in good), dict.fromkeys(good, CANARY)]
    lines = csv_of(good, *spoiled)
    content = {
        "not broken": lines,
        "too few values": lines + "too,few\n",
        "other names": csv_of(good, *spoiled, names=[*list(good)[1:], "x"]),
        "no names": csv_of(*reversed(spoiled)).partition("\n")[2],
        "a value for a name": csv_of(good, *spoiled, names=[*list(good)[:-1], "x"]),
    }[broken]
    try:
        found = said(extract.write(cin=CASE).write(**{file: content}).read())
        assert broken not in ("too few values", "no names")
    except WhatWorkedError as error:
        assert broken != "not broken"
        found = str(error) + "".join(traceback.format_exception(error))
    assert CANARY not in found


def test_every_step_is_portable_and_a_second_engine_gives_the_same_rows(extract):
    queries = []

    class Recording(DuckDBEngine):
        def collect(self, query, **kwargs):
            queries.append(query.text)
            return super().collect(query, **kwargs)

        def materialise(self, query, *, to):
            queries.append(query.text)
            return super().materialise(query, to=to)

    cases = [CASE, CASE | {"CIN_LAchildID_Anon": "c2", "CIN_DOB": "", "CIN_ReferralDate": "01/02/2014"}]
    extract.write(**FILES | {"cin": cases})
    with Recording([extract.folder, extract.work], extract.work, threads=1) as engine:
        first = read_npd(engine, extract.folder, to=extract.work, keep=lambda _, query: query)
        expected = {name: rows_of(engine, query) for name, query in first.tables.items()}
        second = DataFusionEngine()
        for place in range(len(FILES)):
            raw = f"npd_{place}"
            source = Query(f'SELECT * FROM "{raw}" AS raw', "row", tuple(engine.schema(raw)))
            second.register(
                raw, ParquetSource(DuckDBEngine.materialise(engine, source, to=extract.work / f"{raw}.parquet").path)
            )
        assert {name: rows_of(second, query) for name, query in first.tables.items()} == expected
    assert len(queries) > len(TYPINGS)
    assert {text: found for text in queries if (found := violations(text))} == {}


@given(st.text(max_size=30))
def test_any_text_is_a_name(text):
    name = bare_name(text)
    assert name.written == text
    assert name.bare == name.bare.casefold()
    columns_of([text])


@given(st.sampled_from(sorted(FIELDS)), st.sampled_from(["", "CIN_", "cla_", "CLA."]), st.booleans())
def test_prefix_and_case_are_taken_away_from_every_known_name(field, prefix, upper):
    for name in FIELDS[field].names:
        written = prefix + (name.upper() if upper else name)
        # Names that begin like a prefix lose it: they are known in both forms.
        assert bare_name(written).bare in (name, name.partition("_")[2])


def test_no_name_belongs_to_two_fields_of_one_kind_of_file():
    for part in PARTS:
        names = [name for field in (*part.needs, *part.may) for name in FIELDS[field].names]
        assert len(names) == len(set(names)), part.name
    assert "cin" in FIELDS["care_need"].names
    assert "care_need" in CARE.may
    assert "care_need" not in CIN.may


def test_the_engine_numbers_rows_in_the_order_of_the_file(extract):
    text = "a\n" + "".join(f"{n}\n" for n in range(100_000))
    (extract.folder / "a.csv").write_text(text)
    with DuckDBEngine([extract.folder, extract.work], extract.work, threads=2) as engine:
        engine.register("a", CsvSource(extract.folder / "a.csv", row_column="row"))
        query = Query('SELECT CAST("row" AS BIGINT) - CAST(a AS BIGINT) AS d FROM a AS a', "row", ("d",))
        assert set(engine.collect(query)["d"]) == {1}
        whole = Query("SELECT CAST(a AS BIGINT) AS a FROM a AS a ORDER BY a NULLS LAST", "row", ("a",))
        engine.register("b", ParquetSource(engine.materialise(whole, to=extract.work / "b.parquet").path, "row"))
        query = Query('SELECT CAST("row" AS BIGINT) - a AS d FROM b AS b', "row", ("d",))
        assert set(np.asarray(engine.collect(query)["d"])) == {1}
