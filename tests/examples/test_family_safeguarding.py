"""The Family Safeguarding study on the Department's tables, against a second way to the same numbers."""

import csv
from collections import defaultdict
from math import sqrt
from pathlib import Path
from statistics import fmean

import pytest
from scipy import stats

from whatworked import read_protocol, run

ROOT = Path(__file__).parents[2]
STUDY = ROOT / "examples" / "family_safeguarding" / "study.toml"
DATA = ROOT.parent / "shared" / "data" / "ees_cin"
BASELINE, POST, YEARS = range(2013, 2018), (2019, 2020), range(2013, 2021)

pytestmark = pytest.mark.skipif(not DATA.is_dir(), reason="the Department's tables are not here")


@pytest.fixture(scope="module")
def protocol():
    return read_protocol(STUDY)


@pytest.fixture(scope="module")
def findings(protocol):
    return run(protocol, data=DATA)


def published(series) -> dict[str, dict[int, float]]:
    """Read a table as naively as it can be read: area → year → rate."""
    found = defaultdict(dict)
    with (DATA / series.path).open(encoding="utf-8-sig", newline="") as file:
        for row in csv.DictReader(file):
            if row["geographic_level"] != "Local authority" or int(row["time_period"]) not in YEARS:
                continue
            try:
                found[row["old_la_code"]][int(row["time_period"])] = float(row[series.columns.value])
            except ValueError:
                continue  # a suppression mark
    return found


def movements(rates: dict[int, float]) -> list[float]:
    mean = fmean(rates[year] for year in BASELINE)
    return [rates[year] - mean for year in BASELINE]


def comparators(pilot: str, rates: dict[str, dict[int, float]], *, barred: set[str], ceiling: float) -> list[str]:
    """Choose two comparators by trend, written from the definition."""
    candidates = [area for area in rates if area not in barred and set(YEARS) <= set(rates[area])]
    moved = {area: movements(rates[area]) for area in [pilot, *candidates]}
    scale = sqrt(fmean(step**2 for steps in moved.values() for step in steps))
    ranked = []
    for area in candidates:
        gaps = [ours - theirs for ours, theirs in zip(moved[pilot], moved[area], strict=True)]
        distance = sqrt(fmean(gap**2 for gap in gaps)) / scale
        if distance < ceiling and stats.linregress(list(BASELINE), gaps).pvalue >= 0.05:
            ranked.append((distance, area))
    return [area for _, area in sorted(ranked)[:2]]


def naive_groups(protocol, question, rates) -> dict[str, list[str]]:
    barred = {pilot.area for pilot in protocol.areas.pilots} | set(protocol.excluded())
    ceiling = protocol.matching_of(question).max_distance
    return {
        pilot.area: comparators(pilot.area, rates, barred=barred, ceiling=ceiling) for pilot in protocol.areas.pilots
    }


def change(rates: dict[int, float]) -> float:
    return fmean(rates[year] for year in POST) - fmean(rates[year] for year in BASELINE)


KEYS = ["plans_at_31_march", "plans_started", "initial_conferences", "referrals"]


@pytest.mark.parametrize("key", KEYS)
def test_comparators_are_those_of_the_definition(protocol, findings, key):
    (question,) = [one for one in protocol.question if one.key == key]
    (found,) = [one for one in findings.questions if one.key == key]
    expected = naive_groups(protocol, question, published(protocol.records[question.records]))
    assert {group.pilot: list(group.comparators) for group in found.areas.groups} == {
        pilot: chosen for pilot, chosen in expected.items() if chosen
    }


@pytest.mark.parametrize("key", KEYS)
def test_the_estimate_is_the_double_difference_of_means(protocol, findings, key):
    (question,) = [one for one in protocol.question if one.key == key]
    (found,) = [one for one in findings.questions if one.key == key]
    rates = published(protocol.records[question.records])
    groups = naive_groups(protocol, question, rates)
    # The pilots' dates are the same, so an area that serves two of them has the same change and counts once.
    assert all(len(chosen) == 2 for chosen in groups.values())
    shared = [area for chosen in groups.values() for area in chosen]
    expected = fmean(change(rates[pilot]) for pilot in groups) - fmean(
        change(rates[area]) for area in sorted(set(shared))
    )
    assert found.specifications[0].effect.estimate == pytest.approx(expected, abs=1e-9)


def test_the_four_pilots_and_the_contrast_are_answered_in_the_order_of_the_protocol(findings):
    assert [question.key for question in findings.questions] == KEYS
    assert [question.better for question in findings.questions] == ["lower", "lower", "lower", "neither"]


def test_hertfordshire_is_no_candidate_that_can_be_chosen(findings):
    for question in findings.questions:
        chosen = {area for group in question.areas.groups for area in group.comparators}
        assert "919" not in chosen
        reasons = {one.reason for one in question.areas.candidates if one.area == "919"}
        assert reasons == {"Hertfordshire, where the model comes from, had it already"}


def test_plans_at_31_march_fell_against_the_comparators_but_not_beyond_chance(findings):
    main = findings.questions[0].specifications[0]
    (headline,) = [row for row in main.inference if row.headline]
    assert main.effect.estimate == pytest.approx(-6.8975, abs=1e-9)
    assert headline.p_value > 0.05
    assert headline.conf_low < 0 < headline.conf_high


def test_the_year_to_march_2018_is_the_settling_in(findings):
    phases = {row.period: row.phase.value for row in findings.questions[0].series}
    assert [year for year, phase in phases.items() if phase == "settling_in"] == ["2018"]


def test_the_readme_tells_what_the_study_finds(findings):
    def signed(value: float) -> str:
        return f"{value:+.1f}".replace("-", "−")

    page = (STUDY.parent / "README.md").read_text(encoding="utf-8")
    for question in findings.questions:
        (headline,) = [row for row in question.specifications[0].inference if row.headline]
        interval = f"{signed(headline.conf_low)} to {signed(headline.conf_high)}"
        assert f"| {signed(headline.estimate)} | {interval} | {headline.p_value:.3f} |" in page
