"""What the pilot rows without a counterpart have in common."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from html import escape
from typing import Any

import numpy as np

from whatworked.estimation.coarsening import Settled
from whatworked.estimation.statistics import Flags, Floats, Integers


@dataclass(frozen=True)
class LostLevel:
    """Pilot rows of one bin of one covariate, and how many of them have no counterpart."""

    variable: str
    level: str
    pilot_rows: int
    lost: int

    @property
    def share(self) -> float:
        """The share that is lost."""
        return self.lost / self.pilot_rows


@dataclass(frozen=True)
class LostRows:
    """All pilot rows, those lost, and the bins that lose most, in descending order of the share.

    A bin is left out, and counted in `withheld`, where it loses or keeps some rows but fewer than `limit`.
    """

    pilot_rows: int
    lost: int
    levels: tuple[LostLevel, ...]
    withheld: int
    limit: int

    def to_rows(self) -> list[dict[str, Any]]:
        """Return one row a bin."""
        return [asdict(level) | {"share": level.share} for level in self.levels]

    def to_dict(self) -> dict[str, Any]:
        """Return everything as plain values."""
        return {
            "pilot_rows": self.pilot_rows,
            "lost": self.lost,
            "levels": self.to_rows(),
            "withheld": self.withheld,
            "limit": self.limit,
        }

    def _repr_html_(self) -> str:
        """Return the bins as a table for a notebook."""
        rows = "".join(
            f"<tr><td>{escape(level.variable)}</td><td>{escape(level.level)}</td><td>{level.pilot_rows:,}</td>"
            f"<td>{level.lost:,}</td><td>{level.share:.0%}</td></tr>"
            for level in self.levels
        )
        head = "<tr><th>variable</th><th>bin</th><th>pilot rows</th><th>without a counterpart</th><th>share</th></tr>"
        left = f"<p>{self.withheld:,} bins are not shown: a count in them is below {self.limit}.</p>"
        return f"<table>{head}{rows}</table>" + (left if self.withheld else "")


def lost_rows(
    bins: Mapping[str, Integers],
    keys: Mapping[str, Settled],
    pilot: Flags,
    kept: Flags,
    *,
    limit: int,
    count: Floats | None = None,
) -> LostRows:
    """Count the pilot rows that matching loses, by each bin of each covariate.

    Parameters
    ----------
    bins, keys : name → (n,) bins and what they mean
    pilot, kept : (n,) rows of pilots; rows with a counterpart
    limit : counts from 1 to below it are not shown
    count : (n,) rows of each line, 1 if None

    Source
    ------
    A count. Proof: tests/diagnostics/test_lost.py
    """
    rows = np.where(pilot, 1.0 if count is None else count, 0.0)
    levels, withheld = [], 0
    for name, numbers in bins.items():
        found, place = np.unique(numbers, return_inverse=True)
        whole = np.bincount(place, rows, len(found)).astype(np.int64).tolist()
        gone = np.bincount(place, np.where(kept, 0.0, rows), len(found)).astype(np.int64).tolist()
        for number, total, lost in zip(found.tolist(), whole, gone, strict=True):
            if 0 < lost < limit or 0 < total - lost < limit:
                withheld += 1
            elif lost:
                levels.append(LostLevel(name, keys[name].label(number), total, lost))
    levels.sort(key=lambda level: (-level.share, level.variable, level.level))
    lost_in_all = int(np.where(kept, 0.0, rows).sum())
    return LostRows(int(rows.sum()), lost_in_all, tuple(levels), withheld, limit)
