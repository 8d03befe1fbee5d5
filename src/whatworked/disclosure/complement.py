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
# Nearly every factor is 1 or -1, and whole numbers are quicker than fractions.
Exact = int | Fraction


@dataclass(frozen=True, slots=True)
class _Equation:
    """`left` times the unknowns is `right`; `made_of` are the sums that it was derived from."""

    left: Mapping[Unknown, Exact]
    right: Exact
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
    Hundepool et al. (2012), *Statistical Disclosure Control*, 4.2: secondary cell suppression. Decision 0035. Proof:
    tests/disclosure/test_complement.py
    """
    links, counts = section.links, _counts(section)
    added: set[Place] = set()
    hidden = _followed(links, small)
    while more := _next(links, counts, hidden, small=small, smallest=smallest):
        added |= more
        hidden = _followed(links, small | added)
    # where everything that could protect is hidden already, what still leaks is all that was ever told of it
    left = len(_leaks(links.sums, counts, hidden, small=small, smallest=smallest))
    # what was hidden early on may not be needed after what was hidden later
    for place in sorted(added, key=_order(links, counts), reverse=True):
        fewer = _followed(links, small | added - {place})
        if len(_leaks(links.sums, counts, fewer, small=small, smallest=smallest)) <= left:
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


def _next(
    links: Links, counts: Mapping[Place, int], hidden: frozenset[Place], *, small: frozenset[Place], smallest: int
) -> set[Place]:
    """Return what to hide next: one count for every derivation that none of the others breaks."""
    chosen: set[Place] = set()
    for leak in _leaks(links.sums, counts, hidden, small=small, smallest=smallest):
        places = {place for i in leak for place in _places(links.sums[i])}
        shown = {place for place in places if place not in hidden and counts.get(place)}
        if shown and not chosen & shown:
            chosen.add(min(shown, key=_order(links, counts)))
    return chosen


def _leaks(
    sums: tuple[Sum, ...],
    counts: Mapping[Place, int],
    hidden: frozenset[Place],
    *,
    small: frozenset[Place],
    smallest: int,
) -> list[frozenset[int]]:
    """Return the sums of each derivation by which a small count, or a small sum of counts, can be worked out."""
    equations = [_equation(i, one, counts, hidden=hidden, smallest=smallest) for i, one in enumerate(sums)]
    return [
        equation.made_of
        for equation in (*equations, *_solved(equations))
        if any(isinstance(unknown, int) or unknown in small for unknown in equation.left)
        and (len(equation.left) == 1 or _small_sum(equation, smallest))
    ]


def _small_sum(equation: _Equation, smallest: int) -> bool:
    same_sign = len({value > 0 for value in equation.left.values()}) == 1
    return same_sign and 0 < abs(Fraction(equation.right)) < smallest


def _equation(
    number: int, one: Sum, counts: Mapping[Place, int], *, hidden: frozenset[Place], smallest: int
) -> _Equation:
    """Return a sum as an equation in what is hidden of it; one that tells nothing has no unknown."""
    nothing = _Equation({}, 0, frozenset({number}))
    # a rest that is not small is an unknown of its own that nobody has to guard, so its sum tells nothing
    if one.rest >= smallest or not all(place in counts or place in hidden for place in _places(one)):
        return nothing
    left: dict[Unknown, Exact] = {}
    right = 0
    if one.rest:
        left[number] = -1
    for place, sign in [(one.total, 1), *((part, -1) for part in one.parts)]:
        if place in hidden:
            left[place] = left.get(place, 0) + sign
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
        by: Exact = value if value in (1, -1) else 1 / Fraction(value)
        new = _Equation({u: v * by for u, v in reduced.left.items()}, reduced.right * by, reduced.made_of)
        for u, other in solved.items():
            if pivot in other.left:
                solved[u] = _without(other, pivot, new)
        solved[pivot] = new
    return list(solved.values())


def _without(equation: _Equation, unknown: Unknown, pivot: _Equation) -> _Equation:
    """Return an equation with an unknown eliminated by the row in which it is the pivot."""
    times = equation.left.get(unknown, 0)
    if not times:
        return equation
    left = dict(equation.left)
    for other, value in pivot.left.items():
        left[other] = left.get(other, 0) - times * value
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
