"""The canonical tables of people's records: every reader ends here, every cohort begins here.

A table is a promise about columns, their types and what one row is. Dates are days; truth values are 0 and 1 in
INTEGER columns; a code stands as its return writes it, in capitals. `area` and `child` together are a person: the
identifier a council gives, unique within that council only. `census_year` is the year in which the return's
collection year ends (2019 for 2018-19). What a source does not hold is NULL.
"""

from dataclasses import dataclass
from typing import Literal

Type = Literal["VARCHAR", "INTEGER", "DATE"]


@dataclass(frozen=True, slots=True)
class Column:
    """One column: its name, its type, what it means and, where it is a code, the name of its code set."""

    name: str
    type: Type
    meaning: str
    codes: str = ""
    required: bool = False


@dataclass(frozen=True, slots=True)
class CanonicalTable:
    """A table: what one row is, and its columns; `key` names the columns that tell rows apart."""

    name: str
    grain: str
    key: tuple[str, ...]
    columns: tuple[Column, ...]

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the columns, in order."""
        return tuple(column.name for column in self.columns)


_PERSON = (
    Column("area", "VARCHAR", "code of the council that made the return", required=True),
    Column("child", "VARCHAR", "the council's identifier of the child", required=True),
)
_YEAR = Column("census_year", "INTEGER", "year in which the collection year of the return ends", required=True)

CHILD = CanonicalTable(
    "child",
    "what one return or census says of a child",
    ("area", "child", "census_year", "origin"),
    (
        *_PERSON,
        _YEAR,
        Column("origin", "VARCHAR", "the kind of return: cin, cla or school", required=True),
        Column("birth_date", "DATE", "date of birth; the first of the month where only the month is known"),
        Column("birth_precision", "VARCHAR", "day or month"),
        Column("expected_birth_date", "DATE", "expected date of birth of an unborn child"),
        Column("death_date", "DATE", "date of death"),
        Column("sex", "INTEGER", "1 male, 2 female, 0 not recorded or unborn, 9 indeterminate", "sex"),
        Column("ethnicity", "VARCHAR", "four-letter code", "ethnicity"),
        Column("disabled", "INTEGER", "1 where any disability is recorded, 0 where none is, NULL where not collected"),
        Column("asylum", "INTEGER", "1 where an unaccompanied asylum-seeking child"),
        Column("pupil", "VARCHAR", "identifier that links returns: UPN or pupil matching reference"),
    ),
)
REFERRAL = CanonicalTable(
    "referral",
    "what one year's return says of a referral",
    ("area", "child", "referral_date", "census_year", "sequence"),
    (
        *_PERSON,
        Column("referral_date", "DATE", "day of the referral", required=True),
        _YEAR,
        Column("sequence", "INTEGER", "order of the referral among those of the child in the file", required=True),
        Column("referral_source", "VARCHAR", "who referred", "referral_source"),
        Column("need", "VARCHAR", "primary need code", "need"),
        Column("no_further_action", "INTEGER", "1 where the referral ended in no further action"),
        Column("closure_date", "DATE", "day on which the case was closed"),
        Column("closure_reason", "VARCHAR", "reason for closure", "closure_reason"),
        Column("in_need_at_31_march", "INTEGER", "1 where in need at the end of the year (extracts)"),
        Column("in_need_at_any_point", "INTEGER", "1 where in need at any point of the year (extracts)"),
        Column("in_need_started", "INTEGER", "1 where an episode of need started in the year (extracts)"),
        Column("previous_plans", "INTEGER", "number of earlier child protection plans"),
    ),
)
ASSESSMENT = CanonicalTable(
    "assessment",
    "an assessment in one year's return",
    ("area", "child", "start_date", "census_year", "sequence"),
    (
        *_PERSON,
        Column("start_date", "DATE", "day on which the assessment started", required=True),
        _YEAR,
        Column("sequence", "INTEGER", "order among the child's assessments in the file", required=True),
        Column("end_date", "DATE", "day on which it was authorised; NULL while open"),
        Column("referral_date", "DATE", "referral that the return files it under"),
        Column("kind", "VARCHAR", "core (to 2013) or combined"),
    ),
)
CONFERENCE = CanonicalTable(
    "conference",
    "an initial child protection conference in one year's return",
    ("area", "child", "conference_date", "census_year", "origin"),
    (
        *_PERSON,
        Column("conference_date", "DATE", "day of the conference", required=True),
        _YEAR,
        Column("origin", "VARCHAR", "section47, or referral for a transfer from another council", required=True),
        Column("referral_date", "DATE", "referral that the return files it under"),
    ),
)
PLAN = CanonicalTable(
    "plan",
    "a child protection plan in one year's return",
    ("area", "child", "start_date", "census_year"),
    (
        *_PERSON,
        Column("start_date", "DATE", "day on which the plan started", required=True),
        _YEAR,
        Column("end_date", "DATE", "day on which it ended; NULL while open"),
        Column("referral_date", "DATE", "referral that the return files it under"),
        Column("initial_abuse", "VARCHAR", "initial category of abuse", "abuse"),
        Column("previous_plans", "INTEGER", "number of earlier plans"),
    ),
)
EPISODE = CanonicalTable(
    "episode",
    "an episode of care in one year's return",
    ("area", "child", "start_date", "start_reason", "legal_status", "placement", "census_year"),
    (
        *_PERSON,
        Column("start_date", "DATE", "day on which the episode commenced (DECOM)", required=True),
        Column("start_reason", "VARCHAR", "reason for the new episode (RNE)", "start_reason"),
        Column("legal_status", "VARCHAR", "legal status", "legal_status"),
        Column("placement", "VARCHAR", "placement type", "placement"),
        _YEAR,
        Column("need", "VARCHAR", "category of need", "need"),
        Column("end_date", "DATE", "day on which the episode ceased (DEC); NULL while open"),
        Column("end_reason", "VARCHAR", "reason the episode ceased (REC)", "end_reason"),
    ),
)
SCHOOL_YEAR = CanonicalTable(
    "school_year",
    "what a school census says of a pupil",
    ("pupil", "census_year"),
    (
        Column("pupil", "VARCHAR", "identifier that links returns: UPN or pupil matching reference", required=True),
        _YEAR,
        Column("free_meals", "INTEGER", "1 where eligible for free school meals"),
        Column("ever_free_meals", "INTEGER", "1 where eligible in any of the years that the flag looks back on"),
        Column("early_years_premium", "INTEGER", "1 where eligible for the early years pupil premium"),
        Column("school_year", "INTEGER", "national curriculum year"),
        Column("ethnicity", "VARCHAR", "four-letter code", "ethnicity"),
        Column("special_needs", "VARCHAR", "provision for special educational needs"),
    ),
)

TABLES = (CHILD, REFERRAL, ASSESSMENT, CONFERENCE, PLAN, EPISODE, SCHOOL_YEAR)
BY_NAME = {table.name: table for table in TABLES}
