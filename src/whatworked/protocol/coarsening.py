"""How a protocol says that covariates are coarsened before people are matched exactly on them."""

from itertools import pairwise
from math import isfinite
from typing import Annotated, Literal

from pydantic import Field, field_validator

from whatworked.protocol.strict import Label, Strict


class CutPoints(Strict):
    """Bins between stated cut points; values beyond the outer ones are in bins of their own."""

    cuts: Annotated[tuple[float | int, ...], Field(min_length=1)] = Field(description="Cut points, in ascending order.")
    closed: Literal["right", "left"] = Field(
        default="right", description="Which end belongs to a bin: `right` makes (a, b], `left` [a, b)."
    )

    @field_validator("cuts")
    @classmethod
    def _ascending(cls, cuts: tuple[float | int, ...]) -> tuple[float | int, ...]:
        if not all(isfinite(cut) for cut in cuts) or any(after <= before for before, after in pairwise(cuts)):
            raise ValueError("cut points are finite numbers in ascending order, each given once")
        return cuts


class EqualBins(Strict):
    """A number of equal bins between the least and the greatest value."""

    bins: Annotated[int, Field(ge=1, le=10_000)] = Field(description="How many bins.")


class AutomaticBins(Strict):
    """Equal bins whose number a named rule finds."""

    rule: Literal["sturges", "scott", "freedman_diaconis"] = Field(description="The rule.")


class Groups(Strict):
    """Levels of a category that count as one; every other level stays by itself."""

    groups: Annotated[tuple[Annotated[tuple[Label, ...], Field(min_length=1)], ...], Field(min_length=1)] = Field(
        description="Lists of levels, a list a group."
    )

    @field_validator("groups")
    @classmethod
    def _apart(cls, groups: tuple[tuple[str, ...], ...]) -> tuple[tuple[str, ...], ...]:
        named = [level for group in groups for level in group]
        if len(set(named)) < len(named):
            raise ValueError("a level belongs to one group")
        return groups


CoarseningChoice = Literal["exact"] | CutPoints | EqualBins | AutomaticBins | Groups
