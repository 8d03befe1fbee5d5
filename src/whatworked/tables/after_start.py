"""The pilots after the start, beside where they are estimated to have been without the intervention."""

from dataclasses import replace

from whatworked.cells import Blank, Cell, Coefficient, Mean, Probability, Tally, Words
from whatworked.findings.model import Effect, Findings, InferenceRow, QuestionFindings, SpecificationFindings
from whatworked.tables.effects import level_unit, main_specification
from whatworked.tables.model import Column, Passage, Table, said
from whatworked.tables.models import effect_unit, headline
from whatworked.tables.names import AreaNames
from whatworked.tables.outcomes import summary_mean
from whatworked.tables.stars import star_key, stars
from whatworked.tables.values import persons, rows
from whatworked.vocabulary import Arm, Estimator, Method, Phase

AFTER = "after_start"
# The rows, in their order.
OBSERVED, WITHOUT = range(2)
_OWN_MEAN = "the mean itself"


def after_start(question: QuestionFindings, findings: Findings, *, names: AreaNames) -> Table | None:
    """Return the pilots' observed mean after the start and the estimated one without the intervention.

    None where there is no effect in the outcome's own unit. The interval is that of the headline test, or of the
    source's test where the headline has none; of a logit that of the average marginal effect.
    """
    main = main_specification(question)
    place = observed_place(question)
    effect = None if main is None else _effect(main)
    if main is None or effect is None or place is None or effect.estimate is None:
        return None
    observed = summary_mean(question.summary[place], question)
    if not isinstance(observed, Mean):
        return None
    high, low = effect.conf_low, effect.conf_high
    estimated = replace(observed, value=observed.value - effect.estimate, part=None)
    return Table(
        key=AFTER,
        title=names.words(
            f"Pilots after the start, observed and estimated: {question.outcome}, {level_unit(question)}"
        ),
        kind="means",
        columns=(
            Column("what", Words("Pilots after the start")),
            Column("mean", names.words(f"Mean ({level_unit(question)})")),
            Column("conf_low", Words("95% interval, lower limit")),
            Column("conf_high", Words("95% interval, upper limit")),
            Column("difference", names.words(f"Observed less estimated ({effect_unit(question)})")),
            Column("source_p", Words("p-value, source's test")),
            Column("headline_p", Words("p-value, headline test")),
        ),
        rows=(
            (Words("Observed"), observed, *(Blank(_OWN_MEAN),) * 5),
            (
                Words("Without the intervention, estimated"),
                estimated,
                *(_moved(observed, limit) for limit in (low, high)),
                Coefficient(effect.estimate, question.unit, main.residual_df, mark=stars(_source_p(main), findings)),
                _p_value(_source_p(main)),
                _p_value(_headline_p(main)),
            ),
        ),
        source=Words(question.source),
        notes=(_size(main, question), said(star_key(findings)), said(_which_interval(main))),
    )


def observed_place(question: QuestionFindings) -> int | None:
    """Return which row of the summary holds the pilots after the start."""
    places = [i for i, row in enumerate(question.summary) if (row.arm, row.phase) == (Arm.PILOT, Phase.POST)]
    return places[0] if places else None


def _effect(main: SpecificationFindings) -> Effect | InferenceRow | None:
    """Return the effect in the outcome's own unit."""
    if main.estimator is Estimator.LOGIT:
        return main.average_marginal_effect if isinstance(main.average_marginal_effect, Effect) else None
    if not isinstance(main.effect, Effect):
        return None
    best = headline(main)
    told = best is not None and None not in (best.estimate, best.conf_low, best.conf_high)
    return best if told else main.effect


def _which_interval(main: SpecificationFindings) -> str:
    if main.estimator is Estimator.LOGIT:
        return "The interval is that of the average marginal effect; the p-values are of the log-odds."
    effect = _effect(main)
    own = isinstance(effect, InferenceRow) and effect.method is not Method.CR1
    return f"The interval is that of {'the headline test' if own else 'the test of the source'}."


def _source_p(main: SpecificationFindings) -> float | None:
    return main.effect.p_value if isinstance(main.effect, Effect) else None


def _headline_p(main: SpecificationFindings) -> float | None:
    best = headline(main)
    return best.p_value if best else None


def _p_value(value: float | None) -> Cell:
    return Blank("not available") if value is None else Probability(value)


def _moved(observed: Mean, limit: float | None) -> Cell:
    if limit is None:
        return Blank("the interval has no end on this side")
    return replace(observed, value=observed.value - limit, part=None)


def _size(main: SpecificationFindings, question: QuestionFindings) -> Passage:
    """Return what the figure rests on, with its numbers for the gate."""
    of_people = question.persons is not None
    noun = "rows" if of_people else "area periods"
    people = " of {persons} people" if of_people and main.persons is not None else ""
    return Passage(
        f"N = {{rows}} {noun}{people}, {{pilots}} pilots, {{comparators}} comparators.",
        {
            "rows": rows(main.rows, question),
            "persons": persons(main.persons),
            "pilots": Tally(main.pilots, "pilots"),
            "comparators": Tally(main.comparators, "comparators"),
        },
    )
