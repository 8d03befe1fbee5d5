"""The collapsed comparison: a t-test of changes made by hand, dummies for every area × group × phase, few areas."""

from dataclasses import replace

import numpy as np
import pytest
from scipy import stats

from whatworked.cells import NotEstimated
from whatworked.estimation.collapsed import area_changes, collapsed_slope, collapsed_t
from whatworked.estimation.statistics import Covariates


def naive_changes(cells):
    """Regress on period dummies and a dummy for each area × group × phase, by least squares on rows."""
    unit = [(a, g, k >= 0) for a, g, k in zip(cells.area, cells.group, cells.since, strict=True)]
    units = sorted(set(unit))
    x = np.column_stack(
        [[u == v for u in unit] for v in units] + [cells.period == t for t in np.unique(cells.period)]
    ).astype(float)
    root = np.sqrt(cells.weight)
    b = np.linalg.lstsq(x * root[:, None], cells.totals[0] * root, rcond=None)[0]
    level = dict(zip(units, b, strict=False))
    changes = {}
    for a in np.unique(cells.area):
        own = [
            level[a, g, True] - level[a, g, False]
            for g in range(len(cells.groups))
            if (a, g, True) in level and (a, g, False) in level
        ]
        if own:
            changes[int(a)] = np.mean(own)
    return changes


@pytest.mark.parametrize("stagger", [False, True])
@pytest.mark.parametrize("weights", [False, True])
def test_it_equals_a_t_test_of_changes_from_dummies(make_cells, weights, stagger):
    cells = make_cells(1, pilots=4, comparators=8, shared=stagger, weights=weights, stagger=stagger)
    changes = naive_changes(cells)
    pilots = [c for a, c in changes.items() if cells.pilot[a]]
    others = [c for a, c in changes.items() if not cells.pilot[a]]
    found = collapsed_t(cells, term="pilot:post", unit="")
    known = stats.ttest_ind(pilots, others)
    assert found.estimate.estimate == pytest.approx(np.mean(pilots) - np.mean(others), rel=1e-9)
    assert found.estimate.statistic == pytest.approx(known.statistic, rel=1e-8)
    assert found.estimate.p_value == pytest.approx(known.pvalue, rel=1e-8)
    assert found.estimate.df == known.df
    welch = stats.ttest_ind(pilots, others, equal_var=False)
    assert found.welch.p_value == pytest.approx(welch.pvalue, rel=1e-8)
    assert found.welch.df == pytest.approx(welch.df, rel=1e-8)


def test_with_equal_weights_and_dates_a_change_is_a_difference_of_means(make_cells):
    cells = make_cells(2, pilots=2, comparators=4)
    found = collapsed_t(cells, term="pilot:post", unit="")
    change = [
        cells.total[(cells.area == a) & (cells.since >= 0)].mean()
        - cells.total[(cells.area == a) & (cells.since < 0)].mean()
        for a in range(6)
    ]
    assert found.estimate.estimate == pytest.approx(np.mean(change[:2]) - np.mean(change[2:]), rel=1e-10)


def test_one_pilot_is_judged_by_the_comparators_alone(make_cells):
    cells = make_cells(3, pilots=1, comparators=9)
    found = collapsed_t(cells, term="pilot:post", unit="")
    changes, _ = area_changes(cells)
    spread = changes[1:].std(ddof=1) * np.sqrt(1 + 1 / 9)
    assert found.estimate.df == 8
    assert found.estimate.std_error == pytest.approx(spread, rel=1e-10)
    assert found.welch is None


def test_where_all_areas_of_a_side_change_alike_there_is_nothing_to_judge_chance_by(make_cells):
    cells = make_cells(3, pilots=3, comparators=5)
    treated = (cells.pilot[cells.area] & cells.post).astype(float)
    for effect in (0.0, 0.25):
        alike = replace(
            cells,
            totals=cells.weights[:2] * (effect * treated),
            squares=cells.weight * (effect * treated) ** 2,
            covariates=Covariates.none(len(treated)),
        )
        scores = cells.pilot.astype(float)
        for found in (collapsed_t(alike, term="t", unit=""), collapsed_slope(alike, scores, term="t", unit="")):
            assert isinstance(found, NotEstimated)
            assert "do not vary" in found.reason


def test_changes_that_differ_ever_so_little_are_compared(make_cells):
    cells = make_cells(3, pilots=3, comparators=5)
    cells = replace(cells, covariates=Covariates.none(len(cells.area)))
    small = replace(cells, totals=1e-8 * cells.totals, squares=1e-16 * cells.squares)
    found, scaled = (collapsed_t(one, term="t", unit="").estimate for one in (cells, small))
    assert scaled.p_value == pytest.approx(found.p_value, rel=1e-6)


def test_one_against_one_has_no_test(make_cells):
    found = collapsed_t(make_cells(4, pilots=1, comparators=1), term="pilot:post", unit="")
    assert found == NotEstimated("one area on each side leaves nothing to judge chance by")


def test_an_area_without_one_phase_leaves_with_its_reason(make_cells):
    cells = make_cells(5, pilots=3, comparators=6)
    kept = cells.keep(~((cells.area == 4) & (cells.since >= 0)))
    found = collapsed_t(kept, term="pilot:post", unit="")
    assert [(d.pilot, d.reason) for d in found.left_out] == [("C1", "it has no rows in one of the phases")]
    assert set(found.changes) == {"P0", "P1", "P2", "C0", "C2", "C3", "C4", "C5"}


def test_a_side_without_areas_has_no_test(make_cells):
    cells = make_cells(6, pilots=2, comparators=4)
    alone = cells.keep(cells.pilot[cells.area])
    assert isinstance(collapsed_t(alone, term="pilot:post", unit=""), NotEstimated)


def test_groups_whose_calendars_do_not_meet_cannot_be_compared(make_cells):
    """One group's post periods are the other's baseline, with unequal numbers of comparators: not identified."""
    cells = make_cells(7, pilots=2, comparators=3, before=3, after=2)
    period = cells.period + np.where(cells.group == 1, 3, 0)
    since = cells.since
    moved = replace(
        cells,
        periods=tuple(str(t) for t in range(8)),
        period=period,
        since=since,
    )
    assert isinstance(area_changes(moved), NotEstimated)
