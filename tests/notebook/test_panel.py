"""`regress` with effects for people: R's numbers from a table, people within areas, and the tests by name."""

import datetime
import warnings
from dataclasses import replace

import numpy as np
import pandas as pd
import pyfixest
import pytest
from panel_rows import golden, invented, table

from whatworked import regress
from whatworked.cells import NotEstimated
from whatworked.diagnostics.hausman import hausman, mundlak
from whatworked.diagnostics.serial_correlation import Sequence, serial_correlation
from whatworked.errors import UsageError
from whatworked.estimation.panel import fixed_effects
from whatworked.estimation.random_effects import FLOORED, random_effects

OPTIONS = {"outcome": "y", "terms": ["x", "sex", "z"], "weights": "w", "area": "area", "person": "who", "time": "day"}


@pytest.fixture
def rows():
    return invented(0)


@pytest.fixture
def frame(rows):
    order = np.random.default_rng(0).permutation(len(rows.unit))
    day = [datetime.date(2020, 1, 1) + datetime.timedelta(days=int(i)) for i in order]
    columns = {"y": rows.outcome, "w": rows.weight, "who": [f"p{u}" for u in rows.unit], "day": day}
    columns |= {"area": [f"A{a}" for a in rows.area], "order": order}
    return pd.DataFrame(columns | {name: rows.design[:, j] for j, name in [(1, "x"), (2, "sex"), (3, "z")]})


def test_a_table_gives_the_fits_of_its_rows(frame, rows):
    fixed = regress(frame, estimator="fixed_effects", **OPTIONS)
    random = regress(frame, estimator="random_effects", **OPTIONS)
    assert fixed.names == ("x", "z")
    assert fixed.coef == pytest.approx(fixed_effects(rows).linear.coef, rel=1e-12)
    assert fixed.left_out == {"seen once": fixed_effects(rows).singletons}
    assert fixed.estimate("sex") == NotEstimated("it does not change within any unit, so the unit effects hold it")
    assert random.names == ("(intercept)", "x", "sex", "z")
    direct = random_effects(rows).linear
    assert random.coef == pytest.approx([direct.value(name) for name in direct.names], rel=1e-12)
    assert (random.note, random.left_out) == (None, {})
    for fit in (fixed, random):
        assert fit.covariance("two_way") == pytest.approx(fit.covariance("cr1"), rel=1e-9)
        assert fit.estimate("x", "person").std_error ** 2 == pytest.approx(
            fit.covariance("person")[fit.names.index("x")][fit.names.index("x")]
        )
        assert fit.estimate("x", "two_way").df == fit.estimate("x").df == 5
        assert fit.satterthwaite("x").std_error > 0
        assert 0 < fit.wild_bootstrap("x").p_value <= 1
        assert len(fit.to_rows()) == len(fit.names)


def test_fixed_effects_and_their_errors_equal_pyfixest(frame):
    fit = regress(frame, estimator="fixed_effects", **OPTIONS)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        other = pyfixest.feols("y ~ x + z | who", frame, vcov={"CRV1": "area"}, weights="w", fixef_rm="singleton")
    assert fit.coef == pytest.approx(other.coef()[["x", "z"]].to_numpy(), rel=1e-7)
    found = [fit.estimate(name).std_error for name in fit.names]
    assert found == pytest.approx(other.se()[["x", "z"]].to_numpy(), rel=1e-6)


def test_robust_errors_count_every_effect_that_left(frame):
    fit = regress(frame, estimator="fixed_effects", **OPTIONS)
    scores = fit.design * (fit.weight * fit.residual)[:, None]
    free = fit.rows - 2 - fit.panel.fit.linear.absorbed
    direct = fit.rows / free * fit.linear.bread @ scores.T @ scores @ fit.linear.bread
    assert fit.covariance("hc1") == pytest.approx(direct, rel=1e-10)
    assert fit.estimate("x", "classical").df == free


def test_the_same_label_in_another_area_is_somebody_else(frame, rows):
    frame["who"] = rows.unit // 6
    assert frame.groupby("who")["area"].nunique().max() > 1
    fit = regress(frame, estimator="fixed_effects", **OPTIONS)
    assert fit.coef == pytest.approx(fixed_effects(rows).linear.coef, rel=1e-12)


