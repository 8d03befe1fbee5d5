"""Coarsened exact matching of people: strata, weights, L1 and LCS before and after, beside a bare scan and other roads.

The package's own road is one query that counts like rows, then NumPy on the counts. The bare scan sums the same columns
of the same Parquet file and is the least that any road can take. The other roads do the same by hand in pandas and
polars, and causalmatch does the matching alone; a road whose package is not installed is left out. All must find the
same matched rows, L1 and LCS before a time is printed.

    python benchmarks/matching_people.py --rows 250000 2000000
    python benchmarks/matching_people.py --rows 50000000 --memory 1GB --only package
"""

import argparse
from importlib.util import find_spec
from itertools import pairwise
from math import log
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import duckdb
from measure import Stopwatch, case_asked, in_own_process, machine, table

from whatworked.diagnostics.balance import Imbalance
from whatworked.engine.duckdb import DuckDBEngine
from whatworked.engine.interface import ParquetSource
from whatworked.engine.sql import Query
from whatworked.estimation.coarsening import Cuts, Levels
from whatworked.matching.cem import MatchingKey, match_people
from whatworked.matching.coarsening import settle

ROADS = str(Path(__file__).parent / "matching_people_roads.py")
AGREE = 1e-9
AGES = (4.5, 10.5, 15.5)
DEPRIVATION = (2.5, 5.5, 8.5)
EXACT = ("phase", "sex", "ethnicity", "need", "disability", "sen", "fsm", "prior")
NUMBERS = ("age", "deprivation")
# Numbers are matched in bands and compared value by value; of the columns matched exactly the phase is not compared.
COLUMNS = (*EXACT, *NUMBERS)
WORDS = ("ethnicity", "need")
HAND_ROADS = {"pandas by hand": "pandas", "polars by hand": "polars", "causalmatch, no L1": "causalmatch"}


def main() -> None:
    """Print the tables."""
    if case_asked({"write": write, "scan": scan, "package": package}):
        return
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, nargs="+", default=[250_000, 2_000_000])
    parser.add_argument("--memory", default="1GB", help="what the engine may use")
    parser.add_argument("--only", choices=["package"], help="leave the roads by hand out")
    parser.add_argument("--causalmatch-rows", type=int, default=250_000, help="the most rows it is asked to match")
    options = parser.parse_args()
    print(machine(), end="\n\n")
    growth = []
    with TemporaryDirectory() as folder:
        for rows in options.rows:
            path = str(Path(folder) / f"people_{rows}.parquet")
            in_own_process(__file__, "write", path=path, rows=rows)
            found = {
                "bare scan": in_own_process(__file__, "scan", path=path, memory=options.memory),
                "this package": in_own_process(__file__, "package", path=path, memory=options.memory),
            }
            for name, what in HAND_ROADS.items():
                if (
                    options.only is None
                    and find_spec(what)
                    and (what != "causalmatch" or rows <= options.causalmatch_rows)
                ):
                    found[name] = in_own_process(ROADS, what, path=path)
            _print_roads(rows, found)
            growth.append((rows, _cpu(found["this package"])))
            Path(path).unlink()
    for (fewer, least), (more, most) in pairwise(growth):
        print(f"from {fewer:,} to {more:,} rows CPU grows with exponent {log(most / least) / log(more / fewer):.2f}")


def _print_roads(rows: int, found: dict[str, dict[str, Any]]) -> None:
    ours = found["this package"]["answer"]
    for name, road in found.items():
        told = road["answer"]
        gaps = [abs(told[measure] - value) / max(1, value) for measure, value in ours.items() if measure in told]
        if not max(gaps, default=0.0) < AGREE:
            message = f"{name} finds something else than this package: {road['answer']} against {ours}"
            raise SystemExit(message)
    scanned = _cpu(found["bare scan"])
    print(f"{rows:,} rows: matched rows, L1 and LCS agree to {AGREE:g}: {found['this package']['said']}\n")
    lines = [
        [name, sum(stage["wall"] for stage in road["stages"][1:]), _cpu(road), _cpu(road) / scanned, _peak(road)]
        for name, road in found.items()
    ]
    print(table(["road", "wall s", "CPU s", "CPU ÷ scan", "peak MiB"], lines), end="\n\n")


def _cpu(road: dict[str, Any]) -> float:
    """Return the CPU seconds after the start of the process and its imports."""
    return float(sum(stage["cpu"] for stage in road["stages"][1:]))


def _peak(road: dict[str, Any]) -> float:
    return float(road["stages"][-1]["peak"])


