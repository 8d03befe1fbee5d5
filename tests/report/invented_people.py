"""Invented findings about people who were matched: two arms, three covariates, counts that add up."""

from dataclasses import replace

from invented import with_an_effect

from whatworked.findings.model import AfterStart, FlowStep, Population, QuestionFindings, SummaryRow
from whatworked.findings.people import (
    ArmMatch,
    BalanceFact,
    BaselineMean,
    CoarseningFact,
    LostFact,
    MatchingFindings,
)
from whatworked.vocabulary import Arm, Phase

BINS = {"age": ("below 4.5", "4.5 to 12.5", "above 12.5"), "sex": ("F", "M"), "ethnicity": ("W", "A, B", "O")}
LEVELS = {"sex": ("F", "M"), "ethnicity": ("W", "A", "B", "O")}
# Rows of each bin and those of them without a counterpart, by arm.
PILOT_BINS = {
    "age": ((300, 10), (500, 20), (200, 30)),
    "sex": ((560, 25), (440, 35)),
    "ethnicity": ((700, 12), (250, 20), (50, 28)),
}
OTHER_BINS = {
    "age": ((900, 40), (1500, 50), (800, 60)),
    "sex": ((1600, 70), (1600, 80)),
    "ethnicity": ((2400, 30), (600, 50), (200, 70)),
}
PILOT_CASES = {"sex": (280, 220), "ethnicity": (360, 80, 40, 20)}
OTHER_CASES = {"sex": (800, 700), "ethnicity": (1080, 240, 120, 60)}


def matched(
    *,
    pilot_bins=PILOT_BINS,
    other_bins=OTHER_BINS,
    pilot_cases=PILOT_CASES,
    other_cases=OTHER_CASES,
    persons=((620, 590), (2000, 1900)),
    copies=300,
    baseline=(500, 1500),
) -> MatchingFindings:
    """Return a matching whose bins make up its arms; `copies` rows of comparators are second copies of an event."""
    arms, lost, means = [], [], []
    sides = ((Arm.PILOT, pilot_bins, pilot_cases, 0), (Arm.COMPARATOR, other_bins, other_cases, copies))
    for place, (arm, bins, cases, twice) in enumerate(sides):
        rows, without = (sum(pair[i] for pair in bins["age"]) for i in (0, 1))
        kept = rows - without
        arms.append(
            ArmMatch(arm, rows, kept, rows - twice, kept - twice, *persons[place], 0.7 * kept, float(kept - twice))
        )
        lost += [
            LostFact(name, label, arm, *pair)
            for name in BINS
            for label, pair in zip(BINS[name], bins[name], strict=True)
        ]
        means.append(BaselineMean("age", None, arm, 8.1 + place / 10, baseline[place] - 20, None))
        means += [
            BaselineMean(name, level, arm, n / baseline[place], baseline[place], n)
            for name in LEVELS
            for level, n in zip(LEVELS[name], cases[name], strict=True)
        ]
    return MatchingFindings(
        people_matched=True,
        coarsening=(
            CoarseningFact("age", BINS["age"]),
            CoarseningFact("sex", ()),
            CoarseningFact("ethnicity", ("A, B",)),
        ),
        strata=120,
        matched_strata=90,
        arms=tuple(arms),
        l1_before=0.42,
        l1_after=0.27,
        lcs_before=0.48,
        lcs_after=0.61,
        counterpart_before=0.93,
        counterpart_after=0.97,
        cells_before=210,
        cells_after=170,
        rows_kept=sum(arm.matched_rows for arm in arms),
        persons_kept=sum(arm.matched_persons for arm in arms),
        weights_sum=sum(arm.weight for arm in arms),
        balance=(
            BalanceFact("age", 14, 0.31, 0.12, -0.46, -0.07, 0.81, 0.96),
            BalanceFact("sex[F]", 2, 0.12, 0.0, 0.24, 0.0, 0.98, 1.0),
            BalanceFact("sex[M]", 2, 0.12, 0.0, -0.24, 0.0, 0.98, 1.0),
            BalanceFact("ethnicity[W]", 4, 0.2, 0.06, 0.33, 0.04, 0.91, 1.01),
            BalanceFact("ethnicity[A]", 4, 0.2, 0.06, -0.18, -0.13, 0.77, 0.92),
            BalanceFact("ethnicity[B]", 4, 0.2, 0.06, -0.09, 0.02, 0.84, 1.03),
            BalanceFact("ethnicity[O]", 4, 0.2, 0.06, -0.21, None, 0.66, None),
        ),
        means=tuple(means),
        lost=tuple(lost),
    )


def of_people(matching: MatchingFindings | None = None) -> QuestionFindings:
    """Return a question about people, its flow and its means in step with its matching."""
    found = matching or matched()
    pilots, others = found.arms
    before, kept = pilots.rows + others.rows, pilots.matched_rows + others.matched_rows
    events = pilots.events + others.events
    persons = (pilots.persons + others.persons, pilots.matched_persons + others.matched_persons)
    question = with_an_effect()
    flow = (
        FlowStep("file", "every row of the file", events + 400),
        FlowStep("phases", "events of the settling-in leave", events, persons[0], 400),
        FlowStep("copies", "a comparator's events stand in every group", before, persons[0]),
        FlowStep("matching", "rows without a counterpart leave", kept, persons[1], before - kept),
    )
    first = {Arm.PILOT: 500, Arm.COMPARATOR: 1200}
    summary = tuple(
        SummaryRow(arm.arm, phase, 0.3, n, 4, n)
        for arm in found.arms
        for phase, n in (
            (Phase.BASELINE, first[arm.arm]),
            (Phase.POST, arm.matched_events - first[arm.arm]),
        )
    )
    return replace(
        question,
        unit="share",
        published=False,
        persons=persons[1],
        rows=kept,
        population=Population(flow),
        summary=summary,
        specifications=tuple(replace(one, rows=kept) for one in question.specifications),
        matching=found,
        after_start=AfterStart(0.3, 0.34, 0.31, 0.37, -0.04, "headline", 470),
    )
