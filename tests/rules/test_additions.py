"""An addition disagrees where it falls on the other side of the limit, or is significant in the other direction."""

import pytest

from whatworked.rules.additions import AGREE, DISAGREE, NOTHING, Opinion, judge_additions

SEES, SEES_NOT = Opinion("the registered test", -2.0, 0.01), Opinion("the registered test", -2.0, 0.2)


def judged(registered, *additions):
    decision = judge_additions(registered, additions, significance=0.05)
    # every reason can be filled from the facts, the branches too
    reasons = [text.format(**decision.facts) for text in decision.because]
    assert all(text.format(**decision.facts) for text in decision.branches_not_taken)
    return decision, reasons


def test_additions_on_the_same_side_agree_whatever_their_size():
    decision, reasons = judged(SEES, Opinion("one", -9.0, 0.049), Opinion("two", -0.1, 0.0))
    assert decision.chosen == AGREE
    assert decision.facts["disagreeing"] == 0
    assert reasons == ["the pre-registered test sees more than chance (p = 0.010)", "so do all 2 additions"]
    assert judged(SEES_NOT, Opinion("one", 3.0, 0.6))[0].chosen == AGREE


@pytest.mark.parametrize(
    ("registered", "p_value", "words"),
    [(SEES, 0.05, "one does not (p = 0.050)"), (SEES_NOT, 0.0499, "one does (p = 0.050)")],
)
def test_an_addition_on_the_other_side_of_the_limit_disagrees(registered, p_value, words):
    decision, reasons = judged(registered, Opinion("one", -2.0, p_value), Opinion("two", -2.0, registered.p_value))
    assert decision.chosen == DISAGREE
    assert (decision.facts["disagreeing"], decision.facts["counted"], decision.facts["names"]) == (1, 2, "one")
    assert reasons[1:] == [words]


def test_two_significant_estimates_of_opposite_signs_disagree():
    decision, reasons = judged(SEES, Opinion("the stacked form", 2.0, 0.01))
    assert decision.chosen == DISAGREE
    assert reasons[1] == "the stacked form sees the opposite (p = 0.010)"


def test_without_an_effect_or_without_additions_there_is_nothing_to_compare():
    assert judged(None, Opinion("one", 1.0, 0.5))[0].chosen == NOTHING
    assert judged(SEES)[0].chosen == NOTHING
