"""Covariances of a logit's coefficients, and one coefficient read against each."""

from collections.abc import Mapping
from dataclasses import dataclass
from math import exp, inf, log
from sys import float_info

import numpy as np
from scipy.special import expit

from whatworked.cells import NotEstimated, OneRow
from whatworked.estimation.estimate import Estimate
from whatworked.estimation.logit import LogitFit, leave_out_area
from whatworked.estimation.statistics import Floats, Integers

# With more areas than this the jackknife's refits are not run.
MOST_DELETIONS = 1_000


@dataclass(frozen=True)
class LogitCovariance:
    """A covariance of the standardised coefficients (k, k), and the degrees of freedom it is read with.

    `lost` says of the terms that it does not cover why not; their rows and columns hold NaN.
    """

    fit: LogitFit
    standardised: Floats
    df: float
    lost: Mapping[str, str]

    @property
    def matrix(self) -> Floats:
        """(k, k) in log-odds per unit of the terms, squared; NaN where a term is lost."""
        gone = np.isnan(np.diag(self.standardised))
        turn = self.fit.to_terms
        result: Floats = turn @ np.where(np.isnan(self.standardised), 0.0, self.standardised) @ turn.T
        gone = gone | (turn[:, gone] != 0).any(axis=1)
        result[gone, :] = np.nan
        result[:, gone] = np.nan
        return result

    def variance(self, gradient: Floats) -> float | NotEstimated:
        """Return the variance of what moves by `gradient` (k,) with the standardised coefficients."""
        used = gradient != 0
        if np.isnan(np.diag(self.standardised)[used]).any():
            return NotEstimated(next(iter(self.lost.values())))
        return max(float(gradient[used] @ self.standardised[np.ix_(used, used)] @ gradient[used]), 0.0)


@dataclass(frozen=True)
class OddsRatio(OneRow):
    """By what the odds are multiplied per unit of a term, with its interval."""

    term: str
    ratio: float
    conf_low: float
    conf_high: float
    p_value: float


def classical(fit: LogitFit) -> LogitCovariance:
    """Inverse information under independent rows, read against the normal distribution.

    Returns
    -------
    LogitCovariance; it counts weights as rows, so that it halves when all weights double.

    Source
    ------
    McCullagh & Nelder (1989), s. 4.4. Decision 0025. Proof: tests/estimation/test_logit_covariance.py
    """
    return LogitCovariance(fit, fit.bread / fit.cells.weight_unit, inf, {})


def hc1(fit: LogitFit) -> LogitCovariance:
    """Covariance robust to the form of the variance, scaled by n/(n − k), read against the normal distribution.

    Source
    ------
    White (1982); sandwich's HC1. Decision 0025. Proof: tests/estimation/test_logit_covariance.py
    """
    cells, p = fit.cells, expit(fit.log_odds)
    meat = fit.likelihood.design.gram(cells.success_squares * (1 - p) ** 2 + cells.failure_squares * p**2)
    return LogitCovariance(fit, fit.rows / fit.residual_df * fit.bread @ meat @ fit.bread, inf, {})


def cr1(fit: LogitFit, *, df: float | None = None) -> LogitCovariance | NotEstimated:
    """Area-clustered covariance scaled by G/(G−1)·(n−1)/(n−k), read against t(G − 1) unless `df` says otherwise.

    Source
    ------
    Liang & Zeger (1986); the factor of the linear model's, as sandwich's `vcovCL` (HC1) and fixest have it.
    Decision 0025. Proof: tests/estimation/test_logit_covariance.py
    """
    areas = fit.areas
    if areas < 2:
        return NotEstimated("a clustered standard error needs two areas")
    small_sample = areas / (areas - 1) * (fit.rows - 1) / fit.residual_df
    covariance = small_sample * fit.bread @ (fit.scores.T @ fit.scores) @ fit.bread
    return LogitCovariance(fit, covariance, areas - 1 if df is None else df, {})


