"""Tables as they are printed: numbered, their symbols explained, long or tidy ones laid out for a reader."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from whatworked.disclosure.released import (
    NotApplicable,
    Number,
    Released,
    ReleasedDocument,
    ReleasedSection,
    ReleasedTable,
    Withheld,
)
from whatworked.report.prose.fill import fill

Printed = Released | str
# What stands in the place of a question's key for the tables over all of them; no question can be called so.
ALL_QUESTIONS = ""
MOST_REASONS = 4
# In these tables every empty cell tells its own reason.
WITH_LETTERS = ("primary", "secondary")
MANY_REASONS = 2
LETTERS = "abcdefghijklmnopqrstuvwxyz"


@dataclass(frozen=True, slots=True)
class View:
    """A table to be printed; the first `heads` cells of a row name it, `sheet` is its name in the workbook."""

    key: str
    title: str
    headings: tuple[str, ...]
    rows: tuple[tuple[Printed, ...], ...]
    notes: tuple[str, ...] = ()
    source: str = ""
    heads: int = 1
    sheet: str = ""

    @property
    def numeric(self) -> tuple[bool, ...]:
        """Whether each column holds numbers."""
        return tuple(
            any(isinstance(row[i], Number) for row in self.rows) or _only_symbols(row[i] for row in self.rows)
            for i in range(len(self.headings))
        )


def printed(table: ReleasedTable, section: ReleasedSection, *, number: int, first: int | None = None) -> View:
    """Return a table as a view; `first` rows of every group that its first column names, all by default."""
    rows = table.rows if first is None else _first_of_each(table.rows, first)
    notes = tuple(fill(note) for note in table.notes)
    view = View(
        key=f"{section.key}_{table.key}",
        title=f"Table {number}: {table.title}",
        headings=tuple(column.heading for column in table.columns),
        rows=rows,
        notes=(*notes, *symbols_explained(rows)),
        source=table.source,
        sheet=f"Table {number}",
    )
    return lettered(view, notes=notes) if table.key in WITH_LETTERS else view


def lettered(view: View, *, notes: Sequence[str]) -> View:
    """Return a view in which a symbol for no number has a letter for each reason; `notes` are those without symbols."""
    letters: dict[tuple[str, str], str] = {}
    for row in view.rows:
        for cell in row:
            if isinstance(cell, NotApplicable):
                letters.setdefault((cell.text, cell.why), LETTERS[len(letters) % len(LETTERS)])
    if len(letters) < MANY_REASONS:
        return view
    body = tuple(
        tuple(f"{c.text} {letters[c.text, c.why]}" if isinstance(c, NotApplicable) else c for c in row)
        for row in view.rows
    )
    told = (f"{symbol} {letter} no number: {why}." for (symbol, why), letter in letters.items())
    return View(
        key=view.key,
        title=view.title,
        headings=view.headings,
        rows=body,
        notes=(*notes, *told, *symbols_explained(body)),
        source=view.source,
        heads=view.heads,
        sheet=view.sheet,
    )


def pivoted(view: View, *, across: int, value: int, names: Sequence[int], heading: str) -> View:
    """Return a tidy table laid out wide: a column for each entry of column `across`, holding column `value`."""
    columns = list(dict.fromkeys(as_text(row[across]) for row in view.rows))
    wide: dict[tuple[str, ...], dict[str, Printed]] = {}
    for row in view.rows:
        wide.setdefault(tuple(as_text(row[i]) for i in names), {})[as_text(row[across])] = row[value]
    return View(
        key=view.key,
        title=view.title,
        headings=(*(view.headings[i] for i in names), *(f"{heading} {column}".strip() for column in columns)),
        rows=tuple((*head, *(found.get(column, "") for column in columns)) for head, found in wide.items()),
        notes=view.notes,
        source=view.source,
        heads=len(names),
    )


def numbers(document: ReleasedDocument) -> Mapping[tuple[str, str], int]:
    """Return the number of every table, by question and key, the same in page and workbook: first those over all."""
    every = [(ALL_QUESTIONS, table.key) for table in document.across]
    every += [(section.key, table.key) for section in document.sections for table in section.tables]
    return {key: place for place, key in enumerate(every, start=1)}


def as_text(cell: Printed) -> str:
    """Return a cell as it is read: a number with what stands behind it."""
    if isinstance(cell, Number):
        return cell.text + cell.after
    return cell if isinstance(cell, str) else cell.text


def symbols_explained(rows: Iterable[Sequence[Printed]]) -> tuple[str, ...]:
    """Return a note for each symbol in the rows: what stands behind it and why."""
    reasons: dict[tuple[str, str], dict[str, int]] = {}
    for row in rows:
        for cell in row:
            if isinstance(cell, Withheld | NotApplicable):
                what = "hidden" if isinstance(cell, Withheld) else "no number"
                found = reasons.setdefault((cell.text, what), {})
                found[cell.why] = found.get(cell.why, 0) + 1
    return tuple(f"{symbol} {what}: {_listed(found)}." for (symbol, what), found in sorted(reasons.items()))


def _listed(reasons: Mapping[str, int]) -> str:
    first = list(reasons)[:MOST_REASONS]
    more = len(reasons) - len(first)
    return "; ".join(first) + (f"; and {more} more reasons" if more else "")


def _first_of_each(rows: Sequence[tuple[Released, ...]], first: int) -> tuple[tuple[Released, ...], ...]:
    seen: dict[str, int] = {}
    kept = []
    for row in rows:
        seen[row[0].text] = place = seen.get(row[0].text, 0) + 1
        if place <= first:
            kept.append(row)
    return tuple(kept)


def _only_symbols(cells: Iterable[Printed]) -> bool:
    every = list(cells)
    return bool(every) and all(isinstance(cell, Withheld | NotApplicable) for cell in every)
