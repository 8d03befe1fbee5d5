"""Which function made which number: of each table of a question, the methods that the run used and no others."""

from collections.abc import Callable, Iterator
from typing import Any

from whatworked.diagnostics import balance, composition, hausman, lost, overlap, parallel_trends, recurrence
from whatworked.diagnostics import serial_correlation as serial
from whatworked.estimation import (
    area_years,
    bias_reduction,
    cem,
    coarsening,
    collapsed,
    covariance,
    design,
    linear,
    logit,
    logit_covariance,
    logit_randomisation,
    marginal_effect,
    panel,
    person,
    random_effects,
    randomisation,
    score_bootstrap,
    stacked,
    weights,
    wild,
)
from whatworked.findings.model import Effect, InferenceRow, QuestionFindings, SpecificationFindings
from whatworked.matching import people, trends
from whatworked.vocabulary import Estimator, Method, Role

Function = Callable[..., Any]
Functions = tuple[Function, ...]

MODELS: dict[Estimator, Functions] = {
    Estimator.LINEAR: (design.design, linear.fit_linear),
    Estimator.LOGIT: (design.design, logit.fit_logit),
    Estimator.FIXED_EFFECTS: (design.design, panel.fixed_effects),
    Estimator.RANDOM_EFFECTS: (design.design, random_effects.random_effects, random_effects.swamy_arora),
}
TESTS_OF_EFFECT: dict[Method, Functions] = {
    Method.CR1: (covariance.cr1, covariance.estimate_cr1),
    Method.CR2: (covariance.cr2, covariance.satterthwaite, bias_reduction.bias_reduced),
    Method.CR3: (covariance.cr3,),
    Method.WILD_RESTRICTED: (wild.wild_restricted, wild.sign_vectors),
    Method.RANDOMISATION: (randomisation.randomise, randomisation.possible_assignments),
    Method.COLLAPSED_T: (collapsed.area_changes, collapsed.collapsed_t),
    Method.STACKED: (stacked.stacked, bias_reduction.bias_reduced),
    Method.PERSON: (person.person_covariance, person.clustered),
    Method.TWO_WAY: (person.two_way_covariance,),
}
TESTS_OF_A_LOGIT: dict[Method, Functions] = {
    **TESTS_OF_EFFECT,
    Method.CR1: (logit_covariance.cr1, logit_covariance.coefficient),
    Method.CR3: (logit_covariance.cr3, logit.leave_out_area),
    Method.WILD_RESTRICTED: (score_bootstrap.score_bootstrap, wild.sign_vectors),
    Method.RANDOMISATION: (logit_randomisation.randomise_logit, randomisation.possible_assignments),
    Method.PERSON: (logit_covariance.clustered,),
}
_SERIAL = (serial.serial_correlation,)
DESIGN_TESTS: dict[str, Functions] = {
    "leads_insignificant": (parallel_trends.judge_leads,),
    "leads_joint": (parallel_trends.hotelling,),
    "drift_per_year": (parallel_trends.trend_power,),
    "bias_of_drift": (parallel_trends.trend_power,),
    "power_majority_rule": (parallel_trends.trend_power,),
    "power_joint_test": (parallel_trends.trend_power,),
    "serial_correlation": _SERIAL,
    "breusch_godfrey_chi2": _SERIAL,
    "breusch_godfrey_f": _SERIAL,
    "hausman": (hausman.hausman,),
    "mundlak": (hausman.mundlak,),
    "repeated_share": (recurrence.recurrence,),
    "recurrence_f": (recurrence.recurrence,),
    "composition": (composition.composition,),
}
_WITHOUT_AREA_COVARIATES = "without covariates of areas"


