"""Forty specifications of one question with the whole menu of inference, beside pyfixest and statsmodels.

The specifications are those of a protocol: the main one, leave-outs of pilots, leads and lags, each under both weights.
Two shapes: a dozen areas over seven years, as in the study of Family Safeguarding, and a hundred pilots with two
comparators each over twenty years, with three dates of start. All three packages get the same rows and fit the same
columns with errors clustered on areas; estimates and standard errors must agree to 1e-8 before a time is printed.
The frame that a peer needs is made beforehand and costs it nothing, just as the cells cost this package nothing
there. Only this package runs the rest of the menu: what each method costs stands in a table of its own, with pyfixest's
CRV3 and wild bootstrap beside it (the second for unweighted models alone, if `wildboottest` is installed).

    python benchmarks/specifications.py --shapes small big --specifications 40
"""

import argparse
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import chain, combinations, islice
from pathlib import Path
from typing import Any

import numpy as np
from measure import Stopwatch, case_asked, in_own_process, machine, table

from whatworked.cells import NotEstimated
from whatworked.door.cells import AreaRows, matched_cells
from whatworked.door.samples import Sample
from whatworked.estimation.collapsed import collapsed_t
from whatworked.estimation.covariance import estimate_cr1, satterthwaite
from whatworked.estimation.design import BeforeAfter, EventTime, Timing, design
from whatworked.estimation.grams import cell_grams
from whatworked.estimation.inference import jackknife
from whatworked.estimation.linear import LinearFit, fit_linear
from whatworked.estimation.randomisation import EFFECT, randomise
from whatworked.estimation.stacked import stacked
from whatworked.estimation.statistics import AreaGrams, Cells
from whatworked.estimation.wild import wild_restricted
from whatworked.matching.groups import MatchedGroup
from whatworked.protocol.model import Pilot
from whatworked.strands.models import Readings
from whatworked.strands.variants import Asked, analyse
from whatworked.vocabulary import Period, Role

PEERS = str(Path(__file__).parent / "specifications_peers.py")
AGREE = 1e-8
FIRST_YEAR = 2000
DRAWS = 9_999
FIT = "fit and CR1"
CRV3, WILD = "CRV3", "wild bootstrap, p-value alone"


@dataclass(frozen=True)
class Shape:
    """How big a study is: `before` years are baseline for the first pilots; the others start up to `spread` later."""

    pilots: int
    years: int
    before: int
    spread: int


SHAPES = {"small": Shape(4, 7, 5, 1), "big": Shape(100, 20, 12, 3), "tiny": Shape(3, 6, 4, 1)}


@dataclass(frozen=True)
class Specification:
    """One analysis: which pilots are left out, the weight, and whether there is one effect or one a period."""

    left_out: tuple[int, ...]
    weight: str
    timing: Timing

    @property
    def name(self) -> str:
        """Return what it is called."""
        return f"{type(self.timing).__name__}, {self.weight}, without {self.left_out or 'none'}"


def main() -> None:
    """Print the tables of every shape."""
    if case_asked({"package": package}):
        return
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--shapes", nargs="+", choices=SHAPES, default=["small", "big"])
    parser.add_argument("--specifications", type=int, default=40)
    options = parser.parse_args()
    print(machine())
    for shape in options.shapes:
        size = {"shape": shape, "number": options.specifications}
        found = {"package": in_own_process(__file__, "package", **size)}
        found |= {road: in_own_process(PEERS, road, **size) for road in ("pyfixest", "statsmodels")}
        ours = found["package"]
        years, number = SHAPES[shape].years, len(ours["names"])
        print(f"\n{ours['areas']} areas, {years} years, {ours['rows']:,} rows in the main analysis, ", end="")
        print(f"{number} specifications; {_agreement(found)}\n")
        print(_fits(found), end="\n\n")
        print(_menu(found))


