"""Where the questions and variants of a protocol contradict it: names that nothing has, and weights without data."""

from collections.abc import Iterable, Iterator, Mapping

from whatworked.errors import Mistake, known
from whatworked.protocol.check_covariates import covariate_mistakes
from whatworked.protocol.check_outcomes import outcome_mistakes, variant_mistakes
from whatworked.protocol.model import AreaSeries, Protocol, Question, Variant
from whatworked.protocol.outcomes import Cutoff, Redefine, SecondaryOutcome
from whatworked.protocol.people import Events
from whatworked.protocol.places import question_places, quoted
from whatworked.protocol.variants import (
    Dose,
    LeaveOut,
    OtherEstimator,
    OtherRules,
    PracticeModels,
    Rematch,
    Reweight,
    Triple,
)


def question_contradictions(protocol: Protocol) -> Iterator[Mistake]:
    """Yield what is wrong with the proxies, questions and variants of a protocol."""
    heirs = tuple(question for question in protocol.question if question.matching.proxy is None)
    yield from _proxy("matching.proxy", protocol.matching.proxy, protocol, questions=heirs)
    yield from _questions(protocol)
    names: dict[str, int] = {}
    for index, variant in enumerate(protocol.variant):
        yield from _variant(f"variant[{index}]", variant, protocol)
        name = _name(variant)
        if name is not None and (of := names.setdefault(name, index)) != index:
            found = f"{quoted(name)} is the name of variant[{of}] too."
            yield Mistake(f"variant[{index}].name", found, "Give every variant a name of its own.")


def _name(variant: Variant) -> str | None:
    """Return what the report calls a variant, None where it makes a name of its own."""
    match variant:
        case Rematch() | Redefine() | Cutoff() | SecondaryOutcome():
            return variant.name
        case Dose() | PracticeModels() | Triple() | OtherRules():
            return variant.called
    return None


def _questions(protocol: Protocol) -> Iterator[Mistake]:
    """Yield what is wrong with the questions."""
    places = question_places(question.key for question in protocol.question)
    seen: dict[str, int] = {}
    for index, (where, question) in enumerate(zip(places, protocol.question, strict=True)):
        if (of := seen.setdefault(question.key, index)) != index:
            advice = "Give every question a key of its own."
            yield Mistake(f"{where}.key", f"{quoted(question.key)} is the key of question[{of}] too.", advice)
        yield from _sources(where, question, protocol)
        yield from outcome_mistakes(f"{where}.outcome", question.outcome)
        if question.outcome.window_days and isinstance(protocol.tables.get(question.table), AreaSeries):
            advice = "Leave it out: an area's figure is of its period."
            yield Mistake(f"{where}.outcome.window_days", "is for tables of events only.", advice)
        if question.weight == "denominator":
            yield from _denominator(f"{where}.weight", question, protocol.tables)
        yield from _proxy(f"{where}.matching.proxy", question.matching.proxy, protocol, questions=(question,))
        yield from covariate_mistakes(where, question, protocol)


def _sources(where: str, question: Question, protocol: Protocol) -> Iterator[Mistake]:
    """Yield records that a question names and that are not there, or are not of the kind that its outcome asks for."""
    made = question.outcome.kind != "given"
    if not question.sources or (not made and len(question.sources) > 1):
        advice = "Name one table; only outcomes that are made from returns take several."
        yield Mistake(f"{where}.records", f"names {len(question.sources)} tables of records.", advice)
    for name in question.sources:
        if name not in protocol.records:
            yield _unknown(f"{where}.records", "table of records", name, protocol.records)
        elif name in protocol.contexts:
            found = f"records.{name} holds covariates of areas, no outcome."
            yield Mistake(f"{where}.records", found, "Name it in area_covariates, and here what holds the outcome.")
        elif made != (name in protocol.returns):
            found = f"records.{name} {'holds figures, not returns' if made else 'holds returns'}."
            advice = "Name returns, or leave outcome.kind out." if made else "Say in outcome.kind what to make of them."
            yield Mistake(f"{where}.records", found, advice)
    if made and (protocol.study.data_start is None or protocol.study.data_end is None):
        advice = "Give study.data_start and study.data_end: what lies before is history, what is cut off is not known."
        yield Mistake(f"{where}.outcome.kind", "needs the first and the last day of the data.", advice)


