"""Complementary suppression: what else must be hidden, so that no hidden count can be worked out from the rest.

The tables of a question say which of their counts add up to which (`whatworked.tables.model.Links`). The hidden counts
are the unknowns of that system of equations. A small count is safe when the system does not determine it, and does not
determine a small sum of hidden counts either. As long as one is not, the smallest count that takes part in its
derivation is hidden too, one that the report cannot do without only when nothing else is left.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction

from whatworked.cells import Cell, Count, Mean, Share
from whatworked.tables.model import Links, Place, Section, Sum

# A printed place, or the number of a sum whose rest is printed nowhere.
Unknown = Place | int


@dataclass(frozen=True, slots=True)
class _Equation:
    """`left` times the unknowns is `right`; `made_of` are the sums that it was derived from."""

    left: Mapping[Unknown, Fraction]
    right: Fraction
    made_of: frozenset[int]


def complements(section: Section, small: frozenset[Place], smallest: int) -> frozenset[Place]:
    """Return the places that must be hidden beside those that a rule of their own hides.

    Parameters
    ----------
    section : the question, its tables and their links
    small : every place of the tables that a rule hides
    smallest : the smallest count that may be shown

    Source
    ------
    Hundepool et al. (2012), *Statistical Disclosure Control*, 4.2: secondary cell suppression. Proof:
    tests/disclosure/test_complement.py
    """
    links, counts = section.links, _counts(section)
    added: list[Place] = []
    hidden = _followed(links, small)
    while (leak := _leak(links.sums, counts, hidden, small=small, smallest=smallest)) is not None:
        shown = {p for i in leak for p in _places(links.sums[i]) if p not in hidden and counts.get(p)}
        if not shown:
            break
        added.append(min(shown, key=_order(links, counts)))
        hidden = _followed(links, {*small, *added})
    else:
        # what was hidden early on may not be needed after what was hidden later
        for place in sorted(added, key=_order(links, counts), reverse=True):
            fewer = _followed(links, {*small, *added} - {place})
            if _leak(links.sums, counts, fewer, small=small, smallest=smallest) is None:
                added.remove(place)
                hidden = fewer
    return hidden - small


def _order(links: Links, counts: Mapping[Place, int]) -> Callable[[Place], tuple[bool, int, str, int, str]]:
    """Return the order in which counts are given up: the dispensable first, of these the smallest."""
    return lambda place: (place in links.vital, counts[place], place.table, place.row, place.column)


def _followed(links: Links, hidden: Iterable[Place]) -> frozenset[Place]:
    """Return the hidden places and every one that would tell one of them."""
    found = set(hidden)
    while more := {link.place for link in links.follows if found.intersection(link.sources)} - found:
        found |= more
    return frozenset(found)


def _leak(
    sums: tuple[Sum, ...],
    counts: Mapping[Place, int],
    hidden: frozenset[Place],
    *,
    small: frozenset[Place],
    smallest: int,
) -> frozenset[int] | None:
    """Return the sums from which a small count, or a small sum of counts, can be worked out; None where none can."""
    equations = [_equation(i, one, counts, hidden=hidden, smallest=smallest) for i, one in enumerate(sums)]
    for equation in (*equations, *_solved(equations)):
        unknowns = equation.left
        protected = any(isinstance(unknown, int) or unknown in small for unknown in unknowns)
        if not protected:
            continue
        if len(unknowns) == 1:
            return equation.made_of
        same_sign = len({value > 0 for value in unknowns.values()}) == 1
        if same_sign and 0 < abs(equation.right) < smallest:
            return equation.made_of
    return None


def _equation(
    number: int, one: Sum, counts: Mapping[Place, int], *, hidden: frozenset[Place], smallest: int
) -> _Equation:
    """Return a sum as an equation in what is hidden of it; one that tells nothing has no unknown."""
    nothing = _Equation({}, Fraction(0), frozenset({number}))
    # a rest that is not small is an unknown of its own that nobody has to guard, so its sum tells nothing
    if one.rest >= smallest or not all(place in counts or place in hidden for place in _places(one)):
        return nothing
    left: dict[Unknown, Fraction] = {}
    right = Fraction(0)
    if one.rest:
        left[number] = Fraction(-1)
    for place, sign in [(one.total, 1), *((part, -1) for part in one.parts)]:
        if place in hidden:
            left[place] = left.get(place, Fraction(0)) + sign
        else:
            right -= sign * counts[place]
    return _Equation(left, right, frozenset({number}))


def _solved(equations: Iterable[_Equation]) -> list[_Equation]:
    """Return the equations in reduced echelon form: what can be derived about one unknown stands alone in its row."""
    solved: dict[Unknown, _Equation] = {}
    for equation in equations:
        reduced = equation
        for unknown in list(equation.left):
            if unknown in solved:
                reduced = _without(reduced, unknown, solved[unknown])
        if not reduced.left:
            continue
        pivot, value = next(iter(reduced.left.items()))
        new = _Equation({u: v / value for u, v in reduced.left.items()}, reduced.right / value, reduced.made_of)
        solved = {u: _without(other, pivot, new) for u, other in solved.items()}
        solved[pivot] = new
    return list(solved.values())


def _without(equation: _Equation, unknown: Unknown, pivot: _Equation) -> _Equation:
    """Return an equation with an unknown eliminated by the row in which it is the pivot."""
    times = equation.left.get(unknown, Fraction(0))
    if not times:
        return equation
    left = dict(equation.left)
    for other, value in pivot.left.items():
        left[other] = left.get(other, Fraction(0)) - times * value
    return _Equation(
        {u: v for u, v in left.items() if v}, equation.right - times * pivot.right, equation.made_of | pivot.made_of
    )


def _places(one: Sum) -> tuple[Place, ...]:
    return (one.total, *one.parts)


def _counts(section: Section) -> dict[Place, int]:
    """Return the count that each cell tells: its own, or that of the people who have what its share is of."""
    found = {}
    for table in section.tables:
        for i, row in enumerate(table.rows):
            for column, cell in zip(table.columns, row, strict=True):
                if (n := _count(cell)) is not None:
                    found[Place(table.key, i, column.key)] = n
    return found


def _count(cell: Cell) -> int | None:
    match cell:
        case Count(n=n):
            return n
        case Share(of=part):
            return part
        case Mean(part=int(part)):
            return part
        case _:
            return None
