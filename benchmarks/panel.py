"""Fixed and random effects of people, and the tests around them, beside pyfixest and linearmodels.

`python benchmarks/panel.py --rows 250000` prints a table; linearmodels takes part where it is installed. Fixed effects
must agree with pyfixest, coefficient and error by area. Random effects are only near linearmodels, which averages
an unbalanced panel in another way.
"""

import argparse
from typing import Any

import numpy as np
from measure import Stopwatch, case_asked, in_own_process, machine, table

from whatworked.diagnostics.hausman import mundlak
from whatworked.diagnostics.serial_correlation import Sequence, serial_correlation
from whatworked.estimation.covariance import cr1, cr2
from whatworked.estimation.linear import INTERCEPT
from whatworked.estimation.panel import fixed_effects
from whatworked.estimation.person import person_covariance
from whatworked.estimation.random_effects import random_effects
from whatworked.estimation.rows import PanelRows
from whatworked.estimation.wild import wild_restricted

AREAS, YEARS, TERM = 12, 10, "pilot:post"
AGREE, NEAR = 1e-7, 0.05
FIXED, RANDOM = "fixed effects, errors by area", "random effects"


def main() -> None:
    """Run every road in a process of its own and print what it took."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=250_000)
    rows = parser.parse_args().rows
    ours = in_own_process(__file__, "package", rows=rows)
    peers = in_own_process(__file__.replace("panel.py", "panel_peers.py"), "peers", rows=rows)
    _agree(ours["answer"], peers["answer"])
    print(machine())
    print(f"\n{rows:,} rows, {ours['units']:,} people seen more than once; fixed effects agree to {AGREE:g}\n")
    lines = [["this package", s["stage"], s["wall"], s["cpu"], s["peak"]] for s in ours["stages"][1:]]
    lines += [
        [s["stage"].split(": ")[0], s["stage"].split(": ")[1], s["wall"], s["cpu"], s["peak"]]
        for s in peers["stages"][1:]
    ]
    print(
        table(
            ["road", "stage", "wall s", "CPU s", "peak MiB"],
            [[f"{road}: {stage}", *rest] for road, stage, *rest in lines],
        )
    )


def _agree(ours: dict[str, list[float]], peers: dict[str, list[float]]) -> None:
    for name, found in peers.items():
        gap = max(abs(a - b) / abs(b) for a, b in zip(ours[name], found, strict=True))
        if not gap < (AGREE if name == FIXED else NEAR):
            message = f"the roads differ in {name} by {gap}"
            raise SystemExit(message)


def invented(rows: int) -> tuple[PanelRows, dict[str, np.ndarray[Any, Any]]]:
    """Return people seen once to six times, in twelve areas of unequal size, with effects of their own and weights."""
    rng = np.random.default_rng(rows)
    sizes = 1 + (rng.random(rows) < 0.3) * rng.integers(1, 6, rows)
    unit = np.repeat(np.arange(rows), sizes)[:rows]
    where = rng.choice(AREAS, rows, p=np.arange(1, AREAS + 1) / (AREAS * (AREAS + 1) / 2))
    area, year = where[unit], rng.integers(0, YEARS, rows)
    pilot, post = (area % 2).astype(float), (year >= 6).astype(float)
    age, again = rng.normal(9, 4, rows), (rng.random(rows) < 0.4).astype(float)
    own = rng.normal(0, 1, rows)[unit]
    outcome = own + 0.3 * pilot * post + 0.02 * age + 0.1 * year + rng.normal(size=rows)
    columns = {
        "y": outcome,
        "w": np.exp(rng.normal(0, 0.3, rows)),
        "area": area,
        "person": unit,
        "time": rng.permutation(rows),
    }
    columns |= {"pilot": pilot, "post": post, "effect": pilot * post, "age": age, "again": again}
    columns |= {f"year{t}": (year == t).astype(float) for t in range(1, YEARS) if t != 6}
    design = {name: columns[name] for name in ("pilot", "post", "effect", "age", "again")}
    design |= {name: columns[name] for name in columns if name.startswith("year")}
    names = (INTERCEPT, *(TERM if name == "effect" else name for name in design))
    matrix = np.column_stack([np.ones(rows), *design.values()])
    return PanelRows(names, matrix, outcome, columns["w"], area, unit, unit), columns


def package(rows: int) -> dict[str, Any]:
    """Time the package's own road."""
    data, columns = invented(rows)
    watch = Stopwatch()
    with watch.stage(FIXED):
        fixed = fixed_effects(data)
        place = fixed.linear.names.index(TERM)
        error = float(np.sqrt(cr1(fixed.linear)[place, place]))
    with watch.stage("the same fit: CR2, errors by person, all 4,096 signs of the wild bootstrap"):
        cr2(fixed.linear)
        person_covariance(fixed.fit)
        wild_restricted(fixed.linear, TERM)
    plain = PanelRows(data.names, data.design, data.outcome, np.ones(rows), data.area, data.unit, data.person)
    with watch.stage(RANDOM):
        random = random_effects(plain)
    with watch.stage("the Mundlak form"):
        mundlak(plain, random)
    with watch.stage("serial correlation"):
        serial_correlation(data, Sequence(columns["time"], columns["time"]))
    answer = {FIXED: [fixed.linear.value(TERM), error], RANDOM: [random.linear.value(TERM)]}
    return {"stages": watch.stages, "answer": answer, "units": fixed.units}


if __name__ == "__main__" and not case_asked({"package": package}):
    main()
