"""What matching kept, counted by arm."""

import numpy as np

from whatworked.diagnostics.overlap import ArmOverlap, Overlap, overlap
from whatworked.vocabulary import Arm

ROWS = [  # pilot, kept, person, area, cell
    (1, 1, "a", "P1", "P1 baseline"),
    (1, 1, "a", "P1", "P1 post"),
    (1, 0, "b", "P1", "P1 post"),
    (1, 0, "c", "P2", "P2 post"),
    (0, 1, "d", "C1", "C1 baseline"),
    (0, 1, "e", "C1", "C1 baseline"),
    (0, 0, "e", "C1", "C1 baseline"),
]


def counted(rows):
    pilot, kept, person, area, cell = (np.array(column) for column in zip(*rows, strict=True))
    return overlap(pilot=pilot == 1, kept=kept == 1, person=person, area=area, cell=cell)


def test_each_arm_is_counted_before_and_after_and_a_cell_that_lost_all_is_the_smallest():
    assert counted(ROWS) == Overlap(
        ArmOverlap(Arm.PILOT, rows=4, rows_kept=2, persons=3, persons_kept=1, areas=2, areas_kept=1),
        ArmOverlap(Arm.COMPARATOR, rows=3, rows_kept=2, persons=2, persons_kept=2, areas=1, areas_kept=1),
        smallest_cell=0,
    )
    assert counted(ROWS[:3] + ROWS[4:]).smallest_cell == 1


def test_the_order_of_rows_does_not_matter_and_no_row_is_no_overlap():
    assert counted(ROWS[::-1]) == counted(ROWS)
    nothing, flags = np.array([], dtype=str), np.array([], dtype=bool)
    found = overlap(pilot=flags, kept=flags, person=nothing, area=nothing, cell=nothing)
    assert (found.pilots.rows, found.comparators.areas_kept, found.smallest_cell) == (0, 0, 0)
