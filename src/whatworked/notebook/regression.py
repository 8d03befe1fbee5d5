"""Weighted regression for a notebook, with every covariance of the project behind one result."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from html import escape
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from whatworked.cells import DroppedTerm, NotEstimated
from whatworked.diagnostics.result import Test
from whatworked.engine.frames import columns_of
from whatworked.errors import Mistake, UsageError, known
from whatworked.estimation.covariance import classical, cr1, cr2, cr3, satterthwaite
from whatworked.estimation.estimate import Estimate
from whatworked.estimation.linear import LinearFit
from whatworked.estimation.rows import PanelRows
from whatworked.estimation.statistics import Floats
from whatworked.estimation.wild import Ties, WildBootstrap, wild_restricted
from whatworked.notebook.covariates import absent, design_of, numbers_of
from whatworked.notebook.logit import Logit, LogitRows, logit_of_rows
from whatworked.notebook.options import check_draws, check_order, listed
from whatworked.notebook.panel import Panel, PanelEstimator, Sightings, fit_panel, within_areas

Kind = Literal["classical", "hc1", "cr1", "cr2", "cr3", "person", "two_way"]
KINDS = ("classical", "hc1", "cr1", "cr2", "cr3", "person", "two_way")
ESTIMATORS = ("linear", "logit", "fixed_effects", "random_effects")


@dataclass(frozen=True)
class Fit:
    """A fitted weighted linear model: k kept terms in the order given.

    `coef` (k,) in units of the outcome; `dropped` terms with their reasons; `left_out` rows by reason.
    """

    linear: LinearFit = field(repr=False)
    design: Floats = field(repr=False)
    residual: Floats = field(repr=False)
    weight: Floats = field(repr=False)
    left_out: Mapping[str, int]
    panel: Panel = field(repr=False)

    @property
    def names(self) -> tuple[str, ...]:
        """The kept terms."""
        return self.linear.names

    @property
    def coef(self) -> Floats:
        """(k,) coefficients."""
        return np.array([self.linear.value(name) for name in self.names], dtype=np.float64)

    @property
    def dropped(self) -> tuple[DroppedTerm, ...]:
        """Terms that the model does without, each with the reason."""
        return self.linear.dropped

    @property
    def r_squared(self) -> float | None:
        """Weighted share of the outcome's variance that the model accounts for."""
        return self.linear.r_squared

    @property
    def rows(self) -> int:
        """Rows of positive weight."""
        return self.linear.rows

    @property
    def note(self) -> str | None:
        """What a reader must know about this fit, such as a variance set to 0."""
        return self.panel.random.note if self.panel.random else None

    def covariance(self, kind: Kind = "cr1") -> Floats:
        """Return a covariance (k, k): classical, hc1, cr1, cr2, cr3 (NaN where a deletion loses a term).

        Two more need `person`: clustered on people, and on areas and people ("two_way").
        """
        match kind:
            case "classical":
                return classical(self.linear)
            case "hc1":
                return self._hc1()
            case "cr1":
                return cr1(self.linear)
            case "cr2":
                return cr2(self.linear)
            case "cr3":
                return self._cr3()
            case "person" | "two_way":
                return self.panel.covariance(kind)
        raise UsageError(Mistake("covariance", f'no kind "{kind}".', known(KINDS, str(kind))))

    def estimate(self, term: str, kind: Kind = "cr1") -> Estimate | NotEstimated:
        """Return one coefficient and its standard error.

        Read against t(n − k) for classical and hc1, Satterthwaite's t for cr2, t(G − 1) for cr1, cr3 and the others.
        """
        if left := self._left(term):
            return left
        if kind == "cr2":
            return satterthwaite(self.linear, term, "")
        if kind in ("person", "two_way"):
            return self.panel.estimate(term, kind)
        place = self.names.index(term)
        variance = float(self.covariance(kind)[place, place])
        if not np.isfinite(variance):
            return NotEstimated("this covariance cannot be had for this term")
        df = self.linear.residual_df if kind in ("classical", "hc1") else self.linear.areas - 1
        return Estimate(term, float(self.coef[place]), "", float(np.sqrt(max(variance, 0.0))), df)

    def satterthwaite(self, term: str) -> Estimate | NotEstimated:
        """Return one coefficient with its CR2 standard error and Satterthwaite degrees of freedom."""
        return self.estimate(term, "cr2")

    def average_marginal_effect(self, term: str, kind: Kind = "cr1") -> Estimate | NotEstimated:
        """Return a term's effect on the outcome, which a linear model has the same for every row: its coefficient."""
        return self.estimate(term, kind)

    def wild_bootstrap(
        self, term: str, *, draws: int | None = None, seed: int = 0, ties: Ties = ">="
    ) -> WildBootstrap | NotEstimated:
        """Return the restricted wild cluster bootstrap of one coefficient."""
        check_draws(draws, seed=seed, ties=ties)
        return self._left(term) or wild_restricted(self.linear, term, draws=draws, seed=seed, ties=ties)

    def test(self, name: str, *, order: int = 1, one_sequence: bool = False) -> Test | NotEstimated:
        """Return a test of an assumption: its statistic, df and p-value.

        Of any fit, up to `order` lags within a person in an area, in the order of time (without `person`: over all
        rows): "breusch_godfrey" (n·R² on χ²), "breusch_godfrey_f", and "serial_correlation", which holds with
        weights; after demeaning or quasi-demeaning they are about those rows. In `one_sequence` lags run on from one
        person into the next, in the order of their labels, as R's `pbgtest` has it. Of the fixed-effects fit
        "wooldridge", which allows for what demeaning does. Of the random-effects fit "hausman", and "mundlak",
        clustered on people.
        """
        check_order(order)
        return self.panel.test(name, order=order, one_sequence=one_sequence)

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
            "areas": self.linear.areas,
            "r_squared": self.r_squared,
            "terms": self.to_rows(),
            "dropped": [{"term": entry.term, "reason": entry.reason} for entry in self.dropped],
            "left_out": dict(self.left_out),
            "note": self.note,
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
        head = "<tr><th>term</th><th>estimate</th><th>CR1 std. error</th><th>p</th></tr>"
        return f"<table>{head}{rows}</table>" + (f"<p>{escape(self.note)}</p>" if self.note else "")

    def _left(self, term: str) -> NotEstimated | None:
        """Return why a term is not in the model, None where it is; an unknown one is refused."""
        if term in self.names:
            return None
        reasons = [entry.reason for entry in self.dropped if entry.term == term]
        if not reasons:
            raise UsageError(Mistake("term", f'no term "{term}".', known(self.names, str(term))))
        return NotEstimated(reasons[0])

    def _hc1(self) -> Floats:
        """HC1: n/(n − k)·(X′WX)⁻¹ Σ w²e²xx′ (X′WX)⁻¹, one row a cluster."""
        if self.linear.residual_df <= 0:
            return np.full((self.linear.k, self.linear.k), np.nan)
        scores = self.design * (self.weight * self.residual)[:, None]
        scale = self.rows / self.linear.residual_df
        result: Floats = scale * self.linear.bread @ (scores.T @ scores) @ self.linear.bread
        return result

    def _cr3(self) -> Floats:
        found = [cr3(self.linear, name) for name in self.names]
        whole = [entry for entry in found if not isinstance(entry, NotEstimated)]
        if len(whole) == len(found):
            return whole[0]
        lost = np.array([isinstance(entry, NotEstimated) for entry in found])
        result = np.full((len(found), len(found)), np.nan) if not whole else whole[0].copy()
        result[lost, :] = np.nan
        result[:, lost] = np.nan
        return result


