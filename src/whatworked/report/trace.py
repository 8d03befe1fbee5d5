"""From a decision or a number to what is behind it: places on the page, and the links that lead there."""

from dataclasses import dataclass

from whatworked.disclosure.released import Released, ReleasedDocument, ReleasedSection, ReleasedTable
from whatworked.report.prose.fill import fill
from whatworked.report.prose.phrases import capital
from whatworked.report.prose.pieces import Piece, decision_anchors

# The tables of a question whose numbers a decision was made from, or that show what it chose.
SHOWN_IN = {
    "family": ("sensitivity", "main_regression"),
    "multilevel": ("tests",),
    "effects": ("tests",),
    "main_model": ("tests", "sensitivity"),
    "trends": ("tests", "event_study"),
    "scope": ("areas_compared", "flow"),
    "inference": ("inference", "areas_compared"),
    "additions": ("inference", "sensitivity"),
    "rule_sets": ("rule_sets", "sensitivity"),
    "evidence": ("inference", "sensitivity", "tests"),
}
IN_WORDS = {
    "areas_compared": "areas compared",
    "event_study": "period by period",
    "flow": "from the records to the analysis",
    "inference": "the effect under every test",
    "main_regression": "the regression",
    "rule_sets": "under both rule sets",
    "sensitivity": "all specifications",
    "tests": "tests of the design",
}
APPENDIX = "appendix"


@dataclass(frozen=True, slots=True)
class Traced:
    """A decision with its place, and what is behind it: tables, the rule, the keys of the protocol."""

    anchor: str
    decision: str
    chosen: str
    because: tuple[str, ...]
    not_taken: tuple[str, ...]
    tables: tuple[Piece, ...]
    rule: Piece | None
    protocol: tuple[Piece, ...]


@dataclass(frozen=True, slots=True)
class Places:
    """Where the appendix has each function, each key of the protocol and its value."""

    functions: dict[str, str]
    keys: dict[str, Piece]

    def function(self, name: str) -> Piece:
        """Return a function as a link to its line in the register."""
        return Piece(name, self.functions.get(name, ""))

    def key(self, name: str) -> Piece:
        """Return a key with its value and line, as a link to it; one without a value says so where the others are."""
        return self.keys.get(name) or Piece(f"{name}: not given" if self.keys else name)


def places(document: ReleasedDocument, *, most: int) -> Places:
    """Return where the appendix has what is traced to; of a table that is cut, `most` rows are on the page."""
    by_key = {table.key: table for table in document.appendix}
    functions = {
        row["function"].text: row_anchor("methods", number)
        for number, row in enumerate(_records(by_key.get("methods"))[:most], start=1)
    }
    keys = {}
    for number, row in enumerate(_records(by_key.get("protocol")), start=1):
        line = f", line {row['line'].text}" if row["given"].text != "The default" else ", the default"
        anchor = row_anchor("protocol", number) if number <= most else f"{APPENDIX}_protocol-caption"
        keys[row["key"].text] = Piece(f"{row['key'].text} {row['value'].text}{line}", anchor)
    return Places(functions, keys)


def row_anchor(table: str, number: int) -> str:
    """Return the place of a row of a table of the appendix, counted from 1."""
    return f"{APPENDIX}_{table}-{number}"


def traced(section: ReleasedSection, where: Places) -> tuple[Traced, ...]:
    """Return every decision of a question with what is behind it."""
    there = {table.key for table in section.tables}
    return tuple(
        Traced(
            anchor=anchor,
            decision=choice.decision,
            chosen=choice.chosen,
            because=tuple(capital(fill(because)) for because in choice.because),
            not_taken=tuple(capital(fill(branch)) for branch in choice.not_taken),
            tables=tuple(
                Piece(IN_WORDS[key], table_anchor(section, key)) for key in SHOWN_IN.get(choice.key, ()) if key in there
            ),
            rule=where.function(choice.rule) if choice.rule else None,
            protocol=tuple(where.key(name) for name in choice.protocol),
        )
        for anchor, choice in zip(decision_anchors(section), section.choices, strict=True)
    )


def table_anchor(section: ReleasedSection, key: str) -> str:
    """Return the place of a table of a question."""
    return f"{section.key}_{key}-caption"


def made_by(section: ReleasedSection, where: Places) -> dict[str, tuple[Piece, ...]]:
    """Return the functions behind each table of a question, by the key of its view; parts of a table share them."""
    found = {}
    for table in section.tables:
        name = next((key for key in (table.key, table.key.rstrip("_0123456789")) if key in section.made_by), None)
        if name is not None:
            found[f"{section.key}_{table.key}"] = tuple(where.function(one) for one in section.made_by[name])
    return found


def _records(table: ReleasedTable | None) -> tuple[dict[str, Released], ...]:
    return () if table is None else table.records()
