"""Areas by periods: what the mapping makes of a file, what is counted, and what is refused."""

from datetime import date

import duckdb
import pytest

from whatworked.errors import ProtocolError, RecordsError
from whatworked.records.area_series import areas_in
from whatworked.records.numbers import MARKS
from whatworked.records.quality import QualityNote, Step

LONG = """area,year,rate
A1,2013,10.5
A1,2014,11
A2,2013,20
A2,2014,21.25
"""


def test_a_long_table_is_one_row_an_area_and_period(read, rows):
    table = read(LONG)
    assert rows(table) == [
        ("A1", "A1", 0, 10.5, None, None, None),
        ("A1", "A1", 1, 11.0, None, None, None),
        ("A2", "A2", 0, 20.0, None, None, None),
        ("A2", "A2", 1, 21.25, None, None, None),
    ]
    assert [(p.index, p.label, p.start, p.end) for p in table.periods] == [
        (0, "2013", date(2012, 4, 1), date(2013, 3, 31)),
        (1, "2014", date(2013, 4, 1), date(2014, 3, 31)),
    ]
    assert table.flow == (Step("file", "rows of areas.csv", 4),)
    assert table.quality == ()


def test_the_order_of_rows_does_not_matter(read, rows):
    header, *lines = LONG.splitlines()
    assert rows(read("\n".join([header, *lines]))) == rows(read("\n".join([header, *reversed(lines)])))


def test_a_wide_table_gives_the_same_rows_as_a_long_one(read, rows):
    long = rows(read(LONG))
    wide = read(
        "area,y13,y14\nA1,10.5,11\nA2,20,21.25\n",
        columns={"area": "area"},
        wide={"2013": "y13", "2014": "y14"},
    )
    assert rows(wide) == long
    assert wide.flow == (
        Step("file", "rows of areas.csv", 2),
        Step("periods", "a row for each period in place of a column", 4),
    )


def test_the_columns_of_a_wide_table_may_be_named_like_ours(read, rows):
    table = read(
        "area,value,left_out_by\nA1,1,2\n", columns={"area": "area"}, wide={"2013": "value", "2014": "left_out_by"}
    )
    assert rows(table, "value") == [(1.0,), (2.0,)]


def test_columns_may_have_any_name(read, rows):
    table = read(
        'the "area",select,it\'s; --\nA1,2013,5\n',
        columns={"area": 'the "area"', "period": "select", "value": "it's; --"},
    )
    assert rows(table, "area", "value") == [("A1", 5.0)]


def test_people_and_denominators_come_along(read, rows):
    table = read(
        "area,year,rate,n,children\nA1,2013,10,50,50000\nA1,2014,12,c,51000.5\n",
        columns={"area": "area", "period": "year", "value": "rate", "numerator": "n", "denominator": "children"},
    )
    assert rows(table, "value", "people", "denominator", "mark") == [
        (10.0, 50, 50000.0, None),
        (12.0, None, 51000.5, None),
    ]
    assert table.quality == (QualityNote("numerator marked c (confidential)", 1, "number of people not known"),)


def test_an_area_goes_by_its_latest_name_else_by_its_code(read, rows, engine):
    table = read(
        "area,year,rate,name\nA1,2013,1,Old\nA1,2014,1,New\nA1,2015,1,\nA2,2013,1,\nA2,2014,1,\nA2,2015,1,\n",
        columns={"area": "area", "period": "year", "value": "rate", "name": "name"},
    )
    assert set(rows(table, "area", "area_name")) == {("A1", "New"), ("A2", "A2")}
    assert areas_in(engine, table) == {"A1": "New", "A2": "A2"}


def test_blanks_around_codes_labels_and_numbers_do_not_count(read, rows):
    assert rows(read("area,year,rate\n A1 , 2013 , 5 \n"), "area", "period", "value") == [("A1", 0, 5.0)]


def test_rows_to_keep_are_counted_column_by_column(read, rows):
    table = read(
        "area,year,rate,level,sex\nA1,2013,1,LA,all\nA1,2013,2,LA,girls\nE,2013,3,nation,all\nA2,2013,4,UA,all\n",
        keep={"level": ["LA", "UA"], "sex": "all"},
    )
    assert rows(table, "area", "value") == [("A1", 1.0), ("A2", 4.0)]
    assert table.flow == (
        Step("file", "rows of areas.csv", 4),
        Step("keep", 'level is "LA" or "UA"', 3, 1),
        Step("keep", 'sex is "all"', 2, 1),
    )


