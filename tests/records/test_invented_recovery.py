"""Invented records are read back: every person and event, and every question's outcomes, to the last row."""

import json
import sys
from datetime import date
from pathlib import Path

import pytest

from whatworked.records.invented import outcomes
from whatworked.records.invented.areas import invented_areas
from whatworked.records.invented.days import Extent, iso
from whatworked.records.invented.draws import Draws
from whatworked.records.invented.effects import effects_of, on_risks
from whatworked.records.invented.living import draw_life
from whatworked.records.invented.seen import seen
from whatworked.records.invented.write import write_records

sys.path.insert(0, str(Path(__file__).parent))

import invented_incomes
import invented_reading

PERSONS, AREAS, YEARS, SEED, EFFECT = 3_000, 8, (2013, 2018), 12, -0.3
EXTENT = Extent(*YEARS)
FIRST, LAST = date.fromordinal(EXTENT.first), date.fromordinal(EXTENT.last)


def written(folder, *, dirty):
    write_records(folder, persons=PERSONS, areas=AREAS, years=YEARS, seed=SEED, effect=EFFECT, dirty=dirty)
    return folder


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return written(tmp_path_factory.mktemp("invented") / "clean", dirty=False)


@pytest.fixture(scope="module")
def read(folder, tmp_path_factory):
    with invented_reading.reading(folder, tmp_path_factory.mktemp("reading") / "work") as reading:
        yield reading


@pytest.fixture(scope="module")
def numbered_lives():
    draws = Draws()
    nation = invented_areas(persons=PERSONS, areas=AREAS, extent=EXTENT, seed=SEED)
    return [
        (area, number, draw_life(area, number, effects=on_risks(effects_of(EFFECT)), draws=draws))
        for area in nation
        for number in range(1, area.children + 1)
    ]


@pytest.fixture(scope="module")
def lives(numbered_lives):
    return [(area.code, life) for area, _, life in numbered_lives]


def day(ordinal):
    """The text of a day that lies in the data, or before them."""
    return None if ordinal is None or ordinal > EXTENT.last else iso(ordinal)


def overlaps(start, end):
    return start <= EXTENT.last and end >= EXTENT.first


def test_every_person_is_read_back(read, lives):
    found = read.rows(read.cin.tables["child"], "area child disabled")
    expected = {
        (area, life.person.child, str(int(life.person.disabilities not in ((), ("NONE",))))) for area, life in lives
    }
    assert found == expected
    assert len(found) == PERSONS


def test_births_deaths_sex_and_ethnicity_are_read_back(read, lives):
    found = read.rows(read.cin.tables["child"], "area child birth_date ethnicity death_date sex")
    births = {(area, child, birth) for area, child, birth, *_ in found if birth}
    # Of children who were born by the last census that has them; the others are known by their expected birth.
    born = {(area, life.person.child, iso(life.person.birth)) for area, life in lives if life.person.expected is None}
    assert born <= births <= {(area, life.person.child, iso(life.person.birth)) for area, life in lives}
    expected = read.rows(read.cin.tables["child"], "area child expected_birth_date")
    unborn = {(area, life.person.child, iso(life.person.expected)) for area, life in lives if life.person.expected}
    assert {row for row in expected if row[2]} <= unborn
    assert {row for row in expected if row[2]}
    assert {(area, child, group) for area, child, _, group, _, _ in found} == {
        (area, life.person.child, life.person.ethnicity) for area, life in lives
    }
    assert {(area, child, sex) for area, child, birth, _, _, sex in found if birth} <= {
        (area, life.person.child, str(life.person.sex)) for area, life in lives
    }
    deaths = {(area, child, death) for area, child, _, _, death, _ in found if death}
    assert deaths <= {(area, life.person.child, day(life.person.death)) for area, life in lives if life.person.death}
    assert deaths


def latest(rows, key):
    """The rows of the latest return that has each; the return's year is the last column."""
    years = {}
    for *row, year in rows:
        years[tuple(row[:key])] = max(int(year), years.get(tuple(row[:key]), 0))
    return {tuple(row) for *row, year in rows if int(year) == years[tuple(row[:key])]}


def test_every_referral_is_read_back(read, lives):
    columns = "area child referral_date no_further_action need referral_source closure_date closure_reason census_year"
    found = latest(read.rows(read.cin.tables["referral"], columns), 6)
    expected = {
        (area, life.person.child, iso(case.day), str(int(case.no_action)), case.need, case.source, day(case.closure),
         case.reason if day(case.closure) else None)
        for area, life in lives for case in life.cases if overlaps(case.day, case.closure or case.day)
    }  # fmt: skip
    assert found == expected


def test_an_open_case_stands_in_every_census_until_it_is_closed(read, lives):
    rows = read.rows(read.cin.tables["referral"], "area child referral_date census_year closure_date")
    area, life, case = next(
        (area, life, case) for area, life in lives for case in life.cases
        if case.closure and FIRST.toordinal() < case.day < case.closure - 800 and case.closure < EXTENT.last
        and len(life.cases) == 1
    )  # fmt: skip
    closures = {
        int(year): closed for a, c, d, year, closed in rows if (a, c, d) == (area, life.person.child, iso(case.day))
    }
    assert sorted(closures) == list(range(min(closures), max(closures) + 1))
    assert len(closures) >= 3
    assert closures.pop(max(closures)) == iso(case.closure)
    assert set(closures.values()) == {None}


