"""A study of named questions: what is to be filled in is said at once, and filled in it runs."""

import json
import re

import pytest
from command_line import contents, invoke

from whatworked import read_protocol, run
from whatworked.errors import ProtocolError
from whatworked.protocol.variants import LeaveOut
from whatworked.scaffold.asked import KEYS, KINDS, write_asked
from whatworked.scaffold.simulate import Size, write_simulation

ASKED = "rereferral,icpc,kinship"
BLANK = re.compile(r'"<[^<>"]+>"')


@pytest.fixture(scope="module", params=["npd", "returns"])
def nation(request, tmp_path_factory):
    """A small nation in one of two forms, and what `truth.json` says of it."""
    folder = tmp_path_factory.mktemp("nation") / request.param
    study = write_simulation(folder, Size(persons=2_500, areas=12), seed=5, effect=-0.3, form=request.param)
    return request.param, folder, json.loads((study.parent / "truth.json").read_text(encoding="utf-8"))


def filled(text, truth):
    """Fill every blank in, as somebody would who knows the nation."""
    pilots = [area for area in truth["areas"] if area["pilot"]]
    for number, pilot in enumerate(pilots[:3], start=1):
        for words, value in (
            (f"code of pilot {number}", f'"{pilot["area"]}"'),
            ("its first day, as 2016-04-01 without quotes", pilot["start"]),
            ("last day of its settling-in", pilot["embedded"]),
            ("how well it delivered, a number from 0 on", str(pilot["delivery_score"])),
            ("how far it came, a number from 0 on", str(pilot["embeddedness_score"])),
        ):
            assert f'"<{words}>"' in text
            text = text.replace(f'"<{words}>"', value, 1)
    others = [area for area in truth["areas"] if not area["pilot"]]
    models = "".join(f'    {{ area = "{one["area"]}", model = "{one["practice_model"]}" }},\n' for one in others)
    ratings = "".join(
        f'    {{ area = "{one["area"]}", date = 2008-04-01, rating = "{one["rating"]}" }},\n' for one in truth["areas"]
    )
    text = re.sub(r'    \{ area = "<code of a comparator>".*\n', models, text)
    text = re.sub(r'    \{ area = "<code of an area>".*\n', ratings, text)
    excluded = ", ".join(f'"{pilot["area"]}"' for pilot in pilots[3:])
    text = re.sub(r"excluded = \[\].*", f"excluded = [{excluded}]", text)
    for words, value in (
        ("first day of the data, as 2008-04-01 without quotes", truth["first_day"]),
        ("last day of the data, as 2019-03-31 without quotes", truth["last_day"]),
        ("label of a pilot that had outside support with assessments", '"Pilot 2"'),
        ("label of a pilot that began before the others", '"Pilot 3"'),
    ):
        text = text.replace(f'"<{words}>"', value)
    text = re.sub(r"max_distance = .*", "max_distance = inf\nslope_significance = 0", text)
    return BLANK.sub('"Words"', text)


def test_check_lists_every_blank_at_once_and_nothing_else(tmp_path):
    result = invoke("new", tmp_path / "mine", "--questions", ASKED, "--records", "npd")
    assert result.exit_code == 0, result.stderr
    text = (tmp_path / "mine" / "study.toml").read_text(encoding="utf-8")
    result = invoke("check", tmp_path / "mine" / "study.toml")
    assert result.exit_code == 3
    assert result.stderr.count("still to be filled in") == len(BLANK.findall(text)) > 20
    assert result.stderr.count("Put what it asks for in its place") == 1
    places = re.findall(r"^  (\S+): ", result.stderr, re.MULTILINE)
    assert len(places) == len(BLANK.findall(text))
    for place in ("study.title", "study.data_start", "areas.pilots[2].embedded", "variant[1].pilots[0]"):
        assert place in places


