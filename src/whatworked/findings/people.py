"""What matching people did, as `findings.json` writes it."""

from dataclasses import dataclass

from whatworked.matching.people import PeopleMatching
from whatworked.vocabulary import Arm


@dataclass(frozen=True)
class CoarseningFact:
    """A covariate that people were matched on, and its bins in words; none where every value was its own."""

    name: str
    bins: tuple[str, ...]


@dataclass(frozen=True)
class ArmMatch:
    """Rows (copies included), events and persons of an arm, before and after matching.

    `effective_rows` of equal weight tell as much as the matched ones; `weight` is the sum of these' weights.
    """

    arm: Arm
    rows: int
    matched_rows: int
    events: int
    matched_events: int
    persons: int
    matched_persons: int
    effective_rows: float
    weight: float


@dataclass(frozen=True)
class BalanceFact:
    """How alike the arms are in a covariate, or in one of its levels, before and after matching."""

    name: str
    bins: int
    l1_before: float | None
    l1_after: float | None
    difference_before: float | None
    difference_after: float | None
    variance_ratio_before: float | None
    variance_ratio_after: float | None


@dataclass(frozen=True)
class BaselineMean:
    """A covariate's weighted mean, or the share of a level, in an arm's matched rows before the start.

    `rows` are the rows behind it, `cases` those of them with the level; both unweighted.
    """

    name: str
    level: str | None
    arm: Arm
    mean: float | None
    rows: int
    cases: int | None


@dataclass(frozen=True)
class LostFact:
    """Rows of an arm in a bin of a covariate, and those of them without a counterpart."""

    name: str
    level: str
    arm: Arm
    rows: int
    lost: int


@dataclass(frozen=True)
class MatchingFindings:
    """Coarsened exact matching of people: who stayed, what it did to the balance, and whom it lost.

    `l1` and `lcs` are of all covariates at once, on breaks that are those of the rows before matching; the shares with
    a counterpart are of pilot rows in cells that hold both arms. `people_matched` is False where only copies were
    weighed.
    """

    people_matched: bool
    coarsening: tuple[CoarseningFact, ...]
    strata: int
    matched_strata: int
    arms: tuple[ArmMatch, ...]
    l1_before: float | None
    l1_after: float | None
    lcs_before: float | None
    lcs_after: float | None
    counterpart_before: float | None
    counterpart_after: float | None
    cells_before: int | None
    cells_after: int | None
    rows_kept: int
    persons_kept: int
    weights_sum: float
    balance: tuple[BalanceFact, ...]
    means: tuple[BaselineMean, ...]
    lost: tuple[LostFact, ...]


def matching_findings(found: PeopleMatching) -> MatchingFindings:
    """Write down what matching people did."""
    before, after = found.before, found.after
    return MatchingFindings(
        people_matched=bool(found.rules),
        coarsening=tuple(CoarseningFact(rule.name, rule.words) for rule in found.rules),
        strata=found.strata,
        matched_strata=found.matched_strata,
        arms=tuple(
            ArmMatch(
                one.arm, one.rows, one.matched_rows, one.events, one.matched_events, one.persons, one.matched_persons,
                one.effective, one.weight,
            )
            for one in found.arms
        ),
        l1_before=None if before is None else before.l1,
        l1_after=None if after is None else after.l1,
        lcs_before=None if before is None else before.lcs,
        lcs_after=None if after is None else after.lcs,
        counterpart_before=None if before is None else before.pilot_share,
        counterpart_after=None if after is None else after.pilot_share,
        cells_before=None if before is None else before.cells,
        cells_after=None if after is None else after.cells,
        rows_kept=sum(one.matched_rows for one in found.arms),
        persons_kept=sum(one.matched_persons for one in found.arms),
        weights_sum=sum(one.weight for one in found.arms),
        balance=tuple(
            BalanceFact(
                one.name, one.bins, one.l1_before, one.l1_after, one.difference_before, one.difference_after,
                one.variance_ratio_before, one.variance_ratio_after,
            )
            for one in found.variables
        ),
        means=tuple(BaselineMean(one.name, one.level, one.arm, one.mean, one.rows, one.cases) for one in found.means),
        lost=tuple(LostFact(one.name, one.level, one.arm, one.rows, one.lost) for one in found.lost),
    )  # fmt: skip
