"""From the files of SSDA903 returns to the canonical tables `child` and `episode`: the steps, as queries.

Nothing runs here. Each function takes the step before it and says what one row is. A row that a rule leaves out
carries the rule's number, so that the count is of what was done.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence

from whatworked.engine.sql import Query, identifier, literal
from whatworked.records.schema import CHILD, EPISODE
from whatworked.records.ssda903_dates import day, iso_text
from whatworked.records.ssda903_files import EPISODES, HEADER, UASC, Return

# The rules that leave a row out, in the order in which they are asked; `left_out_by` is their number from 1.
HEADER_RULES = ("CHILD is given",)
UASC_RULES = ("CHILD is given",)
EPISODE_RULES = ("CHILD is given", "DECOM is given", "DECOM is a date", "DEC is not before DECOM")

_PERSON = ("area", "child", "census_year")
_STAY = ("start_date", "start_reason", "legal_status", "placement")
_EPISODE = (*_PERSON, *_STAY, "need", "end_date", "end_reason")
_CODES = {"start_reason": "RNE", "legal_status": "LS", "placement": "PLACE", "need": "CIN", "end_reason": "REC"}

# Sex and ethnic origin where nothing is known: they yield to what another row of the child says.
_NO_SEX, _NO_ETHNICITY = "0", "'NOBT', 'REFU'"


def episode_rows(returns: Sequence[Return]) -> Query:
    """One row a row of the episodes files: typed, with the rule that leaves it out and what stood in place of DEC."""
    codes = ", ".join(_CODES)
    text = {"starts": "DECOM", "ends": "DEC", **_CODES}
    written = _rows_of(EPISODES, returns, text=text)
    days = f"""
        SELECT area, census_year, child, {codes}, starts, {iso_text("starts")} AS start_text,
               ends, {iso_text("ends")} AS end_text
        FROM {written} AS written"""
    typed = f"""
        SELECT area, census_year, child, {codes}, starts, {day("start_text")} AS start_date,
               ends, {day("end_text")} AS end_date
        FROM ({days}) AS with_text"""
    tests = ("child IS NULL", "starts IS NULL", "start_date IS NULL", "end_date < start_date")
    return Query(
        f"""
        SELECT {", ".join(_EPISODE)}, {_left_out_by(tests)} AS left_out_by,
               CASE WHEN ends IS NOT NULL AND end_date IS NULL THEN 1 ELSE 0 END AS no_end_day
        FROM ({typed}) AS typed
        """,
        grain="row of the episodes files",
        columns=(*_EPISODE, "left_out_by", "no_end_day"),
    )


def distinct_episodes(rows: Query) -> Query:
    """One row a distinct kept row of a return, with its `copies` and its `place` among those that share its key.

    The one that ended last comes first, before one that is still open; then by reason of its end and by need.
    """
    listed = ", ".join(_EPISODE)
    key = ", ".join((*_PERSON, *_STAY))
    # The rule is asked after grouping, and is the same for all rows of a group: asked before, an engine would read
    # each day again in every file to answer it, which took ten times as long.
    return Query(
        f"""
        SELECT {listed}, copies, ROW_NUMBER() OVER (
            PARTITION BY {key}
            ORDER BY end_date DESC NULLS LAST, end_reason NULLS LAST, need NULLS LAST
        ) AS place
        FROM (
          SELECT {listed}, COUNT(*) AS copies, MIN(left_out_by) AS left_out_by
          FROM {rows} AS typed_rows
          GROUP BY {listed}
        ) AS without_copies
        WHERE left_out_by = 0
        """,
        grain="distinct row of a return",
        columns=(*_EPISODE, "copies", "place"),
    )


def episodes_of_returns(distinct: Query) -> Query:
    """One row an episode of care in one year's return: the canonical table."""
    text = f"SELECT {', '.join(EPISODE.names)} FROM {distinct} AS distinct_rows WHERE place = 1"
    return Query(text, grain=EPISODE.grain, columns=EPISODE.names)


def header_rows(returns: Sequence[Return]) -> Query:
    """One row a row of the header files: typed, with the rule that leaves it out and what could not be read."""
    written = _rows_of(
        HEADER,
        returns,
        text={"sex_text": "SEX", "born": "DOB", "ethnicity": "ETHNIC", "pupil_text": "UPN"},
        number={"has_uasc": lambda given: int(UASC in given.parts)},
    )
    dated = f"SELECT written.*, {iso_text('born')} AS born_text FROM {written} AS written"
    # A spreadsheet with blanks in a column of whole numbers writes them with a fraction.
    sex = " ".join(f"WHEN sex_text IN ('{code}', '{code}.0') THEN {code}" for code in (0, 1, 2, 9))
    typed = f"""
        SELECT area, census_year, child, has_uasc, born, {day("born_text")} AS birth_date, ethnicity,
               sex_text, CAST(CASE {sex} END AS INTEGER) AS sex,
               CASE WHEN pupil_text LIKE 'UN_' THEN NULL ELSE pupil_text END AS pupil
        FROM ({dated}) AS with_text"""
    columns = (*_PERSON, "has_uasc", "birth_date", "sex", "ethnicity", "pupil")
    flags = ("left_out_by", "no_birth_day", "no_sex")
    return Query(
        f"""
        SELECT {", ".join(columns)}, {_left_out_by(("child IS NULL",))} AS left_out_by,
               CASE WHEN born IS NOT NULL AND birth_date IS NULL THEN 1 ELSE 0 END AS no_birth_day,
               CASE WHEN sex_text IS NOT NULL AND sex IS NULL THEN 1 ELSE 0 END AS no_sex
        FROM ({typed}) AS typed
        """,
        grain="row of the header files",
        columns=(*columns, *flags),
    )


