"""Choosing comparator areas by trend: the areas whose baseline series moved most like the pilot's."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import inf

import numpy as np
from numpy.typing import NDArray
from scipy.special import stdtr

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]

LEAST_PERIODS = 3


@dataclass(frozen=True)
class Panel:
    """Areas by periods: `values` (A, T) with NaN where missing, `settled` (A,) whether the code spans the study.

    `times` (T,) is each period's place in the calendar, so that slopes count a gap as the gap it is.
    """

    areas: tuple[str, ...]
    times: NDArray[np.int64]
    values: Floats
    settled: Flags


@dataclass(frozen=True)
class TrendRules:
    """What a comparator must satisfy; `significance` 0 switches the slope rule off, `max_distance` inf the ceiling."""

    comparators_per_pilot: int | None = 2
    max_distance: float = 0.5
    significance: float = 0.05


@dataclass(frozen=True)
class Search:
    """Every area as a candidate for one pilot, in the order of `areas`; NaN where it was not eligible.

    `distance` and `level_distance` are in units of `scale`, the root mean square of the demeaned series;
    `slope_difference` in units of the outcome a period.
    """

    pilot: str
    areas: tuple[str, ...]
    distance: Floats
    level_distance: Floats
    slope_difference: Floats
    slope_p_value: Floats
    reason: tuple[str, ...]
    chosen: tuple[str, ...]
    scale: float

    def distance_of(self, area: str) -> float:
        """Return the trend distance of an area, NaN where it was not eligible."""
        return float(self.distance[self.areas.index(area)]) if area in self.areas else float("nan")


def search(panel: Panel, pilot: str, baseline: Flags, *, barred: Mapping[str, str], rules: TrendRules) -> Search | str:
    """Rank all areas by the distance of their baseline trend from a pilot's, and choose.

    The distance is √(mean over the baseline of (ỹ_p − ỹ_c)²) ÷ s with ỹ a series less its own baseline mean and
    s = √(mean of ỹ² over the pilot and its eligible candidates). The closest areas under the ceiling whose slope
    difference is not significant are chosen; ties go by area code.

    Parameters
    ----------
    panel : the series; only its baseline periods are read
    pilot : code of the pilot
    baseline : (T,) which periods are the pilot's baseline
    barred : areas that may not be comparators, with the reason
    rules : ceiling, slope rule and number of comparators

    Returns
    -------
    Search, or the reason why the pilot's own series cannot be matched.

    Source
    ------
    Definitions of this project, decision 0012; the slope test is ordinary
    least squares of the difference on time with T − 2 degrees of freedom. Proof: tests/matching/test_trends.py
    """
    if pilot not in panel.areas:
        return "it has no series in the records"
    values, times = panel.values[:, baseline], panel.times[baseline].astype(float)
    own = panel.areas.index(pilot)
    if len(times) < LEAST_PERIODS:
        return f"it has fewer than {LEAST_PERIODS} baseline periods"
    if not np.isfinite(values[own]).all():
        return "its baseline series has gaps"
    reasons = _eligibility(panel, values, pilot, barred)
    eligible = np.array([reason == "" for reason in reasons])
    centred = values - values.mean(axis=1, keepdims=True)
    judged = eligible.copy()
    judged[own] = True
    scale = float(np.sqrt((centred[judged] ** 2).mean()))
    gaps = values[own] - values
    distance = _divided(np.sqrt(((centred[own] - centred) ** 2).mean(axis=1)), scale)
    level = _divided(np.abs(gaps.mean(axis=1)), scale)
    slope, p_value = _slopes(gaps, times)
    for column in (distance, level, slope, p_value):
        column[~eligible] = np.nan
    verdicts, chosen = _choose(panel.areas, distance, p_value, reasons, rules)
    return Search(pilot, panel.areas, distance, level, slope, p_value, verdicts, chosen, scale)


def _eligibility(panel: Panel, values: Floats, pilot: str, barred: Mapping[str, str]) -> list[str]:
    complete: Flags = np.all(np.isfinite(values), axis=1)
    reasons = []
    for i, area in enumerate(panel.areas):
        if area == pilot:
            reasons.append("it is the pilot itself")
        elif area in barred:
            reasons.append(barred[area])
        elif not panel.settled[i]:
            reasons.append("its code begins or ends inside the study's periods")
        elif not complete[i]:
            reasons.append("its baseline series has gaps")
        else:
            reasons.append("")
    return reasons


def _divided(distance: Floats, scale: float) -> Floats:
    """Return distances in units of `scale`; where no series moves at all they are 0 already."""
    return distance / scale if scale > 0 else distance.copy()


def _slopes(gaps: Floats, times: Floats) -> tuple[Floats, Floats]:
    """Return slope (A,) of each row on time and its two-sided p-value on T − 2 degrees of freedom."""
    x = times - times.mean()
    centred = gaps - gaps.mean(axis=1, keepdims=True)
    slope = centred @ x / (x @ x)
    left = ((centred - slope[:, None] * x) ** 2).sum(axis=1)
    error = np.sqrt(left / (len(x) - 2) / (x @ x))
    # a difference that is a straight line to rounding: its slope is certain, or exactly none
    straight = left <= 1e-24 * np.maximum((gaps**2).sum(axis=1), 1e-300)
    flat = np.abs(slope) * np.sqrt(x @ x) <= 1e-12 * np.sqrt(np.maximum((gaps**2).sum(axis=1), 1e-300))
    with np.errstate(divide="ignore", invalid="ignore"):
        p_value = 2 * stdtr(len(x) - 2, -np.abs(slope / error))
    return slope, np.where(straight, np.where(flat, 1.0, 0.0), p_value)


def _choose(
    areas: Sequence[str], distance: Floats, p_value: Floats, reasons: list[str], rules: TrendRules
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    order = sorted(np.flatnonzero(np.isfinite(distance)).tolist(), key=lambda i: (distance[i], areas[i]))
    most = len(order) if rules.comparators_per_pilot is None else rules.comparators_per_pilot
    chosen: list[str] = []
    for i in order:
        if rules.max_distance < inf and not distance[i] < rules.max_distance:
            reasons[i] = "its trend is too far from the pilot's"
        elif p_value[i] < rules.significance:
            reasons[i] = "its slope differs from the pilot's"
        elif len(chosen) >= most:
            reasons[i] = "closer areas filled the places"
        else:
            reasons[i] = "chosen"
            chosen.append(areas[i])
    return tuple(reasons), tuple(chosen)


def none_left(found: Search) -> str:
    """Return why a pilot is left without a comparator, from what was said of its candidates."""
    eligible = int(np.isfinite(found.distance).sum())
    if not eligible:
        return "no area has a complete baseline series and may be a comparator"
    far = sum(reason == "its trend is too far from the pilot's" for reason in found.reason)
    steep = sum(reason == "its slope differs from the pilot's" for reason in found.reason)
    if not steep:
        return f"all {eligible} candidates were too far in trend"
    if not far:
        return f"all {eligible} candidates had another slope"
    return f"of {eligible} candidates {far} were too far in trend and {steep} had another slope"
