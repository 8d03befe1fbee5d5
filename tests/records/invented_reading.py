"""Invented records read back: canonical tables as sets of texts, and the rows of every question."""

from collections import Counter
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import numpy as np

from whatworked.cohort.definitions import definitions
from whatworked.cohort.extent import Extent
from whatworked.cohort.questions import Records, prepare, question_stages
from whatworked.engine.duckdb import DuckDBEngine
from whatworked.engine.sql import Query
from whatworked.records.calendar import calendar
from whatworked.records.canonical import CanonicalRecords
from whatworked.records.care_periods import care_periods, episodes_of_periods, stitched_episodes
from whatworked.records.cin_census import read_cin_census
from whatworked.records.cin_header import CinFile
from whatworked.records.schema import BY_NAME
from whatworked.records.ssda903 import ReturnFiles, read_ssda903

QUESTIONS = ("rereferral", "escalation", "kinship", "icpc", "entry_to_care", "assessment_duration")


@dataclass(frozen=True)
class Reading:
    """An engine that has read a folder's censuses and returns."""

    engine: DuckDBEngine
    work: Path
    cin: CanonicalRecords
    cla: CanonicalRecords

    def stored(self, name, query):
        self.engine.register(name, self.engine.materialise(query, to=self.work / f"{name}.parquet"))
        return Query(f"SELECT {', '.join(query.columns)} FROM {name} AS stored", query.grain, query.columns)

    def rows(self, query, columns):
        """Return the distinct rows of some columns as texts, None where missing."""
        found = self.engine.collect(query)
        lists = [texts(found[column]) for column in columns.split()]
        return set(zip(*lists, strict=True))

    def questions(self, first, last):
        """Return the rows of every question: (area, child, event date, outcome) → how often."""
        tables = {name: self._table(name) for name in ("child", "referral", "assessment", "conference", "plan")}
        episodes = self.stored("stitched", stitched_episodes(self.cla.tables["episode"]))
        records = Records(
            **tables,
            school_year=nothing("school_year"),
            periods=self.stored("periods", care_periods(episodes)),
            episodes=self.stored("of_periods", episodes_of_periods(episodes)),
            calendar=self.stored("calendar", calendar()),
        )
        prepared = prepare(
            records, extent=Extent(first, last), definitions=definitions("as_reported"), store=self.stored
        )
        return {question: self._events(prepared, question) for question in QUESTIONS}

    def _events(self, prepared, question):
        found = self.engine.collect(question_stages(prepared, question)["events"].kept)
        outcomes = [int(outcome) for outcome in found["outcome"]]
        columns = (texts(found["area"]), texts(found["person"]), texts(found["event_date"]), outcomes)
        return Counter(zip(*columns, strict=True))

    def _table(self, name):
        listed = ", ".join(BY_NAME[name].names)
        parts = [one.tables[name] for one in (self.cin, self.cla) if name in one.tables]
        text = "\nUNION ALL\n".join(f"SELECT {listed} FROM {part} AS part" for part in parts)
        return self.stored(name, Query(text, BY_NAME[name].grain, BY_NAME[name].names))


@contextmanager
def reading(folder, work):
    """Read the records of a folder; `work` is a new folder for what the readers keep."""
    work.mkdir()
    with DuckDBEngine([folder, work], work, threads=2) as engine:
        cin = read_cin_census(engine, [CinFile(path) for path in sorted((folder / "cin").glob("*.xml"))], to=work)
        returns = [
            ReturnFiles(year.parent.name, int(year.name), tuple(sorted(year.glob("*.csv"))))
            for year in sorted((folder / "ssda903").glob("*/*"))
        ]
        yield Reading(engine, work, cin, read_ssda903(engine, returns))


def nothing(name):
    table = BY_NAME[name]
    listed = ", ".join(
        f"CAST(NULL AS {'STRING' if column.type == 'VARCHAR' else column.type}) AS {column.name}"
        for column in table.columns
    )
    return Query(f"SELECT {listed} FROM (SELECT 1 AS one) AS none WHERE one = 0", table.grain, table.names)


def texts(column):
    missing = np.isnan(column) if column.dtype.kind == "f" else np.ma.getmaskarray(column)
    return [None if gone else text(value) for value, gone in zip(np.ma.getdata(column), missing, strict=True)]


def text(value):
    if value is None or (isinstance(value, np.datetime64) and np.isnat(value)):
        return None
    if isinstance(value, np.datetime64 | date):
        return str(value)[:10]
    return str(int(value)) if isinstance(value, float | np.floating) else str(value)


def truth(folder, question):
    """Return the rows that the generator wrote: (area, child, event date, outcome) → how often."""
    rows = Counter()
    for path in (folder / "truth").glob(f"*_{question}.csv"):
        for line in path.read_text().splitlines()[1:]:
            area, child, event, outcome, *_ = line.split(",")
            rows[area, child, event, int(outcome)] += 1
    return rows
