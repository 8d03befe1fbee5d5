"""The rows of analysis: one row an event and matched group, with its outcome, its phase and who it is about."""

from collections.abc import Sequence
from dataclasses import dataclass

from whatworked.cohort.characteristics import CHARACTERISTICS, School, with_characteristics
from whatworked.cohort.days import year_ending
from whatworked.cohort.flow import Sifted, listed
from whatworked.engine.sql import Query, literal
from whatworked.protocol.check_covariates import OF_RETURNS

COVARIATES = (*CHARACTERISTICS, "need", "previous_plans")
NUMBERS = tuple(name for name in COVARIATES if OF_RETURNS[name])

_BEFORE = (
    "matched_group", "area", "person", "event_id", "event_date", "year", "pilot", "post", "since", "outcome",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Description:
    """What persons are described by: `people` and the school census."""

    people: Query
    school: School


def analysis_rows(
    timed: Sifted, question: str, *, described: Description | None, covariates: Sequence[str] = COVARIATES,
    year_ends: int = 12,
) -> Query:  # fmt: skip
    """One row an event and matched group.

    `copies` counts the rows of the same event, one for each matched group that its area serves with the event in the
    baseline or after the settling-in; `event_id` is unique among a person's events of a question.

    Parameters
    ----------
    timed : rows of `whatworked.cohort.timing.timed`, outliers left out
    question : key of the question
    described : who the persons are; None where the events bring their covariates
    covariates : columns of covariates, in order
    year_ends : month with which a `year` ends; it goes by the calendar year of its end
    """
    rows = timed.kept
    if described is not None:
        rows = with_characteristics(rows, described.people, school=described.school)
    year = year_ending("event_date", month=year_ends)
    selected = listed(_BEFORE).replace(" year,", f" {year} AS year,")
    return Query(
        f"""
        SELECT {literal(question)} AS question, {selected}, {listed(covariates)},
               CAST(COUNT(*) OVER (PARTITION BY area, person, event_id) AS INTEGER) AS copies
        FROM {rows} AS rows
        """,
        grain="event and matched group",
        columns=("question", *_BEFORE, *covariates, "copies"),
    )
