"""Steps as SQL text that an auditor can read and any engine can run.

The text keeps to a subset that DuckDB, Spark and DataFusion read alike: CASE, GROUP BY, INNER and LEFT JOIN,
UNION ALL, window functions with a total ordering and NULLS LAST, CAST and TRY_CAST, dates and numbers. It does
without QUALIFY, FILTER, DISTINCT ON, timestamps and functions of one engine. A test parses every statement.
"""

import math
import re
from dataclasses import dataclass
from datetime import date, datetime

from whatworked.errors import EngineError, Mistake

Value = str | int | float | date | None

_QUOTED = re.compile(r"""('(?:[^']|'')*'|"(?:[^"]|"")*")""")
_LAYOUT = re.compile(r"(?P<line>\s*\n\s*)(?P<closes>\)?)|[()]")


@dataclass(frozen=True, slots=True)
class Query:
    """A step that has not run yet: its text, what one row of it is, and the names of its columns in order.

    Inside the text of another query it stands in brackets: `f"SELECT area FROM {rows} AS rows"`.
    """

    text: str
    grain: str
    columns: tuple[str, ...]

    def __post_init__(self) -> None:
        """Indent the text by its brackets, whatever the indentation of the source code."""
        object.__setattr__(self, "text", _laid_out(self.text))

    def __str__(self) -> str:
        """Return the text as a subquery."""
        return f"(\n{self.text}\n)"


def identifier(name: str) -> str:
    """Return a name of a table or column as SQL writes it: always in quotes.

    Raises
    ------
    EngineError
        The name is empty or holds a NUL character, which no engine can quote.
    """
    if not name or "\0" in name:
        raise EngineError(Mistake("name of a table or column", "it is empty or holds a NUL character.", "Rename it."))
    return '"' + name.replace('"', '""') + '"'


def literal(value: Value) -> str:
    """Return a value as SQL writes it.

    A float is written with an exponent, for without one most engines read a decimal of their own precision.

    Raises
    ------
    EngineError
        The value has no portable form: a NUL character, an infinity, not a number, a truth value or a timestamp.
    """
    match value:
        case None:
            return "NULL"
        case str() if "\0" not in value:
            return "'" + value.replace("'", "''") + "'"
        case int() if not isinstance(value, bool):
            return str(value)
        case float() if math.isfinite(value):
            text = repr(value)
            return text if "e" in text else f"{text}e0"
        case date() if not isinstance(value, datetime):
            return f"DATE '{value.isoformat()}'"
        case _:
            kind = type(value).__name__
            raise EngineError(Mistake("value in SQL", f"a {kind} that has no portable form.", "Give another value."))


def _laid_out(text: str) -> str:
    """Return SQL with every line indented by the brackets around it; what stands in quotes is left alone."""
    depth = 0

    def indented(found: re.Match[str]) -> str:
        nonlocal depth
        closes = found["closes"] == ")" or found[0] == ")"
        depth += 1 if found[0] == "(" else -1 if closes else 0
        return found[0] if found["line"] is None else "\n" + "  " * depth + found["closes"]

    pieces = _QUOTED.split(text.strip())
    # The parts in quotes are the odd ones, for the pattern is one group.
    return "".join(piece if place % 2 else _LAYOUT.sub(indented, piece) for place, piece in enumerate(pieces))
