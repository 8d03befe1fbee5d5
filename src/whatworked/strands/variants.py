"""One analysis of a question, and what it takes to make another of it."""

from dataclasses import dataclass
from math import inf

import numpy as np

from whatworked.cells import NotEstimated
from whatworked.door.samples import Sample
from whatworked.estimation.covariance import estimate_cr1, leave_out_area
from whatworked.estimation.design import BeforeAfter, EventTime, Timing, design_grams
from whatworked.estimation.estimate import Estimate
from whatworked.estimation.inference import Menu, Reading, infer
from whatworked.estimation.linear import LinearFit, fit_linear
from whatworked.estimation.randomisation import EFFECT
from whatworked.estimation.statistics import Cells
from whatworked.estimation.weights import largest_shares
from whatworked.rules.decision import Decision
from whatworked.rules.inference import Sides, choose_inference
from whatworked.vocabulary import Role


@dataclass(frozen=True)
class Readings:
    """How numbers are read throughout a study: the unit, the seed and the distribution of the source's test."""

    unit: str
    seed: int
    significance: float
    normal: bool = False

    @property
    def reference_df(self) -> float | None:
        """Degrees of freedom of the source's test: infinite where it is read as normal, None for G − 1."""
        return inf if self.normal else None


@dataclass(frozen=True)
class Analysis:
    """One fitted specification with its menu of inference and the decision which of it is the headline."""

    name: str
    role: Role
    timing: Timing
    sample: Sample
    fit: LinearFit
    terms: tuple[Estimate, ...]
    effect: Estimate | NotEstimated
    menu: Menu | None
    headline: Decision | None
    sides: Sides
    note: str = ""

    @property
    def cells(self) -> Cells:
        """The cells that it was fitted on."""
        return self.sample.cells


def analyse(sample: Sample, *, name: str, role: Role, readings: Readings, timing: Timing | None = None) -> Analysis:
    """Fit one specification and, where it has a single effect, run the whole menu of inference on it."""
    timing = BeforeAfter() if timing is None else timing
    cells = sample.cells
    grams = design_grams(cells, timing)
    fit = fit_linear(grams)
    found = [(term, estimate_cr1(fit, term, readings.unit, df=readings.reference_df)) for term in fit.names]
    terms = tuple(estimate for _, estimate in found if isinstance(estimate, Estimate))
    sides = sides_of(cells)
    if isinstance(timing, EventTime):
        effect: Estimate | NotEstimated = NotEstimated("there is one effect a period: see the terms")
        return Analysis(name, role, timing, sample, fit, terms, effect, None, None, sides)
    effect = estimate_cr1(fit, EFFECT, readings.unit, df=readings.reference_df)
    menu = infer(cells, grams, fit, Reading(readings.unit, readings.seed, readings.reference_df))
    return Analysis(name, role, timing, sample, fit, terms, effect, menu, choose_inference(sides), sides)


def sides_of(cells: Cells) -> Sides:
    """Count the areas on each side of the contrast, those with rows in both phases, and find the heaviest."""
    used = cells.keep(cells.used)
    both = np.intersect1d(used.area[used.post], used.area[~used.post])
    pilots = int(cells.pilot[both].sum())
    heaviest = largest_shares(used.weight, used.area, cells.pilot)
    return Sides(pilots, len(both) - pilots, *heaviest)


@dataclass(frozen=True)
class AreaLeftOut:
    """The main effect without one area, or why there is none."""

    area: str
    estimate: float | NotEstimated


def leave_one_area_out(main: Analysis) -> tuple[AreaLeftOut, ...]:
    """Return the main effect without each area in turn, weights and the other columns as they are."""
    if isinstance(main.effect, NotEstimated):
        return ()
    place = main.fit.names.index(EFFECT)
    found = []
    for area, code in enumerate(main.fit.grams.areas):
        coef = leave_out_area(main.fit, area, EFFECT)
        found.append(AreaLeftOut(code, coef if isinstance(coef, NotEstimated) else float(coef[place])))
    return tuple(found)
