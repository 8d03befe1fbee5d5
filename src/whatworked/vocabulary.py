"""The nouns that every part of the package shares."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

# The unit of an outcome that is a share of events.
SHARE = "share"


class Arm(StrEnum):
    """Whether an area received the intervention."""

    PILOT = "pilot"
    COMPARATOR = "comparator"


class Phase(StrEnum):
    """Where a period lies against its matched group's dates."""

    BASELINE = "baseline"
    SETTLING_IN = "settling_in"
    POST = "post"


class Estimator(StrEnum):
    """The family of model that a specification is fitted with."""

    LINEAR = "linear"
    LOGIT = "logit"
    FIXED_EFFECTS = "fixed_effects"
    RANDOM_EFFECTS = "random_effects"


class Role(StrEnum):
    """What a specification is for."""

    MAIN = "main"
    SENSITIVITY = "sensitivity"
    SECONDARY = "secondary"
    LEADS = "leads"
    LAGS = "lags"
    ADDITIONAL = "additional"
    RULE_SET = "rule_set"


class Method(StrEnum):
    """A way to turn an estimate into a statement about chance."""

    CR1 = "cr1"
    CR2 = "cr2"
    CR3 = "cr3"
    WILD_RESTRICTED = "wild_restricted"
    RANDOMISATION = "randomisation"
    COLLAPSED_T = "collapsed_t"
    STACKED = "stacked"
    PERSON = "person"
    TWO_WAY = "two_way"


class Rating(StrEnum):
    """How far the evidence may be believed, weakest claim first."""

    NO_CAUSAL_READING = "no_causal_reading"
    NO_EVIDENCE = "no_evidence"
    VERY_LOW = "very_low"
    LOW = "low"
    MODERATE = "moderate"
    HIGH = "high"


@dataclass(frozen=True, slots=True, order=True)
class Period:
    """A stretch of time that a figure is about: both days belong to it.

    `index` is its place among all periods of its source, so that the distance between two periods is a
    number of periods, whether these are years, quarters or months.
    """

    index: int
    label: str
    start: date
    end: date


def phase_of(period: Period, start: date, embedded: date | None) -> Phase:
    """Return the phase of a period against an intervention's dates.

    A period is baseline if it ends before the start, post if it begins after the embedded date (without
    one: on or after the start), else settling-in.
    """
    if period.end < start:
        return Phase.BASELINE
    if period.start > embedded if embedded is not None else period.start >= start:
        return Phase.POST
    return Phase.SETTLING_IN
