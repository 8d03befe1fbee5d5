"""The stacked form: all dummies on rows, its errors by the definition and in identities, what it does not see."""

import warnings

import numpy as np
import pytest
from bias_reduction_by_hand import bias_reduced, every_dummy
from scipy import stats

from whatworked.cells import NotEstimated
from whatworked.estimation.design import BeforeAfter, design
from whatworked.estimation.grams import cell_grams
from whatworked.estimation.linear import fit_linear
from whatworked.estimation.stacked import stacked
from whatworked.estimation.statistics import Cells

EXACT = 1e-8


def by_hand(cells, *, scores=None):
    """Least squares on rows with a dummy for every group × area and group × period: estimate, standard error, df."""
    treated = cells.pilot if scores is None else scores
    x = every_dummy(cells.area, cells.group, cells.period, cells.post * treated[cells.area])
    coef, covariance, df = bias_reduced(x, cells.totals[0], cells.weight, cells.area)
    return coef[0], np.sqrt(covariance[0, 0]), df[0]


def told(found):
    return found.estimate, found.std_error, found.df


@pytest.mark.parametrize("stagger", [False, True])
@pytest.mark.parametrize("weights", [False, True])
@pytest.mark.parametrize("shared", [False, True])
def test_it_equals_least_squares_with_every_dummy(make_cells, weights, stagger, shared):
    cells = make_cells(1, pilots=3, comparators=5, shared=shared, weights=weights, stagger=stagger)
    assert told(stacked(cells, unit="")) == pytest.approx(by_hand(cells), rel=EXACT)


@pytest.mark.parametrize(("pilots", "comparators"), [(1, 2), (2, 2), (1, 6), (6, 12)])
def test_it_does_so_with_one_pilot_with_pairs_and_with_groups_of_three(make_cells, pilots, comparators):
    cells = make_cells(2, pilots=pilots, comparators=comparators, weights=True, stagger=True)
    assert told(stacked(cells, unit="")) == pytest.approx(by_hand(cells), rel=EXACT)


def test_it_does_so_where_areas_lack_periods(make_cells):
    cells = make_cells(3, pilots=4, comparators=6, shared=True, weights=True)
    cells = cells.keep(np.random.default_rng(3).random(len(cells.area)) < 0.8)
    assert told(stacked(cells, unit="")) == pytest.approx(by_hand(cells), rel=EXACT)


@pytest.mark.parametrize("seed", range(8))
def test_what_is_alike_in_all_an_areas_rows_leaves_no_rounding_behind(make_cells, seed):
    cells = make_cells(seed, pilots=3, comparators=9, weights=True, stagger=True)
    cells = cells.keep(cells.period == np.where(cells.area % 3 == 0, 1 + cells.area % 5, cells.period))
    rates = np.random.default_rng(seed).random((len(cells.area), 3))
    rates[:, 2] = rates[cells.area, 2]
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = told(stacked(cells.with_constant(("a", "b", "c"), rates), unit=""))
    post = cells.post * cells.pilot[cells.area]
    x = every_dummy(cells.area, cells.group, cells.period, np.column_stack([post, rates[:, :2]]))
    coef, covariance, df = bias_reduced(x, cells.totals[0], cells.weight, cells.area)
    assert found == pytest.approx((coef[0], np.sqrt(covariance[0, 0]), df[0]), rel=EXACT)


def panel(groups, changes_of, *, before, after):
    """One row an area and year; each area's post − baseline change is `changes_of` its number, on top of noise."""
    rng = np.random.default_rng(5)
    groups = np.asarray(groups)
    areas, years = len(groups), before + after
    noise = rng.normal(size=(areas, years))
    y = noise - (noise[:, before:].mean(axis=1) - noise[:, :before].mean(axis=1))[:, None] * (
        np.arange(years) >= before
    )
    y += np.asarray(changes_of)[:, None] * (np.arange(years) >= before)
    pilot = np.array([area == np.flatnonzero(groups == g)[0] for area, g in enumerate(groups)])
    return pilot, y


def as_cells(groups, pilot, y, before, *, rows=1):
    areas, years = y.shape
    area, period = np.repeat(np.arange(areas), years), np.tile(np.arange(years), areas)
    group, ones = np.asarray(groups)[area], np.ones(areas * years)
    return Cells.even(
        tuple(f"A{i}" for i in range(areas)),
        tuple(f"G{g}" for g in range(group.max() + 1)),
        tuple(str(t) for t in range(years)),
        pilot,
        area,
        group,
        period,
        period - before,
        weight=ones,
        count=rows * ones,
        total=rows * y.ravel(),
        squares=rows * y.ravel() ** 2,
    )


