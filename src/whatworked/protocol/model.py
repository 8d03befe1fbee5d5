"""The protocol of a study: every key that a study file may hold, its type, its default and its meaning.

The models are frozen and strict: an unknown key, a wrong type or a value out of range is a mistake, never
a guess; arrays are tuples. `whatworked.protocol.read` turns TOML into these models,
`whatworked.protocol.check` looks for contradictions between them. The reference page of the
documentation is generated from the descriptions.
"""

import hashlib
import json
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, PrivateAttr

from whatworked.protocol.contexts import AreaCovariates
from whatworked.protocol.holidays import SchoolHoliday
from whatworked.protocol.matching import Matching, MatchingOverride
from whatworked.protocol.outcomes import Cutoff, Outcome, Redefine, SecondaryOutcome
from whatworked.protocol.people import CinCensus, CouncilReturns, Events, Npd, SchoolCensus, Ssda903
from whatworked.protocol.quality import Quality
from whatworked.protocol.secondary import Inspection, PracticeModel, Score
from whatworked.protocol.stretches import CalendarPeriods, ListedPeriod
from whatworked.protocol.strict import Key, Label, Strict
from whatworked.protocol.variants import (
    Dose,
    Lags,
    LeaveOut,
    OtherEstimator,
    OtherRules,
    PracticeModels,
    Rematch,
    Reweight,
    Triple,
)


class Study(Strict):
    """What is asked, by whom, and over which stretch of time."""

    title: Label = Field(description="Title of the report.")
    question: Label = Field(description="The question the study answers, in one sentence.")
    intervention: Label = Field(
        default="the intervention", description="What the pilots did, as it is to be named in a sentence."
    )
    owner: str = Field(default="", description="Who answers for the study.")
    version: str = Field(default="1", description="The protocol's version, as its owner counts.")
    rule_set: Literal["as_reported", "as_coded"] = Field(
        default="as_reported",
        description="Named set of analytic readings. `as_coded` reads the source's test against a normal distribution.",
    )
    seed: int = Field(default=0, ge=0, description="Seed of every random draw.")
    data_start: date | None = Field(
        default=None, description="First day of the study's data; periods that begin before it are not used."
    )
    year_ends: Annotated[str, Field(pattern=r"^\d\d-\d\d$")] = Field(
        default="12-31", description="Month and day on which the years of questions about returns end."
    )
    data_end: date | None = Field(
        default=None, description="Last day of the study's data; periods that end after it are not used."
    )
    school_holidays: tuple[SchoolHoliday, ...] = Field(
        default=(),
        description="School holidays, `{ start, end }`, in order and none left out: the five days before one, and the "
        "day after a bank holiday, are of elevated risk.",
    )
    link: Literal["area", "person"] = Field(
        default="area",
        description="Where re-referral, escalation and entry to care are looked for: in the event's own `area`, or in "
        "every area that has the same `person` by the pupil identifier.",
    )
    limits: tuple[Label, ...] = Field(
        default=(), description="What a reader must know of the study's limits, printed in the report."
    )


class Columns(Strict):
    """Which column of a file holds what."""

    area: str = Field(description="Column with the code of the area.")
    period: str | None = Field(default=None, description="Column with the label of the period (long tables).")
    value: str | None = Field(default=None, description="Column with the outcome (long tables).")
    name: str | None = Field(default=None, description="Column with the name of the area.")
    numerator: str | None = Field(
        default=None, description="Column with the number of people or events behind the value; guards small numbers."
    )
    denominator: str | None = Field(
        default=None,
        description='Column with the population behind the value; the weight under `weight = "denominator"`.',
    )


class AreaSeries(Strict):
    """Published statistics or any other table of areas by periods."""

    kind: Literal["area_series"] = Field(description="A table of areas by periods.")
    path: str = Field(description="CSV or Parquet file inside the study's folder or the folder given by `--data`.")
    columns: Columns = Field(description="Which column holds what.")
    wide: dict[str, str] = Field(
        default={}, description="For a table with a column a period: label of the period → name of the column."
    )
    keep: dict[str, str | tuple[str, ...]] = Field(
        default={}, description="Rows to keep: column → the value, or the list of values, to keep."
    )
    period: CalendarPeriods | tuple[ListedPeriod, ...] = Field(
        description='The periods: `{ kind = "year", ends = "03-31" }` or a list of `{ label, start }`.'
    )
    unit: Label = Field(
        description='Unit of the value, such as "per 10,000 children"; "share" for a value between 0 and 1.'
    )
    source: Label = Field(description="Attribution, printed under every table and figure drawn from the file.")
    published: bool = Field(
        default=False,
        description="True where the file holds released statistics, so that its figures may be shown again.",
    )
    encoding: Literal["utf-8", "utf-16", "latin-1"] = Field(default="utf-8", description="Encoding of a CSV file.")
    duplicates: Literal["refuse", "keep_identical"] = Field(
        default="refuse",
        description="Two rows for one area and period: `refuse`, or `keep_identical` to count equal rows once.",
    )
    blank_areas: Literal["refuse", "leave_out"] = Field(
        default="refuse",
        description="Rows without an area code (often national or regional totals): `refuse`, or `leave_out`, counted.",
    )


