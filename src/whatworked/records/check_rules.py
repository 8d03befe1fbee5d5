"""What is checked in every canonical table, read out of the tables' own declarations.

A check is two conditions over a row: whether it is tested, and whether something is wrong with it. Besides the table's
columns a condition may name what `whatworked.records.checks` joins: of all records of the child together
`earliest_birth`, `first_birth`, `last_birth`, `least_sex`, `most_sex`, `last_death` and `in_census`; the child's
`first_referral`; the `known_pupil`.
"""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

from whatworked.records import codes, codes903
from whatworked.records.codes903 import CodeSet, is_unknown
from whatworked.records.schema import ALWAYS, CanonicalTable, Column, Link

Kind = Literal["missing", "invalid", "unlinked", "gap"]

# Young people stay children in need until 25 at most, and may be referred before birth.
OLDEST = 26
COVERAGE = "coverage"
DUPLICATES = "repeats the key of another row"
# Days of the future by their nature.
_EXPECTED_DAYS = ("expected_birth_date",)

CODE_SETS: Mapping[str, CodeSet] = {
    **codes.CODE_SETS,
    "start_reason": codes903.START_REASON,
    "legal_status": codes903.LEGAL_STATUS,
    "placement": codes903.PLACEMENT,
    "end_reason": codes903.END_REASON,
    "care_need": codes903.NEED,
}


@dataclass(frozen=True, slots=True)
class Check:
    """One check of a table: its name, what its faults are, the columns or the link it is about, its two conditions."""

    name: str
    kind: Kind
    about: tuple[str, ...]
    tested: str
    found: str


def checks_of(table: CanonicalTable, held: Collection[str]) -> tuple[Check, ...]:
    """Return the checks of a table's rows that the tables `held` allow; repeated keys are counted beside them."""
    found = [check for column in table.columns for check in _of_column(column)]
    found += [_order(*pair) for pair in table.in_order]
    if table.name == "child":
        found += _conflicts()
    if table.day and "child" in held:
        found += _lifetime(table)
    return (*found, *(_link(link, table) for link in table.links if _needed(link) in held))


def _of_column(column: Column) -> Iterator[Check]:
    name, given = column.name, f"{column.name} IS NOT NULL"
    about = (name,)
    if column.expected:
        yield Check(f"{name}: missing", "missing", about, column.expected, f"{name} IS NULL")
    if column.codes and column.type == "INTEGER":
        listed = ", ".join(CODE_SETS[column.codes])
        yield Check(f"{name}: not a code of its year", "invalid", about, given, f"{name} NOT IN ({listed})")
    elif column.codes:
        unknown = is_unknown(name, CODE_SETS[column.codes], year="census_year")
        yield Check(f"{name}: not a code of its year", "invalid", about, given, unknown)
    if column.between is not None:
        least, most = column.between
        yield Check(f"{name}: out of range", "invalid", about, given, f"{name} < {least} OR {name} > {most}")
    if column.type == "DATE" and name not in _EXPECTED_DAYS:
        year, month = f"EXTRACT(YEAR FROM {name})", f"EXTRACT(MONTH FROM {name})"
        later = f"{year} > census_year OR ({year} = census_year AND {month} > 3)"
        yield Check(f"{name}: after the year of the return", "invalid", about, given, later)
        long_ago = f"{year} < census_year - {OLDEST}"
        yield Check(f"{name}: more than {OLDEST} years before the return", "invalid", about, given, long_ago)


def _order(first: str, second: str) -> Check:
    given = f"{first} IS NOT NULL AND {second} IS NOT NULL"
    return Check(f"{second}: before {first}", "invalid", (first, second), given, f"{second} < {first}")


def _conflicts() -> tuple[Check, ...]:
    """Return what returns say of a child that other returns of the area say otherwise."""
    return (
        Check(
            "birth_date: differs between returns",
            "invalid",
            ("birth_date",),
            "birth_date IS NOT NULL AND first_birth IS NOT NULL",
            "first_birth <> last_birth",
        ),
        Check("sex: differs between returns", "invalid", ("sex",), "sex <> 0", "least_sex <> most_sex"),
    )


def _lifetime(table: CanonicalTable) -> tuple[Check, ...]:
    """Return the checks of an event against the child's life; of several dates of birth the earliest is asked."""
    early = f"CAST(earliest_birth - {table.day} AS INTEGER) > {table.before_birth}"
    allowed = f" by more than {table.before_birth} days" if table.before_birth else ""
    return (
        Check(f"{table.day}: before birth{allowed}", "invalid", (table.day,), "earliest_birth IS NOT NULL", early),
        Check(
            f"{table.day}: after death", "invalid", (table.day,), "last_death IS NOT NULL", f"{table.day} > last_death"
        ),
    )


def _link(link: Link, table: CanonicalTable) -> Check:
    if link == "child":
        return Check("child: in no return's list of children", "unlinked", (link,), ALWAYS, "person_child IS NULL")
    if link == "census":
        return Check(
            "child: in no census of children in need", "unlinked", (link,), ALWAYS, "COALESCE(in_census, 0) = 0"
        )
    if link == "referral":
        none = f"first_referral IS NULL OR first_referral > {table.day}"
        return Check("no referral of the child on or before the day", "unlinked", (link,), ALWAYS, none)
    return Check("pupil: in no school census", "unlinked", (link,), "pupil IS NOT NULL", "known_pupil IS NULL")


def _needed(link: Link) -> str:
    """Return the table without which a link cannot be checked: a census is known by its referrals."""
    return {"child": "child", "census": "referral", "referral": "referral", "pupil": "school_year"}[link]
