"""The page of the interface, name by name: what every result offers, for every estimator and kind of table."""

import json
from dataclasses import FrozenInstanceError, fields
from pathlib import Path

import duckdb
import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

import whatworked
from whatworked import Cuts, Sturges, balance, cem, did, event_study, match_areas, regress
from whatworked.cells import NotEstimated
from whatworked.errors import UsageError
from whatworked.estimation.estimate import Estimate

ESTIMATORS = ("linear", "logit", "fixed_effects", "random_effects")
KINDS = ("classical", "hc1", "cr1", "cr2", "cr3", "person", "two_way")


@pytest.fixture(scope="module")
def frame():
    rng = np.random.default_rng(1)
    n = 400
    place = rng.integers(0, 8, n)
    day = pd.Timestamp("2020-01-01") + pd.to_timedelta(rng.integers(0, 900, n), unit="D")
    found = pd.DataFrame(
        {
            "area": [f"A{a}" for a in place],
            "pilot": (place < 4).astype(int),
            "post": (day >= "2021-06-01").astype(int),
            "group": place % 4,
            "age": rng.integers(0, 18, n),
            "income": rng.gamma(2, 500, n),
            "sex": rng.choice(["m", "f"], n),
            "x1": rng.normal(size=n),
            "x2": rng.choice(["u", "v", "w"], n),
            "w": rng.uniform(0.5, 2, n),
            "id": rng.integers(0, 100, n),
            "date": day,
        }
    )
    found["y"] = found["x1"] + found["pilot"] * found["post"] + rng.normal(size=n)
    found["b"] = (rng.uniform(size=n) < 0.3).astype(int)
    return found


def fitted(data, estimator, **options):
    outcome = "b" if estimator == "logit" else "y"
    options = {"weights": "w", "person": "id", "time": "date"} | options
    return regress(data, outcome=outcome, terms=["x1", "x2"], estimator=estimator, area="area", **options)


def studied(data):
    """Everything that the page calls on a table, as plain values."""
    coarsen = {"age": Cuts(4.5, 12.5), "income": Sturges()}
    match = cem(data, treatment="pilot", weights=None, coarsen=coarsen, exact=["sex"], within=["group", "post"])
    compared = balance(data, treatment="pilot", covariates=["age", "sex"], weights=match.weights, bins=None)
    double = did(
        data, outcome="y", pilot="pilot", post="post", area="area", covariates=["x1"], weights="w", person="id"
    )
    dated = event_study(
        data, outcome="y", pilot="pilot", area="area", time="date", start="2021-06-01", embedded="2021-08-01"
    )
    return [match, compared, double, dated, *(fitted(data, name) for name in ESTIMATORS)]


def lazily(frame):
    return pytest.importorskip("polars").from_pandas(frame).lazy()


TABLES = {
    "dict": lambda frame, _: {name: frame[name].to_numpy() for name in frame},
    "polars": lambda frame, _: pytest.importorskip("polars").from_pandas(frame),
    "polars, lazy": lambda frame, _: lazily(frame),
    "arrow": lambda frame, _: pa.Table.from_pandas(frame),
    "relation": lambda frame, _: duckdb.from_df(frame),
    "parquet": lambda _, folder: folder / "rows.parquet",
    "csv": lambda _, folder: str(folder / "rows.csv"),
}


@pytest.mark.parametrize("kind", TABLES)
def test_every_kind_of_table_gives_the_same_results(kind, frame, tmp_path):
    frame.to_parquet(tmp_path / "rows.parquet")
    frame.to_csv(tmp_path / "rows.csv", index=False)
    found = [each.to_dict() for each in studied(TABLES[kind](frame, tmp_path))]
    assert json.dumps(found, default=str) == json.dumps([each.to_dict() for each in studied(frame)], default=str)


