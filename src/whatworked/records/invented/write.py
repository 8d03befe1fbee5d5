"""Write invented national records: censuses, returns, school censuses, and the truth beside them.

As returns, the folder holds `cin/<area>_<year>.xml`, `ssda903/<area>/<year>/{header,episodes,uasc}.csv` and
`school/<area>.csv`; as an extract, `npd/` with the files of all councils together. In either form it holds
`truth/<area>_<question>.csv` and `truth.json`. One child is written after the other, so that memory does not grow with
them. Several processes write some councils each, and what they wrote is put together in the order of the councils.
"""

from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from io import TextIOBase
from itertools import accumulate, groupby
from operator import itemgetter
from pathlib import Path
from shutil import copyfileobj, rmtree
from tempfile import TemporaryDirectory
from typing import Literal

from whatworked.errors import Mistake, UsageError
from whatworked.processes import cores, shared
from whatworked.records.invented import cin_xml_writer, npd_writer, school_writer, ssda903_writer, truth
from whatworked.records.invented.areas import FEWEST_PILOTS, Area, invented_areas, number_of_pilots
from whatworked.records.invented.days import Extent
from whatworked.records.invented.dirt import Dirt
from whatworked.records.invented.draws import Draws
from whatworked.records.invented.effects import LARGEST, QUESTIONS, Effects, effects_of, on_risks
from whatworked.records.invented.lives import Life, Person
from whatworked.records.invented.living import draw_life, draw_turns
from whatworked.records.invented.outcomes import rows
from whatworked.records.invented.school_writer import PupilYear
from whatworked.records.invented.seen import seen

FIRST_YEAR, LAST_YEAR, FEWEST_YEARS = 2008, 2028, 6
MOST_AREAS = 999
# A process takes about as long to start as this many children take to write.
WORTH_A_PROCESS = 10_000
# Pilots, which come first, take longer than others: with several shares each no process waits for another for long.
SHARES_A_PROCESS = 6

Form = Literal["returns", "npd"]


