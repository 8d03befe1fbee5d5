"""Card and Krueger's restaurants as a study: two waves, five regions, and what these can and cannot show."""

import csv
from pathlib import Path

import numpy as np
import pytest

from whatworked import read_protocol, regress, run

FILE = Path(__file__).parents[2] / "shared" / "golden" / "_data" / "njmin3.csv"
PILOTS = {"NJ-C": "Central New Jersey", "NJ-N": "Northern New Jersey", "NJ-S": "Southern New Jersey"}
COMPARATORS = ("PA-1", "PA-2")
# What is printed of a regression on these rows, its error that of independent rows.
PRINTED, PRINTED_ERROR = 2.75, 1.69
PROTOCOL = """
[study]
title = "The minimum wage and employment"
question = "Did the higher minimum wage change employment in fast-food restaurants?"
intervention = "the higher minimum wage"
data_start = 1991-04-01
data_end = 1993-03-31
[records.restaurants]
kind = "events"
path = "events.csv"
columns = { area = "region", person = "restaurant", date = "day", outcome = "employment" }
period = { kind = "year", ends = "03-31" }
unit = "full-time equivalents"
source = "Card and Krueger (1994)"
[areas]
publish_names = true
pilots = [PILOTS]
[matching]
match_file = "matches.csv"
[[question]]
key = "pooled"
title = "Did employment change?"
records = "restaurants"
outcome = { label = "employment in a restaurant", better = "higher" }
estimator = "linear"
[[question]]
key = "same_restaurants"
title = "Did employment change in the same restaurants?"
records = "restaurants"
outcome = { label = "employment in a restaurant", better = "higher" }
estimator = "fixed_effects"
"""


def region(row):
    if row["nj"] == "0":
        return "PA-1" if row["pa1"] == "1" else "PA-2"
    return "NJ-C" if row["centralj"] == "1" else "NJ-S" if row["southj"] == "1" else "NJ-N"


@pytest.fixture(scope="module")
def rows():
    """Return the restaurants of both waves: region, restaurant, wave and employment, None where it is not known."""
    if not FILE.exists():
        pytest.skip(f"needs {FILE}")
    with FILE.open(encoding="utf-8") as file:
        table = list(csv.DictReader(file))
    # the restaurants stand in the same order in both waves
    return [
        (region(row), number, wave, float(row["fte"]) if row["fte"] else None)
        for wave in (0, 1)
        for number, row in enumerate(r for r in table if r["d"] == str(wave))
    ]


@pytest.fixture(scope="module")
def study(rows, tmp_path_factory):
    folder = tmp_path_factory.mktemp("restaurants")
    days = ("1992-02-28", "1992-11-30")
    with (folder / "events.csv").open("w", newline="", encoding="utf-8") as file:
        events = [(area, f"r{n}", days[wave], "" if y is None else y) for area, n, wave, y in rows]
        csv.writer(file).writerows([("region", "restaurant", "day", "employment"), *events])
    with (folder / "matches.csv").open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([("pilot", "comparator"), *((p, c) for p in PILOTS for c in COMPARATORS)])
    pilots = ", ".join(f'{{ area = "{p}", label = "{name}", start = 1992-04-01 }}' for p, name in PILOTS.items())
    (folder / "study.toml").write_text(PROTOCOL.replace("PILOTS", pilots), encoding="utf-8")
    return run(read_protocol(folder / "study.toml"), out=folder / "run"), folder / "run"


def difference(rows, keep):
    """The double difference of plain means over the rows that `keep` keeps."""
    means = {
        (side, wave): np.mean([r[3] for r in rows if keep(r) and r[0].startswith(side) and r[2] == wave])
        for side in ("NJ", "PA")
        for wave in (0, 1)
    }
    return means["NJ", 1] - means["NJ", 0] - (means["PA", 1] - means["PA", 0])


