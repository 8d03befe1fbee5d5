"""The clustered covariances: R's numbers, statsmodels', naive second roads on rows, identities."""

import numpy as np
import pytest
import statsmodels.api as sm
from bias_reduction_by_hand import bias_reduced as by_hand

from whatworked.cells import NotEstimated
from whatworked.estimation.covariance import (
    classical,
    cr1,
    cr2,
    cr3,
    estimate_cr1,
    leave_out_area,
    satterthwaite,
)
from whatworked.estimation.grams import row_grams
from whatworked.estimation.linear import fit_linear

# The golden file holds twelve significant digits.
GOLDEN_DIGITS = 1e-8
EXACT = 1e-9


def invented_rows(seed=0, *, areas=7, n=140, weighted=True):
    rng = np.random.default_rng(seed)
    area = np.sort(rng.integers(0, areas, n))
    x = np.column_stack([np.ones(n), rng.normal(size=n), area < 3, rng.integers(0, 3, n)]).astype(float)
    y = x @ [1, 2, -1, 0.5] + rng.normal(size=areas)[area] + rng.normal(size=n)
    w = rng.uniform(0.2, 3, n) if weighted else np.ones(n)
    return x, y, w, area


NAMES = ("(intercept)", "x", "pilot", "z")


def fitted(x, y, w, area, names=NAMES):
    return fit_linear(row_grams(x, y, weight=w, area=area, names=names))


@pytest.mark.parametrize(
    ("entry", "outcome", "covariates"),
    [("sim_score_w_area", "score", ()), ("sim_outcome_w_area", "outcome", ("age", "sen", "fsm"))],
)
def test_the_menu_equals_r_on_weighted_rows(golden, read_column, entry, outcome, covariates):
    rows, weight = golden.pilot_rows()
    treat, post = read_column(rows, "treat"), read_column(rows, "post")
    names = ("(Intercept)", "treat", "post", "tp", *covariates)
    x = np.column_stack([np.ones(len(rows)), treat, post, treat * post, *(read_column(rows, c) for c in covariates)])
    y = read_column(rows, outcome)
    there = np.isfinite(y) & np.isfinite(x).all(axis=1)
    area = np.array([r["area"] for r in rows])[there]
    fit = fitted(x[there], y[there], weight[there], area, names=("(intercept)", *names[1:]))
    expected = golden.expected("04-did-weighted-cluster")[entry]
    assert fit.rows == expected["n"]
    assert fit.areas == expected["n_clusters"]
    blow_up = fit.areas / (fit.areas - 1)  # R's CR3 leaves out (G − 1)/G
    for i, name in enumerate(names):
        term = fit.names[i]
        found = {
            "se_classical": classical(fit)[i, i],
            "se_CR1S_stata_vcovCL_HC1": cr1(fit)[i, i],
            "fixest_cluster_se": cr1(fit)[i, i],
            "clubSandwich_CR2": cr2(fit)[i, i],
            "clubSandwich_CR3": cr3(fit, term)[i, i] * blow_up,
        }
        assert fit.value(term) == pytest.approx(expected["coef"][name], rel=GOLDEN_DIGITS)
        for key, variance in found.items():
            assert np.sqrt(variance) == pytest.approx(expected[key][name], rel=GOLDEN_DIGITS)
        adjusted = satterthwaite(fit, term, "")
        assert adjusted.df == pytest.approx(expected["CR2_satt"]["df"][i], rel=GOLDEN_DIGITS)
        assert adjusted.p_value == pytest.approx(expected["CR2_satt"]["p"][i], rel=1e-7)
        assert estimate_cr1(fit, term, "").p_value == pytest.approx(expected["fixest_p"][name], rel=1e-7)


def test_card_krueger_restaurants_equal_r(golden, read_column):
    rows = golden.rows("_data/njmin3.csv")
    expected = golden.expected("04-did-weighted-cluster")["card_krueger_fte"]
    x = np.column_stack([np.ones(len(rows)), *(read_column(rows, c) for c in ("nj", "d", "d_nj"))])
    y, weight = read_column(rows, "fte"), np.ones(len(rows))
    unit = np.tile(np.arange(410), 2)
    there = np.isfinite(y)
    fit = fitted(x[there], y[there], weight[there], unit[there], names=("(intercept)", "nj", "d", "d_nj"))
    assert fit.value("d_nj") == pytest.approx(expected["coef"]["d_nj"], rel=GOLDEN_DIGITS)
    for key, covariance in (("se_CR1S_stata_vcovCL_HC1", cr1(fit)), ("clubSandwich_CR2", cr2(fit))):
        assert np.sqrt(covariance[3, 3]) == pytest.approx(expected[key]["d_nj"], rel=GOLDEN_DIGITS)
    assert satterthwaite(fit, "d_nj", "").df == pytest.approx(expected["CR2_satt"]["df"][3], rel=GOLDEN_DIGITS)


