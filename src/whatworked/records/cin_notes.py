"""What was counted while censuses were read, as the steps and notes that the report prints."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from whatworked.records.cin_header import NOT_31_MARCH, OTHER_AREA, OTHER_FORM, OTHER_YEAR
from whatworked.records.cin_rows import FOUND, NO_CHILD, NO_DATE
from whatworked.records.cin_values import handled
from whatworked.records.cin_xml import Unread
from whatworked.records.quality import QualityNote, Step, named

_ELEMENTS = {
    "child": "Child elements",
    "referral": "CINdetails elements",
    "assessment": "Assessments elements",
    "conference": "DateOfInitialCPC elements, in CINdetails and in Section47",
    "plan": "ChildProtectionPlans elements",
}
_DATED = {
    "referral": "CINreferralDate",
    "assessment": "AssessmentActualStartDate",
    "conference": "DateOfInitialCPC",
    "plan": "CPPstartDate",
}
_ONE_ROW = {
    "child": "what one return says of a child is one row",
    "conference": "conferences of a child on one day of one return are one row",
    "plan": "plans of a child from one day on in one return are one row: the one that ends last",
}
_HEADERS = {
    NOT_31_MARCH: "the year it lies in is the census year",
    OTHER_YEAR: "the year of the ReferenceDate is the census year",
    OTHER_AREA: "the area given is taken",
    OTHER_FORM: "read by the known forms",
}


@dataclass(slots=True)
class Counts:
    """What is counted over all files.

    `rows` counts (table, FOUND or why a row is not one), `problems` (item, reason), `headers` what is odd about them.
    """

    files: int = 0
    rows: Counter[tuple[str, str]] = field(default_factory=Counter)
    problems: Counter[tuple[str, str]] = field(default_factory=Counter)
    headers: Counter[str] = field(default_factory=Counter)
    unread: Unread = field(default_factory=Unread)


def steps_of(counts: Counts, kept: Mapping[str, int]) -> tuple[Step, ...]:
    """Return the way from the elements of each kind to the `kept` rows of its table."""
    return tuple(step for table in _ELEMENTS for step in _steps(counts, table, kept[table]))


def notes_of(counts: Counts, disagreeing: Mapping[str, int]) -> tuple[QualityNote, ...]:
    """Return everything odd that was found; `disagreeing` is the number of children by what their records differ in."""
    unread = counts.unread
    notes = [QualityNote(what, counts.headers[what], _HEADERS[what]) for what in _HEADERS]
    notes += [QualityNote(f"{item}: {why}", n, handled(why)) for (item, why), n in sorted(counts.problems.items())]
    notes += [
        QualityNote(f"children whose records in one return differ in {name}", n, "left missing")
        for name, n in disagreeing.items()
    ]
    notes.append(QualityNote("pieces of text between elements", unread.stray_texts, "passed over"))
    notes += [
        QualityNote(f"elements {name}, unknown to the census where they stand", n, "passed over with all inside")
        for name, n in sorted(unread.unknown.items())
    ]
    unused = named(sorted(unread.unused), most=len(unread.unused))
    notes.append(QualityNote(f"elements that no table holds: {unused}", unread.unused.total(), "passed over"))
    return tuple(note for note in notes if note.rows)


def _steps(counts: Counts, table: str, kept: int) -> Iterator[Step]:
    """Yield one table's steps; the last one's rows are the table's."""
    rows = counts.rows[table, FOUND]
    files = "1 file" if counts.files == 1 else f"{counts.files:,} files"
    yield Step(table, f"{_ELEMENTS[table]} of {files}", rows)
    no_child = counts.rows[table, NO_CHILD]
    rows -= no_child
    yield Step(table, "the child has an LAchildID", rows, no_child)
    if table in _DATED:
        no_date = counts.rows[table, NO_DATE]
        rows -= no_date
        yield Step(table, f"{_DATED[table]} is a date", rows, no_date)
    if table in _ONE_ROW:
        yield Step(table, _ONE_ROW[table], kept, rows - kept)
