"""Periods of an area that hold nothing, or far less than the area's others."""

from collections.abc import Mapping
from statistics import median
from typing import Literal, TypeVar

Note = Literal["", "none", "few"]
Counted = Mapping[tuple[str, int], int]
Place = TypeVar("Place")

# Below these, chance alone empties or halves a period: none of 5 happens once in 150 times, half of 20 once in 200.
EMPTY_BELOW, HALVED_BELOW = 5, 20


def gaps(counts: Mapping[Place, int]) -> dict[Place, Note]:
    """Judge the periods of one area by its usual count, the median of those that hold anything.

    `none` is a period without a row where five are usual, or where the area has no row at all; `few` one with less
    than half of the usual count where twenty are usual; empty is no gap.
    """
    held = [n for n in counts.values() if n]
    usual = float(median(held)) if held else 0.0
    return {place: _note(n, usual) for place, n in counts.items()}


def _note(n: int, usual: float) -> Note:
    if n == 0:
        return "none" if usual >= EMPTY_BELOW or usual == 0 else ""
    return "few" if usual >= HALVED_BELOW and 2 * n < usual else ""
