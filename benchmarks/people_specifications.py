"""From people's rows to one specification and to forty, with the whole menu, beside pyfixest and statsmodels.

Invented events in 12 areas over ten years: four pilots that start in different years, two comparators each, twelve
categories and age, weights by coarsened exact matching on four of them. Everybody starts at the same rows, numbers and
codes in memory; the cells that this package makes of them are a part of its time. The forty: one effect or one a
period, with all covariates, with none, without each of the thirteen, and without each area. Effects and standard
errors clustered on areas must agree to 1e-8 with pyfixest, which absorbs categories and years (its fastest way;
`--peers` of the forty, since each costs the same), and with statsmodels on a dense matrix (the first only, and only up
to `--dense` rows). A logit has `logit.py`, effects for people `panel.py`.

    python benchmarks/people_specifications.py --rows 250000 2000000
"""

import argparse
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from measure import Stopwatch, case_asked, in_own_process, machine, table

from whatworked.door.samples import Matched
from whatworked.estimation.coarsening import Cuts
from whatworked.estimation.covariance import estimate_cr1
from whatworked.estimation.design import BeforeAfter, EventTime, Timing, design_grams
from whatworked.estimation.inference import Reading, infer
from whatworked.estimation.linear import LinearFit, fit_linear
from whatworked.estimation.people import Category, People, Quantity
from whatworked.estimation.statistics import AreaGrams, Cells, Covariates
from whatworked.matching.people import Coarsened, match_people
from whatworked.rules.rulesets import AS_REPORTED
from whatworked.strands.choice import choose_for_people

PEERS = str(Path(__file__).parent / "people_specifications_peers.py")
AGREE = 1e-8
AREAS, PILOTS, YEARS, FIRST = 12, 4, 10, 2009
STARTS = (4, 5, 6, 6)
LEVELS = (2, 2, 2, 3, 3, 4, 5, 5, 6, 6, 8, 10)
MATCHED_ON = ("c0", "c3", "c5", "c6")
AGES = Cuts(4.5, 9.5, 15.5)
CELLS, ONE, FORTY, MENU = "rows to cells", "the first: fit and CR1", "all: fit and CR1", "all: whole menu"


@dataclass(frozen=True)
class Specification:
    """How time enters, and a covariate or an area that is left out; `bare` has no covariate at all."""

    timing: Timing
    covariate: str | None = None
    area: int | None = None
    bare: bool = False

    @property
    def name(self) -> str:
        """Return what it is called."""
        without = self.covariate or ("covariates" if self.bare else "nothing" if self.area is None else f"A{self.area}")
        return f"{type(self.timing).__name__} without {without}"


def specifications(covariates: tuple[str, ...]) -> list[Specification]:
    """Return all forty, the main one first."""
    timings: tuple[Timing, Timing] = (BeforeAfter(), EventTime())
    whole = [Specification(timing) for timing in timings]
    areas = [Specification(BeforeAfter(), area=area) for area in range(AREAS - 2)]
    less = [Specification(timing, covariate=name) for name in covariates[: len(LEVELS) + 1] for timing in timings]
    return [*whole, *(Specification(timing, bare=True) for timing in timings), *areas, *less]


