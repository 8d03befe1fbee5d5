"""Tables as CSV files: UTF-8, one header row, one row a line.

A cell of words that a spreadsheet would take for a formula (it begins with `=`, `+`, `-`, `@`, a tab or a line
end, also after spaces or in full width) gets a leading apostrophe. Numbers are written as numbers.
"""

import csv
import io

from whatworked.disclosure.released import Number
from whatworked.report.view import Printed, View, as_text

STARTS_A_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")
PREFIX = "'"


def csv_text(view: View) -> str:
    """Return a table as the text of a CSV file."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow([harmless(heading) for heading in view.headings])
    writer.writerows([_written(cell) for cell in row] for row in view.rows)
    return out.getvalue()


def harmless(words: str) -> str:
    """Return words that no spreadsheet takes for a formula; a lone sign is no formula."""
    begins = words.lstrip(" \u00a0").startswith(STARTS_A_FORMULA)
    return PREFIX + words if begins and len(words.strip()) > 1 else words


def _written(cell: Printed) -> str:
    if isinstance(cell, Number) and not cell.bound:
        return cell.text.replace(",", "").replace("−", "-")
    return harmless(as_text(cell))
