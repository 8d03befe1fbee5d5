"""The tables over all questions as the page, the workbook and the files print them."""

from collections.abc import Sequence

from whatworked.disclosure.released import NotApplicable, ReleasedDocument, ReleasedTable, Withheld
from whatworked.report.prose.fill import fill
from whatworked.report.view import ALL_QUESTIONS, Printed, View, numbers, symbols_explained

# A table this wide is cut for the page into parts of so many columns beside the first.
MOST_COLUMNS = 7
PART = 6
# The lines of this table in which nothing is left are not printed.
WITHOUT_EMPTY_LINES = ("means_by_question",)


def whole(document: ReleasedDocument) -> tuple[View, ...]:
    """Return every table over all questions in one piece."""
    number = numbers(document)
    return tuple(_view(table, number[ALL_QUESTIONS, table.key]) for table in document.across)


def in_parts(document: ReleasedDocument) -> tuple[View, ...]:
    """Return them for the page: one that is too wide in parts, each with the first column."""
    return tuple(part for view in whole(document) for part in _parts(view))


def _view(table: ReleasedTable, number: int) -> View:
    kept = [row for row in table.rows if table.key not in WITHOUT_EMPTY_LINES or not _empty(row)]
    left = [row[0].text for row in table.rows if row not in kept]
    notes = [fill(note) for note in table.notes]
    if left:
        notes.append(f"Lines in which all is hidden, not used or 0 when rounded are left out: {'; '.join(left)}.")
    return View(
        key=table.key,
        title=f"Table {number}: {table.title}",
        headings=tuple(column.heading for column in table.columns),
        rows=tuple(kept),
        notes=(*notes, *symbols_explained(kept)),
        source=table.source,
        heads=1,
        sheet=f"Table {number}",
    )


def _empty(row: Sequence[Printed]) -> bool:
    return all(isinstance(cell, Withheld | NotApplicable) for cell in row[1:])


def _parts(view: View) -> tuple[View, ...]:
    columns = len(view.headings)
    if columns <= MOST_COLUMNS + 1 or view.key not in WITHOUT_EMPTY_LINES:
        return (view,)
    starts = range(1, columns, PART)
    return tuple(
        View(
            key=f"{view.key}_{i}",
            title=f"{view.title}, part {i} of {len(starts)}",
            headings=(view.headings[0], *view.headings[start : start + PART]),
            rows=_lines(view, start),
            notes=view.notes if i == len(starts) else (),
            source=view.source if i == len(starts) else "",
        )
        for i, start in enumerate(starts, start=1)
    )


def _lines(view: View, start: int) -> tuple[tuple[Printed, ...], ...]:
    """Return a part's lines, without those that have no number in it."""
    found = ((row[0], *row[start : start + PART]) for row in view.rows)
    return tuple(row for row in found if not _empty(row))
