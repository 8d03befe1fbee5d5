"""The pilots after the start: observed, and estimated without the intervention, with significance and numbers."""

from textwrap import wrap

from whatworked.disclosure.released import Number, Released, ReleasedSection, ReleasedTable
from whatworked.report.figures.style import COUNTERFACTUAL, COUNTERFACTUAL_WORDS, INK, PILOT, QUIET, Spec, rows
from whatworked.report.prose.answer import NO_CAUSAL_READING
from whatworked.report.prose.captions import BELOW
from whatworked.report.prose.fill import fill
from whatworked.report.prose.phrases import capital, chance, change_of, count, flag, number, whole, with_unit, words

WIDTH, STEP, LINE = 255, 44, 17
LETTERS = 56
LEFT = -118
ROOM = 1.22
NAMES = ("Pilots, observed", "Without it, estimated")
FILLS = (PILOT, COUNTERFACTUAL)
TEXTS = (PILOT, COUNTERFACTUAL_WORDS)
Row = dict[str, Released]


def after_start(table: ReleasedTable, unit: str, change: str) -> Spec | None:
    """Return the chart, or None where one of the two means may not be shown; `change` is the unit of the difference."""
    records = table.records()
    means = [cell for row in records if isinstance(cell := row["mean"], Number)]
    if len(means) < len(NAMES):
        return None
    low, high = records[-1]["conf_low"], records[-1]["conf_high"]
    limits = [cell.value for cell in (low, high) if isinstance(cell, Number)]
    values = [cell.value for cell in means]
    x: Spec = {
        "field": "value",
        "type": "quantitative",
        "scale": {"domain": [min([0.0, *limits, *values]), max([*limits, *values]) * ROOM or 1.0], "nice": False},
        "axis": {"title": unit, "tickCount": 5, "grid": True},
    }
    y: Spec = {
        "field": "name",
        "type": "nominal",
        "sort": list(NAMES),
        "scale": {"paddingInner": 0.35, "paddingOuter": 0.2},
        "axis": {"title": None, "ticks": False, "domain": False, "labelLimit": 140},
    }
    return {
        "width": WIDTH,
        "height": {"step": STEP},
        "layer": [
            *(_bar(i, means[i], x=x, y=y) for i in range(len(NAMES))),
            *_interval(limits, x, y),
            *(_value(i, means[i], limits if i else [], x=x, y=y) for i in range(len(NAMES))),
            *_lines(_told(table, records[-1], change)),
        ],
    }


def after_start_message(section: ReleasedSection) -> str:
    """Return the message: whether there is a difference that chance alone would not bring about."""
    facts = section.facts
    outcome, intervention = words(facts, "outcome"), words(facts, "intervention")
    if words(facts, "rating") == NO_CAUSAL_READING:
        return f"The difference after the start cannot be read as the effect of {intervention}"
    registered, headline = flag(facts, "source_significant"), flag(facts, "significant")
    if registered and headline is not False:
        estimate = number(facts, "marginal") or number(facts, "source_estimate")
        side = "different" if estimate is None else "lower" if estimate.value < 0 else "higher"
        return f"{capital(outcome)} was significantly {side} in the pilots than estimated without {intervention}"
    if registered or headline:
        return f"The two main tests disagree whether {outcome} in the pilots differs from that without {intervention}"
    return f"No significant difference in {outcome} between the pilots and the estimate without {intervention}"


def after_start_alt(section: ReleasedSection, table: ReleasedTable) -> str:
    """Return the description of the figure."""
    facts, row = section.facts, table.records()[-1]
    change = row["difference"]
    said = (
        f" The difference is {with_unit(change_of(change), row_unit(section))}." if isinstance(change, Number) else ""
    )
    return (
        f"Bar chart of the mean of {words(facts, 'outcome')} after the start in "
        f"{count(whole(facts, 'pilots'), 'pilot')}, as observed and as estimated without "
        f"{words(facts, 'intervention')}, with the 95% interval of the estimate.{said} {BELOW}"
    )


def row_unit(section: ReleasedSection) -> str:
    """Return the unit of a difference in the outcome."""
    return words(section.facts, "natural_unit")


def _bar(i: int, mean: Number, *, x: Spec, y: Spec) -> Spec:
    look: Spec = {"color": FILLS[i]} if i == 0 else {"color": FILLS[i], "opacity": 0.45}
    return {
        "data": rows([{"name": NAMES[i], "value": mean.value}]),
        "mark": {"type": "bar", **look},
        "encoding": {"x": x, "y": y},
    }


def _interval(limits: list[float], x: Spec, y: Spec) -> list[Spec]:
    if len(limits) < len(("low", "high")):
        return []
    data = rows([{"name": NAMES[1], "value": limits[0], "high": limits[1]}])
    return [
        {
            "data": data,
            "mark": {"type": "rule", "color": COUNTERFACTUAL_WORDS, "strokeWidth": 2.5},
            "encoding": {"x": x, "x2": {"field": "high"}, "y": y},
        }
    ]


def _value(i: int, mean: Number, limits: list[float], *, x: Spec, y: Spec) -> Spec:
    """Return the number at the end of a bar, beyond its interval."""
    percent = "%" if mean.unit == "%" else ""
    return {
        "data": rows([{"name": NAMES[i], "value": max([mean.value, *limits])}]),
        "mark": {
            "type": "text",
            "text": f"{mean.text}{percent}",
            "align": "left",
            "dx": 6,
            "fontSize": 13,
            "fontWeight": "bold",
            "color": TEXTS[i],
            "aria": False,
        },
        "encoding": {"x": x, "y": y},
    }


def _told(table: ReleasedTable, row: Row, change: str) -> list[tuple[str, str]]:
    """Return the lines under the chart with their weight: the difference, its p-values, the numbers, the key."""
    found = row["difference"]
    lines = []
    if isinstance(found, Number):
        lines.append((f"Difference: {with_unit(found.text + found.after, change)}", "bold"))
    p_values = [
        f"{chance(cell)} by {which}"
        for key, which in (("source_p", "the source's test"), ("headline_p", "the headline test"))
        if isinstance(cell := row[key], Number)
    ]
    notes = [fill(note) for note in table.notes]
    return [*lines, *((line, "normal") for said in (", ".join(p_values), *notes) for line in wrap(said, LETTERS))]


def _lines(told: list[tuple[str, str]]) -> list[Spec]:
    top = 2 * STEP + 52
    return [
        {
            "data": rows([{}]),
            "mark": {
                "type": "text",
                "text": text,
                "align": "left",
                "fontWeight": weight,
                "fontSize": 12,
                "color": INK if weight == "bold" else QUIET,
                "aria": False,
            },
            "encoding": {"x": {"value": LEFT}, "y": {"value": top + LINE * i}},
        }
        for i, (text, weight) in enumerate(told)
    ]
