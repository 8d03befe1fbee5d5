"""What each analysis was fitted with, in words, and the columns that only a logit fills."""

from collections.abc import Sequence

from whatworked.cells import Blank, Cell, Words
from whatworked.findings.model import InferenceRow, NotEstimatedFact, QuestionFindings, SpecificationFindings
from whatworked.tables.model import Column
from whatworked.tables.names import AreaNames
from whatworked.tables.values import SHARE, coefficient, probability
from whatworked.tables.wording import ESTIMATORS
from whatworked.vocabulary import Estimator, Method

LOG_ODDS = "log-odds"
POINTS = "percentage points"
ONLY_LOGIT = "of a logit only"
LINEAR_FORMS = (Method.COLLAPSED_T, Method.STACKED)
_NO_EFFECT = "no single effect in this analysis"


def headline(specification: SpecificationFindings) -> InferenceRow | None:
    """Return the row of the test that the rule chose."""
    return next((row for row in specification.inference if row.headline), None)


def effect_unit(question: QuestionFindings) -> str:
    """Return the unit of a linear effect: shares differ by percentage points."""
    return in_words(question.unit)


def in_words(unit: str) -> str:
    """Return the unit in which a difference is read."""
    return POINTS if unit == SHARE else unit


def unit_of(specification: SpecificationFindings, question: QuestionFindings) -> str:
    """Return the unit, as the findings have it, of an analysis's effect: log-odds for a logit, else its outcome's."""
    if specification.estimator is Estimator.LOGIT:
        return LOG_ODDS
    return question.unit if specification.measured is None else specification.measured.unit


def unit_of_method(method: Method | None, specification: SpecificationFindings, question: QuestionFindings) -> str:
    """Return the unit of a test's own estimate: the collapsed and the stacked form are linear beside a logit too."""
    return question.unit if method in LINEAR_FORMS else unit_of(specification, question)


def units_differ(found: Sequence[SpecificationFindings], question: QuestionFindings) -> bool:
    """Return whether some analyses of a table have another unit than others."""
    return len({unit_of(one, question) for one in found}) > 1


def model_columns(
    found: Sequence[SpecificationFindings], names: AreaNames, question: QuestionFindings
) -> tuple[Column, ...]:
    """Return the columns on the models of a table of analyses; those of a logit only where there is one."""
    model = Column("model", Words("Model"))
    unit = Column("unit", Words("Unit of the estimate"))
    if not any(one.estimator is Estimator.LOGIT for one in found):
        return (model, unit) if units_differ(found, question) else (model,)
    points = in_words(question.unit)
    return (
        model,
        unit,
        Column("odds_ratio", Words("Odds ratio")),
        Column("odds_low", Words("Odds ratio, 95% interval, lower limit")),
        Column("odds_high", Words("Odds ratio, 95% interval, upper limit")),
        Column("marginal", names.words(f"Average marginal effect ({points})")),
        Column("marginal_low", Words("Marginal effect, 95% interval, lower limit")),
        Column("marginal_high", Words("Marginal effect, 95% interval, upper limit")),
        Column("marginal_p", Words("p-value of the marginal effect")),
    )


def model_cells(
    one: SpecificationFindings, found: Sequence[SpecificationFindings], question: QuestionFindings, names: AreaNames
) -> tuple[Cell, ...]:
    """Return the cells of those columns for one analysis of a table."""
    words = Words(ESTIMATORS[one.estimator])
    unit = names.words(in_words(unit_of(one, question)))
    if not any(other.estimator is Estimator.LOGIT for other in found):
        return (words, unit) if units_differ(found, question) else (words,)
    return (words, unit, *_odds(one), *_marginal(one, names))


def _odds(one: SpecificationFindings) -> tuple[Cell, ...]:
    odds = one.odds_ratio
    if odds is None:
        return (Blank(ONLY_LOGIT if one.estimator is not Estimator.LOGIT else _NO_EFFECT),) * 3
    three = (odds.estimate, odds.conf_low, odds.conf_high)
    return tuple(coefficient(value, odds.unit, residual_df=one.residual_df, why=odds.note) for value in three)


def _marginal(one: SpecificationFindings, names: AreaNames) -> tuple[Cell, ...]:
    effect = one.average_marginal_effect
    if effect is None:
        return (Blank(ONLY_LOGIT if one.estimator is not Estimator.LOGIT else _NO_EFFECT),) * 4
    if isinstance(effect, NotEstimatedFact):
        return (Blank(names.within(effect.not_estimated)),) * 4
    three = (effect.estimate, effect.conf_low, effect.conf_high)
    cells = (coefficient(value, effect.unit, residual_df=one.residual_df, why=effect.note) for value in three)
    return (*cells, probability(effect.p_value, why=effect.note))