def _variant(where: str, variant: Variant, protocol: Protocol) -> Iterator[Mistake]:
    """Yield what is wrong with one variant."""
    yield from _known_questions(f"{where}.questions", variant.questions, protocol)
    asked = [question for question in protocol.question if not variant.questions or question.key in variant.questions]
    match variant:
        case LeaveOut():
            yield from _leave_out(f"{where}.pilots", variant, protocol)
        case Reweight(weight="denominator"):
            for question in asked:
                yield from _denominator(f"{where}.weight", question, protocol.tables)
        case OtherEstimator(questions=named) if named:
            yield from _for_people(f"{where}.questions", asked, protocol)
        case Redefine() | Cutoff() | SecondaryOutcome():
            yield from variant_mistakes(where, variant, {one.key: one.outcome.kind for one in asked})
        case OtherRules(rule_set=name) if name == protocol.study.rule_set:
            found = f"{quoted(name)} is the rule set of the study itself."
            yield Mistake(f"{where}.rule_set", found, "Name the other one.")
        case Rematch():
            yield from _proxy(f"{where}.matching.proxy", variant.matching.proxy, protocol, questions=asked)


def _known_questions(where: str, named: tuple[str, ...], protocol: Protocol) -> Iterator[Mistake]:
    """Yield names that no question has."""
    keys = [question.key for question in protocol.question]
    for place, key in enumerate(named):
        if key not in keys:
            yield _unknown(f"{where}[{place}]", "question", key, keys)


def _for_people(where: str, asked: Iterable[Question], protocol: Protocol) -> Iterator[Mistake]:
    """Yield questions about figures of areas, of which there is no other family of model."""
    for question in asked:
        if isinstance(protocol.tables.get(question.table), AreaSeries):
            found = f"question.{question.key} is about figures of areas."
            yield Mistake(where, found, "Other families of model are for people's records.")


def _unknown(where: str, noun: str, found: str, names: Iterable[str]) -> Mistake:
    """Return the mistake of a name that nothing in the protocol has."""
    return Mistake(where, f"no {noun} is called {quoted(found)}.", known(names, found))


def _denominator(where: str, question: Question, records: Mapping[str, AreaSeries | Events]) -> Iterator[Mistake]:
    """Yield that a question's areas cannot be weighed by their denominator, if they cannot."""
    table = records.get(question.table)
    if isinstance(table, Events) or question.outcome.kind != "given":
        found = f'is "denominator", but records.{question.table} holds events of people.'
        yield Mistake(where, found, 'Give weight = "equal": every event counts one.')
    elif table is not None and table.columns.denominator is None:
        found = f'is "denominator", but records.{question.table} has no columns.denominator.'
        yield Mistake(where, found, 'Name the column of the denominator there, or give weight = "equal".')


def _proxy(where: str, proxy: str | None, protocol: Protocol, *, questions: Iterable[Question]) -> Iterator[Mistake]:
    """Yield that a proxy is unknown, or has other periods than the outcome that it stands for."""
    if proxy is None:
        return
    if proxy not in protocol.records:
        yield _unknown(where, "table of records", proxy, protocol.records)
        return
    if proxy not in protocol.tables:
        holds = "covariates" if proxy in protocol.contexts else "returns"
        yield Mistake(where, f"records.{proxy} holds {holds}, not a series.", "Name an area series.")
        return
    periods = protocol.tables[proxy].period
    for name in dict.fromkeys(question.table for question in questions):
        if name in protocol.tables and protocol.tables[name].period != periods:
            found = f"records.{proxy} has other periods than records.{name}, which it stands for."
            yield Mistake(where, found, "Give both tables the same `period`.")


def _leave_out(where: str, variant: LeaveOut, protocol: Protocol) -> Iterator[Mistake]:
    """Yield pilots that nobody knows, and that none would be left."""
    labels = [pilot.label for pilot in protocol.areas.pilots]
    if variant.pilots is None:
        return
    if variant.pilots == "each":
        if len(labels) == 1:
            yield Mistake(where, 'is "each", but there is only one pilot.', "Leave this variant out.")
        return
    for place, label in enumerate(variant.pilots):
        if label not in labels:
            yield _unknown(f"{where}[{place}]", "pilot", label, labels)
    if set(labels) <= set(variant.pilots):
        yield Mistake(where, "names all pilots, so that none would be left.", 'Name fewer, or give pilots = "each".')
