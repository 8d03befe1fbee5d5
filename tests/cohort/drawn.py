"""Small tables drawn as text, turned into the canonical tables and back."""

from dataclasses import replace
from datetime import date

import numpy as np

from whatworked.cohort.definitions import definitions
from whatworked.cohort.extent import Extent
from whatworked.cohort.flow import flow
from whatworked.cohort.inputs import records_of
from whatworked.cohort.questions import cohort, prepare
from whatworked.cohort.timing import GroupArea, group_table
from whatworked.engine.sql import Query, literal
from whatworked.records.canonical import unkept
from whatworked.records.schema import BY_NAME

EXTENT = Extent(date(2008, 4, 1), date(2019, 3, 31))
START, EMBEDDED = date(2014, 4, 1), date(2015, 3, 31)
GROUPS = group_table([GroupArea("P", "P", True, START, EMBEDDED), GroupArea("P", "C", False, START, EMBEDDED)])
MISSING = "-"
DEFAULTS = {"area": "P", "child": "1", "birth_precision": "day"}
ORIGINS = {"child": "cin", "conference": "section47"}
FIRST_DATES = ("start_date", "conference_date", "referral_date")


def cells(text):
    """Return the rows of a drawn table, each by its columns' names."""
    head, *rows = [line.split() for line in text.strip().splitlines() if line.strip()]
    for row in rows:
        assert len(row) == len(head), row
    return [dict(zip(head, row, strict=True)) for row in rows]


def drawn(name, text=""):
    """Return a canonical table as a query; what is not drawn has its usual value or is missing."""
    return of_rows(name, cells(text) if text.strip() else [])


def of_rows(name, rows):
    """Return a canonical table as a query from mappings of columns to text, MISSING for none."""
    table = BY_NAME[name]
    for row in rows:
        assert set(row) <= set(table.names), set(row) - set(table.names)
    parts = [_part(table, row, place) for place, row in enumerate(rows, start=1)]
    if not parts:
        nothing = ", ".join(f"CAST(NULL AS {_type(column)}) AS {column.name}" for column in table.columns)
        parts = [f"SELECT {nothing} FROM (SELECT 1 AS one) AS none WHERE one = 0"]
    return Query("\nUNION ALL\n".join(parts), grain=table.grain, columns=table.names)


def records(**tables):
    """Return records of drawn tables by name; the source lacks the others."""
    return records_of({name: drawn(name, text) for name, text in tables.items()})


def prepared(rule_set="as_reported", *, extent=EXTENT, means=None, store=unkept, holidays=(), link="area", **tables):
    """Return drawn records, prepared; `means` replaces definitions."""
    made = replace(definitions(rule_set), **(means or {}))
    return prepare(records(**tables), extent=extent, definitions=made, store=store, school_holidays=holidays, link=link)


def rows_of(key, rule_set="as_reported", *, groups=GROUPS, **given):
    """Return the cohort of a question from drawn records; what is given is as for `prepared`."""
    return cohort(prepared(rule_set, **given), key, groups)


def shown(engine, query, columns=""):
    """Return what a query gives as text, one tuple a row, in the order of the columns asked for."""
    found = engine.collect(query)
    lists = []
    for column in columns.split() or query.columns:
        array = found[column]
        gone = np.isnan(array) if array.dtype.kind == "f" else np.ma.getmaskarray(array)
        lists.append([_word(value, missing) for value, missing in zip(np.ma.getdata(array), gone, strict=True)])
    return sorted(zip(*lists, strict=True))


def left_out(engine, sifted):
    """Return the rules that leave rows out, with the number of rows each does."""
    return {rule: int(n) for n, rule in shown(engine, flow(sifted), "left_out rule") if int(n)}


def _word(value, missing):
    if missing or value is None:
        return MISSING
    if isinstance(value, float | np.floating) and value == int(value):
        return str(int(value))
    return str(value)


def _part(table, row, place):
    full = {**DEFAULTS, "origin": ORIGINS.get(table.name, MISSING), "sequence": str(place), **row}
    if "census_year" not in row:
        full["census_year"] = _census_year(row)
    return "SELECT " + ", ".join(
        f"CAST({_value(full.get(column.name, MISSING))} AS {_type(column)}) AS {column.name}"
        for column in table.columns
    )


def _census_year(row):
    given = [row[name] for name in FIRST_DATES if name in row]
    if not given:
        return "2015"
    day = date.fromisoformat(given[0])
    return str(day.year + (day.month > 3))


def _value(word):
    return "NULL" if word == MISSING else literal(word)


def _type(column):
    return "STRING" if column.type == "VARCHAR" else column.type
