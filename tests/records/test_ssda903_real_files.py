"""Returns that others invented, in the real format: every row is accounted for by a second road, the csv module."""

import csv
from collections import Counter
from datetime import date, datetime
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from whatworked.engine.duckdb import DuckDBEngine
from whatworked.records.care_periods import care_periods, stitched_episodes
from whatworked.records.ssda903 import ReturnFiles, read_ssda903

FOLDER = Path(__file__).resolve().parents[2].parent / "shared" / "data" / "synthetic_903"
SEVERAL = FOLDER / "multi_year"
# The files are named after the year in which the collection year begins.
BEGINS = range(2017, 2022)

pytestmark = pytest.mark.skipif(not SEVERAL.is_dir(), reason="the invented returns are not at ../shared/data")

ONE_YEAR = (ReturnFiles("A1", 2018, tuple(sorted(FOLDER.glob("*.csv")))),)
FIVE_YEARS = tuple(ReturnFiles("A1", begins + 1, tuple(sorted(SEVERAL.glob(f"{begins}-*.csv")))) for begins in BEGINS)
STAY = ("CHILD", "DECOM", "RNE", "LS", "PLACE")


@pytest.fixture(scope="module")
def engine():
    with DuckDBEngine([FOLDER], None, threads=2) as engine:
        yield engine


@pytest.fixture(scope="module")
def one_year(engine):
    return read_ssda903(engine, ONE_YEAR, table="one")


@pytest.fixture(scope="module")
def five_years(engine):
    return read_ssda903(engine, FIVE_YEARS, table="five")


def rows_in(files, part):
    """The rows of a part of the returns as the csv module reads them, each with the year of its return."""
    rows = []
    for given in files:
        (path,) = [path for path in given.paths if path.stem.endswith(part)]
        with path.open(encoding="utf-8", newline="") as file:
            rows += [row | {"YEAR": given.census_year} for row in csv.DictReader(file)]
    return rows


def day(text):
    return datetime.strptime(text, "%d/%m/%Y").date() if text else None


def notes_of(records):
    return {note.what: note.rows for note in records.notes}


def left_out_by(records):
    return {step.rule: step.left_out for step in records.steps if step.left_out}


def column(engine, query, name):
    found = engine.collect(query)[name]
    return [None if gone else value for value, gone in zip(found.tolist(), np.ma.getmaskarray(found), strict=True)]


def test_not_one_row_of_either_set_is_left_out(engine, one_year, five_years):
    for records, files, rows in ((one_year, ONE_YEAR, (2675, 132, 5050)), (five_years, FIVE_YEARS, (2123, 82, 3737))):
        assert left_out_by(records) == {}
        assert tuple(len(rows_in(files, part)) for part in ("header", "uasc", "episodes")) == rows
        assert {step.step: step.rows for step in records.steps} == dict(
            zip(("header", "uasc", "episodes"), rows, strict=True)
        )
        assert len(column(engine, records.tables["child"], "child")) == rows[0]
        assert len(column(engine, records.tables["episode"], "child")) == rows[2]


@pytest.mark.parametrize(("which", "files"), [("one_year", ONE_YEAR), ("five_years", FIVE_YEARS)])
def test_what_is_odd_is_what_the_csv_module_counts(request, which, files):
    rows = rows_in(files, "episodes")
    guardians = ("E45", "E46", "E47", "E48")
    unknown = [
        r
        for r in rows
        if (r["REC"] in guardians and r["YEAR"] < 2019) or (r["REC"] in ("E43", "E44") and r["YEAR"] > 2018)
    ]
    open_rows = [row for row in rows if not row["DEC"]]
    late = [row for row in rows if row["DEC"] and day(row["DEC"]) > date(row["YEAR"], 3, 31)]
    wanted = {
        "files of other parts of the return": sum(len(given.paths) - 3 for given in files),
        "episodes whose REC is no code of its year": len(unknown),
        "episodes with REC X1 but no DEC": sum(row["REC"] == "X1" for row in open_rows),
        "episodes with another REC but no DEC": sum(row["REC"] not in ("X1", "") for row in open_rows),
        "episodes that end after the year of their return": len(late),
        **across_years(rows),
    }
    assert notes_of(request.getfixturevalue(which)) == {what: n for what, n in wanted.items() if n}


