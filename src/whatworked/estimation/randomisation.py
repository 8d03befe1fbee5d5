"""Randomisation inference over areas: what if other areas had been the pilots?"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations, product
from math import comb, prod

import numpy as np

from whatworked.cells import NotEstimated
from whatworked.estimation.linear import COLLINEAR, INTERCEPT, LinearFit
from whatworked.estimation.statistics import AreaGrams, Flags, Floats, Integers

# All assignments are tried up to this many.
ENUMERATE = 20_000
DRAWS = 9_999
TIE = 1e-10
# Assignments worked through at a time, to keep memory bounded: areas × columns² × this many numbers.
BATCH = 512

PILOT, POST, EFFECT = "pilot", "post", "pilot:post"


@dataclass(frozen=True)
class Randomisation:
    """Where the sample's studentised effect lies among those of all assignments of pilot status.

    `skipped` counts assignments under which the effect cannot be computed; `smallest_p` is the share of
    assignments tied at the largest |t|, so no result could have been smaller.
    """

    statistic: float
    p_value: float
    assignments: int
    enumerated: bool
    skipped: int
    smallest_p: float
    within_groups: bool


def randomise(
    grams: AreaGrams, fit: LinearFit, *, pilots: Flags, groups: tuple[tuple[int, ...], ...] | None, seed: int = 0
) -> Randomisation | NotEstimated:
    """Randomisation test of `pilot:post`, studentised by the area-clustered standard error.

    Parameters
    ----------
    grams : statistics of the columns (intercept), post and whatever else does not depend on pilot status; the
        columns pilot and pilot:post, if there, are passed over. Rows freed of unit effects have neither intercept
        nor pilot, and pilot:post alone is recoded
    fit : the model of the sample; its kept columns are used
    pilots : (G,) which areas are pilots
    groups : areas of each matched group by number, if no area is in two of them (every member could have been
        its pilot); None: any G_P of the areas
    seed : of the draws, where there are more than 20,000 assignments

    Returns
    -------
    Randomisation; enumerated p counts the sample's own assignment, drawn p is (1 + #)/(B + 1).

    Source
    ------
    Young (2019); MacKinnon & Webb (2020) for studentising. Dates stay with rows, weights are held fixed, every
    copy of a chosen area is recoded. Decision 0007. Proof: tests/estimation/test_randomisation.py
    """
    inner = _recoded(grams, fit)
    if isinstance(inner, NotEstimated):
        return inner
    outer = np.array([grams.names.index(name) for name in fit.names if name not in (PILOT, EFFECT)], dtype=np.int64)
    if not len(outer):
        return NotEstimated("no column stands beside the effect")
    pieces = _Pieces(grams, outer, inner)
    sample = pieces.studentised(pilots[None, :].astype(float))[0]
    if not np.isfinite(sample):
        return NotEstimated("the effect's standard error is 0")
    assignments, enumerated = possible_assignments(pilots, groups, seed=seed)
    values = np.abs(np.concatenate([pieces.studentised(part) for part in _batches(assignments, len(pilots))]))
    computed = values[np.isfinite(values)]
    beyond = int((computed >= abs(sample) * (1 - TIE)).sum())
    p_value = beyond / len(computed) if enumerated else (1 + beyond) / (1 + len(computed))
    tied = int((computed >= computed.max() * (1 - TIE)).sum())
    smallest = tied / len(computed) if enumerated else 1 / (1 + len(computed))
    return Randomisation(
        float(sample), p_value, len(computed), enumerated, len(values) - len(computed), smallest, groups is not None
    )


def _recoded(grams: AreaGrams, fit: LinearFit) -> Integers | NotEstimated:
    """Return the numbers of the columns that an area has where it is a pilot: intercept and post, or post alone."""
    freed = INTERCEPT not in grams.names and PILOT not in grams.names
    if fit.place(EFFECT) is None or POST not in grams.names or not (freed or INTERCEPT in grams.names):
        return NotEstimated("the effect is not in the model")
    if not freed and PILOT not in fit.names:
        return NotEstimated("pilot status is collinear with the other terms")
    return np.array([grams.names.index(name) for name in ((POST,) if freed else (INTERCEPT, POST))])


def _batches(assignments: Integers, areas: int) -> Iterator[Floats]:
    """Yield (b, G) of 0 and 1, a part of the assignments at a time."""
    for start in range(0, len(assignments), BATCH):
        part = assignments[start : start + BATCH]
        chosen = np.zeros((len(part), areas))
        chosen[np.arange(len(part))[:, None], part] = 1.0
        yield chosen


def possible_assignments(
    pilots: Flags, groups: tuple[tuple[int, ...], ...] | None, *, seed: int, most: int = ENUMERATE, draws: int = DRAWS
) -> tuple[Integers, bool]:
    """Return (B, G_P) numbers of the areas that could have been the pilots, and whether they are all there are.

    Source
    ------
    Young (2019): all where there are at most `most`, else `draws` of them. Decision 0007.
    Proof: tests/estimation/test_randomisation.py
    """
    areas, chosen = len(pilots), int(pilots.sum())
    rng = np.random.default_rng(seed)
    if groups is not None and prod(len(group) for group in groups) <= most:
        return np.array(list(product(*groups))), True
    if groups is not None:
        return np.column_stack([np.array(group)[rng.integers(len(group), size=draws)] for group in groups]), False
    if comb(areas, chosen) <= most:
        return np.array(list(combinations(range(areas), chosen))), True
    return np.array([rng.permutation(areas)[:chosen] for _ in range(draws)]), False


@dataclass(frozen=True, slots=True)
class Attainable:
    """How many assignments will be looked at, and the p-value below which none of them can bring the test."""

    assignments: int
    enumerated: bool
    smallest_p: float


def attainable(
    *, areas: int, pilots: int, groups: Sequence[int] | None, most: int = ENUMERATE, draws: int = DRAWS
) -> Attainable:
    """Return what randomisation could reach at best, by the numbers of areas alone.

    Parameters
    ----------
    areas, pilots : how many areas are compared, and how many of them are pilots
    groups : areas in each matched group, if no area is in two of them; None: any `pilots` of the areas

    Returns
    -------
    Attainable. Where pilots and comparators may change places (one comparator a pilot; half of all areas) every
    assignment has a twin with the same |t|.

    Source
    ------
    Young (2019); decision 0007. Proof: tests/estimation/test_randomisation.py
    """
    every = comb(areas, pilots) if groups is None else prod(groups)
    if every > most:
        return Attainable(draws, enumerated=False, smallest_p=1 / (1 + draws))
    twins = 2 * pilots == areas if groups is None else all(size == 2 for size in groups)
    return Attainable(every, enumerated=True, smallest_p=min(1.0, (1 + twins) / every))


class _Pieces:
    """The sums over areas that do not depend on who is a pilot, kept for every assignment.

    Z are the columns free of pilot status, C = [1, post], or post alone; the columns pilot and pilot:post of an
    assignment a are a_g·C within area g, so that every sum over them is a sum of a_g times an area's own matrix.
    """

    def __init__(self, grams: AreaGrams, outer: Integers, inner: Integers) -> None:
        xx, xy = grams.xx[1], grams.xy[1]
        self.zz, self.zy = xx[:, outer][:, :, outer], xy[:, outer]
        self.cz, self.cc, self.cy = xx[:, inner][:, :, outer], xx[:, inner][:, :, inner], xy[:, inner]
        scale = np.sqrt(np.diag(self.zz.sum(axis=0)))
        self.spread = np.linalg.inv(self.zz.sum(axis=0) / np.outer(scale, scale)) / np.outer(scale, scale)

    def studentised(self, chosen: Floats) -> Floats:
        """Return (B,) pilot:post over the root of its summed squared area scores; NaN where it cannot be had."""
        areas = len(self.zz)
        cross = (chosen @ self.cz.reshape(areas, -1)).reshape(-1, *self.cz.shape[1:])
        own = (chosen @ self.cc.reshape(areas, -1)).reshape(-1, *self.cc.shape[1:])
        right = chosen @ self.cy - cross @ self.spread @ self.zy.sum(axis=0)
        projected = cross @ self.spread
        schur = own - projected @ cross.transpose(0, 2, 1)
        usable = _independent(schur, own)
        safe = np.where(usable[:, None, None], schur, np.eye(schur.shape[1]))
        inverted = np.linalg.inv(safe)
        effects = np.einsum("bij,bj->bi", inverted, right)
        row = inverted[:, -1, :]
        rest = self.zy.sum(axis=0) @ self.spread - np.einsum("bij,bi->bj", projected, effects)
        back = np.einsum("bij,bi->bj", projected, row)
        # an area's score is row′(C′We) − back′(Z′We); C′We is 0 outside the chosen areas
        inside = row @ self.cy.T - _bilinear(row, self.cz, rest) - _bilinear(row, self.cc, effects)
        outside = back @ self.zy.T - _bilinear(back, self.zz, rest)
        scores = chosen * (inside + _bilinear(effects, self.cz, back)) - outside
        size = np.sqrt((scores**2).sum(axis=1))
        usable &= size > 1e-12 * np.abs(effects[:, -1])
        return np.where(usable, effects[:, -1] / np.where(size > 0, size, 1.0), np.nan)


def _independent(schur: Floats, own: Floats) -> Flags:
    """Return (B,) whether the one or two recoded columns keep enough of their squares `own` beside the others."""
    first: Flags = schur[:, 0, 0] > COLLINEAR * own[:, 0, 0]
    if schur.shape[1] == 1:
        return first
    determinant = schur[:, 0, 0] * schur[:, 1, 1] - schur[:, 0, 1] ** 2
    return first & (determinant > COLLINEAR * schur[:, 0, 0] * own[:, 1, 1])


def _bilinear(left: Floats, middle: Floats, right: Floats) -> Floats:
    """Return (B, G) left_b′ middle_g right_b, from (B, i), (G, i, j) and (B, j)."""
    pairs = (left[:, :, None] * right[:, None, :]).reshape(len(left), -1)
    result: Floats = pairs @ middle.reshape(len(middle), -1).T
    return result
