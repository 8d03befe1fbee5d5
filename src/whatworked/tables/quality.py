"""What the checks of the records found: shares by arm, the area periods that lack records, a sentence a concern.

Rows of people are shown as shares alone: numbers of rows tested would tell by their differences how few have a fault.
"""

from collections.abc import Iterator, Mapping

from whatworked.cells import Blank, Cell, Hidden, Share, Statistic, Tally, Words
from whatworked.findings.model import QuestionFindings
from whatworked.findings.quality import CheckFact
from whatworked.tables.model import Column, Passage, Table
from whatworked.tables.names import AreaNames
from whatworked.tables.wording import plain, sentence_case
from whatworked.vocabulary import Arm

RECORDS = {
    "child": "children",
    "referral": "referrals",
    "assessment": "assessments",
    "conference": "conferences",
    "plan": "child protection plans",
    "episode": "episodes of care",
    "school_year": "school censuses",
    "events": "events",
    "area_series": "figures of areas",
}
NOTES = {"none": "no row", "few": "fewer than half of its usual rows"}
GAP = "areas' periods without rows, or with fewer than half of the usual ones"
GIVES_AWAY = "it would give the name of the area away"
# The rows of these are of areas, not of people.
OF_AREAS = "area_series"
OFF = 1.0

ByArm = Mapping[Arm, CheckFact]


def data_checks(question: QuestionFindings, names: AreaNames, *, named: bool) -> Table:
    """Return the checks that found anything, with their shares in each arm and what comes of it."""
    every = _by_arm(question)
    found = [by_arm for by_arm in every if any(fact.found for fact in by_arm.values())]
    facts = {"silent": Tally(len(every) - len(found), "checks"), "every": Tally(len(every), "checks")}
    return Table(
        key="data_checks",
        title=names.words(f"Checks of the records: {question.outcome}"),
        kind="counts",
        columns=(
            Column("records", Words("Records")),
            Column("fault", Words("Fault")),
            Column("pilots", Words("Pilots' share, %")),
            Column("comparators", Words("Comparators' share, %")),
            Column("limit", Words("Limit, %")),
            Column("verdict", Words("What comes of it")),
        ),
        rows=tuple(
            (
                Words(sentence_case(_records(_any(by_arm).table))),
                names.words(sentence_case(_fault(_any(by_arm)))),
                *(_share(by_arm.get(arm), question, scale=100, digits=1, named=named) for arm in Arm),
                _limit(_any(by_arm).limit),
                Words(_verdict(by_arm)),
            )
            for by_arm in found
        ),
        source=Words(question.source),
        notes=(Passage("{silent} of {every} checks found nothing.", facts),),
    )


def data_gaps(question: QuestionFindings, names: AreaNames, *, named: bool) -> Table | None:
    """Return the areas' periods that lack records; of published figures, which would tell, only where named."""
    if question.published and not named:
        return None
    return Table(
        key="data_gaps",
        title=names.words(f"Where records lack: {question.outcome}"),
        kind="counts",
        columns=(
            Column("records", Words("Records")),
            Column("area", Words("Area")),
            Column("period", Words("Year of the return, or period")),
            Column("found", Words("Found")),
        ),
        rows=tuple(
            (Words(sentence_case(_records(row.table))), names.of(row.area), Words(row.period), Words(NOTES[row.note]))
            for row in question.checked.faults
            if row.note
        ),
        source=Words(question.source),
    )


def concerns_found(question: QuestionFindings, *, named: bool) -> Iterator[Passage]:
    """Yield a sentence for every check whose faults lower the evidence."""
    for by_arm in _by_arm(question):
        if any(fact.concern for fact in by_arm.values()):
            one = _any(by_arm)
            yield Passage(
                "found by the checks: {what}: {pilots:.1%} among the pilots, {comparators:.1%} among the comparators "
                "(limit {limit:.0%})",
                {
                    "what": Words(f"{_records(one.table)}, {_fault(one)}"),
                    "limit": one.limit,
                    **{
                        f"{arm.value}s": _share(by_arm.get(arm), question, scale=1, digits=3, named=named)
                        for arm in Arm
                    },
                },
            )


def _by_arm(question: QuestionFindings) -> list[dict[Arm, CheckFact]]:
    """Return the checks in order, of each what was found by arm."""
    found: dict[tuple[str, str], dict[Arm, CheckFact]] = {}
    for fact in question.checked.checks:
        found.setdefault((fact.table, fact.check), {})[fact.arm] = fact
    return list(found.values())


def _any(by_arm: ByArm) -> CheckFact:
    """Return what is the same in both arms: table, check, kind and limit."""
    return next(iter(by_arm.values()))


def _records(table: str) -> str:
    return RECORDS.get(table, plain(table))


def _fault(fact: CheckFact) -> str:
    return GAP if fact.kind == "gap" else fact.check.replace("_", " ")


def _share(fact: CheckFact | None, question: QuestionFindings, *, scale: int, digits: int, named: bool) -> Cell:
    """Return the share of faults in an arm: of people's rows as the gate guards it, of areas' periods as it is."""
    if fact is None:
        return Blank("nothing to check in this arm")
    if fact.kind != "gap" and fact.table != OF_AREAS:
        return Share(fact.found, fact.tested)
    if question.published and not named and _areas(question, fact.arm) == 1:
        return Hidden(GIVES_AWAY)
    return Statistic(scale * fact.found / fact.tested, digits)


def _areas(question: QuestionFindings, arm: Arm) -> int:
    """Return the number of areas of an arm that are compared."""
    groups = question.areas.groups
    if arm is Arm.PILOT:
        return len({group.pilot for group in groups})
    return len({area for group in groups for area in group.comparators})


def _limit(limit: float) -> Cell:
    return Statistic(100 * limit, 1) if limit < OFF else Blank("the protocol sets no limit")


def _verdict(by_arm: ByArm) -> str:
    if any(fact.concern for fact in by_arm.values()):
        return "A concern: the evidence is marked down"
    return "Within the limit" if _any(by_arm).counts else "Told only: the question does not use it"