def uasc_rows(returns: Sequence[Return]) -> Query:
    """One row a row of the files of unaccompanied asylum-seeking children, with the rule that leaves it out."""
    asking = [given for given in returns if UASC in given.parts]
    written = _rows_of(UASC, asking, text={}) if asking else _nobody()
    return Query(
        f"SELECT area, child, census_year, {_left_out_by(('child IS NULL',))} AS left_out_by FROM {written} AS written",
        grain="row of the UASC files",
        columns=(*_PERSON, "left_out_by"),
    )


def asylum_children(rows: Query) -> Query:
    """One row a child in a return's UASC file."""
    text = f"SELECT DISTINCT area, child, census_year FROM {rows} AS uasc_rows WHERE left_out_by = 0"
    return Query(text, grain="child of a UASC file", columns=_PERSON)


def distinct_children(rows: Query) -> Query:
    """One row a child in a return, with its `copies` and how many of them disagree; what they disagree on is NULL.

    A value beats a blank, and beats a sex not recorded or an ethnic origin not obtained or refused.
    """
    real = {
        "birth_date": "birth_date",
        "sex": f"CASE WHEN sex <> {_NO_SEX} THEN sex END",
        "ethnicity": f"CASE WHEN ethnicity NOT IN ({_NO_ETHNICITY}) THEN ethnicity END",
        "pupil": "pupil",
    }
    spread = ", ".join(
        f"MIN({value}) AS least_{name}, MAX({value}) AS most_{name}, MIN({name}) AS any_{name}"
        for name, value in real.items()
    )
    agreed = ", ".join(
        f"CASE WHEN least_{name} = most_{name} THEN least_{name} WHEN least_{name} IS NULL THEN any_{name} END"
        f" AS {name}"
        for name in real
    )
    differ = " OR ".join(f"least_{name} <> most_{name}" for name in real)
    return Query(
        f"""
        SELECT area, child, census_year, has_uasc, {agreed}, copies,
               CASE WHEN {differ} THEN 1 ELSE 0 END AS differing
        FROM (
          SELECT area, child, census_year, MAX(has_uasc) AS has_uasc, {spread}, COUNT(*) AS copies
          FROM {rows} AS header_rows
          WHERE left_out_by = 0
          GROUP BY area, child, census_year
        ) AS children
        """,
        grain="child of a return",
        columns=(*_PERSON, "has_uasc", *real, "copies", "differing"),
    )


def children_of_returns(distinct: Query, asylum: Query) -> Query:
    """One row what one return says of a child: the canonical table."""
    values = {
        **{name: f"c.{name}" for name in (*_PERSON, "birth_date", "sex", "ethnicity", "pupil")},
        "origin": "'cla'",
        "birth_precision": "CASE WHEN c.birth_date IS NOT NULL THEN 'day' END",
        "expected_birth_date": "CAST(NULL AS DATE)",
        "death_date": "CAST(NULL AS DATE)",
        # The return does not ask for disabilities.
        "disabled": "CAST(NULL AS INTEGER)",
        "asylum": "CAST(CASE WHEN u.child IS NOT NULL THEN 1 WHEN c.has_uasc = 1 THEN 0 END AS INTEGER)",
    }
    return Query(
        f"""
        SELECT {", ".join(f"{values[name]} AS {name}" for name in CHILD.names)}
        FROM {distinct} AS c
        LEFT JOIN {asylum} AS u ON u.area = c.area AND u.child = c.child AND u.census_year = c.census_year
        """,
        grain=CHILD.grain,
        columns=CHILD.names,
    )


def _rows_of(
    part: str,
    returns: Iterable[Return],
    *,
    text: Mapping[str, str],
    number: Mapping[str, Callable[[Return], int]] | None = None,
) -> str:
    """Return the union of a part's files: the child as it stands and `text` in capitals, NULL where blank.

    Parameters
    ----------
    part : which file of a return
    returns : those that have this part
    text : name of a column here → name of the file's column, NULL throughout where the file does not have it
    number : name of a column here → what it holds in every row of a return
    """
    selects = []
    for given in returns:
        table = given.parts[part]
        columns = [
            f"{literal(given.area)} AS area",
            f"CAST({given.census_year} AS INTEGER) AS census_year",
            f"{_text(table.columns['CHILD'])} AS child",
            *(f"UPPER({_text(table.columns.get(column))}) AS {name}" for name, column in text.items()),
            *(f"{of(given)} AS {name}" for name, of in (number or {}).items()),
        ]
        selects.append(f"SELECT {', '.join(columns)} FROM {identifier(table.name)} AS file_table")
    return "(" + "\nUNION ALL\n".join(selects) + ")"


def _nobody() -> str:
    nobody = "SELECT CAST(NULL AS STRING) AS area, CAST(NULL AS INTEGER) AS census_year, CAST(NULL AS STRING) AS child"
    return f"(SELECT area, census_year, child FROM ({nobody}) AS nobody WHERE area IS NOT NULL)"


def _text(column: str | None) -> str:
    if column is None:
        return "CAST(NULL AS STRING)"
    return f"NULLIF(TRIM(CAST({identifier(column)} AS STRING)), '')"


def _left_out_by(tests: Sequence[str]) -> str:
    """Return the expression of the number of the first rule that a row breaks, 0 for none."""
    arms = " ".join(f"WHEN {test} THEN {place}" for place, test in enumerate(tests, start=1))
    return f"CAST(CASE {arms} ELSE 0 END AS INTEGER)"
