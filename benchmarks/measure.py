"""What every benchmark measures with: wall and CPU seconds a stage, peak memory a process, the machine.

Each case runs in a process of its own, so that its peak memory is its own and its imports are paid for. Run by
itself, this file prints the machine and the versions.
"""

import json
import os
import platform
import re
import resource
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

PACKAGES = ("numpy", "scipy", "duckdb", "vl-convert-python", "pyfixest", "statsmodels", "pandas")
# One thread a process for NumPy's linear algebra, in the package and in its peers alike.
ONE_THREAD = {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"}
SOURCE = Path(__file__).parents[1] / "src"
MEGABYTE = 1 << 20
# When the process of a case was asked for, in seconds since 1970.
BEGAN = "BENCHMARK_BEGAN"
CASE = "--case"

Stage = dict[str, Any]


class Stopwatch:
    """Wall and CPU seconds and the peak memory so far, stage by stage; the first stage is the start of the process."""

    def __init__(self) -> None:
        """Count what there was until now, interpreter and imports, as the first stage."""
        wall = time.time() - float(os.environ.get(BEGAN, time.time()))
        self.stages: list[Stage] = [_stage("start and imports", wall, cpu_seconds())]

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        """Time what happens inside."""
        wall, cpu = time.perf_counter(), cpu_seconds()
        yield
        self.stages.append(_stage(name, time.perf_counter() - wall, cpu_seconds() - cpu))


def _stage(name: str, wall: float, cpu: float) -> Stage:
    return {"stage": name, "wall": wall, "cpu": cpu, "peak": peak_memory() / MEGABYTE}


def cpu_seconds() -> float:
    """Return the seconds of CPU that this process has used, in all its threads, and processes of its that have ended.

    Processes that work is shared among (`whatworked.processes`) live on for the next work and are not in it.
    """
    both = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(used.ru_utime + used.ru_stime for used in both)


def peak_memory() -> int:
    """Return the largest resident size that this process has had, in bytes.

    Linux counts into `ru_maxrss` what the parent held when it started the process; its own record does not.
    """
    status = Path("/proc/self/status")
    if status.is_file():
        found = re.search(r"^VmHWM:\s+(\d+) kB$", status.read_text(encoding="ascii"), re.MULTILINE)
        if found:
            return int(found[1]) * 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)


def case_asked(cases: Mapping[str, Callable[..., Any]]) -> bool:
    """Run the case that `in_own_process` asks for, if it does, and print what it returns as JSON."""
    if sys.argv[1:2] != [CASE]:
        return False
    given = json.loads(sys.argv[2])
    print(json.dumps(cases[given.pop("what")](**given)))
    return True


def in_own_process(
    script: str, what: str, *, threads: Mapping[str, str | None] = ONE_THREAD, **case: object
) -> dict[str, Any]:
    """Run the case `what` of a script in a fresh process and return what it returns.

    `threads` are environment variables to set, None to take one away.
    """
    environment = child_environment(threads)
    command = [sys.executable, str(Path(script).resolve()), CASE, json.dumps({"what": what, **case})]
    environment[BEGAN] = str(time.time())
    done = subprocess.run(command, env=environment, stdout=subprocess.PIPE, text=True, check=True)
    answer: dict[str, Any] = json.loads(done.stdout)
    return answer


def child_environment(threads: Mapping[str, str | None]) -> dict[str, str]:
    """Return the environment of a child: this repository's package, and `threads` as `in_own_process` says."""
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(SOURCE), os.environ.get("PYTHONPATH", "")])}
    for name, value in threads.items():
        environment.pop(name, None)
        if value is not None:
            environment[name] = value
    return environment


def table(heads: Sequence[str], rows: Sequence[Sequence[object]]) -> str:
    """Return a table in Markdown: the first column is words, the others are numbers."""
    lines = ["| " + " | ".join(heads) + " |", "| --- |" + " ---: |" * (len(heads) - 1)]
    return "\n".join(lines + ["| " + " | ".join(_said(cell) for cell in row) + " |" for row in rows])


def _said(cell: object) -> str:
    match cell:
        case None:
            return "–"
        case float():
            return f"{cell:,.0f}" if abs(cell) >= 100 else f"{cell:,.2f}" if abs(cell) >= 0.1 else f"{cell:,.4f}"
        case int():
            return f"{cell:,}"
        case _:
            return str(cell)


def machine() -> str:
    """Return the machine, the versions and the day in a line."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / (1 << 30)
    found = []
    for package in PACKAGES:
        try:
            found.append(f"{package} {version(package)}")
        except PackageNotFoundError:
            found.append(f"no {package}")
    load = os.getloadavg()[0]
    return (
        f"{cores} cores, {memory:.0f} GiB, {platform.system()} {platform.machine()}, Python "
        f"{platform.python_version()}, {', '.join(found)}; {date.today().isoformat()}, load {load:.1f} at the start"
    )


if __name__ == "__main__":
    print(machine())
