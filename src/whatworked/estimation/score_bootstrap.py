"""The score bootstrap of a logit: areas' scores turned over at the restricted fit, nothing refitted a draw."""

from collections.abc import Callable
from dataclasses import dataclass
from sys import float_info

import numpy as np
from scipy.optimize import brentq

from whatworked.cells import NotEstimated
from whatworked.estimation.likelihood import maximise, solver
from whatworked.estimation.logit import LogitFit
from whatworked.estimation.logit_covariance import classical, coefficient, cr1
from whatworked.estimation.statistics import Floats
from whatworked.estimation.wild import DRAWS, ENUMERATE, GROWTH, STEP, TIE, Ties, WildBootstrap, sign_vectors

# The walk outwards ends this many standard errors from the estimate.
FARTHEST = 100.0
# An end of the interval is known to this share of a standard error.
CLOSE = 1e-10
# A clustered variance below this share of the classical one is areas that do not differ, met through rounding.
UNVARYING = 1e-18


def score_bootstrap(
    fit: LogitFit, term: str, *, draws: int | None = None, seed: int = 0, ties: Ties = ">=", significance: float = 0.05
) -> WildBootstrap | NotEstimated:
    """Score wild bootstrap of one coefficient with Rademacher signs, the null imposed by a restricted fit.

    Parameters
    ----------
    fit : the unrestricted model, G areas
    term : the coefficient tested against 0
    draws : number of sign vectors; None enumerates all 2^G for G ≤ 14 and draws 9,999 otherwise
    seed : of the draws
    ties : whether a draw as extreme as the sample counts; the interval uses ">="
    significance : effects with p above it form the interval

    Returns
    -------
    WildBootstrap in log-odds. With q_g the area's part [H(β̃)⁻¹s_g(β̃)] for the term, enumerated p is the share of
    |Σ v_g q_g| ≥ |Σ q_g|, drawn p is (1 + #)/(B + 1). A limit is None where no effect that far out is rejected, or
    where the restricted model has no fit before one is.

    Source
    ------
    Kline & Santos (2012), unstudentised; the interval inverts the test, walked outwards from the estimate to the first
    rejection. Decision 0026. Proof: tests/estimation/test_score_bootstrap.py
    """
    covariance = cr1(fit)
    sample = covariance if isinstance(covariance, NotEstimated) else coefficient(covariance, term, "")
    if isinstance(sample, NotEstimated):
        return sample
    place = fit.names.index(term)
    if sample.std_error**2 <= UNVARYING * float(np.diag(classical(fit).matrix)[place]):
        return NotEstimated("the areas' scores do not vary")
    enumerated = fit.areas <= ENUMERATE if draws is None else False
    drawn = DRAWS if draws is None else draws
    unrestricted = (float(fit.standardised[place]), fit.standardised, fit.information)
    test = _Test(fit, place, None if enumerated else drawn, seed, significance, [unrestricted])
    own = test.parts(0.0)
    if isinstance(own, NotEstimated):
        return NotEstimated(f"without an effect {own.reason}")
    total = 2**fit.areas if enumerated else drawn
    smallest = 2 / total if enumerated else 1 / (total + 1)
    low, high = (
        _limit(sample.estimate, side * sample.std_error, test.excess) if smallest <= significance else None
        for side in (-1.0, 1.0)
    )
    return WildBootstrap(sample.estimate, test.p_value(own, ties), total, enumerated, smallest, low, high)


@dataclass(frozen=True)
class _Test:
    """The test of any effect by `draws` sign vectors of a seed, or by all of them (None)."""

    fit: LogitFit
    place: int
    draws: int | None
    seed: int
    significance: float
    # effects whose restricted fit is known, with its coefficients and information: a fit begins at the nearest
    known: list[tuple[float, Floats, Floats]]

    def parts(self, effect: float) -> Floats | NotEstimated:
        """Return (G,) q_g at the restricted fit with the term's coefficient at `effect`."""
        fit, others = self.fit, np.delete(np.arange(self.fit.k), self.place)
        fixed = effect * fit.cells.unit[fit.kept[self.place]]
        near, coef, information = min(self.known, key=lambda fitted: abs(fitted[0] - fixed))
        start, solve = coef.copy(), solver(information, others)
        start[self.place] = fixed
        if solve is not None:
            # where the others go to first order when this one is moved
            start[others] -= solve(information[others, self.place] * (fixed - near))
        found = maximise(fit.likelihood, start, free=others, information=information)
        if isinstance(found, NotEstimated):
            return found
        if found.inverse is None:
            return NotEstimated("the logit's information cannot be inverted")
        self.known.append((fixed, found.coef, found.information))
        scores = fit.likelihood.design.area_sums(fit.likelihood.residual(found.log_odds), fit.cells.starts)
        return np.asarray(scores @ found.inverse[:, self.place])

    def turned(self, parts: Floats) -> Floats:
        """Return every draw's |Σ v_g q_g|; signs are made anew each time, since areas × draws may be too many."""
        signs = sign_vectors(self.fit.areas, draws=self.draws or 0, enumerated=self.draws is None, seed=self.seed)
        return np.concatenate([np.abs(batch @ parts) for batch in signs])

    def p_value(self, parts: Floats, ties: Ties) -> float:
        """Return the share of draws at or beyond the sample."""
        own, draws = abs(float(parts.sum())), self.turned(parts)
        beyond = draws >= own * (1 - TIE) if ties == ">=" else draws > own * (1 + TIE)
        count = int(beyond.sum())
        return count / len(draws) if self.draws is None else (1 + count) / (1 + len(draws))

    def excess(self, effect: float) -> float | None:
        """Return by what share the sample lies beyond the draw that decides: above 0 where `effect` is rejected.

        p ≤ significance just where at most so many draws reach the sample, that is, where the next largest does not.
        None where the restricted model has no fit.
        """
        parts = self.parts(effect)
        if isinstance(parts, NotEstimated):
            return None
        draws = self.turned(parts)
        size = len(draws)
        allowed = self.significance * size if self.draws is None else self.significance * (size + 1) - 1
        place = size - 1 - int(np.floor(allowed * (1 + TIE)))
        deciding, own = float(np.partition(draws, place)[place]), abs(float(parts.sum())) * (1 - TIE)
        return (own - deciding) / max(own, deciding, float_info.min)


def _limit(estimate: float, reach: float, excess: Callable[[float], float | None]) -> float | None:
    """Walk outwards from the estimate until an effect is rejected, then close in on where that begins."""
    inside, stride = 0.0, STEP
    while inside < FARTHEST:
        outside = inside + stride
        found = excess(estimate + outside * reach)
        if found is None:
            return None
        if found > 0:
            root = brentq(lambda far: _beyond(excess(estimate + far * reach), far), inside, outside, xtol=CLOSE)
            return estimate + float(root) * reach
        inside, stride = outside, stride * GROWTH
    return None


def _beyond(found: float | None, far: float) -> float:
    """Return the excess at a distance: the estimate itself is never rejected, what has no fit not yet."""
    return -1.0 if found is None or far == 0 else found
