"""From canonical referrals in Parquet to the rows of analysis, beside a bare scan and a version in pandas.

`python benchmarks/cohorts.py --referrals 500000` writes invented referrals (some two a child, 150 areas, eleven years),
reads them, makes persons and referral events and the rows of re-referral with characteristics, phases and the flow of
every rule. The scan reads the same columns; pandas takes the same steps in memory, as far as these records need them:
it settles no conflicts, counts no exclusions and keeps nothing on disk. Rows, cases and the sum of ages must be equal.
`--questions 4` makes four questions of them, `--no-pandas` leaves the peer out.
"""

import argparse
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import duckdb
from measure import Stopwatch, case_asked, in_own_process, machine, table

from whatworked.cohort.definitions import AS_REPORTED
from whatworked.cohort.extent import Extent
from whatworked.cohort.flow import flow
from whatworked.cohort.inputs import records_of
from whatworked.cohort.questions import cohort, prepare
from whatworked.cohort.timing import GroupArea, group_table
from whatworked.engine.duckdb import DuckDBEngine
from whatworked.engine.interface import ParquetSource
from whatworked.engine.sql import Query
from whatworked.records.schema import BY_NAME

AREAS, GROUPS = 150, 50
FIRST, LAST = date(2008, 4, 1), date(2019, 3, 31)
START, EMBEDDED = date(2013, 4, 1), date(2014, 3, 31)
QUESTIONS = ("rereferral", "icpc", "escalation", "entry_to_care")
TABLES = ("referral", "child", "plan", "conference", "episode")


