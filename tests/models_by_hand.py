"""The models of people's rows written out: dummies, loops over units and sums over clusters, nothing shared."""

from collections import defaultdict

import numpy as np
import statsmodels.api as sm
from people_study import STARTS, areas_of, columns_by_hand, covariates_by_hand, independent, outcomes_of
from scipy.special import expit


def units_of(kept):
    """Number each row's person in its area and group."""
    return np.unique(["|".join(r[1:4]) for r in kept], return_inverse=True)[1]


def persons_of(kept):
    """Number each row's person in its area, all groups together."""
    return np.unique(["|".join(r[2:4]) for r in kept], return_inverse=True)[1]


def covariance(bread, scores, cluster, *, k):
    """Sum scores over clusters, with the factor G/(G-1)·(n-1)/(n-k)."""
    n, groups = len(scores), np.unique(cluster)
    sums = np.array([scores[cluster == g].sum(axis=0) for g in groups])
    count = len(groups)
    return count / (count - 1) * (n - 1) / (n - k) * bread @ sums.T @ sums @ bread


def least_squares(x, y, w):
    bread = np.linalg.inv(x.T @ (w[:, None] * x))
    coef = bread @ x.T @ (w * y)
    return coef, y - x @ coef, bread


def linear(kept, weight, cluster, **design):
    """The pooled linear model: its names, coefficients and their covariance."""
    names, x = columns_by_hand(kept, **design)
    coef, residual, bread = least_squares(x, outcomes_of(kept), weight)
    return names, coef, covariance(bread, x * (weight * residual)[:, None], cluster, k=x.shape[1])


def logit(kept, weight, cluster, **design):
    """A logit by statsmodels' iterations: its names, coefficients, their covariance, and the design."""
    names, x = columns_by_hand(kept, **design)
    y = outcomes_of(kept)
    fit = sm.GLM(y, x, family=sm.families.Binomial(), freq_weights=weight).fit(tol=1e-14, maxiter=100)
    p = expit(x @ fit.params)
    bread = np.linalg.inv(x.T @ ((weight * p * (1 - p))[:, None] * x))
    return names, fit.params, covariance(bread, x * (weight * (y - p))[:, None], cluster, k=x.shape[1]), x


def treatment_effect(kept, weight, found):
    """What the treatment did to the probability of treated rows after the start, and its standard error."""
    names, coef, covered, x = found
    mine = np.array([r[2] in STARTS and r[5] >= 0 for r in kept])
    without = x[mine].copy()
    without[:, names.index("pilot:post")] = 0.0
    share = weight[mine] / weight[mine].sum()
    with_it, rest = expit(x[mine] @ coef), expit(without @ coef)
    gradient = (share * with_it * (1 - with_it)) @ x[mine] - (share * rest * (1 - rest)) @ without
    return share @ (with_it - rest), np.sqrt(gradient @ covered @ gradient)


def within(kept, weight, **design):
    """An effect for every unit, as a dummy a unit: names, slopes, clustered and classical covariance."""
    unit = units_of(kept)
    dummies = (unit[:, None] == np.arange(unit.max() + 1)).astype(float)
    names, x = columns_by_hand(kept, **design)
    # what is left of each column without the dummies (Frisch and Waugh)
    weighed = weight[:, None] * dummies
    left = x - dummies @ np.linalg.solve(dummies.T @ weighed, weighed.T @ x)
    names, x = independent([(n, c) for n, c in zip(names, left.T, strict=True) if np.abs(c).max() > 1e-9])
    coef, residual, bread = whole_fit(dummies, x, outcomes_of(kept), weight)
    clustered = covariance(bread, x * (weight * residual)[:, None], areas_of(kept), k=x.shape[1] + 1)
    free = len(kept) - dummies.shape[1] - x.shape[1]
    return names, coef, clustered, bread * (weight @ residual**2) / free


def whole_fit(dummies, x, y, weight):
    """Fit columns and dummies together; the bread is that of the columns."""
    whole = np.column_stack([x, dummies])
    weighed = weight[:, None] * whole
    found = np.linalg.solve(whole.T @ weighed, weighed.T @ y)
    return found[: x.shape[1]], y - whole @ found, np.linalg.inv(x.T @ (weight[:, None] * x))


