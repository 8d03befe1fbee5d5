"""What can be said of an analysis before any outcome is read: whether it will be run, and if not, why."""

from collections.abc import Sequence

from whatworked.cells import NotEstimated
from whatworked.protocol.model import Variant
from whatworked.protocol.outcomes import Cutoff, Redefine, SecondaryOutcome
from whatworked.protocol.variants import Dose, LeaveOut, OtherEstimator, OtherRules, PracticeModels, Rematch, Triple
from whatworked.rules.decision import Decision
from whatworked.rules.scope import ALL, choose_scope, primary_only
from whatworked.strands.beside import named, pilots_left_out, without_pilots
from whatworked.strands.plan import NotRun, Plan
from whatworked.strands.secondary import too_few, treated_otherwise
from whatworked.vocabulary import Period

NO_PILOT = "no pilot is left with a comparator"
NO_PEOPLE = "the records hold figures of areas, not people"


def areas_compared(plan: Plan) -> tuple[int, int]:
    """Return how many pilots found comparators, and how many comparators they have."""
    groups = plan.matches.groups
    return len(groups), len({area for group in groups for area in group.comparators})


def foresee(variant: Variant, plan: Plan, *, periods: Sequence[Period], people: bool) -> str | None:
    """Return why a variant will not be run, as far as areas, scores and definitions tell; None if it will.

    Parameters
    ----------
    variant : the analysis beside the main one
    plan : what is to be run; nothing is laid
    periods : the question's periods
    people : whether the records are of people
    """
    if not plan.matches.groups:
        return NO_PILOT
    scope = scope_foreseen(plan)
    if scope.chosen != ALL and not isinstance(variant, OtherRules):
        return primary_only(scope)
    return _of_its_own(variant, plan, periods=periods, people=people)


def _of_its_own(variant: Variant, plan: Plan, *, periods: Sequence[Period], people: bool) -> str | None:
    """Return what speaks against a variant by itself."""
    why: str | None = None
    match variant:
        case LeaveOut():
            why = _leave_out(variant, plan)
        case OtherEstimator():
            why = None if people else NO_PEOPLE
        case Rematch(name=name):
            why = None if plan.rematched[name].groups else NO_PILOT
        case Dose() | PracticeModels() | Triple():
            why = _treated(variant, plan, periods)
        case Redefine() | Cutoff() | SecondaryOutcome() | OtherRules():
            found = plan.redefined[named(variant)]
            why = found.reason if isinstance(found, NotEstimated) else None
    return why


def scope_foreseen(plan: Plan) -> Decision:
    """Return which analyses the question gets by the areas that are matched; some may be lost with their rows."""
    pilots, comparators = areas_compared(plan)
    return choose_scope(
        pilots=pilots,
        comparators=comparators,
        min_areas=plan.thresholds.min_areas,
        exploratory=plan.question.exploratory,
    )


def _leave_out(variant: LeaveOut, plan: Plan) -> str | None:
    """Return why pilots will not be left out: none of the sets that are asked for leaves anybody out, or anybody."""
    found = [without_pilots(labels, plan, name=named(variant)) for labels in pilots_left_out(variant, plan)]
    reasons = [one.reason for one in found if isinstance(one, NotRun)]
    return reasons[0] if len(reasons) == len(found) else None


def _treated(variant: Dose | PracticeModels | Triple, plan: Plan, periods: Sequence[Period]) -> str | None:
    found = treated_otherwise(variant, plan, periods)
    if isinstance(found, NotEstimated):
        return found.reason
    comparators = {area for group in found.groups for area in group.comparators}
    few = too_few(len(found.groups), len(comparators), plan.thresholds.min_areas)
    return None if few is None else "; ".join([*found.left, few])