def regress(  # noqa: PLR0913 - the arguments a notebook names
    data: object,
    *,
    outcome: str,
    terms: Sequence[str],
    area: str,
    weights: str | None = None,
    estimator: PanelEstimator | Literal["logit"] = "linear",
    person: str | None = None,
    time: str | None = None,
) -> Fit | Logit | NotEstimated:
    """Fit a weighted model, pooled or with effects for people, with errors clustered on areas.

    Parameters
    ----------
    data : any table: mapping of arrays, data frame, DuckDB relation or path
    outcome : column of the outcome
    terms : columns in the order in which they may stay; text becomes dummies `column[level]`, levels sorted, the
        first the base; a missing number enters as 0 beside an indicator `column[(missing)]`, a missing text as a
        level of its own
    area : column whose values are the clusters
    weights : column of weights; a row of weight 0 is left out, a negative one is an error
    estimator : "linear", "logit" for an outcome of 0 and 1, "fixed_effects" (no intercept; people seen once leave) or
        "random_effects" (Swamy–Arora)
    person : column of people; the same label in another area is somebody else
    time : column that puts a person's rows in order; rows of one time, or all without it, stand in the order given

    Returns
    -------
    Fit or Logit; rows without an outcome, an area, a weight, or a person or time if asked for, are left out and
    counted in `left_out`. A logit that has no maximum (separation) is the reason why.

    Source
    ------
    As `whatworked.estimation.linear`, `.covariance` and `.logit`. Proof: tests/notebook/test_regression.py and
    tests/notebook/test_logit.py
    """
    if estimator not in ESTIMATORS:
        raise UsageError(Mistake("estimator", f'"{estimator}" is not there.', known(ESTIMATORS, str(estimator))))
    named, terms = [name for name in (weights, person, time) if name is not None], listed("terms", terms)
    columns = columns_of(data, [outcome, *terms, area, *named])
    kept = usable_rows(columns, outcome=outcome, area=area, weights=weights, person=person, time=time)
    names, design = design_of(
        {term: columns[term][kept.rows] for term in terms},
        int(kept.rows.sum()),
        near=estimator in ("linear", "random_effects"),
    )
    return kept.fitted_logit(names, design) if estimator == "logit" else kept.fitted(names, design, estimator)


