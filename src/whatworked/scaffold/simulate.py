"""Invented national records in the formats of the real returns, with a study of them to run."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from whatworked.records.invented.write import Form, write_records

# What is asked of the records: key of the question and of its outcome, its name, what is hoped for.
QUESTIONS = (
    ("rereferral", "re-referral within six months", "lower"),
    ("escalation", "re-referral that leads to a plan or to care", "lower"),
    ("icpc", "an initial child protection conference within three months", "lower"),
    ("entry_to_care", "entry to care within twelve months", "lower"),
    ("kinship", "living with relatives or friends in the first year of care", "higher"),
    ("assessment_duration", "the duration of assessments", "lower"),
)

# Name of the records → their kind, their folder and where they are from.
SOURCES: Mapping[Form, Mapping[str, tuple[str, str, str]]] = {
    "returns": {
        "cin": ("cin_census", "cin", "Invented children in need censuses."),
        "care": ("ssda903", "ssda903", "Invented SSDA903 returns."),
        "school": ("school_census", "school", "Invented school censuses."),
    },
    "npd": {"extract": ("npd", "npd", "An invented extract of the National Pupil Database.")},
}

# An extract holds plans from April 2012 on, and a question needs three years before any programme.
LATE, PLANS_FROM, YEARS_NEEDED = "escalation", date(2012, 4, 1), 3
NOT_ASKED = "Escalation is not asked: an extract holds no plans of 2009-10 to 2011-12, which leaves too few years."


@dataclass(frozen=True, slots=True)
class Size:
    """How many children and councils, over which collection years, each by the year in which it ends."""

    persons: int = 60_000
    areas: int = 24
    years: tuple[int, int] = (2009, 2019)


def write_simulation(
    folder: Path, size: Size, *, seed: int, effect: float, dirty: bool = False, form: Form = "returns"
) -> Path:
    """Write invented records and a study of them into a new or empty folder and return the study file.

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
    )
    truth = json.loads(truth_file.read_text(encoding="utf-8"))
    study = folder / "study.toml"
    study.write_text(_study(truth, form), encoding="utf-8", newline="\n")
    return study


def _study(truth: dict[str, Any], form: Form) -> str:
    pilots = "\n".join(
        f'    {{ area = "{area["area"]}", label = "Pilot {place}", start = {area["start"]}, '
        f"embedded = {area['embedded']} }},"
        for place, area in enumerate((area for area in truth["areas"] if area["pilot"]), start=1)
    )
    sources = SOURCES[form]
    late = form == "npd" and _plans_come_late(truth)
    because = f"\n# {NOT_ASKED}\n" if late else ""
    names = json.dumps(list(sources))
    records = "\n".join(
        f'''
[records.{name}]
kind = "{kind}"
folder = "{folder}"
source = "{source}"'''
        for name, (kind, folder, source) in sources.items()
    )
    asked = "\n".join(
        f'''
[[question]]
key = "{key}"
title = "Did the programme change {label}?"
records = {names}
outcome = {{ label = "{label}", kind = "{key}", better = "{better}" }}'''
        for key, label, better in QUESTIONS
        if key != LATE or not late
    )
    return f"""# Everything here is invented; truth.json says what was planted.
[study]
title = "What did the invented programme do?"
question = "Did the programme change what happens to children who are referred?"
intervention = "the programme"
seed = {truth["seed"]}
data_start = {truth["first_day"]}
data_end = {truth["last_day"]}
year_ends = "03-31"
limits = [
    "People are not matched with each other and none of their characteristics enters the model.",
]
{records}

[areas]
publish_names = true
pilots = [
{pilots}
]

[matching]
comparators_per_pilot = 2
max_distance = 1.5
{because}{asked}

[[variant]]
kind = "leave_out"
pilots = "each"
"""


def _plans_come_late(truth: dict[str, Any]) -> bool:
    """Return whether too few years lie between the first plans of an extract and the first start of the programme."""
    first = date.fromisoformat(truth["first_day"])
    start = min(date.fromisoformat(area["start"]) for area in truth["areas"] if area["pilot"])
    return first < PLANS_FROM and start < PLANS_FROM.replace(year=PLANS_FROM.year + YEARS_NEEDED)
