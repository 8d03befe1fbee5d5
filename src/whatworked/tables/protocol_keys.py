"""The protocol in full, as far as it may be told: every key with its value and its line.

Where areas may not be named, whatever the protocol says of a single area is held back but for the pilots' labels, and
a code or name anywhere else is replaced like one in any sentence.
"""

import re
import tomllib
from collections.abc import Iterator

from whatworked.cells import Blank, Cell, Tally, Words
from whatworked.findings.model import Findings, ProtocolKey
from whatworked.protocol.written import as_toml
from whatworked.tables.model import Column, Table, said
from whatworked.tables.names import AreaNames, withheld

PROTOCOL = "protocol"
HELD_BACK = "held back: areas may not be named"
# What is said of one area alone: an entry of a list below [areas].
_OF_AN_AREA = re.compile(r"areas\.(pilots|excluded|successors|practice_models|ratings)(\[\d+\])?(?:\.(\w+))?")


def protocol_table(findings: Findings, names: AreaNames) -> Table | None:
    """Return every key of the protocol; None for findings that hold none."""
    if not findings.protocol:
        return None
    named = findings.study.publish_names
    rows = tuple(_row(key) for key in findings.protocol) if named else tuple(_guarded(findings, names))
    return Table(
        key=PROTOCOL,
        title=Words("The protocol in full"),
        kind="words",
        columns=(
            Column("key", Words("Key")),
            Column("value", Words("Value")),
            Column("line", Words("Line of the study file")),
            Column("given", Words("Whose value")),
        ),
        rows=rows,
        source=Words("The study file"),
        notes=(
            said(
                "Keys are named as in messages: entries of a list are counted from 0, questions go by their keys. A "
                "key without a value is left out: there the rule set has the limit."
            ),
        ),
    )


def withheld_in(text: str, names: AreaNames, hidden: frozenset[str]) -> str:
    """Return a value written as TOML, every withheld code and name in it replaced."""
    value = tomllib.loads(f"x = {text}")["x"]
    return as_toml(_replaced(value, names, hidden)) if not isinstance(value, int | float) else text


def _replaced(value: object, names: AreaNames, hidden: frozenset[str]) -> object:
    match value:
        case str():
            return names.of(value).text if value.strip() in hidden else names.within(value)
        case list():
            return tuple(_replaced(entry, names, hidden) for entry in value)
        case dict():
            return {str(_replaced(key, names, hidden)): _replaced(entry, names, hidden) for key, entry in value.items()}
    return value


def _guarded(findings: Findings, names: AreaNames) -> Iterator[tuple[Cell, ...]]:
    """Yield the rows where areas may not be named: what is said of single areas as one row a list."""
    hidden, told = withheld(findings), set()
    for key in findings.protocol:
        found = _OF_AN_AREA.fullmatch(key.key)
        if found is None or found[3] == "label":
            value = names.within(withheld_in(key.value, names, hidden))
            yield _row(ProtocolKey(names.within(key.key), value, key.line, key.given))
        elif found[1] not in told:
            told.add(found[1])
            yield (Words(f"areas.{found[1]}"), Words(HELD_BACK), _line(key), _whose(key))


def _row(key: ProtocolKey) -> tuple[Cell, ...]:
    # with its sign a value cannot be mistaken for the code of an area, which may be a bare number
    return (Words(key.key), Words(f"= {key.value}"), _line(key), _whose(key))


def _line(key: ProtocolKey) -> Cell:
    return Blank("not in the study file") if key.line is None else Tally(key.line)


def _whose(key: ProtocolKey) -> Cell:
    return Words("The protocol’s own" if key.given else "The default")
