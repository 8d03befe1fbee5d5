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


def stacked(cells: Cells, *, unit: str, scores: Floats | None = None, term: str = TERM) -> Estimate | NotEstimated:
    """Difference-in-differences with effects for every group × area and group × period, errors clustered on areas.

    Each group's own effects are partialled out within it, which leaves post, pilot:post and the covariates; post drops
    where no group's period holds both phases. k counts every coefficient kept, CR1 is read against t(G − 1).

    Parameters
    ----------
    cells : n cells, with their covariates
    unit : of the effect
    scores : (G,) in place of 1 for pilots and 0 for comparators
    term : what the effect is called

    Returns
    -------
    Estimate of pilot:post in units of the outcome, or the reason for none.

    Source
    ------
    Cengiz, Dube, Lindner & Zipperer (2019), stacked by event; Frisch–Waugh–Lovell for the partialling out.
    Decision 0009. Proof: tests/estimation/test_stacked.py
    """
    used = cells.keep(cells.used)
    treated = cells.pilot.astype(np.float64) if scores is None else scores
    shared = SIDES + len(used.covariates.names)
    gram, right, before = np.zeros((shared, shared)), np.zeros(shared), np.zeros(shared)
    pieces: list[tuple[Integers, Floats]] = []
    own_effects = 0
    for group in np.unique(used.group):
        areas_of, moments, rank, raw = _group_moments(used.keep(used.group == group), treated)
        own_effects += rank
        before += raw
        gram += moments[:, :shared, :shared].sum(axis=0)
        right += moments[:, :shared, shared].sum(axis=0)
        pieces.append((areas_of, moments))
    kept = independent(gram, scale=before)
    if EFFECT not in kept:
        return NotEstimated("within the matched groups no area's change can be told from the period effects")
    bread = inverse(gram[np.ix_(kept, kept)])
    coef = bread @ right[kept]
    scores = np.zeros((len(used.areas), len(kept)))
    for areas_of, moments in pieces:
        scores[areas_of] += moments[:, kept, shared] - moments[:, kept[:, None], kept] @ coef
    areas, rows, k = len(np.unique(used.area)), used.rows.sum(), own_effects + len(kept)
    if areas < SIDES or rows <= k:
        return NotEstimated("there are no more rows than effects")
    scale = areas / (areas - 1) * (rows - 1) / (rows - k)
    place = int(np.flatnonzero(kept == EFFECT)[0])
    variance = float(scale * (((scores @ bread)[:, place]) ** 2).sum())
    return Estimate(term, float(coef[place]), unit, float(np.sqrt(variance)), areas - 1)


def _group_moments(cells: Cells, treated: Floats) -> tuple[Integers, Floats, int, Floats]:
    """Return what is left of a group after its own effects.

    Returns
    -------
    The group's areas; X̃′WX̃ bordered by X̃′Wỹ for each; how many effects left; the columns' sums of squares before.
    The areas' effects leave as weighted means, so that no column for each area is made; then the periods' leave.
    """
    areas, area = np.unique(cells.area, return_inverse=True)
    products, sums, weight = _area_products(cells, area, len(areas), treated=treated)
    within = products - sums[:, :, None] * sums[:, None, :] / weight[:, None, None]
    total = within.sum(axis=0)
    raw = np.diag(products.sum(axis=0))
    periods = len(np.unique(cells.period))
    kept = independent(total[:periods, :periods], scale=raw[:periods])
    spread = inverse(total[np.ix_(kept, kept)])
    turned = np.zeros((len(total), len(total) - periods))
    turned[periods:] = np.eye(len(total) - periods)
    turned[kept] = -spread @ total[kept, periods:]
    return areas, turned.T @ within @ turned, len(areas) + len(kept), raw[periods:-1]


def _area_products(cells: Cells, area: Integers, areas: int, *, treated: Floats) -> tuple[Floats, Floats, Floats]:
    """Return V′WV (G, v, v), V′W1 (G, v) and the weight (G,) of each area.

    V is the period dummies, post, pilot:post, the covariates and the outcome.
    """
    _, period = np.unique(cells.period, return_inverse=True)
    t = int(period.max()) + 1
    own, own_products = _bordered(cells, treated)
    order = np.argsort(area, kind="stable")
    starts = np.searchsorted(area[order], np.arange(areas))
    by_period = np.zeros((areas, t))
    np.add.at(by_period, (area, period), cells.weight)
    across = np.zeros((areas, t, own.shape[1]))
    np.add.at(across, (area, period), own)
    v = t + own.shape[1]
    products = np.zeros((areas, v, v))
    products[:, np.arange(t), np.arange(t)] = by_period
    products[:, :t, t:] = across
    products[:, t:, :t] = across.swapaxes(1, 2)
    products[:, t:, t:] = np.add.reduceat(own_products[order], starts)
    return products, np.concatenate([by_period, across.sum(axis=1)], axis=1), by_period.sum(axis=1)


def _bordered(cells: Cells, treated: Floats) -> tuple[Floats, Floats]:
    """Return Z′W1 (n, z) and Z′WZ (n, z, z) of each cell, Z being post, pilot:post, the covariates and the outcome."""
    post = cells.post.astype(float)
    own = np.column_stack([post, post * treated[cells.area]])
    sums = np.column_stack([own * cells.weight[:, None], cells.covariates.sums[1], cells.total])
    z = sums.shape[1]
    products = np.zeros((len(own), z, z))
    products[:, :SIDES] = own[:, :, None] * sums[:, None, :]
    products[:, SIDES:-1, SIDES:-1] = cells.covariates.products[1]
    products[:, SIDES:-1, -1] = cells.covariates.cross[1]
    products[:, -1, -1] = cells.squares
    products[:, SIDES:, :SIDES] = products[:, :SIDES, SIDES:].swapaxes(1, 2)
    products[:, -1, SIDES:-1] = products[:, SIDES:-1, -1]
    return sums, products