def random(kept, weight, **design):
    """Swamy and Arora with weights, unit by unit: names, coefficients, clustered and classical covariance."""
    unit, y = units_of(kept), outcomes_of(kept)
    names, x = columns_by_hand(kept, **design)
    rows = [np.flatnonzero(unit == u) for u in range(unit.max() + 1)]
    total = np.array([weight[i].sum() for i in rows])
    mean_x = np.array([np.average(x[i], axis=0, weights=weight[i]) for i in rows])
    mean_y = np.array([np.average(y[i], weights=weight[i]) for i in rows])
    moving = [(n, c) for n, c in zip(names, (x - mean_x[unit]).T, strict=True) if np.abs(c).max() > 1e-9]
    inside = independent(moving)[1]
    residual = least_squares(inside, y - mean_y[unit], weight)[1]
    row = weight @ residual**2 / (len(y) - len(rows) - inside.shape[1])
    between = independent(list(zip(names, mean_x.T, strict=True)))[1]
    _, apart, bread = least_squares(between, mean_y, total)
    spread = total.sum() - np.trace(bread @ between.T @ (total[:, None] ** 2 * between))
    own = max((total @ apart**2 - (len(rows) - between.shape[1]) * row) / spread, 0.0)
    theta = (1 - np.sqrt(row / (row + total * own)))[unit]
    quasi_x, quasi_y = x - theta[:, None] * mean_x[unit], y - theta * mean_y[unit]
    coef, residual, bread = least_squares(quasi_x, quasi_y, weight)
    clustered = covariance(bread, quasi_x * (weight * residual)[:, None], areas_of(kept), k=x.shape[1])
    plain = bread * (weight @ residual**2) / (len(y) - x.shape[1])
    return names, coef, clustered, plain, (quasi_x, quasi_y, x - mean_x[unit])


def hausman(kept, weight, **design):
    """(FE - RE)'(V_FE - V_RE)^-(FE - RE) and its rank, each with classical errors of its own."""
    fixed_names, fixed, _, fixed_covariance = within(kept, weight, **design)
    names, coef, _, plain, _ = random(kept, weight, **design)
    common = [n for n in fixed_names if n in names]
    a, b = [fixed_names.index(n) for n in common], [names.index(n) for n in common]
    apart = fixed[a] - coef[b]
    between = fixed_covariance[np.ix_(a, a)] - plain[np.ix_(b, b)]
    size = np.sqrt(np.diag(fixed_covariance[np.ix_(a, a)]))
    scaled = between / np.outer(size, size)
    return (apart / size) @ np.linalg.pinv(scaled) @ (apart / size), np.linalg.matrix_rank(scaled)


def mundlak(kept, weight, **design):
    """The Wald statistic of every column's own deviations, added to random effects, clustered on people."""
    names, _, _, _, (quasi_x, quasi_y, inside) = random(kept, weight, **design)
    added = [("within " + n, c) for n, c in zip(names, inside.T, strict=True) if np.abs(c).max() > 1e-9]
    kept_names, x = independent([*zip(names, quasi_x.T, strict=True), *added])
    coef, residual, bread = least_squares(x, quasi_y, weight)
    whole = covariance(bread, x * (weight * residual)[:, None], persons_of(kept), k=x.shape[1])
    places = [i for i, n in enumerate(kept_names) if n.startswith("within")]
    return coef[places] @ np.linalg.solve(whole[np.ix_(places, places)], coef[places]), len(places)


def serial_correlation(kept, weight, **design):
    """(Σ w·e·l)² over the sum over people of (Σ w·e·l)², the lag net of the model's columns."""
    _, x = columns_by_hand(kept, **design)
    _, residual, _ = least_squares(x, outcomes_of(kept), weight)
    unit, lag = units_of(kept), np.zeros(len(kept))
    for u in range(unit.max() + 1):
        mine = sorted(np.flatnonzero(unit == u), key=lambda i: (kept[i][4], kept[i][6], kept[i][0]))
        lag[mine[1:]] = residual[mine[:-1]]
    net = least_squares(x, lag, weight)[1]
    parts = defaultdict(float)
    for person, part in zip(persons_of(kept), weight * residual * net, strict=True):
        parts[person] += part
    return sum(parts.values()) ** 2 / sum(part**2 for part in parts.values())


def serial_correlation_by_date(kept, **design):
    """n·R² of residuals on the columns and the residual before in the whole file, sorted by date, unweighted."""
    _, x = columns_by_hand(kept, **design)
    ones = np.ones(len(kept))
    _, residual, _ = least_squares(x, outcomes_of(kept), ones)
    order = sorted(range(len(kept)), key=lambda i: (kept[i][4], *kept[i][2:4], kept[i][6], kept[i][0], kept[i][1]))
    lag = np.zeros(len(kept))
    lag[order[1:]] = residual[order[:-1]]
    left = least_squares(np.column_stack([x, lag]), residual, ones)[1]
    return len(kept) * (1 - left @ left / (residual @ residual))


def recurrence(kept, weight, *, covariates):
    """F of the regression of being seen more than once on the outcome and the covariates."""
    unit = units_of(kept)
    again = (np.bincount(unit)[unit] > 1).astype(float)
    described = covariates_by_hand(kept) if covariates else []
    _, x = independent([("one", np.ones(len(kept))), ("outcome", outcomes_of(kept)), *described])
    _, residual, _ = least_squares(x, again, weight)
    n, k = x.shape
    total = weight @ (again - np.average(again, weights=weight)) ** 2
    left = weight @ residual**2
    return (total - left) / (k - 1) / (left / (n - k)), (k - 1, n - k)
