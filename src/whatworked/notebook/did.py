"""Difference-in-differences for a notebook: one effect, and every method of inference beside it."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from html import escape
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from whatworked.cells import NotEstimated
from whatworked.engine.frames import columns_of
from whatworked.errors import Mistake, UsageError, known
from whatworked.estimation.design import BeforeAfter, design_grams
from whatworked.estimation.estimate import Estimate
from whatworked.estimation.inference import Reading, infer
from whatworked.estimation.linear import fit_linear
from whatworked.estimation.logit_covariance import cr1
from whatworked.estimation.logit_inference import infer_logit
from whatworked.estimation.marginal_effect import treatment_effect
from whatworked.estimation.people import Covariate, People, covariate_matrix
from whatworked.estimation.randomisation import EFFECT
from whatworked.estimation.statistics import Floats
from whatworked.findings.model import InferenceRow
from whatworked.findings.specifications import menu_rows
from whatworked.notebook.columns import flags
from whatworked.notebook.logit import Logit
from whatworked.notebook.regression import Fit, UsableRows, covariate_of, usable_rows
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

    Returns
    -------
    DifferenceInDifferences, or why a logit has no fit. Beside a logit the collapsed and the stacked form stay linear.

    Source
    ------
    The evaluation that this generalises; the methods' own pages. Proof: tests/notebook/test_did.py
    """
    named = [outcome, pilot, post, area, *covariates, *(name for name in (weights, period) if name)]
    columns = columns_of(data, named)
    usable = usable_rows(columns, outcome=outcome, area=area, weights=weights)
    treated, after = (flags(name, columns[name][usable.rows]) for name in (pilot, post))
    if period is None:
        periods, time = np.array([""]), np.zeros(len(treated), dtype=np.int64)
    else:
        periods, time = np.unique(columns[period][usable.rows].astype(str), return_inverse=True)
    described = tuple(covariate_of(name, columns[name][usable.rows]) for name in covariates)
    people = _people(usable, treated, after, time=time, periods=tuple(periods.tolist()), covariates=described)
    names, added = covariate_matrix(described, len(treated))
    calendar = [(f"period[{label}]", (time == i).astype(float)) for i, label in enumerate(periods) if i]
    whole = [
        ("(intercept)", np.ones(len(treated))),
        ("pilot", treated),
        ("post", after),
        (EFFECT, treated * after),
        *zip(names, added.T, strict=True),
        *calendar,
    ]
    matrix = np.column_stack([column for _, column in whole])
    labels = tuple(name for name, _ in whole)
    if estimator not in ESTIMATORS:
        raise UsageError(Mistake("estimator", f'"{estimator}" is not there.', known(ESTIMATORS, str(estimator))))
    cells, reading = people.cells(), Reading(seed=seed)
    if estimator == "logit":
        return _logit(people, usable.fitted_logit(labels, matrix), matrix, reading)
    fit = usable.fitted(labels, matrix)
    grams = design_grams(cells, BeforeAfter())
    menu = infer(cells, grams, fit_linear(grams), reading)
    return DifferenceInDifferences(menu.cr1, menu_rows(menu, choose_inference(sides_of(cells))), fit)


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


def _people(
    usable: UsableRows,
    treated: Floats,
    after: Floats,
    *,
    time: NDArray[Any],
    periods: tuple[str, ...],
    covariates: tuple[Covariate, ...],
) -> People:
    """Return every row as a person's event, all areas in one matched group."""
    labels, area = np.unique(usable.area, return_inverse=True)
    share = np.bincount(area, treated) / np.bincount(area)
    mixed = [str(label) for label, part in zip(labels, share, strict=True) if 0 < part < 1]
    if mixed:
        found = f"{len(mixed)} areas are pilots in some rows only."
        raise UsageError(Mistake("pilot", found, "Pilot is a fact about an area: give each area one value."))
    origin = float(np.round(usable.outcome.mean()))
    number = np.arange(len(area))
    return People(
        areas=tuple(labels.tolist()),
        groups=("all",),
        periods=periods,
        pilot=share == 1,
        area=area,
        group=np.zeros(len(area), dtype=np.int64),
        period=time,
        since=np.where(after == 1, 0, -1),
        person=number,
        event=number,
        day=np.zeros(len(area), dtype=np.int64),
        outcome=usable.outcome - origin,
        weight=usable.weight,
        covariates=covariates,
        origin=origin,
    )


def _shown(number: float | None) -> str:
    return "" if number is None else f"{number:.4g}"
