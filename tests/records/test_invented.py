"""Invented records: the same seed gives the same bytes, councils do not depend on each other, the planted is there."""

import csv
import json
import re
import subprocess
import sys
from collections import Counter
from datetime import date
from hashlib import sha256
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from whatworked.errors import UsageError
from whatworked.records.calendar import working_days
from whatworked.records.invented import outcomes, write
from whatworked.records.invented.areas import NATION, invented_areas
from whatworked.records.invented.days import Extent, after_working_days, iso
from whatworked.records.invented.draws import Draws, shares
from whatworked.records.invented.effects import QUESTIONS, effects_of, on_risks
from whatworked.records.invented.lives import Assessment, Case, Conference, Episode, Life, Plan
from whatworked.records.invented.living import draw_life
from whatworked.records.invented.people import unique_pupil_number
from whatworked.records.invented.seen import seen
from whatworked.records.invented.truth import Tally
from whatworked.records.invented.write import shared_out, write_area, write_records

SMALL = {"persons": 400, "areas": 8, "years": (2013, 2018), "seed": 3, "effect": -0.3}
LONG = Extent(2009, 2019)
NONE, HALF = on_risks(effects_of(0.0)), on_risks(effects_of(-0.5))


def digests(folder):
    return {
        str(path.relative_to(folder)): sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def told(folder):
    return json.loads((folder / "truth.json").read_text())


@pytest.fixture(scope="module")
def small(tmp_path_factory):
    folder = tmp_path_factory.mktemp("small") / "records"
    write_records(folder, **SMALL)
    return folder


@pytest.fixture(scope="module")
def nation(tmp_path_factory):
    """The truth about a nation of sixteen thousand children, in which nothing happens after all."""
    folder = tmp_path_factory.mktemp("nation") / "records"
    write_records(folder, persons=16_000, areas=20, years=(2009, 2019), seed=1, effect=0.0)
    return folder


@pytest.fixture(scope="module")
def lives():
    """All lives of half as many, by council."""
    draws = Draws()
    areas = invented_areas(persons=8_000, areas=20, extent=LONG, seed=1)
    return [
        (area, draw_life(area, number, effects=NONE, draws=draws))
        for area in areas for number in range(1, area.children + 1)
    ]  # fmt: skip


def test_the_same_seed_gives_the_same_bytes_and_another_seed_others(small, tmp_path):
    for dirty in (False, True):
        write_records(tmp_path / f"one {dirty}", **SMALL, dirty=dirty)
        write_records(tmp_path / f"two {dirty}", **SMALL, dirty=dirty)
        assert digests(tmp_path / f"one {dirty}") == digests(tmp_path / f"two {dirty}")
    assert digests(tmp_path / "one False") == digests(small)
    assert digests(tmp_path / "one True") != digests(small)
    write_records(tmp_path / "other", **{**SMALL, "seed": 4})
    assert digests(tmp_path / "other") != digests(small)


def test_councils_can_be_written_in_any_order(small, tmp_path):
    areas = invented_areas(persons=400, areas=8, extent=Extent(2013, 2018), seed=3)
    for area in reversed(areas):
        write_area(tmp_path / "reversed", area, effects=effects_of(-0.3), tally=Tally())
    whole = digests(small)
    del whole["truth.json"]
    assert digests(tmp_path / "reversed") == whole


@pytest.mark.parametrize("form", ["returns", "npd"])
def test_two_processes_write_what_one_writes(tmp_path, monkeypatch, form):
    write_records(tmp_path / "one", **SMALL, dirty=True, form=form)
    monkeypatch.setattr(write, "WORTH_A_PROCESS", 100)
    monkeypatch.setattr(write, "cores", lambda: 2)
    write_records(tmp_path / "two", **SMALL, dirty=True, form=form)
    assert digests(tmp_path / "one") == digests(tmp_path / "two")
    assert {path.name for path in (tmp_path / "two").iterdir()} == {path.name for path in (tmp_path / "one").iterdir()}


@pytest.mark.parametrize("dirty", [False, True])
def test_without_the_rows_of_the_truth_stand_the_same_records_and_the_sums_of_the_pilots(tmp_path, dirty):
    write_records(tmp_path / "whole", **SMALL, dirty=dirty)
    write_records(tmp_path / "sums", **SMALL, dirty=dirty, whole_truth=False)
    whole, sums = told(tmp_path / "whole"), told(tmp_path / "sums")
    for of_question in whole["questions"].values():
        assert of_question.pop("all")["rows"] >= of_question["pilots_before"]["rows"] > 0
    assert sums == whole
    records = {path: digest for path, digest in digests(tmp_path / "whole").items() if not path.startswith("truth")}
    assert {path: digest for path, digest in digests(tmp_path / "sums").items() if path != "truth.json"} == records


@pytest.mark.parametrize("shares", [0, 1, 2, 3, 8, 50])
def test_councils_are_shared_out_in_their_order_and_evenly(shares):
    areas = invented_areas(persons=4_000, areas=30, extent=LONG, seed=3)
    found = shared_out(areas, shares)
    assert tuple(area for of_share in found for area in of_share) == areas
    assert 1 <= len(found) <= max(shares, 1)
    largest = max(area.children for area in areas)
    assert all(sum(area.children for area in of_share) < 4_000 / max(shares, 1) + largest for of_share in found)


def test_the_effect_changes_no_comparator_and_no_case_closed_before_the_programme(small, tmp_path):
    write_records(tmp_path / "without", **{**SMALL, "effect": 0.0})
    pilots = {area["area"] for area in told(small)["areas"] if area["pilot"]}
    changed = {path for path, digest in digests(tmp_path / "without").items() if digests(small)[path] != digest}
    assert {path for path in changed if not any(pilot in path for pilot in pilots)} == {"truth.json"}
    draws = Draws()
    area = invented_areas(persons=4_000, areas=8, extent=LONG, seed=3)[0]
    start = area.programme.start
    altered = 0
    for number in range(1, area.children + 1):
        with_effect, without = (
            draw_life(area, number, effects=on_risks(effects_of(effect)), draws=draws) for effect in (-0.5, 0.0)
        )
        before = [
            [case for case in life.cases if (case.closure or case.day) < start] for life in (with_effect, without)
        ]
        assert before[0] == before[1]
        assert with_effect.person == without.person
        altered += with_effect.cases != without.cases
    assert altered > 20


def test_no_two_councils_have_the_same_children():
    draws = Draws()
    one, two, *_ = invented_areas(persons=2_000, areas=8, extent=LONG, seed=1)
    born = [
        {draw_life(area, number, effects=NONE, draws=draws).person.birth for number in range(1, 100)}
        for area in (one, two)
    ]
    assert len(born[0] & born[1]) < 10


def test_there_are_as_many_children_as_asked_for_and_each_is_in_a_census(small):
    areas = told(small)["areas"]
    assert sum(area["children"] for area in areas) == 400 == told(small)["written"]["children"]
    for area in areas:
        ids = set()
        for census in (small / "cin").glob(f"{area['area']}_*.xml"):
            ids |= {part.partition("<")[0] for part in census.read_text().split("<LAchildID>")[1:]}
        assert len(ids) == area["children"]


def test_the_first_fifth_of_the_councils_and_no_fewer_than_four_are_pilots_with_dates_in_the_data():
    for areas, pilots in ((8, 4), (20, 4), (21, 5), (50, 10)):
        made = invented_areas(persons=1_000, areas=areas, extent=LONG, seed=2)
        assert [area.programme is not None for area in made] == [True] * pilots + [False] * (areas - pilots)
        for area in made[:pilots]:
            assert LONG.first + 365 < area.programme.start < area.programme.embedded < LONG.last - 365
            assert date.fromordinal(area.programme.start).day == 1
        assert len({area.programme.start for area in made[:pilots]}) > 1


def test_exposure_grows_from_the_start_to_the_embedded_date():
    area = invented_areas(persons=100, areas=8, extent=LONG, seed=2)[0]
    start, embedded = area.programme.start, area.programme.embedded
    assert [area.exposure(day) for day in (start - 1, start, embedded, embedded + 900)] == [0.0, 0.0, 1.0, 1.0]
    assert area.exposure((start + embedded) // 2) == pytest.approx(0.5, abs=0.01)


def test_councils_differ_in_level_and_trend_and_years_in_their_shocks():
    made = invented_areas(persons=1_000, areas=300, extent=LONG, seed=2)
    for risk in NATION:
        logs = np.log([area.multipliers[risk] for area in made])
        levels, slopes = logs.mean(axis=1), np.polynomial.polynomial.polyfit(np.arange(logs.shape[1]), logs.T, 1)[1]
        rest = logs - levels[:, None] - slopes[:, None] * (np.arange(logs.shape[1]) - 5)
        assert 0.10 < levels.std() < 0.14
        assert 0.010 < slopes.std() < 0.015
        assert 0.03 < rest.std() < 0.05


def within(share, low, high):
    assert low <= share <= high, share


def test_marginals_are_those_of_referred_children(lives):
    firsts = [(life.person, life.cases[0]) for _, life in lives]
    n = len(firsts)
    sex = Counter(person.sex for person, _ in firsts)
    within(sex[1] / n, 0.49, 0.53)
    within(sex[2] / n, 0.46, 0.50)
    groups = Counter((person.ethnicity or "-")[0] for person, _ in firsts)
    within(groups["W"] / n, 0.69, 0.81)
    within(groups["M"] / n, 0.03, 0.06)
    within(groups["-"] / n, 0.04, 0.11)
    within(sum(person.disabilities not in ((), ("NONE",)) for person, _ in firsts) / n, 0.08, 0.15)
    ages = np.array([(case.day - person.birth) / 365.25 for person, case in firsts])
    within((ages < 5).mean(), 0.31, 0.42)
    within(((ages >= 5) & (ages < 12)).mean(), 0.36, 0.40)
    within((ages >= 12).mean(), 0.19, 0.32)
    within((ages < 0).mean(), 0.01, 0.04)
    within(ages[ages >= 0].mean(), 6.3, 8.4)
    needs = Counter(case.need for _, life in lives for case in life.cases)
    total = needs.total()
    within(needs["N1"] / total, 0.36, 0.51)
    within(needs["N5"] / total, 0.14, 0.36)
    within(needs["N4"] / total, 0.09, 0.11)


def test_baseline_incidences_are_near_the_published_ones(nation):
    found = {question: sums["all"]["mean"] for question, sums in told(nation)["questions"].items()}
    within(found["rereferral"], 0.16, 0.27)
    within(found["escalation"], 0.008, 0.018)
    within(found["kinship"], 0.33, 0.40)
    within(found["icpc"], 0.08, 0.11)
    within(found["entry_to_care"], 0.02, 0.04)
    within(found["assessment_duration"], 25, 29)


def test_assessments_have_a_long_tail(lives):
    took = np.array([
        working_days(date.fromordinal(one.start), date.fromordinal(one.end))
        for _, life in lives for case in life.cases if case.closure is None or case.closure < LONG.last
        for one in case.assessments
    ])  # fmt: skip
    low, middle, high = np.quantile(took, (0.25, 0.5, 0.75))
    assert took.mean() > middle + 3
    within((took > high + 1.5 * (high - low)).mean(), 0.02, 0.10)
    within((took == 0).mean(), 0.02, 0.08)


def test_what_happened_once_is_likelier_to_happen_again(lives):
    again = {False: [], True: []}
    for _, life in lives:
        found = outcomes.rows(seen(life, LONG), LONG)["rereferral"]
        for one, other in pairwise(found):
            again[bool(one.outcome)].append(other.outcome)
    assert np.mean(again[True]) > np.mean(again[False]) + 0.03


def test_the_planted_effect_is_there(tmp_path):
    write_records(tmp_path / "records", persons=32_000, areas=8, years=(2009, 2019), seed=2, effect=-0.5)
    found = told(tmp_path / "records")["questions"]
    ratio = {
        question: sums["pilots_after"]["mean"] / sums["pilots_after_without_the_programme"]["mean"]
        for question, sums in found.items()
    }
    assert {question: sums["pilots_after"]["rows"] > 50 for question, sums in found.items()} == dict.fromkeys(
        QUESTIONS, True
    )
    for question in ("rereferral", "icpc", "entry_to_care", "assessment_duration"):
        within(ratio[question], 0.38, 0.62)
    within(ratio["kinship"], 1.2, 1.8)
    # Both the re-referral and what follows it are halved.
    within(ratio["escalation"], 0.10, 0.45)
    assert found["rereferral"]["pilots_before"]["mean"] > 1.5 * found["rereferral"]["pilots_after"]["mean"]


def test_without_an_effect_the_truth_with_and_without_the_programme_is_one(nation):
    for sums in told(nation)["questions"].values():
        assert sums["pilots_after"] == sums["pilots_after_without_the_programme"]


def test_what_is_summed_is_what_is_written(small):
    last = told(small)["last_day"]
    for question in QUESTIONS:
        rows = [
            row
            for path in (small / "truth").glob(f"*_{question}.csv")
            for row in csv.DictReader(path.read_text().splitlines())
        ]
        known = [int(row["outcome"]) for row in rows if row["known"] < last]
        sums = told(small)["questions"][question]["all"]
        assert sums["rows"] == len(known)
        assert sums["mean"] is None or sums["mean"] == pytest.approx(sum(known) / len(known))


MEMORY = """
import resource, sys
from pathlib import Path
from whatworked.records.invented.write import write_records
write_records(Path(sys.argv[1]), persons=int(sys.argv[2]), areas=8, years=(2011, 2018), seed=1, effect=-0.2)
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
"""


def test_memory_does_not_grow_with_the_number_of_children(tmp_path):
    peaks = [
        int(subprocess.run([sys.executable, "-c", MEMORY, str(tmp_path / str(persons)), str(persons)],
                           capture_output=True, check=True, text=True).stdout)
        for persons in (5_000, 20_000)
    ]  # fmt: skip
    assert peaks[1] < 1.05 * peaks[0]


def test_all_numbers_that_contradict_each_other_are_said_at_once(tmp_path):
    with pytest.raises(UsageError) as error:
        write_records(tmp_path / "new", persons=3, areas=7, years=(2018, 2015), seed=1, effect=3.0)
    assert [mistake.where for mistake in error.value.mistakes] == ["areas", "persons", "years", "effect"]
    assert not (tmp_path / "new").exists()


def test_nothing_is_overwritten(small):
    before = digests(small)
    with pytest.raises(UsageError, match="is not empty; nothing was written"):
        write_records(small, **SMALL)
    assert digests(small) == before


def test_a_folder_that_cannot_be_one_is_refused(tmp_path):
    (tmp_path / "file").write_text("mine")
    for folder, found in (("file", "is a file, not a folder"), ("file/below", "cannot be written: Not a directory")):
        with pytest.raises(UsageError, match=found):
            write_records(tmp_path / folder, **SMALL)
    assert (tmp_path / "file").read_text() == "mine"


def test_pupils_have_a_row_a_school_year_and_a_flag_once_set_stays(small):
    pupils = {}
    for path in (small / "school").glob("*.csv"):
        for row in csv.DictReader(path.read_text().splitlines()):
            pupils.setdefault(row["pupil"], []).append(row)
    assert len(pupils) > 100
    for rows in pupils.values():
        years = [int(row["census_year"]) for row in rows]
        assert years == list(range(years[0], years[0] + len(years)))
        ever = [row["ever_free_meals"] for row in rows if row["ever_free_meals"]]
        assert ever == sorted(ever)
        grades = [int(row["school_year"]) for row in rows if row["school_year"]]
        assert grades == list(range(grades[0], grades[0] + len(grades))) if grades else True
    assert {row["early_years_premium"] for rows in pupils.values() for row in rows} == {"", "0", "1"}


def test_pupil_numbers_have_the_form_of_a_upn():
    # The check letter is the remainder by 23 of the digits times their places from 2 on, I, O and S left out.
    assert unique_pupil_number(1, 1) == "U001000000001"
    assert unique_pupil_number(0, 0) == "A000000000000"


def test_working_days_are_added_as_they_are_counted():
    for start in (date(2012, 6, 1), date(2012, 6, 2), date(2018, 12, 24)):
        for number in (0, 1, 27, 200):
            end = date.fromordinal(after_working_days(start.toordinal(), number))
            assert working_days(start, end) == number


def test_values_are_drawn_in_their_shares():
    draws = Draws()
    draws.begin(1, 1, about="life")
    found = Counter(draws.one_of(shares({"a": 3, "b": 1})) for _ in range(4_000))
    within(found["a"] / 4_000, 0.72, 0.78)
    assert set(found) == {"a", "b"}


def life_of(cases=(), periods=()):
    return Life(None, tuple(cases), tuple(periods), (), False)


def ordinal(text):
    return date.fromisoformat(text).toordinal()


def rows_of(question, **drawn):
    found = outcomes.rows(seen(life_of(**drawn), LONG), LONG)[question]
    return [(iso(row.event), row.outcome) for row in found]


def case(day, closure=None, *, reason="RC8", no_action=False, **more):
    return Case(ordinal(day), "6", "N1", no_action, closure and ordinal(closure), closure and reason, **more)


def test_the_truth_of_a_re_referral_is_open_at_the_closure_and_closed_at_the_window():
    first = case("2013-05-01", "2013-06-01")
    again = {"2013-06-01": 0, "2013-06-02": 1, "2013-12-01": 1, "2013-12-02": 0}
    for day, outcome in again.items():
        assert rows_of("rereferral", cases=[first, case(day, "2014-07-01")])[0] == ("2013-06-01", outcome)


def test_the_truth_of_an_escalation_counts_from_the_re_referral():
    first = case("2013-05-01", "2013-06-01")
    for started, outcome in {"2013-08-31": 0, "2013-09-01": 1, "2014-02-28": 1, "2014-03-01": 0}.items():
        plan = Plan(ordinal(started), ordinal("2014-06-01"), "NEG", 0)
        again = case("2013-09-01", "2014-07-01", reason="RC7", plans=(plan,))
        assert rows_of("escalation", cases=[first, again]) == [("2013-06-01", outcome)]


def test_the_truth_of_a_conference_leaves_both_ends_of_the_window_out():
    for held, outcome in {"2013-05-01": 0, "2013-05-02": 1, "2013-07-29": 1, "2013-07-30": 0}.items():
        one = case("2013-05-01", "2014-05-01", reason="RC7", conferences=(Conference(ordinal(held), None),))
        assert rows_of("icpc", cases=[one]) == [("2013-05-01", outcome)]


def episode(start, end, *, place="U6", reason="E4A", new="S"):
    return Episode(ordinal(start), ordinal(end), new, "C1", place, "N1", reason)


def test_the_truth_of_entry_to_care_has_both_ends_and_leaves_out_who_is_in_care():
    for start, outcome in {"2013-05-01": 1, "2014-05-01": 1, "2014-05-02": 0}.items():
        period = (episode(start, "2015-01-01"),)
        assert rows_of("entry_to_care", cases=[case("2013-05-01", "2013-06-01")], periods=[period]) == [
            ("2013-05-01", outcome)
        ]
    held = (episode("2013-04-30", "2015-01-01"),)
    assert rows_of("entry_to_care", cases=[case("2013-05-01", "2013-06-01")], periods=[held]) == []


def test_the_truth_of_kinship_is_a_placement_or_an_order_within_the_year():
    for start, outcome in {"2014-05-01": 1, "2014-05-02": 0}.items():
        period = (episode("2013-05-01", start, reason="X1"), episode(start, "2016-01-01", place="U3", new="P"))
        assert rows_of("kinship", periods=[period]) == [("2013-05-01", outcome)]
    for end, outcome in {"2014-05-01": 1, "2014-05-02": 0}.items():
        assert rows_of("kinship", periods=[(episode("2013-05-01", end, reason="E43"),)]) == [("2013-05-01", outcome)]


def test_the_truth_of_a_duration_is_in_working_days():
    took = Assessment(ordinal("2013-05-03"), ordinal("2013-05-07"))
    assert rows_of("assessment_duration", cases=[case("2013-05-01", "2013-06-01", assessments=(took,))]) == [
        ("2013-05-03", 1)
    ]


def test_a_period_whose_first_episode_no_return_holds_has_no_known_start():
    period = (
        episode("2007-01-01", "2008-03-01", reason="X1"),
        episode("2008-03-01", "2010-01-01", place="U3", new="P"),
    )
    assert rows_of("kinship", periods=[period]) == []
    assert rows_of("entry_to_care", cases=[case("2009-01-01", "2009-02-01")], periods=[period]) == []


PAGE = Path(__file__).parents[2] / "docs" / "how-to" / "simulate.md"


def test_the_program_on_the_page_runs(tmp_path, monkeypatch, capsys):
    program = PAGE.read_text(encoding="utf-8").partition("```python\n")[2].partition("```")[0]
    monkeypatch.chdir(tmp_path)
    exec(compile(program, "simulate.md", "exec"), {})
    assert [line.split()[0] for line in capsys.readouterr().out.splitlines()] == list(QUESTIONS)


def test_the_page_says_what_comes_out_without_a_programme(nation):
    table = PAGE.read_text(encoding="utf-8").partition("without a programme, near")[2].partition("\n\n")[0]
    stated = dict(re.findall(r"`(\w+)` \| ([\d.]+%?)", table))
    assert set(stated) == set(QUESTIONS)
    for question, text in stated.items():
        mean = told(nation)["questions"][question]["all"]["mean"]
        assert mean == pytest.approx(float(text.strip("%")) / (100 if "%" in text else 1), rel=0.15), question
