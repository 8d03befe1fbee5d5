"""Durations too long to be believed leave, by a limit that the rows themselves give."""

from whatworked.cohort.definitions import Outliers
from whatworked.cohort.flow import Sifted, listed, sift
from whatworked.engine.sql import Query

BEYOND_LIMIT = "the duration is beyond the limit"


def without_outliers(timed: Sifted, events: Sifted, *, definition: Outliers) -> Sifted:
    """Return the rows with those beyond the limit left out, strictly above it.

    Parameters
    ----------
    timed : rows of `whatworked.cohort.timing.timed`
    events : the same question's events, whose quartiles count under `over = "population"`
    definition : the limit
    """
    if definition.kind == "none":
        return timed
    if definition.kind == "limit":
        return sift(timed.rows, [(BEYOND_LIMIT, f"outcome > {definition.limit}")], before=timed.rules)
    source = timed if definition.over == "phases" else events
    columns = timed.rows.columns
    bounded = Query(
        f"""
        SELECT {listed(columns, of="rows")}, bound.upper_fence AS upper_fence
        FROM {timed.rows} AS rows
        CROSS JOIN {upper_fence(source.kept)} AS bound
        """,
        grain=timed.rows.grain,
        columns=(*columns, "upper_fence"),
    )
    sifted = sift(bounded, [(BEYOND_LIMIT, "outcome > upper_fence")], before=timed.rules)
    text = f"SELECT {listed(columns)} FROM {sifted.rows} AS fenced"
    return Sifted(Query(text, timed.rows.grain, columns), sifted.rules)


def upper_fence(rows: Query) -> Query:
    """One row: `upper_fence`, Q3 + 1.5 (Q3 - Q1) of the outcome, each event once; NULL without rows.

    Source
    ------
    Tukey (1977), Exploratory Data Analysis; quartiles by linear interpolation of the order statistics, type 7 of
    Hyndman & Fan (1996). Proof: tests/cohort/test_outliers.py
    """
    # Outcomes repeat, so that the order statistics are read off a table of values, which is small.
    values = f"""
        SELECT outcome, COUNT(*) AS n
        FROM (SELECT area, person, event_id, MIN(outcome) AS outcome FROM {rows} AS rows
              GROUP BY area, person, event_id) AS once
        WHERE outcome IS NOT NULL
        GROUP BY outcome
        """
    quarters = {"first": 1, "third": 3}
    statistics = ", ".join(
        f"MIN(CASE WHEN up_to >= {whole} + {step} THEN outcome END) AS {name}_{side}"
        for name, part in quarters.items()
        for whole in [f"FLOOR({part} * (total - 1) * 25e-2)"]
        for side, step in (("low", 1), ("high", 2))
    )
    weights = ", ".join(
        f"MAX({part} * (total - 1) * 25e-2 - FLOOR({part} * (total - 1) * 25e-2)) AS {name}_weight"
        for name, part in quarters.items()
    )
    first, third = (
        f"({name}_low + {name}_weight * (COALESCE({name}_high, {name}_low) - {name}_low))" for name in quarters
    )
    return Query(
        f"""
        SELECT CAST({third} + 15e-1 * ({third} - {first}) AS DOUBLE) AS upper_fence
        FROM (
          SELECT {statistics}, {weights}
          FROM (
            SELECT outcome, SUM(n) OVER (ORDER BY outcome NULLS LAST) AS up_to,
                   SUM(n) OVER () AS total
            FROM ({values}) AS of_values
          ) AS counted
        ) AS quartiles
        """,
        grain="question",
        columns=("upper_fence",),
    )
