"""From the texts of a census to the canonical tables: casts, order within the file, and rows that repeat a key.

Nothing runs here. The texts hold sound values or nothing, so that a cast cannot fail.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from whatworked.engine.sql import Query, identifier
from whatworked.records.cin_rows import TEXT_TABLES
from whatworked.records.schema import BY_NAME


@dataclass(frozen=True, slots=True)
class _Particular:
    """Something that every record of a child should say alike.

    `known` is the value where it says something, `compared` what two known values must share to agree.
    """

    name: str
    known: str
    compared: str

    @property
    def value(self) -> str:
        """The value that all records agree on, NULL where they do not."""
        return f"""CASE WHEN MIN({self.known}) IS NULL THEN MIN({self.name})
            WHEN MIN({self.compared}) = MAX({self.compared}) THEN MIN({self.known}) END"""

    @property
    def disagreement(self) -> str:
        """The condition under which the records of a child disagree."""
        return f"MIN({self.compared}) <> MAX({self.compared})"


_ETHNICITY = "CASE WHEN ethnicity NOT IN ('NOBT', 'REFU') THEN ethnicity END"
# White British and White Irish agree: a child's ethnicity is compared by its group.
_ETHNIC_GROUP = f"""CASE WHEN ethnicity LIKE 'W%' THEN 'white' WHEN ethnicity LIKE 'M%' THEN 'mixed'
    WHEN ethnicity LIKE 'A%' THEN 'asian' WHEN ethnicity LIKE 'B%' THEN 'black' ELSE {_ETHNICITY} END"""

PARTICULARS = (
    *(_Particular(name, name, name) for name in ("birth_date", "expected_birth_date", "death_date")),
    _Particular("sex", "NULLIF(sex, 0)", "NULLIF(sex, 0)"),
    _Particular("ethnicity", _ETHNICITY, _ETHNIC_GROUP),
    _Particular("pupil", "pupil", "pupil"),
)


def child_query(table: str) -> Query:
    """One row a child and return: what all its records there agree on; disabled where one of them says so."""
    agreed = {particular.name: particular.value for particular in PARTICULARS}
    return canonical(
        "child",
        {
            **agreed,
            "origin": "'cin'",
            "birth_precision": f"CASE WHEN {agreed['birth_date']} IS NOT NULL THEN 'day' END",
            "disabled": "MAX(disabled)",
            "asylum": "CAST(NULL AS INTEGER)",
        },
        f"{_typed('child', table)} AS records\nGROUP BY area, child, census_year",
    )


def child_disagreements(table: str) -> Query:
    """One row: for each particular, the number of children of whom one return says two things."""
    return disagreements(_typed("child", table))


def disagreements(records: Query) -> Query:
    """Return the same of any rows that have the columns of `PARTICULARS`, an area, a child and a census year."""
    tests = ", ".join(f"CASE WHEN {one.disagreement} THEN 1 ELSE 0 END AS {one.name}" for one in PARTICULARS)
    sums = ", ".join(f"CAST(COALESCE(SUM({one.name}), 0) AS BIGINT) AS {one.name}" for one in PARTICULARS)
    return Query(
        f"""
        SELECT {sums}
        FROM (SELECT {tests} FROM {records} AS records GROUP BY area, child, census_year) AS children
        """,
        grain="table",
        columns=tuple(one.name for one in PARTICULARS),
    )


def referral_query(table: str) -> Query:
    """One row a referral; those of an area's latest return are in need at its end if neither NFA nor closed."""
    is_open = "COALESCE(no_further_action, 0) = 0 AND closure_date IS NULL"
    return canonical(
        "referral",
        {
            "sequence": _SEQUENCE,
            "in_need_at_31_march": f"""CASE WHEN census_year = MAX(census_year) OVER (PARTITION BY area)
                THEN CASE WHEN {is_open} THEN 1 ELSE 0 END END""",
            "in_need_at_any_point": "CAST(NULL AS INTEGER)",
            "in_need_started": "CAST(NULL AS INTEGER)",
        },
        f"{_typed('referral', table)} AS referrals",
    )


def assessment_query(table: str) -> Query:
    """One row an assessment; there is one kind of them in these years."""
    return canonical(
        "assessment",
        {"sequence": _SEQUENCE, "kind": "'combined'"},
        f"{_typed('assessment', table)} AS assessments",
    )


def conference_query(table: str) -> Query:
    """One row a child and day of a conference: under section 47 if it stands there, and of the latest referral."""
    order = "origin DESC NULLS LAST, referral_date DESC NULLS LAST"
    return _one_a_day("conference", table, day="conference_date", order=order)


def plan_query(table: str) -> Query:
    """One row a child and first day of a plan: of several the one that ends last, one without an end after these."""
    return _one_a_day("plan", table, day="start_date", order="end_date DESC NULLS LAST, place NULLS LAST")


QUERIES: Mapping[str, Callable[[str], Query]] = {
    "child": child_query,
    "referral": referral_query,
    "assessment": assessment_query,
    "conference": conference_query,
    "plan": plan_query,
}

_SEQUENCE = """CAST(ROW_NUMBER() OVER (PARTITION BY area, child, census_year ORDER BY place NULLS LAST)
    AS INTEGER)"""


def _one_a_day(name: str, table: str, *, day: str, order: str) -> Query:
    """Keep the first row, in this order, of each child, return and day."""
    return canonical(
        name,
        {},
        f"""(
          SELECT events.*, ROW_NUMBER() OVER (PARTITION BY area, child, census_year, {day} ORDER BY {order}) AS copy
          FROM {_typed(name, table)} AS events
        ) AS copies
        WHERE copy = 1""",
    )


def canonical(name: str, expressions: Mapping[str, str], source: str) -> Query:
    """Select the columns of a canonical table in order, by an expression or as they stand in the source."""
    table = BY_NAME[name]
    selected = ", ".join(
        f"{expressions[column]} AS {column}" if column in expressions else column for column in table.names
    )
    return Query(f"SELECT {selected}\nFROM {source}", grain=table.grain, columns=table.names)


def _typed(name: str, table: str) -> Query:
    """One row a row of the texts, in the types of the canonical table."""
    types = {column.name: column.type for column in BY_NAME[name].columns} | {"place": "BIGINT"}
    columns = TEXT_TABLES[name]
    selected = ", ".join(f"CAST(NULLIF({column}, '') AS {_cast(types[column])}) AS {column}" for column in columns)
    return Query(f"SELECT {selected}\nFROM {identifier(table)} AS texts", grain="row of the texts", columns=columns)


def _cast(type_name: str) -> str:
    return "STRING" if type_name == "VARCHAR" else type_name
