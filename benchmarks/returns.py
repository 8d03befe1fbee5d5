"""A whole study over invented returns of a nation, stage by stage: from the files to the report.

Invented children in need censuses, SSDA903 returns and school censuses are written first, with their study, as
`whatworked simulate` does; then all six questions run over them in a fresh process. Each stage has its wall and CPU
seconds, its share of the CPU after the files are written, and the largest memory so far.

    python benchmarks/returns.py --children 20000 200000
"""

import argparse
import json
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from joblib.externals.loky import get_reusable_executor
from measure import MEGABYTE, Stopwatch, case_asked, in_own_process, machine, table

from whatworked.door import records, samples
from whatworked.protocol.read import read_protocol
from whatworked.scaffold.simulate import Size, write_simulation
from whatworked.study import run

STEPS = {"records": "cohorts", "release": "report"}
# What is timed inside of the steps, and taken out of their time.
INSIDE = {
    "reading": (records, "read_returns"),
    "people's rows through the door": (samples, "read_people"),
    "matching": (samples, "match_people"),
    "balance": (samples, "describe_matching"),
}
ORDER = (
    *("start and imports", "protocol", "reading", "cohorts", "areas", "outcomes", "people's rows through the door"),
    *("matching", "balance", "analyses", "report"),
)


class Inside:
    """CPU and wall seconds of functions called inside of a stage."""

    def __init__(self, watch: Stopwatch) -> None:
        """Replace each function by one that times itself."""
        self.watch = watch
        for name, (module, function) in INSIDE.items():
            setattr(module, function, self._timed(name, getattr(module, function)))

    def _timed(self, name: str, function: Callable[..., Any]) -> Callable[..., Any]:
        def timed(*given: Any, **named: Any) -> Any:  # noqa: ANN401 - whatever the function takes
            with self.watch.stage(name):
                return function(*given, **named)

        return timed


def main() -> None:
    """Print a table a size."""
    if case_asked({"written": written, "study": study}):
        return
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--children", type=int, nargs="+", default=[20_000, 200_000])
    parser.add_argument("--areas", type=int, default=24)
    parser.add_argument("--last-year", type=int, default=2019)
    options = parser.parse_args()
    print(machine())
    for children in options.children:
        with TemporaryDirectory() as folder:
            size = {"folder": folder, "children": children, "areas": options.areas, "last": options.last_year}
            made = in_own_process(__file__, "written", **size)
            found = in_own_process(__file__, "study", folder=folder)
            print(
                f"\n{children:,} children, {options.areas} areas; {made['megabytes']:,.0f} MiB of files written in ",
                end="",
            )
            print(f"{made['cpu']:,.1f} s of CPU ({made['wall']:,.1f} s), at most {made['peak']:,.0f} MiB\n")
            print(stages_in_a_table(found["stages"]), end="\n\n")
            print(", ".join(f"{key}: {rows:,} rows" for key, rows in found["rows"].items()))


def written(folder: str, children: int, areas: int, last: int) -> dict[str, Any]:
    """Write the records and a study that matches people."""
    watch = Stopwatch()
    with watch.stage("written"):
        path = write_simulation(Path(folder) / "study", Size(children, areas, (2009, last)), seed=1, effect=-0.2)
        end_processes()
    files = sum(file.stat().st_size for file in path.parent.rglob("*") if file.is_file() and "truth" not in file.parts)
    return {**watch.stages[-1], "megabytes": files / MEGABYTE}


def study(folder: str) -> dict[str, Any]:
    """Run the study, and time each of its steps and what is timed inside of them."""
    watch, out = Stopwatch(), Path(folder) / "run"
    Inside(watch)
    with ExitStack() as step:
        step.enter_context(watch.stage("protocol"))
        protocol = read_protocol(Path(folder) / "study" / "study.toml")

        def begin(name: str) -> None:
            end_processes()
            step.pop_all().close()
            step.enter_context(watch.stage(name.partition(":")[0]))

        run(protocol, out=out, progress=begin)
        end_processes()
    found = json.loads((out / "findings.json").read_text(encoding="utf-8"))
    return {"stages": watch.stages, "rows": {one["key"]: one["rows"] for one in found["questions"]}}


def end_processes() -> None:
    """End the processes that share work: those that have ended are counted, those that wait for more are not."""
    get_reusable_executor().shutdown(wait=True)


def stages_in_a_table(stages: list[dict[str, Any]]) -> str:
    """Return the stages in order, what is inside of a step taken out of it."""
    found: dict[str, list[float]] = {name: [0.0, 0.0, 0.0] for name in ORDER}
    inside = [0.0, 0.0]
    for stage in stages:
        name = STEPS.get(stage["stage"], stage["stage"])
        wall, cpu, peak = found[name]
        own = [stage["wall"], stage["cpu"]]
        if stage["stage"] in INSIDE:
            inside = [mine + own[i] for i, mine in enumerate(inside)]
        else:
            own, inside = [value - inside[i] for i, value in enumerate(own)], [0.0, 0.0]
        found[name] = [wall + own[0], cpu + own[1], max(peak, stage["peak"])]
    total = sum(cpu for _, cpu, _ in found.values())
    rows = [[name, wall, cpu, 100 * cpu / total, peak] for name, (wall, cpu, peak) in found.items() if peak]
    whole = [sum(row[i] for row in rows) for i in (1, 2, 3)]
    rows.append(["all", *whole, max(row[4] for row in rows)])
    return table(["stage", "wall s", "CPU s", "% of CPU", "peak MiB so far"], rows)


if __name__ == "__main__":
    main()
