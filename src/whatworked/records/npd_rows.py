"""From the files of an extract to typed rows, one kind of file after the other: the steps, as queries.

Nothing runs here. A row that a rule leaves out carries the rule's number, a value that cannot be used leaves a mark in
`bad_…`; `file_name` and `row_number` say where both are.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from whatworked.engine.sql import Query, literal
from whatworked.records import codes
from whatworked.records import npd_columns as columns
from whatworked.records.npd_columns import INCOMES, Part
from whatworked.records.npd_files import ROW, ExtractFile
from whatworked.records.npd_values import (
    Item,
    capitals,
    care_code,
    coded,
    collection_year,
    disability,
    either_year,
    ethnicity,
    first_of_month,
    label,
    no_text,
    pupil_number,
    school_stage,
    sex,
    text_of,
    truth,
    two_years,
    whole,
    without_midnight,
    written,
)
from whatworked.records.ssda903_dates import day, iso_text

_AREA, _CHILD = Item("area", "area", label), Item("child", "child", label)
_PUPIL = Item("pupil", "pupil", label)
_YEAR, _YEAR_END = Item("year", "year", two_years), Item("year_end", "year_end", either_year)
_BIRTH = (
    Item("birth_date", "birth_date", None),
    Item("birth_year", "birth_year", whole(2099)),
    Item("birth_month", "birth_month", whole(12)),
    Item("sex", "sex", sex),
    Item("ethnicity", "ethnicity", ethnicity),
    Item("asylum", "asylum", truth),
)
_MONTH = first_of_month("birth_year", "birth_month")


@dataclass(frozen=True, slots=True)
class Typing:
    """How the rows of a kind of file are typed.

    `made` are columns made of others; `rules` leave a row out, in the order in which they are asked: what a row must
    be, and the condition under which it is not.
    """

    part: Part
    items: tuple[Item, ...]
    made: Mapping[str, str]
    rules: tuple[tuple[str, str], ...]

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the columns of typed rows."""
        marks = ("file_name", "row_number", "left_out_by", *(item.bad for item in self.items))
        return (*(item.name for item in self.items), *self.made, *marks)


_WHOSE = (("a council is given", "area IS NULL"), ("a child is given", "child IS NULL"))
_WHEN = (("the year is of the form 2011/2012", "census_year IS NULL"),)

CIN = Typing(
    columns.CIN,
    (
        _AREA, _CHILD, _YEAR, _PUPIL, *_BIRTH,
        *(Item(name, name, None) for name in ("referral_date", "closure_date", "conference_date", "plan_start",
                                              "plan_end", "expected_birth_date", "death_date")),
        *(Item(name, name, truth) for name in ("no_further_action", "in_need_at_31_march", "in_need_at_any_point",
                                               "in_need_started")),
        Item("referral_source", "referral_source", coded(codes.REFERRAL_SOURCE)),
        Item("need", "need", coded(codes.NEED)),
        Item("closure_reason", "closure_reason", coded(codes.CLOSURE_REASON)),
        Item("initial_abuse", "initial_abuse", coded(codes.ABUSE)),
        Item("previous_plans", "previous_plans", whole(999)),
        Item("disabled", "disabled", disability),
    ),
    {"census_year": "year", "birth_month_date": _MONTH},
    (*_WHOSE, *_WHEN),
)  # fmt: skip
SECTION_47 = Typing(
    columns.SECTION_47,
    (_AREA, _CHILD, _YEAR, Item("conference_date", "conference_date", None),
     Item("referral_date", "referral_date", None)),
    {"census_year": f"COALESCE(year, {collection_year('conference_date')})"},
    (*_WHOSE, ("the day of the conference is a date, or blank", "bad_conference_date = 1"),
     ("there was a conference", "conference_date IS NULL")),
)  # fmt: skip
ASSESSMENTS = Typing(
    columns.ASSESSMENTS,
    (_AREA, _CHILD, _YEAR, Item("start_date", "assessment_start", None), Item("end_date", "assessment_end", None)),
    {"census_year": "year"},
    (*_WHOSE, *_WHEN, ("the day of the start is a date", "start_date IS NULL")),
)
DISABILITIES = Typing(
    columns.DISABILITIES,
    (_AREA, _CHILD, _YEAR, Item("disabled", "disabled", disability)),
    {"census_year": "year"},
    (*_WHOSE, *_WHEN),
)
CARE = Typing(
    columns.CARE,
    (
        _AREA, _CHILD, _YEAR, _YEAR_END, _PUPIL, *_BIRTH,
        Item("start_date", "episode_start", None),
        Item("ended", "episode_end", None),
        Item("period_start", "period_start", None),
        Item("period_length", "period_length", written),
        Item("given_reason", "start_reason", capitals),
        *(Item(name, field, care_code) for name, field in (
            ("legal_status", "legal_status"), ("placement", "placement"), ("need", "care_need"))),
        Item("reason_text", "end_reason", capitals),
    ),
    {
        # -10 stands beside the last day of the records: the episode had not ended.
        "end_date": "CASE WHEN reason_text LIKE '-%' THEN NULL ELSE ended END",
        "end_reason": "CASE WHEN reason_text NOT LIKE '-%' THEN reason_text END",
        # An extract says when the period of care began, where it does not say why an episode did.
        "start_reason": "COALESCE(given_reason, CASE WHEN start_date = period_start THEN 'S' END)",
        "census_year": "COALESCE(year, year_end, "
        f"{collection_year('CASE WHEN ended > start_date THEN ended ELSE start_date END')})",
        "birth_month_date": _MONTH,
    },
    (*_WHOSE, ("the day of the episode's start is a date", "start_date IS NULL"),
     ("the episode does not end before it starts", "ended < start_date"),
     ("the length of the period of care is not negative", "TRY_CAST(period_length AS DOUBLE) < 0")),
)  # fmt: skip
SCHOOL = Typing(
    columns.SCHOOL,
    (
        _PUPIL, _YEAR, _YEAR_END,
        *(Item(name, name, truth) for name in INCOMES),
        Item("school_year", "school_year", school_stage),
        Item("ethnicity", "school_ethnicity", ethnicity),
        Item("special_needs", "special_needs", capitals),
    ),
    {"census_year": "COALESCE(CAST(term_year AS INTEGER), year, year_end)"},
    (("a pupil is given", "pupil IS NULL"), ("the census year is known", "census_year IS NULL")),
)  # fmt: skip

