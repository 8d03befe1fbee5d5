"""The collapsed comparison: one before–after change an area, then a two-sample t-test of the changes."""

from dataclasses import dataclass

import numpy as np

from whatworked.cells import Dropped, NotEstimated
from whatworked.estimation.estimate import Estimate
from whatworked.estimation.linear import independent, inverse
from whatworked.estimation.statistics import Cells, Floats, Integers

# A contrast counts as estimable when it leaves the design's row space by less than this.
ESTIMABLE = 1e-7
# Squares of changes below this share of the outcome's own are changes that do not differ, met through rounding.
ROUNDING = 1e-20
UNVARYING = NotEstimated("the areas' changes do not vary, so there is nothing to judge chance by")


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


def area_changes(cells: Cells, scores: Floats | None = None) -> tuple[Floats, tuple[Dropped, ...]] | NotEstimated:
    """Each area's post − baseline change, net of period effects and covariates, averaged over its matched groups.

    Parameters
    ----------
    cells : n cells, with their covariates
    scores : (G,) what the changes are to be compared by; by default 1 for pilots, 0 for comparators

    Returns
    -------
    (G,) changes in units of the outcome, NaN for an area that leaves, and those areas with the reason.

    Source
    ------
    Donald & Lang (2007), two-step estimator: outcome on covariates, period effects and area × group × phase effects.
    Proof: tests/estimation/test_collapsed.py
    """
    used = cells.keep(cells.used)
    key = (used.area * len(used.groups) + used.group) * 2 + used.post
    units, unit = np.unique(key, return_inverse=True)
    total = np.bincount(unit, used.weight)
    level = np.bincount(unit, used.total) / total
    dummies = np.eye(len(used.periods))[used.period]
    sums = np.concatenate([used.covariates.sums[1], dummies * used.weight[:, None]], axis=1)
    means = np.zeros((len(units), sums.shape[1]))
    np.add.at(means, unit, sums)
    means /= total[:, None]
    full = _products(used, dummies)
    within = full - (means * total[:, None]).T @ means
    right = np.concatenate([used.covariates.cross[1].sum(axis=0), dummies.T @ used.total]) - means.T @ (total * level)
    kept = independent(within, scale=np.diag(full))
    effects = np.zeros(len(full))
    effects[kept] = inverse(within[np.ix_(kept, kept)]) @ right[kept]
    own = cells.pilot.astype(np.float64) if scores is None else scores
    return _average(used, units, level - means @ effects, means, within, scores=own)


def _products(cells: Cells, dummies: Floats) -> Floats:
    """Return X′WX of the covariates followed by the period dummies."""
    c = len(cells.covariates.names)
    full = np.zeros((c + dummies.shape[1],) * 2)
    full[:c, :c] = cells.covariates.products[1].sum(axis=0)
    full[:c, c:] = cells.covariates.sums[1].T @ dummies
    full[c:, :c] = full[:c, c:].T
    full[c:, c:] = (dummies * cells.weight[:, None]).T @ dummies
    return full


def _average(
    cells: Cells, units: Integers, level: Floats, means: Floats, within: Floats, *, scores: Floats
) -> tuple[Floats, tuple[Dropped, ...]] | NotEstimated:
    number = {int(key): i for i, key in enumerate(units)}
    changes = np.full(len(cells.areas), np.nan)
    leans = np.zeros((len(cells.areas), means.shape[1]))
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
        leans[area] = np.mean([means[after] - means[before] for before, after in pairs], axis=0)
    there = np.isfinite(changes)
    # what the slope of changes on scores makes of them: with scores of 1 and 0 the difference of two means
    centred = np.where(there, scores - scores[there].mean() if there.any() else 0.0, 0.0)
    contrast = centred @ leans / max(float(centred @ centred), np.finfo(float).tiny)
    length = np.sqrt(np.where(np.diag(within) > 0, np.diag(within), 1.0))
    scaled, wanted = within / np.outer(length, length), contrast / length
    projected = scaled @ np.linalg.pinv(scaled, rcond=1e-10, hermitian=True) @ wanted
    if np.abs(projected - wanted).max(initial=0.0) > ESTIMABLE * np.abs(leans / length).max(initial=0.0):
        return NotEstimated("the calendar periods of the groups do not overlap enough to compare changes")
    return changes, tuple(left)


def collapsed_t(cells: Cells, *, term: str, unit: str) -> Collapsed | NotEstimated:
    """Compare the changes of pilots and comparators by a two-sample t-test that weighs areas equally.

    Returns
    -------
    Collapsed, in units of the outcome, or the reason: one area on each side leaves no degrees of freedom, and areas
    that all changed alike no error to compare with.

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
    if not _vary(cells, float(squares)):
        return UNVARYING
    error = float(np.sqrt(squares / df * (1 / len(pilots) + 1 / len(comparators))))
    named = {cells.areas[i]: float(changes[i]) for i in np.flatnonzero(there)}
    welch = _welch(pilots, comparators, term=term, unit=unit)
    return Collapsed(Estimate(term, difference, unit, error, df), welch, named, left)


def collapsed_slope(cells: Cells, scores: Floats, *, term: str, unit: str) -> Collapsed | NotEstimated:
    """Regress the changes on a score of the areas, which all weigh the same.

    Parameters
    ----------
    cells : n cells, with their covariates
    scores : (G,) between 0 and 1; with 1 for all pilots and 0 for comparators this is `collapsed_t`

    Returns
    -------
    Collapsed, in units of the outcome for a score of 1, against t(G − 2).

    Source
    ------
    Donald & Lang (2007), whose second step is this regression. Decision 0030. Proof: tests/estimation/test_collapsed.py
    """
    found = area_changes(cells, scores)
    if isinstance(found, NotEstimated):
        return found
    changes, left = found
    there = np.isfinite(changes)
    own, df = scores[there] - scores[there].mean() if there.any() else scores[there], int(there.sum()) - 2
    spread = float(own @ own)
    if not spread > 0:
        return NotEstimated("the areas with rows in both phases all have the same score")
    if df < 1:
        return NotEstimated("two areas leave nothing to judge chance by")
    slope = float(own @ changes[there]) / spread
    rest = changes[there] - changes[there].mean() - slope * own
    if not _vary(cells, float(rest @ rest)):
        return UNVARYING
    error = float(np.sqrt(rest @ rest / df / spread))
    named = {cells.areas[i]: float(changes[i]) for i in np.flatnonzero(there)}
    return Collapsed(Estimate(term, slope, unit, error, df), None, named, left)


def _vary(cells: Cells, squares: float) -> bool:
    """Return whether changes differ by more than rounding, given the sum of their squares about what is explained."""
    used = cells.keep(cells.used)
    return squares > ROUNDING * float(used.squares.sum()) / float(used.weight.sum())


def _welch(pilots: Floats, comparators: Floats, *, term: str, unit: str) -> Estimate | None:
    if min(len(pilots), len(comparators)) < 2:
        return None
    own, other = pilots.var(ddof=1) / len(pilots), comparators.var(ddof=1) / len(comparators)
    if own + other == 0:
        return None
    df = (own + other) ** 2 / (own**2 / (len(pilots) - 1) + other**2 / (len(comparators) - 1))
    return Estimate(term, float(pilots.mean() - comparators.mean()), unit, float(np.sqrt(own + other)), float(df))
