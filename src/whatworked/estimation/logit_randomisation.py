"""Randomisation inference for a logit: every assignment of pilot status that is tried is refitted."""

from dataclasses import dataclass

import numpy as np

from whatworked.cells import NotEstimated
from whatworked.estimation.likelihood import Likelihood, maximise
from whatworked.estimation.linear import independent
from whatworked.estimation.logit import LogitFit, likelihood_of
from whatworked.estimation.patterns import PatternedDesign
from whatworked.estimation.randomisation import (
    EFFECT,
    PILOT,
    POST,
    TIE,
    Randomisation,
    possible_assignments,
)
from whatworked.estimation.statistics import Flags, Floats, Integers

# As many assignments are enumerated, and as many drawn beyond that, if the work allows it.
ENUMERATE, DRAWS = 2_000, 999
# The work of all refits, in cells × coefficients², that is thought bearable, and the fewest draws worth having.
WORK, FEWEST = 20_000_000_000, 99


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
    values = [refits.studentised(chosen) for chosen in assignments]
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


@dataclass(frozen=True)
class _Moved:
    """X′WX (k, k) with pilot status moved: the areas' own sums of the two last columns replace a pass over the cells.

    `controls` (k, k) is right but for the last two rows and columns; `pilot` and `effect` (G, k) are each area's sums
    of w·x and w·post·x, where x ends in 1 and post.
    """

    controls: Floats
    pilot: Floats
    effect: Floats

    def gram(self, chosen: Integers) -> Floats:
        """Return the matrix with the chosen areas as pilots."""
        result = self.controls.copy()
        result[-2:] = self.pilot[chosen].sum(axis=0), self.effect[chosen].sum(axis=0)
        result[:, -2:] = result[-2:].T
        return result


class _Refits:
    """The model with pilot status moved to other areas: two columns are written anew for the patterns of the others."""

    def __init__(self, fit: LogitFit) -> None:
        cells, moved = fit.cells, [fit.names.index(PILOT), fit.names.index(EFFECT)]
        controls = np.delete(np.arange(fit.k), moved)
        chosen = likelihood_of(cells, fit.kept[controls])
        self.cells, self.names, self.controls = cells, (*chosen.names, PILOT, EFFECT), chosen.design.merged
        self.post = np.round(cells.column(POST)).astype(np.int64)
        everywhere = self.likelihood(np.arange(len(cells.areas)))
        self.start = np.concatenate([fit.standardised[controls], np.zeros(2)])
        without = maximise(everywhere, self.start, free=np.arange(len(controls)))
        if not isinstance(without, NotEstimated):
            self.start = without.coef
        self.trials = self._moved(everywhere.design, cells.trials)
        self.information = self._moved(everywhere.design, everywhere.curvature(everywhere.design.times(self.start)))

    def likelihood(self, chosen: Integers) -> Likelihood:
        """Return the likelihood with the chosen areas as pilots.

        A pattern of the other columns becomes up to three: in a comparator, in a pilot before, in a pilot after.
        """
        controls, patterns = self.controls, self.controls.patterns
        pilot = np.isin(np.arange(len(self.cells.areas)), chosen)[self.cells.area]
        wanted = controls.pattern + patterns * np.where(pilot, 1 + self.post, 0)
        used = np.flatnonzero(np.bincount(wanted, minlength=3 * patterns))
        number = np.zeros(3 * patterns, dtype=np.int64)
        number[used] = np.arange(len(used))
        status, pattern = np.divmod(used, patterns)
        k = len(controls.order)
        design = PatternedDesign(
            np.vstack([controls.shared[:, pattern], status > 0, status > 1]),
            number[wanted],
            controls.own,
            np.insert(controls.order, controls.few, [k, k + 1]),
        )
        return Likelihood(design, self.cells.successes, self.cells.failures, self.names)

    def studentised(self, chosen: Integers) -> float | None:
        """Return pilot:post over the root of its summed squared area scores; None where it cannot be had."""
        gram = self.trials.gram(chosen)
        if len(independent(gram)) < len(gram):
            return None
        likelihood = self.likelihood(chosen)
        found = maximise(likelihood, self.start, information=self.information.gram(chosen))
        inverse = None if isinstance(found, NotEstimated) else found.inverse
        if isinstance(found, NotEstimated) or inverse is None:
            return None
        parts = likelihood.residual(found.log_odds) * likelihood.design.times(inverse[:, -1])
        return _over_scores(float(found.coef[-1]), np.add.reduceat(parts, self.cells.starts[:-1]))

    def _moved(self, design: PatternedDesign, weight: Floats) -> _Moved:
        starts = self.cells.starts
        return _Moved(
            design.gram(weight), design.area_sums(weight, starts), design.area_sums(weight * self.post, starts)
        )


def _over_scores(effect: float, parts: Floats) -> float | None:
    size = float(np.sqrt((parts**2).sum()))
    return effect / size if size > 1e-12 * abs(effect) else None
