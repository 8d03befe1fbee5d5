"""Every statement about records keeps to the portable subset, and gives the same on a second engine."""

from datetime import date
from functools import partial

import numpy as np
import portable_subset
import pytest
from second_engine import DataFusionEngine, Recording

from whatworked.errors import RecordsError
from whatworked.protocol.read import read_protocol
from whatworked.records.area_series import areas_in
from whatworked.scaffold.demo import write_demo
from whatworked.study import run

# Records are divided, as two DOUBLEs.
violations = partial(portable_subset.violations, more={"Div"})


@pytest.mark.parametrize(
    "text",
    [
        "SELECT a FROM t QUALIFY ROW_NUMBER() OVER (ORDER BY a NULLS LAST) = 1",
        "SELECT COUNT(*) FILTER (WHERE a > 1) AS n FROM t",
        "SELECT DISTINCT ON (a) a, b FROM t",
        "SELECT CAST(a AS TIMESTAMP) AS a FROM t",
        "SELECT CAST(a AS HUGEINT) AS a FROM t",
        "SELECT list(a) AS a FROM t",
        "SELECT a // 2 AS a FROM t",
        "SELECT 1 / 2 AS a FROM t",
        "SELECT a FROM t ORDER BY a",
        "SELECT ROW_NUMBER() OVER (PARTITION BY a) AS n FROM t",
        "SELECT a FROM t FULL JOIN u ON t.a = u.a",
        "SELECT a FROM t JOIN u USING (a)",
        "SELECT regexp_matches(a, 'x') AS a FROM t",
        "SELECT a FROM t LIMIT 1",
        "SELECT * EXCLUDE (a) FROM t",
        "SELECT a FROM read_csv('x.csv') AS t",
        "SELECT a FROM t; DROP TABLE t",
        "SELECT unnest([1, 2]) AS a",
        "SELECT a FROM t WHERE a ILIKE 'x'",
    ],
)
def test_the_lint_finds_what_is_not_portable(text):
    assert violations(text)


@pytest.mark.parametrize(
    "text",
    [
        "SELECT t.a, COUNT(*) AS n FROM t LEFT JOIN u ON t.a = u.a WHERE t.b IN ('x') GROUP BY t.a",
        "SELECT LAG(a) OVER (PARTITION BY b ORDER BY c NULLS LAST, d DESC NULLS LAST) AS a FROM t",
        "SELECT CASE WHEN a > 0 THEN TRY_CAST(b AS DOUBLE) END AS b FROM t UNION ALL SELECT 1e0 AS b",
    ],
)
def test_the_lint_lets_the_portable_subset_pass(text):
    assert violations(text) == []


LONG = """area,name,year,rate,n,children,level
A1,First,2013,10.5,50,47619.05,LA
A1,Renamed,2014,c,C,1e5,LA
A1,Renamed,2015,0.1,[x],,LA
A2,,2013,NaN,..,:,UA
A2,,2014,-3,-,-,LA
A2,,2014,-3.0,-,-,LA
 A3 ,Ünïcode,2015, 007 ,12.0,100,LA
,,2014,99,1,1,LA
E,England,2014,1,1,1,nation
A4,"Comma, Quote ""x"" end",2010,7,7,7,LA
"""
LONG_MAPPING = {
    "columns": {
        "area": "area",
        "name": "name",
        "period": "year",
        "value": "rate",
        "numerator": "n",
        "denominator": "children",
    },
    "keep": {"level": ["LA", "UA"]},
    "duplicates": "keep_identical",
    "blank_areas": "leave_out",
}
WIDE = "area,y13,y14\nA1,10.5,11\nA2,x,21.25\nA3,,1e2\n"
WIDE_MAPPING = {"columns": {"area": "area"}, "wide": {"2013": "y13", "2014": "y14"}}
BAD = 'area,year,rate\nA1,2013,1_000\nA1,2014,"1,000"\nA2,2013,12%\nA2,2014,inf\nA3,2013,£1\nA4,2013,x1\nA4,2013,1\n'
CASES = {"long": (LONG, LONG_MAPPING), "wide": (WIDE, WIDE_MAPPING)}


def study_time(case):
    return {"data_start": date(2012, 4, 1)} if case == "long" else None


