"""What is counted on the way from SSDA903 files to episodes and children: rows left out, and oddities in the rest."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from whatworked.engine.interface import Engine
from whatworked.engine.sql import Query
from whatworked.records.care_periods import stitched_episodes
from whatworked.records.codes903 import (
    CONTINUES,
    END_REASON,
    ETHNICITY,
    LEGAL_STATUS,
    NEED,
    PLACEMENT,
    START_REASON,
    CodeSet,
    is_unknown,
)
from whatworked.records.quality import QualityNote, Step

KEPT = "kept as written"
MISSING = "taken as missing"
CONTINUING = f"end_reason = '{CONTINUES}'"
YEAR_END = "CAST(CAST(census_year AS STRING) || '-03-31' AS DATE)"

# Column of the return → column of the canonical table, and its codes.
EPISODE_CODES: Mapping[str, tuple[str, CodeSet]] = {
    "RNE": ("start_reason", START_REASON),
    "LS": ("legal_status", LEGAL_STATUS),
    "CIN": ("need", NEED),
    "PLACE": ("placement", PLACEMENT),
    "REC": ("end_reason", END_REASON),
}


@dataclass(frozen=True, slots=True)
class Oddity:
    """Something odd about a row: the condition, how a note speaks of it, and how it was handled."""

    test: str
    what: str
    handled: str


def _episode_oddities() -> Iterator[Oddity]:
    """Yield what may be odd about an episode."""
    for column, (name, codes) in EPISODE_CODES.items():
        unknown = is_unknown(name, codes, year="census_year")
        yield Oddity(unknown, f"episodes whose {column} is no code of its year", KEPT)
        if column != "REC":
            yield Oddity(f"{name} IS NULL", f"episodes without {column}", MISSING)
    ended, reason = "end_date IS NOT NULL", "end_reason IS NOT NULL"
    open_ = "open: without DEC nothing has ended"
    yield Oddity(f"NOT ({ended}) AND {CONTINUING}", f"episodes with REC {CONTINUES} but no DEC", open_)
    yield Oddity(f"NOT ({ended}) AND {reason} AND NOT ({CONTINUING})", "episodes with another REC but no DEC", open_)
    yield Oddity(f"{ended} AND NOT ({reason})", "episodes with DEC but no REC", "the period of care ends there")
    yield Oddity(f"start_date > {YEAR_END}", "episodes that start after the year of their return", KEPT)
    yield Oddity(f"end_date > {YEAR_END}", "episodes that end after the year of their return", KEPT)


def _header_oddities() -> Iterator[Oddity]:
    """Yield what may be odd about a header row that is kept."""
    unknown = is_unknown("ethnicity", ETHNICITY, year="census_year")
    for test, what, handled in (
        ("no_birth_day = 1", "whose DOB is not a date", MISSING),
        ("no_sex = 1", "whose SEX is no code", MISSING),
        (unknown, "whose ETHNIC is no code", KEPT),
        ("birth_date IS NULL AND no_birth_day = 0", "without DOB", MISSING),
        ("sex IS NULL AND no_sex = 0", "without SEX", MISSING),
        ("ethnicity IS NULL", "without ETHNIC", MISSING),
        ("pupil IS NULL", "without a UPN", "not linked to a school census"),
    ):
        yield Oddity(f"left_out_by = 0 AND {test}", f"header rows {what}", handled)


EPISODE_ODDITIES = tuple(_episode_oddities())
HEADER_ODDITIES = tuple(_header_oddities())


def rule_steps(engine: Engine, rows: Query, *, part: str, rules: Sequence[str]) -> tuple[Step, ...]:
    """Return how many rows of a part's files there are, and how many each rule leaves out."""
    text = f"SELECT left_out_by, COUNT(*) AS rows FROM {rows} AS typed_rows GROUP BY left_out_by"
    found = engine.collect(Query(text, grain="rule", columns=("left_out_by", "rows")))
    left_out = {int(rule): int(n) for rule, n in zip(found["left_out_by"], found["rows"], strict=True)}
    remaining = sum(left_out.values())
    steps = [Step(part, f"rows of the {part} files", remaining)]
    for place, rule in enumerate(rules, start=1):
        remaining -= left_out.get(place, 0)
        steps.append(Step(part, rule, remaining, left_out.get(place, 0)))
    return tuple(steps)


def episode_repeats(engine: Engine, distinct: Query) -> tuple[Step, Step]:
    """Return how many rows repeat another of their return, equal to it or not."""
    counts = {
        "rows": "CAST(COALESCE(SUM(copies), 0) AS BIGINT)",
        "distinct_rows": "COUNT(*)",
        "episodes": "COUNT(CASE WHEN place = 1 THEN 1 END)",
    }
    n = _counted(engine, distinct, counts)
    return (
        Step("episodes", "equal rows of a return are counted once", n["distinct_rows"], n["rows"] - n["distinct_rows"]),
        Step(
            "episodes",
            "of rows of a return with the same CHILD, DECOM, RNE, LS and PLACE the one that ended last is kept",
            n["episodes"],
            n["distinct_rows"] - n["episodes"],
        ),
    )


