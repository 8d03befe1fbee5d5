"""The whole menu of inference for one effect, side by side."""

from dataclasses import dataclass

import numpy as np

from whatworked.cells import NotEstimated
from whatworked.estimation.collapsed import Collapsed, collapsed_t
from whatworked.estimation.covariance import cr3, estimate_cr1, satterthwaite
from whatworked.estimation.estimate import Estimate
from whatworked.estimation.linear import LinearFit
from whatworked.estimation.randomisation import EFFECT, Randomisation, randomise
from whatworked.estimation.stacked import stacked
from whatworked.estimation.statistics import AreaGrams, Cells, Flags
from whatworked.estimation.wild import WildBootstrap, wild_restricted


@dataclass(frozen=True)
class Menu:
    """Every method's answer for the effect of one specification, or the reason why it has none."""

    cr1: Estimate | NotEstimated
    cr2: Estimate | NotEstimated
    cr3: Estimate | NotEstimated
    wild: WildBootstrap | NotEstimated
    randomisation: Randomisation | NotEstimated
    collapsed: Collapsed | NotEstimated
    stacked: Estimate | NotEstimated


@dataclass(frozen=True)
class Reading:
    """How answers are read: the unit, the seed of draws, the df of CR1 (None: G − 1)."""

    unit: str = ""
    seed: int = 0
    reference_df: float | None = None


def infer(cells: Cells, grams: AreaGrams, fit: LinearFit, reading: Reading) -> Menu:
    """Run every method on the effect `pilot:post` of one fitted specification.

    Parameters
    ----------
    cells, grams, fit : the specification's rows, the statistics of all its columns, its fit
    reading : unit, seed, reference distribution and covariates

    Source
    ------
    As each method's own page says. Proof: tests/estimation/test_inference.py
    """
    pilots, groups = sides(cells, grams.areas)
    unit, seed = reading.unit, reading.seed
    return Menu(
        estimate_cr1(fit, EFFECT, unit, df=reading.reference_df),
        satterthwaite(fit, EFFECT, unit),
        jackknife(fit, unit),
        wild_restricted(fit, EFFECT, seed=seed),
        randomise(grams, fit, pilots=pilots, groups=groups, seed=seed),
        collapsed_t(cells, term=EFFECT, unit=unit),
        stacked(cells, unit=unit),
    )


def jackknife(fit: LinearFit, unit: str) -> Estimate | NotEstimated:
    """Return the effect with its CR3 standard error, read against t(G − 1).

    Source
    ------
    MacKinnon, Nielsen & Webb (2023), s. 4. Proof: tests/estimation/test_inference.py
    """
    covariance = cr3(fit, EFFECT)
    if isinstance(covariance, NotEstimated):
        return covariance
    place = fit.names.index(EFFECT)
    return Estimate(EFFECT, float(fit.coef[place]), unit, float(np.sqrt(covariance[place, place])), fit.areas - 1)


def sides(cells: Cells, areas: tuple[str, ...]) -> tuple[Flags, tuple[tuple[int, ...], ...] | None]:
    """Return which areas (G,) are pilots, and the matched groups as area numbers where none shares an area.

    Source
    ------
    What could have been a pilot: decision 0007. Proof: tests/estimation/test_inference.py
    """
    number = {name: i for i, name in enumerate(areas)}
    pilots = np.array([bool(cells.pilot[cells.areas.index(name)]) for name in areas])
    used = cells.keep(cells.used)
    groups = tuple(
        tuple(sorted({number[cells.areas[a]] for a in used.area[used.group == g]})) for g in np.unique(used.group)
    )
    members = [area for group in groups for area in group]
    one_pilot_each = all(sum(bool(pilots[area]) for area in group) == 1 for group in groups)
    return pilots, groups if len(set(members)) == len(members) and one_pilot_each else None
