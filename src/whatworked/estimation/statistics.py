"""The sufficient statistics that estimation works on: nothing after the door sees a person's row."""

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]
Flags = NDArray[np.bool_]


@dataclass(frozen=True)
class Cells:
    """Rows of a study, summed within area × matched group × period.

    `area`, `group` and `period` (n,) index `areas`, `groups` and `periods`; `pilot` is a fact about areas.
    `since` (n,) counts periods: −1 is the last one before the start, 0 the first after the settling-in.
    `count` (n,) rows in the cell, all of `weight` (n,); `total` and `squares` (n,) are the sums of
    (outcome − `origin`) and of its square, unweighted.
    """

    areas: tuple[str, ...]
    groups: tuple[str, ...]
    periods: tuple[str, ...]
    pilot: Flags
    area: Integers
    group: Integers
    period: Integers
    since: Integers
    weight: Floats
    count: Floats
    total: Floats
    squares: Floats
    origin: float = 0.0

    @property
    def post(self) -> Flags:
        """(n,) True after the settling-in."""
        return self.since >= 0

    def keep(self, rows: Flags) -> "Cells":
        """Return the cells marked in `rows` (n,); areas and groups keep their numbers."""
        columns = ("area", "group", "period", "since", "weight", "count", "total", "squares")
        return replace(self, **{name: getattr(self, name)[rows] for name in columns})


@dataclass(frozen=True)
class AreaGrams:
    """Gram matrices of one design, area by area (G areas, q columns).

    `xx[j]` (G, q, q) is X′WʲX and `xy[j]` (G, q) is X′Wʲy, for j = 0, 1, 2 and j = 0, 1; `yy` (G,) is y′Wy,
    `ones` (G, q) is X′W1, `rows` (G,) the number of rows of positive weight and `weight` (G,) their sum.
    The outcome is measured from `origin`.
    """

    names: tuple[str, ...]
    areas: tuple[str, ...]
    xx: Floats
    xy: Floats
    yy: Floats
    ones: Floats
    y_sum: Floats
    rows: Floats
    weight: Floats
    origin: float = 0.0

    @cached_property
    def gram(self) -> Floats:
        """(3, q, q) X′WʲX over all areas, summed once."""
        return np.asarray(self.xx.sum(axis=1))

    @cached_property
    def right(self) -> Floats:
        """(2, q) X′Wʲy over all areas, summed once."""
        return np.asarray(self.xy.sum(axis=1))

    def columns(self, kept: Integers) -> "AreaGrams":
        """Return the statistics of the columns `kept`, in that order."""
        return replace(
            self,
            names=tuple(self.names[i] for i in kept),
            xx=self.xx[:, :, kept[:, None], kept],
            xy=self.xy[:, :, kept],
            ones=self.ones[:, kept],
        )

    def without(self, area: int) -> "AreaGrams":
        """Return the statistics without one area, given by its number."""
        kept = np.arange(len(self.areas)) != area
        return replace(
            self,
            areas=tuple(name for name, stays in zip(self.areas, kept, strict=True) if stays),
            xx=self.xx[:, kept],
            xy=self.xy[:, kept],
            yy=self.yy[kept],
            ones=self.ones[kept],
            y_sum=self.y_sum[kept],
            rows=self.rows[kept],
            weight=self.weight[kept],
        )
