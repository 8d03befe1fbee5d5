"""Tables of how people were matched: who found a counterpart, how alike the arms became, and who was lost."""

from collections.abc import Iterator

from whatworked.cells import Blank, Cell, Count, Mean, Share, Statistic, Tally, Words
from whatworked.findings.model import QuestionFindings
from whatworked.findings.people import ArmMatch, BalanceFact, BaselineMean, LostFact, MatchingFindings
from whatworked.tables.model import Column, Table, said
from whatworked.tables.names import AreaNames
from whatworked.tables.values import SHARE, statistic
from whatworked.tables.wording import ARMS, plain, sentence_case
from whatworked.vocabulary import Arm

PEOPLE, OVERALL, BALANCE = "people_matched", "balance_overall", "balance"
MEANS, WITHOUT = "baseline_means", "without_counterpart"
# What is counted of each arm, in the order of the rows of `people_matched`.
COUNTED = ("Rows", "Events", "Persons")
WEIGHED = ("Rows of equal weight that would tell as much", "Sum of weights")
ROWS_OF_ARM = len(COUNTED) + len(WEIGHED)
ALL_LEVELS = "All levels"
_ONE_WEIGHT = "before matching every row counts alike"


def people_matched(question: QuestionFindings, names: AreaNames) -> Table | None:
    """Return who stayed and who left in each arm: rows, events, persons and what their weights come to."""
    found = question.matching
    if found is None or not found.people_matched:
        return None
    return Table(
        key=PEOPLE,
        title=names.words(f"People matched: {question.outcome}"),
        kind="counts",
        columns=(
            Column("arm", Words("Arm")),
            Column("counted", Words("What is counted")),
            Column("before", Words("Before matching")),
            Column("kept", Words("With a counterpart")),
            Column("lost", Words("Without")),
            Column("share", Words("Share kept (%)")),
        ),
        rows=tuple(row for arm in found.arms for row in _arm_rows(arm)),
        source=Words(question.source),
        notes=(
            said(
                "A comparator's event has a row in every matched group that its area serves; its rows share one weight "
                "between them. A person leaves when none of their rows has a counterpart."
            ),
        ),
    )


def balance_overall(question: QuestionFindings, names: AreaNames) -> Table | None:
    """Return how alike the arms are in all covariates at once, before and after matching."""
    found = question.matching
    if found is None or not found.people_matched:
        return None
    why = "no covariate, or an arm without rows"
    rows = {arm.arm: (arm.rows, arm.matched_rows) for arm in found.arms}
    before, after = rows.get(Arm.PILOT, (0, 0))
    return Table(
        key=OVERALL,
        title=names.words(f"How alike the arms are, all covariates at once: {question.outcome}"),
        kind="balance",
        columns=(
            Column("measure", Words("Measure")),
            Column("before", Words("Before matching")),
            Column("after", Words("After matching")),
        ),
        rows=(
            (
                Words("Multivariate imbalance (L1): 0 alike, 1 nothing in common"),
                statistic(found.l1_before, why=why),
                statistic(found.l1_after, why=why),
            ),
            (
                Words("Local common support (LCS): share of cells that hold both arms"),
                statistic(found.lcs_before, why=why),
                statistic(found.lcs_after, why=why),
            ),
            (
                Words("Pilot rows in such cells (%)"),
                _share(found.counterpart_before, before, why=why),
                _share(found.counterpart_after, after, why=why),
            ),
            (Words("Cells with any row"), _tally(found.cells_before, why=why), _tally(found.cells_after, why=why)),
            (Words("Strata of the matching"), Tally(found.strata, "strata"), Tally(found.matched_strata, "strata")),
        ),
        source=Words(question.source),
        notes=(
            said(
                "Measured on the covariates as recorded, not on the bins of the matching, on which L1 is 0 by "
                "construction. The breaks of numbers are fixed before matching; matched group and phase make no cells. "
                "Rows count alike before matching and by their weights after it."
            ),
        ),
    )


def balance(question: QuestionFindings, names: AreaNames) -> Table | None:
    """Return how alike the arms are in each covariate and each of its levels, before and after matching."""
    found = question.matching
    if found is None or not found.people_matched or not found.balance:
        return None
    return Table(
        key=BALANCE,
        title=names.words(f"How alike the arms are, covariate by covariate: {question.outcome}"),
        kind="balance",
        columns=(
            Column("covariate", Words("Covariate")),
            Column("level", Words("Level")),
            Column("difference_before", Words("Standardised difference before")),
            Column("difference_after", Words("Standardised difference after")),
            Column("ratio_before", Words("Variance ratio before")),
            Column("ratio_after", Words("Variance ratio after")),
            Column("l1_before", Words("L1 before")),
            Column("l1_after", Words("L1 after")),
        ),
        rows=tuple(_balance_row(name, level, one, names) for name, level, one in balance_lines(found)),
        source=Words(question.source),
        notes=(
            said(
                "Standardised difference: the pilots' mean less the comparators', in standard deviations of the pilot "
                "rows before matching; within 0.1 of zero is commonly held to be alike. Variance ratio: the pilots' "
                "variance over the comparators'. L1: 0 where the arms are spread alike over the values, 1 where they "
                "share none."
            ),
        ),
    )


