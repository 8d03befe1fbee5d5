"""Invented findings for the tests of what is shown: four pilots, eight comparators, seven years, two questions.

The first question has a fall of 14 per 10,000 children, the second no evidence of a change and a pilot without
a comparator. Every area, figure and name is made up; the arithmetic is simple, so that a test can redo it.
"""

from collections.abc import Sequence
from dataclasses import replace

from whatworked.disclosure.profile import Limits
from whatworked.findings.area_match import AreaMatch, AreaName, Candidate, DroppedPilot, Group
from whatworked.findings.model import (
    AfterStart,
    CounterfactualRow,
    DecisionFact,
    DroppedTermFact,
    Effect,
    Evidence,
    Findings,
    FlowStep,
    InferenceRow,
    LeftOut,
    NotEstimatedFact,
    NotRunFact,
    PeriodFacts,
    Population,
    QualityRow,
    QuestionFindings,
    SeriesRow,
    SpecificationFindings,
    StudyFacts,
    SummaryRow,
    TestFact,
)
from whatworked.vocabulary import Arm, Estimator, Method, Phase, Rating, Role

LIMITS = Limits("srs", 10, 10, "[c]")
YEARS = (2013, 2014, 2015, 2016, 2017, 2018, 2019)
PHASES = {2017: Phase.SETTLING_IN, 2018: Phase.POST, 2019: Phase.POST}
PILOTS = {"E0601": "Alderbrook", "E0602": "Brackenford", "E0603": "Coldharbour", "E0604": "Dunmere"}
COMPARATORS = {
    "E0711": "Easterby",
    "E0712": "Farrowdale",
    "E0713": "Greywell",
    "E0714": "Hollin Vale",
    "E0715": "Inchcombe",
    "E0716": "Jarrowby",
    "E0717": "Kelmarsh",
    "E0718": "Langrick",
}
UNUSED = {"E0721": "Marlingate", "E0722": "Netherbury", "E0723": "Oxcombe"}
UNIT = "per 10,000 children"
SOURCE = "Invented statistics of no department, release of 2020."
WAVE = (0.0, 1.3, 0.4, 2.2, 1.1, 2.9, 3.4)


def invented(*, publish_names: bool = True) -> Findings:
    """Return the findings of the invented study."""
    return Findings(
        study=StudyFacts(
            title="Did the Harbour model reduce child protection plans?",
            question="Did the Harbour model reduce child protection plans in the four areas that took it up in 2016?",
            intervention="the Harbour model",
            owner="The evaluation unit",
            version="2",
            protocol_hash="9f2c" * 16,
            seed=2016,
            publish_names=publish_names,
            limits=("Four pilots are few: only a large and steady difference could be told from chance.",),
        ),
        rule_set="as_reported",
        significance=0.05,
        stars=(("*", 0.1), ("**", 0.05), ("***", 0.01)),
        disclosure=LIMITS.to_dict(),
        questions=(with_an_effect(), without_an_effect()),
    )


def with_an_effect() -> QuestionFindings:
    """Return the question with a fall of 14 per 10,000."""
    groups = _groups(tuple(PILOTS))
    series = _series(groups, level=48.0, effect=-14.0)
    main = _specification("main", Role.MAIN, (-13.97, 3.41), groups, p_values=(0.002, 0.008))
    return QuestionFindings(
        key="plans",
        title="Did it reduce the number of children on a child protection plan?",
        outcome="child protection plans at 31 March",
        better="lower",
        unit=UNIT,
        source=SOURCE,
        published=True,
        exploratory=False,
        concerns=("Two comparators changed their recording system in 2015.",),
        population=_population(),
        quality=(QualityRow("value marked c in the file", 17, "left out as missing"),),
        periods=tuple(PeriodFacts(str(y), f"{y - 1}-04-01", f"{y}-03-31") for y in YEARS),
        names=_names(),
        areas=AreaMatch(groups, (), _candidates(groups)),
        rows=72,
        persons=None,
        incidence=None,
        summary=_summary(series),
        series=series,
        counterfactual=_counterfactual(series, effect=-13.97, half=7.6),
        leave_one_area_out=_leave_one_out(groups, effect=-13.97),
        tests=_trend_tests(insignificant=3, joint_p=0.412),
        decisions=_decisions("trends_hold", insignificant=3, scope="primary_and_sensitivity"),
        specifications=(main, *_others(groups, effect=-13.97)),
        evidence=Evidence(
            Rating.MODERATE,
            (
                "the difference is significant at {significance:.0%} by the pre-registered test (p = {source_p:.3f})",
                "one step down: {concerns} concern(s) about the quality of the data",
            ),
            {"significance": 0.05, "source_p": 0.002, "concerns": 1},
        ),
        after_start=_after_start(series, main),
    )


