"""Numbers as a reader says them: a fall of 14, anything from a fall of 14 to a rise of 3, four pilots."""

from collections.abc import Mapping

from whatworked.disclosure.released import Number, ReleasedFact
from whatworked.report.prose.fill import shown

Facts = Mapping[str, ReleasedFact]
NO_BREAK = "\u00a0"
HOPED = {"lower": "a fall", "higher": "a rise"}


def number(facts: Facts, key: str) -> Number | None:
    """Return a fact that is a number to be shown, None where it is hidden, blank or absent."""
    fact = facts.get(key)
    return fact if isinstance(fact, Number) else None


def words(facts: Facts, key: str) -> str:
    """Return a fact as words."""
    return shown(facts.get(key))


def flag(facts: Facts, key: str) -> bool | None:
    """Return a flag, None where the question has no answer."""
    fact = facts.get(key)
    return fact if isinstance(fact, bool) else None


def whole(facts: Facts, key: str) -> int:
    """Return a count of areas, periods or tests; one that is not there is none."""
    found = number(facts, key)
    return int(found.value) if found else 0


def count(n: int, noun: str) -> str:
    """Return a number of things: one pilot, 4 pilots."""
    return f"one {noun}" if n == 1 else f"{n:,} {noun}s" if n else f"no {noun}s"


def direction(change: Number) -> str:
    """Return whether a change is a fall or a rise."""
    return "a fall" if change.value < 0 else "a rise" if change.value > 0 else "a difference"


def size(change: Number) -> str:
    """Return how large a change is, without its sign and unit."""
    return change.text.removeprefix("−")


def change_of(change: Number) -> str:
    """Return a change in words, without its unit: `a fall of 14.0`."""
    return f"{direction(change)} of {size(change)}"


def with_unit(phrase: str, unit: str) -> str:
    """Return a phrase followed by its unit, if there is one."""
    return f"{phrase} {unit}".strip()


def interval(low: Number | None, high: Number | None, unit: str) -> str:
    """Return an interval in words, in natural units; an end that could not be found is said to be open."""
    if low is None or high is None:
        return _open_interval(low, high, unit)
    if low.value < 0 and high.value < 0:
        return with_unit(f"a fall of between {size(high)} and {size(low)}", unit)
    if low.value > 0 and high.value > 0:
        return with_unit(f"a rise of between {size(low)} and {size(high)}", unit)
    return f"anything from {_end(low) if high.value else _bounded(low, unit)} to {_bounded(high, unit)}"


def _open_interval(low: Number | None, high: Number | None, unit: str) -> str:
    if low is not None:
        return f"{_bounded(low, unit)} up to a rise of any size"
    if high is not None:
        return f"a fall of any size up to {_bounded(high, unit)}"
    return "an interval that could not be found"


def _bounded(limit: Number | None, unit: str) -> str:
    return with_unit(_end(limit), unit) if limit is not None and limit.value else _end(limit)


def hoped_for(change: Number, better: str) -> str:
    """Return whether a change goes the way that was hoped for, empty where nothing was hoped for."""
    if better not in HOPED or not change.value:
        return ""
    return "which is what was hoped for" if direction(change) == HOPED[better] else "the opposite of what was hoped for"


def chance(p_value: Number | None) -> str:
    """Return a p-value as it stands in a sentence."""
    if p_value is None:
        return "no p-value"
    words = f"p {p_value.text[0]} {p_value.text[1:]}" if p_value.bound else f"p = {p_value.text}"
    return words.replace(" ", NO_BREAK)


def capital(sentence: str) -> str:
    """Return a sentence with a capital at its head."""
    return sentence[:1].upper() + sentence[1:]


def _end(limit: Number | None) -> str:
    if limit is None or not limit.value:
        return "no change at all"
    return change_of(limit)
