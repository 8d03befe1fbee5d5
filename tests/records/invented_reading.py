"""Invented records read back: canonical tables as sets of texts, and the rows of every question."""

from collections import Counter
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import numpy as np

from whatworked.cohort.characteristics import with_characteristics
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
from whatworked.records.npd import read_npd, read_school_census
from whatworked.records.schema import BY_NAME
from whatworked.records.ssda903 import ReturnFiles, read_ssda903

QUESTIONS = ("rereferral", "escalation", "kinship", "icpc", "entry_to_care", "assessment_duration")


@dataclass(frozen=True)
class Reading:
    """An engine that has read the records of a folder: returns and school censuses, or an extract."""

    engine: DuckDBEngine
    work: Path
    sources: tuple[CanonicalRecords, ...]

    @property
    def cin(self):
        return self.sources[0]

    @property
    def cla(self):
        return self.sources[1]

    def stored(self, name, query):
        return keeping(self.engine, self.work)(name, query)

    def rows(self, query, columns):
        """Return the distinct rows of some columns as texts, None where missing."""
        found = self.engine.collect(query)
        lists = [texts(found[column]) for column in columns.split()]
        return set(zip(*lists, strict=True))

    def questions(self, first, last):
        """Return the rows of every question: (area, child, event date, outcome) → how often."""
        prepared = self.prepared(first, last)
        return {question: self._events(prepared, question) for question in QUESTIONS}

    def low_incomes(self, first, last):
        """Return low income on every row of every question: (area, child, the row's day, level) → how often."""
        prepared = self.prepared(first, last)
        found = {}
        for question in QUESTIONS:
            events = question_stages(prepared, question)["events"].kept
            described = with_characteristics(events, prepared.description.people, school=prepared.description.school)
            rows = self.engine.collect(described)
            days = [day.astype("datetime64[D]").item().toordinal() for day in np.ma.getdata(rows["covariate_date"])]
            levels = (texts(rows["area"]), texts(rows["person"]), days, texts(rows["low_income"]))
            found[question] = Counter(zip(*levels, strict=True))
        return found

    def prepared(self, first, last):
        tables = {
            name: self._table(name) for name in ("child", "referral", "assessment", "conference", "plan", "school_year")
        }
        episodes = self.stored("stitched", stitched_episodes(self._table("episode")))
        records = Records(
            **tables,
            periods=self.stored("periods", care_periods(episodes)),
            episodes=self.stored("of_periods", episodes_of_periods(episodes)),
            calendar=self.stored("calendar", calendar()),
        )
        days = {table: max(one.first_days[table] for one in self.sources if table in one.first_days)
                for table in {table for one in self.sources for table in one.first_days}}  # fmt: skip
        means = definitions("as_reported").with_first_days(plans=days.get("plan"), conferences=days.get("conference"))
        return prepare(records, extent=Extent(first, last), definitions=means, store=self.stored)

    def _events(self, prepared, question):
        found = self.engine.collect(question_stages(prepared, question)["events"].kept)
        outcomes = [int(outcome) for outcome in found["outcome"]]
        columns = (texts(found["area"]), texts(found["person"]), texts(found["event_date"]), outcomes)
        return Counter(zip(*columns, strict=True))

    def _table(self, name):
        listed = ", ".join(BY_NAME[name].names)
        parts = [one.tables[name] for one in self.sources if name in one.tables]
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
        school = read_school_census(engine, folder / "school", to=work, keep=keeping(engine, work))
        yield Reading(engine, work, (cin, read_ssda903(engine, returns), school))


@contextmanager
def reading_extract(folder, work):
    """Read the extract of a folder, as `reading`."""
    work.mkdir()
    with DuckDBEngine([folder, work], work, threads=2) as engine:
        yield Reading(engine, work, (read_npd(engine, folder / "npd", to=work, keep=keeping(engine, work)),))


def keeping(engine, work):
    """Return what writes a step to a file of a folder and returns the query that reads it."""

    def keep(name, query):
        engine.register(name, engine.materialise(query, to=work / f"{name}.parquet"))
        return Query(f"SELECT {', '.join(query.columns)} FROM {name} AS stored", query.grain, query.columns)

    return keep


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
