"""What all returns together show of a life on the last day of the data: the generator's own view, without any file."""

from dataclasses import dataclass

from whatworked.records.invented.days import Extent
from whatworked.records.invented.lives import Assessment, Case, Episode, Life
from whatworked.records.invented.returns import Span, latest_return


@dataclass(frozen=True, slots=True)
class SeenCase:
    """A referral as its latest return, that of the year `returned`, shows it.

    `in_need` is whether it was open when the data ended.
    """

    day: int
    no_action: bool
    closure: int | None
    reason: str | None
    in_need: bool
    returned: int


@dataclass(frozen=True, slots=True)
class SeenPeriod:
    """A period of care as the returns show it; `known` where they show its first episode."""

    start: int
    end: int | None
    known: bool
    episodes: tuple[Episode, ...]


@dataclass(frozen=True, slots=True)
class Seen:
    """A life as the returns show it; days are in order, and each stands there once."""

    cases: tuple[SeenCase, ...]
    assessments: tuple[tuple[int, int | None], ...]
    conferences: tuple[int, ...]
    plans: tuple[int, ...]
    periods: tuple[SeenPeriod, ...]


def seen(life: Life, extent: Extent) -> Seen:
    """Return what the returns of these years show of a life."""
    data = Span(extent.last_year, extent.first, extent.last)
    cases = [case for case in life.cases if case.day <= data.last and latest_return(case, extent) >= extent.first_year]
    return Seen(
        cases=tuple(_case(case, data, extent) for case in cases),
        assessments=tuple(
            (assessment.start, data.known(assessment.end))
            for case in cases
            for assessment in case.assessments
            if _is_shown(assessment, data)
        ),
        conferences=tuple(
            sorted({held.day for case in cases for held in case.conferences if data.shows(held.day, held.day)})
        ),
        plans=tuple(sorted({plan.start for case in cases for plan in case.plans if data.shows(plan.start, plan.end)})),
        periods=tuple(found for period in life.periods if (found := _period(period, data)) is not None),
    )


def _is_shown(assessment: Assessment, data: Span) -> bool:
    return data.shows(assessment.start, assessment.end)


def _case(case: Case, data: Span, extent: Extent) -> SeenCase:
    closure = data.known(case.closure)
    reason = None if closure is None else case.reason
    in_need = closure is None and not case.no_action
    return SeenCase(case.day, case.no_action, closure, reason, in_need, latest_return(case, extent))


def _period(period: tuple[Episode, ...], data: Span) -> SeenPeriod | None:
    episodes = tuple(episode for episode in period if data.shows(episode.start, episode.end))
    if not episodes:
        return None
    end = data.known(episodes[-1].end) if episodes[-1] is period[-1] else None
    return SeenPeriod(episodes[0].start, end, episodes[0] is period[0], episodes)
