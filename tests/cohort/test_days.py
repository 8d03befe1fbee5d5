"""Days as numbers, against the calendar of the standard library."""

import calendar
from datetime import date, timedelta

import pytest

from whatworked.cohort.days import Months, day_number, full_years, months_later, number_of, year_ending
from whatworked.engine.sql import Query, literal

EVERY_DAY = [date(1995, 1, 1) + timedelta(days=day) for day in range(0, 36 * 366)]


@pytest.fixture
def over_days(engine):
    """Return the values of an expression of `day`, one for every day of 36 years, in order."""

    def over_days(expression):
        tens = " UNION ALL ".join(f"SELECT {digit} AS digit" for digit in range(10))
        number = "10000 * a.digit + 1000 * b.digit + 100 * c.digit + 10 * d.digit + e.digit"
        days = f"""
            SELECT {literal(EVERY_DAY[0])} + CAST({number} AS INTEGER) AS day
            FROM (SELECT 0 AS digit UNION ALL SELECT 1 AS digit) AS a CROSS JOIN ({tens}) AS b
            CROSS JOIN ({tens}) AS c CROSS JOIN ({tens}) AS d CROSS JOIN ({tens}) AS e
            """
        text = f"SELECT day, {expression} AS value FROM ({days}) AS days WHERE day <= {literal(EVERY_DAY[-1])}"
        return engine.collect(Query(text, grain="day", columns=("day", "value")))["value"].tolist()

    return over_days


def test_a_day_is_the_same_number_in_python_and_in_the_query(over_days):
    assert over_days(day_number("day")) == [number_of(day) for day in EVERY_DAY]


@pytest.mark.parametrize("months", [1, 3, 6, 12, 18])
def test_calendar_months_are_clipped_to_the_end_of_the_month(over_days, months):
    def later(day):
        year, month = divmod(12 * day.year + day.month - 1 + months, 12)
        return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))

    assert over_days(months_later("day", months)) == [number_of(later(day)) for day in EVERY_DAY]


def test_full_years_are_the_floor_of_days_over_a_year_and_a_quarter_day(over_days):
    lived = f"{day_number('day')} - {number_of(date(2012, 2, 29))}"
    expected = [((day - date(2012, 2, 29)).days * 4) // 1461 for day in EVERY_DAY]
    assert over_days(full_years(lived)) == expected
    assert -1 in expected


def test_a_year_goes_by_the_calendar_year_of_its_end(over_days):
    assert over_days(year_ending("day", month=12)) == [day.year for day in EVERY_DAY]
    assert over_days(year_ending("day", month=3)) == [day.year + (day.month > 3) for day in EVERY_DAY]


def test_a_stretch_of_months_says_how_it_is_counted():
    assert str(Months(6, 183)) == "183 days"
    assert str(Months(6, 183, "calendar")) == "6 calendar months"
