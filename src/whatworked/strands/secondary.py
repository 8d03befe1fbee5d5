"""Secondary analyses: the main one with another treatment in place of pilot or not.

A pilot without a score, a comparator without a known practice model and an area without a rating leave; nothing is
imputed.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from operator import attrgetter

from whatworked.cells import NotEstimated
from whatworked.estimation import treatments
from whatworked.estimation.design import Treatment
from whatworked.matching.groups import MatchedGroup
from whatworked.protocol.secondary import HIGH_RATINGS, Inspection
from whatworked.protocol.variants import Dose, PracticeModels, Triple
from whatworked.strands.plan import NotRun, Plan, Run
from whatworked.strands.variants import Analysis, Asked, analyse, sides_of
from whatworked.vocabulary import Period, Role


@dataclass(frozen=True)
class Treated:
    """What is fitted, on which matched groups, what its effect is in words, and who had to leave."""

    treatment: Treatment
    groups: tuple[MatchedGroup, ...]
    effect: str
    left: tuple[str, ...]


def analyse_secondary(
    variant: Dose | PracticeModels | Triple, plan: Plan, main: Analysis, *, periods: Sequence[Period]
) -> Run | NotRun:
    """Run a secondary analysis with the family of the main model, or say why it is not run."""
    name, prepared = variant.called, treated_otherwise(variant, plan, periods)
    if isinstance(prepared, NotEstimated):
        return NotRun(name, prepared.reason)
    whole = prepared.groups == plan.matches.groups
    sample = main.sample if whole else plan.lay(prepared.groups, plan.question.weight)
    sides = sides_of(sample.cells)
    few = too_few(sides.pilots, sides.comparators, plan.thresholds.min_areas)
    if few is not None:
        return NotRun(name, "; ".join([*prepared.left, few]))
    found = analyse(sample, Asked(name, Role.SECONDARY, main.estimator, prepared.treatment), plan.readings)
    if isinstance(found.effect, NotEstimated):
        return NotRun(name, f"its effect cannot be told apart from the rest of the model: {found.effect.reason}")
    note = "; ".join(part for part in (prepared.effect, *prepared.left, found.note) if part)
    return Run(replace(found, note=note))


def too_few(pilots: int, comparators: int, least: int) -> str | None:
    """Return that too few areas are left on a side, None where there are enough."""
    if min(pilots, comparators) >= least:
        return None
    return f"fewer than {least} areas on a side are left (pilots: {pilots}, comparators: {comparators})"


def treated_otherwise(
    variant: Dose | PracticeModels | Triple, plan: Plan, periods: Sequence[Period]
) -> Treated | NotEstimated:
    """Return who is treated how, on which matched groups, or why nobody can be."""
    match variant:
        case Dose():
            return _dose(variant, plan)
        case PracticeModels():
            return _practice_models(plan)
        case Triple():
            return _ratings(plan, periods)


def _dose(variant: Dose, plan: Plan) -> Treated | NotEstimated:
    """Divide the scores by the highest of all pilots, matched or not; pilots without one leave with their groups."""
    scores = {pilot.area: pilot.score(variant.score) for pilot in plan.areas.pilots}
    known = {area: score for area, score in scores.items() if score is not None}
    highest = max(known.values(), default=0.0)
    kept = tuple(group for group in plan.matches.groups if group.pilot.area in known)
    if not kept or not highest > 0:
        return NotEstimated(f"no pilot of the main analysis has a {variant.score} score")
    left = _without_pilots(plan, kept, f"without a {variant.score} score")
    doses = {area: score / highest for area, score in known.items()}
    effect = "the effect of a full dose, which is the highest score of all pilots, against none"
    return Treated(treatments.Dose(variant.score, doses), kept, effect, left)


def _practice_models(plan: Plan) -> Treated | NotEstimated:
    """Tell comparators by their practice models; those of which none is known leave."""
    models = {entry.area: entry.model for entry in plan.areas.practice_models}
    kept, gone = _with_known_comparators(plan.matches.groups, models)
    compared = {area for group in kept for area in group.comparators}
    if not any(models[area] == "without" for area in compared):
        return NotEstimated("no comparator is known to be without a similar practice model")
    unknown = _counted(gone, "without a known practice model")
    left = (*unknown, *_without_pilots(plan, kept, "since no comparator of theirs is known"))
    similar = frozenset(area for area in compared if models[area] == "similar")
    effect = "the effect against comparators without a similar practice model"
    return Treated(treatments.PracticeModels(similar), kept, effect, left)


def _ratings(plan: Plan, periods: Sequence[Period]) -> Treated | NotEstimated:
    """Tell areas by their rating in each period; those that were never rated leave."""
    inspections: dict[str, list[Inspection]] = {}
    for entry in plan.areas.ratings:
        inspections.setdefault(entry.area, []).append(entry)
    rated = tuple(group for group in plan.matches.groups if group.pilot.area in inspections)
    kept, gone = _with_known_comparators(rated, inspections)
    areas = {area for group in kept for area in group.areas}
    high = frozenset((area, period.label) for area in areas for period in periods if is_high(inspections[area], period))
    if len(high) in (0, len(areas) * len(periods)):
        same = "a high" if high else "a low"
        return NotEstimated(
            f"all areas that are compared have {same} rating throughout" if areas else "no pilot has a rating"
        )
    unrated = _counted(gone, "since they were never rated")
    left = (*unrated, *_without_pilots(plan, kept, "without a rating, or without a comparator that has one"))
    effect = "by how much the effect at a high rating (good or outstanding) exceeds that at a low one"
    return Treated(treatments.RatingDifference(high), kept, effect, left)


def is_high(inspections: Sequence[Inspection], period: Period) -> bool:
    """Return whether the last inspection up to a period's end found a high rating; before the first, whether that did.

    Decision 0031.
    """
    ordered = sorted(inspections, key=attrgetter("date"))
    before = [one for one in ordered if one.date <= period.end]
    return (before[-1] if before else ordered[0]).rating in HIGH_RATINGS


def _with_known_comparators(
    groups: Sequence[MatchedGroup], known: Mapping[str, object]
) -> tuple[tuple[MatchedGroup, ...], int]:
    """Return the groups with the comparators of which something is known, and how many comparators left."""
    kept = []
    for group in groups:
        mine = [i for i, area in enumerate(group.comparators) if area in known]
        if len(mine) == len(group.comparators):
            kept.append(group)
        elif mine:
            comparators = tuple(group.comparators[i] for i in mine)
            kept.append(replace(group, comparators=comparators, distances=tuple(group.distances[i] for i in mine)))
    every = {area for group in groups for area in group.comparators}
    return tuple(kept), len(every - set(known))


def _without_pilots(plan: Plan, kept: Sequence[MatchedGroup], why: str) -> tuple[str, ...]:
    """Return the sentence on pilots that leave."""
    stay = {group.pilot.area for group in kept}
    labels = [group.pilot.label for group in plan.matches.groups if group.pilot.area not in stay]
    return (f"left out {why}: {', '.join(labels)}",) if labels else ()


def _counted(gone: int, why: str) -> tuple[str, ...]:
    return (f"comparators left out {why}: {gone}",) if gone else ()
