"""The stretch of time that a study's data cover."""

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class Extent:
    """First and last day of the study's data. What lies before the first is history: it explains, and is no row."""

    first: date
    last: date
