"""What a run will do, said before any outcome after the start is read."""

import json
from typing import Any

import numpy as np

from whatworked.protocol.model import Lags, LeaveOut, Rematch, Reweight, Variant
from whatworked.study import Prepared
from whatworked.vocabulary import Phase, phase_of


def plan_text(prepared: Prepared, *, as_json: bool) -> str:
    """Return the plan of a prepared study, as JSON or as text for a terminal."""
    plan = _plan(prepared)
    if as_json:
        return json.dumps(plan, indent=1, ensure_ascii=False)
    lines = [f"{plan['title']} (protocol {plan['protocol'][:12]})", "No mistakes found. A run will do this:"]
    for question in plan["questions"]:
        lines += ["", f"{question['key']}: {question['title']}"]
        lines += [f"  {note}" for note in question["records"]]
        for group in question["groups"]:
            phases = ", ".join(f"{len(labels)} {phase.replace('_', '-')}" for phase, labels in group["periods"].items())
            lines.append(f"  {group['pilot']}: against {', '.join(group['comparators'])}; periods: {phases}")
        lines += [f"  {entry['pilot']}: left out, {entry['reason']}" for entry in question["dropped"]]
        lines.append(f"  beside the main analysis and the trend tests: {'; '.join(question['variants']) or 'nothing'}")
    return "\n".join(lines)


def _plan(prepared: Prepared) -> dict[str, Any]:
    protocol = prepared.protocol
    questions = []
    for question in protocol.question:
        table, matches = prepared.tables[question.records], prepared.matches[question.key]
        labels = {pilot.area: pilot.label for pilot in protocol.areas.pilots}
        groups = []
        for group in matches.groups:
            phases = {
                phase.value: [
                    p.label for p in table.periods if phase_of(p, group.pilot.start, group.pilot.embedded) is phase
                ]
                for phase in Phase
            }
            distances = [float(d) if np.isfinite(d) else None for d in group.distances]
            comparators = list(group.comparators)
            groups.append(
                {"pilot": group.pilot.label, "comparators": comparators, "distances": distances, "periods": phases}
            )
        read = table.flow[-1].rows if table.flow else 0
        questions.append(
            {
                "key": question.key,
                "title": question.title,
                "records": [
                    f"records {question.records}: {read:,} rows, {len(table.periods)} periods"
                    f" ({table.periods[0].label} to {table.periods[-1].label})",
                    *(f"{note.rows:,} {note.what}: {note.handled}" for note in table.quality),
                ],
                "groups": groups,
                "dropped": [{"pilot": labels[d.pilot], "reason": d.reason} for d in matches.dropped],
                "variants": [_said(variant) for variant in protocol.variants_of(question)],
            }
        )
    return {"title": protocol.study.title, "protocol": protocol.digest, "questions": questions}


def _said(variant: Variant) -> str:
    match variant:
        case LeaveOut(pilots="each"):
            return "leaving out each pilot in turn"
        case LeaveOut(pilots=pilots):
            return f"leaving out {' and '.join(pilots)}"
        case Lags():
            return "the effect period by period"
        case Rematch(name=name):
            return name
        case Reweight(weight=weight):
            return f"weights: {weight}"
