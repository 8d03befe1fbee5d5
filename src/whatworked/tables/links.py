"""Which counts of people add up to which, over all tables of a question, so that the gate can guard differences too.

A count may be large and yet tell a small one: 938 rows before matching and 936 after it tell that two were lost. What
holds between the tables is said here once, and used only where it holds of the numbers.
"""

from collections.abc import Iterator, Mapping
from itertools import combinations, pairwise

from whatworked.cells import Cell, Count, Mean, Share
from whatworked.findings.model import QuestionFindings
from whatworked.findings.people import MatchingFindings
from whatworked.tables import after_start, matching, regressions, rule_sets
from whatworked.tables.model import Follows, Links, Place, Sum, Table
from whatworked.vocabulary import Arm, Phase, Role

Counts = Mapping[Place, int]
_DIFFERENCES = ("difference_before", "difference_after", "ratio_before", "ratio_after")
_DISTANCES = ("l1_before", "l1_after")


def links(question: QuestionFindings, tables: tuple[Table, ...]) -> Links:
    """Return how the counts in a question's tables hang together; of area series there is nothing to guard."""
    if question.persons is None:
        return Links()
    counts = {
        Place(table.key, i, column.key): n
        for table in tables
        for i, row in enumerate(table.rows)
        for column, cell in zip(table.columns, row, strict=True)
        if (n := _count(cell)) is not None
    }
    found = (
        *_flow(question),
        *_arms(question),
        *_bins(question),
        *_levels(question),
        *_runs(counts),
        *_rule_sets(question),
    )
    return Links(
        tuple(one for one in found if _holds(one, counts)),
        (*_followers(question), *_copied(question, tables)),
        frozenset(place for place in counts if _vital(place, question)),
    )


def _vital(place: Place, question: QuestionFindings) -> bool:
    """Return whether a count is one of the analysis itself: what it rests on, and the means it compares."""
    last = place.table == "flow" and place.row == len(question.population.flow) - 1
    kept = place.table == matching.PEOPLE and place.column == "kept"
    main = place.table == "sensitivity" and place.row == 0
    return last or kept or main or place.table == "summary"


def _holds(one: Sum, counts: Counts) -> bool:
    places = (one.total, *one.parts)
    if not all(place in counts for place in places) or one.rest < 0:
        return False
    return counts[one.total] == sum(counts[part] for part in one.parts) + one.rest


def _flow(question: QuestionFindings) -> Iterator[Sum]:
    """Yield what each step left of the one before it, in rows and in people."""
    steps = question.population.flow
    for i, (before, after) in enumerate(pairwise(steps), start=1):
        yield Sum(Place("flow", i - 1, "rows"), (Place("flow", i, "rows"), Place("flow", i, "left_out")))
        if before.persons is not None and after.persons is not None:
            rest = before.persons - after.persons
            yield Sum(Place("flow", i - 1, "persons"), (Place("flow", i, "persons"),), rest)
    if steps and question.specifications:
        last, main = steps[-1], question.specifications[0]
        yield Sum(Place("flow", len(steps) - 1, "rows"), (Place("sensitivity", 0, "rows"),), last.rows - main.rows)
        if last.persons is not None and main.persons is not None:
            rest = last.persons - main.persons
            yield Sum(Place("flow", len(steps) - 1, "persons"), (Place("sensitivity", 0, "persons"),), rest)


def _arms(question: QuestionFindings) -> Iterator[Sum]:
    """Yield what holds of the rows, events and persons of each arm, and of both arms in the flow."""
    found = question.matching
    if found is None:
        return
    steps = question.population.flow
    for place in range(len(found.arms)):
        for row in range(len(matching.COUNTED)):
            yield Sum(_arm(place, row, "before"), (_arm(place, row, "kept"), _arm(place, row, "lost")))
        for column in ("before", "kept", "lost"):
            # of an arm whose areas stand in one group each, rows and events are the same
            yield Sum(_arm(place, 0, column), (_arm(place, 1, column),))
        phases = [i for i, row in enumerate(question.summary) if row.arm is found.arms[place].arm]
        yield Sum(_arm(place, 1, "kept"), tuple(Place("summary", i, "rows") for i in phases))
    for i in range(len(steps)):
        for column, row in (("rows", 0), ("rows", 1), ("persons", 2)):
            for which in ("before", "kept"):
                yield Sum(Place("flow", i, column), _both(found, row, which))
        yield Sum(Place("flow", i, "left_out"), _both(found, 0, "lost"))