def write_records(  # noqa: PLR0913 - the numbers of a nation
    folder: Path,
    *,
    persons: int,
    areas: int,
    years: tuple[int, int],
    seed: int,
    effect: float | Effects,
    dirty: bool = False,
    form: Form = "returns",
    whole_truth: bool = True,
) -> Path:
    """Write the records of invented children into a new or empty folder and return the path of `truth.json`.

    Parameters
    ----------
    folder : where to write
    persons : number of children, spread over the councils
    areas : number of councils; the first fifth, and four at least, are pilots
    years : first and last collection year, each by the year in which it ends
    seed : the same one gives the same bytes
    effect : relative change, -0.2 being a fifth fewer: one for all questions, turned round for kinship care, which is
        hoped to rise; or question → its own, a question that is not named having none
    dirty : whether values are missing or in conflict, and rows late or unreadable, as in real files
    form : as the returns of each council, or as an extract of the National Pupil Database
    whole_truth : whether the truth stands there row by row, or the sums of the pilots alone, which take less time

    Raises
    ------
    UsageError
        The numbers contradict each other, or the folder holds something or cannot be written.
    """
    extent = Extent(*years)
    effects = effects_of(effect)
    mistakes = _mistakes(persons=persons, areas=areas, extent=extent, effects=effects)
    if mistakes:
        raise UsageError(mistakes)
    nation = invented_areas(persons=persons, areas=areas, extent=extent, seed=seed)
    tally = truth.Tally()
    several = min(cores(), persons // WORTH_A_PROCESS)
    try:
        _make_empty(folder)
        with TemporaryDirectory(prefix=".part-", dir=folder) as parts:
            shares = [
                _Share(Path(parts) / str(place), of_share, effects, dirty, form, whole_truth)
                for place, of_share in enumerate(shared_out(nation, several * SHARES_A_PROCESS))
            ]
            for share, found in zip(shares, shared(_written, shares, processes=several), strict=True):
                tally.include(found)
                _put_together(share.folder, folder)
        path = folder / "truth.json"
        told = truth.text(nation, tally, extent=extent, seed=seed, effects=effects, whole=whole_truth)
        path.write_text(told, encoding="utf-8", newline="\n")
    except OSError as error:
        advice = "Name a folder that you may write to, on a disk with enough space."
        raise UsageError(Mistake(str(folder), f"cannot be written: {error.strerror}.", advice)) from error
    return path


@dataclass(frozen=True, slots=True)
class _Share:
    """Councils that one process writes, into a folder of their own."""

    folder: Path
    areas: tuple[Area, ...]
    effects: Effects
    dirty: bool
    form: Form
    whole_truth: bool


def shared_out(nation: Sequence[Area], shares: int) -> list[tuple[Area, ...]]:
    """Return the councils in so many shares of about as many children, in their order; one at least."""
    before = list(accumulate((area.children for area in nation), initial=0))
    place = [max(shares, 1) * children // before[-1] for children in before[:-1]]
    return [
        tuple(area for _, area in of_share) for _, of_share in groupby(zip(place, nation, strict=True), itemgetter(0))
    ]


def _written(share: _Share) -> truth.Tally:
    """Write a share of the councils; of what an attempt before this one wrote nothing is left."""
    rmtree(share.folder, ignore_errors=True)
    tally = truth.Tally()
    for area in share.areas:
        write_area(
            share.folder,
            area,
            effects=share.effects,
            tally=tally,
            dirty=share.dirty,
            form=share.form,
            whole_truth=share.whole_truth,
        )
    return tally


def _put_together(share: Path, folder: Path) -> None:
    """Move the files of a share into the folder; one that is there already is added to, without its head."""
    for file in sorted(path for path in share.rglob("*") if path.is_file()):
        target = folder / file.relative_to(share)
        target.parent.mkdir(parents=True, exist_ok=True)
        if target.exists():
            with file.open("rb") as added, target.open("ab") as whole:
                added.readline()
                copyfileobj(added, whole)
        else:
            file.replace(target)


def write_area(  # noqa: PLR0913 - the ways of writing one
    folder: Path,
    area: Area,
    *,
    effects: Effects,
    tally: truth.Tally,
    dirty: bool = False,
    form: Form = "returns",
    whole_truth: bool = True,
) -> None:
    """Write the files of one council, which are the same whichever other councils are written, and count them.

    Of an extract, whose files are those of all councils, its lines are added to what is there.
    """
    with ExitStack() as opened:
        writer = _WRITERS[form](area, _Opened(folder, opened), tally, whole_truth=whole_truth)
        draws, planted, none = Draws(), on_risks(effects), on_risks(effects_of(0.0))
        dirt = Dirt(draws) if dirty else None
        for number in range(1, area.children + 1):
            life, turns = draw_turns(area, number, effects=planted, draws=draws)
            without = draw_life(area, number, effects=none, draws=draws) if turns.touched else life
            writer.write(number, life, without=without, draws=draws, dirt=dirt)
        writer.close()
        if dirt is not None:
            tally.dirt.update(dirt.counts)


@dataclass(frozen=True, slots=True)
class _Opened:
    """Opens files below a folder, to be closed together."""

    folder: Path
    opened: ExitStack

    def new(self, path: str, head: str, *, mode: Literal["w", "a"] = "w") -> TextIOBase:
        """Open a file; one that is empty begins with what stands at its head."""
        target = self.folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        file = self.opened.enter_context(target.open(mode, encoding="utf-8", newline="\n"))
        if not file.tell():
            file.write(head)
        return file


class _AreaWriter:
    """Writes one child after the other, the truth of each question here, the records in the form of a subclass."""

    def __init__(self, area: Area, files: _Opened, tally: truth.Tally, *, whole_truth: bool) -> None:
        self._area, self._tally = area, tally
        self._questions = {
            question: files.new(f"truth/{area.code}_{question}.csv", truth.HEAD)
            for question in (QUESTIONS if whole_truth else ())
        }

    def write(self, number: int, life: Life, *, without: Life, draws: Draws, dirt: Dirt | None) -> None:
        """Write a child, and count the rows of the life that it would have had without the programme."""
        area, extent = self._area, self._area.extent
        pilot = area.programme is not None
        if pilot:
            self._tally.add(area, rows(seen(without, extent), extent), lived=False)
        if dirt is not None:
            draws.begin(area.seed, number, about="dirt")
            life = dirt.life(life, extent)
        found = rows(seen(life, extent), extent) if pilot or self._questions else {}
        self._tally.add(area, found)
        for question, file in self._questions.items():
            if of_child := found[question]:
                file.write(truth.lines(area.code, life.person.child, of_child))
        self._tally.written["children"] += 1
        self._write_records(life, dirt)
        if life.person.pupil is not None:
            draws.begin(area.seed, number, about="school")
            for said in school_writer.pupil_years(life.person, extent, draws):
                self._write_pupil_year(life.person, said)
                self._tally.written["rows of school censuses"] += 1

    def _write_records(self, life: Life, dirt: Dirt | None) -> None:
        raise NotImplementedError

    def _write_pupil_year(self, person: Person, said: PupilYear) -> None:
        raise NotImplementedError

    def close(self) -> None:
        """Write what stands at the foot of the files."""


class _ReturnsWriter(_AreaWriter):
    """Writes a council's returns."""

    def __init__(self, area: Area, files: _Opened, tally: truth.Tally, *, whole_truth: bool) -> None:
        super().__init__(area, files, tally, whole_truth=whole_truth)
        years = range(area.extent.first_year, area.extent.last_year + 1)
        self._censuses = {
            year: files.new(f"cin/{area.code}_{year}.xml", cin_xml_writer.head(area.code, year)) for year in years
        }
        self._returns = {
            (year, name): files.new(f"ssda903/{area.code}/{year}/{name}.csv", head)
            for year in years
            for name, head in ssda903_writer.HEADS.items()
        }
        self._school = files.new(f"school/{area.code}.csv", school_writer.HEAD)

    def _write_records(self, life: Life, dirt: Dirt | None) -> None:
        written, extent = self._tally.written, self._area.extent
        for year, text in cin_xml_writer.children_of_returns(life, extent):
            written["children of censuses"] += 1
            self._censuses[year].write(text if dirt is None else dirt.census(text))
        for of_year in ssda903_writer.rows_of_returns(life, extent):
            written["children of returns"] += 1
            lines = of_year.lines if dirt is None else dirt.lines(of_year.lines)
            for name, of_child in lines.items():
                self._returns[of_year.year, name].write(of_child)

    def _write_pupil_year(self, person: Person, said: PupilYear) -> None:
        self._school.write(school_writer.line_of(person, said))

    def close(self) -> None:
        for file in self._censuses.values():
            file.write(cin_xml_writer.FOOT)


class _ExtractWriter(_AreaWriter):
    """Adds a council's lines to the files of an extract."""

    def __init__(self, area: Area, files: _Opened, tally: truth.Tally, *, whole_truth: bool) -> None:
        super().__init__(area, files, tally, whole_truth=whole_truth)
        self._files = {
            name: files.new(f"npd/{name}", head, mode="a") for name, head in npd_writer.heads(area.extent).items()
        }

    def _write_records(self, life: Life, dirt: Dirt | None) -> None:
        lines = npd_writer.lines_of(self._area.code, life, self._area.extent)
        for name, line in lines if dirt is None else dirt.extract(lines):
            self._tally.written[f"rows of {name}"] += 1
            self._files[name].write(line)

    def _write_pupil_year(self, person: Person, said: PupilYear) -> None:
        name, text = npd_writer.school_line(person, said)
        self._files[name].write(text)


_WRITERS: Mapping[Form, type[_AreaWriter]] = {"returns": _ReturnsWriter, "npd": _ExtractWriter}


def _make_empty(folder: Path) -> None:
    """Make a folder, or refuse one that would be overwritten."""
    advice = "Name a folder that is new or empty."
    if folder.exists() and not folder.is_dir():
        raise UsageError(Mistake(str(folder), "is a file, not a folder.", advice))
    folder.mkdir(parents=True, exist_ok=True)
    if any(folder.iterdir()):
        raise UsageError(Mistake(str(folder), "is not empty; nothing was written.", advice))


def _mistakes(*, persons: int, areas: int, extent: Extent, effects: Effects) -> list[Mistake]:
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
    if too_large := [f"{effect:g} of {question}" for question, effect in effects.items() if abs(effect) > LARGEST]:
        mistakes.append(
            Mistake("effect", f"{', '.join(too_large)}.", f"Give numbers from -{LARGEST:g} to {LARGEST:g}.")
        )
    return mistakes
