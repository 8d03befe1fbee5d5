"""Weighted logit for a notebook: log-odds, odds ratios, and effects on the probability scale."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from html import escape
from typing import Any, Literal, NoReturn

import numpy as np
from numpy.typing import NDArray

from whatworked.cells import DroppedTerm, NotEstimated
from whatworked.errors import Mistake, UsageError, known
from whatworked.estimation.binomial import Binomial, binomial_cells
from whatworked.estimation.estimate import Estimate
from whatworked.estimation.logit import LogitFit, fit_logit
from whatworked.estimation.logit_covariance import (
    LogitCovariance,
    OddsRatio,
    classical,
    clustered,
    coefficient,
    cr1,
    cr3,
    hc1,
    odds_ratio,
)
from whatworked.estimation.logit_inference import NO_CR2
from whatworked.estimation.marginal_effect import average_derivative, average_difference, is_binary
from whatworked.estimation.score_bootstrap import score_bootstrap
from whatworked.estimation.statistics import Floats, Integers
from whatworked.estimation.wild import Ties, WildBootstrap
from whatworked.notebook.options import check_draws

LogitKind = Literal["classical", "hc1", "cr1", "cr3", "person", "two_way"]
KINDS = ("classical", "hc1", "cr1", "cr3", "person", "two_way")
NAME_PEOPLE = "Name the column of people: person=..."
COVARIANCES: Mapping[str, Callable[[LogitFit], LogitCovariance | NotEstimated]] = {
    "classical": classical,
    "hc1": hc1,
    "cr1": cr1,
    "cr3": cr3,
}


@dataclass(frozen=True)
class LogitRows:
    """The rows (n,) of a logit: its design (n, q), and whom each is about, None where the table does not say."""

    design: Floats
    outcome: Floats
    weight: Floats
    person: Integers | None


@dataclass(frozen=True)
class Logit:
    """A fitted weighted logit: k kept terms in the order given.

    `coef` (k,) in log-odds; `dropped` terms with their reasons; `left_out` rows by reason.
    """

    logit: LogitFit = field(repr=False)
    left_out: Mapping[str, int]
    given: LogitRows = field(repr=False)

    @property
    def names(self) -> tuple[str, ...]:
        """The kept terms."""
        return self.logit.names

    @property
    def coef(self) -> Floats:
        """(k,) coefficients in log-odds."""
        return self.logit.coef

    @property
    def dropped(self) -> tuple[DroppedTerm, ...]:
        """Terms that the model does without, each with the reason."""
        return self.logit.dropped

    @property
    def r_squared(self) -> float:
        """McFadden's: 1 − deviance ÷ deviance of a constant share. No share of a variance, and usually far smaller."""
        return self.logit.r_squared

    @property
    def rows(self) -> int:
        """Rows of positive weight."""
        return self.logit.rows

    def covariance(self, kind: LogitKind = "cr1") -> Floats | NotEstimated:
        """Return a covariance (k, k): classical, hc1, cr1 or cr3 (NaN where a deletion loses a term).

        Two more need `person`: clustered on people, and on areas and people ("two_way"), which is the one on areas,
        for a person is in one.
        """
        found = self._covariance(kind)
        return found if isinstance(found, NotEstimated) else found.matrix

    def estimate(self, term: str, kind: LogitKind = "cr1") -> Estimate | NotEstimated:
        """Return one coefficient in log-odds: normal for classical and hc1, t(G − 1) for the clustered ones."""
        self._asked(term)
        found = self._covariance(kind)
        return found if isinstance(found, NotEstimated) else coefficient(found, term)

    def odds_ratio(self, term: str, kind: LogitKind = "cr1") -> OddsRatio | NotEstimated:
        """Return by what the odds are multiplied per unit of a term, with its interval."""
        found = self.estimate(term, kind)
        return found if isinstance(found, NotEstimated) else odds_ratio(found)

    def average_marginal_effect(self, term: str, kind: LogitKind = "cr1") -> Estimate | NotEstimated:
        """Return a term's effect on the probability, averaged over the rows with their weights.

        For a term of 0 and 1 the difference between having it and not, else the derivative. An interaction is moved by
        itself: for the effect of a treatment on the treated see `did`.
        """
        self._asked(term)
        found = self._covariance(kind)
        if isinstance(found, NotEstimated):
            return found
        binary = self.logit.place(term) is not None and is_binary(self.logit, term)
        return average_difference(found, term) if binary else average_derivative(found, term)

    def satterthwaite(self, term: str) -> NotEstimated:
        """Return why a logit has no CR2."""
        self._asked(term)
        return NO_CR2

    def wild_bootstrap(
        self, term: str, *, draws: int | None = None, seed: int = 0, ties: Ties = ">="
    ) -> WildBootstrap | NotEstimated:
        """Return the score bootstrap of one coefficient, the null imposed."""
        check_draws(draws, seed=seed, ties=ties)
        self._asked(term)
        return score_bootstrap(self.logit, term, draws=draws, seed=seed, ties=ties)

    def test(self, name: str, **options: object) -> NoReturn:
        """Say that the tests of `regress` are about errors that a logit does not have."""
        found = f'"{name}" is about the errors of a linear model.'
        raise UsageError(Mistake("test", found, 'Ask it of a fit with estimator="linear" or effects for people.'))

    def to_rows(self) -> list[dict[str, Any]]:
        """Return one row a kept term, with its CR1 standard error."""
        found = [self.estimate(name) for name in self.names]
        return [
            entry.to_dict()
            if isinstance(entry, Estimate)
            else {"term": name, "estimate": float(self.coef[i]), "not_estimated": entry.reason}
            for i, (name, entry) in enumerate(zip(self.names, found, strict=True))
        ]

    def to_dict(self) -> dict[str, Any]:
        """Return the fit as plain values."""
        return {
            "rows": self.rows,
            "areas": self.logit.areas,
            "r_squared_mcfadden": self.r_squared,
            "terms": self.to_rows(),
            "dropped": [{"term": entry.term, "reason": entry.reason} for entry in self.dropped],
            "left_out": dict(self.left_out),
        }

    def _repr_html_(self) -> str:
        """Return the terms as a table for a notebook."""
        rows = "".join(
            f"<tr><td>{escape(str(row['term']))}</td><td>{row['estimate']:.4g}</td>"
            f"<td>{row['std_error']:.4g}</td><td>{row['p_value']:.3f}</td></tr>"
            if "std_error" in row
            else f"<tr><td>{escape(str(row['term']))}</td><td>{row['estimate']:.4g}</td><td colspan='2'></td></tr>"
            for row in self.to_rows()
        )
        head = "<tr><th>term</th><th>log-odds</th><th>CR1 std. error</th><th>p</th></tr>"
        return f"<table>{head}{rows}</table>"

    def _covariance(self, kind: str) -> LogitCovariance | NotEstimated:
        if kind == "cr2":
            return NO_CR2
        if kind in ("person", "two_way"):
            return self._by_person(kind)
        if kind not in KINDS:
            raise UsageError(Mistake("covariance", f'no kind "{kind}".', known(KINDS, str(kind))))
        return COVARIANCES[kind](self.logit)

    def _by_person(self, kind: str) -> LogitCovariance | NotEstimated:
        rows = self.given
        if rows.person is None:
            raise UsageError(Mistake("covariance", f'"{kind}" needs to know who is who.', NAME_PEOPLE))
        if kind == "two_way":
            return cr1(self.logit)
        return clustered(self.logit, rows.design, rows.outcome, weight=rows.weight, cluster=rows.person)

    def _asked(self, term: str) -> None:
        names = (*self.names, *(entry.term for entry in self.dropped))
        if term not in names:
            raise UsageError(Mistake("term", f'no term "{term}".', known(names, term)))


def logit_of_rows(
    names: tuple[str, ...], rows: LogitRows, *, area: NDArray[Any], left_out: Mapping[str, int]
) -> Logit | NotEstimated:
    """Fit a logit to rows (n,) in areas (n,), or say why there is no fit."""
    wrong = int((~np.isin(rows.outcome, (0.0, 1.0))).sum())
    if wrong:
        raise UsageError(Mistake("outcome", f"{wrong} values are neither 0 nor 1.", "Give a column of 0 and 1."))
    trials = Binomial(rows.outcome, np.ones(len(rows.outcome)), rows.weight)
    fit = fit_logit(binomial_cells(rows.design, trials, area=area, names=names))
    return fit if isinstance(fit, NotEstimated) else Logit(fit, left_out, rows)