def sampled(asked: list[Specification], number: int) -> list[int]:
    """Return the places of `number` specifications, evenly among all, the first among them."""
    return [place * len(asked) // number for place in range(number)]


def invented(rows: int) -> People:
    """Return people's events with the weights of coarsened exact matching; three in ten people are seen again."""
    rng = np.random.default_rng(rows)
    sizes = 1 + (rng.random(rows) < 0.3) * rng.integers(1, 4, rows)
    person = np.repeat(np.arange(rows), sizes)[:rows]
    area = rng.choice(AREAS, rows, p=np.arange(4, AREAS + 4) / np.arange(4, AREAS + 4).sum())[person]
    group = np.where(area < PILOTS, area, (area - PILOTS) % PILOTS)
    day = rng.integers(0, YEARS * 365, rows)
    year = day // 365
    since = year - np.array(STARTS)[group]
    covariates: list[Category | Quantity] = [
        Category(f"c{i}", tuple(f"l{level}" for level in range(levels)), rng.integers(0, levels, rows))
        for i, levels in enumerate(LEVELS)
    ]
    age = rng.integers(0, 18, rows).astype(float)
    covariates.append(Quantity("age", age - 9, 9.0))
    shock = rng.normal(0, 0.01, (AREAS, YEARS))[area, year] + 0.05 * rng.normal(size=person.max() + 1)[person]
    share = 0.09 + 0.001 * age + 0.01 * covariates[0].codes + 0.02 * (area < PILOTS) * (since >= 0) + shock
    outcome = (rng.random(rows) < share).astype(float)
    people = People(
        tuple(f"A{i}" for i in range(AREAS)),
        tuple(f"A{i}" for i in range(PILOTS)),
        tuple(str(FIRST + t) for t in range(YEARS)),
        np.arange(AREAS) < PILOTS,
        *(column.astype(np.int64) for column in (area, group, year, since, person, np.arange(rows), day)),
        outcome=outcome,
        weight=np.ones(rows),
        covariates=tuple(covariates),
    )
    return people


def rules() -> tuple[Coarsened, ...]:
    """Return what people are matched on."""
    return (*(Coarsened(name, None) for name in MATCHED_ON), Coarsened("age", AGES))


def matched(rows: int) -> People:
    """Return the matched rows, as every package gets them."""
    people, _ = match_people(invented(rows), rules())
    return people.take(people.weight > 0)


def package(rows: int) -> dict[str, Any]:
    """Make cells of the rows, then every specification of the cells, then the menu of each with a single effect."""
    people = matched(rows)
    asked = specifications(tuple(one.name for one in people.covariates))
    watch = Stopwatch()
    with watch.stage(CELLS):
        cells = people.cells()
    with watch.stage(ONE):
        _effects(*fitted(cells, asked[0])[1:])
    with watch.stage(FORTY):
        fits = [fitted(cells, one) for one in asked]
        answers = [_effects(grams, fit) for _, grams, fit in fits]
    with watch.stage(MENU):
        menus = [
            infer(own, grams, fit, Reading("share"))
            for one, (own, grams, fit) in zip(asked, fits, strict=True)
            if isinstance(one.timing, BeforeAfter)
        ]
    return {
        "stages": {stage["stage"]: stage for stage in watch.stages},
        "names": [one.name for one in asked],
        "answers": answers,
        "places": list(range(len(asked))),
        "menus": len(menus),
        "cells": len(cells.area),
        "rows": len(people.area),
    }


def fitted(cells: Cells, one: Specification) -> tuple[Cells, AreaGrams, LinearFit]:
    """Fit a specification from the cells of all rows."""
    own = cells if one.area is None else cells.keep(cells.area != one.area)
    kept = [i for i, name in enumerate(own.covariates.names) if _stays(name, one)]
    if len(kept) < len(own.covariates.names):
        own = replace(own, covariates=_chosen(own.covariates, np.array(kept, dtype=np.int64)))
    grams = design_grams(own, one.timing)
    return own, grams, fit_linear(grams)


def _stays(column: str, one: Specification) -> bool:
    return not one.bare and (one.covariate is None or column.partition("[")[0] != one.covariate)


def _chosen(covariates: Covariates, kept: Any) -> Covariates:  # noqa: ANN401 - places
    names = tuple(covariates.names[i] for i in kept)
    products = covariates.products[:, :, kept[:, None], kept]
    return Covariates(names, covariates.sums[:, :, kept], products, covariates.cross[:, :, kept])


def _effects(grams: AreaGrams, fit: LinearFit) -> dict[str, list[float]]:
    found = {term: estimate_cr1(fit, term, "share") for term in fit.names if term.startswith("pilot:")}
    return {term: [estimate.estimate, estimate.std_error] for term, estimate in found.items()}


def steps(rows: int) -> dict[str, Any]:
    """Time the other steps of a question about people, from matching to the choice of its model."""
    people = invented(rows)
    watch = Stopwatch()
    with watch.stage("matching: strata and weights"):
        weighed, stratum = match_people(people, rules())
    found = Matched(weighed, tuple(one.name for one in people.covariates), stratum, rules())
    with watch.stage("balance and what matching lost"):
        found.described()
    with watch.stage("matched rows to cells"):
        found.modelled.cells()
    with watch.stage("tests and choice of the model"):
        choose_for_people(found, share=True, veto=False, rules=AS_REPORTED)
    return {"stages": watch.stages[1:]}


def main() -> None:
    """Print the tables."""
    if case_asked({"package": package, "steps": steps}):
        return
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, nargs="+", default=[250_000, 2_000_000])
    parser.add_argument("--peers", type=int, default=8, help="of the forty, how many pyfixest fits")
    parser.add_argument("--dense", type=int, default=250_000, help="most rows for statsmodels")
    parser.add_argument("--alone", action="store_true", help="only this package")
    options = parser.parse_args()
    print(machine())
    for rows in options.rows:
        ours = in_own_process(__file__, "package", rows=rows)
        found = {"this package": ours}
        if not options.alone:
            found["pyfixest"] = in_own_process(PEERS, "pyfixest", rows=rows, number=options.peers)
            if rows <= options.dense:
                found["statsmodels"] = in_own_process(PEERS, "statsmodels", rows=rows, number=1)
        print(f"\n{rows:,} rows, {ours['rows']:,} matched, {ours['cells']:,} cells; {_agreement(found)}\n")
        print(_speeds(found), end="\n\n")
        print(_stages(ours, in_own_process(__file__, "steps", rows=rows)["stages"]))


