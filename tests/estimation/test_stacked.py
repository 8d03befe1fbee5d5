"""The stacked form: all dummies on rows, and the case in which the pooled form is biased and this one is not."""

import numpy as np
import pytest
import statsmodels.api as sm

from whatworked.cells import NotEstimated
from whatworked.estimation.design import BeforeAfter, design
from whatworked.estimation.grams import cell_grams
from whatworked.estimation.linear import fit_linear
from whatworked.estimation.stacked import stacked
from whatworked.estimation.statistics import Cells


def all_dummies(cells):
    """Least squares on rows with a dummy for every group × area and group × period."""
    post = (cells.since >= 0).astype(float)
    effect = post * cells.pilot[cells.area]
    areas = sorted(set(zip(cells.group, cells.area, strict=True)))
    periods = sorted(set(zip(cells.group, cells.period, strict=True)))
    own = [[(g, a) == pair for g, a in zip(cells.group, cells.area, strict=True)] for pair in areas]
    time = [[(g, t) == pair for g, t in zip(cells.group, cells.period, strict=True)] for pair in periods]
    x = np.column_stack([effect, *own, *time]).astype(float)
    kept = []
    for j in range(x.shape[1]):
        if np.linalg.matrix_rank(x[:, [*kept, j]]) > len(kept):
            kept.append(j)
    fit = sm.WLS(cells.totals[0], x[:, kept], weights=cells.weight)
    return fit.fit(cov_type="cluster", cov_kwds={"groups": cells.area})


@pytest.mark.parametrize("stagger", [False, True])
@pytest.mark.parametrize("weights", [False, True])
def test_it_equals_least_squares_with_every_dummy(make_cells, weights, stagger):
    cells = make_cells(1, pilots=3, comparators=5, shared=True, weights=weights, stagger=stagger)
    found, known = stacked(cells, unit=""), all_dummies(cells)
    assert found.estimate == pytest.approx(known.params[0], rel=1e-8)
    assert found.std_error == pytest.approx(known.bse[0], rel=1e-8)
    assert found.df == len(set(cells.area.tolist())) - 1


def two_groups(gaps=(0.10, -0.05), shapes=((6, 2), (3, 7))):
    """Two groups with level gaps between pilot and comparator, parallel trends, no effect, unequal phases."""
    rows = []
    for g, (gap, (before, after)) in enumerate(zip(gaps, shapes, strict=True)):
        for t in range(before + after):
            for side in (0, 1):
                rows.append((2 * side + g, g, t, t - before, 0.01 * t + gap * (side == 0)))
    area, group, period, since = (np.array([r[j] for r in rows]) for j in range(4))
    y = np.array([r[4] for r in rows])
    ones = np.ones(len(rows))
    return Cells.even(
        ("P0", "P1", "C0", "C1"),
        ("P0", "P1"),
        tuple(str(t) for t in range(10)),
        np.array([True, True, False, False]),
        area,
        group,
        period,
        since,
        weight=ones,
        count=ones,
        total=y,
        squares=y**2,
    )


def test_level_gaps_and_different_dates_bias_the_pooled_form_and_not_this_one():
    cells = two_groups()
    columns = design(cells, BeforeAfter())
    pooled = fit_linear(cell_grams(cells, columns.matrix, names=columns.names)).value("pilot:post")
    assert abs(pooled) > 0.05
    assert stacked(cells, unit="").estimate == pytest.approx(0, abs=1e-12)


def test_a_group_without_a_comparator_tells_nothing(make_cells):
    cells = make_cells(2)
    assert isinstance(stacked(cells.keep(cells.pilot[cells.area]), unit=""), NotEstimated)


def test_no_more_rows_than_effects_is_a_reason(make_cells):
    cells = make_cells(3, pilots=1, comparators=1, before=1, after=1)
    assert stacked(cells, unit="") == NotEstimated("there are no more rows than effects")
