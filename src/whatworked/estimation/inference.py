"""The whole menu of inference for one effect, side by side."""

from dataclasses import dataclass, replace

import numpy as np

from whatworked.cells import NotEstimated
from whatworked.estimation.collapsed import Collapsed, collapsed_slope, collapsed_t
from whatworked.estimation.covariance import cr3, estimate_cr1, satterthwaite
from whatworked.estimation.design import BeforeAfter, Treatment
from whatworked.estimation.estimate import Estimate
from whatworked.estimation.linear import LinearFit
from whatworked.estimation.randomisation import EFFECT, Randomisation, randomise
from whatworked.estimation.stacked import stacked
from whatworked.estimation.statistics import AreaGrams, Cells, Flags
from whatworked.estimation.treatments import Combination, Dose, PracticeModels, RatingDifference
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


NO_OTHER_SCORES = NotEstimated("there is no rule by which other areas would have had the pilots' scores")
NO_OTHER_PILOTS = NotEstimated("other areas cannot stand for pilots where the comparators are of two kinds")
RATINGS_CHANGE = NotEstimated("ratings change over the years, so that an area has no single change to compare")
NO_OTHER_RATINGS = NotEstimated("other areas cannot stand for pilots where their ratings enter with them")
ONE_EFFECT_ONLY = NotEstimated("the stacked form is fitted for one effect of all pilots")
BEFORE_AFTER = BeforeAfter()


@dataclass(frozen=True)
class AreaForms:
    """The methods that work on areas as they are and not on the terms of a model."""

    randomisation: Randomisation | NotEstimated
    collapsed: Collapsed | NotEstimated
    stacked: Estimate | NotEstimated


def infer(
    cells: Cells, grams: AreaGrams, fit: LinearFit, reading: Reading, *, treatment: Treatment = BEFORE_AFTER
) -> Menu:
    """Run every method on the effect of one fitted specification.

    Parameters
    ----------
    cells, grams, fit : the specification's rows, the statistics of all its columns, its fit
    reading : unit, seed, reference distribution and covariates
    treatment : what stands in the model in place of pilot and pilot:post, and which of its terms is the effect

    Source
    ------
    As each method's own page says. Decision 0030. Proof: tests/estimation/test_inference.py,
    tests/estimation/test_treatments.py
    """
    unit, seed, effect = reading.unit, reading.seed, treatment.effect
    forms = area_forms(cells, treatment, unit)
    if isinstance(treatment, BeforeAfter):
        pilots, groups = sides(cells, grams.areas)
        forms = replace(forms, randomisation=randomise(grams, fit, pilots=pilots, groups=groups, seed=seed))
    return Menu(
        named(estimate_cr1(fit, effect.term, unit, df=reading.reference_df), effect),
        named(satterthwaite(fit, effect.term, unit), effect),
        named(jackknife(fit, unit, effect.term), effect),
        turned(wild_restricted(fit, effect.term, seed=seed), effect.sign),
        forms.randomisation,
        forms.collapsed,
        forms.stacked,
    )


def area_forms(cells: Cells, treatment: Treatment, unit: str) -> AreaForms:
    """Return the collapsed and the stacked form of an effect, and why there is no randomisation of other treatments.

    A dose takes the place of pilot status. Of comparators of two kinds those with a similar practice model leave. The
    randomisation of pilots needs the model and is left to it.

    Source
    ------
    As each method's own page says. Decision 0030. Proof: tests/estimation/test_treatments.py
    """
    name = treatment.effect.name
    match treatment:
        case BeforeAfter():
            none = NotEstimated("the model has not been given")
            return AreaForms(none, collapsed_t(cells, term=name, unit=unit), stacked(cells, unit=unit))
        case Dose():
            scores = treatment.of_areas(cells)
            collapsed = collapsed_slope(cells, scores, term=name, unit=unit)
            return AreaForms(NO_OTHER_SCORES, collapsed, stacked(cells, unit=unit, scores=scores, term=name))
        case PracticeModels():
            mine = cells.keep((cells.pilot | treatment.without(cells))[cells.area])
            if not len(mine.area):
                return AreaForms(NO_OTHER_PILOTS, *(NotEstimated("no such area has rows"),) * 2)
            collapsed = collapsed_t(mine, term=name, unit=unit)
            return AreaForms(NO_OTHER_PILOTS, collapsed, stacked(mine, unit=unit, term=name))
        case RatingDifference():
            return AreaForms(NO_OTHER_RATINGS, RATINGS_CHANGE, ONE_EFFECT_ONLY)


def named(found: Estimate | NotEstimated, effect: Combination) -> Estimate | NotEstimated:
    """Return a term's estimate as that of the combination which it makes alone, its sign turned where that asks for it.

    Source
    ------
    None needed: a sign. Proof: tests/estimation/test_treatments.py
    """
    if isinstance(found, NotEstimated):
        return found
    return replace(found, term=effect.name, estimate=effect.sign * found.estimate)


def turned(found: WildBootstrap | NotEstimated, sign: float) -> WildBootstrap | NotEstimated:
    """Return a bootstrap's answer for the term times 1 or −1.

    Source
    ------
    None needed: a sign. Proof: tests/estimation/test_treatments.py
    """
    if isinstance(found, NotEstimated) or sign > 0:
        return found
    low, high = (None if end is None else -end for end in (found.conf_high, found.conf_low))
    return replace(found, estimate=-found.estimate, conf_low=low, conf_high=high)


def jackknife(fit: LinearFit, unit: str, term: str = EFFECT) -> Estimate | NotEstimated:
    """Return a term with its CR3 standard error, read against t(G − 1).

    Source
    ------
    MacKinnon, Nielsen & Webb (2023), s. 4. Proof: tests/estimation/test_inference.py
    """
    covariance = cr3(fit, term)
    if isinstance(covariance, NotEstimated):
        return covariance
    place = fit.names.index(term)
    return Estimate(term, float(fit.coef[place]), unit, float(np.sqrt(covariance[place, place])), fit.areas - 1)


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