@dataclass(frozen=True)
class UsableRows:
    """The rows (n,) of a table that a model may use: outcome, weight and area of those kept, the others counted."""

    rows: NDArray[np.bool_]
    outcome: Floats
    weight: Floats
    area: NDArray[Any]
    left_out: Mapping[str, int]
    seen: Sightings = field(default_factory=Sightings)

    def fitted(self, names: tuple[str, ...], design: Floats, estimator: PanelEstimator = "linear") -> Fit:
        """Fit a design of the kept rows; fixed effects do without its intercept."""
        first = 1 if estimator == "fixed_effects" else 0
        unit = within_areas(self.seen.person, self.area)
        rows = PanelRows(names[first:], design[:, first:], self.outcome, self.weight, self.area, unit, unit)
        panel = fit_panel(rows, self.seen, estimator)
        left_out = {**self.left_out, **panel.left_out}
        return Fit(panel.fit.linear, panel.fit.design, panel.fit.residual, panel.fit.weight, left_out, panel)

    def fitted_logit(self, names: tuple[str, ...], design: Floats) -> Logit | NotEstimated:
        """Fit a logit to a design of the kept rows."""
        person = None if self.seen.person is None else within_areas(self.seen.person, self.area)
        rows = LogitRows(design, self.outcome, self.weight, person)
        return logit_of_rows(names, rows, area=self.area, left_out=self.left_out)


def usable_rows(
    columns: Mapping[str, NDArray[Any]],
    *,
    outcome: str,
    area: str,
    weights: str | None,
    person: str | None = None,
    time: str | None = None,
) -> UsableRows:
    """Return the rows with an outcome, an area and a positive weight; count the others by reason.

    Where `person` or `time` is named, rows without one are others, too.
    """
    y = numbers_of(outcome, columns[outcome])
    weight = np.ones(len(y)) if weights is None else numbers_of(weights, columns[weights])
    if (weight < 0).any():
        found = f"{int((weight < 0).sum())} are negative."
        raise UsageError(Mistake(weights or "weights", found, "Give weights from 0 on."))
    clusters = np.array(["" if absent(label) else str(label) for label in columns[area]])
    reasons = {
        "no outcome": ~np.isfinite(y),
        "no area": clusters == "",
        "no weight": ~np.isfinite(weight),
        "weight 0": weight == 0,
    }
    for what, name in (("person", person), ("time", time)):
        if name is not None:
            reasons[f"no {what}"] = _missing(columns[name])
    kept, left_out = np.ones(len(y), dtype=bool), {}
    for reason, rows in reasons.items():
        left_out[reason] = int((kept & rows).sum())
        kept &= ~rows
    if not kept.any():
        raise UsageError(Mistake("data", "no row is left.", "Give rows with an outcome, an area and a weight."))
    counted = {reason: rows for reason, rows in left_out.items() if rows}
    seen = Sightings(*(None if name is None else columns[name][kept] for name in (person, time)))
    return UsableRows(kept, y[kept], weight[kept], clusters[kept], counted, seen)


def _missing(column: NDArray[Any]) -> NDArray[np.bool_]:
    if column.dtype.kind in "mM":
        return np.asarray(np.isnat(column), dtype=bool)
    return np.array([absent(label) for label in column], dtype=bool)
