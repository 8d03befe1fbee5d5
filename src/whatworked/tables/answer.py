"""The facts that the first paragraphs of a question are made of.

Keys: `question`, `outcome`, `unit`, `better`, `intervention`, `source`, `rating`; of the headline test
`estimate`, `low`, `high`, `p_value`, `method`, `significant`; of the source's test `source_estimate`,
`source_low`, `source_high`, `source_p_value`, `source_significant`, `source_is_headline`; of a logit's average
marginal effect `marginal`, `marginal_low`, `marginal_high`, in `marginal_unit`, and its `odds_ratio`; `tests_below`
of `tests_counted` tests with p below `significance`; `additions_disagreeing` of `additions_counted` additions that
draw another conclusion than the source's test, `additions_named`; `not_estimated`, why there is no estimate; means
`pilots_before`, `pilots_after`, `comparators_before`, `comparators_after`; counts of areas and periods;
`pilots_in_protocol`, compared or not; `searched`, whether comparators were chosen by trend.
"""

from whatworked.cells import Blank, Cell, Tally, Words
from whatworked.findings.model import Effect, Findings, InferenceRow, QuestionFindings, SpecificationFindings
from whatworked.tables.effects import level_unit, main_specification
from whatworked.tables.model import Fact
from whatworked.tables.models import effect_unit, headline, in_words, unit_of, unit_of_method
from whatworked.tables.names import AreaNames
from whatworked.tables.outcomes import summary_mean
from whatworked.tables.values import coefficient, probability
from whatworked.tables.wording import METHODS, RATINGS
from whatworked.vocabulary import Arm, Method, Phase

_NO_NUMBERS: dict[str, float | None] = {"estimate": None, "low": None, "high": None}


def answer_facts(question: QuestionFindings, findings: Findings, *, names: AreaNames) -> dict[str, Fact]:
    """Return everything that the answer in words needs, typed."""
    main = main_specification(question)
    return {
        "question": names.words(question.title),
        "outcome": names.words(question.outcome),
        "unit": names.words(in_words(unit_of(main, question)) if main else effect_unit(question)),
        "level_unit": names.words(level_unit(question)),
        "better": Words(question.better),
        "intervention": names.words(findings.study.intervention),
        "source": Words(question.source),
        "exploratory": question.exploratory,
        "rating": Words(question.evidence.rating.value),
        "rating_in_words": Words(RATINGS[question.evidence.rating]),
        "significance": findings.significance,
        "natural_unit": names.words(effect_unit(question)),
        **_headline_facts(main, question, findings, names=names),
        **_source_facts(main, findings),
        **_marginal_facts(main, question, names=names),
        **_agreement(main, findings),
        **_additions(question),
        **_levels(question),
        **_size(question, main),
    }


def _headline_facts(
    main: SpecificationFindings | None, question: QuestionFindings, findings: Findings, *, names: AreaNames
) -> dict[str, Fact]:
    row = headline(main) if main else None
    if main is None or not isinstance(main.effect, Effect):
        why = main.effect.not_estimated if main and not isinstance(main.effect, Effect) else "no analysis could be run"
        return {"not_estimated": names.words(why)}
    why = names.within((row.note if row else None) or "the headline test gives no such number")
    unit = unit_of_method(row.method if row else None, main, question)
    return {
        **_numbers(row, main, prefix="", why=why, unit=unit),
        "headline_unit": names.words(in_words(unit)),
        "method": Words(METHODS[row.method]) if row else Blank("no headline test"),
        "headline_note": names.words(row.note) if row and row.note else None,
        "significant": _below(row.p_value if row else None, findings),
    }


def _source_facts(main: SpecificationFindings | None, findings: Findings) -> dict[str, Fact]:
    if main is None or not isinstance(main.effect, Effect):
        return {}
    best = headline(main)
    return {
        **_numbers(
            main.effect,
            main,
            prefix="source_",
            why=main.effect.note or "the source's test gives no such number",
            unit=main.effect.unit,
        ),
        "source_significant": _below(main.effect.p_value, findings),
        "source_is_headline": best is not None and best.method is Method.CR1,
    }


