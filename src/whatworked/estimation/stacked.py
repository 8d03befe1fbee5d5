"""The stacked form: effects for group × area and group × period, so that only changes within a group count."""

import numpy as np

from whatworked.cells import NotEstimated
from whatworked.estimation.estimate import Estimate
from whatworked.estimation.linear import independent, inverse
from whatworked.estimation.statistics import Cells, Floats, Integers

TERM = "pilot:post"
# Places of the columns of interest; covariates follow.
POST, EFFECT = 0, 1
SIDES = 2


def stacked(cells: Cells, *, unit: str, covariates: Floats | None = None) -> Estimate | NotEstimated:
    """Difference-in-differences with effects for every group × area and group × period, errors clustered on areas.

    Each group's own effects are partialled out within it, which leaves post, pilot:post and covariates; post drops
    where no group's period holds both phases. k counts every coefficient kept, CR1 is read against t(G − 1).

    Parameters
    ----------
    cells : n cells
    unit : of the effect
    covariates : (n, c) columns constant within cells, if any

    Returns
    -------
    Estimate of pilot:post in units of the outcome, or the reason for none.

    Source
    ------
    Cengiz, Dube, Lindner & Zipperer (2019), stacked by event; Frisch–Waugh–Lovell for the partialling out.
    Decision 0009. Proof: tests/estimation/test_stacked.py
    """
    there = (cells.weight > 0) & (cells.count > 0)
    used = cells.keep(there)
    columns = _columns(used, None if covariates is None else covariates[there])
    shared = columns.shape[1]
    gram, right = np.zeros((shared, shared)), np.zeros(shared)
    pieces: list[tuple[Integers, Floats]] = []
    own_effects = 0
    for group in np.unique(used.group):
        mine = used.group == group
        areas_of, moments, rank = _group_moments(used.keep(mine), columns[mine])
        own_effects += rank
        gram += moments[:, :shared, :shared].sum(axis=0)
        right += moments[:, :shared, shared].sum(axis=0)
        pieces.append((areas_of, moments))
    before: Floats = (columns**2 * (used.weight * used.count)[:, None]).sum(axis=0)
    kept = independent(gram, scale=before)
    if EFFECT not in kept:
        return NotEstimated("within the matched groups no area's change can be told from the period effects")
    bread = inverse(gram[np.ix_(kept, kept)])
    coef = bread @ right[kept]
    scores = np.zeros((len(used.areas), len(kept)))
    for areas_of, moments in pieces:
        scores[areas_of] += moments[:, kept, shared] - moments[:, kept[:, None], kept] @ coef
    areas, rows, k = len(np.unique(used.area)), used.count.sum(), own_effects + len(kept)
    if areas < SIDES or rows <= k:
        return NotEstimated("there are no more rows than effects")
    scale = areas / (areas - 1) * (rows - 1) / (rows - k)
    place = int(np.flatnonzero(kept == EFFECT)[0])
    variance = float(scale * (((scores @ bread)[:, place]) ** 2).sum())
    return Estimate(TERM, float(coef[place]), unit, float(np.sqrt(variance)), areas - 1)


def _columns(cells: Cells, covariates: Floats | None) -> Floats:
    """Return post, pilot:post and the covariates (n, 2 + c)."""
    post = cells.post.astype(float)
    own = [post, post * cells.pilot[cells.area]]
    return np.column_stack(own if covariates is None else [*own, covariates])


def _group_moments(cells: Cells, columns: Floats) -> tuple[Integers, Floats, int]:
    """Return the group's areas, their X̃′WX̃ bordered by X̃′Wỹ after its own effects, and how many effects these are.

    The areas' effects leave as weighted means, so that no column for each area is made; then the periods' leave.
    """
    areas, area = np.unique(cells.area, return_inverse=True)
    periods, period = np.unique(cells.period, return_inverse=True)
    weight = cells.weight * cells.count
    dummies = np.eye(len(periods))[period]
    raw = weight @ dummies
    shared = np.column_stack([columns, cells.total / cells.count])
    order = np.argsort(area, kind="stable")
    starts = np.searchsorted(area[order], np.arange(len(areas)))

    def summed(rows: Floats) -> Floats:
        return np.asarray(np.add.reduceat(rows[order], starts))

    total = summed(weight)[:, None]
    dummies, shared = (x - (summed(x * weight[:, None]) / total)[area] for x in (dummies, shared))
    within = (dummies * weight[:, None]).T @ dummies
    kept = independent(within, scale=raw)
    dummies = dummies[:, kept]
    spread = inverse(within[np.ix_(kept, kept)])
    shared = shared - dummies @ (spread @ ((dummies * weight[:, None]).T @ shared))
    products = shared[:, :, None] * (shared * weight[:, None])[:, None, :]
    return areas, summed(products), len(areas) + len(kept)