def across_years(rows):
    """What several years say of an episode, counted row by row."""
    latest = {}
    for row in rows:
        latest[tuple(row[name] for name in STAY)] = row
    last_year = max(row["YEAR"] for row in rows)
    return {
        "episodes that a later return repeats": len(rows) - len(latest),
        "episodes left open by a return and not in the area's last one": sum(
            not row["DEC"] and row["YEAR"] < last_year for row in latest.values()
        ),
    }


def test_the_counts_are_these(one_year, five_years):
    assert notes_of(one_year) == {
        "files of other parts of the return": 7,
        "episodes whose REC is no code of its year": 226,
        "episodes with REC X1 but no DEC": 1060,
        "episodes with another REC but no DEC": 353,
        "episodes that end after the year of their return": 12,
    }
    assert notes_of(five_years) == {
        "files of other parts of the return": 10,
        "episodes whose REC is no code of its year": 84,
        "episodes with REC X1 but no DEC": 708,
        "episodes with another REC but no DEC": 288,
        "episodes that end after the year of their return": 3,
        "episodes that a later return repeats": 910,
        "episodes left open by a return and not in the area's last one": 24,
    }


def test_asylum_is_asked_of_every_child_by_the_list_of_its_year(engine, five_years):
    found = engine.collect(five_years.tables["child"])
    asking = Counter(row["YEAR"] for row in rows_in(FIVE_YEARS, "uasc"))
    assert Counter(found["census_year"][found["asylum"] == 1].tolist()) == asking
    assert not np.ma.is_masked(found["asylum"])


@pytest.mark.parametrize(("which", "files", "n"), [("one_year", ONE_YEAR, 1987), ("five_years", FIVE_YEARS, 786)])
def test_periods_of_care_are_those_of_a_loop_over_the_rows(request, engine, which, files, n):
    records = request.getfixturevalue(which)
    periods = engine.collect(care_periods(stitched_episodes(records.tables["episode"])))
    starts, ends = periods["period_start"], np.ma.getdata(periods["period_end"])
    open_ = np.ma.getmaskarray(periods["period_end"])
    found = Counter(
        (str(child), str(start), None if still else str(end), int(count), int(gaps), int(known))
        for child, start, end, still, count, gaps, known in zip(
            periods["child"],
            starts,
            ends,
            open_,
            periods["episodes"],
            periods["gaps"],
            periods["known_start"],
            strict=True,
        )
    )
    wanted = Counter(loop(rows_in(files, "episodes")))
    assert found == wanted
    assert wanted.total() == n


def loop(rows):
    """Yield each period of care; no child of these files has two episodes that start on one day."""
    latest = {tuple(row[name] for name in STAY): row for row in rows}
    children = {}
    for row in latest.values():
        if row["LS"] not in ("V3", "V4"):
            children.setdefault(row["CHILD"], []).append(row)
    for child, own in children.items():
        own.sort(key=lambda row: day(row["DECOM"]))
        assert len({row["DECOM"] for row in own}) == len(own)
        runs = []
        for before, row in pairwise([None, *own]):
            if before is None or row["RNE"] == "S" or (before["DEC"] and before["REC"] != "X1"):
                runs.append([])
            runs[-1].append(row)
        for place, run in enumerate(runs):
            gaps = sum(bool(a["DEC"]) and day(b["DECOM"]) > day(a["DEC"]) for a, b in pairwise(run))
            end = day(run[-1]["DEC"])
            known = int(place > 0 or run[0]["RNE"] == "S")
            yield child, str(day(run[0]["DECOM"])), str(end) if end else None, len(run), gaps, known
