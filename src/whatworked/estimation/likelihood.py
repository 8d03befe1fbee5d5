"""The logit's likelihood: its maximum by Newton's method, or the reason why it has none."""

from dataclasses import dataclass

import numpy as np
from scipy.linalg import cho_factor, cho_solve
from scipy.sparse import csr_array
from scipy.special import expit

from whatworked.cells import NotEstimated
from whatworked.estimation.binomial import CHUNK
from whatworked.estimation.linear import INTERCEPT, inverse, listed
from whatworked.estimation.statistics import Floats, Integers

MOST_STEPS = 100
# In a step no cell's log-odds move further than this beyond the largest there is, lest all shares come to 0 or 1.
LONGEST = 4.0
HALVINGS = 40
# Newton's decrement, as a share of the log-likelihood, at which its next step is rounding.
CONVERGED = 1e-20
# The log-odds of no cell may still move by more than this in a step that is said to be the last.
STILL = 1e-3
# A log-likelihood that falls by less than this share has not fallen.
ROUNDING = 1e-12
# From this step on a direction in which the likelihood rises without end is looked for, and what counts as not moving.
RUNAWAY, UNMOVED = 8, 1e-6
# The same where the information can no longer be inverted, and so has lost digits.
UNMOVED_AT_LAST = 1e-3
# A term whose part in such a direction is less than this share of the largest has none.
NO_PART = 1e-3


@dataclass(frozen=True)
class Likelihood:
    """m cells of successes and failures (sums of weights) on a design (m, k) of standardised columns.

    A cell of neither is as good as not there. `names` (k,) are the columns.
    """

    design: Floats
    successes: Floats
    failures: Floats
    names: tuple[str, ...]

    def value(self, log_odds: Floats) -> float:
        """Return the log-likelihood of (m,) log-odds."""
        # log Λ(η) = −log(1 + e^−η), so that neither tail overflows
        tail = np.log1p(np.exp(-np.abs(log_odds)))
        yes, no = np.minimum(log_odds, 0.0) - tail, np.minimum(-log_odds, 0.0) - tail
        return float(self.successes @ yes + self.failures @ no)

    def residual(self, log_odds: Floats) -> Floats:
        """Return (m,) successes less those expected, no tail cancelled."""
        result: Floats = self.successes * expit(-log_odds) - self.failures * expit(log_odds)
        return result

    def information(self, log_odds: Floats) -> Floats:
        """Return (k, k) the information at (m,) log-odds."""
        return weighted_gram(self.design, self.curvature(log_odds))

    def curvature(self, log_odds: Floats) -> Floats:
        """Return (m,) what each cell adds to the information, times the square of its row."""
        result: Floats = (self.successes + self.failures) * expit(log_odds) * expit(-log_odds)
        return result


@dataclass(frozen=True)
class Maximum:
    """Where a likelihood is largest: `coef` (k,), `log_odds` (m,), `information` (k, k), its value, the steps taken."""

    coef: Floats
    log_odds: Floats
    information: Floats
    value: float
    steps: int

    @property
    def inverse(self) -> Floats | None:
        """(k, k) the inverse information; None where fitted shares of 0 and 1 have left too little of it."""
        try:
            return inverse(self.information)
        except np.linalg.LinAlgError:
            return None


def weighted_gram(design: Floats, weight: Floats) -> Floats:
    """Return X′WX (k, k), a part of the rows at a time.

    Source
    ------
    A sum over rows may be taken in parts. Proof: tests/estimation/test_likelihood.py
    """
    k = design.shape[1]
    result = np.zeros((k, k))
    root = np.sqrt(weight)
    for start in range(0, len(design), CHUNK):
        part = design[start : start + CHUNK] * root[start : start + CHUNK, None]
        result += part.T @ part
    return result


def area_sums(design: Floats, residual: Floats, starts: Integers) -> Floats:
    """Return (G, k) each area's X′e, of cells (m,) sorted by area that begin at `starts` (G + 1,).

    Source
    ------
    The sums within areas are one sparse product. Proof: tests/estimation/test_likelihood.py
    """
    areas = csr_array((residual, np.arange(len(residual)), starts), shape=(len(starts) - 1, len(residual)))
    return np.asarray(areas @ design, dtype=np.float64)