def test_a_value_to_keep_that_no_row_has_is_a_mistake_of_the_protocol(read):
    with pytest.raises(ProtocolError) as caught:
        read(
            "area,year,rate,level,sex\nA1,2013,1,Local authority,all\n",
            keep={"level": ["Local Authority", "Region"], "sex": "all"},
        )
    wrong = [(m.where, m.found, m.advice) for m in caught.value.mistakes]
    assert wrong == [
        (
            "records.plans.keep.level",
            'no row of areas.csv has "Local Authority".',
            "Rows have it in other capitals: write it as the file does.",
        ),
        ("records.plans.keep.level", 'no row of areas.csv has "Region".', "Check its spelling."),
    ]


def test_values_to_keep_that_exclude_each_other_leave_nothing(read):
    with pytest.raises(RecordsError, match="no row is left after `keep`"):
        read("area,year,rate,x,y\nA1,2013,1,1,2\nA2,2013,1,2,1\n", keep={"x": "1", "y": "1"})


def test_every_unknown_column_is_listed_with_its_place_and_the_nearest_name(read):
    with pytest.raises(ProtocolError) as caught:
        read(
            "area,year,Rate,level\nA1,2013,1,LA\n",
            columns={"area": "area", "period": "jahr", "value": "RATE", "numerator": "n"},
            keep={"levle": "LA"},
        )
    mistakes = {m.where: m for m in caught.value.mistakes}
    assert list(mistakes) == [
        "records.plans.columns.period",
        "records.plans.columns.value",
        "records.plans.columns.numerator",
        "records.plans.keep.levle",
    ]
    assert mistakes["records.plans.columns.value"].found == 'areas.csv has no column "RATE".'
    assert mistakes["records.plans.columns.value"].advice == 'Known: Rate, area, level, year. Did you mean "Rate"?'
    assert 'Did you mean "level"?' in mistakes["records.plans.keep.levle"].advice


def test_every_unknown_column_of_a_wide_table_is_listed(read):
    with pytest.raises(ProtocolError) as caught:
        read("area,y13\nA1,1\n", columns={"area": "area"}, wide={"2013": "y13", "2014": "y14", "2015": "y15"})
    assert [m.where for m in caught.value.mistakes] == ["records.plans.wide.2014", "records.plans.wide.2015"]


def test_a_file_without_a_header_is_not_repeated_as_one(read):
    with pytest.raises(ProtocolError) as caught:
        read("A1,2013,Somebody Real\nA2,2013,Somebody Else\n")
    assert "check that the first line of the file holds column names" in str(caught.value)
    assert "Somebody" not in str(caught.value)


@pytest.mark.parametrize("mark", [*list(MARKS)[:-2], "[c]", "C", "[X]", " low ", "[..]"])
def test_a_mark_is_missing_with_its_kind(read, rows, mark):
    table = read(f"area,year,rate\nA1,2013,{mark}\nA2,2013,0\n")
    kind = mark.strip().lower().strip("[]")
    assert rows(table, "area", "value", "mark") == [("A1", None, kind), ("A2", 0.0, None)]
    note = f"value marked {kind} ({MARKS[kind]})"
    assert QualityNote(note, 1, "missing: in no figure") in table.quality


def test_blanks_and_nan_are_missing_and_counted_apart(read, rows):
    table = read("area,year,rate\nA1,2013,\nA2,2013,  \nA3,2013,NaN\nA4,2013,-nan\nA5,2013,1\n")
    assert rows(table, "mark") == [("blank",), ("blank",), ("nan",), ("nan",), (None,)]
    assert table.quality[:2] == (
        QualityNote("value left blank (nothing given)", 2, "missing: in no figure"),
        QualityNote("value NaN (not a number)", 2, "missing: in no figure"),
    )


@pytest.mark.parametrize(("text", "value"), [("1e2", 100), ("+1.5", 1.5), ("-3", -3), (".5", 0.5), ("007", 7)])
def test_numbers_may_be_written_in_the_usual_ways(read, rows, text, value):
    assert rows(read(f"area,year,rate\nA1,2013,{text}\n"), "value") == [(value,)]


@pytest.mark.parametrize(
    ("text", "looks"),
    [
        ('"1,234"', "1 with a comma"),
        ("12%", "1 with a percent sign"),
        ("£12", "1 with a currency sign"),
        ("about 12", "1 with letters"),
        ("true", "1 with letters"),
        ("0x1A", "1 with letters"),
        ("1_000", "1 of another form"),
        ("1 000", "1 of another form"),
        ("12/13", "1 of another form"),
        ("inf", "1 infinite or too large"),
        ("-Infinity", "1 infinite or too large"),
        ("1e400", "1 infinite or too large"),
    ],
)
def test_other_text_is_refused_by_what_it_looks_like(read, text, looks):
    with pytest.raises(RecordsError) as caught:
        read(f"area,year,rate\nA1,2013,1\nA1,2014,{text}\n")
    (mistake,) = caught.value.mistakes
    assert mistake.where == "areas.csv, column rate"
    assert mistake.found == f"1 value that cannot be used: {looks}; in 2014."
    assert mistake.advice


