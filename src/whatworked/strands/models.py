"""The families of model that an analysis may be fitted with, each behind the same answers."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import inf

import numpy as np

from whatworked.cells import NotEstimated
from whatworked.door.samples import Matched, Sample
from whatworked.estimation.binomial import binomial_cells, yes_or_no
from whatworked.estimation.covariance import classical, estimate_cr1
from whatworked.estimation.covariance import cr1 as linear_cr1
from whatworked.estimation.design import EventTime, Timing, design_grams, row_design
from whatworked.estimation.estimate import Estimate
from whatworked.estimation.inference import BEFORE_AFTER, Menu, Reading, infer, named
from whatworked.estimation.linear import INTERCEPT, LinearFit, fit_linear
from whatworked.estimation.logit import LogitFit, fit_logit
from whatworked.estimation.logit_covariance import (
    LogitCovariance,
    OddsRatio,
    clustered,
    coefficient,
    cr1,
    odds_ratio,
)
from whatworked.estimation.logit_inference import infer_logit
from whatworked.estimation.marginal_effect import treatment_effect
from whatworked.estimation.panel import fixed_effects
from whatworked.estimation.people import People, Quantity
from whatworked.estimation.person import person_covariance
from whatworked.estimation.random_effects import random_effects
from whatworked.estimation.rows import PanelRows, RowFit, pooled
from whatworked.estimation.statistics import AreaGrams, Cells, Floats
from whatworked.estimation.treatments import Combination
from whatworked.vocabulary import Estimator

LOG_ODDS = "log-odds"
ONE_A_PERIOD = NotEstimated("there is one effect a period: see the terms")
NO_PEOPLE = NotEstimated("the records hold figures of areas, not people")


@dataclass(frozen=True)
class Readings:
    """How numbers are read throughout a study.

    The unit, the seed, the level of tests, whether the source's test is read as normal, and whether models with effects
    for people have classical errors in it (as the program of the source has them).
    """

    unit: str
    seed: int
    significance: float
    normal: bool = False
    classical_panels: bool = False

    @property
    def reference_df(self) -> float | None:
        """Degrees of freedom of the source's test: infinite where it is read as normal, None for G − 1."""
        return inf if self.normal else None


@dataclass(frozen=True)
class ByPerson:
    """The covariance (k, k) of a linear fit whose errors may correlate within people, and its degrees of freedom."""

    covariance: Floats
    df: float

    def estimate(self, fit: LinearFit, term: str, unit: str) -> Estimate | NotEstimated:
        """Return one coefficient of the fit."""
        found = estimate_cr1(fit, term, unit, df=self.df)
        if isinstance(found, NotEstimated):
            return found
        place = fit.names.index(term)
        return replace(found, std_error=float(np.sqrt(self.covariance[place, place])))


