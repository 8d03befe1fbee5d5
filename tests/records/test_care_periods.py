"""Periods of care, rule by rule: episodes in, periods out.

Each table is a child's episodes as the return has them; a dot is a blank. The tables are the reference for the rules.
"""

from datetime import date, timedelta
from itertools import groupby, pairwise

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from portable_subset import violations
from second_engine import DataFusionEngine

from whatworked.engine.duckdb import DuckDBEngine
from whatworked.engine.sql import Query, literal
from whatworked.records.care_periods import care_periods, episodes_of_periods, stitched_episodes
from whatworked.records.schema import EPISODE

TYPES = {column.name: {"VARCHAR": "STRING"}.get(column.type, column.type) for column in EPISODE.columns}
BLANK = dict.fromkeys(EPISODE.names) | {"area": "A1", "child": "C", "census_year": 2018, "need": "N1"}
DRAWN = {"start": "start_date", "rne": "start_reason", "ls": "legal_status", "place": "placement", "end": "end_date",
         "rec": "end_reason", "year": "census_year"}  # fmt: skip


def read_value(name, text):
    if text == ".":
        return None
    return {"DATE": date.fromisoformat, "INTEGER": int}.get(TYPES.get(name, ""), str)(text)


def drawn(table):
    """The rows of a drawn table, by the names of the canonical columns."""
    head, *lines = table.split("\n")[1:-1]
    names = [DRAWN.get(name, name) for name in head.split()]
    return [{n: read_value(n, text) for n, text in zip(names, line.split(), strict=True)} for line in lines]


def as_query(episodes):
    rows = [BLANK | episode for episode in episodes]
    selects = [
        "SELECT " + ", ".join(f"CAST({literal(row[name])} AS {TYPES[name]}) AS {name}" for name in EPISODE.names)
        for row in rows
    ]
    return Query("\nUNION ALL\n".join(selects), grain=EPISODE.grain, columns=EPISODE.names)


def rows_of(engine, query):
    found = engine.collect(query)
    plain = {name: np.ma.getdata(column).tolist() for name, column in found.items()}
    gone = {name: np.ma.getmaskarray(column) for name, column in found.items()}
    height = len(next(iter(plain.values())))
    return [{name: None if gone[name][i] else plain[name][i] for name in plain} for i in range(height)]


PERIOD_HEAD = {"child": "child", "start": "period_start", "end": "period_end", "rec": "end_reason",
               "ls": "first_legal_status", "need": "first_need", "episodes": "episodes", "gaps": "gaps",
               "known": "known_start", "period": "period"}  # fmt: skip


def as_drawn(rows, head):
    """Rows as the lines of a drawn table with that head."""
    lines = []
    for row in sorted(rows, key=lambda row: (row["area"], row["child"], row["period"], str(row.get("start_date")))):
        values = [row[PERIOD_HEAD.get(name, DRAWN.get(name, name)) if name in PERIOD_HEAD else DRAWN.get(name, name)]
                  for name in head]  # fmt: skip
        lines.append(["." if value is None else str(value) for value in values])
    return lines


def assert_periods(engine, episodes, periods):
    head, *lines = (line.split() for line in periods.split("\n")[1:-1])
    assert as_drawn(rows_of(engine, care_periods(as_query(drawn(episodes)))), head) == lines


def test_a_period_runs_from_s_until_an_end_other_than_x1(engine):
    episodes = """
start       rne ls place end         rec
2017-05-01  S   V2 U4    2017-06-01  X1
2017-06-01  L   C1 U4    2017-08-01  X1
2017-08-01  P   C1 U1    2017-10-15  E4A
"""
    periods = """
start       end         rec  ls  need  episodes  gaps  known
2017-05-01  2017-10-15  E4A  V2  N1    3         0     1
"""
    assert_periods(engine, episodes, periods)


def test_the_next_episode_after_such_an_end_starts_a_period_whatever_its_rne(engine):
    episodes = """
start       rne ls place end         rec
2017-05-01  S   V2 U4    2017-06-01  E4B
2017-06-01  P   C1 U4    2017-08-01  E13
2018-01-01  L   C2 U4    .           .
"""
    periods = """
start       end         rec  ls  episodes  gaps  known  period
2017-05-01  2017-06-01  E4B  V2  1         0     1      1
2017-06-01  2017-08-01  E13  C1  1         0     1      2
2018-01-01  .           .    C2  1         0     1      3
"""
    assert_periods(engine, episodes, periods)


