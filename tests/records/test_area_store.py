"""An area series that was read before is not read again, unless something that made it has changed."""

from datetime import date

import pytest

from whatworked.engine.duckdb import DuckDBEngine
from whatworked.engine.store import Store
from whatworked.records import area_store
from whatworked.records.area_store import stored_area_series

LONG = "area,year,rate\nA1,2013,10.5\nA1,2014,c\nA2,2013,20\nA2,2014,21.25\n,2014,1\n"


@pytest.fixture
def store(tmp_path):
    return Store(tmp_path / "artefacts")


@pytest.fixture
def engine(tmp_path, store):
    with DuckDBEngine([tmp_path], store.folder, threads=2) as engine:
        yield engine


@pytest.fixture
def stored(engine, store, tmp_path, series_of, a_study):
    path = tmp_path / "areas.csv"
    path.write_text(LONG)

    def stored(*, study=None, **changes):
        series = series_of(blank_areas="leave_out", **changes)
        whole = a_study.model_copy(update=study or {})
        return stored_area_series(engine, store, "plans", series, path=path, study=whole)

    return stored


def test_the_artefact_is_the_table_that_was_read(read, rows, stored):
    fresh = read(LONG, blank_areas="leave_out")
    table, _ = stored()
    assert (table.periods, table.flow, table.quality) == (fresh.periods, fresh.flow, fresh.quality)
    assert rows(table) == rows(fresh)


def test_a_second_time_the_file_is_not_read(stored, rows, monkeypatch):
    first, key = stored()
    expected = rows(first)

    def never(*given, **named):
        raise AssertionError("read again")

    monkeypatch.setattr(area_store, "read_area_series", never)
    again, same_key = stored()
    assert (rows(again), again.flow, again.quality, same_key) == (expected, first.flow, first.quality, key)


def test_whatever_made_the_artefact_makes_another(stored, tmp_path, monkeypatch):
    keys = [
        stored()[1],
        stored(study={"data_start": date(2012, 4, 1)})[1],
        stored(unit="per 1,000")[1],
    ]
    (tmp_path / "areas.csv").write_text(LONG.replace("10.5", "10.6"))
    keys.append(stored()[1])
    monkeypatch.setattr(area_store, "__version__", "another")
    keys.append(stored()[1])
    assert len(set(keys)) == len(keys)


def test_rows_without_their_counts_are_written_again(stored, store, rows):
    first, key = stored()
    expected = rows(first)
    store.path(key, suffix=".json").unlink()
    assert rows(stored()[0]) == expected
