"""Difference-in-differences for a notebook: one effect, and every method of inference beside it."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from html import escape
from typing import Any

import numpy as np
from numpy.typing import NDArray

from whatworked.cells import NotEstimated
from whatworked.engine.frames import columns_of
from whatworked.errors import Mistake, UsageError
from whatworked.estimation.estimate import Estimate
from whatworked.estimation.grams import cell_grams
from whatworked.estimation.inference import Reading, infer
from whatworked.estimation.randomisation import EFFECT
from whatworked.estimation.statistics import Cells, Floats
from whatworked.findings.model import InferenceRow
from whatworked.findings.specifications import menu_rows
from whatworked.notebook.columns import flags
from whatworked.notebook.regression import Fit, UsableRows, design_of, usable_rows
from whatworked.rules.inference import choose_inference
from whatworked.strands.variants import sides_of


@dataclass(frozen=True)
class DifferenceInDifferences:
    """The effect by the source's test, every method's answer with the headline marked, and the fit behind them."""

    effect: Estimate | NotEstimated
    inference: tuple[InferenceRow, ...]
    fit: Fit

    @property
    def headline(self) -> InferenceRow:
        """The answer that the number of areas calls for."""
        return next(row for row in self.inference if row.headline)

    def to_rows(self) -> list[dict[str, Any]]:
        """Return one row a method of inference."""
        return [asdict(row) for row in self.inference]

    def to_dict(self) -> dict[str, Any]:
        """Return everything as plain values."""
        effect = self.effect.to_dict() if isinstance(self.effect, Estimate) else {"not_estimated": self.effect.reason}
        return {"effect": effect, "inference": self.to_rows(), "fit": self.fit.to_dict()}

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
) -> DifferenceInDifferences:
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

    Returns
    -------
    DifferenceInDifferences.

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
    cells = _cells(usable, treated, after, time=time, periods=tuple(periods.tolist()))
    names, added = design_of({name: columns[name][usable.rows] for name in covariates})
    extra = added[:, 1:] if covariates else None
    calendar = [(f"period[{label}]", (time == i).astype(float)) for i, label in enumerate(periods) if i]
    whole = [
        ("(intercept)", np.ones(len(treated))),
        ("pilot", treated),
        ("post", after),
        (EFFECT, treated * after),
        *([] if extra is None else zip(names[1:], extra.T, strict=True)),
        *calendar,
    ]
    design = np.column_stack([column for _, column in whole])
    labels = tuple(name for name, _ in whole)
    fit = usable.fitted(labels, design)
    grams = cell_grams(cells, design, names=labels)
    menu = infer(cells, grams, fit.linear, Reading(seed=seed, covariates=extra))
    return DifferenceInDifferences(menu.cr1, menu_rows(menu, choose_inference(sides_of(cells))), fit)


def _cells(
    usable: UsableRows, treated: Floats, after: Floats, *, time: NDArray[Any], periods: tuple[str, ...]
) -> Cells:
    """Return every row as a cell of one, all areas in one matched group."""
    labels, area = np.unique(usable.area, return_inverse=True)
    share = np.bincount(area, treated) / np.bincount(area)
    mixed = [str(label) for label, part in zip(labels, share, strict=True) if 0 < part < 1]
    if mixed:
        found = f"{len(mixed)} areas are pilots in some rows only."
        raise UsageError(Mistake("pilot", found, "Pilot is a fact about an area: give each area one value."))
    origin = float(np.round(usable.outcome.mean()))
    y = usable.outcome - origin
    return Cells(
        areas=tuple(labels.tolist()),
        groups=("all",),
        periods=periods,
        pilot=share == 1,
        area=area,
        group=np.zeros(len(area), dtype=np.int64),
        period=time,
        since=np.where(after == 1, 0, -1),
        weight=usable.weight,
        count=np.ones(len(area)),
        total=y,
        squares=y * y,
        origin=origin,
    )


def _shown(number: float | None) -> str:
    return "" if number is None else f"{number:.4g}"
