"""Balance of one variable: how its distribution and its mean differ between the arms, before matching and after."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np

from whatworked.cells import NotEstimated
from whatworked.diagnostics.balance import Imbalance, Moments, imbalance, moments, standardised_difference
from whatworked.estimation.statistics import Flags, Floats, Integers


@dataclass(frozen=True)
class ArmContrast:
    """One variable, or one level of it, by arm: as the rows were handed over, or as they are weighed.

    `smd` is the difference in means in units of the pilot rows' standard deviation before matching. Of a category the
    means are the shares of its levels, and the row of the whole variable has none.
    """

    l1: float | NotEstimated
    mean_pilot: float | NotEstimated
    mean_comparator: float | NotEstimated
    smd: float | NotEstimated
    variance_ratio: float | NotEstimated
    missing_pilot: float
    missing_comparator: float


@dataclass(frozen=True)
class VariableBalance:
    """One variable before matching and after; a category with its levels, a number with none."""

    name: str
    before: ArmContrast
    after: ArmContrast
    levels: tuple["VariableBalance", ...] = ()

    def to_row(self) -> dict[str, Any]:
        """Return one flat row; what could not be had is None, with the reason under `note`."""
        row: dict[str, Any] = {"variable": self.name}
        notes: list[str] = []
        for when, contrast in (("before", self.before), ("after", self.after)):
            for field, value in asdict(contrast).items():
                row[f"{field}_{when}"] = None if isinstance(value, dict) else value
            notes += [v.reason for v in vars(contrast).values() if isinstance(v, NotEstimated)]
        return row | {"note": "; ".join(dict.fromkeys(notes))}


def numeric_balance(
    name: str, values: Floats, bins: Integers, pilot: Flags, *, weight: Floats, count: Floats | None = None
) -> VariableBalance:
    """Compare the arms in a number.

    Parameters
    ----------
    values : (n,) uncoarsened, NaN where missing; bins : (n,) its bins, for L1
    pilot, weight, count : as in `whatworked.diagnostics.balance.imbalance`; before matching every row weighs 1

    Source
    ------
    As `whatworked.diagnostics.balance`. Proof: tests/diagnostics/test_balance.py
    """
    ones = np.ones(len(pilot))
    before = moments(values, pilot, weight=ones, count=count)
    after = moments(values, pilot, weight=weight, count=count)
    return VariableBalance(
        name,
        _contrast(_l1(bins, pilot, ones, count), before, before),
        _contrast(_l1(bins, pilot, weight, count), after, before),
    )


def category_balance(
    name: str, bins: Integers, labels: Mapping[int, str], pilot: Flags, *, weight: Floats, count: Floats | None = None
) -> VariableBalance:
    """Compare the arms in a category: L1 over its levels, and each level's share.

    Parameters
    ----------
    bins : (n,) levels; labels : the levels to be shown → their names
    pilot, weight, count : as in `numeric_balance`

    Source
    ------
    As `whatworked.diagnostics.balance`. Proof: tests/diagnostics/test_balance.py
    """
    levels = tuple(
        numeric_balance(
            label, (bins == level).astype(np.float64), (bins == level) * 1, pilot, weight=weight, count=count
        )
        for level, label in labels.items()
    )
    none = NotEstimated("a category has no mean; its levels have")
    blank = ArmContrast(none, none, none, none, none, 0.0, 0.0)
    return VariableBalance(
        name,
        replace(blank, l1=_l1(bins, pilot, np.ones(len(pilot)), count)),
        replace(blank, l1=_l1(bins, pilot, weight, count)),
        levels,
    )


def _l1(bins: Integers, pilot: Flags, weight: Floats, count: Floats | None) -> float | NotEstimated:
    found = imbalance([bins], pilot, weight=weight, count=count)
    return found.l1 if isinstance(found, Imbalance) else found


def _contrast(l1: float | NotEstimated, found: Moments | NotEstimated, before: Moments | NotEstimated) -> ArmContrast:
    if isinstance(found, NotEstimated):
        return ArmContrast(l1, found, found, found, found, 0.0, 0.0)
    smd = standardised_difference(found, before) if isinstance(before, Moments) else before
    return ArmContrast(
        l1,
        found.mean_pilot,
        found.mean_comparator,
        smd,
        found.variance_ratio,
        found.missing_pilot,
        found.missing_comparator,
    )
