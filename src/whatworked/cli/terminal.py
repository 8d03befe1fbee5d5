"""How a command speaks: results on stdout, progress and errors on stderr, nothing that a terminal would obey."""

import sys
import textwrap
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType

import typer
from rich.console import Console

from whatworked.errors import EngineError, WhatWorkedError
from whatworked.study import Progress

WIDTH = 80
# What a report prints that a plain terminal may not have.
PLAIN = str.maketrans({"\u00a0": " ", "\u2212": "-"})


def say(text: str) -> None:
    """Print a result; a letter that the output's encoding does not have is spelled out."""
    encoding = sys.stdout.encoding or "utf-8"
    print(printable(text.translate(PLAIN)).encode(encoding, "backslashreplace").decode(encoding))


def printable(text: str) -> str:
    """Return a text with its control characters spelled out: a title or an area's name may hold anything."""
    return "".join(c if c == "\n" or c.isprintable() else f"\\u{ord(c):04x}" for c in text)


def wrapped(text: str, *, indent: int = 0) -> str:
    """Return a text in lines of a narrow terminal; those after the first stand a little further in."""
    return textwrap.fill(
        text,
        WIDTH,
        initial_indent=" " * indent,
        subsequent_indent=" " * (indent + 2),
        break_long_words=False,
        break_on_hyphens=False,
    )


def progress_shown(*, quiet: bool) -> Progress:
    """Return what is called with a few words before each step."""
    console = _stderr(quiet=quiet)
    return lambda step: console.print(printable(step), style="dim")


@contextmanager
def errors_shown() -> Iterator[None]:
    """Print an expected error as its mistakes, one a paragraph, and leave with its code."""
    try:
        yield
    except WhatWorkedError as error:
        console = _stderr()
        console.print(type(error).__name__, style="bold red")
        for mistake in error.mistakes:
            console.print(printable(f"  {mistake}".replace("\n", "\n  ")))
        raise typer.Exit(error.exit_code) from None


class FaultsShown:
    """Says where something failed that nobody foresaw, and leaves without a traceback.

    Its words are withheld, for they could quote a record. What the system says (a full disk under the output,
    say) quotes none.
    """

    def __enter__(self) -> None:
        """Begin to watch."""

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Turn a fault into a message and the engine's exit code; what is no fault passes."""
        if not isinstance(error, Exception):
            return
        last = traceback.extract_tb(trace)[-1]
        said, advice = (
            (
                f"{error.strerror or type(error).__name__}.",
                "Check the disk's free space and where the output goes, then try again.",
            )
            if isinstance(error, OSError)
            else (
                f"{type(error).__name__} in {Path(last.filename).name}, line {last.lineno} ({last.name}).",
                "This is a fault of the package: please report this line.",
            )
        )
        console = _stderr()
        console.print("Stopped", style="bold red")
        console.print(f"  whatworked: {said}\n      {advice}")
        error.__traceback__ = None
        raise SystemExit(EngineError.exit_code) from None


def _stderr(*, quiet: bool = False) -> Console:
    return Console(stderr=True, quiet=quiet, highlight=False, markup=False, emoji=False, soft_wrap=True)
