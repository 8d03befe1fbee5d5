"""Periods as data: from the labels of a file, or from a list in the protocol, to stretches of days.

A calendar period is known by an ordinal, the number of its kind since the year nought, so that the distance
between two periods is a difference and gaps in a file keep their length. Both days belong to a period.
"""

import re
from calendar import monthrange
from collections.abc import Iterable
from datetime import date, timedelta
from typing import Literal

from whatworked.errors import Mistake, ProtocolError
from whatworked.protocol.stretches import CalendarPeriods, ListedPeriod
from whatworked.vocabulary import Period

Kind = Literal["year", "quarter", "month"]

GIVE_ITS_END = "Give its last day as `end`."

_ONE_DAY = timedelta(days=1)
_MONTHS = {"quarter": 3, "month": 1}
_COMMON_YEAR = 2001
_LABELS = {
    "year": re.compile(r"(?P<year>[0-9]{4})"),
    "quarter": re.compile(r"(?P<year>[0-9]{4})[ -]?Q(?P<part>[1-4])|Q(?P<part_>[1-4])[ -]?(?P<year_>[0-9]{4})", re.I),
    "month": re.compile(r"(?P<year>[0-9]{4})-?(?P<part>0[1-9]|1[0-2])"),
}
# 2016-17, 2016/17, 201617 and their long forms 2016-2017, 2016/2017.
_TWO_YEARS = re.compile(r"([0-9]{4})(?:[-/]?([0-9]{2})|[-/]([0-9]{4}))")


def month_and_day(ends: str) -> tuple[int, int] | None:
    """Return the month and day that a year ends on, None if not every year has such a day."""
    try:
        day = date(_COMMON_YEAR, int(ends[:2]), int(ends[3:]))
    except ValueError:
        return None
    return day.month, day.day


def calendar_period(kind: Kind, ends: str, label: str) -> tuple[date, date] | None:
    """Return the first and last day of the period that a label names, None if it names none.

    A year is named by the year in which it ends (`2017`) or by the two years that it touches (`2016-17`,
    `2016/17`, `201617`); the second form names nothing where years end on 31 December, for then a year
    touches one only. Quarters are `2011Q3`, `2011-Q3`, `Q32011` or `Q3 2011`, months `2011-07` or `201107`.
    """
    ordinal = _ordinal(kind, ends, label)
    return None if ordinal is None else _stretch(kind, ends, ordinal)


def calendar_periods(kind: Kind, ends: str, first: date, last: date) -> tuple[Period, ...]:
    """Return all periods that lie wholly between two days (both count), indexed from 0."""
    per_year = _per_year(kind)
    # A year is named by its end, so that the day may lie in the year after: one more on both sides is enough.
    ordinals = range((first.year - 1) * per_year, (last.year + 2) * per_year)
    stretches = ((ordinal, _stretch(kind, ends, ordinal)) for ordinal in ordinals)
    inside = [(ordinal, s) for ordinal, s in stretches if s is not None and first <= s[0] and s[1] <= last]
    return tuple(
        Period(index, _label(kind, ordinal), start, end) for index, (ordinal, (start, end)) in enumerate(inside)
    )


def listed_periods(listed: tuple[ListedPeriod, ...]) -> tuple[Period, ...]:
    """Return the periods of a list, each without an end running up to the next.

    The last one without an end gets as many months as the one before it (as many days, where that is no
    whole number of months). The list must be in order, as `whatworked.protocol.check` sees to.

    Raises
    ------
    ProtocolError
        The list holds one period only and its end is not given.
    """
    periods: list[Period] = []
    for index, entry in enumerate(listed):
        if entry.end is not None:
            end = entry.end
        elif index + 1 < len(listed):
            end = listed[index + 1].start - _ONE_DAY
        elif periods:
            end = _end_as_long_as(periods[-1], entry.start)
        else:
            raise ProtocolError(Mistake("period[0].end", "a single period does not tell how long it is.", GIVE_ITS_END))
        periods.append(Period(index, entry.label, entry.start, end))
    return tuple(periods)


