"""Stata files as text that the engine reads: a chunk of rows at a time, so that memory does not grow with the file."""

import csv
import math
from collections.abc import Iterator, Sequence
from datetime import date, datetime
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path

from whatworked.engine.interface import CsvSource
from whatworked.errors import EngineError, Mistake, RecordsError

ROWS_A_CHUNK = 20_000
READER = "pyreadstat"
INSTALL = 'Install the extra: pip install "whatworked[stata]"; or save the file as CSV or Parquet.'


def stata_as_csv(path: Path, *, to: Path, rows: int = ROWS_A_CHUNK) -> CsvSource:
    """Write a Stata file as CSV and return it as a source; days become 2017-12-31, missing values nothing.

    Parameters
    ----------
    path : a file of Stata 8 to 15, ending in .dta
    to : the file to write
    rows : how many rows are held at a time

    Raises
    ------
    RecordsError
        The reader of Stata files is not installed, or the file cannot be read.
    EngineError
        The text cannot be written.
    """
    if find_spec(READER) is None:
        raise RecordsError(Mistake(path.name, f"a Stata file is read by {READER}, which is not installed.", INSTALL))
    to.parent.mkdir(parents=True, exist_ok=True)
    try:
        with to.open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file, lineterminator="\n")
            for chunk in _chunks(path, rows):
                writer.writerows(chunk)
    except OSError:
        advice = "Check the disk's free space and the permissions of the folder."
        raise EngineError(Mistake(path.name, "its text cannot be written.", advice)) from None
    return CsvSource(to)


def _chunks(path: Path, rows: int) -> Iterator[Iterator[Sequence[str]]]:
    """Yield the row of names, then rows of text, so many at a time."""
    reader = import_module(READER)
    try:
        _, meta = reader.read_dta(str(path), metadataonly=True)
        names: list[str] = meta.column_names
        yield iter([names])
        done = 0
        while True:
            columns, _ = reader.read_dta(str(path), output_format="dict", row_limit=rows, row_offset=done)
            read = len(columns[names[0]]) if names else 0
            if not read:
                return
            yield zip(*([_text(value) for value in columns[name]] for name in names), strict=True)
            done += read
    except (reader.ReadstatError, reader.PyreadstatError, UnicodeDecodeError):
        found = "it cannot be read as a Stata file."
        raise RecordsError(Mistake(path.name, found, "Save it again from Stata, or as CSV UTF-8.")) from None


def _text(value: object) -> str:
    """Return a value as text: whole numbers without a fraction, a day without its midnight."""
    match value:
        case None:
            return ""
        case float() if math.isnan(value):
            return ""
        case float() if value.is_integer():
            return str(int(value))
        case datetime():
            return value.date().isoformat() if value.time().isoformat() == "00:00:00" else value.isoformat(sep=" ")
        case date():
            return value.isoformat()
        case _:
            return str(value)
