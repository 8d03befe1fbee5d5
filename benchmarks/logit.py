"""A logit with area-clustered errors from raw rows, and its whole menu of inference, beside pyfixest and statsmodels.

Rows of people in areas over years: pilot, post, their product, age, sex, a category of eight, year effects. With
`distinct` a number that no two rows share is added, so that no rows merge. Coefficients and CR1 of the effect must
agree before a time is printed (statsmodels and pyfixest have other small-sample factors: theirs are taken out). Each
fit runs several times, in turn with the others and in a process of its own, and the least CPU counts.

    python benchmarks/logit.py --rows 250000
    python benchmarks/logit.py --rows 2000000 --only fit
"""

import argparse
from pathlib import Path
from typing import Any

import numpy as np
from measure import Stopwatch, case_asked, in_own_process, machine, table
from numpy.typing import NDArray

from whatworked.estimation.binomial import Binomial, binomial_cells
from whatworked.estimation.linear import INTERCEPT
from whatworked.estimation.logit import fit_logit
from whatworked.estimation.logit_covariance import coefficient, cr1, cr3
from whatworked.estimation.logit_randomisation import randomise_logit
from whatworked.estimation.randomisation import EFFECT
from whatworked.estimation.score_bootstrap import score_bootstrap

PEERS = str(Path(__file__).parent / "logit_peers.py")
AREAS, PILOTS, YEARS = 12, 6, 9
FIT = "fit with CR1"
# pyfixest and statsmodels stop a little before the maximum.
AGREE = 1e-5
PEER_NAMES = ("pyfixest", "statsmodels")


def rows(number: int, *, distinct: bool) -> tuple[tuple[str, ...], NDArray[Any], NDArray[Any], NDArray[Any]]:
    """Return names, design (n, q), outcome and area of invented people; the outcome is rare."""
    rng = np.random.default_rng(number)
    area, year = rng.integers(0, AREAS, number), rng.integers(0, YEARS, number)
    pilot, post = (area < PILOTS).astype(float), (year >= YEARS // 2).astype(float)
    columns = {INTERCEPT: np.ones(number), "pilot": pilot, "post": post, EFFECT: pilot * post}
    columns |= {"age": rng.integers(0, 18, number).astype(float), "sex": rng.integers(0, 2, number).astype(float)}
    kind = rng.integers(0, 8, number)
    columns |= {f"kind{level}": (kind == level).astype(float) for level in range(1, 8)}
    columns |= {f"year{y}": (year == y).astype(float) for y in range(1, YEARS) if y != YEARS // 2}
    if distinct:
        columns["score"] = rng.normal(size=number)
    shock = rng.normal(0, 0.2, (AREAS, YEARS))[area, year]
    log_odds = -2.6 + 0.03 * columns["age"] + 0.1 * kind + 0.3 * columns[EFFECT] + shock
    y = (rng.uniform(size=number) < 1 / (1 + np.exp(-log_odds))).astype(float)
    return tuple(columns), np.column_stack(list(columns.values())), y, area


def package(number: int, distinct: bool, menu: bool = False) -> dict[str, Any]:  # noqa: FBT001, FBT002 - from JSON
    """Time the package's fit, and with `menu` its tests."""
    names, design, y, area = rows(number, distinct=distinct)
    watch = Stopwatch()
    with watch.stage(FIT):
        fit = fit_logit(binomial_cells(design, Binomial(y, np.ones(number), np.ones(number)), area=area, names=names))
        covariance = cr1(fit)
        found = coefficient(covariance, EFFECT)
    said = f"{len(fit.log_odds):,} cells of {number:,} rows, {fit.k} terms"
    if menu:
        with watch.stage("CR3"):
            cr3(fit)
        with watch.stage("score bootstrap and its interval"):
            score_bootstrap(fit, EFFECT)
        with watch.stage("randomisation"):
            tried = randomise_logit(fit, pilots=np.arange(AREAS) < PILOTS, groups=None)
        said += f"; {tried.assignments:,} refits"
    factor = (number - 1) / (number - fit.k) * AREAS / (AREAS - 1)
    return {
        "stages": {stage["stage"]: stage for stage in watch.stages},
        "answer": [found.estimate, found.std_error / factor**0.5],
        "said": said,
    }


def main() -> None:
    """Print the tables."""
    if case_asked({"package": package}):
        return
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=250_000)
    parser.add_argument("--repeats", type=int, default=3, help="how often each fit runs")
    parser.add_argument("--only", choices=["fit"], help="leave the package's tests out")
    options = parser.parse_args()
    number = options.rows
    print(machine(), end="\n\n")
    for distinct in (False, True):
        case = {"number": number, "distinct": distinct}
        scripts = {"package": __file__, **dict.fromkeys(PEER_NAMES, PEERS)}
        runs = [
            {name: in_own_process(script, name, **case) for name, script in scripts.items()}
            for _ in range(options.repeats)
        ]
        own, *others = (min((run[name] for run in runs), key=_fit_cpu) for name in scripts)
        peers = dict(zip(PEER_NAMES, others, strict=True))
        for name, peer in peers.items():
            gap = max(abs(a / b - 1) for a, b in zip(own["answer"], peer["answer"], strict=True))
            if not gap < AGREE:
                message = f"{name} differs by {gap}"
                raise SystemExit(message)
        menu = own if options.only else in_own_process(__file__, "package", menu=True, **case)
        print(menu["said"], end="\n\n")
        print(_table(own, peers, menu), end="\n\n")
    print(f"effects with bare clustered errors agree to {AGREE:g}")


def _fit_cpu(case: dict[str, Any]) -> float:
    return float(case["stages"][FIT]["cpu"])


def _table(own: dict[str, Any], peers: dict[str, Any], menu: dict[str, Any]) -> str:
    fits = {"this package": own, **peers}
    lines = [
        [f"{FIT}: {name}", stage["wall"], stage["cpu"], stage["peak"], stage["cpu"] / _fit_cpu(own)]
        for name, stage in ((name, case["stages"][FIT]) for name, case in fits.items())
    ]
    lines += [
        [name, stage["wall"], stage["cpu"], stage["peak"], None]
        for name, stage in menu["stages"].items()
        if name not in (FIT, "start and imports")
    ]
    return table(["step", "wall s", "CPU s", "peak MiB", "CPU ÷ package"], lines)


if __name__ == "__main__":
    main()
