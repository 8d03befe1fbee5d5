"""What a question needs of its records, whatever these are: a series to match on, cells to estimate from, a count."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial

from whatworked.door.cells import AreaRows
from whatworked.door.events import EventUse, QuestionEvents, event_use, placed_events
from whatworked.door.samples import AreaFigures, PeopleDoor, PeopleRows
from whatworked.engine.interface import Engine
from whatworked.matching.groups import MatchedGroup
from whatworked.protocol.coarsening import CoarseningChoice
from whatworked.protocol.model import AreaSeries
from whatworked.records.area_series import AreaTable
from whatworked.records.quality_report import QualityReport
from whatworked.vocabulary import Period

DAYS_A_YEAR = 365.25

Read = Callable[[AreaRows, Iterable[Sequence[MatchedGroup]]], AreaFigures | PeopleRows]
Use = Callable[[Sequence[MatchedGroup]], EventUse]


@dataclass(frozen=True)
class ModelledCovariates:
    """Which covariates enter the model of a question, in order, and how people are matched on which."""

    covariates: tuple[str, ...]
    coarsening: Mapping[str, CoarseningChoice]

    @property
    def names(self) -> tuple[str, ...]:
        """Every covariate that is asked for."""
        return tuple(dict.fromkeys((*self.covariates, *self.coarsening)))


@dataclass(frozen=True)
class QuestionData:
    """The records of one question behind three doors.

    `table` is the series by area and period that comparators are chosen on; `read` gives what lays the sample of each
    set of matched groups, or of a part of it, and needs no engine for that; `use` counts people's events, and is None
    for area series. An outcome may fall up to `window` days after its event; one step of the time since the start
    lasts `years_a_step`. `checked` holds the checks of the records in the question's periods, for all areas.
    """

    table: AreaTable
    unit: str
    source: str
    published: bool
    read: Read
    years_a_step: float
    use: Use | None = None
    window: int = field(default=0)
    checked: QualityReport = field(default_factory=QualityReport)


def of_area_series(table: AreaTable, series: AreaSeries, checked: QualityReport) -> QuestionData:
    """Return the data of a question about figures of areas."""
    step = _years_a_period(table.periods)
    return QuestionData(
        table,
        series.unit,
        series.source,
        series.published,
        read=lambda rows, _: AreaFigures(rows),
        years_a_step=step,
        checked=checked,
    )


def of_events(
    engine: Engine, events: QuestionEvents, *, unit: str, source: str, model: ModelledCovariates, checked: QualityReport
) -> QuestionData:
    """Return the data of a question about people's events."""
    door = PeopleDoor(engine, partial(placed_events, events), events.series.periods, model.covariates, model.coarsening)
    return QuestionData(
        events.series,
        unit,
        source,
        published=False,
        read=lambda _, matches: door.read(matches),
        years_a_step=1.0,
        use=partial(event_use, engine, events),
        window=events.longest_window,
        checked=checked,
    )


def _years_a_period(periods: Sequence[Period]) -> float:
    days = [(period.end - period.start).days + 1 for period in periods]
    return sum(days) / len(days) / DAYS_A_YEAR
