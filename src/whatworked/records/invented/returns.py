"""Which returns speak of what: a return says what happened in its collection year, as far as it had by the last day.

A case stands in the return of every year in which it was open, and a referral on which nothing was done in that of its
year; its assessments, enquiries and plans stand where they overlap the year. A late case misses its first return and
stands with all that is its own in the next.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from whatworked.records.invented.days import Extent, first_day_of, last_day_of, year_of
from whatworked.records.invented.lives import Case, Episode


@dataclass(frozen=True, slots=True)
class Span:
    """What a return shows of something: all that overlaps these days, ends being known up to the last of them."""

    year: int
    first: int
    last: int

    def shows(self, start: int, end: int) -> bool:
        """Return whether something from one day to another stands in the return."""
        return start <= self.last and end >= self.first

    def known(self, day: int | None) -> int | None:
        """Return a day if the council knew it when it made the return."""
        return day if day is not None and day <= self.last else None


def spans_of_case(case: Case, extent: Extent) -> Iterator[Span]:
    """Yield the returns that a case stands in."""
    begins = max(year_of(case.day), extent.first_year)
    for year in range(begins + case.late, latest_return(case, extent) + 1):
        since = begins if year == begins + case.late else year
        yield Span(year, first_day_of(since), last_day_of(year))


def latest_return(case: Case, extent: Extent) -> int:
    """Return the year of the last return that a case stands in."""
    year = year_of(case.day if case.closure is None else case.closure)
    return min(max(year, year_of(case.day) + case.late), extent.last_year)


def spans_of_episode(episode: Episode, extent: Extent) -> Iterator[Span]:
    """Yield the returns that an episode of care stands in."""
    begins, ends = max(year_of(episode.start), extent.first_year), min(year_of(episode.end), extent.last_year)
    for year in range(begins, ends + 1):
        yield Span(year, first_day_of(year), last_day_of(year))
