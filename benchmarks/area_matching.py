"""Trend matching at the size of a nation of small areas, stage by stage, and beside a plain loop.

The study's own road: a CSV file through the engine (every row checked and counted, kept as Parquet), the baseline
series, a search of comparators for every pilot among all areas, the outcomes of the matched areas, their cells.
The plain road is a loop over pilots and candidates: a pandas table of areas by years, NumPy means for the
distances, `scipy.stats.linregress` for the slope of the difference. Both must agree before a time is printed.

    python benchmarks/area_matching.py --areas 1000 10000 --years 20 --pilots 100 --plain-areas 1000
"""

import argparse
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
from measure import Stopwatch, case_asked, in_own_process, machine, table

from whatworked.door.cells import area_rows, matched_cells
from whatworked.engine.duckdb import DuckDBEngine
from whatworked.engine.store import Store
from whatworked.matching.groups import Matches, match_areas_by_trend
from whatworked.matching.series import baseline_panel
from whatworked.protocol.matching import Matching
from whatworked.protocol.model import AreaSeries, Columns, Pilot, Study
from whatworked.protocol.stretches import CalendarPeriods
from whatworked.records.area_store import stored_area_series

LOOP = str(Path(__file__).parent / "area_matching_loop.py")
FIRST_YEAR = 2000
AGREE = 1e-9


def main() -> None:
    """Print the tables."""
    if case_asked({"write": write, "study": study}):
        return
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--areas", type=int, nargs="+", default=[1_000, 10_000])
    parser.add_argument("--years", type=int, default=20)
    parser.add_argument("--pilots", type=int, default=100)
    parser.add_argument("--plain-areas", type=int, default=1_000, help="areas of the plain loop; 0 leaves it out")
    options = parser.parse_args()
    print(machine(), end="\n\n")
    with TemporaryDirectory() as folder:
        size = {"folder": folder, "years": options.years, "pilots": options.pilots}
        for areas in sorted({*options.areas, options.plain_areas} - {0}):
            in_own_process(__file__, "write", folder=folder, areas=areas, years=options.years)
        found = {areas: in_own_process(__file__, "study", areas=areas, **size) for areas in options.areas}
        _print_stages(list(found.values()))
        if options.plain_areas:
            again = found.get(options.plain_areas)
            package = again or in_own_process(__file__, "study", areas=options.plain_areas, **size)
            _print_plain(package, in_own_process(LOOP, "plain", areas=options.plain_areas, **size))


def _print_stages(found: list[dict[str, Any]]) -> None:
    heads = ["stage"]
    for case in found:
        heads += [f"{case['areas']:,} areas: wall s", "CPU s", "peak MiB"]
    rows = [
        [stages[0]["stage"], *(value for stage in stages for value in (stage["wall"], stage["cpu"], stage["peak"]))]
        for stages in zip(*(case["stages"] for case in found), strict=True)
    ]
    total = ["all after the start"]
    for case in found:
        total += [sum(s["wall"] for s in case["stages"][1:]), sum(s["cpu"] for s in case["stages"][1:])]
        total.append(case["stages"][-1]["peak"])
    print(table(heads, [*rows, total]), end="\n\n")
    for case in found:
        print(f"{case['areas']:,} areas: {case['said']}")


def _print_plain(package: dict[str, Any], loop: dict[str, Any]) -> None:
    for name, ours in package["answer"].items():
        gap = max((abs(a - b) for a, b in zip(ours, loop["answer"][name], strict=True)), default=0.0)
        if not gap < AGREE:
            message = f"the two roads differ in {name} by {gap}"
            raise SystemExit(message)
    matching = next(stage for stage in package["stages"] if stage["stage"] == "trend matching")
    looped = next(stage for stage in loop["stages"] if stage["stage"] == "trend matching")
    print(f"\nThe search alone, {package['areas']:,} areas; every distance and p-value agrees to {AGREE:g}\n")
    rows = [
        ["this package", matching["wall"], matching["cpu"], matching["peak"]],
        ["plain loop", looped["wall"], looped["cpu"], looped["peak"]],
        ["plain ÷ package", looped["wall"] / matching["wall"], looped["cpu"] / matching["cpu"], None],
    ]
    print(table(["road", "wall s", "CPU s", "peak MiB"], rows))


