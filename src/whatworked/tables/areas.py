"""Tables of who is compared with whom: matched areas, candidates, and the trends of each."""

from collections.abc import Callable

from whatworked.cells import Blank, Cell, Tally, Words
from whatworked.findings.area_match import Candidate
from whatworked.findings.model import QuestionFindings, SeriesRow
from whatworked.tables.effects import level_unit
from whatworked.tables.model import Column, Table, said
from whatworked.tables.names import AreaNames
from whatworked.tables.values import mean, probability, recognisable, statistic
from whatworked.tables.wording import ARMS, PHASES, sentence_case

_DISTANCE_NOTE = said(
    "Distance: how far apart two trends lay before the start, each area's own level taken out; 0 is the same trend, "
    "1 is as far apart as these areas' figures typically move over those periods. Level distance: how far apart their "
    "levels lay, on the same scale. Slope difference: the pilot's change a period less the other area's."
)
_FORCED = "not searched for: given by the study"


def areas_compared(question: QuestionFindings, names: AreaNames) -> Table:
    """Return one row for each pilot and comparator, and one for each pilot that found none."""
    searched = {(row.pilot, row.area): row for row in question.areas.candidates}
    rows: list[tuple[Cell, ...]] = []
    for group in question.areas.groups:
        for comparator, distance in zip(group.comparators, group.distances, strict=True):
            head = (names.of(group.pilot), names.of(comparator))
            rows.append(
                head + _closeness(comparator, distance, searched.get((group.pilot, comparator)), question=question)
            )
    for dropped in question.areas.dropped:
        why = names.within(dropped.reason)
        rows.append((names.of(dropped.pilot), Words("None: the pilot is left out"), *(Blank(why) for _ in range(4))))
    return Table(
        key="areas_compared",
        title=names.words(f"Areas compared: {question.outcome}"),
        kind="matching",
        columns=(Column("pilot", Words("Pilot")), Column("comparator", Words("Comparator")), *_closeness_columns()),
        rows=tuple(rows),
        source=Words(question.source),
        notes=(_DISTANCE_NOTE,),
    )


def candidates(question: QuestionFindings, names: AreaNames) -> Table:
    """Return every area considered for every pilot, nearest first."""
    ordered = sorted(question.areas.candidates, key=_nearest_first(question))
    return Table(
        key="candidates",
        title=names.words(f"Candidates considered as comparators: {question.outcome}"),
        kind="matching",
        columns=(
            Column("pilot", Words("Pilot")),
            Column("candidate", Words("Candidate")),
            *_closeness_columns(),
            Column("chosen", Words("Chosen")),
            Column("reason", Words("Reason")),
        ),
        rows=tuple(_candidate(row, question, names=names) for row in ordered),
        source=Words(question.source),
        notes=(_DISTANCE_NOTE,),
    )


def reasons(question: QuestionFindings, names: AreaNames) -> Table:
    """Return, for every pilot, how many candidates were chosen or not and why."""
    counted: dict[tuple[str, bool, str], int] = {}
    for row in question.areas.candidates:
        key = (row.pilot, row.chosen, _reason(row))
        counted[key] = counted.get(key, 0) + 1
    place = {group.pilot: i for i, group in enumerate(question.areas.groups)}
    keys = sorted(counted, key=lambda key: (place.get(key[0], len(place)), key[0], not key[1], -counted[key], key[2]))
    return Table(
        key="candidates_by_reason",
        title=names.words(f"How the candidates fared: {question.outcome}"),
        kind="matching",
        columns=(
            Column("pilot", Words("Pilot")),
            Column("outcome", Words("Chosen")),
            Column("reason", Words("Reason")),
            Column("areas", Words("Number of areas")),
        ),
        rows=tuple(
            (
                names.of(pilot),
                Words("Yes" if chosen else "No"),
                names.words(why),
                Tally(counted[pilot, chosen, why], "areas"),
            )
            for pilot, chosen, why in keys
        ),
        source=Words(question.source),
    )


def series(question: QuestionFindings, names: AreaNames) -> Table:
    """Return the outcome of every matched area in every period, one figure a row."""
    return Table(
        key="trends",
        title=names.words(f"Trends of the matched groups: {question.outcome}, {level_unit(question)}"),
        kind="means by area",
        columns=(
            Column("group", Words("Pilot of the group")),
            Column("area", Words("Area")),
            Column("arm", Words("Arm")),
            Column("phase", Words("Phase")),
            Column("period", Words("Period")),
            Column("value", names.words(f"{sentence_case(question.outcome)} ({level_unit(question)})")),
        ),
        rows=tuple(
            (
                names.of(row.group),
                names.of(row.area),
                Words(ARMS[row.arm]),
                Words(PHASES[row.phase]),
                Words(row.period),
                _series_value(row, question),
            )
            for row in question.series
        ),
        source=Words(question.source),
    )


def _series_value(row: SeriesRow, question: QuestionFindings) -> Cell:
    if row.value is None:
        return Blank(f"marked '{row.mark}' in the source" if row.mark else "no figure in the source")
    return mean(row.value, row.people, question, area=row.area)


def _closeness_columns() -> tuple[Column, ...]:
    return (
        Column("distance", Words("Distance")),
        Column("level_distance", Words("Level distance")),
        Column("slope_difference", Words("Slope difference")),
        Column("slope_p_value", Words("p-value of the slope difference")),
    )


def _closeness(
    area: str, distance: float | None, row: Candidate | None, *, question: QuestionFindings
) -> tuple[Cell, ...]:
    tell = recognisable(area, question)
    return (
        statistic(distance, why=_FORCED, area=tell),
        statistic(row.level_distance if row else None, why=_FORCED, area=tell),
        statistic(row.slope_difference if row else None, why=_FORCED, area=tell),
        probability(row.slope_p_value if row else None, why=_FORCED, area=tell),
    )


def _candidate(row: Candidate, question: QuestionFindings, *, names: AreaNames) -> tuple[Cell, ...]:
    tell, why = recognisable(row.area, question), names.within(_reason(row))
    return (
        names.of(row.pilot),
        names.of(row.area),
        statistic(row.distance, why=why, area=tell),
        statistic(row.level_distance, why=why, area=tell),
        statistic(row.slope_difference, why=why, area=tell),
        probability(row.slope_p_value, why=why, area=tell),
        Words("Yes" if row.chosen else "No"),
        Words(why),
    )


def _reason(row: Candidate) -> str:
    return row.reason or ("chosen" if row.chosen else "not chosen")


def _nearest_first(question: QuestionFindings) -> Callable[[Candidate], tuple[int, str, bool, float, str]]:
    """Return the order of the candidates: by pilot as matched, then by distance, those without one last."""
    place = {group.pilot: i for i, group in enumerate(question.areas.groups)}

    def order(row: Candidate) -> tuple[int, str, bool, float, str]:
        return (place.get(row.pilot, len(place)), row.pilot, row.distance is None, row.distance or 0.0, row.area)

    return order
