"""Periods are data: what a label means, and where the periods of a list end."""

from datetime import date, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from whatworked.errors import ProtocolError
from whatworked.protocol.periods import (
    calendar_period,
    calendar_periods,
    listed_periods,
    month_and_day,
    periods_of_labels,
)
from whatworked.protocol.stretches import CalendarPeriods, ListedPeriod

KINDS = st.sampled_from(["year", "quarter", "month"])
ENDS = st.dates(date(2001, 1, 1), date(2001, 12, 31)).map(lambda day: f"{day:%m-%d}")


def listed(*entries):
    return tuple(ListedPeriod(label=label, start=start, end=end) for label, start, end in entries)


@pytest.mark.parametrize(
    ("kind", "ends", "label", "first", "last"),
    [
        ("year", "12-31", "2017", date(2017, 1, 1), date(2017, 12, 31)),
        ("year", "03-31", "2017", date(2016, 4, 1), date(2017, 3, 31)),
        ("year", "03-31", "2016-17", date(2016, 4, 1), date(2017, 3, 31)),
        ("year", "03-31", "2016/17", date(2016, 4, 1), date(2017, 3, 31)),
        ("year", "03-31", "201617", date(2016, 4, 1), date(2017, 3, 31)),
        ("year", "08-31", "2016/2017", date(2016, 9, 1), date(2017, 8, 31)),
        ("year", "03-31", "1999-00", date(1999, 4, 1), date(2000, 3, 31)),
        ("year", "02-28", "2017", date(2016, 2, 29), date(2017, 2, 28)),
        ("quarter", "12-31", "2011Q3", date(2011, 7, 1), date(2011, 9, 30)),
        ("quarter", "12-31", "2011-Q3", date(2011, 7, 1), date(2011, 9, 30)),
        ("quarter", "12-31", "Q32011", date(2011, 7, 1), date(2011, 9, 30)),
        ("quarter", "12-31", "Q3 2011", date(2011, 7, 1), date(2011, 9, 30)),
        ("quarter", "12-31", "2011q4", date(2011, 10, 1), date(2011, 12, 31)),
        ("month", "12-31", "2012-02", date(2012, 2, 1), date(2012, 2, 29)),
        ("month", "12-31", "201107", date(2011, 7, 1), date(2011, 7, 31)),
        ("year", "12-31", " 2017 ", date(2017, 1, 1), date(2017, 12, 31)),
        ("year", "12-31", "9999", date(9999, 1, 1), date(9999, 12, 31)),
    ],
)
def test_a_label_names_its_first_and_last_day(kind, ends, label, first, last):
    assert calendar_period(kind, ends, label) == (first, last)


@pytest.mark.parametrize(
    ("kind", "ends", "label"),
    [
        ("year", "03-31", "2016-18"),
        ("year", "03-31", "201618"),
        ("year", "03-31", "2016/2018"),
        ("year", "03-31", "17"),
        ("year", "03-31", ""),
        ("year", "03-31", "٢٠١٧"),
        ("year", "03-31", "0001"),
        ("year", "12-31", "0000"),
        ("year", "02-29", "2016"),
        ("quarter", "12-31", "2011Q5"),
        ("quarter", "12-31", "2011"),
        ("quarter", "12-31", "0000Q1"),
        ("month", "12-31", "201113"),
        ("month", "12-31", "2011-7"),
    ],
)
def test_a_label_that_is_not_of_its_kind_names_nothing(kind, ends, label):
    assert calendar_period(kind, ends, label) is None


def test_a_year_from_january_to_december_is_not_named_by_two_years():
    assert calendar_period("year", "12-31", "2016-17") is None


def test_only_a_day_that_every_year_has_can_end_one():
    assert month_and_day("03-31") == (3, 31)
    assert [month_and_day(ends) for ends in ("02-29", "02-30", "13-01", "00-10", "04-31")] == [None] * 5


