"""A logit's menu: each method asked by itself says the same, and what is not a logit's says so."""

import numpy as np
import pytest

from whatworked.cells import NotEstimated
from whatworked.estimation.binomial import Binomial, binomial_cells
from whatworked.estimation.collapsed import collapsed_t
from whatworked.estimation.design import BeforeAfter, design
from whatworked.estimation.inference import Reading
from whatworked.estimation.logit import fit_logit
from whatworked.estimation.logit_covariance import coefficient, cr1, cr3
from whatworked.estimation.logit_inference import infer_logit
from whatworked.estimation.logit_randomisation import randomise_logit
from whatworked.estimation.score_bootstrap import score_bootstrap
from whatworked.estimation.statistics import Cells


def with_people(cells, yes, count):
    """The same cells with `yes` of `count` people in each, and the logit on them."""
    n = np.full(len(yes), float(count))
    weight = cells.weight
    there = Cells.even(
        cells.areas, cells.groups, cells.periods, cells.pilot, cells.area, cells.group, cells.period, cells.since,
        weight=weight, count=n, total=yes, squares=yes,
    )  # fmt: skip
    columns = design(there, BeforeAfter())
    outcome = Binomial(yes, n, weight)
    areas = cells.areas
    return there, fit_logit(binomial_cells(columns.matrix, outcome, area=cells.area, names=columns.names, areas=areas))


@pytest.fixture
def counted(make_cells):
    """A panel of areas with forty people in every cell, and its logit."""
    cells = make_cells(1, pilots=3, comparators=6, weights=True)
    rng = np.random.default_rng(0)
    yes = rng.binomial(40, 0.2 + 0.1 * (cells.pilot[cells.area] & cells.post)).astype(float)
    return with_people(cells, yes, 40)


def test_every_method_answers_as_it_does_by_itself(counted):
    cells, fit = counted
    menu = infer_logit(cells, fit, Reading("log-odds", 3))
    groups = ((0, 3, 4), (1, 5, 6), (2, 7, 8))
    assert menu.cr1 == coefficient(cr1(fit), "pilot:post")
    assert menu.cr3 == coefficient(cr3(fit), "pilot:post")
    assert menu.wild == score_bootstrap(fit, "pilot:post", seed=3)
    assert menu.randomisation == randomise_logit(fit, pilots=cells.pilot, groups=groups, seed=3)
    assert menu.collapsed == collapsed_t(cells, term="pilot:post", unit="share")
    assert menu.stacked.unit == "share"
    assert "least squares" in menu.cr2.reason


def test_the_normal_reading_moves_the_source_test_alone(counted):
    cells, fit = counted
    usual, normal = (infer_logit(cells, fit, Reading("", 3, df)) for df in (None, np.inf))
    assert normal.cr1.p_value < usual.cr1.p_value
    assert (normal.cr3, normal.wild) == (usual.cr3, usual.wild)


def test_one_area_on_each_side_has_reasons_in_place_of_tests(make_cells):
    cells = make_cells(2, pilots=1, comparators=1)
    yes = np.arange(len(cells.area)) % 7.0
    cells, fit = with_people(cells, yes, 9)
    menu = infer_logit(cells, fit, Reading())
    assert isinstance(menu.cr3, NotEstimated)
    assert isinstance(menu.collapsed, NotEstimated)
