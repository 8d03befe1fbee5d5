"""An analysis as `findings.json` writes it: terms, dropped terms and the methods of inference side by side."""

from dataclasses import replace
from math import isfinite, isinf

from whatworked.cells import NotEstimated
from whatworked.estimation.collapsed import Collapsed
from whatworked.estimation.design import EventTime, effect_term
from whatworked.estimation.estimate import Estimate
from whatworked.estimation.inference import Menu
from whatworked.estimation.logit_covariance import OddsRatio
from whatworked.estimation.randomisation import Randomisation
from whatworked.estimation.wild import WildBootstrap
from whatworked.findings.model import (
    DroppedTermFact,
    Effect,
    InferenceRow,
    MeasuredFact,
    NotEstimatedFact,
    SpecificationFindings,
)
from whatworked.rules.decision import Decision
from whatworked.strands.variants import Analysis
from whatworked.vocabulary import Method, Role

ODDS_RATIO = "odds ratio"
CLASSICAL = "the source's test as its program had it here: classical errors, not clustered"
# What the headline decision is called → the method that carries it; "none" leaves the reason with the collapsed form.
HEADLINE = {
    "wild_restricted": Method.WILD_RESTRICTED,
    "collapsed_t": Method.COLLAPSED_T,
    "none": Method.COLLAPSED_T,
}


def specification_findings(analysis: Analysis) -> SpecificationFindings:
    """Write down one fitted specification."""
    fit, effect, other = analysis.model.fit, analysis.effect, analysis.measured
    single = not isinstance(analysis.timing, EventTime)
    marginal = analysis.model.average_marginal_effect if single else None
    odds = analysis.model.odds_ratio if single else None
    return SpecificationFindings(
        name=analysis.name,
        role=analysis.role,
        estimator=analysis.estimator,
        rows=fit.rows,
        persons=analysis.model.persons,
        areas=fit.areas,
        pilots=analysis.sides.pilots,
        comparators=analysis.sides.comparators,
        residual_df=float(fit.residual_df),
        r_squared=fit.r_squared,
        effect=found_effect(effect),
        terms=tuple(_effect(term) for term in analysis.terms),
        dropped_terms=tuple(DroppedTermFact(dropped.term, dropped.reason) for dropped in analysis.dropped),
        inference=inference_rows(analysis),
        note=analysis.note or None,
        average_marginal_effect=None if marginal is None else found_effect(marginal),
        odds_ratio=_odds(odds) if isinstance(odds, OddsRatio) else None,
        measured=None if other is None else MeasuredFact(other.label, other.unit, other.better),
    )


def found_effect(effect: Estimate | NotEstimated) -> Effect | NotEstimatedFact:
    """Write down an effect, or why there is none."""
    return NotEstimatedFact(effect.reason) if isinstance(effect, NotEstimated) else _effect(effect)


def _odds(odds: OddsRatio) -> Effect:
    """Write down an odds ratio; its test is that of the coefficient it is made of."""
    return Effect(odds.term, odds.ratio, ODDS_RATIO, None, None, None, odds.p_value, odds.conf_low, odds.conf_high)


def lag_findings(model: Analysis) -> SpecificationFindings:
    """Write down the effects period by period after the start, which stand in the event-time model."""
    whole = specification_findings(model)
    times = sorted({int(k) for k in model.cells.since if k >= 0})
    names = [effect_term(k) for k in times]
    return replace(
        whole,
        name="lags",
        role=Role.LAGS,
        terms=tuple(term for term in whole.terms if term.term in names),
        note="the effects after the start of the model with leads and lags",
    )


def _effect(estimate: Estimate) -> Effect:
    return Effect(
        estimate.term,
        estimate.estimate,
        estimate.unit,
        estimate.std_error,
        None if isinf(estimate.df) else estimate.df,
        estimate.statistic if isfinite(estimate.statistic) else None,
        estimate.p_value,
        estimate.conf_low,
        estimate.conf_high,
        "read against the normal distribution" if isinf(estimate.df) else None,
    )


