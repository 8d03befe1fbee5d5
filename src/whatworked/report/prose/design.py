"""How sure one can be, and whether the design was up to the question."""

from whatworked.disclosure.released import ReleasedSection
from whatworked.report.prose.fill import fill
from whatworked.report.prose.phrases import (
    Facts,
    capital,
    chance,
    change_of,
    count,
    flag,
    interval,
    number,
    size,
    whole,
    with_unit,
    words,
)


def how_sure(section: ReleasedSection) -> list[str]:
    """Return sentences on chance: the headline test, the source's test, and all of them together."""
    facts = section.facts
    if "not_estimated" in facts:
        return []
    sentences = [sentence for sentence in (_logit(facts), _headline(facts)) if sentence]
    if not flag(facts, "source_is_headline"):
        between = interval(number(facts, "source_low"), number(facts, "source_high"), words(facts, "unit"))
        sentences.append(
            f"The source's test, the one registered before the study, gives {chance(number(facts, 'source_p_value'))} "
            f"and a 95% interval of {between}."
        )
    below, counted = whole(facts, "tests_below"), whole(facts, "tests_counted")
    if counted:
        sentences.append(
            f"Of {count(counted, 'way')} of testing the estimate, {below or 'none'} would call it significant at "
            f"{_percent(facts)}; all of them stand side by side in the tables below."
        )
    return sentences


def reasons_of_rating(section: ReleasedSection) -> list[str]:
    """Return why the evidence is rated as it is."""
    return [capital(fill(passage)) for passage in section.passages.get("evidence", ())]


def design(section: ReleasedSection) -> list[str]:
    """Return sentences on what the comparison rests on."""
    facts = section.facts
    sentences = (_compared(facts), _readings(section), _trends(facts), _joint(facts), _power(facts))
    return [sentence for sentence in sentences if sentence]


def listed(section: ReleasedSection, subject: str) -> list[str]:
    """Return the sentences that a section holds about a subject."""
    return [capital(fill(passage)) for passage in section.passages.get(subject, ())]


def _logit(facts: Facts) -> str:
    """Return what a logit's effect is in log-odds, and how the answer above was made of it."""
    if facts.get("marginal_unit") is None:
        return ""
    estimate, odds = number(facts, "source_estimate"), number(facts, "odds_ratio")
    told = f"{change_of(estimate)} log-odds" if estimate else "an effect in log-odds that may not be shown"
    ratio = f", an odds ratio of {odds.text}" if odds else ""
    points = (
        f"the answer above is its average marginal effect, in {words(facts, 'marginal_unit')} over the pilots' rows "
        "after the start"
        if number(facts, "marginal") is not None
        else f"it could not be told in {words(facts, 'marginal_unit')}"
    )
    return (
        f"The main model is a logistic regression. It estimates {told}{ratio}; {points}. The tests are of the log-odds."
    )


def _headline(facts: Facts) -> str:
    p_value = number(facts, "p_value")
    if p_value is None:
        note = f": {words(facts, 'headline_note')}" if facts.get("headline_note") is not None else ""
        return f"The test that suits this number of areas gives no p-value{note}."
    low, high = number(facts, "low"), number(facts, "high")
    between = (
        f" and a 95% interval of {interval(low, high, words(facts, 'headline_unit'))}"
        if low or high
        else " and no interval"
    )
    return f"The headline test ({words(facts, 'method')}) gives {chance(p_value)}{between}."


def _compared(facts: Facts) -> str:
    settling = whole(facts, "periods_settling_in")
    left = f", with {count(settling, 'period')} of settling in left out" if settling else ""
    return (
        f"{capital(count(whole(facts, 'pilots'), 'pilot'))} were compared with "
        f"{count(whole(facts, 'comparators'), 'comparator')} over {count(whole(facts, 'periods_before'), 'period')} "
        f"before the start and {whole(facts, 'periods_after')} after it "
        f"({words(facts, 'first_period')} to {words(facts, 'last_period')}){left}."
    ).replace("One pilot were", "One pilot was")


def _readings(section: ReleasedSection) -> str:
    """Return how the question reads its outcome otherwise than the study's rule set."""
    chosen = [fill(passage) for passage in section.passages.get("readings", ())]
    return f"The question reads its outcome in its own way: {'; '.join(chosen)}." if chosen else ""


def _trends(facts: Facts) -> str:
    leads, alike = whole(facts, "leads"), whole(facts, "leads_insignificant")
    if not leads:
        return "Whether pilots and comparators moved alike before the start could not be tested."
    verdict = {
        "hold": "more than half, as the rule asks, so they are held to have moved alike",
        "fail": "not more than half, as the rule asks, so they are held not to have moved alike",
    }.get(words(facts, "leads_verdict"), "which settles nothing")
    chosen = " Comparators were chosen on these same periods, so the test is on the kind side."
    return (
        f"Of {count(leads, 'period')} tested before the start, {alike or 'none'} showed no significant difference "
        f"between pilots and comparators: {verdict}.{chosen if flag(facts, 'chosen_by_trend') else ''}"
    )


def _joint(facts: Facts) -> str:
    p_value = number(facts, "joint_p")
    if p_value is not None:
        level = facts.get("significance")
        against = isinstance(level, float) and p_value.value < level
        says = "which speaks against their having moved alike" if against else "which does not speak against it"
        return f"Tested together, those periods give {chance(p_value)}, {says}."
    if facts.get("joint_not_available") is not None:
        return f"A test of those periods together could not be run: {words(facts, 'joint_not_available')}."
    return ""


def _power(facts: Facts) -> str:
    drift, bias, rule = (number(facts, key) for key in ("drift_per_year", "bias_of_drift", "power_majority_rule"))
    if drift is None or bias is None or rule is None:
        return ""
    joint, unit = number(facts, "power_joint_test"), words(facts, "natural_unit")
    also = f", and the joint test in {_of_a_hundred(joint.value)}" if joint else ""
    return (
        f"Such tests miss much: had the pilots drifted away by {with_unit(size(drift), unit)} a year, which alone "
        f"would shift the estimate by {size(bias)}, the rule would have noticed in {_of_a_hundred(rule.value)} of 100 "
        f"studies like this one{also}."
    )


def _of_a_hundred(share: float) -> str:
    return f"{100 * share:.0f}"


def _percent(facts: Facts) -> str:
    level = facts.get("significance")
    return f"{100 * level:g}%" if isinstance(level, float) else "the chosen level"
