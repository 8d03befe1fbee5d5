"""The impact strand: one question from its matched areas to its evidence rating."""

from collections.abc import Iterable, Iterator, Sequence
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
from whatworked.estimation.design import BeforeAfter, EventTime
from whatworked.estimation.estimate import Estimate
from whatworked.estimation.randomisation import EFFECT
from whatworked.estimation.statistics import Cells
from whatworked.matching.groups import Matches
from whatworked.protocol.model import Question
from whatworked.protocol.variants import Lags, OtherRules
from whatworked.rules.decision import Decision
from whatworked.rules.estimator import fall_back_to_linear
from whatworked.rules.evidence import EvidenceFacts, rate_evidence
from whatworked.rules.scope import ALL, choose_scope, primary_only
from whatworked.rules.trends import judge_trends
from whatworked.strands.additions import compare_additions
from whatworked.strands.beside import named, runs_of
from whatworked.strands.choice import Choice, PeopleTests, choose_family_of_model
from whatworked.strands.leads import fit_leads
from whatworked.strands.models import fit_model
from whatworked.strands.other_rules import (
    UnderRules,
    analyse_under_other_rules,
    beside_the_used,
    runs_of_rules,
    under_rules,
)
from whatworked.strands.plan import NotRun, Plan, Run
from whatworked.strands.variants import (
    ON_PEOPLE,
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
    """Everything the impact strand found about one question; `main` is None where no pilot was matched.

    `rule_sets` holds what each rule set makes of it, the one that is used first; empty where only one was asked for.
    """

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
    rule_sets: tuple[UnderRules, ...] = ()


def evaluate(plan: Plan, rows: AreaRows) -> Impact:
    """Run the main analysis, the trend tests, every variant that applies and the rules, in that order."""
    question, readings = plan.question, plan.readings
    if not plan.matches.groups:
        return _nothing_to_compare(plan, rows)
    sample = plan.lay(plan.matches.groups, question.weight)
    chosen = choose_family_of_model(sample, plan)
    main = analyse(sample, Asked("main", Role.MAIN, chosen.estimator), readings)
    decisions = [*chosen.decisions]
    if chosen.estimator is not main.estimator:
        decisions.append(fall_back_to_linear(chosen.estimator.value, WORDS[chosen.estimator], main.unfitted))
    trends = examine_trends(main, rows.periods, plan)
    used = under_rules(plan.rules, main, decisions, tests=chosen.tests, leads=trends.leads)
    scope = choose_scope(
        pilots=main.sides.pilots,
        comparators=main.sides.comparators,
        min_areas=plan.thresholds.min_areas,
        exploratory=question.exploratory,
    )
    others = tuple(analyse_under_other_rules(plan))
    found = [
        *_additions(main, plan, chosen),
        *_asked_for(plan, main, scope, periods=rows.periods),
        *runs_of_rules(others),
    ]
    runs = tuple(run for run in found if isinstance(run, Run))
    additions = compare_additions(main, [run.analysis for run in runs], significance=readings.significance)
    headline = [main.headline] if main.headline else []
    unhandled = _unhandled(main, chosen)
    facts = replace(_evidence_facts(plan, main, used.trends.chosen, runs), serial_correlation_unhandled=unhandled)
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
        (*used.decisions, scope, *headline, additions, *beside_the_used(used, others)),
        rate_evidence(facts),
        chosen.tests,
        (used, *(one for one in others if isinstance(one, UnderRules))) if others else (),
    )


def _asked_for(plan: Plan, main: Analysis, scope: Decision, *, periods: Sequence[Period]) -> list["Run | NotRun"]:
    """Run the variants that the protocol asks for, or say of each why the question does without."""
    if scope.chosen == ALL:
        found = (run for variant in plan.variants for run in runs_of(variant, plan, main, periods=periods))
        return list(_each_once(found))
    why = primary_only(scope)
    return [NotRun(named(variant), why) for variant in plan.variants if not isinstance(variant, OtherRules)]


def _each_once(found: Iterable["Run | NotRun"]) -> Iterator["Run | NotRun"]:
    """Yield what was run; of two leave-outs that come to the same pilots the second is no challenge of its own."""
    seen: set[str] = set()
    for run in found:
        if isinstance(run, Run) and run.challenge and run.analysis.name in seen:
            yield NotRun(run.analysis.name, "another leave-out leaves the same pilots out")
            continue
        if isinstance(run, Run):
            seen.add(run.analysis.name)
        yield run


def _unhandled(main: Analysis, chosen: Choice) -> bool:
    """Whether a person's errors follow one another and the main model takes no account of it."""
    return chosen.correlated and main.estimator in POOLED


def _additions(main: Analysis, plan: Plan, chosen: Choice) -> list["Run | NotRun"]:
    """Return what stands beside the main analysis whatever the protocol asks for.

    Where errors are correlated over time and the main model does not handle it, the errors are clustered on people as
    well; beside a logit stands the linear model, whose effect is in the outcome's own share.
    """
    found: list[Run | NotRun] = []
    if _unhandled(main, chosen):
        found.append(Run(clustered_on_people(main)))
    elif chosen.tests is not None:
        found.append(NotRun(ON_PEOPLE, _not_clustered(main, chosen)))
    if main.sample.plain is not None:
        asked = Asked("without covariates of areas", Role.ADDITIONAL, main.estimator)
        found.append(Run(analyse(main.sample.plain, asked, plan.readings)))
    if main.estimator is Estimator.LOGIT:
        asked = Asked("linear probability model", Role.ADDITIONAL)
        found.append(Run(analyse(main.sample, asked, plan.readings)))
    return found


def _not_clustered(main: Analysis, chosen: Choice) -> str:
    """Say why nothing asks for errors that are clustered on people."""
    if chosen.correlated:
        return f"the main model, {WORDS[main.estimator]}, takes account of a person's errors following one another"
    if chosen.tests is not None and isinstance(chosen.tests.serial, NotEstimated):
        return f"serial correlation could not be tested: {chosen.tests.serial.reason}"
    return "a person's errors do not follow one another more than by chance"


def examine_trends(main: Analysis, periods: Sequence[Period], plan: Plan) -> Trends:
    """Fit the event-time model, judge its leads, test them jointly and say what the tests could have seen."""
    model, leads = fit_leads(main, plan.readings)
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
