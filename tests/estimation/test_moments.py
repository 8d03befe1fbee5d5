"""Sums of products of covariates within cells, counted in packs: the same as row by row."""

from math import prod

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from whatworked.estimation.moments import cell_moments, packed
from whatworked.estimation.people import Category, Quantity, covariate_matrix


def drawn(seed, *, rows, levels, numbers=1):
    rng = np.random.default_rng(seed)
    covariates = [
        Category(f"c{i}", tuple(f"l{level}" for level in range(count)), rng.integers(0, count, rows))
        for i, count in enumerate(levels)
    ]
    for i in range(numbers):
        values = rng.normal(size=rows)
        values[rng.random(rows) < 0.2 * i] = np.nan
        covariates.insert(i, Quantity(f"x{i}", values))
    parts = [part for covariate in covariates for part in covariate.parts]
    return parts, covariates, rng


def naive(matrix, outcome, weight, cell, cells):
    """Every sum by a loop over rows' own products."""
    c = matrix.shape[1]
    sums, products, cross = np.zeros((3, cells, c)), np.zeros((3, cells, c, c)), np.zeros((2, cells, c))
    for x, y, w, place in zip(matrix, outcome, weight, cell, strict=True):
        for j in range(3):
            sums[j, place] += w**j * x
            products[j, place] += w**j * np.outer(x, x)
        for j in range(2):
            cross[j, place] += w**j * x * y
    return sums, products, cross


@settings(max_examples=30, deadline=None)
@given(
    seed=st.integers(0, 10_000),
    levels=st.lists(st.integers(1, 6), max_size=4),
    numbers=st.integers(0, 2),
    cells=st.sampled_from([1, 3, 60]),
    plain=st.booleans(),
)
def test_the_sums_are_those_of_the_rows(seed, levels, numbers, cells, plain):
    parts, covariates, rng = drawn(seed, rows=200, levels=levels, numbers=numbers)
    names, matrix = covariate_matrix(covariates, 200)
    outcome, cell = rng.normal(size=200), rng.integers(0, cells, 200)
    weight = np.ones(200) if plain else rng.uniform(0.1, 3, 200)
    found = cell_moments(parts, outcome, names=names, weight=weight, cell=cell, cells=cells)
    known = naive(matrix, outcome, weight, cell, cells)
    assert found.names == names
    for ours, theirs in zip((found.sums, found.products, found.cross), known, strict=True):
        assert ours == pytest.approx(theirs, abs=1e-10)


@settings(max_examples=50, deadline=None)
@given(levels=st.lists(st.integers(1, 30), min_size=1, max_size=8), most=st.integers(0, 200))
def test_packs_hold_every_column_once_and_are_no_wider_than_asked_but_for_single_categories(levels, most):
    parts, *_ = drawn(1, rows=20, levels=levels, numbers=2)
    packs = packed(parts, most=most)
    columns = np.sort(np.concatenate([pack.columns for pack in packs]))
    assert columns.tolist() == list(range(sum(part.width for part in parts)))
    widths = [part.width + 1 for part in parts if part.value is None]
    for pack in packs:
        assert pack.width <= most or pack.width in widths or pack.value is not None
    assert prod(pack.width for pack in packs) == prod(widths)


def test_with_few_cells_and_many_rows_categories_are_packed_and_with_many_cells_they_are_not():
    parts, *_ = drawn(2, rows=10, levels=[2, 3, 4, 5], numbers=0)
    assert [pack.width for pack in packed(parts, most=60)] == [60, 2]
    assert [pack.width for pack in packed(parts, most=1)] == [5, 4, 3, 2]
