"""Trend matching against a second implementation in plain Python, and its rules one by one."""

from datetime import date
from math import inf, sqrt

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from whatworked.matching.groups import match_areas_by_trend
from whatworked.matching.trends import Panel, TrendRules, none_left, search
from whatworked.protocol.matching import Matching
from whatworked.protocol.model import Pilot
from whatworked.vocabulary import Period


def panel(values, *, settled=None, times=None):
    values = np.asarray(values, dtype=float)
    n, t = values.shape
    return Panel(
        tuple(f"A{i:02d}" for i in range(n)),
        np.arange(t) if times is None else np.asarray(times),
        values,
        np.ones(n, dtype=bool) if settled is None else np.asarray(settled),
    )


def naive(values, times, pilot, eligible):
    """Distance, level distance, slope difference and its p-value, from the definitions, one number at a time."""

    def centred(series):
        mean = sum(series) / len(series)
        return [v - mean for v in series]

    everyone = [pilot, *eligible]
    squares = [d * d for i in everyone for d in centred(values[i])]
    s = sqrt(sum(squares) / len(squares))
    found = {}
    for c in eligible:
        gaps = [a - b for a, b in zip(centred(values[pilot]), centred(values[c]), strict=True)]
        distance = sqrt(sum(g * g for g in gaps) / len(gaps)) / s
        level = abs(sum(values[pilot]) - sum(values[c])) / len(gaps) / s
        line = stats.linregress(times, [a - b for a, b in zip(values[pilot], values[c], strict=True)])
        found[c] = (distance, level, line.slope, line.pvalue)
    return found, s


@settings(max_examples=50, deadline=None)
@given(st.integers(0, 100_000), st.integers(3, 8), st.integers(2, 12))
def test_every_distance_equals_the_definition(seed, periods, areas):
    rng = np.random.default_rng(seed)
    values = rng.normal(40, 10, (areas, periods))
    times = np.cumsum(rng.integers(1, 3, periods))
    found = search(panel(values, times=times), "A00", np.ones(periods, dtype=bool), barred={}, rules=TrendRules())
    known, s = naive(values.tolist(), times.tolist(), 0, list(range(1, areas)))
    assert found.scale == pytest.approx(s)
    for c, (distance, level, slope, p_value) in known.items():
        assert found.distance[c] == pytest.approx(distance)
        assert found.level_distance[c] == pytest.approx(level)
        assert found.slope_difference[c] == pytest.approx(slope)
        assert found.slope_p_value[c] == pytest.approx(p_value, abs=1e-9)
    order = sorted(known, key=lambda c: (known[c][0], c))
    chosen = [f"A{c:02d}" for c in order if known[c][0] < 0.5 and not known[c][3] < 0.05][:2]
    assert list(found.chosen) == chosen


def test_only_the_baseline_is_read():
    rng = np.random.default_rng(0)
    values = rng.normal(size=(6, 7))
    baseline = np.arange(7) < 4
    later = values.copy()
    later[:, 4:] = np.nan
    first = search(panel(values), "A00", baseline, barred={}, rules=TrendRules(max_distance=inf))
    second = search(panel(later), "A00", baseline, barred={}, rules=TrendRules(max_distance=inf))
    assert first.chosen == second.chosen
    assert first.distance.tolist()[1:] == second.distance.tolist()[1:]


def test_ties_go_by_area_code_and_the_ceiling_is_strict():
    flat = [0.0, 1.0, 0.0, 1.0]
    other = [0.0, 1.0, 0.0, 3.0]
    values = [flat, other, other, other]
    rules = TrendRules(comparators_per_pilot=2, max_distance=inf, significance=0.0)
    found = search(panel(values), "A00", np.ones(4, dtype=bool), barred={}, rules=rules)
    assert found.chosen == ("A01", "A02")
    assert found.reason[3] == "closer areas filled the places"
    at_the_ceiling = TrendRules(max_distance=float(found.distance[1]), significance=0.0)
    assert search(panel(values), "A00", np.ones(4, dtype=bool), barred={}, rules=at_the_ceiling).chosen == ()


def test_a_candidate_with_another_slope_is_refused_unless_the_rule_is_off():
    years = np.arange(6.0)
    values = [years * 0, years * 2 + np.array([0, 0.1, 0, 0.1, 0, 0.1])]
    on = TrendRules(max_distance=inf)
    found = search(panel(values), "A00", np.ones(6, dtype=bool), barred={}, rules=on)
    assert found.chosen == ()
    assert found.reason[1] == "its slope differs from the pilot's"
    assert none_left(found) == "all 1 candidates had another slope"
    off = TrendRules(max_distance=inf, significance=0.0)
    assert search(panel(values), "A00", np.ones(6, dtype=bool), barred={}, rules=off).chosen == ("A01",)


def test_every_area_that_may_not_serve_says_why():
    values = np.random.default_rng(1).normal(size=(5, 4))
    values[3, 1] = np.nan
    found = search(
        panel(values, settled=[True, True, False, True, True]),
        "A00",
        np.ones(4, dtype=bool),
        barred={"A01": "excluded by the protocol"},
        rules=TrendRules(max_distance=inf),
    )
    assert found.reason == (
        "it is the pilot itself",
        "excluded by the protocol",
        "its code begins or ends inside the study's periods",
        "its baseline series has gaps",
        "chosen",
    )
    assert np.isnan(found.distance[:4]).all()


