"""Covariates of areas by years: gaps by rule, scales, and nothing filled that is not counted."""

from datetime import date

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from whatworked.estimation.area_years import AreaYears, CovariateLeftOut, Filling, KnownValues, area_year_covariates
from whatworked.vocabulary import Period


def years(*labels):
    """Return years from 1 April; their index counts from 2010."""
    return [Period(int(y) - 2010, y, date(int(y) - 1, 4, 1), date(int(y), 3, 31)) for y in labels]


def known(table, *, scale="as_is", gaps="interpolate", name="x"):
    """Return what a table of area → {year: value} knows."""
    rows = [(area, year - 2010, value) for area, by_year in table.items() for year, value in by_year.items()]
    return KnownValues(
        name,
        scale,
        gaps,
        tuple(area for area, _, _ in rows),
        np.array([place for _, place, _ in rows], dtype=np.int64),
        np.array([value for _, _, value in rows], dtype=float),
    )


def values(one, areas, *labels):
    """Return the values of a single covariate as lists of lists."""
    found = area_year_covariates([one], areas, years(*labels))
    return found.values[:, :, 0].tolist(), found


FIVE = ("2011", "2012", "2013", "2014", "2015")


def test_a_gap_between_two_years_is_a_straight_line_and_the_ends_take_the_nearest():
    table = {"A": {2012: 10, 2015: 16}, "B": {2013: 5}}
    found, whole = values(known(table), ["A", "B"], *FIVE)
    assert found == [[10, 10, 12, 14, 16], [5, 5, 5, 5, 5]]
    assert whole.filled == (Filling("x", 3, 2, 5, 0, 0),)


def test_a_rating_is_carried_forward_and_before_the_first_it_is_the_first():
    table = {"A": {2012: 3, 2014: 1}, "B": {2015: 4}}
    found, whole = values(known(table, gaps="carry_forward"), ["A", "B"], *FIVE)
    assert found == [[3, 3, 3, 1, 1], [4, 4, 4, 4, 4]]
    assert whole.filled == (Filling("x", 3, 0, 0, 2, 5),)


def test_years_outside_the_study_help_to_fill_it_and_are_no_part_of_it():
    table = {"A": {2009: 0, 2019: 10}}
    assert values(known(table), ["A"], "2012", "2014")[0] == [[3, 5]]
    assert values(known(table, gaps="carry_forward"), ["A"], "2012", "2014")[0] == [[0, 0]]
    # A year that the study does not have keeps its length.
    assert values(known({"A": {2012: 0, 2015: 3}}), ["A"], "2012", "2014", "2015")[0] == [[0, 2, 3]]


def test_z_is_over_all_area_years_of_the_question_after_filling_with_the_sample_deviation():
    table = {"A": {2011: 1, 2013: 3}, "B": {2012: 6}, "elsewhere": {2011: 1_000}}
    found, _ = values(known(table, scale="z"), ["A", "B"], "2011", "2012", "2013")
    # 1 2 3 6 6 6: mean 4, squared distances 9 4 1 4 4 4, their sum 26 over 5.
    deviation = (26 / 5) ** 0.5
    assert np.array(found) == pytest.approx(np.array([[-3, -2, -1], [2, 2, 2]]) / deviation, rel=1e-14)


def test_a_covariate_without_a_value_in_an_area_leaves_and_the_others_stay():
    one, other = known({"A": {2011: 1}}, name="one"), known({"A": {2011: 1}, "B": {2011: 2}}, name="other")
    found = area_year_covariates([one, other], ["A", "B"], years("2011"))
    assert found.names == ("other",)
    assert found.left_out == (CovariateLeftOut("one", "no value at all in 1 of 2 areas"),)
    assert found.values.tolist() == [[[1]], [[2]]]


def test_a_covariate_that_never_varies_has_no_z_but_a_value():
    constant = {"A": {2011: 2}, "B": {2012: 2}}
    found = area_year_covariates([known(constant, scale="z")], ["A", "B"], years("2011", "2012"))
    assert found.left_out == (CovariateLeftOut("x", "the same value in every area and period"),)
    assert found.values.shape == (2, 2, 0)
    assert values(known(constant), ["A", "B"], "2011", "2012")[0] == [[2, 2], [2, 2]]


def naive(table, areas, labels, *, gaps, scale):
    """Fill one area and year at a time, by looking for its neighbours."""
    whole = []
    for area in areas:
        by_year, row = table[area], []
        for year in map(int, labels):
            before, after = [y for y in by_year if y <= year], [y for y in by_year if y >= year]
            if gaps == "carry_forward":
                row.append(by_year[max(before)] if before else by_year[min(after)])
            elif before and after:
                low, high = max(before), min(after)
                share = 0 if low == high else (year - low) / (high - low)
                row.append(by_year[low] + share * (by_year[high] - by_year[low]))
            else:
                row.append(by_year[max(before)] if before else by_year[min(after)])
        whole.append(row)
    if scale == "z":
        flat = [value for row in whole for value in row]
        mean = sum(flat) / len(flat)
        deviation = (sum((value - mean) ** 2 for value in flat) / (len(flat) - 1)) ** 0.5
        whole = [[(value - mean) / deviation for value in row] for row in whole]
    return np.array(whole)


TABLES = st.fixed_dictionaries(
    {
        area: st.dictionaries(st.integers(2008, 2020), st.integers(-50, 50), min_size=1, max_size=8)
        for area in ("A", "B", "C")
    }
)


@given(TABLES, st.sampled_from(["interpolate", "carry_forward"]), st.sampled_from(["z", "as_is"]))
def test_every_value_is_what_a_search_for_neighbours_gives(table, gaps, scale):
    labels = ("2011", "2012", "2013", "2015", "2016")
    found = area_year_covariates([known(table, gaps=gaps, scale=scale)], ["A", "B", "C"], years(*labels))
    assert isinstance(found, AreaYears)
    if found.left_out:
        assert scale == "z"
        assert np.ptp(naive(table, "ABC", labels, gaps=gaps, scale="as_is")) == pytest.approx(0)
        return
    assert found.values[:, :, 0] == pytest.approx(naive(table, "ABC", labels, gaps=gaps, scale=scale), abs=1e-9)
    (counts,) = found.filled
    assert (
        sum([counts.known, counts.interpolated, counts.nearest, counts.carried_forward, counts.carried_back])
        == found.values.size
    )
    assert counts.known == sum(int(label) in table[area] for area in "ABC" for label in labels)


@given(TABLES)
def test_z_does_not_depend_on_the_unit(table):
    labels = ("2011", "2012", "2013")
    moved = {area: {year: 3 * value + 7 for year, value in by_year.items()} for area, by_year in table.items()}
    one, other = (
        area_year_covariates([known(each, scale="z")], ["A", "B", "C"], years(*labels)) for each in (table, moved)
    )
    assert one.names == other.names
    assert one.values == pytest.approx(other.values, abs=1e-9)


def test_the_order_of_rows_does_not_matter():
    table = {"A": {2011: 1, 2014: 7, 2012: 2}, "B": {2015: 0, 2011: 4}}
    turned = {area: dict(reversed(by_year.items())) for area, by_year in reversed(table.items())}
    assert values(known(table), ["A", "B"], *FIVE)[0] == values(known(turned), ["A", "B"], *FIVE)[0]
