"""Figures as they are drawn: for the page and as files of their own. Drawing is slow, and so shared among processes."""

from collections.abc import Iterable
from dataclasses import dataclass

from whatworked.processes import cores, shared
from whatworked.report.figures.figure import Figure, rastered

# A process takes about as long to start as this many figures take to draw.
WORTH_A_PROCESS = 8


@dataclass(frozen=True, slots=True)
class Drawn:
    """A figure as scalable text for the page, and with title and source as scalable text and in pixels.

    All three are None where the gate held back what the figure would show.
    """

    figure: Figure
    page: str | None = None
    svg: str | None = None
    png: bytes | None = None


def drawn(figures: Iterable[Figure]) -> list[Drawn]:
    """Return figures with their pictures, in their order; the same figures, the same bytes."""
    every = list(figures)
    return shared(_drawn, every, processes=min(cores(), len(every) // WORTH_A_PROCESS))


def _drawn(figure: Figure) -> Drawn:
    if figure.picture is None:
        return Drawn(figure)
    svg = figure.svg()
    alone = figure.standing_alone(svg)
    return Drawn(figure, page=svg, svg=alone, png=rastered(alone))
