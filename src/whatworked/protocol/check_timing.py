"""Whether the protocol alone already tells that a pilot has too few periods before it, or none after it."""

from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from whatworked.errors import Mistake
from whatworked.protocol.check_records import calendar_mistakes, label_mistakes, list_mistakes
from whatworked.protocol.model import Protocol, Question
from whatworked.protocol.periods import calendar_periods, listed_periods, periods_of_labels
from whatworked.protocol.places import question_places
from whatworked.protocol.stretches import CalendarPeriods, ListedPeriod
from whatworked.protocol.variants import Rematch
from whatworked.vocabulary import Period, Phase, phase_of

# With two periods every trend is a straight line, and its slope has no degree of freedom left.
FEWEST_BASELINE_PERIODS = 3
# A match that a file gives needs no trend: one period before the start is enough for an effect.
FEWEST_GIVEN = 1

_Periods = CalendarPeriods | tuple[ListedPeriod, ...]


@dataclass(frozen=True, slots=True)
class _Baseline:
    """The periods that one search for comparators uses: where they are named, their labels, whose they are.

    `given` says that a file names the comparators, so that nothing is searched.
    """

    where: str
    labels: tuple[str, ...]
    records: str
    given: bool

    @property
    def fewest(self) -> int:
        """How many periods have to lie before a start."""
        return FEWEST_GIVEN if self.given else FEWEST_BASELINE_PERIODS

    @property
    def need(self) -> str:
        """What needs so many of them."""
        return f"{'an effect' if self.given else 'a trend'} needs {self.fewest}"


def timing_contradictions(protocol: Protocol) -> Iterator[Mistake]:
    """Yield pilots without enough periods before or after them, and baseline periods that are none."""
    sound = {name: table.period for name, table in protocol.tables.items() if _is_sound(table.period)}
    for baseline in _baselines(protocol):
        if baseline.labels and len(set(baseline.labels)) < baseline.fewest:
            found = f"names too few periods ({len(set(baseline.labels))}); {baseline.need}."
            yield Mistake(baseline.where, found, "Name more, or leave the key out to match on all of them.")
        elif baseline.records in sound:
            yield from _baseline_mistakes(protocol, baseline, period=sound[baseline.records])
    names_of: dict[_Periods, str] = {}
    for question in protocol.question:
        if question.table in sound:
            names_of.setdefault(sound[question.table], question.table)
    for period, name in names_of.items():
        yield from _post_mistakes(protocol, name, period=period)


def _is_sound(period: _Periods) -> bool:
    """Whether the periods themselves are free of mistakes."""
    if isinstance(period, CalendarPeriods):
        return not any(calendar_mistakes("", period))
    return not any(list_mistakes("", period))


def _baselines(protocol: Protocol) -> tuple[_Baseline, ...]:
    """Return every search for comparators in the protocol, those with the same periods once."""
    places = question_places(question.key for question in protocol.question)
    found: dict[tuple[object, ...], _Baseline] = {}
    for where, question in zip(places, protocol.question, strict=True):
        for baseline in _baselines_of(protocol, question, where=where):
            table = protocol.tables.get(baseline.records)
            definition = None if table is None else table.period
            key = (baseline.labels and baseline.where, baseline.labels, definition, baseline.given)
            found.setdefault(key, baseline)
    return tuple(found.values())


def _baselines_of(protocol: Protocol, question: Question, *, where: str) -> Iterator[_Baseline]:
    """Yield the searches for comparators of one question: its own, and those of its variants."""
    usual = protocol.matching_of(question)
    own = f"{where}.matching" if question.matching.baseline_periods is not None else "matching"
    yield _Baseline(
        f"{own}.baseline_periods", usual.baseline_periods, question.table, given=usual.match_file is not None
    )
    for index, variant in enumerate(protocol.variant):
        asked = not variant.questions or question.key in variant.questions
        if asked and isinstance(variant, Rematch) and variant.matching.baseline_periods is not None:
            place = f"variant[{index}].matching.baseline_periods"
            given = variant.matching.over(usual).match_file is not None
            yield _Baseline(place, variant.matching.baseline_periods, question.table, given=given)


def _baseline_mistakes(protocol: Protocol, baseline: _Baseline, *, period: _Periods) -> Iterator[Mistake]:
    """Yield labels that name no period, and pilots with too few of the periods before their start."""
    unknown = [
        mistake
        for place, label in enumerate(baseline.labels)
        for mistake in label_mistakes(f"{baseline.where}[{place}]", label, period)
    ]
    yield from unknown
    periods = None if unknown else _known_baseline(protocol, baseline, period=period)
    if periods is None:
        return
    ends = sorted(known.end for known in periods)
    for index, pilot in enumerate(protocol.areas.pilots):
        before = bisect_left(ends, pilot.start)
        if before >= baseline.fewest:
            continue
        advice = "Look at the date, at study.data_start and at the periods."
        if baseline.labels:
            where, which = baseline.where, f"of these lie in the study's data before the start of areas.pilots[{index}]"
        else:
            where, which = f"areas.pilots[{index}].start", f"periods of records.{baseline.records} lie before it"
        yield Mistake(where, f"too few {which}, {pilot.start} ({before}); {baseline.need}.", advice)


def _known_baseline(protocol: Protocol, baseline: _Baseline, *, period: _Periods) -> tuple[Period, ...] | None:
    """Return the periods that may serve as baseline, None where only the records can tell."""
    first = protocol.study.data_start
    if baseline.labels:
        periods = tuple(periods_of_labels(period, baseline.labels)[0].values())
    elif not isinstance(period, CalendarPeriods):
        periods = listed_periods(period)
    elif first is not None:
        latest = max(pilot.start for pilot in protocol.areas.pilots)
        periods = calendar_periods(period.kind, period.ends, first, latest)
    else:
        return None
    return _inside(protocol, periods)


def _post_mistakes(protocol: Protocol, name: str, *, period: _Periods) -> Iterator[Mistake]:
    """Yield pilots that no period comes after."""
    last = protocol.study.data_end
    if not isinstance(period, CalendarPeriods):
        periods = listed_periods(period)
    elif last is not None:
        # The latest of the periods is enough, and no period is longer than a year.
        periods = calendar_periods(period.kind, period.ends, date(max(last.year - 2, 1), 1, 1), last)
    else:
        return
    latest = max(_inside(protocol, periods), default=None, key=lambda known: known.start)
    for index, pilot in enumerate(protocol.areas.pilots):
        if latest is None or phase_of(latest, pilot.start, pilot.embedded) is not Phase.POST:
            settled = pilot.embedded is not None
            key, when, day = ("embedded", "after", pilot.embedded) if settled else ("start", "from", pilot.start)
            found = f"no period of records.{name} begins {when} {day}, so that no effect could be seen."
            yield Mistake(
                f"areas.pilots[{index}].{key}", found, "Look at the date, at study.data_end and at the periods."
            )


def _inside(protocol: Protocol, periods: tuple[Period, ...]) -> tuple[Period, ...]:
    """Return the periods that lie within the study's data."""
    first, last = protocol.study.data_start or date.min, protocol.study.data_end or date.max
    return tuple(period for period in periods if first <= period.start and period.end <= last)
