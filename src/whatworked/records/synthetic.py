"""Invented area statistics with a known effect, for the demonstration, for tests and for simulations.

The tables look like published ones: a row for the nation, rows for regions, a row an area and year, counts
from which the rates are computed, and marks where a figure is withheld. Nothing in them is about anyone.
"""

from dataclasses import dataclass

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

PER = 10_000  # rates are per this many children
LARGEST_WITHHELD = 5  # counts from 1 up to this are withheld, as in the published statistics of England
WITHHELD, NOT_RETURNED = "c", "x"
ROUNDING = 10  # counts of the nation and of regions are rounded to this

REGIONS = ("North", "East", "South", "West")
FIRST = (
    "Amber",
    "Bracken",
    "Cinder",
    "Dapple",
    "Elder",
    "Fallow",
    "Glim",
    "Hollow",
    "Ivory",
    "Juniper",
    "Kestrel",
    "Larch",
)
SECOND = ("dene", "holt", "mouth", "stead", "wick")

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class InventedAreas:
    """Sixty areas over some years, and what happens to some of them; areas go by their codes.

    `pilots` and `imitators` take the programme up in the year `settling_in` (half the effect) and have the
    whole effect from the next year on. `own_way` moves like no other area, `vanishing` has no rows from
    `vanishes` on, `late` gave no return for the year `missed`, and `small` has so few children that some
    counts are withheld. A year is the one in which it ends.
    """

    pilots: tuple[str, ...]
    imitators: tuple[str, ...] = ()
    own_way: str | None = None
    vanishing: str | None = None
    vanishes: int = 2018
    late: str | None = None
    missed: int = 2014
    small: str | None = None
    years: tuple[int, ...] = tuple(range(2011, 2021))
    settling_in: int = 2017

    @property
    def names(self) -> dict[str, str]:
        """Return every area: code → name."""
        spoken = [first + second for second in SECOND for first in FIRST]
        return {f"A{number:02d}": name for number, name in enumerate(spoken, start=1)}

    def uptake(self, code: str) -> Floats:
        """Return the share of the effect that an area has in each year: 0, 0.5 or 1, shape (years,)."""
        adopted = code in self.pilots or code in self.imitators
        return np.array(
            [adopted * (0.5 * (year >= self.settling_in) + 0.5 * (year > self.settling_in)) for year in self.years]
        )


@dataclass(frozen=True, slots=True)
class InventedOutcome:
    """How one outcome moves; every figure is a rate per 10,000 children.

    A rate is the area's level + the nation's movement + the area's own trend + a shock that fades over the
    years + the effect where the programme has been taken up. `movement` is the standard deviation of the
    nation's yearly step, `trend` the largest yearly drift of an area either way, `shock` the standard
    deviation of the shocks and `persistence` their correlation from one year to the next; `own_trend` is
    added to the drift of the area that goes its own way.
    """

    name: str
    level: float
    movement: float
    trend: float
    shock: float
    effect: float
    own_trend: float = 0.0
    persistence: float = 0.4


@dataclass(frozen=True, slots=True)
class InventedTable:
    """A table of text, as a published file holds it."""

    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


def invented_area_series(areas: InventedAreas, outcome: InventedOutcome, *, seed: int) -> InventedTable:
    """Return the published table of one outcome in the invented areas.

    The same areas, outcome and seed give the same table; the populations depend on the seed alone, so the
    tables of two outcomes agree on them.

    Parameters
    ----------
    areas : which areas there are and what happens to them
    outcome : how the outcome moves, and the planted effect in rates per 10,000 children
    seed : seed of every random draw
    """
    children = _children(areas, np.random.default_rng([seed, 0]))
    draws = np.random.default_rng([seed, *outcome.name.encode()])
    counts = np.rint(_rates(areas, outcome, draws) * children / PER).astype(np.int64)
    columns = (
        "time_period",
        "geographic_level",
        "region_name",
        "area_code",
        "area_name",
        "children",
        outcome.name,
        f"{outcome.name}_rate",
    )
    rows = [row for at in range(len(areas.years)) for row in _year(areas, at, children[:, at], counts[:, at])]
    return InventedTable(columns, tuple(rows))


