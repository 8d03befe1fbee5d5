"""Weighted means by arm: in each phase, and period by period beside what the pilots' would have been."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from whatworked.cells import NotEstimated
from whatworked.door.cells import AreaRows
from whatworked.estimation.estimate import Estimate
from whatworked.estimation.people import People
from whatworked.estimation.statistics import Cells, Flags, Floats
from whatworked.findings.model import AfterStart, CounterfactualRow, SummaryRow
from whatworked.findings.specifications import inference_rows
from whatworked.strands.impact import Impact
from whatworked.strands.variants import Analysis
from whatworked.vocabulary import Arm, Period, Phase, phase_of


def summary_rows(main: Analysis, rows: AreaRows) -> tuple[SummaryRow, ...]:
    """Return the weighted mean of the outcome in each arm and phase, with the people or figures behind it.

    Of people's records each event counts once, whatever its copies and weights.
    """
    cells = main.sample.cells
    found = []
    for arm in Arm:
        for phase, post in ((Phase.BASELINE, False), (Phase.POST, True)):
            mine = cells.keep((cells.pilot[cells.area] == (arm is Arm.PILOT)) & (cells.post == post) & cells.used)
            weight = float(mine.weight.sum())
            mean = float(mine.total.sum()) / weight + cells.origin if weight > 0 else None
            areas = len(set(mine.area.tolist()))
            if main.sample.matched is not None:
                people = main.sample.matched.people
                side = people.treated if arm is Arm.PILOT else ~people.treated
                n = events_of(people, side & (people.post == post))
                found.append(SummaryRow(arm, phase, mean, n, areas, n))
            else:
                found.append(SummaryRow(arm, phase, mean, *_figures(mine, rows, areas)))
    return tuple(found)


def events_of(people: People, rows: Flags) -> int:
    """Return how many events stand behind rows, those that weigh something."""
    return len(np.unique(people.event[rows & (people.weight > 0)]))


def _figures(cells: Cells, rows: AreaRows, areas: int) -> tuple[int, int, int | None]:
    """Return the figures, areas and people behind cells of areas."""
    pairs = {(int(a), int(p)) for a, p in zip(cells.area, cells.period, strict=True)}
    chosen = np.array([(int(a), int(p)) in pairs for a, p in zip(rows.area, rows.period, strict=True)], dtype=bool)
    return len(pairs), areas, _people(rows, chosen)


def _people(rows: AreaRows, chosen: "np.ndarray[tuple[int], np.dtype[np.bool_]]") -> int | None:
    """Return the people behind rows, None where any of them has no count."""
    counts = rows.people[chosen]
    return int(counts.sum()) if len(counts) and np.isfinite(counts).all() else None


@dataclass(frozen=True)
class _Period:
    """Means of both arms in a period, the people behind them, and the share of the pilots' weight that is post."""

    pilots: float | None
    comparators: float | None
    pilot_people: int | None
    comparator_people: int | None
    post_share: float


def counterfactual_rows(impact: Impact, *, events: bool) -> tuple[CounterfactualRow, ...]:
    """Lay the pilots' mean beside what it would have been without the headline effect, period by period.

    Where people were matched the means are those of matched rows, with their weights; a settling-in has none. A logit
    moves them by its average marginal effect.
    """
    if impact.main is None:
        return ()
    effect = _effect_in_unit(impact.main)
    rows, matched = impact.rows, impact.main.sample.matched
    if matched is not None and matched.rules:
        found = [_of_people(matched.people, t) for t in range(len(rows.periods))]
    else:
        weighed = impact.question.weight == "denominator"
        own = rows.people if events else rows.denominator if weighed else np.ones(len(rows.value))
        found = [_of_areas(impact, t, own=own) for t in range(len(rows.periods))]
    return tuple(_row(impact, period, one, effect) for period, one in zip(rows.periods, found, strict=True))


