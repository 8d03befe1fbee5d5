"""Balance in a notebook: the same rows whatever they are handed over in, what is said, what is refused."""

import json

import numpy as np
import pandas as pd
import people_rows
import pytest

from whatworked import Cuts, Grouping, Sturges, balance, cem
from whatworked.cells import NotEstimated
from whatworked.errors import UsageError

COVARIATES = ["age", "need", "income"]


@pytest.fixture
def table():
    return people_rows.drawn(11)


def test_every_kind_of_table_and_of_weights_gives_the_same(table):
    match = cem(table, treatment="pilot", coarsen={"age": people_rows.AGES}, exact=["need"])
    found = balance(table, treatment="pilot", covariates=COVARIATES, weights=match.weights)
    frame = pd.DataFrame(table | {"w": match.weights})
    other = balance(frame, treatment="pilot", covariates=COVARIATES, weights="w")
    assert other.to_dict() == found.to_dict()
    assert 0 < found.l1 < found.before.l1 < 1


def test_the_breaks_are_those_of_all_rows_whatever_the_weights(table):
    weights = (table["age"] < 9).astype(float)
    found = balance(table, treatment="pilot", covariates=COVARIATES, weights=weights)
    assert found.breaks == balance(table, treatment="pilot", covariates=COVARIATES).breaks
    assert found.breaks["age"].points[-1] >= table["age"].max()


def test_on_the_coarsened_variables_nothing_is_left_after_matching(table):
    coarsen = {"age": people_rows.AGES, "need": people_rows.NEEDS}
    match = cem(table, treatment="pilot", coarsen=coarsen)
    found = balance(table, treatment="pilot", covariates=["age", "need"], weights=match.weights, bins=coarsen)
    assert found.l1 == pytest.approx(0, abs=1e-12)
    assert (found.lcs, found.after.pilot_share) == (1, 1)
    assert found.before.l1 > 0.01


def test_one_row_a_variable_and_one_a_level(table):
    found = balance(table, treatment="pilot", covariates=COVARIATES)
    assert [variable.name for variable in found.variables] == COVARIATES
    rows = {row["variable"]: row for row in found.to_rows()}
    assert set(rows) == {*COVARIATES, *(f"need[{level}]" for level in ("N1", "N2", "N3", "it's", "(missing)"))}
    pilot = table["pilot"] == 1
    assert rows["age"]["mean_pilot_after"] == pytest.approx(table["age"][pilot].mean())
    assert rows["income"]["missing_pilot_after"] == pytest.approx(np.isnan(table["income"][pilot]).mean())
    assert rows["need[N3]"]["mean_comparator_before"] == pytest.approx((table["need"][~pilot] == "N3").mean())
    assert rows["need"]["smd_after"] is None
    assert rows["need"]["note"]


def test_rows_and_their_effective_number_are_given_by_arm(table):
    weights = np.where(table["age"] < 9, 2.0, 0.0)
    found = balance(table, treatment="pilot", covariates=["need"], weights=weights)
    young = table["age"] < 9
    assert found.rows == {
        "pilot": int((young & (table["pilot"] == 1)).sum()),
        "comparator": int((young & (table["pilot"] == 0)).sum()),
    }
    assert found.effective == pytest.approx(found.rows)


def test_the_measures_their_breaks_and_the_estimand_are_said(table):
    found = balance(table, treatment="pilot", covariates=COVARIATES)
    for said in (found._repr_html_(), json.dumps(found.to_dict(), ensure_ascii=False)):
        assert "feasible-sample effect on the treated" in said
        assert "standard deviation of all pilot rows before matching" in said
        assert "share of cells with any row that hold rows of both arms" in said
    assert "age: breaks at 0, 2, 4" in found._repr_html_()
    assert found.to_dict()["breaks"]["age"]["closed"] == "right"


def test_when_nothing_is_matched_the_measures_are_a_reason(table):
    found = balance(table, treatment="pilot", covariates=COVARIATES, weights=np.zeros(len(table["pilot"])))
    assert isinstance(found.l1, NotEstimated)
    assert isinstance(found.lcs, NotEstimated)
    assert found.to_dict()["after"] == {"not_estimated": "no row of one of the arms has a weight"}
    assert "no row of one of the arms" in found._repr_html_()
    assert found.before.l1 > 0


@pytest.mark.parametrize(
    ("change", "options", "said"),
    [
        ({"pilot": np.array([1, 1, 1, 1])}, {}, "every one of the 4 rows is 1"),
        ({"x": np.full(4, np.nan)}, {}, "x: it holds no value"),
        ({"x": np.array([1, np.inf, 2, 3])}, {}, "x: 1 values are infinite"),
        ({}, {"bins": {"word": Cuts(1)}}, "word: holds text"),
        ({}, {"bins": {"y": Cuts(1)}}, r"bins\[\"y\"\]: is no covariate"),
        ({}, {"covariates": []}, "covariates: none is named"),
        ({}, {"weights": np.ones(3)}, "weights: 3 weights for 4 rows"),
        ({}, {"weights": np.array([1, 1, -1, np.nan])}, "weights: 2 are missing, infinite or negative"),
    ],
)
def test_what_cannot_be_compared_is_refused_in_words(change, options, said):
    data = {
        "pilot": np.array([1, 1, 0, 0]),
        "x": np.array([1.0, 2, 1, 3]),
        "word": np.array(["a", "b", "a", None], dtype=object),
    } | change
    with pytest.raises(UsageError, match=said):
        balance(data, treatment="pilot", **({"covariates": ["x", "word"]} | options))


def test_bins_may_be_rules_or_groups(table):
    bins = {"age": Sturges(), "need": Grouping(["N1", "N2", "N3"])}
    found = balance(table, treatment="pilot", covariates=["age", "need"], bins=bins)
    assert len(found.variables[1].levels) == 3
    assert found.before.l1 < balance(table, treatment="pilot", covariates=["age", "need"]).before.l1 + 1e-12
