"""Weighted logit on binomial cells, with collinear terms resolved in a stated order."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from scipy.special import expit

from whatworked.cells import DroppedTerm, NotEstimated
from whatworked.estimation.binomial import BinomialCells
from whatworked.estimation.likelihood import Likelihood, Maximum, maximise
from whatworked.estimation.linear import INTERCEPT, NEGLIGIBLE, independent, inverse, listed
from whatworked.estimation.statistics import Floats, Integers


@dataclass(frozen=True)
class LogitFit:
    """A fitted weighted logit (k kept terms, m cells, G areas).

    `kept` (k,) numbers the kept columns of `cells`. `standardised` (k,) are the coefficients of the columns as `cells`
    has them; `information` (k, k), its inverse `bread` and `scores` (G, k), each area's X′(s − np), are in those units
    and in units of the largest weight, as are `gram` (k, k), X′NX with the weights as they are, and `likelihood`.
    Everything in the terms' own units is derived.
    """

    cells: BinomialCells
    kept: Integers
    standardised: Floats
    log_odds: Floats
    information: Floats
    bread: Floats
    scores: Floats
    log_likelihood: float
    null_log_likelihood: float
    dropped: tuple[DroppedTerm, ...]
    steps: int
    gram: Floats
    likelihood: Likelihood

    @property
    def names(self) -> tuple[str, ...]:
        """The k kept terms."""
        return tuple(self.cells.names[j] for j in self.kept)

    @property
    def areas(self) -> int:
        """Number of areas with rows."""
        return len(self.cells.areas)

    @property
    def rows(self) -> int:
        """Rows of positive weight, copies included."""
        return self.cells.rows

    @property
    def k(self) -> int:
        """Coefficients kept."""
        return len(self.kept)

    @property
    def residual_df(self) -> int:
        """Rows less coefficients."""
        return self.rows - self.k

    @property
    def deviance(self) -> float:
        """−2 log-likelihood, with the weights as they were given; rows of 0 and 1 fit themselves perfectly."""
        return -2 * self.log_likelihood

    @property
    def null_deviance(self) -> float:
        """The deviance of a constant share."""
        return -2 * self.null_log_likelihood

    @property
    def r_squared(self) -> float:
        """McFadden's 1 − deviance ÷ deviance of a constant share."""
        return 1 - self.log_likelihood / self.null_log_likelihood

    @cached_property
    def to_terms(self) -> Floats:
        """(k, k) what turns standardised coefficients into those of the terms in their own units."""
        result: Floats = np.diag(1 / self.cells.unit[self.kept])
        if self.names[0] == INTERCEPT:
            result[0] -= self.cells.centre[self.kept] / self.cells.unit[self.kept]
        return result

    @property
    def coef(self) -> Floats:
        """(k,) coefficients, log-odds per unit of the term."""
        result: Floats = self.to_terms @ self.standardised
        return result

    def place(self, term: str) -> int | None:
        """Return the number of a kept term, None for a dropped one."""
        return self.names.index(term) if term in self.names else None

    def missing(self, term: str) -> NotEstimated:
        """Return why a term has no coefficient."""
        reasons = [dropped.reason for dropped in self.dropped if dropped.term == term]
        return NotEstimated(reasons[0] if reasons else f"{term} is not in the model")

    def columns(self, design: Floats) -> Floats:
        """Return rows (r, q) of the design that the cells were made of as the kept columns (r, k), standardised."""
        own = np.asarray(design, dtype=np.float64)[:, self.kept]
        result: Floats = (own - self.cells.centre[self.kept]) / self.cells.unit[self.kept]
        return result


def fit_logit(cells: BinomialCells) -> LogitFit | NotEstimated:
    """Fit a logit by maximum likelihood; collinear columns leave, the later in the order given first.

    Parameters
    ----------
    cells : sums of q columns, in the order in which they may stay

    Returns
    -------
    LogitFit of the k kept columns, or the reason: no rows, one outcome throughout, as many coefficients as rows,
    separation (with the terms that make it), no convergence.

    Source
    ------
    McCullagh & Nelder (1989), ch. 4. Decision 0025. Proof: tests/estimation/test_logit.py
    """
    reason = _no_fit(cells)
    if reason:
        return NotEstimated(reason)
    gram = cells.design.gram(cells.trials / cells.trials.sum())
    if not np.isfinite(gram).all():
        return NotEstimated("a number of the design is not finite")
    kept = independent(gram)
    if cells.rows <= len(kept):
        return NotEstimated("there are no more rows than coefficients")
    start = np.zeros(len(kept))
    if cells.names[kept[0]] == INTERCEPT:
        start[0] = np.log(cells.successes.sum() / cells.failures.sum())
    likelihood = likelihood_of(cells, kept)
    # all shares are alike at the start, so that the information is a multiple of what is known
    same = cells.trials.sum() * expit(start[0]) * expit(-start[0])
    found = maximise(likelihood, start, information=gram[np.ix_(kept, kept)] * same)
    if isinstance(found, NotEstimated):
        return found
    bread = found.inverse
    if bread is None:
        return NotEstimated("the logit did not converge")
    return _fitted(cells, likelihood, (found, bread), gram)


