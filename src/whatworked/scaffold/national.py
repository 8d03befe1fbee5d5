"""The protocol of a national study: questions, matching and variants of the evaluation that this system generalises.

Source: the evaluation of Signs of Safety in England, its appendices and its addendum: what is asked, on what people are
matched, what enters the models, and whom the sensitivity analyses leave out.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from whatworked.records.invented.write import Form


@dataclass(frozen=True, slots=True)
class Asked:
    """A question: its key, which is the outcome's kind, the outcome's name, what is hoped for and keys of its own."""

    key: str
    label: str
    better: str
    more: str = ""


# The outcome itself brings children back: what effects for children compare would be chosen by it.
RECURS = "recurrence_veto = true\n"
QUESTIONS = (
    Asked("rereferral", "re-referral within six months", "lower", RECURS),
    Asked("escalation", "re-referral that leads to a plan or to care", "lower", RECURS),
    Asked("icpc", "an initial child protection conference within three months", "lower"),
    Asked("entry_to_care", "entry to care within twelve months", "lower", f"{RECURS}exploratory = true\n"),
    Asked("kinship", "living with relatives or friends in the first year of care", "higher"),
    Asked("assessment_duration", "the duration of assessments", "lower"),
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

MATCHING = """
[matching]
comparators_per_pilot = 2
max_distance = 1.5

# Children are matched exactly on these, within a pilot's group and before and after apart.
[matching.coarsening]
age = { cuts = [4.5, 12.5] }
sex = "exact"
ethnicity = "exact"
school_stage = "exact"
disabled = "exact"
low_income = "exact"
"""

COVARIATES = 'covariates = ["disabled", "low_income", "age", "school_stage", "sex", "ethnicity"]'

# What stands beside the main analysis: pilots left out together or alone, for the questions that they may have tipped.
VARIANTS = """
[[variant]]
kind = "lags"

# Pilots 1 and 2 had outside support with assessments; Pilot 4 was the early adopter.
[[variant]]
kind = "leave_out"
pilots = ["Pilot 1", "Pilot 2"]
questions = ["rereferral"]

[[variant]]
kind = "leave_out"
pilots = ["Pilot 2"]
questions = ["assessment_duration", "kinship"]

[[variant]]
kind = "leave_out"
pilots = ["Pilot 4"]
questions = ["assessment_duration", "icpc"]

[[variant]]
kind = "leave_out"
pilots = ["Pilot 1", "Pilot 2", "Pilot 4"]
questions = ["assessment_duration"]

[[variant]]
kind = "cutoff"
name = "durations of up to 310 working days"
outliers = { rule = "limit", limit = 310 }
questions = ["assessment_duration"]

[[variant]]
kind = "outcome"
name = "kinship care as the evaluators coded it"
outcome = { definition = "as_coded" }
questions = ["kinship"]

[[variant]]
kind = "estimator"
estimators = ["linear", "fixed_effects", "random_effects"]
questions = ["rereferral", "icpc", "kinship", "assessment_duration"]
"""


def study_text(truth: Mapping[str, Any], form: Form) -> str:
    """Return the protocol of a study of invented records, from what `truth.json` says of them."""
    late = form == "npd" and _plans_come_late(truth)
    because = f"\n# {NOT_ASKED}\n" if late else ""
    names = json.dumps(list(SOURCES[form]))
    asked = "".join(_question(one, names) for one in QUESTIONS if one.key != LATE or not late)
    variants = VARIANTS
    return f"""# Everything here is invented; truth.json says what was planted.
[study]
title = "What did the invented programme do?"
question = "Did the programme change what happens to children who are referred?"
intervention = "the programme"
seed = {truth["seed"]}
data_start = {truth["first_day"]}
data_end = {truth["last_day"]}
year_ends = "03-31"
limits = ["Children, councils and the programme are invented, and its effects are planted."]
{_records(form)}
# Start, last day of settling in, and in remarks how the programme went: the scores are of 5.
[areas]
publish_names = false
pilots = [
{_pilots(truth)}
]
{MATCHING}{because}{asked}{variants}"""


def _records(form: Form) -> str:
    return "".join(
        f'''
[records.{name}]
kind = "{kind}"
folder = "{folder}"
source = "{source}"
'''
        for name, (kind, folder, source) in SOURCES[form].items()
    )


def _pilots(truth: Mapping[str, Any]) -> str:
    pilots = [area for area in truth["areas"] if area["pilot"]]
    return "\n".join(
        f'    {{ area = "{area["area"]}", label = "Pilot {place}", start = {area["start"]}, '
        f"embedded = {area['embedded']} }},  # {_remark(area)}"
        for place, area in enumerate(pilots, start=1)
    )


def _remark(area: Mapping[str, Any]) -> str:
    """Return what else is known of a pilot."""
    flags = {"early_adopter": "early adopter", "supported_with_assessments": "supported with assessments"}
    told = [
        f"delivery {area['delivery_score']:.1f}",
        f"embeddedness {area['embeddedness_score']:.1f}",
        f"rated {area['rating'].replace('_', ' ')}",
        *(words for key, words in flags.items() if area[key]),
    ]
    return ", ".join(told)


def _question(asked: Asked, records: str) -> str:
    return f'''
[[question]]
key = "{asked.key}"
title = "Did the programme change {asked.label}?"
records = {records}
outcome = {{ label = "{asked.label}", kind = "{asked.key}", better = "{asked.better}" }}
{COVARIATES}
{asked.more}'''


def _plans_come_late(truth: Mapping[str, Any]) -> bool:
    """Return whether too few years lie between the first plans of an extract and the first start of the programme."""
    first = date.fromisoformat(truth["first_day"])
    start = min(date.fromisoformat(area["start"]) for area in truth["areas"] if area["pilot"])
    return first < PLANS_FROM and start < PLANS_FROM.replace(year=PLANS_FROM.year + YEARS_NEEDED)