def _agreement(found: dict[str, dict[str, Any]]) -> str:
    """Return how closely the packages agree, or leave where they do not."""
    worst = 0.0
    for road in ("pyfixest", "statsmodels"):
        for name, mine, theirs in zip(
            found["package"]["names"], found["package"]["answers"], found[road]["answers"], strict=True
        ):
            if mine.keys() != theirs.keys():
                message = f"{road} fits other effects than this package: {name}"
                raise SystemExit(message)
            for term in mine:
                (ours, ours_error), (other, other_error) = mine[term], theirs[term]
                gap = max(abs(ours - other), abs(ours_error - other_error)) / other_error
                worst = max(worst, gap)
                if not gap < AGREE:
                    message = f"{road} differs by {gap:.1e} in {term}: {name}"
                    raise SystemExit(message)
    effects = sum(len(answer) for answer in found["package"]["answers"])
    return f"{effects:,} effects with CR1 agree, to {worst:.0e} standard errors at worst"


def _fits(found: dict[str, dict[str, Any]]) -> str:
    """Return what the same task costs in each package: fit and CR1."""
    number = len(found["package"]["names"])
    base = found["package"]["stages"][FIT]["cpu"]
    rows = []
    for road, case in found.items():
        stage = case["stages"][FIT]
        name = "this package" if road == "package" else road
        rows.append(
            [name, stage["wall"], stage["cpu"], 1000 * stage["cpu"] / number, stage["cpu"] / base, stage["peak"]]
        )
    heads = [FIT, "wall s", "CPU s", "CPU ms a specification", "÷ this package", "peak MiB"]
    return table(heads, rows)


def _menu(found: dict[str, dict[str, Any]]) -> str:
    """Return what each method costs, for one specification on average."""
    theirs = found["pyfixest"]["stages"]
    stages = [(name, found["package"]["stages"][name]) for name in (CELLS, *METHODS, WHOLE)]
    stages += [(f"pyfixest: {name}", theirs[name]) for name in (CRV3, WILD) if name in theirs]
    rows = [
        [name, s["runs"], found["package"]["silent"].get(name, 0), s["cpu"], 1000 * s["cpu"] / s["runs"]]
        for name, s in stages
    ]
    return table(["method", "runs", "of these without an answer", "CPU s", "CPU ms a run"], rows)