Records = Annotated[
    AreaSeries | Events | CinCensus | Ssda903 | Npd | SchoolCensus | AreaCovariates, Field(discriminator="kind")
]


class Pilot(Strict):
    """An area that received the intervention, and when."""

    area: str = Field(min_length=1, description="The area's code, as in the records.")
    label: Label = Field(description="How the report calls the pilot.")
    start: date = Field(description="Day on which the intervention started.")
    embedded: date | None = Field(
        default=None, description="Last day of the settling-in; without it everything from the start on is post."
    )
    delivery: Score | None = Field(
        default=None, description="How well the pilot delivered the intervention: a score on any scale from 0 on."
    )
    embeddedness: Score | None = Field(
        default=None, description="How far the intervention was embedded: a score on any scale from 0 on."
    )
    flags: tuple[Key, ...] = Field(
        default=(), description="What is special about the pilot, for variants that leave such pilots out."
    )

    def score(self, name: Literal["delivery", "embeddedness"]) -> float | None:
        """Return one of its scores, None where it has none."""
        return self.delivery if name == "delivery" else self.embeddedness


class ExcludedArea(Strict):
    """An area that may not be a comparator, and why."""

    area: str = Field(min_length=1, description="The area's code.")
    reason: Label = Field(default="excluded by the protocol", description="Why it may not be a comparator.")


class Successor(Strict):
    """A code that an area had before it was reorganised, and the code that it became."""

    area: str = Field(min_length=1, description="The former code, as in the records.")
    becomes: str = Field(min_length=1, description="The code of the area that it became or went into.")


class Areas(Strict):
    """Who received the intervention, and who may not serve as a comparator."""

    pilots: tuple[Pilot, ...] = Field(min_length=1, description="The pilots.")
    publish_names: bool = Field(
        default=False,
        description="Whether areas may be named in what is released; otherwise pilots go by their labels.",
    )
    excluded: tuple[str | ExcludedArea, ...] = Field(
        default=(), description="Areas that may not be comparators: codes, or `{ area, reason }`."
    )
    successors: tuple[Successor, ...] = Field(
        default=(), description="People's records: areas that were reorganised, as `{ area, becomes }`."
    )
    practice_models: tuple[PracticeModel, ...] = Field(
        default=(), description="What comparators do in its place, `{ area, model }`: for the variant of that kind."
    )
    ratings: tuple[Inspection, ...] = Field(
        default=(), description="Inspections of areas, `{ area, date, rating }`: for the variant of kind `triple`."
    )


class Question(Strict):
    """One question of the study: an outcome, the records that hold it, and how it is weighed."""

    key: Key = Field(description="Short name of the question: small letters, digits and underscores.")
    title: Label = Field(description="The question in words.")
    records: str | tuple[str, ...] = Field(
        description="Name of the `[records.…]` table that holds the outcome; a list of names for returns."
    )
    outcome: Outcome = Field(description="What is measured.")
    weight: Literal["equal", "denominator"] = Field(
        default="equal", description="Weight of an area's period: `equal`, or its `denominator`."
    )
    covariates: tuple[Key, ...] = Field(
        default=(), description="People: covariates of the model, in the order in which they may stay."
    )
    matching: MatchingOverride = Field(default=MatchingOverride(), description="What differs from `[matching]`.")
    estimator: Literal["linear", "logit", "fixed_effects", "random_effects"] | None = Field(
        default=None, description="People: the family of the main model; by default the rules choose it."
    )
    recurrence_veto: bool = Field(
        default=False,
        description="People: the outcome itself brings people back, so that effects for people may not carry the "
        "question.",
    )
    area_covariates: tuple[Key, ...] = Field(
        default=(), description="Covariates of areas by period that enter the question's model, by their names."
    )
    exploratory: bool = Field(default=False, description="An exploratory question gets its primary analysis only.")
    concerns: tuple[Label, ...] = Field(
        default=(),
        description="Known concerns about the quality of these data; each study with one is marked down a step.",
    )

    @property
    def sources(self) -> tuple[str, ...]:
        """Names of the records that the question is answered from."""
        return (self.records,) if isinstance(self.records, str) else self.records

    @property
    def table(self) -> str:
        """Name of the table that holds the outcome; of returns, the first."""
        return self.sources[0] if self.sources else ""


Variant = Annotated[
    LeaveOut
    | Lags
    | Rematch
    | Reweight
    | OtherEstimator
    | Redefine
    | Cutoff
    | SecondaryOutcome
    | Dose
    | PracticeModels
    | Triple
    | OtherRules,
    Field(discriminator="kind"),
]


class Star(Strict):
    """A mark for p-values below a limit."""

    mark: Annotated[str, Field(min_length=1, max_length=3)] = Field(description="The mark.")
    below: Annotated[float, Field(gt=0, lt=1)] = Field(description="It is printed where p is below this.")


