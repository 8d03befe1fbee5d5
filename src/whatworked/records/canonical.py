"""What every reader of people's records returns: canonical tables, and what was counted on the way to them."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date

from whatworked.engine.sql import Query
from whatworked.records.quality import QualityNote, Step

# Writes a step to a file, under a name, and returns the query that reads it.
Keep = Callable[[str, Query], Query]


def unkept(_: str, query: Query) -> Query:
    """Leave a step a query."""
    return query


@dataclass(frozen=True, slots=True)
class CanonicalRecords:
    """Tables of `whatworked.records.schema` by name, those that the source holds.

    Each query has the table's columns, in order and of their types. `steps` say what was taken away on the way from
    the files, `notes` what was found in the rest; both are counts under a rule. `first_days` gives the day from which
    a table is filled, by its name, where the source has other records of earlier years.
    """

    tables: Mapping[str, Query]
    steps: tuple[Step, ...]
    notes: tuple[QualityNote, ...]
    first_days: Mapping[str, date] = field(default_factory=dict)
