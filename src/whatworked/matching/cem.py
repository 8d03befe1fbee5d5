"""Coarsened exact matching as queries: persons' rows become counts of like rows, and only counts are weighed.

A count is by stratum, cell of the balance, arm and number of copies. All are whole numbers, so every engine gives
the same ones, and the weights that follow are the same to the last bit.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from whatworked.cells import NotEstimated
from whatworked.diagnostics.balance import Imbalance, imbalance
from whatworked.engine.interface import Columns, Engine
from whatworked.engine.sql import Query, identifier
from whatworked.estimation.cem import CemWeights, cem_weights, strata_of
from whatworked.estimation.coarsening import Settled
from whatworked.estimation.statistics import Flags, Floats, Integers
from whatworked.matching.coarsening import key_expressions

# Counts, not persons: this many fit in memory beside the engine.
MOST_COUNTS = 20_000_000
NO_BALANCE = "no column is named in which balance is measured"


@dataclass(frozen=True)
class MatchingKey:
    """What makes a stratum, and the cells in which balance is measured.

    `strata` and `balance` are columns with their cut points or levels, a column to be matched on exactly with its
    levels; `event` names the columns that are alike in the copies of one event, none where nothing is copied.
    `pilot` is a column of 0 and 1.
    """

    pilot: str
    strata: Mapping[str, Settled]
    balance: Mapping[str, Settled] = field(default_factory=dict)
    event: tuple[str, ...] = ()


@dataclass(frozen=True)
class PeopleMatch:
    """Counts (n,) of like rows with their strata and weights, and the imbalance before and after.

    Where no stratum holds both arms all weights are 0, and `after` is the reason.
    """

    stratum: Integers
    cell: Integers
    pilot: Flags
    count: Floats
    strata: int
    weights: CemWeights
    before: Imbalance | NotEstimated
    after: Imbalance | NotEstimated


def match_people(engine: Engine, rows: Query, key: MatchingKey) -> PeopleMatch:
    """Match the rows of a query and measure the balance before and after.

    Proof: tests/matching/test_cem.py
    """
    found = engine.collect(counts(rows, key), limit=MOST_COUNTS)
    stratum, strata = strata_of(_keys(found, "stratum"))
    cell, _ = strata_of(_keys(found, "cell"))
    pilot, count, copies = found["pilot"] == 1, found["rows"].astype(np.float64), found["copies"]
    share = np.divide(1.0, copies, out=np.zeros(len(copies)), where=copies > 0)
    weights = cem_weights(stratum, pilot, count=count, copy_weight=share)
    before, after = (
        imbalance([cell], pilot, weight=weight, count=count) if key.balance else NotEstimated(NO_BALANCE)
        for weight in (np.ones(len(pilot)), weights.weight)
    )
    return PeopleMatch(stratum, cell, pilot, count, strata, weights, before, after)


def stratum_counts(rows: Query, key: MatchingKey) -> Query:
    """One row a stratum: its pilot and comparator rows."""
    names, listed = _named("stratum", key_expressions(list(key.strata.items())))
    pilot = identifier(key.pilot)
    return Query(
        f"""
        SELECT {", ".join(names)}, CAST(SUM({pilot}) AS BIGINT) AS pilots,
            CAST(SUM(1 - {pilot}) AS BIGINT) AS comparators
        FROM (SELECT {listed}, {pilot} FROM {rows} AS rows) AS keyed
        GROUP BY {", ".join(names)}
        """,
        grain="stratum",
        columns=(*names, "pilots", "comparators"),
    )


def counts(rows: Query, key: MatchingKey) -> Query:
    """One row a stratum, cell of the balance, arm and number of copies: how many rows.

    `copies` are the rows of one event among those in strata of both arms, 0 for a row that is in none.
    """
    keyed, names = _keyed(rows, key)
    if key.event:
        keyed = _with_copies(keyed, names, key.event)
    copies = "copies" if key.event else "CAST(1 AS BIGINT)"
    by = (*names, "pilot", "copies")
    return Query(
        f"""
        SELECT {", ".join(by)}, COUNT(*) AS rows
        FROM (SELECT {", ".join(names)}, pilot, {copies} AS copies FROM {keyed} AS keyed) AS counted
        GROUP BY {", ".join(by)}
        """,
        grain="stratum, cell, arm and number of copies",
        columns=(*by, "rows"),
    )


def matched_rows(rows: Query, key: MatchingKey) -> Query:
    """One row a row that has a counterpart, as it was given."""
    listed = ", ".join(identifier(column) for column in rows.columns)
    pilot = identifier(key.pilot)
    keys = ", ".join(key_expressions(list(key.strata.items())))
    return Query(
        f"""
        SELECT {listed}
        FROM (
            SELECT {listed}, SUM({pilot}) OVER (PARTITION BY {keys}) AS stratum_pilots,
                COUNT(*) OVER (PARTITION BY {keys}) AS stratum_rows
            FROM {rows} AS rows
        ) AS counted
        WHERE stratum_pilots > 0 AND stratum_pilots < stratum_rows
        """,
        grain=rows.grain,
        columns=rows.columns,
    )


def _keyed(rows: Query, key: MatchingKey) -> tuple[Query, tuple[str, ...]]:
    """Rows with their arm, their keys and what names their event; and the names of the keys."""
    strata, listed = _named("stratum", key_expressions(list(key.strata.items())))
    cells, also = _named("cell", key_expressions(list(key.balance.items())))
    events = tuple(f"event_{i}" for i in range(len(key.event)))
    named = "".join(f", {identifier(column)} AS {name}" for column, name in zip(key.event, events, strict=True))
    text = f"SELECT {listed}, {also}, CAST({identifier(key.pilot)} AS BIGINT) AS pilot{named} FROM {rows} AS rows"
    return Query(text, grain=rows.grain, columns=(*strata, *cells, "pilot", *events)), (*strata, *cells)


def _with_copies(keyed: Query, names: Sequence[str], event: Sequence[str]) -> Query:
    """Rows with the number of kept rows of their event; NULLs are alike, as in the counting of strata."""
    strata = ", ".join(name for name in names if name.startswith("stratum"))
    events = ", ".join(f"event_{i}" for i in range(len(event)))
    plain = ", ".join(keyed.columns)
    kept = "CASE WHEN pilots > 0 AND pilots < members THEN 1 ELSE 0 END"
    return Query(
        f"""
        SELECT {", ".join(names)}, pilot, CAST(kept * SUM(kept) OVER (PARTITION BY {events}) AS BIGINT) AS copies
        FROM (
            SELECT {plain}, {kept} AS kept
            FROM (
                SELECT {plain}, SUM(pilot) OVER (PARTITION BY {strata}) AS pilots,
                    COUNT(*) OVER (PARTITION BY {strata}) AS members
                FROM {keyed} AS keyed
            ) AS counted
        ) AS marked
        """,
        grain=keyed.grain,
        columns=(*names, "pilot", "copies"),
    )


def _named(prefix: str, expressions: Sequence[str]) -> tuple[tuple[str, ...], str]:
    names = tuple(f"{prefix}_{i}" for i in range(len(expressions)))
    return names, ", ".join(f"{text} AS {name}" for text, name in zip(expressions, names, strict=True))


def _keys(found: Columns, prefix: str) -> list[Integers]:
    return [np.asarray(column) for name, column in found.items() if name.startswith(f"{prefix}_")]
