"""Typed values of a table, and the values that stand for an expected failure.

A number keeps what it is made of until it passes the gate of `whatworked.disclosure`, so that safety is
one function over types and not a habit of every author.
"""

from dataclasses import dataclass, fields
from html import escape
from typing import Any, Literal


@dataclass(frozen=True, slots=True)
class Count:
    """A number of people or of their events: protected when it is small."""

    n: int
    noun: str = "rows"
    kind: Literal["count"] = "count"


@dataclass(frozen=True, slots=True)
class Tally:
    """A number of things that are no people: areas, periods, leads, draws. Never protected; `of` is of how many."""

    n: int
    noun: str = ""
    of: int | None = None
    kind: Literal["tally"] = "tally"


@dataclass(frozen=True, slots=True)
class Share:
    """`of` people among `among`: protected when either part is small."""

    of: int
    among: int
    kind: Literal["share"] = "share"


@dataclass(frozen=True, slots=True)
class Mean:
    """A rate or mean, in `unit`.

    `people` is the number of people behind it, None where the source gives none. `published` says that
    the figures it is made of are released statistics already. `area` is the one area it belongs to, if
    any, so that a figure that would give a withheld name away can be held back. `part` is the number of those people
    who have the outcome, where the mean is a share of them: it and the rest are protected too.
    """

    value: float
    unit: str
    people: int | None = None
    published: bool = False
    area: str | None = None
    part: int | None = None
    kind: Literal["mean"] = "mean"


@dataclass(frozen=True, slots=True)
class Coefficient:
    """An estimate, a standard error or a limit of an interval, in `unit`; protected when its model is saturated.

    `people` are those who have the level that it belongs to, if it belongs to one. `mark` is printed behind it: stars.
    """

    value: float
    unit: str
    residual_df: float
    people: int | None = None
    mark: str = ""
    kind: Literal["coefficient"] = "coefficient"


@dataclass(frozen=True, slots=True)
class Statistic:
    """A pure number of a test: a statistic, degrees of freedom, a distance, an R squared.

    `area` is the one area that it would give away to a reader who holds the published figures behind it.
    """

    value: float
    digits: int = 2
    area: str | None = None
    kind: Literal["statistic"] = "statistic"


@dataclass(frozen=True, slots=True)
class Probability:
    """A p-value or a power, between 0 and 1; `area` as in a `Statistic`."""

    value: float
    area: str | None = None
    kind: Literal["probability"] = "probability"


@dataclass(frozen=True, slots=True)
class Words:
    """Words of the protocol or of the package, never of a record."""

    text: str
    kind: Literal["words"] = "words"


@dataclass(frozen=True, slots=True)
class Blank:
    """Nothing belongs here, and why."""

    why: str
    kind: Literal["blank"] = "blank"


@dataclass(frozen=True, slots=True)
class Hidden:
    """Something stood here that may not leave, and the rule that held it back."""

    why: str
    kind: Literal["hidden"] = "hidden"


Cell = Count | Tally | Share | Mean | Coefficient | Statistic | Probability | Words | Blank | Hidden


class OneRow:
    """What a notebook may ask of a small result that is a dataclass: itself as plain values, as rows, as a table."""

    __slots__ = ()

    def to_dict(self) -> dict[str, Any]:
        """Return everything as plain values."""
        # this class is none itself, but whatever is made of it is a dataclass
        return {entry.name: getattr(self, entry.name) for entry in fields(self)}  # type: ignore[arg-type]

    def to_rows(self) -> list[dict[str, Any]]:
        """Return one row."""
        return [self.to_dict()]

    def _repr_html_(self) -> str:
        """Return a table of one row for a notebook."""
        row = self.to_dict()
        head = "".join(f"<th>{escape(name.replace('_', ' '))}</th>" for name in row)
        values = (f"{value:.4g}" if isinstance(value, float) else str(value) for value in row.values())
        body = "".join(f"<td>{'' if value == 'None' else escape(value)}</td>" for value in values)
        return f"<table><tr>{head}</tr><tr>{body}</tr></table>"


@dataclass(frozen=True, slots=True)
class NotEstimated(OneRow):
    """A number that could not be had, and the reason: a result like any other."""

    reason: str

    def to_dict(self) -> dict[str, Any]:
        """Return the reason under the name that findings have for it."""
        return {"not_estimated": self.reason}


@dataclass(frozen=True, slots=True)
class Dropped:
    """A pilot that a question does without, and the reason."""

    pilot: str
    reason: str


@dataclass(frozen=True, slots=True)
class DroppedTerm:
    """A term that a model does without, and the reason."""

    term: str
    reason: str
