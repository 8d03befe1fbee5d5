"""Whole studies from a cold start, step by step: the demonstration, the real study, and a study the size of a nation.

Each runs in a fresh process, so that its imports are paid for and its peak memory is its own. The real study needs
the published tables in ../shared/data/ees_cin beside the repository and is left out where they are absent. The big
one invents areas by years as `area_matching.py` does and asks one question, with lags and the other weight.

    python benchmarks/whole_study.py --areas 10000 --years 20 --pilots 100
"""

import argparse
import resource
import subprocess
import sys
import time
from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from area_matching import csv_path, pilots_of, write
from measure import MEGABYTE, ONE_THREAD, Stopwatch, case_asked, child_environment, in_own_process, machine, table

from whatworked.engine.store import file_digest
from whatworked.protocol.read import read_protocol
from whatworked.scaffold.demo import write_demo
from whatworked.study import run

ROOT = Path(__file__).parents[1]
REAL = ROOT / "examples" / "family_safeguarding" / "study.toml"
PUBLISHED = ROOT.parent / "shared" / "data" / "ees_cin"
ANY = dict.fromkeys(ONE_THREAD)
TIMES = ("wall", "cpu")
STUDIES = ("demo", "real", "big")
STEPS = ("start and imports", "protocol", "records", "areas", "analyses", "release")
FILES = {"findings.json": "findings.json", "report.html": "release/report.html", "tables.xlsx": "release/tables.xlsx"}
BIG = """
[study]
title = "A big invented study"
question = "Did it work?"
seed = 1
[records.rates]
kind = "area_series"
path = "{path}"
period = {{ kind = "year" }}
unit = "per 10,000 children"
source = "Invented"
[records.rates.columns]
area = "area_code"
name = "area_name"
period = "year"
value = "rate"
numerator = "people"
denominator = "children"
[areas]
publish_names = true
pilots = [
{pilots}
]
[[question]]
key = "rates"
title = "Did rates fall?"
records = "rates"
outcome = {{ label = "rates", better = "lower" }}
[[variant]]
kind = "lags"
[[variant]]
kind = "weight"
weight = "denominator"
"""


def main() -> None:
    """Print a table a study."""
    if case_asked({"demo": demo, "real": real, "big": big}):
        return
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", nargs="+", choices=STUDIES, default=STUDIES)
    parser.add_argument("--areas", type=int, default=10_000, help="areas of the big study")
    parser.add_argument("--years", type=int, default=20)
    parser.add_argument("--pilots", type=int, default=100)
    options = parser.parse_args()
    print(machine())
    with TemporaryDirectory() as folder:
        if "demo" in options.only:
            wall, cpu = command(Path(folder) / "command")
            print(f"\nThe command `whatworked demo`, from nothing: {wall:.1f} s, of these {cpu:.1f} s of CPU")
            _print("The demonstration", in_own_process(__file__, "demo", folder=f"{folder}/demo"))
        if "real" in options.only and PUBLISHED.is_dir():
            _print("Family Safeguarding", in_own_process(__file__, "real", folder=f"{folder}/real"))
        if "big" in options.only:
            study = write_big(Path(folder), areas=options.areas, years=options.years, pilots=options.pilots)
            name = f"{options.areas:,} areas, {options.years} years, {options.pilots} pilots"
            alone = in_own_process(__file__, "big", study=str(study), out=f"{folder}/alone")
            _print(name, alone)
            _print_threads(alone, in_own_process(__file__, "big", threads=ANY, study=str(study), out=f"{folder}/free"))


def _print_threads(alone: dict[str, Any], free: dict[str, Any]) -> None:
    """Print what leaving the number of threads to the machine does to the analyses; it may not change a number."""
    if alone["digest"] != free["digest"]:
        message = "the findings depend on the number of threads"
        raise SystemExit(message)
    print("\nThe same study, to the same findings, by threads of NumPy's linear algebra\n")
    rows = [
        [threads, *(sum(s[time] for s in case["stages"] if s["stage"].startswith("analyses")) for time in TIMES)]
        for threads, case in (("one, by the environment", alone), ("left to the package", free))
    ]
    print(table(["threads", "analyses: wall s", "CPU s"], rows))


def _print(name: str, case: dict[str, Any]) -> None:
    rows: list[list[Any]] = []
    for step in STEPS:
        found = [stage for stage in case["stages"] if stage["stage"].partition(":")[0] == step]
        rows.append([step, sum(s["wall"] for s in found), sum(s["cpu"] for s in found), found[-1]["peak"]])
    rows.append(["all", *(sum(row[column] for row in rows) for column in (1, 2)), rows[-1][3]])
    print(f"\n{name}\n\n{table(['step', 'wall s', 'CPU s', 'peak MiB so far'], rows)}\n")
    print(", ".join(f"{file} {size:,.1f} MiB" for file, size in case["sizes"].items()))


def demo(folder: str) -> dict[str, Any]:
    """Run the demonstration as the command does."""
    watch = Stopwatch()
    return _run(watch, write_demo(Path(folder)), out=Path(folder) / "run")


def real(folder: str) -> dict[str, Any]:
    """Run the study of Family Safeguarding on the published tables."""
    return _run(Stopwatch(), REAL, out=Path(folder), data=PUBLISHED)


def big(study: str, out: str) -> dict[str, Any]:
    """Run the big study."""
    return _run(Stopwatch(), Path(study), out=Path(out))


def command(folder: Path) -> tuple[float, float]:
    """Return wall and CPU seconds of the command itself, from the start of Python to its end."""
    before, began = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    started = [sys.executable, "-c", "from whatworked.cli import main; main()", "demo", str(folder), "--quiet"]
    subprocess.run(started, env=child_environment({}), check=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return time.perf_counter() - began, cpu


def write_big(folder: Path, *, areas: int, years: int, pilots: int) -> Path:
    """Write the big study and its records into a folder and return its study file."""
    write(str(folder), areas, years)
    named = pilots_of(pilots, areas, years)
    listed = "\n".join(f'    {{ area = "{p.area}", label = "{p.label}", start = {p.start} }},' for p in named)
    study = folder / "study.toml"
    text = BIG.format(path=csv_path(str(folder), areas).name, pilots=listed)
    study.write_text(text, encoding="utf-8")
    return study


def _run(watch: Stopwatch, study: Path, *, out: Path, data: Path | None = None) -> dict[str, Any]:
    """Run a study and time each of its steps, from one call of its progress to the next."""
    with ExitStack() as step:
        step.enter_context(watch.stage("protocol"))
        protocol = read_protocol(study)

        def begin(name: str) -> None:
            step.pop_all().close()
            step.enter_context(watch.stage(name))

        run(protocol, out=out, data=data, progress=begin)
    sizes = {name: (out / path).stat().st_size / MEGABYTE for name, path in FILES.items()}
    return {"stages": watch.stages, "sizes": sizes, "digest": file_digest(out / "findings.json")}


if __name__ == "__main__":
    main()
