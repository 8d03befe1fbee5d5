"""The score bootstrap: brute force on rows after a restricted Newton fit, the interval that inverts the test."""

import numpy as np
import pytest
from logit_rows import as_cells, by_area, invented_rows, newton

from whatworked.cells import NotEstimated
from whatworked.estimation import score_bootstrap as module
from whatworked.estimation.likelihood import maximise
from whatworked.estimation.logit import fit_logit
from whatworked.estimation.score_bootstrap import score_bootstrap


def brute_force(design, y, w, area, *, effect=0.0, strict=False):
    """Every sign vector on rows, from the paper: H(β̃)⁻¹ Σ v_g s_g(β̃), the null imposed."""
    _, information, scores = newton(design, y, w, fixed=3, effect=effect)
    parts = by_area(scores, area) @ np.linalg.inv(information)[:, 3]
    count = len(parts)
    signs = 1.0 - 2.0 * ((np.arange(2**count)[:, None] >> np.arange(count)) & 1)
    own, drawn = abs(parts.sum()), np.abs(signs @ parts)
    return float((drawn > own * (1 + 1e-9) if strict else drawn >= own * (1 - 1e-9)).mean())


@pytest.mark.parametrize("seed", range(4))
def test_the_p_value_equals_brute_force_on_rows(seed):
    rows = invented_rows(seed, areas=7, n=350, effect=0.6 * seed)
    fit = fit_logit(as_cells(*rows))
    found = score_bootstrap(fit, "pilot:post")
    assert found.p_value == brute_force(*rows)
    assert score_bootstrap(fit, "pilot:post", ties=">").p_value == brute_force(*rows, strict=True)
    assert (found.draws, found.enumerated, found.smallest_p) == (128, True, 2 / 128)


def test_the_interval_holds_just_the_effects_that_brute_force_does_not_reject():
    rows = invented_rows(11, areas=8, n=400, effect=1.0)
    found = score_bootstrap(fit_logit(as_cells(*rows)), "pilot:post")
    assert found.conf_low < found.estimate < found.conf_high
    for limit, outwards in ((found.conf_low, -1), (found.conf_high, 1)):
        assert brute_force(*rows, effect=limit - outwards * 1e-6) > 0.05
        assert brute_force(*rows, effect=limit + outwards * 1e-6) <= 0.05
    for effect in np.linspace(found.conf_low + 1e-6, found.conf_high - 1e-6, 15):
        assert brute_force(*rows, effect=effect) > 0.05


def test_few_areas_leave_the_interval_without_an_end():
    found = score_bootstrap(fit_logit(as_cells(*invented_rows(1, areas=4))), "pilot:post")
    assert found.smallest_p == 2 / 16
    assert found.conf_low is None
    assert found.conf_high is None


def test_draws_agree_with_enumeration_and_are_seeded():
    fit = fit_logit(as_cells(*invented_rows(2, areas=10)))
    exact, drawn = score_bootstrap(fit, "x"), score_bootstrap(fit, "x", draws=9_999, seed=1)
    assert drawn.p_value == pytest.approx(exact.p_value, abs=0.015)
    assert drawn == score_bootstrap(fit, "x", draws=9_999, seed=1)
    assert drawn.p_value * 10_000 == pytest.approx(round(drawn.p_value * 10_000))
    assert [drawn.conf_low, drawn.conf_high] == pytest.approx([exact.conf_low, exact.conf_high], abs=0.05)


def test_more_areas_than_can_be_enumerated_are_drawn():
    found = score_bootstrap(fit_logit(as_cells(*invented_rows(3, areas=16))), "pilot:post", seed=5)
    assert found.draws == 9_999
    assert not found.enumerated
    assert found.conf_low < found.estimate < found.conf_high


def test_the_scale_of_weights_and_terms_changes_no_p_value():
    design, y, w, area = invented_rows(4)
    own = score_bootstrap(fit_logit(as_cells(design, y, w, area)), "x")
    other = score_bootstrap(fit_logit(as_cells(design * [1, 1, 1, 1, 1e6], y, w * 1e9, area)), "x")
    assert other.p_value == own.p_value
    assert other.conf_low * 1e6 == pytest.approx(own.conf_low, rel=1e-6)


def test_a_model_of_the_intercept_alone_can_be_tested():
    _, y, w, area = invented_rows(5, rare=1.0)
    fit = fit_logit(as_cells(np.ones((len(y), 1)), y, w, area, names=("(intercept)",)))
    parts = np.array([(w * (y - 0.5))[area == g].sum() for g in range(8)])
    signs = 1.0 - 2.0 * ((np.arange(256)[:, None] >> np.arange(8)) & 1)
    expected = (np.abs(signs @ parts) >= abs(parts.sum()) * (1 - 1e-9)).mean()
    assert score_bootstrap(fit, "(intercept)").p_value == expected


def test_what_cannot_be_bootstrapped_says_why():
    design, y, w, area = invented_rows(6)
    again = fit_logit(as_cells(np.column_stack([design, design[:, 1]]), y, w, area, names=(*"abcde", "f")))
    assert score_bootstrap(again, "f") == NotEstimated("collinear with b")
    one = fit_logit(as_cells(design, y, w, None))
    assert isinstance(score_bootstrap(one, "x"), NotEstimated)


def test_areas_that_do_not_differ_say_so():
    design, y, w, _ = invented_rows(7, n=100)
    four = [np.concatenate([each] * 4) for each in (design, y, w)]
    found = score_bootstrap(fit_logit(as_cells(*four, np.repeat(np.arange(4), 100))), "pilot:post")
    assert found == NotEstimated("the areas' scores do not vary")


def test_a_null_without_a_fit_is_said_and_ends_no_interval(monkeypatch):
    fit = fit_logit(as_cells(*invented_rows(8)))
    real = score_bootstrap(fit, "x")
    monkeypatch.setattr(module, "maximise", lambda *_, **__: NotEstimated("the logit did not converge"))
    assert score_bootstrap(fit, "x") == NotEstimated("without an effect the logit did not converge")
    limit = real.estimate + 0.01

    def only_near(likelihood, start, **given):
        far = start[4] / fit.cells.unit[4] > limit
        return NotEstimated("the logit did not converge") if far else maximise(likelihood, start, **given)

    monkeypatch.setattr(module, "maximise", only_near)
    found = score_bootstrap(fit, "x")
    assert (found.p_value, found.conf_low, found.conf_high) == (real.p_value, real.conf_low, None)
