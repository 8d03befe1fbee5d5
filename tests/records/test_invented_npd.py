"""An invented extract is read back: every person and event, and every question's outcomes, to the last row."""

import json
import sys
from collections import Counter
from datetime import date
from pathlib import Path

import pytest

from whatworked.records.invented import outcomes
from whatworked.records.invented.areas import invented_areas
from whatworked.records.invented.days import Extent, first_day_of, iso
from whatworked.records.invented.draws import Draws
from whatworked.records.invented.effects import effects_of, on_risks
from whatworked.records.invented.living import draw_life
from whatworked.records.invented.npd_writer import WITHOUT_PLANS
from whatworked.records.invented.returns import spans_of_case
from whatworked.records.invented.seen import seen
from whatworked.records.invented.write import write_records

sys.path.insert(0, str(Path(__file__).parent))

import invented_incomes
import invented_reading

PERSONS, AREAS, YEARS, SEED, EFFECT = 3_000, 8, (2009, 2015), 11, -0.3
EXTENT = Extent(*YEARS)
FIRST, LAST = date.fromordinal(EXTENT.first), date.fromordinal(EXTENT.last)
PLANS_FROM = date(2012, 4, 1)


def written(folder, *, dirty):
    write_records(folder, persons=PERSONS, areas=AREAS, years=YEARS, seed=SEED, effect=EFFECT, dirty=dirty, form="npd")
    return folder


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return written(tmp_path_factory.mktemp("extract") / "clean", dirty=False)


@pytest.fixture(scope="module")
def read(folder, tmp_path_factory):
    with invented_reading.reading_extract(folder, tmp_path_factory.mktemp("reading") / "work") as reading:
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


def table(read, name, columns):
    return read.rows(read.cin.tables[name], columns)


def day(ordinal):
    return None if ordinal is None or ordinal > EXTENT.last else iso(ordinal)


def overlaps(start, end):
    return start <= EXTENT.last and end >= EXTENT.first


def latest(rows, key):
    """The rows of the latest year that has each; the year is the last column."""
    years = {}
    for *row, year in rows:
        years[tuple(row[:key])] = max(int(year), years.get(tuple(row[:key]), 0))
    return {tuple(row) for *row, year in rows if int(year) == years[tuple(row[:key])]}


def test_every_person_is_read_back(read, lives):
    found = table(read, "child", "area child origin disabled")
    cin = {(area, child, disabled) for area, child, origin, disabled in found if origin == "cin"}
    assert cin == {
        (area, life.person.child, str(int(life.person.disabilities not in ((), ("NONE",))))) for area, life in lives
    }
    assert len(cin) == PERSONS


def test_births_are_days_of_children_in_need_and_months_of_children_looked_after(read, lives):
    births = {(area, life.person.child): life.person.birth for area, life in lives}
    found = table(read, "child", "area child origin birth_date birth_precision asylum")
    asylum = {(area, life.person.child): str(int(life.asylum)) for area, life in lives}
    assert {origin for _, _, origin, *_ in found} == {"cin", "cla"}
    for area, child, origin, birth, precision, asking in found:
        known = iso(births[area, child])
        if origin == "cla":
            assert (birth, precision, asking) == (f"{known[:7]}-01", "month", asylum[area, child])
        else:
            assert (birth, precision) in ((known, "day"), (None, None))


def test_every_referral_is_read_back(read, lives):
    columns = "area child referral_date no_further_action need referral_source closure_date closure_reason census_year"
    found = latest(table(read, "referral", columns), 6)
    assert found == {
        (area, life.person.child, iso(case.day), str(int(case.no_action)), case.need, case.source, day(case.closure),
         case.reason if day(case.closure) else None)
        for area, life in lives for case in life.cases if overlaps(case.day, case.closure or case.day)
    }  # fmt: skip


def test_the_extracts_own_flags_of_need_are_read(read, lives):
    found = table(read, "referral", "area child referral_date census_year in_need_at_31_march in_need_started need")
    assert {row[4] for row in found if row[3] == "2009"} == {None}
    expected = {
        (area, life.person.child, iso(case.day), str(span.year),
         str(int(not case.no_action and (case.closure is None or case.closure > span.last))))
        for area, life in lives for case in life.cases for span in spans_of_case(case, EXTENT) if span.year > 2009
    }  # fmt: skip
    assert {row[:5] for row in found if row[3] != "2009"} == expected
    assert {row[5] for row in found} == {"0", "1"}


def test_every_assessment_is_read_back(read, lives):
    found = latest(table(read, "assessment", "area child start_date end_date census_year"), 3)
    assert found == {
        (area, life.person.child, iso(one.start), day(one.end))
        for area, life in lives for case in life.cases for one in case.assessments if overlaps(one.start, one.end)
    }  # fmt: skip
    kinds = {(int(year) > 2013, kind) for year, kind in table(read, "assessment", "census_year kind")}
    assert kinds == {(False, "core"), (True, "combined")}