def inference_rows(analysis: Analysis) -> tuple[InferenceRow, ...]:
    """Write down every method's answer, the headline marked; empty where the analysis has no single effect."""
    if analysis.menu is None or analysis.headline is None:
        return ()
    rows = menu_rows(analysis.menu, analysis.headline)
    if analysis.model.classical:
        rows = tuple(
            replace(row, note=CLASSICAL) if row.method is Method.CR1 and row.p_value is not None else row
            for row in rows
        )
    if analysis.person is not None:
        rows += (person_row(analysis.person),)
    return rows


def menu_rows(menu: Menu, headline: Decision) -> tuple[InferenceRow, ...]:
    """Write down a menu of inference, the method that a decision calls for marked as the headline."""
    chosen = HEADLINE[headline.chosen]
    rows = (
        _from_estimate(Method.CR1, menu.cr1, "the source's test: errors clustered on areas"),
        _from_estimate(Method.CR2, menu.cr2, "bias-reduced, Satterthwaite degrees of freedom"),
        _from_estimate(Method.CR3, menu.cr3, "jackknife over areas"),
        _from_wild(menu.wild),
        _from_randomisation(menu),
        _from_collapsed(menu.collapsed),
        _from_estimate(
            Method.STACKED,
            menu.stacked,
            "effects of group by area and by period; bias-reduced, Satterthwaite degrees of freedom",
        ),
    )
    return tuple(replace(row, headline=row.method is chosen) for row in rows)


def person_row(found: Estimate | NotEstimated) -> InferenceRow:
    """Write down an effect whose errors may correlate within people, who are nested in areas."""
    return _from_estimate(Method.PERSON, found, "errors clustered on people")


def _none(method: Method, reason: str) -> InferenceRow:
    return InferenceRow(
        method,
        headline=False,
        estimate=None,
        std_error=None,
        df=None,
        p_value=None,
        conf_low=None,
        conf_high=None,
        note=reason,
    )


def _from_estimate(method: Method, found: Estimate | NotEstimated, note: str) -> InferenceRow:
    if isinstance(found, NotEstimated):
        return _none(method, found.reason)
    return InferenceRow(
        method,
        headline=False,
        estimate=found.estimate,
        std_error=found.std_error,
        df=None if isinf(found.df) else found.df,
        p_value=found.p_value,
        conf_low=found.conf_low,
        conf_high=found.conf_high,
        note=note,
    )


def _from_wild(found: WildBootstrap | NotEstimated) -> InferenceRow:
    if isinstance(found, NotEstimated):
        return _none(Method.WILD_RESTRICTED, found.reason)
    drawn = "all sign vectors" if found.enumerated else "drawn sign vectors"
    note = f"{drawn}: {found.draws:,}"
    if found.conf_low is None or found.conf_high is None:
        note += "; the interval has no end on a side where no effect is ever rejected"
    return InferenceRow(
        Method.WILD_RESTRICTED,
        headline=False,
        estimate=found.estimate,
        std_error=None,
        df=None,
        p_value=found.p_value,
        conf_low=found.conf_low,
        conf_high=found.conf_high,
        note=note,
    )


def _from_randomisation(menu: Menu) -> InferenceRow:
    found: Randomisation | NotEstimated = menu.randomisation
    if isinstance(found, NotEstimated):
        return _none(Method.RANDOMISATION, found.reason)
    how = "within matched groups" if found.within_groups else "over all areas"
    drawn = "all" if found.enumerated else "drawn"
    note = f"{drawn} assignments {how}: {found.assignments:,}; smallest p possible {found.smallest_p:.3f}"
    if found.skipped:
        note += f"; {found.skipped:,} could not be computed"
    return InferenceRow(
        Method.RANDOMISATION,
        headline=False,
        estimate=menu.cr1.estimate if isinstance(menu.cr1, Estimate) else None,
        std_error=None,
        df=None,
        p_value=found.p_value,
        conf_low=None,
        conf_high=None,
        note=note,
    )


def _from_collapsed(found: Collapsed | NotEstimated) -> InferenceRow:
    if isinstance(found, NotEstimated):
        return _none(Method.COLLAPSED_T, found.reason)
    note = "one change an area, areas weighing equally"
    if found.welch is not None:
        note += f"; with unequal variances p = {found.welch.p_value:.3f}"
    if found.left_out:
        note += f"; areas left out, without rows in both phases: {len(found.left_out)}"
    return _from_estimate(Method.COLLAPSED_T, found.estimate, note)
