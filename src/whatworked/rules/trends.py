"""Whether the assumption of parallel trends is held to be met."""

from whatworked.rules.decision import Decision

HOLD, FAIL, UNTESTED = "trends_hold", "trends_fail", "trends_untested"


def judge_trends(*, leads: int, insignificant: int, significance: float) -> Decision:
    """Apply the source's rule: the strict majority of leads is not significant.

    No lead to judge leaves the trends untested, which allows no causal reading either.
    """
    facts = {"leads": leads, "insignificant": insignificant, "significance": significance}
    branches = {
        HOLD: "trends_hold: more than half of the leads are not significant",
        FAIL: "trends_fail: half of the leads or more are significant",
        UNTESTED: "trends_untested: there is no lead to judge by",
    }
    if leads == 0:
        chosen, because = UNTESTED, "no lead could be estimated"
    else:
        chosen = HOLD if 2 * insignificant > leads else FAIL
        because = "{insignificant} of {leads} leads are not significant at {significance:.0%}"
    return Decision("trends", chosen, (because,), facts, tuple(text for key, text in branches.items() if key != chosen))
