"""Covariances of least-squares coefficients when errors correlate within areas."""

from dataclasses import dataclass

import numpy as np

from whatworked.cells import NotEstimated
from whatworked.estimation.estimate import Estimate
from whatworked.estimation.linear import COLLINEAR, INTERCEPT, LinearFit
from whatworked.estimation.statistics import Floats

# Directions of an area's Gram matrix below this share of its largest are rounding.
NULL_DIRECTION = 1e-11
# Eigenvalues of (I − H)(I − H)′ below this are exact zeros met through rounding.
NULL_LEVERAGE = 1e-9


def classical(fit: LinearFit) -> Floats:
    """Covariance under independent errors of variance σ²/w.

    Returns
    -------
    (k, k) in units of the outcome squared.

    Source
    ------
    Greene (2018), s. 4.4; σ² = RSS/(n − k). Proof: tests/estimation/test_covariance.py
    """
    return fit.bread * (fit.rss / fit.residual_df if fit.residual_df > 0 else np.nan)


def cr1(fit: LinearFit) -> Floats:
    """Area-clustered covariance scaled by G/(G−1)·(n−1)/(n−k): the source's test, Stata's `vce(cluster)`.

    Returns
    -------
    (k, k) in units of the outcome squared; n counts rows of positive weight, k the coefficients kept.

    Source
    ------
    Liang & Zeger (1986); Cameron, Gelbach & Miller (2011), s. 2.3. Decision 0004.
    Proof: tests/estimation/test_covariance.py
    """
    areas, rows = fit.areas, fit.rows
    if areas < 2 or fit.clustered_df <= 0:
        return np.full((fit.k, fit.k), np.nan)
    small_sample = areas / (areas - 1) * (rows - 1) / fit.clustered_df
    result: Floats = small_sample * fit.bread @ (fit.scores.T @ fit.scores) @ fit.bread
    return result


def cr3(fit: LinearFit, term: str) -> Floats | NotEstimated:
    """Jackknife covariance over areas, (G−1)/G · Σ (β₍g₎ − β̂)(β₍g₎ − β̂)′.

    Returns
    -------
    (k, k) in units of the outcome squared, or the reason where leaving out an area loses `term`.

    Source
    ------
    Bell & McCaffrey (2002); MacKinnon, Nielsen & Webb (2023), eq. 13 (CV3). Decision 0005.
    Proof: tests/estimation/test_covariance.py
    """
    if fit.areas < 2:
        return NotEstimated("there are fewer than two areas")
    shifts = np.zeros((fit.areas, fit.k))
    for area, name in enumerate(fit.grams.areas):
        coef = leave_out_area(fit, area, term)
        if isinstance(coef, NotEstimated):
            return NotEstimated(f"without area {name} {coef.reason}")
        shifts[area] = coef - fit.coef
    result: Floats = (fit.areas - 1) / fit.areas * shifts.T @ shifts
    return result


def leave_out_area(fit: LinearFit, area: int, term: str) -> Floats | NotEstimated:
    """Coefficients without one area, the kept columns as they are.

    Returns
    -------
    (k,) coefficients, or the reason where `term` can no longer be told from the other columns.

    Source
    ------
    MacKinnon, Nielsen & Webb (2023), s. 3: β₍g₎ = (X′WX − X_g′WX_g)⁺(X′Wy − X_g′Wy_g).
    Proof: tests/estimation/test_covariance.py
    """
    place = fit.place(term)
    if place is None:
        return NotEstimated(f"{term} is not in the model")
    gram = fit.grams.gram[1] - fit.grams.xx[1, area]
    right = fit.grams.right[1] - fit.grams.xy[1, area]
    full = np.sqrt(np.diag(fit.grams.gram[1]))
    scaled = gram / np.outer(full, full)
    others = np.arange(fit.k) != place
    spread = np.linalg.pinv(scaled[np.ix_(others, others)], rcond=NULL_DIRECTION, hermitian=True)
    left = scaled[place, place] - scaled[place, others] @ spread @ scaled[others, place]
    if left <= COLLINEAR:
        return NotEstimated(f"{term} cannot be estimated")
    coef: Floats = np.linalg.pinv(scaled, rcond=NULL_DIRECTION, hermitian=True) @ (right / full) / full
    return coef


def cr2(fit: LinearFit) -> Floats:
    """Bias-reduced clustered covariance under an identity working covariance.

    Returns
    -------
    (k, k) in units of the outcome squared.

    Source
    ------
    Bell & McCaffrey (2002); Pustejovsky & Tipton (2018), eq. 5, with Φ = I as clubSandwich has it, worked out
    from X′WʲX (j = 0, 1, 2) and X′Wʲy (j = 0, 1) of each area. Decision 0005.
    Proof: tests/estimation/test_covariance.py
    """
    form = _hat_form(fit)
    scores = np.array([_adjusted(fit, area, form).score for area in range(fit.areas)])
    result: Floats = fit.bread @ (scores.T @ scores) @ fit.bread
    return result


