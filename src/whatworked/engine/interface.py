"""What the package asks of an engine: six methods, so that a second engine is one small file."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, Protocol

import numpy as np
from numpy.typing import NDArray

from whatworked.engine.sql import Query

COLLECT_LIMIT = 1_000_000

Columns = dict[str, NDArray[Any] | np.ma.MaskedArray[Any, Any]]


@dataclass(frozen=True, slots=True)
class CsvSource:
    """A CSV file: commas, a row of column names first, every column read as text.

    `row_column` names one more column, with the number of the row, the first after the names being 1; empty for none.
    """

    path: Path
    encoding: Literal["utf-8", "utf-16", "latin-1"] = "utf-8"
    row_column: str = ""


@dataclass(frozen=True, slots=True)
class ParquetSource:
    """A Parquet file, its columns in the types it gives them; `row_column` as in `CsvSource`."""

    path: Path
    row_column: str = ""


Source = CsvSource | ParquetSource


@dataclass(frozen=True, slots=True)
class Limits:
    """What an engine may use: memory as the engine words it, threads, and the folder it may spill to."""

    memory: str
    threads: int
    temp: Path


class Engine(Protocol):
    """Something that runs portable queries over registered tables.

    Every failure is an `EngineError` or, where a file cannot be read, a `RecordsError`, never in the engine's
    own words: these quote values.
    """

    @property
    def dialect(self) -> str:
        """Name of the SQL dialect that the engine speaks."""
        ...

    def register(self, name: str, source: Source) -> None:
        """Make a file known as the table `name`, in place of an earlier table of that name."""
        ...

    def materialise(self, query: Query, *, to: Path) -> ParquetSource:
        """Write what a query gives to a Parquet file, whole or not at all."""
        ...

    def collect(self, query: Query, *, limit: int = COLLECT_LIMIT) -> Columns:
        """Return what a query gives, one array a column; a result of more than `limit` rows is an error.

        The rows are ordered by the columns, first to last, NULLs last, so that every engine gives the same
        arrays. DOUBLE becomes float64 with NaN for NULL; integers int64, truth values bool and DATE
        datetime64[D], as a masked array where there are NULLs; text an object array with None for NULL.
        """
        ...

    def schema(self, table: str) -> dict[str, str]:
        """Return the columns of a registered table, in order: name → type as the engine calls it."""
        ...

    def limits(self) -> Limits:
        """Return the limits in force."""
        ...

    def close(self) -> None:
        """Give back memory and temporary files."""
        ...
