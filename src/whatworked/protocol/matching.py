"""How a protocol says whom its pilots are compared with: areas by trend, people by what is known of them."""

from typing import Annotated, Literal

from pydantic import Field

from whatworked.protocol.coarsening import CoarseningChoice
from whatworked.protocol.strict import Key, Strict


class Matching(Strict):
    """How comparator areas are chosen by trend."""

    comparators_per_pilot: Annotated[int, Field(ge=1)] | Literal["all"] = Field(
        default=2, description='How many comparators a pilot may have, or "all".'
    )
    max_distance: float = Field(
        default=0.5, gt=0, description="Ceiling of the trend distance (a comparator lies under it); `inf` for none."
    )
    slope_significance: float = Field(
        default=0.05,
        ge=0,
        lt=1,
        description="A candidate whose slope differs from the pilot's at this level is refused; 0 for no such rule.",
    )
    baseline_periods: tuple[str, ...] = Field(
        default=(), description="Labels of the baseline periods to match on; by default all of them."
    )
    proxy: str | None = Field(default=None, description="Records whose series stands for the outcome in the matching.")
    match_file: str | None = Field(
        default=None, description="CSV with columns `pilot` and `comparator` that overrides the search."
    )
    coarsening: dict[Key, CoarseningChoice] = Field(
        default={},
        description="People: covariates that they are matched on exactly, within matched group and phase, once each is "
        'coarsened: `"exact"`, `{ cuts = [4.5, 12.5] }`, `{ bins = 5 }`, `{ rule = "sturges" }` or '
        '`{ groups = [["a", "b"]] }`. Without any, people are not matched.',
    )


class MatchingOverride(Strict):
    """What one question or variant does otherwise than `[matching]`."""

    comparators_per_pilot: Annotated[int, Field(ge=1)] | Literal["all"] | None = Field(
        default=None, description="As in `[matching]`."
    )
    max_distance: Annotated[float, Field(gt=0)] | None = Field(default=None, description="As in `[matching]`.")
    slope_significance: Annotated[float, Field(ge=0, lt=1)] | None = Field(
        default=None, description="As in `[matching]`."
    )
    baseline_periods: tuple[str, ...] | None = Field(default=None, description="As in `[matching]`.")
    proxy: str | None = Field(default=None, description="As in `[matching]`.")
    match_file: str | None = Field(default=None, description="As in `[matching]`.")
    coarsening: dict[Key, CoarseningChoice] | None = Field(default=None, description="As in `[matching]`.")

    def over(self, matching: Matching) -> Matching:
        """Return `matching` with what is given here in place of it."""
        given = {name: value for name, value in self if value is not None}
        return matching.model_copy(update=given)
