"""Which file of an SSDA903 return holds what: by its name, or else by its columns.

`episodes.csv`, `2017-Episodes.csv` and `EPISODES_2017_18.csv` are named after their table; a file with another name is
known by the columns that only its table has. A file that is neither is refused, for it might hold what is missing.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from whatworked.engine.interface import Engine
from whatworked.errors import Mistake, RecordsError
from whatworked.records.files import source_of

EARLIEST, LATEST = 1992, 2099

# 2017, 17 (of 2016-17), 201617 and 20162017.
_YEAR = re.compile(r"\d\d|\d{4}|\d{6}|\d{8}")


@dataclass(frozen=True, slots=True)
class ReturnFiles:
    """The files of one SSDA903 return.

    `area` is the code of the council that made it, `census_year` the year in which its collection year ends
    (2018 for April 2017 to March 2018, whatever year stands in the files' names).
    """

    area: str
    census_year: int
    paths: tuple[Path, ...]


@dataclass(frozen=True, slots=True)
class Part:
    """A table of the return: the names a file of it may have, and the columns that it cannot do without."""

    names: tuple[str, ...]
    columns: tuple[str, ...]


HEADER, EPISODES, UASC = "header", "episodes", "uasc"

READ = {
    HEADER: Part(("header",), ("CHILD", "SEX", "DOB", "ETHNIC")),
    EPISODES: Part(("episodes", "episode"), ("CHILD", "DECOM", "RNE", "LS", "CIN", "PLACE", "DEC", "REC")),
    UASC: Part(("uasc",), ("CHILD", "DUC")),
}
LEFT_ASIDE = {
    "reviews": Part(("reviews", "review"), ("CHILD", "REVIEW", "REVIEW_CODE")),
    "oc2": Part(("oc2",), ("CHILD", "SDQ_SCORE", "SDQ_REASON")),
    "oc3": Part(("oc3",), ("CHILD", "IN_TOUCH", "ACTIV", "ACCOM")),
    "ad1": Part(("ad1",), ("CHILD", "DATE_INT", "DATE_MATCH")),
    "placed for adoption": Part(("placedforadoption", "placedadoption", "sbpfa"), ("CHILD", "DATE_PLACED_CEASED")),
    "previous permanence": Part(("previouspermanence", "prevperm"), ("CHILD", "PREV_PERM", "DATE_PERM")),
    "missing": Part(("missing",), ("CHILD", "MIS_START", "MIS_END")),
    "social worker": Part(("socialworker", "socialworkerepisodes", "swepisodes"), ("CHILD", "SW_ID", "SW_DECOM")),
}
PARTS = READ | LEFT_ASIDE
NEEDED = (HEADER, EPISODES)


@dataclass(frozen=True, slots=True)
class PartTable:
    """A file as a table of the engine; `columns` gives the file's own spelling of a column in capitals."""

    name: str
    file: str
    columns: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Return:
    """A return whose files are tables of the engine, by the part of the return that each is."""

    area: str
    census_year: int
    parts: Mapping[str, PartTable]
    left_aside: int


def register_returns(engine: Engine, files: Sequence[ReturnFiles], *, table: str) -> tuple[Return, ...]:
    """Make the files of every return known to the engine, as tables whose names begin with `table`.

    Raises
    ------
    RecordsError
        A file cannot be read, is of no known kind, lacks columns, or is there twice; a return lacks a file, or is
        there twice. All of these are listed.
    """
    mistakes = list(_misnamed(files))
    if not files:
        mistakes.append(Mistake("SSDA903", "no return is given.", "Name the files of one return at least."))
    returns = []
    for place, given in enumerate(files):
        found: dict[str, list[PartTable]] = {}
        unread: list[Mistake] = []
        for number, path in enumerate(given.paths):
            try:
                part, known = _part_of(engine, path, name=f"{table}_{place}_{number}")
                found.setdefault(part, []).append(known)
            except RecordsError as error:
                unread += [replace(mistake, where=f"{_called(given)}, {mistake.where}") for mistake in error.mistakes]
        # What is wrong with a file says enough: the part that it would have been is not reported as lacking.
        mistakes += unread or _incomplete(given, found)
        read = {part: tables[0] for part, tables in found.items() if part in READ}
        left_aside = sum(len(tables) for part, tables in found.items() if part in LEFT_ASIDE)
        returns.append(Return(given.area, given.census_year, read, left_aside))
    if mistakes:
        raise RecordsError(mistakes)
    return tuple(returns)


def part_named(name: str) -> str | None:
    """Return the part of the return that a file is named after, its ending and any years in its name apart."""
    words = [word for word in re.split(r"[^a-z0-9]+", Path(name).stem.casefold()) if word]
    while words and _YEAR.fullmatch(words[0]):
        words.pop(0)
    while words and _YEAR.fullmatch(words[-1]):
        words.pop()
    stem = "".join(words)
    return next((part for part, of in PARTS.items() if stem in of.names), None)


def part_with(columns: Mapping[str, str]) -> str | None:
    """Return the one part of the return whose columns are all there, None if there is no such part or several."""
    found = [part for part, of in PARTS.items() if columns.keys() >= set(of.columns)]
    return found[0] if len(found) == 1 else None


def _part_of(engine: Engine, path: Path, *, name: str) -> tuple[str, PartTable]:
    """Return what a file is, and its table."""
    part = part_named(path.name)
    if part in LEFT_ASIDE:
        return part, PartTable(name, path.name, {})
    engine.register(name, source_of(path, "utf-8"))
    columns = {column.strip().upper(): column for column in engine.schema(name)}
    part = part or part_with(columns)
    if part is None:
        raise RecordsError(
            Mistake(path.name, "neither its name nor its columns are those of a file of SSDA903.", KNOWN)
        )
    lacking = [column for column in PARTS[part].columns if column not in columns]
    if lacking:
        found = f"as the {part} file of SSDA903 it lacks the {_columns(lacking)}."
        raise RecordsError(Mistake(path.name, found, f"Its first line must name {', '.join(PARTS[part].columns)}."))
    return part, PartTable(name, path.name, columns)


def _incomplete(given: ReturnFiles, found: Mapping[str, Sequence[PartTable]]) -> Iterator[Mistake]:
    """Yield what a return lacks or has twice."""
    where = _called(given)
    for part in NEEDED:
        if part not in found:
            expected = f"Expected: a file named {part}, or one with the columns {', '.join(READ[part].columns)}."
            yield Mistake(where, f"it has no {part} file that can be used.", expected)
    for part in READ:
        if len(found.get(part, ())) > 1:
            names = " and ".join(table.file for table in found[part])
            yield Mistake(where, f"it has more than one {part} file: {names}.", "Give one file of a kind a return.")


def _misnamed(files: Sequence[ReturnFiles]) -> Iterator[Mistake]:
    """Yield the returns that are given more than once or for no year that there could be one for."""
    seen = [_called(given) for given in files]
    for where in sorted({called for called in seen if seen.count(called) > 1}):
        yield Mistake(where, "it is given more than once.", "Give each return once.")
    for given in files:
        if not EARLIEST <= given.census_year <= LATEST:
            advice = "Give the year in which the collection year ends, such as 2018 for April 2017 to March 2018."
            yield Mistake(_called(given), "there is no return of that year.", advice)


def _called(given: ReturnFiles) -> str:
    """Return how a message calls a return."""
    return f"SSDA903 return of {given.area} for {given.census_year}"


def _columns(names: Sequence[str]) -> str:
    """Return names of columns with their noun."""
    return f"column{'s' if len(names) > 1 else ''} {', '.join(names)}"


KNOWN = "Expected, by name or columns: " + "; ".join(f"{part} ({', '.join(of.columns)})" for part, of in PARTS.items())
