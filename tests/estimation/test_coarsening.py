"""Cut points, groups and automatic rules: what bin a value is in, and where the cuts come from."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from whatworked import Bins, Cuts, FreedmanDiaconis, Grouping, Scott, Sturges
from whatworked.errors import UsageError
from whatworked.estimation.coarsening import MISSING, Levels, Spread, imbalance_breaks, levels_of, settled, spread_of

NAN = float("nan")


def test_cuts_are_closed_on_the_right_and_the_lowest_belongs_to_the_first_bin():
    values = np.array([-9, 4.4, 4.5, 8, 12.5, 12.6, 20, 20.1, NAN])
    assert Cuts(4.5, 12.5, 20).bins(values).tolist() == [0, 0, 1, 1, 1, 2, 2, 3, MISSING]


def test_cuts_closed_on_the_left_give_the_highest_to_the_last_bin():
    values = np.array([-9, 4.4, 4.5, 8, 12.5, 12.6, 20, 20.1, NAN])
    assert Cuts(4.5, 12.5, 20, closed="left").bins(values).tolist() == [0, 0, 1, 1, 2, 2, 2, 3, MISSING]


def test_one_cut_makes_two_bins():
    values = np.array([1.0, 2.0, 3.0])
    assert Cuts(2).bins(values).tolist() == [0, 0, 1]
    assert Cuts(2, closed="left").bins(values).tolist() == [0, 1, 1]


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.integers(-20, 20), min_size=1, max_size=6, unique=True),
    st.lists(st.integers(-25, 25), min_size=1, max_size=30),
    st.sampled_from(["right", "left"]),
)
def test_every_value_lies_between_the_ends_that_its_bin_is_called_by(points, values, closed):
    cuts = Cuts(*sorted(points), closed=closed)
    ends = [-np.inf, *cuts.points, np.inf]
    for value, number in zip(values, cuts.bins(np.array(values)).tolist(), strict=True):
        assert ends[number] <= value <= ends[number + 1]


@pytest.mark.parametrize("points", [(), (2, 1), (1, 1), (NAN,), (1, float("inf"))])
def test_cuts_out_of_order_or_not_finite_are_refused(points):
    with pytest.raises(UsageError, match="Cuts"):
        Cuts(*points)


def test_grouped_values_count_as_one_and_every_other_value_by_itself():
    values = np.array(["b", "c", None, "a", "e", "d"], dtype=object)
    levels = settled(Grouping(["a", "b"], ["d"]), values)
    assert levels == Levels((("a", "b"), ("d",), ("c",), ("e",)))
    assert levels.bins(values).tolist() == [0, 2, MISSING, 0, 3, 1]
    assert levels.label(0) == "a, b"


def test_levels_of_numbers_are_in_order_of_size():
    assert levels_of(np.array([10.0, 2.0, NAN, 2.0])) == Levels(((2.0,), (10.0,)))
    assert levels_of(np.array([10.0, 2.0, NAN])).bins(np.array([2.0, NAN, 10.0])).tolist() == [0, MISSING, 1]


@pytest.mark.parametrize("groups", [("ab",), (["a"], ["a"])])
def test_groups_that_cannot_be_meant_are_refused(groups):
    with pytest.raises(UsageError, match="Grouping"):
        Grouping(*groups)


VALUES = np.array([1.0, 2, 2, 3, 5, 8, 13, 21, 34, NAN])


def test_the_rules_are_those_of_their_papers():
    there = VALUES[:-1]
    n, spread = 9, there.max() - there.min()
    quarter = np.quantile(there, 0.75) - np.quantile(there, 0.25)
    by_hand = {
        Sturges(): int(np.ceil(np.log2(n) + 1)),
        Scott(): int(np.ceil(spread / (3.5 * there.std(ddof=1) / n ** (1 / 3)))),
        FreedmanDiaconis(): int(np.ceil(spread / (2 * quarter / n ** (1 / 3)))),
        Bins(7): 7,
    }
    for rule, bins in by_hand.items():
        assert settled(rule, VALUES).points == pytest.approx(np.linspace(1, 34, bins + 1).tolist())


@pytest.mark.parametrize("rule", [Sturges, Scott, FreedmanDiaconis, lambda **k: Bins(4, **k)])
def test_as_cut_points_a_rule_makes_one_bin_fewer(rule):
    assert len(settled(rule(k_as_cut_points=True), VALUES).points) == len(settled(rule(), VALUES).points) - 1


@pytest.mark.parametrize("rule", [Sturges(), Scott(), FreedmanDiaconis(), Bins(4)])
def test_a_variable_of_one_value_has_one_bin_and_one_without_values_none(rule):
    same = np.full(5, 3.0)
    assert set(settled(rule, same).bins(same).tolist()) == {0}
    assert settled(rule, np.array([NAN])) is None


def test_where_the_quartiles_coincide_scott_takes_over():
    values = np.array([0.0] * 9 + [10.0])
    assert settled(FreedmanDiaconis(), values) == settled(Scott(), values)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.integers(-50, 50), st.integers(1, 9)), min_size=1, max_size=20))
def test_counted_values_have_the_spread_of_their_rows(cells):
    values, count = (np.array(column, dtype=float) for column in zip(*cells, strict=True))
    rows = np.repeat(values, count.astype(int))
    cell = spread_of(values, count)
    assert (cell.rows, cell.low, cell.high) == (len(rows), rows.min(), rows.max())
    assert cell.quartiles == pytest.approx(tuple(np.quantile(rows, [0.25, 0.75])))
    assert cell.variance == pytest.approx(rows.var(ddof=1) if len(rows) > 1 else 0, abs=1e-9)


@pytest.mark.parametrize(
    ("low", "high", "bins", "breaks"),
    [(17, 55, 15, (16, 56, 20)), (3, 16, 20, (3, 16, 26)), (0, 1, 8, (0, 1, 10)), (0, 39570.68, 17, (0, 40000, 20))],
)
def test_breaks_for_imbalance_are_round_numbers(low, high, bins, breaks):
    width = (high - low) / (bins - 0.5)
    spread = Spread(1000.0, low, high, (width * 10 / 3.5) ** 2, (low, high))
    found = imbalance_breaks(spread).points
    assert (found[0], found[-1], len(found) - 1) == breaks
