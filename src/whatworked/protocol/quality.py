"""From how many faults in the records on a question's evidence is marked down."""

from typing import Annotated

from pydantic import Field

from whatworked.protocol.strict import Strict

Limit = Annotated[float, Field(gt=0, le=1)]


class Quality(Strict):
    """The shares of faults in the records from which they are a concern that lowers a question's evidence a step.

    Each is judged among the pilots and among their comparators by itself, reached or passed in either; 1 is no limit.
    """

    missing_share: Limit = Field(
        default=0.3, description="Share of rows without a value that the question uses; 1 for no limit."
    )
    invalid_share: Limit = Field(
        default=0.05,
        description="Share of rows with a value that cannot be: an unknown code, an impossible day, a repeated key; "
        "1 for no limit.",
    )
    unlinked_share: Limit = Field(
        default=0.1, description="Share of rows whose counterpart in another table is not there; 1 for no limit."
    )
    coverage_gap: Limit = Field(
        default=0.1,
        description="Share of the areas' periods without records, or with less than half of the area's usual number; "
        "1 for no limit.",
    )