@dataclass(frozen=True)
class Fitted:
    """A fitted model: its cells, its people if it has any, and the answers that every family gives."""

    estimator: Estimator
    fit: LinearFit | LogitFit
    cells: Cells
    unit: str
    grams: AreaGrams | None = None
    people: People | None = None
    rows: RowFit | None = None
    logit: LogitCovariance | NotEstimated | None = None
    reference_df: float | None = None
    classical: bool = False
    note: str = ""
    timing: Timing = BEFORE_AFTER
    by_person: "ByPerson | None" = None

    @property
    def names(self) -> tuple[str, ...]:
        """The kept terms."""
        return self.fit.names

    @property
    def persons(self) -> int | None:
        """Persons behind the rows, None for figures of areas."""
        return None if self.people is None else len(np.unique(self.people.person))

    def estimate(self, term: str) -> Estimate | NotEstimated:
        """Return one coefficient by the source's test."""
        if isinstance(self.fit, LogitFit):
            assert self.logit is not None
            return self.logit if isinstance(self.logit, NotEstimated) else coefficient(self.logit, term, self.unit)
        if self.by_person is not None:
            return self.by_person.estimate(self.fit, term, self.unit)
        found = estimate_cr1(self.fit, term, self.unit, df=self.reference_df)
        if not self.classical or isinstance(found, NotEstimated):
            return found
        place = self.fit.names.index(term)
        variance = float(classical(self.fit)[place, place])
        return replace(found, std_error=float(np.sqrt(variance)), df=inf)

    def combined(self, wanted: Combination) -> Estimate | NotEstimated:
        """Return a weighted sum of coefficients by the source's test."""
        found = [self.estimate(term) for term, _ in wanted.parts]
        known = [estimate for estimate in found if isinstance(estimate, Estimate)]
        if len(known) < len(found):
            return next(estimate for estimate in found if isinstance(estimate, NotEstimated))
        if len(known) == 1:
            return named(known[0], wanted)
        weights = np.array([weight for _, weight in wanted.parts])
        variance = float(weights @ self.covariance_of([term for term, _ in wanted.parts]) @ weights)
        value = float(weights @ np.array([estimate.estimate for estimate in known]))
        return replace(known[0], term=wanted.name, estimate=value, std_error=float(np.sqrt(max(variance, 0.0))))

    def printed(self, term: str) -> Estimate | NotEstimated:
        """Return one coefficient as it is read: numbers count from 0, wherever the fit measures them from.

        Another origin moves the intercept, and the indicator of a number's missing values, by the number's coefficient.
        """
        numbers = [one for one in (self.people.covariates if self.people else ()) if isinstance(one, Quantity)]
        moved = [one for one in numbers if one.origin and set(one.columns) <= set(self.names)]
        if term == INTERCEPT:
            return self.combined(Combination(term, ((term, 1.0), *((one.name, -one.origin) for one in moved))))
        own = [(one.name, one.origin) for one in moved if one.columns[1:] == (term,)]
        return self.combined(Combination(term, ((term, 1.0), *own)))

    @property
    def effect(self) -> Estimate | NotEstimated:
        """The effect that the model was fitted for, by the source's test."""
        return ONE_A_PERIOD if isinstance(self.timing, EventTime) else self.combined(self.timing.effect)

    def covariance_of(self, terms: Sequence[str]) -> Floats:
        """Return the covariance (q, q) of some terms by the source's test."""
        places = [self.fit.names.index(term) for term in terms]
        if isinstance(self.fit, LogitFit):
            whole = self.logit.matrix if isinstance(self.logit, LogitCovariance) else np.zeros((0, 0))
        elif self.by_person is not None:
            whole = self.by_person.covariance
        else:
            whole = classical(self.fit) if self.classical else linear_cr1(self.fit)
        return np.asarray(whole[np.ix_(places, places)])

    def menu(self, readings: Readings) -> Menu:
        """Run every method of inference on the effect."""
        assert not isinstance(self.timing, EventTime)
        reading = Reading(self.unit, readings.seed, self.reference_df)
        if isinstance(self.fit, LogitFit):
            return infer_logit(self.cells, self.fit, reading, treatment=self.timing)
        assert self.grams is not None
        menu = infer(self.cells, self.grams, self.fit, reading, treatment=self.timing)
        return replace(menu, cr1=self.effect) if self.classical else menu

    def clustered_on_people(self) -> "Fitted | NotEstimated":
        """Return the pooled model of one effect with errors that may correlate within people, read everywhere so."""
        people = self.people
        if people is None:
            return NO_PEOPLE
        if isinstance(self.fit, LogitFit):
            _, matrix = row_design(people, self.timing)
            outcome = people.outcome + people.origin
            found = clustered(self.fit, matrix, outcome, weight=people.weight, cluster=people.person)
            if isinstance(found, NotEstimated):
                return found
            return replace(self, logit=found if self.reference_df is None else replace(found, df=self.reference_df))
        rows = pooled(panel_rows(people, *row_design(people, self.timing)))
        if isinstance(rows, NotEstimated):
            return rows
        covariance = person_covariance(rows)
        if isinstance(covariance, NotEstimated):
            return covariance
        persons = len(np.unique(people.person))
        return replace(self, fit=rows.linear, by_person=ByPerson(covariance, self.reference_df or persons - 1))

    @property
    def average_marginal_effect(self) -> Estimate | NotEstimated | None:
        """What the treatment did to the probability of treated rows; None but for a logit."""
        if self.logit is None or isinstance(self.logit, NotEstimated):
            return self.logit
        if isinstance(self.timing, EventTime):
            return ONE_A_PERIOD
        assert self.people is not None
        names, matrix = row_design(self.people, self.timing)
        treated, marginal = self.timing.treated(self.people), self.timing.marginal
        mine = treated != 0
        contrast = np.zeros_like(matrix[mine])
        for term, weight in marginal.parts:
            contrast[:, names.index(term)] = weight * treated[mine]
        weights = self.people.weight[mine]
        return treatment_effect(self.logit, matrix[mine], contrast, weight=weights, term=marginal.name)

    @property
    def odds_ratio(self) -> OddsRatio | NotEstimated | None:
        """The odds ratio of the effect; None but for a logit."""
        if self.logit is None:
            return None
        effect = self.effect
        return effect if isinstance(effect, NotEstimated) else odds_ratio(effect)