def without_an_effect() -> QuestionFindings:
    """Return the question without evidence of an effect, with one pilot that found no comparator."""
    groups = _groups(tuple(PILOTS)[:3])
    series = _series(groups, level=510.0, effect=-5.0)
    main = _specification("main", Role.MAIN, (-5.2, 16.4), groups, p_values=(0.76, 0.71), headline=Method.COLLAPSED_T)
    return QuestionFindings(
        key="referrals",
        title="Did referrals change? (a contrast: the model begins after the referral)",
        outcome="referrals",
        better="neither",
        unit=UNIT,
        source=SOURCE,
        published=True,
        exploratory=False,
        concerns=(),
        population=_population(),
        quality=(),
        periods=tuple(PeriodFacts(str(y), f"{y - 1}-04-01", f"{y}-03-31") for y in YEARS),
        names=_names(),
        areas=AreaMatch(
            groups,
            (DroppedPilot("E0604", "of 11 candidates 8 were too far in trend and 3 had another slope"),),
            _candidates(groups),
        ),
        rows=54,
        persons=None,
        incidence=None,
        summary=_summary(series),
        series=series,
        counterfactual=_counterfactual(series, effect=-5.2, half=41.0),
        leave_one_area_out=_leave_one_out(groups, effect=-5.2),
        tests=_trend_tests(insignificant=2, joint_p=None),
        decisions=_decisions("trends_hold", insignificant=2, scope="primary_only"),
        specifications=(main, *_others(groups, effect=-5.2)),
        evidence=Evidence(
            Rating.NO_EVIDENCE,
            ("the difference is not significant at {significance:.0%} by the source's test (p = {source_p:.3f})",),
            {"significance": 0.05, "source_p": 0.76},
        ),
        not_run=(NotRunFact("without Dunmere", "it has no comparator in this question"),),
        after_start=_after_start(series, main),
    )


def with_question(findings: Findings, question: QuestionFindings) -> Findings:
    """Return the findings with one question in place of all."""
    return replace(findings, questions=(question,))


def phase(year: int) -> Phase:
    """Return the phase of a year."""
    return PHASES.get(year, Phase.BASELINE)


def _names() -> tuple[AreaName, ...]:
    pilots = tuple(AreaName(code, Arm.PILOT, name) for code, name in PILOTS.items())
    return pilots + tuple(AreaName(code, Arm.COMPARATOR, name) for code, name in (COMPARATORS | UNUSED).items())


def _groups(pilots: Sequence[str]) -> tuple[Group, ...]:
    codes = list(COMPARATORS)
    return tuple(
        Group(pilot, (codes[2 * i + 1], codes[2 * i]), (0.111 + i / 20, 0.222 + i / 20))
        for i, pilot in enumerate(pilots)
    )


def _series(groups: Sequence[Group], *, level: float, effect: float) -> tuple[SeriesRow, ...]:
    rows = []
    for g, group in enumerate(groups):
        for a, area in enumerate((group.pilot, *group.comparators)):
            for t, year in enumerate(YEARS):
                value = level + 3.7 * g - 2.3 * a + WAVE[t] * (1 + 0.1 * a) + 0.31 * ((t * 7 + a * 3 + g) % 5)
                if a == 0:
                    value += {Phase.POST: effect, Phase.SETTLING_IN: effect / 2}.get(phase(year), 0.0)
                arm = Arm.COMPARATOR if a else Arm.PILOT
                missing = (g, a, year) == (1, 2, 2015)
                rows.append(
                    SeriesRow(
                        group.pilot,
                        area,
                        arm,
                        str(year),
                        phase(year),
                        None if missing else round(value, 4),
                        None if missing else 150 + 3 * t + a,
                        "c" if missing else None,
                    )
                )
    return tuple(rows)


def _mean(series: Sequence[SeriesRow], arm: Arm, years: Sequence[str]) -> float:
    values = [row.value for row in series if row.arm is arm and row.period in years and row.value is not None]
    return sum(values) / len(values)


