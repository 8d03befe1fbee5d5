"""The main analysis under another definition of the outcome: the same areas, other rows or other outcomes."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from whatworked.cells import NotEstimated
from whatworked.estimation.statistics import Cells
from whatworked.matching.groups import MatchedGroup
from whatworked.strands.variants import Analysis, Readings, analyse
from whatworked.vocabulary import Role

NO_ROWS = "no row is left under this definition"


@dataclass(frozen=True)
class Redefined:
    """A question's rows under another definition: how they are laid side by side, and what differs, in words."""

    lay: Callable[[Sequence[MatchedGroup], str], Cells]
    note: str


def analyse_redefined(
    found: Redefined | NotEstimated, groups: Sequence[MatchedGroup], *, weight: str, name: str, readings: Readings
) -> Analysis | NotEstimated:
    """Return the main analysis of the same matched groups under another definition, or why there is none."""
    if isinstance(found, NotEstimated):
        return found
    cells = found.lay(groups, weight)
    if not cells.count.sum():
        return NotEstimated(NO_ROWS)
    analysis = analyse(cells, name=name, role=Role.SENSITIVITY, readings=readings)
    return replace(analysis, note=found.note)