def _no_fit(cells: BinomialCells) -> str | None:
    """Return what is wrong with the rows or the outcome, before anything is fitted."""
    if not cells.names:
        return "there is no term"
    if not cells.rows:
        return "there is no row"
    if not (np.minimum(cells.successes, cells.failures) >= 0).all():
        return "a logit needs successes from 0 to the number of rows"
    if not (cells.successes.any() and cells.failures.any()):
        return "every row has the same outcome"
    return None


def likelihood_of(cells: BinomialCells, kept: Integers) -> Likelihood:
    """Return the likelihood of some columns; nothing is copied where they are all there are.

    Source
    ------
    McCullagh & Nelder (1989), s. 4.4. Proof: tests/estimation/test_logit.py
    """
    names = tuple(cells.names[j] for j in kept)
    return Likelihood(cells.design.columns(kept), cells.successes, cells.failures, names)


def leave_out_area(fit: LogitFit, area: int) -> tuple[Integers, Floats] | NotEstimated:
    """Refit without one area, from where the whole fit ended.

    Returns
    -------
    Numbers (j,) of the fit's coefficients that can still be told from the others and their standardised values (j,),
    or why there is no fit.

    Source
    ------
    MacKinnon, Nielsen & Webb (2023), s. 3, each deletion refitted. Decision 0025.
    Proof: tests/estimation/test_logit_covariance.py
    """
    whole = fit.likelihood
    own = slice(fit.cells.starts[area], fit.cells.starts[area + 1])
    successes, failures = whole.successes.copy(), whole.failures.copy()
    successes[own] = failures[own] = 0.0
    if not (successes.any() and failures.any()):
        return NotEstimated("every row has the same outcome")
    area_design = whole.design.cells(own)
    gram = fit.gram - area_design.gram(fit.cells.trials[own])
    left = independent(gram, scale=np.diag(fit.gram))
    names = tuple(whole.names[j] for j in left)
    own_information = area_design.gram(whole.curvature(fit.log_odds)[own])
    information = (fit.information - own_information)[np.ix_(left, left)]
    rest = Likelihood(whole.design.columns(left), successes, failures, names)
    found = maximise(rest, fit.standardised[left], information=information)
    if isinstance(found, NotEstimated):
        return found
    lost = np.setdiff1d(np.arange(fit.k), left)
    parts = inverse(gram[np.ix_(left, left)]) @ gram[np.ix_(left, lost)]
    alone = (np.abs(parts) <= NEGLIGIBLE).all(axis=1)
    return left[alone], found.coef[alone]


def _fitted(cells: BinomialCells, likelihood: Likelihood, maximum: tuple[Maximum, Floats], gram: Floats) -> LogitFit:
    found, bread = maximum
    kept = np.array([cells.names.index(name) for name in likelihood.names])
    total = cells.trials.sum()
    yes, no = cells.successes.sum(), cells.failures.sum()
    null = float(yes * np.log(yes / total) + no * np.log(no / total))
    return LogitFit(
        cells,
        kept,
        found.coef,
        found.log_odds,
        found.information,
        bread,
        likelihood.design.area_sums(likelihood.residual(found.log_odds), cells.starts),
        found.value * cells.weight_unit,
        null * cells.weight_unit,
        tuple(
            DroppedTerm(cells.names[j], _why_dropped(cells, gram, j, kept))
            for j in range(len(cells.names))
            if j not in set(kept.tolist())
        ),
        found.steps,
        gram[np.ix_(kept, kept)] * total,
        likelihood,
    )


def _why_dropped(cells: BinomialCells, gram: Floats, column: int, kept: Integers) -> str:
    if gram[column, column] <= 0:
        return "no row has it" if cells.centre[column] == 0 else f"collinear with {INTERCEPT}"
    before = kept[kept < column]
    if not len(before):
        return "collinear"
    parts = inverse(gram[np.ix_(before, before)]) @ gram[before, column]
    if cells.names[before[0]] == INTERCEPT:
        # the columns are centred: what the intercept carries is what the others' means leave of this column's mean
        constant = cells.centre[column] - cells.unit[column] * (parts / cells.unit[before]) @ cells.centre[before]
        parts[0] = constant / np.hypot(cells.unit[column], cells.centre[column])
    named = [cells.names[j] for j, share in zip(before, parts, strict=True) if abs(share) > NEGLIGIBLE]
    return f"collinear with {listed(named)}" if named else "collinear"
