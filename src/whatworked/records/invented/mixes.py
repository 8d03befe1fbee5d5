"""Which children are referred where, and what that does to their risks: what matching has to undo.

Pilots know other children than comparators do, and as the programme comes a share of newcomers grows among those who
are referred there: they are older and of better-off families. Risks depend on age and on low income, so that rates move
where no effect is planted. Ages have the limits at which people are matched; nothing else about a child changes a risk.

Source: the shares among referred children are those of the evaluation of Signs of Safety in England (tables A10.3 and
A10.4 of its appendices, table 3 of its addendum), rounded; how pilots differ and drift, and the factors, are invented.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from whatworked.records.invented.areas import Area, Risk
from whatworked.records.invented.draws import Draws, Shares, shares

YEAR = 365.25
SECOND, THIRD = 5, 13


@dataclass(frozen=True, slots=True)
class Mix:
    """Shares among the children of a kind: ages at the first referral, ethnicity, needs, families of low income."""

    ages: Shares
    ethnicity: Shares
    needs: Shares
    low_income: float


def _ethnicity(white_british: float) -> Shares:
    return shares(
        {"WBRI": white_british, "WOTH": 4, "WROM": 0.7, "WIRI": 0.3, "MWBC": 2, "MWAS": 1, "MOTH": 1.5, "APKN": 1.5,
         "AIND": 0.7, "AOTH": 0.8, "BAFR": 3, "BCRB": 2, "BOTH": 1.5, "OOTH": 2, "NOBT": 2.5, "REFU": 1,
         "": 6}
    )  # fmt: skip


def _needs(abuse: float, dysfunction: float) -> Shares:
    return shares(
        {"N1": abuse, "N2": 6, "N3": 3, "N4": 10, "N5": dysfunction, "N6": 1, "N7": 2, "N8": 1, "N9": 2, "N0": 8, "": 2}
    )


ELSEWHERE = Mix(
    ages=shares({"unborn": 2.5, "under_5": 38, "primary": 37, "secondary": 22.5}),
    ethnicity=_ethnicity(68),
    needs=_needs(43, 22),
    low_income=0.7,
)
PILOTS = Mix(
    ages=shares({"unborn": 2.5, "under_5": 34, "primary": 36, "secondary": 27.5}),
    ethnicity=_ethnicity(78),
    needs=_needs(50, 15),
    low_income=0.64,
)
NEWCOMERS = Mix(
    ages=shares({"under_5": 10, "primary": 20, "secondary": 70}),
    ethnicity=_ethnicity(78),
    needs=_needs(50, 15),
    low_income=0.5,
)
# The share of newcomers among the children who are first referred once the programme is embedded.
NEW = 0.4

# What multiplies a risk: under five, five to twelve, thirteen and over; and where income is low.
BY_AGE: Mapping[Risk, tuple[float, float, float]] = {
    "rereferral": (0.7, 1.0, 1.6),
    "conference": (1.35, 0.95, 0.6),
    "entry_to_care": (1.2, 0.7, 1.2),
    "kinship": (1.15, 1.0, 0.65),
    "duration": (1.06, 1.0, 0.92),
    "escalation": (1.0, 1.0, 1.0),
}
LOW_INCOME: Mapping[Risk, float] = {
    "rereferral": 1.1,
    "conference": 1.1,
    "entry_to_care": 1.15,
    "kinship": 1.0,
    "duration": 1.0,
    "escalation": 1.0,
}


def mix_of(area: Area, referred: int, draws: Draws) -> Mix:
    """Return the kind of children that a child belongs to who is first referred on a day."""
    newcomer = draws.happens(NEW * area.exposure(referred))
    if area.programme is None:
        return ELSEWHERE
    return NEWCOMERS if newcomer else PILOTS


def times(risk: Risk, *, age_in_days: int, low_income: bool) -> float:
    """Return what a child's age and family make of a risk."""
    years = age_in_days // YEAR
    by_age = BY_AGE[risk][(years >= SECOND) + (years >= THIRD)]
    return by_age * LOW_INCOME[risk] if low_income else by_age