def after_start(impact: Impact, summary: Sequence[SummaryRow]) -> AfterStart | None:
    """Return the pilots' mean after the start beside what it would have been; None where no effect is in its unit."""
    main = impact.main
    observed = next((row for row in summary if (row.arm, row.phase) == (Arm.PILOT, Phase.POST)), None)
    if main is None or observed is None or observed.mean is None:
        return None
    told = _effect_in_unit(main)
    interval: Literal["headline", "source", "marginal"] = "headline"
    if main.model.average_marginal_effect is not None:
        interval = "marginal"
    elif isinstance(main.effect, Estimate) and (told is None or None in told):
        told, interval = (main.effect.estimate, main.effect.conf_low, main.effect.conf_high), "source"
    effect, low, high = told or (None, None, None)
    if effect is None:
        return None
    return AfterStart(
        pilots=observed.mean,
        counterfactual=observed.mean - effect,
        conf_low=None if high is None else observed.mean - high,
        conf_high=None if low is None else observed.mean - low,
        effect=effect,
        interval=interval,
        people=observed.people,
    )


def _effect_in_unit(main: Analysis) -> tuple[float | None, float | None, float | None] | None:
    """Return the effect that is taken off the pilots' mean, in its unit: of a logit the average marginal effect."""
    marginal = main.model.average_marginal_effect
    if isinstance(marginal, NotEstimated):
        return None
    if marginal is not None:
        return marginal.estimate, marginal.conf_low, marginal.conf_high
    headline = next((row for row in inference_rows(main) if row.headline), None)
    return None if headline is None else (headline.estimate, headline.conf_low, headline.conf_high)


def _of_people(people: People, t: int) -> _Period:
    """Return the weighted means of matched rows in a period."""
    means: list[float | None] = []
    counts = []
    share = 0.0
    for side in (people.treated, ~people.treated):
        mine = side & (people.period == t) & (people.weight > 0)
        weight = people.weight[mine]
        counts.append(events_of(people, mine))
        means.append(float(np.average(people.outcome[mine], weights=weight)) + people.origin if mine.any() else None)
        if side[mine].any() and len(counts) == 1:
            share = float(weight[people.post[mine]].sum() / weight.sum())
    return _Period(means[0], means[1], counts[0], counts[1], share)


def _of_areas(impact: Impact, t: int, *, own: Floats) -> _Period:
    """Return the means of all figures, or of all people, of the areas in a period."""
    rows, groups = impact.rows, impact.matches.groups
    pilots = {group.pilot.area: group.pilot for group in groups}
    sides = (set(pilots), {area for group in groups for area in group.comparators})
    chosen = [
        (rows.period == t)
        & np.isin(rows.area, [i for i, code in enumerate(rows.areas) if code in codes])
        & np.isfinite(own)
        for codes in sides
    ]
    means = [float(np.average(rows.value[mine], weights=own[mine])) if own[mine].sum() > 0 else None for mine in chosen]
    period, mine = rows.periods[t], chosen[0]
    post = {code for code, pilot in pilots.items() if phase_of(period, pilot.start, pilot.embedded) is Phase.POST}
    after = np.array([rows.areas[a] in post for a in rows.area[mine]], dtype=bool)
    share = float(own[mine][after].sum() / own[mine].sum()) if own[mine].sum() > 0 else 0.0
    return _Period(means[0], means[1], _people(rows, mine), _people(rows, chosen[1]), share)


def _row(
    impact: Impact, period: Period, one: _Period, effect: tuple[float | None, float | None, float | None] | None
) -> CounterfactualRow:
    observed = one.pilots
    shifts: tuple[float | None, ...] = (None, None, None)
    if effect is not None and one.post_share > 0 and observed is not None:
        order = (effect[0], effect[2], effect[1])
        shifts = tuple(None if part is None else observed - one.post_share * part for part in order)
    estimate, low, high = shifts
    pilots = [group.pilot for group in impact.matches.groups]
    every = {phase_of(period, pilot.start, pilot.embedded) for pilot in pilots}
    phase = Phase.POST if Phase.POST in every else Phase.BASELINE if every == {Phase.BASELINE} else Phase.SETTLING_IN
    people = (one.pilot_people, one.comparator_people)
    return CounterfactualRow(period.label, phase, observed, one.comparators, estimate, low, high, *people)
