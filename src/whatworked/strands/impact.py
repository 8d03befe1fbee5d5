"""The impact strand: one question from its matched areas to its evidence rating."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from whatworked.cells import NotEstimated
from whatworked.diagnostics.parallel_trends import (
    Drift,
    Hotelling,
    Leads,
    TrendPower,
    hotelling,
    judge_leads,
    trend_power,
)
from whatworked.door.cells import AreaRows
from whatworked.estimation.design import EventTime
from whatworked.estimation.estimate import Estimate
from whatworked.estimation.statistics import Cells
from whatworked.matching.groups import MatchedGroup, Matches
from whatworked.protocol.model import Lags, LeaveOut, Question, Rematch, Reweight, Thresholds, Variant
from whatworked.protocol.outcomes import Cutoff, Redefine
from whatworked.rules.decision import Decision
from whatworked.rules.evidence import EvidenceFacts, rate_evidence
from whatworked.rules.scope import ALL, choose_scope
from whatworked.rules.trends import judge_trends
from whatworked.strands.redefined import Redefined, analyse_redefined
from whatworked.strands.variants import Analysis, AreaLeftOut, Readings, analyse, leave_one_area_out
from whatworked.vocabulary import Period, Role

DAYS_A_YEAR = 365.25


@dataclass(frozen=True)
class Trends:
    """The event-time model of a question, the two trend tests and their power."""

    model: Analysis
    leads: Leads
    joint: Hotelling | NotEstimated
    power: TrendPower | None


@dataclass(frozen=True)
class Run:
    """One analysis beside the main one; a `challenge` is one that a robust effect has to survive."""

    analysis: Analysis
    challenge: bool = False


@dataclass(frozen=True)
class NotRun:
    """An analysis of the protocol that was not run, and why."""

    name: str
    reason: str


@dataclass(frozen=True)
class Impact:
    """Everything the impact strand found about one question; `main` is None where no pilot was matched."""

    question: Question
    matches: Matches
    rows: AreaRows
    main: Analysis | None
    trends: Trends | None
    lags: bool
    others: tuple[Run, ...]
    not_run: tuple[NotRun, ...]
    left_out: tuple[AreaLeftOut, ...]
    decisions: tuple[Decision, ...]
    evidence: Decision


Lay = Callable[[Sequence[MatchedGroup], str], Cells]


@dataclass(frozen=True)
class Plan:
    """What is to be run for a question: its variants, the matches each re-matching variant found, the limits.

    `lay` lays the rows of matched groups side by side under a weight; `years_a_step` is the length of one step of the
    time since the start; `redefined` holds the rows of each variant that defines the outcome in another way.
    """

    question: Question
    variants: tuple[Variant, ...]
    matches: Matches
    rematched: Mapping[str, Matches]
    thresholds: Thresholds
    readings: Readings
    lay: Lay
    years_a_step: float
    redefined: Mapping[str, Redefined | NotEstimated] = field(default_factory=dict)


def evaluate(plan: Plan, rows: AreaRows) -> Impact:
    """Run the main analysis, the trend tests, every variant that applies and the rules, in that order."""
    question, readings = plan.question, plan.readings
    if not plan.matches.groups:
        return _nothing_to_compare(plan, rows)
    cells = plan.lay(plan.matches.groups, question.weight)
    main = analyse(cells, name="main", role=Role.MAIN, readings=readings)
    trends = examine_trends(main, rows.periods, plan)
    scope = choose_scope(
        pilots=main.sides.pilots,
        comparators=main.sides.comparators,
        min_areas=plan.thresholds.min_areas,
        exploratory=question.exploratory,
    )
    if scope.chosen == ALL:
        found = [run for variant in plan.variants for run in _runs(variant, plan)]
    else:
        found = [NotRun(_named(variant), "the question gets its primary analysis only") for variant in plan.variants]
    runs = tuple(run for run in found if isinstance(run, Run))
    trend_decision = judge_trends(
        leads=len(trends.leads.estimated),
        insignificant=trends.leads.insignificant,
        significance=readings.significance,
    )
    decisions = [trend_decision, scope] + ([main.headline] if main.headline else [])
    evidence = rate_evidence(_evidence_facts(plan, main, trend_decision.chosen, runs))
    return Impact(
        question,
        plan.matches,
        rows,
        main,
        trends,
        scope.chosen == ALL and any(isinstance(variant, Lags) for variant in plan.variants),
        runs,
        tuple(run for run in found if isinstance(run, NotRun)),
        leave_one_area_out(main),
        tuple(decisions),
        evidence,
    )


def examine_trends(main: Analysis, periods: Sequence[Period], plan: Plan) -> Trends:
    """Fit the event-time model, judge its leads, test them jointly and say what the tests could have seen."""
    readings = plan.readings
    model = analyse(main.cells, name="leads and lags", role=Role.LEADS, readings=readings, timing=EventTime())
    leads = judge_leads(
        model.fit,
        model.cells,
        unit=readings.unit,
        significance=readings.significance,
        reference_df=readings.reference_df,
    )
    joint = hotelling(main.cells)
    drift = plan.thresholds.drift_per_year
    if drift is None and isinstance(main.effect, Estimate):
        drift = main.effect.std_error / 2
    power = None
    if drift is not None:
        power = trend_power(
            model.fit,
            leads,
            joint,
            drift=Drift(drift, plan.years_a_step, years_between(main.cells, periods)),
            significance=readings.significance,
            seed=readings.seed,
        )
    return Trends(model, leads, joint, power)


def years_between(cells: Cells, periods: Sequence[Period]) -> float:
    """Return the years from the pilots' mean baseline period to their mean post period, by the weights of rows."""
    middle = np.array([(period.start.toordinal() + period.end.toordinal()) / 2 for period in periods])
    pilots = cells.keep(cells.pilot[cells.area] & (cells.weight > 0))
    weight = pilots.weight * pilots.count
    means = [
        float(np.average(middle[pilots.period[phase]], weights=weight[phase])) if phase.any() else np.nan
        for phase in (pilots.post, ~pilots.post)
    ]
    return float(means[0] - means[1]) / DAYS_A_YEAR


