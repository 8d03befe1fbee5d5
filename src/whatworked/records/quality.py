"""What is said of records: every row that was left out, and everything that was found in the others.

All of it is counts under a rule; none of it ever holds a value.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from whatworked.errors import Mistake

NAMED = 10


@dataclass(frozen=True, slots=True)
class Step:
    """One step from a file to the rows that are used: `rows` stay after it, `left_out` were taken away by it."""

    step: str
    rule: str
    rows: int
    left_out: int = 0


@dataclass(frozen=True, slots=True)
class QualityNote:
    """Something that was found, how many `rows` (or areas: `what` says it) it concerns, and how it was handled."""

    what: str
    rows: int
    handled: str


@dataclass(frozen=True, slots=True)
class Checked:
    """Steps that were counted, and the mistakes that were found on the way."""

    steps: tuple[Step, ...] = ()
    mistakes: tuple[Mistake, ...] = ()


def named(labels: Sequence[str], *, most: int = NAMED) -> str:
    """Return names in a row, only so many of them."""
    more = f" and {len(labels) - most:,} more" if len(labels) > most else ""
    return ", ".join(labels[:most]) + more


def counted(n: int, noun: str) -> str:
    """Return a number with its noun, such as "1 row" or "1,200 rows"."""
    return f"{n:,} {noun}" if n == 1 else f"{n:,} {noun}s"
