"""Invented events of people: two matched groups that share comparators, gaps, and a number with awkward values."""

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from second_engine import DataFusionEngine

from whatworked.engine.duckdb import DuckDBEngine
from whatworked.engine.interface import ParquetSource
from whatworked.engine.sql import Query
from whatworked.estimation.coarsening import Cuts, Grouping

COLUMNS = ("area", "person", "event", "matched_group", "phase", "pilot", "age", "need", "income")
AGES = Cuts(4.5, 10.5, 15.5)
NEEDS = Grouping(["N1", "N2"])


def drawn(seed, rows=400):
    """Return columns; comparators' events are there once in each of one, two or three matched groups."""
    rng = np.random.default_rng(seed)
    once = {
        "area": rng.integers(0, 12, rows),
        "person": rng.integers(0, 150, rows),
        "event": np.arange(rows),
        "phase": rng.integers(0, 2, rows),
        "age": rng.integers(0, 18, rows),
        "need": rng.choice(["N1", "N2", "N3", "it's"], rows).astype(object),
        "income": rng.normal(20, 9, rows).round(1),
    }
    once["need"][rng.random(rows) < 0.1] = None
    once["income"][rng.random(rows) < 0.1] = np.nan
    pilot = once["area"] < 3
    times = np.where(pilot, 1, 1 + once["area"] % 3)
    place = np.repeat(np.arange(rows), times)
    turn = np.arange(len(place)) - np.repeat(np.cumsum(times) - times, times)
    table = {name: column[place] for name, column in once.items()}
    table["pilot"] = pilot[place].astype(np.int64)
    table["matched_group"] = np.where(pilot[place], table["area"], turn)
    return {name: table[name] for name in COLUMNS}


def engines(folder, table):
    """Return DuckDB and, beside it, DataFusion, both with the table, and the query of its rows."""

    path = folder / "rows.parquet"
    columns = {
        name: pa.array(column, mask=np.isnan(column)) if column.dtype.kind == "f" else pa.array(column)
        for name, column in table.items()
    }
    pq.write_table(pa.table(columns), path)
    found = (DuckDBEngine([folder], None), DataFusionEngine())
    for engine in found:
        engine.register("people", ParquetSource(path))
    listed = ", ".join(table)
    return found, Query(f"SELECT {listed} FROM people", grain="event", columns=tuple(table))
