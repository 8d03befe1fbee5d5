"""The limits of what may leave: named profiles, and a study's own numbers over them.

| profile | counts hidden | estimates hidden | printed |
|---|---|---|---|
| `srs` | 1 to 9 | residual degrees of freedom below 10 | `[c]` |
| `dfe` | 1 to 5 | the same | `c` |
| `report` | 1 to 9 | the same | `-` |

A count of zero is shown in every profile: it says that nobody was there, and of nobody nothing is told.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from whatworked.protocol.model import Disclosure

NAMED = {"srs": (10, 10, "[c]"), "dfe": (6, 10, "c"), "report": (10, 10, "-")}


@dataclass(frozen=True, slots=True)
class Limits:
    """Counts of people below `smallest` and estimates on fewer than `residual_df` are hidden behind `symbol`."""

    profile: str
    smallest: int
    residual_df: int
    symbol: str

    def to_dict(self) -> dict[str, str | int]:
        """Return the limits as findings hold them."""
        return {
            "profile": self.profile,
            "smallest": self.smallest,
            "residual_df": self.residual_df,
            "symbol": self.symbol,
        }

    @classmethod
    def from_dict(cls, limits: Mapping[str, str | int]) -> "Limits":
        """Return the limits that findings hold."""
        return cls(
            profile=str(limits["profile"]),
            smallest=int(limits["smallest"]),
            residual_df=int(limits["residual_df"]),
            symbol=str(limits["symbol"]),
        )


def limits(disclosure: Disclosure) -> Limits:
    """Return the limits of a protocol: its profile, with the study's own numbers over it."""
    smallest, residual_df, symbol = NAMED[disclosure.profile]
    return Limits(
        profile=disclosure.profile,
        smallest=smallest if disclosure.smallest is None else disclosure.smallest,
        residual_df=residual_df if disclosure.residual_df is None else disclosure.residual_df,
        symbol=symbol if disclosure.symbol is None else disclosure.symbol,
    )