@pytest.mark.parametrize("case", CASES)
def test_every_statement_is_in_the_portable_subset(read, tmp_path, case):
    content, mapping = CASES[case]
    with Recording([tmp_path], None) as engine:
        table = read(content, engine=engine, study=study_time(case), **mapping)
        areas_in(engine, table)
        engine.collect(table.query)
        assert len(engine.queries) >= 8
        found = {query.text: violations(query.text) for query in engine.queries}
    assert {text: wrong for text, wrong in found.items() if wrong} == {}


@pytest.mark.parametrize("case", CASES)
def test_a_second_engine_reads_the_same_table(read, rows, engine, case):
    content, mapping = CASES[case]
    other = DataFusionEngine()
    here = read(content, study=study_time(case), **mapping)
    there = read(None, engine=other, study=study_time(case), **mapping)
    assert here == there
    assert rows(here) == rows(there, engine=other)
    assert areas_in(engine, here) == areas_in(other, there)


def test_the_long_case_reads_as_it_should(read, rows):
    table = read(LONG, study=study_time("long"), **LONG_MAPPING)
    assert rows(table) == [
        ("A1", "Renamed", 3, 10.5, 50, 47619.05, None),
        ("A1", "Renamed", 4, None, None, 1e5, "c"),
        ("A1", "Renamed", 5, 0.1, None, None, None),
        ("A2", "A2", 3, None, None, None, "nan"),
        ("A2", "A2", 4, -3.0, None, None, None),
        ("A3", "Ünïcode", 5, 7.0, 12, 100.0, None),
    ]
    assert [(step.rows, step.left_out) for step in table.flow] == [(10, 0), (9, 1), (8, 1), (7, 1), (6, 1)]


def test_a_second_engine_refuses_the_same_figures(read):
    messages = []
    for engine in ({}, {"engine": DataFusionEngine()}):
        with pytest.raises(RecordsError) as caught:
            read(BAD, **engine)
        messages.append(str(caught.value))
    assert messages[0] == messages[1]
    assert "6 values that cannot be used: 1 with a comma, 1 with a percent sign, 1 with a currency" in messages[0]


def test_a_whole_study_keeps_to_the_subset_and_is_the_same_on_a_second_engine(tmp_path):
    protocol = read_protocol(write_demo(tmp_path / "demo"))
    with Recording([tmp_path], tmp_path) as engine:
        here = run(protocol, engine=engine)
        found = {query.text: violations(query.text) for query in engine.queries}
    assert {text: wrong for text, wrong in found.items() if wrong} == {}
    assert run(protocol, engine=DataFusionEngine()) == here


EVENTS = """
[study]
title = "Events"
question = "Did it work?"
[records.people]
kind = "events"
path = "events.csv"
columns = { area = "area", person = "person", date = "day", outcome = "y" }
keep = { level = "x" }
period = { kind = "year" }
unit = "share"
source = "Invented"
[areas]
pilots = [
  { area = "A0", label = "One", start = 2014-03-01, embedded = 2014-06-30 },
  { area = "A1", label = "Two", start = 2014-09-01 },
]
[matching]
max_distance = inf
slope_significance = 0
[[question]]
key = "y"
title = "Did it?"
records = "people"
outcome = { label = "it", window_days = 60 }
"""


def test_a_study_of_events_keeps_to_the_subset_and_is_the_same_on_a_second_engine(tmp_path):
    rng = np.random.default_rng(0)
    lines = ["area,person,day,y,level"]
    for i in range(900):
        day = date(2010, 1, 1).toordinal() + int(rng.integers(0, 2500))
        lines.append(f"A{i % 6},p{i % 70},{date.fromordinal(day)},{rng.integers(0, 2)},x")
    (tmp_path / "events.csv").write_text("\n".join([*lines, "A0,p,,1,x", ",p,2012-01-01,1,x", "A0,p,2012-01-01,1,z"]))
    (tmp_path / "study.toml").write_text(EVENTS)
    protocol = read_protocol(tmp_path / "study.toml")
    with Recording([tmp_path], tmp_path) as engine:
        here = run(protocol, engine=engine)
        found = {query.text: violations(query.text) for query in engine.queries}
    assert {text: wrong for text, wrong in found.items() if wrong} == {}
    assert run(protocol, engine=DataFusionEngine()) == here
    assert here.questions[0].persons
