"""Invented councils: how likely each outcome is there from year to year, and whether and when the programme came.

A risk is the nation's × the council's level × its trend to that year × the shock of that council and year.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from itertools import zip_longest
from math import ceil
from typing import Literal, get_args

import numpy as np
from numpy.random import SeedSequence

from whatworked.records.invented.days import Extent, year_of

Risk = Literal["rereferral", "conference", "entry_to_care", "kinship", "duration", "escalation"]
RISKS: tuple[Risk, ...] = get_args(Risk)
Rating = Literal["outstanding", "good", "requires_improvement", "inadequate"]
Practice = Literal["similar", "without"]

# Of a referral without action, of an open case (both), of a period of care; the median of working days; and how likely
# a plan or care is at a re-referral that follows no action, against any other open case.
NATION: Mapping[Risk, float] = {
    "rereferral": 0.18,
    "conference": 0.094,
    "entry_to_care": 0.062,
    "kinship": 0.37,
    "duration": 22.5,
    "escalation": 0.42,
}
# Standard deviations of logarithms: of the councils' levels, of their yearly trends, of the yearly shocks.
LEVEL, TREND, SHOCK = 0.12, 0.012, 0.04
# At least one council in five takes the programme up, and no fewer than this.
FEWEST_PILOTS, ONE_IN = 4, 5
# Where in the data the programme comes, and how long it takes to embed, as shares of their length.
EARLIEST, SPREAD, SHORTEST, LONGER = 0.66, 0.1, 0.06, 0.06
# The places, among the pilots, of the one that began before the others and of those helped with assessments.
EARLY_ADOPTER, EARLIER, SUPPORTED = 4, 0.01, (1, 2)
# How well the programme was delivered, on a scale to 5, and by how much a rating adds to its effect or takes from it.
LEAST_SCORE, BEST_SCORE, WELL_RATED = 2.6, 4.6, 0.15
RATINGS: tuple[Rating, ...] = ("good", "requires_improvement", "outstanding", "inadequate")
HIGH: tuple[Rating, ...] = ("outstanding", "good")
PRACTICES: tuple[Practice, ...] = ("without", "similar", "without")


@dataclass(frozen=True, slots=True)
class Programme:
    """When a council took the programme up, when it was embedded, and how it went about it.

    `strength` multiplies the effect: in proportion to the `score` of delivery, more under a high rating, one on the
    average of the pilots. `supported` is by other hands with assessments. The score of `embeddedness` changes nothing.
    """

    start: int
    embedded: int
    score: float
    strength: float
    embeddedness: float
    early: bool
    supported: bool


@dataclass(frozen=True, slots=True)
class Area:
    """A council: how many children it knows, the seed of all of them, its risks by year and its programme.

    The `rating` is the inspectorate's, the same in all years. The `practice` of a council without the programme works
    like it or does not, which changes nothing.
    """

    code: str
    number: int
    children: int
    seed: int
    extent: Extent
    rating: Rating
    practice: Practice
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

    def dose(self, day: int) -> float:
        """Return by how much of an effect the programme changes things on a day."""
        return 0.0 if self.programme is None else self.programme.strength * self.exposure(day)


def invented_areas(*, persons: int, areas: int, extent: Extent, seed: int) -> tuple[Area, ...]:
    """Return the councils of a nation. Each has a seed of its own, so that they can be made in any order."""
    nation, *seeds = SeedSequence(seed).spawn(areas + 1)
    draws = np.random.default_rng(nation)
    ratings = tuple(RATINGS[place % len(RATINGS)] for place in draws.permutation(areas))
    deliveries = _deliveries(ratings[: number_of_pilots(areas)], draws)
    weights = draws.uniform(0.5, 1.5, areas)
    sizes = 1 + draws.multinomial(persons - areas, weights / weights.sum())
    return tuple(
        _area(number, children=int(size), seed=own, extent=extent, rating=rating, delivery=delivery)
        for number, (size, own, rating, delivery) in enumerate(zip_longest(sizes, seeds, ratings, deliveries), start=1)
    )


def number_of_pilots(areas: int) -> int:
    """Return how many of the councils, the first ones, take the programme up."""
    return max(FEWEST_PILOTS, ceil(areas / ONE_IN))


@dataclass(frozen=True, slots=True)
class _Delivery:
    score: float
    embeddedness: float
    strength: float
    place: int


def _deliveries(ratings: tuple[Rating, ...], draws: np.random.Generator) -> tuple[_Delivery, ...]:
    """Return how well each pilot delivered the programme, and the strength of its effect there."""
    scores, embedded = (
        draws.permutation(np.linspace(LEAST_SCORE, BEST_SCORE, len(ratings)).round(1)) for _ in range(2)
    )
    strengths = scores * np.array([1 + WELL_RATED if rating in HIGH else 1 - WELL_RATED for rating in ratings])
    strengths /= strengths.mean()
    return tuple(
        _Delivery(float(score), float(embeddedness), float(strength), place)
        for place, (score, embeddedness, strength) in enumerate(zip(scores, embedded, strengths, strict=True), start=1)
    )


def _area(
    number: int, *, children: int, seed: SeedSequence, extent: Extent, rating: Rating, delivery: _Delivery | None
) -> Area:
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
        rating=rating,
        practice=PRACTICES[number % len(PRACTICES)],
        programme=None if delivery is None else _programme(extent, *place, delivery=delivery),
        multipliers=multipliers,
    )


def _programme(extent: Extent, place: float, length: float, *, delivery: _Delivery) -> Programme:
    """Return a programme with dates that are the first of a month and the last before one."""
    days = extent.last - extent.first
    early = delivery.place == EARLY_ADOPTER
    start = extent.first + int(days * (EARLIEST - EARLIER if early else EARLIEST + SPREAD * place))
    embedded = start + int(days * (SHORTEST + LONGER * length))
    return Programme(
        start=_first_of_month(start),
        embedded=_first_of_month(embedded) - 1,
        score=delivery.score,
        strength=delivery.strength,
        embeddedness=delivery.embeddedness,
        early=early,
        supported=delivery.place in SUPPORTED,
    )


def _first_of_month(day: int) -> int:
    return date.fromordinal(day).replace(day=1).toordinal()
