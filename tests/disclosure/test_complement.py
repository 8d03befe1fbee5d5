"""No hidden count can be worked out from what is printed, shown by an attacker who knows only linear algebra."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from invented import LIMITS

from whatworked.cells import Count, Mean, Share, Statistic, Words
from whatworked.disclosure.complement import complements
from whatworked.disclosure.release import release
from whatworked.disclosure.released import Number, Withheld
from whatworked.tables.model import Column, Document, Follows, Links, Place, Section, Sum, Table


def grid(counts):
    """A table of counts with its margins, as a section: rows and columns add up."""
    body = [[*row, sum(row)] for row in counts]
    body.append([sum(column) for column in zip(*body, strict=True)])
    wide, long = len(body[0]), len(body)
    columns = tuple(Column(f"c{j}", Words(f"C{j}")) for j in range(wide))
    table = Table("grid", Words("T"), "counts", columns, tuple(tuple(map(Count, row)) for row in body), Words("s"))
    place = lambda i, j: Place("grid", i, f"c{j}")  # noqa: E731
    across = [Sum(place(i, wide - 1), tuple(place(i, j) for j in range(wide - 1))) for i in range(long)]
    down = [Sum(place(long - 1, j), tuple(place(i, j) for i in range(long - 1))) for j in range(wide)]
    return Section("q", {}, {}, (), (table,), Links((*across, *down))), np.array(body)


def released(section):
    return release(Document({}, {}, (section,), True, frozenset()), LIMITS).sections[0]


def worked_out(section, body, out):
    """Every small hidden count that the printed ones determine: its unit vector lies in the span of the equations."""
    hidden = [(i, j) for i, row in enumerate(out.tables[0].rows) for j, c in enumerate(row) if isinstance(c, Withheld)]
    where = {cell: k for k, cell in enumerate(hidden)}
    rows = []
    for one in section.links.sums:
        row = np.zeros(len(hidden))
        for place, sign in ((one.total, 1), *((part, -1) for part in one.parts)):
            cell = (place.row, int(place.column[1:]))
            if cell in where:
                row[where[cell]] += sign
        rows.append(row)
    equations = np.array(rows)
    rank = np.linalg.matrix_rank(equations) if hidden else 0
    found = []
    for cell, k in where.items():
        alone = np.eye(len(hidden))[k]
        if 0 < body[cell] < LIMITS.smallest and np.linalg.matrix_rank(np.vstack([equations, alone])) == rank:
            found.append(cell)
    return found


def test_without_complements_the_attacker_would_find_the_small_count():
    section, body = grid([[5, 30], [40, 50]])
    bare = released(Section("q", {}, {}, (), section.tables))
    assert worked_out(section, body, bare) == [(0, 0)]
    assert worked_out(section, body, released(section)) == []


@settings(max_examples=60, deadline=None)
@given(st.integers(1, 4), st.integers(1, 4), st.data())
def test_no_small_count_of_a_table_with_margins_can_be_worked_out(long, wide, data):
    cell = st.one_of(st.integers(0, 12), st.integers(0, 200))
    counts = data.draw(st.lists(st.lists(cell, min_size=wide, max_size=wide), min_size=long, max_size=long))
    section, body = grid(counts)
    out = released(section)
    # zero is shown and tells no one, so a count that only zeros stand beside is its own total and small like it
    assert worked_out(section, body, out) == []


@settings(max_examples=40, deadline=None)
@given(st.lists(st.integers(0, 30), min_size=2, max_size=6))
def test_the_hidden_parts_of_a_printed_total_never_add_up_to_a_small_number(parts):
    section, body = grid([parts])
    line = released(section).tables[0].rows[0]
    hidden = sum(int(n) for n, cell in zip(body[0], line[:-1], strict=False) if isinstance(cell, Withheld))
    if isinstance(line[-1], Number):
        assert hidden == 0 or hidden >= LIMITS.smallest


def test_the_smallest_next_count_is_hidden_and_nothing_more():
    section, _ = grid([[5, 30, 40]])
    shown = [isinstance(cell, Number) for cell in released(section).tables[0].rows[0]]
    assert shown == [False, False, True, True]


def two(*cells, links):
    columns = tuple(Column(f"c{j}", Words("C")) for j in range(len(cells)))
    return Section("q", {}, {}, (), (Table("grid", Words("T"), "counts", columns, (cells,), Words("s")),), links)


A, B, C = (Place("grid", 0, f"c{j}") for j in range(3))


def test_a_small_difference_that_is_printed_nowhere_is_guarded_too():
    section = two(Count(938), Count(936), links=Links((Sum(A, (B,), rest=2),), vital=frozenset({B})))
    before, after = released(section).tables[0].rows[0]
    assert isinstance(before, Withheld)
    assert (before.rule, before.why) == ("tells_another", "a hidden number could be worked out from it")
    assert isinstance(after, Number)


def test_a_difference_that_is_not_small_hides_nothing():
    section = two(Count(938), Count(900), links=Links((Sum(A, (B,), rest=38),)))
    assert all(isinstance(cell, Number) for cell in released(section).tables[0].rows[0])


def test_what_the_report_cannot_do_without_goes_last():
    vital = Links((Sum(A, (B, C)),), vital=frozenset({B}))
    out = released(two(Count(50), Count(45), Count(5), links=vital)).tables[0].rows[0]
    assert [isinstance(cell, Number) for cell in out] == [False, True, False]
    every = Links((Sum(A, (B, C)),), vital=frozenset({A, B}))
    out = released(two(Count(50), Count(45), Count(5), links=every)).tables[0].rows[0]
    assert [isinstance(cell, Number) for cell in out] == [True, False, False]


def test_a_figure_leaves_only_where_its_sources_do():
    links = Links(follows=(Follows(B, (A,)), Follows(C, (B,))))
    out = released(two(Count(3), Statistic(0.4), Share(50, 100), links=links)).tables[0].rows[0]
    assert [cell.rule for cell in out] == ["small_count", "tells_another", "tells_another"]
    out = released(two(Count(30), Statistic(0.4), Share(50, 100), links=links)).tables[0].rows[0]
    assert all(isinstance(cell, Number) for cell in out)


def test_a_share_counts_as_the_people_who_have_what_it_is_of():
    levels = [Mean(0.4, "share", 100, part=40), Mean(0.56, "share", 100, part=56), Mean(0.04, "share", 100, part=4)]
    columns = (Column("c0", Words("C")),)
    table = Table("grid", Words("T"), "m", columns, tuple((c,) for c in (*levels, Count(100))), Words("s"))
    place = [Place("grid", i, "c0") for i in range(4)]
    section = Section("q", {}, {}, (), (table,), Links((Sum(place[3], tuple(place[:3])),)))
    out = [row[0] for row in released(section).tables[0].rows]
    assert [isinstance(cell, Number) for cell in out] == [False, True, False, True]


def test_a_sum_over_cells_that_hold_no_count_tells_nothing():
    section = two(Count(3), Statistic(3.0), links=Links((Sum(A, (B,)),)))
    assert complements(section, frozenset({A}), 10) == frozenset()


@pytest.mark.parametrize("n", [0, 10, 400])
def test_where_nothing_is_small_nothing_more_is_hidden(n):
    section, _ = grid([[n, 30], [40, 50]])
    assert complements(section, frozenset(), 10) == frozenset()
