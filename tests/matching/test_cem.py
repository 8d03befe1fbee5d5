"""Matching people by queries: the same as in memory, and the same to the last bit on every engine."""

import numpy as np
import people_rows
import pytest
from portable_subset import violations

from whatworked import balance, cem
from whatworked.cells import NotEstimated
from whatworked.estimation.coarsening import Cuts, levels_of
from whatworked.matching.cem import MatchingKey, counts, match_people, matched_rows, stratum_counts

INCOMES = Cuts(0, 10, 20, 30)
EVENT = ("area", "person", "event")


@pytest.fixture(scope="module")
def invented(tmp_path_factory):
    table = people_rows.drawn(7)
    engines, rows = people_rows.engines(tmp_path_factory.mktemp("people"), table)
    yield table, engines, rows
    engines[0].close()


def key_of(table, **more):
    within = {name: levels_of(table[name]) for name in ("matched_group", "phase")}
    needs = people_rows.NEEDS.settled(table["need"].tolist())
    strata = {"age": people_rows.AGES, "need": needs} | within
    return MatchingKey("pilot", strata, {"age": people_rows.AGES, "income": INCOMES}, **more)


def in_memory(table):
    return cem(
        table,
        treatment="pilot",
        coarsen={"age": people_rows.AGES, "need": people_rows.NEEDS},
        within=["matched_group", "phase"],
    )


@pytest.mark.parametrize("event", [(), EVENT])
def test_queries_match_and_weigh_as_in_memory(invented, event):
    table, engines, rows = invented
    match = in_memory(table)
    match = match.with_copies(table, event=event) if event else match
    found = match_people(engines[0], rows, key_of(table, event=event))
    assert (found.strata, int(found.count.sum())) == (match.strata, len(table["pilot"]))
    for arm, side in (("pilot", True), ("comparator", False)):
        kept = found.weights.kept & (found.pilot == side)
        assert int(found.count[kept].sum()) == match.counts[arm]["matched"] > 0
    assert (found.weights.pilots, found.weights.comparators) == pytest.approx(tuple(match.mass.values()), rel=1e-13)
    squares = (found.count * found.weights.weight**2).sum()
    assert squares == pytest.approx((match.weights**2).sum(), rel=1e-12)
    compared = balance(
        table,
        treatment="pilot",
        covariates=["age", "income"],
        weights=match.weights,
        bins={"age": people_rows.AGES, "income": INCOMES},
    )
    assert found.before == compared.before
    assert vars(found.after) == pytest.approx(vars(compared.after), rel=1e-12)


@pytest.mark.parametrize("event", [(), EVENT])
def test_every_engine_gives_the_same_to_the_last_bit(invented, event):
    table, engines, rows = invented
    first, second = (match_people(engine, rows, key_of(table, event=event)) for engine in engines)
    assert first.weights.weight.tolist() == second.weights.weight.tolist()
    for name in ("stratum", "cell", "pilot", "count"):
        assert getattr(first, name).tolist() == getattr(second, name).tolist()
    assert (first.before, first.after) == (second.before, second.after)
    assert first.weights.weight.any()


def test_copies_are_counted_among_the_rows_that_matching_keeps(invented):
    table, engines, rows = invented
    match = in_memory(table)
    copied = match.with_copies(table, event=EVENT)
    pilot = table["pilot"] == 1
    assert np.array_equal(match.weights > 0, copied.weights > 0)
    events = np.unique(table["event"][(match.weights > 0) & ~pilot])
    assert copied.mass["comparator"] == pytest.approx(len(events))
    assert match.mass["comparator"] > len(events)
    found = engines[0].collect(counts(rows, key_of(table, event=EVENT)))
    assert set(found["copies"].tolist()) == {0, 1, 2, 3}


def test_the_rows_with_a_counterpart_are_those_with_a_weight(invented):
    table, engines, rows = invented
    match = in_memory(table)
    kept = [sorted(engine.collect(matched_rows(rows, key_of(table)))["event"].tolist()) for engine in engines]
    assert kept[0] == kept[1] == sorted(table["event"][match.weights > 0].tolist())


def test_strata_are_counted_by_arm(invented):
    table, engines, rows = invented
    first, second = (engine.collect(stratum_counts(rows, key_of(table))) for engine in engines)
    assert {name: column.tolist() for name, column in first.items()} == {
        name: column.tolist() for name, column in second.items()
    }
    both = (first["pilots"] > 0) & (first["comparators"] > 0)
    match = in_memory(table)
    assert (len(both), int(both.sum())) == (match.strata, match.matched_strata)
    assert int(first["pilots"][both].sum()) == match.counts["pilot"]["matched"]


def test_every_query_keeps_to_the_portable_subset(invented):
    table, _, rows = invented
    for event in ((), EVENT):
        key = key_of(table, event=event)
        for query in (counts(rows, key), matched_rows(rows, key), stratum_counts(rows, key)):
            assert violations(query.text) == []


def test_without_variables_to_compare_the_balance_says_so(invented):
    table, engines, rows = invented
    found = match_people(engines[0], rows, MatchingKey("pilot", key_of(table).strata))
    assert isinstance(found.before, NotEstimated)
    assert "no column" in found.after.reason


def test_without_a_common_stratum_nothing_is_matched_and_the_balance_says_so(invented):
    table, engines, rows = invented
    apart = MatchingKey("pilot", {"pilot": levels_of(table["pilot"])}, {"age": people_rows.AGES})
    found = match_people(engines[0], rows, apart)
    assert not found.weights.weight.any()
    assert isinstance(found.after, NotEstimated)
    assert found.before.l1 > 0
