"""Which analyses a question gets beside its main one."""

from whatworked.rules.decision import Decision

ALL, PRIMARY = "primary_and_sensitivity", "primary_only"


def choose_scope(*, pilots: int, comparators: int, min_areas: int, exploratory: bool) -> Decision:
    """Too few areas or an exploratory question: the primary analysis only."""
    facts = {"pilots": pilots, "comparators": comparators, "min_areas": min_areas, "exploratory": exploratory}
    everything = "primary_and_sensitivity: at least {min_areas} pilots and {min_areas} comparators, not exploratory"
    reasons = []
    if min(pilots, comparators) < min_areas:
        reasons.append("{pilots} pilot(s) and {comparators} comparator(s) are left; fewer than {min_areas} on a side")
    if exploratory:
        reasons.append("the protocol calls the question exploratory")
    if reasons:
        return Decision("scope", PRIMARY, tuple(reasons), facts, (everything,))
    because = "{pilots} pilots and {comparators} comparators are left, at least {min_areas} on either side"
    few = "primary_only: fewer than {min_areas} pilots or comparators, or an exploratory question"
    return Decision("scope", ALL, (because,), facts, (few,))