def _both(found: MatchingFindings, row: int, column: str) -> tuple[Place, ...]:
    return tuple(_arm(place, row, column) for place in range(len(found.arms)))


def _arm(place: int, row: int, column: str) -> Place:
    return Place(matching.PEOPLE, place * matching.ROWS_OF_ARM + row, column)


def _bins(question: QuestionFindings) -> Iterator[Sum]:
    """Yield that the bins of a covariate make up its arm, and that with and without make up each."""
    found = question.matching
    if found is None:
        return
    places = {arm.arm: i for i, arm in enumerate(found.arms)}
    bins: dict[tuple[str, Arm], list[int]] = {}
    for i, one in enumerate(found.lost):
        bins.setdefault((one.name, one.arm), []).append(i)
        parts = (Place(matching.WITHOUT, i, "kept"), Place(matching.WITHOUT, i, "lost"))
        yield Sum(Place(matching.WITHOUT, i, "rows"), parts)
    for (_, arm), rows in bins.items():
        for column, total in (("rows", "before"), ("kept", "kept"), ("lost", "lost")):
            yield Sum(_arm(places[arm], 0, total), tuple(Place(matching.WITHOUT, i, column) for i in rows))


def _levels(question: QuestionFindings) -> Iterator[Sum]:
    """Yield that the levels of a covariate make up the rows of each arm before the start."""
    found = question.matching
    if found is None:
        return
    lines = matching.mean_lines(found)
    for arm in Arm:
        total = Place(matching.MEANS, len(lines), arm.value)
        for name in dict.fromkeys(name for name, level in lines if level is not None):
            levels = [i for i, (other, level) in enumerate(lines) if other == name and level is not None]
            yield Sum(total, tuple(Place(matching.MEANS, i, arm.value) for i in levels))
        for i, row in enumerate(question.summary):
            if row.arm is arm and row.phase is Phase.BASELINE:
                yield Sum(total, (Place("summary", i, "rows"),))


def _runs(counts: Counts) -> Iterator[Sum]:
    """Yield that the rows, and the people, of two analyses may differ by a few, which stand nowhere."""
    for column in ("rows", "persons"):
        runs = [place for place in counts if place.table == "sensitivity" and place.column == column]
        for one, other in combinations(runs, 2):
            more, less = (one, other) if counts[one] >= counts[other] else (other, one)
            yield Sum(more, (less,), counts[more] - counts[less])


def _copied(question: QuestionFindings, tables: tuple[Table, ...]) -> Iterator[Follows]:
    """Yield the counts and means that a table repeats from another one."""
    for table in tables:
        if table.key in (regressions.PRIMARY, regressions.SECONDARY):
            for row, column, place, of in regressions.counted(question, table):
                yield Follows(Place(table.key, row, column), (Place("sensitivity", place, of),))
    after = after_start.observed_place(question)
    if after is not None:
        # the effect that lies between an observed mean and what would have been is printed
        observed = Place(after_start.AFTER, after_start.OBSERVED, "mean")
        yield Follows(observed, (Place("summary", after, "mean"),))
        for column in ("mean", "conf_low", "conf_high"):
            yield Follows(Place(after_start.AFTER, after_start.WITHOUT, column), (observed,))


