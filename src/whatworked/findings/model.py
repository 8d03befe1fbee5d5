"""The findings of a study, as `findings.json` holds them.

Exact numbers, nothing rounded and nothing hidden: the file stays inside. A number that could not be had is
None, and a `note` or a reason beside it says why. Shares lie between 0 and 1; periods are given by label.
"""

from typing import Literal

from pydantic import Field
from pydantic.dataclasses import dataclass

from whatworked.cells import Count, Mean, Share
from whatworked.findings.area_match import AreaMatch, AreaName
from whatworked.findings.people import MatchingFindings
from whatworked.findings.quality import CheckedRecords
from whatworked.vocabulary import Arm, Estimator, Method, Phase, Rating, Role

Fact = str | int | float | bool | None | Count | Share | Mean


@dataclass(frozen=True)
class StudyFacts:
    """What the protocol says of the study as a whole, as far as the report repeats it."""

    title: str
    question: str
    intervention: str
    owner: str
    version: str
    protocol_hash: str
    seed: int
    publish_names: bool
    limits: tuple[str, ...] = ()


@dataclass(frozen=True)
class ProtocolKey:
    """A key of the protocol, its value as TOML, its line in the study file; `given` is False for a default."""

    key: str
    value: str
    line: int | None
    given: bool


@dataclass(frozen=True)
class FlowStep:
    """One step from the file to the rows that were used: a rule and what it left.

    `rows` are rows after the step; `left_out` rows that it took away. `persons` is None for area series.
    """

    step: str
    rule: str
    rows: int
    persons: int | None = None
    left_out: int = 0


@dataclass(frozen=True)
class Population:
    """Who or what the question is about: every exclusion, counted."""

    flow: tuple[FlowStep, ...]


@dataclass(frozen=True)
class PeriodFacts:
    """A period of the question's records; dates in ISO form."""

    label: str
    start: str
    end: str


@dataclass(frozen=True)
class SeriesRow:
    """The outcome of one area in one matched group and period; `people` are those behind it, where known."""

    group: str
    area: str
    arm: Arm
    period: str
    phase: Phase
    value: float | None
    people: int | None
    mark: str | None = None


@dataclass(frozen=True)
class SummaryRow:
    """Weighted mean of the outcome in one arm and phase."""

    arm: Arm
    phase: Phase
    mean: float | None
    rows: int
    areas: int
    people: int | None


@dataclass(frozen=True)
class CounterfactualRow:
    """Weighted pilot and comparator means in a period, and what the pilots' would have been without the effect."""

    period: str
    phase: Phase
    pilots: float | None
    comparators: float | None
    counterfactual: float | None
    conf_low: float | None
    conf_high: float | None
    pilot_people: int | None
    comparator_people: int | None


@dataclass(frozen=True)
class AfterStart:
    """The pilots' weighted mean after the start, observed and without the effect, which is their difference.

    `interval` says whose the limits are: the headline test's, the source's where that has none, or of a logit those of
    the average marginal effect.
    """

    pilots: float
    counterfactual: float
    conf_low: float | None
    conf_high: float | None
    effect: float
    interval: Literal["headline", "source", "marginal"]
    people: int | None


@dataclass(frozen=True)
class Effect:
    """An estimated coefficient with its covariance's standard error, read against t(df); df None: normal."""

    term: str
    estimate: float
    unit: str
    std_error: float | None
    df: float | None
    statistic: float | None
    p_value: float | None
    conf_low: float | None
    conf_high: float | None
    note: str | None = None


@dataclass(frozen=True)
class NotEstimatedFact:
    """Why there is no estimate."""

    not_estimated: str


@dataclass(frozen=True)
class DroppedTermFact:
    """A term the model does without."""

    term: str
    reason: str


@dataclass(frozen=True)
class InferenceRow:
    """One way to make a statement about chance; exactly one row of a specification is the headline."""

    method: Method
    headline: bool
    estimate: float | None
    std_error: float | None
    df: float | None
    p_value: float | None
    conf_low: float | None
    conf_high: float | None
    note: str | None = None


@dataclass(frozen=True)
class MeasuredFact:
    """An outcome beside the question's: what a sentence calls it, its unit, and in whose favour it is."""

    label: str
    unit: str
    better: Literal["lower", "higher", "neither"]


