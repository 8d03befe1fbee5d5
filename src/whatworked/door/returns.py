"""From councils' returns to the events of a question: the cohort's rows, laid into periods."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

from whatworked.cohort.days import day_number
from whatworked.cohort.definitions import Definitions
from whatworked.cohort.elevated_risk import Holiday
from whatworked.cohort.extent import Extent
from whatworked.cohort.flow import Sifted, flow
from whatworked.cohort.inputs import QuestionKey, records_of
from whatworked.cohort.links import Link
from whatworked.cohort.questions import Prepared, cohort, prepare, question_stages, series_events
from whatworked.cohort.rows import NUMBERS
from whatworked.cohort.timing import GroupArea, group_table
from whatworked.cohort.uses import checks_of_question
from whatworked.door.events import carried, placed_use
from whatworked.door.people import CovariateColumn, Placed
from whatworked.door.questions import ModelledCovariates, QuestionData
from whatworked.door.samples import PeopleDoor
from whatworked.engine.interface import Engine
from whatworked.engine.sql import Query, literal
from whatworked.errors import Mistake, RecordsError
from whatworked.matching.groups import MatchedGroup
from whatworked.protocol.periods import calendar_periods
from whatworked.records.area_series import AreaTable
from whatworked.records.checks import check_tables_of
from whatworked.records.events import series_of
from whatworked.records.quality import QualityNote, Step
from whatworked.records.quality_report import QualityReport
from whatworked.records.returns import Returns
from whatworked.vocabulary import Period

Keep = Callable[[str, Query], Query]

DAYS, SHARE = "working days", "share"
# The month in which the year of a return ends.
CENSUS_ENDS = 3


@dataclass(frozen=True, slots=True)
class Cohorts:
    """Cohorts that are ready to be asked, the returns that they come from, and the checks of these."""

    prepared: Prepared
    returns: Returns
    checked: QualityReport


@dataclass(frozen=True, slots=True)
class Means:
    """What a study says of its cohorts: its time, its definitions, the school's holidays, and who is one person."""

    extent: Extent
    definitions: Definitions
    school_holidays: Sequence[Holiday] = ()
    link: Link = "area"


def prepared_cohorts(engine: Engine, returns: Returns, *, means: Means, keep: Keep) -> Cohorts:
    """Check all returns, and make persons and referral events of them."""
    made = records_of(returns.tables)
    records = replace(
        made,
        periods=keep("care_periods", made.periods),
        episodes=keep("care_episodes", made.episodes),
        calendar=keep("calendar", made.calendar),
    )
    prepared = prepare(
        records,
        extent=means.extent,
        definitions=as_far_as_held(means.definitions, returns),
        store=keep,
        school_holidays=means.school_holidays,
        link=means.link,
    )
    return Cohorts(prepared, returns, check_tables_of(engine, returns.tables, keep=keep))


def as_far_as_held(means: Definitions, returns: Returns) -> Definitions:
    """Return definitions that ask for plans and conferences from the first day on from which returns hold them."""
    first = returns.first_days
    return means.with_first_days(plans=first.get("plan"), conferences=first.get("conference"))


@dataclass(frozen=True, slots=True)
class _Question:
    """A question of returns: its cohorts, its key, the periods of the study and the covariates that are asked for."""

    prepared: Prepared
    key: QuestionKey
    periods: tuple[Period, ...]
    covariates: tuple[CovariateColumn, ...]

    @property
    def year_ends(self) -> int:
        return self.periods[0].end.month

    def placed(self, groups: Sequence[MatchedGroup]) -> Placed:
        """One row an event and matched group of the cohort, kept, so that it is made once."""
        areas = [
            GroupArea(str(g), area, area == group.pilot.area, group.pilot.start, group.pilot.embedded)
            for g, group in enumerate(groups)
            for area in group.areas
        ]
        rows = cohort(self.prepared, self.key, group_table(areas), year_ends=self.year_ends).rows
        described = carried(self.covariates)
        query = Query(
            f"""
            SELECT CAST(matched_group AS INTEGER) AS matched_group, area, person, event_id AS event,
                   {day_number("event_date")} AS day, {_period("event_date", self.periods)} AS period, since,
                   CAST(outcome AS BIGINT) AS scaled{described}
            FROM {rows} AS rows
            """,
            grain="event and matched group",
            columns=(
                *("matched_group", "area", "person", "event", "day", "period", "since", "scaled"),
                *(one.column for one in self.covariates),
            ),
        )
        return Placed(self.prepared.store(f"{self.key}_placed", query), 1, self.covariates)


@dataclass(frozen=True, slots=True)
class ReturnsQuestion:
    """A question about returns: its kind, its covariates, the first day of any programme and what is printed."""

    key: QuestionKey
    model: ModelledCovariates
    before: date
    year_ends: str
    source: str


