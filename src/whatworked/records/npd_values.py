"""Texts of an extract as values of the canonical tables, as expressions: what cannot be used is NULL, and counted.

Each function takes an expression of a text without blanks around it, NULL where it is blank.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from whatworked.engine.sql import identifier, literal
from whatworked.records import codes

Expression = Callable[[str], str]

FLOATS = ("DOUBLE", "FLOAT", "Float64", "Float32")
YES, NO = ("1", "1.0", "Y", "YES", "T", "TRUE"), ("0", "0.0", "N", "NO", "F", "FALSE")
MIDNIGHTS = ("____-__-__ 00:00:00%", "____-__-__T00:00:00%", "__/__/____ 00:00:00%")
# A year's first month; 31 March is the last day of a collection year.
APRIL = 4


@dataclass(frozen=True, slots=True)
class Item:
    """A column of the typed rows: the field that it is read from, and how; `None` is a date."""

    name: str
    field: str
    value: Expression | None

    @property
    def text(self) -> str:
        """Name of the column with the text as it stands in the file."""
        return f"text_{self.name}"

    @property
    def bad(self) -> str:
        """Name of the column that is 1 where there is a text and no value."""
        return f"bad_{self.name}"


def text_of(columns: Iterable[str], types: Mapping[str, str]) -> str:
    """Return the expression of the first of several columns that holds something, as text without blanks around it."""
    found = [f"NULLIF(TRIM({_plain(column, types[column])}), '')" for column in columns]
    return found[0] if len(found) == 1 else f"COALESCE({', '.join(found)})"


def no_text() -> str:
    """Return the expression of a text that is missing."""
    return "CAST(NULL AS STRING)"


def _plain(column: str, type_name: str) -> str:
    """Return the expression of a column as text; a whole number that is kept as a fraction is written without it."""
    name = identifier(column)
    if type_name not in FLOATS:
        return f"CAST({name} AS STRING)"
    whole = f"TRY_CAST({name} AS BIGINT)"
    return f"""CASE WHEN {whole} IS NULL THEN NULL WHEN CAST({whole} AS DOUBLE) = {name}
        THEN CAST({whole} AS STRING) ELSE CAST({name} AS STRING) END"""


def written(text: str) -> str:
    """Return a text as it stands."""
    return text


def capitals(text: str) -> str:
    """Return a text in capitals."""
    return f"UPPER({text})"


def label(text: str) -> str:
    """Return an identifier or a council's number, which some programs write with a fraction of nought."""
    return f"CASE WHEN {text} LIKE '_%.0' THEN SUBSTRING({text}, 1, LENGTH({text}) - 2) ELSE {text} END"


def pupil_number(text: str) -> str:
    """Return a unique pupil number in capitals and without blanks inside, as the other returns are read."""
    return f"UPPER(REPLACE({text}, ' ', ''))"


def coded(known: Iterable[str]) -> Expression:
    """Return how a code is read: in capitals, if it is one of the known."""
    listed = ", ".join(literal(code) for code in known)
    return lambda text: f"CASE WHEN UPPER({text}) IN ({listed}) THEN UPPER({text}) END"


def care_code(text: str) -> str:
    """Return a code of the looked-after children's return in capitals; -10 and its like say that there is none."""
    return f"CASE WHEN {text} NOT LIKE '-%' THEN UPPER({text}) END"


def truth(text: str) -> str:
    """Return 1 or 0, in whatever spelling it is written."""
    yes, no = (", ".join(literal(word) for word in words) for words in (YES, NO))
    return f"CAST(CASE WHEN UPPER({text}) IN ({yes}) THEN 1 WHEN UPPER({text}) IN ({no}) THEN 0 END AS INTEGER)"


def disability(text: str) -> str:
    """Return 1 for a disability and 0 for none, of a flag or a code; a code that is unknown says neither."""
    some = ", ".join(literal(code) for code in (*YES, *(code for code in codes.DISABILITY if code != "NONE")))
    none = ", ".join(literal(code) for code in (*NO, "NONE"))
    return f"CAST(CASE WHEN UPPER({text}) IN ({some}) THEN 1 WHEN UPPER({text}) IN ({none}) THEN 0 END AS INTEGER)"


def sex(text: str) -> str:
    """Return 1, 2, 0 or 9, also of the letters M, F and U."""
    letters = {"1": "M", "2": "F", "0": "U", "9": "9"}
    arms = " ".join(f"WHEN {text} IN ('{n}', '{n}.0', '{x}', '{x.lower()}') THEN {n}" for n, x in letters.items())
    return f"CAST(CASE {arms} END AS INTEGER)"


def ethnicity(text: str) -> str:
    """Return a code of four letters; extracts hold extended codes, whose first letter tells the group."""
    return f"CASE WHEN {text} LIKE '____' THEN UPPER({text}) END"


def whole(most: int) -> Expression:
    """Return how a whole number from nought on is read."""

    def number(text: str) -> str:
        found = f"TRY_CAST({label(text)} AS INTEGER)"
        return f"CASE WHEN {found} >= 0 AND {found} <= {most} THEN {found} END"

    return number


def school_stage(text: str) -> str:
    """Return the national curriculum year, reception being 0."""
    return f"CASE WHEN UPPER({text}) = 'R' THEN CAST(0 AS INTEGER) ELSE {whole(14)(text)} END"


def two_years(text: str) -> str:
    """Return the year in which 2011/2012, 2011/12, 2011-12, 201112 or 20112012 ends."""
    first = f"TRY_CAST(SUBSTRING({text}, 1, 4) AS INTEGER)"
    places = {"____/____": (6, 4), "____-____": (6, 4), "________": (5, 4), "____/__": (6, 2), "____-__": (6, 2),
              "______": (5, 2)}  # fmt: skip
    arms = " ".join(
        f"WHEN {text} LIKE '{form}' THEN TRY_CAST(SUBSTRING({text}, {start}, {length}) AS INTEGER)"
        for form, (start, length) in places.items()
    )
    second = f"(CASE {arms} END)"
    return f"CASE WHEN {second} IN ({first} + 1, {first} - 1899, {first} - 1999) THEN {first} + 1 END"


def either_year(text: str) -> str:
    """Return a year that stands alone, or the one in which two years end."""
    return f"COALESCE(CASE WHEN {text} LIKE '____' THEN {whole(2099)(text)} END, {two_years(text)})"


def without_midnight(text: str) -> str:
    """Return the text of a day whose time is midnight without it."""
    forms = " OR ".join(f"{text} LIKE '{form}'" for form in MIDNIGHTS)
    return f"CASE WHEN {forms} THEN SUBSTRING({text}, 1, 10) ELSE {text} END"


def collection_year(date: str) -> str:
    """Return the expression of the year in which the collection year of a date ends."""
    year, month = (f"EXTRACT({part} FROM {date})" for part in ("YEAR", "MONTH"))
    return f"CAST({year} + CASE WHEN {month} >= {APRIL} THEN 1 ELSE 0 END AS INTEGER)"


def first_of_month(year: str, month: str) -> str:
    """Return the expression of the first day of a month, NULL where either is missing or there is no such month."""
    padded = f"CASE WHEN {month} < 10 THEN '0' ELSE '' END || CAST({month} AS STRING)"
    found = f"CAST({year} AS STRING) || '-' || {padded} || '-01'"
    return f"CASE WHEN {year} >= 1900 AND {month} >= 1 AND {month} <= 12 THEN TRY_CAST({found} AS DATE) END"