class Thresholds(Strict):
    """The limits that the decision rules use."""

    significance: float = Field(default=0.05, gt=0, lt=1, description="A p-value below this is called significant.")
    rare_outcome: Annotated[float, Field(ge=0, le=1)] | None = Field(
        default=None, description="A share of events with an incidence below this is fitted by a logit; by default 0.1."
    )
    repeated_share: Annotated[float, Field(ge=0, le=1)] | None = Field(
        default=None,
        description="Effects for people may carry a question where more than this share of rows repeat; by default "
        "0.15.",
    )
    min_areas: int = Field(
        default=3, ge=1, description="With fewer pilots or comparators: no sensitivity and no secondary analysis."
    )
    drift_per_year: float | None = Field(
        default=None,
        description="Drift of the pilots against their comparators, in units a year, that the trend tests' power is "
        "stated for; by default half the effect's standard error.",
    )
    stars: tuple[Star, ...] = Field(
        default=(Star(mark="*", below=0.1), Star(mark="**", below=0.05), Star(mark="***", below=0.01)),
        description="Marks of the regression tables; the smallest limit that holds wins.",
    )


class Disclosure(Strict):
    """What may leave: a named profile, or the study's own numbers over it."""

    profile: Literal["srs", "dfe", "report"] = Field(
        default="srs",
        description="`srs`: counts below 10 are hidden; `dfe`: 1 to 5 are hidden and shown as c; "
        "`report`: below 10, shown as -.",
    )
    smallest: Annotated[int, Field(ge=1)] | None = Field(
        default=None, description="Own limit: counts below it are hidden."
    )
    residual_df: Annotated[int, Field(ge=0)] | None = Field(
        default=None, description="Own limit: estimates with fewer residual degrees of freedom are hidden."
    )
    symbol: Annotated[str, Field(min_length=1, max_length=12)] | None = Field(
        default=None, description="What is printed in place of a hidden number."
    )


class Protocol(Strict):
    """A study, whole."""

    study: Study = Field(description="What is asked.")
    records: dict[Key, Records] = Field(min_length=1, description="The files, each under a name of its own.")
    areas: Areas = Field(description="Pilots and areas left out.")
    matching: Matching = Field(default=Matching(), description="How comparators are chosen.")
    question: tuple[Question, ...] = Field(min_length=1, description="The questions.")
    variant: tuple[Variant, ...] = Field(default=(), description="Analyses beside the main one.")
    thresholds: Thresholds = Field(default=Thresholds(), description="Limits of the decision rules.")
    quality: Quality = Field(default=Quality(), description="Limits of faults in the records.")
    disclosure: Disclosure = Field(default=Disclosure(), description="What may leave.")

    _folder: Path = PrivateAttr(default=Path())
    _lines: Mapping[tuple[str | int, ...], int] = PrivateAttr(default_factory=dict)

    @property
    def folder(self) -> Path:
        """Folder of the study file; the paths of `[records.…]` start here."""
        return self._folder

    @property
    def lines(self) -> Mapping[tuple[str | int, ...], int]:
        """The line of every key in the study file; empty for a protocol that was read from none."""
        return self._lines

    @property
    def digest(self) -> str:
        """SHA-256 of the protocol as parsed: comments, order of keys and layout do not matter."""
        text = json.dumps(self.model_dump(mode="json"), sort_keys=True, ensure_ascii=False)
        return hashlib.sha256(text.encode()).hexdigest()

    def placed_in(self, folder: Path, lines: Mapping[tuple[str | int, ...], int] | None = None) -> "Protocol":
        """Return the protocol with the folder that its paths start from, and the lines that its keys stand on."""
        placed = self.model_copy()
        placed._folder = folder
        placed._lines = lines or {}
        return placed

    @property
    def tables(self) -> dict[str, AreaSeries | Events]:
        """The tables of records that hold an outcome as it is."""
        return {name: one for name, one in self.records.items() if isinstance(one, AreaSeries | Events)}

    @property
    def returns(self) -> dict[str, CouncilReturns]:
        """The returns of councils, from which outcomes are made."""
        return {name: one for name, one in self.records.items() if isinstance(one, CouncilReturns)}

    @property
    def contexts(self) -> dict[str, AreaCovariates]:
        """The tables of records that hold covariates of areas."""
        return {name: one for name, one in self.records.items() if isinstance(one, AreaCovariates)}

    @property
    def successors(self) -> dict[str, str]:
        """Former codes of areas → the codes that they became."""
        return {entry.area: entry.becomes for entry in self.areas.successors}

    def excluded(self) -> dict[str, str]:
        """Return the areas that may not be comparators: code → reason."""
        entries = (e if isinstance(e, ExcludedArea) else ExcludedArea(area=e) for e in self.areas.excluded)
        return {entry.area: entry.reason for entry in entries}

    def matching_of(self, question: Question) -> Matching:
        """Return how the comparators of a question are chosen."""
        return question.matching.over(self.matching)

    def variants_of(self, question: Question) -> tuple[Variant, ...]:
        """Return the variants that apply to a question, in the order of the file."""
        return tuple(v for v in self.variant if not v.questions or question.key in v.questions)
