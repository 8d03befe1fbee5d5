"""Which method of inference carries the headline: a matter of how many areas there are."""

from dataclasses import dataclass

from whatworked.rules.decision import Decision

FEW = 4
HEAVY = 0.5


@dataclass(frozen=True, slots=True)
class Sides:
    """How many areas stand on each side of a contrast, and the largest share of its side's weight one area holds."""

    pilots: int
    comparators: int
    heaviest_pilot: float
    heaviest_comparator: float


def choose_inference(sides: Sides) -> Decision:
    """Choose the headline method by the number of areas in the contrast.

    Source: decision 0006 of this project, after simulation (docs/explanation/few-areas.md).
    """
    facts = {
        "pilots": sides.pilots,
        "comparators": sides.comparators,
        "heaviest_pilot": sides.heaviest_pilot,
        "heaviest_comparator": sides.heaviest_comparator,
        "few": FEW,
        "heavy": HEAVY,
    }
    wild = "wild_restricted: at least {few} areas on either side, none with over {heavy:.0%} of its side's weight"
    collapsed = "collapsed_t: fewer than {few} areas on a side, or one with over {heavy:.0%} of its side's weight"
    none = "none: one area on either side"
    smaller = min(sides.pilots, sides.comparators)
    if smaller == 0 or sides.pilots == sides.comparators == 1:
        because = "nothing is left to judge chance by (pilots: {pilots}, comparators: {comparators})"
        return Decision("inference", "none", (because,), facts, (wild, collapsed))
    if smaller == 1:
        because = (
            "one side has a single area (pilots: {pilots}, comparators: {comparators}), "
            "so the other side's changes are all there is to judge chance by"
        )
        return Decision("inference", "collapsed_t", (because,), facts, (wild, none))
    if smaller < FEW:
        because = (
            "with fewer than {few} areas on a side (pilots: {pilots}, comparators: {comparators}) "
            "the bootstrap has too few draws"
        )
        return Decision("inference", "collapsed_t", (because,), facts, (wild, none))
    if max(sides.heaviest_pilot, sides.heaviest_comparator) > HEAVY:
        because = (
            "one area holds over {heavy:.0%} of its side's weight "
            "({heaviest_pilot:.0%} of the pilots', {heaviest_comparator:.0%} of the comparators')"
        )
        return Decision("inference", "collapsed_t", (because,), facts, (wild, none))
    because = (
        "at least {few} areas on either side (pilots: {pilots}, comparators: {comparators}), "
        "none with over {heavy:.0%} of its side's weight"
    )
    return Decision("inference", "wild_restricted", (because,), facts, (collapsed, none))
