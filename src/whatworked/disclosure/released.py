"""What has passed the gate. Only `whatworked.disclosure` makes these; `whatworked.report` reads nothing else."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Number:
    """A number rounded for print: `value` is what was rounded to, never more; `text` is how it is written.

    `bound` marks a text that says more or less than the value, such as `<0.001`. `after` is printed behind the text and
    is no part of the number: stars, a percent sign.
    """

    value: float
    text: str
    unit: str = ""
    bound: bool = False
    after: str = ""


@dataclass(frozen=True, slots=True)
class Text:
    """Words."""

    text: str


@dataclass(frozen=True, slots=True)
class Withheld:
    """A number stood here that may not leave: the symbol in its place, the reason and the rule."""

    text: str
    why: str
    rule: str


@dataclass(frozen=True, slots=True)
class NotApplicable:
    """No number belongs here: the symbol and the reason."""

    text: str
    why: str


Released = Number | Text | Withheld | NotApplicable
ReleasedFact = Released | int | float | bool | None


@dataclass(frozen=True, slots=True)
class ReleasedColumn:
    """A column: the name that figures and files know it by, and its heading."""

    key: str
    heading: str


@dataclass(frozen=True, slots=True)
class ReleasedPassage:
    """A sentence with gaps, and the released facts that fill them."""

    template: str
    facts: Mapping[str, ReleasedFact]


@dataclass(frozen=True, slots=True)
class ReleasedTable:
    """A table whose first column names its rows."""

    key: str
    title: str
    columns: tuple[ReleasedColumn, ...]
    rows: tuple[tuple[Released, ...], ...]
    source: str
    notes: tuple[ReleasedPassage, ...]

    def records(self) -> tuple[dict[str, Released], ...]:
        """Return the rows as column key → cell."""
        keys = [column.key for column in self.columns]
        return tuple(dict(zip(keys, row, strict=True)) for row in self.rows)


@dataclass(frozen=True, slots=True)
class ReleasedChoice:
    """A decision by rule; `key` names it, `taken` the branch.

    `rule` is the function that took it, `protocol` the keys of the protocol that it read.
    """

    decision: str
    chosen: str
    because: tuple[ReleasedPassage, ...]
    not_taken: tuple[ReleasedPassage, ...]
    key: str = ""
    taken: str = ""
    rule: str = ""
    protocol: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ReleasedSection:
    """One question; `made_by` names the functions behind the numbers of a table, by the table's key."""

    key: str
    facts: Mapping[str, ReleasedFact]
    passages: Mapping[str, tuple[ReleasedPassage, ...]]
    choices: tuple[ReleasedChoice, ...]
    tables: tuple[ReleasedTable, ...]
    made_by: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def table(self, key: str) -> ReleasedTable | None:
        """Return a table by its key, None where the question has no such table."""
        return next((table for table in self.tables if table.key == key), None)


def released_passages_of(section: ReleasedSection) -> Iterator[ReleasedPassage]:
    """Yield every sentence of a section, in the order of `whatworked.disclosure.release.passages_of`."""
    yield from (passage for found in section.passages.values() for passage in found)
    yield from (passage for choice in section.choices for passage in (*choice.because, *choice.not_taken))
    yield from (note for table in section.tables for note in table.notes)


@dataclass(frozen=True, slots=True)
class ReleasedDocument:
    """A whole report, with the symbols that stand for what is hidden and for what does not apply.

    `appendix` holds the tables about the study as a whole.
    """

    facts: Mapping[str, ReleasedFact]
    passages: Mapping[str, tuple[ReleasedPassage, ...]]
    sections: tuple[ReleasedSection, ...]
    hidden: str
    not_applicable: str
    limits: Mapping[str, str | int]
    appendix: tuple[ReleasedTable, ...] = ()
    across: tuple[ReleasedTable, ...] = ()
