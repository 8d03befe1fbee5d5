"""Which column of a National Pupil Database extract holds what: the names that extracts have been seen to use.

An extract's columns carry a prefix of their census (`CIN_`, `cla_`), those of a joined school census the term and year
(`_SPR08`), in any case, with blanks or points inside (`cla_LEGAL STATUS`, `cla.CLA_OC3`). All of that is taken away;
what is left is looked up here. This file is the one place to add a name to.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

PREFIX = re.compile(r"(?:cin|cla)_")
TERM = re.compile(r"_(spr|sum|aut)([0-9]{2})")
FIRST_OF_CENTURY = 2000


@dataclass(frozen=True, slots=True)
class Field:
    """What a column may hold, under its names.

    Of several columns of one meaning the first in the order of `names` counts, row by row, where `in_order` says so;
    otherwise they are refused. `of_school` is a column of the school census: it has no prefix, and may have a term.
    """

    names: tuple[str, ...]
    in_order: bool = False
    of_school: bool = False


def _school(*names: str, in_order: bool = False) -> Field:
    return Field(names, in_order=in_order, of_school=True)


FIELDS: Mapping[str, Field] = {
    # The council as it is now, then as it was before 2009, then in the census's own numbers.
    "area": Field(("la", "cla_la", "la_lgr", "la_09", "cin_la"), in_order=True),
    "child": Field(("lachildid_anon", "child_la_code_anon", "lachildid", "child_la_code")),
    "pupil": Field(("pupilmatchingrefanonymous", "pmr", "upn", "pupil")),
    "year": Field(("acadyr", "academicyear"), in_order=True),
    "year_end": Field(("processing_year", "census_year")),
    # Children in need.
    "referral_date": Field(("referraldate", "cinreferraldate")),
    "referral_source": Field(("referralsource",)),
    "need": Field(("primaryneedcode",)),
    "no_further_action": Field(("referralnfa",)),
    "closure_date": Field(("cinclosuredate", "closuredate")),
    "closure_reason": Field(("reasonforclosure",)),
    "in_need_at_31_march": Field(("cinat31march",)),
    "in_need_at_any_point": Field(("anypoint", "cinanypoint")),
    "in_need_started": Field(("started", "cinstarted")),
    "conference_date": Field(("dateofinitialcpc",)),
    "plan_start": Field(("cppstartdate",)),
    "plan_end": Field(("cppenddate",)),
    "initial_abuse": Field(("initialcategoryofabuse",)),
    "previous_plans": Field(("numberofpreviouscpp",)),
    "birth_date": Field(("dob", "personbirthdate", "dateofbirth")),
    "expected_birth_date": Field(("expecteddob", "expectedpersonbirthdate")),
    "death_date": Field(("persondeathdate",)),
    "birth_year": Field(("yearofbirth", "year_of_birth", "dob_year")),
    "birth_month": Field(("monthofbirth", "month_of_birth", "dob_month")),
    "sex": Field(("gender", "sex", "gendercurrent")),
    "ethnicity": Field(("ethnicity", "ethnic", "ethnic_or", "ethnic_origin")),
    "disabled": Field(("disability",)),
    "asylum": Field(("asylumseeking", "uasc_status")),
    "assessment_start": Field(
        ("assessmentactualstartdate", "coreassessmentactualstartdate", "assessmentstartdate", "assessment_start")
    ),
    "assessment_end": Field(
        ("assessmentauthorisationdate", "coreassessmentauthorisationdate", "assessmentenddate", "assessment_end")
    ),
    # Looked-after children.
    "episode_start": Field(("date_episode_started", "date_epi_comm", "decom")),
    "episode_end": Field(("date_episode_ceased", "date_epi_ceased", "dec")),
    "start_reason": Field(("reason_for_new_episode", "rne")),
    "period_start": Field(("poc_start",)),
    "period_length": Field(("poc_length",)),
    "legal_status": Field(("legal_status",)),
    "care_need": Field(("cin", "cat_need")),
    "placement": Field(("placement",)),
    "end_reason": Field(("reason_episode_ceased", "rec")),
    # Pupils.
    "free_meals": _school("fsmeligible", "free_meals"),
    "ever_free_meals": _school("everfsm_all", "ever_free_meals"),
    "ever_free_meals_6": _school("everfsm_6"),
    "ever_free_meals_6_or_service": _school("everfsm_6_p"),
    "ever_free_meals_3": _school("everfsm_3"),
    "early_years_premium": _school("eyppe", "early_years_premium"),
    "early_years_premium_received": _school("eyppr"),
    "early_years_premium_eligible": _school("eyppeligible"),
    "school_year": _school("ncyearactual", "school_year"),
    "school_ethnicity": _school("ethnicgroupminor", "ethnicity", in_order=True),
    "special_needs": _school("senprovision", "special_needs"),
}  # fmt: skip

EVER = ("ever_free_meals", "ever_free_meals_6", "ever_free_meals_6_or_service", "ever_free_meals_3")
PREMIUMS = ("early_years_premium", "early_years_premium_received", "early_years_premium_eligible")
INCOMES = ("free_meals", *EVER, *PREMIUMS)


@dataclass(frozen=True, slots=True)
class Part:
    """A kind of file: columns that it cannot do without, of which none may replace another, and those it may have."""

    name: str
    needs: tuple[str, ...]
    may: tuple[str, ...] = ()


CIN = Part(
    "children in need",
    ("area", "child", "year", "referral_date", "closure_date"),
    ("pupil", "referral_source", "need", "no_further_action", "closure_reason", "in_need_at_31_march",
     "in_need_at_any_point", "in_need_started", "conference_date", "plan_start", "plan_end", "initial_abuse",
     "previous_plans", "birth_date", "expected_birth_date", "death_date", "birth_year", "birth_month", "sex",
     "ethnicity", "disabled", "asylum"),
)  # fmt: skip
SECTION_47 = Part("section 47", ("area", "child", "conference_date"), ("year", "referral_date"))
ASSESSMENTS = Part("assessments", ("area", "child", "year", "assessment_start", "assessment_end"))
DISABILITIES = Part("disabilities", ("area", "child", "year", "disabled"))
CARE = Part(
    "looked-after children",
    ("area", "child", "episode_start", "episode_end", "legal_status", "placement", "end_reason"),
    ("pupil", "year", "year_end", "start_reason", "period_start", "period_length", "care_need", "birth_date",
     "birth_year", "birth_month", "sex", "ethnicity", "asylum"),
)  # fmt: skip
SCHOOL = Part(
    "school census", ("pupil",), (*INCOMES, "year", "year_end", "school_year", "school_ethnicity", "special_needs")
)

# In the order in which a file is held against them; a file of children in need may hold a joined school census too.
PARTS = (CIN, SECTION_47, ASSESSMENTS, CARE, DISABILITIES, SCHOOL)


@dataclass(frozen=True, slots=True)
class Name:
    """A file's column: as it is written there, without prefix and term, and what was taken away."""

    written: str
    bare: str
    prefixed: bool
    term: str = ""

    @property
    def census_year(self) -> int | None:
        """Year ending in March in which the term's census lies: the summer's lies in the next one."""
        if not self.term:
            return None
        season, year = self.term[:3], FIRST_OF_CENTURY + int(self.term[3:])
        return year if season == "spr" else year + 1


