"""Extracts of the National Pupil Database, as secure rooms hold them, as canonical tables; and school censuses alone.

An extract is a folder of files of any names: wide yearly files of children in need, long files of disabilities, of
section 47 enquiries and of assessments, episodes of looked-after children, school censuses. Each is known by its
columns. Rows stay with the engine, or in files; only counts come into Python.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from whatworked.engine.interface import Engine
from whatworked.engine.sql import Query
from whatworked.errors import Mistake, RecordsError
from whatworked.records import npd_columns, npd_rows, npd_tables
from whatworked.records.canonical import CanonicalRecords, Keep
from whatworked.records.cin_queries import disagreements
from whatworked.records.npd_columns import PARTS, Part
from whatworked.records.npd_files import Extract, register_extract
from whatworked.records.npd_notes import (
    disagreement_notes,
    file_notes,
    link_notes,
    number_of,
    rule_steps,
    table_step,
    value_notes,
    years_without,
)
from whatworked.records.npd_rows import Typing, typed_rows
from whatworked.records.quality import QualityNote, Step
from whatworked.records.ssda903_notes import EPISODE_ODDITIES, episode_repeats, oddities
from whatworked.records.ssda903_rows import distinct_episodes, episodes_of_returns


def read_npd(engine: Engine, folder: Path, *, to: Path, keep: Keep, table: str = "npd") -> CanonicalRecords:
    """Read the files of an extract.

    Parameters
    ----------
    engine : reads inside the folder and `to`
    folder : with the files, in folders of its own or not
    to : folder for the texts of Stata files, which stay the queries' source
    keep : writes a step to a file, under a name, and returns the query that reads it
    table : what the names of tables and steps begin with; another one for every call on the same engine

    Raises
    ------
    RecordsError
        Files cannot be read, are of no known kind or have two columns of one meaning, or no row of a kind can be used.
    """
    return _read(
        engine,
        register_extract(engine, folder, to=to, table=table, parts=PARTS),
        typings=npd_rows.TYPINGS,
        keep=keep,
        table=table,
    )


def read_school_census(
    engine: Engine, folder: Path, *, to: Path, keep: Keep, table: str = "school_census"
) -> CanonicalRecords:
    """Read school censuses alone, which link to other returns by the pupil's number; as `read_npd`."""
    extract = register_extract(engine, folder, to=to, table=table, parts=(npd_columns.SCHOOL,))
    return _read(engine, extract, typings=(npd_rows.SCHOOL_BY_NUMBER,), keep=keep, table=table)


@dataclass(slots=True)
class _Reading:
    """What has been read so far: typed rows by kind of file, tables, and what was counted."""

    engine: Engine
    keep: Keep
    table: str
    rows: dict[Part, Query] = field(default_factory=dict)
    tables: dict[str, Query] = field(default_factory=dict)
    steps: list[Step] = field(default_factory=list)
    notes: list[QualityNote] = field(default_factory=list)

    def add(self, name: str, query: Query, *, rule: str, before: int) -> None:
        """Keep a table and count the way to it."""
        self.tables[name] = self.keep(f"{self.table}_{name}", query)
        self.steps.append(table_step(self.engine, name, rule, before=before, table=self.tables[name]))


def _read(engine: Engine, extract: Extract, *, typings: Sequence[Typing], keep: Keep, table: str) -> CanonicalRecords:
    reading = _Reading(engine, keep, table)
    reading.notes += file_notes(extract)
    mistakes = [mistake for typing in typings if extract.of(typing.part) for mistake in _type(reading, extract, typing)]
    if mistakes:
        raise RecordsError(mistakes)
    _add_children(reading)
    _add_cases(reading)
    _add_care(reading)
    _add_school(reading)
    reading.notes += link_notes(engine, reading.tables)
    first_days = _first_days(reading)
    return CanonicalRecords(reading.tables, tuple(reading.steps), tuple(reading.notes), first_days)


def _type(reading: _Reading, extract: Extract, typing: Typing) -> Iterator[Mistake]:
    """Type the rows of a kind of file; yield that none of them can be used."""
    engine, part, files = reading.engine, typing.part, extract.of(typing.part)
    rows = reading.keep(f"{reading.table}_{part.name.replace(' ', '_').replace('-', '_')}", typed_rows(typing, files))
    steps = rule_steps(engine, typing, rows, files=len(files))
    reading.rows[part] = rows
    reading.steps += steps
    reading.notes += value_notes(engine, typing, rows)
    if not steps[-1].rows:
        left_out = "; ".join(f"{step.left_out:,} for the rule that {step.rule}" for step in steps if step.left_out)
        found = f"no row can be used; left out: {left_out}." if left_out else "there is no row."
        names = ", ".join(file.name for file in files)
        yield Mistake(f"files of {part.name}: {names}", found, "Look at the files' columns and how days are written.")


