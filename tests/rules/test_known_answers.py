"""The printed numbers of the evaluation that this generalises, taken through the rules: what it decided, and why.

The numbers are those of its tables of test statistics, samples and regressions; none of its records is here.
"""

import numpy as np
import pytest

from whatworked.cells import Share
from whatworked.diagnostics.result import chi_squared
from whatworked.estimation.treatments import (
    AT_A_HIGH_RATING,
    DIFFERENCE,
    HIGH,
    SIMILAR,
    WITHOUT,
    PracticeModels,
    RatingDifference,
)
from whatworked.estimation.weights import largest_shares
from whatworked.rules.estimator import ModelFacts, choose_model
from whatworked.rules.inference import Sides, choose_inference
from whatworked.rules.rulesets import AS_CODED, AS_REPORTED
from whatworked.rules.scope import choose_scope
from whatworked.rules.trends import judge_trends

# Statistics of Breusch and Godfrey's test, χ² on 1, with the p-values and the stars that were printed.
SERIAL = {
    "assessments": (5.29, 0.0214),
    "re-referral": (10.19, 0.0014),
    "escalation": (0.96, 0.327),
    "kinship": (10.28, 0.0013),
}
STARS = {"assessments": 1, "re-referral": 2, "escalation": 0, "kinship": 2}
REPEATED = Share(135_323, 252_169)
BELOW = Share(149, 1_000)


@pytest.mark.parametrize("question", SERIAL)
def test_the_statistics_give_the_printed_p_values_and_stars(question):
    statistic, p_value = SERIAL[question]
    found = chi_squared(statistic, 1).p_value
    assert found == pytest.approx(p_value, abs=0.5 * 10 ** -(3 if p_value > 0.1 else 4))
    assert sum(found < below for below in (0.05, 0.01, 0.001)) == STARS[question]


def test_the_share_of_repeated_assessments_is_53_7_per_cent():
    assert round(100 * REPEATED.of / REPEATED.among, 1) == 53.7


# incidence, p of the test of serial correlation, share of repeated rows, whether recurrence is the outcome's doing
MODELS = {
    "assessments": (None, SERIAL["assessments"][1], REPEATED, False, "fixed_effects"),
    "re-referral": (Share(20, 100), SERIAL["re-referral"][1], BELOW, False, "linear"),
    "escalation": (Share(3, 100), SERIAL["escalation"][1], BELOW, False, "logit"),
    "kinship": (Share(20, 100), SERIAL["kinship"][1], BELOW, False, "linear"),
    "conferences": (Share(11, 100), 0.77, BELOW, False, "linear"),
    "entry to care": (Share(2, 100), 0.01, Share(40, 100), True, "logit"),
}


@pytest.mark.parametrize("rules", [AS_REPORTED, AS_CODED], ids=lambda rules: rules.name)
@pytest.mark.parametrize("question", MODELS)
def test_the_rules_choose_the_main_models_that_were_reported(question, rules):
    """The share was printed for assessments, for re-referral and kinship as below 15 %; p for Hausman's below .05."""
    incidence, serial_p, repeated, veto, main = MODELS[question]
    choice = choose_model(ModelFacts(incidence, serial_p, 0.0, repeated, veto), rules)
    assert choice.main == main
    assert choice.serial_correlation_unhandled == (question in ("re-referral", "kinship", "entry to care"))


@pytest.mark.parametrize("rare", [0.05, 0.10])
def test_both_printed_limits_for_a_rare_outcome_choose_the_same(rare):
    """No incidence that was reported lies between them."""
    shares = [incidence for incidence, *_ in MODELS.values() if incidence]
    assert not any(0.05 <= share.of / share.among < 0.10 for share in shares)
    assert [share.of / share.among < rare for share in shares] == [False, True, False, False, True]


AREAS = {  # pilots, areas in all, leads, leads that are not significant
    "assessments": (5, 10, 5, 0),
    "re-referral": (4, 8, 5, 4),
    "escalation": (2, 4, 2, 2),
    "kinship": (6, 13, 4, 4),
    "conferences": (6, 11, 4, 3),
    "entry to care": (7, 13, 5, 5),
}


@pytest.mark.parametrize("question", AREAS)
def test_trends_fail_for_assessments_alone_and_too_few_areas_for_escalation_alone(question):
    pilots, areas, leads, insignificant = AREAS[question]
    trends = judge_trends(leads=leads, insignificant=insignificant, significance=0.05).chosen
    assert trends == ("trends_fail" if question == "assessments" else "trends_hold")
    scope = choose_scope(pilots=pilots, comparators=areas - pilots, min_areas=3, exploratory=False).chosen
    assert scope == ("primary_only" if question == "escalation" else "primary_and_sensitivity")
    method = choose_inference(Sides(pilots, areas - pilots, 0.4, 0.4)).chosen
    assert method == ("collapsed_t" if question == "escalation" else "wild_restricted")


def value(combination, terms):
    return sum(weight * terms[term] for term, weight in combination.parts)


def test_the_effect_at_a_high_rating_is_the_sum_of_its_two_terms():
    rating = RatingDifference(frozenset())
    terms = {"pilot:post": 6.64, DIFFERENCE: 19.74}
    assert value(rating.effect, terms) == 19.74
    assert value(rating.marginal, terms) == pytest.approx(26.38)
    assert (rating.marginal.name, rating.others) == (AT_A_HIGH_RATING, (rating.marginal,))
    assert f"pilot:post:{HIGH}" == DIFFERENCE


@pytest.mark.parametrize(("coefficient", "effect"), [(-11.38, 11.38), (0.5, -0.5), (0.17, -0.17)])
def test_the_effect_against_comparators_without_the_model_is_the_turned_coefficient(coefficient, effect):
    models = PracticeModels(frozenset())
    terms = {f"{WITHOUT}:post": coefficient, f"{SIMILAR}:post": -9.14}
    assert value(models.effect, terms) == effect
    assert [value(other, terms) for other in models.others] == [effect, 9.14]


@pytest.mark.parametrize("copies", [2, 3, 5, 6, 7, 9])
@pytest.mark.parametrize("turn", range(3))
def test_an_area_of_just_half_of_its_sides_weight_is_not_over_half_whatever_the_rounding(copies, turn):
    """One comparator weighs what three others weigh together, in copies of 1/c: sums of these are not exact."""
    area = np.random.default_rng(turn).permutation(
        [0] * 6 + [1] * 6 + [2] * 6 + [3] * 6 + [4] * 18 + [5] * 6 + [6] * 6 + [7] * 6
    )
    weight = np.full(len(area), 1 / copies)
    pilot = np.arange(8) < 4
    heaviest = largest_shares(weight, area, pilot)
    assert choose_inference(Sides(4, 4, *heaviest)).chosen == "wild_restricted"
    over = largest_shares(weight + (area == 4) * 1e-6, area, pilot)
    assert choose_inference(Sides(4, 4, *over)).chosen == "collapsed_t"
