"""How alike two arms are in what they were matched on: over all covariates at once, and one by one.

A line here is a row or a cell of `count` like rows; `weight` is the weight of one row. Decision 0024.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from whatworked.cells import NotEstimated
from whatworked.estimation.cem import strata_of
from whatworked.estimation.statistics import Flags, Floats, Integers

ONE_ARM = "no row of one of the arms has a weight"


@dataclass(frozen=True)
class Imbalance:
    """Distance of the arms over the cells of a binning.

    `l1` is 0 where the arms fall alike into the cells and 1 where no cell holds both; `lcs`, local common support, is
    the share of the `cells` with any row that hold both arms; `pilot_share` is the share of pilot rows in these.
    """

    l1: float
    lcs: float
    cells: int
    common_cells: int
    pilot_share: float


@dataclass(frozen=True)
class Moments:
    """One numeric variable by arm, missing values left aside; shares of the weight that is missing."""

    mean_pilot: float
    mean_comparator: float
    variance_pilot: float | None
    variance_comparator: float | None
    missing_pilot: float
    missing_comparator: float

    @property
    def variance_ratio(self) -> float | NotEstimated:
        """The pilots' variance over the comparators'."""
        if self.variance_pilot is None or not self.variance_comparator:
            return NotEstimated("an arm has no variance")
        return self.variance_pilot / self.variance_comparator


def imbalance(
    bins: Sequence[Integers], pilot: Flags, *, weight: Floats, count: Floats | None = None
) -> Imbalance | NotEstimated:
    """Compare the arms over the cells of all covariates at once, or of one.

    Parameters
    ----------
    bins : one (n,) array of bins a covariate
    pilot : (n,) the arm
    weight : (n,) of one row; lines of weight 0 are left out
    count : (n,) rows of each line, 1 if None

    Returns
    -------
    Imbalance, or the reason why there is none.

    Source
    ------
    L1 = ½ Σ |f_T − f_C| with shares f within each arm: Iacus, King & Porro (2011). LCS divides by the cells with a row
    of either arm, as R's cem does. Proof: tests/diagnostics/test_balance.py
    """
    rows = np.ones(len(pilot)) if count is None else np.asarray(count, dtype=np.float64)
    there = weight * rows > 0
    mass, arm, rows = (weight * rows)[there], pilot[there], rows[there]
    if arm.all() or not arm.any():
        return NotEstimated(ONE_ARM)
    cell, cells = strata_of([column[there] for column in bins])
    pilots, others = (_shares(cell[side], mass[side], cells) for side in (arm, ~arm))
    both = (pilots > 0) & (others > 0)
    common = int(both.sum())
    return Imbalance(
        float(np.abs(pilots - others).sum() / 2),
        common / cells,
        cells,
        common,
        float(rows[arm & both[cell]].sum() / rows[arm].sum()),
    )


def moments(values: Floats, pilot: Flags, *, weight: Floats, count: Floats | None = None) -> Moments | NotEstimated:
    """Return a variable's weighted means and variances by arm.

    Parameters
    ----------
    values : (n,) numbers, NaN where missing
    pilot, weight, count : as in `imbalance`

    Source
    ------
    Variance Σw(x − x̄)² / (W − Σw²/W), the sample variance where all weights are 1. Proof:
    tests/diagnostics/test_balance.py
    """
    rows = np.ones(len(pilot)) if count is None else np.asarray(count, dtype=np.float64)
    found = [_arm(values, weight, rows, side) for side in (pilot, ~pilot)]
    if None in found:
        return NotEstimated("an arm has no value with a weight")
    (mean_t, var_t, missing_t), (mean_c, var_c, missing_c) = (arm for arm in found if arm is not None)
    return Moments(mean_t, mean_c, var_t, var_c, missing_t, missing_c)


def standardised_difference(after: Moments, before: Moments) -> float | NotEstimated:
    """Return the difference in means over the standard deviation of the pilot rows before matching.

    Parameters
    ----------
    after : the means that are compared
    before : of all rows handed to the matching, unweighted; so the measure does not change with the match

    Source
    ------
    Rubin (2001), with the treated group's standard deviation as Stuart (2010) advises for an effect on the treated.
    Decision 0024. Proof: tests/diagnostics/test_balance.py
    """
    if not before.variance_pilot:
        return NotEstimated("the pilot rows do not differ in it")
    return float((after.mean_pilot - after.mean_comparator) / before.variance_pilot**0.5)


def effective_sample_size(weight: Floats, count: Floats | None = None) -> float:
    """Return how many rows of equal weight would tell as much: (Σw)² / Σw².

    Parameters
    ----------
    weight : (n,) of one row; count : (n,) rows of each line, 1 if None

    Source
    ------
    Kish (1965). Proof: tests/diagnostics/test_balance.py
    """
    rows = np.ones(len(weight)) if count is None else count
    squares = float((rows * weight * weight).sum())
    return float((rows * weight).sum()) ** 2 / squares if squares > 0 else 0.0


def _shares(cell: Integers, mass: Floats, cells: int) -> Floats:
    """Return what share (cells,) of an arm's weight is in each cell."""
    totals = np.bincount(cell, mass, cells)
    return np.asarray(totals / totals.sum())


def _arm(values: Floats, weight: Floats, rows: Floats, side: Flags) -> tuple[float, float | None, float] | None:
    """Return mean, variance and missing share of the weight of one arm, None where it has no value."""
    mine = side & (weight * rows > 0)
    there = mine & np.isfinite(values)
    if not there.any():
        return None
    x, w, n = values[there], weight[there], rows[there]
    mass = float((w * n).sum())
    mean = float((w * n * x).sum() / mass)
    free = mass - float((w * w * n).sum()) / mass
    variance = float((w * n * (x - mean) ** 2).sum() / free) if free > 1e-12 * mass else None
    return mean, variance, 1 - mass / float((weight * rows)[mine].sum())
