"""The stacked form: effects for group × area and group × period, so that only changes within a group count."""

import numpy as np

from whatworked.cells import NotEstimated
from whatworked.estimation.estimate import Estimate
from whatworked.estimation.linear import independent, inverse
from whatworked.estimation.statistics import Cells, Floats

TERM = "pilot:post"
# A coefficient is unidentified when its column keeps less than this share after the group's own effects.
SHARED = 2


def stacked(cells: Cells, *, unit: str) -> Estimate | NotEstimated:
    """Difference-in-differences with effects for every group × area and group × period, errors clustered on areas.

    Each group's own effects are partialled out within the group, which leaves post and pilot:post; post drops
    where no group's period holds both phases. k counts every coefficient kept, CR1 is read against t(G − 1).

    Returns
    -------
    Estimate of pilot:post in units of the outcome, or the reason for none.

    Source
    ------
    Cengiz, Dube, Lindner & Zipperer (2019), stacked by event; Frisch–Waugh–Lovell for the partialling out.
    Decision 0009. Proof: tests/estimation/test_stacked.py
    """
    used = cells.keep((cells.weight > 0) & (cells.count > 0))
    gram, right, before = np.zeros((SHARED, SHARED)), np.zeros(SHARED), np.zeros(SHARED)
    pieces: list[tuple[int, Floats]] = []
    own_effects = 0
    for group in np.unique(used.group):
        moments, rank = _group_moments(used.keep(used.group == group))
        own_effects += rank
        before += _shared_squares(used.keep(used.group == group))
        for area, moment in moments.items():
            gram += moment[:SHARED, :SHARED]
            right += moment[:SHARED, SHARED]
            pieces.append((area, moment))
    kept = independent(gram, scale=before)
    if 1 not in kept:
        return NotEstimated("within the matched groups no area's change can be told from the period effects")
    bread = inverse(gram[np.ix_(kept, kept)])
    coef = bread @ right[kept]
    areas = np.unique(used.area)
    scores = np.zeros((len(used.areas), len(kept)))
    for area, moment in pieces:
        scores[area] += moment[kept, SHARED] - moment[np.ix_(kept, kept)] @ coef
    rows, k = used.count.sum(), own_effects + len(kept)
    if len(areas) < 2 or rows <= k:
        return NotEstimated("there are no more rows than effects")
    scale = len(areas) / (len(areas) - 1) * (rows - 1) / (rows - k)
    place = int(np.flatnonzero(kept == 1)[0])
    variance = float(scale * (((scores @ bread)[:, place]) ** 2).sum())
    return Estimate(TERM, float(coef[place]), unit, float(np.sqrt(variance)), len(areas) - 1)


def _columns(cells: Cells) -> Floats:
    post = cells.post.astype(float)
    return np.column_stack([post, post * cells.pilot[cells.area]])


def _shared_squares(cells: Cells) -> Floats:
    result: Floats = (_columns(cells) ** 2 * (cells.weight * cells.count)[:, None]).sum(axis=0)
    return result


def _group_moments(cells: Cells) -> tuple[dict[int, Floats], int]:
    """Return each area's X̃′WX̃ and X̃′Wỹ, bordered (3, 3), after the group's own effects; and how many these are."""
    areas, area = np.unique(cells.area, return_inverse=True)
    periods, period = np.unique(cells.period, return_inverse=True)
    effects = np.column_stack([np.eye(len(areas))[area], np.eye(len(periods))[period]])
    weight = cells.weight * cells.count
    kept = independent((effects * weight[:, None]).T @ effects)
    effects = effects[:, kept]
    outcome = cells.total / cells.count
    shared = np.column_stack([_columns(cells), outcome])
    spread = inverse((effects * weight[:, None]).T @ effects)
    shared = shared - effects @ (spread @ ((effects * weight[:, None]).T @ shared))
    moments = {
        int(label): (shared[area == i] * weight[area == i][:, None]).T @ shared[area == i]
        for i, label in enumerate(areas)
    }
    return moments, len(kept)