def clustered(
    fit: LogitFit, design: Floats, outcome: Floats, *, weight: Floats, cluster: Integers
) -> LogitCovariance | NotEstimated:
    """Covariance when errors correlate within the clusters of rows, scaled by G/(G−1)·(n−1)/(n−k), against t(G − 1).

    Parameters
    ----------
    fit : the logit
    design : (n, q) the rows that it was fitted on, all columns in the order in which it was given them
    outcome : (n,) of 0 and 1
    weight, cluster : (n,)

    Source
    ------
    Liang & Zeger (1986). Decision 0025. Proof: tests/estimation/test_logit_covariance.py
    """
    used = weight > 0
    groups, number = np.unique(cluster[used], return_inverse=True)
    count = len(groups)
    if count < 2:
        return NotEstimated("a clustered standard error needs two clusters")
    columns = fit.columns(design[used])
    residual = weight[used] / fit.cells.weight_unit * (outcome[used] - expit(columns @ fit.standardised))
    scores = np.zeros((count, fit.k))
    for place, column in enumerate(columns.T):
        scores[:, place] = np.bincount(number, residual * column, count)
    small_sample = count / (count - 1) * (fit.rows - 1) / fit.residual_df
    covariance = small_sample * fit.bread @ (scores.T @ scores) @ fit.bread
    return LogitCovariance(fit, covariance, count - 1, {})


def cr3(fit: LogitFit) -> LogitCovariance | NotEstimated:
    """Jackknife covariance over areas, (G−1)/G · Σ (β₍g₎ − β̂)(β₍g₎ − β̂)′, every deletion refitted.

    Returns
    -------
    LogitCovariance read against t(G − 1), terms lost in some deletion marked; or the reason where a deletion has no
    fit.

    Source
    ------
    MacKinnon, Nielsen & Webb (2023), eq. 13 (CV3), each deletion refitted. Decisions 0005 and 0025.
    Proof: tests/estimation/test_logit_covariance.py
    """
    if fit.areas < 2:
        return NotEstimated("a jackknife over areas needs two areas")
    if fit.areas > MOST_DELETIONS:
        return NotEstimated(f"with more than {MOST_DELETIONS:,} areas they are not left out one by one")
    shifts = np.full((fit.areas, fit.k), np.nan)
    lost: dict[str, str] = {}
    for area, name in enumerate(fit.cells.areas):
        found = leave_out_area(fit, area)
        if isinstance(found, NotEstimated):
            return NotEstimated(f"without area {name}: {found.reason}")
        left, coef = found
        shifts[area, left] = coef - fit.standardised[left]
        for j in np.setdiff1d(np.arange(fit.k), left):
            lost.setdefault(fit.names[j], f"without area {name} {fit.names[j]} cannot be estimated")
    return LogitCovariance(fit, (fit.areas - 1) / fit.areas * shifts.T @ shifts, fit.areas - 1, lost)


def coefficient(covariance: LogitCovariance, term: str, unit: str = "log-odds") -> Estimate | NotEstimated:
    """One coefficient with its standard error.

    Source
    ------
    As the covariance's own page says. Proof: tests/estimation/test_logit_covariance.py
    """
    fit = covariance.fit
    place = fit.place(term)
    if place is None:
        return fit.missing(term)
    if term in covariance.lost:
        return NotEstimated(covariance.lost[term])
    variance = covariance.variance(fit.to_terms[place])
    if isinstance(variance, NotEstimated):
        return variance
    return Estimate(term, float(fit.coef[place]), unit, float(np.sqrt(variance)), covariance.df)


def odds_ratio(log_odds: Estimate, *, significance: float = 0.05) -> OddsRatio | NotEstimated:
    """Turn a coefficient and its interval into an odds ratio; the p-value, of a ratio of 1, is the coefficient's.

    Source
    ------
    McCullagh & Nelder (1989), s. 4.3. Proof: tests/estimation/test_logit_covariance.py
    """
    low, high = log_odds.interval(significance)
    if max(abs(low), abs(high), abs(log_odds.estimate)) >= log(float_info.max):
        return NotEstimated("the odds ratio is too large or too small for a number: measure the term in larger units")
    return OddsRatio(log_odds.term, exp(log_odds.estimate), exp(low), exp(high), log_odds.p_value)