def _agreement(found: dict[str, dict[str, Any]]) -> str:
    """Return how closely the packages agree, or leave where they do not."""
    ours, worst, effects = found["this package"], 0.0, 0
    for road, case in found.items():
        for place, theirs in zip(case["places"], case["answers"], strict=True):
            name, mine = ours["names"][place], ours["answers"][place]
            if mine.keys() != theirs.keys():
                message = f"{road} fits other effects than this package: {name}"
                raise SystemExit(message)
            for term, (value, error) in mine.items():
                gap = max(abs(value - theirs[term][0]), abs(error - theirs[term][1])) / error
                worst, effects = max(worst, gap), effects + (case is not ours)
                if not gap < AGREE:
                    message = f"{road} differs by {gap:.1e} in {term}: {name}"
                    raise SystemExit(message)
    return f"{effects:,} effects with CR1 agree with the peers, to {worst:.0e} standard errors at worst"


def _speeds(found: dict[str, dict[str, Any]]) -> str:
    """Return what one and forty specifications cost from the rows on; a peer's forty are scaled from those it ran."""
    number = len(found["this package"]["names"])
    rows, base = [], {}
    for road, case in found.items():
        stages, run = case["stages"], len(case["answers"])
        before = stages[CELLS]["cpu"] if CELLS in stages else 0.0
        cost = {"one": before + stages[ONE]["cpu"]}
        cost["forty"] = before + stages[FORTY]["cpu"] * number / run
        base = base or cost
        against = [cost[what] / base[what] for what in cost]
        rows.append([road, run, cost["one"], against[0], cost["forty"], against[1], stages[FORTY]["peak"]])
    heads = [
        "from rows to CR1",
        "run",
        "one: CPU s",
        "÷ this package",
        f"{number}: CPU s",
        "÷ this package",
        "peak MiB",
    ]
    return table(heads, rows)


def _stages(ours: dict[str, Any], others: list[dict[str, Any]]) -> str:
    """Return what each step costs here."""
    stages = [ours["stages"][name] for name in (CELLS, ONE, FORTY, MENU)]
    runs = {FORTY: len(ours["answers"]), MENU: ours["menus"]}
    rows = [
        [s["stage"], s["wall"], s["cpu"], 1000 * s["cpu"] / runs.get(s["stage"], 1), s["peak"]]
        for s in (*stages, *others)
    ]
    return table(["step", "wall s", "CPU s", "CPU ms a run", "peak MiB so far"], rows)


if __name__ == "__main__":
    main()
