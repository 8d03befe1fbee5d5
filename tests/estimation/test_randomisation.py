"""Randomisation inference: every assignment refitted by hand, both sets of assignments, what they cannot do."""

from itertools import combinations, product

import numpy as np
import pytest

from whatworked.cells import NotEstimated
from whatworked.estimation.design import BeforeAfter, design
from whatworked.estimation.grams import cell_grams, row_grams
from whatworked.estimation.linear import fit_linear
from whatworked.estimation.randomisation import Attainable, attainable, randomise


def pieces(cells):
    columns = design(cells, BeforeAfter())
    grams = cell_grams(cells, columns.matrix, names=columns.names)
    return grams, fit_linear(grams)


def t_by_hand(cells, chosen):
    """Refit with other pilots and studentise, without the factor that all assignments share."""
    pilot = np.isin(cells.area, chosen).astype(float)
    post = (cells.since >= 0).astype(float)
    periods = [(cells.period == t).astype(float) for t in np.unique(cells.period)[1:-1]]
    x = np.column_stack([np.ones(len(pilot)), pilot, post, pilot * post, *periods])
    x = x[:, np.linalg.norm(x, axis=0) > 0]
    w, y = cells.weight, cells.totals[0]
    bread = np.linalg.pinv(x.T @ (x * w[:, None]), hermitian=True, rcond=1e-12)
    residual = y - x @ (bread @ x.T @ (w * y))
    b = (bread @ x.T @ (w * y))[3]
    scores = [
        (x[cells.area == a] * (w * residual)[cells.area == a, None]).sum(axis=0) @ bread[:, 3]
        for a in np.unique(cells.area)
    ]
    return b / np.sqrt(np.sum(np.square(scores)))


@pytest.mark.parametrize("weights", [False, True])
def test_over_all_areas_it_equals_refitting_every_assignment(make_cells, weights):
    cells = make_cells(3, pilots=3, comparators=4, shared=True, weights=weights, effect=1.0)
    grams, fit = pieces(cells)
    found = randomise(grams, fit, pilots=cells.pilot, groups=None)
    own = abs(t_by_hand(cells, [0, 1, 2]))
    every = np.abs([t_by_hand(cells, list(chosen)) for chosen in combinations(range(7), 3)])
    assert found.assignments == 35
    assert found.p_value == pytest.approx((every >= own * (1 - 1e-9)).mean())
    assert abs(found.statistic) == pytest.approx(own, rel=1e-8)


def test_within_groups_every_member_could_have_been_the_pilot(make_cells):
    cells = make_cells(4, pilots=3, comparators=6, effect=0.5)
    grams, fit = pieces(cells)
    groups = ((0, 3, 4), (1, 5, 6), (2, 7, 8))
    found = randomise(grams, fit, pilots=cells.pilot, groups=groups)
    own = abs(t_by_hand(cells, [0, 1, 2]))
    every = np.abs([t_by_hand(cells, list(chosen)) for chosen in product(*groups)])
    assert found.assignments == 27
    assert found.within_groups
    assert found.p_value == pytest.approx((every >= own * (1 - 1e-9)).mean())


def test_with_one_comparator_each_the_smallest_p_is_two_in_two_to_the_groups(make_cells):
    cells = make_cells(5, pilots=4, comparators=4, effect=30.0)
    grams, fit = pieces(cells)
    found = randomise(grams, fit, pilots=cells.pilot, groups=tuple((i, i + 4) for i in range(4)))
    assert found.assignments == 16
    assert found.smallest_p == 2 / 16
    assert found.p_value == 2 / 16


def test_two_against_two_cannot_fall_below_one_in_three(make_cells):
    cells = make_cells(6, pilots=2, comparators=2, effect=50.0)
    grams, fit = pieces(cells)
    found = randomise(grams, fit, pilots=cells.pilot, groups=None)
    assert found.assignments == 6
    assert found.smallest_p == pytest.approx(1 / 3)


def test_too_many_assignments_are_drawn_and_seeded(make_cells):
    cells = make_cells(7, pilots=9, comparators=12, effect=0.0)
    grams, fit = pieces(cells)
    found = randomise(grams, fit, pilots=cells.pilot, groups=None, seed=3)
    assert not found.enumerated
    assert found.assignments + found.skipped == 9_999
    assert found == randomise(grams, fit, pilots=cells.pilot, groups=None, seed=3)
    assert found.p_value * (found.assignments + 1) == pytest.approx(round(found.p_value * (found.assignments + 1)))


def test_drawn_groups_are_seeded_too(make_cells):
    cells = make_cells(8, pilots=10, comparators=20)
    grams, fit = pieces(cells)
    groups = tuple((i, 10 + 2 * i, 11 + 2 * i) for i in range(10))
    found = randomise(grams, fit, pilots=cells.pilot, groups=groups, seed=3)
    assert found.assignments + found.skipped == 9_999
    assert 0 < found.p_value <= 1


def test_without_an_effect_in_the_model_there_is_a_reason(make_cells):
    cells = make_cells(9)
    grams = row_grams(np.ones((6, 1)), np.arange(6.0), weight=np.ones(6), area=np.arange(6), names=("(intercept)",))
    assert isinstance(randomise(grams, fit_linear(grams), pilots=cells.pilot[:6], groups=None), NotEstimated)


def test_an_outcome_that_fits_exactly_has_no_test(make_cells):
    cells = make_cells(10, noise=0.0)
    columns = design(cells, BeforeAfter())
    grams = cell_grams(cells, columns.matrix, names=columns.names)
    exact = row_grams(
        columns.matrix, columns.matrix[:, 3] * 2.0, weight=cells.weight, area=cells.area, names=grams.names
    )
    found = randomise(exact, fit_linear(exact), pilots=cells.pilot, groups=None)
    assert isinstance(found, NotEstimated) or found.p_value <= 1


def test_what_it_can_reach_at_best_is_what_it_reaches_and_is_told_by_the_numbers_of_areas(make_cells):
    one_each = make_cells(6, pilots=3, comparators=3, effect=0.5)
    grams, fit = pieces(one_each)
    found = randomise(grams, fit, pilots=one_each.pilot, groups=((0, 3), (1, 4), (2, 5)))
    assert attainable(areas=6, pilots=3, groups=(2, 2, 2)) == Attainable(8, enumerated=True, smallest_p=2 / 8)
    assert (found.assignments, found.smallest_p) == (8, 2 / 8)
    half = randomise(grams, fit, pilots=one_each.pilot, groups=None)
    assert attainable(areas=6, pilots=3, groups=None) == Attainable(20, enumerated=True, smallest_p=2 / 20)
    assert (half.assignments, half.smallest_p) == (20, 2 / 20)
    more = make_cells(4, pilots=3, comparators=6, effect=0.5)
    grams, fit = pieces(more)
    found = randomise(grams, fit, pilots=more.pilot, groups=((0, 3, 4), (1, 5, 6), (2, 7, 8)))
    assert attainable(areas=9, pilots=3, groups=(3, 3, 3)) == Attainable(27, enumerated=True, smallest_p=1 / 27)
    assert (found.assignments, found.smallest_p) == (27, pytest.approx(1 / 27))
    assert attainable(areas=30, pilots=10, groups=None) == Attainable(9_999, enumerated=False, smallest_p=1e-4)
    assert attainable(areas=2, pilots=1, groups=(2,)).smallest_p == 1.0
