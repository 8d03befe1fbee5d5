"""Cohorts from small drawn tables: records in, rows out."""

import sys
from datetime import date
from pathlib import Path

import pytest

from whatworked.engine.duckdb import DuckDBEngine

sys.path.insert(0, str(Path(__file__).parent))

import drawn


@pytest.fixture(scope="session")
def engine(tmp_path_factory):
    with DuckDBEngine([tmp_path_factory.mktemp("cohort")], None, threads=2) as engine:
        yield engine


@pytest.fixture
def shown(engine):
    """Return what a query gives as text, one tuple a row, in the order of the columns asked for."""

    def shown(query, columns=""):
        return drawn.shown(engine, query, columns)

    return shown


@pytest.fixture
def day():
    return date.fromisoformat


@pytest.fixture(scope="session")
def writing_engine(tmp_path_factory):
    """Return an engine and the folder it may write steps to."""
    folder = tmp_path_factory.mktemp("steps")
    with DuckDBEngine([folder], folder, threads=2) as engine:
        yield engine, folder
