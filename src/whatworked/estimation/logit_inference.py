"""The menu of inference for a logit's effect: refits where least squares has algebra, reasons where nothing is."""

from whatworked.cells import NotEstimated
from whatworked.estimation.collapsed import collapsed_t
from whatworked.estimation.estimate import Estimate
from whatworked.estimation.inference import Menu, Reading, sides
from whatworked.estimation.logit import LogitFit
from whatworked.estimation.logit_covariance import LogitCovariance, coefficient, cr1, cr3
from whatworked.estimation.logit_randomisation import randomise_logit
from whatworked.estimation.randomisation import EFFECT
from whatworked.estimation.score_bootstrap import score_bootstrap
from whatworked.estimation.stacked import stacked
from whatworked.estimation.statistics import Cells

NO_CR2 = NotEstimated("CR2 is defined for least squares, not for a logit")
# What the linear forms' answers are in, since a logit's own are in log-odds.
LINEAR_UNIT = "share"


def infer_logit(cells: Cells, fit: LogitFit, reading: Reading) -> Menu:
    """Run every method on a logit's `pilot:post`.

    Parameters
    ----------
    cells : the study's cells, for the linear forms and for which areas are pilots; the areas with rows are the fit's
    fit : the specification's logit, its cells holding a column `post`
    reading : unit, seed and reference distribution

    Returns
    -------
    Menu: CR1, CR3, the score bootstrap (as `wild`) in log-odds, refitted randomisation; CR2 blank with its reason; the
    collapsed and the stacked form linear, in the outcome's own share.

    Source
    ------
    As each method's own page says. Decisions 0025 and 0026. Proof: tests/estimation/test_logit_inference.py
    """
    pilots, groups = sides(cells, fit.cells.areas)
    return Menu(
        _one(cr1(fit, df=reading.reference_df), reading.unit),
        NO_CR2,
        _one(cr3(fit), reading.unit),
        score_bootstrap(fit, EFFECT, seed=reading.seed),
        randomise_logit(fit, pilots=pilots, groups=groups, seed=reading.seed),
        collapsed_t(cells, term=EFFECT, unit=LINEAR_UNIT),
        stacked(cells, unit=LINEAR_UNIT),
    )


def _one(covariance: LogitCovariance | NotEstimated, unit: str) -> Estimate | NotEstimated:
    return covariance if isinstance(covariance, NotEstimated) else coefficient(covariance, EFFECT, unit)