@given(KINDS, ENDS, st.dates(date(1900, 1, 1), date(2100, 1, 1)), st.integers(0, 4000))
def test_the_periods_between_two_days_follow_on_and_lie_between_them(kind, ends, first, days):
    last = first + timedelta(days)
    periods = calendar_periods(kind, ends, first, last)
    assert [period.index for period in periods] == list(range(len(periods)))
    assert all(first <= period.start <= period.end <= last for period in periods)
    assert all(b.start == a.end + timedelta(1) for a, b in pairwise(periods))
    assert all(calendar_period(kind, ends, p.label) == (p.start, p.end) for p in periods)
    # Nothing was left out: no whole period fits before the first or after the last.
    longest = {"year": 366, "quarter": 92, "month": 31}[kind]
    if periods:
        assert (periods[0].start - first).days < longest
        assert (last - periods[-1].end).days < longest
    else:
        assert days < 2 * longest


def test_the_whole_calendar_holds_no_surprise():
    assert len(calendar_periods("month", "12-31", date.min, date.max)) == 9999 * 12
    assert len(calendar_periods("year", "12-31", date.min, date.max)) == 9999
    assert len(calendar_periods("year", "03-31", date.min, date.max)) == 9998


def test_listed_periods_run_up_to_the_next_and_the_last_is_as_many_months_long():
    periods = listed_periods(
        listed(
            ("Q42010", date(2010, 10, 1), None), ("Q12011", date(2011, 1, 1), None), ("Q22011", date(2011, 4, 1), None)
        )
    )
    assert [period.end for period in periods] == [date(2010, 12, 31), date(2011, 3, 31), date(2011, 6, 30)]
    assert [period.index for period in periods] == [0, 1, 2]


def test_a_last_period_after_whole_months_is_counted_in_months_and_after_odd_days_in_days():
    february = listed(("a", date(2011, 1, 1), None), ("b", date(2011, 2, 1), None))
    assert listed_periods(february)[-1].end == date(2011, 2, 28)
    fortnights = listed(("a", date(2011, 1, 3), None), ("b", date(2011, 1, 17), None))
    assert listed_periods(fortnights)[-1].end == date(2011, 1, 30)


def test_a_given_end_leaves_a_gap_and_is_kept():
    terms = listed(("autumn", date(2016, 9, 1), date(2016, 12, 16)), ("spring", date(2017, 1, 4), date(2017, 4, 7)))
    assert [period.end for period in listed_periods(terms)] == [date(2016, 12, 16), date(2017, 4, 7)]


def test_the_end_of_the_calendar_ends_the_last_period():
    for before in (date(9999, 11, 1), date(9999, 11, 20), date(9000, 12, 25)):
        assert listed_periods(listed(("a", before, None), ("b", date(9999, 12, 25), None)))[-1].end == date.max
    assert listed_periods(listed(("a", date(9999, 1, 1), date.max), ("b", date.max, None)))[-1].end == date.max


def test_a_single_period_without_an_end_is_refused():
    with pytest.raises(ProtocolError, match=r"period\[0\]\.end"):
        listed_periods(listed(("a", date(2010, 1, 1), None)))


def test_gaps_between_calendar_labels_keep_their_distance():
    periods, unknown = periods_of_labels(CalendarPeriods(kind="quarter"), ["2012Q1", "Q3 2011", "England", "2011"])
    assert {label: period.index for label, period in periods.items()} == {"Q3 2011": 0, "2012Q1": 2}
    assert unknown == ("2011", "England")


def test_two_labels_of_one_year_share_one_period():
    periods, unknown = periods_of_labels(CalendarPeriods(kind="year", ends="03-31"), ["2017", "201617", "2014"])
    assert periods["2017"] == periods["201617"]
    assert (periods["2017"].label, periods["2017"].index) == ("201617", 3)
    assert unknown == ()


def test_the_index_of_a_listed_period_is_its_place_in_the_list():
    period = listed(("first", date(2010, 1, 1), None), ("second", date(2011, 1, 1), None))
    periods, unknown = periods_of_labels(period, ["second", "third"])
    assert (periods["second"].index, unknown) == (1, ("third",))


@given(KINDS, ENDS, st.lists(st.text(max_size=9), max_size=5))
def test_any_label_is_either_understood_or_named_as_not_understood(kind, ends, labels):
    periods, unknown = periods_of_labels(CalendarPeriods(kind=kind, ends=ends), labels)
    assert set(periods) | set(unknown) == set(labels)
    assert not set(periods) & set(unknown)
