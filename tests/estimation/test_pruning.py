"""Pairs in matched strata: R's, the definition pair by pair, and what the seed may change."""

import golden_people as golden
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from whatworked import Sturges, cem
from whatworked.estimation.pruning import k_to_k

LL = ["age", "education", "black", "married", "nodegree", "re74", "re75", "hispanic", "u74", "u75"]


@pytest.mark.parametrize("distance", ["euclidean", "manhattan"])
def test_pairs_on_uncoarsened_covariates_are_those_of_r(distance):
    entry = golden.expected("03-k2k")[f"cem_LL_k2k_on_raw_{distance}"]
    table = golden.columns("cem_LL")
    coarsen = {name: Sturges(k_as_cut_points=True) for name in LL}
    found = cem(table, treatment="treated", coarsen=coarsen).k_to_k(table, covariates=LL, seed=None, distance=distance)
    assert {arm: rows["matched"] for arm, rows in found.counts.items()} == {
        "pilot": entry["n1"],
        "comparator": entry["n0"],
    }
    assert golden.hashed(np.flatnonzero(found.weights) + 1) == entry["idx"]
    assert set(found.weights.tolist()) == {0.0, 1.0}
    pilot, kept = table["treated"] == 1, found.weights > 0
    effect = table["re78"][kept & pilot].mean() - table["re78"][kept & ~pilot].mean()
    assert effect == pytest.approx(entry["att"], rel=1e-11)


def definition(stratum, pilot, covariates):
    """Take the nearest free pair of a stratum again and again; ties by comparator, then pilot, in row order."""
    stays = set()
    for s in set(stratum.tolist()) - {-1}:
        pilots = [i for i in np.flatnonzero(stratum == s).tolist() if pilot[i]]
        others = [i for i in np.flatnonzero(stratum == s).tolist() if not pilot[i]]
        while pilots and others:
            _, other, own = min((abs(covariates[i, 0] - covariates[j, 0]), j, i) for j in others for i in pilots)
            stays |= {own, other}
            pilots.remove(own)
            others.remove(other)
    return stays


@st.composite
def rows(draw):
    drawn = draw(st.lists(st.tuples(st.integers(-1, 2), st.booleans(), st.integers(0, 9)), min_size=1, max_size=30))
    stratum, pilot, value = (np.array(column) for column in zip(*drawn, strict=True))
    return stratum, pilot, value[:, None].astype(float)


@settings(max_examples=60, deadline=None)
@given(rows())
def test_pairs_are_the_definition_pair_by_pair(study):
    stratum, pilot, covariates = study
    found = k_to_k(stratum, pilot, covariates, seed=None, distance="manhattan")
    assert set(np.flatnonzero(found).tolist()) == definition(stratum, pilot, covariates)


@settings(max_examples=60, deadline=None)
@given(rows(), st.integers(0, 3))
def test_the_arms_are_equal_in_every_stratum_and_no_more_is_pruned_than_must_be(study, seed):
    stratum, pilot, covariates = study
    found = k_to_k(stratum, pilot, covariates, seed=seed)
    for s in np.unique(stratum[stratum >= 0]):
        arms = [int((found & (stratum == s) & side).sum()) for side in (pilot, ~pilot)]
        smaller = min(int(((stratum == s) & side).sum()) for side in (pilot, ~pilot))
        assert arms == [smaller, smaller]
    assert not found[stratum < 0].any()


def test_the_seed_orders_ties_and_nothing_else():
    pilot = np.arange(40) < 10
    ties, apart = np.zeros((40, 1)), np.arange(40.0)[:, None] ** 1.5
    stratum = np.zeros(40, dtype=int)
    assert k_to_k(stratum, pilot, ties, seed=1).tolist() == k_to_k(stratum, pilot, ties, seed=1).tolist()
    assert k_to_k(stratum, pilot, ties, seed=1).tolist() != k_to_k(stratum, pilot, ties, seed=2).tolist()
    assert k_to_k(stratum, pilot, apart, seed=1).tolist() == k_to_k(stratum, pilot, apart, seed=2).tolist()


def test_scaled_distances_do_not_depend_on_the_units():
    rng = np.random.default_rng(5)
    stratum, pilot = rng.integers(0, 4, 80), rng.random(80) < 0.3
    covariates = rng.normal(size=(80, 2))
    metres = covariates * np.array([1.0, 1000.0])
    assert k_to_k(stratum, pilot, covariates).tolist() == k_to_k(stratum, pilot, metres).tolist()
    assert (
        k_to_k(stratum, pilot, covariates, distance="euclidean").tolist()
        != k_to_k(stratum, pilot, metres, distance="euclidean").tolist()
    )