def periods_of_labels(
    period: CalendarPeriods | tuple[ListedPeriod, ...], labels: Iterable[str]
) -> tuple[dict[str, Period], tuple[str, ...]]:
    """Return the period of each label that is understood, and the labels that are not, in order.

    The index of a calendar period counts from the earliest of the labels, gaps included; that of a listed
    period is its place in the list. Labels that name the same stretch (`2017` and `2016-17`) share one
    period, under the first of them in the alphabet.
    """
    wanted = sorted(set(labels))
    if isinstance(period, CalendarPeriods):
        understood = _calendar_periods_of(period, wanted)
    else:
        by_label = {p.label: p for p in listed_periods(period)}
        understood = {label: by_label[label] for label in wanted if label in by_label}
    return understood, tuple(label for label in wanted if label not in understood)


def _calendar_periods_of(period: CalendarPeriods, labels: list[str]) -> dict[str, Period]:
    """Return the period of each label that the calendar knows."""
    ordinals: dict[str, int] = {}
    for label in labels:
        ordinal = _ordinal(period.kind, period.ends, label)
        if ordinal is not None and _stretch(period.kind, period.ends, ordinal) is not None:
            ordinals[label] = ordinal
    earliest = min(ordinals.values(), default=0)
    periods: dict[int, Period] = {}
    for label, ordinal in ordinals.items():
        stretch = _stretch(period.kind, period.ends, ordinal)
        if ordinal not in periods and stretch is not None:
            periods[ordinal] = Period(ordinal - earliest, label, *stretch)
    return {label: periods[ordinal] for label, ordinal in ordinals.items()}


def _per_year(kind: Kind) -> int:
    """Return how many periods of a kind a year has."""
    return 12 // _MONTHS[kind] if kind in _MONTHS else 1


def _ordinal(kind: Kind, ends: str, label: str) -> int | None:
    """Return which period, counted since the year nought, a label names."""
    label = label.strip()
    found = _LABELS[kind].fullmatch(label)
    if found is None:
        return _later_of_two_years(label) if kind == "year" and ends != "12-31" else None
    parts = found.groupdict()
    year = int(parts["year"] or parts["year_"])
    part = parts.get("part") or parts.get("part_") or "1"
    return year * _per_year(kind) + int(part) - 1


def _later_of_two_years(label: str) -> int | None:
    """Return 2017 for `2016-17` and the like, None where the two years do not follow on one another."""
    found = _TWO_YEARS.fullmatch(label)
    if found is None:
        return None
    later = int(found[1]) + 1
    named = found[2] if found[2] is not None else found[3]
    return later if f"{later:04d}".endswith(named) else None


def _stretch(kind: Kind, ends: str, ordinal: int) -> tuple[date, date] | None:
    """Return the first and last day of a period, None where the calendar does not reach."""
    if kind != "year":
        year, part = divmod(ordinal, _per_year(kind))
        first_month = part * _MONTHS[kind] + 1
        last_month = first_month + _MONTHS[kind] - 1
        if not date.min.year <= year <= date.max.year:
            return None
        return date(year, first_month, 1), date(year, last_month, monthrange(year, last_month)[1])
    day = month_and_day(ends)
    if day == (12, 31) and date.min.year <= ordinal <= date.max.year:
        return date(ordinal, 1, 1), date(ordinal, 12, 31)
    if day is None or not date.min.year < ordinal <= date.max.year:
        return None
    return date(ordinal - 1, *day) + _ONE_DAY, date(ordinal, *day)


def _label(kind: Kind, ordinal: int) -> str:
    """Return the label of a period as this package writes it."""
    year, part = divmod(ordinal, _per_year(kind))
    return {"year": f"{year:04d}", "quarter": f"{year:04d}Q{part + 1}", "month": f"{year:04d}-{part + 1:02d}"}[kind]


def _end_as_long_as(previous: Period, start: date) -> date:
    """Return the last day of a period from `start` that is as long as the one before it."""
    if previous.end == date.max:
        return date.max
    after = previous.end + _ONE_DAY
    months = (after.year - previous.start.year) * 12 + after.month - previous.start.month
    if _months_later(previous.start, months) == after:
        next_start = _months_later(start, months)
        return date.max if next_start is None else next_start - _ONE_DAY
    days = after - previous.start
    return start + days - _ONE_DAY if start <= date.max - days else date.max


def _months_later(day: date, months: int) -> date | None:
    """Return the same day of a later month (its last day where it is shorter), None past the calendar's end."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    if year > date.max.year:
        return None
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))
