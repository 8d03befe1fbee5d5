import json
import zlib
from dataclasses import replace
from itertools import pairwise

import pytest
from invented import LIMITS, YEARS, invented, with_an_effect, with_question
from vl_convert import vegalite_to_png, vegalite_to_svg

from whatworked.disclosure.release import release
from whatworked.report.figures import drawing
from whatworked.report.figures.figure import SCALE, VEGA_LITE, figures, rastered
from whatworked.report.figures.png import SIGNATURE, packed
from whatworked.report.figures.style import apart, configured
from whatworked.tables.document import document
from whatworked.vocabulary import Phase, Role

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
        one("trends", publish_names=False).png()


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
    svg = chart.standalone_svg()
    assert "Invented statistics of no department" in svg
    assert "pass the test of moving alike" in svg
    assert chart.standalone_png() != chart.png()


def test_drawing_twice_gives_the_same_bytes():
    first, second = one("counterfactual"), one("counterfactual")
    assert first.png() == second.png()
    assert first.standalone_svg() == second.standalone_svg()


def test_figures_drawn_in_two_processes_are_those_drawn_in_one(monkeypatch):
    found = drawn(publish_names=False)
    alone = drawing.drawn(found)
    assert [one.png is None for one in alone] == [figure.picture is None for figure in found]
    monkeypatch.setattr(drawing, "WORTH_A_PROCESS", 1)
    monkeypatch.setattr(drawing, "cores", lambda: 2)
    assert drawing.drawn(found) == alone
    assert alone[1].page == found[1].png()
    assert (alone[1].png, alone[1].svg) == (found[1].standalone_png(), found[1].standalone_svg())


def test_the_pixels_are_those_of_the_chart_itself():
    chart = configured(drawn()[2].picture, alt="")
    assert rastered(vegalite_to_svg(chart, vl_version=VEGA_LITE)) == packed(
        vegalite_to_png(chart, vl_version=VEGA_LITE, scale=SCALE)
    )


def test_text_is_drawn_into_the_picture():
    chart = one("leave_one_area_out")
    silent = json.loads(json.dumps(chart.picture).replace("Alderbrook", " "))
    assert replace(chart, picture=silent).png() != chart.png()


def test_packing_a_picture_keeps_every_pixel():
    png = one("event_study").png()
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
