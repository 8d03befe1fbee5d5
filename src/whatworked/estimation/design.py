"""The columns of a model, in the order in which they may stay."""

from dataclasses import dataclass

import numpy as np

from whatworked.estimation.grams import cell_grams
from whatworked.estimation.linear import INTERCEPT
from whatworked.estimation.people import People, covariate_matrix
from whatworked.estimation.statistics import AreaGrams, Cells, Floats
from whatworked.estimation.treatments import (
    Columns,
    Combination,
    Dose,
    PracticeModels,
    RatingDifference,
    Timed,
    pilot_of,
)

# The last period before the start: what leads and lags are measured against.
REFERENCE = -1


@dataclass(frozen=True)
class BeforeAfter:
    """One effect: pilot, post and pilot:post."""

    @property
    def effect(self) -> Combination:
        """The effect that the model is fitted for."""
        return Combination("pilot:post", (("pilot:post", 1.0),))

    @property
    def others(self) -> tuple[Combination, ...]:
        """What else the model says."""
        return ()

    @property
    def marginal(self) -> Combination:
        """What a treated row owes to the treatment, for each unit of it."""
        return self.effect

    def columns(self, cells: Timed) -> Columns:
        """Return pilot, post and their product."""
        pilot, post = pilot_of(cells), cells.post.astype(float)
        return [("pilot", pilot), ("post", post), ("pilot:post", pilot * post)]

    def treated(self, cells: Timed) -> Floats:
        """Return (n,) how much treatment a row has had."""
        return pilot_of(cells) * cells.post


@dataclass(frozen=True)
class EventTime:
    """One effect for each period since the start but the reference: leads and lags in one regression."""

    reference: int = REFERENCE


Treatment = BeforeAfter | Dose | PracticeModels | RatingDifference
Timing = Treatment | EventTime


@dataclass(frozen=True)
class Design:
    """Named columns (n, q) over cells; the cells' covariates stand after the first `covariates_at` of them."""

    names: tuple[str, ...]
    matrix: Floats
    covariates_at: int


def effect_term(since: int) -> str:
    """Return the name of the effect in the period `since` the start."""
    return f"pilot:k={since}"


def design(cells: Timed, timing: Timing) -> Design:
    """Build the columns of the difference-in-differences model.

    The order decides which of a collinear set stays: intercept, pilot, post (or periods since the start), the
    interaction, covariates, then calendar period effects, whose first period is the base.

    Parameters
    ----------
    cells : n cells
    timing : one effect of pilots or of another treatment, or one for each period since the start

    Returns
    -------
    Design of shape (n, q).

    Source
    ------
    The evaluation that this generalises: outcome on pilot, post, their product and year effects; leads and lags
    replace post by periods since the start; a dose, three levels or a rating replace pilot (decision 0030).
    Proof: tests/estimation/test_design.py, tests/estimation/test_treatments.py
    """
    columns: list[tuple[str, Floats]] = [(INTERCEPT, np.ones(len(cells.area)))]
    match timing:
        case EventTime(reference):
            pilot = cells.pilot[cells.area].astype(float)
            times = [int(k) for k in np.unique(cells.since) if k != reference]
            since = {k: (cells.since == k).astype(float) for k in times}
            columns += [("pilot", pilot), *((f"since[{k}]", since[k]) for k in times)]
            columns += [(effect_term(k), pilot * since[k]) for k in times]
        case _:
            columns += timing.columns(cells)
    calendar = np.unique(cells.period)[1:]
    before = len(columns)
    columns += [(f"period[{cells.periods[t]}]", (cells.period == t).astype(float)) for t in calendar]
    return Design(tuple(name for name, _ in columns), np.column_stack([column for _, column in columns]), before)


def row_design(people: People, timing: Timing) -> tuple[tuple[str, ...], Floats]:
    """Return the names and columns (n, q) of the model row by row, covariates in their place.

    Source
    ------
    As `design`. Proof: tests/estimation/test_people.py
    """
    columns = design(people, timing)
    names, covariates = covariate_matrix(people.covariates, len(people.area))
    at = columns.covariates_at
    matrix = np.column_stack([columns.matrix[:, :at], covariates, columns.matrix[:, at:]])
    return (*columns.names[:at], *names, *columns.names[at:]), matrix


def design_grams(cells: Cells, timing: Timing) -> AreaGrams:
    """Return the Gram matrices of the difference-in-differences model, its covariates among the columns.

    Source
    ------
    As `design` and `cell_grams`. Proof: tests/estimation/test_people.py
    """
    columns = design(cells, timing)
    return cell_grams(cells, columns.matrix, names=columns.names, covariates_at=columns.covariates_at)
