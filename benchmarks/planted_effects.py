"""Whether a whole study finds what was planted: six questions on many invented nations, from files to findings.

Each seed makes a nation of its own: 45 councils, nine of them pilots, eleven years, with the demonstration's effects.
Its study is the demonstration's but for what a smaller nation needs: people are matched on age and low income alone,
the nearest comparators are taken whatever their distance, and kinship care, of which a small council has none in some
years, is compared with areas that a match file names. Printed are, a question, how often its intervals hold the planted
effect (decision 0036 says what that is), the mean error, and how often no effect is rejected; what the secondary
analyses find; and how often each branch of each decision was taken, over all settings (`planted_settings.py`).

    python benchmarks/planted_effects.py --seeds 200 --jobs 2 --out planted.jsonl

Each study is a line of `--out`; what stands there is not made again, so that a run that was stopped goes on, and
`--seeds 0` prints the tables of what there is.
"""

import argparse
import json
import re
import sys
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from math import sqrt
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from measure import table
from planted_branches import counted
from planted_settings import SETTINGS, USUAL
from planted_study import DELIVERY, EMBEDDEDNESS, PRACTICE, RATING, Json, Nation, study_of

from whatworked.records.invented.effects import QUESTIONS
from whatworked.scaffold.nine_pilots import EFFECTS

YEARS = (2011, 2021)
# If an interval holds the truth 95 times in 100, so many of 200 do in 97 of 100 runs.
LEAST, MOST, OF, ENOUGH = 184, 196, 200, 100
SIGNIFICANCE = 0.05
METHODS = {"cr1": "CR1, t(G−1)", "cr2": "CR2", "cr3": "CR3", "wild_restricted": "wild", "collapsed_t": "collapsed t",
           "stacked": "stacked"}  # fmt: skip
Task = tuple[str, int]


def studied(setting: str, seed: int, persons: int, areas: int) -> Json:
    """Run one study and return its line."""
    chosen = SETTINGS[setting]
    nation = Nation(persons, areas, YEARS, EFFECTS if chosen.effects is None else chosen.effects)
    return {
        "setting": setting,
        "persons": persons,
        "areas": areas,
        **study_of(nation, seed, chosen.change, told=chosen.told),
    }


def run(tasks: Sequence[Task], out: Path, *, persons: int, areas: int, jobs: int) -> int:
    """Run studies side by side, add the line of each to a file as it is there, and return how many failed."""
    failed = 0
    with ProcessPoolExecutor(jobs) as pool, out.open("a", encoding="utf-8") as file:
        asked = {pool.submit(studied, *task, persons, areas): task for task in tasks}
        for done in as_completed(asked):
            problem = done.exception()
            if problem is not None:
                failed += 1
                print(f"failed: {asked[done]}: {type(problem).__name__}: {problem}", file=sys.stderr, flush=True)
                continue
            file.write(json.dumps(done.result()) + "\n")
            file.flush()
    return failed


