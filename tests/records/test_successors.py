"""Areas that were reorganised: former codes are the successor's, and nobody becomes somebody else."""

from datetime import date

import pytest
from portable_subset import violations
from second_engine import DataFusionEngine

from whatworked.engine.sql import Query, literal
from whatworked.errors import ProtocolError
from whatworked.protocol.read import parse_protocol
from whatworked.records.successors import joined

COLUMNS = ("area", "person", "outcome")
RENAMED = {"old": "new"}
MERGED = {"east": "both", "west": "both", "old": "new"}


def table(rows):
    parts = [f"SELECT {', '.join(f'{literal(v)} AS {c}' for c, v in zip(COLUMNS, row, strict=True))}" for row in rows]
    return Query("\nUNION ALL\n".join(parts), grain="event", columns=COLUMNS)


ROWS = [("old", "1", 1), ("new", "1", 2), ("east", "1", 3), ("west", "1", 4), ("both", "1", 5), ("other", "1", 6)]


def found(engine, query):
    columns = engine.collect(query)
    return sorted(zip(*(map(str, columns[name]) for name in COLUMNS), strict=True), key=lambda row: row[2])


def test_a_code_that_changed_keeps_its_people(engine):
    rows = found(engine, joined(table(ROWS), RENAMED, person="person"))
    assert rows[:2] == [("new", "1", "1"), ("new", "1", "2")]
    assert [row[:2] for row in rows[2:]] == [(area, person) for area, person, _ in ROWS[2:]]


def test_people_of_areas_that_became_one_stay_apart(engine):
    rows = found(engine, joined(table(ROWS), MERGED, person="person"))
    assert rows[2:5] == [("both", "east/1", "3"), ("both", "west/1", "4"), ("both", "1", "5")]
    assert rows[:2] == [("new", "1", "1"), ("new", "1", "2")]


def test_its_query_is_portable_and_the_same_on_a_second_engine(engine):
    query = joined(table(ROWS), MERGED, person="person")
    assert violations(query.text) == []
    assert found(DataFusionEngine(), query) == found(engine, query)


def test_without_successors_or_without_areas_nothing_changes():
    rows = table(ROWS)
    assert joined(rows, {}, person="person") is rows
    bare = Query("SELECT 1 AS pupil", grain="pupil", columns=("pupil",))
    assert joined(bare, RENAMED, person="child") is bare


STUDY = """
[study]
title = "T"
question = "Q"
[records.people]
kind = "events"
path = "events.csv"
columns = {{ area = "area", person = "person", date = "day", outcome = "outcome" }}
period = {{ kind = "year" }}
unit = "share"
source = "S"
[areas]
pilots = [{{ area = "A1", label = "One", start = {start} }}]
excluded = ["A2"]
successors = [{successors}]
[[question]]
key = "q"
title = "T"
records = "people"
outcome = {{ label = "L" }}
"""


@pytest.mark.parametrize(
    ("successors", "message"),
    [
        ('{ area = "A1", becomes = "A9" }', "named by areas.pilots"),
        ('{ area = "A2", becomes = "A9" }', "named by areas.excluded"),
        ('{ area = "B", becomes = "A9" }, { area = "B", becomes = "A8" }', "already"),
        ('{ area = "B", becomes = "C" }, { area = "C", becomes = "A8" }', "former code itself"),
        ('{ area = "B", becomes = "B" }', "former code itself"),
    ],
)
def test_former_codes_that_contradict_the_study_are_refused(tmp_path, successors, message):
    with pytest.raises(ProtocolError, match=message):
        parse_protocol(STUDY.format(successors=successors, start=date(2015, 1, 1)), tmp_path)