def main() -> None:
    """Run every road in a process of its own and print what it took."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--referrals", type=int, default=500_000)
    parser.add_argument("--questions", type=int, default=1)
    parser.add_argument("--no-pandas", action="store_true")
    given = parser.parse_args()
    with TemporaryDirectory() as folder:
        write_records(Path(folder), given.referrals)
        asked = ["scan", "package"] + ([] if given.no_pandas else ["pandas"])
        found = {
            what: in_own_process(
                __file__, what, folder=folder, **({"questions": given.questions} if what == "package" else {})
            )
            for what in asked
        }
    answers = {what: tuple(one["answer"]) for what, one in found.items() if "answer" in one}
    if len(set(answers.values())) != 1:
        message = f"the roads differ: {answers}"
        raise SystemExit(message)
    print(machine())
    rows, cases, ages = next(iter(answers.values()))
    said = f"rows of re-referral, cases and ages are equal: {rows:,}, {cases:,}, {ages:,}"
    print(f"\n{given.referrals:,} referrals; {said}\n")
    lines = [
        [f"{what}: {stage['stage']}", stage["wall"], stage["cpu"], stage["peak"]]
        for what, one in found.items()
        for stage in one["stages"]
    ]
    print(table(["road and stage", "wall s", "CPU s", "peak MiB"], lines))


def write_records(folder: Path, referrals: int) -> None:
    """Write referrals of children that do not overlap, each with a closure, and the tables that go with them."""
    connection = duckdb.connect()
    connection.execute("SET threads = 1")
    connection.execute(
        f"""
        CREATE TABLE drawn AS
        SELECT i, i // 2 AS number, hash(i) AS h, hash(i // 2) AS hc, i % 2 AS turn FROM range({referrals}) AS t(i)
        """
    )
    connection.execute(
        """
        CREATE TABLE referral AS
        SELECT 'A' || (hc % 150) AS area, 'c' || number AS child, i AS sequence, '1A' AS referral_source, 'N1' AS need,
               CASE WHEN h % 10 < 4 THEN 1 ELSE 0 END AS no_further_action,
               CASE WHEN h % 7 < 3 THEN 'RC8' ELSE 'RC7' END AS closure_reason,
               DATE '2008-04-01' + CAST(hc % 3200 + turn * (60 + h % 500) AS INTEGER) AS referral_date
        FROM drawn
        """
    )
    columns = {
        "closure_date": "referral_date + CAST(hash(sequence) % 45 AS INTEGER)",
        "census_year": "year(referral_date) + CASE WHEN month(referral_date) > 3 THEN 1 ELSE 0 END",
    }
    _copy(connection, folder, "referral", "referral", columns)
    people = "(SELECT area, child, MIN(sequence) AS sequence FROM referral GROUP BY area, child)"
    born = {
        "census_year": "2015", "origin": "'cin'", "birth_precision": "'day'", "sex": "1 + hash(child) % 2",
        "birth_date": "DATE '2002-01-01' + CAST(hash(child) % 2000 AS INTEGER)", "ethnicity": "'WBRI'",
        "disabled": "0", "asylum": "0", "pupil": "child",
    }  # fmt: skip
    _copy(connection, folder, "child", people, born)
    few = "(SELECT * FROM referral WHERE sequence % 12 = 0)"
    for name in ("plan", "conference", "episode"):
        # other children's, so that they say nothing about re-referral
        _copy(connection, folder, name, few, {"child": "'x' || child", "census_year": "2015"})
    connection.close()


def _copy(connection: duckdb.DuckDBPyConnection, folder: Path, name: str, source: str, columns: dict[str, str]) -> None:
    """Write a canonical table: its columns by an expression, from the source of that name, or without a value."""
    held = {row[0] for row in connection.execute(f"DESCRIBE SELECT * FROM {source}").fetchall()}
    listed = ", ".join(
        f"CAST({columns.get(c.name, c.name if c.name in held else 'NULL')} AS {c.type}) AS {c.name}"
        for c in BY_NAME[name].columns
    )
    connection.execute(f"COPY (SELECT {listed} FROM {source}) TO '{folder / (name + '.parquet')}' (FORMAT PARQUET)")


def scan(folder: str) -> dict[str, Any]:
    """Read every column of referrals and children once."""
    watch = Stopwatch()
    connection = duckdb.connect()
    connection.execute("SET threads = 2")
    with watch.stage("bare scan of the columns"):
        for name in ("referral", "child"):
            columns = ", ".join(f"MAX({c.name})" for c in BY_NAME[name].columns)
            connection.execute(f"SELECT {columns} FROM '{Path(folder) / (name + '.parquet')}'").fetchall()
    return {"stages": watch.stages[1:]}


def package(folder: str, questions: int) -> dict[str, Any]:
    """Make the rows of each question, the flow of its rules counted."""
    watch = Stopwatch()
    place = Path(folder)
    with (
        TemporaryDirectory() as temporary,
        DuckDBEngine([place, Path(temporary)], Path(temporary), threads=2, memory="2GB") as engine,
    ):
        made = {}
        for name in TABLES:
            engine.register(name, ParquetSource(place / f"{name}.parquet"))
            names = BY_NAME[name].names
            made[name] = Query(f"SELECT {', '.join(names)} FROM {name} AS t", grain=name, columns=names)

        def store(name: str, query: Query) -> Query:
            engine.register(f"kept_{name}", engine.materialise(query, to=Path(temporary) / f"{name}.parquet"))
            return Query(f"SELECT {', '.join(query.columns)} FROM kept_{name} AS t", query.grain, query.columns)

        with watch.stage("persons and referral events"):
            prepared = prepare(records_of(made), extent=Extent(FIRST, LAST), definitions=AS_REPORTED, store=store)
        groups = group_table(
            [GroupArea(f"g{k}", f"A{k + j * GROUPS}", j == 0, START, EMBEDDED) for k in range(GROUPS) for j in range(3)]
        )
        for key in QUESTIONS[:questions]:
            with watch.stage(f"rows of {key}"):
                found = cohort(prepared, key, groups)
                rows = store(f"{key}_rows", found.rows)
                for stage in found.stages.values():
                    engine.collect(flow(stage))
            if key == "rereferral":
                sums = "COUNT(*) AS n, CAST(SUM(outcome) AS BIGINT) AS y, CAST(SUM(age) AS BIGINT) AS a"
                text = f"SELECT {sums} FROM {rows} AS r"
                told = engine.collect(Query(text, grain="question", columns=("n", "y", "a")))
    return {"stages": watch.stages[1:], "answer": [int(told[name][0]) for name in ("n", "y", "a")]}


def pandas(folder: str) -> dict[str, Any]:
    """Take the same steps in pandas: status, next referral, window, groups, phase and age."""
    import pandas as pd  # noqa: PLC0415 - the peer is imported by its own process alone

    watch = Stopwatch()
    days = pd.Timedelta
    with watch.stage("reading"):
        referral = pd.read_parquet(Path(folder) / "referral.parquet")
        child = pd.read_parquet(Path(folder) / "child.parquet", columns=["area", "child", "birth_date"])
        for column in ("referral_date", "closure_date"):
            referral[column] = pd.to_datetime(referral[column])
        child["birth_date"] = pd.to_datetime(child["birth_date"])
    with watch.stage("rows of rereferral"):
        rows = referral.sort_values(["area", "child", "referral_date", "sequence"]).merge(child, on=["area", "child"])
        age = (rows["referral_date"] - rows["birth_date"]).dt.days
        rows = rows[((age / 365.25) // 1 < 18) & (age >= -280)].copy()
        rows["age"] = ((rows["referral_date"] - rows["birth_date"]).dt.days / 365.25) // 1
        rows["next"] = rows.groupby(["area", "child"])["referral_date"].shift(-1)
        closed = (rows["no_further_action"] == 1) | (rows["closure_reason"] == "RC8")
        rows = rows[closed].copy()
        until = rows["closure_date"] + days(days=183)
        rows["outcome"] = ((rows["next"] > rows["closure_date"]) & (rows["next"] <= until)).astype(int)
        rows["post"] = (rows["referral_date"] > pd.Timestamp(EMBEDDED)).astype(int)
        baseline = until < pd.Timestamp(START)
        after = (rows["post"] == 1) & (until < pd.Timestamp(LAST))
        rows = rows[baseline | after]
        number = rows["area"].str[1:].astype(int)
        rows = rows.assign(matched_group=number % GROUPS, pilot=(number < GROUPS).astype(int))
        rows["copies"] = rows.groupby(["area", "child", "referral_date"])["area"].transform("size")
    return {"stages": watch.stages[1:], "answer": [len(rows), int(rows["outcome"].sum()), int(rows["age"].sum())]}


if __name__ == "__main__":
    if not case_asked({"scan": scan, "package": package, "pandas": pandas}):
        main()
