"""What a run will do, said before any outcome after the start is read."""

from collections.abc import Iterator, Mapping
from dataclasses import asdict
from typing import Any

import numpy as np

from whatworked.cli.forecast import forecast, forecast_in_words
from whatworked.cli.terminal import wrapped
from whatworked.door.questions import QuestionData
from whatworked.engine.interface import Engine
from whatworked.engine.sql import Query
from whatworked.matching.groups import MatchedGroup, Matches
from whatworked.protocol.model import Question, Variant
from whatworked.protocol.outcomes import Cutoff, Redefine, SecondaryOutcome
from whatworked.protocol.variants import Dose, OtherEstimator, PracticeModels, Rematch, Triple
from whatworked.records.area_series import AreaTable, areas_in
from whatworked.records.quality import counted, named
from whatworked.strands.beside import named as named_variant
from whatworked.strands.foreseen import foresee
from whatworked.strands.plan import Plan
from whatworked.study import Prepared, checked_in, plan_of
from whatworked.vocabulary import Period, Phase, phase_of

LISTED = 6


def plan(prepared: Prepared, engine: Engine) -> dict[str, Any]:
    """Return what a run of a prepared study will do, question by question; the engine gives the areas' names."""
    return {
        "title": prepared.protocol.study.title,
        "protocol": prepared.protocol.digest,
        "questions": [_question(prepared, question, engine) for question in prepared.protocol.question],
    }


def plan_text(planned: dict[str, Any]) -> str:
    """Return a plan as lines of text."""
    lines = [
        wrapped(planned["title"]),
        f"Protocol {planned['protocol'][:12]}: no mistakes found.",
        "No outcome after the start was looked at. A run will do this:",
    ]
    told: dict[str, str] = {}
    for question in planned["questions"]:
        lines += ["", wrapped(f"{question['key']}: {question['title']}")]
        lines += [wrapped(text, indent=2) for text in _records_in_words(question["records"])]
        lines += [wrapped(text, indent=2) for text in _quality_in_words(question, told)]
        lines += [wrapped(text, indent=2) for text in _checks_in_words(question["checks"])]
        if question["before_the_start"] is not None:
            lines.append(wrapped(_before_in_words(question["before_the_start"]), indent=2))
        lines += [wrapped(text, indent=2) for text in _groups_in_words(question["groups"])]
        lines += [wrapped(f"{left['pilot']} is left out: {left['reason']}", indent=2) for left in question["dropped"]]
        lines += [wrapped(text, indent=2) for text in forecast_in_words(question)]
        lines += [wrapped(text, indent=2) for text in _analyses_in_words(question)]
    return "\n".join(lines)


def _question(prepared: Prepared, question: Question, engine: Engine) -> dict[str, Any]:
    protocol, data, matches = prepared.protocol, prepared.data[question.key], prepared.matches[question.key]
    table, people = data.table, data.use is not None
    before = _before(prepared, data, engine) if people else None
    planned = plan_of(prepared, question)
    names, labels = areas_in(engine, table), {pilot.area: pilot.label for pilot in protocol.areas.pilots}
    return {
        "key": question.key,
        "title": question.title,
        "records": _records(", ".join(question.sources), table),
        "before_the_start": before,
        "groups": [_group(group, names, table.periods) for group in matches.groups],
        "dropped": [{"pilot": labels[left.pilot], "reason": left.reason} for left in matches.dropped],
        **forecast(planned, before, people=people),
        **_variants(planned, prepared, table.periods, people=people),
        "checks": [asdict(fact) for fact in checked_in(prepared, question).checks],
    }


def _records(name: str, table: AreaTable) -> dict[str, Any]:
    return {
        "name": name,
        "rows_of_file": table.flow[0].rows,
        "rows": table.flow[-1].rows,
        "periods": [period.label for period in table.periods],
        "left_out": [{"rule": step.rule, "rows": step.left_out} for step in table.flow if step.left_out],
        "quality": [{"what": note.what, "number": note.rows, "handled": note.handled} for note in table.quality],
    }


def _group(group: MatchedGroup, names: Mapping[str, str], periods: tuple[Period, ...]) -> dict[str, Any]:
    pilot, distances = group.pilot, [float(d) if np.isfinite(d) else None for d in group.distances]
    return {
        "pilot": pilot.label,
        "area": pilot.area,
        "comparators": [
            {"area": area, "name": names.get(area, area), "distance": distance}
            for area, distance in zip(group.comparators, distances, strict=True)
        ],
        "periods": {
            phase.value: [p.label for p in periods if phase_of(p, pilot.start, pilot.embedded) is phase]
            for phase in Phase
        },
    }


def _records_in_words(records: dict[str, Any]) -> Iterator[str]:
    labels = records["periods"]
    yield (
        f"records {records['name']}: {records['rows']:,} of {records['rows_of_file']:,} rows, "
        f"{len(labels)} periods ({labels[0]} to {labels[-1]})"
    )
    for step in records["left_out"]:
        yield f"- {step['rule'].removeprefix('left out: ')}: {counted(step['rows'], 'row')} left out"


def _quality_in_words(question: dict[str, Any], told: dict[str, str]) -> Iterator[str]:
    """Yield what was found in the records, once: `told` holds the question that a finding was told with."""
    notes = [f"- {note['what']}: {note['number']:,} ({note['handled']})" for note in question["records"]["quality"]]
    if not notes:
        return
    first = told.setdefault("\n".join(notes), question["key"])
    yield from notes if first == question["key"] else [f"- found in the records: as for {first}"]


