"""The impact strand: one question from its matched areas to its evidence rating."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from whatworked.cells import NotEstimated
from whatworked.diagnostics.parallel_trends import (
    Drift,
    Hotelling,
    Leads,
    TrendPower,
    hotelling,
    trend_power,
)
from whatworked.door.cells import AreaRows
from whatworked.door.samples import Sample
from whatworked.estimation.design import BeforeAfter, EventTime
from whatworked.estimation.estimate import Estimate
from whatworked.estimation.randomisation import EFFECT
from whatworked.estimation.statistics import Cells
from whatworked.matching.groups import Matches
from whatworked.protocol.model import Question
from whatworked.protocol.variants import Lags
from whatworked.rules.decision import Decision
from whatworked.rules.estimator import fall_back_to_linear
from whatworked.rules.evidence import EvidenceFacts, rate_evidence
from whatworked.rules.scope import ALL, choose_scope
from whatworked.rules.trends import judge_trends
from whatworked.strands.additions import compare_additions
from whatworked.strands.beside import named, runs_of
from whatworked.strands.choice import PeopleTests, choose_for_people
from whatworked.strands.models import fit_model
from whatworked.strands.plan import NotRun, Plan, Run
from whatworked.strands.variants import (
    WORDS,
    Analysis,
    AreaLeftOut,
    Asked,
    analyse,
    clustered_on_people,
    leave_one_area_out,
)
from whatworked.vocabulary import Estimator, Period, Role

DAYS_A_YEAR = 365.25
# The families that take no account of a person's errors following one another.
POOLED = (Estimator.LINEAR, Estimator.LOGIT)


@dataclass(frozen=True)
class Trends:
    """The event-time model of a question, the two trend tests and their power."""

    model: Analysis
    leads: Leads
    joint: Hotelling | NotEstimated
    power: TrendPower | None


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
    people: PeopleTests | None = None


def evaluate(plan: Plan, rows: AreaRows) -> Impact:
    """Run the main analysis, the trend tests, every variant that applies and the rules, in that order."""
    question, readings = plan.question, plan.readings
    if not plan.matches.groups:
        return _nothing_to_compare(plan, rows)
    sample = plan.lay(plan.matches.groups, question.weight)
    chosen = _chosen(sample, plan)
    main = analyse(sample, Asked("main", Role.MAIN, chosen.estimator), readings)
    decisions = [*chosen.decisions]
    unhandled = chosen.correlated and main.estimator in POOLED
    if chosen.estimator is not main.estimator:
        decisions.append(fall_back_to_linear(chosen.estimator.value, WORDS[chosen.estimator], main.unfitted))
    trends = examine_trends(main, rows.periods, plan)
    scope = choose_scope(
        pilots=main.sides.pilots,
        comparators=main.sides.comparators,
        min_areas=plan.thresholds.min_areas,
        exploratory=question.exploratory,
    )
    found = _additions(main, plan, clustered=unhandled)
    if scope.chosen == ALL:
        found += [run for variant in plan.variants for run in runs_of(variant, plan, main, periods=rows.periods)]
    else:
        found += [NotRun(named(variant), "the question gets its primary analysis only") for variant in plan.variants]
    runs = tuple(run for run in found if isinstance(run, Run))
    trend_decision = judge_trends(
        leads=len(trends.leads.estimated),
        insignificant=trends.leads.insignificant,
        significance=readings.significance,
    )
    additions = compare_additions(main, [run.analysis for run in runs], significance=readings.significance)
    decisions += [trend_decision, scope, *([main.headline] if main.headline else []), additions]
    facts = _evidence_facts(plan, main, trend_decision.chosen, runs)
    evidence = rate_evidence(replace(facts, serial_correlation_unhandled=unhandled))
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
        chosen.tests,
    )


@dataclass(frozen=True)
class _Choice:
    """The family of the main model, what led to it, and whether a person's errors are correlated over time."""

    estimator: Estimator
    decisions: tuple[Decision, ...] = ()
    correlated: bool = False
    tests: PeopleTests | None = None