def test_every_assessment_is_read_back(read, lives):
    found = latest(read.rows(read.cin.tables["assessment"], "area child start_date end_date census_year"), 3)
    assert found == {
        (area, life.person.child, iso(one.start), day(one.end))
        for area, life in lives for case in life.cases for one in case.assessments if overlaps(one.start, one.end)
    }  # fmt: skip


def test_every_conference_is_read_back(read, lives):
    found = read.rows(read.cin.tables["conference"], "area child conference_date origin")
    assert found == {
        (area, life.person.child, iso(held.day), "referral" if held.enquiry is None else "section47")
        for area, life in lives for case in life.cases for held in case.conferences if overlaps(held.day, held.day)
    }  # fmt: skip
    assert {origin for *_, origin in found} == {"referral", "section47"}


def test_every_plan_is_read_back(read, lives):
    columns = "area child start_date initial_abuse previous_plans referral_date end_date census_year"
    found = latest(read.rows(read.cin.tables["plan"], columns), 3)
    assert found == {
        (area, life.person.child, iso(plan.start), plan.abuse, str(plan.previous), iso(case.day), day(plan.end))
        for area, life in lives for case in life.cases for plan in case.plans if overlaps(plan.start, plan.end)
    }  # fmt: skip


def test_every_episode_of_care_is_read_back(read, lives):
    columns = "area child start_date start_reason legal_status placement need end_date end_reason"
    found = read.rows(invented_reading.stitched_episodes(read.cla.tables["episode"]), columns)
    expected = {
        (area, life.person.child, iso(one.start), one.start_reason, one.legal_status, one.placement, one.need,
         day(one.end), one.end_reason if day(one.end) else None)
        for area, life in lives
        for one in (*life.short_breaks, *(episode for period in life.periods for episode in period))
        if overlaps(one.start, one.end)
    }  # fmt: skip
    assert found == expected
    assert {"S", "P", "L"} <= {start for _, _, _, start, *_ in found}


def test_clean_files_give_the_readers_nothing_to_complain_of(read):
    assert [step for one in read.sources for step in one.steps if step.left_out] == []
    assert {note.what.partition(":")[0] for note in (note for one in read.sources for note in one.notes)} <= {
        "returns of years before 2017 or after 2026",
        "elements that no table holds",
        "header rows without ETHNIC",
        "header rows without a UPN",
        "episodes that a later return repeats",
    }


def test_cohorts_recover_the_truth_of_every_question(read, folder):
    for question, rows in read.questions(FIRST, LAST).items():
        assert rows == invented_reading.truth(folder, question), question
        assert len({outcome for *_, outcome in rows}) > 1, question


def test_low_income_of_every_row_is_what_the_school_censuses_had_said_by_then(read, numbered_lives):
    for question, found in read.low_incomes(FIRST, LAST).items():

        def days(life, question=question):
            return [row.after for row in outcomes.rows(seen(life, EXTENT), EXTENT)[question]]

        assert found == invented_incomes.truth_of_incomes(numbered_lives, days, EXTENT), question
        levels = {level for *_, level in found}
        assert levels == {"yes", "no", "below_school_age", "missing"}, question


def test_cohorts_recover_the_truth_from_dirty_files_and_the_dirt_is_counted(tmp_path):
    folder = written(tmp_path / "dirty", dirty=True)
    with invented_reading.reading(folder, tmp_path / "work") as read:
        for question, rows in read.questions(FIRST, LAST).items():
            assert rows == invented_reading.truth(folder, question), question
        steps = {(step.step, step.rule): step.left_out for one in (read.cin, read.cla) for step in one.steps}
        notes = {note.what: note.rows for note in read.cin.notes}
    dirt = json.loads((folder / "truth.json").read_text())["dirt"]
    assert steps["child", "the child has an LAchildID"] == dirt["children without an identifier, copies of others"]
    no_date = dirt["children with a referral whose date is none"]
    assert steps["referral", "CINreferralDate is a date"] == notes["CINreferralDate: no day of the calendar"] == no_date
    assert notes["pieces of text between elements"] == dirt["children with text between elements"]
    unknown = "elements Nickname, unknown to the census where they stand"
    assert notes[unknown] == dirt["children with an element unknown to the census"]
    assert steps["episodes", "DECOM is given"] == dirt.get("episodes without a start", 0)
    assert steps["episodes", "DECOM is a date"] == dirt.get("episodes that start on no day", 0)
    backwards = dirt.get("episodes that end before they start", 0)
    assert steps["episodes", "DEC is not before DECOM"] == backwards
    twice = dirt.get("episodes that stand twice in one return", 0)
    assert steps["episodes", "equal rows of a return are counted once"] == twice
    assert dirt["referrals that miss their first return and stand in the next"] > 0
    assert dirt["referrals closed without a reason"] > 0
    assert dirt["children with a referral that was closed before it was made"] > 0
    assert dirt["children with an assessment that ended before it started"] > 0
