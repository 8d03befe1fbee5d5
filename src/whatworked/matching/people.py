"""Matching people: coarsened exact matching within matched group and phase, and what it did to the balance."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from whatworked.cells import NotEstimated
from whatworked.diagnostics.balance import (
    Imbalance,
    Moments,
    effective_sample_size,
    imbalance,
    moments,
    standardised_difference,
)
from whatworked.estimation.cem import cem_weights, event_copy_weights, matched, strata_of
from whatworked.estimation.coarsening import (
    MISSING,
    Bins,
    Coarsening,
    Cuts,
    FreedmanDiaconis,
    Grouping,
    Scott,
    Settled,
    Sturges,
    imbalance_breaks,
    settled,
    spread_of,
)
from whatworked.estimation.people import Category, Covariate, People, Quantity
from whatworked.estimation.statistics import Flags, Floats, Integers
from whatworked.protocol.coarsening import AutomaticBins, CoarseningChoice, CutPoints, EqualBins, Groups
from whatworked.vocabulary import Arm

RULES: Mapping[str, Coarsening] = {
    "sturges": Sturges(),
    "scott": Scott(),
    "freedman_diaconis": FreedmanDiaconis(),
}


def option_of(choice: CoarseningChoice) -> Coarsening | None:
    """Return a protocol's choice as the option that coarsens, None for an exact match."""
    match choice:
        case CutPoints(cuts=cuts, closed=closed):
            return Cuts(*(float(cut) for cut in cuts), closed=closed)
        case EqualBins(bins=bins):
            return Bins(bins)
        case AutomaticBins(rule=rule):
            return RULES[rule]
        case Groups(groups=groups):
            return Grouping(*groups)
    return None


@dataclass(frozen=True)
class Coarsened:
    """A covariate and the cut points or groups that its rows are put into; None where every value is its own."""

    name: str
    bins: Settled | None
    stated: bool = True

    @property
    def words(self) -> tuple[str, ...]:
        """Every bin in words; none where every value is its own.

        The cut points that a rule finds are not told: the outer ones are the least and the greatest value of the
        records, which are single persons'.
        """
        if self.bins is None:
            return ()
        if isinstance(self.bins, Cuts) and not self.stated:
            return (f"{max(len(self.bins.points) - 1, 1)} equal bins",)
        number = len(self.bins.points) + 1 if isinstance(self.bins, Cuts) else len(self.bins.groups)
        return tuple(self.bins.label(place) for place in range(number))

    def label(self, number: int) -> str:
        """Return one bin in words."""
        assert self.bins is not None
        if number == MISSING:
            return self.bins.label(number)
        return self.bins.label(number) if self.stated else f"bin {number}"


def coarsened(people: People, choices: Mapping[str, CoarseningChoice]) -> tuple[Coarsened, ...]:
    """Settle how each covariate is coarsened, on all the rows there are."""
    own = {covariate.name: covariate for covariate in people.covariates}
    found = []
    for name, choice in choices.items():
        option = option_of(choice)
        stated = isinstance(option, Cuts | Grouping)
        found.append(Coarsened(name, None if option is None else settled(option, values_of(own[name])), stated))
    return tuple(found)


def values_of(covariate: Covariate) -> Floats | np.ndarray:
    """Return a covariate's values (n,): numbers from 0, or the names of levels."""
    if isinstance(covariate, Quantity):
        return covariate.values + covariate.origin
    return np.array(covariate.levels, dtype=object)[covariate.codes]


def bins_of(covariate: Covariate, rule: Settled | None) -> Integers:
    """Return the bin (n,) of each row; without a rule every value is a bin of its own."""
    if isinstance(covariate, Category):
        if rule is None:
            return covariate.codes
        return rule.bins(np.array(covariate.levels, dtype=object))[covariate.codes]
    if rule is None:
        _, number = np.unique(covariate.values, return_inverse=True)
        return np.asarray(number, dtype=np.int64)
    return rule.bins(covariate.values + covariate.origin)


def match_people(people: People, rules: Sequence[Coarsened]) -> tuple[People, Integers]:
    """Weigh rows by coarsened exact matching within matched group and phase; unmatched rows weigh 0.

    Parameters
    ----------
    people : rows of matched groups, each of weight 1
    rules : how each covariate is coarsened; without any the rows are not matched and weigh 1 over their copies

    Returns
    -------
    The rows with their weights, CEM weight times copy weight, and the stratum (n,) of each. Copies of an event are
    counted among the rows that matching keeps.

    Source
    ------
    Iacus, King & Porro (2012). Decision 0023. Proof: tests/test_people_matching.py
    """
    if not rules:
        everyone = np.ones(len(people.area), dtype=bool)
        return replace(people, weight=event_copy_weights(people.event, everyone)), np.zeros_like(people.area)
    own = {covariate.name: covariate for covariate in people.covariates}
    bins = [bins_of(own[rule.name], rule.bins) for rule in rules]
    stratum, _ = strata_of([people.group, people.post.astype(np.int64), *bins])
    kept = matched(stratum, people.treated)
    copies = event_copy_weights(people.event, kept)
    weights = cem_weights(stratum, people.treated, copy_weight=copies)
    return replace(people, weight=weights.weight), stratum


