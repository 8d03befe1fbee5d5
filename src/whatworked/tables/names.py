"""What an area is called in what is released.

Where the protocol lets areas be named they go by their names. Otherwise pilots go by the labels of the
protocol and comparators by a number: in each question in the order in which they are first used, so that
the number says nothing about the code. Codes and names inside sentences are replaced in the same way.
"""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from whatworked.cells import Words
from whatworked.findings.model import Findings, QuestionFindings
from whatworked.vocabulary import Arm

SOME_AREA = "an area that may not be named"
# The keys of the protocol whose values are codes of areas.
_CODES = re.compile(
    r"areas\.(?:excluded(?:\[\d+\](?:\.area)?)?|(?:pilots|successors|practice_models|ratings)\[\d+\]\.(?:area|becomes))"
)
SHORTEST = 3
SHORTEST_NUMBER = 5


@dataclass(frozen=True)
class AreaNames:
    """Code, name or label of every area of one question → what it is called."""

    called: Mapping[str, str]

    def of(self, area: str) -> Words:
        """Return the words for one area."""
        return Words(self.called.get(area, area))

    def within(self, sentence: str) -> str:
        """Return a sentence with every code and name in it replaced by what the area is called."""
        if self._anywhere is None:
            return sentence
        return self._anywhere.sub(lambda found: self.called[found[0]], sentence)

    @cached_property
    def _anywhere(self) -> re.Pattern[str] | None:
        replaced = [area for area, name in self.called.items() if area != name and telling(area)]
        longest_first = sorted(replaced, key=lambda area: (-len(area), area))
        joined = "|".join(re.escape(area) for area in longest_first)
        return re.compile(rf"(?<!\w)(?:{joined})(?!\w)") if joined else None

    def words(self, sentence: str) -> Words:
        """Return a sentence as words, its areas called as they should be."""
        return Words(self.within(sentence))


def telling(area: str) -> bool:
    """Return whether a code or name is one that a sentence could hold for no other reason.

    Two letters could be any word and a short number any figure: these give an area away only as a whole cell.
    """
    return len(area) >= (SHORTEST_NUMBER if area.isdigit() else SHORTEST)


def area_names(question: QuestionFindings, findings: Findings) -> AreaNames:
    """Return what the areas of a question are called, by the protocol's rule on names."""
    if findings.study.publish_names:
        return AreaNames({entry.area: entry.name for q in findings.questions for entry in q.names} | _own(question))
    called = _pilot_labels(findings)
    used = [area for group in question.areas.groups for area in group.comparators]
    _number(called, used, "Comparator")
    _number(called, [row.area for row in question.areas.candidates], "Candidate")
    for q in findings.questions:
        for entry in q.names:
            if entry.area in called:
                called.setdefault(entry.name, called[entry.area])
    for code in sorted(written_codes(findings)):
        called.setdefault(code, SOME_AREA)
    return AreaNames(called)


def names_everywhere(findings: Findings) -> AreaNames:
    """Return what areas are called where no question is meant: pilots by their labels, any other as some area."""
    if findings.study.publish_names:
        return AreaNames({entry.area: entry.name for q in findings.questions for entry in q.names})
    labels = _pilot_labels(findings)
    return AreaNames(labels | {name: SOME_AREA for name in withheld(findings) if name not in labels})


def written_codes(findings: Findings) -> frozenset[str]:
    """Return the codes of areas that the protocol names, whether its records hold them or not."""
    found: set[str] = set()
    for key in findings.protocol:
        if _CODES.fullmatch(key.key):
            value = tomllib.loads(f"x = {key.value}")["x"]
            found |= {str(code) for code in (value if isinstance(value, list) else [value])}
    return frozenset(found)


def withheld(findings: Findings) -> frozenset[str]:
    """Return every code and name that may not appear in what is released."""
    if findings.study.publish_names:
        return frozenset()
    labels = frozenset(_pilot_labels(findings).values())
    codes = {entry.area for q in findings.questions for entry in q.names}
    names = {entry.name for q in findings.questions for entry in q.names}
    candidates = {row.area for q in findings.questions for row in q.areas.candidates}
    return frozenset((codes | names | candidates | written_codes(findings)) - labels)


def _own(question: QuestionFindings) -> dict[str, str]:
    return {entry.area: entry.name for entry in question.names}


def _pilot_labels(findings: Findings) -> dict[str, str]:
    return {entry.area: entry.name for q in findings.questions for entry in q.names if entry.arm is Arm.PILOT}


def _number(called: dict[str, str], areas: list[str], noun: str) -> None:
    """Give every area that has no name yet the next number, in the order of the list."""
    number = 0
    for area in areas:
        if area not in called:
            number += 1
            called[area] = f"{noun} {number}"
