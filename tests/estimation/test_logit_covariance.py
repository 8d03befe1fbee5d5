"""Covariances of a logit: R's four conventions, rows by hand, deletions refitted by hand, odds ratios."""

import numpy as np
import pytest
import statsmodels.api as sm
from logit_rows import NAMES, as_cells, by_area, invented_rows, newton

from whatworked.cells import NotEstimated
from whatworked.estimation import logit_covariance
from whatworked.estimation.estimate import Estimate
from whatworked.estimation.logit import fit_logit
from whatworked.estimation.logit_covariance import classical, clustered, coefficient, cr1, cr3, hc1, odds_ratio


def test_each_covariance_equals_its_formula_on_rows():
    design, y, w, area = invented_rows(1)
    fit = fit_logit(as_cells(design, y, w, area))
    _, information, scores = newton(design, y, w)
    bread, n, k, areas = np.linalg.inv(information), len(y), 5, 8
    summed = by_area(scores, area)
    assert classical(fit).matrix == pytest.approx(bread, rel=1e-9)
    assert hc1(fit).matrix == pytest.approx(n / (n - k) * bread @ scores.T @ scores @ bread, rel=1e-9)
    factor = areas / (areas - 1) * (n - 1) / (n - k)
    assert cr1(fit).matrix == pytest.approx(factor * bread @ summed.T @ summed @ bread, rel=1e-9)


def test_unweighted_it_equals_statsmodels():
    design, y, _, area = invented_rows(2)
    fit = fit_logit(as_cells(design, y, None, area))
    model = sm.GLM(y, design, family=sm.families.Binomial())
    clustered = model.fit(tol=1e-14, cov_type="cluster", cov_kwds={"groups": area})
    assert classical(fit).matrix == pytest.approx(model.fit(tol=1e-14).cov_params(), rel=1e-8)
    assert cr1(fit).matrix == pytest.approx(clustered.cov_params(), rel=1e-8)


def test_clustered_on_people_it_equals_statsmodels_and_its_formula_with_weights():
    design, y, w, area = invented_rows(2)
    person = np.random.default_rng(3).integers(0, 70, len(y))
    fit = fit_logit(as_cells(design, y, None, area))
    model = sm.GLM(y, design, family=sm.families.Binomial())
    known = model.fit(tol=1e-14, cov_type="cluster", cov_kwds={"groups": person}).cov_params()
    found = clustered(fit, design, y, weight=np.ones(len(y)), cluster=person)
    assert found.matrix == pytest.approx(known, rel=1e-8)
    assert found.df == 69
    fit = fit_logit(as_cells(design, y, w, area))
    _, information, scores = newton(design, y, w)
    bread, n, summed = np.linalg.inv(information), len(y), by_area(scores, person)
    by_hand = 70 / 69 * (n - 1) / (n - 5) * bread @ summed.T @ summed @ bread
    assert clustered(fit, design, y, weight=w, cluster=person).matrix == pytest.approx(by_hand, rel=1e-8)


def test_clustered_on_areas_it_is_cr1_and_rows_of_weight_0_do_not_count():
    design, y, w, area = invented_rows(4)
    fit = fit_logit(as_cells(design, y, w, area))
    assert clustered(fit, design, y, weight=w, cluster=area).matrix == pytest.approx(cr1(fit).matrix, rel=1e-9)
    more = (np.vstack([design, design[:3]]), np.append(y, 1 - y[:3]))
    found = clustered(fit, *more, weight=np.append(w, [0.0] * 3), cluster=np.append(area, [90, 91, 92]))
    assert found.matrix == pytest.approx(cr1(fit).matrix, rel=1e-9)
    alone = clustered(fit, design, y, weight=w, cluster=np.zeros(len(y), dtype=int))
    assert alone == NotEstimated("a clustered standard error needs two clusters")


def test_with_one_row_an_area_cr1_is_hc1_times_n_less_one_over_n_less_one():
    design, y, w, _ = invented_rows(3)
    fit = fit_logit(as_cells(design, y, w, np.arange(len(y))))
    assert cr1(fit).matrix == pytest.approx(hc1(fit).matrix, rel=1e-9)


