"""Difference-in-differences for a notebook: one effect, and every method of inference beside it."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from html import escape
from typing import Any, Literal

import numpy as np

from whatworked.cells import NotEstimated
from whatworked.engine.frames import columns_of
from whatworked.errors import Mistake, UsageError, known
from whatworked.estimation.design import BeforeAfter, design_grams
from whatworked.estimation.estimate import Estimate
from whatworked.estimation.inference import Reading, infer
from whatworked.estimation.linear import fit_linear
from whatworked.estimation.logit_covariance import clustered, coefficient, cr1
from whatworked.estimation.logit_inference import infer_logit
from whatworked.estimation.marginal_effect import treatment_effect
from whatworked.estimation.people import People, covariate_matrix
from whatworked.estimation.randomisation import EFFECT
from whatworked.estimation.statistics import Floats
from whatworked.findings.model import InferenceRow
from whatworked.findings.specifications import menu_rows, person_row
from whatworked.notebook.columns import flags
from whatworked.notebook.covariates import check_near, check_terms, covariate_of
from whatworked.notebook.logit import Logit
from whatworked.notebook.options import check_seed, listed
from whatworked.notebook.regression import Fit, usable_rows
from whatworked.notebook.rows import calendar_of, people_of
from whatworked.rules.inference import choose_inference
from whatworked.strands.variants import sides_of
from whatworked.vocabulary import Method

ESTIMATORS = ("linear", "logit")
LINEAR = (Method.COLLAPSED_T, Method.STACKED)
LINEAR_NOTE = "linear, in shares, where the logit is in log-odds"


@dataclass(frozen=True)
class DifferenceInDifferences:
    """The effect by the source's test, every method's answer with the headline marked, and the fit behind them.

    A logit's `effect` is in log-odds; its `treatment_effect` is what the treatment did to the probability of those who
    had it (Puhani 2012), on average. A linear model has no need of the second.
    """

    effect: Estimate | NotEstimated
    inference: tuple[InferenceRow, ...]
    fit: Fit | Logit
    treatment_effect: Estimate | NotEstimated | None = None

    @property
    def headline(self) -> InferenceRow:
        """The answer that the number of areas calls for."""
        return next(row for row in self.inference if row.headline)

    def to_rows(self) -> list[dict[str, Any]]:
        """Return one row a method of inference."""
        return [asdict(row) for row in self.inference]

    def to_dict(self) -> dict[str, Any]:
        """Return everything as plain values."""
        found = {"effect": self.effect, "treatment_effect": self.treatment_effect}
        said = {
            name: entry.to_dict() if isinstance(entry, Estimate) else {"not_estimated": entry.reason}
            for name, entry in found.items()
            if entry is not None
        }
        return {**said, "inference": self.to_rows(), "fit": self.fit.to_dict()}

    def _repr_html_(self) -> str:
        """Return the methods of inference as a table for a notebook."""
        rows = "".join(
            f"<tr><td>{row.method.value}{' (headline)' if row.headline else ''}</td>"
            f"<td>{_shown(row.estimate)}</td><td>{_shown(row.conf_low)} to {_shown(row.conf_high)}</td>"
            f"<td>{_shown(row.p_value)}</td><td>{escape(row.note or '')}</td></tr>"
            for row in self.inference
        )
        return f"<table><tr><th>method</th><th>effect</th><th>95 %</th><th>p</th><th></th></tr>{rows}</table>"


def did(  # noqa: PLR0913 - the arguments a notebook names
    data: object,
    *,
    outcome: str,
    pilot: str,
    post: str,
    area: str,
    covariates: Sequence[str] = (),
    weights: str | None = None,
    period: str | None = None,
    seed: int = 0,
    estimator: Literal["linear", "logit"] = "linear",
    person: str | None = None,
) -> DifferenceInDifferences | NotEstimated:
    """Estimate an effect as outcome on pilot, post, their product, covariates and period effects.

    Parameters
    ----------
    data : any table: mapping of arrays, data frame, DuckDB relation or path
    outcome : column of the outcome
    pilot, post : columns of 0 and 1; pilot is a fact about areas
    area : column whose values are the clusters
    covariates : columns, as the terms of `regress`
    weights : column of weights
    period : column of the calendar period, for period effects; collinear ones leave
    seed : of drawn methods
    estimator : "linear", or "logit" for an outcome of 0 and 1
    person : column of people, to have errors clustered on them beside the others; the same label in another area is
        somebody else. For effects for people see `regress`

    Returns
    -------
    DifferenceInDifferences, or why a logit has no fit. Beside a logit the collapsed and the stacked form stay linear.

    Source
    ------
    The evaluation that this generalises; the methods' own pages. Proof: tests/notebook/test_did.py
    """
    check_seed(seed)
    covariates = listed("covariates", covariates)
    named = [outcome, pilot, post, area, *covariates, *(name for name in (weights, period, person) if name)]
    columns = columns_of(data, named)
    usable = usable_rows(columns, outcome=outcome, area=area, weights=weights, person=person)
    treated, after = (flags(name, columns[name][usable.rows]) for name in (pilot, post))
    calendar = calendar_of(None if period is None else columns[period][usable.rows], len(treated))
    described = tuple(covariate_of(name, columns[name][usable.rows]) for name in covariates)
    check_near(described)
    since = np.where(after == 1, 0, -1)
    people = people_of(usable, treated, since, calendar=calendar, covariates=described)
    names, added = covariate_matrix(described, len(treated))
    periods = [(f"period[{p}]", (calendar.number == i).astype(float)) for i, p in enumerate(calendar.periods) if i]
    whole = [
        ("(intercept)", np.ones(len(treated))),
        ("pilot", treated),
        ("post", after),
        (EFFECT, treated * after),
        *zip(names, added.T, strict=True),
        *periods,
    ]
    matrix = np.column_stack([column for _, column in whole])
    labels = tuple(name for name, _ in whole)
    check_terms(labels)
    if estimator not in ESTIMATORS:
        raise UsageError(Mistake("estimator", f'"{estimator}" is not there.', known(ESTIMATORS, str(estimator))))
    cells, reading = people.cells(), Reading(seed=seed)
    if estimator == "logit":
        found = _logit(people, usable.fitted_logit(labels, matrix), matrix, reading)
        return found if person is None or isinstance(found, NotEstimated) else _by_person(found, people, matrix)
    fit = usable.fitted(labels, matrix)
    grams = design_grams(cells, BeforeAfter())
    menu = infer(cells, grams, fit_linear(grams), reading)
    rows = menu_rows(menu, choose_inference(sides_of(cells)))
    if person is not None:
        rows += (person_row(fit.estimate(EFFECT, "person")),)
    return DifferenceInDifferences(menu.cr1, rows, fit)


def _logit(
    people: People, found: Logit | NotEstimated, design: Floats, reading: Reading
) -> DifferenceInDifferences | NotEstimated:
    if isinstance(found, NotEstimated):
        return found
    cells = people.cells()
    menu = infer_logit(cells, found.logit, replace(reading, unit="log-odds"))
    rows = menu_rows(menu, choose_inference(sides_of(cells)))
    told = tuple(replace(row, note=f"{row.note}; {LINEAR_NOTE}") if row.method in LINEAR else row for row in rows)
    place = found.logit.cells.names.index(EFFECT)
    treated = design[:, place] == 1
    contrast = np.zeros_like(design[treated])
    contrast[:, place] = 1.0
    covariance = cr1(found.logit)
    effect = (
        covariance
        if isinstance(covariance, NotEstimated)
        else treatment_effect(covariance, design[treated], contrast, weight=people.weight[treated], term=EFFECT)
    )
    return DifferenceInDifferences(menu.cr1, told, found, effect)


def _by_person(found: DifferenceInDifferences, people: People, design: Floats) -> DifferenceInDifferences:
    """Return a logit's answers with one more, its errors clustered on people."""
    assert isinstance(found.fit, Logit)
    outcome = people.outcome + people.origin
    covariance = clustered(found.fit.logit, design, outcome, weight=people.weight, cluster=people.person)
    effect = covariance if isinstance(covariance, NotEstimated) else coefficient(covariance, EFFECT)
    return replace(found, inference=(*found.inference, person_row(effect)))


def _shown(number: float | None) -> str:
    return "" if number is None else f"{number:.4g}"