@pytest.mark.parametrize("pairs", [2, 3, 9])
def test_balanced_pairs_are_the_paired_t_test_of_the_areas_changes(pairs):
    changes = np.random.default_rng(pairs).normal(1, 2, 2 * pairs)
    pilot, y = panel(np.repeat(np.arange(pairs), 2), changes, before=4, after=3)
    found = stacked(as_cells(np.repeat(np.arange(pairs), 2), pilot, y, 4), unit="")
    known = stats.ttest_rel(changes[pilot], changes[~pilot])
    differences = changes[pilot] - changes[~pilot]
    assert found.estimate == pytest.approx(differences.mean(), rel=EXACT)
    assert found.std_error == pytest.approx(differences.std(ddof=1) / np.sqrt(pairs), rel=EXACT)
    assert found.df == pytest.approx(pairs - 1, rel=EXACT)
    assert found.p_value == pytest.approx(known.pvalue, rel=1e-7)


def test_one_balanced_group_has_the_error_of_welchs_test_and_its_degrees_of_freedom_at_equal_variances():
    pilot, changes = np.arange(7) < 3, np.random.default_rng(8).normal(size=7)
    _, y = panel(np.zeros(7, dtype=int), changes, before=4, after=3)
    found = stacked(as_cells(np.zeros(7, dtype=int), pilot, y, 4), unit="")
    known = stats.ttest_ind(changes[pilot], changes[~pilot], equal_var=False)
    assert found.statistic == pytest.approx(known.statistic, rel=EXACT)
    assert found.df == pytest.approx((1 / 3 + 1 / 4) ** 2 / (1 / (3**2 * 2) + 1 / (4**2 * 3)), rel=EXACT)


def test_one_pair_alone_has_no_error_to_go_by():
    pilot, y = panel([0, 0], [1.0, 3.0], before=4, after=3)
    assert stacked(as_cells([0, 0], pilot, y, 4), unit="") == NotEstimated("the errors of the areas do not vary")


def test_groups_of_three_without_an_effect_are_called_one_in_about_five_studies_of_a_hundred():
    """Fifty rows an area and year share its shock, of which 70 % persist. CR1 read against t(G − 1) calls more."""
    rng, studies, groups = np.random.default_rng(9), 300, np.repeat(np.arange(3), 3)
    pilot = np.arange(9) % 3 == 0
    reduced, plain = [], []
    for _ in range(studies):
        shocks = rng.normal(size=(9, 6))
        for year in range(1, 6):
            shocks[:, year] = 0.7 * shocks[:, year - 1] + np.sqrt(1 - 0.49) * shocks[:, year]
        found = stacked(as_cells(groups, pilot, shocks, 3, rows=50), unit="")
        reduced.append(found.p_value < 0.05)
        plain.append(2 * stats.t.sf(abs(found.estimate) / cr1_of_threes(shocks, before=3, rows=50), 8) < 0.05)
    # within three Monte Carlo errors, of 1.3 points each, of 5
    assert 0.01 < np.mean(reduced) < 0.09
    assert np.mean(plain) > 0.12


def cr1_of_threes(y, *, before, rows):
    """CR1 of balanced groups of a pilot and two comparators: of changes alone, as an area's dummies leave no more."""
    change = (y[:, before:].mean(axis=1) - y[:, :before].mean(axis=1)).reshape(-1, 3)
    contrast = np.array([1, -0.5, -0.5])
    left = change - change.mean(axis=1, keepdims=True)
    left -= (change @ contrast).mean() * np.array([2, -1, -1]) / 3
    areas, n, k = y.shape[0], rows * y.size, y.shape[0] + len(change) * (y.shape[1] - 1) + 1
    scale = areas / (areas - 1) * (n - 1) / (n - k)
    return np.sqrt(scale * ((left * contrast) ** 2).sum()) / len(change)


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


def test_no_rows_at_all_tell_nothing(make_cells):
    cells = make_cells(4)
    assert isinstance(stacked(cells.keep(np.zeros(len(cells.area), dtype=bool)), unit=""), NotEstimated)
