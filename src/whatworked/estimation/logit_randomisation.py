"""Randomisation inference for a logit: every assignment of pilot status that is tried is refitted."""

import numpy as np
from threadpoolctl import threadpool_limits

from whatworked.cells import NotEstimated
from whatworked.estimation.likelihood import Likelihood, maximise, weighted_gram
from whatworked.estimation.linear import independent
from whatworked.estimation.logit import LogitFit, likelihood_of
from whatworked.estimation.randomisation import (
    EFFECT,
    PILOT,
    POST,
    TIE,
    Randomisation,
    possible_assignments,
)
from whatworked.estimation.statistics import Flags, Floats, Integers
from whatworked.processes import cores, shared

# As many assignments are enumerated, and as many drawn beyond that, if the work allows it.
ENUMERATE, DRAWS = 2_000, 999
# The work of all refits, in cells × coefficients², that is thought bearable, and the fewest draws worth having.
WORK, FEWEST = 20_000_000_000, 99
# The work that takes longer than it takes to start a process, and the parts in which it is shared out.
WORTH_A_PROCESS, LOTS = 5_000_000_000, 8


def randomise_logit(
    fit: LogitFit, *, pilots: Flags, groups: tuple[tuple[int, ...], ...] | None, seed: int = 0
) -> Randomisation | NotEstimated:
    """Randomisation test of a logit's `pilot:post`, studentised by the area-clustered standard error.

    Parameters
    ----------
    fit : the model of the sample; its cells hold a column `post` of 0 and 1, kept or not
    pilots : (G,) which areas are pilots
    groups : areas of each matched group by number, if no area is in two of them; None: any G_P of the areas
    seed : of the draws, where there are more assignments than can be refitted

    Returns
    -------
    Randomisation; its `assignments` says how many were refitted. All are where there are at most 2,000, fewer where
    cells × coefficients² is large, else 999 draws, never fewer than 99. An assignment without a fit is skipped and
    counted.

    Source
    ------
    As `randomise`; the coefficient of every assignment is the logit's own. Decisions 0007 and 0026.
    Proof: tests/estimation/test_logit_randomisation.py
    """
    if POST not in fit.cells.names or fit.place(EFFECT) is None:
        return NotEstimated("the effect is not in the model")
    if fit.place(PILOT) is None:
        return NotEstimated("pilot status is collinear with the other terms")
    refits = _Refits(fit)
    sample = refits.studentised(np.flatnonzero(pilots))
    if sample is None:
        return NotEstimated("the effect's standard error is 0")
    most = int(np.clip(WORK // (len(fit.log_odds) * fit.k**2), FEWEST, ENUMERATE))
    assignments, enumerated = possible_assignments(pilots, groups, seed=seed, most=most, draws=min(most, DRAWS))
    processes = min(cores(), len(assignments) * len(fit.log_odds) * fit.k**2 // WORTH_A_PROCESS)
    lots = [assignments[place::LOTS] for place in range(LOTS)]
    found = shared(refits.all_studentised, lots, processes=processes)
    values = [value for lot in found for value in lot]
    computed = np.abs([value for value in values if value is not None])
    beyond = int((computed >= abs(sample) * (1 - TIE)).sum())
    tied = int((computed >= computed.max(initial=0.0) * (1 - TIE)).sum())
    count = len(computed)
    return Randomisation(
        sample,
        beyond / count if enumerated else (1 + beyond) / (1 + count),
        count,
        enumerated,
        len(values) - count,
        tied / count if enumerated else 1 / (1 + count),
        groups is not None,
    )


class _Refits:
    """The model with pilot status moved to other areas: the columns free of it stay, two are written anew."""

    def __init__(self, fit: LogitFit) -> None:
        cells, moved = fit.cells, [fit.names.index(PILOT), fit.names.index(EFFECT)]
        controls = np.delete(np.arange(fit.k), moved)
        self.cells, self.places = cells, np.array([len(controls), len(controls) + 1])
        self.post = cells.column(POST)
        chosen = likelihood_of(cells, fit.kept[controls])
        design = np.column_stack([chosen.design, np.zeros((len(self.post), 2))])
        self.likelihood = Likelihood(design, cells.successes, cells.failures, (*chosen.names, PILOT, EFFECT))
        self.start = np.concatenate([fit.standardised[controls], np.zeros(2)])
        without = maximise(self.likelihood, self.start, free=np.arange(len(controls)))
        if not isinstance(without, NotEstimated):
            self.start = without.coef
        # What all assignments share: the controls' sums of products, by trials and as the start's information.
        curvature = self.likelihood.curvature(design @ self.start)
        self.common = [(weight, weighted_gram(design, weight)) for weight in (cells.trials, curvature)]

    def all_studentised(self, assignments: Integers) -> list[float | None]:
        """Return the statistic of each assignment, with one thread as in the rest of a study."""
        with threadpool_limits(limits=1, user_api="blas"):
            return [self.studentised(chosen) for chosen in assignments]

    def studentised(self, chosen: Integers) -> float | None:
        """Return pilot:post over the root of its summed squared area scores; None where it cannot be had."""
        cells, likelihood = self.cells, self.likelihood
        pilot = np.isin(np.arange(len(cells.areas)), chosen).astype(np.float64)[cells.area]
        new = np.column_stack([pilot, pilot * self.post])
        likelihood.design[:, self.places] = new
        gram, information = (self._completed(weight, common, new) for weight, common in self.common)
        if len(independent(gram)) < len(gram):
            return None
        found = maximise(likelihood, self.start, information=information)
        if isinstance(found, NotEstimated) or found.inverse is None:
            return None
        parts = likelihood.residual(found.log_odds) * (likelihood.design @ found.inverse[:, -1])
        by_area = np.bincount(cells.area, parts, len(cells.areas)).astype(np.float64)
        return _over_scores(float(found.coef[-1]), by_area)

    def _completed(self, weight: Floats, common: Floats, new: Floats) -> Floats:
        """Return X′WX (k, k) with the two new columns, the rest of which is as it was."""
        common[self.places] = (new * weight[:, None]).T @ self.likelihood.design
        common[:, self.places] = common[self.places].T
        return common


def _over_scores(effect: float, parts: Floats) -> float | None:
    size = float(np.sqrt((parts**2).sum()))
    return effect / size if size > 1e-12 * abs(effect) else None