@pytest.mark.parametrize(
    ("column", "text", "looks"),
    [
        ("numerator", "-1", "below nought"),
        ("numerator", "2.5", "not whole"),
        ("numerator", "1e300", "too large"),
        ("numerator", "9007199254740994", "too large"),
        ("denominator", "-1", "below nought"),
        ("denominator", "inf", "infinite"),
        ("denominator", "many", "with letters"),
    ],
)
def test_counts_and_populations_must_be_possible(read, column, text, looks):
    columns = {"area": "area", "period": "year", "value": "rate", column: "n"}
    with pytest.raises(RecordsError, match=rf"areas\.csv, column n: 1 value that cannot be used: .*{looks}"):
        read(f"area,year,rate,n\nA1,2013,1,{text}\n", columns=columns)


@pytest.mark.parametrize("text", ["0", "9007199254740992", "12.0", "1e3"])
def test_whole_counts_are_read_to_the_last_digit(read, rows, text):
    columns = {"area": "area", "period": "year", "value": "rate", "numerator": "n"}
    assert rows(read(f"area,year,rate,n\nA1,2013,1,{text}\n", columns=columns), "people") == [(int(float(text)),)]


def test_all_columns_that_cannot_be_used_are_reported_at_once(read):
    columns = {"area": "area", "period": "year", "value": "rate", "numerator": "n", "denominator": "d"}
    with pytest.raises(RecordsError) as caught:
        read("area,year,rate,n,d\nA1,2013,bad,1.5,-2\nA1,2014,1,bad,1\nA1,2014,1,2,1\n", columns=columns)
    assert [m.where for m in caught.value.mistakes] == [
        "areas.csv, column rate",
        "areas.csv, column n",
        "areas.csv, column d",
        "areas.csv",
    ]
    assert "2 values that cannot be used: 1 with letters, 1 not whole; in 2013, 2014." in str(caught.value)


def test_figures_outside_the_studys_time_are_not_looked_at(read, rows):
    table = read(
        "area,year,rate\nA1,2012,unreadable\nA1,2013,1\nA1,2014,2\nA1,2015,unreadable\n",
        study={"data_start": date(2012, 4, 1), "data_end": date(2014, 3, 31)},
    )
    assert rows(table, "value") == [(1.0,), (2.0,)]
    assert [p.label for p in table.periods] == ["2013", "2014"]
    assert table.flow[-1] == Step("time", "periods from 2012-04-01 up to 2014-03-31", 2, 2)


def test_a_period_must_lie_wholly_in_the_studys_time(read):
    table = read(LONG, study={"data_start": date(2012, 4, 2)})
    assert [p.label for p in table.periods] == ["2014"]


def test_a_file_that_misses_the_studys_time_is_refused(read):
    with pytest.raises(RecordsError, match="no row lies in the time of the study"):
        read(LONG, study={"data_start": date(2020, 1, 1)})


def test_repeated_rows_are_refused_with_their_periods(read):
    with pytest.raises(RecordsError) as caught:
        read(LONG + "A1,2014,11\nA2,2014,99\n")
    (mistake,) = caught.value.mistakes
    assert mistake.found == "2 area periods with more than one row, in 2014."
    assert 'duplicates = "keep_identical"' in mistake.advice


def test_equal_rows_are_counted_once_where_the_protocol_says_so(read, rows):
    repeated = LONG + "A1,2014,11.0\nA1,2014,11\nA2,2013,20\n"
    table = read(repeated, duplicates="keep_identical")
    assert rows(table) == rows(read(LONG))
    assert table.flow[-1] == Step("repeats", "equal rows of an area and period are counted once", 4, 3)


def test_marks_of_equal_rows_are_counted_once(read):
    table = read("area,year,rate\nA1,2013,c\nA1,2013,c\nA2,2013,1\n", duplicates="keep_identical")
    assert QualityNote("value marked c (confidential)", 1, "missing: in no figure") in table.quality


def test_rows_that_differ_are_refused_even_where_equal_ones_are_kept(read):
    with pytest.raises(RecordsError, match="1 area period with rows that differ, in 2014"):
        read(LONG + "A1,2014,11\nA2,2014,99\n", duplicates="keep_identical")


def test_two_labels_of_one_year_repeat_it(read):
    with pytest.raises(RecordsError, match="1 area period with more than one row, in 2012-13"):
        read("area,year,rate\nA1,2013,1\nA1,2012-13,1\n")


