"""The collapsed comparison: one before–after change an area, then a two-sample t-test of the changes."""

from dataclasses import dataclass

import numpy as np
from scipy import stats

from whatworked.cells import Dropped, NotEstimated
from whatworked.estimation.estimate import Estimate
from whatworked.estimation.linear import independent, inverse
from whatworked.estimation.statistics import Cells, Floats, Integers

# A contrast counts as estimable when it leaves the design's row space by less than this.
ESTIMABLE = 1e-7


@dataclass(frozen=True)
class Collapsed:
    """Two-sample comparison of the areas' own changes.

    `estimate` carries the pooled variance (`df` = G − 2; with one pilot the comparators' alone); `welch` the
    unequal-variance form where both sides have two areas. `left_out` names areas without rows in both phases.
    """

    estimate: Estimate
    welch: Estimate | None
    changes: dict[str, float]
    left_out: tuple[Dropped, ...]


def area_changes(cells: Cells) -> tuple[Floats, tuple[Dropped, ...]] | NotEstimated:
    """Each area's post − baseline change, net of calendar period effects, averaged over its matched groups.

    Returns
    -------
    (G,) changes in units of the outcome, NaN for an area that leaves, and those areas with the reason.

    Source
    ------
    Donald & Lang (2007), two-step estimator: outcome on period effects and area × group × phase effects.
    Proof: tests/estimation/test_collapsed.py
    """
    used = cells.keep((cells.weight > 0) & (cells.count > 0))
    key = (used.area * len(used.groups) + used.group) * 2 + used.post
    units, unit = np.unique(key, return_inverse=True)
    weight = used.weight * used.count
    total = np.bincount(unit, weight)
    level = np.bincount(unit, used.weight * used.total) / total
    shares = np.zeros((len(units), len(used.periods)))
    np.add.at(shares, (unit, used.period), weight)
    shares /= total[:, None]
    within = np.diag(np.bincount(used.period, weight, len(used.periods))) - (shares * total[:, None]).T @ shares
    right = np.bincount(used.period, used.weight * used.total, len(used.periods)) - shares.T @ (total * level)
    full = np.bincount(used.period, weight, len(used.periods)).astype(np.float64)
    kept = independent(within, scale=full)
    effects = np.zeros(len(used.periods))
    effects[kept] = inverse(within[np.ix_(kept, kept)]) @ right[kept]
    return _average(used, units, level - shares @ effects, shares, within)


def _average(
    cells: Cells, units: Integers, level: Floats, shares: Floats, within: Floats
) -> tuple[Floats, tuple[Dropped, ...]] | NotEstimated:
    number = {int(key): i for i, key in enumerate(units)}
    changes = np.full(len(cells.areas), np.nan)
    leans = np.zeros((len(cells.areas), shares.shape[1]))
    left: list[Dropped] = []
    for area in np.unique(units // (2 * len(cells.groups))):
        pairs = [
            (number[key], number[key + 1])
            for key in range(int(area) * len(cells.groups) * 2, (int(area) + 1) * len(cells.groups) * 2, 2)
            if key in number and key + 1 in number
        ]
        if not pairs:
            left.append(Dropped(cells.areas[area], "it has no rows in one of the phases"))
            continue
        changes[area] = np.mean([level[after] - level[before] for before, after in pairs])
        leans[area] = np.mean([shares[after] - shares[before] for before, after in pairs], axis=0)
    there = np.isfinite(changes)
    contrast = leans[there & cells.pilot].sum(axis=0) / max((there & cells.pilot).sum(), 1) - leans[
        there & ~cells.pilot
    ].sum(axis=0) / max((there & ~cells.pilot).sum(), 1)
    projected = within @ np.linalg.pinv(within, rcond=1e-10, hermitian=True) @ contrast
    if np.abs(projected - contrast).max(initial=0.0) > ESTIMABLE:
        return NotEstimated("the calendar periods of the groups do not overlap enough to compare changes")
    return changes, tuple(left)


def collapsed_t(cells: Cells, *, term: str, unit: str) -> Collapsed | NotEstimated:
    """Compare the changes of pilots and comparators by a two-sample t-test that weighs areas equally.

    Returns
    -------
    Collapsed, in units of the outcome, or the reason: one area on each side leaves no degrees of freedom.

    Source
    ------
    Donald & Lang (2007). With one pilot the variance is the comparators' (df = their number − 1), the case of
    Conley & Taber's (2011) setting under normal errors. Decision 0008. Proof: tests/estimation/test_collapsed.py
    """
    found = area_changes(cells)
    if isinstance(found, NotEstimated):
        return found
    changes, left = found
    there = np.isfinite(changes)
    pilots, comparators = changes[there & cells.pilot], changes[there & ~cells.pilot]
    if not len(pilots) or not len(comparators):
        return NotEstimated("one side has no area with rows in both phases")
    df = len(pilots) + len(comparators) - 2
    if df < 1:
        return NotEstimated("one area on each side leaves nothing to judge chance by")
    difference = float(pilots.mean() - comparators.mean())
    squares = ((pilots - pilots.mean()) ** 2).sum() + ((comparators - comparators.mean()) ** 2).sum()
    error = float(np.sqrt(squares / df * (1 / len(pilots) + 1 / len(comparators))))
    named = {cells.areas[i]: float(changes[i]) for i in np.flatnonzero(there)}
    welch = _welch(pilots, comparators, term=term, unit=unit)
    return Collapsed(Estimate(term, difference, unit, error, df), welch, named, left)


def _welch(pilots: Floats, comparators: Floats, *, term: str, unit: str) -> Estimate | None:
    if min(len(pilots), len(comparators)) < 2:
        return None
    result = stats.ttest_ind(pilots, comparators, equal_var=False)
    parts = pilots.var(ddof=1) / len(pilots) + comparators.var(ddof=1) / len(comparators)
    return Estimate(term, float(pilots.mean() - comparators.mean()), unit, float(np.sqrt(parts)), float(result.df))
