"""What a CSV file must be before an engine reads it: text in the encoding it claims, with a row of column names.

An engine that guesses would take a broken file for another dialect; here nothing is guessed, and what is wrong
is said without quoting anything.
"""

import codecs
import csv
from io import StringIO
from pathlib import Path

from whatworked.engine.interface import CsvSource
from whatworked.errors import Mistake, RecordsError

HEADER_LIMIT = 1 << 20
CHUNK = 1 << 20
REPLACEMENT = "\N{REPLACEMENT CHARACTER}"
LISTED = 5

SAVE_AS_UTF8 = 'Save the file as "CSV UTF-8", or give its encoding as `encoding`.'
SAVE_AS_CSV = 'Save the table as "CSV UTF-8" from the program that made it.'
ONE_ROW_OF_NAMES = "The first line must hold the column names, each once, separated by commas."


def column_names(source: CsvSource) -> tuple[str, ...]:
    """Return the column names in the first line, without the blanks around them.

    A column without a name is called `(unnamed 3)` after its place.

    Raises
    ------
    RecordsError
        The file is empty, is no text in its encoding, or its first line does not hold column names.
    """
    path = source.path
    with path.open("rb") as file:
        start = file.read(HEADER_LIMIT)
    _check_encoding(source, start)
    names = _first_row(path, _decoded(start, source.encoding))
    found = _wrong_with(names)
    if found:
        raise RecordsError(Mistake(path.name, found, ONE_ROW_OF_NAMES))
    return tuple(name or f"(unnamed {place})" for place, name in enumerate(names, start=1))


def _check_encoding(source: CsvSource, start: bytes) -> None:
    """Refuse a file that is empty or that shows another encoding than it should have."""
    name, encoding = source.path.name, source.encoding
    is_utf16 = start.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    found, advice = "", SAVE_AS_UTF8
    if not start.strip():
        found, advice = "the file is empty.", "Check that it was saved or downloaded whole."
    elif start.startswith(codecs.BOM_UTF16_BE):
        # DuckDB 2.0 reads the other byte order as a file without rows.
        found = "its text is UTF-16 in big-endian order, which is not read."
    elif encoding == "utf-16" and not is_utf16:
        found = "its text is not UTF-16: it does not begin with a byte order mark."
    elif encoding != "utf-16" and is_utf16:
        found, advice = f"its text is UTF-16, not {encoding}.", 'Give `encoding = "utf-16"`.'
    elif encoding == "latin-1" and start.startswith(codecs.BOM_UTF8):
        found, advice = "its text is UTF-8, not latin-1.", 'Give `encoding = "utf-8"`.'
    elif encoding != "utf-16" and _holds_nul(source.path):
        found, advice = "it holds NUL characters, so it is not a text file.", SAVE_AS_CSV
    if found:
        raise RecordsError(Mistake(name, found, advice))


def _holds_nul(path: Path) -> bool:
    """Return whether a NUL byte is anywhere in the file."""
    with path.open("rb") as file:
        return any(b"\0" in chunk for chunk in iter(lambda: file.read(CHUNK), b""))


def _decoded(start: bytes, encoding: str) -> str:
    """Return the head of the file as text, what cannot be decoded replaced by a mark."""
    codec = "utf-8-sig" if encoding == "utf-8" else encoding
    return start.decode(codec, errors="replace")


def _first_row(path: Path, text: str) -> list[str]:
    """Return the first row, the blanks around its values taken away."""
    try:
        return [name.strip() for name in next(csv.reader(StringIO(text, newline=""), strict=True), [])]
    except csv.Error:
        pass
    raise RecordsError(Mistake(path.name, "the first line is not a row of column names.", ONE_ROW_OF_NAMES))


def _wrong_with(names: list[str]) -> str:
    """Return what is wrong with the column names, nothing if they will do."""
    folded = [name.casefold() for name in names if name]
    places: dict[str, list[str]] = {}
    for place, name in enumerate(names, start=1):
        places.setdefault(name.casefold(), []).append(str(place))
    # Of a file without column names these are values, so that they are told by their place.
    twice = [" and ".join(of_name) for name, of_name in places.items() if name and len(of_name) > 1]
    found = ""
    if not folded:
        found = "the first line is blank."
    elif any(REPLACEMENT in name for name in names):
        found = "the column names cannot be read in the encoding given."
    elif any("\n" in name or "\r" in name for name in names):
        found = "a column name runs over a line's end, or a quotation mark is not closed."
    elif len(names) == 1 and any(mark in names[0] for mark in ";\t|"):
        found = "its columns are separated by something else than commas."
    elif twice:
        more = f" and {len(twice) - LISTED} more" if len(twice) > LISTED else ""
        found = f"columns of one name (capitals do not count): {', '.join(twice[:LISTED])}{more}."
    return found
