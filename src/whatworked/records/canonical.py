"""What every reader of people's records returns: canonical tables, and what was counted on the way to them."""

from collections.abc import Mapping
from dataclasses import dataclass

from whatworked.engine.sql import Query
from whatworked.records.quality import QualityNote, Step


@dataclass(frozen=True, slots=True)
class CanonicalRecords:
    """Tables of `whatworked.records.schema` by name, those that the source holds.

    Each query has the table's columns, in order and of their types. `steps` say what was taken away on the way from
    the files, `notes` what was found in the rest; both are counts under a rule.
    """

    tables: Mapping[str, Query]
    steps: tuple[Step, ...]
    notes: tuple[QualityNote, ...]
