"""SSDA903 returns of looked-after children, read into the canonical tables `child` and `episode`.

Of a return the header, the episodes and the list of unaccompanied asylum-seeking children are read; its other files
are known and left aside. Only counts come into Python: the rows stay with the engine until a later step asks for them.
"""

from collections.abc import Sequence

from whatworked.engine.interface import Engine
from whatworked.engine.sql import Query
from whatworked.errors import Mistake, RecordsError
from whatworked.records.canonical import CanonicalRecords, Keep
from whatworked.records.care_periods import stitched_episodes
from whatworked.records.quality import QualityNote, Step
from whatworked.records.ssda903_files import EPISODES, HEADER, UASC, Return, ReturnFiles, register_returns
from whatworked.records.ssda903_notes import (
    EPISODE_ODDITIES,
    HEADER_ODDITIES,
    episode_repeats,
    header_repeats,
    link_notes,
    oddities,
    rule_steps,
    uasc_repeats,
    unread_end_days,
    year_notes,
)
from whatworked.records.ssda903_rows import (
    EPISODE_RULES,
    HEADER_RULES,
    UASC_RULES,
    asylum_children,
    children_of_returns,
    distinct_children,
    distinct_episodes,
    episode_rows,
    episodes_of_returns,
    header_rows,
    uasc_rows,
)

__all__ = ["ReturnFiles", "read_ssda903", "stitched_episodes"]


def _as_it_is(_: str, query: Query) -> Query:
    """Keep nothing: the files are read again for every count."""
    return query


def read_ssda903(
    engine: Engine, files: Sequence[ReturnFiles], *, table: str = "ssda903", keep: Keep = _as_it_is
) -> CanonicalRecords:
    """Register the files of returns and return their children and episodes, one row a return that speaks of them.

    Parameters
    ----------
    engine : runs the queries and keeps the files as tables
    files : one entry a return, of any areas and years; an area's returns may come in any order
    table : what the names of these tables begin with; another one for every call on the same engine
    keep : writes a step to a file, under a name, and returns the query that reads it: every count of hundreds of files
        is then one of a single table

    Raises
    ------
    RecordsError
        Files cannot be read, are of no known kind, or lack columns; returns lack files; or no row can be used.
    """
    returns = register_returns(engine, files, table=table)
    rows = keep(f"{table}_episode_rows", episode_rows(returns))
    distinct = keep(f"{table}_distinct_episodes", distinct_episodes(rows))
    episodes = episodes_of_returns(distinct)
    headers = keep(f"{table}_header_rows", header_rows(returns))
    persons = distinct_children(headers)
    asking = keep(f"{table}_uasc_rows", uasc_rows(returns))
    asylum = asylum_children(asking)
    children = children_of_returns(persons, asylum)
    episode_steps = (
        *rule_steps(engine, rows, part=EPISODES, rules=EPISODE_RULES),
        *episode_repeats(engine, distinct),
    )
    header_step, disagreeing = header_repeats(engine, persons)
    header_steps = (*rule_steps(engine, headers, part=HEADER, rules=HEADER_RULES), header_step)
    uasc_steps = rule_steps(engine, asking, part=UASC, rules=UASC_RULES)
    _check_used(returns, {EPISODES: episode_steps, HEADER: header_steps})
    notes = (
        *_left_aside(returns),
        *unread_end_days(engine, rows),
        *oddities(engine, episodes, EPISODE_ODDITIES),
        *oddities(engine, headers, HEADER_ODDITIES),
        *disagreeing,
        *link_notes(engine, episodes=episodes, children=children, asylum=asylum),
        *year_notes(engine, episodes),
    )
    repeats = uasc_repeats(engine, asylum, rows=uasc_steps[-1].rows)
    steps = (*header_steps, *uasc_steps, repeats, *episode_steps)
    return CanonicalRecords({"child": children, "episode": episodes}, steps, notes)


def _check_used(returns: Sequence[Return], steps: dict[str, tuple[Step, ...]]) -> None:
    """Refuse returns of which no row at all can be used."""
    mistakes = []
    for part, counted in steps.items():
        if not counted[-1].rows:
            left_out = ", ".join(f"{step.left_out:,} ({step.rule})" for step in counted if step.left_out)
            files = f"the {part} files of {len(returns)} SSDA903 return{'s' if len(returns) > 1 else ''}"
            found = f"no row can be used; left out: {left_out}." if left_out else "there is no row."
            mistakes.append(
                Mistake(files, found, "Days are written 31/12/2017 or 2017-12-31; check the files' columns.")
            )
    if mistakes:
        raise RecordsError(mistakes)


def _left_aside(returns: Sequence[Return]) -> tuple[QualityNote, ...]:
    """Return how many files belong to parts that no question needs, and how many returns ask nothing of asylum."""
    files = sum(given.left_aside for given in returns)
    silent = sum(UASC not in given.parts for given in returns)
    found = {
        "files of other parts of the return": (files, "not read"),
        "returns without a UASC file": (silent, "asylum is not known of their children"),
    }
    return tuple(QualityNote(what, n, handled) for what, (n, handled) in found.items() if n)
