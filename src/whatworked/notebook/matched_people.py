"""What a matching of people came to, and what can be done with it: fewer rows, copies counted again, pairs."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from html import escape
from typing import Any

import numpy as np

from whatworked.diagnostics.lost import LostRows, lost_rows
from whatworked.engine.frames import columns_of
from whatworked.errors import Mistake, UsageError
from whatworked.estimation.cem import ESTIMAND, FORMULA, MASSES, cem_weights, event_copy_weights, matched, strata_of
from whatworked.estimation.coarsening import Settled, levels_of
from whatworked.estimation.pruning import Distance, k_to_k
from whatworked.estimation.statistics import Flags, Floats, Integers
from whatworked.notebook.columns import LARGEST, as_numbers
from whatworked.notebook.options import listed

ARMS = {"pilot": True, "comparator": False}


@dataclass(frozen=True)
class MatchingRows:
    """The rows (n,) handed over: their arm, stratum, copy weight and bins; −1 is the stratum of a row taken out.

    `event` (n,) numbers what the copies of a row are copies of, None where the copy weights were given.
    """

    pilot: Flags
    stratum: Integers
    copies: Floats
    bins: Mapping[str, Integers]
    keys: Mapping[str, Settled]
    event: Integers | None = None


@dataclass(frozen=True)
class MatchedPeople:
    """Weights (n,) in row order, 0 where unmatched; `stratum` (n,) is −1 there.

    `strata` counts the strata with any row, `matched_strata` those with both arms, `counts` the rows by arm;
    `mass` is M_T and M_C, the copy-weighted matched rows of the arms.
    """

    weights: Floats
    stratum: Integers
    strata: int
    matched_strata: int
    counts: Mapping[str, Mapping[str, int]]
    mass: Mapping[str, float]
    notes: tuple[str, ...] = ()
    rows: MatchingRows = field(repr=False, kw_only=True)

    def noting(self, notes: tuple[str, ...]) -> "MatchedPeople":
        """Return the match with remarks beside it."""
        return replace(self, notes=notes)

    def subset(self, kept: Flags) -> "MatchedPeople":
        """Return the match of the rows marked in `kept` (n,) alone: strata, copies and weights are counted again."""
        marked = np.asarray(kept, dtype=bool)
        if marked.shape != self.stratum.shape:
            found = f"{marked.size:,} marks for {len(self.stratum):,} rows."
            raise UsageError(Mistake("kept", found, "Give one truth value a row."))
        return weigh(replace(self.rows, stratum=np.where(marked, self.rows.stratum, -1)))

    def with_copies(self, data: object, *, event: Sequence[str]) -> "MatchedPeople":
        """Return the match with copy weights of 1 over the matched rows that are alike in the columns `event`.

        They are counted again after every sub-setting.
        """
        columns = columns_of(data, listed("event", event))
        if any(len(column) != len(self.stratum) for column in columns.values()):
            raise UsageError(Mistake("data", "it has other rows than were matched.", "Give the rows of the match."))
        number, _ = strata_of([levels_of(column).bins(column) for column in columns.values()])
        return weigh(replace(self.rows, event=number))

    def k_to_k(
        self, data: object, *, covariates: Sequence[str], seed: int | None = 0, distance: Distance = "scaled"
    ) -> "MatchedPeople":
        """Return the match pruned to equal numbers of both arms in every stratum, the nearest pairs first.

        The distance is between `covariates` as they are in `data`; "scaled" is Euclidean in standard deviations.
        `seed` orders ties; None takes them in the order of the rows.
        """
        if distance not in ("scaled", "euclidean", "manhattan"):
            raise UsageError(Mistake("distance", "it is none that is known.", "Give scaled, euclidean or manhattan."))
        columns = columns_of(data, listed("covariates", covariates))
        if any(len(column) != len(self.stratum) for column in columns.values()):
            raise UsageError(Mistake("data", "it has other rows than were matched.", "Give the rows of the match."))
        numbers = {name: as_numbers(column) for name, column in columns.items()}
        mistakes = [
            Mistake(
                name,
                "it holds text, missing, infinite or too large values.",
                "Distances need finite numbers in every row.",
            )
            for name, column in numbers.items()
            if column is None or not (np.abs(column) <= LARGEST).all()
        ]
        if mistakes or not numbers:
            raise UsageError(mistakes or Mistake("covariates", "none is named.", "Name the columns of the distance."))
        whole = np.column_stack([column for column in numbers.values() if column is not None])
        stratum = np.where(self.weights > 0, self.rows.stratum, -1)
        return self.subset(k_to_k(stratum, self.rows.pilot, whole, seed=seed, distance=distance))

    def lost(self, *, limit: int = 10) -> LostRows:
        """Return what the pilot rows without a counterpart have in common; numbers below `limit` are withheld."""
        there = self.rows.stratum >= 0
        return lost_rows(self.rows.bins, self.rows.keys, self.rows.pilot & there, self.weights > 0, limit=limit)

    def to_rows(self) -> list[dict[str, Any]]:
        """Return one row an arm."""
        return [{"arm": arm, **self.counts[arm], "mass": self.mass[arm]} for arm in ARMS]

    def to_dict(self) -> dict[str, Any]:
        """Return the match as plain values, with what they mean."""
        return {
            "estimand": ESTIMAND,
            "weight": FORMULA,
            "masses": MASSES,
            "strata": self.strata,
            "matched_strata": self.matched_strata,
            "counts": {arm: dict(rows) for arm, rows in self.counts.items()},
            "mass": dict(self.mass),
            "coarsening": {name: key.to_dict() for name, key in self.rows.keys.items()},
            "notes": list(self.notes),
        }

    def _repr_html_(self) -> str:
        """Return the counts as a table for a notebook, and what they mean."""
        rows = "".join(
            f"<tr><td>{row['arm']}</td><td>{row['rows']:,}</td><td>{row['matched']:,}</td><td>{row['mass']:,.1f}</td></tr>"
            for row in self.to_rows()
        )
        head = "<tr><th>arm</th><th>rows</th><th>matched</th><th>M</th></tr>"
        said = [
            f"{self.matched_strata:,} of {self.strata:,} strata hold both arms.",
            f"Estimand: {ESTIMAND}.",
            f"Weights: {FORMULA}.",
            f"{MASSES}.",
            *self.notes,
        ]
        return f"<table>{head}{rows}</table>" + "".join(f"<p>{escape(sentence)}</p>" for sentence in said)


def weigh(rows: MatchingRows) -> MatchedPeople:
    """Weigh rows and count what was matched."""
    there = rows.stratum >= 0
    copies = rows.copies
    if rows.event is not None:
        copies = event_copy_weights(rows.event, matched(rows.stratum, rows.pilot))
    found = cem_weights(rows.stratum, rows.pilot, copy_weight=copies)
    stratum = np.where(found.kept, rows.stratum, -1)
    counts = {
        arm: {
            "rows": int((there & (rows.pilot == side)).sum()),
            "matched": int((found.kept & (rows.pilot == side)).sum()),
        }
        for arm, side in ARMS.items()
    }
    return MatchedPeople(
        found.weight,
        stratum,
        _different(rows.stratum),
        _different(stratum),
        counts,
        {"pilot": found.pilots, "comparator": found.comparators},
        rows=rows,
    )


def _different(stratum: Integers) -> int:
    """Return how many strata there are, −1 aside."""
    return int(np.count_nonzero(np.bincount(stratum[stratum >= 0])))
