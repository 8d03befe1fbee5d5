"""Tables of the outcome itself: before and after by arm, and the pilots against their counterfactual."""

from dataclasses import replace

from whatworked.cells import Blank, Cell, Mean, Tally, Words
from whatworked.findings.model import QuestionFindings, SummaryRow
from whatworked.tables.effects import level_unit
from whatworked.tables.model import Column, Table, said
from whatworked.tables.names import AreaNames
from whatworked.tables.values import mean, rows
from whatworked.tables.wording import ARMS, PHASES
from whatworked.vocabulary import Arm


def summary(question: QuestionFindings, names: AreaNames) -> Table:
    """Return the weighted mean of each arm before and after, with what it is a mean of."""
    return Table(
        key="summary",
        title=names.words(f"Before and after: {question.outcome}, {level_unit(question)}"),
        kind="means",
        columns=(
            Column("arm", Words("Arm")),
            Column("phase", Words("Phase")),
            Column("mean", names.words(f"Mean ({level_unit(question)})")),
            Column("rows", Words("Area periods" if question.persons is None else "Rows")),
            Column("areas", Words("Areas")),
        ),
        rows=tuple(
            (
                Words(ARMS[row.arm]),
                Words(PHASES[row.phase]),
                summary_mean(row, question),
                rows(row.rows, question),
                Tally(row.areas, "areas"),
            )
            for row in question.summary
        ),
        source=Words(question.source),
        notes=(
            said(
                "Means over the matched areas, with the weights of the main analysis; a comparator that serves several "
                "pilots stands in each of their groups."
            ),
        ),
    )


def summary_mean(row: SummaryRow, question: QuestionFindings) -> Cell:
    """Return the mean of an arm and phase; of a single area it is that area's own figure."""
    if row.mean is None:
        return Blank("no rows in this arm and phase")
    return mean(row.mean, row.people, question, area=_only_area(row.arm, question))


def counterfactual(question: QuestionFindings, names: AreaNames) -> Table:
    """Return the pilots' mean in every period beside what it would have been without the estimated effect."""
    before = "the counterfactual is drawn for the periods after the start only"
    body: list[tuple[Cell, ...]] = []
    for row in question.counterfactual:
        people, other = (row.pilot_people, Arm.PILOT), (row.comparator_people, Arm.COMPARATOR)
        body.append(
            (
                Words(row.period),
                Words(PHASES[row.phase]),
                _arm_mean(row.pilots, people, question=question, why="no figure"),
                *(
                    _estimated(value, people, question=question, why=before)
                    for value in (row.counterfactual, row.conf_low, row.conf_high)
                ),
                _arm_mean(row.comparators, other, question=question, why="no figure"),
            )
        )
    return Table(
        key="counterfactual",
        title=names.words(f"Pilots, and what would have been: {question.outcome}, {level_unit(question)}"),
        kind="means",
        columns=(
            Column("period", Words("Period")),
            Column("phase", Words("Phase")),
            Column("pilots", Words("Pilots, observed")),
            Column("counterfactual", Words("Pilots without the intervention, estimated")),
            Column("conf_low", Words("95% interval, lower limit")),
            Column("conf_high", Words("95% interval, upper limit")),
            Column("comparators", Words("Comparators, observed")),
        ),
        rows=tuple(body),
        source=Words(question.source),
    )


def _arm_mean(value: float | None, side: tuple[int | None, Arm], *, question: QuestionFindings, why: str) -> Cell:
    if value is None:
        return Blank(why)
    people, arm = side
    return mean(value, people, question, area=_only_area(arm, question))


def _estimated(value: float | None, side: tuple[int | None, Arm], *, question: QuestionFindings, why: str) -> Cell:
    """Return an estimated mean: of no people's yes or no, so none of its parts is anyone's; it follows the observed."""
    found = _arm_mean(value, side, question=question, why=why)
    return replace(found, part=None) if isinstance(found, Mean) else found


def _only_area(arm: Arm, question: QuestionFindings) -> str | None:
    """Return the one area of an arm, None where there are several: the mean of one area is its own figure."""
    areas = {row.area for row in question.series if row.arm is arm}
    return areas.pop() if len(areas) == 1 else None
