"""Every estimate of a question in the outcome's own unit, sorted, with the choices that each one made."""

from collections.abc import Iterator
from dataclasses import dataclass

from whatworked.cells import Blank, Cell, Tally, Words
from whatworked.estimation.treatments import AGAINST_WITHOUT, AT_A_HIGH_RATING, DIFFERENCE
from whatworked.findings.model import Effect, InferenceRow, QuestionFindings, SpecificationFindings
from whatworked.tables.effects import main_specification, run_name, single_effects
from whatworked.tables.model import Column, Passage, Table, said
from whatworked.tables.models import LINEAR_FORMS, effect_unit
from whatworked.tables.names import AreaNames
from whatworked.tables.secondary import EFFECT
from whatworked.tables.values import coefficient, probability
from whatworked.tables.wording import METHODS, ROLES
from whatworked.vocabulary import Estimator, Method, Role

CURVE = "specification_curve"
_FEWEST = 2
# The choices that an estimate makes, by the key of their column.
CHOICES = {
    "model": "Model",
    "areas": "Areas",
    "definition": "Definition",
    "treatment": "Treatment",
    "form": "Data",
    "errors": "Errors",
}
_MODELS = {
    Estimator.LINEAR: "Linear",
    Estimator.LOGIT: "Logistic",
    Estimator.FIXED_EFFECTS: "Fixed effects",
    Estimator.RANDOM_EFFECTS: "Random effects",
}
_USUAL = {
    "areas": "All",
    "definition": "As registered",
    "treatment": "Pilot or not",
    "form": "Every row",
    "errors": "By area",
}
_FORMS = {Method.STACKED: "Stacked groups", Method.COLLAPSED_T: "One change an area"}


@dataclass(frozen=True)
class _Estimate:
    name: str
    role: Role
    found: Effect | InferenceRow
    residual_df: float
    choices: dict[str, str]


def specification_curve(question: QuestionFindings, names: AreaNames) -> Table | None:
    """Return all estimates from the smallest to the largest; None where there are fewer than two."""
    main = main_specification(question)
    if main is None:
        return None
    every = [one for run in single_effects(question) for one in _estimates(run, main, question)]
    every.sort(key=lambda one: (one.found.estimate or 0.0, one.name))
    if len(every) < _FEWEST:
        return None
    counted = {run.name for run in single_effects(question)}
    return Table(
        key=CURVE,
        title=names.words(f"Every estimate, from the smallest to the largest: {question.outcome}"),
        kind="regression",
        columns=(
            Column("analysis", Words("Analysis")),
            Column("role", Words("Role")),
            Column("estimate", names.words(f"Estimate ({effect_unit(question)})")),
            Column("conf_low", Words("95% interval, lower limit")),
            Column("conf_high", Words("95% interval, upper limit")),
            Column("p_value", Words("p-value")),
            *(Column(key, Words(words)) for key, words in CHOICES.items()),
        ),
        rows=tuple(_row(one, question, names) for one in every),
        source=Words(question.source),
        notes=(
            said(
                "Intervals and p-values are of the source's test, those of the stacked form and of one change an area "
                "their own. A logit stands with its average marginal effect."
            ),
            Passage(
                "{estimates} estimates of {analyses} analyses; what has no estimate in this unit, or is of another "
                "outcome, is not among them.",
                {"estimates": Tally(len(every), "estimates"), "analyses": Tally(len(counted), "analyses")},
            ),
        ),
    )


def _row(one: _Estimate, question: QuestionFindings, names: AreaNames) -> tuple[Cell, ...]:
    found = one.found
    why = "this test gives no such number"
    three = (found.estimate, found.conf_low, found.conf_high)
    return (
        names.words(one.name),
        Words(ROLES[one.role]),
        *(coefficient(value, question.unit, residual_df=one.residual_df, why=why) for value in three),
        probability(found.p_value, why=why) if found.p_value is not None else Blank(why),
        *(Words(one.choices[key]) for key in CHOICES),
    )


def _estimates(
    run: SpecificationFindings, main: SpecificationFindings, question: QuestionFindings
) -> Iterator[_Estimate]:
    """Yield what an analysis gives in the outcome's unit: one estimate, of the main one its linear forms too."""
    choices = _choices(run, main)
    for name, found, treatment in _effects(run):
        if found.unit == question.unit:
            yield _Estimate(name, run.role, found, run.residual_df, choices | {"treatment": treatment})
    if run is not main:
        return
    for row in main.inference:
        if row.method in LINEAR_FORMS and row.estimate is not None:
            form = {"model": _MODELS[Estimator.LINEAR], "form": _FORMS[row.method]}
            yield _Estimate(METHODS[row.method], Role.ADDITIONAL, row, main.residual_df, choices | form)


def _effects(run: SpecificationFindings) -> Iterator[tuple[str, Effect, str]]:
    """Yield name, effect and treatment of an analysis; a difference by rating is two effects, not one."""
    name, effect = run_name(run), run.effect
    if not isinstance(effect, Effect):
        return
    own = run.average_marginal_effect if run.estimator is Estimator.LOGIT else effect
    if effect.term == DIFFERENCE:
        terms = {term.term: term for term in run.terms}
        for term, at in ((EFFECT, "low"), (AT_A_HIGH_RATING, "high")):
            if term in terms:
                yield f"{name}: at a {at} rating", terms[term], f"At a {at} rating"
    elif isinstance(own, Effect):
        # a secondary analysis of pilot or not is of another outcome
        if run.role is Role.SECONDARY and effect.term == EFFECT:
            return
        yield name, own, _treatment(effect.term)


def _treatment(term: str) -> str:
    if term == EFFECT:
        return _USUAL["treatment"]
    return "Areas without the like" if term == AGAINST_WITHOUT else "A full dose"


def _choices(run: SpecificationFindings, main: SpecificationFindings) -> dict[str, str]:
    """Return what an analysis chose otherwise than the main one; each replaces one thing."""
    chosen = dict(_USUAL) | {"model": _MODELS[run.estimator]}
    if any(row.method is Method.PERSON for row in run.inference) and run.role is Role.ADDITIONAL:
        chosen["errors"] = "By person"
    if run.estimator is not main.estimator or run.role in (Role.MAIN, Role.ADDITIONAL, Role.SECONDARY):
        return chosen
    if (run.pilots, run.comparators) != (main.pilots, main.comparators):
        chosen["areas"] = "Others or fewer"
    else:
        chosen["definition"] = "Another"
    return chosen
