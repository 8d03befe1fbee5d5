import json
import zlib
from dataclasses import replace
from itertools import pairwise
from xml.etree.ElementTree import fromstring

import pytest
from invented import LIMITS, YEARS, invented, with_an_effect, with_question
from vl_convert import vegalite_to_png, vegalite_to_svg

from whatworked.disclosure.release import release
from whatworked.report.figures import drawing
from whatworked.report.figures.counterfactual import HEIGHT, LINE_HEIGHT
from whatworked.report.figures.figure import SCALE, VEGA_LITE, figures, rastered
from whatworked.report.figures.frame import framed
from whatworked.report.figures.png import SIGNATURE, packed
from whatworked.report.figures.style import apart, configured
from whatworked.tables.document import document
from whatworked.vocabulary import Phase, Role

SVG = "{http://www.w3.org/2000/svg}"
KEYS = ["after_start", "trends", "counterfactual", "event_study", "leave_one_area_out", "specification_curve", "flow"]


def drawn(question=None, limits=LIMITS, **study):
    findings = invented(**study)
    findings = findings if question is None else with_question(findings, question)
    return [figure for section in release(document(findings), limits).sections for figure in figures(section)]


def one(key, question=None, limits=LIMITS, **study):
    return next(figure for figure in drawn(question, limits, **study) if figure.key == key)


def numbers_in(spec):
    """Return every number in the data of a chart but the places of its labels."""
    if isinstance(spec, dict):
        if isinstance(spec.get("mark"), dict) and spec["mark"]["type"] == "text":
            return []
        values = spec.get("values")
        found = [v for row in values for v in row.values() if isinstance(v, float)] if isinstance(values, list) else []
        return found + [n for value in spec.values() for n in numbers_in(value)]
    return [n for value in spec for n in numbers_in(value)] if isinstance(spec, list) else []


def test_each_question_has_its_figures_in_their_order():
    assert [figure.key for figure in drawn()] == KEYS * 2


def test_figures_hold_released_numbers_only():
    for figure in drawn():
        found = numbers_in(figure.picture)
        assert found
        assert all(round(number, 2) == number for number in found)


def test_every_figure_has_a_message_a_source_and_alt_text_of_its_own():
    every = drawn()
    assert len({figure.alt for figure in every}) == len(every)
    assert all(figure.source and figure.message and figure.reading for figure in every)


def test_the_trends_show_every_group_with_its_start_and_its_settling_in():
    trends = one("trends").picture
    pilots = [panel["title"]["text"] for panel in trends["concat"]]
    assert pilots == ["Alderbrook", "Brackenford", "Coldharbour", "Dunmere"]
    shade, start = trends["concat"][0]["layer"][:2]
    assert shade["data"]["values"] == [{"period": "2017"}]
    assert start["data"]["values"] == [{"period": "2017"}]


def test_a_missing_figure_breaks_its_line():
    brackenford = one("trends").picture["concat"][1]["layer"][2]["data"]["values"]
    assert [row["period"] for row in brackenford if row["value"] is None] == ["2015"]
    assert len(brackenford) == 2 * len(YEARS)


def test_the_counterfactual_is_drawn_after_the_start_only():
    layers = one("counterfactual").picture["layer"]
    diamonds = next(layer for layer in layers if layer["mark"].get("strokeDash") == [5, 3])
    assert [row["period"] for row in diamonds["data"]["values"]] == ["2018", "2019"]


def test_the_reference_period_lies_at_zero():
    layers = one("event_study").picture["layer"]
    points = next(layer for layer in layers if layer["mark"]["type"] == "point")["data"]["values"]
    assert [row["value"] for row in points if row["reference"] == "yes"] == [0.0]


def test_a_figure_whose_numbers_are_hidden_is_not_drawn():
    hidden = {figure.key: figure.picture for figure in drawn(publish_names=False)[: len(KEYS)]}
    assert hidden["trends"] is None
    assert hidden["counterfactual"] is not None
    saturated = {figure.key: figure.picture for figure in drawn(limits=replace(LIMITS, residual_df=100))[: len(KEYS)]}
    assert saturated["event_study"] is None
    assert saturated["leave_one_area_out"] is None


