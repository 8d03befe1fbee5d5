"""Whether anything that stands beside the pre-registered test draws another conclusion than it."""

from collections.abc import Sequence
from dataclasses import dataclass

from whatworked.rules.decision import Decision, Fact

AGREE, DISAGREE, NOTHING = "additions_agree", "additions_disagree", "nothing_to_compare"


@dataclass(frozen=True, slots=True)
class Opinion:
    """What one way of looking at the main effect makes of it: its name in words, its estimate and its p-value."""

    name: str
    estimate: float
    p_value: float


def judge_additions(registered: Opinion | None, additions: Sequence[Opinion], *, significance: float) -> Decision:
    """Say which additions see an effect where the pre-registered test does not, or none or the opposite where it does.

    Source: decision 0030 of this project.
    """
    facts: dict[str, Fact] = {
        "significance": significance,
        "counted": len(additions),
        "registered_p": None if registered is None else registered.p_value,
    }
    branches = {
        AGREE: "additions_agree: every addition draws the conclusion of the pre-registered test",
        DISAGREE: "additions_disagree: one is on the other side of {significance:.0%}, or is significant and opposite",
        NOTHING: "nothing_to_compare: the effect, or every addition, has no p-value",
    }
    if registered is None or not additions:
        return _decided(NOTHING, ("there is no p-value to compare",), facts, branches)
    found = [(one, words) for one in additions if (words := _objection(one, registered, significance)) is not None]
    facts |= {"disagreeing": len(found), "names": ", ".join(one.name for one, _ in found)}
    own = registered.p_value < significance
    head = (
        "the pre-registered test " + ("sees" if own else "does not see") + " more than chance (p = {registered_p:.3f})"
    )
    if not found:
        return _decided(
            AGREE, (head, "so do all {counted} additions" if own else "nor do the {counted} additions"), facts, branches
        )
    because = [head]
    for place, (one, words) in enumerate(found, start=1):
        facts[f"p_{place}"] = one.p_value
        because.append(f"{one.name} {words} (p = {{p_{place}:.3f}})")
    return _decided(DISAGREE, tuple(because), facts, branches)


def _objection(one: Opinion, registered: Opinion, significance: float) -> str | None:
    """Return what an addition says that the pre-registered test does not, None where they agree."""
    own, other = registered.p_value < significance, one.p_value < significance
    if own and other and one.estimate * registered.estimate < 0:
        return "sees the opposite"
    if own is other:
        return None
    return "does" if other else "does not"


def _decided(chosen: str, because: tuple[str, ...], facts: dict[str, Fact], branches: dict[str, str]) -> Decision:
    return Decision("additions", chosen, because, facts, tuple(text for key, text in branches.items() if key != chosen))
