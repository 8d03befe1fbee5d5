"""School holidays in a protocol."""

from datetime import date

from pydantic import Field

from whatworked.protocol.strict import Strict


class SchoolHoliday(Strict):
    """A stretch of days without school."""

    start: date = Field(description="First day of the holiday.")
    end: date = Field(description="Last day of the holiday.")