def write(folder: str, areas: int, years: int) -> dict[str, Any]:
    """Write invented rates of areas by years, line by line: levels, a national movement, shocks that fade."""
    rng = np.random.default_rng(areas)
    level, shock = rng.normal(50, 10, areas), rng.normal(0, 1.5, areas)
    with csv_path(folder, areas).open("w", encoding="utf-8", newline="") as file:
        file.write("area_code,area_name,year,rate,people,children\n")
        for t in range(years):
            shock = 0.5 * shock + rng.normal(0, 1.5, areas)
            rate = np.maximum(level + 8 * np.sin(t / 3) + shock, 0.1)
            people = rng.integers(2_000, 90_000, areas)
            lines = (
                f"{code(i)},Area {i},{FIRST_YEAR + t},{rate[i]:.1f},{int(rate[i] * people[i] / 10_000)},{people[i]}\n"
                for i in range(areas)
            )
            file.writelines(lines)
    return {}


def csv_path(folder: str, areas: int) -> Path:
    """Return where the invented table of a size is."""
    return Path(folder) / f"areas_{areas}.csv"


def code(area: int) -> str:
    """Return the code of an area."""
    return f"E{area:06d}"


def pilots_of(pilots: int, areas: int, years: int) -> tuple[Pilot, ...]:
    """Return pilots spread over the areas, that start in one of three years a little after the middle."""
    return tuple(
        Pilot(
            area=code(i * areas // pilots),
            label=f"Pilot {i + 1}",
            start=date(FIRST_YEAR + years * 3 // 5 + i % 3, 1, 1),
        )
        for i in range(pilots)
    )


SERIES = AreaSeries(
    kind="area_series",
    path="areas.csv",
    columns=Columns(
        area="area_code", name="area_name", period="year", value="rate", numerator="people", denominator="children"
    ),
    period=CalendarPeriods(kind="year"),
    unit="per 10,000 children",
    source="Invented",
)


def study(folder: str, areas: int, years: int, pilots: int) -> dict[str, Any]:
    """Time every stage from the file to the cells."""
    watch, named = Stopwatch(), pilots_of(pilots, areas, years)
    with TemporaryDirectory() as artefacts, DuckDBEngine([Path(folder)], Path(artefacts)) as engine:
        with watch.stage("reading: CSV, checks, Parquet"):
            read, _ = stored_area_series(
                engine,
                Store(Path(artefacts)),
                "rates",
                SERIES,
                path=csv_path(folder, areas),
                study=Study(title="t", question="q", intervention="i"),
            )
        with watch.stage("baseline series"):
            panel = baseline_panel(engine, read, named)
        with watch.stage("trend matching"):
            barred = {pilot.area: "it is a pilot" for pilot in named}
            matches = match_areas_by_trend(panel, named, periods=read.periods, barred=barred, matching=Matching())
        with watch.stage("outcomes of the matched areas"):
            rows = area_rows(engine, read, sorted({area for group in matches.groups for area in group.areas}))
        with watch.stage("matched cells"):
            cells = matched_cells(rows, matches.groups, weight="denominator")
    measured = sum(int(np.isfinite(found.distance).sum()) for found in matches.searches)
    said = f"{measured:,} distances; {len(matches.groups)} pilots matched; {len(cells.area):,} cells"
    return {"areas": areas, "stages": watch.stages, "said": said, "answer": _answer(matches)}


def _answer(matches: Matches) -> dict[str, list[float]]:
    """Return what the plain loop is to agree with: each search's distances and p-values, summed and at their least."""
    return {
        "sums of distances": [float(np.nansum(found.distance)) for found in matches.searches],
        "least distances": [float(np.nanmin(found.distance)) for found in matches.searches],
        "sums of p-values": [float(np.nansum(found.slope_p_value)) for found in matches.searches],
    }


if __name__ == "__main__":
    main()
