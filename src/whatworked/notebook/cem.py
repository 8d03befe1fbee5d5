"""Coarsened exact matching for a notebook."""

import warnings
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from whatworked.engine.frames import columns_of
from whatworked.errors import Mistake, UsageError
from whatworked.estimation.cem import strata_of
from whatworked.estimation.coarsening import Coarsening, Cuts, Grouping, Settled, levels_of, settled
from whatworked.notebook.columns import arms, as_numbers, column_fault, is_numeric, row_weights
from whatworked.notebook.matched_people import MatchedPeople, MatchingRows, weigh
from whatworked.notebook.options import listed

# A number with more values than this is a quantity, not a code.
MOST_CODES = 50


def cem(
    data: object,
    *,
    treatment: str,
    weights: str | None = None,
    coarsen: Mapping[str, Coarsening] | None = None,
    exact: Sequence[str] = (),
    within: Sequence[str] = (),
) -> MatchedPeople:
    """Match rows exactly on coarsened covariates and weigh the comparators.

    Parameters
    ----------
    data : any table: mapping of arrays, data frame, DuckDB relation or path
    treatment : column of 0 and 1: 1 for rows of a pilot
    weights : column of copy weights, by which the rows count; a row that weighs 0 is matched with nothing
    coarsen : column → Cuts, Sturges, Scott, FreedmanDiaconis, Bins or Grouping
    exact : columns matched as they are; a missing value matches a missing value, here and in `coarsen`
    within : columns inside of whose values the matching is done, as matched group and phase

    Returns
    -------
    MatchedPeople. `weights` are CEM weights times copy weights; M counts all matched rows of the call, not those of
    one value of `within`. With no stratum of both arms every weight is 0, which a warning says.

    Source
    ------
    Iacus, King & Porro (2012). Decisions 0022 and 0023. Proof: tests/estimation/test_cem.py, tests/notebook/test_cem.py
    """
    options = dict(coarsen or {})
    names = [*options, *listed("exact", exact), *listed("within", within)]
    _check_names(names, treatment, options)
    columns = columns_of(data, [treatment, *names, *([weights] if weights else [])])
    pilot = arms(treatment, columns[treatment])
    copies = row_weights(weights, columns[weights], len(pilot)) if weights else np.ones(len(pilot))
    _check_columns({name: columns[name] for name in names}, options)
    keys = {name: _key(columns[name], options.get(name)) for name in names}
    bins = {name: key.bins(columns[name]) for name, key in keys.items()}
    stratum, _ = strata_of(list(bins.values()))
    found = weigh(MatchingRows(pilot, stratum, copies, bins, keys))
    quantities = [name for name in exact if is_numeric(columns[name]) and len(np.unique(bins[name])) > MOST_CODES]
    notes = tuple(_notes(found, quantities))
    for note in notes:
        warnings.warn(note, stacklevel=2)
    return found.noting(notes)


def _key(column: NDArray[Any], option: Coarsening | None) -> Settled:
    if option is None:
        return levels_of(column)
    key = settled(option, column if isinstance(option, Grouping) else column.astype(np.float64))
    if key is None:
        message = "a column without a value was let through"
        raise AssertionError(message)
    return key


def _check_names(names: Sequence[str], treatment: str, options: Mapping[str, object]) -> None:
    mistakes = [
        Mistake(f'column "{name}"', "is named twice.", "Name a column once, in coarsen, exact or within.")
        for name in dict.fromkeys(names)
        if names.count(name) > 1 or name == treatment
    ]
    mistakes += [
        Mistake(
            f'coarsen["{name}"]',
            f"is a {type(option).__name__}.",
            "Give Cuts(…), Grouping(…), Sturges(), Scott(), FreedmanDiaconis() or Bins(k).",
        )
        for name, option in options.items()
        if not isinstance(option, Coarsening)
    ]
    if not names:
        mistakes.append(Mistake("covariates", "none is named.", "Name columns in coarsen, exact or within."))
    if mistakes:
        raise UsageError(mistakes)


def _check_columns(columns: Mapping[str, NDArray[Any]], options: Mapping[str, Coarsening]) -> None:
    mistakes = []
    for name, column in columns.items():
        option = options.get(name)
        numbers = as_numbers(column)
        if option is not None and not isinstance(option, Grouping) and numbers is None:
            mistakes.append(Mistake(name, "holds text, which has no cut points.", "Give a Grouping, or match exactly."))
        elif fault := column_fault(column if numbers is None else numbers):
            mistakes.append(Mistake(name, fault, "Mend the column, or leave it out of the matching."))
    if mistakes:
        raise UsageError(mistakes)


def _notes(found: MatchedPeople, quantities: Sequence[str]) -> Iterator[str]:
    """Yield what a reader should know before using the match."""
    if not found.matched_strata:
        yield (
            f"None of the {found.strata:,} strata holds rows of both arms: nothing is matched and every weight is 0. "
            "Coarsen more, or match on fewer columns."
        )
    for name in quantities:
        yield (
            f'"{name}" is matched exactly on {len(np.unique(found.rows.bins[name])):,} values: {found.strata:,} '
            f"strata, {found.matched_strata:,} of them with both arms. A quantity is usually coarsened."
        )
    for name, key in found.rows.keys.items():
        if isinstance(key, Cuts) and len(key.points) > 1 and len(np.unique(found.rows.bins[name])) == 1:
            yield f'Every value of "{name}" falls into one bin of its cut points: it does not divide the rows.'
