"""The shape that every question's events have before they meet the matched groups.

`event_id` tells a person's events apart. The event lies in the baseline if `before_day` precedes the intervention,
after it if `after_day` follows the settling-in, and its outcome is known if `known_day` precedes the end of the data
(NULL: it is known in any case). `covariate_date` is the day on which the person is described.
"""

from collections.abc import Mapping, Sequence

from whatworked.cohort.days import day_number
from whatworked.cohort.flow import Rule, Sifted, listed, sift
from whatworked.engine.sql import Query

COLUMNS = (
    "area", "person", "event_id", "event_date", "covariate_date", "before_day", "after_day", "known_day", "outcome",
    "need", "previous_plans", "reason",
)  # fmt: skip


def question_events(rows: Sifted, columns: Mapping[str, str], *, rules: Sequence[Rule] = ()) -> Sifted:
    """Return a population as a question's events: each column of the shape by its expression, or by its own name."""
    named = {name: columns.get(name, name) for name in COLUMNS}
    named |= {
        "event_id": f"CAST({named['event_id']} AS BIGINT)",
        "known_day": f"CAST({named['known_day']} AS INTEGER)",
        "outcome": f"CAST({named['outcome']} AS DOUBLE)",
    }
    sifted = sift(rows.rows, rules, before=rows.rules)
    selected = ", ".join(f"{expression} AS {name}" for name, expression in named.items())
    text = f"SELECT {selected} FROM {sifted.rows} AS population"
    return Sifted(Query(text, grain="event", columns=COLUMNS), sifted.rules)


def ready_made(rows: Query, *, covariates: Sequence[str] = ()) -> Sifted:
    """Return a table of one row an event (area, person, event_date, outcome, covariates) as a question's events.

    Several events of a person on one day are told apart by their outcome and covariates, so that no order of the
    file matters. An event without a date or without an outcome leaves, with that reason.
    """
    given = ("area", "person", "event_date", "outcome", *covariates)
    order = ", ".join(f"{column} NULLS LAST" for column in given[2:])
    text = f"""
        SELECT {listed(given)}, ROW_NUMBER() OVER (PARTITION BY area, person ORDER BY {order}) AS event_id,
               event_date AS covariate_date, {day_number("event_date")} AS before_day,
               {day_number("event_date")} AS after_day, CAST(NULL AS INTEGER) AS known_day
        FROM {rows} AS given
        """
    columns = (*given, "event_id", "covariate_date", "before_day", "after_day", "known_day")
    numbered = Query(text, grain="event", columns=columns)
    return sift(numbered, (("without a date", "event_date IS NULL"), ("without an outcome", "outcome IS NULL")))