def _chosen(sample: Sample, plan: Plan) -> _Choice:
    """Choose the family of the main model: linear for figures of areas, by rule for people, or as the protocol says."""
    if sample.matched is None or not sample.cells.used.any():
        return _Choice(Estimator.LINEAR)
    found = choose_for_people(sample.matched, share=plan.share, veto=plan.question.recurrence_veto, rules=plan.rules)
    serial = found.tests.serial
    correlated = not isinstance(serial, NotEstimated) and serial.p_value < plan.rules.significance
    if plan.question.estimator is None:
        return _Choice(found.estimator, found.choice.decisions, correlated, found.tests)
    named = Estimator(plan.question.estimator)
    said = Decision("main_model", named.value, ("the protocol names the model",), {}, ())
    return _Choice(named, (said,), correlated, found.tests)


def _additions(main: Analysis, plan: Plan, *, clustered: bool) -> list["Run | NotRun"]:
    """Return what stands beside the main analysis whatever the protocol asks for.

    Where errors are correlated over time and the main model does not handle it, the errors are clustered on people as
    well; beside a logit stands the linear model, whose effect is in the outcome's own share.
    """
    found: list[Run | NotRun] = []
    if clustered:
        found.append(Run(clustered_on_people(main)))
    if main.sample.plain is not None:
        asked = Asked("without covariates of areas", Role.ADDITIONAL, main.estimator)
        found.append(Run(analyse(main.sample.plain, asked, plan.readings)))
    if main.estimator is Estimator.LOGIT:
        asked = Asked("linear probability model", Role.ADDITIONAL)
        found.append(Run(analyse(main.sample, asked, plan.readings)))
    return found


def examine_trends(main: Analysis, periods: Sequence[Period], plan: Plan) -> Trends:
    """Fit the event-time model, judge its leads, test them jointly and say what the tests could have seen."""
    readings = plan.readings
    family = Estimator.LINEAR if main.estimator is Estimator.RANDOM_EFFECTS else main.estimator
    model = analyse(main.sample, Asked("leads and lags", Role.LEADS, family, EventTime()), readings)
    leads = model.leads(readings.significance)
    if not leads.estimated and model.estimator is not Estimator.LINEAR:
        model = analyse(main.sample, Asked("leads and lags", Role.LEADS, timing=EventTime()), readings)
        leads = model.leads(readings.significance)
    joint = hotelling(main.cells)
    return Trends(model, leads, joint, _power(main, leads, joint, periods, plan))


def _power(
    main: Analysis, leads: Leads, joint: Hotelling | NotEstimated, periods: Sequence[Period], plan: Plan
) -> TrendPower | None:
    """Return what the tests could have seen, in the outcome's own unit: of a logit, by the linear model's leads."""
    readings, effect = plan.readings, main.effect
    if main.estimator is Estimator.LOGIT:
        linear = analyse(main.sample, Asked("leads", Role.LEADS, timing=EventTime()), readings)
        leads = linear.leads(readings.significance)
        found = fit_model(main.sample, Estimator.LINEAR, BeforeAfter(), readings)
        effect = found if isinstance(found, NotEstimated) else found.estimate(EFFECT)
    drift = plan.thresholds.drift_per_year
    if drift is None and isinstance(effect, Estimate):
        drift = effect.std_error / 2
    if drift is None:
        return None
    return trend_power(
        leads,
        joint,
        drift=Drift(drift, plan.years_a_step, years_between(main.cells, periods)),
        significance=readings.significance,
        seed=readings.seed,
    )


def years_between(cells: Cells, periods: Sequence[Period]) -> float:
    """Return the years from the pilots' mean baseline period to their mean post period, by the weights of rows."""
    middle = np.array([(period.start.toordinal() + period.end.toordinal()) / 2 for period in periods])
    pilots = cells.keep(cells.pilot[cells.area] & cells.used)
    weight = pilots.weight
    means = [
        float(np.average(middle[pilots.period[phase]], weights=weight[phase])) if phase.any() else np.nan
        for phase in (pilots.post, ~pilots.post)
    ]
    return float(means[0] - means[1]) / DAYS_A_YEAR


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
        concerns_found=plan.concerns_found,
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
        concerns_found=plan.concerns_found,
    )
    trends = judge_trends(leads=0, insignificant=0, significance=plan.readings.significance)
    not_run = tuple(NotRun(named(variant), "no pilot is left with a comparator") for variant in plan.variants)
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