def test_at_most_ten_periods_are_named(read):
    lines = "".join(f"A1,{year},1\nA1,{year},2\n" for year in range(2001, 2021))
    with pytest.raises(RecordsError, match=r"in 2001, 2002, .*, 2010 and 10 more"):
        read(f"area,year,rate\n{lines}")


def test_rows_without_an_area_are_refused_or_left_out_and_counted(read, rows):
    content = LONG + ",2013,15\n  ,2014,16\n"
    with pytest.raises(RecordsError, match=r"areas\.csv, column area: 2 rows without an area code"):
        read(content)
    table = read(content, blank_areas="leave_out")
    assert rows(table) == rows(read(LONG))
    assert table.flow == (Step("file", "rows of areas.csv", 6), Step("areas", "area holds an area code", 4, 2))


def test_a_row_that_keep_takes_away_may_lack_its_area(read):
    content = "area,year,rate,level\nA1,2013,1,LA\n,2013,2,nation\n"
    assert read(content, keep={"level": "LA"}).flow[-1].rows == 1


def test_a_header_without_rows_is_refused(read):
    with pytest.raises(RecordsError, match="it has column names but no rows"):
        read("area,year,rate\n")


def test_only_areas_left_blank_leave_nothing(read):
    with pytest.raises(RecordsError, match="no row is left"):
        read("area,year,rate\n,2013,1\n", blank_areas="leave_out")


def test_areas_that_come_go_pause_or_never_have_a_value_are_counted(read):
    years = {
        "stays": (2013, 2014, 2015),
        "late": (2014, 2015),
        "early": (2013, 2014),
        "brief": (2014,),
        "pauses": (2013, 2015),
    }
    lines = [f"{area},{year},1" for area, listed in years.items() for year in listed]
    lines += [f"silent,{year},x" for year in (2013, 2014, 2015)]
    not_guessed = "kept as they are: a change of codes is not guessed"
    assert read("area,year,rate\n" + "\n".join(lines)).quality == (
        QualityNote("value marked x (not available)", 3, "missing: in no figure"),
        QualityNote("areas that appear after 2013", 2, not_guessed),
        QualityNote("areas that vanish before 2015", 2, not_guessed),
        QualityNote("areas without a row for a period in between", 1, "missing in these periods"),
        QualityNote("areas without a single value", 1, "missing: in no figure"),
    )


def test_a_period_in_which_no_area_has_a_value_is_noted(read):
    table = read("area,year,rate\nA1,2013,1\nA2,2013,1\nA1,2014,x\nA2,2014,c\nA1,2015,1\nA2,2015,1\n")
    assert QualityNote("areas in 2014, where no area has a value", 2, "missing: in no figure") in table.quality


def test_a_parquet_file_gives_the_same_rows_as_a_csv_file(read, rows, tmp_path):
    from_csv = rows(read(LONG))
    duckdb.connect().execute(
        f"""COPY (SELECT area, CAST(year AS INTEGER) AS year, CAST(rate AS DOUBLE) AS rate
        FROM read_csv('{tmp_path / "areas.csv"}')) TO '{tmp_path / "areas.parquet"}'"""
    )
    assert rows(read(None, file="areas.parquet")) == from_csv


@pytest.mark.parametrize(("text", "mark"), [("'nan'", "nan"), ("NULL", "blank")])
def test_nan_and_null_of_a_parquet_file_are_missing(read, rows, tmp_path, text, mark):
    duckdb.connect().execute(
        f"""COPY (SELECT 'A1' AS area, 2013 AS year, CAST({text} AS DOUBLE) AS rate
        UNION ALL SELECT 'A2', 2013, 0.1) TO '{tmp_path / "areas.parquet"}'"""
    )
    table = read(None, file="areas.parquet")
    assert rows(table, "value", "mark") == [(None, mark), (0.1, None)]


def test_reading_another_file_under_the_same_name_replaces_the_first(read, rows):
    read(LONG)
    assert rows(read("area,year,rate\nB1,2013,7\n"), "area", "value") == [("B1", 7.0)]


@pytest.mark.parametrize("value", ["1.2", "-0.1", "35"])
def test_a_share_that_is_none_is_refused(read, value):
    with pytest.raises(RecordsError, match=r"areas.csv: 1 value below 0 or above 1, of which `unit`"):
        read(f"area,year,rate\nA1,2013,0.5\nA1,2014,{value}\n", unit="share")


def test_nought_and_one_are_shares(read, rows):
    assert rows(read("area,year,rate\nA1,2013,0\nA1,2014,1\n", unit="share"), "value") == [(0.0,), (1.0,)]