def _checks_in_words(checks: list[dict[str, Any]]) -> Iterator[str]:
    """Yield the checks on what the question uses that found anything in the areas compared, and the concerns."""
    arms: dict[str, list[dict[str, Any]]] = {}
    for fact in checks:
        if fact["counts"]:
            arms.setdefault(f"{fact['table']}, {fact['check']}", []).append(fact)
    faults = {name: facts for name, facts in arms.items() if any(fact["found"] for fact in facts)}
    if arms:
        silent = f"{len(arms) - len(faults)} of {len(arms)} found nothing"
        yield f"checks of what is used, in pilots and comparators: {silent}"
    for name, facts in faults.items():
        shares = ", ".join(
            f"{fact['arm'].value}s {fact['found']:,} of {fact['tested']:,} ({fact['found'] / fact['tested']:.1%})"
            for fact in facts
        )
        limit = facts[0]["limit"]
        yield f"- {name}: {shares}" + (f": a concern, at {limit:.0%}" if any(f["concern"] for f in facts) else "")


def _before(prepared: Prepared, data: QuestionData, engine: Engine) -> dict[str, Any] | None:
    """Return the mean outcome of all areas' events before any pilot's start; None without an event."""
    first = min(pilot.start for pilot in prepared.protocol.areas.pilots)
    until = max((period.index for period in data.table.periods if period.end < first), default=-1)
    text = f"""
        SELECT SUM(value * people) AS total, CAST(COALESCE(SUM(people), 0) AS BIGINT) AS events
        FROM {data.table.query} AS series
        WHERE period <= {until}
        """
    found = engine.collect(Query(text, grain="question", columns=("total", "events")))
    events = int(found["events"][0])
    return {"mean": float(found["total"][0]) / events, "events": events, "unit": data.unit} if events else None


def _before_in_words(before: dict[str, Any]) -> str:
    mean, unit = before["mean"], before["unit"]
    level = f"{mean:.1%}" if unit == "share" else f"{mean:.4g} {unit}"
    return f"before the first start, in all areas together: {level} of {counted(before['events'], 'event')}"


def _groups_in_words(groups: list[dict[str, Any]]) -> Iterator[str]:
    """Yield each pilot with its comparators; periods are said once where they are the same for all."""
    periods = [_periods_in_words(group["periods"]) for group in groups]
    alike = len(set(periods)) == 1
    if alike:
        yield f"periods: {periods[0]}"
    if groups:
        yield "comparators of each pilot, nearest first:"
    for group, when in zip(groups, periods, strict=True):
        areas = named([_area(one["name"], one["area"]) for one in group["comparators"]], most=LISTED)
        yield f"- {_area(group['pilot'], group['area'])}: {areas}" + ("" if alike else f"; periods: {when}")


def _periods_in_words(periods: Mapping[str, list[str]]) -> str:
    return ", ".join(
        f"{len(labels)} {phase.replace('_', '-')} ({labels[0]}{f' to {labels[-1]}' if len(labels) > 1 else ''})"
        for phase, labels in periods.items()
        if labels
    )


def _area(name: str, code: str) -> str:
    return code if name == code else f"{name} ({code})"


def _variants(planned: Plan, prepared: Prepared, periods: tuple[Period, ...], *, people: bool) -> dict[str, Any]:
    """Return the variants that will be run, in words, and those that will not, with the reason."""
    run, not_run = [], []
    for variant in planned.variants:
        why = foresee(variant, planned, periods=periods, people=people)
        if why is None:
            run.append(_said(variant, prepared, planned.question))
        else:
            not_run.append({"name": named_variant(variant), "reason": why})
    return {"variants": run, "not_run": not_run}


def _analyses_in_words(question: Mapping[str, Any]) -> Iterator[str]:
    """Yield what will be run and what will not; a reason that holds for several is said once."""
    yield f"analyses: {'; '.join(('main', 'trend tests', *question['variants']))}"
    reasons: dict[str, list[str]] = {}
    for one in question["not_run"]:
        reasons.setdefault(one["reason"], []).append(one["name"])
    for reason, names in reasons.items():
        yield f"- not run: {'; '.join(names)}: {reason}"


def _said(variant: Variant, prepared: Prepared, question: Question) -> str:
    match variant:
        case Rematch(name=name):
            return f"{name} ({_size(prepared.rematched[question.key, name])})"
        case OtherEstimator(estimators=estimators):
            return f"other families of model: {', '.join(estimators)}"
        case Redefine(name=name) | Cutoff(name=name):
            return f"{name} (another definition of the outcome)"
        case SecondaryOutcome(name=name, leave_outs=leave_outs):
            return f"{name} (secondary{', also with the leave-outs' if leave_outs else ''})"
        case Dose() | PracticeModels() | Triple():
            return f"{variant.called} (secondary)"
    return _OTHERWISE.get(name := named_variant(variant), name)


# What reads better in a list of what will be run than the name of the analysis.
_OTHERWISE = {
    "lags": "the effect period by period",
    "leaving out each pilot": "leaving out each pilot in turn",
    "weighted by population": "areas weighted by their population",
}


def _size(matches: Matches) -> str:
    comparators = {area for group in matches.groups for area in group.comparators}
    return f"{counted(len(matches.groups), 'pilot')}, {counted(len(comparators), 'comparator')}"
