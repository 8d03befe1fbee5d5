"""The bias-reduced covariance (CR2), area by area: each area's sums over the columns that it touches and no others."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from whatworked.cells import NotEstimated
from whatworked.estimation.statistics import Floats, Integers

# Directions of an area's Gram matrix below this share of its largest are rounding.
NULL_DIRECTION = 1e-11
# Eigenvalues of (I − H)(I − H)′ below this, and a variance below this share of the whole, are exact zeros met through
# rounding.
NULL_LEVERAGE = 1e-9


@dataclass(frozen=True)
class AreaSums:
    """What the rows of one area add up to.

    `products` (3, m + s, m + s) is Z′WʲZ and `right` (2, m + s) is Z′Wʲy, for j = 0, 1, 2 and j = 0, 1. Z has m
    columns of the area's own, each W-orthogonal to every other column, then those that it shares with other areas:
    `places` (s,) are their numbers among the model's k shared columns.
    """

    places: Integers
    products: Floats
    right: Floats

    @property
    def own(self) -> int:
        """How many columns no other area has."""
        return int(self.products.shape[1]) - len(self.places)

    def keep(self, number: Integers) -> "AreaSums":
        """Return the sums of the columns that stay; `number` (k,) is what a shared column becomes, −1 if it leaves."""
        stays = np.concatenate([np.ones(self.own, dtype=bool), number[self.places] >= 0])
        products = self.products[:, stays][:, :, stays]
        return AreaSums(number[self.places[stays[self.own :]]], products, self.right[:, stays])

    def residual(self, coef: Floats) -> Floats:
        """Return Z′Wʲe (2, m + s) for j = 0, 1, given the shared columns' coefficients (k,)."""
        own = self.right[1, : self.own] / np.diag(self.products[1])[: self.own]
        gaps: Floats = self.right - self.products[:2] @ np.concatenate([own, coef[self.places]])
        return gaps


def bias_reduced_scores(areas: Sequence[AreaSums], *, coef: Floats, bread: Floats) -> Floats:
    """Each area's adjusted X_g′W_gB_g^(−1/2)e_g with B_g = (I − H)_g(I − H)_g′.

    Parameters
    ----------
    areas : sums of the G areas
    coef : (k,) coefficients of the shared columns
    bread : (k, k) their (X′WX)⁻¹

    Returns
    -------
    (G, k)

    Source
    ------
    Bell & McCaffrey (2002); Pustejovsky & Tipton (2018), eq. 5, with Φ = I as clubSandwich has it. Decision 0005.
    Proof: tests/estimation/test_covariance.py
    """
    spread = _spread(areas, bread)
    scores = np.zeros((len(areas), len(bread)))
    for number, area in enumerate(areas):
        scores[number, area.places] = _adjusted(area, _form_within(area, bread, spread), coef).score[area.own :]
    return scores


def bias_reduced(
    areas: Sequence[AreaSums], *, coef: Floats, bread: Floats, place: int
) -> tuple[float, float] | NotEstimated:
    """One coefficient's CR2 standard error and Satterthwaite degrees of freedom.

    Parameters
    ----------
    areas : sums of the G areas
    coef : (k,) coefficients of the shared columns
    bread : (k, k) their (X′WX)⁻¹
    place : which of the k it is

    Returns
    -------
    Standard error in units of the outcome over the column's, and degrees of freedom, or the reason for none.

    Source
    ------
    Pustejovsky & Tipton (2018), s. 2.3: df = (Σ p_g′p_g)² ÷ Σ_g Σ_h (p_g′p_h)², p_g = (I − H)_g′A_gW_gX_gMc.
    Decisions 0005 and 0045. Proof: tests/estimation/test_covariance.py, tests/estimation/test_stacked.py
    """
    k, direction, spread = len(bread), bread[:, place], _spread(areas, bread)
    lengths, passed_on, variance = np.zeros(len(areas)), np.zeros((len(areas), 2 * k)), 0.0
    for number, area in enumerate(areas):
        own, places = area.own, area.places
        form = _form_within(area, bread, spread)
        adjusted = _adjusted(area, form, coef)
        coordinates = adjusted.root @ (adjusted.weighted[:, own:] @ direction[places])
        plain, weighted = adjusted.plain.T @ coordinates, adjusted.weighted.T @ coordinates
        both = np.concatenate([plain, weighted])
        lengths[number] = coordinates @ coordinates + both @ form @ both
        passed_on[number, places] = plain[own:]
        # the area's own columns reach other areas only by their products with the shared ones
        passed_on[number, k + places] = weighted[own:] - _own_means(area)[:, own:].T @ plain[:own]
        variance += float(adjusted.score[own:] @ direction[places]) ** 2
    total = float(lengths.sum())
    squares = float((lengths**2).sum()) + _between(passed_on, bread, spread)
    if not (total > NULL_LEVERAGE * spread[place, place] and variance > 0):
        return NotEstimated("the errors of the areas do not vary")
    return float(np.sqrt(variance)), total**2 / squares


