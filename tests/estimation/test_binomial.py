"""Binomial cells: equal rows merge and no others, columns keep their own values, a study's cells become successes."""

import numpy as np
import pytest
from logit_rows import NAMES, as_cells, invented_rows

from whatworked.cells import NotEstimated
from whatworked.estimation.binomial import Binomial, binomial_cells, yes_or_no
from whatworked.estimation.people import People


def test_equal_rows_of_an_area_merge_and_no_others():
    design, y, w, area = invented_rows(1)
    cells = as_cells(design, y, w, area)
    rows = np.column_stack([area, design])
    distinct = np.unique(rows, axis=0)
    assert len(cells.trials) == len(distinct) < len(rows)
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
    columns = np.column_stack([cells.design.column(j) for j in range(5)])
    assert share @ columns == pytest.approx([1, 0, 0, 0, 0], abs=1e-12)
    assert share @ columns**2 == pytest.approx(np.ones(5))
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


def people(outcome, origin):
    n = len(outcome)
    zero = np.zeros(n, dtype=np.int64)
    weight = np.linspace(0, 1, n)
    return People(
        ("A",), ("A",), ("2010",), np.array([True]), zero, zero, zero, zero, zero, np.arange(n), zero,
        outcome - origin, weight, (), origin,
    )  # fmt: skip


@pytest.mark.parametrize("origin", [0.0, 1.0, 0.25])
def test_peoples_rows_are_successes_whatever_the_origin(origin):
    outcome = np.arange(40) % 2.0
    found = yes_or_no(people(outcome, origin))
    assert (found.successes == outcome).all()
    assert (found.count == 1).all()


def test_an_outcome_of_other_values_is_refused():
    assert isinstance(yes_or_no(people(np.array([0.0, 1.0, 2.0]), 1.0)), NotEstimated)
    assert isinstance(yes_or_no(people(np.array([0.0, 0.5]), 0.0)), NotEstimated)
