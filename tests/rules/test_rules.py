"""Every rule as a table of facts and expected choices, both sides of each limit."""

import pytest

from whatworked.rules.evidence import EvidenceFacts, rate_evidence
from whatworked.rules.inference import Sides, choose_inference
from whatworked.rules.scope import choose_scope
from whatworked.rules.trends import judge_trends


def filled(decision):
    """Every reason filled with the decision's own facts: a template that names no fact would fail here."""
    return [text.format(**decision.facts) for text in (*decision.because, *decision.branches_not_taken)]


@pytest.mark.parametrize(
    ("pilots", "comparators", "heaviest", "chosen"),
    [
        (4, 4, (0.5, 0.5), "wild_restricted"),
        (5, 9, (0.2, 0.2), "wild_restricted"),
        (4, 4, (0.501, 0.25), "collapsed_t"),
        (4, 4, (0.25, 0.501), "collapsed_t"),
        (3, 9, (0.34, 0.2), "collapsed_t"),
        (9, 3, (0.2, 0.34), "collapsed_t"),
        (2, 2, (0.5, 0.5), "collapsed_t"),
        (1, 9, (1.0, 0.2), "collapsed_t"),
        (9, 1, (0.2, 1.0), "collapsed_t"),
        (1, 2, (1.0, 0.5), "collapsed_t"),
        (1, 1, (1.0, 1.0), "none"),
        (0, 5, (0.0, 0.2), "none"),
        (5, 0, (0.2, 0.0), "none"),
    ],
)
def test_the_number_of_areas_chooses_the_headline(pilots, comparators, heaviest, chosen):
    decision = choose_inference(Sides(pilots, comparators, *heaviest))
    assert decision.chosen == chosen
    assert all(filled(decision))
    assert not any(branch.startswith(chosen) for branch in decision.branches_not_taken)


@pytest.mark.parametrize(
    ("leads", "insignificant", "chosen"),
    [
        (5, 0, "trends_fail"),
        (5, 4, "trends_hold"),
        (2, 2, "trends_hold"),
        (4, 4, "trends_hold"),
        (4, 3, "trends_hold"),
        (5, 5, "trends_hold"),
        (4, 2, "trends_fail"),
        (1, 1, "trends_hold"),
        (1, 0, "trends_fail"),
        (0, 0, "trends_untested"),
    ],
)
def test_trends_hold_on_a_strict_majority(leads, insignificant, chosen):
    """The first six are the printed decisions of the evaluation that this generalises."""
    decision = judge_trends(leads=leads, insignificant=insignificant, significance=0.05)
    assert decision.chosen == chosen
    assert all(filled(decision))


@pytest.mark.parametrize(
    ("pilots", "comparators", "exploratory", "chosen"),
    [
        (3, 3, False, "primary_and_sensitivity"),
        (2, 3, False, "primary_only"),
        (3, 2, False, "primary_only"),
        (5, 5, True, "primary_only"),
        (2, 2, True, "primary_only"),
    ],
)
def test_too_few_areas_or_an_exploratory_question_get_the_primary_analysis(pilots, comparators, exploratory, chosen):
    decision = choose_scope(pilots=pilots, comparators=comparators, min_areas=3, exploratory=exploratory)
    assert decision.chosen == chosen
    assert all(filled(decision))
    assert len(decision.because) == max(1, (min(pilots, comparators) < 3) + exploratory)


def facts(**changes):
    known = {
        "trends": "trends_hold",
        "source_p": 0.01,
        "headline_p": 0.02,
        "significance": 0.05,
        "pilots": 5,
        "comparators": 8,
        "min_areas": 3,
        "concerns": 0,
        "shaken": 0,
        "challenged": 2,
    }
    return EvidenceFacts(**{**known, **changes})


@pytest.mark.parametrize(
    ("changes", "rating"),
    [
        ({}, "high"),
        ({"source_p": 0.0499}, "high"),
        ({"source_p": 0.05}, "no_evidence"),
        ({"headline_p": 0.0499}, "high"),
        ({"headline_p": 0.05}, "moderate"),
        ({"headline_p": None}, "moderate"),
        ({"concerns": 1}, "moderate"),
        ({"concerns": 3}, "moderate"),
        ({"concerns_found": 1}, "moderate"),
        ({"concerns": 2, "concerns_found": 5}, "moderate"),
        ({"shaken": 1}, "moderate"),
        ({"pilots": 2}, "moderate"),
        ({"comparators": 2}, "moderate"),
        ({"pilots": 3, "comparators": 3}, "high"),
        ({"serial_correlation_unhandled": True}, "moderate"),
        ({"concerns": 1, "serial_correlation_unhandled": True}, "low"),
        ({"concerns": 1, "shaken": 1, "pilots": 2}, "very_low"),
        ({"concerns": 1, "shaken": 1, "pilots": 2, "headline_p": 0.3}, "very_low"),
        ({"trends": "trends_fail"}, "no_causal_reading"),
        ({"trends": "trends_fail", "source_p": 0.5}, "no_causal_reading"),
        ({"trends": "trends_untested"}, "no_causal_reading"),
        ({"source_p": None}, "no_causal_reading"),
        ({"source_p": 0.3, "headline_p": 0.001}, "no_evidence"),
    ],
)
def test_the_rating_falls_one_step_for_every_doubt(changes, rating):
    decision = rate_evidence(facts(**changes))
    assert decision.chosen == rating
    assert all(filled(decision))
    assert rating not in decision.branches_not_taken
    assert len(decision.branches_not_taken) == 5


@pytest.mark.parametrize(
    ("stated", "found", "words"),
    [
        (2, 0, "(2 stated in the protocol)"),
        (0, 3, "(3 found by the checks of the records)"),
        (2, 3, "(2 stated in the protocol and 3 found by the checks of the records)"),
    ],
)
def test_concerns_are_one_step_and_the_reason_names_where_they_come_from(stated, found, words):
    decision = rate_evidence(facts(concerns=stated, concerns_found=found))
    assert decision.chosen == "moderate"
    doubts = [reason for reason in filled(decision) if "quality of the data" in reason]
    assert doubts == [f"one step down: concerns about the quality of the data {words}"]
