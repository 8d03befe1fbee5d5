"""The frame of a picture that stands by itself: its message and outcome above it, its source below.

The picture for the page is set into the frame as it is, so that nothing is laid out twice.
"""

import re
from dataclasses import dataclass
from html import escape
from math import ceil
from textwrap import wrap

from whatworked.report.figures.style import FONT, INK, QUIET

PADDING, BETWEEN = 12, 14
# What the picture has around it already.
OWN = 5
# A letter is at most this wide on the average of a line, as a share of its height.
WIDEST = 0.6
_SIZE = re.compile(r'<svg [^>]*?width="(?P<width>[\d.]+)" height="(?P<height>[\d.]+)"')


@dataclass(frozen=True, slots=True)
class _Style:
    size: int
    weight: str
    colour: str
    letters_a_line: int

    @property
    def line(self) -> int:
        """Height of a line."""
        return self.size + 3


MESSAGE = _Style(15, "bold", INK, 58)
OUTCOME = _Style(11, "normal", QUIET, 88)
SOURCE = _Style(10, "normal", QUIET, 88)


def framed(svg: str, *, message: str, outcome: str, source: str, alt: str) -> str:
    """Return scalable text with its message and outcome above and its source below, and words for those who hear it."""
    size = _SIZE.match(svg)
    if size is None:
        raise ValueError("the picture does not say how large it is")
    above = [*_lines(message, MESSAGE), *_lines(outcome, OUTCOME)]
    below = _lines(f"Source: {source}", SOURCE)
    words, top = _set(above, PADDING)
    foot, bottom = _set(below, top + ceil(float(size["height"])) + 2 * (BETWEEN - OWN))
    wide = max(float(size["width"]) - 2 * OWN, *(WIDEST * style.size * len(text) for text, style in [*above, *below]))
    width, height = ceil(wide) + 2 * PADDING, bottom + PADDING
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" role="img" width="{width}" height="{height}" '
        f'viewBox="0 0 {width} {height}"><title>{escape(message)}</title><desc>{escape(alt)}</desc>'
        f'<rect width="{width}" height="{height}" fill="white"/>{words}'
        f'<svg x="{PADDING - OWN}" y="{top + BETWEEN - OWN}" overflow="visible" {svg.removeprefix("<svg ")}{foot}</svg>'
    )


def _lines(text: str, style: _Style) -> list[tuple[str, _Style]]:
    return [(line, style) for line in wrap(text, style.letters_a_line)]


def _set(lines: list[tuple[str, _Style]], top: int) -> tuple[str, int]:
    """Return lines of text set below each other, and where the last of them ends."""
    found = ""
    for text, style in lines:
        found += (
            f'<text x="{PADDING}" y="{top + style.size}" font-family="{FONT}" font-size="{style.size}px" '
            f'font-weight="{style.weight}" fill="{style.colour}">{escape(text)}</text>'
        )
        top += style.line
    return found, top
