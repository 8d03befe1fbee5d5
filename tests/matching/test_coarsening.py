"""Bins in SQL are the bins in memory, on every engine."""

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from portable_subset import violations
from second_engine import DataFusionEngine

from whatworked import Bins, Cuts, FreedmanDiaconis, Grouping, Scott, Sturges
from whatworked.cells import NotEstimated
from whatworked.engine.duckdb import DuckDBEngine
from whatworked.engine.interface import ParquetSource
from whatworked.engine.sql import Query
from whatworked.estimation.coarsening import Levels, levels_of, settled
from whatworked.matching.coarsening import bin_expression, key_expressions, settle, width

NUMBERS = np.array([-np.inf, -1e300, -0.0, 0.0, 0.1, 1, 4.5, 7, 12.5, 12.500000001, 99, 1e300, np.inf, np.nan])
WORDS = np.array(["a", "b", "it's", "d", "", None, '"', "c"], dtype=object)


@pytest.fixture(scope="module")
def given_rows(tmp_path_factory):
    folder = tmp_path_factory.mktemp("rows")
    pq.write_table(pa.table({"place": np.arange(len(NUMBERS)), "x": NUMBERS}), folder / "numbers.parquet")
    null = pa.table({"place": np.arange(len(NUMBERS)), "x": pa.array(NUMBERS, mask=np.isnan(NUMBERS))})
    pq.write_table(null, folder / "nulls.parquet")
    pq.write_table(pa.table({"place": np.arange(len(WORDS)), "x": pa.array(WORDS)}), folder / "words.parquet")
    pq.write_table(pa.table({"place": np.arange(1), "x": pa.array([None], pa.float64())}), folder / "none.parquet")
    both = [DuckDBEngine([folder], None), DataFusionEngine()]
    for engine in both:
        for name in ("numbers", "nulls", "words", "none"):
            engine.register(name, ParquetSource(folder / f"{name}.parquet"))
    yield both
    both[0].close()


def bins_of(engine, table, option):
    text = f"SELECT place, CAST({bin_expression('x', option)} AS BIGINT) AS bin FROM {table}"
    assert violations(text) == []
    return engine.collect(Query(text, grain="row", columns=("place", "bin")))["bin"].tolist()


@settings(max_examples=40, deadline=None)
@given(
    st.lists(st.sampled_from([-3.0, 0.0, 0.1, 1.0, 4.5, 7.0, 12.5, 99.0, 1e301]), min_size=1, max_size=6, unique=True),
    st.sampled_from(["right", "left"]),
)
def test_cuts_give_the_same_bins_in_every_engine_and_in_memory(given_rows, points, closed):
    cuts = Cuts(*sorted(points), closed=closed)
    in_memory = cuts.bins(NUMBERS).tolist()
    for engine in given_rows:
        assert bins_of(engine, "numbers", cuts) == in_memory
        assert bins_of(engine, "nulls", cuts) == in_memory


@pytest.mark.parametrize("groups", [[], [["a", "it's"]], [["b"], ["d", ""], ['"']]])
def test_groups_give_the_same_bins_in_every_engine_and_in_memory(given_rows, groups):
    for levels in (settled(Grouping(*groups), WORDS), Levels(tuple(map(tuple, groups)))):
        for engine in given_rows:
            assert bins_of(engine, "words", levels) == levels.bins(WORDS).tolist()


def test_levels_of_numbers_are_the_same_in_every_engine_and_in_memory(given_rows):
    levels = levels_of(NUMBERS[2:-2])
    for engine in given_rows:
        assert bins_of(engine, "nulls", levels)[2:-2] == levels.bins(NUMBERS[2:-2]).tolist()


@pytest.mark.parametrize("rule", [Sturges(), Scott(), FreedmanDiaconis(), Bins(3), Cuts(1, 2)])
def test_rules_settle_on_the_same_cuts_in_every_engine_and_in_memory(given_rows, rule):
    finite = Query("SELECT x FROM nulls WHERE x > -1000e0 AND x < 1000e0", grain="row", columns=("x",))
    there = NUMBERS[np.abs(NUMBERS) < 1000]
    for engine in given_rows:
        assert settle(engine, finite, "x", rule) == settled(rule, there)


def test_a_rule_without_values_says_so(given_rows):
    nothing = Query("SELECT x FROM none", grain="row", columns=("x",))
    for engine in given_rows:
        assert settle(engine, nothing, "x", Sturges()) == NotEstimated("x holds no value")


def test_words_settle_on_the_same_levels_in_every_engine_and_in_memory(given_rows):
    words = Query("SELECT x FROM words", grain="row", columns=("x",))
    for engine in given_rows:
        assert settle(engine, words, "x") == levels_of(WORDS)
        assert settle(engine, words, "x", Grouping(["a", "b"])) == settled(Grouping(["a", "b"]), WORDS)


def test_keys_split_before_they_outgrow_a_whole_number():
    few = [("x", Cuts(1, 2))] * 3
    assert len(key_expressions(few)) == 1
    many = [("x", Cuts(*range(1000)))] * 8
    assert len(key_expressions(many)) == 2
    assert key_expressions([]) == ["CAST(0 AS BIGINT)"]
    assert width(Cuts(1, 2)) == 4
