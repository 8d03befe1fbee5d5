"""The people behind a notebook's regression: effects for them, and the errors and tests that need to know them."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from whatworked.cells import NotEstimated
from whatworked.diagnostics.hausman import hausman, mundlak
from whatworked.diagnostics.result import Test
from whatworked.diagnostics.serial_correlation import Sequence, correlation_of_fit, in_one_sequence, wooldridge
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
WOOLDRIDGE = "wooldridge"
DEMEANED = (
    'demeaning alone makes a person\'s residuals follow one another: where people have few rows, ask "wooldridge"'
)


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

    def test(self, name: str, *, order: int, one_sequence: bool) -> Test | NotEstimated:
        """Return a test by name."""
        names = (*SERIAL, *AGAINST_FIXED, WOOLDRIDGE)
        if name not in names:
            raise UsageError(Mistake("test", f'no test "{name}".', known(names, name)))
        if name == WOOLDRIDGE:
            return self._wooldridge()
        if name in AGAINST_FIXED:
            return self._against_fixed(name)
        return self._serial(name, order=order, one_sequence=one_sequence)

    def _serial(self, name: str, *, order: int, one_sequence: bool) -> Test | NotEstimated:
        fit = self.fit
        if self.seen.person is None:
            fit = replace(fit, person=np.zeros(len(fit.person), dtype=np.int64))
        elif one_sequence:
            fit = replace(fit, person=_in_order_of(self.seen.person, self.rows.person)[fit.used])
        correlation = in_one_sequence if one_sequence else correlation_of_fit
        found = correlation(fit, self._when(), order=order)
        if isinstance(found, NotEstimated):
            return found
        asked = {"serial_correlation": found.robust, "breusch_godfrey": found.n_r_squared}.get(name, found.f)
        if self.estimator == FIXED and isinstance(asked, Test):
            return replace(asked, note=DEMEANED)
        return asked

    def _wooldridge(self) -> Test | NotEstimated:
        if self.estimator != FIXED:
            advice = 'Ask it of a "fixed_effects" fit.'
            raise UsageError(Mistake("test", f'"{WOOLDRIDGE}" is about demeaned residuals.', advice))
        return wooldridge(self.fit, self._when())

    def _when(self) -> Sequence:
        given = np.arange(len(self.rows.outcome))
        return Sequence(given if self.seen.time is None else ranks(self.seen.time), given)

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


def _in_order_of(person: NDArray[Any], within: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return numbers (n,) for people within areas, in the order of their labels."""
    return np.unique(np.column_stack([ranks(person), within]), axis=0, return_inverse=True)[1].ravel()


def ranks(labels: NDArray[Any]) -> NDArray[np.int64]:
    """Return the place of each label (n,) among the different ones, as text where they are of several types."""
    try:
        return np.asarray(np.unique(labels, return_inverse=True)[1], dtype=np.int64)
    except TypeError:
        return np.asarray(np.unique([str(label) for label in labels], return_inverse=True)[1], dtype=np.int64)
