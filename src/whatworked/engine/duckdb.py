"""DuckDB as the engine: in memory, within limits, without network, and blind outside the folders it is given."""

import os
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import duckdb
import numpy as np
from numpy.typing import NDArray

from whatworked.engine.csv_file import column_names
from whatworked.engine.interface import COLLECT_LIMIT, Columns, CsvSource, Limits, ParquetSource, Source
from whatworked.engine.sql import Query, identifier, literal
from whatworked.engine.store import part_name, sweep, write_atomically
from whatworked.errors import EngineError, Mistake, RecordsError

LINES_LISTED = 20
PATTERN = "*?["
PARQUET_MAGIC = b"PAR1"

# What a column of a result may be. A sum of integers is HUGEINT and a literal DECIMAL, and both lose digits on
# their way to NumPy and to Parquet: such columns are to be cast in the query.
INTEGERS = ("TINYINT", "SMALLINT", "INTEGER", "BIGINT")
TYPES = (*INTEGERS, "DOUBLE", "VARCHAR", "BOOLEAN", "DATE")

REJECTED = {
    "MISSING COLUMNS": "too few values",
    "TOO MANY COLUMNS": "too many values",
    "UNQUOTED VALUE": "a quotation mark that is not closed or stands inside a value",
    "LINE SIZE OVER MAXIMUM": "a line of more than two million characters",
    "INVALID ENCODING": "characters that the encoding does not have",
}

CHECK_DISK = "Check the disk's free space and the permissions of the folder."
GIVE_MEMORY = "Close other programs, or run on a machine with more memory."
REPORT_IT = "This is a fault of the package or of the installation: please report it with the step's name."


