"""Matching people in a notebook: kinds of tables, what can be done with a match, what is said, what is refused."""

import json
import warnings

import duckdb
import numpy as np
import pandas as pd
import people_rows
import pytest

from whatworked import Bins, Cuts, Grouping, Sturges, cem
from whatworked.errors import UsageError

KEY = {"coarsen": {"age": people_rows.AGES, "need": people_rows.NEEDS}, "within": ["matched_group", "phase"]}
EVENT = ["area", "person", "event"]


@pytest.fixture
def table():
    return people_rows.drawn(3)


def matched(data, **options):
    return cem(data, treatment="pilot", **(KEY | options))


def test_every_kind_of_table_gives_the_same(table, tmp_path):
    frame = pd.DataFrame(table)
    path = tmp_path / "rows.parquet"
    with duckdb.connect() as connection:
        connection.register("frame", frame)
        connection.sql(f"COPY frame TO '{path}' (FORMAT parquet)")
        for other in (frame, path, connection.sql("SELECT * FROM frame")):
            found = matched(other)
            assert found.weights.tolist() == matched(table).weights.tolist()
            assert found.to_dict() == matched(table).to_dict()


def test_strata_number_the_matched_rows_and_no_others(table):
    found = matched(table)
    assert np.array_equal(found.stratum >= 0, found.weights > 0)
    assert len(np.unique(found.stratum[found.stratum >= 0])) == found.matched_strata < found.strata
    columns = np.column_stack([table["matched_group"], table["phase"], people_rows.AGES.bins(table["age"])])
    for stratum in np.unique(found.stratum[found.stratum >= 0]):
        inside = found.stratum == stratum
        assert len(np.unique(columns[inside], axis=0)) == 1
        assert set(table["pilot"][inside].tolist()) == {0, 1}


def test_copy_weights_count_in_the_masses_and_multiply_the_weights(table):
    events, times = np.unique(table["event"], return_counts=True)
    shares = 1 / times[np.searchsorted(events, table["event"])]
    found, plain = matched(table | {"share": shares}, weights="share"), matched(table)
    comparator = (table["pilot"] == 0) & (found.weights > 0)
    assert found.mass["comparator"] == pytest.approx(shares[comparator].sum())
    assert found.weights[comparator].sum() == pytest.approx(shares[comparator].sum())
    assert np.array_equal(found.weights > 0, plain.weights > 0)


def test_after_leaving_rows_out_strata_copies_and_weights_are_those_of_the_rest(table):
    match = matched(table).with_copies(table, event=EVENT)
    stays = table["matched_group"] != 1
    fewer = match.subset(stays)
    rest = {name: column[stays] for name, column in table.items()}
    alone = matched(rest).with_copies(rest, event=EVENT)
    assert fewer.weights[stays].tolist() == alone.weights.tolist()
    assert not fewer.weights[~stays].any()
    assert (fewer.counts, fewer.mass, fewer.strata) == (alone.counts, alone.mass, alone.strata)
    assert fewer.weights[stays].tolist() != match.weights[stays].tolist()


def test_pairs_leave_equal_numbers_and_weights_of_one(table):
    found = matched(table).k_to_k(table, covariates=["age"], seed=4)
    assert found.counts["pilot"]["matched"] == found.counts["comparator"]["matched"] > 0
    assert set(found.weights.tolist()) == {0.0, 1.0}


def test_coarser_cuts_keep_what_finer_cuts_keep(table):
    fine = cem(table, treatment="pilot", coarsen={"age": Cuts(2, 5, 8, 11, 14)}, within=["phase", "need"])
    coarse = cem(table, treatment="pilot", coarsen={"age": Cuts(5, 11)}, within=["phase", "need"])
    assert not ((fine.weights > 0) & ~(coarse.weights > 0)).any()


def test_what_the_lost_rows_have_in_common_is_counted_above_the_limit_only():
    pilot = np.array([1] * 60 + [0] * 60)
    kind = np.array(["alone"] * 30 + ["rare"] * 4 + ["shared"] * 26 + ["shared"] * 60)
    found = cem({"pilot": pilot, "kind": kind}, treatment="pilot", exact=["kind"]).lost()
    assert (found.pilot_rows, found.lost, found.withheld) == (60, 34, 1)
    assert found.to_rows() == [{"variable": "kind", "level": "alone", "pilot_rows": 30, "lost": 30, "share": 1.0}]
    assert "rare" not in found._repr_html_()
    assert "1 bins are not shown" in found._repr_html_()


def test_the_estimand_the_formula_and_the_masses_are_said(table):
    found = matched(table)
    for said in (found._repr_html_(), json.dumps(found.to_dict(), ensure_ascii=False)):
        assert "feasible-sample effect on the treated" in said
        assert "(M_C / M_T) · (m_T,s / m_C,s)" in said
        assert "M_T and M_C count all matched pilot and comparator rows of the call" in said
    assert found.to_dict()["coarsening"]["age"] == {"cuts": [4.5, 10.5, 15.5], "closed": "right"}
    assert [row["arm"] for row in found.to_rows()] == ["pilot", "comparator"]


def test_within_divides_the_strata_and_not_the_masses(table):
    found = matched(table)
    pilot = table["pilot"] == 1
    for group in np.unique(table["matched_group"]):
        inside = (table["matched_group"] == group) & (found.weights > 0)
        if inside.any():
            ratio = found.weights[inside & pilot].sum() / found.weights[inside & ~pilot].sum()
            assert ratio == pytest.approx(found.mass["pilot"] / found.mass["comparator"])


