"""Do people come back, and is it the outcome that brings them?"""

from dataclasses import dataclass, replace

import numpy as np

from whatworked.cells import NotEstimated
from whatworked.diagnostics.result import Test, f_test
from whatworked.estimation.linear import INTERCEPT, LinearFit
from whatworked.estimation.panel import seen_again
from whatworked.estimation.rows import PanelRows, pooled
from whatworked.estimation.statistics import Flags

OUTCOME = "outcome"


@dataclass(frozen=True, slots=True)
class Recurrence:
    """How many matched rows repeat, and whether outcome and covariates tell which.

    `rows` and `persons` are those matched, `repeated` the rows in the fixed-effects sample. `linear` is the regression
    of 'seen more than once' (1 or 0); `joint` tests all its slopes together.
    """

    rows: int
    persons: int
    repeated: int
    linear: LinearFit | NotEstimated
    joint: Test | NotEstimated

    @property
    def less_persons(self) -> int:
        """Rows less persons: what the program of the evaluation that this generalises divides by the rows."""
        return self.rows - self.persons


def recurrence(rows: PanelRows, *, sample: Flags | None = None) -> Recurrence | NotEstimated:
    """Count repeats, and regress 'seen more than once' on the outcome and the covariates.

    Parameters
    ----------
    rows : matched rows with an intercept and the covariates, none of pilot, post or year
    sample : (n,) the rows of the fixed-effects sample; by default all rows of units seen more than once

    Returns
    -------
    Recurrence; the joint test is the classical F on (slopes, n − k) of the weighted regression.

    Source
    ------
    The evaluation that this generalises; Greene (2018), s. 5.4 for F. Proof: tests/diagnostics/test_recurrence.py
    """
    if rows.fault:
        return rows.fault
    used, again = rows.weight > 0, seen_again(rows)
    repeated = int((again if sample is None else sample & used).sum())
    counted = (int(used.sum()), len(np.unique(rows.person[used])), repeated)
    if again[used].all() or not again.any():
        same = NotEstimated("all rows repeat" if again.any() else "no row repeats")
        return Recurrence(*counted, same, same)
    place = 1 if INTERCEPT in rows.names[:1] else 0
    regression = replace(
        rows,
        names=(*rows.names[:place], OUTCOME, *rows.names[place:]),
        design=np.insert(rows.design, place, rows.outcome, axis=1),
        outcome=again.astype(np.float64),
    )
    fit = pooled(regression)
    if isinstance(fit, NotEstimated):
        return Recurrence(*counted, fit, fit)
    return Recurrence(*counted, fit.linear, _joint(fit.linear))


def _joint(linear: LinearFit) -> Test | NotEstimated:
    slopes = linear.k - (INTERCEPT in linear.names)
    if not slopes or linear.residual_df <= 0 or linear.rss <= 0:
        return NotEstimated("nothing is left to test")
    statistic = (linear.tss - linear.rss) / slopes / (linear.rss / linear.residual_df)
    return f_test(statistic, (slopes, linear.residual_df))
