"""What a test of an assumption returns."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from scipy.special import chdtrc, fdtrc

from whatworked.cells import OneRow
from whatworked.estimation.linear import COLLINEAR
from whatworked.estimation.statistics import Floats


@dataclass(frozen=True, slots=True)
class Test(OneRow):
    """A statistic with its degrees of freedom: one number for χ², two for F; `note` says what a reader must know."""

    # pytest would take the name for a class of tests
    __test__: ClassVar[bool] = False

    statistic: float
    df: int | tuple[int, int]
    p_value: float
    note: str | None = None


def chi_squared(statistic: float, df: int, *, note: str | None = None) -> Test:
    """Read a statistic against χ².

    Source
    ------
    The upper tail of χ²(df). Proof: tests/diagnostics/test_serial_correlation.py
    """
    return Test(statistic, df, float(chdtrc(df, statistic)), note)


def f_test(statistic: float, df: tuple[int, int]) -> Test:
    """Read a statistic against F.

    Source
    ------
    The upper tail of F(df). Proof: tests/diagnostics/test_serial_correlation.py
    """
    return Test(statistic, df, float(fdtrc(*df, statistic)))


@dataclass(frozen=True, slots=True)
class QuadraticForm:
    """d′V⁻d with the rank of V, and whether V is positive definite."""

    value: float
    rank: int
    positive: bool


def quadratic_form(difference: Floats, covariance: Floats, *, scale: Floats | None = None) -> QuadraticForm:
    """Return d′V⁻d with the generalised inverse of V where V has not full rank.

    Parameters
    ----------
    difference : (q,) d
    covariance : (q, q) V, symmetric, not always positive
    scale : (q,) variances that the diagonal of V is measured against; by default its own

    Source
    ------
    Moore & Penrose's inverse, after scaling each coordinate to a unit variance, so that the units of the columns do
    not matter; Hausman & Taylor (1981) for a singular V. Decision 0028. Proof: tests/diagnostics/test_hausman.py
    """
    variances = np.abs(np.diag(covariance)) if scale is None else scale
    unit = np.where(variances > 0, 1 / np.sqrt(np.where(variances > 0, variances, 1.0)), 0.0)
    values, vectors = np.linalg.eigh(covariance * unit[:, None] * unit)
    real = np.abs(values) > COLLINEAR
    along = (vectors.T @ (difference * unit))[real]
    return QuadraticForm(float((along**2 / values[real]).sum()), int(real.sum()), bool((values > COLLINEAR).all()))
