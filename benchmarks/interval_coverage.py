"""Bias of the effect on people's rows, how often intervals hold the truth, and how often no effect is called one.

Invented people over nine years, five of them before the start: some 120 events a year and area, of unequal areas;
three people in ten come two or three times. An outcome's probability is 25 % plus the level of its area (standard
deviation 4 points), the shock of its area and year (2 points, of which 70 % persist), a level of its person (6 points)
and, where it is planted, the effect. `false_positives.py` does the same for figures of areas, with more people in each.

    python benchmarks/interval_coverage.py --studies 500
"""

import argparse
from dataclasses import dataclass
from math import inf

import numpy as np
from measure import table

from whatworked.cells import NotEstimated
from whatworked.estimation.collapsed import collapsed_t
from whatworked.estimation.covariance import estimate_cr1, satterthwaite
from whatworked.estimation.design import BeforeAfter, design_grams
from whatworked.estimation.estimate import Estimate
from whatworked.estimation.inference import jackknife, sides
from whatworked.estimation.linear import fit_linear
from whatworked.estimation.people import People
from whatworked.estimation.randomisation import randomise
from whatworked.estimation.wild import WildBootstrap, wild_restricted

BEFORE, YEARS = 5, 9
SIGNIFICANCE, TERM = 0.05, "pilot:post"
EFFECT = -0.04
PERSIST = 0.7
Interval = tuple[float | None, float | None]


@dataclass(frozen=True)
class Shape:
    """How many pilots and comparators; whether shocks are skewed, and the pilots' twice the comparators'."""

    pilots: int
    comparators: int
    skewed: bool = False
    unequal: bool = False

    @property
    def name(self) -> str:
        """Return what it is called."""
        kinds = [", skewed shocks"] * self.skewed + [", pilots' shocks doubled"] * self.unequal
        return f"{self.pilots} + {self.comparators}{''.join(kinds)}"


SHAPES = (
    *(Shape(*both) for both in ((8, 8), (6, 6), (5, 5), (4, 4), (2, 2), (1, 9))),
    Shape(5, 5, skewed=True),
    Shape(5, 5, unequal=True),
)


@dataclass(frozen=True)
class Answer:
    """What a method says: its estimate, its interval if it has one, and the p-value of no effect."""

    estimate: float
    interval: Interval | None
    p_value: float


def invented(shape: Shape, effect: float, rng: np.random.Generator, *, people: int = 120) -> People:
    """Return the rows of one study."""
    areas = shape.pilots + shape.comparators
    draw = rng.exponential(size=(areas, YEARS)) - 1 if shape.skewed else rng.normal(size=(areas, YEARS))
    shocks = 0.02 * draw
    for t in range(1, YEARS):
        shocks[:, t] = PERSIST * shocks[:, t - 1] + np.sqrt(1 - PERSIST**2) * shocks[:, t]
    shocks[: shape.pilots] *= 2 if shape.unequal else 1
    levels = 0.25 + rng.normal(0, 0.04, areas)[:, None] + rng.normal(0, 0.01, YEARS) + shocks
    home = np.repeat(np.arange(areas), rng.poisson(people * YEARS / 1.45 * rng.uniform(0.5, 1.5, areas)))
    times = 1 + (rng.random(len(home)) < 0.3) * rng.integers(1, 3, len(home))
    person = np.repeat(np.arange(len(home)), times)
    area, year = home[person], rng.integers(0, YEARS, len(person))
    since = year - BEFORE
    share = levels[area, year] + rng.normal(0, 0.06, len(home))[person]
    share = share + effect * ((area < shape.pilots) & (since >= 0))
    place = np.arange(len(person))
    return People(
        tuple(f"A{i}" for i in range(areas)),
        ("all",),
        tuple(str(year) for year in range(YEARS)),
        np.arange(areas) < shape.pilots,
        *(column.astype(np.int64) for column in (area, 0 * area, year, since, person, place, place)),
        outcome=(rng.random(len(person)) < np.clip(share, 0.01, 0.99)).astype(float),
        weight=np.ones(len(person)),
        covariates=(),
    )


