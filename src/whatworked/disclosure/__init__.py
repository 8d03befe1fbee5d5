"""What may leave: the one gate between what was found and what is released, its limits and its record."""

from whatworked.disclosure.evidence_log import evidence, write_evidence
from whatworked.disclosure.profile import Limits, limits
from whatworked.disclosure.release import release
from whatworked.disclosure.released import ReleasedDocument

__all__ = ["Limits", "ReleasedDocument", "evidence", "limits", "release", "write_evidence"]
