"""The tables of the technical appendix as they are printed."""

from whatworked.disclosure.released import ReleasedDocument, ReleasedTable
from whatworked.report.prose.fill import fill
from whatworked.report.trace import APPENDIX
from whatworked.report.view import View, symbols_explained


def appendix_views(document: ReleasedDocument) -> tuple[View, ...]:
    """Return every table of the appendix, numbered apart from those of the questions."""
    return tuple(_view(table, number) for number, table in enumerate(document.appendix, start=1))


def _view(table: ReleasedTable, number: int) -> View:
    return View(
        key=f"{APPENDIX}_{table.key}",
        title=f"Table A{number}: {table.title}",
        headings=tuple(column.heading for column in table.columns),
        rows=table.rows,
        notes=(*(fill(note) for note in table.notes), *symbols_explained(table.rows)),
        source=table.source,
        sheet=f"Table A{number}",
    )
