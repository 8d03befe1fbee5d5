"""Fixed against random effects: R's numbers, and what a generalised inverse does."""

from dataclasses import replace

import numpy as np
import pytest
from panel_rows import golden, golden_random, invented

from whatworked.cells import NotEstimated
from whatworked.diagnostics.hausman import GENERALISED, NOTHING, hausman, mundlak
from whatworked.diagnostics.result import quadratic_form
from whatworked.estimation.covariance import classical
from whatworked.estimation.panel import fixed_effects, seen_again
from whatworked.estimation.random_effects import random_effects
from whatworked.estimation.rows import pooled

ENTRIES = ["Grunfeld", "EmplUK_unbalanced", "wagepan", "sim_unbalanced"]


@pytest.mark.parametrize("entry", ENTRIES)
def test_hausman_equals_r(entry):
    expected, rows = golden("07-random-effects-hausman-mundlak")[entry]["hausman_chisq"], golden_random()[entry]
    found = hausman(fixed_effects(rows), random_effects(rows))
    assert (found.statistic, found.df) == (pytest.approx(expected["stat"], rel=1e-8), expected["df"])
    assert found.p_value == pytest.approx(expected["p"], rel=1e-7)
    assert found.note is None


@pytest.mark.parametrize("entry", ENTRIES)
def test_the_mundlak_form_is_the_auxiliary_regression_with_its_intercept_quasi_demeaned(entry):
    """R's printed form is right in Grunfeld only; the corrected one is equal in all four, small-sample scale apart."""
    case, rows = golden("07-random-effects-hausman-mundlak")[entry], golden_random()[entry]
    random = random_effects(rows)
    found, expected = mundlak(rows, random), case["aux_correct_quasi_demeaned_intercept"]
    people, n, k = random.units, random.linear.rows, random.linear.k + expected["df"]
    scale = people / (people - 1) * (n - 1) / (n - k)
    assert found.df == expected["df"]
    assert found.statistic * scale == pytest.approx(expected["wald_cluster_CR0"], rel=1e-8)
    printed = case["hausman_aux_robust_arellano_HC0"]["stat"]
    assert (found.statistic * scale == pytest.approx(printed, rel=1e-8)) == (entry == "Grunfeld")


@pytest.mark.parametrize("entry", ENTRIES)
def test_without_differences_between_units_it_is_the_pooled_model_with_the_means_added(entry):
    expected = golden("07-random-effects-hausman-mundlak")[entry]["mundlak_pooled_cluster_HC1"]
    rows = golden_random()[entry]
    random = random_effects(rows)
    found = mundlak(rows, replace(random, fit=pooled(rows), theta=0 * random.theta))
    assert (found.statistic, found.df) == (pytest.approx(expected["wald_chisq"], rel=1e-8), expected["df"])


def both(rows):
    kept = rows.keep(seen_again(rows))
    return fixed_effects(kept), random_effects(kept)


def test_hausman_is_the_difference_over_the_difference():
    fixed, random = both(invented(1))
    places = [random.linear.names.index(name) for name in ("x", "z")]
    gap = fixed.linear.coef - random.linear.coef[places]
    spread = classical(fixed.linear) - classical(random.linear)[np.ix_(places, places)]
    found = hausman(fixed, random)
    assert found.statistic == pytest.approx(gap @ np.linalg.solve(spread, gap), rel=1e-8)
    assert found.df == 2


def test_neither_scales_nor_a_constant_nor_the_weights_level_move_it():
    rows = invented(2)
    plain = hausman(*both(rows))
    design = rows.design * [1, 1e6, 1, 1e-6]
    found = hausman(*both(replace(rows, design=design, outcome=rows.outcome * 100 + 1e6, weight=rows.weight * 7)))
    assert found.statistic == pytest.approx(plain.statistic, rel=1e-5)
    one, other = (
        mundlak(r, both(r)[1])
        for r in (rows.keep(seen_again(rows)), replace(rows, design=design).keep(seen_again(rows)))
    )
    assert other.statistic == pytest.approx(one.statistic, rel=1e-6)


def by_chance(seed):
    """Rows whose people differ by chance alone: no column goes with who they are."""
    rng = np.random.default_rng(seed)
    rows = invented(seed, people=120)
    n = len(rows.unit)
    design = np.column_stack([np.ones(n), rng.normal(size=n), rows.design[:, 2], rng.normal(size=n)])
    own = rng.normal(0, 2, 120)[rows.unit]
    return replace(rows, design=design, outcome=own + rng.normal(size=n) / np.sqrt(rows.weight))


def test_effects_that_are_chance_pass_and_effects_that_go_with_a_column_do_not():
    passed = found = clustered = 0
    for seed in range(60):
        fixed, random = both(by_chance(seed))
        passed += hausman(fixed, random, variance="common").p_value >= 0.05
        clustered += mundlak(by_chance(seed).keep(seen_again(by_chance(seed))), random).p_value >= 0.05
        fixed, random = both(invented(seed, people=120))
        found += hausman(fixed, random, variance="common").p_value < 0.05
    assert passed >= 53
    assert clustered >= 50
    assert found == 60


def test_one_variance_for_both_is_never_negative_and_two_may_be_which_is_said():
    notes, below = set(), 0
    for seed in range(60):
        fixed, random = both(by_chance(seed))
        assert hausman(fixed, random, variance="common").note is None
        found = hausman(fixed, random)
        if isinstance(found, NotEstimated):
            below += "below 0" in found.reason
        else:
            notes.add(found.note)
    assert below > 0
    assert notes == {None, GENERALISED}


def test_with_one_variance_it_is_the_difference_over_that_variance():
    fixed, random = both(invented(1))
    places = [random.linear.names.index(name) for name in ("x", "z")]
    gap = fixed.linear.coef - random.linear.coef[places]
    variance = fixed.linear.rss / fixed.linear.residual_df
    spread = variance * (fixed.linear.bread - random.linear.bread[np.ix_(places, places)])
    found = hausman(fixed, random, variance="common")
    assert found.statistic == pytest.approx(gap @ np.linalg.solve(spread, gap), rel=1e-8)


def test_a_covariance_of_lower_rank_takes_the_generalised_inverse_and_its_rank():
    root = np.array([[1.0, 0, 1], [0, 2, 2]])
    covariance, inside = root.T @ root, root.T @ np.array([0.5, -0.25])
    form = quadratic_form(inside, covariance)
    assert (form.rank, form.positive) == (2, False)
    assert form.value == pytest.approx(inside @ np.linalg.pinv(covariance) @ inside)
    scale = np.array([1e3, 1e-3, 7])
    scaled = quadratic_form(inside * scale, covariance * np.outer(scale, scale))
    assert (scaled.rank, scaled.value) == (2, pytest.approx(form.value))


def test_without_a_common_term_there_is_no_test():
    rows = invented(4)
    fixed, random = both(rows)
    alone = rows.keep(seen_again(rows))
    alone = replace(alone, names=alone.names[::2], design=alone.design[:, ::2])
    still = random_effects(alone)
    assert hausman(fixed, still) == NotEstimated(NOTHING)
    assert mundlak(alone, still) == NotEstimated(NOTHING)
    assert hausman(fixed, random).p_value <= 1
