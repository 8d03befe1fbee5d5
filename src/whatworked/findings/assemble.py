"""From what the strands found to the findings that are written down."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import isfinite

import numpy as np

from whatworked.cells import NotEstimated
from whatworked.door.cells import AreaRows
from whatworked.door.events import EventUse
from whatworked.estimation.statistics import Cells, Floats
from whatworked.findings.model import (
    AreaMatch,
    AreaName,
    Candidate,
    CounterfactualRow,
    DecisionFact,
    DroppedPilot,
    Evidence,
    FlowStep,
    Group,
    LeftOut,
    NotRunFact,
    PeriodFacts,
    Population,
    QualityRow,
    QuestionFindings,
    ReadingFact,
    SeriesRow,
    SummaryRow,
)
from whatworked.findings.specifications import inference_rows, lag_findings, specification_findings
from whatworked.findings.trends import period_support, trend_tests
from whatworked.matching.groups import Matches
from whatworked.protocol.model import Pilot
from whatworked.rules.decision import Decision
from whatworked.strands.impact import Impact
from whatworked.strands.variants import Analysis
from whatworked.vocabulary import Arm, Period, Phase, Rating, phase_of

# The unit of an outcome that is a share of people.
SHARE = "share"


@dataclass(frozen=True)
class RecordsRead:
    """What reading a question's records came to: unit and attribution, every area's name, the flow and what was found.

    `use` counts people's events from the areas compared to the model; None for area series. `readings` are those of an
    outcome that is made from returns.
    """

    unit: str
    source: str
    published: bool
    names: Mapping[str, str]
    flow: tuple[FlowStep, ...]
    quality: tuple[QualityRow, ...]
    use: EventUse | None = None
    readings: tuple[ReadingFact, ...] = ()


def question_findings(
    impact: Impact, records: RecordsRead, *, pilots: Sequence[Pilot], significance: float
) -> QuestionFindings:
    """Write down everything the impact strand found about one question."""
    question, rows, main = impact.question, impact.rows, impact.main
    searched = any(
        np.isfinite(found.distance[i]) and area not in found.chosen
        for found in impact.matches.searches
        for i, area in enumerate(found.areas)
    )
    specifications = [] if main is None else [specification_findings(main)]
    if impact.trends is not None:
        specifications.append(specification_findings(impact.trends.model))
        if impact.lags:
            specifications.append(lag_findings(impact.trends.model))
    specifications += [specification_findings(run.analysis) for run in impact.others]
    return QuestionFindings(
        key=question.key,
        title=question.title,
        outcome=question.outcome.label,
        better=question.outcome.better,
        unit=records.unit,
        source=records.source,
        published=records.published,
        exploratory=question.exploratory,
        concerns=question.concerns,
        population=Population(
            (*records.flow, *(_use_of_rows(impact) if records.use is None else _use_of_events(records.use)))
        ),
        quality=records.quality,
        periods=tuple(PeriodFacts(p.label, p.start.isoformat(), p.end.isoformat()) for p in rows.periods),
        names=_names(impact, pilots, records.names),
        areas=_area_match(impact.matches),
        rows=0 if main is None else main.fit.rows,
        persons=None if records.use is None else records.use.kept_persons,
        incidence=_incidence(main, records),
        summary=() if main is None else _summary(main.cells, rows, events=records.use is not None),
        series=_series(rows, impact.matches),
        counterfactual=_counterfactual(impact, events=records.use is not None),
        leave_one_area_out=tuple(_left_out(impact)),
        tests=() if impact.trends is None else trend_tests(impact.trends, significance=significance, searched=searched),
        decisions=tuple(_decision(decision) for decision in impact.decisions),
        specifications=tuple(specifications),
        evidence=Evidence(Rating(impact.evidence.chosen), impact.evidence.because, dict(impact.evidence.facts)),
        not_run=tuple(NotRunFact(run.name, run.reason) for run in impact.not_run),
        support=() if main is None else period_support(main.cells),
        readings=records.readings,
    )


def _finite(value: float) -> float | None:
    return float(value) if isfinite(value) else None


def _decision(decision: Decision) -> DecisionFact:
    return DecisionFact(
        decision.decision, decision.chosen, decision.because, dict(decision.facts), decision.branches_not_taken
    )


def _names(impact: Impact, pilots: Sequence[Pilot], names: Mapping[str, str]) -> tuple[AreaName, ...]:
    labels = {pilot.area: pilot.label for pilot in pilots}
    compared = [area for group in impact.matches.groups for area in group.comparators]
    candidates = [area for found in impact.matches.searches for area in found.areas]
    codes = [*labels, *sorted(set(compared) | set(candidates) - set(labels))]
    return tuple(
        AreaName(code, Arm.PILOT if code in labels else Arm.COMPARATOR, labels.get(code, names.get(code, code)))
        for code in dict.fromkeys(codes)
    )


def _area_match(matches: Matches) -> AreaMatch:
    candidates = tuple(
        Candidate(
            found.pilot,
            area,
            _finite(found.distance[i]),
            _finite(found.level_distance[i]),
            _finite(found.slope_difference[i]),
            _finite(found.slope_p_value[i]),
            area in found.chosen,
            found.reason[i],
        )
        for found in matches.searches
        for i, area in enumerate(found.areas)
        if area != found.pilot
    )
    groups = tuple(
        Group(group.pilot.area, group.comparators, tuple(_finite(d) for d in group.distances))
        for group in matches.groups
    )
    dropped = tuple(DroppedPilot(entry.pilot, entry.reason) for entry in matches.dropped)
    return AreaMatch(groups, dropped, candidates, {found.pilot: _finite(found.scale) for found in matches.searches})


def _use_of_rows(impact: Impact) -> tuple[FlowStep, ...]:
    """Count the rows from the areas compared to the rows of the model."""
    if impact.main is None:
        return ()
    rows, cells = impact.rows, impact.main.cells
    compared = {area for group in impact.matches.groups for area in group.areas}
    mine = np.isin(rows.area, [i for i, code in enumerate(rows.areas) if code in compared])
    missing = sum(area in compared for area, _, _ in rows.missing)
    there, used = int(mine.sum()), len({(int(a), int(p)) for a, p in zip(cells.area, cells.period, strict=True)})
    weighed = int((cells.weight > 0).sum())
    steps = [
        FlowStep("areas compared", "rows of the pilots and comparators of this question", there + missing),
        FlowStep("outcome known", "rows without a value leave", there, left_out=missing),
        FlowStep("phases", "rows of the settling-in leave", used, left_out=there - used),
        FlowStep("copies", "a comparator's rows stand in every group it serves", len(cells.area)),
    ]
    if weighed < len(cells.area):
        steps.append(
            FlowStep("weights", "rows without a denominator leave", weighed, left_out=len(cells.area) - weighed)
        )
    return tuple(steps)


def _use_of_events(use: EventUse) -> tuple[FlowStep, ...]:
    """Count events and people from the areas compared to the rows of the model."""
    return (
        FlowStep("areas compared", "events in the pilots and comparators of this question", use.rows, use.persons),
        FlowStep(
            "phases",
            "events of the settling-in, or whose window crosses the start or the end of the data, leave",
            use.kept_rows,
            use.kept_persons,
            left_out=use.rows - use.kept_rows,
        ),
        FlowStep("copies", "a comparator's events stand in every group it serves", use.copies, use.kept_persons),
    )


def _incidence(main: Analysis | None, records: RecordsRead) -> float | None:
    """Return the unweighted share of events with the outcome, where it is one."""
    if main is None or records.use is None or records.unit != SHARE:
        return None
    return float(main.cells.total.sum() / main.cells.count.sum() + main.cells.origin)


def _people(rows: AreaRows, chosen: "np.ndarray[tuple[int], np.dtype[np.bool_]]") -> int | None:
    """Return the people behind rows, None where any of them has no count."""
    counts = rows.people[chosen]
    return int(counts.sum()) if len(counts) and np.isfinite(counts).all() else None


def _summary(cells: Cells, rows: AreaRows, *, events: bool) -> tuple[SummaryRow, ...]:
    found = []
    for arm in Arm:
        for phase, post in ((Phase.BASELINE, False), (Phase.POST, True)):
            mine = cells.keep(
                (cells.pilot[cells.area] == (arm is Arm.PILOT)) & (cells.post == post) & (cells.weight > 0)
            )
            weight = mine.weight * mine.count
            mean = float((mine.weight * mine.total).sum() / weight.sum()) + cells.origin if weight.sum() > 0 else None
            areas = len(set(mine.area.tolist()))
            if events:
                n = round(float(weight.sum()))
                found.append(SummaryRow(arm, phase, mean, n, areas, n))
                continue
            pairs = {(int(a), int(p)) for a, p in zip(mine.area, mine.period, strict=True)}
            chosen = np.array(
                [(int(a), int(p)) in pairs for a, p in zip(rows.area, rows.period, strict=True)], dtype=bool
            )
            found.append(SummaryRow(arm, phase, mean, len(pairs), areas, _people(rows, chosen)))
    return tuple(found)


def _series(rows: AreaRows, matches: Matches) -> tuple[SeriesRow, ...]:
    place = {(int(a), int(p)): i for i, (a, p) in enumerate(zip(rows.area, rows.period, strict=True))}
    marks = {(area, period): mark for area, period, mark in rows.missing}
    number = {code: i for i, code in enumerate(rows.areas)}
    found = []
    for group in matches.groups:
        for area in group.areas:
            for t, period in enumerate(rows.periods):
                i = place.get((number.get(area, -1), t))
                people = rows.people[i] if i is not None else np.nan
                found.append(
                    SeriesRow(
                        group.pilot.area,
                        area,
                        Arm.PILOT if area == group.pilot.area else Arm.COMPARATOR,
                        period.label,
                        phase_of(period, group.pilot.start, group.pilot.embedded),
                        None if i is None else float(rows.value[i]),
                        int(people) if np.isfinite(people) else None,
                        marks.get((area, t)),
                    )
                )
    return tuple(found)


def _counterfactual(impact: Impact, *, events: bool) -> tuple[CounterfactualRow, ...]:
    """Lay the pilots' mean beside what it would have been without the headline effect, period by period."""
    if impact.main is None:
        return ()
    headline = next((row for row in inference_rows(impact.main) if row.headline), None)
    effect = None if headline is None else (headline.estimate, headline.conf_low, headline.conf_high)
    rows = impact.rows
    weighed = impact.question.weight == "denominator"
    own = rows.people if events else rows.denominator if weighed else np.ones(len(rows.value))
    return tuple(_counterfactual_row(impact, t, period, effect, own=own) for t, period in enumerate(rows.periods))