@dataclass(frozen=True)
class ArmCount:
    """Rows, events and persons of an arm before and after matching, and how many rows of equal weight tell as much."""

    arm: Arm
    rows: int
    matched_rows: int
    events: int
    matched_events: int
    persons: int
    matched_persons: int
    effective: float
    weight: float


@dataclass(frozen=True)
class VariableBalance:
    """How alike the arms are in one covariate, or one level of it, before and after matching.

    `before` and `after` are L1 distances over the covariate's bins; the differences in means are in standard
    deviations of the pilot rows before matching; None where there is none.
    """

    name: str
    bins: int
    l1_before: float | None
    l1_after: float | None
    difference_before: float | None
    difference_after: float | None
    variance_ratio_before: float | None
    variance_ratio_after: float | None


@dataclass(frozen=True)
class CovariateMean:
    """A covariate's weighted mean, or the share of one of its levels, in the rows of an arm in the baseline.

    `mean` is None where no row has a value; `rows` are the unweighted rows behind it, `cases` those with the level.
    """

    name: str
    level: str | None
    arm: Arm
    mean: float | None
    rows: int
    cases: int | None


@dataclass(frozen=True)
class LostRows:
    """Rows of an arm without a counterpart, by one bin of a covariate."""

    name: str
    level: str
    arm: Arm
    rows: int
    lost: int


@dataclass(frozen=True)
class PeopleMatching:
    """What matching people did: who stayed, how alike the arms became, and whom it lost."""

    rules: tuple[Coarsened, ...]
    strata: int
    matched_strata: int
    arms: tuple[ArmCount, ...]
    before: Imbalance | None
    after: Imbalance | None
    variables: tuple[VariableBalance, ...]
    means: tuple[CovariateMean, ...]
    lost: tuple[LostRows, ...]


def describe_matching(people: People, stratum: Integers, rules: Sequence[Coarsened]) -> PeopleMatching:
    """Describe a match on the covariates as they were before coarsening.

    Parameters
    ----------
    people : all rows handed to the matching, with the weights it gave them
    stratum : (n,) of each row
    rules : how the covariates were coarsened

    Returns
    -------
    PeopleMatching. Its breaks are those of all rows before matching, its cells leave out group and phase, and the
    rows weigh what they were given after matching and 1 before.

    Source
    ------
    Iacus, King & Porro (2011). Decision 0024. Proof: tests/test_people_matching.py
    """
    own = {covariate.name: covariate for covariate in people.covariates}
    used = [own[rule.name] for rule in rules] or list(people.covariates)
    fine = [bins_of(covariate, _breaks(covariate)) for covariate in used]
    ones = np.ones(len(people.area))
    kept = people.weight > 0
    arms = (Arm.PILOT, Arm.COMPARATOR)
    return PeopleMatching(
        tuple(rules),
        len(np.unique(stratum)),
        len(np.unique(stratum[kept])),
        tuple(_arm_count(people, arm, kept) for arm in arms),
        _imbalance(fine, people.treated, ones),
        _imbalance(fine, people.treated, people.weight),
        tuple(row for covariate, bins in zip(used, fine, strict=True) for row in _variable(people, covariate, bins)),
        tuple(row for covariate in people.covariates for arm in arms for row in _means(people, covariate, arm)),
        tuple(row for rule in rules for arm in arms for row in _lost(people, own[rule.name], rule, arm)),
    )


def _breaks(covariate: Covariate) -> Settled | None:
    """Return the breaks of a number by which its balance is measured; a category has a cell a level."""
    if isinstance(covariate, Category):
        return None
    spread = spread_of(covariate.values + covariate.origin)
    return None if spread is None else imbalance_breaks(spread)


def _imbalance(bins: Sequence[Integers], pilot: Flags, weight: Floats) -> Imbalance | None:
    found = imbalance(bins, pilot, weight=weight) if bins else NotEstimated("no covariate")
    return None if isinstance(found, NotEstimated) else found


def _arm_count(people: People, arm: Arm, kept: Flags) -> ArmCount:
    mine = people.treated if arm is Arm.PILOT else ~people.treated
    stays = mine & kept
    return ArmCount(
        arm,
        int(mine.sum()),
        int(stays.sum()),
        _different(people.event[mine]),
        _different(people.event[stays]),
        _different(people.person[mine]),
        _different(people.person[stays]),
        effective_sample_size(people.weight[stays]),
        float(people.weight[stays].sum()),
    )


