"""Balance of two arms for a notebook."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from html import escape
from typing import Any

import numpy as np
from numpy.typing import NDArray

from whatworked.cells import NotEstimated
from whatworked.diagnostics.balance import Imbalance, effective_sample_size, imbalance
from whatworked.diagnostics.variables import VariableBalance, category_balance, numeric_balance
from whatworked.engine.frames import columns_of
from whatworked.errors import Mistake, UsageError, known
from whatworked.estimation.cem import ESTIMAND, FORMULA, MASSES
from whatworked.estimation.coarsening import (
    Coarsening,
    Cuts,
    Grouping,
    Settled,
    imbalance_breaks,
    levels_of,
    settled,
    spread_of,
)
from whatworked.estimation.statistics import Flags, Floats, Integers
from whatworked.notebook.columns import arms, as_numbers, column_fault, is_numeric, row_weights
from whatworked.notebook.options import listed

MEANINGS = (
    "L1 is half the sum over cells of |share of pilot weight − share of comparator weight|: 0 where the arms are alike "
    "in every cell, 1 where no cell holds both. It depends on the cells and on the number of rows.",
    "LCS, local common support, is the share of cells with any row that hold rows of both arms.",
    "The standardised difference is the difference in weighted means over the standard deviation of all pilot rows "
    "before matching; the variance ratio is the pilots' over the comparators'.",
)


@dataclass(frozen=True)
class Balance:
    """The arms compared, as handed over (`before`) and as weighed (`after`), over the same cells.

    `breaks` says how each covariate was binned; `effective` is the effective sample size of each arm as weighed.
    """

    before: Imbalance | NotEstimated
    after: Imbalance | NotEstimated
    variables: tuple[VariableBalance, ...]
    breaks: Mapping[str, Settled]
    rows: Mapping[str, int]
    effective: Mapping[str, float]

    @property
    def l1(self) -> float | NotEstimated:
        """Multivariate L1 of the rows as weighed."""
        return self.after.l1 if isinstance(self.after, Imbalance) else self.after

    @property
    def lcs(self) -> float | NotEstimated:
        """Local common support of the rows as weighed."""
        return self.after.lcs if isinstance(self.after, Imbalance) else self.after

    def to_rows(self) -> list[dict[str, Any]]:
        """Return one row a variable, and after a category one row a level."""
        return [row.to_row() for variable in self.variables for row in (variable, *variable.levels)]

    def to_dict(self) -> dict[str, Any]:
        """Return the balance as plain values, with what they mean."""
        return {
            "estimand": ESTIMAND,
            "weight": FORMULA,
            "masses": MASSES,
            "measures": list(MEANINGS),
            "before": _plain(self.before),
            "after": _plain(self.after),
            "variables": self.to_rows(),
            "breaks": {name: key.to_dict() for name, key in self.breaks.items()},
            "rows": dict(self.rows),
            "effective": dict(self.effective),
        }

    def _repr_html_(self) -> str:
        """Return the balance as tables for a notebook, and what its numbers mean."""
        whole = "".join(
            f"<tr><td>{when}</td><td>{_shown(found.l1)}</td><td>{_shown(found.lcs)}</td><td>{found.cells:,}</td>"
            f"<td>{found.pilot_share:.1%}</td></tr>"
            if isinstance(found, Imbalance)
            else f"<tr><td>{when}</td><td colspan='4'>{escape(found.reason)}</td></tr>"
            for when, found in (("before", self.before), ("after", self.after))
        )
        names = ("mean_pilot_after", "mean_comparator_after", "smd_before", "smd_after", "l1_before", "l1_after")
        single = "".join(
            f"<tr><td>{escape(row['variable'])}</td>{''.join(f'<td>{_shown(row[name])}</td>' for name in names)}</tr>"
            for row in self.to_rows()
        )
        return (
            "<table><tr><th></th><th>L1</th><th>LCS</th><th>cells</th><th>pilot rows with a counterpart</th></tr>"
            f"{whole}</table><table><tr><th>variable</th><th>pilots' mean</th><th>comparators' mean</th>"
            "<th>standardised difference before</th><th>after</th><th>L1 before</th><th>L1 after</th></tr>"
            f"{single}</table>" + "".join(f"<p>{escape(sentence)}</p>" for sentence in self._sentences())
        )

    def _sentences(self) -> Iterator[str]:
        """Yield what a reader needs beside the numbers."""
        for arm, rows in self.rows.items():
            yield f"{arm}: {rows:,} rows with a weight, as good as {self.effective[arm]:,.1f} of equal weight."
        yield from (*MEANINGS, f"Estimand: {ESTIMAND}.", f"Weights: {FORMULA}.", f"{MASSES}.")
        for name, key in self.breaks.items():
            yield f"{name}: " + (f"breaks at {_listed(key)}" if isinstance(key, Cuts) else "its levels") + "."


def balance(
    data: object,
    *,
    treatment: str,
    covariates: Sequence[str],
    weights: str | NDArray[Any] | None = None,
    bins: Mapping[str, Coarsening] | None = None,
) -> Balance:
    """Compare two arms in covariates as they were before coarsening.

    Parameters
    ----------
    data : any table: mapping of arrays, data frame, DuckDB relation or path; all rows, the unmatched with weight 0
    treatment : column of 0 and 1: 1 for rows of a pilot
    covariates : columns; numbers are binned, text is compared by its levels, a missing value is a level of its own
    weights : one a row, such as the `weights` of `cem`, or the column that holds them; None weighs all rows alike
    bins : column → how it is binned; a number without any takes the breaks of R's `imbalance`, from all rows

    Returns
    -------
    Balance. The breaks come from all rows, so that before and after are measured over the same cells.

    Source
    ------
    Iacus, King & Porro (2011). Decision 0024. Proof: tests/diagnostics/test_balance.py, tests/notebook/test_balance.py
    """
    named = [*dict.fromkeys(listed("covariates", covariates))]
    options = dict(bins or {})
    columns = columns_of(data, [treatment, *named, *([weights] if isinstance(weights, str) else [])])
    _check(columns, named, options)
    pilot = arms(treatment, columns[treatment])
    weight = _weight(columns, weights, len(pilot))
    keys = {name: _breaks(columns[name], options.get(name)) for name in named}
    numbers = {name: key.bins(columns[name]) for name, key in keys.items()}
    kept = {arm: (weight > 0) & (pilot == side) for arm, side in (("pilot", True), ("comparator", False))}
    return Balance(
        imbalance(list(numbers.values()), pilot, weight=np.ones(len(pilot))),
        imbalance(list(numbers.values()), pilot, weight=weight),
        tuple(_variable(name, columns[name], numbers[name], keys[name], pilot=pilot, weight=weight) for name in named),
        keys,
        {arm: int(rows.sum()) for arm, rows in kept.items()},
        {arm: effective_sample_size(weight[rows]) for arm, rows in kept.items()},
    )


def _weight(columns: Mapping[str, NDArray[Any]], weights: str | NDArray[Any] | None, rows: int) -> Floats:
    if weights is None:
        return np.ones(rows)
    name, given = (weights, columns[weights]) if isinstance(weights, str) else ("weights", weights)
    return row_weights(name, given, rows)


def _check(columns: Mapping[str, NDArray[Any]], covariates: Sequence[str], options: Mapping[str, Coarsening]) -> None:
    mistakes = [
        Mistake(f'bins["{name}"]', "is no covariate of the call.", known(covariates, name))
        for name in options
        if name not in covariates
    ]
    for name in covariates:
        option, numbers = options.get(name), as_numbers(columns[name])
        if option is not None and not isinstance(option, Grouping) and numbers is None:
            mistakes.append(Mistake(name, "holds text, which has no breaks.", "Give a Grouping, or nothing."))
        elif fault := column_fault(columns[name] if numbers is None else numbers):
            mistakes.append(Mistake(name, fault, "Mend the column, or leave it out."))
    if not covariates:
        mistakes.append(Mistake("covariates", "none is named.", "Name the columns to compare."))
    if mistakes:
        raise UsageError(mistakes)


def _breaks(column: NDArray[Any], option: Coarsening | None) -> Settled:
    if isinstance(option, Grouping) or (option is None and not is_numeric(column)):
        return levels_of(column) if option is None else option.settled(set(column.tolist()))
    numbers = column.astype(np.float64)
    spread = spread_of(numbers)
    if spread is None:
        message = "a column without a value was let through"
        raise AssertionError(message)
    found = imbalance_breaks(spread) if option is None else settled(option, numbers)
    return found if found is not None else levels_of(column)


def _variable(
    name: str, column: NDArray[Any], numbers: Integers, key: Settled, *, pilot: Flags, weight: Floats
) -> VariableBalance:
    if isinstance(key, Cuts):
        return numeric_balance(name, column.astype(np.float64), numbers, pilot, weight=weight)
    labels = {int(number): f"{name}[{key.label(int(number))}]" for number in np.unique(numbers)}
    return category_balance(name, numbers, labels, pilot, weight=weight)


def _plain(found: Imbalance | NotEstimated) -> dict[str, Any]:
    return asdict(found) if isinstance(found, Imbalance) else {"not_estimated": found.reason}


def _shown(number: float | None) -> str:
    return "" if number is None else f"{number:.3f}"


def _listed(cuts: Cuts) -> str:
    return ", ".join(f"{point:g}" for point in cuts.points)