def bare_name(written: str) -> Name:
    """Return a column's name without case, prefix and term."""
    folded = re.sub(r"[\s.]+", "_", written.strip().casefold())
    term = TERM.search(folded)
    if term is not None and term.end() == len(folded):
        folded = folded[: term.start()]
    else:
        term = None
    prefix = PREFIX.match(folded)
    bare = folded[prefix.end() :] if prefix else folded
    return Name(written, bare, prefixed=prefix is not None, term="" if term is None else term[1] + term[2])


@dataclass(frozen=True, slots=True)
class Columns:
    """A file's columns by field, in the order in which they count, and those that no field has."""

    fields: Mapping[str, tuple[Name, ...]]
    unread: tuple[str, ...]

    def clashes(self, part: Part) -> Iterator[tuple[str, str]]:
        """Yield pairs of columns that mean the same in a part, as the file writes them."""
        for field in (*part.needs, *part.may):
            found = self.fields.get(field, ())
            for first, second in pairwise(found):
                if first.bare == second.bare or not FIELDS[field].in_order:
                    yield first.written, second.written

    def holds(self, part: Part) -> bool:
        """Return whether all is there that a part cannot do without; of a school census any sign of low income."""
        there = all(field in self.fields for field in part.needs)
        return there and (part is not SCHOOL or any(field in self.fields for field in INCOMES))


def columns_of(written: Sequence[str]) -> Columns:
    """Return what a file's columns hold."""
    names = [bare_name(column) for column in written]
    fields = {}
    for key, field in FIELDS.items():
        found = [name for name in names if name.bare in field.names and not (field.of_school and name.prefixed)]
        if not field.of_school and not all(name.term for name in found):
            # Beside a census's own column, that of a joined school census is another one's.
            found = [name for name in found if not name.term]
        if found:
            fields[key] = tuple(sorted(found, key=lambda name: field.names.index(name.bare)))
    used = {name.written for found in fields.values() for name in found}
    return Columns(fields, tuple(column for column in written if column not in used))
