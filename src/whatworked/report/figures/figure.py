"""The figures of a question: what each shows, its message, and the picture."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import vl_convert

from whatworked.disclosure.released import ReleasedSection
from whatworked.report.figures.after_start import after_start, after_start_alt, after_start_message
from whatworked.report.figures.balance import love_plot
from whatworked.report.figures.counterfactual import counterfactual
from whatworked.report.figures.curve import curve_alt, curve_message, curve_reading, specification_curve
from whatworked.report.figures.event_study import event_study
from whatworked.report.figures.flow import flow, flow_alt, flow_message
from whatworked.report.figures.frame import framed
from whatworked.report.figures.leave_one_out import leave_one_out
from whatworked.report.figures.overlap import bins_left_out, overlap
from whatworked.report.figures.png import packed
from whatworked.report.figures.style import Spec, configured, starts_at_zero
from whatworked.report.figures.trends import groups_left_out, groups_of, trends, values_of
from whatworked.report.prose import captions, people
from whatworked.report.prose.phrases import capital, words

VEGA_LITE = "5.20"
SCALE = 2


@dataclass(frozen=True, slots=True)
class Figure:
    """A figure: its message, the outcome it is about, and how to read it.

    `table` is the key of the table that holds its data. `picture` is None where the gate held back what it would show.
    """

    key: str
    message: str
    outcome: str
    alt: str
    reading: str
    source: str
    table: str
    picture: Spec | None

    def svg(self) -> str:
        """Return the picture for the page, which prints title and source beside it, as scalable text."""
        if self.picture is None:
            message = f"figure {self.key} has no picture"
            raise ValueError(message)
        return str(vl_convert.vegalite_to_svg(configured(self.picture, alt=self.alt), vl_version=VEGA_LITE))

    def standing_alone(self, svg: str) -> str:
        """Return the picture for the page with title and source, as a file of its own."""
        return framed(svg, message=self.message, outcome=self.outcome, source=self.source, alt=self.alt)


def figures(section: ReleasedSection) -> tuple[Figure, ...]:
    """Return the figures of a question in the order of the report; one without a table is not made."""
    makers: tuple[Callable[[ReleasedSection], Iterator[Figure]], ...] = (
        _after_start,
        _trends,
        _counterfactual,
        _event_study,
        _leave_one_out,
        _curve,
        _flow,
        _balance,
        _overlap,
    )
    return tuple(figure for maker in makers for figure in maker(section))


def _trends(section: ReleasedSection) -> Iterator[Figure]:
    table = section.table("trends")
    if table is not None:
        values, groups = values_of(table), groups_of(table)
        left = groups_left_out(table)
        rest = f" {left} more groups are in the table only." if left else ""
        axis = "" if starts_at_zero(values) else " The vertical axis does not start at zero."
        yield Figure(
            "trends",
            captions.trends_message(section),
            _outcome(section),
            captions.trends_alt(section, groups),
            "Thick dark blue: the pilot. Thin turquoise: its comparators. Dashed line: the start. "
            f"Grey band: settling in, left out of the analysis.{axis}{rest}",
            table.source,
            table.key,
            trends(table, words(section.facts, "level_unit")),
        )


def _counterfactual(section: ReleasedSection) -> Iterator[Figure]:
    table = section.table("counterfactual")
    if table is not None:
        yield Figure(
            "counterfactual",
            captions.counterfactual_message(section),
            _outcome(section),
            captions.counterfactual_alt(section),
            "Means of the matched areas. Without the intervention, the pilots are estimated to have been where the "
            "diamonds are; the bars are 95% intervals. Dashed line: the start. Grey band: settling in.",
            table.source,
            table.key,
            counterfactual(table, words(section.facts, "level_unit")),
        )


def _event_study(section: ReleasedSection) -> Iterator[Figure]:
    table = section.table("event_study")
    if table is not None:
        yield Figure(
            "event_study",
            captions.event_study_message(section, table),
            _outcome(section),
            captions.event_study_alt(section, table),
            "Dots: how far pilots and comparators lay apart, against the last period before the start. Bars: 95% "
            "intervals of the source's test. Settling-in periods are left out.",
            table.source,
            table.key,
            event_study(table, words(section.facts, "unit")),
        )


def _leave_one_out(section: ReleasedSection) -> Iterator[Figure]:
    table = section.table("leave_one_area_out")
    if table is not None:
        yield Figure(
            "leave_one_area_out",
            captions.leave_one_out_message(section, table),
            _outcome(section),
            captions.leave_one_out_alt(section, table),
            "Each mark is the estimate when one area is left out: dark blue circles for pilots, turquoise diamonds for "
            "comparators. Dashed line: the estimate from all areas. Solid line: zero.",
            table.source,
            table.key,
            leave_one_out(table, words(section.facts, "unit")),
        )


def _balance(section: ReleasedSection) -> Iterator[Figure]:
    table = section.table("balance")
    if table is not None:
        yield Figure(
            "balance",
            people.balance_message(table),
            _outcome(section),
            people.balance_alt(section, table),
            "How far pilots and comparators lie apart in each characteristic of people: hollow before matching, filled "
            "after it, in standard deviations of the pilots. Grey band: within 0.1, commonly held to be alike.",
            table.source,
            table.key,
            love_plot(table),
        )


def _overlap(section: ReleasedSection) -> Iterator[Figure]:
    table = section.table("without_counterpart")
    if table is not None:
        left = bins_left_out(table)
        rest = f" {left} more bins are in the table only." if left else ""
        yield Figure(
            "overlap",
            people.overlap_message(section),
            _outcome(section),
            people.overlap_alt(section, table),
            "Strong colour: rows with a counterpart in the other arm. Pale: rows without, which the analysis leaves "
            "out. Grey with a dashed edge: rows of which it may not be told. Every panel has its own "
            f"scale.{rest}",
            table.source,
            table.key,
            overlap(table),
        )


def _after_start(section: ReleasedSection) -> Iterator[Figure]:
    table = section.table("after_start")
    if table is not None:
        yield Figure(
            "after_start",
            after_start_message(section),
            _outcome(section),
            after_start_alt(section, table),
            "Dark blue: what was seen in the pilots after the start. Orange: where they are estimated to have been "
            "without the intervention; the line is the 95% interval.",
            table.source,
            table.key,
            after_start(table, words(section.facts, "level_unit"), words(section.facts, "natural_unit")),
        )


def _curve(section: ReleasedSection) -> Iterator[Figure]:
    table = section.table("specification_curve")
    if table is not None:
        yield Figure(
            "specification_curve",
            curve_message(table),
            _outcome(section),
            curve_alt(section, table),
            curve_reading(table),
            table.source,
            table.key,
            specification_curve(table, words(section.facts, "natural_unit")),
        )


def _flow(section: ReleasedSection) -> Iterator[Figure]:
    table = section.table("flow")
    if table is not None:
        yield Figure(
            "flow",
            flow_message(table),
            _outcome(section),
            flow_alt(section, table),
            "Strong colour: what remains after a rule. Pale: what that rule left out.",
            table.source,
            table.key,
            flow(table),
        )


def _outcome(section: ReleasedSection) -> str:
    return capital(words(section.facts, "outcome"))


def rastered(svg: str) -> bytes:
    """Return scalable text as a picture of pixels: the one that the drawing library makes of the chart itself."""
    return packed(bytes(vl_convert.svg_to_png(svg, scale=SCALE)))
