"""The people behind a notebook's regression: effects for them, and the errors and tests that need to know them."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from whatworked.cells import NotEstimated
from whatworked.diagnostics.hausman import hausman, mundlak
from whatworked.diagnostics.result import Test
from whatworked.diagnostics.serial_correlation import Sequence, serial_correlation
from whatworked.errors import Mistake, UsageError, known
from whatworked.estimation.estimate import Estimate
from whatworked.estimation.panel import fixed_effects
from whatworked.estimation.person import By, estimate_clustered, person_covariance, two_way_covariance
from whatworked.estimation.random_effects import RandomEffects, random_effects
from whatworked.estimation.rows import PanelRows, RowFit, fitted, grams_of
from whatworked.estimation.statistics import Floats

PanelEstimator = Literal["linear", "fixed_effects", "random_effects"]
LINEAR, FIXED, RANDOM = "linear", "fixed_effects", "random_effects"
SERIAL = ("serial_correlation", "breusch_godfrey", "breusch_godfrey_f")
AGAINST_FIXED = ("hausman", "mundlak")


@dataclass(frozen=True)
class Sightings:
    """Whom each row (n,) is about and when: labels, None where the table does not say."""

    person: NDArray[Any] | None = None
    time: NDArray[Any] | None = None


@dataclass(frozen=True)
class Panel:
    """The rows of a model before anything was taken out of them, and the fit on what was left.

    `left_out` counts the rows that only this model does without; `random` is there under random effects.
    """

    rows: PanelRows
    seen: Sightings
    fit: RowFit
    estimator: PanelEstimator
    left_out: Mapping[str, int]
    random: RandomEffects | None = None

    def covariance(self, kind: By) -> Floats:
        """Return the covariance (k, k) clustered on people, or on areas and people; NaN where it cannot be had."""
        self._needs_people(kind)
        found = person_covariance(self.fit) if kind == "person" else two_way_covariance(self.fit)
        k = self.fit.linear.k
        return np.full((k, k), np.nan) if isinstance(found, NotEstimated) else found

    def estimate(self, term: str, kind: By) -> Estimate | NotEstimated:
        """Return one coefficient with such an error, read against t of the fewest clusters less one."""
        self._needs_people(kind)
        return estimate_clustered(self.fit, term, "", by=kind)

    def test(self, name: str, *, order: int) -> Test | NotEstimated:
        """Return a test by name."""
        if name not in (*SERIAL, *AGAINST_FIXED):
            raise UsageError(Mistake("test", f'no test "{name}".', known((*SERIAL, *AGAINST_FIXED), name)))
        return self._serial(name, order) if name in SERIAL else self._against_fixed(name)

    def _serial(self, name: str, order: int) -> Test | NotEstimated:
        if self.estimator != LINEAR:
            raise UsageError(Mistake("test", f'"{name}" is about the pooled model.', 'Ask it of a "linear" fit.'))
        given = np.arange(len(self.rows.outcome))
        rows = self.rows
        if self.seen.person is None:
            rows = replace(rows, area=0 * given, unit=0 * given, person=0 * given)
        found = serial_correlation(rows, Sequence(_ranks(self.seen.time, given), given), order=order)
        if isinstance(found, NotEstimated):
            return found
        return {"serial_correlation": found.robust, "breusch_godfrey": found.n_r_squared}.get(name, found.f)

    def _against_fixed(self, name: str) -> Test | NotEstimated:
        if self.random is None:
            advice = 'Ask it of a "random_effects" fit.'
            raise UsageError(Mistake("test", f'"{name}" compares random effects with fixed ones.', advice))
        if name == "mundlak":
            return mundlak(self.rows, self.random)
        fixed = fixed_effects(self.rows, singletons="stay")
        return fixed if isinstance(fixed, NotEstimated) else hausman(fixed, self.random)

    def _needs_people(self, kind: str) -> None:
        if self.seen.person is None:
            found = f'"{kind}" needs to know who is who.'
            raise UsageError(Mistake("covariance", found, "Name the column of people: person=..."))


def fit_panel(rows: PanelRows, seen: Sightings, estimator: PanelEstimator) -> Panel:
    """Fit rows of positive weight by one of the estimators that know people; a model that cannot be had is an error.

    Source
    ------
    As `estimation.panel` and `estimation.random_effects`. Proof: tests/notebook/test_panel.py
    """
    if estimator == LINEAR:
        origin = float(np.round(rows.outcome.mean()))
        everyone = np.ones(len(rows.outcome), dtype=bool)
        outcome = rows.outcome - origin
        fit = fitted(rows, grams_of(rows, outcome, origin=origin), outcome=outcome, used=everyone)
        return Panel(rows, seen, fit, estimator, {})
    if seen.person is None:
        found = f'"{estimator}" needs to know who is who.'
        raise UsageError(Mistake("estimator", found, "Name the column of people: person=..."))
    if estimator == FIXED:
        fixed = fixed_effects(rows)
        if isinstance(fixed, NotEstimated):
            raise UsageError(Mistake("data", f"{fixed.reason}.", 'Fit a "linear" model instead.'))
        left_out = {"seen once": fixed.singletons} if fixed.singletons else {}
        return Panel(rows, seen, fixed.fit, estimator, left_out)
    random = random_effects(rows)
    if isinstance(random, NotEstimated):
        raise UsageError(Mistake("data", f"{random.reason}.", 'Fit a "linear" model instead.'))
    return Panel(rows, seen, random.fit, estimator, {}, random)


def within_areas(person: NDArray[Any] | None, area: NDArray[Any]) -> NDArray[np.int64]:
    """Return a number (n,) for each person within an area; every row its own where nobody is named."""
    if person is None:
        return np.arange(len(area))
    who = np.unique(np.array([str(label) for label in person]), return_inverse=True)[1]
    where = np.unique(area, return_inverse=True)[1]
    return np.asarray(np.unique(where * (int(who.max()) + 1) + who, return_inverse=True)[1], dtype=np.int64)


def _ranks(time: NDArray[Any] | None, given: NDArray[Any]) -> NDArray[Any]:
    return given if time is None else np.unique(time, return_inverse=True)[1]
