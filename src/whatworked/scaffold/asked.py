"""A study with the questions that somebody names, of the records that somebody has; what is not known is blank.

Every blank is a text in angle brackets that says what belongs there; `whatworked check` lists those that are left.
"""

import json
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from whatworked.cohort.inputs import NEEDED
from whatworked.errors import Mistake, UsageError, known
from whatworked.protocol.places import quoted
from whatworked.scaffold.asked_variants import variants_text
from whatworked.scaffold.folder import template, write_folder
from whatworked.scaffold.national import QUESTIONS, Asked, matching_text, question_text

KEYS = tuple(one.key for one in QUESTIONS)
KINDS = ("returns", "npd", "events", "area_series")
BLANK_PILOTS = 3
# Days after its event in which an outcome may still fall, for events that are ready made.
WINDOWS = {"rereferral": 183, "escalation": 365, "icpc": 90, "entry_to_care": 365, "kinship": 365}


def write_asked(folder: Path, *, questions: str | None, records: str | None) -> Path:
    """Write a study with some questions, of some kind of records, into a new or empty folder; return its study file.

    Parameters
    ----------
    folder : where to write
    questions : keys of `KEYS` with commas between them; None for all
    records : one of `KINDS`; None for the first

    Raises
    ------
    UsageError
        A name is not known, or the folder holds something already or cannot be written.
    """
    mistakes = [*_unknown(questions), *_unknown_kind(records)]
    if mistakes:
        raise UsageError(mistakes)
    named = KEYS if questions is None else _keys(questions)
    asked = tuple(one for one in QUESTIONS if one.key in named)
    text = _study(asked, records or KINDS[0])
    write_folder(folder, {"study.toml": text, "README.md": template("new/README.md")})
    return folder / "study.toml"


def _keys(questions: str) -> tuple[str, ...]:
    return tuple(key.strip() for key in questions.split(","))


def _unknown(questions: str | None) -> Iterator[Mistake]:
    """Yield names that no question has, and names that are given twice."""
    seen: set[str] = set()
    for key in () if questions is None else _keys(questions):
        if key not in KEYS:
            yield Mistake("--questions", f"no question is called {quoted(key)}.", known(KEYS, key))
        elif key in seen:
            yield Mistake("--questions", f"{quoted(key)} is named twice.", "Name it once.")
        seen.add(key)


def _unknown_kind(records: str | None) -> Iterator[Mistake]:
    if records is not None and records not in KINDS:
        yield Mistake("--records", f"no kind of records is called {quoted(records)}.", known(KINDS, records))


def _study(asked: Sequence[Asked], kind: str) -> str:
    made = kind in ("returns", "npd")
    keys = tuple(one.key for one in asked)
    people = kind != "area_series"
    matching = {"area_series": _AREA_MATCHING, "events": _AREA_MATCHING + _EVENTS_MATCHED}
    return (
        _head(made=made)
        + "".join(_records(asked, kind))
        + _AREAS
        + (matching.get(kind) or matching_text(0.5))
        + "".join(_question(one, kind, keys) for one in asked)
        + variants_text(keys, made=made, people=people)
        + _DISCLOSURE
    )


def _head(*, made: bool) -> str:
    days = (
        f"""\
data_start = {_blank("first day of the data, as 2008-04-01 without quotes")}
data_end = {_blank("last day of the data, as 2019-03-31 without quotes")}
year_ends = "03-31"                     # the years of the study end with March, as those of the returns do
"""
        if made
        else ""
    )
    return f"""\
# Replace every text in angle brackets, its quotes too where a day or a number belongs there, or take its line out.
# `whatworked check study.toml` lists all that is left, and every mistake, at once.

[study]
title = {_blank("title of the report")}
question = {_blank("the question that the study answers, in one sentence")}
intervention = {_blank("what the pilots did, as it is to be named in a sentence, such as the programme")}
owner = {_blank("who answers for the study")}
seed = 1                                # of every random draw: the same seed gives the same report
{days}limits = [{_blank("what a reader must know of the study's limits")}]
"""


def _records(asked: Sequence[Asked], kind: str) -> Iterator[str]:
    match kind:
        case "npd":
            yield _folder(
                "extract", "npd", "npd", "the files of the extract, CSV, Parquet or Stata, known by their columns"
            )
        case "returns":
            yield from (_folder(*_RETURNS[name]) for name in _sources(one.key for one in asked))
        case "events":
            yield from (_events(one) for one in asked)
        case _:
            yield from (_series(one) for one in asked)


# Name of the records, their kind, their folder and what stands in it.
_RETURNS = {
    "cin": ("cin", "cin_census", "cin", "one XML file a council and year, anywhere below it"),
    "care": (
        "care",
        "ssda903",
        "ssda903",
        "a folder a council and in it a folder a year, as ssda903/867/2019/episodes.csv",
    ),
    "school": ("school", "school_census", "school", "school censuses, from which low income is known"),
}


