"""The readings that a question chooses for itself, over those of the study's rule set, and all of them in words."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from whatworked.cohort.days import Months
from whatworked.cohort.definitions import Definitions, Outliers, Since
from whatworked.cohort.inputs import QuestionKey
from whatworked.protocol.outcomes import KINDS_OF, Definition, OutlierRule, Stretch, YearsSince

_PARTS: Mapping[str, str] = {"assessment_duration": "assessments", "same_day": "assessments", "icpc": "conference"}
# Readings whose key in the protocol is not the name of the field.
_FIELDS = {"assessments_from": "first_day", "rereferral": "which"}


def with_choices(base: Definitions, kind: QuestionKey, chosen: Definition) -> Definitions:
    """Return definitions in which what a question chooses stands in place of what the rule set says.

    Parameters
    ----------
    base : definitions of the study's rule set
    kind : the question's kind of outcome
    chosen : readings that are of this kind, as `whatworked.protocol.check_outcomes` has made sure
    """
    made = base
    for key, value in chosen.choices.items():
        made = _chosen(made, kind, key=key, value=value)
    return made


def _chosen(means: Definitions, kind: QuestionKey, *, key: str, value: object) -> Definitions:
    """Return definitions with one reading replaced."""
    if key == "rereferral_window":
        other = replace(means.escalation.rereferral, window=_converted(means.escalation.rereferral.window, value))
        return replace(means, escalation=replace(means.escalation, rereferral=other))
    place, field = _place(kind, key)
    whole: Any = getattr(means, place)
    if not field:
        return replace(means, **{place: _converted(whole, value)})
    return replace(means, **{place: replace(whole, **{field: _converted(getattr(whole, field), value)})})


def _place(kind: QuestionKey, key: str) -> tuple[str, str]:
    """Return the part of the definitions that holds a reading and its field, empty where it is the whole part."""
    if key == "since":
        return ("kinship_since" if kind == "kinship" else "since"), ""
    return _PARTS.get(kind, kind), _FIELDS.get(key, key)


def _converted(before: Any, value: object) -> Any:  # noqa: ANN401 - a field of any of the definitions
    """Return a value of the protocol as a definition has it."""
    match value:
        case Stretch(days=int(days)):
            return replace(before, days=days, counted="days") if isinstance(before, Months) else days
        case Stretch(months=int(months)):
            return replace(before, months=months, counted="calendar")
        case OutlierRule(rule=rule):
            over, limit = value.over or Outliers().over, Outliers().limit if value.limit is None else value.limit
            return Outliers(rule, over, limit)
        case YearsSince():
            return replace(before, **value.model_dump(exclude_none=True))
    return value


@dataclass(frozen=True, slots=True)
class Reading:
    """One reading of a question's outcome in words: its key in the protocol, what it settles, and how."""

    key: str
    settles: str
    value: str


def readings(means: Definitions, kind: QuestionKey) -> tuple[Reading, ...]:
    """Return every reading of a kind of outcome, in the order of the protocol's keys."""
    return tuple(_reading(means, kind, key) for key, kinds in KINDS_OF.items() if kind in kinds)


def _reading(means: Definitions, kind: QuestionKey, key: str) -> Reading:
    if key == "rereferral_window":
        value: Any = means.escalation.rereferral.window
    else:
        place, field = _place(kind, key)
        value = getattr(getattr(means, place), field) if field else getattr(means, place)
    settles, in_words = _SAID[key]
    return Reading(key, settles, in_words(value))


def _days_or_months(stretch: Months | int) -> str:
    return f"{stretch} days" if isinstance(stretch, int) else str(stretch)


def _outliers(outliers: Outliers) -> str:
    if outliers.kind == "none":
        return "no duration is"
    if outliers.kind == "limit":
        return f"more than {outliers.limit} working days"
    rows = "its baseline and post rows" if outliers.over == "phases" else "its whole population"
    return f"beyond Q3 + 1.5 IQR of {rows}"


def _since(since: Since) -> str:
    until = "the last day of the event's window" if since.baseline == "window" else "the event"
    return f"before the start to {until}" + (f", plus {since.added}" if since.added else "")


_KINSHIP = {
    "strict": "relatives or friends; special guardianship by kin",
    "wide": "strict, and child arrangements orders and leaving care to someone without parental responsibility",
    "as_coded": "strict, and own parents, returns home, and leaving care to someone without parental responsibility",
}
_SIGNS = {
    "any": "any plan or start of care",
    "first": "the first plan and the first start of care after no further action",
}
_POPULATIONS = {"referred": "all referred children", "open_cases": "open cases"}

# What each reading settles, and how its value is said.
_SAID: Mapping[str, tuple[str, Callable[[Any], str]]] = {
    "window": ("how long after its event an outcome counts", str),
    "margin": ("what must lie between the event and the end of the data", _days_or_months),
    "assessments_from": ("first day of an assessment", lambda day: f"from {day}"),
    "censored_at": ("what the margin is held against", lambda day: f"{day or 'the last day of the data'}"),
    "outliers": ("which durations are too long to be believed", _outliers),
    "day_zero": (
        "whether a conference on the referral's day counts",
        lambda yes: "it counts" if yes else "it does not",
    ),
    "first_three": (
        "which conferences of a child are looked at",
        lambda yes: "the first three" if yes else "all of them",
    ),
    "censored": ("whether the window must lie within the data", lambda yes: "it must" if yes else "it need not"),
    "conferences_from": ("from when the returns hold conferences", lambda day: f"{day or 'from their first day'}"),
    "rereferral": ("which re-referral of its window counts", lambda which: f"the {which}"),
    "rereferral_window": ("how long after no further action a re-referral counts", str),
    "signs": ("what an escalation is seen by", _SIGNS.__getitem__),
    "plans_from": ("from when the returns hold plans", lambda day: f"{day or 'from their first day'}"),
    "definition": ("what kinship care is", _KINSHIP.__getitem__),
    "legal_statuses": (
        "legal status under which a period of care begins",
        lambda codes: f"one of {', '.join(codes)}" if codes else "any",
    ),
    "population": ("whom the question is about", _POPULATIONS.__getitem__),
    "since": ("to what day years are counted", _since),
}
