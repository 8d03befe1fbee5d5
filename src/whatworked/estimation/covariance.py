"""Covariances of least-squares coefficients when errors correlate within areas."""

import numpy as np

from whatworked.cells import NotEstimated
from whatworked.estimation.bias_reduction import NULL_DIRECTION, AreaSums, bias_reduced, bias_reduced_scores
from whatworked.estimation.estimate import Estimate
from whatworked.estimation.linear import COLLINEAR, INTERCEPT, LinearFit
from whatworked.estimation.statistics import Floats


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
    scores = bias_reduced_scores(_area_sums(fit), coef=fit.coef, bread=fit.bread)
    result: Floats = fit.bread @ (scores.T @ scores) @ fit.bread
    return result


def satterthwaite(fit: LinearFit, term: str, unit: str) -> Estimate | NotEstimated:
    """One coefficient with its CR2 standard error and Satterthwaite degrees of freedom.

    Source
    ------
    Pustejovsky & Tipton (2018), s. 2.3. Decision 0005. Proof: tests/estimation/test_covariance.py
    """
    place, value = fit.place(term), fit.value(term)
    if place is None or value is None:
        return NotEstimated(f"{term} is not in the model")
    found = bias_reduced(_area_sums(fit), coef=fit.coef, bread=fit.bread, place=place)
    return found if isinstance(found, NotEstimated) else Estimate(term, value, unit, *found)


def _area_sums(fit: LinearFit) -> list[AreaSums]:
    """Return each area's sums over all columns, which it shares."""
    every, grams = np.arange(fit.k), fit.grams
    return [AreaSums(every, grams.xx[:, area], grams.xy[:, area]) for area in range(fit.areas)]


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
