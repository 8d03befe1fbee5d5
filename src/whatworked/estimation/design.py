"""The columns of a model, in the order in which they may stay."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from whatworked.estimation.grams import cell_grams
from whatworked.estimation.linear import INTERCEPT
from whatworked.estimation.people import People, covariate_names, fill_covariates
from whatworked.estimation.statistics import AreaGrams, Cells, Flags, Floats
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


Column = tuple[str, Floats | Flags]
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
    first, calendar = _columns(cells, timing)
    columns = [*first, *calendar]
    matrix = np.empty((len(cells.area), len(columns)))
    _fill(matrix, columns)
    return Design(tuple(name for name, _ in columns), matrix, len(first))


def _columns(cells: Timed, timing: Timing) -> tuple[list[Column], list[Column]]:
    """Return the columns that come before the covariates, and those after; marks take a byte a row."""
    columns: list[Column] = [(INTERCEPT, np.ones(len(cells.area), dtype=bool))]
    match timing:
        case EventTime(reference):
            pilot = np.asarray(cells.pilot[cells.area])
            since = {int(k): cells.since == k for k in np.unique(cells.since) if k != reference}
            columns += [("pilot", pilot), *((f"since[{k}]", then) for k, then in since.items())]
            columns += [(effect_term(k), pilot & then) for k, then in since.items()]
        case _:
            columns += timing.columns(cells)
    return columns, [(f"period[{cells.periods[t]}]", cells.period == t) for t in np.unique(cells.period)[1:]]


def _fill(matrix: Floats, columns: Sequence[Column]) -> None:
    """Write columns into a matrix (n, q) that has a place for each."""
    for place, (_, column) in enumerate(columns):
        matrix[:, place] = column


def row_design(people: People, timing: Timing) -> tuple[tuple[str, ...], Floats]:
    """Return the names and columns (n, q) of the model row by row, covariates in their place.

    Nothing else as large as what is returned is made on the way: it may take a gigabyte.

    Source
    ------
    As `design`. Proof: tests/estimation/test_people.py
    """
    first, calendar = _columns(people, timing)
    names = covariate_names(people.covariates)
    at, after = len(first), len(first) + len(names)
    matrix = np.zeros((len(people.area), after + len(calendar)))
    _fill(matrix[:, :at], first)
    fill_covariates(matrix[:, at:after], people.covariates)
    _fill(matrix[:, after:], calendar)
    return (*(name for name, _ in first), *names, *(name for name, _ in calendar)), matrix


def design_grams(cells: Cells, timing: Timing) -> AreaGrams:
    """Return the Gram matrices of the difference-in-differences model, its covariates among the columns.

    Source
    ------
    As `design` and `cell_grams`. Proof: tests/estimation/test_people.py
    """
    columns = design(cells, timing)
    return cell_grams(cells, columns.matrix, names=columns.names, covariates_at=columns.covariates_at)
