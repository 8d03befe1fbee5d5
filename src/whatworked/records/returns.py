"""All returns of a study as one set of canonical tables."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from whatworked.engine.interface import Engine
from whatworked.engine.sql import Query
from whatworked.errors import Mistake, RecordsError
from whatworked.protocol.people import CinCensus, CouncilReturns, Npd, Ssda903
from whatworked.records.canonical import CanonicalRecords, Keep
from whatworked.records.cin_census import read_cin_census
from whatworked.records.cin_header import CinFile
from whatworked.records.npd import read_npd, read_school_census
from whatworked.records.quality import QualityNote, Step
from whatworked.records.schema import TABLES, CanonicalTable
from whatworked.records.ssda903 import ReturnFiles, read_ssda903


@dataclass(frozen=True, slots=True)
class Returns:
    """Canonical tables by name, those that any source holds, and what was counted on the way to them.

    `first_days` as in `CanonicalRecords`, the latest of any source.
    """

    tables: Mapping[str, Query]
    steps: tuple[Step, ...]
    notes: tuple[QualityNote, ...]
    first_days: Mapping[str, date] = field(default_factory=dict)


def read_returns(
    engine: Engine, sources: Mapping[str, CouncilReturns], *, folders: Mapping[str, Path], to: Path, keep: Keep
) -> Returns:
    """Read every return that a study names and lay the same tables of all of them together.

    Parameters
    ----------
    engine : reads inside `folders` and `to`
    sources : the protocol's returns by name
    folders : where each of them lies
    to : folder for text tables, which stay the queries' source
    keep : writes a step to a file, under a name, and returns the query that reads it

    Raises
    ------
    RecordsError
        A folder holds no return, or a return cannot be used.
    """
    read = [
        _read(engine, name, source, folder=folders[name], to=to / name, keep=keep) for name, source in sources.items()
    ]
    tables = {
        table.name: keep(f"returns_{table.name}", _together(table, parts))
        for table in TABLES
        if (parts := [one.tables[table.name] for one in read if table.name in one.tables])
    }
    first_days: dict[str, date] = {}
    for one in read:
        for table, day in one.first_days.items():
            first_days[table] = max(day, first_days.get(table, day))
    return Returns(
        tables,
        tuple(step for one in read for step in one.steps),
        tuple(note for one in read for note in one.notes),
        first_days,
    )


def _read(engine: Engine, name: str, source: CouncilReturns, *, folder: Path, to: Path, keep: Keep) -> CanonicalRecords:
    """Read one source."""
    match source:
        case CinCensus():
            files = [CinFile(path) for path in sorted(folder.rglob("*.xml"))]
            if not files:
                raise RecordsError(_empty(name, "XML file"))
            to.mkdir(parents=True, exist_ok=True)
            return read_cin_census(engine, files, to=to)
        case Ssda903():
            return read_ssda903(engine, _returns_in(name, folder), table=f"returns_{name}", keep=keep)
        case Npd():
            return read_npd(engine, folder, to=to, keep=keep, table=f"returns_{name}")
        case _:
            return read_school_census(engine, folder, to=to, keep=keep, table=f"returns_{name}")


def _empty(name: str, what: str) -> Mistake:
    return Mistake(f"records.{name}.folder", f"holds no {what}.", "Look at the path, and at --data.")


def _returns_in(name: str, folder: Path) -> Sequence[ReturnFiles]:
    """Return the sets of files below `area/year`."""
    found = [
        ReturnFiles(area.name, int(year.name), tuple(sorted(year.glob("*.[cC][sS][vV]"))))
        for area in _folders(folder)
        for year in _folders(area)
        if year.name.isdecimal()
    ]
    if not found:
        raise RecordsError(_empty(name, "folder of an area with folders of its years, such as 867/2019"))
    return found


def _folders(folder: Path) -> Iterable[Path]:
    return sorted(entry for entry in folder.iterdir() if entry.is_dir())


def _together(table: CanonicalTable, queries: Sequence[Query]) -> Query:
    """One row a statement of any source."""
    listed = ", ".join(table.names)
    parts = [f"SELECT {listed} FROM {query} AS source" for query in queries]
    return Query("\nUNION ALL\n".join(parts), table.grain, table.names)