def test_asking_for_a_picture_that_may_not_be_shown_is_an_error():
    with pytest.raises(ValueError, match="trends"):
        one("trends", publish_names=False).svg()


def test_a_question_without_analyses_has_the_flow_of_its_rows_alone():
    question = replace(with_an_effect(), specifications=(), series=(), counterfactual=(), leave_one_area_out=())
    assert [chart.key for chart in drawn(question)] == ["flow"]


def test_many_groups_are_drawn_up_to_a_limit():
    question = with_an_effect()
    pilots = [f"E9{i:02}" for i in range(20)]
    rows = [
        replace(row, group=pilot, area=pilot if row.area == row.group else row.area)
        for pilot in pilots
        for row in question.series
        if row.group == "E0601"
    ]
    chart = one("trends", replace(question, series=tuple(rows)))
    assert len(chart.picture["concat"]) == 12
    assert "8 more groups are in the table only." in chart.reading


def test_standalone_pictures_carry_title_and_source():
    chart = one("trends")
    page = chart.svg()
    svg = chart.standing_alone(page)
    told = " ".join(text.text or "" for text in fromstring(svg).iter(f"{SVG}text"))
    assert "Source: Invented statistics of no department" in told
    assert chart.message in told
    assert chart.outcome in told
    assert [fromstring(svg).findtext(f"{SVG}{name}") for name in ("title", "desc")] == [chart.message, chart.alt]
    assert page.removeprefix("<svg ") in svg
    assert rastered(svg) != rastered(page)


def test_a_frame_has_room_for_its_lines_and_its_picture_and_keeps_every_word():
    page = '<svg xmlns="http://www.w3.org/2000/svg" width="40" height="30"><rect width="40" height="30"/></svg>'
    for message in ("W" * 58, "a <b> & c", "one line and another line " * 5):
        svg = framed(page, message=message, outcome="O", source="S", alt="A")
        root = fromstring(svg)
        told = [text.text for text in root.iter(f"{SVG}text")]
        assert " ".join(told).split() == [*message.split(), "O", "Source:", "S"]
        assert float(root.get("width")) >= 24 + 40 - 10
        assert float(root.get("width")) >= 24 + 0.6 * 15 * max(map(len, told[:-2]))
        heights = [float(text.get("y")) for text in root.iter(f"{SVG}text")]
        assert heights == sorted(set(heights))
        inner = root.find(f"{SVG}svg")
        assert heights[-2] < float(inner.get("y")) + 5
        assert float(inner.get("y")) + 30 - 5 < heights[-1] - 10 < float(root.get("height")) - 20
    with pytest.raises(ValueError, match="how large"):
        framed("<svg></svg>", message="M", outcome="O", source="S", alt="A")


def test_drawing_twice_gives_the_same_bytes():
    first, second = one("counterfactual"), one("counterfactual")
    assert rastered(first.svg()) == rastered(second.svg())
    assert first.standing_alone(first.svg()) == second.standing_alone(second.svg())


def test_figures_drawn_in_two_processes_are_those_drawn_in_one(monkeypatch):
    found = drawn(publish_names=False)
    alone = drawing.drawn(found)
    assert [one.png is None for one in alone] == [figure.picture is None for figure in found]
    monkeypatch.setattr(drawing, "WORTH_A_PROCESS", 1)
    monkeypatch.setattr(drawing, "cores", lambda: 2)
    assert drawing.drawn(found) == alone
    place = [figure.key for figure in found].index("counterfactual")
    chart, picture = found[place], alone[place]
    page = chart.svg()
    assert picture.page == page
    assert picture.svg == chart.standing_alone(page)
    assert picture.png == rastered(picture.svg)


def test_the_pixels_are_those_of_the_chart_itself():
    chart = configured(one("counterfactual").picture, alt="")
    assert rastered(vegalite_to_svg(chart, vl_version=VEGA_LITE)) == packed(
        vegalite_to_png(chart, vl_version=VEGA_LITE, scale=SCALE)
    )


