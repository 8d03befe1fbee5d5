"""Invented national records in the formats of the real returns, with a study of them to run."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from whatworked.records.invented.area_years import Council, area_years
from whatworked.records.invented.effects import Effects
from whatworked.records.invented.write import Form, write_records
from whatworked.scaffold.national import area_years_wanted, study_text


@dataclass(frozen=True, slots=True)
class Size:
    """How many children and councils, over which collection years, each by the year in which it ends."""

    persons: int = 60_000
    areas: int = 24
    years: tuple[int, int] = (2009, 2019)


def write_simulation(  # noqa: PLR0913 - the numbers of a nation
    folder: Path,
    size: Size,
    *,
    seed: int,
    effect: float | Effects,
    dirty: bool = False,
    form: Form = "returns",
    whole_truth: bool = True,
) -> Path:
    """Write invented records and a study of them into a new or empty folder and return the study file.

    `effect` is one for all questions or a mapping, and the truth is whole or not, as
    `whatworked.records.invented.write.write_records` has it.

    Raises
    ------
    UsageError
        The numbers contradict each other, or the folder holds something or cannot be written.
    """
    truth_file = write_records(
        folder,
        persons=size.persons,
        areas=size.areas,
        years=size.years,
        seed=seed,
        effect=effect,
        dirty=dirty,
        form=form,
        whole_truth=whole_truth,
    )
    truth = json.loads(truth_file.read_text(encoding="utf-8"))
    study = folder / "study.toml"
    study.write_text(study_text(truth, form), encoding="utf-8", newline="\n")
    if area_years_wanted(truth):
        (folder / "area_years.csv").write_text(_area_years(truth, size), encoding="utf-8", newline="\n")
    return study


def _area_years(truth: Mapping[str, Any], size: Size) -> str:
    """Return what is published of the councils of a nation, which `truth.json` lists in their order."""
    councils = [
        Council(area["area"], number, area["children"], area["rating"])
        for number, area in enumerate(truth["areas"], start=1)
    ]
    first, last = size.years
    return area_years(councils, range(first, last + 1), seed=truth["seed"])
