"""Every branch of every rule, so that it can be counted which of them studies took."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Branch:
    """What a decision chose, and words of the reason where several lead to the same choice."""

    decision: str
    chosen: str
    words: str = ""

    @property
    def name(self) -> str:
        """Return what it is called in a table."""
        return f"{self.chosen}: {self.words}" if self.words else self.chosen

    def taken(self, decision: str, chosen: str, because: str) -> bool:
        """Return whether a decision went this way."""
        return (decision, chosen) == (self.decision, self.chosen) and self.words in because


BRANCHES = tuple(
    Branch(decision, *one)
    for decision, ways in {
        "family": (
            ("linear", "not a share of events"),
            ("linear", "is not below"),
            ("logit", "is below"),
            ("linear", "notice"),
            ("logit", "notice"),
            ("linear", "could not be fitted"),
        ),
        "multilevel": (
            ("pooled", "is not significant"),
            ("pooled", "could not be tested"),
            ("multilevel", "is significant"),
        ),
        "effects": (
            ("fixed_effects", "is significant"),
            ("fixed_effects", "could not be had"),
            ("random_effects", "is not significant"),
        ),
        "main_model": (
            ("fixed_effects", "which is above"),
            ("random_effects", "which is above"),
            ("linear", "which is not above"),
            ("logit", "which is not above"),
            ("linear", "cause recurrence"),
            ("logit", "cause recurrence"),
            ("logit", "effects are linear"),
            ("linear", "share of repeated rows is not known"),
            ("fixed_effects", "the protocol names"),
            ("random_effects", "the protocol names"),
        ),
        "trends": (("trends_hold",), ("trends_fail",), ("trends_untested",)),
        "scope": (
            ("primary_and_sensitivity",),
            ("primary_only", "areas on a side are left"),
            ("primary_only", "exploratory"),
        ),
        "inference": (
            ("wild_restricted",),
            ("collapsed_t", "a single area"),
            ("collapsed_t", "too few draws"),
            ("collapsed_t", "one area holds over"),
            ("none",),
        ),
        "additions": (("additions_agree",), ("additions_disagree",), ("nothing_to_compare",)),
        "evidence": (
            ("no_causal_reading", "did not move alike"),
            ("no_causal_reading", "could not be tested"),
            ("no_causal_reading", "could not be estimated"),
            ("no_evidence",),
            ("very_low",),
            ("low",),
            ("moderate",),
            ("high",),
            *(
                ("", words)
                for words in (
                    "quality of the data",
                    "correlated over time",
                    "runs without some pilots",
                    "pilots or comparators (pilots",
                    "for so few areas the difference is not significant",
                    "gives no p-value",
                )
            ),
        ),
    }.items()
    for one in ways
)


def counted(decisions: Iterable[tuple[str, Iterable[list[str]]]]) -> Mapping[Branch, Counter[str]]:
    """Return how often each branch was taken, by setting: given the settings of questions, and their decisions."""
    found: dict[Branch, Counter[str]] = {branch: Counter() for branch in BRANCHES}
    for setting, of_question in decisions:
        for decision, chosen, because in of_question:
            for branch in BRANCHES:
                if branch.taken(decision, branch.chosen and chosen, because):
                    found[branch][setting] += 1
    return found
