"""What a report is made of before the gate: tables of typed cells and sentences of typed facts.

Nothing here is a formatted number. Words are words of the protocol or of the package; a number keeps its
type until `whatworked.disclosure` has decided whether it may leave and to how many digits.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from whatworked.cells import Blank, Cell, Tally, Words

# Plain values are facts about areas, tests and thresholds (see `whatworked.rules.decision.Fact`), or flags.
Fact = Cell | int | float | bool | None


@dataclass(frozen=True, slots=True)
class Column:
    """A column: the name that figures and files know it by, and its heading."""

    key: str
    heading: Words


@dataclass(frozen=True, slots=True)
class Passage:
    """A sentence with gaps (`"{insignificant} of {leads} leads"`), and the facts that fill them."""

    template: str
    facts: Mapping[str, Fact] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Table:
    """A table whose first column names its rows; `kind` is what an output checker would call it."""

    key: str
    title: Words
    kind: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[Cell, ...], ...]
    source: Words
    notes: tuple[Passage, ...] = ()


@dataclass(frozen=True, slots=True)
class Place:
    """Where a cell stands in a question: the table's key, the number of the row from 0, the column's key."""

    table: str
    row: int
    column: str


@dataclass(frozen=True, slots=True)
class Sum:
    """What any reader may work out: a count is the sum of others, and of `rest`, which is printed nowhere."""

    total: Place
    parts: tuple[Place, ...]
    rest: int = 0


@dataclass(frozen=True, slots=True)
class Follows:
    """A figure that would tell a number it is made of: it leaves only where every one of its sources does."""

    place: Place
    sources: tuple[Place, ...]


@dataclass(frozen=True, slots=True)
class Links:
    """How the cells of a question's tables hang together, for the gate.

    `vital` are cells that the report cannot do without: of two that could protect a third, the other one goes.
    """

    sums: tuple[Sum, ...] = ()
    follows: tuple[Follows, ...] = ()
    vital: frozenset[Place] = frozenset()


@dataclass(frozen=True, slots=True)
class Copy:
    """A number of a question's tables once more: as it leaves there it leaves here, never with more digits.

    `places` rounds it further, after it was multiplied with `scale`; `unit` prints its percent sign with it, `mark` is
    printed behind it where it may be shown.
    """

    question: str
    place: Place
    places: int | None = None
    scale: int = 1
    unit: bool = False
    mark: str = ""


@dataclass(frozen=True, slots=True)
class SideBySide:
    """A table over all questions: words, numbers of things that are no people, and copies of the questions' numbers."""

    key: str
    title: Words
    kind: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[Words | Blank | Tally | Copy, ...], ...]
    source: Words
    notes: tuple[Passage, ...] = ()


@dataclass(frozen=True, slots=True)
class Choice:
    """A decision by rule as the report tells it; `key` names it, `taken` the branch.

    `rule` is the function that took it, `protocol` the keys of the protocol that it read.
    """

    decision: Words
    chosen: Words
    because: tuple[Passage, ...]
    not_taken: tuple[Passage, ...]
    key: str = ""
    taken: str = ""
    rule: str = ""
    protocol: tuple[Words, ...] = ()


@dataclass(frozen=True, slots=True)
class Section:
    """One question: the facts of its prose, its sentences by subject, its decisions, its tables and their links.

    `made_by` names the functions behind the numbers of a table, by the table's key.
    """

    key: str
    facts: Mapping[str, Fact]
    passages: Mapping[str, tuple[Passage, ...]]
    choices: tuple[Choice, ...]
    tables: tuple[Table, ...]
    links: Links = field(default_factory=Links)
    made_by: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def table(self, key: str) -> Table | None:
        """Return a table by its key, None where the question has no such table."""
        return next((table for table in self.tables if table.key == key), None)


@dataclass(frozen=True, slots=True)
class Document:
    """A whole report.

    `withheld` holds the codes and names of areas that may not appear anywhere in what is released; it is
    empty where areas may be named. `appendix` are the tables about the study as a whole.
    """

    facts: Mapping[str, Fact]
    passages: Mapping[str, tuple[Passage, ...]]
    sections: tuple[Section, ...]
    names_published: bool
    withheld: frozenset[str]
    appendix: tuple[Table, ...] = ()
    across: tuple[SideBySide, ...] = ()


def said(words: str) -> Passage:
    """Return a sentence without gaps: its braces, if any, are its own."""
    return Passage("{words}", {"words": Words(words)})