def _sources(keys: Iterable[str]) -> tuple[str, ...]:
    """Return the returns of some questions: children and their school years always, care where an outcome needs it."""
    wanted = set(keys)
    needed = {table for kind, tables in NEEDED.items() if kind in wanted for table in tables}
    return tuple(name for name in _RETURNS if name != "care" or "episode" in needed)


def _folder(name: str, kind: str, folder: str, what: str) -> str:
    return f"""
# {what[:1].upper()}{what[1:]}.
[records.{name}]
kind = "{kind}"
folder = "{folder}"   # inside this folder, or inside the one given by --data
source = {_blank("whose records these are, as it is to be printed under tables")}
"""


def _events(one: Asked) -> str:
    return f"""
# One row an event of a person, with its outcome.
[records.{one.key}]
kind = "events"
path = "{one.key}.csv"                  # inside this folder, or inside the one given by --data
period = {{ kind = "year", ends = "03-31" }}
unit = "{_unit(one)}"
source = {_blank("whose records these are, as it is to be printed under tables")}

[records.{one.key}.columns]
area = {_blank("column of the area's code")}
person = {_blank("column of the person's identifier")}
date = {_blank("column of the day of the event, as 2017-05-01")}
outcome = {_blank(f"column of the outcome: {'0 or 1' if _unit(one) == 'share' else _unit(one)}")}
covariates = {{ age = {{ column = {_blank("column of the age")}, kind = "number" }}, sex = {{ column = {_blank("column of the sex")}, kind = "category" }} }}
"""  # noqa: E501 - a line of TOML


def _series(one: Asked) -> str:
    return f"""
# One row an area and year.
[records.{one.key}]
kind = "area_series"
path = "{one.key}.csv"                  # inside this folder, or inside the one given by --data
period = {{ kind = "year", ends = "03-31" }}
unit = {_blank("unit of the value, such as per 10,000 children, or share for values between 0 and 1")}
source = {_blank("who published the figures, under which licence")}
published = false                       # true where the file holds released statistics

[records.{one.key}.columns]
area = {_blank("column of the area's code")}
period = {_blank("column of the year")}
value = {_blank("column of the outcome")}
numerator = {_blank("column of the people or events behind it, which guards small numbers")}
"""


def _question(one: Asked, kind: str, keys: Sequence[str]) -> str:
    """Return a question; all of a study name the same returns, which are then read once."""
    match kind:
        case "npd":
            return question_text(one, '["extract"]')
        case "returns":
            return question_text(one, json.dumps(list(_sources(keys))))
    window = f", window_days = {WINDOWS[one.key]}" if kind == "events" and one.key in WINDOWS else ""
    covariates = 'covariates = ["age", "sex"]\n' if kind == "events" else ""
    more = one.more if kind == "events" else one.more.replace("recurrence_veto = true\n", "")
    return f"""
[[question]]
key = "{one.key}"
title = "Did the programme change {one.label}?"
records = "{one.key}"
outcome = {{ label = "{one.label}", better = "{one.better}"{window} }}
{covariates}{more}"""


def _unit(one: Asked) -> str:
    return "working days" if one.key == "assessment_duration" else "share"


def _blank(asks: str) -> str:
    return json.dumps(f"<{asks}>", ensure_ascii=False)


def _pilot(number: int) -> str:
    return (
        f'    {{ area = {_blank(f"code of pilot {number}")}, label = "Pilot {number}", '
        f"start = {_blank('its first day, as 2016-04-01 without quotes')}, "
        f"embedded = {_blank('last day of its settling-in')}, "
        f"delivery = {_blank('how well it delivered, a number from 0 on')}, "
        f"embeddedness = {_blank('how far it came, a number from 0 on')} }},"
    )


_PILOTS = "\n".join(_pilot(number) for number in range(1, BLANK_PILOTS + 1))
_AREAS = f"""
# Each pilot's dates, and scores for the variants of the kind `dose`. Add lines for more pilots.
[areas]
publish_names = false                   # true where areas may be named in what is released
pilots = [
{_PILOTS}
]
excluded = []                           # areas that may not be comparators: {{ area = "...", reason = "..." }}
# For the variants `practice_models` and `triple`: a line for every area that might be compared.
practice_models = [
    {{ area = {_blank("code of a comparator")}, model = {_blank("similar, or without")} }},
]
ratings = [
    {{ area = {_blank("code of an area")}, date = {_blank("day of its inspection")}, rating = {_blank("outstanding, good, requires_improvement or inadequate")} }},
]
"""  # noqa: E501 - a line of TOML
_AREA_MATCHING = """
[matching]
comparators_per_pilot = 2
max_distance = 0.5                      # a comparator's trend lies under this distance; inf for no ceiling
"""
_EVENTS_MATCHED = """
# People are matched exactly on these, within a pilot's group and before and after apart.
[matching.coarsening]
age = { cuts = [4.5, 12.5] }
sex = "exact"
"""
_DISCLOSURE = """
[disclosure]
profile = "srs"                         # or "dfe", "report"
"""
