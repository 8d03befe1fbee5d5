"""The menu of inference for a logit's effect: refits where least squares has algebra, reasons where nothing is."""

from dataclasses import replace

from whatworked.cells import NotEstimated
from whatworked.estimation.design import BeforeAfter, Treatment
from whatworked.estimation.estimate import Estimate
from whatworked.estimation.inference import BEFORE_AFTER, Menu, Reading, area_forms, named, sides, turned
from whatworked.estimation.logit import LogitFit
from whatworked.estimation.logit_covariance import LogitCovariance, coefficient, cr1, cr3
from whatworked.estimation.logit_randomisation import randomise_logit
from whatworked.estimation.score_bootstrap import score_bootstrap
from whatworked.estimation.statistics import Cells
from whatworked.estimation.treatments import Combination

NO_CR2 = NotEstimated("CR2 is defined for least squares, not for a logit")
# What the linear forms' answers are in, since a logit's own are in log-odds.
LINEAR_UNIT = "share"


def infer_logit(cells: Cells, fit: LogitFit, reading: Reading, *, treatment: Treatment = BEFORE_AFTER) -> Menu:
    """Run every method on the effect of a logit.

    Parameters
    ----------
    cells : the study's cells, for the linear forms and for which areas are pilots; the areas with rows are the fit's
    fit : the specification's logit, its cells holding a column `post`
    reading : unit, seed and reference distribution
    treatment : what stands in the model in place of pilot and pilot:post, and which of its terms is the effect

    Returns
    -------
    Menu: CR1, CR3, the score bootstrap (as `wild`) in log-odds, refitted randomisation; CR2 blank with its reason; the
    collapsed and the stacked form linear, in the outcome's own share.

    Source
    ------
    As each method's own page says. Decisions 0025 and 0026. Proof: tests/estimation/test_logit_inference.py
    """
    effect, forms = treatment.effect, area_forms(cells, treatment, LINEAR_UNIT)
    if isinstance(treatment, BeforeAfter):
        pilots, groups = sides(cells, fit.cells.areas)
        forms = replace(forms, randomisation=randomise_logit(fit, pilots=pilots, groups=groups, seed=reading.seed))
    return Menu(
        _one(cr1(fit, df=reading.reference_df), effect, reading.unit),
        NO_CR2,
        _one(cr3(fit), effect, reading.unit),
        turned(score_bootstrap(fit, effect.term, seed=reading.seed), effect.sign),
        forms.randomisation,
        forms.collapsed,
        forms.stacked,
    )


def _one(covariance: LogitCovariance | NotEstimated, effect: Combination, unit: str) -> Estimate | NotEstimated:
    return (
        covariance
        if isinstance(covariance, NotEstimated)
        else named(coefficient(covariance, effect.term, unit), effect)
    )
