"""The record for an output checker: what each released table holds, what was hidden and by which rule."""

import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from itertools import chain
from pathlib import Path

from whatworked.cells import Blank, Cell, Count, Mean, Share
from whatworked.disclosure.release import passages_of, placed
from whatworked.disclosure.released import (
    NotApplicable,
    Number,
    Released,
    ReleasedDocument,
    ReleasedSection,
    Text,
    Withheld,
    released_passages_of,
)
from whatworked.tables.model import Copy, Document, Section


@dataclass(frozen=True, slots=True)
class Entry:
    """One released table: its cells by what became of them.

    `smallest_count_shown` is the smallest number of people above zero that is printed or stands behind a
    printed share or mean; None where no printed cell is about counted people.
    """

    key: str
    title: str
    kind: str
    shown: int
    words: int
    not_applicable: int
    hidden: dict[str, int]
    smallest_count_shown: int | None
    verdict: str


def evidence(document: Document, released: ReleasedDocument) -> tuple[Entry, ...]:
    """Return one entry a table and one for the prose of each question."""
    entries: list[Entry] = []
    for section, passed in zip(document.sections, released.sections, strict=True):
        for table, out in zip(section.tables, passed.tables, strict=True):
            pairs = list(zip(chain.from_iterable(table.rows), chain.from_iterable(out.rows), strict=True))
            entries.append(_entry(f"{section.key}/{table.key}", out.title, table.kind, pairs))
        entries.append(_prose_entry(section, passed))
    for table, out in zip(document.appendix, released.appendix, strict=True):
        pairs = list(zip(chain.from_iterable(table.rows), chain.from_iterable(out.rows), strict=True))
        entries.append(_entry(f"appendix/{table.key}", out.title, table.kind, pairs))
    return (*entries, *_across(document, released))


def _across(document: Document, released: ReleasedDocument) -> Iterator[Entry]:
    """Yield one entry a table over all questions; what its copies are made of stands with their questions."""
    of = {
        (section.key, place): cell for section in document.sections for t in section.tables for place, cell in placed(t)
    }
    for table, out in zip(document.across, released.across, strict=True):
        cells = [
            of.get((cell.question, cell.place), Blank("no such cell")) if isinstance(cell, Copy) else cell
            for cell in chain.from_iterable(table.rows)
        ]
        pairs = list(zip(cells, chain.from_iterable(out.rows), strict=True))
        yield _entry(f"all_questions/{table.key}", out.title, table.kind, pairs)


def write_evidence(document: Document, released: ReleasedDocument, path: Path) -> None:
    """Write the record as JSON; it holds counts and stays inside."""
    content = {"limits": dict(released.limits), "tables": [asdict(entry) for entry in evidence(document, released)]}
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(content, indent=2, ensure_ascii=False, sort_keys=True) + "\n", encoding="utf-8")


def _prose_entry(section: Section, passed: ReleasedSection) -> Entry:
    """Return the entry of the numbers that sentences and notes are made of."""
    before = [section.facts, *(passage.facts for passage in passages_of(section))]
    after = [passed.facts, *(passage.facts for passage in released_passages_of(passed))]
    pairs: list[tuple[Cell, Released]] = []
    for facts, shown in zip(before, after, strict=True):
        pairs += [
            (cell, out)
            for key, cell in facts.items()
            if isinstance(cell, Cell) and isinstance(out := shown[key], Released)
        ]
    return _entry(f"{section.key}/prose", "Numbers in sentences", "prose", pairs)


def _entry(key: str, title: str, kind: str, pairs: list[tuple[Cell, Released]]) -> Entry:
    hidden = Counter(out.rule for _, out in pairs if isinstance(out, Withheld))
    shown = sum(isinstance(out, Number) for _, out in pairs)
    behind = [n for cell, out in pairs if isinstance(out, Number) for n in _people(cell) if n > 0]
    return Entry(
        key=key,
        title=title,
        kind=kind,
        shown=shown,
        words=sum(isinstance(out, Text) for _, out in pairs),
        not_applicable=sum(isinstance(out, NotApplicable) for _, out in pairs),
        hidden=dict(sorted(hidden.items())),
        smallest_count_shown=min(behind, default=None),
        verdict=_verdict(shown, sum(hidden.values())),
    )


def _people(cell: Cell) -> tuple[int, ...]:
    match cell:
        case Count(n=n):
            return (n,)
        case Share(of=part, among=whole):
            return (part, whole - part)
        case Mean(people=int(people)):
            return (people,)
        case _:
            return ()


def _verdict(shown: int, hidden: int) -> str:
    if not hidden:
        return "released whole"
    return "released with numbers hidden" if shown else "released without any number"
