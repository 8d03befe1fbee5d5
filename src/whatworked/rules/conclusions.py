"""What a question concludes under a rule set, and whether the other set would conclude otherwise."""

from dataclasses import dataclass

from whatworked.rules.decision import Decision, Fact

NO_READING, NOT_ESTIMATED, NOT_SIGNIFICANT = "no_causal_reading", "not_estimated", "not_significant"
RISE, FALL = "significant_rise", "significant_fall"
AGREE, DISAGREE, NOTHING = "rule_sets_agree", "rule_sets_disagree", "nothing_to_compare"


@dataclass(frozen=True, slots=True)
class Conclusion:
    """What a rule set makes of a question: `reached` in a word, by the p-value of its own test; None without one."""

    rule_set: str
    reached: str
    p_value: float | None


def conclude(
    rule_set: str, *, trends: str, estimate: float | None, p_value: float | None, significance: float
) -> Conclusion:
    """Return what a rule set concludes: no causal reading unless the trends hold, else what its test sees."""
    if estimate is None or p_value is None:
        return Conclusion(rule_set, NOT_ESTIMATED, p_value)
    if trends != "trends_hold":
        return Conclusion(rule_set, NO_READING, p_value)
    if not p_value < significance:
        return Conclusion(rule_set, NOT_SIGNIFICANT, p_value)
    return Conclusion(rule_set, RISE if estimate > 0 else FALL, p_value)


def compare_conclusions(used: Conclusion, other: Conclusion | None) -> Decision:
    """Say whether the other rule set concludes otherwise than the one that is used.

    Source: decision 0040 of this project.
    """
    facts: dict[str, Fact] = {
        "used": used.rule_set,
        "used_reached": used.reached,
        "used_p": used.p_value,
        "other": None if other is None else other.rule_set,
        "other_reached": None if other is None else other.reached,
        "other_p": None if other is None else other.p_value,
    }
    branches = {
        AGREE: "rule_sets_agree: both rule sets conclude the same",
        DISAGREE: "rule_sets_disagree: one sees an effect, or allows a causal reading, where the other does not",
        NOTHING: "nothing_to_compare: the other rule set leaves nothing to analyse",
    }
    if other is None:
        return _decided(NOTHING, ("the other rule set leaves nothing to analyse",), facts, branches)
    said = tuple(
        f"{{{one}}} (p = {{{one}_p:.3f}}): {{{one}_reached}}"
        if p_value is not None
        else f"{{{one}}}: {{{one}_reached}}"
        for one, p_value in (("used", used.p_value), ("other", other.p_value))
    )
    return _decided(AGREE if used.reached == other.reached else DISAGREE, said, facts, branches)


def _decided(chosen: str, because: tuple[str, ...], facts: dict[str, Fact], branches: dict[str, str]) -> Decision:
    return Decision("rule_sets", chosen, because, facts, tuple(text for key, text in branches.items() if key != chosen))