def _rule_sets(question: QuestionFindings) -> Iterator[Sum]:
    """Yield that the rows under each rule set are those of an analysis, which stand in the table of all analyses."""
    listed = [one.name for one in question.specifications if one.role not in (Role.LEADS, Role.LAGS)]
    for found in question.rule_sets:
        place = Place(rule_sets.KEY, rule_sets.ROW_OF_COUNTS, rule_sets.USED if found.used else rule_sets.OTHER)
        yield Sum(place, (Place("sensitivity", listed.index(found.specification), "rows"),))


def _followers(question: QuestionFindings) -> Iterator[Follows]:
    """Yield the figures that would tell a hidden count."""
    yield from (
        # the effect that lies between an observed mean and what would have been is printed
        Follows(Place("counterfactual", i, column), (Place("counterfactual", i, "pilots"),))
        for i in range(len(question.counterfactual))
        for column in ("counterfactual", "conf_low", "conf_high")
    )
    found = question.matching
    if found is None:
        return
    for place in range(len(found.arms)):
        for row in range(len(matching.COUNTED)):
            every = tuple(_arm(place, row, column) for column in ("before", "kept", "lost"))
            yield Follows(_arm(place, row, "share"), every)
        # unweighted rows weigh as much as they are, and the weights of an event's copies come to one
        for row, source in ((3, 0), (4, 1)):
            yield Follows(_arm(place, row, "kept"), (_arm(place, source, "kept"),))
    for i in range(len(found.lost)):
        every = tuple(Place(matching.WITHOUT, i, column) for column in ("rows", "kept", "lost"))
        yield Follows(Place(matching.WITHOUT, i, "share"), every)
    yield from _followers_of_levels(question, found)
    if pilots := [i for i, arm in enumerate(found.arms) if arm.arm is Arm.PILOT]:
        yield Follows(Place(matching.OVERALL, 2, "before"), (_arm(pilots[0], 0, "before"),))
        yield Follows(Place(matching.OVERALL, 2, "after"), (_arm(pilots[0], 0, "kept"),))


def _followers_of_levels(question: QuestionFindings, found: MatchingFindings) -> Iterator[Follows]:
    """Yield what goes with a level hidden in one arm: the other arm, weighted like it, its balance, its test."""
    lines = matching.mean_lines(found)
    level_of = {f"composition: {name}[{level}]": (name, level) for name, level in lines if level is not None}
    sides = {line: tuple(Place(matching.MEANS, i, arm.value) for arm in Arm) for i, line in enumerate(lines)}
    for one, other in sides.values():
        yield Follows(one, (other,))
        yield Follows(other, (one,))
    for i, test in enumerate(question.tests):
        for column in ("figure", "p_value"):
            yield Follows(Place("tests", i, column), sides.get(level_of.get(test.name, ("", None)), ()))
    most = _largest_levels(found)
    for i, (name, level, _) in enumerate(matching.balance_lines(found)):
        # the distance over all levels tells about one level only where no other is left to be shown
        of = most.get(name) if level == matching.ALL_LEVELS else level
        columns = _DIFFERENCES if level not in (None, matching.ALL_LEVELS) else (*_DIFFERENCES, *_DISTANCES)
        for column in columns:
            yield Follows(Place(matching.BALANCE, i, column), sides.get((name, of), ()))
        if len(most.keys() | {one for one, level in lines if level is None}) == 1 and column == _DISTANCES[-1]:
            for before_or_after, own in zip(("before", "after"), _DISTANCES, strict=True):
                yield Follows(Place(matching.OVERALL, 0, before_or_after), (Place(matching.BALANCE, i, own),))


def _largest_levels(found: MatchingFindings) -> dict[str, str]:
    """Return the level of each covariate that most pilot rows have."""
    ordered = sorted((one for one in found.means if one.arm is Arm.PILOT), key=lambda one: one.cases or 0)
    return {one.name: one.level for one in ordered if one.level is not None}


def _count(cell: Cell) -> int | None:
    match cell:
        case Count(n=n) | Mean(part=int(n)) | Share(of=n):
            return n
        case _:
            return None
