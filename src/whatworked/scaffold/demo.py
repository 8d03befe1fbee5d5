"""The demonstration on published statistics: a study of invented areas in which the effect is known."""

import csv
import io
import json
from pathlib import Path

from whatworked.records.synthetic import InventedAreas, InventedOutcome, InventedTable, invented_area_series
from whatworked.scaffold.folder import template, write_folder

AREAS = InventedAreas(
    pilots=("A05", "A14", "A23", "A32", "A43", "A57"),
    imitators=("A12",),
    own_way="A57",
    vanishing="A29",
    late="A41",
    small="A50",
)
PLANS = InventedOutcome("plans", level=45, movement=2.5, trend=1.3, shock=1.5, effect=-12, own_trend=7)
REFERRALS = InventedOutcome("referrals", level=520, movement=28, trend=15, shock=15, effect=0)


def write_demo(folder: Path, seed: int = 1) -> Path:
    """Write the demonstration study into a new or empty folder and return its study file.

    Two questions: `plans` has a planted effect, `referrals` has none. The truth stands beside the data, in
    `truth.json`. The same seed gives the same files, byte for byte.

    Raises
    ------
    UsageError
        The folder holds something already, is a file, or cannot be written.
    """
    texts = {
        "study.toml": template("demo/study.toml"),
        "README.md": template("demo/README.md"),
        "truth.json": _truth(seed),
    }
    for outcome in (PLANS, REFERRALS):
        texts[f"data/{outcome.name}.csv"] = _csv(invented_area_series(AREAS, outcome, seed=seed))
    write_folder(folder, texts)
    return folder / "study.toml"


def _truth(seed: int) -> str:
    planted = {
        outcome.name: {"effect": outcome.effect, "unit": "per 10,000 children"} for outcome in (PLANS, REFERRALS)
    }
    return json.dumps({"seed": seed, "questions": planted}, indent=2) + "\n"


def _csv(table: InventedTable) -> str:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(table.columns)
    writer.writerows(table.rows)
    return text.getvalue()