SMALL = {"pilot": [1, 1, 0, 0], "x": [1.0, 2, 1, 3], "word": ["a", "b", "a", None]}


@pytest.mark.parametrize(
    ("change", "options", "said"),
    [
        ({"pilot": [1, 1, 1, 1]}, {"exact": ["x"]}, "every one of the 4 rows is 1"),
        ({"pilot": [1, 1, 0, 2]}, {"exact": ["x"]}, "1 values are neither 0 nor 1"),
        ({"pilot": [1, None, 0, 0]}, {"exact": ["x"]}, "1 values are neither 0 nor 1"),
        ({"x": [np.nan] * 4}, {"coarsen": {"x": Sturges()}}, "x: it holds no value"),
        ({"word": np.array([None] * 4, dtype=object)}, {"exact": ["word"]}, "word: it holds no value"),
        ({"x": [1, np.inf, 0, -np.inf]}, {"exact": ["x"]}, "x: 2 values are infinite"),
        ({"x": [1, np.inf, 0, 1]}, {"coarsen": {"x": Cuts(1)}}, "x: 1 values are infinite"),
        ({}, {"coarsen": {"word": Bins(3)}}, "word: holds text"),
        ({}, {"coarsen": {"x": 5}}, r"coarsen\[\"x\"\]: is a int"),
        ({}, {"coarsen": {"x": Cuts(1)}, "exact": ["x"]}, "is named twice"),
        ({}, {}, "covariates: none is named"),
        ({}, {"exact": ["y"]}, "is not in the data"),
        ({"w": [1, -1, np.nan, 1]}, {"exact": ["x"], "weights": "w"}, "w: 2 are missing, infinite or negative"),
    ],
)
def test_what_cannot_be_matched_is_refused_in_words(change, options, said):
    data = {name: np.array(column) for name, column in (SMALL | change).items()}
    with pytest.raises(UsageError, match=said):
        cem(data, treatment="pilot", **options)


def test_all_mistakes_are_said_at_once_and_no_value_with_them():
    data = {"pilot": np.array([1, 0]), "name": np.array(["Zoë", "Abel"]), "x": np.array([np.inf, 1])}
    with pytest.raises(UsageError) as caught:
        cem(data, treatment="pilot", coarsen={"name": Sturges(), "x": Sturges()})
    assert len(caught.value.mistakes) == 2
    assert "Zoë" not in str(caught.value)


def test_without_a_common_stratum_every_weight_is_0_and_a_warning_says_why():
    data = {"pilot": np.array([1, 1, 0, 0]), "x": np.array([1, 2, 3, 4])}
    with pytest.warns(UserWarning, match="None of the 4 strata holds rows of both arms"):
        found = cem(data, treatment="pilot", exact=["x"])
    assert (found.weights.tolist(), found.matched_strata, found.strata) == ([0, 0, 0, 0], 0, 4)
    assert "nothing is matched" in found._repr_html_()


def test_a_quantity_left_uncoarsened_is_warned_of_with_the_number_of_strata():
    x = np.repeat(np.linspace(0, 1, 60), 2)
    with pytest.warns(UserWarning, match='"x" is matched exactly on 60 values: 60 strata, 60 of them with both arms'):
        cem({"pilot": np.tile([0, 1], 60), "x": x}, treatment="pilot", exact=["x"])


def test_cuts_out_of_the_range_of_the_values_are_warned_of():
    data = {"pilot": np.array([1, 1, 0, 0]), "x": np.array([1.0, 2, 3, 4])}
    with pytest.warns(UserWarning, match='Every value of "x" falls into one bin'):
        found = cem(data, treatment="pilot", coarsen={"x": Cuts(100, 200)})
    assert found.counts["pilot"] == {"rows": 2, "matched": 2}


def test_a_million_strata_are_counted_and_matched():
    rows = 1_000_000
    data = {"pilot": np.tile([0, 1], rows), "x": np.repeat(np.arange(rows), 2)}
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        found = cem(data, treatment="pilot", exact=["x"])
    assert (found.strata, found.matched_strata) == (rows, rows)
    assert "1,000,000 strata" in str(caught[0].message)


def test_a_missing_value_matches_a_missing_value():
    data = {"pilot": np.array([1, 0, 1, 0]), "x": np.array([np.nan, np.nan, 1, 2])}
    found = cem(data, treatment="pilot", exact=["x"])
    assert found.weights.tolist() == [1, 1, 0, 0]


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (lambda match, table: match.subset(np.ones(3, dtype=bool)), "3 marks for"),
        (lambda match, table: match.with_copies({"event": np.arange(3)}, event=["event"]), "other rows"),
        (lambda match, table: match.k_to_k(table, covariates=["need"]), "need: it holds text"),
        (lambda match, table: match.k_to_k(table, covariates=["income"]), "income: it holds text, missing"),
        (lambda match, table: match.k_to_k(table, covariates=[]), "none is named"),
        (lambda match, table: match.k_to_k(table, covariates=["age"], distance="cosine"), "none that is known"),
    ],
)
def test_what_cannot_be_done_with_a_match_is_refused_in_words(table, call, said):
    with pytest.raises(UsageError, match=said):
        call(matched(table), table)


def test_groups_may_name_values_that_are_not_there(table):
    wide = matched(table, coarsen={"need": Grouping(["N1", "N2", "N9"])}, within=[])
    assert wide.to_dict()["coarsening"]["need"]["groups"][0] == ["N1", "N2", "N9"]
