"""The methods by themselves: any kind of table in, the same answer out."""

import csv

import duckdb
import numpy as np
import pandas as pd
import pytest

from whatworked import match_areas
from whatworked.errors import UsageError
from whatworked.matching.trends import Panel, TrendRules, search


@pytest.fixture
def series():
    rng = np.random.default_rng(3)
    values = rng.normal(40, 4, (8, 9)).round(1)
    return {
        "area": np.repeat([f"A{i}" for i in range(8)], 9),
        "year": np.tile(np.arange(2010, 2019), 8),
        "rate": values.ravel(),
    }, values


def asked(data, **options):
    options = {"pilots": {"A0": "2016-05-01"}, "max_distance": None, "significance": None} | options
    return match_areas(data, area="area", period="year", value="rate", **options)


def test_it_is_the_search_of_the_study(series):
    data, values = series
    panel = Panel(tuple(f"A{i}" for i in range(8)), np.arange(9), values, np.ones(8, dtype=bool))
    known = search(panel, "A0", np.arange(9) < 6, barred={}, rules=TrendRules(2, np.inf, 0.0))
    found = asked(data)
    assert found.groups[0].comparators == known.chosen
    assert [c.distance for c in found.candidates] == pytest.approx(known.distance[1:].tolist())


def test_every_kind_of_table_gives_the_same(series, tmp_path):
    data, _ = series
    path = tmp_path / "series.csv"
    with path.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(data)
        writer.writerows(zip(*data.values(), strict=True))
    frame = pd.DataFrame(data)
    parquet = str(tmp_path / "series.parquet")
    with duckdb.connect() as connection:
        connection.register("frame", frame)
        connection.sql(f"COPY frame TO '{parquet}' (FORMAT parquet)")
        for other in (frame, str(path), path, parquet, connection.sql("SELECT * FROM frame")):
            assert asked(other) == asked(data)


def test_financial_years_end_in_march(series):
    data, _ = series
    calendar = asked(data, pilots={"A0": "2016-05-01"})
    financial = asked(data, pilots={"A0": "2016-05-01"}, year_ends="03-31")
    assert calendar != financial  # 2016 ends before May 2016 only as a financial year


def test_pilots_and_excluded_areas_are_no_comparators(series):
    data, _ = series
    found = asked(data, pilots={"A0": "2016-01-01", "A1": "2016-01-01"}, exclude=["A2"], comparators_per_pilot="all")
    assert all(not {"A0", "A1", "A2"} & set(group.comparators) for group in found.groups)
    assert len(found.groups[0].comparators) == 5
    assert {c.reason for c in found.candidates if c.area == "A2"} == {"excluded"}


def test_a_result_shows_itself(series):
    data, _ = series
    found = asked({**data, "area": np.char.add(data["area"].astype(str), "<b>")}, pilots={"A0<b>": "2016-05-01"})
    assert "A0&lt;b&gt;" in found._repr_html_()
    assert len(found.to_rows()) == 7
    assert found.to_dict()["groups"][0]["pilot"] == "A0<b>"


def test_a_pilot_nobody_resembles_is_dropped(series):
    data, _ = series
    found = asked(data, max_distance=1e-9)
    assert found.groups == ()
    assert "too far in trend" in found.dropped[0].reason
    assert "too far" in found._repr_html_()
    assert asked(data, pilots={"Z": "2016-01-01"}).dropped[0].reason == "it has no series in the records"


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"data": 17}, "cannot be read as a table"),
        ({"value": "rat"}, 'Did you mean "rate"'),
        ({"pilots": {"A0": "May 2016"}}, "is no day"),
    ],
)
def test_bad_input_says_what_to_do(series, change, message):
    data, _ = series
    options = {"area": "area", "period": "year", "value": "rate", "pilots": {"A0": "2016-05-01"}} | change
    with pytest.raises(UsageError, match=message):
        match_areas(options.pop("data", data), **options)


def test_two_rows_for_one_area_and_period_and_strange_periods_are_refused(series):
    data, _ = series
    twice = {name: np.concatenate([column, column[:1]]) for name, column in data.items()}
    with pytest.raises(UsageError, match="two rows"):
        asked(twice)
    with pytest.raises(UsageError, match="not all years"):
        asked({**data, "year": np.array(["spring"] * 72)})
    with pytest.raises(UsageError, match="one length"):
        asked({**data, "rate": data["rate"][:-1]})


def test_quarters_and_months_are_periods_too(series):
    data, _ = series
    quarters = np.tile([f"Q{1 + t % 4}{2010 + t // 4}" for t in range(9)], 8)
    months = np.tile([f"{2010 + t // 12}-{1 + t % 12:02d}" for t in range(9)], 8)
    for labels, start in ((quarters, "2011-07-01"), (months, "2010-07-01")):
        assert asked({**data, "year": labels}, pilots={"A0": start}) == asked(data)
