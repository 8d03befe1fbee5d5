"""From what the strands found to the findings that are written down."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from math import isfinite

import numpy as np

from whatworked.cells import NotEstimated
from whatworked.door.cells import AreaRows
from whatworked.door.events import EventUse
from whatworked.findings.area_match import AreaMatch, AreaName, Candidate, DroppedPilot, Group
from whatworked.findings.means import after_start, counterfactual_rows, summary_rows
from whatworked.findings.model import (
    Evidence,
    FlowStep,
    LeftOut,
    NotRunFact,
    PeriodFacts,
    Population,
    QualityRow,
    QuestionFindings,
    ReadingFact,
    SeriesRow,
)
from whatworked.findings.people import MatchingFindings, matching_findings
from whatworked.findings.people_tests import people_tests
from whatworked.findings.quality import CheckedRecords
from whatworked.findings.rule_sets import decision_fact, rule_set_facts
from whatworked.findings.specifications import lag_findings, specification_findings
from whatworked.findings.trends import period_support, trend_tests
from whatworked.matching.groups import Matches
from whatworked.protocol.model import Pilot
from whatworked.strands.impact import Impact
from whatworked.strands.variants import Analysis
from whatworked.vocabulary import SHARE, Arm, Estimator, Rating, phase_of


@dataclass(frozen=True)
class RecordsRead:
    """What reading a question's records came to: unit and attribution, every area's name, the flow and what was found.

    `use` counts people's events from the areas compared to the model; None for area series. `checked` is what the
    checks of the records found in these areas; `readings` are those of an outcome that is made from returns.
    """

    unit: str
    source: str
    published: bool
    names: Mapping[str, str]
    flow: tuple[FlowStep, ...]
    quality: tuple[QualityRow, ...]
    use: EventUse | None = None
    checked: CheckedRecords = field(default_factory=CheckedRecords)
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
    summary = () if main is None else summary_rows(main, rows)
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
            (*records.flow, *(_use_of_rows(impact) if records.use is None else _use_of_events(records.use, main)))
        ),
        quality=records.quality,
        periods=tuple(PeriodFacts(p.label, p.start.isoformat(), p.end.isoformat()) for p in rows.periods),
        names=_names(impact, pilots, records.names),
        areas=_area_match(impact.matches),
        rows=0 if main is None else main.model.fit.rows,
        persons=None if main is None else main.model.persons,
        incidence=_incidence(main, records),
        summary=summary,
        series=_series(rows, impact.matches),
        counterfactual=counterfactual_rows(impact, events=records.use is not None),
        leave_one_area_out=tuple(_left_out(impact)),
        tests=(
            *(
                ()
                if impact.trends is None
                else trend_tests(impact.trends, significance=significance, searched=searched)
            ),
            *(() if impact.people is None else people_tests(impact.people, significance=significance)),
        ),
        decisions=tuple(decision_fact(decision) for decision in impact.decisions),
        specifications=tuple(specifications),
        evidence=Evidence(Rating(impact.evidence.chosen), impact.evidence.because, dict(impact.evidence.facts)),
        not_run=tuple(NotRunFact(run.name, run.reason) for run in impact.not_run),
        matching=_matching(main),
        support=() if main is None else period_support(main.cells),
        checked=records.checked,
        readings=records.readings,
        rule_sets=rule_set_facts(impact.rule_sets, question.outcome),
        after_start=after_start(impact, summary),
    )


def _matching(main: Analysis | None) -> MatchingFindings | None:
    """Return what matching people did, None for figures of areas."""
    if main is None or main.sample.matched is None:
        return None
    return matching_findings(main.sample.matched.described())


def _finite(value: float) -> float | None:
    return float(value) if isfinite(value) else None


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
    weighed = int(cells.used.sum())
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


def _use_of_events(use: EventUse, main: Analysis | None) -> tuple[FlowStep, ...]:
    """Count events and people from the areas compared to the rows of the model."""
    steps: tuple[FlowStep, ...] = (
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
    matched = None if main is None else main.sample.matched
    if main is None or matched is None:
        return steps
    kept = matched.rows
    if matched.rules:
        rule = "rows without a counterpart in the other arm leave"
        steps = (*steps, FlowStep("matching", rule, kept, matched.persons, left_out=use.copies - kept))
    if main.estimator is Estimator.FIXED_EFFECTS:
        rule = "people seen once in their area and group leave, and those whom that leaves without a counterpart"
        again = main.model.fit.rows
        steps = (*steps, FlowStep("seen again", rule, again, main.model.persons, left_out=kept - again))
    return steps


def _incidence(main: Analysis | None, records: RecordsRead) -> float | None:
    """Return the unweighted share of events with the outcome, where it is one."""
    if main is None or records.use is None or records.unit != SHARE or not main.model.fit.rows:
        return None
    cells = main.sample.cells
    return float(cells.totals[0].sum() / cells.rows.sum() + cells.origin)


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
