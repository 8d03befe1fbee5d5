"""From cells or rows to the Gram matrices of a design."""

import numpy as np

from whatworked.estimation.statistics import AreaGrams, Cells, Floats, Integers


def cell_grams(cells: Cells, design: Floats, *, names: tuple[str, ...]) -> AreaGrams:
    """Sum a design that is constant within cells into Gram matrices, area by area.

    Parameters
    ----------
    cells : n cells; those of weight 0 or without rows are left out
    design : (n, q) one row a cell
    names : q names of the columns

    Returns
    -------
    AreaGrams of the areas that hold a row, in the order of `cells.areas`.

    Source
    ------
    Frisch & Waugh (1933) needs no more than these sums; Lovell (1963).
    Proof: tests/estimation/test_grams.py
    """
    used = (cells.weight > 0) & (cells.count > 0)
    present, area = np.unique(cells.area[used], return_inverse=True)
    return _grams(
        design[used],
        area,
        areas=tuple(cells.areas[i] for i in present),
        names=names,
        sums=(cells.weight[used], cells.count[used], cells.total[used], cells.squares[used]),
        origin=cells.origin,
    )


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
    y = outcome[used] - origin
    return _grams(
        design[used],
        index,
        areas=tuple(str(label) for label in labels),
        names=names,
        sums=(weight[used], np.ones(len(y)), y, y * y),
        origin=origin,
    )


def _grams(
    design: Floats,
    area: Integers,
    *,
    areas: tuple[str, ...],
    names: tuple[str, ...],
    sums: tuple[Floats, Floats, Floats, Floats],
    origin: float,
) -> AreaGrams:
    weight, count, total, squares = sums
    order = np.argsort(area, kind="stable")
    starts = np.searchsorted(area[order], np.arange(len(areas) + 1))
    q = design.shape[1]
    xx = np.zeros((3, len(areas), q, q))
    xy = np.zeros((2, len(areas), q))
    yy, rows, weights, y_sum = (np.zeros(len(areas)) for _ in range(4))
    ones = np.zeros((len(areas), q))
    for a in range(len(areas)):
        mine = order[starts[a] : starts[a + 1]]
        x, w, n, y = design[mine], weight[mine], count[mine], total[mine]
        for j in range(3):
            xx[j, a] = (x * (w**j * n)[:, None]).T @ x
        for j in range(2):
            xy[j, a] = x.T @ (w**j * y)
        ones[a] = x.T @ (w * n)
        yy[a], rows[a], weights[a], y_sum[a] = w @ squares[mine], n.sum(), w @ n, w @ y
    return AreaGrams(names, areas, xx, xy, yy, ones, y_sum, rows, weights, origin)
