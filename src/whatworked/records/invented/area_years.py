"""What an invented nation publishes of its councils year by year, with gaps: covariates of areas.

None of it has a part in any child's life, and it is drawn without a look at who takes the programme up: it explains
nothing, so that what is planted stays what it is.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import get_args

import numpy as np

from whatworked.records.invented.areas import Rating

# Sets these draws apart from those of lives and of councils.
ABOUT = 1946
# The share of values that nobody published; how many years lie between two inspections; the first year with projects.
GAPS, BETWEEN_INSPECTIONS, FIRST_PROJECTS, MOST_PROJECTS = 0.03, 3, 2015, 3
RATED = {rating: 4 - place for place, rating in enumerate(get_args(Rating))}
FULL = 100.0


@dataclass(frozen=True, slots=True)
class Council:
    """A council as far as its published figures go: its place in the nation, the children it knows, its rating."""

    code: str
    number: int
    children: int
    rating: Rating


# The columns, in the order of the evaluation that this generalises.
COLUMNS = (
    "assessments",
    "rating",
    "population_density",
    "primary_fsm",
    "secondary_fsm",
    "innovation_projects",
    "white_british",
    "plans_reviewed_in_time",
)
# Years are whole and ratings are carried forward; the others have gaps anywhere.
WHOLE = ("rating", "innovation_projects")


def area_years(councils: Sequence[Council], years: Sequence[int], *, seed: int) -> str:
    """Return a table of councils by years as CSV, each year by that in which it ends; a gap is empty.

    A council has the same figures whichever others there are.
    """
    lines = [",".join(("area", "year", *COLUMNS))]
    for council in councils:
        draws = np.random.default_rng((ABOUT, seed, council.number))
        columns = _columns(council, years, draws)
        unknown = {name: draws.random(len(years)) < GAPS for name in COLUMNS}
        for place, year in enumerate(years):
            values = ("" if name not in WHOLE and unknown[name][place] else columns[name][place] for name in COLUMNS)
            lines.append(",".join((council.code, str(year), *values)))
    return "\n".join(lines) + "\n"


def _columns(council: Council, years: Sequence[int], draws: np.random.Generator) -> dict[str, list[str]]:
    """Return every covariate of a council, a text a year."""
    after = np.arange(len(years), dtype=float)
    noise = {name: draws.normal(size=len(years)) for name in COLUMNS}
    level = {name: draws.uniform() for name in COLUMNS}
    primary = 9 + 18 * level["primary_fsm"] - 0.25 * after + 0.5 * noise["primary_fsm"]
    begun = draws.random(len(years)) < level["innovation_projects"]
    projects = np.cumsum(begun & (np.array(years) >= FIRST_PROJECTS))
    numbers = {
        "assessments": council.children * (0.08 + 0.05 * level["assessments"])
        * np.exp(0.02 * after + 0.05 * noise["assessments"]),
        "population_density": np.exp(1 + 3 * level["population_density"]) * 1.007**after,
        "primary_fsm": np.maximum(primary, 1),
        "secondary_fsm": np.maximum(0.85 * primary + 0.5 * noise["secondary_fsm"], 1),
        "white_british": np.clip(
            50 + 42 * level["white_british"] - 0.4 * after + 0.7 * noise["white_british"], 0, FULL
        ),
        "plans_reviewed_in_time": np.clip(
            86 + 11 * level["plans_reviewed_in_time"] + 2 * noise["plans_reviewed_in_time"], 0, FULL
        ),
    }  # fmt: skip
    texts = {name: [f"{value:.1f}" for value in values] for name, values in numbers.items()}
    texts["assessments"] = [str(round(value)) for value in numbers["assessments"]]
    texts["innovation_projects"] = [str(min(int(value), MOST_PROJECTS)) for value in projects]
    # an inspection is known of in its own year; what it found holds until the next
    inspected = [(council.number + place) % BETWEEN_INSPECTIONS == 0 for place in range(len(years))]
    texts["rating"] = [str(RATED[council.rating]) if there else "" for there in inspected]
    return texts