def answers(people: People) -> dict[str, Answer | None]:
    """Return what every method says of a study."""
    cells = people.cells()
    grams = design_grams(cells, BeforeAfter())
    fit = fit_linear(grams)
    pilots, groups = sides(cells, grams.areas)
    wild, random = wild_restricted(fit, TERM), randomise(grams, fit, pilots=pilots, groups=groups)
    collapsed = collapsed_t(cells, term=TERM, unit="")
    return {
        "CR1, normal": _of(estimate_cr1(fit, TERM, "", df=inf)),
        "CR1, t(G−1)": _of(estimate_cr1(fit, TERM, "")),
        "CR2, Satterthwaite": _of(satterthwaite(fit, TERM, "")),
        "CR3, t(G−1)": _of(jackknife(fit, "")),
        "wild restricted": _of(wild),
        "randomisation": None if isinstance(random, NotEstimated) else Answer(fit.value(TERM), None, random.p_value),
        "collapsed t": _of(collapsed if isinstance(collapsed, NotEstimated) else collapsed.estimate),
    }


def _of(found: Estimate | WildBootstrap | NotEstimated) -> Answer | None:
    if isinstance(found, NotEstimated):
        return None
    return Answer(found.estimate, (found.conf_low, found.conf_high), found.p_value)


def holds(interval: Interval, truth: float) -> bool:
    """Return whether an interval holds the truth; a side without a limit has no end."""
    low, high = interval
    return (low is None or low <= truth) and (high is None or truth <= high)


@dataclass(frozen=True)
class Rates:
    """Of the studies of one shape, by method: the mean error of the estimate, coverage, size and power, in per cent."""

    bias: dict[str, float | None]
    coverage: dict[str, float | None]
    size: dict[str, float | None]
    power: dict[str, float | None]


def rates(shape: Shape, *, studies: int, seed: int) -> Rates:
    """Run studies without an effect and with the planted one."""
    rng = np.random.default_rng(seed)
    null = [answers(invented(shape, 0.0, rng)) for _ in range(studies)]
    real = [answers(invented(shape, EFFECT, rng)) for _ in range(studies)]
    own = {name: [study[name] for study in real] for name in real[0]}
    none = {name: [study[name] for study in null] for name in null[0]}
    return Rates(
        {
            name: _mean([a.estimate - EFFECT for a in found if a and a.estimate is not None])
            for name, found in own.items()
        },
        {name: _mean([holds(a.interval, EFFECT) for a in found if a and a.interval]) for name, found in own.items()},
        {name: _mean([a.p_value < SIGNIFICANCE for a in found if a]) for name, found in none.items()},
        {name: _mean([a.p_value < SIGNIFICANCE for a in found if a]) for name, found in own.items()},
    )


def _mean(values: list[float] | list[bool]) -> float | None:
    return 100 * float(np.mean(values)) if values else None


def main() -> None:
    """Print a table each of coverage, size, power and bias."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--studies", type=int, default=500, help="with an effect, and as many without")
    parser.add_argument("--seed", type=int, default=33)
    options = parser.parse_args()
    found = {shape.name: rates(shape, studies=options.studies, seed=options.seed) for shape in SHAPES}
    print(
        f"{options.studies:,} studies of each kind, seed {options.seed}; all numbers in per cent or percentage points"
    )
    for what, words in (
        ("coverage", f"95 % intervals that hold the planted {100 * EFFECT:g} points"),
        ("size", "rejections at 5 % where there is no effect"),
        ("power", f"rejections at 5 % of no effect where {100 * EFFECT:g} points are planted"),
        ("bias", "mean error of the estimate, in points"),
    ):
        methods = [
            m for m in next(iter(found.values())).size if any(getattr(r, what)[m] is not None for r in found.values())
        ]
        rows = [[name, *(getattr(rate, what)[m] for m in methods)] for name, rate in found.items()]
        print(f"\n{words[0].upper()}{words[1:]}\n\n{table(['pilots + comparators', *methods], rows)}")


if __name__ == "__main__":
    main()
