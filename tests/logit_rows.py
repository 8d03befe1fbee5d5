"""Invented rows of a yes-or-no outcome, and the slow, plain roads to a logit's numbers that its tests compare with."""

import numpy as np
from scipy import optimize
from scipy.special import expit

from whatworked.estimation.binomial import Binomial, binomial_cells

NAMES = ("(intercept)", "pilot", "post", "pilot:post", "x")


def invented_rows(seed=0, *, areas=8, n=600, effect=0.5, rare=0.0):
    """Return design, outcome, weight and area; half of the areas are pilots, x is a number."""
    rng = np.random.default_rng(seed)
    area = np.arange(n) % areas
    pilot, post = (area < areas // 2).astype(float), rng.integers(0, 2, n).astype(float)
    x = np.round(rng.normal(size=n), 1)
    design = np.column_stack([np.ones(n), pilot, post, pilot * post, x])
    shock = rng.normal(0, 0.3, (areas, 2))[area, post.astype(int)]
    y = (rng.uniform(size=n) < expit(-rare + effect * pilot * post + 0.4 * x + shock)).astype(float)
    return design, y, rng.uniform(0.3, 2.0, n), area


def as_cells(design, y, w=None, area=None, *, names=NAMES, count=None):
    count = np.ones(len(y)) if count is None else count
    w = np.ones(len(y)) if w is None else w
    area = np.zeros(len(y), dtype=int) if area is None else area
    return binomial_cells(design, Binomial(y, count, w), area=area, names=names)


def newton(design, y, w, *, fixed=None, effect=0.0):
    """Plain Newton on rows; with `fixed`, that column's coefficient is held at `effect`."""
    free = [j for j in range(design.shape[1]) if j != fixed]
    b = np.zeros(design.shape[1])
    if fixed is not None:
        b[fixed] = effect
    for _ in range(60):
        p = expit(design @ b)
        information = (design * (w * p * (1 - p))[:, None]).T @ design
        step = np.linalg.solve(information[np.ix_(free, free)], (design.T @ (w * (y - p)))[free])
        b[free] += step
        if np.abs(step).max() < 1e-13:
            break
    p = expit(design @ b)
    return b, (design * (w * p * (1 - p))[:, None]).T @ design, design * (w * (y - p))[:, None]


def by_area(row_scores, area):
    return np.array([row_scores[area == g].sum(axis=0) for g in np.unique(area)])


def has_maximum(design, y):
    """Whether no direction separates: a linear programme (Konis 2007), the exact second road."""
    turned = design * (2 * y - 1)[:, None]
    found = optimize.linprog(
        -turned.sum(axis=0), A_ub=-turned, b_ub=np.zeros(len(y)), bounds=[(-1, 1)] * design.shape[1], method="highs"
    )
    return -found.fun < 1e-9
