"""Weighted least squares from Gram matrices, with collinear terms resolved in a stated order."""

from dataclasses import dataclass

import numpy as np

from whatworked.cells import DroppedTerm
from whatworked.estimation.statistics import AreaGrams, Floats, Integers

INTERCEPT = "(intercept)"
# A column counts as collinear when less than this share of its sum of squares is left after the columns before it.
COLLINEAR = 1e-9
# A coefficient of the columns before it smaller than this is rounding, when a collinear column is explained.
NEGLIGIBLE = 1e-6


@dataclass(frozen=True)
class LinearFit:
    """A fitted weighted linear model (k kept terms, G areas).

    `bread` (k, k) is (X′WX)⁻¹, `scores` (G, k) holds each area's X′We, and `grams` the statistics of the kept
    columns, from which every covariance of the menu follows. Where the rows were freed of unit effects first,
    `absorbed` is how many of these the residual degrees of freedom go without, `counted` how many the clustered
    covariances count with k.
    """

    grams: AreaGrams
    coef: Floats
    bread: Floats
    scores: Floats
    dropped: tuple[DroppedTerm, ...]
    rss: float
    tss: float
    absorbed: int = 0
    counted: int = 0

    @property
    def names(self) -> tuple[str, ...]:
        """The k kept terms."""
        return self.grams.names

    @property
    def areas(self) -> int:
        """Number of areas with rows."""
        return len(self.grams.areas)

    @property
    def rows(self) -> int:
        """Rows of positive weight, copies included."""
        return int(self.grams.rows.sum())

    @property
    def k(self) -> int:
        """Coefficients kept."""
        return len(self.coef)

    @property
    def residual_df(self) -> int:
        """Rows less coefficients, absorbed ones too."""
        return self.rows - self.k - self.absorbed

    @property
    def clustered_df(self) -> int:
        """Rows less the coefficients that a clustered covariance counts: n − k in G/(G−1)·(n−1)/(n−k)."""
        return self.rows - self.k - self.counted

    @property
    def r_squared(self) -> float | None:
        """1 − RSS/TSS around the weighted mean, None where the outcome does not vary."""
        return 1 - self.rss / self.tss if self.tss > 0 else None

    def place(self, term: str) -> int | None:
        """Return the number of a kept term, None for a dropped one."""
        return self.names.index(term) if term in self.names else None

    def value(self, term: str) -> float | None:
        """Return a coefficient in the outcome's own scale, None for a dropped term."""
        place = self.place(term)
        if place is None:
            return None
        return float(self.coef[place]) + (self.grams.origin if term == INTERCEPT else 0.0)


def independent(gram: Floats, *, scale: Floats | None = None) -> Integers:
    """Choose columns in order, leaving out each that the chosen ones before it span.

    Parameters
    ----------
    gram : (q, q) X′WX
    scale : (q,) sums of squares that the rest of a column is judged against; by default the diagonal

    Returns
    -------
    Numbers of the kept columns, increasing.

    Source
    ------
    Cholesky factorisation in the given order of the matrix scaled to a unit diagonal, as Stata's `_rmcoll`
    keeps the first of a collinear set. Proof: tests/estimation/test_linear.py
    """
    q = len(gram)
    diagonal = np.diag(gram).copy()
    scale = diagonal if scale is None else scale
    unit = np.where(scale > 0, 1 / np.sqrt(np.where(scale > 0, scale, 1.0)), 0.0)
    scaled = gram * unit[:, None] * unit
    factor = np.zeros((q, q))
    kept: list[int] = []
    for j in range(q):
        chosen = len(kept)
        left = scaled[j, j] - factor[j, :chosen] @ factor[j, :chosen]
        if left > COLLINEAR:
            factor[j:, chosen] = (scaled[j:, j] - factor[j:, :chosen] @ factor[j, :chosen]) / np.sqrt(left)
            kept.append(j)
    return np.array(kept, dtype=np.int64)


def inverse(gram: Floats) -> Floats:
    """Invert a positive definite matrix after scaling it to a unit diagonal.

    Source
    ------
    Higham (2002), s. 7.3: scaling by the diagonal nearly minimises the condition number.
    Proof: tests/estimation/test_linear.py
    """
    if not len(gram):
        return np.zeros((0, 0))
    unit = 1 / np.sqrt(np.diag(gram))
    factor = np.linalg.inv(np.linalg.cholesky(gram * unit[:, None] * unit))
    result: Floats = (factor.T @ factor) * unit[:, None] * unit
    return result


def fit_linear(grams: AreaGrams) -> LinearFit:
    """Fit weighted least squares; collinear columns leave, the later in the order given first.

    Parameters
    ----------
    grams : statistics of q columns, in the order in which they may stay

    Returns
    -------
    LinearFit of the k kept columns, in units of the outcome.

    Source
    ------
    Greene (2018), s. 9.3 (weighted least squares). Proof: tests/estimation/test_linear.py
    """
    total = grams.gram[1]
    kept = independent(total)
    dropped = tuple(
        DroppedTerm(grams.names[j], _why_dropped(total, j, kept, grams.names))
        for j in range(len(grams.names))
        if j not in set(kept.tolist())
    )
    mine = grams.columns(kept)
    gram, right = mine.gram[1], mine.right[1]
    bread = inverse(gram)
    coef = bread @ right
    # one step of refinement: the normal equations lose digits that their residual still holds
    coef = coef + bread @ (right - gram @ coef)
    scores = mine.xy[1] - mine.xx[1] @ coef
    rss = max(float(mine.yy.sum() - 2 * coef @ right + coef @ gram @ coef), 0.0)
    weight = float(mine.weight.sum())
    tss = float(mine.yy.sum() - mine.y_sum.sum() ** 2 / weight) if weight > 0 else 0.0
    return LinearFit(mine, coef, bread, scores, dropped, rss, max(tss, 0.0))


def _why_dropped(gram: Floats, column: int, kept: Integers, names: tuple[str, ...]) -> str:
    before = kept[kept < column]
    if gram[column, column] <= 0:
        return "no row has it"
    if not len(before):
        return "collinear"
    parts = inverse(gram[np.ix_(before, before)]) @ gram[before, column]
    size = np.abs(parts) * np.sqrt(np.diag(gram)[before] / gram[column, column])
    named = [names[j] for j, share in zip(before, size, strict=True) if share > NEGLIGIBLE]
    return f"collinear with {listed(named)}" if named else "collinear"


def listed(terms: list[str]) -> str:
    """Return terms as words, the first three of many."""
    return f"{', '.join(terms[:3])} and {len(terms) - 3} more" if len(terms) > 4 else " and ".join(terms)
