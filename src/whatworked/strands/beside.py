"""The analyses that a protocol asks for beside the main one, each the main one with one thing replaced."""

from collections.abc import Sequence

from whatworked.cells import NotEstimated
from whatworked.matching.groups import Matches
from whatworked.protocol.model import Variant
from whatworked.protocol.outcomes import Cutoff, Redefine, SecondaryOutcome
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
from whatworked.strands.other_outcome import analyse_other_outcome
from whatworked.strands.plan import NotRun, Plan, Run
from whatworked.strands.redefined import analyse_redefined
from whatworked.strands.secondary import analyse_secondary
from whatworked.strands.variants import WORDS, Analysis, Asked, analyse
from whatworked.vocabulary import Estimator, Period, Role


def runs_of(variant: Variant, plan: Plan, main: Analysis, *, periods: Sequence[Period]) -> list[Run | NotRun]:
    """Run what one variant asks for, or say why it is not run; lags and other rule sets are run elsewhere."""
    match variant:
        case LeaveOut():
            return [_without(labels, plan, main, name=named(variant)) for labels in pilots_left_out(variant, plan)]
        case OtherEstimator(estimators=estimators):
            return [_fitted_as(Estimator(name), main, plan) for name in estimators]
        case Redefine(name=name) | Cutoff(name=name):
            return [_redefined(name, plan, main)]
        case SecondaryOutcome() | Dose() | PracticeModels() | Triple():
            return _secondary(variant, plan, main, periods=periods)
        case Rematch() | Reweight():
            return [_otherwise(variant, plan, main)]
        case Lags() | OtherRules():
            return []


def _secondary(
    variant: SecondaryOutcome | Dose | PracticeModels | Triple, plan: Plan, main: Analysis, *, periods: Sequence[Period]
) -> list[Run | NotRun]:
    """Run a secondary analysis: another outcome, also without what the leave-outs leave out, or another treatment."""
    if not isinstance(variant, SecondaryOutcome):
        return [analyse_secondary(variant, plan, main, periods=periods)]
    sets = [labels for one in plan.variants if isinstance(one, LeaveOut) for labels in pilots_left_out(one, plan)]
    return list(analyse_other_outcome(variant, plan, main, without=sets))


def _otherwise(variant: Rematch | Reweight, plan: Plan, main: Analysis) -> Run | NotRun:
    """Run the main analysis with other comparators, or another weight of an area's period."""
    matches = plan.rematched[variant.name] if isinstance(variant, Rematch) else plan.matches
    weight = variant.weight if isinstance(variant, Reweight) else plan.question.weight
    name = named(variant)
    if not matches.groups:
        return NotRun(name, "no pilot is left with a comparator")
    sample = plan.lay(matches.groups, weight)
    return Run(analyse(sample, Asked(name, Role.SENSITIVITY, main.estimator), plan.readings))


def pilots_left_out(variant: LeaveOut, plan: Plan) -> list[frozenset[str]]:
    """Return the labels of the pilots to leave out together, one set a run."""
    present = [group.pilot for group in plan.matches.groups]
    if variant.pilots == "each":
        return [frozenset({pilot.label}) for pilot in present]
    if variant.pilots is not None:
        return [frozenset(variant.pilots)]
    return [frozenset(pilot.label for pilot in present if set(pilot.flags) & set(variant.flags))]


def _fitted_as(estimator: Estimator, main: Analysis, plan: Plan) -> Run | NotRun:
    """Fit the main analysis with another family of model; one that cannot be fitted is not run, with the reason."""
    name = f"fitted as {WORDS[estimator]}"
    if estimator is main.estimator:
        return NotRun(name, "it is the main analysis")
    if main.sample.matched is None:
        return NotRun(name, "the records hold figures of areas, not people")
    found = analyse(main.sample, Asked(name, Role.SENSITIVITY, estimator), plan.readings)
    return Run(found) if found.estimator is estimator else NotRun(name, f"it could not be fitted: {found.unfitted}")


def _without(labels: frozenset[str], plan: Plan, main: Analysis, *, name: str) -> Run | NotRun:
    left = without_pilots(labels, plan, name=name)
    if isinstance(left, NotRun):
        return left
    sample = plan.lay(left.groups, plan.question.weight)
    found = analyse(sample, Asked(_without_named(labels), Role.SENSITIVITY, main.estimator), plan.readings)
    return Run(found, challenge=True)


def without_pilots(labels: frozenset[str], plan: Plan, *, name: str) -> Matches | NotRun:
    """Return the matches without some pilots, or why there is nothing to leave out or nobody left."""
    if not labels:
        return NotRun(name, "no pilot of the main analysis has such a flag")
    name = _without_named(labels)
    if not labels & {group.pilot.label for group in plan.matches.groups}:
        return NotRun(name, "it has no comparator in this question, so it is not in the main analysis")
    left = plan.matches.without(labels)
    return left if left.groups else NotRun(name, "no pilot is left")


def _without_named(labels: frozenset[str]) -> str:
    return f"without {' and '.join(sorted(labels))}"


def _redefined(name: str, plan: Plan, main: Analysis) -> Run | NotRun:
    groups, weight = plan.matches.groups, plan.question.weight
    asked = Asked(name, Role.SENSITIVITY, main.estimator)
    found = analyse_redefined(plan.redefined[name], groups, asked, weight=weight, readings=plan.readings)
    return NotRun(name, found.reason) if isinstance(found, NotEstimated) else Run(found, challenge=True)


def named(variant: Variant) -> str:
    """Return what a variant is called where nothing of it was run."""
    match variant:
        case LeaveOut():
            return _left_out(variant)
        case Rematch(name=name) | Redefine(name=name) | Cutoff(name=name) | SecondaryOutcome(name=name):
            return name
        case Dose() | PracticeModels() | Triple() | OtherRules():
            return variant.called
        case Reweight(weight=weight):
            return "weighted by population" if weight == "denominator" else "areas weighted equally"
        case Lags():
            return "lags"
        case OtherEstimator():
            return "other families of model"


def _left_out(variant: LeaveOut) -> str:
    if variant.pilots == "each":
        return "leaving out each pilot"
    if variant.pilots is None:
        return f"leaving out pilots flagged {' or '.join(variant.flags)}"
    return f"leaving out {' and '.join(variant.pilots)}"
