"""Where the readings that an outcome chooses contradict its kind or one another."""

from collections.abc import Iterator, Mapping

from whatworked.errors import Mistake, known
from whatworked.protocol.outcomes import (
    KINDS_OF,
    Cutoff,
    Definition,
    Outcome,
    OutlierRule,
    Redefine,
    SecondaryOutcome,
    Stretch,
    YearsSince,
)
from whatworked.protocol.places import quoted

STRETCHES = ("window", "margin", "rereferral_window")


def outcome_mistakes(where: str, outcome: Outcome) -> Iterator[Mistake]:
    """Yield what is wrong with an outcome, whose place in the protocol is `where`."""
    if outcome.window_days and outcome.kind != "given":
        found = "is for tables of events; this outcome is made from returns."
        yield Mistake(f"{where}.window_days", found, _instead("window", outcome.kind))
    yield from definition_mistakes(where, outcome, kind=outcome.kind)


def definition_mistakes(where: str, definition: Definition, *, kind: str) -> Iterator[Mistake]:
    """Yield what is wrong with readings of an outcome of a kind."""
    suited = {key: value for key, value in definition.choices.items() if kind in KINDS_OF[key]}
    for key in definition.choices:
        if key not in suited:
            yield Mistake(f"{where}.{key}", f'is no reading of an outcome of the kind "{kind}".', _instead(key, kind))
    for key, value in suited.items():
        match value:
            case Stretch():
                yield from _stretch(f"{where}.{key}", value, days_only=key == "margin" and kind != "escalation")
            case OutlierRule():
                yield from _outliers(f"{where}.{key}", value)
            case YearsSince(baseline=None, added=None):
                yield Mistake(f"{where}.{key}", "is empty.", "Give `baseline` or `added`, or leave it out.")


def variant_mistakes(
    where: str, variant: Redefine | Cutoff | SecondaryOutcome, kinds: Mapping[str, str]
) -> Iterator[Mistake]:
    """Yield what is wrong with another definition, or another outcome, for its questions: key → kind of their own."""
    if isinstance(variant, SecondaryOutcome):
        yield from _secondary(where, variant, kinds)
    else:
        yield from _redefinition(where, variant, kinds)


def _redefinition(where: str, variant: Redefine | Cutoff, kinds: Mapping[str, str]) -> Iterator[Mistake]:
    part = "outliers" if isinstance(variant, Cutoff) else "outcome"
    if not variant.definition.choices:
        yield Mistake(f"{where}.{part}", "is empty.", "Give the readings that differ from the question's.")
    for key, kind in kinds.items():
        here = where if isinstance(variant, Cutoff) else f"{where}.{part}"
        for mistake in definition_mistakes(here, variant.definition, kind=kind):
            advice = mistake.advice if variant.questions else f"{mistake.advice} Or name the variant's `questions`."
            yield Mistake(mistake.where, f"for the question {key}: {mistake.found}", advice)


def _secondary(where: str, variant: SecondaryOutcome, kinds: Mapping[str, str]) -> Iterator[Mistake]:
    other = variant.outcome
    if other.kind == "given":
        advice = "Give its `kind`, such as same_day: only outcomes that are made from returns can stand beside another."
        yield Mistake(f"{where}.outcome.kind", "says that the outcome stands in the records.", advice)
        return
    yield from outcome_mistakes(f"{where}.outcome", other)
    for key, kind in kinds.items():
        advice = "Name another kind." if variant.questions else "Name another kind, or the variant's `questions`."
        if kind == "given":
            advice = "Name the variant's `questions`: those whose outcome is made from returns."
            yield Mistake(f"{where}.outcome", f"the outcome of question.{key} stands in the records.", advice)
        elif kind == other.kind:
            yield Mistake(f"{where}.outcome.kind", f"is the outcome of question.{key} itself.", advice)


def _instead(key: str, kind: str) -> str:
    """Return which readings an outcome has, and whose reading a key is."""
    of_kind = [name for name, kinds in KINDS_OF.items() if kind in kinds]
    if not of_kind:
        return "Leave it out: only outcomes that are made from returns have readings."
    return f"It is one of {', '.join(KINDS_OF[key])}. {known(of_kind, key)}"


def _stretch(where: str, stretch: Stretch, *, days_only: bool) -> Iterator[Mistake]:
    """Yield that a stretch of time is not given in one unit, if it is not."""
    if days_only and stretch.months is not None:
        yield Mistake(f"{where}.months", "the margin of assessments is counted in days.", "Write { days = 53 }.")
    elif (stretch.days is None) == (stretch.months is None):
        found = "gives neither days nor months." if stretch.days is None else "gives both days and months."
        yield Mistake(where, found, "Write { days = 183 }, or { months = 6 } for months by the calendar.")


def _outliers(where: str, outliers: OutlierRule) -> Iterator[Mistake]:
    """Yield what does not go with a rule for outliers."""
    if outliers.rule == "limit" and outliers.limit is None:
        yield Mistake(f"{where}.limit", "is missing.", "Give the longest duration that stays, in working days.")
    for key, rule in (("limit", "limit"), ("over", "tukey")):
        if getattr(outliers, key) is not None and outliers.rule != rule:
            found = f"goes with rule = {quoted(rule)}, and the rule is {quoted(outliers.rule)}."
            yield Mistake(f"{where}.{key}", found, "Leave one of the two out.")