def _summary(series: Sequence[SeriesRow]) -> tuple[SummaryRow, ...]:
    found = []
    for arm in Arm:
        for which in (Phase.BASELINE, Phase.POST):
            years = [str(year) for year in YEARS if phase(year) is which]
            areas = {row.area for row in series if row.arm is arm}
            found.append(SummaryRow(arm, which, _mean(series, arm, years), len(areas) * len(years), len(areas), 4321))
    return tuple(found)


def _after_start(series: Sequence[SeriesRow], main: SpecificationFindings) -> AfterStart:
    observed = next(row for row in _summary(series) if (row.arm, row.phase) == (Arm.PILOT, Phase.POST))
    best = next(row for row in main.inference if row.headline)
    low, high = observed.mean - best.conf_high, observed.mean - best.conf_low
    return AfterStart(
        observed.mean, observed.mean - best.estimate, low, high, best.estimate, "headline", observed.people
    )


def _counterfactual(series: Sequence[SeriesRow], *, effect: float, half: float) -> tuple[CounterfactualRow, ...]:
    found = []
    for year in YEARS:
        pilots, comparators = (_mean(series, arm, [str(year)]) for arm in Arm)
        after = phase(year) is Phase.POST
        found.append(
            CounterfactualRow(
                str(year),
                phase(year),
                pilots,
                comparators,
                pilots - effect if after else None,
                pilots - effect - half if after else None,
                pilots - effect + half if after else None,
                611,
                1204,
            )
        )
    return tuple(found)


def _leave_one_out(groups: Sequence[Group], *, effect: float) -> tuple[LeftOut, ...]:
    areas = [(group.pilot, Arm.PILOT) for group in groups]
    areas += [(area, Arm.COMPARATOR) for group in groups for area in group.comparators]
    return tuple(LeftOut(area, arm, effect + 0.37 * (i - 4)) for i, (area, arm) in enumerate(areas))


def _effect(term: str, estimate: float, std_error: float, *, p_value: float = 0.2) -> Effect:
    half = 2.2 * std_error
    return Effect(
        term, estimate, UNIT, std_error, 11.0, estimate / std_error, p_value, estimate - half, estimate + half
    )


def _specification(
    name: str,
    role: Role,
    effect: tuple[float, float],
    groups: Sequence[Group],
    *,
    p_values: tuple[float, float],
    headline: Method = Method.WILD_RESTRICTED,
) -> SpecificationFindings:
    estimate, std_error = effect
    source = _effect("pilot:post", estimate, std_error, p_value=p_values[0])
    comparators = sum(len(group.comparators) for group in groups)
    terms = (
        _effect("(intercept)", 47.113, 1.871, p_value=0.0001),
        _effect("pilot", 2.217, 2.913, p_value=0.46),
        _effect("post", 3.019, 0.894, p_value=0.006),
        source,
        _effect("period[2014]", 1.417, 0.519, p_value=0.021),
    )
    return SpecificationFindings(
        name=name,
        role=role,
        estimator=Estimator.LINEAR,
        rows=72,
        persons=None,
        areas=len(groups) + comparators,
        pilots=len(groups),
        comparators=comparators,
        residual_df=63.0,
        r_squared=0.4318,
        effect=source,
        terms=terms,
        dropped_terms=(DroppedTermFact("period[2019]", "collinear with the terms before it"),),
        inference=_inference(source, p_values, headline=headline),
    )


def _inference(source: Effect, p_values: tuple[float, float], *, headline: Method) -> tuple[InferenceRow, ...]:
    low, high, error = source.conf_low, source.conf_high, source.std_error
    estimate, p, best = source.estimate, *p_values
    rows = (
        InferenceRow(Method.CR1, False, estimate, error, 11.0, p, low, high, "errors clustered on areas"),
        InferenceRow(Method.CR2, False, estimate, error * 1.1, 5.4, p * 1.2, low - 1, high + 1),
        InferenceRow(Method.CR3, False, estimate, error * 1.2, 11.0, p * 1.3, low - 1.5, high + 1.5),
        InferenceRow(
            Method.WILD_RESTRICTED, False, estimate, None, None, best, low - 0.7, high + 0.4, "all sign vectors: 4,096"
        ),
        InferenceRow(
            Method.RANDOMISATION, False, estimate, None, None, 0.0123 + best, None, None, "all assignments: 81"
        ),
        InferenceRow(Method.COLLAPSED_T, False, estimate + 0.6, error * 1.05, 10.0, best * 1.01, low, high + 1.2),
        InferenceRow(Method.STACKED, False, estimate - 0.2, error, 11.0, p, low, high),
    )
    return tuple(replace(row, headline=row.method is headline) for row in rows)