def functions_behind(question: QuestionFindings, *, as_coded: bool = False) -> dict[str, Functions]:
    """Return the functions behind each table of a question, by the table's key; none that did not run.

    `as_coded` says that the rule set reads serial correlation as the program of the source did.
    """
    found = {
        "inference": _of(question, Role.MAIN),
        "sensitivity": (*_of(question, *Role), *_area_covariates(question)),
        "main_regression": _of(question, Role.MAIN),
        "summary": _weights(question),
        "counterfactual": _weights(question),
        "trends": (),
        "event_study": _of(question, Role.LEADS, Role.LAGS),
        "primary": _of(question, *(role for role in Role if role is not Role.SECONDARY)),
        "secondary": _of(question, Role.SECONDARY),
        "specification_curve": _of(question, *Role),
        "after_start": (*_weights(question), *_of(question, Role.MAIN)),
        "leave_one_area_out": (covariance.leave_out_area,) if question.leave_one_area_out else (),
        **_matching(question),
        "tests": _tests(question, as_coded=as_coded),
    }
    for role in (Role.LEADS, Role.LAGS, Role.SECONDARY):
        found[f"{role.value}_terms"] = _of(question, role)
    return {key: tuple(dict.fromkeys(functions)) for key, functions in found.items() if functions}


def _of(question: QuestionFindings, *roles: Role) -> Functions:
    """Return what fitted and tested the analyses of some roles."""
    mine = (one for one in question.specifications if one.role in roles)
    return tuple(function for one in mine for function in _of_analysis(one))


def _of_analysis(one: SpecificationFindings) -> Iterator[Function]:
    if not one.rows:
        return
    tests = TESTS_OF_A_LOGIT if one.estimator is Estimator.LOGIT else TESTS_OF_EFFECT
    yield from MODELS[one.estimator]
    if one.terms or isinstance(one.effect, Effect):
        yield from tests[Method.CR1]
    if isinstance(one.average_marginal_effect, Effect):
        yield marginal_effect.treatment_effect
    if one.odds_ratio is not None:
        yield logit_covariance.odds_ratio
    for row in one.inference:
        if _told(row):
            yield from _of_row(row, one, tests[row.method])


def _of_row(row: InferenceRow, one: SpecificationFindings, usual: Functions) -> Functions:
    dose = isinstance(one.effect, Effect) and one.effect.term.endswith(" score:post")
    return (collapsed.area_changes, collapsed.collapsed_slope) if row.method is Method.COLLAPSED_T and dose else usual


def _told(row: InferenceRow) -> bool:
    return row.p_value is not None or row.conf_low is not None or row.std_error is not None


def _weights(question: QuestionFindings) -> Functions:
    if question.persons is None:
        return (weights.copy_weights,)
    found = question.matching
    if found is None or not found.people_matched:
        return (cem.event_copy_weights,)
    return (cem.event_copy_weights, cem.cem_weights)


def _matching(question: QuestionFindings) -> dict[str, Functions]:
    searched = any(row.distance is not None for row in question.areas.candidates)
    areas: dict[str, Functions] = {}
    if searched:
        areas = {key: (trends.search,) for key in ("areas_compared", "candidates", "candidates_by_reason")}
    if question.matching is None or not question.matching.people_matched:
        return areas
    return areas | {
        "people_matched": (people.match_people, cem.strata_of, cem.cem_weights, balance.effective_sample_size),
        "balance_overall": (balance.imbalance, coarsening.imbalance_breaks),
        "balance": (balance.standardised_difference, balance.moments, balance.imbalance),
        "baseline_means": (balance.moments,),
        "without_counterpart": (lost.lost_rows, overlap.overlap),
    }


def _area_covariates(question: QuestionFindings) -> Functions:
    with_them = any(one.name == _WITHOUT_AREA_COVARIATES for one in question.specifications)
    return (area_years.area_year_covariates,) if with_them else ()


def _tests(question: QuestionFindings, *, as_coded: bool) -> Functions:
    found: list[Function] = []
    for test in question.tests:
        name = test.name.partition(": ")[0]
        if test.statistic is not None:
            coded = as_coded and name == "serial_correlation"
            found += (serial.serial_correlation_as_coded,) if coded else DESIGN_TESTS.get(name, ())
    return tuple(found)
