"""CR2 and Satterthwaite's degrees of freedom as the paper defines them, on rows: every matrix as long as the rows."""

import numpy as np

# Eigenvalues of (I − H)(I − H)′ below this are 0: a dummy of one area leaves one behind.
ZERO = 1e-9


def least_squares(x, y, w):
    """Weighted least squares: coefficients and (X′WX)⁻¹, by orthogonal columns."""
    q, r = np.linalg.qr(x * np.sqrt(w)[:, None])
    inverse = np.linalg.inv(r)
    return inverse @ q.T @ (np.sqrt(w) * y), inverse @ inverse.T


def bias_reduced(x, y, w, area):
    """Return coefficients, their CR2 covariance, and each one's degrees of freedom (Pustejovsky and Tipton 2018).

    A_g is the symmetric root of the Moore–Penrose inverse of (I − H)_g(I − H)_g′: the working model is Φ = I.
    """
    coef, bread = least_squares(x, y, w)
    leverage = np.eye(len(y)) - x @ bread @ (x * w[:, None]).T
    residual = y - x @ coef
    meat, passed = np.zeros((x.shape[1], x.shape[1])), []
    for g in np.unique(area):
        mine = area == g
        values, vectors = np.linalg.eigh(leverage[mine] @ leverage[mine].T)
        real = values > ZERO
        root = (vectors[:, real] / np.sqrt(values[real])) @ vectors[:, real].T
        weighed = root @ (w[mine, None] * x[mine])
        meat += np.outer(weighed.T @ residual[mine], weighed.T @ residual[mine])
        passed.append(leverage[mine].T @ weighed @ bread)
    df = []
    for j in range(x.shape[1]):
        products = np.array([[one[:, j] @ other[:, j] for other in passed] for one in passed])
        df.append(np.trace(products) ** 2 / (products**2).sum())
    return coef, bread @ meat @ bread, np.array(df)


def every_dummy(area, group, period, columns):
    """Put `columns` (n, c) first and a dummy for every group × area and group × period behind; keep what is no sum."""
    dummies = [label[:, None] == np.unique(label) for label in (1000 * group + area, 1000 * group + period)]
    x = np.column_stack([columns, *dummies]).astype(float)
    kept = []
    for j in range(x.shape[1]):
        if np.linalg.matrix_rank(x[:, [*kept, j]], tol=1e-8) > len(kept):
            kept.append(j)
    return x[:, kept]