def fit_model(sample: Sample, estimator: Estimator, timing: Timing, readings: Readings) -> Fitted | NotEstimated:
    """Fit one specification with a family of model, or say why it cannot be fitted."""
    if estimator is Estimator.LINEAR:
        people = None if sample.matched is None else sample.matched.modelled
        return _linear(sample.cells, timing, readings, people)
    if sample.matched is None:
        return NO_PEOPLE
    match estimator:
        case Estimator.LOGIT:
            return _logit(sample, sample.matched, timing, readings)
        case Estimator.FIXED_EFFECTS:
            return _fixed(sample.matched.repeated, timing, readings)
        case Estimator.RANDOM_EFFECTS:
            return _random(sample.cells, sample.matched, timing, readings)


def _linear(cells: Cells, timing: Timing, readings: Readings, people: People | None) -> Fitted:
    grams = design_grams(cells, timing)
    fit = fit_linear(grams)
    return Fitted(
        Estimator.LINEAR, fit, cells, readings.unit, grams=grams, people=people, reference_df=readings.reference_df,
        timing=timing,
    )  # fmt: skip


def _logit(sample: Sample, matched: Matched, timing: Timing, readings: Readings) -> Fitted | NotEstimated:
    people = matched.modelled
    outcome = yes_or_no(people)
    if isinstance(outcome, NotEstimated):
        return outcome
    names, matrix = row_design(people, timing)
    fit = fit_logit(binomial_cells(matrix, outcome, area=people.area, names=names, areas=people.areas))
    if isinstance(fit, NotEstimated):
        return fit
    df = readings.reference_df
    covariance = cr1(fit, df=df)
    return Fitted(
        Estimator.LOGIT, fit, sample.cells, LOG_ODDS, people=people, logit=covariance, reference_df=df, timing=timing
    )


def panel_rows(people: People, names: tuple[str, ...], matrix: Floats) -> PanelRows:
    """Return people's rows as models with effects for people take them: a unit is a person × area × matched group."""
    unit = people.person * len(people.groups) + people.group
    areas = np.array(people.areas)[people.area]
    return PanelRows(names, matrix, people.outcome + people.origin, people.weight, areas, unit, people.person)


def _fixed(matched: Matched, timing: Timing, readings: Readings) -> Fitted | NotEstimated:
    people = matched.modelled
    if not len(people.area):
        return NotEstimated("no person was seen more than once")
    names, matrix = row_design(people, timing)
    found = fixed_effects(panel_rows(people, names, matrix), singletons="stay")
    if isinstance(found, NotEstimated):
        return found
    return replace(_panel(Estimator.FIXED_EFFECTS, found.fit, found.grams, people, readings), timing=timing)


def _random(cells: Cells, matched: Matched, timing: Timing, readings: Readings) -> Fitted | NotEstimated:
    people = matched.modelled
    names, matrix = row_design(people, timing)
    found = random_effects(panel_rows(people, names, matrix))
    if isinstance(found, NotEstimated):
        return found
    model = _panel(Estimator.RANDOM_EFFECTS, found.fit, found.linear.grams, people, readings)
    return replace(model, cells=cells, timing=timing, note=found.note or "")


def _panel(estimator: Estimator, rows: RowFit, grams: AreaGrams, people: People, readings: Readings) -> Fitted:
    return Fitted(
        estimator, rows.linear, people.cells(), readings.unit, grams=grams, people=people, rows=rows,
        reference_df=readings.reference_df, classical=readings.classical_panels,
    )  # fmt: skip