def _marginal_facts(
    main: SpecificationFindings | None, question: QuestionFindings, *, names: AreaNames
) -> dict[str, Fact]:
    """Return what a logit says in the outcome's own unit; nothing of another model."""
    effect = main.average_marginal_effect if main else None
    if main is None or effect is None:
        return {}
    unit: dict[str, Fact] = {"marginal_unit": names.words(effect_unit(question))}
    if not isinstance(effect, Effect):
        return unit | {"marginal_not_available": names.words(effect.not_estimated)}
    three = {"marginal": effect.estimate, "marginal_low": effect.conf_low, "marginal_high": effect.conf_high}
    odds = main.odds_ratio
    return unit | {
        **{key: coefficient(value, effect.unit, residual_df=main.residual_df) for key, value in three.items()},
        "odds_ratio": coefficient(odds.estimate, odds.unit, residual_df=main.residual_df) if odds else None,
    }


def _numbers(
    row: InferenceRow | Effect | None, main: SpecificationFindings, *, prefix: str, why: str, unit: str
) -> dict[str, Fact]:
    three = {"estimate": row.estimate, "low": row.conf_low, "high": row.conf_high} if row else _NO_NUMBERS
    cells: dict[str, Fact] = {
        f"{prefix}{name}": coefficient(value, unit, residual_df=main.residual_df, why=why)
        for name, value in three.items()
    }
    return cells | {f"{prefix}p_value": probability(row.p_value if row else None, why=why)}


def _agreement(main: SpecificationFindings | None, findings: Findings) -> dict[str, Fact]:
    p_values = [row.p_value for row in main.inference if row.p_value is not None] if main else []
    below = sum(p < findings.significance for p in p_values)
    return {"tests_below": Tally(below, "tests"), "tests_counted": Tally(len(p_values), "tests")}


def _additions(question: QuestionFindings) -> dict[str, Fact]:
    """Return how many additions disagree with the pre-registered test, and which; nothing where none was compared."""
    found = next((one.facts for one in question.decisions if one.decision == "additions"), {})
    disagreeing, counted, which = found.get("disagreeing"), found.get("counted"), found.get("names")
    if not isinstance(disagreeing, int) or not isinstance(counted, int):
        return {}
    return {
        "additions_disagreeing": Tally(disagreeing, "additions"),
        "additions_counted": Tally(counted, "additions"),
        "additions_named": Words(str(which)),
    }


def _levels(question: QuestionFindings) -> dict[str, Fact]:
    found = {(row.arm, row.phase): summary_mean(row, question) for row in question.summary}
    none: Cell = Blank("no rows in this arm and phase")
    return {
        f"{arm.value}s_{word}": found.get((arm, phase), none)
        for arm in (Arm.PILOT, Arm.COMPARATOR)
        for phase, word in ((Phase.BASELINE, "before"), (Phase.POST, "after"))
    }


def _size(question: QuestionFindings, main: SpecificationFindings | None) -> dict[str, Fact]:
    periods = {phase: len({row.period for row in question.series if row.phase is phase}) for phase in Phase}
    return {
        "pilots": Tally(main.pilots if main else 0, "pilots"),
        "comparators": Tally(main.comparators if main else 0, "comparators"),
        "dropped": Tally(len(question.areas.dropped), "pilots"),
        "pilots_in_protocol": Tally(sum(entry.arm is Arm.PILOT for entry in question.names), "pilots"),
        "searched": any(row.distance is not None for row in question.areas.candidates),
        "periods_before": Tally(periods[Phase.BASELINE], "periods"),
        "periods_settling_in": Tally(periods[Phase.SETTLING_IN], "periods"),
        "periods_after": Tally(periods[Phase.POST], "periods"),
        "first_period": Words(question.periods[0].label if question.periods else ""),
        "last_period": Words(question.periods[-1].label if question.periods else ""),
    }


def _below(p_value: float | None, findings: Findings) -> bool | None:
    return None if p_value is None else p_value < findings.significance