def test_every_conference_is_read_back(read, lives):
    assert table(read, "conference", "area child conference_date origin") == {
        (area, life.person.child, iso(held.day), "referral" if held.enquiry is None else "section47")
        for area, life in lives for case in life.cases for held in case.conferences if overlaps(held.day, held.day)
    }  # fmt: skip


def test_plans_are_read_back_that_were_still_open_when_plans_were_collected(read, lives):
    columns = "area child start_date initial_abuse previous_plans referral_date end_date census_year"
    found = latest(table(read, "plan", columns), 3)
    collected = [year for year in range(YEARS[0], YEARS[1] + 1) if year not in WITHOUT_PLANS]

    def seen_last(plan):
        return max(
            (year for year in collected if plan.start < first_day_of(year + 1) and plan.end >= first_day_of(year)),
            default=None,
        )

    expected = set()
    for area, life in lives:
        for case in life.cases:
            for plan in case.plans:
                if (year := seen_last(plan)) is not None:
                    end = iso(plan.end) if plan.end < first_day_of(year + 1) else None
                    expected.add((area, life.person.child, iso(plan.start), plan.abuse, str(plan.previous),
                                  iso(case.day), end))  # fmt: skip
    assert found == expected
    assert {row[2] for row in found if "2010-04-01" <= row[2] < "2011-04-01"} != set()


def test_every_episode_of_care_is_read_back(read, lives):
    columns = "area child start_date start_reason legal_status placement need end_date end_reason"
    found = table(read, "episode", columns)
    assert found == {
        (area, life.person.child, iso(one.start), "S" if one is period[0] else None, one.legal_status, one.placement,
         one.need, day(one.end), one.end_reason if day(one.end) else None)
        for area, life in lives
        for period in (*life.periods, *((short,) for short in life.short_breaks))
        for one in period
        if overlaps(one.start, one.end)
    }  # fmt: skip


def test_years_without_plans_are_known_to_the_reader(read):
    assert read.cin.first_days == {"plan": PLANS_FROM}
    note = next(note for note in read.cin.notes if note.what.startswith("census years in which no plan"))
    assert note.what.endswith("2010, 2011, 2012")


def test_clean_files_give_the_reader_nothing_to_complain_of(read):
    left_out = {(step.step, step.rule.partition(" (")[0]) for step in read.cin.steps if step.left_out}
    repeated = ("referral", "rows of one year that differ in nothing but plans and conferences are one referral")
    assert left_out - {repeated} == {("section 47", "there was a conference")}
    whats = {note.what.partition(":")[0] for note in read.cin.notes}
    assert whats <= {
        "columns that no table holds",
        "files of children in need without a column asylumseeking",
        "census years in which no plan stands",
        "episodes without RNE",
        "pupils among the children who are in no school census",
    }


def test_cohorts_recover_the_truth_of_every_question(read, folder):
    for question, found in read.questions(FIRST, LAST).items():
        expected = invented_reading.truth(folder, question)
        if question == "escalation":
            expected = Counter({row: n for row, n in expected.items() if row[2] >= PLANS_FROM.isoformat()})
        assert found == expected, question
        assert len({outcome for *_, outcome in found}) > 1, question


def test_low_income_of_every_row_is_what_the_school_censuses_had_said_by_then(read, numbered_lives):
    for question, found in read.low_incomes(FIRST, LAST).items():

        def days(life, question=question):
            rows = outcomes.rows(seen(life, EXTENT), EXTENT)[question]
            return [row.after for row in rows if question != "escalation" or row.event >= PLANS_FROM.toordinal()]

        assert found == invented_incomes.truth_of_incomes(numbered_lives, days, EXTENT), question
        assert {"yes", "no", "below_school_age"} <= {level for *_, level in found}, question


def test_cohorts_recover_the_truth_from_a_dirty_extract_and_the_dirt_is_counted(tmp_path):
    folder = written(tmp_path / "dirty", dirty=True)
    with invented_reading.reading_extract(folder, tmp_path / "work") as read:
        found = read.questions(FIRST, LAST)
        steps = {(step.step, step.rule.partition(" (")[0]): step for step in read.cin.steps}
        notes = {note.what.partition(" (")[0]: note for note in read.cin.notes}
    for question, rows in found.items():
        expected = invented_reading.truth(folder, question)
        if question == "escalation":
            expected = Counter({row: n for row, n in expected.items() if row[2] >= PLANS_FROM.isoformat()})
        assert rows == expected, question
    dirt = json.loads((folder / "truth.json").read_text())["dirt"]
    nobody = steps["children in need", "a child is given"]
    assert nobody.left_out == dirt["rows of an extract without a child, copies of others"] > 0
    assert "CIN_2009.csv row " in nobody.rule
    no_day = dirt["rows of an extract whose referral is on no day, copies of others"]
    assert steps["referral", "the day of the referral is a date"].left_out == no_day > 0
    assert notes["children in need: referraldate is no date"].rows == no_day
