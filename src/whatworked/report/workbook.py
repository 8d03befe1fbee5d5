"""The tables as one accessible workbook: cover, contents, notes, then one table a sheet.

After the UK Analysis Function's guidance: no merged or empty cells inside a table, no colour as meaning, the
cursor at the top left, tables marked as tables. Words are written as strings and numbers as numbers, never as
formulas or links.
"""

from collections.abc import Sequence
from datetime import datetime
from itertools import count
from pathlib import Path

import xlsxwriter
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from whatworked.disclosure.released import Number
from whatworked.report.view import Printed, View, as_text

# A fixed date: two runs of one study write the same bytes.
CREATED = datetime(2000, 1, 1)
MOST_ROWS = 100_000
MOST_LETTERS = 32_000
MOST_HEADING_LETTERS = 250
NARROW, WIDE, WIDEST = 14, 28, 60
LONG, LONGER = 16, 60
OPTIONS = {
    "strings_to_formulas": False,
    "strings_to_urls": False,
    "strings_to_numbers": False,
    "nan_inf_to_errors": False,
}
Line = tuple[str, ...]


class Workbook:
    """A workbook that is filled sheet by sheet."""

    def __init__(self, path: Path, *, title: str) -> None:
        """Open the file; it is written by `close`."""
        self._book = xlsxwriter.Workbook(str(path), OPTIONS)
        self._book.set_properties({"title": title[:200], "created": CREATED})
        self._formats: dict[str, Format] = {
            "title": self._format(bold=True, font_size=14),
            "words": self._format(text_wrap=True, valign="top"),
            "plain": self._format(),
            "head": self._format(bold=True, text_wrap=True, valign="top"),
            "symbol": self._format(align="right", valign="top"),
        }

    def close(self) -> None:
        """Write the file."""
        self._book.close()

    def words(self, name: str, title: str, lines: Sequence[str]) -> None:
        """Add a sheet of lines of words."""
        sheet = self._sheet(name, title)
        sheet.set_column(0, 0, 100)
        for row, line in enumerate(lines, start=1):
            self._write_words(sheet, (row, 0), line, layout="words")

    def table(self, name: str, view: View) -> None:
        """Add a sheet with one table: title, what it is, source and notes, then the table."""
        sheet = self._sheet(name, view.title)
        rows = view.rows[:MOST_ROWS]
        left = len(view.rows) - len(rows)
        lines = ["This sheet holds one table.", *([f"Source: {view.source}"] if view.source else []), *view.notes]
        if left:
            lines.append(f"The first {len(rows):,} rows; {left:,} more are in the CSV file of this table.")
        for row, line in enumerate(lines, start=1):
            self._write_words(sheet, (row, 0), line, layout="plain")
        self._fill(sheet, view, rows, top=len(lines) + 1)

    def _fill(self, sheet: Worksheet, view: View, rows: Sequence[Sequence[Printed]], *, top: int) -> None:
        headings = _distinct(view.headings)
        for column in range(len(headings)):
            sheet.set_column(column, column, _width(view, column))
        if rows:
            columns = [{"header": heading, "header_format": self._formats["head"]} for heading in headings]
            options = {"columns": columns, "style": "Table Style Light 1", "autofilter": False, "banded_rows": False}
            sheet.add_table(top, 0, top + len(rows), len(headings) - 1, options)
        numeric = view.numeric
        for i, row in enumerate(rows, start=top + 1):
            for column, cell in enumerate(row):
                self._write(sheet, (i, column), cell, numeric=numeric[column])

    def _write(self, sheet: Worksheet, place: tuple[int, int], cell: Printed, *, numeric: bool) -> None:
        if isinstance(cell, Number) and not cell.bound:
            sheet.write_number(*place, cell.value, self._number_format(cell))
        else:
            self._write_words(sheet, place, as_text(cell) or "None", layout="symbol" if numeric else "words")

    def _write_words(self, sheet: Worksheet, place: tuple[int, int], words: str, *, layout: str) -> None:
        sheet.write_string(*place, words[:MOST_LETTERS], self._formats[layout])

    def _number_format(self, number: Number) -> Format:
        places = len(number.text.partition(".")[2])
        behind = f'"{number.after}"' if number.after else ""
        layout = "#,##0" + ("." + "0" * places if places else "") + behind
        if layout not in self._formats:
            self._formats[layout] = self._format(num_format=layout, valign="top")
        return self._formats[layout]

    def _sheet(self, name: str, title: str) -> Worksheet:
        sheet = self._book.add_worksheet(name)
        sheet.hide_gridlines(2)
        self._write_words(sheet, (0, 0), title, layout="title")
        return sheet

    def _format(self, **properties: object) -> Format:
        return self._book.add_format({"font_name": "Arial", "font_size": 11} | properties)


def _distinct(headings: Sequence[str]) -> list[str]:
    """Return headings that differ from each other, as a table's must."""
    found: list[str] = []
    for heading in headings:
        short = heading[:MOST_HEADING_LETTERS] or "Column"
        taken = {other.casefold() for other in found}
        numbered = (f"{short} ({n})" for n in count(2))
        found.append(short if short.casefold() not in taken else next(h for h in numbered if h.casefold() not in taken))
    return found


def _width(view: View, column: int) -> int:
    longest = max((len(as_text(row[column])) for row in view.rows[:MOST_ROWS]), default=0)
    if longest > LONGER:
        return WIDEST
    return WIDE if longest > LONG else NARROW