def test_s_always_starts_a_period_even_after_x1_or_an_open_episode(engine):
    episodes = """
start       rne ls place end         rec
2017-05-01  S   V2 U4    2017-06-01  X1
2017-06-01  S   V2 U4    .           .
2017-09-01  S   C2 U4    2017-09-30  E4A
"""
    periods = """
start       end         rec  ls  episodes  gaps  known
2017-05-01  2017-06-01  X1   V2  1         0     1
2017-06-01  .           .    V2  1         0     1
2017-09-01  2017-09-30  E4A  C2  1         0     1
"""
    assert_periods(engine, episodes, periods)


def test_a_first_episode_without_s_belongs_to_a_period_of_unknown_start(engine):
    episodes = """
start       rne ls place end         rec
2017-05-01  P   C2 U4    2017-06-01  X1
2017-06-01  L   E1 U4    2017-08-01  E12
2018-01-01  S   V2 U4    .           .
"""
    periods = """
start       end         rec  ls  episodes  gaps  known
2017-05-01  2017-08-01  E12  C2  2         0     0
2018-01-01  .           .    V2  1         0     1
"""
    assert_periods(engine, episodes, periods)


def test_a_gap_after_x1_is_counted_and_does_not_end_a_period(engine):
    episodes = """
start       rne ls place end         rec
2017-05-01  S   V2 U4    2017-06-01  X1
2017-06-02  P   V2 U4    2017-08-01  X1
2017-08-01  P   V2 U4    2017-09-01  X1
2018-02-01  P   V2 U4    2018-03-01  E8
"""
    periods = """
start       end         rec  ls  episodes  gaps  known
2017-05-01  2018-03-01  E8   V2  4         2     1
"""
    assert_periods(engine, episodes, periods)


def test_short_breaks_are_taken_away_before_anything_else(engine):
    episodes = """
child  start       rne ls place end         rec
C1     2017-05-01  S   V4 U4    2017-05-03  E4B
C1     2017-07-01  S   V3 U4    .           .
C2     2017-05-01  S   V2 U4    2017-06-01  X1
C2     2017-06-01  L   V3 U4    2017-06-10  E4B
C2     2017-06-10  L   C2 U4    2017-07-01  E4B
C3     2017-05-01  S   V3 U4    2017-06-01  X1
C3     2017-06-01  L   V2 U4    2017-07-01  E4B
"""
    periods = """
child  start       end         rec  ls  episodes  gaps  known
C2     2017-05-01  2017-07-01  E4B  V2  2         1     1
C3     2017-06-01  2017-07-01  E4B  V2  1         0     0
"""
    assert_periods(engine, episodes, periods)


def test_of_episodes_that_start_on_one_day_the_one_that_ended_first_comes_first(engine):
    episodes = """
child  start       rne ls place end         rec
C1     2017-05-01  L   C2 U4    2017-09-01  E4A
C1     2017-05-01  S   V2 U4    2017-05-01  X1
C2     2017-05-01  P   C2 K2    .           .
C2     2017-05-01  S   C1 U4    2017-05-20  X1
C3     2017-05-01  L   C2 U4    2017-05-01  X1
C3     2017-05-01  S   V2 U4    2017-05-01  X1
C4     2017-05-01  S   C2 U4    2017-05-01  E4A
C4     2017-05-01  S   V2 U4    2017-05-01  X1
"""
    periods = """
child  start       end         rec  ls  episodes  gaps  known
C1     2017-05-01  2017-09-01  E4A  V2  2         0     1
C2     2017-05-01  .           .    C1  2         0     1
C3     2017-05-01  2017-05-01  X1   V2  2         0     1
C4     2017-05-01  2017-05-01  X1   V2  1         0     1
C4     2017-05-01  2017-05-01  E4A  C2  1         0     1
"""
    assert_periods(engine, episodes, periods)


