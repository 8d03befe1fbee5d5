"""A file of areas by periods, read through a mapping."""

import numpy as np
import pytest

from whatworked.engine.duckdb import DuckDBEngine
from whatworked.protocol.model import AreaSeries, Study
from whatworked.records.area_series import read_area_series

STUDY = Study(title="A study", question="Did it work?", intervention="the programme")


def a_series(**changes):
    """A mapping to the columns area, year and rate, with what differs from it."""
    given = {
        "kind": "area_series",
        "path": "areas.csv",
        "columns": {"area": "area", "period": "year", "value": "rate"},
        "period": {"kind": "year", "ends": "03-31"},
        "unit": "per 10,000",
        "source": "invented",
        "published": True,
    }
    return AreaSeries.model_validate(given | changes, strict=False)


@pytest.fixture
def series_of():
    """Return a mapping to the columns area, year and rate, with what differs from it."""
    return a_series


@pytest.fixture
def a_study():
    return STUDY


@pytest.fixture
def engine(tmp_path):
    with DuckDBEngine([tmp_path], None, threads=2) as engine:
        yield engine


@pytest.fixture
def read(engine, tmp_path):
    """Write a file, read it through the mapping and return the table."""

    def read(content, *, study=None, engine=engine, file="areas.csv", **changes):
        path = tmp_path / file
        if content is not None:
            path.write_text(content, encoding="utf-8")
        study = STUDY.model_copy(update=study or {})
        return read_area_series(engine, "plans", a_series(**changes), path=path, study=study)

    return read


@pytest.fixture
def rows(engine):
    """Return the rows of a table as tuples, missing numbers as None."""

    def rows(table, *columns, engine=engine):
        found = engine.collect(table.query)
        lists = []
        for column in columns or table.query.columns:
            array = found[column]
            missing = np.isnan(array) if array.dtype.kind == "f" else np.ma.getmaskarray(array)
            plain = np.ma.getdata(array).tolist()
            lists.append([None if gone else value for value, gone in zip(plain, missing, strict=True)])
        return list(zip(*lists, strict=True))

    return rows
