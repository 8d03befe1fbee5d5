"""Invented councils: how likely each outcome is there from year to year, and whether and when the programme came.

A risk is the nation's × the council's level × its trend to that year × the shock of that council and year.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from math import ceil
from typing import Literal

import numpy as np
from numpy.random import SeedSequence

from whatworked.records.invented.days import Extent, year_of

Risk = Literal["rereferral", "conference", "entry_to_care", "kinship", "duration"]

# Of a referral without action, of an open case (both), of a period of care; and the median of working days.
NATION: Mapping[Risk, float] = {
    "rereferral": 0.205,
    "conference": 0.085,
    "entry_to_care": 0.05,
    "kinship": 0.38,
    "duration": 22.5,
}
# Standard deviations of logarithms: of the councils' levels, of their yearly trends, of the yearly shocks.
LEVEL, TREND, SHOCK = 0.12, 0.012, 0.04
# At least one council in five takes the programme up, and no fewer than this.
FEWEST_PILOTS, ONE_IN = 4, 5
# Where in the data the programme comes, and how long it takes to embed, as shares of their length.
EARLIEST, SPREAD, SHORTEST, LONGER = 0.59, 0.05, 0.06, 0.04


@dataclass(frozen=True, slots=True)
class Programme:
    """When a council took the programme up, and when it was embedded."""

    start: int
    embedded: int


@dataclass(frozen=True, slots=True)
class Area:
    """A council: how many children it knows, the seed of all of them, its risks by year and its programme."""

    code: str
    number: int
    children: int
    seed: int
    extent: Extent
    programme: Programme | None
    multipliers: Mapping[Risk, tuple[float, ...]]

    def risk(self, risk: Risk, day: int) -> float:
        """Return a risk on a day without the programme; before and after the data that of the nearest year."""
        extent = self.extent
        year = min(max(year_of(day), extent.first_year), extent.last_year)
        return NATION[risk] * self.multipliers[risk][year - extent.first_year]

    def exposure(self, day: int) -> float:
        """Return the share of the programme's effect on a day, which grows evenly while the programme settles in."""
        if self.programme is None or day <= self.programme.start:
            return 0.0
        return min(1.0, (day - self.programme.start) / (self.programme.embedded - self.programme.start))


def invented_areas(*, persons: int, areas: int, extent: Extent, seed: int) -> tuple[Area, ...]:
    """Return the councils of a nation. Each has a seed of its own, so that they can be made in any order."""
    nation, *seeds = SeedSequence(seed).spawn(areas + 1)
    draws = np.random.default_rng(nation)
    weights = draws.uniform(0.5, 1.5, areas)
    sizes = 1 + draws.multinomial(persons - areas, weights / weights.sum())
    pilots = number_of_pilots(areas)
    return tuple(
        _area(number, children=int(size), seed=own, extent=extent, pilot=number <= pilots)
        for number, (size, own) in enumerate(zip(sizes, seeds, strict=True), start=1)
    )


def number_of_pilots(areas: int) -> int:
    """Return how many of the councils, the first ones, take the programme up."""
    return max(FEWEST_PILOTS, ceil(areas / ONE_IN))


def _area(number: int, *, children: int, seed: SeedSequence, extent: Extent, pilot: bool) -> Area:
    own, lives = seed.spawn(2)
    draws = np.random.default_rng(own)
    place = draws.uniform(), draws.uniform()
    years = np.arange(extent.last_year - extent.first_year + 1)
    multipliers: dict[Risk, tuple[float, ...]] = {}
    for risk in NATION:
        level, trend = draws.normal(0.0, LEVEL), draws.normal(0.0, TREND)
        shocks = draws.normal(0.0, SHOCK, len(years))
        centred = years - years.mean()
        multipliers[risk] = tuple(float(value) for value in np.exp(level + trend * centred + shocks))
    return Area(
        code=f"X{number:03d}",
        number=number,
        children=children,
        seed=int.from_bytes(lives.generate_state(4).tobytes(), "little"),
        extent=extent,
        programme=_programme(extent, *place) if pilot else None,
        multipliers=multipliers,
    )


def _programme(extent: Extent, place: float, length: float) -> Programme:
    """Return dates that are the first of a month and the last before one."""
    days = extent.last - extent.first
    start = extent.first + int(days * (EARLIEST + SPREAD * place))
    embedded = start + int(days * (SHORTEST + LONGER * length))
    return Programme(_first_of_month(start), _first_of_month(embedded) - 1)


def _first_of_month(day: int) -> int:
    return date.fromordinal(day).replace(day=1).toordinal()