def test_a_temporary_placement_neither_starts_nor_ends_a_period(engine):
    episodes = """
start       rne ls place end         rec
2017-05-01  S   V2 U4    2017-06-01  X1
2017-06-01  P   V2 T0    2017-06-05  X1
2017-06-05  P   V2 U4    2017-07-01  X1
2017-07-01  T   V2 T4    2017-07-09  X1
2017-07-09  P   V2 U4    2017-10-15  E4A
"""
    periods = """
start       end         rec  ls  episodes  gaps  known
2017-05-01  2017-10-15  E4A  V2  5         0     1
"""
    assert_periods(engine, episodes, periods)


def test_an_episode_without_an_end_day_is_open_whatever_its_reason_says(engine):
    episodes = """
child  start       rne ls place end         rec
C1     2017-05-01  S   V2 U4    .           X1
C2     2017-05-01  S   V2 U4    .           E4A
C3     2017-05-01  S   V2 U4    .           E4A
C3     2017-08-01  L   C2 U4    2017-09-01  E13
"""
    periods = """
child  start       end         rec  ls  episodes  gaps  known
C1     2017-05-01  .           .    V2  1         0     1
C2     2017-05-01  .           .    V2  1         0     1
C3     2017-05-01  2017-09-01  E13  V2  2         0     1
"""
    assert_periods(engine, episodes, periods)


def test_an_end_without_a_reason_ends_the_period(engine):
    episodes = """
start       rne ls place end         rec
2017-05-01  S   V2 U4    2017-06-01  .
2017-06-01  P   C1 U4    2017-08-01  E13
"""
    periods = """
start       end         rec  ls  episodes  gaps  known
2017-05-01  2017-06-01  .    V2  1         0     1
2017-06-01  2017-08-01  E13  C1  1         0     1
"""
    assert_periods(engine, episodes, periods)


def test_a_last_episode_that_ends_by_x1_ends_the_period_on_the_last_day_known(engine):
    episodes = """
start       rne ls place end         rec
2017-05-01  S   V2 U4    2017-06-01  X1
2017-06-01  P   V2 U4    2017-09-01  X1
"""
    periods = """
start       end         rec  ls  episodes  gaps  known
2017-05-01  2017-09-01  X1   V2  2         0     1
"""
    assert_periods(engine, episodes, periods)


def test_blank_codes_are_no_short_break_no_start_and_no_need(engine):
    episodes = """
start       rne ls place need end         rec
2017-05-01  .   .  .     .    2017-06-01  E4A
2017-07-01  .   C1 U4    N2   2017-09-01  X1
2017-09-01  .   C1 U4    N3   .           .
"""
    periods = """
start       end         rec  ls  need  episodes  gaps  known
2017-05-01  2017-06-01  E4A  .   .     1         0     0
2017-07-01  .           .    C1  N2    2         0     1
"""
    assert_periods(engine, episodes, periods)


def test_one_identifier_in_two_areas_is_two_children(engine):
    rows = drawn("""
area  start       rne ls place end         rec
A1    2017-05-01  S   V2 U4    2017-06-01  X1
A2    2017-06-01  L   V2 U4    2017-07-01  E4A
""")
    found = rows_of(engine, care_periods(as_query(rows)))
    assert [(row["area"], row["end_reason"], row["known_start"]) for row in found] == [
        ("A1", "X1", 1),
        ("A2", "E4A", 0),
    ]


def test_every_episode_outside_short_breaks_knows_its_period(engine):
    episodes = drawn("""
start       rne ls place end         rec
2017-05-01  P   V2 U4    2017-06-01  X1
2017-06-01  L   C1 U1    2017-08-01  E4A
2017-07-01  S   V4 U4    2017-07-03  E4B
2018-01-01  S   C2 T0    2018-01-05  X1
2018-01-05  P   C2 U1    .           .
""")
    found = rows_of(engine, episodes_of_periods(as_query(episodes)))
    wanted = """
start_date  placement  period_start  period  known_start
2017-05-01  U4         2017-05-01    1       0
2017-06-01  U1         2017-05-01    1       0
2018-01-01  T0         2018-01-01    2       1
2018-01-05  U1         2018-01-01    2       1
"""
    head, *lines = (line.split() for line in wanted.split("\n")[1:-1])
    assert [[str(row[name]) for name in head] for row in found] == lines


