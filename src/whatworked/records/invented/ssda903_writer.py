"""SSDA903 returns of looked-after children: header, episodes and UASC, one set of CSV files a council and year."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass

from whatworked.records.invented.days import Extent, last_day_of, written
from whatworked.records.invented.lives import Episode, Life, Person
from whatworked.records.invented.people import CHILDHOOD
from whatworked.records.invented.returns import Span, spans_of_episode

HEADS = {
    "header": "CHILD,SEX,DOB,ETHNIC,UPN,MOTHER,MC_DOB\n",
    "episodes": "CHILD,DECOM,RNE,LS,CIN,PLACE,PLACE_PROVIDER,DEC,REC,REASON_PLACE_CHANGE,HOME_POST,PL_POST,URN\n",
    "uasc": "CHILD,SEX,DOB,DUC\n",
}
SCHOOL_AGE = 4 * 365


@dataclass(frozen=True, slots=True)
class ReturnRows:
    """What one return says of a child: lines of each of its files."""

    year: int
    lines: dict[str, str]


def rows_of_returns(life: Life, extent: Extent) -> Iterator[ReturnRows]:
    """Yield what each return says of a child."""
    lines: defaultdict[int, list[str]] = defaultdict(list)
    for episode in (*life.short_breaks, *(episode for period in life.periods for episode in period)):
        for span in spans_of_episode(episode, extent):
            lines[span.year].append(_episode(life.person, episode, span))
    for year in sorted(lines):
        found = {"header": _header(life.person, year), "episodes": "".join(lines[year])}
        if life.asylum:
            found["uasc"] = _asylum(life.person)
        yield ReturnRows(year, found)


def _header(person: Person, year: int) -> str:
    pupil = person.pupil if last_day_of(year) - person.birth >= SCHOOL_AGE else None
    return f"{person.child},{person.sex},{written(person.birth)},{person.ethnicity or ''},{pupil or 'UN1'},,\n"


def _asylum(person: Person) -> str:
    return f"{person.child},{person.sex},{written(person.birth)},{written(person.birth + CHILDHOOD)}\n"


def _episode(person: Person, episode: Episode, span: Span) -> str:
    end = span.known(episode.end)
    ended, reason = ("", "") if end is None else (written(end), episode.end_reason)
    return (
        f"{person.child},{written(episode.start)},{episode.start_reason},{episode.legal_status},{episode.need},"
        f"{episode.placement},PR1,{ended},{reason},,,,\n"
    )
