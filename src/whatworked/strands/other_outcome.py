"""A secondary analysis of another outcome: the same matched groups, the main model's family, its own unit."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from whatworked.cells import NotEstimated
from whatworked.matching.groups import Matches
from whatworked.protocol.outcomes import SecondaryOutcome
from whatworked.strands.plan import NotRun, Plan, Run
from whatworked.strands.redefined import NO_ROWS
from whatworked.strands.secondary import too_few
from whatworked.strands.variants import Analysis, Asked, Measured, analyse, sides_of
from whatworked.vocabulary import Role


def analyse_other_outcome(
    variant: SecondaryOutcome, plan: Plan, main: Analysis, *, without: Sequence[frozenset[str]]
) -> Iterator[Run | NotRun]:
    """Yield the analysis of another outcome and, if asked for, the same without each set of pilots.

    Parameters
    ----------
    variant : the other outcome
    plan : what is run for the question, and the rows of the other outcome
    main : the question's main analysis, whose family of model it takes
    without : labels of the pilots that the question's leave-outs leave out together
    """
    yield _analysed(variant, plan, main, plan.matches, name=variant.name)
    for labels in without if variant.leave_outs else ():
        name = f"{variant.name}, without {' and '.join(sorted(labels)) or 'flagged pilots'}"
        if labels & {group.pilot.label for group in plan.matches.groups}:
            yield _analysed(variant, plan, main, plan.matches.without(labels), name=name)
        else:
            yield NotRun(name, "none of these pilots is in the main analysis")


def _analysed(variant: SecondaryOutcome, plan: Plan, main: Analysis, matches: Matches, *, name: str) -> Run | NotRun:
    found = plan.redefined[variant.name]
    if isinstance(found, NotEstimated):
        return NotRun(name, found.reason)
    sample = found.lay(matches.groups, plan.question.weight)
    if not sample.cells.used.any():
        return NotRun(name, NO_ROWS)
    sides = sides_of(sample.cells)
    few = too_few(sides.pilots, sides.comparators, plan.thresholds.min_areas)
    if few is not None:
        return NotRun(name, few)
    readings = replace(plan.readings, unit=found.unit)
    analysis = analyse(sample, Asked(name, Role.SECONDARY, main.estimator), readings)
    outcome = variant.outcome
    note = "; ".join(part for part in (f"the effect on {outcome.label}", found.note, analysis.note) if part)
    return Run(replace(analysis, note=note, measured=Measured(outcome.label, found.unit, outcome.better)))