def _add_children(reading: _Reading) -> None:
    """Add what files of children in need, with their disabilities, and of care say of children."""
    rows, parts = reading.rows, []
    for origin, of in (("cin", (npd_columns.CIN, npd_columns.DISABILITIES)), ("cla", (npd_columns.CARE,))):
        found = [rows[part] for part in of if part in rows]
        if found:
            said = npd_tables.said_of_children(*found)
            what = of[0].name
            reading.notes += disagreement_notes(reading.engine, disagreements(said), what=what)
            parts.append(npd_tables.child_query(said, origin=origin))
    if parts:
        text = "\nUNION ALL\n".join(f"SELECT {', '.join(one.columns)} FROM {one} AS of_origin" for one in parts)
        children = Query(text, grain=parts[0].grain, columns=parts[0].columns)
        reading.tables["child"] = reading.keep(f"{reading.table}_child", children)


def _add_cases(reading: _Reading) -> None:
    """Add referrals, plans, conferences and assessments, as far as there are files of them."""
    engine, rows, kept = reading.engine, reading.rows, "left_out_by = 0"
    cases = rows.get(npd_columns.CIN)
    conferences = {"section47": rows[npd_columns.SECTION_47]} if npd_columns.SECTION_47 in rows else {}
    if cases is not None:
        used = number_of(engine, cases, kept)
        dated = number_of(engine, cases, f"{kept} AND referral_date IS NOT NULL")
        reading.steps.append(Step("referral", "the day of the referral is a date", dated, used - dated))
        rule = "rows of one year that differ in nothing but plans and conferences are one referral"
        reading.add("referral", npd_tables.referral_query(cases), rule=rule, before=dated)
        if plans := number_of(engine, cases, f"{kept} AND plan_start IS NOT NULL"):
            rule = "plans of a child from one day on in one year are one row: the one that ends last"
            reading.add("plan", npd_tables.plan_query(cases), rule=rule, before=plans)
        conferences["referral"] = cases
    held = sum(number_of(engine, of, f"{kept} AND conference_date IS NOT NULL") for of in conferences.values())
    if held:
        rule = "conferences of a child on one day of one year are one row"
        reading.add("conference", npd_tables.conference_query(conferences), rule=rule, before=held)
    if npd_columns.ASSESSMENTS in rows:
        assessments = rows[npd_columns.ASSESSMENTS]
        reading.tables["assessment"] = reading.keep(
            f"{reading.table}_assessment", npd_tables.assessment_query(assessments)
        )


def _add_care(reading: _Reading) -> None:
    """Add the episodes of care."""
    if npd_columns.CARE not in reading.rows:
        return
    engine, distinct = reading.engine, distinct_episodes(reading.rows[npd_columns.CARE])
    reading.steps += episode_repeats(engine, distinct)
    episodes = reading.keep(f"{reading.table}_episode", episodes_of_returns(distinct))
    reading.tables["episode"] = episodes
    # Whether a code belongs to its year is asked of the year that the files or the episode's end give.
    reading.notes += oddities(engine, episodes, EPISODE_ODDITIES)


def _add_school(reading: _Reading) -> None:
    """Add the school censuses."""
    if npd_columns.SCHOOL in reading.rows:
        rows = reading.rows[npd_columns.SCHOOL]
        before = number_of(reading.engine, rows, "left_out_by = 0")
        rule = "rows of a pupil in one year are one"
        reading.add("school_year", npd_tables.school_year_query(rows), rule=rule, before=before)


def _first_days(reading: _Reading) -> dict[str, date]:
    """Return the day from which there are plans and conferences, where earlier years of children in need have none.

    Plans were not collected in 2009-10 to 2011-12; a year without any is taken as one of these, whichever it is.
    """
    if npd_columns.CIN not in reading.rows:
        return {}
    found: dict[str, date] = {}
    for name in ("plan", "conference"):
        if name not in reading.tables:
            continue
        years = years_without(reading.engine, reading.tables["referral"], reading.tables[name])
        if years:
            found[name] = date(max(years), 4, 1)
            listed = ", ".join(str(year) for year in sorted(years))
            what = f"census years in which no {name} stands: {listed}"
            handled = f"questions that need one start on {found[name].isoformat()}"
            reading.notes.append(QualityNote(what, len(years), handled))
    return found
