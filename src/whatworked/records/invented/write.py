"""Write invented national records: censuses, returns, school censuses, and the truth beside them.

The folder holds `cin/<area>_<year>.xml`, `ssda903/<area>/<year>/{header,episodes,uasc}.csv`, `school/<area>.csv`,
`truth/<area>_<question>.csv` and `truth.json`. One council is written after the other and one child after the other,
so that memory grows with neither.
"""

from contextlib import ExitStack
from dataclasses import dataclass
from io import TextIOBase
from pathlib import Path

from whatworked.errors import Mistake, UsageError
from whatworked.records.invented import cin_xml_writer, school_writer, ssda903_writer, truth
from whatworked.records.invented.areas import FEWEST_PILOTS, Area, invented_areas, number_of_pilots
from whatworked.records.invented.days import Extent
from whatworked.records.invented.dirt import Dirt
from whatworked.records.invented.draws import Draws
from whatworked.records.invented.lives import Life
from whatworked.records.invented.living import draw_life
from whatworked.records.invented.outcomes import Question, rows
from whatworked.records.invented.seen import seen

FIRST_YEAR, LAST_YEAR, FEWEST_YEARS = 2008, 2028, 6
MOST_AREAS = 999
LEAST_EFFECT, GREATEST_EFFECT = -0.9, 1.0


def write_records(  # noqa: PLR0913 - the numbers of a nation
    folder: Path, *, persons: int, areas: int, years: tuple[int, int], seed: int, effect: float, dirty: bool = False
) -> Path:
    """Write the records of invented children into a new or empty folder and return the path of `truth.json`.

    Parameters
    ----------
    folder : where to write
    persons : number of children, spread over the councils
    areas : number of councils; the first fifth, and four at least, are pilots
    years : first and last collection year, each by the year in which it ends
    seed : the same one gives the same bytes
    effect : relative change of every planted risk and of durations: -0.2 is a fifth fewer
    dirty : whether values are missing or in conflict, and rows late or unreadable, as in real files

    Raises
    ------
    UsageError
        The numbers contradict each other, or the folder holds something or cannot be written.
    """
    extent = Extent(*years)
    mistakes = _mistakes(persons=persons, areas=areas, extent=extent, effect=effect)
    if mistakes:
        raise UsageError(mistakes)
    nation = invented_areas(persons=persons, areas=areas, extent=extent, seed=seed)
    tally = truth.Tally()
    try:
        _make_empty(folder)
        for area in nation:
            write_area(folder, area, effect=effect, tally=tally, dirty=dirty)
        path = folder / "truth.json"
        path.write_text(
            truth.text(nation, tally, extent=extent, seed=seed, effect=effect), encoding="utf-8", newline="\n"
        )
    except OSError as error:
        advice = "Name a folder that you may write to, on a disk with enough space."
        raise UsageError(Mistake(str(folder), f"cannot be written: {error.strerror}.", advice)) from error
    return path


def write_area(folder: Path, area: Area, *, effect: float, tally: truth.Tally, dirty: bool = False) -> None:
    """Write the files of one council, which are the same whichever other councils are written, and count them."""
    with ExitStack() as opened:
        writer = _AreaWriter(area, _open(folder, area, opened), tally)
        draws = Draws()
        dirt = Dirt(draws) if dirty else None
        for number in range(1, area.children + 1):
            life = draw_life(area, number, effect=effect, draws=draws)
            without = draw_life(area, number, effect=0.0, draws=draws) if area.programme and effect else life
            writer.write(number, life, without=without, draws=draws, dirt=dirt)
        writer.close()
        if dirt is not None:
            tally.dirt.update(dirt.counts)


@dataclass(frozen=True, slots=True)
class _Files:
    """The open files of a council: by year, by year and name, and by question."""

    censuses: dict[int, TextIOBase]
    returns: dict[tuple[int, str], TextIOBase]
    school: TextIOBase
    questions: dict[Question, TextIOBase]


