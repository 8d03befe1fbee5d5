"""Gram matrices: cells come to what their rows come to."""

from dataclasses import replace

import numpy as np
import pytest

from whatworked.estimation.grams import Beside, cell_grams, row_grams
from whatworked.estimation.statistics import Cells


def test_cells_of_several_rows_estimate_as_their_rows():
    rng = np.random.default_rng(0)
    n, per = 24, 4
    x = np.column_stack([np.ones(n), rng.integers(0, 2, n), rng.integers(0, 2, n)]).astype(float)
    y = rng.normal(size=(n, per))
    w = rng.uniform(0.5, 2, n)
    area = np.arange(n) % 4
    by_row = row_grams(
        np.repeat(x, per, axis=0),
        y.ravel(),
        weight=np.repeat(w, per),
        area=np.repeat(area, per),
        names=("(intercept)", "a", "b"),
    )
    zero = np.zeros(n, dtype=int)
    cells = Cells.even(
        ("a", "b", "c", "d"),
        ("g",),
        ("t",),
        np.zeros(4, dtype=bool),
        area,
        zero,
        zero,
        zero,
        weight=w,
        count=np.full(n, float(per)),
        total=(y - by_row.origin).sum(axis=1),
        squares=((y - by_row.origin) ** 2).sum(axis=1),
        origin=by_row.origin,
    )
    by_cell = cell_grams(cells, x, names=by_row.names)
    assert by_cell.xx == pytest.approx(by_row.xx, rel=1e-12)
    assert by_cell.xy == pytest.approx(by_row.xy, abs=1e-9)
    assert by_cell.yy == pytest.approx(by_row.yy, rel=1e-12)
    assert by_cell.rows.tolist() == by_row.rows.tolist()
    assert by_cell.without(1).areas == ("a", "c", "d")


def test_matrices_beside_each_other_are_summed_as_if_put_together():
    rng = np.random.default_rng(5)
    left, right, outcome = rng.normal(size=(50, 2)), rng.normal(size=(50, 3)), rng.normal(size=50)
    whole, both = np.hstack([left, right]), Beside((left, right))
    known = {"weight": rng.uniform(0, 2, 50), "area": rng.integers(0, 3, 50), "names": tuple("abcde")}
    assert both.shape == whole.shape
    assert row_grams(both, outcome, **known).xx == pytest.approx(row_grams(whole, outcome, **known).xx, rel=1e-12)
    coef, places = rng.normal(size=3), np.array([0, 2, 4])
    assert both.times(coef, places) == pytest.approx(whole[:, places] @ coef, rel=1e-12)


def test_cells_without_weight_or_rows_count_for_nothing(make_cells):
    cells = make_cells(1)
    x = np.column_stack([np.ones(len(cells.area)), cells.pilot[cells.area]])
    there = (cells.area != 3).astype(float)
    light = replace(cells, weights=cells.weights * there, totals=cells.totals * there, squares=cells.squares * there)
    from_light = cell_grams(light, x, names=("(intercept)", "pilot"))
    kept = cells.keep(cells.area != 3)
    known = cell_grams(kept, x[cells.area != 3], names=("(intercept)", "pilot"))
    assert from_light.areas == known.areas
    assert from_light.xx == pytest.approx(known.xx)


def test_gram_matrices_of_parts_add_up_to_the_whole(make_cells):
    cells = make_cells(2, weights=True)
    x = np.random.default_rng(0).normal(size=(len(cells.area), 3))
    first = cells.period < 4
    whole = cell_grams(cells, x, names=("a", "b", "c"))
    parts = [cell_grams(cells.keep(rows), x[rows], names=("a", "b", "c")) for rows in (first, ~first)]
    assert parts[0].xx + parts[1].xx == pytest.approx(whole.xx)
    assert parts[0].xy + parts[1].xy == pytest.approx(whole.xy)
    assert parts[0].yy + parts[1].yy == pytest.approx(whole.yy)
