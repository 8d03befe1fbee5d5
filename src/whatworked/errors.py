"""The error tree: what can go wrong before a study can be believed.

    WhatWorkedError            1 line a mistake: where, what was found, what to do
    ├── UsageError             exit 2: the command line names something that is not there
    ├── ProtocolError          exit 3: the protocol contradicts itself or the records
    ├── RecordsError           exit 4: the records cannot be used as the protocol says
    ├── DisclosureError        exit 5: something would leave that may not
    └── EngineError            exit 6: the engine could not run a step

Expected statistical failures (no comparator left, a coefficient that cannot be identified) are no
errors: they are values, see `whatworked.cells`. No message quotes a person's record: names of tables,
columns and areas, and counts, only.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from difflib import get_close_matches

# More names than this are counted, not listed.
LISTED = 20


@dataclass(frozen=True, slots=True)
class Mistake:
    """One thing that is wrong: where it stands, what was found, and what to do about it."""

    where: str
    found: str
    advice: str = ""

    def __str__(self) -> str:
        """Return the mistake as it is printed, the advice on a line of its own."""
        lines = [f"{self.where}: {self.found}"]
        if self.advice:
            lines.append(f"    {self.advice}")
        return "\n".join(lines)


class WhatWorkedError(Exception):
    """The root of all errors that are shown without a traceback."""

    exit_code = 1

    def __init__(self, mistakes: Mistake | Iterable[Mistake]) -> None:
        """Keep every mistake, so that all of them can be mended at once."""
        self.mistakes = (mistakes,) if isinstance(mistakes, Mistake) else tuple(mistakes)
        super().__init__("\n".join(str(mistake) for mistake in self.mistakes))

    def __reduce__(self) -> tuple[type["WhatWorkedError"], tuple[tuple[Mistake, ...]]]:
        """Keep the mistakes where an error passes from one process to another."""
        return type(self), (self.mistakes,)


class UsageError(WhatWorkedError):
    """The command line names a file or a folder that cannot be used."""

    exit_code = 2


class ProtocolError(WhatWorkedError):
    """The protocol cannot be read, or contradicts itself or the records it names."""

    exit_code = 3


class RecordsError(WhatWorkedError):
    """The records cannot be used in the way the protocol says."""

    exit_code = 4


class DisclosureError(WhatWorkedError):
    """Something would leave that may not."""

    exit_code = 5


class EngineError(WhatWorkedError):
    """The engine could not run a step; its own words are withheld, for they quote values."""

    exit_code = 6


def known(names: Iterable[str], found: str) -> str:
    """Return the sentence that lists what is known and suggests the nearest name."""
    names = sorted(names)
    listed = ", ".join(names[:LISTED]) + (f" and {len(names) - LISTED} more" if len(names) > LISTED else "")
    folded = {name.casefold(): name for name in names}
    near = get_close_matches(found.casefold(), folded, n=1)
    suggestion = f' Did you mean "{folded[near[0]]}"?' if near else ""
    return f"Known: {listed or 'none'}.{suggestion}"
