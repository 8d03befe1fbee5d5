"""What a row counts: copies of an area's period share one weight."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from whatworked.estimation.weights import copy_weights, largest_shares


@given(st.lists(st.tuples(st.integers(0, 4), st.integers(0, 3)), max_size=60))
def test_the_copies_of_an_area_and_period_weigh_one_together(pairs):
    area, period = (np.array([p[j] for p in pairs], dtype=np.int64) for j in (0, 1))
    weights = copy_weights(area, period)
    for pair in set(pairs):
        mine = (area == pair[0]) & (period == pair[1])
        assert weights[mine].sum() == pytest.approx(1)
        assert len(set(weights[mine])) == 1


def test_the_largest_share_of_a_side_is_by_weight():
    weight = np.array([1.0, 1, 2, 6, 2])
    area = np.array([0, 1, 1, 2, 3])
    assert largest_shares(weight, area, np.array([True, True, False, False])) == (0.75, 0.75)
    assert largest_shares(weight[:3], area[:3], np.array([True, True, False, False])) == (0.75, 0.0)
