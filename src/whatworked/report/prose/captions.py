"""The message above each figure, and the words that stand for it where it cannot be seen."""

from whatworked.disclosure.released import Number, ReleasedSection, ReleasedTable
from whatworked.report.prose.answer import NO_CAUSAL_READING
from whatworked.report.prose.phrases import change_of, count, flag, number, whole, with_unit, words

BELOW = "The figures are in the table below it."


def trends_message(section: ReleasedSection) -> str:
    """Return the message of the figure of every matched group."""
    verdict = words(section.facts, "leads_verdict")
    if verdict == "hold":
        return "Pilots and comparators pass the test of moving alike before the start"
    if verdict == "fail":
        return "Pilots and comparators fail the test of moving alike before the start"
    return "Each pilot beside its comparators"


def counterfactual_message(section: ReleasedSection) -> str:
    """Return the message of the figure of the pilots against their counterfactual."""
    facts = section.facts
    estimate = number(facts, "estimate")
    if words(facts, "rating") == NO_CAUSAL_READING or estimate is None:
        return f"The gap after the start cannot be read as the effect of {words(facts, 'intervention')}"
    side = "below" if estimate.value < 0 else "above"
    told = flag(facts, "significant") and flag(facts, "source_significant") is not False
    if told:
        return f"After the start, the pilots lay {side} what the comparators' path implies"
    return "After the start, the pilots cannot be told from what the comparators' path implies"


def event_study_message(section: ReleasedSection, table: ReleasedTable) -> str:
    """Return the message of the event study: in how many periods the interval leaves zero out."""
    before = [row for row in table.records() if _place(row["k"]) < 0]
    after = [row for row in table.records() if _place(row["k"]) >= 0]
    clear = [sum(_clear(row["conf_low"], row["conf_high"]) for row in rows) for rows in (before, after)]
    tested = [sum(isinstance(row["conf_low"], Number) for row in rows) for rows in (before, after)]
    return (
        f"A clear gap in {clear[0] or 'none'} of {count(tested[0], 'period')} before the start and in "
        f"{clear[1] or 'none'} of {tested[1]} after it"
    )


def leave_one_out_message(section: ReleasedSection, table: ReleasedTable) -> str:
    """Return the message of the figure that leaves out each area in turn."""
    found = [cell for row in table.records()[1:] if isinstance(cell := row["estimate"], Number)]
    unit = words(section.facts, "unit")
    if not found:
        return "The estimate without each area"
    least, most = min(found, key=lambda n: n.value), max(found, key=lambda n: n.value)
    between = with_unit(f"{change_of(least)} and {change_of(most)}", unit)
    if least.value < 0 < most.value:
        return f"Leaving out one area can turn the direction: the estimate lies between {between}"
    return f"Whichever area is left out, the estimate lies between {between}"


def trends_alt(section: ReleasedSection, groups: list[str]) -> str:
    """Return the description of the figure of every matched group."""
    facts = section.facts
    first, last = words(facts, "first_period"), words(facts, "last_period")
    return (
        f"Line charts of {words(facts, 'outcome')}, {words(facts, 'level_unit')}, from {first} to {last}, one for each "
        f"of {count(len(groups), 'pilot')} ({', '.join(groups)}) with its comparators. {BELOW}"
    )


def counterfactual_alt(section: ReleasedSection) -> str:
    """Return the description of the figure of the pilots against their counterfactual."""
    facts = section.facts
    marginal = number(facts, "marginal")
    estimate, pilots = marginal or number(facts, "estimate"), count(whole(facts, "pilots"), "pilot")
    unit = words(facts, "unit" if marginal is None else "marginal_unit")
    change = with_unit(change_of(estimate), unit) if estimate else ""
    gap = f" After the start the pilots differ from it by {change}." if change else ""
    return (
        f"Line chart of the mean of {words(facts, 'outcome')} in {pilots}, what it would have been without "
        f"{words(facts, 'intervention')}, and the mean of the comparators.{gap} {BELOW}"
    )


def event_study_alt(section: ReleasedSection, table: ReleasedTable) -> str:
    """Return the description of the event study."""
    return (
        f"Dot chart of the difference between pilots and comparators in {words(section.facts, 'outcome')} in each of "
        f"{count(len(table.rows), 'period')} around the start, with 95% intervals and a line at zero. {BELOW}"
    )


def leave_one_out_alt(section: ReleasedSection, table: ReleasedTable) -> str:
    """Return the description of the figure that leaves out each area in turn."""
    return (
        f"Dot chart of the estimate for {words(section.facts, 'outcome')} without each of "
        f"{count(len(table.rows) - 1, 'area')} in turn, with a line at the estimate from all areas. {BELOW}"
    )


def _place(cell: object) -> int:
    return int(cell.value) if isinstance(cell, Number) else 0


def _clear(low: object, high: object) -> bool:
    return isinstance(low, Number) and isinstance(high, Number) and low.value * high.value > 0
