"""The menu as a whole: every method is asked about the same effect on the same rows."""

import numpy as np
import pytest

from whatworked.cells import NotEstimated
from whatworked.estimation.covariance import cr3, estimate_cr1, satterthwaite
from whatworked.estimation.design import BeforeAfter, design
from whatworked.estimation.grams import cell_grams
from whatworked.estimation.inference import Reading, infer, jackknife
from whatworked.estimation.linear import fit_linear
from whatworked.estimation.wild import wild_restricted


def asked(cells, reference_df=None):
    columns = design(cells, BeforeAfter())
    grams = cell_grams(cells, columns.matrix, names=columns.names)
    fit = fit_linear(grams)
    return fit, infer(cells, grams, fit, Reading("points", 3, reference_df))


def test_every_method_answers_about_the_same_effect(make_cells):
    fit, menu = asked(make_cells(1, pilots=4, comparators=8, effect=3.0))
    assert menu.cr1 == estimate_cr1(fit, "pilot:post", "points")
    assert menu.cr2 == satterthwaite(fit, "pilot:post", "points")
    assert menu.wild == wild_restricted(fit, "pilot:post", seed=3)
    effect = fit.value("pilot:post")
    # one weight a row, the same dates: every form estimates the same number
    for found in (menu.cr1, menu.cr2, menu.cr3, menu.wild, menu.collapsed.estimate, menu.stacked):
        assert found.estimate == pytest.approx(effect, rel=1e-9)


def test_the_jackknife_is_read_against_one_degree_less_than_areas(make_cells):
    fit, menu = asked(make_cells(2))
    place = fit.names.index("pilot:post")
    assert menu.cr3.std_error == pytest.approx(np.sqrt(cr3(fit, "pilot:post")[place, place]))
    assert menu.cr3.df == fit.areas - 1
    assert jackknife(fit, "points") == menu.cr3


def test_assignments_stay_within_groups_only_where_no_area_serves_two(make_cells):
    _, apart = asked(make_cells(3, pilots=3, comparators=6))
    _, shared = asked(make_cells(3, pilots=3, comparators=4, shared=True))
    assert apart.randomisation.within_groups
    assert apart.randomisation.assignments == 27
    assert not shared.randomisation.within_groups
    assert shared.randomisation.assignments == 35


def test_the_normal_reading_moves_the_source_test_alone(make_cells):
    cells = make_cells(4)
    _, usual = asked(cells)
    _, normal = asked(cells, reference_df=np.inf)
    assert normal.cr1.p_value < usual.cr1.p_value
    assert normal.cr2 == usual.cr2
    assert normal.stacked == usual.stacked


def test_one_area_on_each_side_has_reasons_in_place_of_tests(make_cells):
    _, menu = asked(make_cells(5, pilots=1, comparators=1))
    assert isinstance(menu.collapsed, NotEstimated)
    assert isinstance(menu.cr3, NotEstimated)
