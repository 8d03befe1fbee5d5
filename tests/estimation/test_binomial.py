"""Binomial cells: equal rows merge and no others, columns keep their own values, a study's cells become successes."""

from dataclasses import replace

import numpy as np
import pytest
from logit_rows import NAMES, as_cells, invented_rows

from whatworked.cells import NotEstimated
from whatworked.estimation.binomial import Binomial, binomial_cells, yes_or_no


def test_equal_rows_of_an_area_merge_and_no_others():
    design, y, w, area = invented_rows(1)
    cells = as_cells(design, y, w, area)
    rows = np.column_stack([area, design])
    distinct = np.unique(rows, axis=0)
    assert len(cells.design) == len(distinct) < len(rows)
    for values, found in zip(
        distinct, np.lexsort([*(cells.column(n).round(9) for n in reversed(NAMES)), cells.area]), strict=True
    ):
        same = (rows == values).all(axis=1)
        assert cells.weight_unit * cells.successes[found] == pytest.approx(w[same] @ y[same])
        assert cells.weight_unit * cells.failures[found] == pytest.approx(w[same] @ (1 - y[same]))
        assert cells.weight_unit**2 * cells.success_squares[found] == pytest.approx(w[same] ** 2 @ y[same])
    assert cells.rows == len(rows)


def test_columns_have_mean_nought_and_unit_spread_but_for_the_intercept():
    design, y, w, area = invented_rows(2)
    cells = as_cells(design + np.array([0, 0, 0, 0, 1e6]), y, w, area)
    share = cells.trials / cells.trials.sum()
    assert share @ cells.design == pytest.approx([1, 0, 0, 0, 0], abs=1e-12)
    assert share @ cells.design**2 == pytest.approx(np.ones(5))
    assert np.isin(cells.column("x").round(6), (design[:, 4] + 1e6).round(6)).all()


def test_rows_without_weight_or_count_leave_and_so_do_their_areas():
    design, y, w, area = invented_rows(3)
    w[area == 2] = 0
    count = np.where(area == 5, 0.0, 1.0)
    cells = binomial_cells(
        design, Binomial(y * count, count, w), area=area, names=NAMES, areas=tuple(f"A{i}" for i in range(8))
    )
    assert cells.areas == ("A0", "A1", "A3", "A4", "A6", "A7")
    assert cells.rows == ((area != 2) & (area != 5)).sum()


def test_no_row_at_all_is_no_error():
    assert as_cells(np.ones((3, 1)), np.zeros(3), np.zeros(3), names=("(intercept)",)).rows == 0


def test_a_studys_cells_are_successes_of_counts_whatever_the_origin(make_cells):
    cells = make_cells(1)
    n = len(cells.count)
    successes, count = np.arange(n) % 4.0, np.full(n, 3.0)
    for origin in (0.0, 1.0, 0.25):
        given = replace(
            cells,
            count=count,
            total=successes - origin * count,
            squares=successes * (1 - origin) ** 2 + (count - successes) * origin**2,
            origin=origin,
        )
        found = yes_or_no(given)
        assert (found.successes == successes).all()
        assert found.count is given.count


def test_an_outcome_of_other_values_is_refused(make_cells):
    assert isinstance(yes_or_no(make_cells(1)), NotEstimated)