def maximise(
    likelihood: Likelihood, start: Floats, *, free: Integers | None = None, information: Floats | None = None
) -> Maximum | NotEstimated:
    """Maximise a logit's likelihood by Newton's method with halved steps.

    Parameters
    ----------
    likelihood : columns of about unit size, none collinear with the others
    start : (k,) coefficients to begin with
    free : numbers of the coefficients that may move; by default all
    information : of those that may move at the start, where it is known already

    Returns
    -------
    Maximum, exact to rounding, or the reason: separation, with the terms that make it, or no convergence.

    Source
    ------
    McCullagh & Nelder (1989), s. 4.4. Decision 0025. Proof: tests/estimation/test_likelihood.py
    """
    moving = likelihood.design if free is None else likelihood.design[:, free]
    free = np.arange(len(start)) if free is None else free
    coef, log_odds = start.copy(), likelihood.design @ start
    value, step = likelihood.value(log_odds), np.zeros(len(free))
    for number in range(1, MOST_STEPS + 1):
        gradient = moving.T @ likelihood.residual(log_odds)
        if number > 1 or information is None:
            information = weighted_gram(moving, likelihood.curvature(log_odds))
        found = _newton_step(information, gradient)
        if found is None:
            return _runs_away(likelihood, free, step, UNMOVED_AT_LAST) or NotEstimated("the logit did not converge")
        change = moving @ found
        far = float(np.abs(change).max(initial=0.0))
        bound = LONGEST + float(np.abs(log_odds).max(initial=0.0))
        share, log_odds, value = _halved(likelihood, log_odds, change, value, whole=min(1.0, bound / max(far, bound)))
        step = found * share
        coef[free] += step
        if share * far <= STILL and float(gradient @ step) <= CONVERGED * abs(value):
            log_odds = likelihood.design @ coef
            return Maximum(coef, log_odds, likelihood.information(log_odds), value, number)
        if number >= RUNAWAY and (reason := _runs_away(likelihood, free, step, UNMOVED)):
            return reason
    return NotEstimated("the logit did not converge")


def _newton_step(information: Floats, gradient: Floats) -> Floats | None:
    """Return H⁻¹g, None where H cannot be inverted."""
    diagonal = np.diag(information)
    if not (np.isfinite(information).all() and (diagonal > 0).all()):
        return None
    unit = 1 / np.sqrt(diagonal)
    try:
        factor = cho_factor(information * unit[:, None] * unit)
    except np.linalg.LinAlgError:
        return None
    result: Floats = unit * cho_solve(factor, unit * gradient)
    return result


def _halved(
    likelihood: Likelihood, log_odds: Floats, change: Floats, value: float, *, whole: float
) -> tuple[float, Floats, float]:
    """Take the `whole` share of a change of the log-odds, halved until the likelihood does not fall.

    Returns the share that was taken, the log-odds that it leads to, and the likelihood there.
    """
    share = whole
    for _ in range(HALVINGS):
        tried = log_odds + share * change
        there = likelihood.value(tried)
        if there >= value - ROUNDING * abs(value):
            break
        share /= 2
    return share, tried, there


def _runs_away(likelihood: Likelihood, free: Integers, step: Floats, unmoved: float) -> NotEstimated | None:
    """Return the reason if a step may go on for ever: it moves no cell's log-odds away from its outcome.

    Albert & Anderson (1984): there is a maximum just where no such direction exists. Steps that run away settle on one,
    the other coefficients coming to rest as fast as the separated cells' information fades.
    """
    change = likelihood.design[:, free] @ step
    far = float(np.abs(change).max(initial=0.0))
    against = np.where(likelihood.failures > 0, change, 0.0), np.where(likelihood.successes > 0, -change, 0.0)
    if far <= STILL or max(float(side.max(initial=0.0)) for side in against) > unmoved * far:
        return None
    part = np.abs(step) / np.abs(step).max()
    named = [likelihood.names[j] for j, share in zip(free, part, strict=True) if share > NO_PART]
    terms = [name for name in named if name != INTERCEPT] or named
    return NotEstimated(f"separation: {listed(terms)} {'tells' if len(terms) == 1 else 'tell'} some outcomes exactly")