@pytest.mark.parametrize(
    ("entry", "path", "terms", "cluster"),
    [
        ("sim_did_logit_w", None, ["treat", "post", "tp", "age", "sen", "fsm"], "area"),
        ("sim_did_logit_id", None, ["treat", "post", "tp"], "id"),
        ("LL_emp_by_age", "_data/cem_LL.csv", ["treated", "education", "black", "married"], "age"),
    ],
)
def test_standard_errors_and_odds_ratios_equal_r(golden, read_column, entry, path, terms, cluster):
    known = golden.expected("05-logit-cluster")[entry]
    rows, weight = (golden.rows(path), None) if path else golden.pilot_rows()
    values = {name: read_column(rows, name) for name in rows[0] if name in {*terms, "outcome", "re78"}}
    values["tp"] = values["treat"] * values["post"] if "treat" in values else 0
    y = (values["re78"] > 0).astype(float) if path else values["outcome"]
    w = weight if entry.endswith("_w") else np.ones(len(y))
    design = np.column_stack([np.ones(len(y)), *(values[t] for t in terms)])
    area, there = np.array([r[cluster] for r in rows]), np.isfinite(y)
    fit = fit_logit(as_cells(design[there], y[there], w[there], area[there], names=("(intercept)", *terms)))
    assert fit.areas == known["n_clusters"]
    errors = {name: np.array([known[name][t] for t in ("(Intercept)", *terms)]) for name in known if "se_" in name}
    areas, n, k = fit.areas, fit.rows, fit.k
    ours = np.sqrt(np.diag(cr1(fit).matrix))
    assert np.sqrt(np.diag(classical(fit).matrix)) == pytest.approx(errors["se_model"], rel=1e-8)
    assert ours == pytest.approx(errors["se_vcovCL_HC1"], rel=1e-8)
    assert ours / np.sqrt((n - 1) / (n - k)) == pytest.approx(errors["se_vcovCL_HC0"], rel=1e-8)
    bare = ours / np.sqrt((n - 1) / (n - k) * areas / (areas - 1))
    assert bare == pytest.approx(errors["se_vcovCL_HC0_nocadjust"], rel=1e-8)
    # fixest stops a little before the maximum
    assert ours == pytest.approx(errors["se_fixest"], rel=1e-5)
    for term in terms:
        ratio = odds_ratio(coefficient(cr1(fit), term))
        assert ratio.ratio == pytest.approx(known["odds_ratio"][term], rel=1e-8)


def test_the_jackknife_equals_refits_by_hand():
    design, y, w, area = invented_rows(4)
    fit = fit_logit(as_cells(design, y, w, area))
    whole = newton(design, y, w)[0]
    shifts = np.array([newton(*(each[area != g] for each in (design, y, w)))[0] - whole for g in range(8)])
    assert cr3(fit).matrix == pytest.approx(7 / 8 * shifts.T @ shifts, rel=1e-8)
    assert cr3(fit).df == 7


def test_the_jackknife_loses_only_what_an_area_holds_alone():
    design, y, w, area = invented_rows(5)
    more = np.column_stack([design, (area == 3).astype(float)])
    found = cr3(fit_logit(as_cells(more, y, w, area, names=(*NAMES, "third"))))
    assert coefficient(found, "third") == NotEstimated("without area 3 third cannot be estimated")
    assert np.isnan(found.matrix[5]).all()
    # the intercept has lost nothing but its centring on a column that is gone
    assert np.isfinite(found.matrix[1:5, 1:5]).all()
    others = [newton(*(each[area != g] for each in (design, y, w)))[0][3] for g in (3,)]
    rest = [newton(*(each[area != g] for each in (more, y, w)))[0][3] for g in range(8) if g != 3]
    whole = newton(more, y, w)[0][3]
    expected = 7 / 8 * ((np.array([*others, *rest]) - whole) ** 2).sum()
    assert coefficient(found, "pilot:post").std_error == pytest.approx(np.sqrt(expected), rel=1e-8)


def test_a_deletion_after_which_the_effect_is_another_terms_too_loses_it():
    design, y, w, area = invented_rows(6, areas=4)
    # without area 3 the last column is post
    last = design[:, 2] * (area != 3)
    model = fit_logit(as_cells(np.column_stack([design, last]), y, w, area, names=(*NAMES, "last")))
    assert coefficient(cr3(model), "post") == NotEstimated("without area 3 post cannot be estimated")
    assert isinstance(coefficient(cr3(model), "x"), Estimate)


def test_a_deletion_that_separates_leaves_the_jackknife_blank():
    design, y, w, area = invented_rows(7)
    only = np.where((design[:, 3] == 1) & (area != 2), 0.0, y)
    found = cr3(fit_logit(as_cells(design, only, w, area)))
    assert found == NotEstimated("without area 2: separation: pilot:post tells some outcomes exactly")
    same = np.where(area == 2, y, 0.0)
    found = cr3(fit_logit(as_cells(design[:, [0, 4]], same, w, area, names=("(intercept)", "x"))))
    assert found == NotEstimated("without area 2: every row has the same outcome")


def test_too_few_or_too_many_areas_have_reasons(monkeypatch):
    design, y, w, area = invented_rows(8)
    one = fit_logit(as_cells(design, y, w, None))
    assert isinstance(cr1(one), NotEstimated)
    assert isinstance(cr3(one), NotEstimated)
    monkeypatch.setattr(logit_covariance, "MOST_DELETIONS", 7)
    assert isinstance(cr3(fit_logit(as_cells(design, y, w, area))), NotEstimated)


def test_an_odds_ratio_is_the_exponent_of_the_coefficient_and_its_limits():
    log_odds = Estimate("x", 0.7, "log-odds", 0.2, 9)
    found = odds_ratio(log_odds)
    assert np.log([found.ratio, found.conf_low, found.conf_high]) == pytest.approx(
        [0.7, log_odds.conf_low, log_odds.conf_high]
    )
    assert found.p_value == log_odds.p_value
    assert isinstance(odds_ratio(Estimate("x", 800.0, "log-odds", 1.0)), NotEstimated)


def test_a_coefficient_is_read_as_its_covariance_says():
    design, y, w, area = invented_rows(9)
    fit = fit_logit(as_cells(design, y, w, area))
    assert coefficient(classical(fit), "x").df == np.inf
    assert coefficient(cr1(fit), "x").df == 7
    assert coefficient(cr1(fit, df=np.inf), "x").df == np.inf
    assert isinstance(coefficient(cr1(fit), "zz"), NotEstimated)