def _children(areas: InventedAreas, draws: Generator) -> NDArray[np.int64]:
    """Return the children of each area in each year, shape (areas, years)."""
    first = draws.lognormal(np.log(60_000), 0.5, len(areas.names))
    first[[code == areas.small for code in areas.names]] = 1_000
    growth = draws.normal(1.004, 0.004, len(areas.names))
    return np.rint(first[:, None] * growth[:, None] ** np.arange(len(areas.years))).astype(np.int64)


def _rates(areas: InventedAreas, outcome: InventedOutcome, draws: Generator) -> Floats:
    """Return the rate of each area in each year, shape (areas, years), never below zero."""
    size, years = len(areas.names), len(areas.years)
    level = outcome.level * np.exp(draws.normal(0, 0.2, size))
    nation = np.cumsum(draws.normal(0, outcome.movement, years))
    trend = draws.uniform(-outcome.trend, outcome.trend, size)
    trend[[code == areas.own_way for code in areas.names]] += outcome.own_trend
    when = np.arange(years) - (years - 1) / 2
    uptake = np.array([areas.uptake(code) for code in areas.names])
    rates = (
        level[:, None]
        + nation
        + trend[:, None] * when
        + _shocks(outcome, (size, years), draws)
        + outcome.effect * uptake
    )
    return np.maximum(rates, 0.0)


def _shocks(outcome: InventedOutcome, shape: tuple[int, int], draws: Generator) -> Floats:
    """Return stationary AR(1) shocks with standard deviation `outcome.shock`, shape (areas, years)."""
    fresh = draws.normal(0, outcome.shock, shape)
    shocks = np.empty(shape)
    shocks[:, 0] = fresh[:, 0]
    for year in range(1, shape[1]):
        shocks[:, year] = (
            outcome.persistence * shocks[:, year - 1] + np.sqrt(1 - outcome.persistence**2) * fresh[:, year]
        )
    return shocks


def _year(
    areas: InventedAreas, at: int, children: NDArray[np.int64], counts: NDArray[np.int64]
) -> list[tuple[str, ...]]:
    """Return the rows of one year: the nation, the regions, then the areas."""
    year = areas.years[at]
    region = np.arange(len(areas.names)) % len(REGIONS)
    rows: list[tuple[str, ...]] = [(str(year), "National", "", "", "", *_total(children, counts))]
    for number, name in enumerate(REGIONS):
        inside = region == number
        rows.append((str(year), "Regional", name, "", "", *_total(children[inside], counts[inside])))
    for place, (code, name) in enumerate(areas.names.items()):
        if code == areas.vanishing and year >= areas.vanishes:
            continue
        mark = NOT_RETURNED if code == areas.late and year == areas.missed else None
        figures = _figures(int(children[place]), int(counts[place]), mark)
        rows.append((str(year), "Local authority", REGIONS[region[place]], code, name, *figures))
    return rows


def _total(children: NDArray[np.int64], counts: NDArray[np.int64]) -> tuple[str, str, str]:
    """Return children, count and rate of several areas together, the count rounded as national figures are."""
    count = int(np.sum(counts))
    people = int(np.sum(children))
    return str(people), str(round(count / ROUNDING) * ROUNDING), f"{count * PER / people:.1f}"


def _figures(children: int, count: int, mark: str | None) -> tuple[str, str, str]:
    """Return children, count and rate of an area as published: a small count is withheld, and so is its rate."""
    mark = WITHHELD if mark is None and 1 <= count <= LARGEST_WITHHELD else mark
    return (str(children), mark, mark) if mark else (str(children), str(count), f"{count * PER / children:.1f}")
