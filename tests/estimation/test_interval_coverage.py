"""Simulated people in few areas: the effect is not biased, and intervals hold it about as often as they say."""

from importlib import import_module
from pathlib import Path

import numpy as np
import pytest

BENCHMARKS = Path(__file__).parents[2] / "benchmarks"
STUDIES = 80


@pytest.fixture(scope="module")
def simulation():
    """Return the benchmark's own simulation."""
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(BENCHMARKS)
        return import_module("interval_coverage")


def studies(simulation, shape, effect, seed):
    rng = np.random.default_rng(seed)
    return [simulation.answers(simulation.invented(shape, effect, rng, people=60)) for _ in range(STUDIES)]


def test_a_planted_effect_is_met_on_average_and_held_by_the_intervals(simulation):
    found = studies(simulation, simulation.Shape(4, 4), simulation.EFFECT, seed=1)
    for method in ("CR1, t(G−1)", "collapsed t"):
        errors = np.array([study[method].estimate - simulation.EFFECT for study in found])
        assert abs(errors.mean()) < 4 * errors.std(ddof=1) / STUDIES**0.5
    # 95 % less four Monte Carlo errors of 2.4 points.
    for method in ("CR2, Satterthwaite", "CR3, t(G−1)", "collapsed t"):
        held = np.mean([simulation.holds(study[method].interval, simulation.EFFECT) for study in found])
        assert held > 0.85


def test_with_two_against_two_the_normal_reading_calls_no_effect_one_more_often_than_the_collapsed_t(simulation):
    found = studies(simulation, simulation.Shape(2, 2), 0.0, seed=2)
    wrong = {
        method: np.mean([study[method].p_value < simulation.SIGNIFICANCE for study in found])
        for method in ("CR1, normal", "CR1, t(G−1)", "collapsed t")
    }
    assert wrong["CR1, normal"] > 0.15 > wrong["collapsed t"]
    assert wrong["CR1, normal"] > wrong["CR1, t(G−1)"]


def test_an_interval_without_an_end_holds_everything_on_that_side(simulation):
    assert simulation.holds((None, 1.0), -1e9)
    assert not simulation.holds((None, 1.0), 2.0)
    assert simulation.holds((0.0, None), 1e9)


def test_the_people_are_nested_in_areas_come_again_and_share_shocks(simulation):
    people = simulation.invented(simulation.Shape(3, 2), 0.0, np.random.default_rng(3))
    first = np.unique(people.person, return_index=True)[1]
    assert (people.area[first][people.person] == people.area).all()
    assert 0.2 < np.mean(np.bincount(people.person) > 1) < 0.4
    assert people.pilot.tolist() == [True] * 3 + [False] * 2