def _open(folder: Path, area: Area, opened: ExitStack) -> _Files:
    """Open a council's files and write what stands at their head."""

    def new(path: str, head: str) -> TextIOBase:
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        file = opened.enter_context(target.open("w", encoding="utf-8", newline="\n"))
        file.write(head)
        return file

    years = range(area.extent.first_year, area.extent.last_year + 1)
    return _Files(
        {year: new(f"cin/{area.code}_{year}.xml", cin_xml_writer.head(area.code, year)) for year in years},
        {
            (year, name): new(f"ssda903/{area.code}/{year}/{name}.csv", head)
            for year in years
            for name, head in ssda903_writer.HEADS.items()
        },
        new(f"school/{area.code}.csv", school_writer.HEAD),
        {question: new(f"truth/{area.code}_{question}.csv", truth.HEAD) for question in truth.QUESTIONS},
    )


class _AreaWriter:
    """Writes one child after the other into a council's files."""

    def __init__(self, area: Area, files: _Files, tally: truth.Tally) -> None:
        self._area, self._files, self._tally = area, files, tally

    def write(self, number: int, life: Life, *, without: Life, draws: Draws, dirt: Dirt | None) -> None:
        """Write a child, and count the rows of the life that it would have had without the programme."""
        area, extent = self._area, self._area.extent
        if area.programme is not None:
            self._tally.add(area, rows(seen(without, extent), extent), lived=False)
        if dirt is not None:
            draws.begin(area.seed, number, about="dirt")
            life = dirt.life(life, extent)
        found = rows(seen(life, extent), extent)
        self._tally.add(area, found)
        for question, of_child in found.items():
            if of_child:
                self._files.questions[question].write(truth.lines(area.code, life.person.child, of_child))
        self._write_returns(life, dirt)
        if life.person.pupil is not None:
            draws.begin(area.seed, number, about="school")
            for line in school_writer.pupil_years(life.person, extent, draws):
                self._files.school.write(line)
                self._tally.written["rows of school censuses"] += 1

    def _write_returns(self, life: Life, dirt: Dirt | None) -> None:
        """Write what the returns say of a child."""
        written, extent = self._tally.written, self._area.extent
        written["children"] += 1
        for year, text in cin_xml_writer.children_of_returns(life, extent):
            written["children of censuses"] += 1
            self._files.censuses[year].write(text if dirt is None else dirt.census(text))
        for of_year in ssda903_writer.rows_of_returns(life, extent):
            written["children of returns"] += 1
            lines = of_year.lines if dirt is None else dirt.lines(of_year.lines)
            for name, of_child in lines.items():
                self._files.returns[of_year.year, name].write(of_child)

    def close(self) -> None:
        """Write what stands at the foot of the files."""
        for file in self._files.censuses.values():
            file.write(cin_xml_writer.FOOT)


def _make_empty(folder: Path) -> None:
    """Make a folder, or refuse one that would be overwritten."""
    advice = "Name a folder that is new or empty."
    if folder.exists() and not folder.is_dir():
        raise UsageError(Mistake(str(folder), "is a file, not a folder.", advice))
    folder.mkdir(parents=True, exist_ok=True)
    if any(folder.iterdir()):
        raise UsageError(Mistake(str(folder), "is not empty; nothing was written.", advice))


def _mistakes(*, persons: int, areas: int, extent: Extent, effect: float) -> list[Mistake]:
    """Return what is wrong with the numbers, all of it."""
    mistakes = []
    fewest = 2 * FEWEST_PILOTS
    if not fewest <= areas <= MOST_AREAS:
        found = f"{number_of_pilots(areas)} of {areas:,} would be pilots."
        mistakes.append(Mistake("areas", found, f"Give a number from {fewest} to {MOST_AREAS}."))
    if persons < areas:
        mistakes.append(Mistake("persons", f"{persons:,} for {areas:,} areas.", "Give one an area at least."))
    first, last = extent.first_year, extent.last_year
    if not FIRST_YEAR <= first <= last - FEWEST_YEARS + 1 <= LAST_YEAR - FEWEST_YEARS + 1:
        expected = f"Give {FEWEST_YEARS} years at least, from {FIRST_YEAR} to {LAST_YEAR}."
        mistakes.append(Mistake("years", f"from {first} to {last}.", expected))
    if not LEAST_EFFECT <= effect <= GREATEST_EFFECT:
        found, expected = f"{effect:g} of every risk.", f"Give a number from {LEAST_EFFECT:g} to {GREATEST_EFFECT:g}."
        mistakes.append(Mistake("effect", found, expected))
    return mistakes
