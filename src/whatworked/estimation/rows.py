"""Rows of a panel, and a weighted linear fit that keeps them: for what the sums over areas do not hold."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from whatworked.cells import NotEstimated
from whatworked.estimation.grams import row_grams
from whatworked.estimation.linear import INTERCEPT, LinearFit, fit_linear
from whatworked.estimation.statistics import AreaGrams, Flags, Floats, Integers

Labels = NDArray[Any]

COLUMNS_AT_A_TIME = 8


@dataclass(frozen=True)
class PanelRows:
    """Rows of people seen once or more: what a model is fitted on when it must know who is who.

    `design` (n, q) has columns `names`, `outcome` and `weight` are (n,). `area`, `unit` and `person` (n,) are labels: a
    unit is a person × area × matched group, so that a copy in another group is no repeat; a person is a person × area,
    all copies together.
    """

    names: tuple[str, ...]
    design: Floats
    outcome: Floats
    weight: Floats
    area: Labels
    unit: Labels
    person: Labels

    def keep(self, rows: Flags) -> "PanelRows":
        """Return the rows marked in `rows` (n,); all of them without a copy."""
        if rows.all():
            return self
        columns = ("design", "outcome", "weight", "area", "unit", "person")
        return replace(self, **{name: getattr(self, name)[rows] for name in columns})

    @property
    def fault(self) -> NotEstimated | None:
        """Why no model can be fitted on these rows; None where one can."""
        finite = all(np.isfinite(column).all() for column in (self.design, self.outcome, self.weight))
        if not finite:
            return NotEstimated("an outcome, a covariate or a weight is not a finite number")
        if (self.weight < 0).any():
            return NotEstimated("a weight is negative")
        if not (self.weight > 0).any():
            return NotEstimated("no row has a weight above 0")
        if crosses(self.unit, self.area):
            return NotEstimated("a unit has rows in more than one area")
        return None


@dataclass(frozen=True)
class RowFit:
    """A weighted linear fit with its rows (m of n, k kept columns), after whatever was taken out of them.

    `used` (n,) marks the rows given that are in the fit; `area` and `person` (m,) are their labels.
    """

    linear: LinearFit
    design: Floats
    residual: Floats
    weight: Floats
    area: Labels
    person: Labels
    used: Flags

    @property
    def scores(self) -> Floats:
        """(m, k) each row's w·e·x, whose sums over a cluster make its covariance."""
        return self.design * (self.weight * self.residual)[:, None]


@dataclass(frozen=True)
class Grouping:
    """Which of N groups each of n rows belongs to, and each group's weight."""

    index: Integers
    weight: Floats
    total: Floats

    @property
    def size(self) -> Integers:
        """(N,) rows of each group."""
        return np.bincount(self.index, minlength=len(self.total))

    def sums(self, values: Floats) -> Floats:
        """Return the weighted sum of `values` (n,) or (n, q) over each group, (N,) or (N, q)."""
        result: Floats = self.matrix @ values
        return result

    @cached_property
    def order(self) -> Integers:
        """(n,) the rows in the order of their groups."""
        return np.argsort(self.index, kind="stable")

    @cached_property
    def starts(self) -> Integers:
        """(N + 1,) where each group's rows begin in that order, and where the last one's end."""
        return np.concatenate([[0], np.cumsum(self.size)])

    @cached_property
    def matrix(self) -> csr_array:
        """(N, n) what turns rows into the weighted sums of groups: each row's weight, in the line of its group."""
        shape = (len(self.total), len(self.index))
        return csr_array((self.weight[self.order], self.order, self.starts), shape=shape)

    def means(self, values: Floats) -> Floats:
        """Return the weighted mean of `values` (n,) or (n, q) in each group, (N,) or (N, q)."""
        result: Floats = (self.sums(values).T / self.total).T
        return result

    def less_means(self, values: Floats, share: Floats) -> Floats:
        """Return `values` (n, q) less a share (n,) of their group's mean, a few columns at a time."""
        result = np.empty(values.shape)
        for columns in blocks(values.shape[1]):
            part = np.ascontiguousarray(values[:, columns])
            result[:, columns] = part - share[:, None] * self.means(part)[self.index]
        return result


def blocks(columns: int) -> Iterator[slice]:
    """Yield the numbers of columns, a few at a time: enough to be quick, too few to double a matrix.

    Source
    ------
    Bookkeeping. Proof: tests/estimation/test_panel.py
    """
    for start in range(0, columns, COLUMNS_AT_A_TIME):
        yield slice(start, min(start + COLUMNS_AT_A_TIME, columns))


def grouped(labels: Labels, weight: Floats) -> Grouping:
    """Group rows by their labels; groups come in sorted order.

    Source
    ------
    Bookkeeping. Proof: tests/estimation/test_panel.py
    """
    index = np.unique(labels, return_inverse=True)[1].astype(np.int64)
    return Grouping(index, weight, np.bincount(index, weight).astype(np.float64))


def crosses(inner: Labels, outer: Labels) -> bool:
    """Whether a label of `inner` (n,) stands with more than one label of `outer` (n,)."""
    _, first, index = np.unique(inner, return_index=True, return_inverse=True)
    return bool((outer != outer[first][index]).any())


def pooled(rows: PanelRows) -> RowFit | NotEstimated:
    """Fit the pooled weighted linear model, keeping the rows.

    Returns
    -------
    RowFit of the rows of positive weight, or the reason for none.

    Source
    ------
    As `estimation.linear.fit_linear`. Proof: tests/estimation/test_panel.py
    """
    if rows.fault:
        return rows.fault
    used = rows.weight > 0
    kept = rows.keep(used)
    origin = float(np.round(kept.outcome.mean())) if INTERCEPT in rows.names else 0.0
    outcome = kept.outcome - origin
    return fitted(kept, grams_of(kept, outcome, origin=origin), outcome=outcome, used=used)


def fitted(rows: PanelRows, grams: AreaGrams, *, outcome: Floats, used: Flags) -> RowFit:
    """Fit the rows given from their Gram matrices, their outcome measured from the origin of these.

    Source
    ------
    As `estimation.linear.fit_linear`. Proof: tests/estimation/test_panel.py
    """
    linear = fit_linear(grams)
    places = [rows.names.index(name) for name in linear.names]
    design = rows.design if len(places) == len(rows.names) else rows.design[:, places]
    residual = outcome - design @ linear.coef
    return RowFit(linear, design, residual, rows.weight, rows.area, rows.person, used)


def grams_of(rows: PanelRows, outcome: Floats, *, origin: float = 0.0) -> AreaGrams:
    """Sum rows into Gram matrices, their outcome replaced by one that is measured from `origin` already.

    Source
    ------
    As `estimation.grams.row_grams`. Proof: tests/estimation/test_panel.py
    """
    grams = row_grams(rows.design, outcome, weight=rows.weight, area=rows.area, names=rows.names, origin=0.0)
    return replace(grams, origin=origin)
