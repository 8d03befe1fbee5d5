"""From cells or rows to the Gram matrices of a design."""

import numpy as np

from whatworked.estimation.statistics import AreaGrams, Cells, Floats, Integers


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
        for j in range(3):
            xx[j, a, :q, :q] = (x * cells.weights[j, mine, None]).T @ x
            xx[j, a, :q, q:] = x.T @ covariates.sums[j, mine]
            xx[j, a, q:, q:] = covariates.products[j, mine].sum(axis=0)
        for j in range(2):
            xy[j, a, :q], xy[j, a, q:] = x.T @ cells.totals[j, mine], covariates.cross[j, mine].sum(axis=0)
        ones[a, :q], ones[a, q:] = x.T @ cells.weight[mine], covariates.sums[1, mine].sum(axis=0)
        sums[:, a] = [part[mine].sum() for part in (cells.squares, cells.total, cells.rows, cells.weight)]
    xx[:, :, q:, :q] = xx[:, :, :q, q:].swapaxes(2, 3)
    areas = tuple(cells.areas[i] for i in present)
    yy, y_sum, rows, weight = sums
    return AreaGrams((*names, *covariates.names), areas, xx, xy, yy, ones, y_sum, rows, weight, cells.origin)


def row_grams(
    design: Floats,
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
    used = weight > 0
    labels, index = np.unique(area[used], return_inverse=True)
    if origin is None:
        origin = float(np.round(outcome[used].mean())) if used.any() else 0.0
    x, w, y = design[used], weight[used], outcome[used] - origin
    order = np.argsort(index, kind="stable")
    starts = np.searchsorted(index[order], np.arange(len(labels) + 1))
    groups, q = len(labels), design.shape[1]
    xx, xy = np.zeros((3, groups, q, q)), np.zeros((2, groups, q))
    yy, rows, weights, y_sum = (np.zeros(groups) for _ in range(4))
    ones = np.zeros((groups, q))
    for a in range(groups):
        mine = order[starts[a] : starts[a + 1]]
        xa, wa, ya = x[mine], w[mine], y[mine]
        for j in range(3):
            xx[j, a] = (xa * (wa**j)[:, None]).T @ xa
        for j in range(2):
            xy[j, a] = xa.T @ (wa**j * ya)
        ones[a] = xa.T @ wa
        yy[a], rows[a], weights[a], y_sum[a] = wa @ (ya * ya), len(mine), wa.sum(), wa @ ya
    areas = tuple(str(label) for label in labels)
    return AreaGrams(names, areas, xx, xy, yy, ones, y_sum, rows, weights, origin)
