"""The sufficient statistics that estimation works on: nothing after the door sees a person's row."""

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]
Flags = NDArray[np.bool_]


@dataclass(frozen=True)
class Covariates:
    """What is known of c covariates within n cells: sums over rows of powers of the weight w.

    `sums[j]` (n, c) is Σ wʲx and `products[j]` (n, c, c) is Σ wʲxx′ for j = 0, 1, 2; `cross[j]` (n, c) is
    Σ wʲx(y − origin) for j = 0, 1.
    """

    names: tuple[str, ...]
    sums: Floats
    products: Floats
    cross: Floats

    @classmethod
    def none(cls, cells: int) -> "Covariates":
        """Return no covariate."""
        return cls((), np.zeros((3, cells, 0)), np.zeros((3, cells, 0, 0)), np.zeros((2, cells, 0)))

    @classmethod
    def constant(cls, names: tuple[str, ...], values: Floats, *, weights: Floats, totals: Floats) -> "Covariates":
        """Return covariates (n, c) that do not vary within a cell, of cells with these `weights` and `totals`."""
        return cls(
            names,
            weights[:, :, None] * values,
            weights[:, :, None, None] * (values[:, :, None] * values[:, None, :]),
            totals[:, :, None] * values,
        )

    def keep(self, rows: Flags) -> "Covariates":
        """Return those of the cells marked in `rows` (n,)."""
        return Covariates(self.names, self.sums[:, rows], self.products[:, rows], self.cross[:, rows])


@dataclass(frozen=True)
class Cells:
    """Rows of a study, summed within area × matched group × period × time since the start.

    `area`, `group` and `period` (n,) index `areas`, `groups` and `periods`; `pilot` is a fact about areas.
    `since` (n,) counts periods: −1 is the last one before the start, 0 the first after the settling-in.
    `weights[j]` (n,) is Σ wʲ over the cell's rows of positive weight for j = 0, 1, 2 (j = 0 counts them), `totals[j]`
    (n,) is Σ wʲ(y − `origin`) for j = 0, 1, and `squares` (n,) is Σ w(y − `origin`)².
    """

    areas: tuple[str, ...]
    groups: tuple[str, ...]
    periods: tuple[str, ...]
    pilot: Flags
    area: Integers
    group: Integers
    period: Integers
    since: Integers
    weights: Floats
    totals: Floats
    squares: Floats
    origin: float
    covariates: Covariates

    @classmethod
    def even(  # noqa: PLR0913, PLR0917 - the columns of the cells
        cls,
        areas: tuple[str, ...],
        groups: tuple[str, ...],
        periods: tuple[str, ...],
        pilot: Flags,
        area: Integers,
        group: Integers,
        period: Integers,
        since: Integers,
        *,
        weight: Floats,
        count: Floats,
        total: Floats,
        squares: Floats,
        origin: float = 0.0,
    ) -> "Cells":
        """Return cells of `count` (n,) rows that all weigh `weight` (n,), without covariates.

        `total` and `squares` (n,) are the unweighted sums of (y − `origin`) and of its square.
        """
        there = np.where(weight > 0, count, 0.0)
        weights = np.stack([there, weight * count, weight**2 * count])
        totals = np.stack([np.where(weight > 0, total, 0.0), weight * total])
        none = Covariates.none(len(area))
        return cls(
            areas, groups, periods, pilot, area, group, period, since, weights, totals, weight * squares, origin, none
        )

    @property
    def rows(self) -> Floats:
        """(n,) rows of positive weight."""
        return np.asarray(self.weights[0])

    @property
    def weight(self) -> Floats:
        """(n,) sum of the rows' weights."""
        return np.asarray(self.weights[1])

    @property
    def total(self) -> Floats:
        """(n,) weighted sum of (y − `origin`)."""
        return np.asarray(self.totals[1])

    @property
    def post(self) -> Flags:
        """(n,) True after the settling-in."""
        return self.since >= 0

    @property
    def used(self) -> Flags:
        """(n,) True where there is a row of positive weight."""
        return np.asarray((self.weights[0] > 0) & (self.weights[1] > 0))

    def keep(self, rows: Flags) -> "Cells":
        """Return the cells marked in `rows` (n,); areas and groups keep their numbers."""
        columns = ("area", "group", "period", "since", "squares")
        return replace(
            self,
            **{name: getattr(self, name)[rows] for name in columns},
            weights=self.weights[:, rows],
            totals=self.totals[:, rows],
            covariates=self.covariates.keep(rows),
        )

    def with_constant(self, names: tuple[str, ...], values: Floats) -> "Cells":
        """Return the same cells with covariates (n, d) that do not vary within a cell, after the ones there are."""
        own = self.covariates
        added = Covariates.constant(names, values, weights=self.weights, totals=self.totals)
        between = own.sums[:, :, :, None] * values[:, None, :]
        upper = np.concatenate([own.products, between], axis=3)
        lower = np.concatenate([between.swapaxes(2, 3), added.products], axis=3)
        covariates = Covariates(
            own.names + names,
            np.concatenate([own.sums, added.sums], axis=2),
            np.concatenate([upper, lower], axis=2),
            np.concatenate([own.cross, added.cross], axis=2),
        )
        return replace(self, covariates=covariates)


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