def baseline_means(question: QuestionFindings, names: AreaNames) -> Table | None:
    """Return the weighted summary statistics of both arms' rows before the start."""
    found = question.matching
    if found is None or not found.means:
        return None
    of = {(one.name, one.level, one.arm): one for one in found.means}
    body: list[tuple[Cell, ...]] = [
        (
            names.words(sentence_case(plain(name))),
            names.words(plain(level)) if level is not None else Words("Mean"),
            *(_mean_cell(of.get((name, level, arm))) for arm in Arm),
        )
        for name, level in mean_lines(found)
    ]
    behind = tuple(rows_behind(found, arm) for arm in Arm)
    if None not in behind:
        body.append((Words("Rows"), Words("Unweighted"), *(Count(n or 0) for n in behind)))
    return Table(
        key=MEANS,
        title=names.words(f"The arms before the start, weighted: {question.outcome}"),
        kind="means",
        columns=(
            Column("covariate", Words("Covariate")),
            Column("level", Words("Level")),
            *(Column(arm.value, Words(f"{ARMS[arm]}s, mean or %")) for arm in Arm),
        ),
        rows=tuple(body),
        source=Words(question.source),
        notes=(
            said(
                "Rows of the analysis before the start only, with the weights of the analysis: what comes after may be "
                "the intervention's doing. Percentages of levels, means of numbers where a value is known."
            ),
        ),
    )


def without_counterpart(question: QuestionFindings, names: AreaNames) -> Table | None:
    """Return, for each bin of each covariate, how many rows of each arm have no counterpart in the other."""
    found = question.matching
    if found is None or not found.lost:
        return None
    return Table(
        key=WITHOUT,
        title=names.words(f"Who found a counterpart and who did not: {question.outcome}"),
        kind="counts",
        columns=(
            Column("covariate", Words("Covariate")),
            Column("bin", Words("Bin of the matching")),
            Column("arm", Words("Arm")),
            Column("rows", Words("Rows")),
            Column("kept", Words("With a counterpart")),
            Column("lost", Words("Without")),
            Column("share", Words("Share without (%)")),
        ),
        rows=tuple(_lost_row(one, names) for one in found.lost),
        source=Words(question.source),
        notes=(
            said(
                "A row stays only if its matched group has, in the same phase, a row of the other arm in the same bin "
                "of every covariate; so a bin of one covariate can lose rows that another one set apart."
            ),
        ),
    )


def balance_lines(found: MatchingFindings) -> Iterator[tuple[str, str | None, BalanceFact]]:
    """Yield covariate, level and balance in the order of the table: before the levels of a covariate, all of them.

    The line of all levels has `ALL_LEVELS` for its level, a number None.
    """
    before = None
    for one in found.balance:
        name, level = _split(one.name, found)
        if level is not None and name != before:
            yield name, ALL_LEVELS, one
        yield name, level, one
        before = name


def mean_lines(found: MatchingFindings) -> tuple[tuple[str, str | None], ...]:
    """Return covariate and level of every line of the summary statistics, without that of the rows behind them."""
    return tuple(dict.fromkeys((one.name, one.level) for one in found.means))


def rows_behind(found: MatchingFindings, arm: Arm) -> int | None:
    """Return how many rows of an arm the shares of its levels are of; None where no covariate has levels."""
    return next((one.rows for one in found.means if one.arm is arm and one.level is not None), None)


def _arm_rows(arm: ArmMatch) -> Iterator[tuple[Cell, ...]]:
    counted = (
        (arm.rows, arm.matched_rows),
        (arm.events, arm.matched_events),
        (arm.persons, arm.matched_persons),
    )
    for words, (before, kept) in zip(COUNTED, counted, strict=True):
        noun = "people" if words == "Persons" else words.lower()
        yield (
            Words(ARMS[arm.arm]),
            Words(words),
            Count(before, noun),
            Count(kept, noun),
            Count(before - kept, noun),
            Share(kept, before),
        )
    for words, value in zip(WEIGHED, (arm.effective_rows, arm.weight), strict=True):
        blank = Blank(_ONE_WEIGHT)
        yield (Words(ARMS[arm.arm]), Words(words), blank, Statistic(value, 0), blank, blank)


def _balance_row(name: str, level: str | None, one: BalanceFact, names: AreaNames) -> tuple[Cell, ...]:
    none = "an arm has no value, or none that differ"
    head = (names.words(sentence_case(plain(name))), names.words(plain(level)) if level is not None else Words("Mean"))
    own = tuple(
        statistic(value, why=none)
        for value in (
            one.difference_before,
            one.difference_after,
            one.variance_ratio_before,
            one.variance_ratio_after,
        )
    )
    distances = (statistic(one.l1_before, why=none), statistic(one.l1_after, why=none))
    if level == ALL_LEVELS:
        return (*head, *(Blank("levels have one each"),) * len(own), *distances)
    if level is not None:
        return (*head, *own, *(Blank("of all levels together"),) * len(distances))
    return (*head, *own, *distances)


def _mean_cell(one: BaselineMean | None) -> Cell:
    if one is None or one.mean is None:
        return Blank("no row before the start has a value")
    unit = SHARE if one.level is not None else one.name
    return Mean(one.mean, unit, one.rows, part=one.cases)


def _lost_row(one: LostFact, names: AreaNames) -> tuple[Cell, ...]:
    return (
        names.words(sentence_case(plain(one.name))),
        names.words(plain(one.level)),
        Words(ARMS[one.arm]),
        Count(one.rows),
        Count(one.rows - one.lost),
        Count(one.lost),
        Share(one.lost, one.rows),
    )


def _split(name: str, found: MatchingFindings) -> tuple[str, str | None]:
    """Return covariate and level of a name like `sex[F]`, as the summary statistics know them."""
    known = {f"{one.name}[{one.level}]": (one.name, one.level) for one in found.means if one.level is not None}
    return known.get(name, (name, None))


def _share(share: float | None, among: int, *, why: str) -> Cell:
    return Blank(why) if share is None else Share(round(share * among), among)


def _tally(n: int | None, *, why: str) -> Cell:
    return Blank(why) if n is None else Tally(n, "cells")
