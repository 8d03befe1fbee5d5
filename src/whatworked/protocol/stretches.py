"""The periods of a protocol: listed one by one, or by the calendar."""

from datetime import date
from typing import Annotated, Literal

from pydantic import Field

from whatworked.protocol.strict import Strict


class ListedPeriod(Strict):
    """One period of a list: its label in the file, its first day and, if the next does not follow on, its last."""

    label: str = Field(description="Label of the period, as the file writes it.")
    start: date = Field(description="First day of the period.")
    end: date | None = Field(
        default=None,
        description="Last day; by default the day before the next period, "
        "and for the last one the same number of months as the one before it.",
    )


class CalendarPeriods(Strict):
    """Periods that the calendar defines."""

    kind: Literal["year", "quarter", "month"] = Field(
        description="`year`: labels are years; `quarter`: 2011Q3 or Q32011; `month`: 2011-07."
    )
    ends: Annotated[str, Field(pattern=r"^\d\d-\d\d$")] = Field(
        default="12-31",
        description='Month and day on which a year ends, such as "03-31"; the label is the year in which it ends.',
    )