def test_the_printed_estimate_and_its_unclustered_error_are_met(rows):
    known = [r for r in rows if r[3] is not None]
    nj = np.array([r[0].startswith("NJ") for r in known], dtype=float)
    after = np.array([r[2] for r in known], dtype=float)
    table = {
        "employment": np.array([r[3] for r in known]),
        "nj": nj,
        "after": after,
        "nj_after": nj * after,
        "region": np.array([r[0] for r in known]),
    }
    fit = regress(table, outcome="employment", terms=["nj", "after", "nj_after"], area="region")
    found = fit.estimate("nj_after", "classical")
    assert (round(found.estimate, 2), round(found.std_error, 2)) == (PRINTED, PRINTED_ERROR)
    assert (found.estimate, found.std_error) == (pytest.approx(2.75360578298), pytest.approx(1.68840913091))


def test_the_pooled_study_is_the_double_difference_of_means_clustered_on_five_regions(rows, study):
    question = study[0].questions[0]
    main = question.specifications[0]
    assert main.effect.estimate == pytest.approx(difference(rows, lambda r: r[3] is not None), rel=1e-10)
    assert round(main.effect.estimate, 2) == PRINTED
    assert (main.estimator, main.areas, main.pilots, main.comparators) == ("linear", 5, 3, 2)
    known = [r for r in rows if r[3] is not None]
    assert main.rows == sum(3 if r[0].startswith("PA") else 1 for r in known)
    assert question.population.flow[1].left_out == len(rows) - len(known) == 26


def test_with_an_effect_for_each_restaurant_it_is_the_difference_of_mean_changes(rows, study):
    main = study[0].questions[1].specifications[0]
    seen = {r[1] for r in rows if r[2] == 0 and r[3] is not None} & {
        r[1] for r in rows if r[2] == 1 and r[3] is not None
    }
    assert len(seen) == 384
    expected = difference(rows, lambda r: r[1] in seen)
    assert (main.estimator, main.persons) == ("fixed_effects", 384)
    assert main.effect.estimate == pytest.approx(expected, rel=1e-10)
    assert round(main.effect.estimate, 2) == PRINTED


def test_three_regions_against_two_are_too_few_for_more_than_the_primary_analysis(study):
    for question in study[0].questions:
        decided = {d.decision: d.chosen for d in question.decisions}
        assert (decided["scope"], decided["inference"]) == ("primary_only", "collapsed_t")
        methods = {row.method: row for row in question.specifications[0].inference}
        headline = methods["collapsed_t"]
        assert headline.headline
        assert headline.df == 3
        assert headline.p_value > 0.05
        # of ten ways to choose three regions of five none can be rarer than one in ten
        assert methods["randomisation"].p_value >= 0.1
        assert "smallest p possible 0.100" in methods["randomisation"].note


def test_with_one_period_before_the_start_trends_are_untested_and_nothing_is_read_as_an_effect(study):
    findings, folder = study
    for question in findings.questions:
        assert {d.decision: d.chosen for d in question.decisions}["trends"] == "trends_untested"
        assert question.evidence.rating == "no_causal_reading"
    page = (folder / "release" / "report.html").read_text(encoding="utf-8")
    assert "could not be tested, so the difference between them afterwards cannot be read as the effect" in page
    assert "cannot be read as the effect of the higher minimum wage" in page.lower()


def test_the_headline_is_one_change_a_region(rows, study):
    known = [r for r in rows if r[3] is not None]
    changes = {
        area: np.subtract(*(np.mean([r[3] for r in known if r[0] == area and r[2] == wave]) for wave in (1, 0)))
        for area in (*PILOTS, *COMPARATORS)
    }
    treated, others = ([changes[a] for a in side] for side in (PILOTS, COMPARATORS))
    pooled = sum(np.var(side, ddof=1) * (len(side) - 1) for side in (treated, others)) / 3
    row = next(row for row in study[0].questions[0].specifications[0].inference if row.method == "collapsed_t")
    assert row.estimate == pytest.approx(np.mean(treated) - np.mean(others), rel=1e-9)
    assert row.std_error == pytest.approx(np.sqrt(pooled * (1 / 3 + 1 / 2)), rel=1e-9)
