"""What the records say of a person, conflicts between them settled: one row a person.

The records of a person are every census and return row with their identifier in the area. Where one says nothing the
others count; where two say different things the characteristic is missing.
"""

from whatworked.cohort.days import day_number, full_years
from whatworked.cohort.flow import Rule
from whatworked.engine.sql import Query

PEOPLE = (
    "area", "person", "birth_first_day", "birth_last_day", "death_day", "unborn", "sex", "ethnicity", "disabled",
    "asylum",
)  # fmt: skip

ADULT = 18
LONGEST_BEFORE_BIRTH = 280
UNCLASSIFIED = "unclassified"


def ethnic_group(code: str) -> str:
    """Return the expression of the group of an ethnicity code, by its first letters; NULL where it has none."""
    return f"""
        CASE WHEN {code} IN ('NOBT', 'REFU') THEN '{UNCLASSIFIED}' WHEN {code} LIKE 'CH%' THEN 'chinese'
             WHEN {code} LIKE 'W%' THEN 'white' WHEN {code} LIKE 'M%' THEN 'mixed' WHEN {code} LIKE 'A%' THEN 'asian'
             WHEN {code} LIKE 'B%' THEN 'black' WHEN {code} LIKE 'O%' THEN 'other' END"""


def people(children: Query) -> Query:
    """One row a person: first and last date of birth that the records allow, death, and what never changes.

    A full date of birth beats a month, and either an expected date. `ethnicity` is NULL where no record has any, so
    that a school census may fill it; `sex`, `disabled` and `asylum` are levels, 'missing' among them.
    """
    return Query(
        f"""
        SELECT area, child AS person,
               MIN(CASE WHEN weight = best THEN {day_number("birth")} END) AS birth_first_day,
               MAX(CASE WHEN weight = best THEN {day_number("birth")} END) AS birth_last_day,
               MAX({day_number("death_date")}) AS death_day,
               CAST(CASE WHEN MAX(best) = 1 THEN 1 ELSE 0 END AS INTEGER) AS unborn,
               {_sex()} AS sex,
               {_ethnicity()} AS ethnicity,
               {yes_no("MAX(disabled)")} AS disabled,
               {yes_no("MAX(CASE WHEN asylum IN (0, 1) THEN asylum END)")} AS asylum
        FROM (
          SELECT area, child, birth, weight, MAX(weight) OVER (PARTITION BY area, child) AS best, death_date, sex,
                 {ethnic_group("ethnicity")} AS ethnicity, disabled, asylum
          FROM ({_births(children)}) AS births
        ) AS weighed
        GROUP BY area, child
        """,
        grain="person",
        columns=PEOPLE,
    )


def yes_no(flag: str) -> str:
    """Return the expression of the level of a 0/1 flag."""
    return f"CASE {flag} WHEN 1 THEN 'yes' WHEN 0 THEN 'no' ELSE 'missing' END"


def personal_rules(day: str) -> tuple[Rule, ...]:
    """Return the rules that leave out events that the person's dates make impossible, `people` being joined.

    Where dates of birth conflict, an event leaves only if all of them say so.
    """
    return (
        ("after the person's death", f"{day} > death_day"),
        (f"at the age of {ADULT} or over", f"{full_years(f'{day} - birth_last_day')} >= {ADULT}"),
        (
            f"more than {LONGEST_BEFORE_BIRTH} days before birth",
            f"birth_first_day - {day} > {LONGEST_BEFORE_BIRTH}",
        ),
    )


def _births(children: Query) -> str:
    """Return the text of one row a record, its date of birth weighed: 3 a full date, 2 a month, 1 an expected one."""
    return f"""
        SELECT area, child, COALESCE(birth_date, expected_birth_date) AS birth,
               CASE WHEN birth_date IS NOT NULL AND birth_precision = 'month' THEN 2
                    WHEN birth_date IS NOT NULL THEN 3 WHEN expected_birth_date IS NOT NULL THEN 1 ELSE 0 END AS weight,
               death_date, sex, ethnicity, disabled, asylum
        FROM {children} AS children
        WHERE origin IN ('cin', 'cla')
        """


def _sex() -> str:
    """Return the expression of a person's sex: 0 is a value only where no record has another."""
    real = "CASE WHEN sex IN (1, 2, 9) THEN sex END"
    return f"""
        CASE WHEN MIN({real}) < MAX({real}) THEN 'missing'
             WHEN MIN({real}) = 1 THEN 'male' WHEN MIN({real}) = 2 THEN 'female'
             WHEN MIN({real}) = 9 THEN 'indeterminate'
             WHEN MIN(CASE WHEN sex = 0 THEN sex END) = 0 THEN 'not_recorded' ELSE 'missing' END"""


def _ethnicity() -> str:
    """Return the expression of a person's ethnic group: a refusal is a value only where no record has a group."""
    real = f"CASE WHEN ethnicity <> '{UNCLASSIFIED}' THEN ethnicity END"
    return f"CASE WHEN MIN({real}) < MAX({real}) THEN 'missing' ELSE COALESCE(MIN({real}), MIN(ethnicity)) END"
