"""`regress`: R's numbers from a table, dummies, missing values, and what bad input is told."""

import numpy as np
import pandas as pd
import pytest
import statsmodels.formula.api as smf

from whatworked import regress
from whatworked.cells import NotEstimated
from whatworked.errors import UsageError


@pytest.fixture
def table():
    rng = np.random.default_rng(0)
    n = 200
    frame = pd.DataFrame(
        {
            "y": rng.normal(size=n),
            "x": rng.normal(size=n),
            "kind": rng.choice(["b", "a", "c"], n),
            "w": rng.uniform(0.5, 2, n),
            "area": rng.choice([f"A{i}" for i in range(8)], n),
        }
    )
    frame["y"] += frame["x"] + (frame["kind"] == "b") * 2
    return frame


@pytest.mark.parametrize(("kind", "options"), [("classical", {}), ("hc1", {"cov_type": "HC1"}), ("cr1", "area")])
def test_it_equals_statsmodels(table, kind, options):
    if options == "area":
        options = {"cov_type": "cluster", "cov_kwds": {"groups": table["area"]}}
    other = smf.wls("y ~ x + C(kind)", table, weights=table["w"]).fit(**options)
    fit = regress(table, outcome="y", terms=["x", "kind"], weights="w", area="area")
    assert fit.names == ("(intercept)", "x", "kind[b]", "kind[c]")
    order = ["Intercept", "x", "C(kind)[T.b]", "C(kind)[T.c]"]
    assert fit.coef == pytest.approx(other.params[order].to_numpy(), rel=1e-9)
    assert fit.covariance(kind) == pytest.approx(other.cov_params().loc[order, order].to_numpy(), rel=1e-8)
    assert fit.r_squared == pytest.approx(other.rsquared)


def test_every_kind_of_error_has_its_degrees_of_freedom(table):
    fit = regress(table, outcome="y", terms=["x"], area="area")
    assert fit.estimate("x", "classical").df == 198
    assert fit.estimate("x", "hc1").df == 198
    assert fit.estimate("x").df == 7
    assert fit.estimate("x", "cr3").df == 7
    assert fit.estimate("x", "cr2") == fit.satterthwaite("x")
    assert 0 < fit.wild_bootstrap("x").p_value < 0.05


def test_a_missing_number_enters_as_nought_beside_an_indicator(table):
    table.loc[:9, "x"] = np.nan
    table.loc[20:24, "kind"] = None
    fit = regress(table, outcome="y", terms=["x", "kind"], area="area")
    assert fit.rows == 200
    assert fit.names == ("(intercept)", "x", "x[(missing)]", "kind[a]", "kind[b]", "kind[c]")


def test_rows_that_cannot_be_used_are_counted_by_reason(table):
    table.loc[0, "y"] = np.nan
    table.loc[1, "area"] = None
    table.loc[2:3, "w"] = 0.0
    table.loc[4, "w"] = np.nan
    fit = regress(table, outcome="y", terms=["x"], weights="w", area="area")
    assert fit.left_out == {"no outcome": 1, "no area": 1, "no weight": 1, "weight 0": 2}
    assert fit.rows == 195


def test_a_dropped_term_has_its_reason(table):
    table["again"] = 3 * table["x"]
    fit = regress(table, outcome="y", terms=["x", "again"], area="area")
    assert fit.dropped[0].reason == "collinear with x"
    assert fit.estimate("again") == NotEstimated("collinear with x")


def test_the_jackknife_is_nan_where_an_area_holds_a_term_alone(table):
    table["only"] = (table["area"] == "A0").astype(float)
    fit = regress(table, outcome="y", terms=["x", "only"], area="area")
    found = fit.covariance("cr3")
    assert np.isnan(found[2]).all()
    assert np.isfinite(found[:2, :2]).all()
    assert isinstance(fit.estimate("only", "cr3"), NotEstimated)
    alone = regress(table, outcome="y", terms=["only"], area="only")
    assert np.isnan(alone.covariance("cr3")).all()


def test_a_fit_shows_itself(table):
    fit = regress(table, outcome="y", terms=["x", "kind"], area="area")
    assert "kind[b]" in fit._repr_html_()
    assert [row["term"] for row in fit.to_rows()] == list(fit.names)
    assert fit.to_dict()["areas"] == 8
    one = regress(table, outcome="y", terms=["x"], area="one") if "one" in table else None
    assert one is None
    single = regress(table.assign(area="A"), outcome="y", terms=["x"], area="area")
    assert "not_estimated" in single.to_rows()[0]
    assert "<table>" in single._repr_html_()


@pytest.mark.parametrize(
    ("change", "options", "message"),
    [
        ({"w": -1.0}, {}, "200 are negative"),
        ({"y": "text"}, {}, "holds text"),
        ({"y": np.inf}, {}, "infinite"),
        ({"x": np.inf}, {}, "infinite"),
        ({"y": np.nan}, {}, "no row is left"),
        ({}, {"estimator": "probit"}, "Known: .*linear"),
        ({}, {"terms": ["z"]}, 'column "z"'),
    ],
)
def test_bad_input_says_what_to_do(table, change, options, message):
    options = {"outcome": "y", "terms": ["x"], "weights": "w", "area": "area"} | options
    with pytest.raises(UsageError, match=message):
        regress(table.assign(**change), **options)


def test_unknown_terms_and_kinds_are_answered_with_what_is_known(table):
    fit = regress(table, outcome="y", terms=["x"], area="area")
    with pytest.raises(UsageError, match="Known"):
        fit.estimate("xx")
    with pytest.raises(UsageError, match="cr1"):
        fit.covariance("cr9")