@dataclass(frozen=True)
class SpecificationFindings:
    """One analysis: the main one, or the main one with something replaced.

    `measured` is what it measures where that is another outcome than the question's.
    """

    name: str
    role: Role
    estimator: Estimator
    rows: int
    persons: int | None
    areas: int
    pilots: int
    comparators: int
    residual_df: float
    r_squared: float | None
    effect: Effect | NotEstimatedFact
    terms: tuple[Effect, ...]
    dropped_terms: tuple[DroppedTermFact, ...]
    inference: tuple[InferenceRow, ...]
    note: str | None = None
    average_marginal_effect: Effect | NotEstimatedFact | None = None
    odds_ratio: Effect | None = None
    measured: MeasuredFact | None = None


@dataclass(frozen=True)
class PeriodSupport:
    """What stands behind the effect in one period since the start: areas on both sides, and rows, copies included."""

    since: int
    pilots: int
    comparators: int
    rows: int


@dataclass(frozen=True)
class LeftOut:
    """The main effect without one area."""

    area: str
    arm: Arm
    estimate: float | None
    note: str | None = None


@dataclass(frozen=True)
class TestFact:
    """A test of an assumption: `verdict` in a word, `note` in a sentence."""

    name: str
    statistic: float | None
    df: tuple[float, ...]
    p_value: float | None
    verdict: str
    note: str = ""


@dataclass(frozen=True)
class DecisionFact:
    """A decision by rule, its reasons as templates over its facts, and the branches it did not take."""

    decision: str
    chosen: str
    because: tuple[str, ...]
    facts: dict[str, Fact]
    branches_not_taken: tuple[str, ...]


@dataclass(frozen=True)
class Evidence:
    """How far the evidence may be believed."""

    rating: Rating
    because: tuple[str, ...]
    facts: dict[str, Fact] = Field(default_factory=dict)


@dataclass(frozen=True)
class NotRunFact:
    """An analysis of the protocol that was not run, and why."""

    name: str
    reason: str


@dataclass(frozen=True)
class QualityRow:
    """Something that was found in the records and how it was handled: a count, never a value."""

    what: str
    rows: int
    handled: str


@dataclass(frozen=True)
class ReadingFact:
    """One reading of an outcome made from returns: its key, what it settles, how, and whether the question chose it."""

    key: str
    settles: str
    value: str
    chosen_by: Literal["rule_set", "protocol"]


@dataclass(frozen=True)
class RuleSetFacts:
    """What a question comes to under one rule set, on the same areas; `specification` names the analysis.

    `errors` are those of the test, `read_against` what an estimate in standard errors is held against. `conclusion` is
    no_causal_reading, not_estimated, not_significant, significant_rise or significant_fall.
    """

    rule_set: Literal["as_reported", "as_coded"]
    used: bool
    specification: str
    estimator: Estimator
    errors: Literal["clustered", "classical"]
    read_against: Literal["t", "normal"]
    rows: int
    effect: Effect | NotEstimatedFact
    serial_correlation_p: float | None
    hausman_p: float | None
    leads: int
    leads_insignificant: int
    decisions: tuple[DecisionFact, ...]
    readings: tuple[ReadingFact, ...]
    conclusion: str


@dataclass(frozen=True)
class QuestionFindings:
    """Everything found about one question."""

    key: str
    title: str
    outcome: str
    better: Literal["lower", "higher", "neither"]
    unit: str
    source: str
    published: bool
    exploratory: bool
    concerns: tuple[str, ...]
    population: Population
    quality: tuple[QualityRow, ...]
    periods: tuple[PeriodFacts, ...]
    names: tuple[AreaName, ...]
    areas: AreaMatch
    rows: int
    persons: int | None
    incidence: float | None
    summary: tuple[SummaryRow, ...]
    series: tuple[SeriesRow, ...]
    counterfactual: tuple[CounterfactualRow, ...]
    leave_one_area_out: tuple[LeftOut, ...]
    tests: tuple[TestFact, ...]
    decisions: tuple[DecisionFact, ...]
    specifications: tuple[SpecificationFindings, ...]
    evidence: Evidence
    not_run: tuple[NotRunFact, ...] = ()
    matching: MatchingFindings | None = None
    support: tuple[PeriodSupport, ...] = ()
    checked: CheckedRecords = Field(default_factory=CheckedRecords)
    readings: tuple[ReadingFact, ...] = ()
    rule_sets: tuple[RuleSetFacts, ...] = ()
    after_start: AfterStart | None = None


@dataclass(frozen=True)
class Findings:
    """Everything found by a study."""

    study: StudyFacts
    rule_set: Literal["as_reported", "as_coded"]
    significance: float
    stars: tuple[tuple[str, float], ...]
    disclosure: dict[str, str | int]
    questions: tuple[QuestionFindings, ...]
    protocol: tuple[ProtocolKey, ...] = ()
    versions: dict[str, str] = Field(default_factory=dict)
