"""Rows of a notebook's table as people's events, all areas in one matched group."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from whatworked.errors import Mistake, UsageError
from whatworked.estimation.people import Covariate, People
from whatworked.estimation.statistics import Floats, Integers
from whatworked.notebook.panel import within_areas
from whatworked.notebook.regression import UsableRows


@dataclass(frozen=True)
class Calendar:
    """The calendar period of each row (n,), numbered in `periods`."""

    periods: tuple[str, ...]
    number: Integers


def calendar_of(column: NDArray[Any] | None, rows: int) -> Calendar:
    """Return the calendar periods of rows; all in one where the table names none."""
    if column is None:
        return Calendar(("",), np.zeros(rows, dtype=np.int64))
    labels, number = np.unique(column.astype(str), return_inverse=True)
    return Calendar(tuple(labels.tolist()), number.astype(np.int64))


def people_of(
    usable: UsableRows, treated: Floats, since: Integers, *, calendar: Calendar, covariates: tuple[Covariate, ...]
) -> People:
    """Return every row as a person's event; whoever is not named is somebody of their own."""
    labels, area = np.unique(usable.area, return_inverse=True)
    share = np.bincount(area, treated) / np.bincount(area)
    mixed = [str(label) for label, part in zip(labels, share, strict=True) if 0 < part < 1]
    if mixed:
        found = f"{len(mixed)} areas are pilots in some rows only."
        raise UsageError(Mistake("pilot", found, "Pilot is a fact about an area: give each area one value."))
    origin = float(np.round(usable.outcome.mean()))
    return People(
        areas=tuple(labels.tolist()),
        groups=("all",),
        periods=calendar.periods,
        pilot=share == 1,
        area=area.astype(np.int64),
        group=np.zeros(len(area), dtype=np.int64),
        period=calendar.number,
        since=since,
        person=within_areas(usable.seen.person, usable.area),
        event=np.arange(len(area)),
        day=np.zeros(len(area), dtype=np.int64),
        outcome=usable.outcome - origin,
        weight=usable.weight,
        covariates=covariates,
        origin=origin,
    )
