"""Whose census a file is and of which year: from its header, unless the study says otherwise."""

import re
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from whatworked.errors import Mistake, RecordsError
from whatworked.records.cin_items import FIRST_FORM, LAST_FORM
from whatworked.records.cin_values import day_of
from whatworked.records.cin_xml import Module

NOT_31_MARCH = "returns whose ReferenceDate is no 31 March"
OTHER_YEAR = "returns whose Year is not the year of their ReferenceDate"
OTHER_AREA = "returns whose LEA is not the area given for the file"
OTHER_FORM = f"returns of years before {FIRST_FORM} or after {LAST_FORM}"

_COLLECTIONS = ("cin", "children in need")
_AREA = re.compile(r"[0-9A-Za-z]{1,9}")
_YEAR = re.compile(r"(?:19|20)[0-9]{2}")


@dataclass(frozen=True, slots=True)
class CinFile:
    """A census file; its council and the year its collection year ends in, where the header is not to be believed."""

    path: Path
    area: str | None = None
    census_year: int | None = None


@dataclass(frozen=True, slots=True)
class Return:
    """Whose return a file is, and the year in which its collection year ends."""

    area: str
    census_year: int


def read_header(file: CinFile, header: Module, *, found: Counter[str]) -> Return:
    """Return what the header says, counting in `found` what is odd about it.

    Raises
    ------
    RecordsError
        It is the header of another collection, or says neither council nor year where the study does not either.
    """
    details, source = header.modules.get("CollectionDetails", []), header.modules.get("Source", [])
    collection = _text(details, "Collection")
    where = f"{file.path.name}, Header"
    if collection and not collection.casefold().startswith(_COLLECTIONS):
        raise RecordsError(
            Mistake(f"{where}, Collection", "it is not a children in need census.", "Give the file of another kind.")
        )
    area = _area(file, _text(source, "LEA"), found=found)
    year = _year(file, _text(details, "ReferenceDate"), _text(details, "Year"), found=found)
    if area is not None and year is not None:
        found[OTHER_FORM] += not FIRST_FORM <= year <= LAST_FORM
        return Return(area, year)
    mistakes = []
    if area is None:
        mistakes.append(Mistake(f"{where}, LEA", "no code of a council before the first child.", "Give its area."))
    if year is None:
        nowhere = "no date and no year before the first child."
        mistakes.append(Mistake(f"{where}, ReferenceDate and Year", nowhere, "Give its census year."))
    raise RecordsError(mistakes)


def _area(file: CinFile, code: str, *, found: Counter[str]) -> str | None:
    given = code if _AREA.fullmatch(code) else None
    if file.area is None:
        return given
    found[OTHER_AREA] += given is not None and given != file.area
    return file.area


def _year(file: CinFile, reference: str, year: str, *, found: Counter[str]) -> int | None:
    """Return the census year: the one given, else that of the reference date, else that of the collection."""
    if file.census_year is not None:
        return file.census_year
    day, _ = day_of(reference)
    if not day:
        return int(year) if _YEAR.fullmatch(year) else None
    found[NOT_31_MARCH] += not day.endswith("-03-31")
    found[OTHER_YEAR] += year != day[:4]
    return int(day[:4])


def _text(modules: list[Module], item: str) -> str:
    """Return the first text of an item, nothing if there is none."""
    return next((text for module in modules for text in module.texts.get(item, ())), "")
