"""The organ donation study against its published answer and against other software."""

import csv
import shutil
import statistics
import subprocess
import sys
from collections import defaultdict
from math import sqrt
from pathlib import Path

import pytest

from whatworked import read_protocol, run

EXAMPLE = Path(__file__).parents[2] / "examples" / "organ_donations"
# Kessler & Roth (2014), as the double difference of their data is printed.
PRINTED = -0.022
# The two-way fixed effects event study of the same file in R's fixest; reference quarter 2 of 2011.
FIXEST_EVENTS = {
    "pilot:k=-3": (-0.00294230769231, 0.00508417202617),
    "pilot:k=-2": (0.00629615384615, 0.00226575587678),
    "pilot:k=0": (-0.0215653846154, 0.00503372841972),
    "pilot:k=1": (-0.0202923076923, 0.00447333505166),
    "pilot:k=2": (-0.0221653846154, 0.0100132314345),
}
FIXEST_STD_ERROR = 0.00613123200564
PRINTED_DIGITS = 1e-12  # of the figures above


@pytest.fixture(scope="module")
def study(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("organ_donations")
    for name in ("study.toml", "get_data.py"):
        shutil.copy(EXAMPLE / name, folder)
    subprocess.run([sys.executable, str(folder / "get_data.py")], check=True, capture_output=True)
    return folder / "study.toml"


@pytest.fixture(scope="module")
def question(study):
    (only,) = run(read_protocol(study)).questions
    return only


def specification(question, name):
    (found,) = [one for one in question.specifications if one.name == name]
    return found


def test_the_printed_answer_is_met(question):
    assert round(specification(question, "main").effect.estimate, 3) == PRINTED


def test_the_estimate_is_the_double_difference_of_means(question, study):
    change = defaultdict(lambda: ([], []))
    with study.with_name("organ_donation.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            after = row["Quarter"] in {"Q32011", "Q42011", "Q12012"}
            change[row["State"]][after].append(float(row["Rate"]))
    means = {state: statistics.fmean(after) - statistics.fmean(before) for state, (before, after) in change.items()}
    california = means.pop("California")
    expected = california - statistics.fmean(means.values())
    assert specification(question, "main").effect.estimate == pytest.approx(expected, abs=1e-12)


def test_leads_and_lags_are_those_of_two_way_fixed_effects(question):
    terms = {term.term: term for term in specification(question, "leads and lags").terms}
    # Two-way fixed effects whose states lie inside the clusters: fixest counts 11 parameters, the model here has 12.
    scale = sqrt((162 - 11) / (162 - 12))
    for name, (estimate, std_error) in FIXEST_EVENTS.items():
        assert terms[name].estimate == pytest.approx(estimate, abs=PRINTED_DIGITS)
        assert terms[name].std_error == pytest.approx(std_error * scale, rel=1e-9)


def test_the_clustered_error_is_that_of_two_way_fixed_effects_but_for_the_count_of_parameters(question):
    # Pilot, post, their product, an intercept and four quarters are 8 parameters; fixest counts 7.
    expected = FIXEST_STD_ERROR * sqrt((162 - 7) / (162 - 8))
    assert specification(question, "main").effect.std_error == pytest.approx(expected, rel=1e-9)


def test_every_state_is_compared_and_two_in_the_trend_matched_run(question):
    assert [len(group.comparators) for group in question.areas.groups] == [26]
    matched = specification(question, "trend-matched comparators")
    assert (matched.pilots, matched.comparators) == (1, 2)


def test_the_readme_tells_what_the_study_finds(question):
    methods = {row.method.value: row for row in specification(question, "main").inference}
    (headline,) = [row for row in methods.values() if row.headline]
    assert headline.method.value == "collapsed_t"
    assert (round(100 * headline.conf_low, 1), round(100 * headline.conf_high, 1)) == (-8.7, 4.2)
    assert methods["randomisation"].p_value == pytest.approx((1 + 4) / 27)
    assert question.evidence.rating.value == "no_causal_reading"