def satterthwaite(fit: LinearFit, term: str, unit: str) -> Estimate | NotEstimated:
    """One coefficient with its CR2 standard error and Satterthwaite degrees of freedom.

    Source
    ------
    Pustejovsky & Tipton (2018), s. 2.3: df = (Σ p_g′p_g)² ÷ Σ_g Σ_h (p_g′p_h)², p_g = (I − H)_g′A_gW_gX_gMc.
    Proof: tests/estimation/test_covariance.py
    """
    place = fit.place(term)
    if place is None:
        return NotEstimated(f"{term} is not in the model")
    direction = fit.bread[:, place]
    form = _hat_form(fit)
    own, passed_on, variance = np.zeros(fit.areas), np.zeros((fit.areas, 2 * fit.k)), 0.0
    for area in range(fit.areas):
        adjusted = _adjusted(fit, area, form)
        coordinates = adjusted.root @ (adjusted.weighted @ direction)
        own[area] = coordinates @ coordinates
        passed_on[area] = np.concatenate([adjusted.plain.T @ coordinates, adjusted.weighted.T @ coordinates])
        variance += float(adjusted.score @ direction) ** 2
    # p_g′p_h is own_g where g = h, plus a form of rank 2k in what the areas pass on: no G × G matrix is made
    inside = form @ (passed_on.T @ passed_on)
    total = float(own.sum() + np.trace(inside))
    squares = float((own * (own + 2 * ((passed_on @ form) * passed_on).sum(axis=1))).sum() + np.trace(inside @ inside))
    value = fit.value(term)
    if value is None or not (squares > 0 and variance > 0):
        return NotEstimated("the errors of the areas do not vary")
    return Estimate(term, value, unit, float(np.sqrt(variance)), total**2 / squares)


@dataclass(frozen=True)
class _Adjusted:
    """One area in the orthonormal basis Q (rows, r) of [X_g, W_gX_g], beyond which B_g = (I − H)_g(I − H)_g′ is I.

    `root` (r, r) is B_g^(−1/2), `plain` and `weighted` (r, k) are Q′X_g and Q′W_gX_g, `score` (k,) is the adjusted
    X_g′W_gB_g^(−1/2)e_g. Nothing as long as the area's rows is made.
    """

    root: Floats
    plain: Floats
    weighted: Floats
    score: Floats


def _adjusted(fit: LinearFit, area: int, form: Floats) -> _Adjusted:
    """Return what CR2 needs of an area; `form` is the fit's `_hat_form`."""
    factor, length = _basis(fit, area)
    columns = factor * length
    values, vectors = np.linalg.eigh(np.eye(len(factor)) + columns @ form @ columns.T)
    powers = np.where(values > NULL_LEVERAGE, 1 / np.sqrt(np.where(values > NULL_LEVERAGE, values, 1.0)), 0.0)
    root = (vectors * powers) @ vectors.T
    gaps = np.concatenate([fit.grams.xy[j, area] - fit.grams.xx[j, area] @ fit.coef for j in (0, 1)])
    unit = np.where(length > 0, 1 / np.where(length > 0, length, 1.0), 0.0)
    # Q′e solves R′(Q′e) = Z′e; the rows of R are orthogonal, their squared lengths the eigenvalues
    residual = factor @ (gaps * unit) / (factor**2).sum(axis=1)
    weighted = columns[:, fit.k :]
    return _Adjusted(root, columns[:, : fit.k], weighted, weighted.T @ (root @ residual))


def _hat_form(fit: LinearFit) -> Floats:
    """Return (2k, 2k) F with (I − H)(I − H)′ = I + [X, WX] F [X, WX]′, for any areas' rows."""
    spread = fit.bread @ fit.grams.gram[2] @ fit.bread
    result: Floats = np.block([[spread, -fit.bread], [-fit.bread, np.zeros_like(fit.bread)]])
    return result


def _basis(fit: LinearFit, area: int) -> tuple[Floats, Floats]:
    """Return R (r, 2k) and the unit-length scaling of Z = [X_g, W_gX_g] = QR with orthonormal Q."""
    gram = np.block([[fit.grams.xx[0, area], fit.grams.xx[1, area]], [fit.grams.xx[1, area], fit.grams.xx[2, area]]])
    length = np.sqrt(np.diag(gram))
    unit = np.where(length > 0, 1 / np.where(length > 0, length, 1.0), 0.0)
    values, vectors = np.linalg.eigh(gram * unit[:, None] * unit)
    real = values > NULL_DIRECTION * max(values[-1], 1e-300)
    return np.sqrt(values[real])[:, None] * vectors[:, real].T, length


def estimate_cr1(fit: LinearFit, term: str, unit: str, *, df: float | None = None) -> Estimate | NotEstimated:
    """One coefficient with its CR1 standard error, read against t(G − 1) unless `df` says otherwise.

    Source
    ------
    Cameron & Miller (2015), s. VI.D for t(G − 1). Decision 0004. Proof: tests/estimation/test_covariance.py
    """
    place = fit.place(term)
    if place is None:
        reasons = [dropped.reason for dropped in fit.dropped if dropped.term == term]
        return NotEstimated(reasons[0] if reasons else f"{term} is not in the model")
    variance = float(cr1(fit)[place, place])
    if not np.isfinite(variance):
        return NotEstimated("a clustered standard error needs two areas and more rows than coefficients")
    value = float(fit.coef[place]) + (fit.grams.origin if term == INTERCEPT else 0.0)
    return Estimate(term, value, unit, float(np.sqrt(max(variance, 0.0))), fit.areas - 1 if df is None else df)
