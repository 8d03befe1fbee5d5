"""The protocol of a national study: questions, matching and variants of the evaluation that this system generalises.

Source: the evaluation of Signs of Safety in England, its appendices and its addendum: what is asked, on what people are
matched, what enters the models, and whom the sensitivity analyses leave out.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from whatworked.records.invented.area_years import COLUMNS, WHOLE
from whatworked.records.invented.write import Form


@dataclass(frozen=True, slots=True)
class Asked:
    """A question: its key, which is the outcome's kind, the outcome's name, what is hoped for, and what it has else."""

    key: str
    label: str
    better: str
    more: str = ""
    covariates: tuple[str, ...] = ("disabled", "low_income", "age", "school_stage", "sex", "ethnicity")


# The outcome itself brings children back: what effects for children compare would be chosen by it.
RECURS = "recurrence_veto = true\n"
# So few children are concerned that small groups of them, all without the outcome, would stop a logit.
FEW = ("disabled", "age")
QUESTIONS = (
    Asked("rereferral", "re-referral within six months", "lower", RECURS),
    Asked("escalation", "re-referral that leads to a plan or to care", "lower", RECURS, FEW),
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

# Covariates of areas: the column, and how it enters a model where it is not told by its place in units of its spread.
AREA_COVARIATES = {name: 'scale = "as_is", gaps = "carry_forward"' if name in WHOLE else "" for name in COLUMNS}
# Eight of them nearly saturate a few areas: a nation of fewer councils does without, and so does a question that few
# pilots find comparators for. The exploratory one is a logit, which would be refitted thousands of times once more.
FEWEST_COUNCILS, WITHOUT = 24, ("escalation", "entry_to_care")

# Councils of an invented nation move less alike than real ones.
WIDE = 1.5
USUAL = "                      # a comparator's trend lies under this distance; inf for no ceiling"

# What stands beside the main analysis, in the order of the source. An exploratory question has none of it but the last.
VARIANTS = """
[[variant]]
kind = "lags"

# Without the pilots that may have tipped the answer: those with outside support, where the stage of assessment matters;
# the early adopter; all of them together.
[[variant]]
kind = "leave_out"
flags = ["assessment_support"]
questions = ["rereferral", "escalation", "icpc", "assessment_duration"]

[[variant]]
kind = "leave_out"
pilots = ["Pilot 2"]
questions = ["kinship"]

[[variant]]
kind = "leave_out"
flags = ["early_adopter"]

[[variant]]
kind = "leave_out"
flags = ["assessment_support", "early_adopter"]
questions = ["rereferral", "escalation", "icpc", "assessment_duration"]

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

# Another outcome in the same areas, also without each of the sets of pilots above.
[[variant]]
kind = "secondary_outcome"
name = "same-day assessments"
outcome = { label = "assessments that end on the day they begin", kind = "same_day", better = "neither" }
leave_outs = true
questions = ["assessment_duration"]

# Does more of it do more? Is it the programme, or any practice of the kind? Does it work where the council works well?
[[variant]]
kind = "dose"
score = "delivery"

[[variant]]
kind = "dose"
score = "embeddedness"

[[variant]]
kind = "practice_models"

[[variant]]
kind = "triple"

[[variant]]
kind = "estimator"
estimators = ["linear", "fixed_effects", "random_effects"]

# The same questions as the program of the source read them, beside what its report says that it did.
[[variant]]
kind = "rule_set"
rule_set = "as_coded"
"""

# In `truth.json`, and as a flag of a pilot.
FLAGS = {"early_adopter": "early_adopter", "supported_with_assessments": "assessment_support"}


def study_text(truth: Mapping[str, Any], form: Form) -> str:
    """Return the protocol of a study of invented records, from what `truth.json` says of them."""
    late = form == "npd" and _plans_come_late(truth)
    because = f"\n# {NOT_ASKED}\n" if late else ""
    variants = VARIANTS.replace(f'"{LATE}", ', "") if late else VARIANTS
    names = json.dumps(list(SOURCES[form]))
    known = area_years_wanted(truth)
    asked = "".join(question_text(one, names, known=known) for one in QUESTIONS if one.key != LATE or not late)
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
{_records(form)}{_area_years() if known else ""}
# Each pilot's first day and its last day of settling in, scores of 5 for how the programme went, and what is special.
[areas]
publish_names = false
pilots = [
{_pilots(truth)}
]
practice_models = [
{_practice_models(truth)}
]
ratings = [
{_ratings(truth)}
]
{matching_text(WIDE)}{because}{asked}{variants}"""


def matching_text(max_distance: float) -> str:
    """Return how comparators are chosen, and on what children are matched."""
    return f"""
[matching]
comparators_per_pilot = 2
max_distance = {max_distance}{"" if max_distance == WIDE else USUAL}

# Children are matched exactly on these, within a pilot's group and before and after apart.
[matching.coarsening]
age = {{ cuts = [4.5, 12.5] }}
sex = "exact"
ethnicity = "exact"
school_stage = "exact"
disabled = "exact"
low_income = "exact"
"""


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
        f"embedded = {area['embedded']}, delivery = {area['delivery_score']:.1f}, "
        f"embeddedness = {area['embeddedness_score']:.1f}, "
        f"flags = {json.dumps([flag for key, flag in FLAGS.items() if area[key]])} }},"
        for place, area in enumerate(pilots, start=1)
    )


def _practice_models(truth: Mapping[str, Any]) -> str:
    return "\n".join(
        f'    {{ area = "{area["area"]}", model = "{area["practice_model"]}" }},'
        for area in truth["areas"]
        if not area["pilot"]
    )


def _ratings(truth: Mapping[str, Any]) -> str:
    return "\n".join(
        f'    {{ area = "{area["area"]}", date = {truth["first_day"]}, rating = "{area["rating"]}" }},'
        for area in truth["areas"]
    )


def area_years_wanted(truth: Mapping[str, Any]) -> bool:
    """Return whether a nation has enough councils for covariates of areas."""
    return len(truth["areas"]) >= FEWEST_COUNCILS


def _area_years() -> str:
    covariates = "\n".join(
        f'{name} = {{ column = "{name}"{", " if treated else ""}{treated} }}'
        for name, treated in AREA_COVARIATES.items()
    )
    return f"""
# What is known of councils by year; gaps are filled by rule.
[records.area_years]
kind = "area_covariates"
path = "area_years.csv"
columns = {{ area = "area", period = "year" }}
period = {{ kind = "year", ends = "03-31" }}
source = "Invented statistics of councils."

[records.area_years.covariates]
{covariates}
"""


def question_text(asked: Asked, records: str, *, known: bool = False) -> str:
    """Return a question about returns; `known` says whether covariates of areas are."""
    names = () if asked.key in WITHOUT else tuple(AREA_COVARIATES)
    area_covariates = f"area_covariates = {json.dumps(list(names))}\n" if known and names else ""
    return f'''
[[question]]
key = "{asked.key}"
title = "Did the programme change {asked.label}?"
records = {records}
outcome = {{ label = "{asked.label}", kind = "{asked.key}", better = "{asked.better}" }}
covariates = {json.dumps(list(asked.covariates))}
{area_covariates}{asked.more}'''


def _plans_come_late(truth: Mapping[str, Any]) -> bool:
    """Return whether too few years lie between the first plans of an extract and the first start of the programme."""
    first = date.fromisoformat(truth["first_day"])
    start = min(date.fromisoformat(area["start"]) for area in truth["areas"] if area["pilot"])
    return first < PLANS_FROM and start < PLANS_FROM.replace(year=PLANS_FROM.year + YEARS_NEEDED)
