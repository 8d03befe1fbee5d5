"""How much of each side the matching kept, and how thin the thinnest cell has become."""

from dataclasses import dataclass

import numpy as np

from whatworked.estimation.rows import Labels
from whatworked.estimation.statistics import Flags
from whatworked.vocabulary import Arm


@dataclass(frozen=True, slots=True)
class ArmOverlap:
    """One arm before matching and after it: rows, people, areas."""

    arm: Arm
    rows: int
    rows_kept: int
    persons: int
    persons_kept: int
    areas: int
    areas_kept: int


@dataclass(frozen=True, slots=True)
class Overlap:
    """Both arms, and the smallest number of kept rows in any cell that had a row, a cell that lost all included."""

    pilots: ArmOverlap
    comparators: ArmOverlap
    smallest_cell: int


def overlap(*, pilot: Flags, kept: Flags, person: Labels, area: Labels, cell: Labels) -> Overlap:
    """Count what the matching kept of each arm.

    Parameters
    ----------
    pilot, kept : (n,) the arm of each row handed to the matching, and whether it has a weight after it
    person, area, cell : (n,) labels; a cell is what the smallest count is wanted of, such as area × phase

    Source
    ------
    Counting. Proof: tests/diagnostics/test_overlap.py
    """

    def side(arm: Arm, mine: Flags) -> ArmOverlap:
        both = mine & kept
        counts = (len(np.unique(labels[rows])) for labels in (person, area) for rows in (mine, both))
        return ArmOverlap(arm, int(mine.sum()), int(both.sum()), *counts)

    _, index = np.unique(cell, return_inverse=True)
    left = np.bincount(index, kept)
    return Overlap(side(Arm.PILOT, pilot), side(Arm.COMPARATOR, ~pilot), int(left.min()) if len(left) else 0)
