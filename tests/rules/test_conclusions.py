"""What a rule set concludes, and when the other one concludes otherwise: a table of facts and expected choices."""

import pytest

from whatworked.rules.conclusions import AGREE, DISAGREE, NOTHING, Conclusion, compare_conclusions, conclude


@pytest.mark.parametrize(
    ("trends", "estimate", "p_value", "reached"),
    [
        ("trends_hold", -0.1, 0.049, "significant_fall"),
        ("trends_hold", 0.1, 0.0, "significant_rise"),
        ("trends_hold", 0.1, 0.05, "not_significant"),
        ("trends_hold", -0.1, 0.9, "not_significant"),
        ("trends_fail", -0.1, 0.001, "no_causal_reading"),
        ("trends_untested", -0.1, 0.001, "no_causal_reading"),
        ("trends_hold", None, None, "not_estimated"),
        ("trends_fail", None, None, "not_estimated"),
    ],
)
def test_a_conclusion_is_reached_by_the_sets_own_trends_and_test(trends, estimate, p_value, reached):
    found = conclude("as_coded", trends=trends, estimate=estimate, p_value=p_value, significance=0.05)
    assert found == Conclusion("as_coded", reached, p_value)


@pytest.mark.parametrize(
    ("used", "other", "chosen"),
    [
        ("significant_fall", "significant_fall", AGREE),
        ("not_significant", "not_significant", AGREE),
        ("not_significant", "significant_fall", DISAGREE),
        ("significant_rise", "significant_fall", DISAGREE),
        ("no_causal_reading", "significant_rise", DISAGREE),
        ("significant_rise", "not_estimated", DISAGREE),
    ],
)
def test_two_rule_sets_disagree_where_they_reach_another_conclusion(used, other, chosen):
    decision = compare_conclusions(Conclusion("as_reported", used, 0.2), Conclusion("as_coded", other, None))
    assert (decision.decision, decision.chosen) == ("rule_sets", chosen)
    assert [because.format(**decision.facts) for because in decision.because] == [
        f"as_reported (p = 0.200): {used}",
        f"as_coded: {other}",
    ]
    assert len(decision.branches_not_taken) == 2


def test_a_rule_set_that_leaves_nothing_is_not_compared():
    decision = compare_conclusions(Conclusion("as_reported", "significant_rise", 0.01), None)
    assert decision.chosen == NOTHING
    assert decision.facts["other"] is None