@pytest.mark.parametrize("seed", range(4))
def test_classical_and_cr1_equal_statsmodels(seed):
    x, y, w, area = invented_rows(seed)
    fit = fitted(x, y, w, area)
    other = sm.WLS(y, x, weights=w).fit()
    clustered = sm.WLS(y, x, weights=w).fit(cov_type="cluster", cov_kwds={"groups": area})
    assert [fit.value(name) for name in NAMES] == pytest.approx(other.params, rel=EXACT)
    assert classical(fit) == pytest.approx(other.cov_params(), rel=EXACT)
    assert cr1(fit) == pytest.approx(clustered.cov_params(), rel=EXACT)
    assert fit.r_squared == pytest.approx(other.rsquared, rel=EXACT)


# Twice the columns are eight: with fewer areas and with more, another matrix holds what areas have in common.
@pytest.mark.parametrize("areas", [7, 8, 9, 20])
@pytest.mark.parametrize("weighted", [True, False])
def test_cr2_equals_the_definition_on_rows(weighted, areas):
    x, y, w, area = invented_rows(3, areas=areas, weighted=weighted)
    fit = fitted(x, y, w, area)
    _, covariance, df = by_hand(x, y, w, area)
    assert cr2(fit) == pytest.approx(covariance, rel=1e-8)
    assert [satterthwaite(fit, name, "").df for name in NAMES] == pytest.approx(df, rel=1e-8)


def test_where_the_errors_of_no_area_tell_of_the_effect_there_is_a_reason_and_no_rounding():
    """One pilot and one comparator, before and after: both areas' changes are fitted exactly, but for rounding."""
    rng = np.random.default_rng(4)
    area, post = np.repeat([0, 1], 40), np.tile(np.repeat([0.0, 1.0], 20), 2)
    x = np.column_stack([np.ones(80), area == 0, post, post * (area == 0)]).astype(float)
    y, w = rng.normal(40, 1, 80), rng.uniform(0.2, 3, 80)
    fit = fitted(x, y, w, area, names=("(intercept)", "pilot", "post", "pilot:post"))
    assert satterthwaite(fit, "pilot:post", "") == NotEstimated("the errors of the areas do not vary")


def test_cr3_is_leaving_out_each_area_by_hand():
    x, y, w, area = invented_rows(5)
    fit = fitted(x, y, w, area)
    shifts = []
    for g in np.unique(area):
        kept = area != g
        without = sm.WLS(y[kept], x[kept], weights=w[kept]).fit().params
        shifts.append(without - sm.WLS(y, x, weights=w).fit().params)
        assert leave_out_area(fit, int(g), "x")[1] == pytest.approx(without[1], rel=1e-8)
    shifts = np.array(shifts)
    assert cr3(fit, "x") == pytest.approx(6 / 7 * shifts.T @ shifts, rel=1e-8)


def test_one_row_areas_make_cr1_the_robust_covariance():
    x, y, w, _ = invented_rows(6, n=60)
    fit = fitted(x, y, w, np.arange(60))
    robust = sm.WLS(y, x, weights=w).fit(cov_type="HC1").cov_params()
    # HC1 has n/(n − k); CR1 with G = n has n/(n − 1) · (n − 1)/(n − k)
    assert cr1(fit) == pytest.approx(robust, rel=EXACT)


def test_cr3_says_which_area_the_effect_hangs_on():
    x = np.column_stack([np.ones(12), np.repeat([1.0, 0, 0, 0], 3)])
    fit = fitted(
        x, np.arange(12.0) ** 2, np.ones(12), np.repeat(["a", "b", "c", "d"], 3), names=("(intercept)", "pilot")
    )
    found = cr3(fit, "pilot")
    assert isinstance(found, NotEstimated)
    assert found.reason == "without area a pilot cannot be estimated"


def test_a_term_that_was_dropped_has_its_reason_for_an_estimate():
    x = np.column_stack([np.ones(8), np.arange(8), 2 * np.arange(8)])
    fit = fitted(x, np.arange(8.0) ** 2, np.ones(8), np.arange(8) // 2, names=("(intercept)", "year", "again"))
    found = estimate_cr1(fit, "again", "")
    assert isinstance(found, NotEstimated)
    assert found.reason == "collinear with year"
    assert isinstance(satterthwaite(fit, "again", ""), NotEstimated)


def test_one_area_has_no_clustered_error():
    x, y, w, _ = invented_rows(7, n=20)
    assert isinstance(estimate_cr1(fitted(x, y, w, np.zeros(20)), "x", ""), NotEstimated)


def test_the_normal_reading_is_the_limit_of_t():
    x, y, w, area = invented_rows(8)
    fit = fitted(x, y, w, area)
    normal = estimate_cr1(fit, "x", "", df=np.inf)
    assert normal.conf_high - normal.estimate == pytest.approx(1.959963984540054 * normal.std_error, rel=1e-12)
    assert normal.p_value < estimate_cr1(fit, "x", "").p_value
