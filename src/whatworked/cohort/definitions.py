"""What each question means, as values: every reading that studies differ in has a name here.

`as_reported` follows the words of the study that these questions come from, `as_coded` its published program where
the two differ. Either is a starting point: a definition is replaced field by field.
"""

from dataclasses import dataclass, field, replace
from datetime import date
from typing import Literal

from whatworked.cohort.days import Months

RuleSet = Literal["as_reported", "as_coded"]
Which = Literal["first", "last"]


@dataclass(frozen=True, slots=True)
class Outliers:
    """Which durations are too long to be believed: beyond Q3 + 1.5 IQR (`tukey`), beyond a limit, or none.

    The quartiles are of the question's baseline and post rows (`phases`) or of its whole population; each event
    counts once, and the interpolation between two values is linear.
    """

    kind: Literal["tukey", "limit", "none"] = "tukey"
    over: Literal["phases", "population"] = "phases"
    limit: int = 310


@dataclass(frozen=True, slots=True)
class Assessments:
    """Assessments begun on `first_day` or later; one that began within `margin` days of the data's end is censored.

    `censored_at` is the day that the margin is held against, by default the last day of the data.
    """

    first_day: date = date(2011, 4, 1)
    margin: int = 53
    censored_at: date | None = None
    outliers: Outliers = field(default_factory=Outliers)


@dataclass(frozen=True, slots=True)
class Conference:
    """A conference after the referral's day and before the window's last day; `day_zero` lets the first day in.

    `first_three` looks at the first three conferences of a child only, `censored` asks that the window lies within the
    data, `conferences_from` is the first day from which the source has conferences, if it lacks earlier ones.
    """

    window: Months = field(default_factory=lambda: Months(3, 90))
    day_zero: bool = False
    first_three: bool = False
    censored: bool = True
    conferences_from: date | None = None


@dataclass(frozen=True, slots=True)
class Rereferral:
    """Another referral after the day of no further action, up to and with the window's last day."""

    window: Months = field(default_factory=lambda: Months(6, 183))


@dataclass(frozen=True, slots=True)
class Escalation:
    """A plan or care that starts in the window after a re-referral, both days in.

    `which` re-referral of the window counts; under `signs = "first"` only the first plan and the first start of care
    after no further action are looked at, and a row whose first plan precedes the re-referral leaves. `margin` is
    what must lie within the data; `plans_from` the first day from which the source has plans, if it lacks earlier ones.
    """

    rereferral: Rereferral = field(default_factory=Rereferral)
    window: Months = field(default_factory=lambda: Months(6, 180))
    margin: Months = field(default_factory=lambda: Months(12, 365))
    which: Which = "first"
    signs: Literal["any", "first"] = "any"
    plans_from: date | None = None


@dataclass(frozen=True, slots=True)
class Kinship:
    """Living with relatives or friends within the window: by placement or by the reason that an episode ended.

    `strict` leaves out being with own parents and arrangements that name no relative, `wide` adds child arrangements
    orders and leaving care to someone without parental responsibility, `as_coded` has own parents and returns home.
    `legal_statuses` keeps periods of care that began under one of them; empty keeps all.
    """

    definition: Literal["strict", "wide", "as_coded"] = "strict"
    legal_statuses: tuple[str, ...] = ()
    window: Months = field(default_factory=lambda: Months(12, 365))


@dataclass(frozen=True, slots=True)
class EntryToCare:
    """A period of care that starts in the window after the referral, both days in."""

    population: Literal["referred", "open_cases"] = "referred"
    window: Months = field(default_factory=lambda: Months(12, 365))


@dataclass(frozen=True, slots=True)
class Since:
    """How years are counted from the intervention: whole years of 365.25 days, -1 being the year before the start.

    After the settling-in they count from its end to the event. Before the start they count to the last day of the
    event's window, so that -1 is the last year that a row can have (`window`), or to the event, plus `added` (`event`).
    """

    baseline: Literal["window", "event"] = "window"
    added: int = 0


@dataclass(frozen=True, slots=True)
class Definitions:
    """A definition for each question, and how years are counted; `kinship_since` is the count for kinship."""

    assessments: Assessments = field(default_factory=Assessments)
    conference: Conference = field(default_factory=Conference)
    rereferral: Rereferral = field(default_factory=Rereferral)
    escalation: Escalation = field(default_factory=Escalation)
    kinship: Kinship = field(default_factory=Kinship)
    entry_to_care: EntryToCare = field(default_factory=EntryToCare)
    since: Since = field(default_factory=Since)
    kinship_since: Since = field(default_factory=Since)

    def with_first_days(self, *, plans: date | None, conferences: date | None) -> "Definitions":
        """Return the definitions for a source that has plans or conferences only from a day on, None from the first."""
        return replace(
            self,
            escalation=replace(self.escalation, plans_from=_later(self.escalation.plans_from, plans)),
            conference=replace(self.conference, conferences_from=_later(self.conference.conferences_from, conferences)),
        )


def _later(first: date | None, second: date | None) -> date | None:
    return max((day for day in (first, second) if day is not None), default=None)


AS_REPORTED = Definitions()
AS_CODED = Definitions(
    assessments=Assessments(censored_at=date(2019, 3, 29)),
    conference=Conference(first_three=True, censored=False),
    escalation=Escalation(margin=Months(12, 360), which="last", signs="first"),
    kinship=Kinship("as_coded", legal_statuses=("C1", "C2")),
    since=Since("event"),
    kinship_since=Since("event", added=1),
)


def definitions(rule_set: RuleSet) -> Definitions:
    """Return the definitions of a named set of rules."""
    return AS_CODED if rule_set == "as_coded" else AS_REPORTED