class DuckDBEngine:
    """The default engine.

    Reads inside the folders `read`, writes inside `write`. A path that leads elsewhere is refused here, and
    once more by DuckDB, whose configuration is locked before the first file is opened.
    """

    dialect = "duckdb"

    def __init__(
        self, read: Sequence[Path], write: Path | None, *, memory: str = "2GB", threads: int | None = None
    ) -> None:
        """Open the engine; `memory` is a size such as "2GB", `threads` by default one a core."""
        self._write = write.resolve() if write is not None else None
        if self._write is not None:
            self._write.mkdir(parents=True, exist_ok=True)
            sweep(self._write)
        self._roots = tuple({path.resolve(): None for path in (*read, *([self._write] if self._write else []))})
        self._sources: dict[str, Source] = {}
        self._temp = tempfile.TemporaryDirectory(
            prefix=part_name("spill-"), dir=self._write, ignore_cleanup_errors=True
        )
        self._connection = duckdb.connect()
        for setting in _settings(self._roots, memory=memory, threads=threads, temp=Path(self._temp.name)):
            self._run(setting, step="starting the engine")

    def __enter__(self) -> Self:
        """Return the engine."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close the engine."""
        self.close()

    def register(self, name: str, source: Source) -> None:
        """Make a file known as the table `name`, in place of an earlier table of that name.

        A CSV file is read at once and whole, so that what cannot be read is found here; a Parquet file is
        read where a query asks for it.

        Raises
        ------
        EngineError
            The file lies outside the engine's folders.
        RecordsError
            The file is missing, is a folder, or cannot be read; the lines of broken rows are given.
        """
        if name in self._sources:
            kind = "TABLE" if isinstance(self._sources.pop(name), CsvSource) else "VIEW"
            self._run(f"DROP {kind} {identifier(name)}", step=f"replacing the table {name}")
        try:
            self._check_readable(source.path)
            if isinstance(source, CsvSource):
                self._load_csv(name, source)
            else:
                self._view_parquet(name, source)
        except OSError:
            raise RecordsError(Mistake(source.path.name, "the file cannot be opened.", CHECK_DISK)) from None
        self._sources[name] = source

    def materialise(self, query: Query, *, to: Path) -> ParquetSource:
        """Write what a query gives to a Parquet file inside the engine's folder, whole or not at all."""
        path = to.parent.resolve() / to.name
        if self._write is None or not path.is_relative_to(self._write):
            raise EngineError(Mistake(to.name, "it lies outside the folder that may be written to.", "Give --out."))
        _check_types(query, self._described(str(query), step=_step(query)))

        def copy(part: Path) -> None:
            self._run(f"COPY {query} TO {literal(str(part))} (FORMAT parquet)", step=_step(query))

        try:
            write_atomically(path, copy)
        except OSError:
            raise EngineError(Mistake(to.name, "the file cannot be written.", CHECK_DISK)) from None
        return ParquetSource(path)

    def collect(self, query: Query, *, limit: int = COLLECT_LIMIT) -> Columns:
        """Return what a query gives as arrays, as `whatworked.engine.interface.Engine.collect` says."""
        text = f"SELECT * FROM {query} AS result ORDER BY ALL NULLS LAST LIMIT {limit + 1}"
        result = self._run(text, step=_step(query))
        _check_types(query, {name: str(kind) for name, kind, *_ in result.description})
        arrays = result.fetchnumpy()
        if any(len(array) > limit for array in arrays.values()):
            found = f"it gives more than {limit:,} rows, too many to hold in memory."
            raise EngineError(Mistake(_step(query), found, "Aggregate it further, or write it to a file."))
        return {name: _array(array) for name, array in arrays.items()}

    def schema(self, table: str) -> dict[str, str]:
        """Return the columns of a registered table: name → type."""
        return self._described(identifier(table), step=f"the columns of {table}")

    def limits(self) -> Limits:
        """Return the limits in force."""
        text = "SELECT current_setting('memory_limit'), current_setting('threads')"
        memory, threads = self._run(text, step="the limits").fetchall()[0]
        return Limits(memory=memory, threads=threads, temp=Path(self._temp.name))

    def close(self) -> None:
        """Give back memory and temporary files."""
        self._connection.close()
        self._temp.cleanup()

    def _run(self, text: str, *, step: str) -> duckdb.DuckDBPyConnection:
        """Run a statement; what DuckDB says of a failure is withheld, for it quotes values."""
        try:
            return self._execute(text)
        except duckdb.Error as error:
            failure = error
        raise self._damaged_file() or _reworded(failure, step=step) from None

    def _execute(self, text: str) -> duckdb.DuckDBPyConnection:
        """Run a statement; one that a person interrupts is no failure of the engine or of a file."""
        try:
            return self._connection.execute(text)
        except duckdb.InterruptException:
            raise KeyboardInterrupt from None

    def _damaged_file(self) -> RecordsError | None:
        """Return the error that names the registered Parquet files which cannot be read to their end, if any."""
        damaged = []
        for name, source in self._sources.items():
            if isinstance(source, ParquetSource):
                try:
                    self._execute(f"SELECT max(hash(file)) FROM {identifier(name)} AS file")
                except duckdb.OutOfMemoryException:
                    continue
                except duckdb.Error:
                    damaged.append(Mistake(source.path.name, "the file is damaged.", "Copy or download it again."))
        return RecordsError(damaged) if damaged else None

    def _check_readable(self, path: Path) -> None:
        """Refuse a path that leads out of the engine's folders or to something else than a file."""
        # Unlike `Path.resolve`, `realpath` takes symbolic links that run in a circle without raising.
        real = os.path.realpath(path)
        if any(mark in real for mark in PATTERN):
            found = "the path to it holds one of * ? [, which would be read as a pattern of several files."
            raise EngineError(Mistake(path.name, found, "Rename the file or the folder."))
        if not any(Path(real).is_relative_to(root) for root in self._roots):
            advice = "Put it into the study's folder, or give its folder by --data."
            raise EngineError(Mistake(path.name, "it lies outside the folders that may be read.", advice))
        if not path.is_file():
            found = "it is a folder, not a file." if path.is_dir() else "there is no such file."
            raise RecordsError(Mistake(path.name, found, "Give the path of a CSV or Parquet file."))

    def _load_csv(self, name: str, source: CsvSource) -> None:
        """Read a CSV file into a table of text columns, refusing it if a line cannot be read."""
        columns = column_names(source)
        table, step = identifier(name), f"reading {source.path.name}"
        self._forget_rejected(step)
        try:
            # Where its rows are numbered a file is read in its order.
            rows = f", ROW_NUMBER() OVER () AS {identifier(source.row_column)}" if source.row_column else ""
            self._execute(f"CREATE TABLE {table} AS SELECT *{rows} FROM {_csv_reader(source, columns)}")
        except duckdb.OutOfMemoryException as error:
            raise _reworded(error, step=step) from None
        except duckdb.Error:
            found = "it cannot be read as CSV: the ends of its lines are mixed, or a quotation mark is not closed."
            raise RecordsError(Mistake(source.path.name, found, "Open it and save it as CSV UTF-8 again.")) from None
        rejected = self._rejected(step)
        if rejected:
            self._run(f"DROP TABLE {table}", step=step)
            advice = f"Mend the lines: each must hold {len(columns)} values. Take notes under the table away."
            raise RecordsError(Mistake(source.path.name, rejected, advice))

    def _rejected(self, step: str) -> str:
        """Return how many lines could not be read, which and why; nothing if all could. Forgets their content."""
        text = "SELECT error_type, line FROM reject_errors ORDER BY line, error_type"
        rows = self._run(text, step=step).fetchall()
        self._forget_rejected(step)
        if not rows:
            return ""
        lines = list(dict.fromkeys(line for _, line in rows))
        reasons = dict.fromkeys(REJECTED.get(kind, "not understood") for kind, _ in rows)
        listed = ", ".join(str(line) for line in lines[:LINES_LISTED])
        more = f" and {len(lines) - LINES_LISTED:,} more" if len(lines) > LINES_LISTED else ""
        noun = "line" if len(lines) == 1 else "lines"
        return f"{len(lines):,} {noun} cannot be read ({'; '.join(reasons)}): {noun} {listed}{more}."

    def _forget_rejected(self, step: str) -> None:
        """Drop the tables in which DuckDB keeps what it could not read."""
        for table in ("reject_errors", "reject_scans"):
            self._run(f"DROP TABLE IF EXISTS {table}", step=step)

    def _view_parquet(self, name: str, source: ParquetSource) -> None:
        """Make a Parquet file a table, refusing one without its closing part."""
        path = source.path
        found = _wrong_with_parquet(path)
        if not found:
            numbered = bool(source.row_column)
            listed = _listed_with_row(source.row_column) if numbered else "*"
            reader = (
                f"read_parquet({literal(str(path.resolve()))}, hive_partitioning = false, "
                f"file_row_number = {str(numbered).lower()})"
            )
            try:
                self._execute(f"CREATE VIEW {identifier(name)} AS SELECT {listed} FROM {reader}")
            except duckdb.Error:
                found = "the file is damaged."
        if found:
            raise RecordsError(Mistake(path.name, found, "Copy or download it again."))

    def _described(self, relation: str, *, step: str) -> dict[str, str]:
        """Return the columns of a table or query and their types, without running it."""
        rows = self._run(f"DESCRIBE SELECT * FROM {relation} AS described", step=step).fetchall()
        return {row[0]: row[1] for row in rows}