def test_text_is_drawn_into_the_picture():
    chart = one("leave_one_area_out")
    silent = json.loads(json.dumps(chart.picture).replace("Alderbrook", " "))
    assert rastered(replace(chart, picture=silent).svg()) != rastered(chart.svg())


def test_packing_a_picture_keeps_every_pixel():
    png = rastered(one("event_study").svg())
    again = packed(png)
    assert again.startswith(SIGNATURE)
    assert pixels(again) == pixels(png)


def pixels(png):
    data, place = b"", len(SIGNATURE)
    while place < len(png):
        length = int.from_bytes(png[place : place + 4])
        body = png[place + 8 : place + 8 + length]
        kind, check = png[place + 4 : place + 8], png[place + 8 + length : place + 12 + length]
        assert int.from_bytes(check) == zlib.crc32(kind + body)
        data += body if kind == b"IDAT" else b""
        place += length + 12
    return zlib.decompress(data)


@pytest.mark.parametrize("values", [[1.0, 1.0, 1.0], [3.0, 1.0, 2.0], [0.0, 100.0], [5.0]])
def test_labels_are_moved_apart_in_their_order(values):
    heights = [2.0] * len(values)
    placed = apart(values, heights)
    ordered = [placed[i] for i in sorted(range(len(values)), key=lambda i: values[i])]
    assert all(later - earlier >= 2 - 0.1 for earlier, later in pairwise(ordered))


@pytest.mark.parametrize(("verdict", "message"), [("fail", "fail the test"), ("untested", "Each pilot beside")])
def test_the_message_of_the_trends_follows_their_verdict(verdict, message):
    question = with_an_effect()
    tests = (replace(question.tests[0], verdict=verdict), *question.tests[1:])
    assert message in one("trends", replace(question, tests=tests)).message


def test_an_area_that_decides_the_direction_is_told_in_the_message():
    question = with_an_effect()
    left_out = (replace(question.leave_one_area_out[0], estimate=3.0), *question.leave_one_area_out[1:])
    assert one("leave_one_area_out", replace(question, leave_one_area_out=left_out)).message.startswith(
        "Leaving out one area can turn"
    )


def test_figures_without_settling_in_have_no_grey_band():
    question = with_an_effect()
    rows = tuple(replace(row, phase=Phase.POST) if row.phase is Phase.SETTLING_IN else row for row in question.series)
    panel = one("trends", replace(question, series=rows)).picture["concat"][0]
    assert [layer["mark"]["type"] for layer in panel["layer"]] == ["rule", "line", "line"]


def test_an_event_study_of_leads_alone_marks_no_start():
    question = with_an_effect()
    specifications = tuple(
        replace(s, terms=tuple(term for term in s.terms if term.term not in {"pilot:k=0", "pilot:k=1"}))
        if s.role is Role.LEADS
        else s
        for s in question.specifications
    )
    picture = one("event_study", replace(question, specifications=specifications)).picture
    assert [layer["mark"]["type"] for layer in picture["layer"]].count("rule") == 2


def test_labels_of_lines_do_not_touch_where_the_axis_reaches_far_beyond_them():
    question = with_an_effect()
    last = question.counterfactual[-1]
    near = (replace(row, pilots=2.0, comparators=6.0, counterfactual=None) for row in question.counterfactual[:-1])
    end = replace(last, pilots=2.7, counterfactual=2.8, comparators=2.9, conf_low=1.9, conf_high=4.7)
    layers = one("counterfactual", replace(question, counterfactual=(*near, end))).picture["layer"]
    labels = [layer for layer in layers if layer["mark"].get("fontWeight") == "bold"]
    low, high = labels[0]["encoding"]["y"]["scale"]["domain"]
    placed = sorted((layer["data"]["values"][0]["value"], len(layer["mark"]["text"])) for layer in labels)
    assert low == 0
    for (below, lines), (above, more) in pairwise(placed):
        assert (above - below) / (high - low) * HEIGHT >= LINE_HEIGHT * (lines + more) / 2
