"""Filling the gaps of a sentence with released facts."""

import re
from collections.abc import Mapping
from string import Formatter

from whatworked.disclosure.released import Number, Released, ReleasedFact, ReleasedPassage

NOT_AVAILABLE = "not available"


def fill(passage: ReleasedPassage) -> str:
    """Return the sentence with its gaps filled."""
    return filled(passage.template, passage.facts)


def filled(template: str, facts: Mapping[str, ReleasedFact]) -> str:
    """Return a template with its gaps filled from released facts.

    A format in the gap (`{significance:.0%}`) is applied to numbers; what is hidden prints its symbol, and
    what is not there prints so. A template that cannot be read is printed as it stands.
    """
    try:
        pieces = list(Formatter().parse(template))
    except ValueError:
        return template
    words = "".join(
        literal + ("" if name is None else _gap(facts, name, layout or "")) for literal, name, layout, _ in pieces
    )
    return re.sub(r"= <", "< ", words)


def shown(fact: ReleasedFact, layout: str = "") -> str:
    """Return a fact as words, laid out as asked where that is possible."""
    if fact is None:
        return NOT_AVAILABLE
    if isinstance(fact, bool):
        return "yes" if fact else "no"
    if isinstance(fact, int | float):
        return _laid_out(float(fact) if "." in layout or "%" in layout else fact, layout)
    return _released(fact, layout)


def _gap(facts: Mapping[str, ReleasedFact], name: str, layout: str) -> str:
    return shown(facts[name], layout) if name in facts else NOT_AVAILABLE


def _released(fact: Released, layout: str) -> str:
    if not isinstance(fact, Number) or fact.bound or not layout:
        return fact.text
    in_percent = fact.unit == "%" and layout.endswith("%")
    return _laid_out(fact.value / 100 if in_percent else fact.value, layout)


def _laid_out(value: float, layout: str) -> str:
    """Return a number in the layout asked for; a layout that does not fit falls back to a short one."""
    try:
        words = format(value, layout) if layout else f"{value:,}" if isinstance(value, int) else f"{value:.3g}"
    except ValueError:
        words = f"{value:.3g}"
    if value and not re.search(r"[1-9]", words) and layout.endswith("f"):
        return "<" + re.sub(r"0(?=\D*$)", "1", words.lstrip("-"))
    return words.replace("-", "−")
