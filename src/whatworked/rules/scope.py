"""Which analyses a question gets beside its main one."""

from whatworked.rules.decision import Decision

ALL, PRIMARY = "primary_and_sensitivity", "primary_only"


def choose_scope(*, pilots: int, comparators: int, min_areas: int, exploratory: bool) -> Decision:
    """Too few areas or an exploratory question: the primary analysis only."""
    facts = {"pilots": pilots, "comparators": comparators, "min_areas": min_areas, "exploratory": exploratory}
    everything = "primary_and_sensitivity: at least {min_areas} pilots and {min_areas} comparators, not exploratory"
    reasons = []
    if min(pilots, comparators) < min_areas:
        reasons.append("fewer than {min_areas} areas on a side are left (pilots: {pilots}, comparators: {comparators})")
    if exploratory:
        reasons.append("the protocol calls the question exploratory")
    if reasons:
        return Decision("scope", PRIMARY, tuple(reasons), facts, (everything,))
    because = "at least {min_areas} areas on either side are left (pilots: {pilots}, comparators: {comparators})"
    few = "primary_only: fewer than {min_areas} pilots or comparators, or an exploratory question"
    return Decision("scope", ALL, (because,), facts, (few,))


def primary_only(scope: Decision) -> str:
    """Say why a question does without an analysis beside its main one."""
    why = "; ".join(reason.format(**scope.facts) for reason in scope.because)
    return f"the question gets its primary analysis only: {why}"