def _others(groups: Sequence[Group], *, effect: float) -> tuple[SpecificationFindings, ...]:
    leads = _specification("leads and lags", Role.LEADS, (effect, 3.5), groups, p_values=(0.5, 0.5))
    terms = [_effect("(intercept)", 46.9, 1.9, p_value=0.0001)]
    for k in (-4, -3, -2, 0, 1):
        size = effect * (1 + 0.1 * k) if k >= 0 else 0.6 * ((k * 3) % 4 - 1.5)
        terms.append(_effect(f"pilot:k={k}", size, 2.6, p_value=0.01 if k >= 0 else 0.4))
    leads = replace(
        leads, terms=tuple(terms), effect=NotEstimatedFact("there is one effect a period: see the terms"), inference=()
    )
    lags = replace(leads, name="lags", role=Role.LAGS, terms=tuple(terms[-2:]), note="the effects after the start")
    without = [
        _specification(
            f"without {PILOTS[group.pilot]}", Role.SENSITIVITY, (effect + 1.1 * i, 3.9), groups, p_values=(0.01, 0.03)
        )
        for i, group in enumerate(groups)
    ]
    return (leads, lags, *without)


def _candidates(groups: Sequence[Group]) -> tuple[Candidate, ...]:
    found = []
    for group in groups:
        for i, area in enumerate(COMPARATORS | UNUSED):
            chosen = area in group.comparators
            distance = group.distances[group.comparators.index(area)] if chosen else 0.45 + i / 13
            reason = "chosen" if chosen else "its trend is too far from the pilot's"
            found.append(
                Candidate(group.pilot, area, distance, 0.7 + i / 17, 0.21 - i / 11, 0.3 + i / 40, chosen, reason)
            )
        found.append(Candidate(group.pilot, "E0799", None, None, None, None, False, "its baseline series has gaps"))
    return tuple(found)


def _trend_tests(*, insignificant: int, joint_p: float | None) -> tuple[TestFact, ...]:
    note = "number of leads not significant, of all leads; a strict majority is asked for"
    joint = TestFact("leads_joint", 1.27, (3.0, 8.0), joint_p, "no difference found", "two-sample Hotelling test")
    if joint_p is None:
        joint = TestFact("leads_joint", None, (), None, "not available", "more leads than areas less two")
    return (
        TestFact("leads_insignificant", float(insignificant), (3.0,), None, "hold", note),
        joint,
        TestFact("drift_per_year", 1.7, (), None, "assumed", "drift of the pilots that the power is stated for"),
        TestFact("bias_of_drift", 6.1, (), None, "implied", "what that drift would add to the estimate"),
        TestFact("power_majority_rule", 0.137, (), None, "power", "share of studies in which the rule would notice it"),
        TestFact(
            "power_joint_test", None, (), None, "not available", "share of studies in which the test would notice"
        ),
    )


def _decisions(trends: str, *, insignificant: int, scope: str) -> tuple[DecisionFact, ...]:
    return (
        DecisionFact(
            "trends",
            trends,
            ("{insignificant} of {leads} leads are not significant at {significance:.0%}",),
            {"leads": 3, "insignificant": insignificant, "significance": 0.05},
            ("trends_fail: half of the leads or more are significant",),
        ),
        DecisionFact(
            "scope",
            scope,
            ("{pilots} pilots and {comparators} comparators are left, at least {min_areas} on either side",),
            {"pilots": 4, "comparators": 8, "min_areas": 3, "exploratory": False},
            ("primary_only: fewer than {min_areas} pilots or comparators, or an exploratory question",),
        ),
        DecisionFact(
            "inference",
            "wild_restricted",
            ("{pilots} pilots and {comparators} comparators, none with over {heavy:.0%} of its side's weight",),
            {"pilots": 4, "comparators": 8, "few": 4, "heavy": 0.5},
            ("collapsed_t: fewer than {few} areas on a side, or one with over {heavy:.0%} of its side's weight",),
        ),
    )


def _population() -> Population:
    return Population(
        (
            FlowStep("file", "every row of the file", 1067),
            FlowStep("areas compared", "rows of the pilots and comparators", 84, left_out=983),
            FlowStep("phases", "rows of the settling-in leave", 72, left_out=12),
        )
    )
