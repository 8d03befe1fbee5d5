"""Which file of an extract holds what, by its columns, and each as a table of the engine."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from whatworked.engine.interface import CsvSource, Engine, ParquetSource, Source
from whatworked.errors import Mistake, RecordsError
from whatworked.records.npd_columns import CIN, FIELDS, INCOMES, PARTS, SCHOOL, Columns, Part, columns_of
from whatworked.records.stata import stata_as_csv

ENDINGS = (".csv", ".parquet", ".dta")
# The column with the number of a row, under a name that no extract has.
ROW = "row_of_the_file"


@dataclass(frozen=True, slots=True)
class ExtractFile:
    """A file as a table of the engine: its name below the folder, the kinds of file that it is, and its columns.

    `types` are the engine's, by the file's own name of a column; `term_year` is the census year in which the term of
    its school census lies, where the names of its columns say so.
    """

    name: str
    table: str
    parts: tuple[Part, ...]
    columns: Columns
    types: Mapping[str, str]
    term_year: int | None


@dataclass(frozen=True, slots=True)
class Extract:
    """All files of a folder; `others` is the number of those that are no tables."""

    files: tuple[ExtractFile, ...]
    others: int

    def of(self, part: Part) -> tuple[ExtractFile, ...]:
        """Return the files of a kind."""
        return tuple(file for file in self.files if part in file.parts)


def register_extract(engine: Engine, folder: Path, *, to: Path, table: str, parts: Sequence[Part] = PARTS) -> Extract:
    """Make every file below a folder known to the engine, as tables whose names begin with `table`.

    Parameters
    ----------
    engine : reads inside the folder and `to`
    folder : with files of any names
    to : folder for the texts of Stata files
    table : what the names of the tables begin with
    parts : the kinds of file that may be there

    Raises
    ------
    RecordsError
        A file cannot be read, is of no known kind, or has two columns of one meaning; or there is none. All of them.
    """
    paths = sorted(path for path in folder.rglob("*") if path.is_file())
    tables = [path for path in paths if path.suffix.lower() in ENDINGS]
    mistakes: list[Mistake] = []
    files = []
    for place, path in enumerate(tables):
        name = path.relative_to(folder).as_posix()
        try:
            source = _source(path, to / f"{table}_{place}.csv")
            files.append(_registered(engine, source, name=name, table=f"{table}_{place}", parts=parts))
        except RecordsError as error:
            mistakes += error.mistakes
    if not tables:
        mistakes.append(
            Mistake(f"folder {folder.name}", f"it holds no file that ends in {', '.join(ENDINGS)}.", "Look at it.")
        )
    if mistakes:
        raise RecordsError(mistakes)
    return Extract(tuple(files), len(paths) - len(tables))


def _source(path: Path, text: Path) -> Source:
    match path.suffix.lower():
        case ".dta":
            return CsvSource(stata_as_csv(path, to=text).path, row_column=ROW)
        case ".parquet":
            return ParquetSource(path, row_column=ROW)
        case _:
            return CsvSource(path, row_column=ROW)


def _registered(engine: Engine, source: Source, *, name: str, table: str, parts: Sequence[Part]) -> ExtractFile:
    """Return a file as a table, once it is known what it is."""
    try:
        engine.register(table, source)
    except RecordsError as error:
        # A Stata file is read as its text, whose name nobody knows.
        raise RecordsError(Mistake(name, mistake.found, mistake.advice) for mistake in error.mistakes) from None
    types = {column: kind for column, kind in engine.schema(table).items() if column != ROW}
    columns = columns_of(tuple(types))
    found = _parts_of(columns, parts)
    if not found:
        raise RecordsError(Mistake(name, _unknown(columns), _known(parts)))
    mistakes = [*_clashes(name, columns, found), *_terms(name, columns, found)]
    if mistakes:
        raise RecordsError(mistakes)
    years = {year for key in INCOMES for one in columns.fields.get(key, ()) if (year := one.census_year) is not None}
    return ExtractFile(name, table, found, columns, types, min(years, default=None))


def _parts_of(columns: Columns, parts: Sequence[Part]) -> tuple[Part, ...]:
    """Return the first kind whose columns are there, and the school census that may be joined to it."""
    found = [part for part in parts if columns.holds(part)][:1]
    if found == [CIN] and columns.holds(SCHOOL):
        found.append(SCHOOL)
    return tuple(found)


def _unknown(columns: Columns) -> str:
    """Return what a file lacks that is almost of some kind, without quoting columns: they may be values."""
    near = max(PARTS, key=lambda part: sum(field in columns.fields for field in part.needs) / len(part.needs))
    lacking = [FIELDS[field].names[0] for field in near.needs if field not in columns.fields]
    if columns.fields and lacking:
        return f"it is no file of the extract; as one of {near.name} it lacks the columns {', '.join(lacking)}."
    return "it is no file of the extract: none of its columns tells what it is."


def _known(parts: Sequence[Part]) -> str:
    kinds = "; ".join(f"{part.name} ({', '.join(FIELDS[field].names[0] for field in part.needs)})" for part in parts)
    return f"Expected, whatever their prefix, term and case: {kinds}. Take other files out of the folder."


def _clashes(name: str, columns: Columns, parts: Sequence[Part]) -> Iterator[Mistake]:
    """Yield the columns of which only one can be meant."""
    pairs = dict.fromkeys(pair for part in parts for pair in columns.clashes(part))
    for first, second in pairs:
        found = f"the columns {first} and {second} mean the same once prefix, term and case are taken away."
        yield Mistake(name, found, "Take one of the two out of the file.")


def _terms(name: str, columns: Columns, parts: Sequence[Part]) -> Iterator[Mistake]:
    """Yield that the columns of a school census are of several terms."""
    terms: dict[str, str] = {}
    for one in (one for key in INCOMES for one in columns.fields.get(key, ())):
        terms.setdefault(one.term, one.written)
    if SCHOOL in parts and len(terms) > 1:
        first, second, *_ = sorted(terms.values())
        found = f"the columns {first} and {second} are of different terms."
        yield Mistake(name, found, "Give one file a term.")
