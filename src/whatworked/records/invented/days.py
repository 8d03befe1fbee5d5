"""Days of invented records: ordinals inside, texts in the files. A return's year ends with March."""

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache

from whatworked.records.calendar import FIRST, LAST, bank_holidays

SATURDAY = 5
MARCH = 3


@cache
def iso(day: int) -> str:
    """Return 2017-12-31."""
    return date.fromordinal(day).isoformat()


@cache
def written(day: int) -> str:
    """Return 31/12/2017."""
    return date.fromordinal(day).strftime("%d/%m/%Y")


@cache
def year_of(day: int) -> int:
    """Return the year in which the collection year of a day ends."""
    found = date.fromordinal(day)
    return found.year + (found.month > MARCH)


@cache
def first_day_of(year: int) -> int:
    """Return 1 April, on which the collection year that ends in `year` begins."""
    return date(year - 1, 4, 1).toordinal()


@cache
def last_day_of(year: int) -> int:
    """Return 31 March, on which a collection year ends."""
    return date(year, 3, 31).toordinal()


@dataclass(frozen=True, slots=True)
class Extent:
    """The collection years that there are returns of."""

    first_year: int
    last_year: int

    @property
    def first(self) -> int:
        """First day of the first collection year."""
        return first_day_of(self.first_year)

    @property
    def last(self) -> int:
        """Last day of the last collection year."""
        return last_day_of(self.last_year)


@cache
def working_days() -> Sequence[int]:
    """Return every working day of the calendar, in order."""
    off = bank_holidays()
    days = (FIRST + timedelta(n) for n in range((LAST - FIRST).days + 1))
    return tuple(day.toordinal() for day in days if day.weekday() < SATURDAY and day not in off)


@cache
def working_days_before(day: int) -> int:
    """Return the number of the calendar's working days before a day."""
    return bisect_left(working_days(), day)


def after_working_days(start: int, number: int) -> int:
    """Return the working day that ends a span of so many working days; the calendar's last if it ends later."""
    days = working_days()
    return days[min(working_days_before(start) + number, len(days) - 1)]
