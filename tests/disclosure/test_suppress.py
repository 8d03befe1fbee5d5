import pytest

from whatworked.cells import Blank, Coefficient, Count, Hidden, Mean, Probability, Share, Statistic, Tally, Words
from whatworked.disclosure.profile import Limits
from whatworked.disclosure.suppress import Rule, broken_rule

TEN = Limits("srs", 10, 10, "[c]")
DFE = Limits("dfe", 6, 10, "c")


@pytest.mark.parametrize(
    ("n", "limits", "rule"),
    [
        (0, TEN, None),
        (1, TEN, Rule.SMALL_COUNT),
        (9, TEN, Rule.SMALL_COUNT),
        (10, TEN, None),
        (0, DFE, None),
        (1, DFE, Rule.SMALL_COUNT),
        (5, DFE, Rule.SMALL_COUNT),
        (6, DFE, None),
    ],
)
def test_a_count_is_hidden_above_zero_and_below_the_limit(n, limits, rule):
    assert broken_rule(Count(n), limits, names_published=True) is rule


@pytest.mark.parametrize(
    ("part", "whole", "rule"),
    [
        (0, 100, None),
        (9, 100, Rule.SMALL_PART),
        (10, 100, None),
        (90, 100, None),
        (91, 100, Rule.SMALL_PART),
        (100, 100, None),
        (0, 9, Rule.SMALL_PART),
        (9, 9, Rule.SMALL_PART),
        (0, 10, None),
        (0, 0, None),
    ],
)
def test_a_share_is_hidden_when_the_part_or_its_complement_is_small(part, whole, rule):
    assert broken_rule(Share(part, whole), TEN, names_published=True) is rule


@pytest.mark.parametrize(
    ("mean", "named", "rule"),
    [
        (Mean(1.5, "days", people=9), True, Rule.FEW_PEOPLE),
        (Mean(1.5, "days", people=10), True, None),
        (Mean(0.0, "per 10,000", people=0), True, None),
        (Mean(1.5, "days", people=9, published=True), True, Rule.FEW_PEOPLE),
        (Mean(1.5, "days", people=None), True, Rule.PEOPLE_UNKNOWN),
        (Mean(1.5, "days", people=None, published=True), True, None),
        (Mean(1.5, "days", people=50, published=True, area="E01"), False, Rule.NAMES_AN_AREA),
        (Mean(1.5, "days", people=50, published=True, area="E01"), True, None),
        (Mean(1.5, "days", people=50, published=False, area="E01"), False, None),
        (Mean(1.5, "days", people=50, published=True), False, None),
    ],
)
def test_a_mean_is_hidden_for_few_or_unknown_people_or_a_name(mean, named, rule):
    assert broken_rule(mean, TEN, names_published=named) is rule


@pytest.mark.parametrize(
    ("df", "rule"),
    [(9.9, Rule.SATURATED_MODEL), (10.0, None), (0.0, Rule.SATURATED_MODEL), (float("nan"), Rule.SATURATED_MODEL)],
)
def test_an_estimate_is_hidden_when_its_model_is_nearly_saturated(df, rule):
    assert broken_rule(Coefficient(1.0, "days", df), TEN, names_published=True) is rule


@pytest.mark.parametrize("cell", [Statistic(0.4, 2, "E01"), Probability(0.4, "E01")])
def test_a_number_that_gives_an_area_away_is_hidden_only_where_names_are_withheld(cell):
    assert broken_rule(cell, TEN, names_published=False) is Rule.NAMES_AN_AREA
    assert broken_rule(cell, TEN, names_published=True) is None


@pytest.mark.parametrize("cell", [Tally(1), Statistic(0.4), Probability(0.4), Words("three"), Blank("not here")])
def test_what_is_not_made_of_people_is_never_hidden(cell):
    assert broken_rule(cell, TEN, names_published=False) is None


def test_what_was_held_back_before_stays_held_back():
    assert broken_rule(Hidden("a reason"), TEN, names_published=True) is Rule.HELD_BACK_BEFORE


@pytest.mark.parametrize(("people", "rule"), [(None, None), (0, None), (9, Rule.FEW_PEOPLE), (10, None)])
def test_an_estimate_of_a_level_that_few_people_have_is_hidden(people, rule):
    assert broken_rule(Coefficient(1.0, "days", 50.0, people), TEN, names_published=True) is rule
