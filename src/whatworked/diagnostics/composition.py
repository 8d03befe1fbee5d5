"""Did the people change: the same comparison with each covariate in the outcome's place."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from whatworked.cells import NotEstimated
from whatworked.estimation.covariance import estimate_cr1
from whatworked.estimation.estimate import Estimate
from whatworked.estimation.grams import row_grams
from whatworked.estimation.linear import fit_linear
from whatworked.estimation.rows import PanelRows
from whatworked.estimation.statistics import Floats


@dataclass(frozen=True, slots=True)
class Shift:
    """The effect on one covariate, in its own units, with CR1 against t(G − 1); `missing` rows have no value of it."""

    covariate: str
    effect: Estimate | NotEstimated
    rows: int
    missing: int


def composition(rows: PanelRows, covariates: Mapping[str, Floats], *, term: str) -> tuple[Shift, ...] | NotEstimated:
    """Estimate the effect on each covariate: a change in who comes, not in what happens to them.

    Parameters
    ----------
    rows : rows before matching, whose columns are intercept, pilot, post, pilot:post and year effects only, weighted
        1 shared among an event's copies; their outcome is not used
    covariates : (n,) each, NaN where a value is missing: such a row is left out of that covariate's model
    term : the effect, `pilot:post`

    Returns
    -------
    A Shift for each covariate, or the reason for none at all.

    Source
    ------
    Decision 0029; balance over time after Stuart et al. (2014). Proof: tests/diagnostics/test_composition.py
    """
    if rows.fault:
        return rows.fault
    return tuple(_shift(rows, name, values, term=term) for name, values in covariates.items())


def _shift(rows: PanelRows, name: str, values: Floats, *, term: str) -> Shift:
    used = rows.weight > 0
    there = used & np.isfinite(values)
    effect = _effect(rows.keep(there), values[there], term=term)
    return Shift(name, effect, int(there.sum()), int((used & ~there).sum()))


def _effect(rows: PanelRows, values: Floats, *, term: str) -> Estimate | NotEstimated:
    if not len(values) or values.min() == values.max():
        return NotEstimated("it is the same in every row" if len(values) else "no row has a value")
    grams = row_grams(rows.design, values, weight=rows.weight, area=rows.area, names=rows.names)
    return estimate_cr1(fit_linear(grams), term, "")
