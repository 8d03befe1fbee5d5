"""`regress` and `did` with a logit: statsmodels' numbers from a table, reasons, and what bad input is told."""

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
import statsmodels.formula.api as smf
from scipy.special import expit

from whatworked import did, regress
from whatworked.cells import NotEstimated
from whatworked.errors import UsageError


@pytest.fixture
def table():
    rng = np.random.default_rng(0)
    n = 600
    frame = pd.DataFrame({"area": np.arange(n) % 10, "x": rng.normal(size=n), "kind": rng.choice(["b", "a", "c"], n)})
    frame["pilot"] = (frame["area"] < 5).astype(int)
    frame["post"] = rng.integers(0, 2, n)
    frame["w"] = rng.uniform(0.5, 2, n)
    eta = -0.5 + 0.8 * frame["pilot"] * frame["post"] + 0.4 * frame["x"] + 0.5 * (frame["kind"] == "b")
    frame["y"] = (rng.uniform(size=n) < expit(eta)).astype(int)
    return frame


def asked(frame, terms=("x", "kind"), **options):
    return regress(frame, outcome="y", terms=list(terms), area="area", estimator="logit", **options)


def test_it_equals_statsmodels(table):
    fit = asked(table)
    model = smf.glm("y ~ x + C(kind)", table, family=sm.families.Binomial())
    order = ["Intercept", "x", "C(kind)[T.b]", "C(kind)[T.c]"]
    assert fit.names == ("(intercept)", "x", "kind[b]", "kind[c]")
    for kind, options in {
        "classical": {},
        "cr1": {"cov_type": "cluster", "cov_kwds": {"groups": table["area"]}},
    }.items():
        other = model.fit(tol=1e-14, **options)
        assert fit.coef == pytest.approx(other.params[order].to_numpy(), rel=1e-9)
        assert fit.covariance(kind) == pytest.approx(other.cov_params().loc[order, order].to_numpy(), rel=1e-7)
    assert fit.r_squared == pytest.approx(1 - other.deviance / other.null_deviance)


def test_average_marginal_effects_equal_statsmodels(table):
    frame = table.assign(b=(table["kind"] == "b").astype(int))
    fit = asked(frame, ["x", "b"])
    other = sm.Logit(frame["y"], sm.add_constant(frame[["x", "b"]])).fit(disp=0, tol=1e-14)
    known = other.get_margeff(dummy=True).summary_frame()
    for term in ("x", "b"):
        found = fit.average_marginal_effect(term, "classical")
        assert found.estimate == pytest.approx(known.loc[term, "dy/dx"], rel=1e-6)
        assert found.std_error == pytest.approx(known.loc[term, "Std. Err."], rel=1e-5)


def test_every_kind_of_error_has_its_reading(table):
    fit = asked(table, weights="w")
    assert fit.estimate("x", "classical").df == np.inf
    assert fit.estimate("x", "hc1").df == np.inf
    assert fit.estimate("x").df == 9
    assert fit.estimate("x", "cr3").df == 9
    assert np.exp(fit.estimate("x").conf_low) == pytest.approx(fit.odds_ratio("x").conf_low)
    assert 0 < fit.wild_bootstrap("x").p_value < 0.05
    for blank in (fit.satterthwaite("x"), fit.estimate("x", "cr2"), fit.covariance("cr2"), fit.odds_ratio("x", "cr2")):
        assert "least squares" in blank.reason
    assert fit.average_marginal_effect("x", "cr2") == fit.satterthwaite("x")


def test_rows_left_out_and_terms_dropped_are_told(table):
    table["again"] = 3 * table["x"]
    table["y"] = table["y"].astype(float)
    table.loc[:3, "y"] = np.nan
    fit = asked(table, ["x", "again"])
    assert fit.left_out == {"no outcome": 4}
    assert fit.rows == 596
    assert fit.estimate("again") == NotEstimated("collinear with x")
    assert fit.average_marginal_effect("again") == NotEstimated("collinear with x")
    assert fit.dropped[0].term == "again"
    assert fit.to_dict()["r_squared_mcfadden"] == fit.r_squared
    assert "log-odds" in fit._repr_html_()


def test_with_one_area_there_is_no_clustered_error(table):
    fit = asked(table.assign(area="A"))
    assert "not_estimated" in fit.to_rows()[0]
    assert "<table>" in fit._repr_html_()
    assert isinstance(fit.wild_bootstrap("x"), NotEstimated)


def test_separation_is_a_reason_and_no_number(table):
    table["told"] = table["y"] * (table["x"] > 0)
    assert asked(table, ["kind", "told"]) == NotEstimated("separation: told tells some outcomes exactly")
    table.loc[(table["pilot"] == 1) & (table["post"] == 1), "y"] = 0
    found = did(table, outcome="y", pilot="pilot", post="post", area="area", estimator="logit")
    assert found == NotEstimated("separation: pilot:post tells some outcomes exactly")


@pytest.mark.parametrize(("change", "message"), [({"y": 2}, "600 values are neither 0 nor 1"), ({"y": 0.5}, "neither")])
def test_an_outcome_of_other_values_is_refused(table, change, message):
    with pytest.raises(UsageError, match=message):
        asked(table.assign(**change))


def test_unknown_terms_and_kinds_are_answered_with_what_is_known(table):
    fit = asked(table)
    for ask in (fit.estimate, fit.average_marginal_effect, fit.satterthwaite, fit.wild_bootstrap):
        with pytest.raises(UsageError, match="Known"):
            ask("zz")
    with pytest.raises(UsageError, match="cr1"):
        fit.covariance("cr9")
    with pytest.raises(UsageError, match="linear, logit"):
        did(table, outcome="y", pilot="pilot", post="post", area="area", estimator="logistic")


def test_a_difference_in_differences_has_log_odds_and_the_treatment_effect_on_the_treated(table):
    found = did(table, outcome="y", pilot="pilot", post="post", area="area", weights="w", estimator="logit")
    share = {
        key: np.average(rows["y"], weights=rows["w"]) for key, rows in table.groupby(["pilot", "post"])[["y", "w"]]
    }
    odds = {key: p / (1 - p) for key, p in share.items()}
    ratio = odds[1, 1] * odds[0, 0] / (odds[1, 0] * odds[0, 1])
    assert found.effect.estimate == pytest.approx(np.log(ratio), rel=1e-10)
    assert found.effect.unit == "log-odds"
    without = odds[1, 1] / ratio
    assert found.treatment_effect.estimate == pytest.approx(share[1, 1] - without / (1 + without), rel=1e-10)
    assert found.headline.method == "wild_restricted"
    rows = {row.method.value: row for row in found.inference}
    assert "least squares" in rows["cr2"].note
    assert rows["collapsed_t"].note.endswith("linear, in shares, where the logit is in log-odds")
    assert set(found.to_dict()) == {"effect", "treatment_effect", "inference", "fit"}


def test_one_area_leaves_the_treatment_effect_without_an_error(table):
    whole = table.assign(area="A", pilot=1)
    found = did(whole, outcome="y", pilot="pilot", post="post", area="area", estimator="logit")
    assert isinstance(found.effect, NotEstimated)
    assert isinstance(found.treatment_effect, NotEstimated)
