"""Which model: every limit on both sides, and what follows where a test cannot be had."""

import pytest

from whatworked.cells import Share
from whatworked.rules.estimator import (
    ModelFacts,
    choose_effects,
    choose_family,
    choose_model,
    consider_multilevel,
    fall_back_to_linear,
)
from whatworked.rules.rulesets import AS_CODED, AS_REPORTED, RULE_SETS


def filled(decision):
    """Every reason filled with the decision's own facts: a template that names no fact would fail here."""
    facts = {name: fact.of / fact.among if isinstance(fact, Share) else fact for name, fact in decision.facts.items()}
    return [text.format(**facts) for text in (*decision.because, *decision.branches_not_taken)]


@pytest.mark.parametrize(
    ("incidence", "chosen", "notice"),
    [
        (Share(4_999, 100_000), "logit", False),
        (Share(5, 100), "logit", True),
        (Share(5_001, 100_000), "logit", True),
        (Share(9_999, 100_000), "logit", True),
        (Share(10, 100), "linear", False),
        (Share(3, 30), "linear", False),
        (Share(10_001, 100_000), "linear", False),
        (Share(0, 100), "logit", False),
        (Share(0, 0), "linear", False),
        (None, "linear", False),
    ],
)
def test_a_rare_outcome_gets_a_logit_and_a_notice_where_the_printed_limits_disagree(incidence, chosen, notice):
    decision = choose_family(incidence, AS_REPORTED)
    assert decision.chosen == chosen
    assert any("notice" in text for text in decision.because) == notice
    assert len(decision.branches_not_taken) == 1
    assert all(filled(decision)[: len(decision.because)])
    assert Share(0, 0) not in decision.facts.values()


@pytest.mark.parametrize(("p", "chosen"), [(0.0499, "multilevel"), (0.05, "pooled"), (0.9, "pooled"), (None, "pooled")])
def test_effects_for_people_are_considered_only_where_serial_correlation_is_significant(p, chosen):
    decision = consider_multilevel(p, AS_REPORTED)
    assert decision.chosen == chosen
    assert all(filled(decision))
    assert not any(branch.startswith(chosen) for branch in decision.branches_not_taken)


@pytest.mark.parametrize(
    ("p", "chosen"),
    [(0.0499, "fixed_effects"), (0.05, "random_effects"), (0.9, "random_effects"), (None, "fixed_effects")],
)
def test_hausman_chooses_fixed_or_random(p, chosen):
    decision = choose_effects(p, AS_REPORTED)
    assert decision.chosen == chosen
    assert all(filled(decision))
    assert not any(branch.startswith(chosen) for branch in decision.branches_not_taken)


def facts(**changes):
    known = {
        "incidence": Share(30, 100),
        "serial_p": 0.01,
        "hausman_p": 0.01,
        "repeated": Share(40, 100),
        "veto": False,
    }
    return ModelFacts(**{**known, **changes})


@pytest.mark.parametrize(
    ("changes", "main", "unhandled"),
    [
        ({}, "fixed_effects", False),
        ({"hausman_p": 0.5}, "random_effects", False),
        ({"incidence": None}, "fixed_effects", False),
        ({"repeated": Share(15, 100)}, "linear", True),
        ({"repeated": Share(3, 20)}, "linear", True),
        ({"repeated": Share(15_001, 100_000)}, "fixed_effects", False),
        ({"repeated": Share(0, 0)}, "linear", True),
        ({"repeated": None}, "linear", True),
        ({"veto": True}, "linear", True),
        ({"veto": True, "hausman_p": 0.5, "repeated": Share(1, 100)}, "linear", True),
        ({"incidence": Share(2, 100)}, "logit", True),
        ({"serial_p": 0.05}, "linear", False),
        ({"serial_p": None}, "linear", False),
        ({"serial_p": 0.5, "incidence": Share(2, 100)}, "logit", False),
    ],
)
def test_the_panel_model_is_the_main_one_only_where_enough_rows_repeat_and_nothing_speaks_against_it(
    changes, main, unhandled
):
    choice = choose_model(facts(**changes), AS_REPORTED)
    assert (choice.main, choice.serial_correlation_unhandled) == (main, unhandled)
    names = [decision.decision for decision in choice.decisions]
    considered = changes.get("serial_p", 0.01) == 0.01
    assert names == (["family", "multilevel", "effects", "main_model"] if considered else ["family", "multilevel"])
    for decision in choice.decisions:
        assert decision.branches_not_taken
        assert not any(branch.startswith(decision.chosen) for branch in decision.branches_not_taken)
        assert all(filled(decision))


def test_everything_that_speaks_against_the_panel_model_is_said():
    choice = choose_model(facts(veto=True, repeated=Share(1, 100), incidence=Share(1, 100)), AS_REPORTED)
    reasons = filled(choice.decisions[-1])
    assert reasons[0] == "1.0% of rows are repeats, which is not above 15%"
    assert reasons[1] == "the protocol holds the outcome itself to cause recurrence"
    assert reasons[2] == "the outcome is rare, and fixed and random effects are linear"
    assert "clustered on people" in reasons[3]


def test_a_logit_that_fails_becomes_linear_with_its_reason():
    decision = fall_back_to_linear("logit", "a logistic model", "the outcome is separated by pilot:post")
    assert decision.chosen == "linear"
    assert filled(decision) == [
        "a logistic model could not be fitted: the outcome is separated by pilot:post",
        "logit: wherever it can be fitted",
    ]


def test_rule_sets_are_data_and_differ_in_what_the_program_did():
    assert RULE_SETS == {"as_reported": AS_REPORTED, "as_coded": AS_CODED}
    assert (AS_REPORTED.significance, AS_REPORTED.rare_outcome, AS_REPORTED.repeated_share) == (0.05, 0.10, 0.15)
    readings = ("test", "panel_errors", "serial_correlation", "repeated")
    assert all(getattr(AS_REPORTED, name) != getattr(AS_CODED, name) for name in readings)
