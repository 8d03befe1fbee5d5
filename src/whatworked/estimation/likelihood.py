"""The logit's likelihood: its maximum by Newton's method, or the reason why it has none."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from math import inf

import numpy as np
from scipy.linalg import cho_factor, cho_solve

from whatworked.cells import NotEstimated
from whatworked.estimation.linear import INTERCEPT, inverse, listed
from whatworked.estimation.patterns import PatternedDesign
from whatworked.estimation.statistics import Floats, Integers

MOST_STEPS = 100
# Cells worked through at a time, so that what is computed on the way stays in the cache.
CHUNK = 8_192
# In a step no cell's log-odds move further than this beyond the largest there is, lest all shares come to 0 or 1.
LONGEST = 4.0
HALVINGS = 40
# Log-odds whose odds are the largest and the smallest worth telling from none.
LARGEST = 700.0
# Newton's decrement, as a share of the log-likelihood, at which its next step is rounding.
CONVERGED = 1e-20
# The log-odds of no cell may still move by more than this in a step that is said to be the last. Where they have moved
# less since the information was computed, it serves once more: it is off by about that share, and so is the step.
STILL = 1e-3
# How far off a last step may leave the log-odds.
EXACT = 1e-11
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
    """m cells of successes and failures (sums of weights) on a design of k standardised columns.

    A cell of neither is as good as not there. `names` (k,) are the columns.
    """

    design: PatternedDesign
    successes: Floats
    failures: Floats
    names: tuple[str, ...]

    @cached_property
    def trials(self) -> Floats:
        """(m,) sums of weights."""
        return self.successes + self.failures

    @cached_property
    def by_pattern(self) -> "Likelihood":
        """The same likelihood of the design's patterns, where no column is a cell's own; else itself."""
        design = self.design
        if len(design.own):
            return self
        return Likelihood(
            replace(design, pattern=np.arange(design.patterns), own=np.zeros((0, design.patterns))),
            design.by_pattern(self.successes),
            design.by_pattern(self.failures),
            self.names,
        )

    def value(self, log_odds: Floats) -> float:
        """Return the log-likelihood of (m,) log-odds."""
        # log Λ(η) = min(η, 0) − log(1 + e^−|η|), so that neither tail overflows
        result = 0.0
        for part in _parts(log_odds):
            own = log_odds[part]
            towards = self.successes[part] @ np.minimum(own, 0.0) - self.failures[part] @ np.maximum(own, 0.0)
            result += float(towards - self.trials[part] @ np.log1p(np.exp(-np.abs(own))))
        return result

    def residual(self, log_odds: Floats) -> Floats:
        """Return (m,) successes less those expected, no tail cancelled."""
        result = np.empty(len(log_odds))
        for part in _parts(log_odds):
            odds_against = np.exp(-np.clip(log_odds[part], -LARGEST, LARGEST))
            share = 1 / (1 + odds_against)
            result[part] = self.successes[part] * (odds_against * share) - self.failures[part] * share
        return result

    def curvature(self, log_odds: Floats) -> Floats:
        """Return (m,) what each cell weighs in the information at (m,) log-odds: trials × share × (1 − share)."""
        result = np.empty(len(log_odds))
        for part in _parts(log_odds):
            tail = np.exp(-np.abs(log_odds[part]))
            result[part] = self.trials[part] * tail / (1 + tail) ** 2
        return result

    def information(self, log_odds: Floats) -> Floats:
        """Return (k, k) the information at (m,) log-odds."""
        return self.design.gram(self.curvature(log_odds))


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


def maximise(
    likelihood: Likelihood, start: Floats, *, free: Integers | None = None, information: Floats | None = None
) -> Maximum | NotEstimated:
    """Maximise a logit's likelihood by Newton's method with halved steps.

    Parameters
    ----------
    likelihood : columns of about unit size, none collinear with the others
    start : (k,) coefficients to begin with
    free : numbers of the coefficients that may move; by default all
    information : (k, k) at `start` or near it, where it is known already; it saves the first step a pass over the cells

    Returns
    -------
    Maximum, exact to rounding, or the reason: separation, with the terms that make it, or no convergence.

    Source
    ------
    McCullagh & Nelder (1989), s. 4.4. Decision 0025. Proof: tests/estimation/test_likelihood.py
    """
    free = np.arange(len(start)) if free is None else free
    found = _newton(likelihood.by_pattern, start, free, information)
    if isinstance(found, NotEstimated) or likelihood.by_pattern is likelihood:
        return found
    return replace(found, log_odds=found.log_odds[likelihood.design.pattern])


def _newton(
    likelihood: Likelihood, start: Floats, free: Integers, information: Floats | None
) -> Maximum | NotEstimated:
    design, coef, step = likelihood.design, start.copy(), np.zeros(len(start))
    log_odds = design.times(coef)
    value = likelihood.value(log_odds)
    solve, stale = None if information is None else solver(information, free), inf
    for number in range(1, MOST_STEPS + 1):
        gradient = design.sums(likelihood.residual(log_odds))[free]
        if solve is None or (stale > STILL and number > 1):
            solve, stale = solver(likelihood.information(log_odds), free), 0.0
        if solve is None:
            return _runs_away(likelihood, step, UNMOVED_AT_LAST) or NotEstimated("the logit did not converge")
        step[free] = solve(gradient)
        change, decrement = design.times(step), float(gradient @ step[free])
        far, bound = _farthest(change), LONGEST + _farthest(log_odds)
        if far > bound:
            step, change = step * (bound / far), change * (bound / far)
        share, log_odds, value = _halved(likelihood, log_odds, change, value)
        coef, moved = coef + share * step, share * min(far, bound)
        if moved <= STILL and decrement <= CONVERGED * abs(value) and moved * stale <= EXACT:
            return Maximum(coef, log_odds, likelihood.information(log_odds), value, number)
        stale += moved
        if number >= RUNAWAY and (reason := _runs_away(likelihood, step, UNMOVED)):
            return reason
    return NotEstimated("the logit did not converge")


def _farthest(change: Floats) -> float:
    return max(float(change.max(initial=0.0)), -float(change.min(initial=0.0)))


def _parts(cells: Floats) -> Iterator[slice]:
    return (slice(start, start + CHUNK) for start in range(0, len(cells), CHUNK))


def solver(information: Floats, free: Integers) -> Callable[[Floats], Floats] | None:
    """Return g ↦ H⁻¹g for the coefficients that may move, None where H cannot be inverted.

    Source
    ------
    Higham (2002), s. 7.3, as `inverse`. Proof: tests/estimation/test_likelihood.py
    """
    own = information[np.ix_(free, free)]
    diagonal = np.diag(own)
    if not (np.isfinite(own).all() and (diagonal > 0).all()):
        return None
    unit = 1 / np.sqrt(diagonal)
    try:
        factor = cho_factor(own * unit[:, None] * unit)
    except np.linalg.LinAlgError:
        return None
    return lambda gradient: np.asarray(unit * cho_solve(factor, unit * gradient))


def _halved(likelihood: Likelihood, log_odds: Floats, change: Floats, value: float) -> tuple[float, Floats, float]:
    """Take a step, halved until the likelihood does not fall: what share of it, the log-odds there and their value."""
    for halving in range(HALVINGS):
        share = 0.5**halving
        tried = log_odds + share * change
        reached = likelihood.value(tried)
        if reached >= value - ROUNDING * abs(value):
            break
    return share, tried, reached


def _runs_away(likelihood: Likelihood, step: Floats, unmoved: float) -> NotEstimated | None:
    """Return the reason if a step may go on for ever: it moves no cell's log-odds away from its outcome.

    Albert & Anderson (1984): there is a maximum just where no such direction exists. Steps that run away settle on one,
    the other coefficients coming to rest as fast as the separated cells' information fades.
    """
    change = likelihood.design.times(step)
    far = _farthest(change)
    against = np.where(likelihood.failures > 0, change, 0.0), np.where(likelihood.successes > 0, -change, 0.0)
    if far <= STILL or max(float(side.max(initial=0.0)) for side in against) > unmoved * far:
        return None
    part = np.abs(step) / np.abs(step).max()
    named = [name for name, share in zip(likelihood.names, part, strict=True) if share > NO_PART]
    terms = [name for name in named if name != INTERCEPT] or named
    return NotEstimated(f"separation: {listed(terms)} {'tells' if len(terms) == 1 else 'tell'} some outcomes exactly")
