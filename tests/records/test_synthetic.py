"""Invented area statistics: the same for a seed, shaped like published ones, with exactly the planted effect."""

from dataclasses import replace

import numpy as np
import pytest

from whatworked.records.synthetic import PER, InventedAreas, InventedOutcome, InventedTable, invented_area_series

AREAS = InventedAreas(
    pilots=("A01", "A02"), imitators=("A03",), own_way="A02", vanishing="A10", late="A11", small="A12", settling_in=2016
)
PLANS = InventedOutcome("plans", level=45, movement=2.5, trend=1.3, shock=1.5, effect=-12, own_trend=7)


def rates(table: InventedTable) -> dict[tuple[str, int], float]:
    return {
        (row[3], int(row[0])): int(row[6]) * PER / int(row[5])
        for row in table.rows
        if row[1] == "Local authority" and row[6].isdigit()
    }


def test_the_same_seed_gives_the_same_table_and_another_seed_another():
    first = invented_area_series(AREAS, PLANS, seed=1)
    assert first == invented_area_series(AREAS, PLANS, seed=1)
    assert first != invented_area_series(AREAS, PLANS, seed=2)


def test_two_outcomes_of_a_seed_agree_on_the_children():
    other = replace(PLANS, name="referrals", level=500)
    tables = [invented_area_series(AREAS, outcome, seed=1) for outcome in (PLANS, other)]
    children = [{row[:6] for row in table.rows if row[1] == "Local authority"} for table in tables]
    assert children[0] == children[1]


def test_the_planted_effect_is_what_separates_the_table_from_one_without_it():
    # Areas with children enough that rounding a count moves a rate by less than 0.5 · 10,000 / 10,000.
    treated = rates(invented_area_series(AREAS, PLANS, seed=1))
    untreated = rates(invented_area_series(AREAS, replace(PLANS, effect=0), seed=1))
    share = {year: 0.0 if year < 2016 else 0.5 if year == 2016 else 1.0 for year in AREAS.years}
    adopted = {"A01", "A02", "A03"}
    compared = [key for key in treated if key[0] != "A12" and untreated[key] > 15]
    assert len(compared) > 500
    for code, year in compared:
        expected = PLANS.effect * share[year] if code in adopted else 0.0
        assert treated[code, year] - untreated[code, year] == pytest.approx(expected, abs=1.0)


def test_a_rate_is_its_count_over_its_children():
    for row in invented_area_series(AREAS, PLANS, seed=3).rows:
        if row[1] == "Local authority" and row[6].isdigit():
            assert float(row[7]) == pytest.approx(int(row[6]) * PER / int(row[5]), abs=0.0501)


def test_counts_of_one_to_five_are_withheld_with_their_rates():
    rows = [row for seed in range(5) for row in invented_area_series(AREAS, PLANS, seed=seed).rows]
    withheld = [row for row in rows if row[6] == "c"]
    assert withheld
    assert {row[7] for row in withheld} == {"c"}
    assert not any(row[6].isdigit() and 1 <= int(row[6]) <= 5 for row in rows)


def test_an_area_vanishes_and_a_late_one_misses_a_year():
    rows = invented_area_series(AREAS, PLANS, seed=1).rows
    assert {row[0] for row in rows if row[3] == "A10"} == {str(year) for year in range(2011, 2018)}
    assert [row[0] for row in rows if row[6] == "x"] == ["2014"]
    assert {row[3] for row in rows if row[6] == "x"} == {"A11"}


def test_rows_of_the_nation_and_of_regions_have_no_area_code():
    rows = invented_area_series(AREAS, PLANS, seed=1).rows
    above = [row for row in rows if row[1] != "Local authority"]
    assert len(above) == 5 * len(AREAS.years)
    assert all(row[3] == "" and int(row[6]) % 10 == 0 for row in above)


def test_an_area_with_its_own_way_has_its_own_slope():
    table = rates(invented_area_series(AREAS, replace(PLANS, effect=0), seed=1))
    plain = rates(invented_area_series(replace(AREAS, own_way=None), replace(PLANS, effect=0, level=200), seed=1))
    own = rates(invented_area_series(AREAS, replace(PLANS, effect=0, level=200), seed=1))
    slopes = [np.polyfit(AREAS.years, [series["A02", year] for year in AREAS.years], 1)[0] for series in (plain, own)]
    assert slopes[1] - slopes[0] == pytest.approx(7.0, abs=0.1)
    assert min(table.values()) >= 0


def test_shocks_have_the_stated_spread_and_persistence():
    # Two hundred years × sixty areas: the correlation is known to about 0.01, the spread to about 1 %.
    long = replace(AREAS, years=tuple(range(1800, 2000)), vanishing=None, late=None, small=None, settling_in=2100)
    outcome = replace(PLANS, level=5_000, movement=0, trend=0, own_trend=0, shock=20)
    table = rates(invented_area_series(long, outcome, seed=1))
    series = np.array([[table[code, year] for year in long.years] for code in long.names])
    series -= series.mean(axis=1, keepdims=True)
    assert series.std() == pytest.approx(20, rel=0.03)
    lagged = (series[:, 1:] * series[:, :-1]).sum() / (series**2).sum()
    assert lagged == pytest.approx(0.4, abs=0.04)