def _runs(variant: Variant, plan: Plan) -> list[Run | NotRun]:
    match variant:
        case LeaveOut(pilots=pilots):
            present = [group.pilot.label for group in plan.matches.groups]
            sets = [frozenset({label}) for label in present] if pilots == "each" else [frozenset(pilots)]
            return [_without(labels, plan) for labels in sets]
        case Redefine(name=name) | Cutoff(name=name):
            return [_redefined(name, plan)]
        case Rematch(name=name):
            matches, weight = plan.rematched[name], plan.question.weight
        case Reweight(weight=weight):
            matches, name = plan.matches, _named(variant)
        case Lags():
            return []
    if not matches.groups:
        return [NotRun(name, "no pilot is left with a comparator")]
    cells = plan.lay(matches.groups, weight)
    return [Run(analyse(cells, name=name, role=Role.SENSITIVITY, readings=plan.readings))]


def _without(labels: frozenset[str], plan: Plan) -> Run | NotRun:
    name = f"without {' and '.join(sorted(labels))}"
    if not labels & {group.pilot.label for group in plan.matches.groups}:
        return NotRun(name, "it has no comparator in this question, so it is not in the main analysis")
    left = plan.matches.without(labels)
    if not left.groups:
        return NotRun(name, "no pilot is left")
    cells = plan.lay(left.groups, plan.question.weight)
    return Run(analyse(cells, name=name, role=Role.SENSITIVITY, readings=plan.readings), challenge=True)


def _redefined(name: str, plan: Plan) -> Run | NotRun:
    groups, weight = plan.matches.groups, plan.question.weight
    found = analyse_redefined(plan.redefined[name], groups, weight=weight, name=name, readings=plan.readings)
    return NotRun(name, found.reason) if isinstance(found, NotEstimated) else Run(found, challenge=True)


def _named(variant: Variant) -> str:
    match variant:
        case LeaveOut(pilots=pilots):
            return "leaving out each pilot" if pilots == "each" else f"leaving out {' and '.join(pilots)}"
        case Rematch(name=name) | Redefine(name=name) | Cutoff(name=name):
            return name
        case Reweight(weight=weight):
            return "weighted by population" if weight == "denominator" else "areas weighted equally"
        case Lags():
            return "lags"


def _evidence_facts(plan: Plan, main: Analysis, trends: str, runs: Sequence[Run]) -> EvidenceFacts:
    challenges = [run.analysis for run in runs if run.challenge]
    return EvidenceFacts(
        trends=trends,
        source_p=main.effect.p_value if isinstance(main.effect, Estimate) else None,
        headline_p=headline_p_value(main),
        significance=plan.readings.significance,
        pilots=main.sides.pilots,
        comparators=main.sides.comparators,
        min_areas=plan.thresholds.min_areas,
        concerns=len(plan.question.concerns),
        shaken=sum(_shaken(main, run, plan.readings.significance) for run in challenges),
        challenged=len(challenges),
    )


def _shaken(main: Analysis, run: Analysis, significance: float) -> bool:
    """Whether a run changes the sign of the main effect or loses its significance."""
    if isinstance(main.effect, NotEstimated) or isinstance(run.effect, NotEstimated):
        return isinstance(run.effect, NotEstimated)
    turned = main.effect.estimate * run.effect.estimate < 0
    return turned or (main.effect.p_value < significance and not run.effect.p_value < significance)


def headline_p_value(analysis: Analysis) -> float | None:
    """Return the p-value of the method that the number of areas calls for, None where it gives none."""
    if analysis.menu is None or analysis.headline is None:
        return None
    match analysis.headline.chosen:
        case "wild_restricted":
            wild = analysis.menu.wild
            return None if isinstance(wild, NotEstimated) else wild.p_value
        case "collapsed_t":
            collapsed = analysis.menu.collapsed
            return None if isinstance(collapsed, NotEstimated) else collapsed.estimate.p_value
    return None


def _nothing_to_compare(plan: Plan, rows: AreaRows) -> Impact:
    thresholds = plan.thresholds
    scope = choose_scope(pilots=0, comparators=0, min_areas=thresholds.min_areas, exploratory=plan.question.exploratory)
    facts = EvidenceFacts(
        trends="trends_untested",
        source_p=None,
        headline_p=None,
        significance=plan.readings.significance,
        pilots=0,
        comparators=0,
        min_areas=thresholds.min_areas,
        concerns=len(plan.question.concerns),
        shaken=0,
        challenged=0,
    )
    trends = judge_trends(leads=0, insignificant=0, significance=plan.readings.significance)
    not_run = tuple(NotRun(_named(variant), "no pilot is left with a comparator") for variant in plan.variants)
    return Impact(
        plan.question,
        plan.matches,
        rows,
        main=None,
        trends=None,
        lags=False,
        others=(),
        not_run=not_run,
        left_out=(),
        decisions=(trends, scope),
        evidence=rate_evidence(facts),
    )