def _between(passed_on: Floats, bread: Floats, spread: Floats) -> float:
    """Return Σ (p_g′p_h)² over pairs of different areas, from what they pass on (G, 2k).

    Between areas p_g′p_h is a form of rank 2k in it: whichever of (G, G) and (2k, 2k) is smaller is made.
    """
    plain, weighted = np.hsplit(passed_on, 2)
    across = plain @ bread
    formed = np.hstack([plain @ spread - weighted @ bread, -across])
    within = (formed * passed_on).sum(axis=1)
    if len(passed_on) <= passed_on.shape[1]:
        pairs = formed @ passed_on.T
        return float((pairs**2).sum() - (within**2).sum())
    inside = formed.T @ passed_on
    return float((inside * inside.T).sum() - (within**2).sum())


@dataclass(frozen=True)
class _Adjusted:
    """One area in the orthonormal basis Q (rows, r) of [Z, W_gZ], beyond which B_g = (I − H)_g(I − H)_g′ is I.

    `root` (r, r) is B_g^(−1/2), `plain` and `weighted` (r, m + s) are Q′Z and Q′W_gZ, `score` (m + s,) is the
    adjusted Z′W_gB_g^(−1/2)e_g. Nothing as long as the area's rows is made.
    """

    root: Floats
    plain: Floats
    weighted: Floats
    score: Floats


def _adjusted(area: AreaSums, form: Floats, coef: Floats) -> _Adjusted:
    """Return what CR2 needs of an area; `form` is its `_form_within`."""
    factor, length = _basis(area)
    columns = factor * length
    values, vectors = np.linalg.eigh(np.eye(len(factor)) + columns @ form @ columns.T)
    powers = np.where(values > NULL_LEVERAGE, 1 / np.sqrt(np.where(values > NULL_LEVERAGE, values, 1.0)), 0.0)
    root = (vectors * powers) @ vectors.T
    unit = np.where(length > 0, 1 / np.where(length > 0, length, 1.0), 0.0)
    # Q′e solves R′(Q′e) = [Z, WZ]′e; the rows of R are orthogonal, their squared lengths the eigenvalues
    residual = factor @ (area.residual(coef).ravel() * unit) / (factor**2).sum(axis=1)
    plain, weighted = np.hsplit(columns, 2)
    return _Adjusted(root, plain, weighted, weighted.T @ (root @ residual))


def _spread(areas: Sequence[AreaSums], bread: Floats) -> Floats:
    """Return (k, k) (X′WX)⁻¹X′W²X(X′WX)⁻¹ of the shared columns."""
    squared = np.zeros_like(bread)
    for area in areas:
        squared[np.ix_(area.places, area.places)] += area.products[2, area.own :, area.own :]
    result: Floats = bread @ squared @ bread
    return result


def _hat_form(bread: Floats, spread: Floats) -> Floats:
    """Return (2k, 2k) F with (I − H)(I − H)′ = I + [X, WX] F [X, WX]′."""
    return _square(spread, -bread, np.zeros_like(bread))


def _form_within(area: AreaSums, bread: Floats, spread: Floats) -> Floats:
    """Return (2(m + s), 2(m + s)) F with (I − H)_g(I − H)_g′ = I + [Z, WZ] F [Z, WZ]′ for the area's rows."""
    own, shared, means = area.own, np.ix_(area.places, area.places), _own_means(area)
    local, squared = np.zeros_like(area.products[0]), np.zeros_like(area.products[0])
    local[own:, own:], squared[own:, own:] = bread[shared], spread[shared]
    if own:
        weight = np.diag(area.products[1])[:own]
        local[:own, :own], squared[:own, :own] = np.diag(1 / weight), means[:, :own] / weight
        squared[:own, own:] = means[:, own:] @ bread[shared]
        squared[own:, :own] = squared[:own, own:].T
    return _hat_form(local, squared)


def _square(first: Floats, between: Floats, last: Floats) -> Floats:
    """Return (2k, 2k) [[first, between], [between, last]]; `np.block` takes longer than the sums of an area."""
    k = len(first)
    whole = np.empty((2 * k, 2 * k))
    whole[:k, :k], whole[k:, k:] = first, last
    whole[:k, k:] = whole[k:, :k] = between
    return whole


def _own_means(area: AreaSums) -> Floats:
    """Return (m, m + s) (D′WD)⁻¹D′W²Z, D being the area's own columns."""
    return area.products[2, : area.own] / np.diag(area.products[1])[: area.own, None]


def _basis(area: AreaSums) -> tuple[Floats, Floats]:
    """Return R (r, 2(m + s)) and the unit-length scaling of [Z, W_gZ] = QR with orthonormal Q."""
    gram = _square(*area.products)
    length = np.sqrt(np.diag(gram))
    unit = np.where(length > 0, 1 / np.where(length > 0, length, 1.0), 0.0)
    values, vectors = np.linalg.eigh(gram * unit[:, None] * unit)
    real = values > NULL_DIRECTION * max(values[-1], 1e-300)
    return np.sqrt(values[real])[:, None] * vectors[:, real].T, length
