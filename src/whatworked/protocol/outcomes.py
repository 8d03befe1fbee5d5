"""Outcomes in a protocol: what is measured, and by which readings where these differ from the study's rule set."""

from collections.abc import Mapping
from datetime import date
from typing import Annotated, Literal

from pydantic import Field

from whatworked.protocol.strict import Label, Strict

MadeKind = Literal["assessment_duration", "same_day", "icpc", "rereferral", "escalation", "kinship", "entry_to_care"]
LegalStatus = Literal["C1", "C2", "D1", "E1", "V2", "L1", "L2", "L3", "J1", "J2", "J3"]

_ASSESSMENTS = ("assessment_duration", "same_day")
_WINDOWS = ("icpc", "rereferral", "escalation", "kinship", "entry_to_care")

# Which kinds of outcome a reading is one of.
KINDS_OF: Mapping[str, tuple[str, ...]] = {
    "window": _WINDOWS,
    "margin": (*_ASSESSMENTS, "escalation"),
    "assessments_from": _ASSESSMENTS,
    "censored_at": _ASSESSMENTS,
    "outliers": ("assessment_duration",),
    "day_zero": ("icpc",),
    "first_three": ("icpc",),
    "censored": ("icpc",),
    "conferences_from": ("icpc",),
    "rereferral": ("escalation",),
    "rereferral_window": ("escalation",),
    "signs": ("escalation",),
    "plans_from": ("escalation",),
    "definition": ("kinship",),
    "legal_statuses": ("kinship",),
    "population": ("entry_to_care",),
    "since": (*_ASSESSMENTS, *_WINDOWS),
}


class Stretch(Strict):
    """A stretch of time: a number of days, or of months by the calendar; one of the two is given."""

    days: Annotated[int, Field(ge=1, le=3660)] | None = Field(
        default=None, description="Number of days, as in `{ days = 183 }`."
    )
    months: Annotated[int, Field(ge=1, le=120)] | None = Field(
        default=None,
        description="Number of calendar months, as in `{ months = 6 }`; a month after 31 August is 30 September.",
    )


class OutlierRule(Strict):
    """Which durations are too long to be believed."""

    rule: Literal["tukey", "limit", "none"] = Field(
        description="`tukey`: beyond Q3 + 1.5 IQR; `limit`: beyond a number of working days; `none`: no duration is."
    )
    over: Literal["phases", "population"] | None = Field(
        default=None,
        description="Rows that the quartiles of `tukey` are of: the question's baseline and post rows (`phases`, the "
        "default), or its whole `population`.",
    )
    limit: Annotated[int, Field(ge=0, le=10_000)] | None = Field(
        default=None, description="Under `limit`: the longest duration that stays, in working days."
    )


class YearsSince(Strict):
    """How years are counted from the intervention."""

    baseline: Literal["window", "event"] | None = Field(
        default=None,
        description="Years before the start count to the last day of the event's `window`, or to the `event`.",
    )
    added: Annotated[int, Field(ge=-5, le=5)] | None = Field(
        default=None, description="Whole years added to the count before the start."
    )


