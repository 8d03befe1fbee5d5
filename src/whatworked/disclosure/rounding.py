"""How many digits leave. A number is rounded here, before any table or figure is made from it."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from math import floor, isfinite, log10
from statistics import median

from whatworked.cells import Cell, Coefficient, Count, Mean, Probability, Share, Statistic, Tally
from whatworked.disclosure.released import Number

Numeric = Count | Tally | Share | Mean | Coefficient | Statistic | Probability
MOST_DECIMALS = 6
THOUSAND = 1000
LEAST_PROBABILITY = 0.001
MINUS = "−"


@dataclass(frozen=True, slots=True)
class Decimals:
    """Decimals of levels and of effects, by unit: chosen once for a question, so that its figures line up."""

    levels: dict[str, int] = field(default_factory=dict)
    effects: dict[str, int] = field(default_factory=dict)


def decimals(cells: Iterable[Cell]) -> Decimals:
    """Return the decimals of a question's units from the typical size of its figures.

    Levels get one decimal, or three significant digits (percentages two) where that is more; none from a
    thousand on. Effects get as many as the levels, or two significant digits where that is more.
    """
    sizes: dict[tuple[type, str], list[float]] = {}
    for cell in cells:
        if isinstance(cell, Mean | Coefficient) and cell.value and isfinite(cell.value):
            sizes.setdefault((type(cell), cell.unit), []).append(abs(cell.value) * _scale(cell.unit))
    chosen = Decimals()
    for (kind, unit), found in sorted(sizes.items(), key=lambda item: item[0][0] is Coefficient):
        size = median(found)
        if kind is Mean:
            chosen.levels[unit] = 0 if size >= THOUSAND else _decimals(size, 2 if unit == "share" else 3, least=1)
        else:
            chosen.effects[unit] = _decimals(size, 2, least=chosen.levels.get(unit, 1))
    return chosen


def rounded(cell: Numeric, chosen: Decimals) -> Number:
    """Return a cell as it is printed: its value rounded, its text, and the unit it is read in."""
    match cell:
        case Count() | Tally():
            return _whole(cell)
        case Share(of=part, among=whole):
            return _number(100 * part / whole, 1, "%")
        case Mean(value=value, unit=unit):
            return _number(value * _scale(unit), chosen.levels.get(unit, 1), "%" if unit == "share" else unit)
        case Coefficient(value=value, unit=unit, mark=mark):
            places = chosen.effects.get(unit, chosen.levels.get(unit, 1))
            return _number(value * _scale(unit), places, "percentage points" if unit == "share" else unit, after=mark)
        case Statistic(value=value, digits=digits):
            return _number(value, digits, "")
        case Probability(value=value):
            return probability(value)


def _whole(cell: Count | Tally) -> Number:
    text = f"{cell.n:,}".replace("-", MINUS)
    if isinstance(cell, Tally) and cell.of is not None:
        return Number(cell.n, f"{text} of {cell.of:,}", cell.noun, bound=True)
    return Number(cell.n, text, cell.noun)


def probability(value: float) -> Number:
    """Return a p-value to three decimals, `<0.001` below that."""
    if value < LEAST_PROBABILITY:
        return Number(LEAST_PROBABILITY, f"<{LEAST_PROBABILITY}", bound=True)
    return _number(value, 3, "")


def coarser(number: Number, places: int, *, scale: int = 1) -> Number:
    """Return a number that was rounded already, multiplied and rounded once more."""
    return _number(number.value * scale, places, number.unit, after=number.after)


def _number(value: float, places: int, unit: str, *, after: str = "") -> Number:
    value = round(value, places) + 0.0  # adding zero turns −0.0 into 0.0
    return Number(value, f"{value:,.{places}f}".replace("-", MINUS), unit, after=after)


def _decimals(size: float, significant: int, *, least: int) -> int:
    return min(MOST_DECIMALS, max(least, significant - 1 - floor(log10(size))))


def _scale(unit: str) -> int:
    """Return what a value is multiplied with for print: shares are read as percentages."""
    return 100 if unit == "share" else 1
