"""Rows that the tests of estimation share: the golden pilot data in R's order, and invented panels."""

import csv
import json
from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from whatworked.estimation.statistics import Cells

GOLDEN = Path(__file__).parents[3] / "shared" / "golden"


def _cut(text, breaks):
    if text == "":
        return None
    value = float(text)
    return next((i for i in range(len(breaks) - 1) if breaks[i] < value <= breaks[i + 1]), None)


class Golden:
    """Results computed in R, and the matched, weighted rows they were computed on."""

    def expected(self, case):
        return json.loads((GOLDEN / case / "expected.json").read_text())

    def rows(self, path):
        with (GOLDEN / path).open(newline="") as file:
            return list(csv.DictReader(file))

    def pilot_rows(self):
        """The rows of sim_pilot.csv that exact strata keep, and their weights."""
        rows = [r for r in self.rows("_data/sim_pilot.csv") if r["ethnicity"] and r["deprivation"] and r["prior"]]
        strata = [
            (
                _cut(r["age"], [-0.5, 4.5, 10.5, 15.5, 17.5]),
                r["sex"],
                r["fsm"],
                _cut(r["deprivation"], [-0.5, 14.5, 29.5, 300]),
            )
            for r in rows
        ]
        treated = Counter(s for s, r in zip(strata, rows, strict=True) if r["treat"] == "1")
        controls = Counter(s for s, r in zip(strata, rows, strict=True) if r["treat"] == "0")
        kept = [i for i, s in enumerate(strata) if treated[s] and controls[s]]
        rows, strata = [rows[i] for i in kept], [strata[i] for i in kept]
        n1 = sum(r["treat"] == "1" for r in rows)
        ratio = (len(rows) - n1) / n1
        weights = [
            1.0 if r["treat"] == "1" else treated[s] / controls[s] * ratio for s, r in zip(strata, rows, strict=True)
        ]
        return rows, np.array(weights)


@pytest.fixture
def golden():
    if not GOLDEN.is_dir():
        pytest.skip("the golden results are not beside the repository")
    return Golden()


def column(rows, name):
    return np.array([float(r[name]) if r[name] != "" else np.nan for r in rows])


@pytest.fixture
def read_column():
    return column


def invented_cells(
    seed=0,
    *,
    pilots=4,
    comparators=5,
    before=5,
    after=3,
    effect=2.0,
    shared=False,
    weights=False,
    noise=1.0,
    stagger=False,
):
    """A panel of matched groups: pilot i with its comparators, `before` + `after` periods, a planted effect."""
    rng = np.random.default_rng(seed)
    areas = tuple([f"P{i}" for i in range(pilots)] + [f"C{i}" for i in range(comparators)])
    periods = tuple(str(2000 + t) for t in range(before + after + (2 if stagger else 0)))
    level, drift = rng.normal(50, 5, len(areas)), rng.normal(0, 1, len(periods))
    y = level[:, None] + drift + rng.normal(0, noise, (len(areas), len(periods)))
    base = rng.uniform(0.5, 2.0, (len(areas), len(periods))) if weights else np.ones((len(areas), len(periods)))
    members = [
        [i, *(pilots + (np.arange(2) + 2 * i) % comparators)]
        if shared
        else [i, *range(pilots + i * comparators // pilots, pilots + (i + 1) * comparators // pilots)]
        for i in range(pilots)
    ]
    rows = []
    for g, group in enumerate(members):
        start = before + (g % 3 if stagger else 0)
        for area in group:
            for t in range(start + after):
                y_it = y[area, t] + effect if t >= start and area < pilots else y[area, t]
                rows.append((area, g, t, t - start, y_it, base[area, t]))
    area, group, period, since = (np.array([r[j] for r in rows], dtype=np.int64) for j in range(4))
    value, weight = (np.array([r[j] for r in rows]) for j in (4, 5))
    copies = Counter(zip(area.tolist(), period.tolist(), strict=True))
    weight = weight / np.array([copies[a, t] for a, t in zip(area.tolist(), period.tolist(), strict=True)])
    origin = 50.0
    return Cells.even(
        areas,
        tuple(f"P{i}" for i in range(pilots)),
        periods,
        np.arange(len(areas)) < pilots,
        area,
        group,
        period,
        since,
        weight=weight,
        count=np.ones(len(rows)),
        total=value - origin,
        squares=(value - origin) ** 2,
        origin=origin,
    )


@pytest.fixture
def make_cells():
    return invented_cells
