"""One analysis of a question, and what it takes to make another of it."""

from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from whatworked.cells import DroppedTerm, NotEstimated
from whatworked.diagnostics.parallel_trends import Leads, judge_leads, lead_terms
from whatworked.door.samples import Sample
from whatworked.estimation.covariance import leave_out_area
from whatworked.estimation.design import BeforeAfter, EventTime, Timing, Treatment
from whatworked.estimation.estimate import Estimate
from whatworked.estimation.inference import Menu
from whatworked.estimation.linear import LinearFit
from whatworked.estimation.randomisation import EFFECT
from whatworked.estimation.statistics import Cells, Flags, Integers
from whatworked.estimation.treatments import PracticeModels, RatingDifference
from whatworked.estimation.weights import largest_shares
from whatworked.rules.decision import Decision
from whatworked.rules.inference import Sides, choose_inference
from whatworked.strands.models import Fitted, Readings, fit_model
from whatworked.vocabulary import Estimator, Role

ONE_EFFECT = BeforeAfter()
ON_PEOPLE = "errors clustered on people"


@dataclass(frozen=True)
class Measured:
    """An outcome beside the question's: what it is called in a sentence, its unit, and in whose favour it is."""

    label: str
    unit: str
    better: Literal["lower", "higher", "neither"]


@dataclass(frozen=True)
class Analysis:
    """One fitted specification with its menu of inference and the decision which of it is the headline.

    `unfitted` says why the family that was asked for could not be fitted, and the linear model stands in its place;
    `measured` is what it measures, where that is another outcome than the question's.
    """

    name: str
    role: Role
    timing: Timing
    sample: Sample
    model: Fitted
    effect: Estimate | NotEstimated
    menu: Menu | None
    headline: Decision | None
    sides: Sides
    note: str = ""
    unfitted: str = ""
    person: Estimate | NotEstimated | None = None
    measured: Measured | None = None

    @property
    def cells(self) -> Cells:
        """The cells of the rows that it was fitted on."""
        return self.model.cells

    @property
    def estimator(self) -> Estimator:
        """The family of the model."""
        return self.model.estimator

    @property
    def terms(self) -> tuple[Estimate, ...]:
        """Every term that could be estimated, with the source's standard error."""
        found = [self.model.printed(term) for term in self.model.names]
        if not isinstance(self.timing, EventTime):
            found += [self.model.combined(other) for other in self.timing.others]
        return tuple(estimate for estimate in found if isinstance(estimate, Estimate))

    @property
    def dropped(self) -> tuple[DroppedTerm, ...]:
        """Terms that the model does without."""
        return self.model.fit.dropped

    def leads(self, significance: float) -> Leads:
        """Judge the leads of an event-time model by the source's test."""
        found = {term: self.model.estimate(term) for term in lead_terms(self.cells)}
        return judge_leads(found, self.model.covariance_of, significance=significance)


@dataclass(frozen=True)
class Asked:
    """What is asked of one specification: its name and role, the family of the model, and how time enters.

    Not `side_by_side` is one that is read by its own test alone, without the menu of inference.
    """

    name: str
    role: Role
    estimator: Estimator = Estimator.LINEAR
    timing: Timing = ONE_EFFECT
    side_by_side: bool = True


def analyse(sample: Sample, asked: Asked, readings: Readings) -> Analysis:
    """Fit one specification and, where it has a single effect and is so asked for, run the whole menu of inference.

    A model that cannot be fitted is replaced by the linear one, which the analysis' note records.
    """
    found = fit_model(sample, asked.estimator, asked.timing, readings)
    note, unfitted = ("", found.reason) if isinstance(found, NotEstimated) else (found.note, "")
    if isinstance(found, NotEstimated):
        note = f"linear, since {WORDS[asked.estimator]} could not be fitted: {found.reason}"
        found = fit_model(sample, Estimator.LINEAR, asked.timing, readings)
        assert not isinstance(found, NotEstimated)
    sides = sides_of(found.cells)
    if isinstance(asked.timing, EventTime) or not asked.side_by_side:
        return Analysis(
            asked.name, asked.role, asked.timing, sample, found, found.effect, None, None, sides, note, unfitted
        )
    menu = found.menu(readings)
    headline = choose_inference(contrasted(found.cells, asked.timing))
    return Analysis(
        asked.name, asked.role, asked.timing, sample, found, found.effect, menu, headline, sides, note, unfitted
    )


# A family of model as a sentence names it.
WORDS = {
    Estimator.LINEAR: "a linear model",
    Estimator.LOGIT: "a logistic model",
    Estimator.FIXED_EFFECTS: "a linear model with an effect for each person",
    Estimator.RANDOM_EFFECTS: "a linear model with a random effect for each person",
}


def clustered_on_people(main: Analysis) -> Analysis:
    """Return the main analysis with errors that may correlate within people, as its addition for correlated errors.

    People are nested in areas, so this is the weaker correction; the menu of the main analysis stays beside it.
    """
    note = "standard errors clustered on people, who are nested in areas: a weaker correction than clustering on areas"
    found = main.model.clustered_on_people()
    model, effect = (main.model, found) if isinstance(found, NotEstimated) else (found, found.estimate(EFFECT))
    addition = replace(main, name=ON_PEOPLE, role=Role.ADDITIONAL, note=note)
    return replace(addition, model=model, effect=effect, person=effect)


def sides_of(cells: Cells) -> Sides:
    """Count the areas on each side of the contrast, those with rows in both phases, and find the heaviest."""
    used = cells.keep(cells.used)
    both = np.intersect1d(used.area[used.post], used.area[~used.post])
    pilots = int(cells.pilot[both].sum())
    heaviest = largest_shares(used.weight, used.area, cells.pilot)
    return Sides(pilots, len(both) - pilots, *heaviest)


def contrasted(cells: Cells, treatment: Treatment) -> Sides:
    """Count the areas that an effect compares.

    Of comparators of two kinds those without a similar practice model; of ratings the rarer one on either side, for a
    difference between them is known no better than that.
    """
    if isinstance(treatment, PracticeModels):
        return sides_of(cells.keep((cells.pilot | treatment.without(cells))[cells.area]))
    every = sides_of(cells)
    if not isinstance(treatment, RatingDifference):
        return every
    after = cells.keep(cells.used & cells.post)
    high = treatment.is_high(after)
    kinds = [sides_of_areas(after.pilot, after.area[rows]) for rows in (high, ~high)]
    return replace(every, pilots=min(n for n, _ in kinds), comparators=min(n for _, n in kinds))


def sides_of_areas(pilot: Flags, area: Integers) -> tuple[int, int]:
    """Return how many pilots and how many comparators have rows."""
    there = np.unique(area)
    pilots = int(pilot[there].sum())
    return pilots, len(there) - pilots


@dataclass(frozen=True)
class AreaLeftOut:
    """The main effect without one area, or why there is none."""

    area: str
    estimate: float | NotEstimated


def leave_one_area_out(main: Analysis) -> tuple[AreaLeftOut, ...]:
    """Return the main effect without each area in turn, weights and the other columns as they are.

    For a logit this would be a refit an area, which CR3 already holds; the areas are left to it.
    """
    fit = main.model.fit
    if isinstance(main.effect, NotEstimated) or not isinstance(fit, LinearFit):
        return ()
    place = fit.names.index(EFFECT)
    found = []
    for area, code in enumerate(fit.grams.areas):
        coef = leave_out_area(fit, area, EFFECT)
        found.append(AreaLeftOut(code, coef if isinstance(coef, NotEstimated) else float(coef[place])))
    return tuple(found)
