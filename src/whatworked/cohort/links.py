"""The same child in another area: who is who across areas, by the identifier of pupils.

A child is a person of one area. Where a study links persons, what came of a referral is looked for in every area that
has the same pupil; rows, populations and characteristics stay those of the area.
"""

from typing import Literal

from whatworked.cohort.flow import listed
from whatworked.engine.sql import Query

Link = Literal["area", "person"]


def links(children: Query) -> Query:
    """One row a person and the same pupil as a person of another area.

    A pupil's identifier links only if it is the only one of each of its children, and if no area has two children with
    it: else it cannot be told who moved.

    Proof: tests/cohort/test_links.py
    """
    usable = _judged(children)
    return Query(
        f"""
        SELECT one.area AS area, one.person AS person, other.area AS other_area, other.person AS other_person
        FROM {usable} AS one
        JOIN {usable} AS other ON other.pupil = one.pupil
        WHERE one.area <> other.area AND one.usable = 1 AND other.usable = 1
        """,
        grain="person and other area",
        columns=("area", "person", "other_area", "other_person"),
    )


def link_counts(children: Query, linked: Query) -> Query:
    """One row: `followed`, persons with a link, and `ambiguous`, pupils' identifiers that do not link for doubt."""
    return Query(
        f"""
        SELECT followed.rows AS followed, ambiguous.rows AS ambiguous
        FROM (SELECT COUNT(*) AS rows
              FROM (SELECT area, person FROM {linked} AS links GROUP BY area, person) AS persons) AS followed
        CROSS JOIN (SELECT COUNT(*) AS rows
                    FROM (SELECT pupil FROM {_judged(children)} AS judged WHERE usable = 0 GROUP BY pupil) AS pupils)
          AS ambiguous
        """,
        grain="study",
        columns=("followed", "ambiguous"),
    )


def followed(others: Query, linked: Query | None, *, person: str = "person") -> Query:
    """Return rows about persons, and beside them each row again for every person of another area who is the same.

    Parameters
    ----------
    others : rows with `area` and the person
    linked : rows of `links`; None where persons are not linked
    person : name of the column of the person
    """
    if linked is None:
        return others
    rest = tuple(column for column in others.columns if column not in ("area", person))
    return Query(
        f"""
        SELECT area, {person}, {listed(rest)} FROM {others} AS own
        UNION ALL
        SELECT links.area AS area, links.person AS {person}, {listed(rest, of="others")}
        FROM {others} AS others
        JOIN {linked} AS links ON links.other_area = others.area AND links.other_person = others.{person}
        """,
        grain=f"{others.grain} and person who is the same",
        columns=("area", person, *rest),
    )


def _judged(children: Query) -> Query:
    """One row a person and pupil's identifier, and whether it may link."""
    return Query(
        f"""
        SELECT area, person, pupil,
               CASE WHEN MAX(pupils) OVER (PARTITION BY pupil) = 1 AND MAX(children) OVER (PARTITION BY pupil) = 1
                    THEN 1 ELSE 0 END AS usable
        FROM (
          SELECT area, person, pupil, COUNT(*) OVER (PARTITION BY area, person) AS pupils,
                 COUNT(*) OVER (PARTITION BY area, pupil) AS children
          FROM (SELECT area, child AS person, pupil FROM {children} AS children WHERE pupil IS NOT NULL
                GROUP BY area, child, pupil) AS distinct_pupils
        ) AS counted
        """,
        grain="person and pupil",
        columns=("area", "person", "pupil", "usable"),
    )