def test_an_open_episode_that_the_next_return_repeats_is_one_episode_with_the_latest_end(engine):
    episodes = drawn("""
year  start       rne ls place end         rec
2018  2017-05-01  S   V2 U4    2017-09-01  X1
2018  2017-09-01  P   V2 U1    .           .
2019  2017-09-01  P   V2 U1    .           .
2020  2017-09-01  P   V2 U1    2019-06-01  E4A
""")
    assert stitched(engine, episodes) == [(2018, "U4", "2017-09-01"), (2020, "U1", "2019-06-01")]


def test_the_latest_return_wins_even_where_it_opens_an_episode_again(engine):
    episodes = drawn("""
year  start       rne ls place end         rec
2019  2017-09-01  P   V2 U1    .           .
2018  2017-09-01  P   V2 U1    2018-03-01  E4A
""")
    assert stitched(engine, episodes) == [(2019, "U1", "None")]


@pytest.mark.parametrize(
    "changed", [{"start_reason": "L"}, {"legal_status": "C2"}, {"placement": None}, {"area": "A2"}]
)
def test_another_key_is_another_episode(engine, changed):
    (row,) = drawn("""
year  start       rne ls place end         rec
2018  2017-09-01  P   V2 U1    .           .
""")
    assert len(stitched(engine, [row, row | {"census_year": 2019}])) == 1
    assert len(stitched(engine, [row, row | {"census_year": 2019} | changed])) == 2


def test_of_two_rows_of_one_return_the_one_that_ended_last_is_taken(engine):
    episodes = drawn("""
year  start       rne ls place end         rec
2018  2017-09-01  P   V2 U1    .           .
2018  2017-09-01  P   V2 U1    2017-10-01  X1
2018  2017-09-01  P   V2 U1    2017-12-01  E4A
""")
    assert stitched(engine, episodes) == [(2018, "U1", "2017-12-01")]


def test_of_rows_that_ended_on_one_day_the_order_of_reason_and_then_of_need_decides(engine):
    episodes = drawn("""
year  start       rne ls place need end         rec
2018  2017-09-01  P   V2 U1    N3   2017-10-01  E13
2018  2017-09-01  P   V2 U1    N2   2017-10-01  E13
2018  2017-09-01  P   V2 U1    N1   2017-10-01  E4A
2018  2017-09-01  P   V2 U1    N1   2017-10-01  .
""")
    (found,) = rows_of(engine, stitched_episodes(as_query(episodes)))
    assert (found["end_reason"], found["need"]) == ("E13", "N2")


def stitched(engine, episodes):
    found = rows_of(engine, stitched_episodes(as_query(episodes)))
    return [(row["census_year"], row["placement"], str(row["end_date"])) for row in found]


# A second implementation, written from the text: one child after another, one episode after another.

FIRST_DAY = date(2017, 4, 1)
CODES = {
    "start_reason": ["S", "S", "P", "L", None],
    "legal_status": ["C1", "V2", "V3", "V4", None],
    "placement": ["U1", "T0", None],
    "need": ["N1", "N2", None],
    "end_reason": ["X1", "X1", "X1", "E4A", "E13", None],
    "census_year": [2018, 2019, 2020],
}


@st.composite
def an_episode(draw):
    start = FIRST_DAY + timedelta(days=draw(st.integers(0, 8)))
    days = draw(st.sampled_from([None, 0, 0, 1, 2, 5]))
    end = None if days is None else start + timedelta(days=days)
    codes = {name: draw(st.sampled_from(values)) for name, values in CODES.items()}
    return BLANK | {"child": draw(st.sampled_from("CDEFG")), "start_date": start, "end_date": end} | codes


def last_if_none(value):
    return (value is None, value or "")


def in_order(episode):
    return (
        episode["start_date"],
        (episode["end_date"] is None, episode["end_date"] or FIRST_DAY),
        episode["start_reason"] != "S",
        episode["end_reason"] != "X1",
        *(last_if_none(episode[name]) for name in ("start_reason", "legal_status", "placement", "need", "end_reason")),
    )


