"""Public data on which R matched people, and what it found; tests skip, visibly, where they are absent."""

import csv
import json
from pathlib import Path

import numpy as np
import pytest

GOLDEN = Path(__file__).parents[2] / "shared" / "golden"


def expected(case):
    path = GOLDEN / case / "expected.json"
    if not path.is_file():
        pytest.skip(f"results computed in R are not beside the repository: {case}")
    return json.loads(path.read_text())


def columns(name):
    """Return a table as columns: numbers with NaN, text with None."""
    path = GOLDEN / "_data" / f"{name}.csv"
    if not path.is_file():
        pytest.skip(f"data of the results computed in R are not beside the repository: {name}")
    with path.open(newline="") as file:
        rows = list(csv.DictReader(file))
    return {column: _column([row[column] for row in rows]) for column in rows[0]}


def rows_of(table, marked):
    return {name: column[marked] for name, column in table.items()}


def complete(table):
    return np.logical_and.reduce(
        [[value is not None and str(value) != "nan" for value in column] for column in table.values()]
    )


def hashed(values):
    """What the golden files keep of an array: its length, sum, sum of squares and sum by place."""
    places = np.arange(1, len(values) + 1)
    return {"n": len(values), "sum": values.sum(), "sumsq": (values**2).sum(), "possum": (values * places).sum()}


def _column(texts):
    try:
        return np.array([float(text) if text else np.nan for text in texts])
    except ValueError:
        return np.array([text or None for text in texts], dtype=object)