def _counterfactual_row(
    impact: Impact,
    t: int,
    period: Period,
    effect: tuple[float | None, float | None, float | None] | None,
    *,
    own: Floats,
) -> CounterfactualRow:
    rows, groups = impact.rows, impact.matches.groups
    pilots = {group.pilot.area: group.pilot for group in groups}
    sides = {
        Arm.PILOT: set(pilots),
        Arm.COMPARATOR: {area for group in groups for area in group.comparators},
    }
    chosen = {
        arm: (rows.period == t)
        & np.isin(rows.area, [i for i, code in enumerate(rows.areas) if code in codes])
        & np.isfinite(own)
        for arm, codes in sides.items()
    }
    means = {
        arm: float(np.average(rows.value[mine], weights=own[mine])) if own[mine].sum() > 0 else None
        for arm, mine in chosen.items()
    }
    phases = {code: phase_of(period, pilot.start, pilot.embedded) for code, pilot in pilots.items()}
    mine = chosen[Arm.PILOT]
    after = np.array([phases[rows.areas[a]] is Phase.POST for a in rows.area[mine]], dtype=bool)
    share = float(own[mine][after].sum() / own[mine].sum()) if own[mine].sum() > 0 else 0.0
    observed = means[Arm.PILOT]
    shifts: list[float | None] = [None, None, None]
    if effect is not None and share > 0 and observed is not None:
        shifts = [None if part is None else observed - share * part for part in (effect[0], effect[2], effect[1])]
    every = set(phases.values())
    phase = Phase.POST if Phase.POST in every else Phase.BASELINE if every == {Phase.BASELINE} else Phase.SETTLING_IN
    return CounterfactualRow(
        period.label,
        phase,
        observed,
        means[Arm.COMPARATOR],
        shifts[0],
        shifts[1],
        shifts[2],
        _people(rows, mine),
        _people(rows, chosen[Arm.COMPARATOR]),
    )


def _left_out(impact: Impact) -> list[LeftOut]:
    pilots = {group.pilot.area for group in impact.matches.groups}
    return [
        LeftOut(
            entry.area,
            Arm.PILOT if entry.area in pilots else Arm.COMPARATOR,
            None if isinstance(entry.estimate, NotEstimated) else entry.estimate,
            entry.estimate.reason if isinstance(entry.estimate, NotEstimated) else None,
        )
        for entry in impact.left_out
    ]
