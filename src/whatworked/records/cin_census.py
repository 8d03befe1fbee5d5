"""Children in need censuses, one XML file a council and year, as canonical tables.

A file is streamed into plain text tables, one row at a time, so that memory does not grow with it; the engine then
gives them their types. A file that is cut off or is no census stops everything; anything less is counted and named.
"""

import csv
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path

from whatworked.engine.interface import CsvSource, Engine
from whatworked.engine.sql import Query
from whatworked.errors import EngineError, Mistake, RecordsError
from whatworked.records.canonical import CanonicalRecords
from whatworked.records.cin_header import CinFile, Return, read_header
from whatworked.records.cin_notes import Counts, notes_of, steps_of
from whatworked.records.cin_queries import QUERIES, child_disagreements
from whatworked.records.cin_rows import TEXT_TABLES, ChildRows, Write
from whatworked.records.cin_values import Values
from whatworked.records.cin_xml import Module, stream


def read_cin_census(engine: Engine, files: Sequence[CinFile], *, to: Path) -> CanonicalRecords:
    """Read census files and return what they hold as the tables child, referral, assessment, conference and plan.

    Parameters
    ----------
    engine : types the texts and keeps them as its tables `<name of the folder>_<table>`
    files : one a council and year
    to : folder for the text tables, one the engine may read; they are the queries' source and must stay

    Raises
    ------
    RecordsError
        Files cannot be read, are no census, or are two of one council and year: all of them at once.
    """
    texts = {name: to / f"{name}.csv" for name in TEXT_TABLES}
    counts = _write_texts(files, texts)
    tables: dict[str, Query] = {}
    for name, path in texts.items():
        registered = f"{to.name}_{name}"
        engine.register(registered, CsvSource(path))
        tables[name] = QUERIES[name](registered)
    kept = {name: _rows(engine, tables[name]) for name in tables}
    disagreeing = engine.collect(child_disagreements(f"{to.name}_child"))
    conflicts = {name: int(column.sum()) for name, column in disagreeing.items()}
    return CanonicalRecords(tables, steps_of(counts, kept), notes_of(counts, conflicts))


def _write_texts(files: Sequence[CinFile], texts: Mapping[str, Path]) -> Counts:
    """Write the text tables of all files, or none if one of them cannot be read."""
    if not files:
        raise RecordsError(Mistake("children in need census", "no file is given.", "Give one a council and year."))
    counts = Counts(files=len(files))
    returns: dict[Return, str] = {}
    mistakes: list[Mistake] = []
    try:
        with ExitStack() as undo:
            for path in texts.values():
                undo.callback(path.unlink, missing_ok=True)
            with ExitStack() as opened:
                write = _writers(texts, opened)
                for file in files:
                    mistakes += _write_file(file, write=write, counts=counts, returns=returns)
            if mistakes:
                raise RecordsError(mistakes)
            undo.pop_all()
    except OSError:
        advice = "Check the disk's free space and the permissions of the folder."
        raise EngineError(Mistake("children in need census", "its tables cannot be written.", advice)) from None
    return counts


def _writers(texts: Mapping[str, Path], opened: ExitStack) -> Write:
    """Open the text tables, write their column names and return what writes a row into one of them."""
    rows = {}
    for name, path in texts.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        writer = csv.writer(opened.enter_context(path.open("w", encoding="utf-8", newline="")), lineterminator="\n")
        writer.writerow(TEXT_TABLES[name])
        rows[name] = writer.writerow

    def write(name: str, row: Sequence[str | int]) -> None:
        rows[name](row)

    return write


def _write_file(file: CinFile, *, write: Write, counts: Counts, returns: dict[Return, str]) -> tuple[Mistake, ...]:
    """Write the rows of one file and return what is wrong with it; `returns` are those of the files before it."""
    children: ChildRows | None = None
    empty = True
    try:
        for name, module in stream(file.path, counts.unread):
            if children is None:
                header = module if name == "Header" else Module()
                children = _children(file, header, write=write, counts=counts, returns=returns)
            if name == "Child":
                children.add(module)
                empty = False
    except RecordsError as error:
        return error.mistakes
    return (Mistake(file.path.name, "there is no child in it.", "Check that it was exported whole."),) if empty else ()


def _children(file: CinFile, header: Module, *, write: Write, counts: Counts, returns: dict[Return, str]) -> ChildRows:
    """Return what writes the rows of a file's children, once it is known whose return it is."""
    found = read_header(file, header, found=counts.headers)
    if found in returns:
        same = f"it is of the same council and year as {returns[found]}."
        raise RecordsError(Mistake(file.path.name, same, "Give one file a council and year, the one sent last."))
    returns[found] = file.path.name
    values = Values(found.census_year, counts.problems)
    return ChildRows(found.area, found.census_year, write=write, values=values, counts=counts.rows)


def _rows(engine: Engine, table: Query) -> int:
    """Return the number of rows of a table."""
    counted = Query(f"SELECT COUNT(*) AS rows FROM {table} AS counted", grain="table", columns=("rows",))
    return int(engine.collect(counted)["rows"][0])
