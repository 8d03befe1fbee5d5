"""What is known of areas beside their dates: practice models of comparators and findings of inspections."""

import datetime
from typing import Annotated, Literal

from pydantic import Field

from whatworked.protocol.strict import Strict

# A score of how well or how far a pilot did it, on any scale that starts at 0.
Score = Annotated[float, Field(ge=0)]

# What counts as a high rating.
HIGH_RATINGS = ("outstanding", "good")


class PracticeModel(Strict):
    """What a comparator does in place of the intervention."""

    area: str = Field(min_length=1, description="The area's code, as in the records.")
    model: Literal["similar", "without"] = Field(
        description="`similar`: a practice model that works like the intervention; `without`: none of the kind."
    )


class Inspection(Strict):
    """What an inspection found in an area."""

    area: str = Field(min_length=1, description="The area's code, as in the records.")
    date: datetime.date = Field(description="Day of the inspection, or of its report.")
    rating: Literal["outstanding", "good", "adequate", "requires_improvement", "inadequate"] = Field(
        description="Its overall judgement; `outstanding` and `good` are high."
    )
