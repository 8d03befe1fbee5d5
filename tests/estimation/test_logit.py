"""The weighted logit: R's and statsmodels' numbers, the saturated identity, laws, and reasons in place of numbers."""

import numpy as np
import pytest
import statsmodels.api as sm
from hypothesis import given, settings
from hypothesis import strategies as st
from logit_rows import NAMES, as_cells, invented_rows

from whatworked.cells import DroppedTerm, NotEstimated
from whatworked.estimation.logit import fit_logit
from whatworked.estimation.logit_covariance import classical, cr1


def reason(design, y, w=None, area=None, names=NAMES):
    found = fit_logit(as_cells(design, y, w, area, names=names))
    assert isinstance(found, NotEstimated)
    return found.reason


def test_coefficients_and_deviance_equal_statsmodels():
    design, y, w, area = invented_rows(1)
    fit = fit_logit(as_cells(design, y, w, area))
    other = sm.GLM(y, design, family=sm.families.Binomial(), freq_weights=w).fit(tol=1e-14)
    assert fit.coef == pytest.approx(other.params, rel=1e-9)
    assert fit.deviance == pytest.approx(other.deviance, rel=1e-12)
    assert fit.null_deviance == pytest.approx(other.null_deviance, rel=1e-12)
    assert fit.r_squared == pytest.approx(1 - other.deviance / other.null_deviance)


def test_a_saturated_logit_is_the_log_odds_ratio():
    design = np.array([[1, 0, 0, 0], [1, 1, 0, 0], [1, 0, 1, 0], [1, 1, 1, 1.0]])
    yes, count = np.array([12.0, 30, 7, 55]), np.array([40.0, 50, 60, 70])
    fit = fit_logit(as_cells(design, yes, names=NAMES[:4], count=count))
    odds = np.log(yes / (count - yes))
    assert fit.coef == pytest.approx(
        [odds[0], odds[1] - odds[0], odds[2] - odds[0], odds[3] - odds[2] - odds[1] + odds[0]], rel=1e-13
    )
    # its variance is the sum of the reciprocal counts
    assert classical(fit).matrix[3, 3] == pytest.approx((1 / yes + 1 / (count - yes)).sum(), rel=1e-12)
    assert fit.rows == 220


@pytest.mark.parametrize(
    ("entry", "terms", "outcome"),
    [
        ("sim_did_logit_w", ["treat", "post", "tp", "age", "sen", "fsm"], "outcome"),
        ("sim_did_logit_id", ["treat", "post", "tp"], "outcome"),
    ],
)
def test_it_equals_r_on_the_pilot_rows(golden, read_column, entry, terms, outcome):
    known = golden.expected("05-logit-cluster")[entry]
    rows, weight = golden.pilot_rows()
    y = read_column(rows, outcome)
    given_columns = {t: read_column(rows, t) for t in terms if t != "tp"}
    given_columns["tp"] = given_columns["treat"] * given_columns["post"]
    design = np.column_stack([np.ones(len(y)), *(given_columns[t] for t in terms)])
    there = np.isfinite(y)
    w = weight if entry.endswith("_w") else np.ones(len(y))
    fit = fit_logit(as_cells(design[there], y[there], w[there], names=("(intercept)", *terms)))
    assert fit.rows == known["n"]
    assert fit.coef == pytest.approx([known["coef"][t] for t in ("(Intercept)", *terms)], rel=1e-8)
    assert fit.deviance == pytest.approx(known["deviance"], rel=1e-10)
    assert fit.null_deviance == pytest.approx(known["null_deviance"], rel=1e-10)
    assert fit.r_squared == pytest.approx(known["pseudo_r2_mcfadden_unweighted"], rel=1e-8)


def test_a_number_measured_from_a_billion_or_in_billionths_has_the_same_effect():
    design, y, w, area = invented_rows(2)
    fit = fit_logit(as_cells(design, y, w, area))
    moved = fit_logit(as_cells(design + np.array([0, 0, 0, 0, 1e9]), y, w, area))
    small = fit_logit(as_cells(design * [1, 1, 1, 1, 1e-9], y, w, area))
    # what is left of a number of one decimal place a billion away has seven digits
    assert moved.coef[1:] == pytest.approx(fit.coef[1:], rel=1e-6)
    assert np.sqrt(np.diag(cr1(moved).matrix)[1:]) == pytest.approx(np.sqrt(np.diag(cr1(fit).matrix)[1:]), rel=1e-6)
    assert small.coef * [1, 1, 1, 1, 1e-9] == pytest.approx(fit.coef, rel=1e-11)
    assert np.sort(small.log_odds) == pytest.approx(np.sort(fit.log_odds), rel=1e-10)


@pytest.mark.parametrize("factor", [1e-200, 1e-9, 1e9, 1e200])
def test_huge_and_tiny_weights_change_no_coefficient_and_no_clustered_error(factor):
    design, y, w, area = invented_rows(3)
    fit, scaled = (fit_logit(as_cells(design, y, each, area)) for each in (w, w * factor))
    assert scaled.coef == pytest.approx(fit.coef, rel=1e-12)
    assert cr1(scaled).matrix == pytest.approx(cr1(fit).matrix, rel=1e-10)
    assert classical(scaled).matrix * factor == pytest.approx(classical(fit).matrix, rel=1e-10)


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10**6))
def test_the_order_of_rows_and_the_names_of_areas_change_nothing(seed):
    design, y, w, area = invented_rows(seed, n=200)
    fit = fit_logit(as_cells(design, y, w, area))
    order = np.random.default_rng(seed).permutation(len(y))
    other = fit_logit(as_cells(design[order], y[order], w[order], (7 - area)[order]))
    if isinstance(fit, NotEstimated):
        assert other == fit
        return
    assert other.coef == pytest.approx(fit.coef, rel=1e-9, abs=1e-11)
    assert cr1(other).matrix == pytest.approx(cr1(fit).matrix, rel=1e-8, abs=1e-11)


