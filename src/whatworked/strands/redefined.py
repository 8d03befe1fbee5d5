"""The main analysis under another definition of the outcome: the same areas, other rows or other outcomes."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from whatworked.cells import NotEstimated
from whatworked.door.samples import Sample
from whatworked.matching.groups import MatchedGroup
from whatworked.strands.models import Readings
from whatworked.strands.variants import Analysis, Asked, analyse

NO_ROWS = "no row is left under this definition"


@dataclass(frozen=True)
class Redefined:
    """A question's rows under another definition: how they are laid side by side, and what differs, in words.

    `unit` is that of the outcome, which another outcome may have another of.
    """

    lay: Callable[[Sequence[MatchedGroup], str], Sample]
    note: str
    unit: str


def analyse_redefined(
    found: Redefined | NotEstimated, groups: Sequence[MatchedGroup], asked: Asked, *, weight: str, readings: Readings
) -> Analysis | NotEstimated:
    """Return the main analysis of the same matched groups under another definition, or why there is none."""
    if isinstance(found, NotEstimated):
        return found
    sample = found.lay(groups, weight)
    if not sample.cells.used.any():
        return NotEstimated(NO_ROWS)
    analysis = analyse(sample, asked, readings)
    return replace(analysis, note="; ".join(part for part in (found.note, analysis.note) if part))
