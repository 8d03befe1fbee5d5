"""Randomisation inference for a logit: every assignment refitted by plain Newton on rows."""

from itertools import combinations, product

import numpy as np
import pytest
from logit_rows import NAMES, as_cells, by_area, invented_rows, newton

from whatworked.cells import NotEstimated
from whatworked.estimation import logit_randomisation
from whatworked.estimation.logit import fit_logit
from whatworked.estimation.logit_randomisation import _Refits, randomise_logit

FOUR = np.arange(8) < 4


def t_by_hand(design, y, w, area, chosen):
    pilot = np.isin(area, chosen).astype(float)
    moved = np.column_stack([design[:, 0], pilot, design[:, 2], pilot * design[:, 2], design[:, 4:]])
    b, information, scores = newton(moved, y, w)
    return b[3] / np.sqrt(((by_area(scores, area) @ np.linalg.inv(information)[:, 3]) ** 2).sum())


def test_over_all_areas_it_equals_refitting_every_assignment():
    rows = invented_rows(1, effect=1.0)
    found = randomise_logit(fit_logit(as_cells(*rows)), pilots=FOUR, groups=None)
    own = t_by_hand(*rows, [0, 1, 2, 3])
    every = np.abs([t_by_hand(*rows, chosen) for chosen in combinations(range(8), 4)])
    assert found.statistic == pytest.approx(own, rel=1e-8)
    assert (found.assignments, found.enumerated, found.skipped) == (70, True, 0)
    assert found.p_value == pytest.approx((every >= abs(own) * (1 - 1e-9)).mean())
    assert found.smallest_p == pytest.approx((every >= every.max() * (1 - 1e-9)).mean())


def test_within_groups_every_member_could_have_been_the_pilot():
    rows = invented_rows(2, effect=0.8)
    groups = ((0, 4), (1, 5), (2, 6), (3, 7))
    found = randomise_logit(fit_logit(as_cells(*rows)), pilots=FOUR, groups=groups)
    own = abs(t_by_hand(*rows, [0, 1, 2, 3]))
    every = np.abs([t_by_hand(*rows, chosen) for chosen in product(*groups)])
    assert (found.assignments, found.within_groups) == (16, True)
    assert found.p_value == pytest.approx((every >= own * (1 - 1e-9)).mean())


def test_post_may_have_left_the_model_for_period_effects():
    design, y, w, area = invented_rows(3)
    period = design[:, 2] * 2 + np.random.default_rng(0).integers(0, 2, len(y))
    dummies = np.column_stack([period == t for t in (1, 2, 3)]).astype(float)
    order = ("(intercept)", "pilot", "pilot:post", "x", *"123", "post")
    columns = np.column_stack([design[:, [0, 1, 3, 4]], dummies, design[:, 2]])
    fit = fit_logit(as_cells(columns, y, w, area, names=order))
    assert [entry.term for entry in fit.dropped] == ["post"]
    same = fit_logit(as_cells(np.column_stack([design, dummies[:, [0, 2]]]), y, w, area, names=(*NAMES, "1", "3")))
    one, other = (randomise_logit(each, pilots=FOUR, groups=None) for each in (fit, same))
    assert one.statistic == pytest.approx(other.statistic, rel=1e-8)
    assert one.p_value == other.p_value


def test_more_assignments_than_can_be_refitted_are_drawn_seeded_and_counted(monkeypatch):
    fit = fit_logit(as_cells(*invented_rows(4)))
    monkeypatch.setattr(logit_randomisation, "ENUMERATE", 69)
    found = randomise_logit(fit, pilots=FOUR, groups=None, seed=3)
    assert not found.enumerated
    assert found.assignments + found.skipped == 69
    assert found == randomise_logit(fit, pilots=FOUR, groups=None, seed=3)
    assert found.p_value * (found.assignments + 1) == pytest.approx(round(found.p_value * (found.assignments + 1)))
    monkeypatch.setattr(logit_randomisation, "WORK", 1)
    monkeypatch.setattr(logit_randomisation, "FEWEST", 20)
    assert randomise_logit(fit, pilots=FOUR, groups=None, seed=3).assignments == 20


def test_assignments_without_a_fit_are_skipped_and_counted():
    design, y, w, area = invented_rows(5)
    # areas 0 and 4 hold no row after the start, and in areas 1 and 5 none of those rows has the outcome
    there = ~(np.isin(area, [0, 4]) & (design[:, 2] == 1))
    y = np.where(np.isin(area, [1, 5]) & (design[:, 2] == 1), 0.0, y)
    names = NAMES
    fit = fit_logit(as_cells(design[there], y[there], w[there], area[there], names=names))
    found = randomise_logit(fit, pilots=FOUR, groups=((0, 1, 2), (4, 5, 6)))
    # the pilots 0 and 4 cannot be told from their own past; with 0 or 4 beside 1 or 5, or 1 and 5, it separates
    assert found.assignments + found.skipped == 9
    assert found.skipped == 4


def test_without_an_effect_in_the_model_there_is_a_reason():
    design, y, w, area = invented_rows(6)
    plain = fit_logit(as_cells(design[:, [0, 1, 4]], y, w, area, names=("(intercept)", "pilot", "x")))
    assert randomise_logit(plain, pilots=FOUR, groups=None) == NotEstimated("the effect is not in the model")
    swapped = fit_logit(as_cells(design[:, [0, 1, 1, 2, 3]], y, w, area, names=("(intercept)", "a", *NAMES[1:4])))
    assert randomise_logit(swapped, pilots=FOUR, groups=None) == NotEstimated(
        "pilot status is collinear with the other terms"
    )


def test_the_sums_of_the_areas_give_the_matrix_of_every_assignment():
    fit = fit_logit(as_cells(*invented_rows(5)))
    refits = _Refits(fit)
    for chosen in (np.array([0, 3]), np.array([1, 2, 5]), np.array([4])):
        likelihood, cells = refits.likelihood(chosen), fit.cells
        design, pilot = likelihood.design, np.isin(cells.area, chosen)
        assert design.column(fit.k - 2) == pytest.approx(1.0 * pilot)
        assert design.column(fit.k - 1) == pytest.approx(pilot * cells.column("post"))
        weight = likelihood.curvature(design.times(refits.start))
        assert refits.trials.gram(chosen) == pytest.approx(design.gram(cells.trials), rel=1e-10, abs=1e-10)
        assert refits.information.gram(chosen) == pytest.approx(design.gram(weight), rel=1e-10, abs=1e-10)
