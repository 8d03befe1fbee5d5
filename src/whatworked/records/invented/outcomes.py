"""The truth of each question, from what the returns show of a life, by the definitions and in plain Python.

This is a second road to the rows of `whatworked.cohort`, under `as_reported`: it shares no line with it, works on one
child's lists of days, and so can be held against what is read back from the files.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Literal

from whatworked.records.invented.days import Extent, working_days_before
from whatworked.records.invented.seen import Seen, SeenCase, SeenPeriod

Question = Literal["rereferral", "escalation", "kinship", "icpc", "entry_to_care", "assessment_duration"]

HALF_YEAR, ESCALATES, YEAR, CONFERENCE, ASSESSED = 183, 180, 365, 90, 53
FIRST_ASSESSMENT = date(2011, 4, 1).toordinal()
AFTER_ASSESSMENT = ("RC8", "RC9")
AFTER_NEED = ("RC1", "RC2", "RC3", "RC4", "RC5", "RC6", "RC7")
KIN = ("U1", "U2", "U3", "Q1", "F1", "F4")
GUARDIANS = ("E43", "E44", "E45", "E47")


@dataclass(frozen=True, slots=True)
class Row:
    """An event of a question: its outcome, and the days that place it.

    It is of the baseline if `before` precedes the programme, of the time after if `after` follows its settling-in; its
    outcome is known if `known` precedes the end of the data.
    """

    event: int
    outcome: int
    before: int
    after: int
    known: int


@dataclass(frozen=True, slots=True)
class _Referral:
    """A day of referral: `status` as open, no_action or unknown, `inside` where another case was open."""

    day: int
    closure: int | None
    status: str
    inside: bool

    @property
    def ended(self) -> int:
        return self.day if self.closure is None else self.closure


def rows(child: Seen, extent: Extent) -> Mapping[Question, tuple[Row, ...]]:
    """Return the rows of every question that a child has."""
    referrals = _referrals(child)
    asked = [one for one in referrals if not one.inside and extent.first <= one.day <= extent.last]
    return {
        "rereferral": tuple(_rereferrals(asked, referrals)),
        "escalation": tuple(_escalations(asked, referrals, child)),
        "kinship": tuple(_kinship(child.periods, extent)),
        "icpc": tuple(_conferences(asked, child)),
        "entry_to_care": tuple(_entries(asked, child)),
        "assessment_duration": tuple(_durations(child, extent)),
    }


def _referrals(child: Seen) -> list[_Referral]:
    """Return the days of referral in order, each with its status, and whether it fell into an open case."""
    of_days: dict[int, list[SeenCase]] = {}
    for case in child.cases:
        of_days.setdefault(case.day, []).append(case)
    found: list[_Referral] = []
    for day, of_day in sorted(of_days.items()):
        latest = max([case.returned for case in of_day])
        cases = [case for case in of_day if case.returned == latest]
        closure = max((case.closure for case in cases if case.closure is not None), default=None)
        # Only a case of an earlier day can be open on this one.
        inside = any(_covers(other, day) for other in found)
        found.append(_Referral(day, closure, _status(cases, day, closure, child), inside))
    return found


def _status(cases: list[SeenCase], day: int, closure: int | None, child: Seen) -> str:
    if any(case.in_need for case in cases):
        return "open"
    # Without a closure date, everything that is filed under the referral counts; a case that shows any is in need.
    if closure is not None and any(day < sign < closure for sign in (*child.plans, *child.conferences)):
        return "open"
    if all(case.no_action for case in cases):
        return "no_action"
    if any(case.reason in AFTER_NEED for case in cases):
        return "open"
    return "no_action" if all(case.reason in AFTER_ASSESSMENT for case in cases) else "unknown"


def _covers(other: _Referral, day: int) -> bool:
    if other.closure is None:
        return other.day < day and other.status == "open"
    return other.day < day < other.closure


def _again(one: _Referral, referrals: list[_Referral]) -> int | None:
    """Return the day of the first re-referral within the window."""
    days = [other.day for other in referrals if not other.inside and one.ended < other.day <= one.ended + HALF_YEAR]
    return min(days, default=None)


def _rereferrals(asked: list[_Referral], referrals: list[_Referral]) -> Iterator[Row]:
    for one in asked:
        if one.status == "no_action":
            last = one.ended + HALF_YEAR
            yield Row(one.ended, int(_again(one, referrals) is not None), last, one.day, last)


def _escalations(asked: list[_Referral], referrals: list[_Referral], child: Seen) -> Iterator[Row]:
    signs = (*child.plans, *(period.start for period in child.periods if period.known))
    for one in asked:
        if one.status == "no_action":
            again = _again(one, referrals)
            worse = again is not None and any(again <= sign <= again + ESCALATES for sign in signs)
            last = one.ended + YEAR
            yield Row(one.ended, int(worse), last, one.day, last)


def _conferences(asked: list[_Referral], child: Seen) -> Iterator[Row]:
    for one in asked:
        if one.status == "open":
            held = any(0 < day - one.day < CONFERENCE for day in child.conferences)
            last = one.day + CONFERENCE
            yield Row(one.day, int(held), last, one.day, last)


def _entries(asked: list[_Referral], child: Seen) -> Iterator[Row]:
    for one in asked:
        if any(period.start < one.day and (period.end is None or one.day < period.end) for period in child.periods):
            continue
        enters = any(period.known and 0 <= period.start - one.day <= YEAR for period in child.periods)
        last = one.day + YEAR
        yield Row(one.day, int(enters), last, one.day, last)


def _kinship(periods: tuple[SeenPeriod, ...], extent: Extent) -> Iterator[Row]:
    for period in periods:
        if period.known and extent.first <= period.start <= extent.last:
            last = period.start + YEAR
            with_kin = any(
                (episode.placement in KIN and episode.start <= last)
                or (episode.end_reason in GUARDIANS and episode.end <= min(last, extent.last))
                for episode in period.episodes
            )
            yield Row(period.start, int(with_kin), last, period.start, last)


def _durations(child: Seen, extent: Extent) -> Iterator[Row]:
    ends: dict[int, int] = {}
    for start, end in child.assessments:
        if end is not None and max(FIRST_ASSESSMENT, extent.first) <= start <= extent.last:
            ends[start] = max(end, ends.get(start, end))
    for start, end in ends.items():
        took = working_days_before(end) - working_days_before(start)
        yield Row(start, took, end, start, start + ASSESSED)
