"""The pilots after the start, beside where they are estimated to have been without the intervention."""

from dataclasses import replace

from whatworked.cells import Blank, Cell, Coefficient, Mean, Tally, Words
from whatworked.findings.model import Effect, Findings, QuestionFindings, SpecificationFindings
from whatworked.tables.effects import level_unit, main_specification
from whatworked.tables.model import Column, Passage, Table, said
from whatworked.tables.models import effect_unit, headline
from whatworked.tables.names import AreaNames
from whatworked.tables.outcomes import summary_mean
from whatworked.tables.stars import star_key, stars
from whatworked.tables.values import persons, probability, rows
from whatworked.vocabulary import Arm, Phase

AFTER = "after_start"
# The rows, in their order.
OBSERVED, WITHOUT = range(2)
_OWN_MEAN = "the mean itself"
_INTERVALS = {
    "headline": "The interval is that of the headline test.",
    "source": "The interval is that of the source's test.",
    "marginal": "The interval is that of the average marginal effect; the p-values are of the log-odds.",
}


def after_start(question: QuestionFindings, findings: Findings, *, names: AreaNames) -> Table | None:
    """Return the pilots' observed mean after the start and the estimated one; None where there is none in the unit."""
    main, found, place = main_specification(question), question.after_start, observed_place(question)
    if main is None or found is None or place is None:
        return None
    observed = summary_mean(question.summary[place], question)
    source_p = main.effect.p_value if isinstance(main.effect, Effect) else None
    best = headline(main)
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
                *(_estimated(value, observed) for value in (found.counterfactual, found.conf_low, found.conf_high)),
                Coefficient(found.effect, question.unit, main.residual_df, mark=stars(source_p, findings)),
                probability(source_p),
                probability(best.p_value if best else None),
            ),
        ),
        source=Words(question.source),
        notes=(_size(main, question), said(star_key(findings)), said(_INTERVALS[found.interval])),
    )


def observed_place(question: QuestionFindings) -> int | None:
    """Return which row of the summary holds the pilots after the start."""
    places = [i for i, row in enumerate(question.summary) if (row.arm, row.phase) == (Arm.PILOT, Phase.POST)]
    return places[0] if places else None


def _estimated(value: float | None, observed: Cell) -> Cell:
    """Return a mean that nobody has: of no people's yes or no, and guarded as the observed one is."""
    if value is None:
        return Blank("the interval has no end on this side")
    return replace(observed, value=value, part=None) if isinstance(observed, Mean) else observed


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
