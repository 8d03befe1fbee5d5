"""What is asked for beside a table: a mistyped option is refused in words, never taken for another."""

import datetime

import numpy as np
import pandas as pd
import pytest

from whatworked import Bins, Cuts, balance, cem, did, event_study, match_areas, regress
from whatworked.errors import UsageError

N = 160
PLACE = np.arange(N) % 8
DATA = {
    "area": np.array([f"A{a}" for a in PLACE]),
    "pilot": (PLACE < 4).astype(float),
    "post": (np.arange(N) // 8 % 2).astype(float),
    "year": 2010.0 + np.arange(N) // 20,
    "x": np.sin(np.arange(N)),
    "z": np.cos(np.arange(N) * 3),
    "who": np.arange(N) // 16 * 8 + PLACE,
    "b": (np.arange(N) * 7 % 5 < 2).astype(float),
}
DATA["y"] = DATA["x"] + DATA["pilot"] * DATA["post"] + np.cos(np.arange(N) ** 2)


def fitted(estimator="linear"):
    outcome = "b" if estimator == "logit" else "y"
    return regress(DATA, outcome=outcome, terms=["x", "z"], area="area", person="who", estimator=estimator)


@pytest.mark.parametrize("estimator", ["linear", "logit", "fixed_effects", "random_effects"])
@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"draws": 0}, "draws: it is no whole number from 1 on"),
        ({"draws": -3}, "draws"),
        ({"draws": 9.5}, "draws"),
        ({"draws": True}, "draws"),
        ({"seed": -1}, "seed: it is no whole number from 0 on"),
        ({"seed": None}, "seed"),
        ({"ties": "="}, "ties: it is no rule"),
    ],
)
def test_a_bootstrap_is_told_what_it_can_draw(estimator, options, said):
    with pytest.raises(UsageError, match=said):
        fitted(estimator).wild_bootstrap("x", **options)


@pytest.mark.parametrize("estimator", ["linear", "logit"])
def test_a_bootstrap_of_no_term_is_refused_and_of_a_dropped_one_explained(estimator):
    with pytest.raises(UsageError, match='no term "xx"'):
        fitted(estimator).wild_bootstrap("xx")
    twice = DATA | {"again": 2 * DATA["x"]}
    outcome = "b" if estimator == "logit" else "y"
    fit = regress(twice, outcome=outcome, terms=["x", "again"], area="area", estimator=estimator)
    assert fit.wild_bootstrap("again").reason == "collinear with x"


@pytest.mark.parametrize("order", [0, -1, 1.5, "1"])
def test_lags_are_whole_numbers(order):
    with pytest.raises(UsageError, match="order: it is no whole number from 1 on"):
        fitted().test("breusch_godfrey", order=order)


@pytest.mark.parametrize("estimator", ["linear", "logit"])
def test_a_kind_of_error_is_one_text(estimator):
    with pytest.raises(UsageError, match="no kind"):
        fitted(estimator).covariance(["cr1"])


@pytest.mark.parametrize(
    "call",
    [
        lambda: regress(DATA, outcome="y", terms="xz", area="area"),
        lambda: did(DATA, outcome="y", pilot="pilot", post="post", area="area", covariates="xz"),
        lambda: event_study(DATA, outcome="y", pilot="pilot", area="area", time="year", start=2014, covariates="xz"),
        lambda: cem(DATA, treatment="pilot", exact="xz"),
        lambda: cem(DATA, treatment="pilot", exact=["x"], within="xz"),
        lambda: balance(DATA, treatment="pilot", covariates="xz"),
    ],
)
def test_the_letters_of_one_text_are_not_taken_for_columns(call):
    with pytest.raises(UsageError, match="it is one text, not a list"):
        call()


def test_a_seed_of_a_double_difference_is_a_seed():
    with pytest.raises(UsageError, match="seed"):
        did(DATA, outcome="y", pilot="pilot", post="post", area="area", seed=-1)


@pytest.mark.parametrize("points", [("a",), (1, None), (float("nan"),), (1, np.inf)])
def test_cut_points_are_numbers(points):
    with pytest.raises(UsageError, match="no finite cut point"):
        Cuts(*points)


