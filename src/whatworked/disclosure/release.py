"""The gate: the only road from a document of typed cells to one that may leave."""

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from math import isfinite

from whatworked.cells import Blank, Cell, Count, Hidden, Share, Tally, Words
from whatworked.disclosure.complement import complements
from whatworked.disclosure.profile import Limits
from whatworked.disclosure.released import (
    NotApplicable,
    Number,
    Released,
    ReleasedChoice,
    ReleasedColumn,
    ReleasedDocument,
    ReleasedFact,
    ReleasedPassage,
    ReleasedSection,
    ReleasedTable,
    Text,
    Withheld,
)
from whatworked.disclosure.rounding import Decimals, Numeric, decimals, rounded
from whatworked.disclosure.side_by_side import copied
from whatworked.disclosure.suppress import Rule, broken_rule
from whatworked.disclosure.withheld_names import NameGuard
from whatworked.errors import DisclosureError, Mistake
from whatworked.tables.model import Choice, Copy, Document, Fact, Passage, Place, Section, SideBySide, Table

NOT_APPLICABLE = "[z]"
_KEY = re.compile(r"[a-z][a-z0-9_]{0,99}")


def release(document: Document, limits: Limits) -> ReleasedDocument:
    """Return the document as it may leave: small numbers hidden, the rest rounded, names withheld.

    Raises
    ------
    DisclosureError
        where words name an area that may not be named, or a key could not be the name of a file.
    """
    _refuse_keys(document)
    NameGuard(document.withheld).refuse(_all_words(document))
    named = document.names_published
    gate = _Gate(limits, named, Decimals())
    sections = tuple(_section(section, limits, names_published=named) for section in document.sections)
    return ReleasedDocument(
        facts=gate.facts(document.facts),
        passages=gate.passages(document.passages),
        sections=sections,
        across=tuple(gate.side_by_side(table, sections) for table in document.across),
        hidden=limits.symbol,
        not_applicable=gate.not_applicable,
        limits=limits.to_dict(),
        appendix=tuple(gate.table(table, frozenset()) for table in document.appendix),
    )


def _section(section: Section, limits: Limits, *, names_published: bool) -> ReleasedSection:
    gate = _Gate(limits, names_published, decimals(cells_of(section)))
    beside = complements(section, gate.hidden_in(section), limits.smallest)
    places = (pair for table in section.tables for pair in placed(table))
    gate = replace(gate, told=frozenset(c.n for place, c in places if place in beside and isinstance(c, Count)))
    return ReleasedSection(
        key=section.key,
        facts=gate.facts(section.facts),
        passages=gate.passages(section.passages),
        choices=tuple(gate.choice(choice) for choice in section.choices),
        tables=tuple(gate.table(table, beside) for table in section.tables),
        made_by=section.made_by,
    )


@dataclass(frozen=True, slots=True)
class _Gate:
    """The limits, the decimals of one question, and the counts that its tables hide beside small ones."""

    limits: Limits
    names_published: bool
    decimals: Decimals
    told: frozenset[int] = frozenset()

    @property
    def not_applicable(self) -> str:
        return NOT_APPLICABLE if self.limits.symbol != NOT_APPLICABLE else "[x]"

    def cell(self, cell: Cell) -> Released:
        rule = broken_rule(cell, self.limits, names_published=self.names_published)
        if rule is not None:
            return Withheld(self.limits.symbol, rule.in_words(self.limits), rule.value)
        if isinstance(cell, Words):
            return Text(clean(cell.text))
        if isinstance(cell, Blank | Hidden):
            return NotApplicable(self.not_applicable, clean(cell.why))
        why = _no_number(cell)
        return rounded(cell, self.decimals) if why is None else NotApplicable(self.not_applicable, why)

    def hidden_in(self, section: Section) -> frozenset[Place]:
        """Return every place of a question's tables that a rule of its own hides."""
        return frozenset(
            place
            for table in section.tables
            for place, cell in placed(table)
            if broken_rule(cell, self.limits, names_published=self.names_published) is not None
        )

    def placed_cell(self, cell: Cell, *, beside: bool) -> Released:
        """Return a cell of a table; one that would tell a hidden number is hidden beside it."""
        out = self.cell(cell)
        if beside and isinstance(out, Number):
            rule = Rule.TELLS_ANOTHER
            return Withheld(self.limits.symbol, rule.in_words(self.limits), rule.value)
        return out

    def fact(self, fact: Fact) -> ReleasedFact:
        if isinstance(fact, Count) and fact.n in self.told:
            return self.placed_cell(fact, beside=True)
        return self.cell(fact) if isinstance(fact, Cell) else fact

    def facts(self, facts: Mapping[str, Fact]) -> dict[str, ReleasedFact]:
        return {key: self.fact(fact) for key, fact in facts.items()}

    def passage(self, passage: Passage) -> ReleasedPassage:
        return ReleasedPassage(clean(passage.template), self.facts(passage.facts))

    def passages(self, passages: Mapping[str, tuple[Passage, ...]]) -> dict[str, tuple[ReleasedPassage, ...]]:
        return {subject: tuple(self.passage(passage) for passage in found) for subject, found in passages.items()}

    def choice(self, choice: Choice) -> ReleasedChoice:
        return ReleasedChoice(
            decision=clean(choice.decision.text),
            chosen=clean(choice.chosen.text),
            because=tuple(self.passage(passage) for passage in choice.because),
            not_taken=tuple(self.passage(branch) for branch in choice.not_taken),
            key=choice.key,
            taken=choice.taken,
            rule=choice.rule,
            protocol=tuple(clean(key.text) for key in choice.protocol),
        )

    def side_by_side(self, table: SideBySide, sections: Sequence[ReleasedSection]) -> ReleasedTable:
        """Return a table over all questions: what stands in one of them as it left there."""
        return ReleasedTable(
            key=table.key,
            title=clean(table.title.text),
            columns=tuple(ReleasedColumn(column.key, clean(column.heading.text)) for column in table.columns),
            rows=tuple(
                tuple(
                    copied(cell, sections, not_applicable=self.not_applicable)
                    if isinstance(cell, Copy)
                    else self.cell(cell)
                    for cell in row
                )
                for row in table.rows
            ),
            source=clean(table.source.text),
            notes=tuple(self.passage(note) for note in table.notes),
        )

    def table(self, table: Table, beside: frozenset[Place]) -> ReleasedTable:
        cells = iter(self.placed_cell(cell, beside=place in beside) for place, cell in placed(table))
        return ReleasedTable(
            key=table.key,
            title=clean(table.title.text),
            columns=tuple(ReleasedColumn(column.key, clean(column.heading.text)) for column in table.columns),
            rows=tuple(tuple(islice(cells, len(row))) for row in table.rows),
            source=clean(table.source.text),
            notes=tuple(self.passage(note) for note in table.notes),
        )


