"""Columns of whatever a notebook holds: a mapping of arrays, a data frame, a DuckDB relation or a file."""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
from numpy.typing import NDArray

from whatworked.engine.sql import identifier, literal
from whatworked.errors import Mistake, UsageError, known


def columns_of(data: object, names: Iterable[str]) -> dict[str, NDArray[Any]]:
    """Return the named columns of a table as NumPy arrays of one length; missing numbers are NaN, missing text None.

    Parameters
    ----------
    data : a mapping of arrays, any frame that DuckDB reads (pandas, polars, Arrow), a DuckDB relation, or the path
        of a CSV or Parquet file
    names : columns wanted

    Raises
    ------
    UsageError
        The data is none of these, or lacks a column; every missing column is named.
    """
    wanted = list(dict.fromkeys(names))
    _check_names(wanted, data)
    if isinstance(data, Mapping):
        there = {str(name): column for name, column in data.items()}
        _check(wanted, there)
        found = {name: _array(there[name]) for name in wanted}
    else:
        found = _from_engine(data, wanted)
    _check_shapes(found)
    lengths = {len(column) for column in found.values()}
    if len(lengths) > 1:
        raise UsageError(Mistake("data", "its columns are not of one length.", "Give arrays of one length."))
    return {name: _plain(column) for name, column in found.items()}


def _from_engine(data: object, wanted: list[str]) -> dict[str, NDArray[Any]]:
    with duckdb.connect() as connection:
        try:
            relation = _relation(connection, data)
            _check(wanted, dict.fromkeys(relation.columns))
            listed = ", ".join(identifier(name) for name in wanted)
            found: dict[str, NDArray[Any]] = relation.project(listed).fetchnumpy()
        except (duckdb.Error, TypeError, RuntimeError):
            # what is no table at all fails in the engine's own binding, with errors that are none of the engine's
            problem = f"it is of the type {type(data).__name__}, which cannot be read as a table."
            if isinstance(data, str | Path) and not Path(data).is_file():
                problem = "there is no such file."
            advice = "Give a mapping of arrays, a data frame, a DuckDB relation or the path of a CSV or Parquet file."
            raise UsageError(Mistake("data", problem, advice)) from None
    return found


def _relation(connection: duckdb.DuckDBPyConnection, data: object) -> duckdb.DuckDBPyRelation:
    match data:
        case duckdb.DuckDBPyRelation():
            return data
        case str() | Path():
            reader = "read_parquet" if str(data).lower().endswith(".parquet") else "read_csv"
            return connection.sql(f"SELECT * FROM {reader}({literal(str(data))})")
        case _:
            connection.register("given", data)
            return connection.sql("SELECT * FROM given")


def _check(wanted: list[str], there: Mapping[str, object]) -> None:
    missing = [
        Mistake(f'column "{name}"', "is not in the data.", known(there, name)) for name in wanted if name not in there
    ]
    if missing:
        raise UsageError(missing)


def _check_names(wanted: list[str], data: object) -> None:
    """Refuse names that are no text, and those that name two columns of a frame, upper and lower case being alike."""
    # of the frames only those of pandas (which have an iloc) and Arrow can hold a name twice
    listed = getattr(data, "columns" if hasattr(data, "iloc") else "column_names", ())
    there = [str(name).casefold() for name in listed]
    twice = {name for name in there if there.count(name) > 1}
    mistakes = [
        Mistake(f"column {name!r}", "is not named by text.", "Give the names of columns as text.")
        if not isinstance(name, str)
        else Mistake(f'column "{name}"', "is in the data twice.", "Name columns apart, not by upper and lower case.")
        for name in wanted
        if not isinstance(name, str) or (name.casefold() in twice and not isinstance(data, Mapping))
    ]
    if mistakes:
        raise UsageError(mistakes)


def _array(column: object) -> NDArray[Any]:
    """Return a column of a mapping as an array; what no array can be made of has no axis, which is refused."""
    try:
        return np.asanyarray(column)
    except ValueError:
        return np.array(None)


def _check_shapes(columns: Mapping[str, NDArray[Any]]) -> None:
    mistakes = [
        Mistake(f'column "{name}"', "is not one value a row.", "Give an array of one axis.")
        for name, column in columns.items()
        if column.ndim != 1
    ]
    mistakes += [
        Mistake(f'column "{name}"', f"is of the type {column.dtype}.", "Give numbers, truth values, dates or text.")
        for name, column in columns.items()
        if column.dtype.kind in "cV"
    ]
    if mistakes:
        raise UsageError(mistakes)


def _plain(column: NDArray[Any]) -> NDArray[Any]:
    """Return a column without a mask."""
    if not isinstance(column, np.ma.MaskedArray):
        return column
    if column.dtype.kind in "iufb":
        return np.asarray(np.ma.filled(column.astype(np.float64), np.nan))
    # NumPy takes a fill value of None for its own default, so the gaps are set by hand
    plain = np.asarray(column.data, dtype=object).copy()
    plain[np.ma.getmaskarray(column)] = None
    return plain