def write(path: str, rows: int) -> dict[str, Any]:
    """Write invented events of children, each value a hash of the row's number, so that any size is the same draw."""
    drawn = {
        "phase": "draw(i, 'phase') % 2",
        "sex": "draw(i, 'sex') % 2",
        "ethnicity": "'E' || (draw(i, 'ethnicity') % 6 * (draw(i, 'minority') % 2))",
        "need": "'N' || (draw(i, 'need') % 9 * (draw(i, 'common') % 3) // 2)",
        "disability": "CASE WHEN draw(i, 'disability') % 10 = 0 THEN 1 ELSE 0 END",
        "sen": "greatest(draw(i, 'sen') % 12 - 9, 0)",
        "fsm": "CASE WHEN draw(i, 'fsm') % 4 = 0 THEN 1 ELSE 0 END",
        "prior": "greatest(draw(i, 'prior') % 12 - 8, 0)",
        "age": "least(draw(i, 'age') % 18, CASE WHEN area < 4 THEN draw(i, 'younger') % 18 ELSE 17 END)",
        "deprivation": "1 + draw(i, 'deprivation') % 10",
    }
    columns = ", ".join(f"CAST({text} AS {_type(name)}) AS {name}" for name, text in drawn.items())
    with duckdb.connect() as connection:
        connection.execute("CREATE MACRO draw(i, about) AS CAST(hash(i, about) % 1000003 AS BIGINT)")
        connection.execute(
            f"""COPY (SELECT CAST(CASE WHEN area < 4 THEN 1 ELSE 0 END AS INTEGER) AS pilot, {columns}
            FROM (SELECT range AS i, CAST(hash(range, 'area') % 12 AS INTEGER) AS area FROM range({rows})))
            TO '{path}' (FORMAT parquet)"""
        )
    return {}


def _type(name: str) -> str:
    return "VARCHAR" if name in WORDS else "INTEGER"


def scan(path: str, memory: str) -> dict[str, Any]:
    """Read every column once and do the least with it."""
    watch = Stopwatch()
    with DuckDBEngine([Path(path).parent], None, memory=memory) as engine:
        engine.register("people", ParquetSource(Path(path)))
        # a greatest value could be had from the file's own statistics, a sum cannot
        counted = {name: f"CASE WHEN {name} = 'none' THEN 1 ELSE 0 END" for name in WORDS}
        least = ", ".join(f"CAST(SUM({counted.get(name, name)}) AS BIGINT) AS {name}" for name in (*COLUMNS, "pilot"))
        with watch.stage("scan"):
            engine.collect(Query(f"SELECT {least} FROM people", grain="file", columns=(*COLUMNS, "pilot")))
    return {"stages": watch.stages, "answer": {}}


def package(path: str, memory: str) -> dict[str, Any]:
    """Match and measure as the package does."""
    watch = Stopwatch()
    rows = Query(f"SELECT pilot, {', '.join(COLUMNS)} FROM people", grain="event", columns=("pilot", *COLUMNS))
    with DuckDBEngine([Path(path).parent], None, memory=memory) as engine:
        engine.register("people", ParquetSource(Path(path)))
        with watch.stage("matching"):
            levels = {name: _levels(engine, rows, name) for name in EXACT}
            bands = {"age": Cuts(*AGES), "deprivation": Cuts(*DEPRIVATION)}
            values = {"age": _between(0, 17), "deprivation": _between(1, 10)}
            found = match_people(
                engine, rows, MatchingKey("pilot", levels | bands, {name: levels[name] for name in EXACT[1:]} | values)
            )
    if not (isinstance(found.before, Imbalance) and isinstance(found.after, Imbalance)):
        message = "nothing was matched: give more rows"
        raise SystemExit(message)
    matched = int(found.count[found.weights.kept].sum())
    said = (
        f"{matched:,} matched, {found.strata:,} strata, {len(found.count):,} counts, "
        f"L1 {found.before.l1:.4f} to {found.after.l1:.4f}, LCS {found.before.lcs:.3f} to {found.after.lcs:.3f}"
    )
    answer = {
        "matched rows": matched,
        "weights": float((found.weights.weight * found.count).sum()),
        "squares": float((found.weights.weight**2 * found.count).sum()),
        "L1 before": found.before.l1,
        "L1 after": found.after.l1,
        "LCS before": found.before.lcs,
        "LCS after": found.after.lcs,
    }
    return {"stages": watch.stages, "answer": answer, "said": said}


def _levels(engine: DuckDBEngine, rows: Query, name: str) -> Levels:
    found = settle(engine, rows, name)
    if not isinstance(found, Levels):
        message = f"{name} has no levels"
        raise SystemExit(message)
    return found


def _between(first: int, last: int) -> Cuts:
    """Return cuts that give every whole number a bin of its own."""
    return Cuts(*(number + 0.5 for number in range(first, last)))


if __name__ == "__main__":
    main()
