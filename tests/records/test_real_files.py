"""The 'Children in need' tables as the Department for Education published them, counted by a second road."""

import csv
from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from whatworked.engine.duckdb import DuckDBEngine
from whatworked.errors import ProtocolError
from whatworked.protocol.model import AreaSeries, Study
from whatworked.records.area_series import areas_in, read_area_series
from whatworked.records.numbers import MARKS

FOLDER = Path(__file__).resolve().parents[2].parent / "shared" / "data" / "ees_cin"
FILES = sorted(FOLDER.glob("*.csv"))
WITH_AREAS = [path for path in FILES if "headline" not in path.name]
LEVEL = "Local authority"
STUDY = Study(title="A study", question="Did it work?", intervention="the programme")

pytestmark = pytest.mark.skipif(len(FILES) != 12, reason="the published tables are not at ../shared/data/ees_cin")


def figures_of(path):
    """The columns of a file after its category, which hold its figures."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        names = next(csv.reader(file))
    return names[names.index("category") + 1 :]


def read(path, *, area, value, numerator=None):
    series = AreaSeries.model_validate(
        {
            "kind": "area_series",
            "path": path.name,
            "columns": {
                "area": area,
                "period": "time_period",
                "value": value,
                "name": "la_name",
                "numerator": numerator,
            },
            "keep": {"geographic_level": LEVEL},
            "period": {"kind": "year", "ends": "03-31"},
            "unit": "as published",
            "source": "Department for Education, Open Government Licence v3.0",
            "published": True,
        }
    )
    with DuckDBEngine([FOLDER], None, threads=2) as engine:
        table = read_area_series(engine, "cin", series, path=path, study=STUDY)
        return table, engine.collect(table.query), areas_in(engine, table)


@pytest.mark.parametrize("area", ["old_la_code", "new_la_code"])
@pytest.mark.parametrize(
    "path", [path for path in FILES if "headline" not in path.name], ids=lambda path: path.name[:2]
)
def test_values_and_marks_equal_those_of_the_csv_module(path, area):
    numerator, *_, value = figures_of(path)
    with path.open(encoding="utf-8-sig", newline="") as file:
        every = list(csv.DictReader(file))
    expected = {(row[area], row["time_period"]): row for row in every if row["geographic_level"] == LEVEL}
    table, found, names = read(path, area=area, value=value, numerator=numerator)

    label = {period.index: period.label for period in table.periods}
    assert [(step.rows, step.left_out) for step in table.flow] == [
        (len(every), 0),
        (len(expected), len(every) - len(expected)),
    ]
    assert len(found["area"]) == len(expected)
    people, hidden = np.ma.getdata(found["people"]), np.ma.getmaskarray(found["people"])
    for place, (code, period) in enumerate(zip(found["area"], found["period"], strict=True)):
        row = expected[code, label[int(period)]]
        if row[value] in MARKS:
            assert np.isnan(found["value"][place])
            assert found["mark"][place] == row[value]
        else:
            assert found["value"][place] == float(row[value])
            assert found["mark"][place] is None
        assert hidden[place] == (row[numerator] in MARKS)
        assert hidden[place] or people[place] == int(row[numerator])
    for column, name in (("value", value), ("numerator", numerator)):
        marks = Counter(row[name] for row in expected.values() if row[name] in MARKS)
        noted = {note.what.split()[2]: note.rows for note in table.quality if note.what.startswith(f"{column} marked")}
        assert noted == marks
    latest = {code: expected[code, max(year for other, year in expected if other == code)] for code, _ in expected}
    assert names == {code: row["la_name"] for code, row in latest.items()}


@pytest.mark.parametrize("area", ["old_la_code", "new_la_code"])
def test_areas_that_come_and_go_equal_those_of_the_csv_module(area):
    (path,) = [path for path in FILES if path.name.startswith("d1_")]
    years = {}
    with path.open(encoding="utf-8-sig", newline="") as file:
        for row in csv.DictReader(file):
            if row["geographic_level"] == LEVEL:
                years.setdefault(row[area], set()).add(int(row["time_period"]))
    table, _, _ = read(path, area=area, value="CPP_At31_rate")
    noted = {note.what: note.rows for note in table.quality}
    assert noted["areas that appear after 2013"] == sum(min(there) > 2013 for there in years.values())
    assert noted["areas that vanish before 2024"] == sum(max(there) < 2024 for there in years.values())


def test_the_headline_file_has_no_areas_and_says_so():
    (path,) = [path for path in FILES if "headline" in path.name]
    with pytest.raises(ProtocolError) as caught:
        read(path, area="new_la_code", value="child_protection_plans_per_10000_children")
    assert [m.where for m in caught.value.mistakes] == ["records.cin.columns.area", "records.cin.columns.name"]
    assert "Known: " in str(caught.value)


def test_without_a_level_to_keep_the_totals_are_refused():
    (path,) = [path for path in FILES if path.name.startswith("d1_")]
    series = AreaSeries.model_validate(
        {
            "kind": "area_series",
            "path": path.name,
            "columns": {"area": "new_la_code", "period": "time_period", "value": "CPP_At31_rate"},
            "period": {"kind": "year", "ends": "03-31"},
            "unit": "per 10,000 children",
            "source": "Department for Education",
            "published": True,
        }
    )
    with (
        DuckDBEngine([FOLDER], None) as engine,
        pytest.raises(Exception, match="column new_la_code: 144 rows without an area code"),
    ):
        read_area_series(engine, "cin", series, path=path, study=STUDY)
