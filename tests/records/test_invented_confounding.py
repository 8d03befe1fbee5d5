"""What is planted for matching to undo is there, and undone by it; and effects differ where the programme does."""

import json
from collections import defaultdict
from dataclasses import replace

import numpy as np
import pytest

from whatworked.records.invented import outcomes
from whatworked.records.invented.areas import HIGH, invented_areas
from whatworked.records.invented.days import Extent
from whatworked.records.invented.draws import Draws
from whatworked.records.invented.effects import QUESTIONS, effects_of, on_risks
from whatworked.records.invented.living import draw_life
from whatworked.records.invented.mixes import YEAR
from whatworked.records.invented.seen import seen
from whatworked.records.invented.write import write_records

EXTENT = Extent(2009, 2019)
NONE = on_risks(effects_of(0.0))


@pytest.fixture(scope="module")
def rows():
    """Re-referrals where the programme does nothing: of a pilot or not, after it or before, band of age, outcome.

    Councils are all alike, so that nothing but who is referred tells them apart; comparators have the dates of the
    first pilot.
    """
    draws = Draws()
    nation = invented_areas(persons=24_000, areas=8, extent=EXTENT, seed=4)
    programme = nation[0].programme
    found = []
    for area in nation:
        alike = replace(area, multipliers={risk: (1.0,) * 11 for risk in area.multipliers})
        dates = area.programme or programme
        for number in range(1, area.children + 1):
            life = draw_life(alike, number, effects=NONE, draws=draws)
            for row in outcomes.rows(seen(life, EXTENT), EXTENT)["rereferral"]:
                after = row.after > dates.embedded
                if row.known < EXTENT.last and (after or row.before < dates.start):
                    age = (row.after - life.person.birth) // YEAR
                    found.append((area.programme is not None, after, int(age > 4.5) + int(age > 12.5), row.outcome))
    return np.array(found)


def double_difference(rows, weights):
    mean = {
        (pilot, after): np.average(rows[chosen, 3], weights=weights[chosen])
        for pilot in (0, 1)
        for after in (0, 1)
        for chosen in [(rows[:, 0] == pilot) & (rows[:, 1] == after)]
    }
    return mean[1, 1] - mean[1, 0] - mean[0, 1] + mean[0, 0]


def spread(rows):
    """What chance alone does to a double difference of shares near a fifth."""
    return np.sqrt(sum(0.2 * 0.8 / ((rows[:, 0] == p) & (rows[:, 1] == a)).sum() for p in (0, 1) for a in (0, 1)))


def matched_weights(rows):
    """Comparators' rows in the mixture of ages of the pilots' rows of the same phase."""
    weights = np.ones(len(rows))
    for after in (0, 1):
        for age in (0, 1, 2):
            pilots, others = ((rows[:, :3] == (pilot, after, age)).all(axis=1) for pilot in (1, 0))
            weights[others] = pilots.sum() / others.sum()
    return weights


def standardised(rows):
    """The double difference with every arm and phase in the mixture of ages that the pilots had before."""
    weights = np.ones(len(rows))
    for pilot in (0, 1):
        for after in (0, 1):
            for age in (0, 1, 2):
                target = (rows[:, :3] == (1, 0, age)).all(axis=1)
                chosen = (rows[:, :3] == (pilot, after, age)).all(axis=1)
                weights[chosen] = target.sum() / chosen.sum()
    return double_difference(rows, weights)


def test_pilots_know_older_children_the_more_so_with_the_programme(rows):
    def oldest(pilot, after):
        return (rows[(rows[:, 0] == pilot) & (rows[:, 1] == after), 2] == 2).mean()

    assert oldest(1, 0) > oldest(0, 0) + 0.02
    assert oldest(1, 1) - oldest(1, 0) > 0.08 + abs(oldest(0, 1) - oldest(0, 0))


def test_without_an_effect_the_plain_difference_is_biased_and_that_of_like_with_like_is_not(rows):
    plain = double_difference(rows, np.ones(len(rows)))
    like_with_like = standardised(rows)
    assert plain - like_with_like > 0.012
    assert abs(like_with_like) < 2 * spread(rows)


def test_matching_within_each_phase_takes_the_planted_bias_away(rows):
    plain, matched = double_difference(rows, np.ones(len(rows))), double_difference(rows, matched_weights(rows))
    assert matched < plain - 0.012
    assert abs(matched) < 2 * spread(rows)


@pytest.fixture(scope="module")
def told(tmp_path_factory):
    folder = tmp_path_factory.mktemp("effects") / "records"
    path = write_records(
        folder, persons=4_000, areas=45, years=(2009, 2019), seed=1, effect={"rereferral": -0.4, "kinship": 0.3}
    )
    return json.loads(path.read_text(encoding="utf-8"))


def test_each_question_has_its_own_effect_and_those_not_named_none(told):
    assert told["effects"] == {q: {"rereferral": -0.4, "kinship": 0.3}.get(q, 0.0) for q in QUESTIONS}
    assert effects_of(-0.2) == {q: 0.2 if q == "kinship" else -0.2 for q in QUESTIONS}


def test_strength_is_in_proportion_to_the_score_and_greater_under_a_high_rating(told):
    pilots = [area for area in told["areas"] if area["pilot"]]
    assert len(pilots) == 9
    assert np.mean([pilot["strength"] for pilot in pilots]) == pytest.approx(1, abs=1e-6)
    by_score = {
        high: {round(p["strength"] / p["delivery_score"], 4) for p in pilots if (p["rating"] in HIGH) is high}
        for high in (True, False)
    }
    (well,), (badly,) = by_score[True], by_score[False]
    assert well / badly == pytest.approx(1.15 / 0.85, rel=1e-3)
    assert [pilot["early_adopter"] for pilot in pilots].count(True) == 1
    assert [pilot["supported_with_assessments"] for pilot in pilots].count(True) == 2
    assert {area["practice_model"] for area in told["areas"]} == {"the programme", "similar", "without"}
    early = next(pilot for pilot in pilots if pilot["early_adopter"])
    assert early["start"] == min(pilot["start"] for pilot in pilots)


def test_the_planted_effect_is_larger_where_the_programme_is_stronger():
    draws = Draws()
    nation = invented_areas(persons=30_000, areas=8, extent=EXTENT, seed=2)
    planted = on_risks(effects_of({"assessment_duration": -0.4}))
    changes = {}
    for area in nation[:4]:
        took = defaultdict(list)
        for effects in (planted, NONE):
            for number in range(1, area.children + 1):
                life = draw_life(area, number, effects=effects, draws=draws)
                took[effects is planted] += [
                    row.outcome
                    for row in outcomes.rows(seen(life, EXTENT), EXTENT)["assessment_duration"]
                    if row.after > area.programme.embedded
                ]
        changes[area.programme.strength] = np.mean(took[True]) / np.mean(took[False]) - 1
    for strength, change in changes.items():
        assert change == pytest.approx(-0.4 * strength, abs=0.05)
