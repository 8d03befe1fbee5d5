"""What the checks of a question's records found, as `findings.json` holds it: counts, never a value of a record."""

from collections.abc import Mapping
from typing import Literal

from pydantic.dataclasses import dataclass

from whatworked.protocol.quality import Quality
from whatworked.records.quality_report import QualityReport
from whatworked.vocabulary import Arm


@dataclass(frozen=True)
class CheckFact:
    """One check of a table over the areas of an arm and the question's periods.

    Of `tested` rows, or area periods where `kind` is gap, `found` have the fault. `counts` is whether the question uses
    what is checked, `concern` whether the fault reaches the `limit` and lowers the evidence.
    """

    table: str
    check: str
    kind: Literal["missing", "invalid", "unlinked", "gap"]
    arm: Arm
    tested: int
    found: int
    limit: float
    counts: bool
    concern: bool


@dataclass(frozen=True)
class FaultRow:
    """A fault where it stands: an area and period with at least one; `note` is none or few where records lack."""

    table: str
    check: str
    area: str
    period: str
    tested: int
    found: int
    note: Literal["", "none", "few"] = ""


@dataclass(frozen=True)
class CheckedRecords:
    """Every check of the records that a question uses, in the areas compared, and where faults stand."""

    checks: tuple[CheckFact, ...] = ()
    faults: tuple[FaultRow, ...] = ()

    @property
    def concerns(self) -> tuple[tuple[str, str], ...]:
        """Table and name of the checks that are a concern, each once whatever the number of arms."""
        return tuple(dict.fromkeys((fact.table, fact.check) for fact in self.checks if fact.concern))


def checked_records(report: QualityReport, arms: Mapping[str, Arm], limits: Quality) -> CheckedRecords:
    """Write down the checks of the areas compared; `arms` gives the arm of each."""
    checks = tuple(
        CheckFact(
            total.table,
            total.check,
            total.kind,
            total.arm,
            total.tested,
            total.found,
            total.limit,
            total.counts,
            total.concerning,
        )
        for total in report.totals(arms, limits)
    )
    faults = tuple(
        FaultRow(row.table, row.check, row.area, row.period, row.tested, row.found, row.note)
        for row in report.within(arms).rows
        if row.found
    )
    return CheckedRecords(checks, faults)