def test_every_result_shows_itself_and_cannot_be_changed(frame):
    fit, logit = fitted(frame, "random_effects"), fitted(frame, "logit")
    series = {"area": ["A", "B"] * 4, "year": np.repeat([2010, 2011, 2012, 2013], 2), "rate": np.arange(8.0)}
    small = [
        fit.estimate("x1"),
        fit.wild_bootstrap("x1"),
        fit.test("hausman"),
        logit.odds_ratio("x1"),
        logit.satterthwaite("x1"),
        match_areas(series, area="area", period="year", value="rate", pilots={"A": "2014-01-01"}),
    ]
    for result in [*studied(frame), *small]:
        json.dumps(result.to_dict(), allow_nan=False, default=str)
        assert all(isinstance(row, dict) for row in result.to_rows())
        assert "<table>" in result._repr_html_()
        with pytest.raises((FrozenInstanceError, TypeError)):
            setattr(result, fields(result)[0].name, None)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("estimator", ESTIMATORS)
def test_every_estimator_has_every_covariance_or_the_reason_why_not(frame, estimator, kind):
    fit = fitted(frame, estimator)
    found, covariance = fit.estimate("x1", kind), fit.covariance(kind)
    if (estimator, kind) == ("logit", "cr2"):
        assert found == covariance == NotEstimated("CR2 is defined for least squares, not for a logit")
        return
    assert covariance.shape == (len(fit.names),) * 2
    place = fit.names.index("x1")
    assert found.std_error == pytest.approx(np.sqrt(covariance[place, place]))
    assert isinstance(found, Estimate)
    assert (found.conf_low < found.estimate < found.conf_high, 0 < found.p_value <= 1) == (True, True)


@pytest.mark.parametrize("estimator", ESTIMATORS)
def test_every_fit_answers_what_the_page_asks(frame, estimator):
    fit = fitted(frame, estimator)
    assert (fit.names[0] == "(intercept)") == (estimator != "fixed_effects")
    assert [name for name in fit.names if name.startswith("x2")] == ["x2[v]", "x2[w]"]
    assert fit.coef.shape == (len(fit.names),)
    assert 0 < fit.r_squared < 1
    assert fit.dropped == ()
    assert fit.satterthwaite("x1") == fit.estimate("x1", "cr2")
    assert 0 < fit.wild_bootstrap("x1", draws=None, seed=0, ties=">=").p_value <= 1
    effect = fit.average_marginal_effect("x1")
    assert isinstance(effect, Estimate)
    assert (effect == fit.estimate("x1")) == (estimator != "logit")


@pytest.mark.parametrize("by", ["person", "two_way"])
def test_a_logit_clustered_on_people_is_statsmodels_with_its_own_factor(frame, by):
    sm = pytest.importorskip("statsmodels.api")
    fit = fitted(frame, "logit", weights=None)
    dummies = [(frame["x2"] == level).astype(float) for level in "vw"]
    design = np.column_stack([np.ones(len(frame)), frame["x1"], *dummies])
    who = frame["id"].astype(str) + frame["area"] if by == "person" else frame["area"]
    clusters = np.unique(who, return_inverse=True)[1]
    other = sm.GLM(frame["b"], design, family=sm.families.Binomial()).fit(
        tol=1e-14, cov_type="cluster", cov_kwds={"groups": clusters}
    )
    assert fit.covariance(by) == pytest.approx(other.cov_params().to_numpy(), rel=1e-7)
    assert fit.estimate("x1", by).df == clusters.max()


def test_a_logit_says_where_its_tests_are_and_what_people_are_needed_for(frame):
    fit = fitted(frame, "logit", person=None)
    with pytest.raises(UsageError, match='estimator="linear"'):
        fit.test("breusch_godfrey", order=1)
    with pytest.raises(UsageError, match="needs to know who is who"):
        fit.covariance("person")


def test_the_public_names_are_those_of_the_page():
    options = {"Cuts", "Sturges", "Scott", "FreedmanDiaconis", "Bins", "Grouping"}
    methods = {"cem", "balance", "regress", "did", "match_areas", "event_study", "read_protocol", "run"}
    assert options | methods <= set(whatworked.__all__)
    assert all(hasattr(whatworked, name) for name in whatworked.__all__)
    assert Path(whatworked.__file__).name == "__init__.py"
