"""Numbers of the questions once more in the tables over all of them: what is hidden there is hidden here."""

from collections.abc import Sequence
from dataclasses import replace

from whatworked.disclosure.released import NotApplicable, Number, Released, ReleasedSection
from whatworked.disclosure.rounding import coarser
from whatworked.tables.model import Copy

LOW = "[low]"
ROUNDS_TO_NOTHING = "it rounds to 0"
NOT_THERE = "the question has no such number"


def copied(copy: Copy, sections: Sequence[ReleasedSection], *, not_applicable: str) -> Released:
    """Return what left of a question's cell, with fewer digits where the copy asks for it.

    A copy reads the released cell and never the exact one, so that it cannot tell more than its question does.
    """
    cell = _released(copy, sections)
    if cell is None:
        return NotApplicable(not_applicable, NOT_THERE)
    if not isinstance(cell, Number):
        return cell
    number = cell if copy.places is None or cell.bound else coarser(cell, copy.places, scale=copy.scale)
    if cell.value and not number.value:
        return NotApplicable(LOW, ROUNDS_TO_NOTHING)
    sign = "%" if copy.unit and number.unit == "%" else ""
    return replace(number, after=f"{sign}{number.after}{copy.mark}")


def _released(copy: Copy, sections: Sequence[ReleasedSection]) -> Released | None:
    section = next((one for one in sections if one.key == copy.question), None)
    table = None if section is None else section.table(copy.place.table)
    if table is None or not 0 <= copy.place.row < len(table.rows):
        return None
    return table.records()[copy.place.row].get(copy.place.column)
