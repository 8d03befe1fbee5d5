"""Invented panels of people, and the panels that R's results were computed on, as rows for a model."""

import csv
import json
from pathlib import Path

import numpy as np
import pytest

from whatworked.estimation.linear import INTERCEPT
from whatworked.estimation.rows import PanelRows

GOLDEN = Path(__file__).parents[2] / "shared" / "golden"


def invented(seed=0, *, people=60, areas=6, most=5, weights=True, constant=0.0):
    """People seen one to `most` times in one area each, with effects of their own and two moving columns."""
    rng = np.random.default_rng(seed)
    unit = np.repeat(np.arange(people), rng.integers(1, most + 1, people))
    n, area = len(unit), unit % areas
    own = rng.normal(0, 2, people)[unit]
    x = rng.normal(size=(n, 2)) + 0.5 * own[:, None]
    sex = (unit % 2).astype(float)
    outcome = 3 + x @ [1.0, -2.0] + 0.7 * sex + own + rng.normal(size=n)
    weight = rng.uniform(0.3, 3, n) if weights else np.ones(n)
    design = np.column_stack([np.ones(n), x[:, 0], sex, x[:, 1]])
    return PanelRows((INTERCEPT, "x", "sex", "z"), design, outcome + constant, weight, area, unit, unit.copy())


def golden(case):
    """What R found, by entry; skipped where the results are not beside the repository."""
    if not GOLDEN.is_dir():
        pytest.skip("the golden results are not beside the repository")
    return json.loads((GOLDEN / case / "expected.json").read_text())


def table(path):
    with (GOLDEN / path).open(newline="") as file:
        return [
            {key: float(value) if value else np.nan for key, value in row.items() if key not in TEXT}
            for row in csv.DictReader(file)
        ]


TEXT = {"sex", "ethnicity"}


def of_table(rows, outcome, terms, *, unit, area=None):
    """The complete rows of a table, with an intercept before the terms; a term is a function of a row."""
    y = np.array([outcome(row) for row in rows])
    x = np.array([[term(row) for term in terms.values()] for row in rows])
    there = np.isfinite(y) & np.isfinite(x).all(axis=1)
    who = np.array([row[unit] for row in rows])[there]
    where = who if area is None else np.array([row[area] for row in rows])[there]
    design = np.column_stack([np.ones(there.sum()), x[there]])
    return PanelRows((INTERCEPT, *terms), design, y[there], np.ones(there.sum()), where, who, who)


def columns(*names):
    return {name: (lambda row, name=name: row[name]) for name in names}


def logs(names):
    return {called: (lambda row, name=name: np.log(row[name])) for called, name in names.items()}


def pilot_post(row):
    return row["treat"] * row["post"]


def golden_fixed():
    """The four panels of fixed effects, each under the name of its entry."""
    employment = logs({"log(wage)": "wage", "log(capital)": "capital", "log(output)": "output"})
    score = {"tp": pilot_post, **columns("post", "prior")}
    return {
        "wagepan": of_table(
            table("_data/wagepan.csv"), _of("lwage"), columns("married", "union", "hours", "poorhlth"), unit="nr"
        ),
        "EmplUK_unbalanced": of_table(
            table("_data/EmplUK.csv"), _log_employment, employment, unit="firm", area="sector"
        ),
        "sim_unbalanced_missing": of_table(table("_data/sim_pilot.csv"), _of("score"), score, unit="id", area="area"),
        "jtrain_unbalanced_missing": of_table(
            table("_data/jtrain.csv"), _of("lscrap"), columns("d88", "d89", "grant", "grant_1"), unit="fcode"
        ),
    }


def golden_random():
    """The four panels of random effects, each under the name of its entry."""
    wage = columns("educ", "black", "hisp", "exper", "married", "union")
    score = {"tp": pilot_post, **columns("post", "prior", "age")}
    return {
        "Grunfeld": of_table(table("_data/Grunfeld.csv"), _of("inv"), columns("value", "capital"), unit="firm"),
        "EmplUK_unbalanced": of_table(
            table("_data/EmplUK.csv"), _log_employment, logs({"lwage": "wage", "lcap": "capital"}), unit="firm"
        ),
        "wagepan": of_table(table("_data/wagepan.csv"), _of("lwage"), wage, unit="nr"),
        "sim_unbalanced": of_table(table("_data/sim_pilot.csv"), _of("score"), score, unit="id", area="area"),
    }


def _of(name):
    return lambda row: row[name]


def _log_employment(row):
    return np.log(row["emp"])