def specifications(shape: Shape, number: int) -> list[Specification]:
    """Return the first `number` of: leave-outs of none, each, pairs and triples; leads and lags; both weights."""
    sets = list(chain.from_iterable(combinations(range(shape.pilots), size) for size in range(4)))
    sets = [left for left in islice(sets, number) if len(left) < shape.pilots]
    one, many = sets[: max(number * 3 // 8, 1)], sets[: max(number // 8, 1)]
    kinds = [(left, BeforeAfter()) for left in one] + [(left, EventTime()) for left in many]
    found = [Specification(left, weight, timing) for left, timing in kinds for weight in ("equal", "denominator")]
    return found[:number]


def study(shape: Shape) -> tuple[AreaRows, list[MatchedGroup]]:
    """Return invented outcomes of areas by years, and the groups: each pilot with two comparators of its own."""
    rng = np.random.default_rng(shape.pilots)
    areas = 3 * shape.pilots
    periods = tuple(Period(t, str(FIRST_YEAR + t), *_days(FIRST_YEAR + t)) for t in range(shape.years))
    area, period = (g.ravel() for g in np.meshgrid(np.arange(areas), np.arange(shape.years), indexing="ij"))
    shock = rng.normal(0, 3, (areas, shape.years))
    value = (rng.normal(50, 8, areas)[:, None] + 4 * np.sin(np.arange(shape.years)) + shock).ravel()
    people = rng.integers(2_000, 90_000, areas * shape.years).astype(float)
    codes = tuple(f"E{i:04d}" for i in range(areas))
    rows = AreaRows(codes, dict(zip(codes, codes, strict=True)), periods, area, period, value, people, people, ())
    groups = [
        MatchedGroup(
            Pilot(
                area=codes[i],
                label=f"Pilot {i}",
                start=date(FIRST_YEAR + shape.before + i % shape.spread, 1, 1),
            ),
            (codes[shape.pilots + 2 * i], codes[shape.pilots + 2 * i + 1]),
            (0.1, 0.2),
        )
        for i in range(shape.pilots)
    ]
    return rows, groups


def _days(year: int) -> tuple[date, date]:
    return date(year, 1, 1), date(year, 12, 31)


def cells_of(specification: Specification, rows: AreaRows, groups: Sequence[MatchedGroup]) -> Cells:
    """Return the cells of a specification."""
    kept = [group for i, group in enumerate(groups) if i not in specification.left_out]
    return matched_cells(rows, kept, weight=specification.weight)


def package(shape: str, number: int) -> dict[str, Any]:
    """Fit every specification here, then run the menu on each that has a single effect, method by method."""
    watch = Stopwatch()
    rows, groups = study(SHAPES[shape])
    asked = specifications(SHAPES[shape], number)
    with watch.stage(CELLS):
        laid = [cells_of(one, rows, groups) for one in asked]
    answers, single = [], []
    with watch.stage(FIT):
        for cells, one in zip(laid, asked, strict=True):
            grams, fit = fitted(cells, one.timing)
            estimates = {term: estimate_cr1(fit, term, "") for term in fit.names if term.startswith("pilot:")}
            answers.append({term: [found.estimate, found.std_error] for term, found in estimates.items()})
            if isinstance(one.timing, BeforeAfter):
                single.append((cells, grams, fit))
    answers_of: dict[str, list[object]] = {}
    for name, method in METHODS.items():
        with watch.stage(name):
            answers_of[name] = [method(cells, grams, fit) for cells, grams, fit in single]
    with watch.stage(WHOLE):
        for cells, one in zip(laid, asked, strict=True):
            analyse(Sample(cells), Asked(one.name, Role.MAIN, timing=one.timing), Readings("", 1, 0.05))
    runs = {name: len(single) for name in METHODS} | {CELLS: len(asked), WHOLE: len(asked)}
    silent = {name: sum(isinstance(one, NotEstimated) for one in given) for name, given in answers_of.items()}
    return {
        "stages": {stage["stage"]: stage | {"runs": runs.get(stage["stage"], 1)} for stage in watch.stages},
        "answers": answers,
        "silent": silent,
        "names": [one.name for one in asked],
        "areas": len(laid[0].areas),
        "rows": len(laid[0].area),
    }


def fitted(cells: Cells, timing: Timing) -> tuple[AreaGrams, LinearFit]:
    """Return the statistics of a specification's columns and its fit."""
    columns = design(cells, timing)
    grams = cell_grams(cells, columns.matrix, names=columns.names)
    return grams, fit_linear(grams)


def _randomise(cells: Cells, grams: AreaGrams, fit: LinearFit) -> object:
    """Randomise within the matched groups, which share no area here."""
    number = {code: i for i, code in enumerate(grams.areas)}
    there = {(int(g), number[cells.areas[a]]) for g, a in zip(cells.group, cells.area, strict=True)}
    groups = tuple(tuple(sorted(a for h, a in there if h == g)) for g in sorted({g for g, _ in there}))
    pilots = np.array([bool(cells.pilot[cells.areas.index(code)]) for code in grams.areas])
    return randomise(grams, fit, pilots=pilots, groups=groups)


CELLS, WHOLE = "cells, before all else", "everything: fit, CR1 and menu by `analyse`"
METHODS: dict[str, Callable[[Cells, AreaGrams, LinearFit], object]] = {
    "CR2 and Satterthwaite": lambda _, __, fit: satterthwaite(fit, EFFECT, ""),
    "CR3": lambda _, __, fit: jackknife(fit, ""),
    "wild restricted, with its interval": lambda _, __, fit: wild_restricted(fit, EFFECT),
    "randomisation": _randomise,
    "collapsed t": lambda cells, _, __: collapsed_t(cells, term=EFFECT, unit=""),
    "stacked": lambda cells, _, __: stacked(cells, unit=""),
}


if __name__ == "__main__":
    main()
