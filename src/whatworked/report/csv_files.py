"""Tables as CSV files: UTF-8, one header row, one row a line.

What is printed behind the numbers of a column (stars, percent signs) has a column of its own after it.

A cell of words that a spreadsheet would take for a formula (it begins with `=`, `+`, `-`, `@`, a tab or a line
end, also after spaces or in full width) gets a leading apostrophe. Numbers are written as numbers.
"""

import csv
import io

from whatworked.disclosure.released import Number
from whatworked.report.view import Printed, View, as_text

STARTS_A_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")
PREFIX = "'"
BEHIND = ", mark"


def csv_text(view: View) -> str:
    """Return a table as the text of a CSV file."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    marked = [any(_mark(row[i]) for row in view.rows) for i in range(len(view.headings))]
    headings = [
        part
        for heading, with_marks in zip(view.headings, marked, strict=True)
        for part in ([heading, f"{heading}{BEHIND}"] if with_marks else [heading])
    ]
    writer.writerow([harmless(heading) for heading in headings])
    for row in view.rows:
        parts = (
            [_written(c), _mark(c)] if with_marks else [_written(c)] for c, with_marks in zip(row, marked, strict=True)
        )
        writer.writerow([part for both in parts for part in both])
    return out.getvalue()


def harmless(words: str) -> str:
    """Return words that no spreadsheet takes for a formula; a lone sign is no formula."""
    begins = words.lstrip(" \u00a0").startswith(STARTS_A_FORMULA)
    return PREFIX + words if begins and len(words.strip()) > 1 else words


def _mark(cell: Printed) -> str:
    return cell.after if isinstance(cell, Number) else ""


def _written(cell: Printed) -> str:
    if isinstance(cell, Number) and not cell.bound:
        return cell.text.replace(",", "").replace("−", "-")
    return harmless(cell.text if isinstance(cell, Number) else as_text(cell))