def test_an_area_that_may_not_serve_changes_no_distance():
    values = np.random.default_rng(2).normal(size=(6, 5))
    wild = np.vstack([values, np.full((1, 5), 1e6) * np.arange(5)])
    rules = TrendRules(max_distance=inf)
    plain = search(panel(values), "A00", np.ones(5, dtype=bool), barred={}, rules=rules)
    barred = search(panel(wild), "A00", np.ones(5, dtype=bool), barred={"A06": "excluded"}, rules=rules)
    assert barred.distance[:6].tolist()[1:] == plain.distance.tolist()[1:]


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 1000), st.floats(-1e6, 1e6), st.floats(0.01, 100))
def test_neither_level_nor_unit_changes_who_is_chosen(seed, shift, scale):
    values = np.random.default_rng(seed).normal(size=(8, 5))
    rules = TrendRules()
    plain = search(panel(values), "A00", np.ones(5, dtype=bool), barred={}, rules=rules)
    moved = search(panel(values * scale + shift), "A00", np.ones(5, dtype=bool), barred={}, rules=rules)
    assert moved.distance[1:] == pytest.approx(plain.distance[1:], rel=1e-5, abs=1e-5)


def test_series_that_do_not_move_are_all_at_distance_nought():
    found = search(
        panel(np.ones((3, 4)) * [[1], [2], [3]]), "A00", np.ones(4, dtype=bool), barred={}, rules=TrendRules()
    )
    assert found.chosen == ("A01", "A02")
    assert found.slope_p_value[1] == 1.0


@pytest.mark.parametrize(
    ("own", "reason"),
    [
        ([1, np.nan, 2, 3], "its baseline series has gaps"),
        ([1, 2, np.nan, np.nan], "its baseline series has gaps"),
    ],
)
def test_a_pilot_with_gaps_cannot_be_matched(own, reason):
    values = np.vstack([own, np.random.default_rng(0).normal(size=(3, 4))])
    assert search(panel(values), "A00", np.ones(4, dtype=bool), barred={}, rules=TrendRules()) == reason


def test_a_pilot_without_series_or_with_two_periods_cannot_be_matched():
    values = np.random.default_rng(0).normal(size=(3, 4))
    assert (
        search(panel(values), "Z", np.ones(4, dtype=bool), barred={}, rules=TrendRules())
        == "it has no series in the records"
    )
    two = np.array([True, True, False, False])
    assert search(panel(values), "A00", two, barred={}, rules=TrendRules()) == "it has fewer than 3 baseline periods"


YEARS = tuple(Period(t, str(2010 + t), date(2010 + t, 1, 1), date(2010 + t, 12, 31)) for t in range(7))


def test_each_pilot_is_matched_on_the_periods_before_its_own_start():
    values = np.random.default_rng(5).normal(size=(9, 7))
    pilots = (
        Pilot(area="A00", label="One", start=date(2014, 1, 1)),
        Pilot(area="A01", label="Two", start=date(2016, 1, 1)),
    )
    barred = {"A00": "it is a pilot", "A01": "it is a pilot"}
    found = match_areas_by_trend(
        panel(values), pilots, periods=YEARS, barred=barred, matching=Matching(max_distance=inf, slope_significance=0.0)
    )
    for group, before in zip(found.groups, (4, 6), strict=True):
        known, _ = naive(values[:, :before].tolist(), list(range(before)), int(group.pilot.area[1:]), list(range(2, 9)))
        order = sorted(known, key=lambda c: known[c][0])[:2]
        assert group.comparators == tuple(f"A{c:02d}" for c in order)
        assert group.distances == pytest.approx([known[c][0] for c in order])
    left = found.without(frozenset({"One"}))
    assert [group.pilot.label for group in left.groups] == ["Two"]


def test_all_comparators_and_stated_baseline_periods():
    values = np.random.default_rng(6).normal(size=(6, 7))
    matching = Matching(
        comparators_per_pilot="all", max_distance=inf, slope_significance=0.0, baseline_periods=("2011", "2012", "2013")
    )
    pilots = (Pilot(area="A00", label="One", start=date(2015, 1, 1)),)
    found = match_areas_by_trend(panel(values), pilots, periods=YEARS, barred={}, matching=matching)
    known, _ = naive(values[:, 1:4].tolist(), [1, 2, 3], 0, list(range(1, 6)))
    assert found.groups[0].comparators == tuple(f"A{c:02d}" for c in sorted(known, key=lambda c: known[c][0]))


def test_a_pilot_with_nobody_near_is_dropped_with_the_reason():
    years = np.arange(7.0)
    values = np.vstack([years**2, *(np.sin(years * k) for k in (1, 2, 3))])
    pilots = (Pilot(area="A00", label="One", start=date(2015, 1, 1)),)
    found = match_areas_by_trend(panel(values), pilots, periods=YEARS, barred={}, matching=Matching())
    assert found.groups == ()
    assert found.dropped[0].reason == "all 3 candidates were too far in trend"
    nobody = match_areas_by_trend(
        panel(values), pilots, periods=YEARS, barred={f"A0{i}": "no" for i in (1, 2, 3)}, matching=Matching()
    )
    assert nobody.dropped[0].reason == "no area has a complete baseline series and may be a comparator"
