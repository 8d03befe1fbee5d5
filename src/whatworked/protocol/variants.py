"""Analyses beside the main one, each the main analysis with one thing replaced."""

from typing import Annotated, Literal

from pydantic import Field

from whatworked.protocol.matching import MatchingOverride
from whatworked.protocol.strict import Key, Label, Strict


class LeaveOut(Strict):
    """The main analysis without named pilots and the comparators that only they had."""

    kind: Literal["leave_out"] = Field(description="Leave pilots out.")
    pilots: Annotated[tuple[str, ...], Field(min_length=1)] | Literal["each"] | None = Field(
        default=None, description='Labels of the pilots to leave out together, or "each" for one run a pilot.'
    )
    flags: tuple[Key, ...] = Field(
        default=(), description="In place of `pilots`: leave out, together, the pilots that have one of these flags."
    )
    questions: tuple[str, ...] = Field(default=(), description="Keys of the questions; by default all.")


class Lags(Strict):
    """The effect period by period after the start, in place of one effect over all of them."""

    kind: Literal["lags"] = Field(description="One effect for each period after the start.")
    questions: tuple[str, ...] = Field(default=(), description="Keys of the questions; by default all.")


class Rematch(Strict):
    """The main analysis with comparators chosen in another way."""

    kind: Literal["matching"] = Field(description="Choose comparators in another way.")
    name: Label = Field(description="How the report calls this variant.")
    matching: MatchingOverride = Field(description="What differs from the question's matching.")
    questions: tuple[str, ...] = Field(default=(), description="Keys of the questions; by default all.")


class OtherEstimator(Strict):
    """The main analysis fitted with other families of model; for people's records."""

    kind: Literal["estimator"] = Field(description="Use other families of model.")
    estimators: Annotated[
        tuple[Literal["linear", "logit", "fixed_effects", "random_effects"], ...], Field(min_length=1)
    ] = Field(description="Which families.")
    questions: tuple[str, ...] = Field(default=(), description="Keys of the questions; by default all.")


class Reweight(Strict):
    """The main analysis with the other weight of an area's period."""

    kind: Literal["weight"] = Field(description="Weigh area periods in another way.")
    weight: Literal["equal", "denominator"] = Field(description="The weight to use.")
    questions: tuple[str, ...] = Field(default=(), description="Keys of the questions; by default all.")


class Dose(Strict):
    """The main analysis with a score of the pilots in place of pilot or not, over the highest score of all pilots."""

    kind: Literal["dose"] = Field(description="Does more of it do more?")
    score: Literal["delivery", "embeddedness"] = Field(description="Which score of the pilots is the dose.")
    name: Label | None = Field(default=None, description="How the report calls this variant.")
    questions: tuple[str, ...] = Field(default=(), description="Keys of the questions; by default all.")

    @property
    def called(self) -> str:
        """How the report calls it."""
        return self.name or ("quality of delivery" if self.score == "delivery" else "degree of embeddedness")


class PracticeModels(Strict):
    """The main analysis with comparators of two kinds: with a similar practice model, and without one."""

    kind: Literal["practice_models"] = Field(description="Compare with areas without a similar practice model.")
    name: Label | None = Field(default=None, description="How the report calls this variant.")
    questions: tuple[str, ...] = Field(default=(), description="Keys of the questions; by default all.")

    @property
    def called(self) -> str:
        """How the report calls it."""
        return self.name or "practice models of the comparators"


class Triple(Strict):
    """A triple difference: does the effect differ between areas of a high and of a low inspection rating?"""

    kind: Literal["triple"] = Field(description="Compare the effect at a high and at a low rating.")
    name: Label | None = Field(default=None, description="How the report calls this variant.")
    questions: tuple[str, ...] = Field(default=(), description="Keys of the questions; by default all.")

    @property
    def called(self) -> str:
        """How the report calls it."""
        return self.name or "high against low inspection ratings"


class OtherRules(Strict):
    """The question under the other rule set, on the same areas: its readings of the outcome and of every decision."""

    kind: Literal["rule_set"] = Field(description="Read everything as the other rule set does.")
    rule_set: Literal["as_reported", "as_coded"] = Field(description="The other set, not that of the study.")
    questions: tuple[str, ...] = Field(default=(), description="Keys of the questions; by default all.")

    @property
    def called(self) -> str:
        """How the report calls it."""
        return f"under the rule set {self.rule_set.replace('_', ' ')}"