# Of a school census alone, pupils go by the number that other returns have; of an extract by an anonymous reference.
SCHOOL_BY_NUMBER = replace(SCHOOL, items=(Item("pupil", "pupil", pupil_number), *SCHOOL.items[1:]))

TYPINGS = (CIN, SECTION_47, ASSESSMENTS, DISABILITIES, CARE, SCHOOL)


def typed_rows(typing: Typing, files: Sequence[ExtractFile]) -> Query:
    """One row a row of the files of a kind: typed, with the rule that leaves it out and the marks of what is bad."""
    dates = [item for item in typing.items if item.value is None]
    cut = _more("given", (f"{without_midnight(item.text)} AS cut_{item.name}" for item in dates))
    iso = _more("cut", (f"{iso_text(f'cut_{item.name}')} AS iso_{item.name}" for item in dates))
    values = _more(
        "iso",
        (f"{day(f'iso_{i.name}') if i.value is None else i.value(i.text)} AS {i.name}" for i in typing.items),
    )
    bad = _more(
        "read",
        (
            *(
                f"CASE WHEN {i.text} IS NOT NULL AND {i.name} IS NULL THEN 1 ELSE 0 END AS {i.bad}"
                for i in typing.items
            ),
            *(f"{made} AS {name}" for name, made in typing.made.items()),
        ),
    )
    arms = " ".join(f"WHEN {test} THEN {place}" for place, (_, test) in enumerate(typing.rules, start=1))
    text = f"""
        SELECT {", ".join(name for name in typing.names if name != "left_out_by")},
               CAST(CASE {arms} ELSE 0 END AS INTEGER) AS left_out_by
        FROM ({bad} FROM ({values} FROM ({iso} FROM ({cut} FROM ({_given(typing, files)}) AS given) AS cut) AS iso)
              AS read) AS made"""
    names = (*(name for name in typing.names if name != "left_out_by"), "left_out_by")
    return Query(text, grain=f"row of the files of {typing.part.name}", columns=names)


def _more(source: str, expressions: Iterable[str]) -> str:
    """Return the beginning of a query that adds columns to those of its source."""
    return f"SELECT {', '.join((f'{source}.*', *expressions))}"


def _given(typing: Typing, files: Sequence[ExtractFile]) -> str:
    """Return the union of the files, their columns as texts under the items' names."""
    selects = []
    for file in files:
        texts = [f"{_text(item, file)} AS {item.text}" for item in typing.items]
        year = "NULL" if file.term_year is None else str(file.term_year)
        selects.append(
            f"SELECT {literal(file.name)} AS file_name, CAST({ROW} AS BIGINT) AS row_number, "
            f'CAST({year} AS BIGINT) AS term_year, {", ".join(texts)} FROM "{file.table}" AS file_table'
        )
    return "\nUNION ALL\n".join(selects)


def _text(item: Item, file: ExtractFile) -> str:
    """Return the expression of an item's text in a file, which may not have its column."""
    found = file.columns.fields.get(item.field)
    return text_of((name.written for name in found), file.types) if found else no_text()