def _check_types(query: Query, types: Mapping[str, str]) -> None:
    """Refuse a query whose columns are not as it says or would lose digits on the way out."""
    if tuple(types) != query.columns:
        raise EngineError(Mistake(_step(query), "its columns are not the ones it names.", REPORT_IT))
    lossy = [f"{name} is {kind}" for name, kind in types.items() if kind not in TYPES]
    if lossy:
        advice = "Cast sums to BIGINT or DOUBLE, fractions to DOUBLE, text to STRING."
        raise EngineError(Mistake(_step(query), f"types that lose digits: {', '.join(lossy)}.", advice))


def _settings(roots: Sequence[Path], *, memory: str, threads: int | None, temp: Path) -> list[str]:
    """Return the statements that bind the engine, the lock last."""
    folders = ", ".join(literal(str(root / "_")[:-1]) for root in roots)
    return [
        f"SET memory_limit = {literal(memory)}",
        *([f"SET threads = {threads}"] if threads else []),
        f"SET temp_directory = {literal(str(temp))}",
        "SET enable_progress_bar = false",
        # What is read is put in order where it is collected; keeping the order on the way would cost a core.
        "SET preserve_insertion_order = false",
        "SET autoinstall_known_extensions = false",
        "SET autoload_known_extensions = false",
        "SET allow_community_extensions = false",
        "SET allow_persistent_secrets = false",
        # Otherwise a name that is no table may be a variable of the calling program.
        "SET python_enable_replacements = false",
        f"SET allowed_directories = [{folders}]",
        "SET enable_external_access = false",
        "SET lock_configuration = true",
    ]