# Control characters become a space, lone surrogates the replacement character.
_REPLACED = {"Cc": " ", "Cs": "�"}
_TURNS = {"LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI"}


def clean(words: str) -> str:
    """Return words without control characters, marks that turn the reading direction, or broken code points."""
    if words.isprintable():
        # none of the characters below is printable, and most words are nothing else
        return words
    kept = (c for c in words if unicodedata.bidirectional(c) not in _TURNS)
    return "".join(_REPLACED.get(unicodedata.category(c), c) for c in kept)


def _no_number(cell: Numeric) -> str | None:
    """Return why a cell has no number to show, None where it has one."""
    if isinstance(cell, Share):
        return None if cell.among else "nobody is in the group"
    if isinstance(cell, Count | Tally):
        return None
    return None if isfinite(cell.value) else "no finite number"


def cells_of(section: Section) -> Iterator[Cell]:
    """Yield every cell of a section: of its tables, its prose and its decisions."""
    facts = [section.facts, *(passage.facts for passage in passages_of(section))]
    yield from (fact for found in facts for fact in found.values() if isinstance(fact, Cell))
    yield from (cell for table in section.tables for row in table.rows for cell in row)


def placed(table: Table) -> Iterator[tuple[Place, Cell]]:
    """Yield every cell of a table with its place."""
    for i, row in enumerate(table.rows):
        yield from ((Place(table.key, i, column.key), cell) for column, cell in zip(table.columns, row, strict=True))


def passages_of(section: Section) -> Iterator[Passage]:
    """Yield every sentence of a section."""
    yield from (passage for found in section.passages.values() for passage in found)
    yield from (passage for choice in section.choices for passage in (*choice.because, *choice.not_taken))
    yield from (note for table in section.tables for note in table.notes)


def _refuse_keys(document: Document) -> None:
    keys = [f"{section.key}/{table.key}" for section in document.sections for table in section.tables]
    keys += [f"appendix/{table.key}" for table in document.appendix]
    keys += [f"{section.key}/{choice.key}" for section in document.sections for choice in section.choices if choice.key]
    keys += [table.key for table in document.across]
    mistakes = [
        Mistake(
            "findings",
            "the key of a question or table is no plain name",
            "Keys are small letters, digits and underscores.",
        )
        for key in keys
        if not all(_KEY.fullmatch(part) for part in key.split("/", 1))
    ]
    if mistakes:
        raise DisclosureError(mistakes)


def _all_words(document: Document) -> Iterator[tuple[str, str]]:
    """Yield every piece of words in a document with the place where it stands."""
    for key, fact in document.facts.items():
        if isinstance(fact, Words):
            yield f"study: {key}", fact.text
    for found in document.passages.values():
        yield from (("study", words) for passage in found for words in _words_of(passage))
    for table in document.appendix:
        yield from (("the appendix", words) for words in _words_in_table(table))
    for section in document.sections:
        yield from ((f"question {section.key}", words) for words in _words_in(section))
    for beside in document.across:
        yield from (("all questions", words) for words in _words_across(beside))


def _words_in_table(table: Table) -> Iterator[str]:
    yield from (words.text for words in (table.title, table.source, *(column.heading for column in table.columns)))
    yield from (_text(cell) for row in table.rows for cell in row)
    yield from (words for note in table.notes for words in _words_of(note))


def _words_in(section: Section) -> Iterator[str]:
    yield from (_text(cell) for cell in cells_of(section))
    yield from (passage.template for passage in passages_of(section))
    for choice in section.choices:
        yield from (words.text for words in (choice.decision, choice.chosen, *choice.protocol))
    for table in section.tables:
        yield from (words.text for words in (table.title, table.source, *(column.heading for column in table.columns)))


def _words_across(table: SideBySide) -> Iterator[str]:
    yield from (words.text for words in (table.title, table.source, *(column.heading for column in table.columns)))
    yield from (_text(cell) for row in table.rows for cell in row if not isinstance(cell, Copy))
    yield from (words for note in table.notes for words in _words_of(note))


def _words_of(passage: Passage) -> Iterator[str]:
    yield passage.template
    yield from (_text(fact) for fact in passage.facts.values() if isinstance(fact, Cell))


def _text(cell: Cell) -> str:
    match cell:
        case Words(text=text):
            return text
        case Blank(why=why):
            return why
        case _:
            return ""
