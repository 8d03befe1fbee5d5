"""Days as numbers: every window of a cohort is a comparison of whole numbers.

A day number counts from 1 January 2000, which is day 0. Division is written as multiplication by a reciprocal after
adding a half to a whole number, which cannot round across a whole number for any date a record can hold.
"""

from dataclasses import dataclass
from datetime import date
from typing import Literal

from whatworked.engine.sql import literal

DAY_ZERO = date(2000, 1, 1)

# From 1 March of the year 0, where the count below begins, to day 0.
_DAYS_TO_DAY_ZERO = 730_425


def number_of(day: date) -> int:
    """Return the day number of a date."""
    return (day - DAY_ZERO).days


def day_number(expression: str) -> str:
    """Return the expression of the day number of a DATE."""
    return f"CAST({expression} - {literal(DAY_ZERO)} AS INTEGER)"


def full_years(days: str) -> str:
    """Return the expression of floor(days / 365.25), the whole years in a number of days; -1 before day 0."""
    return f"CAST({_whole(f'4 * ({days})', 1461)} AS INTEGER)"


def year_ending(expression: str, *, month: int) -> str:
    """Return the expression of the year in which the twelve months end that hold a DATE and end with a month."""
    year, later = f"EXTRACT(YEAR FROM {expression})", f"EXTRACT(MONTH FROM {expression}) > {month}"
    return f"CAST({year} + CASE WHEN {later} THEN 1 ELSE 0 END AS INTEGER)"


def months_later(expression: str, months: int) -> str:
    """Return the expression of the day number some calendar months after a DATE, clipped to the end of the month."""
    month = f"(12 * EXTRACT(YEAR FROM {expression}) + EXTRACT(MONTH FROM {expression}) + {months - 1})"
    day = f"EXTRACT(DAY FROM {expression})"
    first, next_first = _first_of_month(month), _first_of_month(f"({month} + 1)")
    clipped = f"CASE WHEN {first} + {day} > {next_first} THEN {next_first} ELSE {first} + {day} END"
    return f"CAST({clipped} - 1 AS INTEGER)"


def _first_of_month(month: str) -> str:
    """Return the expression of the day number of the first day of a month, given as 12 * year + month - 1."""
    # The year is taken to begin in March, so that the leap day is its last.
    year = _whole(f"{month} - 2", 12)
    place = f"({month} - 2 - 12 * {year})"
    leap_days = f"{_whole(year, 4)} - {_whole(year, 100)} + {_whole(year, 400)}"
    return f"(365 * {year} + {leap_days} + {_whole(f'153 * {place} + 2', 5)} - {_DAYS_TO_DAY_ZERO})"


def _whole(number: str, divisor: int) -> str:
    """Return the expression of floor(number / divisor) of whole numbers."""
    return f"FLOOR(({number} + 5e-1) * {literal(1 / divisor)})"


@dataclass(frozen=True, slots=True)
class Months:
    """A stretch of time that is spoken of in months: as a fixed number of days, or by the calendar.

    By the calendar, a month after 31 August is 30 September: the day is clipped to the end of its month.
    """

    months: int
    days: int
    counted: Literal["days", "calendar"] = "days"

    def after(self, expression: str) -> str:
        """Return the expression of the day number of the stretch's last day, counted from a DATE."""
        if self.counted == "calendar":
            return months_later(expression, self.months)
        return f"{day_number(expression)} + {self.days}"

    def __str__(self) -> str:
        """Return the stretch in words."""
        return f"{self.days} days" if self.counted == "days" else f"{self.months} calendar months"
