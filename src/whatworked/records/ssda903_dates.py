"""Days as the return writes them: 31/12/2017, or 2017-12-31.

Any other writing is no date here. A day and a month without their noughts are what a spreadsheet of another country
leaves behind, and its 4/1/2017 would be read as the wrong day.
"""

from whatworked.engine.sql import identifier

# Years outside these are slips of the keyboard; a return of this kind holds nobody born earlier.
FIRST_DAY, LAST_DAY = "1900-01-01", "2099-12-31"


def iso_text(column: str) -> str:
    """Return the expression of a text column with a day as text of the form 2017-12-31, NULL where it has no form."""
    text = identifier(column)
    turned = f"SUBSTRING({text}, 7, 4) || '-' || SUBSTRING({text}, 4, 2) || '-' || SUBSTRING({text}, 1, 2)"
    return f"CASE WHEN {text} LIKE '__/__/____' THEN {turned} WHEN {text} LIKE '____-__-__' THEN {text} END"


def day(column: str) -> str:
    """Return the expression of what `iso_text` gives as DATE, NULL where there is no such day.

    Engines differ in what else they read as a date, so only a text counts that the day is written as again.
    """
    iso = identifier(column)
    cast = f"TRY_CAST({iso} AS DATE)"
    inside = f"{iso} >= '{FIRST_DAY}' AND {iso} <= '{LAST_DAY}'"
    return f"CASE WHEN {inside} AND CAST({cast} AS STRING) = {iso} THEN {cast} END"