def test_bins_are_whole():
    with pytest.raises(UsageError, match=r"2\.5 make no bin"):
        Bins(2.5)


@pytest.mark.parametrize("start", [None, float("nan"), float("inf")])
@pytest.mark.parametrize("name", ["start", "embedded"])
def test_a_start_is_a_day_or_a_number(name, start):
    if name == "embedded" and start is None:
        pytest.skip("without a settling-in there is none")
    options = {"start": 2014} | {name: start}
    with pytest.raises(UsageError, match=f"{name}: is neither a day nor a number"):
        event_study(DATA, outcome="y", pilot="pilot", area="area", time="year", **options)


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"start": 3000}, "no row is in the last period before it"),
        ({"start": 1000}, "no row is in the last period before it"),
        ({"start": 2014, "embedded": 2011}, "embedded: the settling-in ends before the start"),
    ],
)
def test_effects_are_measured_against_the_last_period_before_the_start_or_not_at_all(options, said):
    with pytest.raises(UsageError, match=said):
        event_study(DATA, outcome="y", pilot="pilot", area="area", time="year", **options)


def test_a_gap_in_the_last_period_before_the_start_does_not_move_the_reference():
    there = DATA["year"] != 2013
    gap = {name: column[there] for name, column in DATA.items()}
    with pytest.raises(UsageError, match="against which effects are measured"):
        event_study(gap, outcome="y", pilot="pilot", area="area", time="year", start=2014)


def series(**changes):
    rows = [(area, year, 50 + i + np.sin(3 * i + year)) for i, area in enumerate("ABCDE") for year in range(2010, 2018)]
    return pd.DataFrame(rows, columns=["area", "year", "rate"]).assign(**changes)


def searched(table, **options):
    options = {"pilots": {"A": "2017-05-01"}, "max_distance": None, "significance": None} | options
    return match_areas(table, area="area", period="year", value="rate", **options)


@pytest.mark.parametrize(
    ("table", "options", "said"),
    [
        (series(rate="Zoe Hidden"), {}, "value: holds text"),
        (series(rate=np.inf), {}, "value: 40 values are infinite"),
        (series(rate=1e200), {}, "value: its numbers are too large"),
        (series()[:0], {}, "series: it has no rows"),
        (series(area=[None] + ["A"] * 39), {}, "series: 1 rows have no area or no period"),
        (series(), {"pilots": {"A": 2017}}, "pilots: a start is no day"),
        (series(), {"pilots": {"A": "Zoe Hidden"}}, "pilots: a start is no day"),
        (series(), {"comparators_per_pilot": 0}, "comparators_per_pilot: it is neither"),
        (series(), {"comparators_per_pilot": "two"}, "comparators_per_pilot"),
        (series(), {"max_distance": -1}, "max_distance: it is not above 0"),
        (series(), {"max_distance": float("nan")}, "max_distance"),
        (series(), {"significance": 2}, "significance: it is not between 0 and 1"),
        (series(), {"year_ends": "Zoe Hidden"}, "year_ends: it is no month and day"),
        (series(), {"year_ends": "02-30"}, "year_ends"),
        (series(), {"exclude": "BC"}, "exclude: it is one text"),
    ],
)
def test_a_search_for_areas_that_means_nothing_is_refused(table, options, said):
    with pytest.raises(UsageError, match=said) as refused:
        searched(table, **options)
    assert "Zoe" not in str(refused.value)


def test_a_start_may_be_any_kind_of_day():
    plain = searched(series()).to_dict()
    for day in (datetime.date(2017, 5, 1), datetime.datetime(2017, 5, 1, 12), pd.Timestamp("2017-05-01")):
        assert searched(series(), pilots={"A": day}).to_dict() == plain


def test_areas_that_are_numbers_are_excluded_as_numbers():
    table = series(area=np.repeat([1, 2, 3, 4, 5], 8))
    found = searched(table, pilots={1: "2017-05-01"}, exclude=[2], comparators_per_pilot="all")
    assert set(found.groups[0].comparators) == {"3", "4", "5"}
    assert {entry.area: entry.reason for entry in found.candidates}["2"] == "excluded"