def _csv_reader(source: CsvSource, columns: Sequence[str]) -> str:
    """Return the call that reads a CSV file as text without guessing anything."""
    names = ", ".join(f"{literal(column)}: 'VARCHAR'" for column in columns)
    return f"""read_csv({literal(str(source.path.resolve()))}, columns = {{{names}}}, auto_detect = false,
        header = true, delim = ',', quote = '"', escape = '"', strict_mode = true, null_padding = false,
        encoding = {literal(source.encoding)}, compression = 'none', hive_partitioning = false,
        parallel = {str(not source.row_column).lower()}, store_rejects = true, rejects_limit = 0)"""


def _listed_with_row(column: str) -> str:
    """Return all columns of a Parquet file and the number of the row, counted from 1."""
    return f"* EXCLUDE (file_row_number), file_row_number + 1 AS {identifier(column)}"


def _wrong_with_parquet(path: Path) -> str:
    """Return what the first and last bytes of a Parquet file show to be wrong, nothing if they will do."""
    size = path.stat().st_size
    with path.open("rb") as file:
        head = file.read(len(PARQUET_MAGIC))
        file.seek(max(0, size - len(PARQUET_MAGIC)))
        tail = file.read()
    if not size:
        return "the file is empty."
    if head != PARQUET_MAGIC:
        return "it is not a Parquet file."
    return "" if tail == PARQUET_MAGIC else "the file is cut off: its closing part is missing."


def _step(query: Query) -> str:
    """Return how a message calls a query: by what one row of it is."""
    return f"the step with one row a {query.grain}"


def _reworded(error: duckdb.Error, *, step: str) -> EngineError:
    """Return what failed in words that quote nothing."""
    kind = type(error).__name__
    match error:
        case duckdb.OutOfMemoryException():
            return EngineError(Mistake(step, "it needs more memory than the engine may use.", GIVE_MEMORY))
        case duckdb.IOException():
            return EngineError(Mistake(step, "a file could not be read or written.", CHECK_DISK))
        case _:
            return EngineError(Mistake(step, f"the engine could not run it ({kind}).", REPORT_IT))


def _array(array: NDArray[Any] | np.ma.MaskedArray[Any, Any]) -> NDArray[Any] | np.ma.MaskedArray[Any, Any]:
    """Return one column in the form that `collect` promises."""
    match array.dtype.kind:
        case "f":
            return np.ma.filled(array.astype(np.float64), np.nan)
        case "O":
            text = np.ma.getdata(array).copy()
            text[np.ma.getmaskarray(array)] = None
            return text
        case "M":
            kept = array.astype("datetime64[D]")
        case "i":
            kept = array.astype(np.int64)
        case _:
            kept = array
    return kept if np.ma.is_masked(kept) else np.ma.getdata(kept)
