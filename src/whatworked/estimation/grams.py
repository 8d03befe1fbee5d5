"""From cells or rows to the Gram matrices of a design."""

from dataclasses import dataclass

import numpy as np

from whatworked.estimation.statistics import AreaGrams, Cells, Floats, Integers

# A block of rows that stays in the processor's cache while it is used.
ROWS_AT_A_TIME = 4096


@dataclass(frozen=True)
class Beside:
    """Matrices (n, q) side by side that are never put together: their rows are read a part at a time."""

    designs: tuple[Floats, ...]

    @property
    def shape(self) -> tuple[int, int]:
        """Rows, and columns of all of them."""
        return len(self.designs[0]), sum(design.shape[1] for design in self.designs)

    def __getitem__(self, rows: Integers) -> Floats:
        """Return some rows."""
        return np.hstack([design[rows] for design in self.designs])

    def times(self, coef: Floats, places: Integers) -> Floats:
        """Return (n,) the rows' products with coefficients (k,) of the columns at `places` (k,)."""
        whole = np.zeros(self.shape[1])
        whole[places] = coef
        ends = np.cumsum([design.shape[1] for design in self.designs])
        parts = [design @ own for design, own in zip(self.designs, np.split(whole, ends[:-1]), strict=True)]
        return np.asarray(sum(parts), dtype=np.float64)


def cell_grams(cells: Cells, design: Floats, *, names: tuple[str, ...], covariates_at: int | None = None) -> AreaGrams:
    """Sum a design that is constant within cells, and the cells' covariates, into Gram matrices, area by area.

    Parameters
    ----------
    cells : n cells; those without rows of positive weight are left out
    design : (n, q) one row a cell
    names : q names of the columns
    covariates_at : how many columns of the design stand before the covariates; by default all

    Returns
    -------
    AreaGrams of the areas that hold a row, in the order of `cells.areas`.

    Source
    ------
    Frisch & Waugh (1933) needs no more than these sums; Lovell (1963).
    Proof: tests/estimation/test_grams.py
    """
    used = cells.keep(cells.used)
    whole = _summed(used, design[cells.used], names)
    q, c = design.shape[1], len(used.covariates.names)
    if not c or covariates_at is None:
        return whole
    return whole.columns(np.concatenate([np.arange(covariates_at), q + np.arange(c), np.arange(covariates_at, q)]))


def _summed(cells: Cells, design: Floats, names: tuple[str, ...]) -> AreaGrams:
    """Return the Gram matrices with the covariates behind the design."""
    present, area = np.unique(cells.area, return_inverse=True)
    order = np.argsort(area, kind="stable")
    ends = np.cumsum(np.bincount(area, minlength=len(present)))
    pieces = np.split(order, ends[:-1]) if len(present) else []
    covariates = cells.covariates
    q, c = design.shape[1], len(covariates.names)
    xx, xy = np.zeros((3, len(present), q + c, q + c)), np.zeros((2, len(present), q + c))
    ones, sums = np.zeros((len(present), q + c)), np.zeros((4, len(present)))
    for a, mine in enumerate(pieces):
        x = design[mine]
        xx[:, a], xy[:, a] = cross_products(cells, x, mine)
        ones[a, :q], ones[a, q:] = x.T @ cells.weight[mine], covariates.sums[1, mine].sum(axis=0)
        sums[:, a] = [part[mine].sum() for part in (cells.squares, cells.total, cells.rows, cells.weight)]
    areas = tuple(cells.areas[i] for i in present)
    yy, y_sum, rows, weight = sums
    return AreaGrams((*names, *covariates.names), areas, xx, xy, yy, ones, y_sum, rows, weight, cells.origin)


def cross_products(cells: Cells, design: Floats, mine: Integers) -> tuple[Floats, Floats]:
    """Sum a design that is constant within cells, and behind it the cells' covariates, over some of the cells.

    Parameters
    ----------
    cells : n cells with c covariates
    design : (p, q) one row for each cell that counts
    mine : (p,) the numbers of these

    Returns
    -------
    X′WʲX (3, q + c, q + c) for j = 0, 1, 2 and X′Wʲ(y − origin) (2, q + c) for j = 0, 1.

    Source
    ------
    As `cell_grams`. Proof: tests/estimation/test_grams.py
    """
    covariates, q = cells.covariates, design.shape[1]
    columns = q + len(covariates.names)
    xx, xy = np.zeros((3, columns, columns)), np.zeros((2, columns))
    for j in range(3):
        xx[j, :q, :q] = (design * cells.weights[j, mine, None]).T @ design
        xx[j, :q, q:] = design.T @ covariates.sums[j, mine]
        xx[j, q:, q:] = covariates.products[j, mine].sum(axis=0)
    xx[:, q:, :q] = xx[:, :q, q:].swapaxes(1, 2)
    for j in range(2):
        xy[j, :q], xy[j, q:] = design.T @ cells.totals[j, mine], covariates.cross[j, mine].sum(axis=0)
    return xx, xy


def row_grams(
    design: Floats | Beside,
    outcome: Floats,
    *,
    weight: Floats,
    area: Integers,
    names: tuple[str, ...],
    origin: float | None = None,
) -> AreaGrams:
    """Sum rows into Gram matrices, area by area.

    Parameters
    ----------
    design : (n, q)
    outcome : (n,)
    weight : (n,) not negative; rows of weight 0 are left out
    area : (n,) label of each row's area
    names : q names of the columns
    origin : what the outcome is measured from, by default its rounded mean

    Returns
    -------
    AreaGrams, areas in sorted order.

    Source
    ------
    As `cell_grams`, a row being a cell of one. Proof: tests/estimation/test_grams.py
    """
    rows = np.flatnonzero(weight > 0)
    labels, index = np.unique(area[rows], return_inverse=True)
    if origin is None:
        origin = float(np.round(outcome[rows].mean())) if len(rows) else 0.0
    order = rows[np.argsort(index, kind="stable")]
    counts = np.bincount(index, minlength=len(labels))
    ends = np.cumsum(counts)
    groups, q = len(labels), design.shape[1]
    xx, xy = np.zeros((3, groups, q, q)), np.zeros((2, groups, q))
    yy, weights, y_sum = (np.zeros(groups) for _ in range(3))
    ones = np.zeros((groups, q))
    for a, (end, count) in enumerate(zip(ends, counts, strict=True)):
        for start in range(end - count, end, ROWS_AT_A_TIME):
            mine = order[start : min(start + ROWS_AT_A_TIME, end)]
            x, w, y = design[mine], weight[mine], outcome[mine] - origin
            weighed = x * w[:, None]
            xx[:, a] += (x.T @ x, weighed.T @ x, weighed.T @ weighed)
            xy[:, a] += (x.T @ y, weighed.T @ y)
            ones[a] += weighed.sum(axis=0)
            yy[a], weights[a], y_sum[a] = yy[a] + w @ (y * y), weights[a] + w.sum(), y_sum[a] + w @ y
    areas = tuple(str(label) for label in labels)
    return AreaGrams(names, areas, xx, xy, yy, ones, y_sum, counts.astype(np.float64), weights, origin)
