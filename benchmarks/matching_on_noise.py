"""What choosing comparators by trend does to a difference-in-differences where yearly figures are mostly chance.

Areas whose levels, trends and yearly shocks are as in invented nations, six years before a start and three after; an
outcome of some share of the area's events; no effect. Of 36 areas the two nearest by trend are compared with a pilot by
the package's own search. Chance varies less where an outcome happens to have been rarer, so that the nearest areas are
those that were below themselves before the start, and come back: the difference is biased downwards. With two areas at
random it is not.

    python benchmarks/matching_on_noise.py --studies 2000
"""

import argparse
from dataclasses import dataclass

import numpy as np
from measure import table

from whatworked.matching.trends import Panel, TrendRules, search
from whatworked.records.invented.areas import LEVEL, SHOCK, TREND

BEFORE, AFTER, CANDIDATES, NEAREST = 6, 3, 36, 2
# The share of events with the outcome, and the events of a mean area and year among 20,000 children of 45 areas.
OUTCOMES = {
    "re-referral": (0.2, 38.0),
    "a conference": (0.1, 40.0),
    "entry to care": (0.045, 60.0),
    "escalation": (0.012, 38.0),
}
TIMES = (1, 4, 16)


@dataclass(frozen=True)
class Found:
    """The mean difference-in-differences with the nearest comparators and with two at random, and their errors."""

    nearest: float
    nearest_error: float
    random: float
    random_error: float


def one_study(share: float, events: float, rng: np.random.Generator) -> tuple[float, float]:
    """Return the difference of one invented pilot with its nearest comparators, and with two at random."""
    areas, years = CANDIDATES + 1, BEFORE + AFTER
    logs = rng.normal(0, LEVEL, areas)[:, None] + rng.normal(0, TREND, areas)[:, None] * (np.arange(years) - years / 2)
    risks = np.minimum(share * np.exp(logs + rng.normal(0, SHOCK, (areas, years))), 0.9)
    number = 1 + rng.poisson(events * rng.uniform(0.5, 1.5, areas)[:, None], (areas, years))
    cases = rng.binomial(number, risks)
    codes = tuple(f"A{place:02d}" for place in range(areas))
    panel = Panel(codes, np.arange(years), cases / number, np.ones(areas, dtype=bool))
    found = search(panel, codes[0], np.arange(years) < BEFORE, barred={}, rules=TrendRules(NEAREST, np.inf))
    assert not isinstance(found, str)
    means = [cases[:, part].sum(axis=1) / number[:, part].sum(axis=1) for part in (slice(BEFORE), slice(BEFORE, None))]
    change = means[1] - means[0]
    nearest = [codes.index(code) for code in found.chosen]
    return change[0] - change[nearest].mean(), change[0] - change[1 : 1 + NEAREST].mean()


def studied(share: float, events: float, *, studies: int, seed: int) -> Found:
    """Return what many studies of one outcome come to."""
    rng = np.random.default_rng(seed)
    found = np.array([one_study(share, events, rng) for _ in range(studies)])
    (nearest, random), errors = found.mean(axis=0), found.std(axis=0, ddof=1) / np.sqrt(studies)
    return Found(float(nearest), float(errors[0]), float(random), float(errors[1]))


def main() -> None:
    """Print a table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--studies", type=int, default=2000)
    parser.add_argument("--seed", type=int, default=36)
    options = parser.parse_args()
    rows = []
    for name, (share, events) in OUTCOMES.items():
        for times in TIMES:
            found = studied(share, times * events, studies=options.studies, seed=options.seed)
            each = (found.nearest, found.nearest_error, found.random, found.random_error)
            rows.append([f"{name}, {100 * share:g} %, {times * events:g} events", *(100 * one for one in each)])
    heads = ["outcome, share, events an area and year", "nearest two", "its error", "two at random", "its error"]
    print(f"{options.studies:,} studies each, seed {options.seed}: mean difference without an effect, in points\n")
    print(table(heads, rows))


if __name__ == "__main__":
    main()
