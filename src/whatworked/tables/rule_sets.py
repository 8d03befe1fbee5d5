"""A question under both rule sets, side by side: what is decided, what it comes to, and where the two differ."""

from collections.abc import Iterator
from dataclasses import dataclass
from math import isclose

from whatworked.cells import Blank, Cell, Tally, Words
from whatworked.findings.model import Effect, QuestionFindings, RuleSetFacts
from whatworked.strands.variants import WORDS
from whatworked.tables.model import Column, Fact, Passage, Table, said
from whatworked.tables.models import LOG_ODDS, in_words
from whatworked.tables.names import AreaNames
from whatworked.tables.values import coefficient, probability, rows
from whatworked.tables.wording import BRANCHES, ESTIMATORS, branch_in_words, decision_in_words, plain, sentence_case
from whatworked.vocabulary import Estimator

KEY = "rule_sets"
# Two numbers that are nearer to each other than this were worked out in another order.
ROUNDING = 1e-9
# The row of the table that counts people's rows, which other tables count too.
ROW_OF_COUNTS = 0
USED, OTHER = "used", "other"
ERRORS = {"clustered": "clustered by area", "classical": "classical, not clustered"}
AGAINST = {"t": "a t distribution with one degree of freedom fewer than areas", "normal": "a normal distribution"}


@dataclass(frozen=True, slots=True)
class _Line:
    """One line of the comparison."""

    what: str
    used: Cell
    other: Cell
    differs: bool


def rule_sets(question: QuestionFindings, names: AreaNames) -> Table | None:
    """Return the two rule sets side by side, None where the protocol asks for one alone."""
    if not question.rule_sets:
        return None
    if len(question.rule_sets) == 1:
        return None
    used, other = question.rule_sets
    return Table(
        key=KEY,
        title=names.words(f"Under both rule sets: {question.outcome}"),
        kind="regression",
        columns=(
            Column("what", Words("What")),
            Column(USED, Words(f"{sentence_case(plain(used.rule_set))} (used)")),
            Column(OTHER, Words(sentence_case(plain(other.rule_set)))),
            Column("differs", Words("Do they differ?")),
        ),
        rows=tuple(
            (names.words(line.what), line.used, line.other, Words("Yes" if line.differs else "No"))
            for line in _lines(used, other, question, names)
        ),
        source=Words(question.source),
        notes=(
            said(
                "The areas compared are the same. Each column has its own rows, chooses its own model by its own tests "
                "and reads its estimate in its own way. The second column changes neither the answer nor the rating of "
                "the evidence. Readings of the outcome stand here only where the two differ."
            ),
        ),
    )


def _lines(used: RuleSetFacts, other: RuleSetFacts, question: QuestionFindings, names: AreaNames) -> Iterator[_Line]:
    both = (used, other)
    yield _line("Rows of the main model", tuple(rows(one.rows, question) for one in both), [one.rows for one in both])
    yield from _readings(used, other)
    yield from _decisions(used, other)
    yield _probabilities("Serial correlation, p-value", [one.serial_correlation_p for one in both])
    yield _probabilities("Fixed against random effects (Hausman), p-value", [one.hausman_p for one in both])
    yield _words("Model fitted", [ESTIMATORS[one.estimator] for one in both])
    yield _words("Standard errors of its test", [sentence_case(ERRORS[one.errors]) for one in both])
    yield _words("Its estimate is read against", [sentence_case(AGAINST[one.read_against]) for one in both])
    yield from _effects(used, other, question, names)
    yield _line("Leads tested", tuple(Tally(one.leads, "leads") for one in both), [one.leads for one in both])
    insignificant = [one.leads_insignificant for one in both]
    yield _line("Leads that are not significant", tuple(Tally(n, "leads") for n in insignificant), insignificant)
    yield _words("Conclusion", [sentence_case(BRANCHES[one.conclusion]) for one in both])


def _readings(used: RuleSetFacts, other: RuleSetFacts) -> Iterator[_Line]:
    """Yield the readings of the outcome that the two sets do not share."""
    theirs = {one.key: one.value for one in other.readings}
    for one in used.readings:
        if one.value != theirs[one.key]:
            yield _words(sentence_case(one.settles), [sentence_case(one.value), sentence_case(theirs[one.key])])


