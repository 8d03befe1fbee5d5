"""Working days of England and Wales: Monday to Friday without the bank holidays, from 2005 to 2030.

The bank holidays are data, `bank_holidays.csv`: the days off themselves, so that a holiday that falls on a weekend
stands there as its substitute day. A day outside these years has no number of working days, and is counted.

A duration is the number of working days in [start, end). Between days of the table it is a difference of two numbers:
the engine joins them, without a function of its own. The other wording in use, "working days in [start, end] minus
one, plus one if the end is not a working day", is the same number.
"""

import csv
from bisect import bisect_left
from collections.abc import Mapping
from datetime import date, timedelta
from functools import cache
from importlib import resources
from types import MappingProxyType

from whatworked.engine.sql import Query, identifier, literal

FIRST = date(2005, 1, 1)
LAST = date(2030, 12, 31)

_WORKING_WEEK = 5
# A Monday on or before the first day, so that a day is a week and a place in it.
_FIRST_MONDAY = date(2004, 12, 27)


@cache
def bank_holidays() -> Mapping[date, str]:
    """Return the days off between Monday and Friday, in order: day → what it is."""
    table = resources.files("whatworked.records").joinpath("bank_holidays.csv").read_text(encoding="utf-8")
    rows = csv.DictReader(table.splitlines())
    return MappingProxyType({date.fromisoformat(row["day"]): row["holiday"] for row in rows})


def working_days(start: date, end: date) -> int | None:
    """Return the number of working days in [start, end), negative where the end is the earlier day.

    None where a day is outside the table: it is not guessed.
    """
    if not (FIRST <= start <= LAST and FIRST <= end <= LAST):
        return None
    return _before(end) - _before(start)


def calendar() -> Query:
    """One row a day: `day` (DATE) and `n` (INTEGER), the number of the table's working days before it."""
    tens = "\nUNION ALL\n".join(f"SELECT {digit} AS digit" for digit in range(10))
    week = "1000 * a.digit + 100 * b.digit + 10 * c.digit + d.digit"
    holidays = ", ".join(literal(day) for day in bank_holidays())
    days_of_week = "\nUNION ALL\n".join(f"SELECT {place} AS place" for place in range(7))
    return Query(
        f"""
        SELECT day, CAST(SUM(working) OVER (ORDER BY day NULLS LAST) - working AS INTEGER) AS n
        FROM (
          SELECT day, CASE WHEN place < {_WORKING_WEEK} AND day NOT IN ({holidays}) THEN 1 ELSE 0 END AS working
          FROM (
            SELECT {literal(_FIRST_MONDAY)} + CAST(7 * ({week}) + place AS INTEGER) AS day, place
            FROM (SELECT 0 AS digit UNION ALL SELECT 1 AS digit) AS a
            CROSS JOIN ({tens}) AS b
            CROSS JOIN ({tens}) AS c
            CROSS JOIN ({tens}) AS d
            CROSS JOIN ({days_of_week}) AS days_of_week
          ) AS days
          WHERE day >= {literal(FIRST)} AND day <= {literal(LAST)}
        ) AS working_and_other_days
        """,
        grain="day",
        columns=("day", "n"),
    )


def with_working_days(rows: Query, *, start: str, end: str) -> Query:
    """Return the same rows with the column `working_days` (INTEGER): the working days in [start, end).

    NULL where one of the two dates is missing or outside the table; `outside_calendar` counts the latter.

    Parameters
    ----------
    rows : any rows, without a column `working_days`
    start, end : names of two of its DATE columns
    """
    kept = ", ".join(f"dated.{identifier(column)}" for column in rows.columns)
    return Query(
        f"""
        SELECT {kept}, last_day.n - first_day.n AS working_days
        FROM {rows} AS dated
        LEFT JOIN {calendar()} AS first_day ON first_day.day = dated.{identifier(start)}
        LEFT JOIN {calendar()} AS last_day ON last_day.day = dated.{identifier(end)}
        """,
        grain=rows.grain,
        columns=(*rows.columns, "working_days"),
    )


def outside_calendar(rows: Query, *, start: str, end: str) -> Query:
    """One row: how many `rows` have both dates, but one of them outside the table of working days."""
    return Query(
        f"""
        SELECT COUNT(*) AS rows
        FROM {rows} AS dated
        WHERE {identifier(start)} IS NOT NULL AND {identifier(end)} IS NOT NULL
        AND ({_outside(start)} OR {_outside(end)})
        """,
        grain="table",
        columns=("rows",),
    )


def _before(day: date) -> int:
    """Return the number of working days from the table's first Monday to the day before."""
    weeks, place = divmod((day - _FIRST_MONDAY) // timedelta(days=1), 7)
    return _WORKING_WEEK * weeks + min(place, _WORKING_WEEK) - bisect_left(_days_off(), day)


@cache
def _days_off() -> tuple[date, ...]:
    return tuple(bank_holidays())


def _outside(column: str) -> str:
    return f"{identifier(column)} < {literal(FIRST)} OR {identifier(column)} > {literal(LAST)}"