def header_repeats(engine: Engine, distinct: Query) -> tuple[Step, tuple[QualityNote, ...]]:
    """Return how many header rows repeat a child of their return, and how many children these disagree on."""
    counts = {
        "rows": "CAST(COALESCE(SUM(copies), 0) AS BIGINT)",
        "children": "COUNT(*)",
        "differing": "CAST(COALESCE(SUM(differing), 0) AS BIGINT)",
    }
    n = _counted(engine, distinct, counts)
    step = Step("header", "a child is counted once a return", n["children"], n["rows"] - n["children"])
    what = "children whose header rows in one return disagree"
    return step, _notes({what: (n["differing"], "what they disagree on is missing")})


def uasc_repeats(engine: Engine, asylum: Query, *, rows: int) -> Step:
    """Return how many rows of the UASC files, of those with a child, repeat one."""
    n = _counted(engine, asylum, {"children": "COUNT(*)"})["children"]
    return Step("uasc", "a child is counted once a return", n, rows - n)


def oddities(engine: Engine, rows: Query, odd: Sequence[Oddity]) -> tuple[QualityNote, ...]:
    """Return how many rows each condition holds for, those that hold for none left away."""
    counts = {f"odd_{place}": f"COUNT(CASE WHEN {it.test} THEN 1 END)" for place, it in enumerate(odd)}
    n = _counted(engine, rows, counts)
    return _notes({it.what: (n[f"odd_{place}"], it.handled) for place, it in enumerate(odd)})


def unread_end_days(engine: Engine, rows: Query) -> tuple[QualityNote, ...]:
    """Return how many kept rows of the episodes files have something in DEC that is no date."""
    handled = "open: taken as without DEC"
    odd = (Oddity("left_out_by = 0 AND no_end_day = 1", "rows of the episodes files whose DEC is not a date", handled),)
    return oddities(engine, rows, odd)


def link_notes(engine: Engine, *, episodes: Query, children: Query, asylum: Query) -> tuple[QualityNote, ...]:
    """Return what is in one file of a return and not in the header file."""
    alone = {
        "children with episodes but without a header row in their return": episodes,
        "children of a UASC file without a header row in their return": asylum,
    }
    handled = ("kept: nothing is known of them but their episodes", "they have no row of their own")
    found = {}
    for (what, rows), how in zip(alone.items(), handled, strict=True):
        unmatched = Query(
            f"""
            SELECT r.area, r.child, r.census_year
            FROM (SELECT DISTINCT area, child, census_year FROM {rows} AS all_rows) AS r
            LEFT JOIN {children} AS c ON c.area = r.area AND c.child = r.child AND c.census_year = r.census_year
            WHERE c.child IS NULL
            """,
            grain="child of a return without a header row",
            columns=("area", "child", "census_year"),
        )
        found[what] = (_counted(engine, unmatched, {"children": "COUNT(*)"})["children"], how)
    return _notes(found)


def year_notes(engine: Engine, episodes: Query) -> tuple[QualityNote, ...]:
    """Return what several years say of an episode: repeats, ends that never came, and starts that fall together."""
    stitched = stitched_episodes(episodes)
    looked_at = Query(
        f"""
        SELECT end_date, census_year,
               MAX(census_year) OVER (PARTITION BY area) AS last_year,
               COUNT(*) OVER (PARTITION BY area, child, start_date) AS on_the_day
        FROM {stitched} AS stitched
        """,
        grain="episode of care",
        columns=("end_date", "census_year", "last_year", "on_the_day"),
    )
    counts = {
        "episodes": "COUNT(*)",
        "left_open": "COUNT(CASE WHEN end_date IS NULL AND census_year < last_year THEN 1 END)",
        "same_day": "COUNT(CASE WHEN on_the_day > 1 THEN 1 END)",
    }
    n = _counted(engine, looked_at, counts)
    rows = _counted(engine, episodes, {"rows": "COUNT(*)"})["rows"]
    return _notes(
        {
            "episodes that a later return repeats": (rows - n["episodes"], "the latest return's row is used"),
            "episodes left open by a return and not in the area's last one": (
                n["left_open"],
                "open: no end is guessed",
            ),
            "episodes that start on one day with another of the child": (
                n["same_day"],
                "the one that ends first is first",
            ),
        }
    )


def _counted(engine: Engine, rows: Query, counts: Mapping[str, str]) -> dict[str, int]:
    """Return counts over all rows, by name."""
    selected = ", ".join(f"{count} AS {name}" for name, count in counts.items())
    found = engine.collect(Query(f"SELECT {selected} FROM {rows} AS counted", grain="count", columns=tuple(counts)))
    return {name: int(column[0]) for name, column in found.items()}


def _notes(found: Mapping[str, tuple[int, str]]) -> tuple[QualityNote, ...]:
    """Return the notes of what was found at all."""
    return tuple(QualityNote(what, n, handled) for what, (n, handled) in found.items() if n)
