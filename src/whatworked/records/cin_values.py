"""Texts of a census as values of the canonical tables: dates, codes, truth values and counts.

What cannot be used becomes the empty text, which the engine reads as NULL, and is counted by item and reason.
"""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date
from functools import lru_cache

from whatworked.records.cin_xml import Module
from whatworked.records.codes import CODE_SETS

NO_DATE = "not a date of the form yyyy-mm-dd"
NO_SUCH_DAY = "no day of the calendar"
FAR_DATE = "a year before 1900 or after 2099"
NO_CODE = "not a code of the census"
OTHER_YEARS = "a code of other years"
NO_TRUTH_VALUE = "neither true nor false"
NO_COUNT = "not a whole number"
DIFFERENT = "given twice, with different values"

_FIRST_YEAR, _LAST_YEAR = 1900, 2099
_KEPT_DATES = 1 << 16
# A day, which some systems write as its midnight or with a time zone.
_DATE = re.compile(r"([0-9]{4}-[0-9]{2}-[0-9]{2})(?:T00:00:00(?:\.0+)?)?(?:Z|[+-][0-9]{2}:[0-9]{2})?")
_COUNT = re.compile(r"\+?([0-9]{1,3})(?:\.0+)?")
_TRUTH = {"true": "1", "1": "1", "false": "0", "0": "0"}
# How the element Sex writes what GenderCurrent gave as numbers; U also stands for an unborn child.
_SEX = {"M": "1", "F": "2", "U": "0"}


class Values:
    """Reads the texts of one census year and counts what cannot be used: (item, reason) → how often."""

    def __init__(self, year: int, problems: Counter[tuple[str, str]]) -> None:
        """Take the year in which the collection year ends, which says what codes there are."""
        self._year = year
        self._problems = problems

    def one(self, modules: Sequence[Module], item: str) -> str:
        """Return the text of an item that should be there once; of several different ones the first, counted."""
        texts = [text for module in modules for text in module.texts.get(item, ())]
        if len(texts) > 1 and any(text != texts[0] for text in texts):
            self._problems[item, DIFFERENT] += 1
        return texts[0] if texts else ""

    def date(self, item: str, text: str) -> str:
        """Return a date as yyyy-mm-dd."""
        day, problem = day_of(text)
        return self._counted(item, problem) if problem else day

    def code(self, item: str, text: str, code_set: str) -> str:
        """Return a code in capitals, if the year's return may use it."""
        if not text:
            return ""
        written = text.upper()
        code = CODE_SETS[code_set].get(written)
        if code is None:
            return self._counted(item, NO_CODE)
        return written if code.is_valid_in(self._year) else self._counted(item, OTHER_YEARS)

    def sex(self, modules: Sequence[Module]) -> str:
        """Return the sex as a number, from `Sex` before `GenderCurrent`, in the letters or numbers of either."""
        given = [
            self.code(item, _SEX.get(text.upper(), text), "sex")
            for item in ("Sex", "GenderCurrent")
            if (text := self.one(modules, item))
        ]
        known = [sex for sex in given if sex]
        if len(set(known)) > 1:
            self._problems["Sex and GenderCurrent", DIFFERENT] += 1
        return known[0] if known else ""

    def truth(self, item: str, text: str) -> str:
        """Return a truth value as 1 or 0, in whatever spelling it is written."""
        if not text:
            return ""
        return _TRUTH.get(text.lower()) or self._counted(item, NO_TRUTH_VALUE)

    def count(self, item: str, text: str) -> str:
        """Return a number of things, nought included."""
        if not text:
            return ""
        found = _COUNT.fullmatch(text)
        return found[1] if found else self._counted(item, NO_COUNT)

    def _counted(self, item: str, reason: str) -> str:
        self._problems[item, reason] += 1
        return ""


def handled(reason: str) -> str:
    """Return what is done with a text that cannot be used for this reason."""
    return _HANDLED.get(reason, "left missing")


_HANDLED: Mapping[str, str] = {DIFFERENT: "the first is kept"}


@lru_cache(maxsize=_KEPT_DATES)
def day_of(text: str) -> tuple[str, str]:
    """Return a date as yyyy-mm-dd and what is wrong with it; one of the two is empty."""
    if not text:
        return "", ""
    found = _DATE.fullmatch(text)
    if found is None:
        return "", NO_DATE
    try:
        year = date.fromisoformat(found[1]).year
    except ValueError:
        return "", NO_SUCH_DAY
    return (found[1], "") if _FIRST_YEAR <= year <= _LAST_YEAR else ("", FAR_DATE)
