"""Rows of people in matched groups, and their sums within area × group × period × time since the start."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from whatworked.estimation.moments import Part, cell_moments
from whatworked.estimation.statistics import Cells, Flags, Floats, Integers

MISSING = "(missing)"
# A category with more levels than this is an identifier, a number or a date by mistake.
MOST_LEVELS = 200


@dataclass(frozen=True)
class Category:
    """A covariate of n rows with named levels: `codes` (n,) index `levels`, of which the first is the base."""

    name: str
    levels: tuple[str, ...]
    codes: Integers

    @property
    def columns(self) -> tuple[str, ...]:
        """Names of the columns that it makes in a model: one a level but the base."""
        return tuple(f"{self.name}[{level}]" for level in self.levels[1:])

    @property
    def parts(self) -> tuple[Part, ...]:
        """What it adds to a row: 1 in the column of the row's level, nothing for the base."""
        return (Part(len(self.levels) - 1, self.codes - 1, None),)

    def take(self, rows: Flags | Integers) -> "Category":
        """Return the covariate of some rows."""
        return replace(self, codes=self.codes[rows])


@dataclass(frozen=True)
class Quantity:
    """A numeric covariate of n rows: `values` (n,) are measured from `origin`, NaN where missing.

    A missing value enters a model as 0 beside an indicator; the origin keeps sums of squares exact.
    """

    name: str
    values: Floats
    origin: float = 0.0

    @property
    def columns(self) -> tuple[str, ...]:
        """Names of the columns that it makes in a model."""
        return (self.name, f"{self.name}[{MISSING}]") if np.isnan(self.values).any() else (self.name,)

    @property
    def parts(self) -> tuple[Part, ...]:
        """What it adds to a row: its value, and 1 in a second column where there is none."""
        absent = np.isnan(self.values)
        nothing = np.zeros(len(absent), dtype=np.int64)
        value = Part(1, nothing, np.where(absent, 0.0, self.values))
        return (value, Part(1, np.where(absent, 0, -1), None)) if absent.any() else (value,)

    def take(self, rows: Flags | Integers) -> "Quantity":
        """Return the covariate of some rows."""
        return replace(self, values=self.values[rows])


Covariate = Category | Quantity


def covariate_matrix(covariates: Sequence[Covariate], rows: int) -> tuple[tuple[str, ...], Floats]:
    """Return the names and the columns (n, c) of covariates.

    Source
    ------
    None needed: a layout. Proof: tests/estimation/test_people.py
    """
    names = covariate_names(covariates)
    matrix = np.zeros((rows, len(names)))
    fill_covariates(matrix, covariates)
    return names, matrix


def covariate_names(covariates: Sequence[Covariate]) -> tuple[str, ...]:
    """Return the names of the columns of covariates.

    Source
    ------
    None needed: a layout. Proof: tests/estimation/test_people.py
    """
    return tuple(name for covariate in covariates for name in covariate.columns)


def fill_covariates(matrix: Floats, covariates: Sequence[Covariate]) -> None:
    """Write the columns of covariates into a matrix (n, c) of zeros.

    Source
    ------
    None needed: a layout. Proof: tests/estimation/test_people.py
    """
    start = 0
    for part in (part for covariate in covariates for part in covariate.parts):
        there = np.flatnonzero(part.place >= 0)
        matrix[there, start + part.place[there]] = 1.0 if part.value is None else part.value[there]
        start += part.width


@dataclass(frozen=True)
class People:
    """n rows of people's events, each in a matched group, in the order of group, area, person and day.

    `area`, `group` and `period` (n,) index `areas`, `groups` and `periods`; `person` (n,) numbers persons of an area,
    `event` (n,) events: an event has a row in every group whose phases hold it. `since` (n,) counts years since the
    start, negative before it; `day` (n,) is the day of the event, `outcome` (n,) is measured from `origin` and
    `weight` (n,) is 0 for a row that is not used.
    """

    areas: tuple[str, ...]
    groups: tuple[str, ...]
    periods: tuple[str, ...]
    pilot: Flags
    area: Integers
    group: Integers
    period: Integers
    since: Integers
    person: Integers
    event: Integers
    day: Integers
    outcome: Floats
    weight: Floats
    covariates: tuple[Covariate, ...]
    origin: float = 0.0

    @property
    def post(self) -> Flags:
        """(n,) True after the settling-in."""
        return self.since >= 0

    @property
    def treated(self) -> Flags:
        """(n,) True in a pilot."""
        return np.asarray(self.pilot[self.area])

    def take(self, rows: Flags | Integers) -> "People":
        """Return some rows; areas, groups, persons and events keep their numbers."""
        columns = ("area", "group", "period", "since", "person", "event", "day", "outcome", "weight")
        return replace(
            self,
            **{name: getattr(self, name)[rows] for name in columns},
            covariates=tuple(covariate.take(rows) for covariate in self.covariates),
        )

    def cells(self) -> Cells:
        """Return the rows of positive weight, summed within area × group × period × time since the start.

        Source
        ------
        Sums of rows are all that a weighted linear model needs (Lovell 1963). Proof: tests/estimation/test_people.py
        """
        used = self if (self.weight > 0).all() else self.take(self.weight > 0)
        key = np.column_stack([used.group, used.area, used.period, used.since])
        frames, of = _frames(key)
        n = len(frames)
        powers = [used.weight**j for j in range(3)]
        y = used.outcome
        return Cells(
            areas=self.areas,
            groups=self.groups,
            periods=self.periods,
            pilot=self.pilot,
            area=frames[:, 1],
            group=frames[:, 0],
            period=frames[:, 2],
            since=frames[:, 3],
            weights=np.stack([np.bincount(of, power, n) for power in powers]),
            totals=np.stack([np.bincount(of, power * y, n) for power in powers[:2]]),
            squares=np.bincount(of, used.weight * y * y, n).astype(np.float64),
            origin=self.origin,
            covariates=cell_moments(
                [part for covariate in used.covariates for part in covariate.parts],
                y,
                weight=used.weight,
                names=tuple(name for covariate in used.covariates for name in covariate.columns),
                cell=of,
                cells=n,
            ),
        )


def _frames(key: Integers) -> tuple[Integers, Integers]:
    """Return the distinct rows of a key (n, 4), sorted, and the number of each row's."""
    low = key.min(axis=0) if len(key) else np.zeros(4, dtype=np.int64)
    width = (key.max(axis=0) - low + 1) if len(key) else np.ones(4, dtype=np.int64)
    flat = np.ravel_multi_index(tuple((key - low).T), tuple(width)) if len(key) else np.zeros(0, dtype=np.int64)
    values, of = np.unique(flat, return_inverse=True)
    frames = np.column_stack(np.unravel_index(values, tuple(width))) + low
    return frames.astype(np.int64), of
