"""Person fixed effects: what changes within people, with everything that stays the same about them taken out."""

from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from whatworked.cells import DroppedTerm, NotEstimated
from whatworked.estimation.linear import COLLINEAR, LinearFit
from whatworked.estimation.rows import Grouping, PanelRows, RowFit, blocks, fitted, grams_of, grouped
from whatworked.estimation.statistics import AreaGrams, Flags, Floats

Demeaning = Literal["weighted", "unweighted"]
Singletons = Literal["leave", "stay"]
Counted = Literal["one", "none", "all"]

CONSTANT = "it does not change within any unit, so the unit effects hold it"
# A column that moves within units by less than this many roundings of its largest value does not move.
ROUNDINGS = 16


@dataclass(frozen=True)
class FixedEffects:
    """A fit of what changes within units (N units, m rows).

    `fit` holds demeaned rows, `grams` the statistics of every column that changes within units, collinear ones too.
    `singletons` is the number of units that left because they were seen once.
    """

    fit: RowFit
    grams: AreaGrams
    units: int
    singletons: int

    @property
    def linear(self) -> LinearFit:
        """The fit on demeaned rows, on which the whole inference menu works; its R² is the one within units."""
        return self.fit.linear


@dataclass(frozen=True)
class Within:
    """Rows after demeaning: the columns that change within units, the outcome, and why the other columns left."""

    rows: PanelRows
    outcome: Floats
    constant: tuple[DroppedTerm, ...]


def seen_again(rows: PanelRows) -> Flags:
    """Mark the rows (n,) of positive weight whose unit has another such row.

    Source
    ------
    The evaluation that this generalises. Proof: tests/estimation/test_panel.py
    """
    used = rows.weight > 0
    _, index = np.unique(rows.unit, return_inverse=True)
    return used & (np.bincount(index, used)[index] > 1)


def fixed_effects(
    rows: PanelRows,
    *,
    demeaning: Demeaning = "weighted",
    singletons: Singletons = "leave",
    effects_counted: Counted = "one",
) -> FixedEffects | NotEstimated:
    """Fit a weighted linear model with an effect for every unit.

    Parameters
    ----------
    rows : rows of weight 0 are left out; an intercept and other columns that do not change within units leave
    demeaning : "weighted" is weighted least squares with a dummy a unit; "unweighted" demeans first and weighs
        afterwards, as R's plm does
    singletons : units with one row "leave", or "stay" and count in n
    effects_counted : unit effects that clustered covariances count in k: "one" as Stata's xtreg and fixest do where
        units nest in clusters, "none" as plm's "sss", "all" as where they do not nest

    Returns
    -------
    FixedEffects, or the reason for none. Residual degrees of freedom are n − N − k whatever is counted.

    Source
    ------
    Wooldridge (2010), s. 10.5; Frisch & Waugh (1933) for demeaning in place of dummies. Decision 0027.
    Proof: tests/estimation/test_panel.py
    """
    if rows.fault:
        return rows.fault
    again = seen_again(rows)
    if not again.any():
        return NotEstimated("no unit was seen more than once")
    used = again if singletons == "leave" else rows.weight > 0
    kept = rows.keep(used)
    units = grouped(kept.unit, kept.weight if demeaning == "weighted" else np.ones(len(kept.weight)))
    within = demeaned(kept, units)
    if not within.rows.names:
        return NotEstimated("no column changes within any unit")
    grams = grams_of(within.rows, within.outcome)
    fit = fitted(within.rows, grams, outcome=within.outcome, used=used)
    count = len(units.total)
    linear = replace(
        fit.linear,
        dropped=_in_order(rows.names, (*within.constant, *fit.linear.dropped)),
        tss=float(kept.weight @ within.outcome**2),
        absorbed=count,
        counted={"one": 1, "none": 0, "all": count}[effects_counted],
    )
    left = int(((rows.weight > 0) & ~used).sum())
    return FixedEffects(replace(fit, linear=linear), grams, count, left)


def demeaned(rows: PanelRows, units: Grouping) -> Within:
    """Take each unit's mean out of the outcome and of every column; those that do not change within units leave.

    Source
    ------
    Wooldridge (2010), s. 10.5. Columns are centred before and demeaned twice, so that a large common level costs no
    digit. Proof: tests/estimation/test_panel.py
    """
    names: list[str] = []
    design, constant = np.empty(rows.design.shape), []
    for columns in blocks(rows.design.shape[1]):
        moving, moves = _deviations(rows.design[:, columns], units)
        of_block = rows.names[columns]
        constant += [DroppedTerm(name, CONSTANT) for name, still in zip(of_block, ~moves, strict=True) if still]
        design[:, len(names) : len(names) + int(moves.sum())] = moving[:, moves]
        names += [name for name, kept in zip(of_block, moves, strict=True) if kept]
    outcome, moves = _deviations(rows.outcome[:, None], units)
    return Within(
        replace(rows, names=tuple(names), design=design[:, : len(names)]),
        outcome[:, 0] if moves[0] else np.zeros(len(rows.outcome)),
        tuple(constant),
    )


def _deviations(columns: Floats, units: Grouping) -> tuple[Floats, Flags]:
    """Return columns' deviations (n, q) from their units' means, and which of them (q,) change within units."""
    sideways = np.ascontiguousarray(columns.T)
    centred = columns - sideways.mean(axis=1)
    moving = centred - units.means(centred)[units.index]
    moving -= units.means(moving)[units.index]
    rounding = ROUNDINGS * np.finfo(float).eps * np.maximum(sideways.max(axis=1), -sideways.min(axis=1))
    left, whole = (np.einsum("ij,ij->j", each, each) for each in (moving, centred))
    return moving, left > COLLINEAR * whole + len(columns) * rounding**2


def _in_order(names: tuple[str, ...], dropped: tuple[DroppedTerm, ...]) -> tuple[DroppedTerm, ...]:
    return tuple(sorted(dropped, key=lambda entry: names.index(entry.term)))