def _different(numbers: Integers) -> int:
    """Count the different among numbers from 0."""
    there = np.zeros(int(numbers.max(initial=-1)) + 1, dtype=bool)
    there[numbers] = True
    return int(there.sum())


def _variable(people: People, covariate: Covariate, bins: Integers) -> list[VariableBalance]:
    """Return the balance of a covariate: of a number as a whole, of a category's levels one by one."""
    ones = np.ones(len(bins))
    before, after = (_imbalance([bins], people.treated, weight) for weight in (ones, people.weight))
    distances = (None if before is None else before.l1, None if after is None else after.l1)
    cells = 0 if before is None else before.cells
    if isinstance(covariate, Quantity):
        by_rows = [moments(covariate.values, people.treated, weight=weight) for weight in (ones, people.weight)]
        return [VariableBalance(covariate.name, cells, *distances, *_differences(*by_rows))]
    lines = [_lines(covariate, people.treated, weight) for weight in (ones, people.weight)]
    return [
        VariableBalance(
            f"{covariate.name}[{level}]", cells, *distances, *_differences(*(own.of(place) for own in lines))
        )
        for place, level in enumerate(covariate.levels)
    ]


@dataclass(frozen=True)
class _Lines:
    """A category's rows in one line a level and arm, `count` rows of `weight` with the same sums of w and w²."""

    level: Integers
    pilot: Flags
    weight: Floats
    count: Floats

    def of(self, level: int) -> Moments | NotEstimated:
        """Return the means and variances of having the level."""
        return moments((self.level == level) * 1.0, self.pilot, weight=self.weight, count=self.count)


def _lines(category: Category, pilot: Flags, weight: Floats) -> _Lines:
    key, levels = category.codes * 2 + pilot, len(category.levels)
    total, squares = (np.bincount(key, power, 2 * levels) for power in (weight, weight * weight))
    there = total > 0
    line, total, squares = np.flatnonzero(there), total[there], squares[there]
    return _Lines(line // 2, line % 2 == 1, squares / total, total**2 / squares)


def _differences(
    before: Moments | NotEstimated, after: Moments | NotEstimated
) -> tuple[float | None, float | None, float | None, float | None]:
    """Return the standardised difference before and after, and the ratio of variances before and after."""
    if isinstance(before, NotEstimated):
        return None, None, None, None
    found: list[float | NotEstimated | None] = [standardised_difference(before, before), None, before.variance_ratio]
    if isinstance(after, NotEstimated):
        found.append(None)
    else:
        found[1] = standardised_difference(after, before)
        found.append(after.variance_ratio)
    first, second, third, last = (None if isinstance(value, NotEstimated) else value for value in found)
    return first, second, third, last


def _means(people: People, covariate: Covariate, arm: Arm) -> list[CovariateMean]:
    """Return a covariate's weighted means in the matched rows of an arm before the start."""
    side = people.treated if arm is Arm.PILOT else ~people.treated
    mine = side & ~people.post & (people.weight > 0)
    weight = people.weight[mine]
    if isinstance(covariate, Quantity):
        there = np.isfinite(covariate.values[mine])
        values = covariate.values[mine][there] + covariate.origin
        mean = float(np.average(values, weights=weight[there])) if there.any() else None
        return [CovariateMean(covariate.name, None, arm, mean, int(there.sum()), None)]
    total = float(weight.sum())
    counts = np.bincount(covariate.codes[mine], minlength=len(covariate.levels))
    shares = np.bincount(covariate.codes[mine], weight, len(covariate.levels))
    return [
        CovariateMean(
            covariate.name, level, arm, float(shares[i]) / total if total else None, int(mine.sum()), int(counts[i])
        )
        for i, level in enumerate(covariate.levels)
    ]


def _lost(people: People, covariate: Covariate, rule: Coarsened, arm: Arm) -> list[LostRows]:
    """Count the rows of an arm in each bin of a covariate, and those of them without a counterpart."""
    bins = bins_of(covariate, rule.bins)
    mine = people.treated if arm is Arm.PILOT else ~people.treated
    low = int(bins.min(initial=0))
    everyone, rows, lost = (
        np.bincount(bins[there] - low, minlength=int(bins.max(initial=0)) - low + 1)
        for there in (np.ones_like(mine), mine, mine & (people.weight == 0))
    )
    return [
        LostRows(covariate.name, _label(covariate, rule, place + low, bins), arm, int(rows[place]), int(lost[place]))
        for place in np.flatnonzero(everyone).tolist()
    ]


def _label(covariate: Covariate, rule: Coarsened, number: int, bins: Integers) -> str:
    if rule.bins is not None:
        return rule.label(number)
    if isinstance(covariate, Category):
        return covariate.levels[number]
    value = covariate.values[bins == number][0] + covariate.origin
    return "missing" if np.isnan(value) else f"{value:g}"
