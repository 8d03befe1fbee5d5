"""Effects of a logit on the probability scale, averaged over rows, with delta-method standard errors."""

import numpy as np
from scipy.special import expit

from whatworked.cells import NotEstimated
from whatworked.estimation.estimate import Estimate
from whatworked.estimation.logit import LogitFit
from whatworked.estimation.logit_covariance import LogitCovariance
from whatworked.estimation.statistics import Floats


def treatment_effect(
    covariance: LogitCovariance, design: Floats, contrast: Floats, *, weight: Floats, term: str, unit: str = "share"
) -> Estimate | NotEstimated:
    """Mean over treated rows of Λ(η) − Λ(η − δ): their probability with the treatment less that without it.

    Parameters
    ----------
    covariance : of the fitted logit
    design : (r, q) the treated rows after the start, all columns in the order in which the logit was given them
    contrast : (r, q) what of each row is the treatment's doing, so that δ = contrast·β: for difference-in-differences
        nought but the interaction's own column; with a dose that column holds the dose
    weight : (r,) what each row counts in the mean (weight × rows of the cell)
    term : what the estimate is called; if the model has a term of that name it must have been kept

    Returns
    -------
    Estimate in the outcome's own share, its standard error by the delta method.

    Source
    ------
    Puhani (2012): the cross difference of a nonlinear model is no treatment effect; this is. Decision 0026.
    Proof: tests/estimation/test_marginal_effect.py
    """
    fit = covariance.fit
    if term in fit.cells.names and fit.place(term) is None:
        return fit.missing(term)
    lost = [fit.cells.names[j] for j in np.flatnonzero((contrast != 0).any(axis=0)) if j not in set(fit.kept.tolist())]
    if lost:
        return fit.missing(lost[0])
    if not weight.sum() > 0:
        return NotEstimated("no treated row has weight")
    rows = fit.columns(design)
    # a difference of two designs has no centre to take off
    without = rows - contrast[:, fit.kept] / fit.cells.unit[fit.kept]
    return _difference(covariance, (rows, without), weight / weight.sum(), term, unit)


def average_derivative(covariance: LogitCovariance, term: str, unit: str = "share") -> Estimate | NotEstimated:
    """Weighted mean over all rows of the probability's derivative by a term, β·Λ′(η).

    Source
    ------
    Greene (2018), s. 17.3. Proof: tests/estimation/test_marginal_effect.py
    """
    fit = covariance.fit
    place = fit.place(term)
    if place is None:
        return fit.missing(term)
    share = fit.cells.trials / fit.cells.trials.sum()
    p = expit(fit.log_odds)
    slope = share * p * expit(-fit.log_odds)
    own = fit.to_terms[place]
    beta = float(own @ fit.standardised)
    gradient = own * slope.sum() + beta * fit.likelihood.design.sums(slope * (1 - 2 * p))
    return _estimate(covariance, gradient, beta * float(slope.sum()), (term, unit))


def average_difference(covariance: LogitCovariance, term: str, unit: str = "share") -> Estimate | NotEstimated:
    """Weighted mean over all rows of the probability with a term at 1 less that with it at 0, all else as it is.

    Source
    ------
    Greene (2018), s. 17.3 (discrete changes). Proof: tests/estimation/test_marginal_effect.py
    """
    fit = covariance.fit
    place = fit.place(term)
    if place is None:
        return fit.missing(term)
    design, column = fit.likelihood.design, fit.kept[place]
    share, own = fit.cells.trials / fit.cells.trials.sum(), design.column(place)
    difference, gradient = 0.0, np.zeros(fit.k)
    for sign, value in ((1.0, 1.0), (-1.0, 0.0)):
        standardised = (value - fit.cells.centre[column]) / fit.cells.unit[column]
        log_odds = fit.log_odds + (standardised - own) * fit.standardised[place]
        slope = share * expit(log_odds) * expit(-log_odds)
        turned = design.sums(slope)
        turned[place] = standardised * slope.sum()
        difference += sign * float(share @ expit(log_odds))
        gradient += sign * turned
    return _estimate(covariance, gradient, difference, (term, unit))


def is_binary(fit: LogitFit, term: str) -> bool:
    """Return whether a kept term is 0 or 1 in every row."""
    values = fit.cells.column(term)
    return bool((np.minimum(np.abs(values), np.abs(values - 1)) < 1e-9).all())


def _difference(
    covariance: LogitCovariance, pair: tuple[Floats, Floats], share: Floats, term: str, unit: str
) -> Estimate | NotEstimated:
    """Average Λ over the first rows less Λ over the second."""
    value, gradient = 0.0, np.zeros(covariance.fit.k)
    for sign, rows in zip((1.0, -1.0), pair, strict=True):
        log_odds = rows @ covariance.fit.standardised
        value += sign * float(share @ expit(log_odds))
        gradient += sign * (share * expit(log_odds) * expit(-log_odds)) @ rows
    return _estimate(covariance, gradient, value, (term, unit))


def _estimate(
    covariance: LogitCovariance, gradient: Floats, value: float, named: tuple[str, str]
) -> Estimate | NotEstimated:
    variance = covariance.variance(gradient)
    if isinstance(variance, NotEstimated):
        return variance
    return Estimate(named[0], value, named[1], float(np.sqrt(variance)), covariance.df)
