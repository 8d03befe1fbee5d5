"""Effects on the probability scale: Puhani's by hand, R's average, derivatives taken numerically."""

import numpy as np
import pytest
from logit_rows import NAMES, as_cells, invented_rows
from scipy.special import expit

from whatworked.cells import NotEstimated
from whatworked.estimation.logit import fit_logit
from whatworked.estimation.logit_covariance import coefficient, cr1, cr3
from whatworked.estimation.marginal_effect import average_derivative, average_difference, is_binary, treatment_effect


def gradient_of(value, b, step=1e-6):
    return np.array([(value(b + step * e) - value(b - step * e)) / (2 * step) for e in np.eye(len(b))])


def of_interaction(design, dose=None):
    contrast = np.zeros_like(design)
    contrast[:, 3] = design[:, 3] if dose is None else dose
    return contrast


def test_in_the_two_by_two_it_is_the_treated_share_less_what_the_odds_ratios_would_have_made_of_it():
    design = np.array([[1, 0, 0, 0], [1, 1, 0, 0], [1, 0, 1, 0], [1, 1, 1, 1.0]])
    yes, count = np.array([12.0, 30, 7, 55]), np.array([40.0, 50, 60, 70])
    fit = fit_logit(as_cells(design, yes, None, np.arange(4), names=NAMES[:4], count=count))
    odds = yes / (count - yes)
    without = odds[1] * odds[2] / odds[0]
    found = treatment_effect(
        cr1(fit), design[3:], of_interaction(design)[3:], weight=np.array([70.0]), term="pilot:post"
    )
    assert found.estimate == pytest.approx(yes[3] / count[3] - without / (1 + without), rel=1e-12)


def test_it_is_the_weighted_mean_over_treated_rows_with_a_delta_method_error():
    design, y, w, area = invented_rows(1)
    fit = fit_logit(as_cells(design, y, w, area))
    rows = design[:, 3] == 1

    def value(b):
        eta = design[rows] @ b
        return np.average(expit(eta) - expit(eta - b[3]), weights=w[rows])

    for covariance in (cr1(fit), cr3(fit)):
        found = treatment_effect(
            covariance, design[rows], of_interaction(design)[rows], weight=w[rows], term="pilot:post"
        )
        assert found.estimate == pytest.approx(value(fit.coef), rel=1e-11)
        slope = gradient_of(value, fit.coef)
        assert found.std_error == pytest.approx(np.sqrt(slope @ covariance.matrix @ slope), rel=1e-7)
        assert found.df == 7


def test_a_dose_takes_off_its_own_share_of_the_effect():
    design, y, w, area = invented_rows(2)
    dose = np.where(area == 0, 0.25, np.where(area == 1, 0.5, 1.0)) * design[:, 3]
    dosed = np.column_stack([design[:, :3], dose, design[:, 4]])
    fit = fit_logit(as_cells(dosed, y, w, area))
    rows = dose > 0
    found = treatment_effect(cr1(fit), dosed[rows], of_interaction(dosed, dose)[rows], weight=w[rows], term="dose")
    eta = dosed[rows] @ fit.coef
    assert found.estimate == pytest.approx(
        np.average(expit(eta) - expit(eta - fit.coef[3] * dose[rows]), weights=w[rows])
    )


def test_the_origin_and_scale_of_a_covariate_change_nothing():
    design, y, w, area = invented_rows(3)
    rows = design[:, 3] == 1
    found = []
    for moved in (design, design * [1, 1, 1, 1, 1e6] + [0, 0, 0, 0, 1e6]):
        fit = fit_logit(as_cells(moved, y, w, area))
        found.append(
            treatment_effect(cr1(fit), moved[rows], of_interaction(design)[rows], weight=w[rows], term="pilot:post")
        )
    assert found[1].estimate == pytest.approx(found[0].estimate, rel=1e-9)
    assert found[1].std_error == pytest.approx(found[0].std_error, rel=1e-9)


def test_the_average_derivative_and_its_error_by_hand():
    design, y, w, area = invented_rows(4)
    fit = fit_logit(as_cells(design, y, w, area))
    found = average_derivative(cr1(fit), "x")

    def value(b):
        p = expit(design @ b)
        return b[4] * np.average(p * (1 - p), weights=w)

    slope = gradient_of(value, fit.coef)
    assert found.estimate == pytest.approx(value(fit.coef), rel=1e-11)
    assert found.std_error == pytest.approx(np.sqrt(slope @ cr1(fit).matrix @ slope), rel=1e-7)


def test_the_average_difference_and_its_error_by_hand():
    design, y, w, area = invented_rows(5)
    fit = fit_logit(as_cells(design, y, w, area))
    found = average_difference(cr1(fit), "post")

    def value(b):
        one, nought = design.copy(), design.copy()
        one[:, 2], nought[:, 2] = 1, 0
        return np.average(expit(one @ b) - expit(nought @ b), weights=w)

    slope = gradient_of(value, fit.coef)
    assert found.estimate == pytest.approx(value(fit.coef), rel=1e-11)
    assert found.std_error == pytest.approx(np.sqrt(slope @ cr1(fit).matrix @ slope), rel=1e-7)
    assert is_binary(fit, "post")
    assert not is_binary(fit, "x")


def test_the_average_derivative_equals_r(golden, read_column):
    known = golden.expected("05-logit-cluster")["sim_did_logit_w"]["ame"]
    rows, weight = golden.pilot_rows()
    values = {name: read_column(rows, name) for name in ("treat", "post", "age", "sen", "fsm", "outcome")}
    terms = ["treat", "post", "tp", "age", "sen", "fsm"]
    values["tp"] = values["treat"] * values["post"]
    design, y = np.column_stack([np.ones(len(weight)), *(values[t] for t in terms)]), values["outcome"]
    there, area = np.isfinite(y), np.array([r["area"] for r in rows])
    fit = fit_logit(as_cells(design[there], y[there], weight[there], area[there], names=("(intercept)", *terms)))
    for term in terms:
        assert average_derivative(cr1(fit), term).estimate == pytest.approx(known[term], rel=1e-8)


def test_an_effect_that_cannot_be_had_says_why():
    design, y, w, area = invented_rows(6)
    lost = fit_logit(as_cells(design[:, [0, 1, 2, 1, 4]], y, w, area))
    reason = NotEstimated("collinear with pilot")
    rows, contrast = design[:1], of_interaction(np.ones((1, 5)))
    assert treatment_effect(cr1(lost), rows, contrast, weight=np.ones(1), term="pilot:post") == reason
    assert treatment_effect(cr1(lost), rows, contrast, weight=np.ones(1), term="effect") == reason
    assert average_derivative(cr1(lost), "pilot:post") == reason
    assert average_difference(cr1(lost), "pilot:post") == reason
    fit = fit_logit(as_cells(design, y, w, area))
    assert isinstance(treatment_effect(cr1(fit), rows, contrast, weight=np.zeros(1), term="t"), NotEstimated)
    alone = np.column_stack([design[:, :4], (area == 3).astype(float)])
    found = cr3(fit_logit(as_cells(alone, y, w, area)))
    assert isinstance(average_derivative(found, "pilot"), NotEstimated)
    assert not isinstance(coefficient(found, "pilot"), NotEstimated)
