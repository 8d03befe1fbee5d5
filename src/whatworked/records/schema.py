"""The canonical tables of people's records: every reader ends here, every cohort begins here.

A table is a promise about columns, their types and what one row is. Dates are days; truth values are 0 and 1 in
INTEGER columns; a code stands as its return writes it, in capitals. `area` and `child` together are a person: the
identifier a council gives, unique within that council only. `census_year` is the year in which the return's
collection year ends (2019 for 2018-19). What a source does not hold is NULL.
"""

from dataclasses import dataclass
from typing import Literal

Type = Literal["VARCHAR", "INTEGER", "DATE"]
Link = Literal["child", "census", "referral", "pupil"]

ALWAYS = "1 = 1"
YES_OR_NO = (0, 1)
MOST_PLANS = 99
# A child may be referred, assessed or planned for before the birth, and is not looked after before it.
LONGEST_BEFORE_BIRTH = 280


@dataclass(frozen=True, slots=True)
class Column:
    """One column: its name, its type, what it means and, where it is a code, the name of its code set.

    `expected` is the condition under which a row should have a value, empty where none is missed. `between` are the
    least and the most that a number may be.
    """

    name: str
    type: Type
    meaning: str
    codes: str = ""
    required: bool = False
    expected: str = ""
    between: tuple[int, int] | None = None


@dataclass(frozen=True, slots=True)
class CanonicalTable:
    """A table: what one row is, and its columns; `key` names the columns that tell rows apart.

    `day` names the day of the event that a row is about, empty where it is about none; `before_birth` is the most days
    that it may precede the child's birth by. `in_order` are pairs of days, the second not before the first. `links`
    are what a row should find in other tables: `child`, `census` (a child of a census of children in need),
    `referral` (of the child, on or before the day) or `pupil`.
    """

    name: str
    grain: str
    key: tuple[str, ...]
    columns: tuple[Column, ...]
    day: str = ""
    before_birth: int = 0
    in_order: tuple[tuple[str, str], ...] = ()
    links: tuple[Link, ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the columns, in order."""
        return tuple(column.name for column in self.columns)

    @property
    def has_area(self) -> bool:
        """Whether a row says whose return it is from: a pupil's school census does not."""
        return "area" in self.names


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
        Column(
            "birth_date",
            "DATE",
            "date of birth; the first of the month where only the month is known",
            expected="expected_birth_date IS NULL",
        ),
        Column("birth_precision", "VARCHAR", "day or month"),
        Column("expected_birth_date", "DATE", "expected date of birth of an unborn child"),
        Column("death_date", "DATE", "date of death"),
        Column("sex", "INTEGER", "1 male, 2 female, 0 not recorded or unborn, 9 indeterminate", "sex", expected=ALWAYS),
        Column("ethnicity", "VARCHAR", "four-letter code", "ethnicity", expected=ALWAYS),
        Column(
            "disabled",
            "INTEGER",
            "1 where any disability is recorded, 0 where none is, NULL where not collected",
            between=YES_OR_NO,
        ),
        Column("asylum", "INTEGER", "1 where an unaccompanied asylum-seeking child", between=YES_OR_NO),
        Column("pupil", "VARCHAR", "identifier that links returns: UPN or pupil matching reference"),
    ),
    in_order=(("birth_date", "death_date"),),
    links=("pupil",),
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
        Column("referral_source", "VARCHAR", "who referred", "referral_source", expected=ALWAYS),
        Column("need", "VARCHAR", "primary need code", "need", expected=ALWAYS),
        Column(
            "no_further_action",
            "INTEGER",
            "1 where the referral ended in no further action",
            expected=ALWAYS,
            between=YES_OR_NO,
        ),
        Column("closure_date", "DATE", "day on which the case was closed"),
        Column(
            "closure_reason", "VARCHAR", "reason for closure", "closure_reason", expected="closure_date IS NOT NULL"
        ),
        Column(
            "in_need_at_31_march", "INTEGER", "1 where in need at the end of the year (extracts)", between=YES_OR_NO
        ),
        Column(
            "in_need_at_any_point", "INTEGER", "1 where in need at any point of the year (extracts)", between=YES_OR_NO
        ),
        Column(
            "in_need_started", "INTEGER", "1 where an episode of need started in the year (extracts)", between=YES_OR_NO
        ),
        Column("previous_plans", "INTEGER", "number of earlier child protection plans", between=(0, MOST_PLANS)),
    ),
    day="referral_date",
    before_birth=LONGEST_BEFORE_BIRTH,
    in_order=(("referral_date", "closure_date"),),
    links=("child",),
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
    day="start_date",
    before_birth=LONGEST_BEFORE_BIRTH,
    in_order=(("start_date", "end_date"),),
    links=("child", "referral"),
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
    day="conference_date",
    before_birth=LONGEST_BEFORE_BIRTH,
    links=("child", "referral"),
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
        Column("initial_abuse", "VARCHAR", "initial category of abuse", "abuse", expected=ALWAYS),
        Column("previous_plans", "INTEGER", "number of earlier plans", between=(0, MOST_PLANS)),
    ),
    day="start_date",
    before_birth=LONGEST_BEFORE_BIRTH,
    in_order=(("start_date", "end_date"),),
    links=("child", "referral"),
)
EPISODE = CanonicalTable(
    "episode",
    "an episode of care in one year's return",
    ("area", "child", "start_date", "start_reason", "legal_status", "placement", "census_year"),
    (
        *_PERSON,
        Column("start_date", "DATE", "day on which the episode commenced (DECOM)", required=True),
        Column("start_reason", "VARCHAR", "reason for the new episode (RNE)", "start_reason", expected=ALWAYS),
        Column("legal_status", "VARCHAR", "legal status", "legal_status", expected=ALWAYS),
        Column("placement", "VARCHAR", "placement type", "placement", expected=ALWAYS),
        _YEAR,
        Column("need", "VARCHAR", "category of need", "care_need", expected=ALWAYS),
        Column("end_date", "DATE", "day on which the episode ceased (DEC); NULL while open"),
        Column(
            "end_reason", "VARCHAR", "reason the episode ceased (REC)", "end_reason", expected="end_date IS NOT NULL"
        ),
    ),
    day="start_date",
    in_order=(("start_date", "end_date"),),
    links=("child", "census"),
)
SCHOOL_YEAR = CanonicalTable(
    "school_year",
    "what a school census says of a pupil",
    ("pupil", "census_year"),
    (
        Column("pupil", "VARCHAR", "identifier that links returns: UPN or pupil matching reference", required=True),
        _YEAR,
        Column("free_meals", "INTEGER", "1 where eligible for free school meals", between=YES_OR_NO),
        Column(
            "ever_free_meals",
            "INTEGER",
            "1 where eligible in any of the years that the flag looks back on",
            between=YES_OR_NO,
        ),
        Column(
            "early_years_premium", "INTEGER", "1 where eligible for the early years pupil premium", between=YES_OR_NO
        ),
        Column("school_year", "INTEGER", "national curriculum year", between=(-2, 14)),
        Column("ethnicity", "VARCHAR", "four-letter code", "ethnicity"),
        Column("special_needs", "VARCHAR", "provision for special educational needs"),
    ),
)

TABLES = (CHILD, REFERRAL, ASSESSMENT, CONFERENCE, PLAN, EPISODE, SCHOOL_YEAR)
BY_NAME = {table.name: table for table in TABLES}