class Definition(Strict):
    """What an outcome made from returns means, reading by reading; what is not given is as in the rule set."""

    window: Stretch | None = Field(default=None, description="How long after its event an outcome counts.")
    margin: Stretch | None = Field(
        default=None,
        description="How much must lie between an event and the end of the data. Assessments: in days, from their "
        "first day; `escalation`: from no further action.",
    )
    assessments_from: date | None = Field(default=None, description="Assessments: first day on which one may begin.")
    censored_at: date | None = Field(
        default=None, description="Assessments: the day that the margin is held against, if not the end of the data."
    )
    outliers: OutlierRule | None = Field(
        default=None, description='Durations: which leave as too long, as in `{ rule = "limit", limit = 310 }`.'
    )
    day_zero: bool | None = Field(
        default=None, description="`icpc`: whether a conference on the day of the referral counts."
    )
    first_three: bool | None = Field(
        default=None, description="`icpc`: whether only the first three conferences of a child are looked at."
    )
    censored: bool | None = Field(default=None, description="`icpc`: whether the window must lie within the data.")
    conferences_from: date | None = Field(
        default=None,
        description="`icpc`: first day from which the returns hold conferences, if they lack earlier ones.",
    )
    rereferral: Literal["first", "last"] | None = Field(
        default=None, description="`escalation`: which re-referral of its window counts."
    )
    rereferral_window: Stretch | None = Field(
        default=None, description="`escalation`: how long after no further action a re-referral counts."
    )
    signs: Literal["any", "first"] | None = Field(
        default=None,
        description="`escalation`: `any` plan or start of care, or only the `first` of each after no further action; "
        "a row whose first plan precedes the re-referral then leaves.",
    )
    plans_from: date | None = Field(
        default=None,
        description="`escalation`: first day from which the returns hold plans, if they lack earlier ones.",
    )
    definition: Literal["strict", "wide", "as_coded"] | None = Field(
        default=None,
        description="`kinship`: `strict`: relatives or friends, special guardianship by kin; `wide`: and child "
        "arrangements orders and leaving care to someone without parental responsibility; `as_coded`: own parents and "
        "returns home in place of child arrangements orders.",
    )
    legal_statuses: tuple[LegalStatus, ...] | None = Field(
        default=None, description="`kinship`: legal statuses under which a period of care may begin; empty for all."
    )
    population: Literal["referred", "open_cases"] | None = Field(
        default=None, description="`entry_to_care`: all referred children, or open cases alone."
    )
    since: YearsSince | None = Field(default=None, description="How years are counted from the intervention.")

    @property
    def choices(self) -> dict[str, object]:
        """The readings that are given: key → value."""
        return {key: getattr(self, key) for key in KINDS_OF if getattr(self, key) is not None}


class Measured(Strict):
    """What is measured, and in whose favour."""

    label: Label = Field(
        description='The outcome as it is named in a sentence, such as "child protection plans at 31 March".'
    )
    kind: Literal["given"] | MadeKind = Field(
        default="given",
        description="`given`: the outcome stands in the records; otherwise it is made from returns, as the page on "
        "cohorts defines it.",
    )
    better: Literal["lower", "higher", "neither"] = Field(
        default="neither", description="Which direction of change is hoped for; `neither` for a contrast."
    )
    window_days: Annotated[int, Field(ge=0, le=3660)] = Field(
        default=0, description="Events: days after an event in which its outcome may still fall."
    )


class Outcome(Definition, Measured):
    """What is measured and in whose favour; made from returns, by which readings."""

    def under(self, other: Definition) -> "Outcome":
        """Return the outcome with the readings that another definition gives in place of its own."""
        return self.model_copy(update=other.choices)


class Redefine(Strict):
    """The main analysis with another definition of the outcome; the areas compared stay."""

    kind: Literal["outcome"] = Field(description="Define the outcome in another way.")
    name: Label = Field(description="How the report calls this variant.")
    outcome: Definition = Field(description="Readings that differ from the question's.")
    questions: tuple[str, ...] = Field(default=(), description="Keys of the questions; by default all.")

    @property
    def definition(self) -> Definition:
        """The readings that differ."""
        return self.outcome


class SecondaryOutcome(Strict):
    """Another outcome of the same matched groups, as a secondary analysis with the main analysis's family of model."""

    kind: Literal["secondary_outcome"] = Field(description="Look at another outcome beside the question's.")
    name: Label = Field(description="How the report calls this variant.")
    outcome: Outcome = Field(description="The other outcome: its `label`, its `kind`, and what it means.")
    leave_outs: bool = Field(
        default=False, description="Whether it is also run without the pilots that the question's leave-outs leave out."
    )
    questions: tuple[str, ...] = Field(default=(), description="Keys of the questions; by default all.")


class Cutoff(Strict):
    """The main analysis with another rule for durations too long to be believed; the areas compared stay."""

    kind: Literal["cutoff"] = Field(description="Leave other durations out as too long.")
    name: Label = Field(description="How the report calls this variant.")
    outliers: OutlierRule = Field(description='The rule, as in `{ rule = "limit", limit = 310 }`.')
    questions: tuple[str, ...] = Field(default=(), description="Keys of the questions; by default all.")

    @property
    def definition(self) -> Definition:
        """The reading that differs."""
        return Definition(outliers=self.outliers)
