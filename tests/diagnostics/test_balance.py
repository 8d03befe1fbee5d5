"""Balance: R's imbalance, the definitions one cell at a time, and what balance must be where it is known."""

from collections import defaultdict

import golden_people as golden
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from whatworked import Cuts, Sturges, balance, cem
from whatworked.cells import NotEstimated
from whatworked.diagnostics.balance import (
    effective_sample_size,
    imbalance,
    moments,
    standardised_difference,
)
from whatworked.diagnostics.variables import category_balance, numeric_balance
from whatworked.estimation.cem import cem_weights, strata_of

LL = ["age", "education", "black", "married", "nodegree", "re74", "re75", "hispanic", "u74", "u75"]
BINARY = ["black", "married", "nodegree", "hispanic", "u74", "u75"]
POINTS = {name: Sturges(k_as_cut_points=True) for name in LL}
STATED = {
    "age": Cuts(15, 20, 25, 30, 40, 60),
    "education": Cuts(0, 8.5, 11.5, 12.5, 20),
    "re74": Cuts(-1, 0, 5000, 10000, 50000),
    "re75": Cuts(-1, 0, 5000, 10000, 50000),
}


def equals_r(found, entry):
    assert found.l1 == pytest.approx(entry["L1"], abs=1e-9)
    assert 100 * found.lcs == pytest.approx(entry["LCS_percent"], abs=1e-9)


def test_imbalance_over_the_breaks_of_r_is_that_of_r():
    results = golden.expected("02-l1-lcs")
    table = golden.columns("cem_LL")
    match = cem(table, treatment="treated", coarsen=POINTS)
    after = balance(table, treatment="treated", covariates=LL, weights=match.weights)
    before = balance(table, treatment="treated", covariates=LL)
    equals_r(before, results["LL_before_auto"])
    equals_r(after, results["LL_after_cem_auto_eval"])
    assert after.before == before.after
    for name, breaks in results["LL_before_auto"]["breaks"].items():
        assert before.breaks[name].points == pytest.approx(breaks)
    by_name = {variable.name: variable.before for variable in before.variables}
    for name in BINARY:
        entry = results["LL_before_auto"]["univariate"][name]
        assert by_name[name].l1 == pytest.approx(entry["L1"], abs=1e-12)
    for name in LL:
        contrast = by_name[name]
        gap = contrast.mean_pilot - contrast.mean_comparator
        assert gap == pytest.approx(results["LL_before_auto"]["univariate"][name]["statistic"], abs=1e-8)


def test_breaks_taken_from_the_survivors_move_and_the_answer_with_them():
    results = golden.expected("02-l1-lcs")
    table = golden.columns("cem_LL")
    match = cem(table, treatment="treated", coarsen=POINTS)
    kept = match.weights > 0
    survivors = golden.rows_of(table, kept)
    found = balance(survivors, treatment="treated", covariates=LL, weights=match.weights[kept])
    equals_r(found, results["LL_after_matched_subset_rebinned"])


def test_imbalance_over_stated_breaks_is_that_of_r():
    results = golden.expected("02-l1-lcs")
    table = golden.columns("cem_LL")
    match = cem(table, treatment="treated", coarsen=POINTS)
    found = balance(table, treatment="treated", covariates=LL, weights=match.weights, bins=STATED)
    equals_r(found, results["LL_after_userbreaks"])
    equals_r(found.before, results["LL_before_userbreaks"])


def test_the_figures_printed_in_the_vignette_come_out():
    results = golden.expected("02-l1-lcs")
    table = golden.columns("cem_LeLonde")
    whole = golden.rows_of(table, golden.complete(table))
    match = cem(whole, treatment="treated", coarsen=POINTS, exact=["q1"])
    found = balance(whole, treatment="treated", covariates=[*LL, "q1"], weights=match.weights)
    equals_r(found.before, results["vignette_LeLonde_complete_before"])
    equals_r(found, results["vignette_LeLonde_complete_after"])
    assert (round(found.before.l1, 3), round(100 * found.before.lcs, 1)) == (0.902, 5.8)
    assert [match.counts[arm]["matched"] for arm in ("comparator", "pilot")] == [95, 84]


def test_a_missing_value_is_a_cell_of_its_own_as_in_r():
    results = golden.expected("02-l1-lcs")
    table = golden.columns("cem_LeLonde")
    found = balance(table, treatment="treated", covariates=[*LL, "q1"])
    equals_r(found, results["LeLonde_missing_before"])


def test_over_the_cells_that_were_matched_on_nothing_is_left_as_in_r():
    results = golden.expected("02-l1-lcs")
    table = golden.columns("sim_pilot")
    before = golden.rows_of(table, table["post"] == 0)
    cuts = {
        "age": Cuts(-0.5, 4.5, 10.5, 15.5, 17.5),
        "deprivation": Cuts(-0.5, 9.5, 19.5, 39.5, 200),
        "prior": Cuts(-0.5, 0.5, 1.5, 99),
    }
    exact = ["sex", "ethnicity", "sen", "fsm"]
    match = cem(before, treatment="treat", coarsen=cuts, exact=exact)
    found = balance(before, treatment="treat", covariates=[*cuts, *exact], weights=match.weights, bins=cuts)
    equals_r(found, results["sim_after"])
    equals_r(found.before, results["sim_before"])


