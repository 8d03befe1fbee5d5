"""What an invented nation publishes of its councils: the same for a seed, with gaps, and without a part in any life."""

import csv
import io
from dataclasses import fields

import pytest

from whatworked.records.invented.area_years import COLUMNS, GAPS, Council, area_years

YEARS = range(2009, 2020)
COUNCILS = tuple(
    Council(f"X{n:03d}", n, 800 + 40 * n, ("outstanding", "good", "requires_improvement", "inadequate")[n % 4])
    for n in range(1, 46)
)


def table(councils=COUNCILS, seed=1):
    return list(csv.DictReader(io.StringIO(area_years(councils, YEARS, seed=seed))))


def test_there_is_a_row_for_every_council_and_year_with_the_eight_covariates_of_the_source():
    rows = table()
    assert [(row["area"], row["year"]) for row in rows] == [(c.code, str(y)) for c in COUNCILS for y in YEARS]
    assert set(rows[0]) == {"area", "year", *COLUMNS}
    assert len(COLUMNS) == 8


def test_a_seed_gives_the_same_bytes_and_a_council_the_same_figures_whichever_others_there_are():
    assert area_years(COUNCILS, YEARS, seed=3) == area_years(COUNCILS, YEARS, seed=3)
    assert area_years(COUNCILS, YEARS, seed=3) != area_years(COUNCILS, YEARS, seed=4)
    assert table(COUNCILS[7:8]) == [row for row in table() if row["area"] == COUNCILS[7].code]


def test_nothing_about_a_programme_is_known_where_the_figures_are_made():
    assert {field.name for field in fields(Council)} == {"code", "number", "children", "rating"}


def test_a_few_values_are_missing_and_no_council_is_without_any():
    rows = table()
    for name in COLUMNS:
        missing = [row["area"] for row in rows if not row[name]]
        if name == "innovation_projects":
            assert not missing
        elif name == "rating":
            assert len(missing) > len(rows) / 2  # an inspection is of one year in three
        else:
            assert 0 < len(missing) / len(rows) == pytest.approx(GAPS, abs=0.025)
        assert not any(missing.count(council.code) == len(YEARS) for council in COUNCILS)


def test_figures_lie_where_such_figures_lie():
    for row in table():
        for name, low, high in (("primary_fsm", 1, 30), ("white_british", 0, 100), ("plans_reviewed_in_time", 0, 100)):
            assert not row[name] or low <= float(row[name]) <= high
        assert not row["assessments"] or int(row["assessments"]) > 0
        assert row["rating"] in ("", "1", "2", "3", "4")
    ratings = {row["area"]: row["rating"] for row in table() if row["rating"]}
    assert ratings["X001"] == "3"
    assert ratings["X003"] == "1"
