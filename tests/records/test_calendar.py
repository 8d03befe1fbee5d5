"""Working days: the table, the count between two dates, and the same count by joins on two engines."""

from datetime import date, timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from portable_subset import violations
from second_engine import DataFusionEngine

from whatworked.engine.sql import Query, literal
from whatworked.records.calendar import (
    FIRST,
    LAST,
    bank_holidays,
    calendar,
    outside_calendar,
    with_working_days,
    working_days,
)

DAYS = st.dates(FIRST, LAST)
FRIDAY, SATURDAY, MONDAY = date(2024, 1, 12), date(2024, 1, 13), date(2024, 1, 15)


def is_working(day):
    return day.weekday() < 5 and day not in bank_holidays()


def test_the_table_is_that_of_an_independent_package():
    holidays = pytest.importorskip("holidays", reason="the package `holidays` is not installed")
    for country in ("ENG", "WLS"):
        found = holidays.country_holidays("GB", subdiv=country, years=range(FIRST.year, LAST.year + 1))
        assert {day for day in found if day.weekday() < 5} == set(bank_holidays())


@pytest.mark.parametrize(
    ("day", "off"),
    [
        (date(2011, 4, 29), True),  # a royal wedding
        (date(2012, 5, 28), False),  # moved to June
        (date(2012, 6, 4), True),
        (date(2012, 6, 5), True),  # the Diamond Jubilee
        (date(2020, 5, 4), False),  # moved to the Friday
        (date(2020, 5, 8), True),
        (date(2022, 5, 30), False),  # moved to June
        (date(2022, 6, 2), True),
        (date(2022, 6, 3), True),  # the Platinum Jubilee
        (date(2022, 9, 19), True),  # a state funeral
        (date(2023, 5, 8), True),  # a coronation
        (date(2021, 12, 27), True),  # Christmas Day was a Saturday, Boxing Day a Sunday
        (date(2021, 12, 28), True),
        (date(2021, 12, 29), False),
    ],
)
def test_days_that_were_added_or_moved_stand_where_they_were(day, off):
    assert (day in bank_holidays()) is off


def test_the_table_is_in_order_and_holds_weekdays_of_its_years_only():
    days = list(bank_holidays())
    assert days == sorted(set(days))
    assert all(day.weekday() < 5 and FIRST <= day <= LAST for day in days)
    assert {day.year for day in days} == set(range(2005, 2031))
    assert all(sum(day.year == year for day in days) >= 7 for year in range(2005, 2031))


@pytest.mark.parametrize(
    ("start", "end", "expected"),
    [
        (FRIDAY, FRIDAY, 0),
        (SATURDAY, SATURDAY, 0),
        (FRIDAY, MONDAY, 1),
        (FRIDAY, SATURDAY, 1),
        (SATURDAY, MONDAY, 0),
        (MONDAY, FRIDAY, -1),
        (date(2024, 3, 28), date(2024, 4, 2), 1),  # over Easter
        (date(2012, 6, 1), date(2012, 6, 6), 1),  # over the Jubilee
        (date(2017, 1, 1), date(2018, 1, 1), 252),
    ],
)
def test_a_duration_counts_the_start_and_not_the_end(start, end, expected):
    assert working_days(start, end) == expected


@given(DAYS, DAYS)
def test_the_two_forms_of_a_duration_are_one(start, end):
    start, end = sorted((start, end))
    closed = int(np.busday_count(start, end + timedelta(days=1), holidays=list(bank_holidays())))
    assert working_days(start, end) == closed - 1 + (not is_working(end))


@given(DAYS, DAYS)
def test_a_duration_is_what_numpy_counts(start, end):
    start, end = sorted((start, end))
    assert working_days(start, end) == np.busday_count(start, end, holidays=list(bank_holidays()))


@given(DAYS, DAYS, DAYS)
def test_durations_add_up(a, b, c):
    assert working_days(a, b) + working_days(b, c) == working_days(a, c)


@pytest.mark.parametrize(
    ("start", "end"),
    [
        (FIRST - timedelta(days=1), FIRST),
        (FIRST, LAST + timedelta(days=1)),
        (date(1, 1, 1), date(9999, 12, 31)),
    ],
)
def test_a_day_outside_the_table_has_no_duration(start, end):
    assert working_days(start, end) is None


def test_the_calendar_has_every_day_once_with_the_working_days_before_it(engine):
    found = engine.collect(calendar())
    assert np.array_equal(found["day"], np.arange(FIRST, LAST + timedelta(days=1), dtype="datetime64[D]"))
    before = np.busday_count(FIRST, found["day"], holidays=list(bank_holidays()))
    assert np.array_equal(found["n"], before)


DATED = [
    (1, FRIDAY, MONDAY, 1),
    (2, SATURDAY, SATURDAY, 0),
    (3, FIRST, LAST, 6781 - 213),  # weekdays without the days off
    (4, FRIDAY, None, None),
    (5, None, FRIDAY, None),
    (6, date(2004, 12, 31), FRIDAY, None),
    (7, FRIDAY, date(2031, 1, 1), None),
    (8, date(1900, 1, 1), date(2100, 1, 1), None),
    (9, MONDAY, FRIDAY, -1),
]


@pytest.fixture
def dated():
    rows = [
        f"SELECT {row} AS id, CAST({literal(start)} AS DATE) AS opened, CAST({literal(end)} AS DATE) AS closed"
        for row, start, end, _ in DATED
    ]
    return Query("\nUNION ALL\n".join(rows), grain="row", columns=("id", "opened", "closed"))


def test_joined_durations_are_those_of_python_and_nothing_is_guessed(engine, dated):
    found = with_working_days(dated, start="opened", end="closed")
    assert found.columns == ("id", "opened", "closed", "working_days")
    numbers = engine.collect(found)
    listed = np.ma.asarray(numbers["working_days"]).tolist()
    assert listed == [expected for *_, expected in DATED]
    assert listed == [working_days(start, end) if start and end else None for _, start, end, _ in DATED]


def test_dates_outside_the_table_are_counted(engine, dated):
    found = engine.collect(outside_calendar(dated, start="opened", end="closed"))
    assert found["rows"].tolist() == [3]


def test_the_statements_are_portable_and_a_second_engine_counts_the_same(engine, dated):
    other = DataFusionEngine()
    asked = (
        calendar(),
        with_working_days(dated, start="opened", end="closed"),
        outside_calendar(dated, start="opened", end="closed"),
    )
    for query in asked:
        assert violations(query.text) == []
        here, there = engine.collect(query), other.collect(query)
        assert list(here) == list(there)
        for column in here:
            assert np.ma.asarray(here[column]).tolist() == np.ma.asarray(there[column]).tolist()
