"""What the checks of records came to, and which of it is serious enough to lower the evidence of a question.

All of it is counts; none of it ever holds a value of a record.
"""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any

from whatworked.protocol.quality import Quality
from whatworked.records.check_rules import Kind
from whatworked.records.coverage import Note
from whatworked.vocabulary import Arm

OFF = 1.0


@dataclass(frozen=True, slots=True)
class CheckRow:
    """One check of a table in one area and period: rows `tested`, and `found` with a fault.

    Of the check of coverage one area period is tested, and `note` says what is found.
    """

    table: str
    check: str
    kind: Kind
    area: str
    period: str
    tested: int
    found: int
    note: Note = ""


@dataclass(frozen=True, slots=True)
class CheckTotal:
    """One check of a table over one arm's areas and all periods; `limit` is the share that makes a concern of it.

    `counts` is whether the check is on something that the question uses.
    """

    table: str
    check: str
    kind: Kind
    arm: Arm
    tested: int
    found: int
    counts: bool
    limit: float

    @property
    def concerning(self) -> bool:
        """Whether the share found reaches the limit; a limit of 1 is none."""
        return self.counts and self.limit < OFF and self.tested > 0 and self.found >= self.limit * self.tested


@dataclass(frozen=True, slots=True)
class QualityReport:
    """All checks by table, check, area and period; of a question, what it uses: table → the checks that count."""

    rows: tuple[CheckRow, ...] = ()
    used: Mapping[str, Collection[str]] | None = None

    def of_question(self, counted: Mapping[str, Collection[str]], periods: Collection[str]) -> "QualityReport":
        """Return the checks of the tables and periods that a question uses, and which of them count."""
        return QualityReport(
            tuple(row for row in self.rows if row.table in counted and row.period in periods), used=counted
        )

    def counts(self, row: CheckRow) -> bool:
        """Return whether a check is on something that the question uses."""
        return self.used is None or row.check in self.used[row.table]

    @property
    def areas(self) -> frozenset[str]:
        """Every area that the records hold, whether or not a question finds a row of it."""
        return frozenset(row.area for row in self.rows)

    def within(self, areas: Collection[str]) -> "QualityReport":
        """Return the checks of some areas."""
        return replace(self, rows=tuple(row for row in self.rows if row.area in areas))

    def totals(self, arms: Mapping[str, Arm], limits: Quality) -> tuple[CheckTotal, ...]:
        """Sum the checks over the areas of each arm, in the order of the checks; areas of no arm are left aside."""
        sums: dict[tuple[str, str, Arm], list[int]] = {}
        kinds: dict[tuple[str, str], tuple[Kind, bool]] = {}
        for row in self.rows:
            if row.area in arms:
                kinds.setdefault((row.table, row.check), (row.kind, self.counts(row)))
                found = sums.setdefault((row.table, row.check, arms[row.area]), [0, 0])
                found[0] += row.tested
                found[1] += row.found
        return tuple(_totals(kinds, sums, limits))

    def concerns(self, arms: Mapping[str, Arm], limits: Quality) -> tuple[CheckTotal, ...]:
        """Return the checks whose faults reach their limit in an arm."""
        return tuple(total for total in self.totals(arms, limits) if total.concerning)

    def to_dict(self) -> dict[str, Any]:
        """Return the report as plain values."""
        return {"rows": [{**asdict(row), "counts": self.counts(row)} for row in self.rows]}


def limit_of(kind: Kind, limits: Quality) -> float:
    """Return the share of faults of a kind from which they are a concern."""
    shares = {
        "missing": limits.missing_share,
        "invalid": limits.invalid_share,
        "unlinked": limits.unlinked_share,
        "gap": limits.coverage_gap,
    }
    return shares[kind]


def _totals(
    kinds: Mapping[tuple[str, str], tuple[Kind, bool]], sums: Mapping[tuple[str, str, Arm], list[int]], limits: Quality
) -> Iterator[CheckTotal]:
    for (table, check), (kind, counts) in kinds.items():
        for arm in Arm:
            tested, found = sums.get((table, check, arm), (0, 0))
            if tested:
                yield CheckTotal(table, check, kind, arm, tested, found, counts, limit_of(kind, limits))