def test_a_row_written_twice_is_a_count_of_two_and_a_weight_of_two_but_for_the_number_of_rows():
    design, y, w, area = invented_rows(4, n=200)
    twice = [np.concatenate([each, each]) for each in (design, y, w, area)]
    copies = fit_logit(as_cells(*twice))
    counted = fit_logit(as_cells(design, 2 * y, w, area, count=np.full(200, 2.0)))
    weighted = fit_logit(as_cells(design, y, 2 * w, area))
    for other in (counted, weighted):
        assert other.coef == pytest.approx(copies.coef, rel=1e-11)
        assert other.scores * other.cells.weight_unit == pytest.approx(
            copies.scores * copies.cells.weight_unit, abs=1e-9
        )
    assert (copies.rows, counted.rows, weighted.rows) == (400, 400, 200)
    assert cr1(counted).matrix == pytest.approx(cr1(copies).matrix, rel=1e-9)


def test_turning_the_outcome_over_turns_the_signs():
    design, y, w, area = invented_rows(5)
    fit, turned = (fit_logit(as_cells(design, each, w, area)) for each in (y, 1 - y))
    assert turned.coef == pytest.approx(-fit.coef, rel=1e-11)


def test_collinear_columns_leave_in_order_with_their_reasons():
    design, y, w, area = invented_rows(6)
    more = np.column_stack([design, 1 - design[:, 1], 2 * design[:, 4] + 3, np.zeros(len(y)), np.full(len(y), 7.0)])
    fit = fit_logit(as_cells(more, y, w, area, names=(*NAMES, "other", "again", "none", "seven")))
    assert fit.dropped == (
        DroppedTerm("other", "collinear with (intercept) and pilot"),
        DroppedTerm("again", "collinear with (intercept) and x"),
        DroppedTerm("none", "no row has it"),
        DroppedTerm("seven", "collinear with (intercept)"),
    )
    assert fit.coef == pytest.approx(fit_logit(as_cells(design, y, w, area)).coef, rel=1e-10)
    assert fit.missing("other") == NotEstimated("collinear with (intercept) and pilot")
    assert fit.missing("zz") == NotEstimated("zz is not in the model")


def test_without_an_intercept_nothing_is_centred():
    design, y, w, area = invented_rows(7)
    fit = fit_logit(as_cells(design[:, [1, 4]], y, w, area, names=("pilot", "x")))
    other = sm.GLM(y, design[:, [1, 4]], family=sm.families.Binomial(), freq_weights=w).fit(tol=1e-14)
    assert fit.coef == pytest.approx(other.params, rel=1e-9)
    twice = fit_logit(as_cells(design[:, [1, 1]], y, w, area, names=("pilot", "same")))
    assert twice.dropped == (DroppedTerm("same", "collinear with pilot"),)


def test_separation_names_the_terms_that_tell_the_outcome():
    design, y, w, area = invented_rows(8)
    inside = design[:, 3] == 1
    for outcome in (0.0, 1.0):
        assert reason(design, np.where(inside, outcome, y), w, area) == (
            "separation: pilot:post tells some outcomes exactly"
        )
    assert reason(design[:, [0, 4]], (design[:, 4] > 0.5).astype(float), w, area, names=("(intercept)", "x")) == (
        "separation: x tells some outcomes exactly"
    )
    base = np.where(design[:, 1] == 0, 0.0, y)
    assert reason(design[:, :2], base, w, area, names=NAMES[:2]) == "separation: pilot tells some outcomes exactly"


def test_a_column_that_equals_the_outcome_is_separation_beside_others():
    design, y, w, area = invented_rows(9)
    assert "separation" in reason(np.column_stack([design, y]), y, w, area, names=(*NAMES, "same"))


def test_what_has_no_fit_says_why():
    design, y, w, area = invented_rows(10)
    assert reason(design, np.zeros(len(y)), w, area) == "every row has the same outcome"
    assert reason(design, np.ones(len(y)), w, area) == "every row has the same outcome"
    assert reason(design, y, np.zeros(len(y)), area) == "there is no row"
    square = np.column_stack([np.ones(5), np.random.default_rng(0).normal(size=(5, 4))])
    assert reason(square, np.array([0.0, 1, 0, 1, 1])) == "there are no more rows than coefficients"
    assert reason(design[:, :0], y, w, area, names=()) == "there is no term"
    assert reason(np.where(design == design[0], np.nan, design), y, w, area) == ("a number of the design is not finite")
    for wrong in (3 * y - 1, np.where(y == 1, np.nan, y)):
        assert reason(design, wrong, w, area) == "a logit needs successes from 0 to the number of rows"


def test_thirty_thousand_areas_are_no_trouble():
    n = 60_000
    design, y, w, _ = invented_rows(11, n=n)
    area = np.arange(n) % 30_000
    fit = fit_logit(as_cells(design, y, w, area))
    assert fit.areas == 30_000
    assert fit.scores.sum(axis=0) == pytest.approx(np.zeros(5), abs=1e-8)
    assert np.isfinite(cr1(fit).matrix).all()