def test_filled_in_with_a_simulated_nation_it_is_checked_and_runs(tmp_path, nation):
    form, folder, truth = nation
    study = write_asked(tmp_path / "mine", questions=ASKED, records=form)
    study.write_text(filled(study.read_text(encoding="utf-8"), truth), encoding="utf-8")
    if form == "returns":
        result = invoke("check", study, "--data", folder)
        assert result.exit_code == 0, result.stderr
        assert "no mistakes found" in result.stdout
        return
    findings = run(read_protocol(study), data=folder)
    assert [question.key for question in findings.questions] == ASKED.split(",")
    for question in findings.questions:
        assert question.specifications or question.key == "kinship"  # of so few children in care no series is whole
        told = {one.name for one in (*question.specifications, *question.not_run)}
        assert {"quality of delivery", "under the rule set as coded"} <= told
        assert any("Pilot 3" in name for name in told)


@pytest.mark.parametrize("kind", KINDS)
def test_a_study_has_exactly_the_questions_asked_for_on_the_records_named(tmp_path, kind):
    study = write_asked(tmp_path / "mine", questions="kinship, assessment_duration", records=kind)
    truth = {
        "areas": [
            {"area": f"A{i}", "pilot": i < 3, "start": "2016-04-01", "embedded": "2017-03-31", "delivery_score": i + 1,
             "embeddedness_score": 2, "practice_model": "without", "rating": "good"}
            for i in range(6)
        ],
        "first_day": "2008-04-01",
        "last_day": "2019-03-31",
    }  # fmt: skip
    study.write_text(filled(study.read_text(encoding="utf-8"), truth), encoding="utf-8")
    protocol = read_protocol(study)
    assert {question.key for question in protocol.question} == {"kinship", "assessment_duration"}
    made = kind in ("npd", "returns")
    assert {question.outcome.kind for question in protocol.question} == (
        {"kinship", "assessment_duration"} if made else {"given"}
    )
    assert {records.kind for records in protocol.records.values()} == {
        "npd": {"npd"},
        "returns": {"cin_census", "ssda903", "school_census"},
        "events": {"events"},
        "area_series": {"area_series"},
    }[kind]
    kinds = [variant.kind for variant in protocol.variant]
    assert kinds.count("leave_out") == 3
    assert ("secondary_outcome" in kinds, "cutoff" in kinds, "outcome" in kinds) == (made,) * 3
    assert ("estimator" in kinds) == (kind != "area_series")
    supported = next(one for one in protocol.variant if isinstance(one, LeaveOut))
    assert supported.questions == ("assessment_duration",)


def test_by_default_all_questions_are_asked_of_returns(tmp_path):
    text = write_asked(tmp_path / "mine", questions=None, records=None).read_text(encoding="utf-8")
    assert re.findall(r'^key = "(\w+)"', text, re.MULTILINE) == list(KEYS)
    assert KINDS[0] == "returns"
    assert text.count("[records.") == 3
    only = write_asked(tmp_path / "other", questions="rereferral", records=None).read_text(encoding="utf-8")
    assert "[records.care]" not in only


def test_unknown_names_are_refused_all_at_once_with_suggestions_and_nothing_is_written(tmp_path):
    result = invoke("new", tmp_path / "mine", "--questions", "rereferal,icpc,icpc", "--records", "ndp")
    assert result.exit_code == 2
    for said in ('Did you mean "rereferral"?', '"icpc" is named twice', 'Did you mean "npd"?'):
        assert said in result.stderr
    assert contents(tmp_path / "mine") is None


def test_help_lists_the_questions_and_the_kinds_of_records():
    text = " ".join(invoke("new", "--help").stdout.split())
    assert all(key in text for key in (*KEYS, *KINDS))


def test_blanks_are_told_beside_mistakes_of_form_elsewhere(tmp_path):
    study = write_asked(tmp_path / "mine", questions="icpc", records="npd")
    study.write_text(study.read_text(encoding="utf-8").replace("seed = 1", 'seed = "one"'), encoding="utf-8")
    with pytest.raises(ProtocolError) as refused:
        read_protocol(study)
    places = [mistake.where for mistake in refused.value.mistakes]
    assert "study.seed" in places
    assert "study.title" in places
    assert len(places) == len(set(places))
