"""The demonstration's study at the size of a nation, stage by stage: from nothing to the report.

The extract of an invented nation is written first, with its study, as `whatworked demo` does; then all six questions
run over it in a fresh process. Seconds of CPU count all processes that work together, the peak is that of the first.

    python benchmarks/nation.py --children 200000 1000000
"""

import argparse
import json
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from measure import MEGABYTE, Stopwatch, case_asked, in_own_process, machine
from returns import end_processes, stages_in_a_table, study

from whatworked.scaffold.nine_pilots import write_nine_pilots
from whatworked.scaffold.simulate import Size

AREAS = 45


def main() -> None:
    """Print a table a size."""
    if case_asked({"written": written, "study": study}):
        return
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--children", type=int, nargs="+", default=[200_000])
    parser.add_argument("--areas", type=int, default=AREAS)
    parser.add_argument("--last-year", type=int, default=2019)
    parser.add_argument("--folder", type=Path, help="where to put the files for the time being")
    options = parser.parse_args()
    print(machine())
    for children in options.children:
        with TemporaryDirectory(dir=options.folder) as folder:
            size = {"folder": folder, "children": children, "areas": options.areas, "last": options.last_year}
            made = in_own_process(__file__, "written", **size)
            print(f"\n{children:,} children, {made['referrals']:,} rows of referrals; {made['megabytes']:,.0f} MiB")
            print(f"written in {made['cpu']:,.1f} s of CPU, {made['wall']:,.1f} s, at most {made['peak']:,.0f} MiB\n")
            found = in_own_process(__file__, "study", folder=folder)
            print(stages_in_a_table(found["stages"]), end="\n\n")
            print(", ".join(f"{key}: {rows:,} rows" for key, rows in found["rows"].items()))


def written(folder: str, children: int, areas: int, last: int) -> dict[str, Any]:
    """Write the extract and its study."""
    watch = Stopwatch()
    with watch.stage("written"):
        path = write_nine_pilots(Path(folder) / "study", Size(children, areas, (2009, last)))
        end_processes()
    told = json.loads((path.parent / "truth.json").read_text(encoding="utf-8"))["written"]
    referrals = sum(rows for what, rows in told.items() if what.removeprefix("rows of CIN_")[:4].isdigit())
    files = sum(file.stat().st_size for file in path.parent.glob("npd/*"))
    return {**watch.stages[-1], "megabytes": files / MEGABYTE, "referrals": referrals}


if __name__ == "__main__":
    main()
