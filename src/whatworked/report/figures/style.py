"""How every figure looks: colours that colour-blind readers tell apart, one font."""

from collections.abc import Mapping, Sequence
from textwrap import wrap

Spec = dict[str, object]

# The Analysis Function's palette; the darker shades carry words, which need more contrast than lines.
PILOT = "#12436D"
COMPARATOR = "#28A197"
COMPARATOR_WORDS = "#17736B"
COUNTERFACTUAL = "#F46A25"
COUNTERFACTUAL_WORDS = "#B4430B"
INK = "#22252A"
QUIET = "#5B6168"
SHADE = "#E4E6E8"
# Drawn into pictures from the library's own copy; a machine that opens the SVG may have to use another.
FONT = "Liberation Sans, Arial, Helvetica, sans-serif"
WIDTH = 500
TOUCHING = 1e-9


def configured(picture: Spec, *, alt: str) -> Spec:
    """Return a chart with the look of all charts."""
    return picture | {
        "description": alt,
        "background": "white",
        "config": {
            "font": FONT,
            "view": {"stroke": None},
            "axis": {
                "labelFontSize": 12,
                "titleFontSize": 12,
                "titleFontWeight": "normal",
                "labelColor": INK,
                "titleColor": INK,
                "gridColor": "#E1E3E5",
                "domainColor": QUIET,
                "tickColor": QUIET,
            },
            "text": {"fontSize": 12, "color": INK},
            "title": {"color": INK, "subtitleColor": QUIET, "subtitleFontSize": 11, "anchor": "start"},
        },
    }


def rows(values: Sequence[Mapping[str, object]]) -> Spec:
    """Return data for a chart."""
    return {"values": [dict(value) for value in values]}


def period_axis(periods: Sequence[str], *, title: str | None = None) -> Spec:
    """Return the axis of periods: each has a band, so that a phase can be shaded and a start marked at its edge."""
    return {
        "field": "period",
        "type": "ordinal",
        "scale": {"type": "band", "domain": list(periods), "padding": 0},
        "axis": {"labelAngle": 0, "labelOverlap": True, "grid": False, "title": title},
    }


def axis_ends(values: Sequence[float], *, zero: bool = False) -> tuple[float, float]:
    """Return where the axis of these values begins and ends, before it is rounded."""
    low, high = min(values, default=0.0), max(values, default=1.0)
    near_zero = zero or 0 <= low < high / 3
    margin = (high - low) * 0.06 or abs(high) * 0.1 or 1.0
    return (0.0 if near_zero and low >= 0 else low - margin), high + margin


def value_axis(values: Sequence[float], *, title: str | None, zero: bool = False) -> Spec:
    """Return the axis of values: from zero where they come near it, else just around them."""
    return {
        "field": "value",
        "type": "quantitative",
        "scale": {"domain": list(axis_ends(values, zero=zero)), "nice": True, "zero": False},
        "axis": {"title": title and wrap(title, 42), "tickCount": 6, "labelFlush": False},
    }


def starts_at_zero(values: Sequence[float]) -> bool:
    """Return whether the axis of these values begins at zero."""
    return 0 <= min(values, default=0.0) < max(values, default=1.0) / 3


def phase_marks(shaded: Sequence[str], start: str | None, axis: Spec) -> list[Spec]:
    """Return the layers behind the lines: settling-in shaded, the start as a dashed line."""
    layers: list[Spec] = []
    if shaded:
        layers.append(
            {
                "data": rows([{"period": period} for period in shaded]),
                "mark": {"type": "rect", "color": SHADE, "aria": False},
                "encoding": {"x": axis},
            }
        )
    if start is not None:
        layers.append(
            {
                "data": rows([{"period": start}]),
                "mark": {"type": "rule", "color": QUIET, "strokeDash": [4, 3], "aria": False},
                "encoding": {"x": axis | {"bandPosition": 0}},
            }
        )
    return layers


def phase_words(shaded: Sequence[str], start: str | None, axis: Spec) -> list[Spec]:
    """Return the words above the lines: where the start is, and what the shaded periods are."""
    told = [(start, 0.0, "start", "right", -3)] if start is not None else []
    if shaded:
        told.append((shaded[0], 0.0, "settling in", "left", 3))
    return [
        {
            "data": rows([{"period": period}]),
            "mark": {
                "type": "text",
                "text": text,
                "align": align,
                "dx": dx,
                "fontSize": 11,
                "color": QUIET,
                "aria": False,
            },
            "encoding": {"x": axis | {"bandPosition": at}, "y": {"value": -7}},
        }
        for period, at, text, align, dx in told
    ]


def apart(values: Sequence[float], heights: Sequence[float]) -> list[float]:
    """Return the values moved so far apart that labels of these heights at them do not touch, their order kept."""
    order = sorted(range(len(values)), key=lambda i: values[i])
    placed, tall = [values[i] for i in order], [heights[i] for i in order]
    for _ in range(len(placed) * 4):
        for i in range(len(placed) - 1):
            short = (tall[i] + tall[i + 1]) / 2 - (placed[i + 1] - placed[i])
            if short > TOUCHING:
                placed[i] -= short / 2
                placed[i + 1] += short / 2
    moved = dict(zip(order, placed, strict=True))
    return [moved[i] for i in range(len(values))]
