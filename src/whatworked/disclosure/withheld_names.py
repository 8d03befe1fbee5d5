"""The last look at words: where areas may not be named, no code or name of one may stand in any of them."""

import re
from collections.abc import Iterable

from whatworked.errors import DisclosureError, Mistake
from whatworked.tables.names import telling


class NameGuard:
    """Finds withheld codes and names in words: as a whole cell, and inside a sentence where they tell."""

    def __init__(self, withheld: Iterable[str]) -> None:
        """Prepare the search; an empty list finds nothing."""
        self._whole = frozenset(withheld)
        inside = sorted((name for name in self._whole if telling(name)), key=lambda name: (-len(name), name))
        joined = "|".join(re.escape(name) for name in inside)
        self._inside = re.compile(rf"(?<!\w)(?:{joined})(?!\w)") if inside else None

    def finds(self, words: str) -> bool:
        """Return whether the words hold a withheld code or name."""
        return words.strip() in self._whole or bool(self._inside and self._inside.search(words))

    def refuse(self, places: Iterable[tuple[str, str]]) -> None:
        """Raise for every place (where, words) that names an area; the name itself is not repeated."""
        mistakes = [
            Mistake(
                where,
                "the words name an area that may not be named",
                "Write the pilot's label in its place, or set `areas.publish_names = true`.",
            )
            for where, words in places
            if self.finds(words)
        ]
        if mistakes:
            raise DisclosureError(mistakes)
