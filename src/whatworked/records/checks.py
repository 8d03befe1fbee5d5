"""Every canonical table checked against its own declarations: counts by table, check, area and year, never a value.

The rows stay with the engine. One scan of a table counts all its checks, a second one groups its keys.
"""

from collections.abc import Iterator, Mapping, Sequence

from whatworked.engine.interface import Columns, Engine
from whatworked.engine.sql import Query
from whatworked.records.canonical import Keep, unkept
from whatworked.records.check_rules import COVERAGE, DUPLICATES, Check, checks_of
from whatworked.records.coverage import Counted, gaps
from whatworked.records.quality_report import CheckRow, QualityReport
from whatworked.records.schema import BY_NAME, CanonicalTable

NO_AREA = ""


def check_tables_of(engine: Engine, tables: Mapping[str, Query], *, keep: Keep = unkept) -> QualityReport:
    """Check canonical tables by themselves, against each other, and for areas and years that they lack.

    Parameters
    ----------
    engine : runs the queries
    tables : canonical tables by name, those that are held
    keep : may write what a query counts to a file, under a name, and return the query that reads it

    Returns
    -------
    QualityReport; the period of a row is the census year, the area of a table without areas is the empty text.

    Proof: tests/records/test_checks.py, a second implementation over lists of rows.
    """
    rows: list[CheckRow] = []
    counted: dict[str, Counted] = {}
    for name, query in tables.items():
        table = BY_NAME[name]
        checks = checks_of(table, tables)
        found = engine.collect(keep("checks", check_query(table, query, tables, checks=checks)))
        counted[name] = dict(zip(_places(found), _whole(found, "rows"), strict=True))
        rows += _duplicates(engine.collect(keep("duplicates", duplicate_query(table, query))), name)
        rows += _rows(found, name, checks)
    return QualityReport((*rows, *_coverage(counted)))


def check_query(table: CanonicalTable, query: Query, tables: Mapping[str, Query], *, checks: Sequence[Check]) -> Query:
    """One row an area and census year: its rows and, for each check by its place, rows tested and rows found."""
    place = _place(table)
    counts = ", ".join(
        f"COUNT(CASE WHEN {check.tested} THEN 1 END) AS tested_{i}, "
        f"COUNT(CASE WHEN ({check.tested}) AND ({check.found}) THEN 1 END) AS found_{i}"
        for i, check in enumerate(checks)
    )
    columns = ("area", "census_year", "rows", *(f"{n}_{i}" for i in range(len(checks)) for n in ("tested", "found")))
    return Query(
        f"""
        SELECT {place} AS area, census_year, COUNT(*) AS rows{", " if counts else ""}{counts}
        FROM {query} AS records
        {_joined(table, tables)}
        GROUP BY {"area, " if table.has_area else ""}census_year
        """,
        grain="area and census year",
        columns=columns,
    )


def duplicate_query(table: CanonicalTable, query: Query) -> Query:
    """One row an area and census year: its rows, and those that repeat the key of another."""
    area = "area, " if table.has_area else ""
    return Query(
        f"""
        SELECT {_place(table)} AS area, census_year, CAST(SUM(copies) AS BIGINT) AS tested,
               CAST(SUM(copies - 1) AS BIGINT) AS found
        FROM (
          SELECT {area}census_year, COUNT(*) AS copies FROM {query} AS records GROUP BY {", ".join(table.key)}
        ) AS keys
        GROUP BY {area}census_year
        """,
        grain="area and census year",
        columns=("area", "census_year", "tested", "found"),
    )


def _place(table: CanonicalTable) -> str:
    return "area" if table.has_area else "CAST('' AS STRING)"


def _joined(table: CanonicalTable, tables: Mapping[str, Query]) -> str:
    """Return the joins that a table's checks need, of the tables that are held; each gives one row a child at most."""
    joins = []
    if table.has_area and "child" in tables:
        joins.append(f"LEFT JOIN ({_people(tables['child'])}) AS people ON person_area = area AND person_child = child")
    if "referral" in table.links and "referral" in tables:
        joins.append(
            f"""LEFT JOIN (
              SELECT area AS referral_area, child AS referral_child, MIN(referral_date) AS first_referral
              FROM {tables["referral"]} AS referrals GROUP BY area, child
            ) AS first_referrals ON referral_area = area AND referral_child = child"""
        )
    if "pupil" in table.links and "school_year" in tables:
        joins.append(
            f"""LEFT JOIN (
              SELECT pupil AS known_pupil FROM {tables["school_year"]} AS pupils GROUP BY pupil
            ) AS known_pupils ON known_pupil = pupil"""
        )
    return "\n".join(joins)


def _people(children: Query) -> str:
    """One row a child: what all its records together say, a full date of birth apart from one of a month."""
    full = "CASE WHEN birth_precision = 'day' THEN birth_date END"
    return f"""
        SELECT area AS person_area, child AS person_child, MIN(birth_date) AS earliest_birth,
               MIN({full}) AS first_birth, MAX({full}) AS last_birth, MAX(death_date) AS last_death,
               MIN(NULLIF(sex, 0)) AS least_sex, MAX(NULLIF(sex, 0)) AS most_sex,
               MAX(CASE WHEN origin = 'cin' THEN 1 ELSE 0 END) AS in_census
        FROM {children} AS children GROUP BY area, child"""


def _rows(found: Columns, table: str, checks: Sequence[Check]) -> Iterator[CheckRow]:
    places = _places(found)
    for i, check in enumerate(checks):
        for (area, year), tested, wrong in zip(
            places, _whole(found, f"tested_{i}"), _whole(found, f"found_{i}"), strict=True
        ):
            if tested:
                yield CheckRow(table, check.name, check.kind, area, str(year), tested, wrong)


def _duplicates(found: Columns, table: str) -> Iterator[CheckRow]:
    counted = zip(_places(found), _whole(found, "tested"), _whole(found, "found"), strict=True)
    for (area, year), tested, wrong in counted:
        yield CheckRow(table, DUPLICATES, "invalid", area, str(year), tested, wrong)


def _coverage(counted: Mapping[str, Counted]) -> Iterator[CheckRow]:
    """Yield every area and year of the records for every table of areas, and whether it is a gap."""
    with_area = {name: found for name, found in counted.items() if BY_NAME[name].has_area}
    places = {place for found in with_area.values() for place in found}
    areas, years = sorted({area for area, _ in places}), sorted({year for _, year in places})
    every = list(range(years[0], years[-1] + 1)) if years else []
    for name, found in with_area.items():
        for area in areas:
            for year, note in gaps({year: found.get((area, year), 0) for year in every}).items():
                yield CheckRow(name, COVERAGE, "gap", area, str(year), 1, int(bool(note)), note)


def _places(found: Columns) -> list[tuple[str, int]]:
    return [(str(area), int(year)) for area, year in zip(found["area"], found["census_year"], strict=True)]


def _whole(found: Columns, column: str) -> list[int]:
    return [int(n) for n in found[column]]
