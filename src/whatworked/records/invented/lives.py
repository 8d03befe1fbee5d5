"""What an invented child's life holds that a return may speak of. Days are ordinals; lives go on after the data end."""

from dataclasses import dataclass

from whatworked.records.invented.draws import Shares


@dataclass(frozen=True, slots=True)
class Person:
    """A child as the council knows it.

    `expected` is the birth date expected before it was known, for a child who was referred unborn; `until` the last
    day on which anything can happen to the child: the last before the eighteenth birthday, or the day of `death`.
    `needs` are the shares in which its needs are written down; `frailty` multiplies the risks of what can happen again.
    A child without a `pupil` number is in no school census.
    """

    child: str
    pupil: str | None
    birth: int
    expected: int | None
    death: int | None
    until: int
    sex: int
    ethnicity: str | None
    disabilities: tuple[str, ...]
    low_income: bool
    special_needs: str
    needs: Shares
    frailty: float


@dataclass(frozen=True, slots=True)
class Assessment:
    """An assessment, from its first day to the day it was authorised."""

    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Conference:
    """An initial child protection conference; without an enquiry before it, of a child who moved in."""

    day: int
    enquiry: int | None


@dataclass(frozen=True, slots=True)
class Plan:
    """A child protection plan; `previous` is the number of the child's plans before it."""

    start: int
    end: int
    abuse: str
    previous: int


@dataclass(frozen=True, slots=True)
class Case:
    """A referral and what came of it. `closure` is None only where nothing was done; `late` misses its first return."""

    day: int
    source: str
    need: str | None
    no_action: bool
    closure: int | None
    reason: str | None
    assessments: tuple[Assessment, ...] = ()
    conferences: tuple[Conference, ...] = ()
    plans: tuple[Plan, ...] = ()
    late: bool = False


@dataclass(frozen=True, slots=True)
class Episode:
    """An episode of care, under the codes of the return."""

    start: int
    end: int
    start_reason: str
    legal_status: str
    placement: str
    need: str
    end_reason: str


@dataclass(frozen=True, slots=True)
class Life:
    """All that happened: cases in the order of their referrals, periods of care and short breaks as episodes."""

    person: Person
    cases: tuple[Case, ...]
    periods: tuple[tuple[Episode, ...], ...]
    short_breaks: tuple[Episode, ...]
    asylum: bool
