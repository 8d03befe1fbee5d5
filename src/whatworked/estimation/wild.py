"""The restricted wild cluster bootstrap, from Gram matrices: every sign vector where there are few areas."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Literal

import numpy as np

from whatworked.cells import NotEstimated, OneRow
from whatworked.estimation.covariance import estimate_cr1
from whatworked.estimation.linear import LinearFit
from whatworked.estimation.statistics import Floats

# Up to this many areas all sign vectors are enumerated.
ENUMERATE = 14
DRAWS = 9_999
# Signs worked through at a time, to keep memory bounded.
BATCH = 1_000_000
# Two statistics closer than this, relatively, are the same draw met through rounding.
TIE = 1e-10
# The walk outwards from the estimate: its step in standard errors, its growth and its end.
STEP, GROWTH, FARTHEST = 0.25, 1.1, 1e4
BISECTIONS = 60

Ties = Literal[">=", ">"]


@dataclass(frozen=True)
class WildBootstrap(OneRow):
    """Bootstrap p-value of no effect and the interval of effects not rejected at `significance`.

    A limit is None where the interval has no end: no effect that far out is ever rejected.
    """

    estimate: float
    p_value: float
    draws: int
    enumerated: bool
    smallest_p: float
    conf_low: float | None
    conf_high: float | None


@dataclass(frozen=True)
class _Paths:
    """Numerator and squared denominator of every draw's t, as polynomials in (effect − estimate)."""

    numerator: tuple[Floats, Floats]
    square: tuple[Floats, Floats, Floats]
    own_scale: float

    def p_value(self, distance: float, *, ties: Ties, drawn: bool) -> float:
        top = np.abs(self.numerator[0] + distance * self.numerator[1])
        below = np.sqrt(np.maximum(self.square[0] + distance * (self.square[1] + distance * self.square[2]), 0.0))
        own = abs(distance) / self.own_scale
        # |t*| ≥ |t| without a division, so that a draw with no spread counts as beyond everything
        beyond = top >= own * below * (1 - TIE) if ties == ">=" else top > own * below * (1 + TIE)
        count = int(beyond.sum())
        return (1 + count) / (1 + len(top)) if drawn else count / len(top)


def wild_restricted(
    fit: LinearFit, term: str, *, draws: int | None = None, seed: int = 0, ties: Ties = ">=", significance: float = 0.05
) -> WildBootstrap | NotEstimated:
    """Restricted wild cluster bootstrap-t of one coefficient with Rademacher signs, the null imposed.

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
    WildBootstrap in units of the outcome. Enumerated p is the share of |t*| ≥ |t|, drawn p is (1 + #)/(B + 1).

    Source
    ------
    Cameron, Gelbach & Miller (2008), WCR; MacKinnon, Nielsen & Webb (2023), s. 5 and their algebra in X_g′X_g;
    the interval inverts the test, walked outwards from the estimate and bisected. Decision 0006.
    Proof: tests/estimation/test_wild.py
    """
    place = fit.place(term)
    sample = estimate_cr1(fit, term, "")
    if isinstance(sample, NotEstimated) or place is None:
        return sample if isinstance(sample, NotEstimated) else NotEstimated(f"{term} is not in the model")
    if sample.std_error == 0:
        return NotEstimated("the areas' scores do not vary")
    enumerated = fit.areas <= ENUMERATE if draws is None else False
    drawn = DRAWS if draws is None else draws
    paths = _paths(fit, place, sign_vectors(fit.areas, draws=drawn, enumerated=enumerated, seed=seed))
    estimate = float(fit.coef[place])
    p_value = paths.p_value(-estimate, ties=ties, drawn=not enumerated)
    total = 2**fit.areas if enumerated else drawn
    smallest = 2 / total if enumerated else 1 / (total + 1)

    def rejected(distance: float) -> bool:
        return not paths.p_value(distance, ties=">=", drawn=not enumerated) > significance

    low, high = (
        _limit(side * sample.std_error, rejected) if smallest <= significance else None for side in (-1.0, 1.0)
    )
    return WildBootstrap(
        estimate,
        p_value,
        total,
        enumerated,
        smallest,
        None if low is None else estimate + low,
        None if high is None else estimate + high,
    )


def sign_vectors(areas: int, *, draws: int, enumerated: bool, seed: int) -> Iterator[Floats]:
    """Yield sign vectors (b, G), a batch at a time; the draws of a seed do not depend on the size of a batch.

    Of an enumeration only the half whose first sign is + is needed, for −v gives the same |t|.

    Source
    ------
    Cameron, Gelbach & Miller (2008), Rademacher signs. Decision 0006. Proof: tests/estimation/test_wild.py
    """
    size = max(BATCH // areas, 1)
    if enumerated:
        for start in range(0, 2 ** (areas - 1), size):
            number = np.arange(start, min(start + size, 2 ** (areas - 1)))
            yield 1.0 - 2.0 * ((number[:, None] >> np.arange(areas)) & 1).astype(np.float64)
        return
    rng = np.random.default_rng(seed)
    for start in range(0, draws, size):
        yield rng.choice(np.array([-1.0, 1.0]), size=(min(size, draws - start), areas))


def _paths(fit: LinearFit, place: int, signs: Iterable[Floats]) -> _Paths:
    """Work out every draw's t as a function of the effect tested, which is estimate + distance.

    With the effect fixed at β̂ + δ the other coefficients move by δ·m, so the restricted scores are
    s_g − δ·A_g(m with 1 at the effect): linear in δ, and with them everything below.
    """
    gram = fit.grams.xx[1]
    others = np.arange(fit.k) != place
    total = fit.grams.gram[1]
    move = np.zeros(fit.k)
    move[place] = 1.0
    move[others] = -np.linalg.solve(total[np.ix_(others, others)], total[others, place]) if fit.k > 1 else 0.0
    direction = fit.bread[:, place]
    # passed on by way of the k coefficients, not of G × G areas
    seen = (gram @ direction @ fit.bread).T
    lines = [(scores, scores @ direction) for scores in (fit.scores, -(gram @ move))]
    parts: list[Floats] = []
    for batch in signs:
        score0, score1 = (batch * own - (batch @ scores) @ seen for scores, own in lines)
        square = ((score0**2).sum(axis=1), 2 * (score0 * score1).sum(axis=1), (score1**2).sum(axis=1))
        parts.append(np.stack([*(batch @ own for _, own in lines), *square]))
    top0, top1, *terms = np.concatenate(parts, axis=1)
    return _Paths((top0, top1), (terms[0], terms[1], terms[2]), float(np.sqrt(((fit.scores @ direction) ** 2).sum())))


def _limit(step: float, rejected: Callable[[float], bool]) -> float | None:
    """Walk outwards by `step` until an effect is rejected, then halve the last stretch."""
    inside, stride = 0.0, step
    while abs(inside) < FARTHEST * abs(step):
        outside = inside + stride * STEP
        if rejected(outside):
            for _ in range(BISECTIONS):
                middle = (inside + outside) / 2
                inside, outside = (inside, middle) if rejected(middle) else (middle, outside)
            return (inside + outside) / 2
        inside, stride = outside, stride * GROWTH
    return None