def of_returns(engine: Engine, cohorts: Cohorts, asked: ReturnsQuestion, *, told: bool = True) -> QuestionData:
    """Return the data of a question whose outcome is made from returns.

    What its rules left out and what the checks found is counted where it is to be `told`, which takes time: of the
    same question under another definition nobody asks.

    Raises
    ------
    RecordsError
        No event of the question is left.
    """
    prepared, key, before = cohorts.prepared, asked.key, asked.before
    stages = question_stages(prepared, key)
    whole = study_periods(prepared.extent, asked.year_ends)
    events = prepared.store(
        f"{key}_series", _events(series_events(prepared, key, stages["events"], before=before), whole, before)
    )
    found = _spread(engine, events)
    if found is None:
        problem = f"no event of the question {key} is left of the returns."
        raise RecordsError(Mistake("records", problem, "Look at the study's dates and at what the returns hold."))
    window, first, last = found
    periods = whole[first : last + 1]
    covariates = tuple(CovariateColumn(name, name, name in NUMBERS) for name in asked.model.names)
    question = _Question(prepared, key, periods, covariates)
    door = PeopleDoor(engine, question.placed, periods, asked.model.covariates, asked.model.coarsening)
    # All questions about referrals begin with the same stage: what is kept is counted once.
    flows = [prepared.store("flow", flow(stage)) for stage in stages.values()] if told else []
    steps = tuple(step for found in flows for step in _steps(engine, found))
    table = AreaTable(series_of(events, 1), periods, steps, _notes(cohorts.returns))
    years = _census_years(periods, prepared.extent)
    return QuestionData(
        table,
        DAYS if key == "assessment_duration" else SHARE,
        asked.source,
        published=False,
        read=lambda _, matches: door.read(matches),
        years_a_step=1.0,
        use=lambda groups: placed_use(engine, events, question.placed(groups).query, groups),
        window=window,
        checked=cohorts.checked.of_question(checks_of_question(key), years) if told else QualityReport(),
    )


def _notes(returns: Returns) -> tuple[QualityNote, ...]:
    """Return what was left out and what was found on the way from the files."""
    left = [step for step in returns.steps if step.left_out]
    return (*(QualityNote(f"{step.step}: {step.rule}", step.left_out, "left out") for step in left), *returns.notes)


def study_periods(extent: Extent, year_ends: str) -> tuple[Period, ...]:
    """Return the years that the study's data touch, indexed from 0."""
    year = timedelta(days=366)
    around = calendar_periods("year", year_ends, extent.first - year, extent.last + year)
    used = [p for p in around if p.end >= extent.first and p.start <= extent.last]
    return tuple(Period(place, p.label, p.start, p.end) for place, p in enumerate(used))


def _census_years(periods: Sequence[Period], extent: Extent) -> frozenset[str]:
    """Return the years of the returns that speak of the periods, as far as the study's data go."""
    days = max(periods[0].start, extent.first), min(periods[-1].end, extent.last)
    first, last = (day.year + (day.month > CENSUS_ENDS) for day in days)
    return frozenset(str(year) for year in range(first, last + 1))


def _period(day: str, periods: Sequence[Period]) -> str:
    arms = " ".join(f"WHEN {day} <= {literal(period.end)} THEN {period.index}" for period in periods)
    return f"CAST(CASE WHEN {day} < {literal(periods[0].start)} THEN NULL {arms} END AS INTEGER)"


def _events(events: Sifted, periods: Sequence[Period], before: date) -> Query:
    """One row an event of the question with its period and its outcome as a whole number.

    `window_days` is NULL from the first day of any programme on: no later outcome has a say in what is compared.
    """
    return Query(
        f"""
        SELECT area, CAST(NULL AS STRING) AS area_name, person, event_id AS event,
               {_period("event_date", periods)} AS period, CAST(outcome AS BIGINT) AS scaled,
               CAST(CASE WHEN event_date < {literal(before)}
                    THEN before_day - {day_number("event_date")} END AS INTEGER) AS window_days
        FROM {events.kept} AS events
        WHERE outcome IS NOT NULL AND {_period("event_date", periods)} IS NOT NULL
        """,
        grain="event",
        columns=("area", "area_name", "person", "event", "period", "scaled", "window_days"),
    )


def _spread(engine: Engine, events: Query) -> tuple[int, int, int] | None:
    """Return the longest window of an event, and the first and the last period that hold one; None without events."""
    text = f"""
        SELECT COALESCE(MAX(window_days), 0) AS longest, COALESCE(MIN(period), 0) AS first,
               COALESCE(MAX(period), 0) AS last, COUNT(*) AS rows
        FROM {events} AS events
        """
    found = engine.collect(Query(text, grain="question", columns=("longest", "first", "last", "rows")))
    if not int(found["rows"][0]):
        return None
    return max(int(found["longest"][0]), 0), int(found["first"][0]), int(found["last"][0])


def _steps(engine: Engine, told: Query) -> Iterator[Step]:
    """Yield what each rule of a stage left out; rules that left out nothing are not told."""
    found = engine.collect(told)
    for place, rule, rows, left_out in zip(found["step"], found["rule"], found["rows"], found["left_out"], strict=True):
        if not int(place) or int(left_out):
            words = "rows that the question starts from" if not int(place) else f"left out: {rule}"
            yield Step("cohort", words, int(rows), int(left_out))
