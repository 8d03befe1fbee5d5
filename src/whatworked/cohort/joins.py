"""What the records hold of the same person, gathered to each event of theirs."""

from collections.abc import Mapping, Sequence

from whatworked.cohort.flow import listed
from whatworked.engine.sql import Query


def gathered(rows: Query, others: Query, *, key: Sequence[str], on: str, found: Mapping[str, str]) -> Query:
    """One row as before, with what is found among the `others` of the same person that a condition holds for.

    Parameters
    ----------
    rows : any rows with `area` and `person`
    others : rows with `area` and `person`; none of them repeats a row of the result
    key : columns of `rows` that tell them apart
    on : the condition, over the tables `rows` and `others`
    found : name of a new column → its aggregate; where no other row fits, every column of `others` is NULL in it
    """
    held = [f"MAX(rows.{column}) AS {column}" for column in rows.columns if column not in key]
    new = [f"{aggregate} AS {name}" for name, aggregate in found.items()]
    columns = (*key, *(column for column in rows.columns if column not in key), *found)
    selected = ",\n       ".join([listed(key, of="rows"), *held, *new])
    return Query(
        f"""
        SELECT {selected}
        FROM {rows} AS rows
        LEFT JOIN {others} AS others
          ON others.area = rows.area AND others.person = rows.person AND {on}
        GROUP BY {listed(key, of="rows")}
        """,
        grain=rows.grain,
        columns=columns,
    )


def any_of(condition: str) -> str:
    """Return the aggregate of 1 where a condition holds for any row, else 0."""
    return f"MAX(CASE WHEN {condition} THEN 1 ELSE 0 END)"