def tasks_of(seeds: int, first: int, settings: Sequence[str]) -> list[Task]:
    """Return the studies to run: every seed of the usual setting, of another one in so many and two at least."""
    found = [(setting, first + place) for setting in settings
             for place in range(min(seeds, max(2, seeds // SETTINGS[setting].one_in)))]  # fmt: skip
    # the settings that few seeds ask for come first, so that their branches are known soon
    return sorted(found, key=lambda task: (SETTINGS[task[0]].one_in == 1, task[1]))


def holds(answer: Json) -> bool:
    """Return whether an interval holds the truth; a side without a limit has no end."""
    low, high, truth = answer["low"], answer["high"], answer["truth"]
    return (low is None or low <= truth) and (high is None or truth <= high)


def of(rows: Sequence[Json], *path: str) -> list[Json]:
    """Return the answers at a path that have an estimate and a truth."""
    found = []
    for row in rows:
        for key in path:
            row = row.get(key) or {}  # noqa: PLW2901
        if row.get("estimate") is not None and row.get("truth") is not None:
            found.append(row)
    return found


def summary(answers: Sequence[Json]) -> list[object]:
    """Return the number of answers, intervals that hold, rejections, mean truth and error, its error, and width."""
    if not answers:
        return [0, None, None, None, None, None, None]
    errors = np.array([one["estimate"] - one["truth"] for one in answers])
    widths = [one["high"] - one["low"] for one in answers if one["high"] is not None and one["low"] is not None]
    spread = float(errors.std(ddof=1) / sqrt(len(errors))) if len(errors) > 1 else None
    return [
        len(answers), sum(map(holds, answers)), sum(one["p"] < SIGNIFICANCE for one in answers),
        float(np.mean([one["truth"] for one in answers])), float(errors.mean()), spread,
        float(np.median(widths)) if widths else None,
    ]  # fmt: skip


HEADS = ["answers", "hold it", "rejections", "mean planted", "mean error", "its error", "median width"]


def coverage(rows: Sequence[Json]) -> Iterator[str]:
    """Yield the tables of the main analyses, and whether each question meets what is asked."""
    lines = [[f"{key}, {unit}", *summary([one for one in of(asked, "headline") if one["unit"] == unit])]
             for key, asked in by_question(rows) for unit in units(asked, "headline")]  # fmt: skip
    yield f"What the headline says\n\n{table(['question, unit', *HEADS], lines)}"
    lines = [[f"{key}, {unit}", *summary([one for one in of(asked, "cr1") if one["unit"] == unit])]
             for key, asked in by_question(rows) for unit in units(asked, "cr1")]  # fmt: skip
    yield f"What the source's test says (CR1, t(G−1))\n\n{table(['question, unit', *HEADS], lines)}"
    found = {key: {name: of(asked, "methods", name) for name in METHODS} for key, asked in by_question(rows)}
    lines = [[key, *(f"{sum(map(holds, answers))} of {len(answers)}" if answers else None for answers in own.values())]
             for key, own in found.items()]  # fmt: skip
    yield f"Finite intervals that hold it, by method\n\n{table(['question', *METHODS.values()], lines)}"
    lines = [[key, *summary(of(asked, "points"))] for key, asked in by_question(rows) if of(asked, "points")]
    if lines:
        yield f"The average marginal effect of a logit\n\n{table(['question', *HEADS], lines)}"
    for key, asked in by_question(rows):
        answers = of(asked, "headline")
        held, low, high = sum(map(holds, answers)), LEAST * len(answers) / OF, MOST * len(answers) / OF
        met = "too few to say" if len(answers) < ENOUGH else "met" if low <= held <= high else "not met"
        carried = Counter(row["headline"]["method"] for row in asked if "headline" in row)
        yield (
            f"{key}: {held} of {len(answers)} hold it, {low:.1f} to {high:.1f} asked: {met}; "
            f"{said(carried)}{without(asked)}"
        )


def units(rows: Sequence[Json], path: str) -> list[str]:
    """Return the units in which answers are."""
    return sorted({one["unit"] for one in of(rows, path)})


def said(counts: Counter[str]) -> str:
    """Return counts in words, the largest first."""
    return ", ".join(f"{number} {name}" for name, number in counts.most_common())


def without(rows: Sequence[Json]) -> str:
    """Return how many seeds give no answer, and why."""
    lacking = [row for row in rows if not of([row], "headline")]
    reasons = Counter(re.sub(r"\d+", "n", row.get("none", "the planted effect has no log-odds")) for row in lacking)
    return f"; no answer in {len(lacking)}: {said(reasons)}" if lacking else ""


def by_question(rows: Sequence[Json]) -> Iterator[tuple[str, list[Json]]]:
    """Yield each question with what was counted of it in every study that asked it."""
    for key in QUESTIONS:
        yield key, [row["questions"][key] for row in rows if key in row["questions"]]


def heterogeneity(rows: Sequence[Json]) -> Iterator[str]:
    """Yield what the secondary analyses find of the effect's planted differences, and of what makes none."""
    for name, words in (
        (DELIVERY, "By the quality of delivery, with which the effect grows: the effect of a full dose"),
        (EMBEDDEDNESS, "By embeddedness, which changes nothing of itself: the effect of a full dose"),
        (RATING, "At a high rating against a low one: the effect is by 1.15 / 0.85 larger for the same delivery"),
        (PRACTICE, "Against comparators without a similar practice model, which changes nothing"),
    ):
        lines = [[key, *summary(of(asked, "secondary", name, "headline"))] for key, asked in by_question(rows)]
        yield f"{words}\n\n{table(['question', *HEADS], [line for line in lines if line[1]])}"
    lines = []
    for key, asked in by_question(rows):
        both = [(a, b) for row in asked for a, b in [_doses(row)] if a and b]
        closer = sum(a["p"] < b["p"] for a, b in both)
        apart = [abs(x["estimate"] - y["estimate"]) for x, y in map(_kinds, asked) if x and y]
        lines.append([key, len(both), closer, float(np.mean(apart)) if apart else None])
    heads = ["question", "with both doses", "delivery has the smaller p", "mean distance between kinds of comparators"]
    yield f"Which dose is it, and do the kinds of comparators differ?\n\n{table(heads, lines)}"


def _doses(row: Json) -> tuple[Json, Json]:
    secondary = row.get("secondary", {})
    first, second = (secondary.get(name, {}).get("terms", {}) for name in (DELIVERY, EMBEDDEDNESS))
    return next(iter(first.values()), {}), next(iter(second.values()), {})


def _kinds(row: Json) -> tuple[Json, Json]:
    terms = list(row.get("secondary", {}).get(PRACTICE, {}).get("terms", {}).values())
    return (terms[0], terms[1]) if len(terms) > 1 else ({}, {})


def branches(rows: Sequence[Json]) -> Iterator[str]:
    """Yield how often each branch of each rule was taken, and those that none was."""
    found = counted((row["setting"], asked["decisions"]) for row in rows for asked in row["questions"].values())
    settings = [name for name in SETTINGS if any(row["setting"] == name for row in rows)]
    others = [name for name in settings if name != USUAL]
    lines = [[branch.decision, branch.name, times[USUAL], sum(times[name] for name in others),
              ", ".join(name for name in others if times[name]) or "–"] for branch, times in found.items()]  # fmt: skip
    heads = ["decision", "branch", USUAL, "other settings", "which"]
    yield f"Branches taken, a question and study\n\n{table(heads, lines)}"
    missing = [f"{branch.decision} {branch.name}" for branch, times in found.items() if not times]
    yield f"branches that no study took: {'; '.join(missing) or 'none'}"


def printed(rows: Sequence[Json]) -> None:
    """Print everything."""
    numbers = Counter(row["setting"] for row in rows)
    usual = [row for row in rows if row["setting"] == USUAL]
    seconds: defaultdict[str, list[float]] = defaultdict(list)
    for row in rows:
        for part, lasted in row["seconds"].items():
            seconds[part].append(lasted)
    print(f"studies: {said(numbers)}; of {', '.join(sorted({format(row['persons'], ',') for row in rows}))} children")
    print(f"mean seconds: {', '.join(f'{part} {np.mean(lasted):.1f}' for part, lasted in seconds.items())}")
    for text in (*coverage(usual), *heterogeneity(usual), *branches(rows)):
        print(f"\n{text}")


def main() -> None:
    """Run what is not there yet, and print the tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", type=int, default=200, help="nations of the usual setting")
    parser.add_argument("--first-seed", type=int, default=1)
    parser.add_argument("--persons", type=int, default=20_000)
    parser.add_argument("--areas", type=int, default=45, help="councils; the first fifth are pilots, four at least")
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--settings", nargs="*", choices=SETTINGS, default=list(SETTINGS), metavar="NAME")
    parser.add_argument("--out", type=Path, help="JSON lines, added to")
    options = parser.parse_args()
    with TemporaryDirectory() as folder:
        out = options.out or Path(folder) / "planted.jsonl"
        there = {(row["setting"], row["seed"]) for row in lines_of(out)}
        tasks = [task for task in tasks_of(options.seeds, options.first_seed, options.settings) if task not in there]
        failed = run(tasks, out, persons=options.persons, areas=options.areas, jobs=options.jobs)
        printed(sorted(lines_of(out), key=lambda row: (row["setting"], row["seed"])))
        if failed:
            sys.exit(f"{failed} studies failed")


def lines_of(path: Path) -> list[Json]:
    """Return the studies that a file holds."""
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()] if path.is_file() else []


if __name__ == "__main__":
    main()
