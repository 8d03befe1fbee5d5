"""Pilot rows without a counterpart, by bins: nothing small is shown, nothing is left uncounted."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from whatworked.diagnostics.lost import lost_rows
from whatworked.estimation.coarsening import Levels

KEYS = {"kind": Levels((("a",), ("b",), ("c",)))}


@st.composite
def rows(draw):
    drawn = draw(
        st.lists(
            st.tuples(st.integers(-1, 2), st.booleans(), st.booleans(), st.integers(1, 9)), min_size=1, max_size=40
        )
    )
    return [np.array(column) for column in zip(*drawn, strict=True)]


@settings(max_examples=60, deadline=None)
@given(rows(), st.integers(1, 12))
def test_every_bin_that_loses_rows_is_shown_or_counted_and_no_small_number_is_shown(study, limit):
    bins, pilot, kept, count = study
    found = lost_rows({"kind": bins}, KEYS, pilot, kept, limit=limit, count=count.astype(float))
    assert found.pilot_rows == count[pilot].sum()
    assert found.lost == count[pilot & ~kept].sum()
    shown = 0
    for level in found.levels:
        inside = pilot & (bins == ["(missing)", "a", "b", "c"].index(level.level) - 1)
        assert (level.pilot_rows, level.lost) == (count[inside].sum(), count[inside & ~kept].sum())
        assert level.lost >= limit
        assert level.pilot_rows - level.lost == 0 or level.pilot_rows - level.lost >= limit
        shown += level.lost
    if not found.withheld:
        assert shown == found.lost


@settings(max_examples=80, deadline=None)
@given(rows())
def test_cells_lose_what_their_rows_lose(study):
    bins, pilot, kept, count = study
    cells = lost_rows({"kind": bins}, KEYS, pilot, kept, limit=3, count=count.astype(float))
    whole = [np.repeat(column, count) for column in (bins, pilot, kept)]
    assert lost_rows({"kind": whole[0]}, KEYS, whole[1], whole[2], limit=3) == cells
