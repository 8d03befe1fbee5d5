"""Covariances clustered on people, alone and with areas."""

import warnings
from dataclasses import replace

import numpy as np
import pandas as pd
import pyfixest
import pytest
from panel_rows import invented

from whatworked.cells import NotEstimated
from whatworked.estimation import person
from whatworked.estimation.covariance import cr1
from whatworked.estimation.grams import Beside
from whatworked.estimation.panel import fixed_effects
from whatworked.estimation.person import clustered, estimate_clustered, person_covariance, sandwich, two_way_covariance
from whatworked.estimation.random_effects import random_effects
from whatworked.estimation.rows import grouped, pooled


def by_hand(fit, labels):
    scores = [fit.scores[labels == label].sum(axis=0) for label in np.unique(labels)]
    count, n = len(scores), len(fit.weight)
    scale = count / (count - 1) * (n - 1) / (n - fit.linear.k)
    return scale * fit.linear.bread @ sum(np.outer(s, s) for s in scores) @ fit.linear.bread


def test_clustering_on_people_sums_their_scores():
    fit = pooled(invented(0))
    assert person_covariance(fit) == pytest.approx(by_hand(fit, fit.person), rel=1e-9)


@pytest.mark.parametrize("model", [pooled, fixed_effects, random_effects])
def test_people_nested_in_areas_make_the_two_way_covariance_the_one_by_area(model):
    rows = invented(1)
    fit = model(rows) if model is pooled else model(rows).fit
    assert two_way_covariance(fit) == pytest.approx(cr1(fit.linear), rel=1e-9)
    assert clustered(fit, fit.area) == pytest.approx(cr1(fit.linear), rel=1e-9)
    assert abs(person_covariance(fit) - cr1(fit.linear)).max() > 1e-4


def test_one_row_a_person_is_the_robust_covariance():
    rows = invented(2)
    alone = np.arange(len(rows.unit))
    fit = pooled(replace(rows, unit=alone, person=alone))
    n = len(alone)
    meat = fit.scores.T @ fit.scores
    direct = n / (n - fit.linear.k) * fit.linear.bread @ meat @ fit.linear.bread
    assert person_covariance(fit) == pytest.approx(direct, rel=1e-10)


def moving(seed):
    """People who move between areas, which no unit does."""
    rows = invented(seed, people=80)
    rng = np.random.default_rng(seed)
    area = rng.integers(0, 6, len(rows.unit))
    return replace(rows, area=area, unit=rows.unit * 6 + area)


def test_people_who_move_between_areas_make_it_three_pieces_each_with_its_own_scale():
    fit = pooled(moving(3))
    both = fit.area * 1000 + fit.person
    direct = by_hand(fit, fit.area) + by_hand(fit, fit.person) - by_hand(fit, both)
    assert two_way_covariance(fit) == pytest.approx(direct, rel=1e-9)
    assert abs(two_way_covariance(fit) - cr1(fit.linear)).max() > 1e-5


def test_it_equals_pyfixest_two_ways():
    rows = moving(4)
    frame = {"y": rows.outcome, "w": rows.weight, "area": rows.area, "person": rows.person}
    frame |= {f"x{j}": rows.design[:, j] for j in (1, 2, 3)}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")

        other = pyfixest.feols(
            "y ~ x1 + x2 + x3",
            pd.DataFrame(frame),
            vcov={"CRV1": "area + person"},
            weights="w",
            ssc=pyfixest.ssc(G_df="conventional"),
        )
    found = [estimate_clustered(pooled(rows), name, "", by="two_way").std_error for name in ("x", "sex", "z")]
    assert found == pytest.approx(other.se()[["x1", "x2", "x3"]].to_numpy(), rel=1e-8)


def test_an_estimate_is_read_against_the_fewest_clusters():
    fit = pooled(invented(5))
    person, both = (estimate_clustered(fit, "x", "", by=by) for by in ("person", "two_way"))
    assert (person.df, both.df) == (59, 5)
    assert person.estimate == both.estimate == fit.linear.value("x")
    assert person.std_error**2 == pytest.approx(person_covariance(fit)[1, 1])


def test_what_cannot_be_had_gives_the_reason():
    rows = invented(6)
    fit = fixed_effects(rows).fit
    assert estimate_clustered(fit, "sex", "", by="person").reason.startswith("it does not change within any unit")
    assert estimate_clustered(fit, "no", "", by="person") == NotEstimated("no is not in the model")
    one = pooled(replace(rows, person=np.zeros_like(rows.person)))
    assert isinstance(estimate_clustered(one, "x", "", by="person"), NotEstimated)
    assert isinstance(estimate_clustered(one, "x", "", by="two_way"), NotEstimated)


def test_scores_may_be_summed_a_few_clusters_at_a_time_and_over_matrices_side_by_side(monkeypatch):
    fit = pooled(invented(5))
    known, linear = by_hand(fit, fit.person), fit.linear
    assert clustered(fit, fit.person) == pytest.approx(known, rel=1e-10)
    monkeypatch.setattr(person, "CLUSTERS_AT_A_TIME", 3)
    assert clustered(fit, fit.person) == pytest.approx(known, rel=1e-10)
    more = Beside((fit.design[:, :2], np.column_stack([np.arange(len(fit.design)), fit.design[:, 2:]])))
    places = np.array([0, 1, *range(3, fit.design.shape[1] + 1)])
    clusters = grouped(fit.person, fit.weight * fit.residual)
    assert sandwich(linear, clusters, more, places=places) == pytest.approx(known, rel=1e-10)