def naive_periods(episodes):
    """For each child the list of its periods, each the list of its episodes, and whether its start is known."""
    care = sorted(
        (e for e in episodes if e["legal_status"] not in ("V3", "V4")), key=lambda e: (e["child"], in_order(e))
    )
    for child, own in groupby(care, key=lambda e: e["child"]):
        periods, known = [], []
        for episode in own:
            before = periods[-1][-1] if periods else None
            ended = before and before["end_date"] and before["end_reason"] != "X1"
            if before is None or episode["start_reason"] == "S" or ended:
                periods.append([])
                known.append(int(before is not None or episode["start_reason"] == "S"))
            periods[-1].append(episode)
        yield child, periods, known


def naive_rows(episodes):
    rows = []
    for child, periods, known in naive_periods(episodes):
        for number, (own, known_start) in enumerate(zip(periods, known, strict=True), start=1):
            first, last = own[0], own[-1]
            gaps = [b["start_date"] > a["end_date"] for a, b in pairwise(own) if a["end_date"]]
            rows.append({
                "area": "A1",
                "child": child,
                "period_start": first["start_date"],
                "period_end": last["end_date"],
                "end_reason": last["end_reason"] if last["end_date"] else None,
                "first_legal_status": first["legal_status"],
                "first_need": first["need"],
                "episodes": len(own),
                "gaps": sum(gaps),
                "known_start": known_start,
                "period": number,
            })  # fmt: skip
    return rows


def naive_stitched(episodes):
    best = {}
    for episode in episodes:
        key = tuple(episode[name] for name in ("child", "start_date", "start_reason", "legal_status", "placement"))
        # The larger tuple wins: a later year, an ended one, a later end.
        rank = (episode["census_year"], episode["end_date"] is not None, episode["end_date"] or FIRST_DAY)
        text = (last_if_none(episode["end_reason"]), last_if_none(episode["need"]))
        held = best.get(key)
        if held is None or rank > held[0] or (rank == held[0] and text < held[1]):
            best[key] = (rank, text, episode)
    return [episode for _, _, episode in best.values()]


def same(rows, wanted):
    return sorted(map(str, rows)) == sorted(map(str, wanted))


QUICK = settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@pytest.fixture(scope="module")
def engines(tmp_path_factory):
    with DuckDBEngine([tmp_path_factory.mktemp("data")], None, threads=1) as engine:
        yield engine, DataFusionEngine()


def as_dates(rows):
    """Both engines' days as dates."""
    return [{n: v.date() if hasattr(v, "hour") else v for n, v in row.items()} for row in rows]


@QUICK
@given(st.lists(an_episode(), min_size=1, max_size=30))
def test_periods_are_those_of_a_loop_over_the_episodes_on_either_engine(engines, episodes):
    wanted = naive_rows(episodes)
    for engine in engines:
        assert same(as_dates(rows_of(engine, care_periods(as_query(episodes)))), wanted)


@QUICK
@given(st.lists(an_episode(), min_size=1, max_size=30))
def test_the_episodes_of_periods_are_those_of_the_loop_on_either_engine(engines, episodes):
    added = ("period", "period_start", "known_start")
    wanted = [
        {name: episode[name] for name in EPISODE.names if name != "census_year"}
        | dict(zip(added, (number, own[0]["start_date"], known_start), strict=True))
        for _, periods, known in naive_periods(episodes)
        for number, (own, known_start) in enumerate(zip(periods, known, strict=True), start=1)
        for episode in own
    ]
    for engine in engines:
        assert same(as_dates(rows_of(engine, episodes_of_periods(as_query(episodes)))), wanted)


@QUICK
@given(st.lists(an_episode(), min_size=1, max_size=30))
def test_stitching_keeps_one_row_a_key_the_latest_on_either_engine(engines, episodes):
    wanted = [{name: episode[name] for name in EPISODE.names} for episode in naive_stitched(episodes)]
    for engine in engines:
        assert same(as_dates(rows_of(engine, stitched_episodes(as_query(episodes)))), wanted)


@pytest.mark.parametrize("step", [stitched_episodes, care_periods, episodes_of_periods])
def test_every_step_is_in_the_portable_subset(step):
    episodes = Query(f"SELECT {', '.join(EPISODE.names)} FROM e", grain="episode", columns=EPISODE.names)
    assert violations(step(episodes).text) == []
