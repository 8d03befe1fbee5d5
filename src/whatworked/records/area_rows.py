"""From a file of areas by periods to one row an area and period: the steps, as queries.

Nothing runs here. Each function takes the step before it and says what one row is. A row that a rule leaves out
is named by the rule's number in the same expression that filters it, so that the count is of what was done.
"""

from collections.abc import Mapping, Sequence

from whatworked.engine.sql import Query, identifier, literal
from whatworked.protocol.model import AreaSeries
from whatworked.records.numbers import kind, number

NUMBERS = ("value", "numerator", "denominator")


def file_rows(series: AreaSeries, table: str) -> Query:
    """One row a row of the file: the mapped columns as text without blanks around, and the rule that leaves it out.

    `left_out_by` is 0 for a row that is kept, the place of the column in `keep` (from 1) for one that is not,
    and the number after these for one without an area code. A column `wide 0` and so on holds each period of a
    wide table, in the order of `wide`.
    """
    columns = series.columns
    mapped = {
        "area": columns.area,
        "area_name": columns.name,
        "label": columns.period,
        "value": columns.value,
        "numerator": columns.numerator,
        "denominator": columns.denominator,
        **{wide_column(place): column for place, column in enumerate(series.wide.values())},
    }
    selected = [f"{_text(column)} AS {identifier(name)}" for name, column in mapped.items()]
    selected.append(f"{_left_out_by(series)} AS left_out_by")
    text = "SELECT " + ",\n       ".join(selected) + f"\nFROM {identifier(table)} AS file_table"
    return Query(text, grain="row of the file", columns=(*mapped, "left_out_by"))


def kept_rows(series: AreaSeries, rows: Query) -> Query:
    """One row a kept row of the file; of a wide table, one a kept row and period."""
    shared = ("area", "area_name", "label", "value", "numerator", "denominator")
    if not series.wide:
        text = f"SELECT {_listed(shared)} FROM {rows} AS file_rows WHERE left_out_by = 0"
        return Query(text, grain="row of the file", columns=shared)
    parts = [
        f"SELECT area, area_name, {literal(label)} AS label, {identifier(wide_column(place))} AS value, "
        f"numerator, denominator FROM {rows} AS file_rows WHERE left_out_by = 0"
        for place, label in enumerate(series.wide)
    ]
    return Query("\nUNION ALL\n".join(parts), grain="row of the file and period", columns=shared)


def dated_rows(rows: Query, indices: Mapping[str, int]) -> Query:
    """One row as before, if its label stands for a period of the study; `period` is the period's index."""
    arms = "\n".join(f"WHEN {literal(label)} THEN {index}" for label, index in indices.items())
    labels = ", ".join(literal(label) for label in indices)
    return Query(
        f"""
        SELECT area, area_name, CAST(
          CASE label
          {arms}
          END AS INTEGER) AS period, value, numerator, denominator
        FROM {rows} AS kept_rows
        WHERE label IN ({labels})
        """,
        grain=rows.grain,
        columns=("area", "area_name", "period", *NUMBERS),
    )


def typed_rows(rows: Query) -> Query:
    """One row as before, its numbers as DOUBLE and beside each what it holds in place of one."""
    numbers = ", ".join(f"{number(column)} AS {column}_number" for column in NUMBERS)
    kinds = ", ".join(
        f"{kind(column, f'{column}_number', signed=column == 'value', whole=column == 'numerator')} AS {column}_kind"
        for column in NUMBERS
    )
    kept = ("area", "area_name", "period", *(f"{column}_number" for column in NUMBERS))
    return Query(
        f"""
        SELECT {_listed(kept)}, {kinds}
        FROM (SELECT area, area_name, period, {_listed(NUMBERS)}, {numbers} FROM {rows} AS dated_rows) AS with_numbers
        """,
        grain=rows.grain,
        columns=(*kept, *(f"{column}_kind" for column in NUMBERS)),
    )


def distinct_rows(rows: Query) -> Query:
    """One row a distinct set of figures of an area and period, with the number of `copies` in the file."""
    figures = [f"CASE WHEN {column}_kind IS NULL THEN {column}_number END AS {column}_number" for column in NUMBERS]
    key = ("area", "period", *(f"{column}_{part}" for column in NUMBERS for part in ("number", "kind")))
    sound = ", ".join((*figures, *(f"{column}_kind" for column in NUMBERS)))
    return Query(
        f"""
        SELECT {_listed(key)}, MIN(area_name) AS area_name, COUNT(*) AS copies
        FROM (SELECT area, area_name, period, {sound} FROM {rows} AS typed_rows) AS sound_rows
        GROUP BY {_listed(key)}
        """,
        grain="distinct set of figures of an area and period",
        columns=(*key, "area_name", "copies"),
    )


def series_rows(rows: Query) -> Query:
    """One row an area and period, the area under its latest name."""
    return Query(
        f"""
        SELECT area,
               COALESCE(FIRST_VALUE(area_name) OVER (
                   PARTITION BY area
                   ORDER BY CASE WHEN area_name IS NULL THEN 1 ELSE 0 END, period DESC NULLS LAST, area_name NULLS LAST
               ), area) AS area_name,
               period,
               value_number AS value,
               TRY_CAST(numerator_number AS BIGINT) AS people,
               denominator_number AS denominator,
               value_kind AS mark
        FROM {rows} AS distinct_rows
        """,
        grain="area and period",
        columns=("area", "area_name", "period", "value", "people", "denominator", "mark"),
    )


def wide_column(place: int) -> str:
    """Return the name under which `file_rows` has a period of a wide table."""
    return f"wide {place}"


def _left_out_by(series: AreaSeries) -> str:
    """Return the expression of the number of the first rule that leaves a row out, 0 for none."""
    rules = []
    for column, wanted in series.keep.items():
        values = (wanted,) if isinstance(wanted, str) else wanted
        listed = ", ".join(literal(value) for value in values)
        rules.append(f"COALESCE({_text(column)}, '') NOT IN ({listed})")
    rules.append(f"{_text(series.columns.area)} IS NULL")
    arms = "\n".join(f"WHEN {rule} THEN {place}" for place, rule in enumerate(rules, start=1))
    return f"CAST(\nCASE\n{arms}\nELSE 0 END AS INTEGER)"


def _text(column: str | None) -> str:
    """Return the expression of a column of the file as text without blanks around it, NULL where there is none."""
    if column is None:
        return "CAST(NULL AS STRING)"
    return f"NULLIF(TRIM(CAST({identifier(column)} AS STRING)), '')"


def _listed(columns: Sequence[str]) -> str:
    """Return names of columns of our own, which need no quotes, with commas between them."""
    return ", ".join(columns)
