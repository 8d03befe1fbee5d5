"""The stacked form: effects for group × area and group × period, so that only changes within a group count."""

import numpy as np

from whatworked.cells import NotEstimated
from whatworked.estimation.estimate import Estimate
from whatworked.estimation.linear import independent, inverse
from whatworked.estimation.statistics import Cells, Floats

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
    pieces: list[tuple[int, Floats]] = []
    own_effects = 0
    for group in np.unique(used.group):
        mine = used.group == group
        moments, rank = _group_moments(used.keep(mine), columns[mine])
        own_effects += rank
        for area, moment in moments.items():
            gram += moment[:shared, :shared]
            right += moment[:shared, shared]
            pieces.append((area, moment))
    before: Floats = (columns**2 * (used.weight * used.count)[:, None]).sum(axis=0)
    kept = independent(gram, scale=before)
    if EFFECT not in kept:
        return NotEstimated("within the matched groups no area's change can be told from the period effects")
    bread = inverse(gram[np.ix_(kept, kept)])
    coef = bread @ right[kept]
    scores = np.zeros((len(used.areas), len(kept)))
    for area, moment in pieces:
        scores[area] += moment[kept, shared] - moment[np.ix_(kept, kept)] @ coef
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


def _group_moments(cells: Cells, columns: Floats) -> tuple[dict[int, Floats], int]:
    """Return each area's X̃′WX̃ bordered by X̃′Wỹ, after the group's own effects; and how many these are."""
    areas, area = np.unique(cells.area, return_inverse=True)
    periods, period = np.unique(cells.period, return_inverse=True)
    effects = np.column_stack([np.eye(len(areas))[area], np.eye(len(periods))[period]])
    weight = cells.weight * cells.count
    kept = independent((effects * weight[:, None]).T @ effects)
    effects = effects[:, kept]
    shared = np.column_stack([columns, cells.total / cells.count])
    spread = inverse((effects * weight[:, None]).T @ effects)
    shared = shared - effects @ (spread @ ((effects * weight[:, None]).T @ shared))
    moments = {
        int(label): (shared[area == i] * weight[area == i][:, None]).T @ shared[area == i]
        for i, label in enumerate(areas)
    }
    return moments, len(kept)
