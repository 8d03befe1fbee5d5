"""Figures of areas and ready-made events are checked too: values and periods that lack, rows that stand twice."""

from collections import Counter
from functools import partial

import portable_subset
from second_engine import DataFusionEngine, Recording

from whatworked.protocol.model import Study
from whatworked.protocol.people import Events
from whatworked.records.area_checks import NO_VALUE, SAME_EVENT, check_events, check_series
from whatworked.records.check_rules import COVERAGE
from whatworked.records.events import read_events

violations = partial(portable_subset.violations, more={"Div"})
SERIES = """area,year,rate
a,2015,1
a,2016,c
a,2017,3
b,2015,1
b,2017,
"""


def found(report, check):
    return {(row.area, row.period): (row.tested, row.found) for row in report.rows if row.check == check}


def test_a_value_that_is_no_number_is_missing_and_a_period_without_a_row_is_a_gap(read, engine):
    report = check_series(engine, read(SERIES))
    assert found(report, NO_VALUE) == {
        ("a", "2015"): (1, 0), ("a", "2016"): (1, 1), ("a", "2017"): (1, 0),
        ("b", "2015"): (1, 0), ("b", "2017"): (1, 1),
    }  # fmt: skip
    gap = found(report, COVERAGE)
    assert len(gap) == 6
    assert {place for place, (_, n) in gap.items() if n} == {("b", "2016")}


# Area a: 6 events in each of three years but none in 2016; area b: 24 a year but 11 in 2017.
COUNTS = {("a", 2014): 6, ("a", 2015): 6, ("a", 2017): 6} | {("b", year): 24 for year in (2014, 2015, 2016)}
COUNTS[("b", 2017)] = 11


def events_file(folder):
    lines = [f"{area},p{i},{year}-05-{1 + i:02d},{i % 2}" for (area, year), n in COUNTS.items() for i in range(n)]
    twice = ["b,p3,2015-05-04,1", "b,p3,2015-05-04,1", "b,p4,2015-05-05,1"]  # the last one has another outcome
    (folder / "events.csv").write_text("\n".join(["area,person,day,outcome", *lines, *twice]) + "\n")
    return folder / "events.csv"


def read_from(engine, path):
    mapping = Events.model_validate(
        {
            "kind": "events",
            "path": "events.csv",
            "columns": {"area": "area", "person": "person", "date": "day", "outcome": "outcome"},
            "period": {"kind": "year"},
            "unit": "share",
            "source": "invented",
        },
        strict=False,
    )
    study = Study(title="A study", question="Did it work?")
    return read_events(engine, "people", mapping, path=path, study=study)


def test_equal_events_are_counted_beyond_the_first_and_thin_years_are_gaps(engine, tmp_path):
    report = check_events(engine, read_from(engine, events_file(tmp_path)))
    repeats = found(report, SAME_EVENT)
    assert repeats.pop(("b", "2015")) == (27, 2)
    assert repeats == {(area, str(year)): (n, 0) for (area, year), n in COUNTS.items() if (area, year) != ("b", 2015)}
    notes = Counter((row.area, row.period, row.note) for row in report.rows if row.note)
    assert notes == {("a", "2016", "none"): 1, ("b", "2017", "few"): 1}


def test_a_second_engine_gives_the_same_and_the_statements_are_portable(tmp_path):
    path = events_file(tmp_path)
    with Recording([tmp_path], None, threads=2) as engine:
        here = check_events(engine, read_from(engine, path))
        assert not [wrong for query in engine.queries for wrong in violations(query.text)]
    second = DataFusionEngine()
    there = check_events(second, read_from(second, path))
    assert sorted(map(str, here.rows)) == sorted(map(str, there.rows))
