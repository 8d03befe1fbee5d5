"""A child whom the programme leaves on a day lives on from it without, and up to it as it did."""

from dataclasses import replace

import numpy as np
import pytest

from whatworked.records.invented import outcomes
from whatworked.records.invented.areas import invented_areas
from whatworked.records.invented.days import Extent
from whatworked.records.invented.draws import Draws
from whatworked.records.invented.effects import QUESTIONS, effects_of, on_risks
from whatworked.records.invented.living import Leaves, draw_life, draw_turns
from whatworked.records.invented.seen import seen
from whatworked.records.invented.undone import undone

EXTENT = Extent(2009, 2019)
# Strong, and in both directions, so that something comes of it.
EFFECTS = effects_of(
    {"rereferral": -0.4, "escalation": -0.5, "icpc": -0.4, "entry_to_care": 0.4, "kinship": 0.4,
     "assessment_duration": -0.3}
)  # fmt: skip
PLANTED, NONE = on_risks(EFFECTS), on_risks(effects_of(0.0))


@pytest.fixture(scope="module")
def area():
    return invented_areas(persons=14_000, areas=8, extent=EXTENT, seed=3)[1]


@pytest.fixture(scope="module")
def lives(area):
    draws = Draws()
    return [draw_turns(area, number, effects=PLANTED, draws=draws) for number in range(1, area.children + 1)]


@pytest.fixture(scope="module")
def rows(area):
    found = {question: [] for question in QUESTIONS}
    for question, row in undone(area, effects=EFFECTS, draws=Draws()):
        found[question].append(row)
    return found


def test_its_turns_are_those_of_the_life(lives):
    for life, turns in lives:
        days = {case.day for case in life.cases}
        assert set(turns.days["referral"]) <= days
        assert sorted(turns.days["assessment"]) == sorted(one.start for case in life.cases for one in case.assessments)
        assert turns.days["period"] == [period[0].start for period in life.periods]


def test_a_life_that_it_never_touched_is_the_one_without_it_and_one_that_differs_was_touched(area, lives):
    draws, untouched, differ = Draws(), 0, 0
    for number, (life, turns) in enumerate(lives, start=1):
        without, of_none = draw_turns(area, number, effects=NONE, draws=draws)
        assert not of_none.touched
        assert turns.touched or without == life
        untouched += not turns.touched
        differ += without != life
    assert min(untouched, differ) > 100


def test_a_child_whom_it_leaves_at_the_first_referral_never_had_it(area, lives):
    draws, differ = Draws(), 0
    for number, (life, _) in enumerate(lives, start=1):
        left, _ = draw_turns(area, number, effects=PLANTED, draws=draws, leaves=Leaves("referral", 0))
        assert left == draw_life(area, number, effects=NONE, draws=draws)
        differ += left != life
    assert differ > 100


def test_a_child_whom_it_leaves_after_the_last_turn_had_all_of_it(area, lives):
    draws = Draws()
    for number, (life, turns) in enumerate(lives, start=1):
        for turn, days in turns.days.items():
            left, _ = draw_turns(area, number, effects=PLANTED, draws=draws, leaves=Leaves(turn, len(days)))
            assert left == life


def test_up_to_where_it_leaves_the_life_is_the_same(area, lives):
    draws, several = Draws(), 0
    for number, (life, turns) in enumerate(lives, start=1):
        for place, day in enumerate(turns.days["referral"]):
            left, other = draw_turns(area, number, effects=PLANTED, draws=draws, leaves=Leaves("referral", place))
            assert other.days["referral"][: place + 1] == turns.days["referral"][: place + 1]
            assert [case for case in left.cases if case.day < day] == [case for case in life.cases if case.day < day]
            several += place > 0
    assert several > 100


def test_where_it_leaves_at_an_assessment_or_a_period_nothing_else_of_that_turn_changes(area, lives):
    draws, shorter = Draws(), 0
    for number, (life, turns) in enumerate(lives, start=1):
        for place, day in enumerate(turns.days["period"]):
            left, other = draw_turns(area, number, effects=PLANTED, draws=draws, leaves=Leaves("period", place))
            assert other.days["period"][place] == day
            assert left.periods[:place] == life.periods[:place]
            assert left.periods[place][0].start == day
        for place, day in enumerate(turns.days["assessment"]):
            left, other = draw_turns(area, number, effects=PLANTED, draws=draws, leaves=Leaves("assessment", place))
            assert other.days["assessment"][place] == day
            ends = [
                next(one.end for case in of.cases for one in case.assessments if one.start == day)
                for of in (life, left)
            ]
            assert ends[0] <= ends[1]
            shorter += ends[0] < ends[1]
    assert shorter > 100


def test_the_rows_are_those_of_the_generator_and_nothing_is_undone_before_the_programme_is_embedded(area, lives, rows):
    for question in QUESTIONS:
        expected = [
            (life.person.child, row) for life, _ in lives for row in outcomes.rows(seen(life, EXTENT), EXTENT)[question]
        ]
        assert [(one.child, one.row) for one in rows[question]] == expected
        before = [one for one in rows[question] if one.row.after <= area.programme.embedded]
        assert all(one.without == one.row.outcome for one in before)
        assert any(one.without != one.row.outcome for one in rows[question])


def test_nothing_is_undone_where_nothing_is_planted_and_a_council_without_the_programme_has_nothing_to_undo(area):
    nothing = undone(replace(area, children=400), effects=effects_of(0.0), draws=Draws())
    elsewhere = undone(replace(area, children=400, programme=None), effects=EFFECTS, draws=Draws())
    for rows in (list(nothing), list(elsewhere)):
        assert len(rows) > 1000
        assert all(one.without == one.row.outcome for _, one in rows)


def test_what_is_undone_is_in_proportion_to_what_is_planted(area, rows):
    for question, effect in EFFECTS.items():
        after = [one for one in rows[question] if one.row.after > area.programme.embedded
                 and one.row.known < EXTENT.last and one.without is not None]  # fmt: skip
        with_it = sum(one.row.outcome for one in after)
        without = sum(one.without for one in after)
        expected = effect * area.programme.strength
        # as many more or fewer as there are rows on which it tells, give or take three of their standard deviations
        chance = 3 * np.sqrt(1 + sum((one.row.outcome - one.without) ** 2 for one in after))
        if question == "escalation":
            # fewer come back at all, and of those fewer have a plan or come into care
            assert with_it < without
        else:
            assert abs(with_it - without * (1 + expected)) < chance