def definition(cells, pilot, weight):
    """L1 and LCS, one cell at a time."""
    shares = defaultdict(lambda: [0.0, 0.0])
    for cell, arm, w in zip(cells, pilot, weight, strict=True):
        if w > 0:
            shares[cell][int(arm)] += w
    whole = [sum(pair[arm] for pair in shares.values()) for arm in (0, 1)]
    l1 = sum(abs(pair[1] / whole[1] - pair[0] / whole[0]) for pair in shares.values()) / 2
    return l1, sum(all(pair) for pair in shares.values()) / len(shares)


@st.composite
def rows(draw):
    drawn = draw(
        st.lists(
            st.tuples(st.integers(0, 4), st.integers(-1, 2), st.booleans(), st.integers(0, 3)), min_size=2, max_size=60
        )
    )
    return [np.array(column) for column in zip(*drawn, strict=True)]


@settings(max_examples=80, deadline=None)
@given(rows())
def test_imbalance_is_the_definition_cell_by_cell(study):
    first, second, pilot, weight = study
    found = imbalance([first, second], pilot, weight=weight / 3)
    if isinstance(found, NotEstimated):
        assert not (weight[pilot].any() and weight[~pilot].any())
        return
    l1, lcs = definition(zip(first.tolist(), second.tolist(), strict=True), pilot, weight / 3)
    assert (found.l1, found.lcs) == pytest.approx((l1, lcs), abs=1e-12)
    assert -1e-12 <= found.l1 <= 1 + 1e-12
    cells = imbalance([first, second], pilot, weight=(weight > 0).astype(float), count=weight.astype(float))
    assert cells.l1 == pytest.approx(l1, abs=1e-12)


@settings(max_examples=60, deadline=None)
@given(rows())
def test_after_matching_nothing_is_left_over_the_strata_themselves(study):
    first, second, pilot, _ = study
    stratum, _ = strata_of([first, second])
    weight = cem_weights(stratum, pilot).weight
    found = imbalance([first, second], pilot, weight=weight)
    if weight.any():
        assert found.l1 == pytest.approx(0, abs=1e-12)
        assert (found.lcs, found.pilot_share) == (1, 1)
    else:
        assert isinstance(found, NotEstimated)


def test_the_pilot_share_counts_rows_and_not_weights():
    bins = [np.array([0, 0, 1, 1, 2])]
    pilot = np.array([True, False, True, True, False])
    found = imbalance(bins, pilot, weight=np.array([5.0, 1, 1, 1, 1]))
    assert found.pilot_share == pytest.approx(1 / 3)
    assert (found.cells, found.common_cells) == (3, 1)


def test_means_and_variances_are_those_of_the_rows_and_missing_values_are_counted():
    values = np.array([1.0, 2, 4, np.nan, 3, 7, 5, 6])
    pilot = np.array([True] * 4 + [False] * 4)
    found = moments(values, pilot, weight=np.ones(8))
    assert (found.mean_pilot, found.mean_comparator) == pytest.approx((7 / 3, 5.25))
    assert found.variance_pilot == pytest.approx(np.var([1, 2, 4], ddof=1))
    assert found.variance_ratio == pytest.approx(np.var([1, 2, 4], ddof=1) / np.var([3, 7, 5, 6], ddof=1))
    assert (found.missing_pilot, found.missing_comparator) == (0.25, 0)


def test_the_standardised_difference_keeps_its_denominator_when_rows_are_weighed():
    rng = np.random.default_rng(2)
    values, pilot = rng.normal(size=50), np.arange(50) < 20
    before = moments(values, pilot, weight=np.ones(50))
    after = moments(values, pilot, weight=rng.random(50))
    deviation = values[pilot].std(ddof=1)
    assert standardised_difference(after, before) == pytest.approx(
        (after.mean_pilot - after.mean_comparator) / deviation
    )


def test_cells_have_the_balance_of_their_rows():
    rng = np.random.default_rng(4)
    values, pilot = rng.integers(0, 5, 30).astype(float), rng.random(30) < 0.4
    weight, count = rng.random(30), rng.integers(1, 4, 30)
    bins = values.astype(int) // 2
    cell = numeric_balance("x", values, bins, pilot, weight=weight, count=count.astype(float))
    row = numeric_balance(
        "x", *(np.repeat(column, count) for column in (values, bins, pilot)), weight=np.repeat(weight, count)
    )
    assert cell.to_row() == pytest.approx(row.to_row())
    levels = category_balance("x", bins, {0: "low", 1: "high"}, pilot, weight=weight, count=count.astype(float))
    assert [level.name for level in levels.levels] == ["low", "high"]
    assert levels.after.l1 == pytest.approx(cell.after.l1)
    share = (weight * count * (bins == 0))[pilot].sum() / (weight * count)[pilot].sum()
    assert levels.levels[0].after.mean_pilot == pytest.approx(share)


def test_equal_weights_lose_no_effective_rows():
    assert effective_sample_size(np.full(7, 0.3)) == pytest.approx(7)
    assert effective_sample_size(np.array([1.0, 3.0])) == pytest.approx(16 / 10)
    assert effective_sample_size(np.array([1.0, 3.0]), np.array([1.0, 0.0])) == pytest.approx(1)
    assert effective_sample_size(np.zeros(3)) == 0


def test_what_cannot_be_had_is_a_reason():
    pilot = np.array([True, False, False])
    assert isinstance(imbalance([np.arange(3)], pilot, weight=np.array([0.0, 1, 1])), NotEstimated)
    assert isinstance(moments(np.array([np.nan, 1, 2]), pilot, weight=np.ones(3)), NotEstimated)
    row = numeric_balance("x", np.array([1.0, 1, 2]), np.zeros(3, dtype=int), pilot, weight=np.ones(3)).to_row()
    assert row["smd_after"] is None
    assert "do not differ" in row["note"]