def test_tests_go_by_name(frame, rows):
    linear = regress(frame, **OPTIONS)
    when = Sequence(frame["order"].to_numpy(), np.arange(len(frame)))
    for order in (1, 2):
        direct = serial_correlation(rows, when, order=order)
        assert linear.test("breusch_godfrey", order=order) == direct.n_r_squared
        assert linear.test("breusch_godfrey_f", order=order) == direct.f
        assert linear.test("serial_correlation", order=order).statistic == pytest.approx(direct.robust.statistic)
    random = regress(frame, estimator="random_effects", **OPTIONS)
    fixed = fixed_effects(rows, singletons="stay")
    direct = hausman(fixed, random_effects(rows))
    found = random.test("hausman")
    if isinstance(direct, NotEstimated):
        assert found == direct
    else:
        assert found.statistic == pytest.approx(direct.statistic, rel=1e-9)
    assert random.test("mundlak").statistic == pytest.approx(mundlak(rows, random_effects(rows)).statistic, rel=1e-9)


def test_without_people_the_rows_are_one_sequence_as_in_r():
    expected = golden("09-breusch-godfrey")["bgtest_Grunfeld_pooled_lm"]
    columns = {
        name: np.array([row[name] for row in table("_data/Grunfeld.csv")])
        for name in ("inv", "value", "capital", "firm")
    }
    fit = regress(columns, outcome="inv", terms=["value", "capital"], area="firm")
    assert fit.test("breusch_godfrey", order=2).statistic == pytest.approx(expected["order2_Chisq"]["stat"], rel=1e-8)


def test_hausman_from_a_table_equals_r():
    expected = golden("07-random-effects-hausman-mundlak")["Grunfeld"]["hausman_chisq"]
    columns = {
        name: np.array([row[name] for row in table("_data/Grunfeld.csv")])
        for name in ("inv", "value", "capital", "firm")
    }
    fit = regress(
        columns, outcome="inv", terms=["value", "capital"], area="firm", person="firm", estimator="random_effects"
    )
    found = fit.test("hausman")
    assert (found.statistic, found.df) == (pytest.approx(expected["stat"], rel=1e-8), 2)
    assert found.p_value == pytest.approx(expected["p"], rel=1e-8)


def test_rows_without_a_person_or_a_time_are_counted(frame):
    frame["day"] = pd.to_datetime(frame["day"])
    frame.loc[0:2, "who"] = None
    frame.loc[3, "day"] = pd.NaT
    assert regress(frame, **OPTIONS).left_out == {"no person": 3, "no time": 1}


def test_people_who_differ_by_no_more_than_chance_are_said_to(frame):
    frame["y"] = np.where(np.arange(len(frame)) % 2 == 0, 1.0, -1.0)
    fit = regress(frame, estimator="random_effects", **OPTIONS)
    assert fit.note == fit.to_dict()["note"] == FLOORED
    assert FLOORED in fit._repr_html_()


@pytest.mark.parametrize(
    ("options", "ask", "message"),
    [
        ({"person": None, "estimator": "fixed_effects"}, None, "needs to know who is who"),
        ({"person": None}, lambda fit: fit.covariance("person"), "needs to know who is who"),
        ({"person": None}, lambda fit: fit.estimate("x", "two_way"), "needs to know who is who"),
        ({"person": "day", "estimator": "fixed_effects"}, None, "no unit was seen more than once"),
        ({"person": "day", "estimator": "random_effects"}, None, "no unit was seen more than once"),
        ({}, lambda fit: fit.test("hausmann"), 'Did you mean "hausman"'),
        ({}, lambda fit: fit.test("hausman"), "random_effects"),
        ({"estimator": "fixed_effects"}, lambda fit: fit.test("hausman"), "random_effects"),
    ],
)
def test_what_cannot_be_asked_is_answered_with_what_to_do(frame, options, ask, message):
    def asked():
        fit = regress(frame, **(OPTIONS | options))
        return ask(fit) if ask else fit

    with pytest.raises(UsageError, match=message):
        asked()


def test_one_area_leaves_no_error_to_cluster_and_one_person_none_by_person(frame):
    frame["area"] = "A"
    frame["who"] = "p"
    fit = regress(frame, **OPTIONS)
    assert np.isnan(fit.covariance("person")).all()
    assert isinstance(fit.estimate("x", "person"), NotEstimated)
    assert isinstance(fit.test("serial_correlation"), NotEstimated)
    assert fit.test("breusch_godfrey").p_value <= 1
    assert replace(fit, left_out={}).rows == len(frame)


def test_a_fit_that_leaves_nothing_to_chance_has_no_errors_but_no_exception(frame):
    few = frame[frame.groupby("who")["y"].transform("size") >= 3].groupby("who").head(2).head(4)
    fit = regress(few, estimator="fixed_effects", **OPTIONS)
    assert fit.panel.fit.linear.residual_df == 0
    for kind in ("classical", "hc1"):
        assert np.isnan(fit.covariance(kind)).all()
        assert isinstance(fit.estimate("x", kind), NotEstimated)
    assert "estimate" in fit.to_rows()[0]
