"""Which periods a file has: gaps, lists, and labels that are none."""

from datetime import date

import pytest

from whatworked.errors import RecordsError


@pytest.mark.parametrize(
    ("period", "labels", "missing"),
    [
        ({"kind": "year", "ends": "03-31"}, ("2013", "2014", "2016"), "a year with no data: 2015."),
        ({"kind": "year", "ends": "03-31"}, ("2013", "2017"), "years with no data: 2014, 2015, 2016."),
        ({"kind": "quarter"}, ("2011Q3", "Q4 2011", "2012Q2"), "a quarter with no data: 2012Q1."),
        ({"kind": "month"}, ("2011-11", "2012-01"), "a month with no data: 2011-12."),
    ],
)
def test_a_gap_in_the_calendar_is_refused(read, period, labels, missing):
    content = "area,year,rate\n" + "".join(f"A1,{label},1\n" for label in labels)
    with pytest.raises(RecordsError) as caught:
        read(content, period=period)
    assert [(m.where, m.found) for m in caught.value.mistakes] == [("areas.csv, column year", missing)]


def test_a_gap_outside_the_studys_time_is_none(read):
    table = read("area,year,rate\nA1,2010,1\nA1,2013,1\nA1,2014,1\n", study={"data_start": date(2012, 4, 1)})
    assert [p.label for p in table.periods] == ["2013", "2014"]


LISTED = [
    {"label": "wave 1", "start": "2011-03-01"},
    {"label": "wave 2", "start": "2013-03-01"},
    {"label": "wave 3", "start": "2016-03-01"},
]


def test_listed_periods_have_the_places_of_the_list(read, rows):
    content = "area,year,rate\nA1,wave 3,3\nA1,wave 1,1\nA1,wave 2,2\n"
    table = read(content, period=LISTED)
    assert rows(table, "period", "value") == [(0, 1.0), (1, 2.0), (2, 3.0)]


def test_a_listed_period_without_rows_is_refused_even_at_the_end(read):
    with pytest.raises(RecordsError, match="a period with no data: wave 3"):
        read("area,year,rate\nA1,wave 1,3\nA1,wave 2,1\n", period=LISTED)


def test_labels_that_are_no_periods_are_counted_and_quoted_only_if_they_look_like_one(read):
    with pytest.raises(RecordsError) as caught:
        read("area,year,rate\nA1,2013,1\nA1,2014/16,1\nA1,2013.0,1\nA2,2013.0,1\nA1,Jane Roe,1\nA1,2011-03-04,1\n")
    (mistake,) = caught.value.mistakes
    assert mistake.where == "areas.csv, column year"
    assert mistake.found == "4 labels that stand for no period, in 5 rows, such as 2013.0, 2014/16."


def test_one_strange_label_is_spoken_of_as_one(read):
    with pytest.raises(RecordsError, match="1 label that stands for no period, in 1 row\\."):
        read("area,year,rate\nA1,2013,1\nA1,total,1\n")


def test_rows_without_a_period_are_refused(read):
    with pytest.raises(RecordsError, match=r"areas\.csv, column year: 1 row without a period"):
        read("area,year,rate\nA1,2013,1\nA1,,1\n")


def test_a_column_of_names_in_place_of_periods_is_recognised(read):
    content = "area,year,rate\n" + "".join(f"A1,person {n},1\n" for n in range(10_001))
    with pytest.raises(RecordsError, match="more than 10,000 different labels, too many to be periods") as caught:
        read(content)
    assert "person" not in str(caught.value)
