"""What is counted on the way from an extract's files to its tables: rows left out, values not used, and where."""

from collections.abc import Iterator, Mapping, Sequence

from whatworked.engine.interface import Engine
from whatworked.engine.sql import Query, literal
from whatworked.records.npd_columns import CIN, FIELDS, SECTION_47
from whatworked.records.npd_files import Extract
from whatworked.records.npd_rows import Typing
from whatworked.records.quality import QualityNote, Step, counted, named

# So many rows of each kind of fault are told by their place.
PLACES = 3
_LACKING = {"referral_date": "a conference counts for the latest referral before it"}


def rule_steps(engine: Engine, typing: Typing, rows: Query, *, files: int) -> tuple[Step, ...]:
    """Return how many rows of a kind of file there are, and how many each rule leaves out, with the first places."""
    text = f"SELECT left_out_by, COUNT(*) AS rows FROM {rows} AS typed GROUP BY left_out_by"
    found = engine.collect(Query(text, grain="rule", columns=("left_out_by", "rows")))
    left_out = {int(rule): int(n) for rule, n in zip(found["left_out_by"], found["rows"], strict=True)}
    where = _places(engine, rows, {str(n): f"left_out_by = {n}" for n in left_out if n})
    part, remaining = typing.part.name, sum(left_out.values())
    steps = [Step(part, f"rows of {counted(files, 'file')}", remaining)]
    for place, (rule, _) in enumerate(typing.rules, start=1):
        n = left_out.get(place, 0)
        remaining -= n
        steps.append(Step(part, f"{rule}{_first(where, str(place), n)}", remaining, n))
    return tuple(steps)


def value_notes(engine: Engine, typing: Typing, rows: Query) -> tuple[QualityNote, ...]:
    """Return how many values of each column cannot be used, in rows that are, with the first places."""
    marks = {item.name: f"left_out_by = 0 AND {item.bad} = 1" for item in typing.items}
    counts = _counted(engine, rows, {name: f"COUNT(CASE WHEN {test} THEN 1 END)" for name, test in marks.items()})
    where = _places(engine, rows, {name: test for name, test in marks.items() if counts[name]})
    notes = []
    for item in typing.items:
        if n := counts[item.name]:
            fault = "is no date" if item.value is None else "holds something else"
            what = f"{typing.part.name}: {FIELDS[item.field].names[0]} {fault}{_first(where, item.name, n)}"
            notes.append(QualityNote(what, n, "left missing"))
    return tuple(notes)


def table_step(engine: Engine, name: str, rule: str, *, before: int, table: Query) -> Step:
    """Return the step from so many rows to a table."""
    after = number_of(engine, table)
    return Step(name, rule, after, before - after)


def number_of(engine: Engine, rows: Query, test: str = "1 = 1") -> int:
    """Return the number of rows for which a condition holds."""
    return _counted(engine, rows, {"rows": f"COUNT(CASE WHEN {test} THEN 1 END)"})["rows"]


def file_notes(extract: Extract) -> Iterator[QualityNote]:
    """Yield what is odd about the files: others in the folder, columns that are not read, columns that lack."""
    if extract.others:
        yield QualityNote("files that are neither CSV, Parquet nor Stata", extract.others, "not read")
    unread = sorted({column for file in extract.files for column in file.columns.unread}, key=str.casefold)
    if unread:
        yield QualityNote(f"columns that no table holds: {named(unread)}", len(unread), "not read")
    for part, fields in ((CIN, CIN.may), (SECTION_47, ("referral_date",))):
        for field in fields:
            if without := sum(field not in file.columns.fields for file in extract.of(part)):
                what = f"files of {part.name} without a column {FIELDS[field].names[0]}"
                yield QualityNote(what, without, _LACKING.get(field, "missing there"))


def disagreement_notes(engine: Engine, disagreements: Query, *, what: str) -> Iterator[QualityNote]:
    """Yield how many children's rows of one year say two things of them."""
    found = engine.collect(disagreements)
    for name, column in found.items():
        if n := int(column[0]):
            yield QualityNote(f"children whose rows of one year of {what} differ in {name}", n, "left missing")


def link_notes(engine: Engine, tables: Mapping[str, Query]) -> Iterator[QualityNote]:
    """Yield who is in one part of an extract and not in another: identifiers that do not link look like this."""
    if "episode" in tables:
        known = f"SELECT DISTINCT area, child FROM {tables['child']} AS c WHERE origin = 'cin'"
        alone = _unmatched(f"SELECT DISTINCT area, child FROM {tables['episode']} AS e", known, ("area", "child"))
        if n := number_of(engine, alone):
            yield QualityNote("children looked after who are in no file of children in need", n, "kept")
    if "school_year" in tables and "child" in tables:
        pupils = f"SELECT DISTINCT pupil FROM {tables['child']} AS c WHERE pupil IS NOT NULL"
        known = f"SELECT DISTINCT pupil FROM {tables['school_year']} AS s"
        if n := number_of(engine, _unmatched(pupils, known, ("pupil",))):
            yield QualityNote("pupils among the children who are in no school census", n, "low income is not known")


def years_without(engine: Engine, years_of: Query, table: Query) -> tuple[int, ...]:
    """Return the census years of some rows in which a table has none."""
    of_rows, of_table = (f"SELECT DISTINCT census_year FROM {rows} AS of_years" for rows in (years_of, table))
    found = engine.collect(_unmatched(of_rows, of_table, ("census_year",)))
    return tuple(int(year) for year in found["census_year"])


def _unmatched(rows: str, known: str, key: Sequence[str]) -> Query:
    on = " AND ".join(f"r.{name} = k.{name}" for name in key)
    listed = ", ".join(f"r.{name} AS {name}" for name in key)
    text = f"SELECT {listed} FROM ({rows}) AS r LEFT JOIN ({known}) AS k ON {on} WHERE k.{key[0]} IS NULL"
    return Query(text, grain="key without a match", columns=tuple(key))


def _places(engine: Engine, rows: Query, tests: Mapping[str, str]) -> dict[str, list[str]]:
    """Return the first rows for which each condition holds, as `cin_2012.csv row 3`."""
    if not tests:
        return {}
    parts = [
        f"SELECT {literal(name)} AS fault, file_name, row_number, ROW_NUMBER() OVER "
        f"(ORDER BY file_name NULLS LAST, row_number NULLS LAST) AS place FROM {rows} AS typed WHERE {test}"
        for name, test in tests.items()
    ]
    text = f"SELECT fault, place, file_name, row_number FROM ({' UNION ALL '.join(parts)}) AS f WHERE place <= {PLACES}"
    found = engine.collect(Query(text, grain="fault", columns=("fault", "place", "file_name", "row_number")))
    where: dict[str, list[str]] = {}
    for fault, file, row in zip(found["fault"], found["file_name"], found["row_number"], strict=True):
        where.setdefault(str(fault), []).append(f"{file} row {int(row)}")
    return where


def _first(where: Mapping[str, Sequence[str]], fault: str, rows: int) -> str:
    found = where.get(fault)
    more = f" and {rows - len(found):,} more" if found and rows > len(found) else ""
    return f" (not so: {', '.join(found)}{more})" if found else ""


def _counted(engine: Engine, rows: Query, counts: Mapping[str, str]) -> dict[str, int]:
    selected = ", ".join(f"{count} AS {name}" for name, count in counts.items())
    found = engine.collect(Query(f"SELECT {selected} FROM {rows} AS counted", grain="count", columns=tuple(counts)))
    return {name: int(column[0]) for name, column in found.items()}
