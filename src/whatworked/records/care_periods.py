"""Periods of care: from the episodes of an SSDA903 return to the time a child spent looked after.

An episode ends whenever the placement, the legal status or the carer changes; a period of care is the run of episodes
from the day a child came into care to the day the child left it. Both are decided by the codes, never by gaps:

- Episodes under a short-break status (V3, V4) are taken away first.
- An episode that starts with RNE `S` starts a period.
- After an episode that has ended for another reason than `X1`, or for none that is given, the next one starts a
  period whatever its RNE. An episode without an end day is open: it has not ended, whatever its reason says.
- Every other episode belongs to the period of the one before it. A gap after `X1` does not end a period; it is counted.
- Where the first episode held of a child has another RNE than `S`, its period began before the records do
  (`known_start` 0): the child is looked after, but the period is no row of a question.
- A temporary placement (T0 to T4) is an episode like any other.

Episodes of a child stand in the order of their start. Of those that start on one day, the one that ended first comes
first and an open one last; then RNE `S` before others, an end `X1` before others, and last the text of the codes, so
that every engine numbers them alike.

Source: guide to the SSDA903 collection, as `RNE`, `REC` and `LS` are defined there.
"""

from whatworked.engine.sql import Query, literal
from whatworked.records.codes903 import CONTINUES, SHORT_BREAKS
from whatworked.records.schema import EPISODE

PERIOD = (
    "area",
    "child",
    "period_start",
    "period_end",
    "end_reason",
    "first_legal_status",
    "first_need",
    "episodes",
    "gaps",
    "known_start",
    "period",
)

_EPISODE = tuple(name for name in EPISODE.names if name != "census_year")
_SAME_EPISODE = ("area", "child", "start_date", "start_reason", "legal_status", "placement")


def stitched_episodes(episodes: Query) -> Query:
    """One row an episode of care: of the returns that repeat it, what the latest one says.

    An episode that is open at the end of a year stands in the next year's return again. It is the same episode where
    child, start, reason for it, legal status and placement are the same. Has one return two such rows, the one that
    ended last is taken, before one that is open; then the order of reason and need decides.
    """
    names = ", ".join(EPISODE.names)
    return Query(
        f"""
        SELECT {names}
        FROM (
          SELECT {names}, ROW_NUMBER() OVER (
              PARTITION BY {", ".join(_SAME_EPISODE)}
              ORDER BY census_year DESC NULLS LAST, end_date DESC NULLS LAST,
                       end_reason NULLS LAST, need NULLS LAST
          ) AS place
          FROM {episodes} AS episodes
        ) AS ranked
        WHERE place = 1
        """,
        grain="episode of care",
        columns=EPISODE.names,
    )


def care_periods(episodes: Query) -> Query:
    """One row a period of care of a child, `period` being its number in the child's order.

    Parameters
    ----------
    episodes : one row an episode, as `stitched_episodes` gives them

    Notes
    -----
    `period_end` is the end of the last episode, NULL while it is open; `end_reason` the reason given there. `X1`
    there means that the records hold no further episode: the child is last known to be in care on that day.
    `first_legal_status` and `first_need` are the first episode's, `episodes` counts them, `gaps` those that start
    later than the day on which the one before them ended. `known_start` is 1 or 0.
    """
    first, last = "starts = 1", "COALESCE(next_starts, 1) = 1"
    return Query(
        f"""
        SELECT area, child,
               MIN(start_date) AS period_start,
               MAX(CASE WHEN {last} THEN end_date END) AS period_end,
               MAX(CASE WHEN {last} AND end_date IS NOT NULL THEN end_reason END) AS end_reason,
               MAX(CASE WHEN {first} THEN legal_status END) AS first_legal_status,
               MAX(CASE WHEN {first} THEN need END) AS first_need,
               CAST(COUNT(*) AS INTEGER) AS episodes,
               CAST(SUM(CASE WHEN starts = 0 AND start_date > previous_end THEN 1 ELSE 0 END) AS INTEGER) AS gaps,
               MIN(known_start) AS known_start,
               period
        FROM {_numbered(episodes)} AS numbered
        GROUP BY area, child, period
        """,
        grain="period of care",
        columns=PERIOD,
    )


def episodes_of_periods(episodes: Query) -> Query:
    """One row an episode of care outside short breaks, with the period of care that it belongs to.

    `period` and `known_start` are as `care_periods` has them, `period_start` is the day on which the period starts.
    """
    added = ("period", "period_start", "known_start")
    columns = (*_EPISODE, *added)
    text = f"""
        SELECT {", ".join(_EPISODE)}, period,
               MIN(start_date) OVER (PARTITION BY area, child, period) AS period_start,
               MIN(known_start) OVER (PARTITION BY area, child, period) AS known_start
        FROM {_numbered(episodes)} AS numbered
        """
    return Query(text, grain="episode of care of a period", columns=columns)


def _numbered(episodes: Query) -> Query:
    """One row an episode outside short breaks: whether it and the next one start a period, and the period's number."""
    names = ", ".join(_EPISODE)
    child = "PARTITION BY area, child ORDER BY place NULLS LAST"
    start = f"""CASE WHEN place = 1 OR start_reason = 'S'
             OR (previous_end IS NOT NULL AND COALESCE(previous_reason, '') <> {literal(CONTINUES)})
            THEN 1 ELSE 0 END"""
    started = f"""
        SELECT {names}, place, previous_end, {start} AS starts,
               CASE WHEN place = 1 AND COALESCE(start_reason, '') <> 'S' THEN 0 ELSE 1 END AS known_start
        FROM {_in_order(episodes)} AS in_order"""
    return Query(
        f"""
        SELECT {names}, previous_end, starts, CAST(known_start AS INTEGER) AS known_start,
               LEAD(starts) OVER ({child}) AS next_starts,
               CAST(SUM(starts) OVER ({child}) AS INTEGER) AS period
        FROM ({started}) AS started
        """,
        grain="episode of care of a period",
        columns=(*_EPISODE, "previous_end", "starts", "known_start", "next_starts", "period"),
    )


def _in_order(episodes: Query) -> Query:
    """One row an episode outside short breaks, with its place among the child's and the end of the one before it."""
    names = ", ".join(_EPISODE)
    order = f"""start_date NULLS LAST, end_date NULLS LAST,
            CASE WHEN start_reason = 'S' THEN 0 ELSE 1 END NULLS LAST,
            CASE WHEN end_reason = {literal(CONTINUES)} THEN 0 ELSE 1 END NULLS LAST,
            start_reason NULLS LAST, legal_status NULLS LAST, placement NULLS LAST,
            need NULLS LAST, end_reason NULLS LAST"""
    short_breaks = ", ".join(literal(status) for status in SHORT_BREAKS)
    placed = f"""
        SELECT {names}, ROW_NUMBER() OVER (PARTITION BY area, child ORDER BY {order}) AS place
        FROM {episodes} AS episodes
        WHERE COALESCE(legal_status, '') NOT IN ({short_breaks})"""
    child = "PARTITION BY area, child ORDER BY place NULLS LAST"
    return Query(
        f"""
        SELECT {names}, place,
               LAG(end_date) OVER ({child}) AS previous_end,
               LAG(end_reason) OVER ({child}) AS previous_reason
        FROM ({placed}) AS placed
        """,
        grain="episode of care outside short breaks",
        columns=(*_EPISODE, "place", "previous_end", "previous_reason"),
    )