def _decisions(used: RuleSetFacts, other: RuleSetFacts) -> Iterator[_Line]:
    """Yield every decision that one of the sets took; one that it did not come to is blank there.

    A family that could not be fitted is decided on twice; the last word counts.
    """
    chosen = [{one.decision: branch_in_words(one.chosen) for one in found.decisions} for found in (used, other)]
    for decision in dict.fromkeys([*chosen[0], *chosen[1]]):
        cells = tuple(Words(of[decision]) if decision in of else Blank("it did not come to this") for of in chosen)
        yield _line(decision_in_words(decision), cells, [of.get(decision) for of in chosen])


def _effects(used: RuleSetFacts, other: RuleSetFacts, question: QuestionFindings, names: AreaNames) -> Iterator[_Line]:
    """Yield the two effects, part by part; where their units differ, each unit too."""
    both = (used, other)
    units = [in_words(LOG_ODDS if one.estimator is Estimator.LOGIT else question.unit) for one in both]
    if units[0] != units[1]:
        yield _words("Unit of the estimate", units)
    unit = f" ({units[0]})" if units[0] == units[1] else ""
    parts = (("estimate", f"Estimate{unit}"), ("std_error", f"Standard error{unit}"),
             ("conf_low", "95% interval, lower limit"), ("conf_high", "95% interval, upper limit"))  # fmt: skip
    for part, words in parts:
        values = [_part(one, part) for one in both]
        cells = tuple(_coefficient(one, value, question, names) for one, value in zip(both, values, strict=True))
        yield _line(words, cells, values)
    yield _probabilities("p-value of its test", [_part(one, "p_value") for one in both])


def _part(found: RuleSetFacts, part: str) -> float | None:
    value: float | None = getattr(found.effect, part, None)
    return value


def _coefficient(found: RuleSetFacts, value: float | None, question: QuestionFindings, names: AreaNames) -> Cell:
    """Return a part of an effect; its model is that of the specification of its name."""
    effect = found.effect
    if not isinstance(effect, Effect):
        return Blank(names.within(effect.not_estimated))
    residual_df = next(one.residual_df for one in question.specifications if one.name == found.specification)
    return coefficient(value, effect.unit, residual_df=residual_df)


def _line(what: str, cells: tuple[Cell, ...], values: list[int] | list[float | None] | list[str | None]) -> _Line:
    one, other = values
    if isinstance(one, float) and isinstance(other, float):
        return _Line(what, cells[0], cells[1], differs=not isclose(one, other, rel_tol=ROUNDING))
    return _Line(what, cells[0], cells[1], differs=one != other)


def _words(what: str, values: list[str]) -> _Line:
    return _Line(what, Words(values[0]), Words(values[1]), differs=values[0] != values[1])


def _probabilities(what: str, values: list[float | None]) -> _Line:
    why = "not tested, or it could not be had"
    return _line(what, tuple(probability(value, why=why) for value in values), values)


def rule_set_passages(question: QuestionFindings, names: AreaNames) -> tuple[Passage, ...]:
    """Return in words what the question comes to under the other rule set, and whether that is another conclusion."""
    if len(question.rule_sets) < len((USED, OTHER)):
        return ()
    used, other = question.rule_sets
    facts: dict[str, Fact] = {
        "used": names.words(plain(used.rule_set)),
        "other": names.words(plain(other.rule_set)),
        "model": Words(WORDS[other.estimator]),
        "against": Words(AGAINST[other.read_against]),
        "reached": Words(BRANCHES[other.conclusion].lower()),
        "own_reached": Words(BRANCHES[used.conclusion].lower()),
    }
    told = "{model} gives no effect"
    if isinstance(other.effect, Effect):
        for part in ("estimate", "conf_low", "conf_high"):
            facts[part] = _coefficient(other, _part(other, part), question, names)
        facts["p_value"] = probability(other.effect.p_value)
        facts["unit"] = names.words(in_words(other.effect.unit))
        told = (
            "{model} gives {estimate} {unit} (95% interval from {conf_low} to {conf_high}, p = {p_value}, read "
            "against {against})"
        )
    verdict = (
        "It concludes the same: {reached}."
        if used.conclusion == other.conclusion
        else "It concludes otherwise: {reached}, where the rule set that is used, {used}, finds: {own_reached}."
    )
    differ = [one for one in _lines(used, other, question, names) if one.differs]
    facts["differ"] = Tally(len(differ), "lines")
    where = "The two differ in {differ} lines of the table 'Under both rule sets'."
    return (Passage(f"Under the other rule set, {{other}}, {told}. {verdict} {where}", facts),)
