"""The stacked form: effects for group × area and group × period, so that only changes within a group count."""

import numpy as np

from whatworked.cells import NotEstimated
from whatworked.estimation.bias_reduction import AreaSums, bias_reduced
from whatworked.estimation.estimate import Estimate
from whatworked.estimation.grams import cross_products
from whatworked.estimation.linear import COLLINEAR, independent, inverse
from whatworked.estimation.statistics import Cells, Flags, Floats, Integers

TERM = "pilot:post"


def stacked(cells: Cells, *, unit: str, scores: Floats | None = None, term: str = TERM) -> Estimate | NotEstimated:
    """Difference-in-differences with effects for every group × area and group × period, its errors bias-reduced.

    The areas' effects are partialled out area by area, which leaves group × period, post, pilot:post and the
    covariates; post drops where no group's period holds both phases. Errors are CR2 of the whole design, clustered on
    areas, however many groups an area serves, and read with Satterthwaite degrees of freedom.

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
    Cengiz, Dube, Lindner & Zipperer (2019), stacked by event; Frisch–Waugh–Lovell for the partialling out; errors
    by Pustejovsky & Tipton (2018), s. 2.3, as Chaisemartin & Ramirez-Cuellar (2024) show that CR1 is too small in
    small groups. Decisions 0009 and 0045. Proof: tests/estimation/test_stacked.py
    """
    used = cells.keep(cells.used)
    periods, period = np.unique(used.group * len(used.periods) + used.period, return_inverse=True)
    effect = len(periods) + 1
    shared = effect + 1 + len(used.covariates.names)
    gram, right, before = np.zeros((shared, shared)), np.zeros(shared), np.zeros(shared)
    areas: list[AreaSums] = []
    for mine in np.split(np.argsort(used.area, kind="stable"), np.flatnonzero(np.diff(np.sort(used.area))) + 1):
        area, whole = _area_sums(used, mine, period, cells.pilot if scores is None else scores)
        gram[np.ix_(area.places, area.places)] += area.products[1, area.own :, area.own :]
        right[area.places] += area.right[1, area.own :]
        before[area.places] += whole
        areas.append(area)
    kept = independent(gram, scale=before)
    if effect not in kept:
        return NotEstimated("within the matched groups no area's change can be told from the period effects")
    if used.rows.sum() <= len(kept) + sum(area.own for area in areas):
        return NotEstimated("there are no more rows than effects")
    bread = inverse(gram[np.ix_(kept, kept)])
    coef = bread @ right[kept]
    number = np.full(shared, -1)
    number[kept] = np.arange(len(kept))
    place = int(number[effect])
    found = bias_reduced([area.keep(number) for area in areas], coef=coef, bread=bread, place=place)
    return found if isinstance(found, NotEstimated) else Estimate(term, float(coef[place]), unit, *found)


def _area_sums(cells: Cells, mine: Integers, period: Integers, treated: Floats | Flags) -> tuple[AreaSums, Floats]:
    """Return an area's sums, and its shared columns' sums of squares before its own effects leave them.

    The cells `mine` are the area's, `period` (n,) numbers all cells' group × period effects and `treated` (areas,)
    is what post is multiplied by. An area has an effect of its own in each group that it serves.
    """
    groups, group = np.unique(cells.group[mine], return_inverse=True)
    periods, effect = np.unique(period[mine], return_inverse=True)
    post = cells.post[mine].astype(np.float64)
    own, after = len(groups), int(period.max(initial=-1)) + 1
    design = np.column_stack([np.eye(own)[group], np.eye(len(periods))[effect], post, post * treated[cells.area[mine]]])
    products, right = cross_products(cells, design, mine)
    whole = np.diag(products[1])
    turned = np.eye(len(whole))
    turned[:own, own:] = -products[1, :own, own:] / whole[:own, None]
    # a column that is the same in all the area's rows of a group is nothing beside the area's own effects
    left = turned.T @ products[1] @ turned
    turned[:, own:][:, np.diag(left)[own:] <= COLLINEAR * whole[own:]] = 0.0
    places = np.concatenate([periods, np.arange(after, after + len(whole) - own - len(periods))])
    return AreaSums(places, turned.T @ products @ turned, right @ turned), whole[own:]
