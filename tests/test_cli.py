"""The commands as a user meets them: what they print and where, how they end, and that a terminal can show it."""

import json
import os
import pty
import re
import sys

import numpy as np
import pytest
from command_line import contents, finish, invoke, start
from invented_study import YEARS, invented, write_study
from typer.testing import CliRunner

import whatworked.cli
from whatworked import __version__
from whatworked.cli import app
from whatworked.errors import UsageError
from whatworked.scaffold import demonstration

DONE, DIAGNOSTIC_FAILED, USAGE, ENGINE = 0, 1, 2, 6
EVERY = """
[[variant]]
kind = "leave_out"
pilots = "each"
[[variant]]
kind = "leave_out"
pilots = ["Pilot 1", "Pilot 2"]
[[variant]]
kind = "lags"
[[variant]]
kind = "weight"
weight = "denominator"
[[variant]]
kind = "matching"
name = "one comparator a pilot"
matching = { comparators_per_pilot = 1 }
"""
WIDE = 80


@pytest.fixture
def study(tmp_path):
    return write_study(tmp_path / "study", invented())


@pytest.fixture
def no_pictures(monkeypatch):
    """Leave the report unwritten, which takes most of a run's time, where only what is printed counts."""

    def write_report(_, folder):
        folder.mkdir(parents=True)
        (folder / "report.html").write_text("a report")

    monkeypatch.setattr("whatworked.run_folder.write_report", write_report)


def drifting():
    """Pilots that moved up and down before the start, unlike anybody else."""
    values = invented(1)
    values[:4] += 4 * (np.arange(len(YEARS)) % 2) * (np.arange(len(YEARS)) < 4)
    return values


def with_one_far_pilot():
    values = invented(2)
    values[0, :5] += np.array([0, 9, 0, 9, 0])
    return values


@pytest.fixture(scope="module")
def ran(tmp_path_factory):
    """Return a study that was run, and what the run printed."""
    study = write_study(tmp_path_factory.mktemp("ran") / "study", invented())
    result = invoke("run", study)
    assert result.exit_code == DONE
    return study, result


def printed_by(command, ran, *options):
    """Return what a command prints on a study that was run before."""
    study, _ = ran
    return invoke(command, study.parent / "run" if command == "report" else study, *options)


def test_a_run_says_the_answer_how_sure_it_is_and_where_the_report_is(ran):
    study, result = ran
    out = " ".join(result.stdout.split())
    assert re.search(
        r"Did the rate fall\? A fall of \d\.\d per 10,000 children \(95% interval: a fall of between "
        r"\d\.\d and \d\.\d per 10,000 children\)\. High-strength evidence: 4 pilots and \d comparators\.",
        out,
    )
    report = re.search(r"^Report: +(.*)$", result.stdout, re.MULTILINE)[1]
    assert report == str(study.parent / "run" / "release" / "report.html")
    assert os.path.isfile(report)


def test_progress_goes_to_stderr_step_by_step(ran):
    _, result = ran
    assert result.stderr.splitlines() == [
        "records: rates",
        "areas: rate",
        "outcomes: rate",
        "analyses: rate",
        "release",
    ]


@pytest.mark.parametrize("command", ["run", "check", "report"])
def test_with_json_stdout_holds_one_document_and_nothing_else(ran, command):
    result = printed_by(command, ran, "--json")
    assert result.exit_code == DONE
    (question,) = json.loads(result.stdout)["questions"]
    assert question["key"] == "rate"


def test_the_json_of_a_run_is_the_released_answer(ran):
    study, _ = ran
    found = json.loads(printed_by("report", ran, "--json").stdout)
    (question,) = found["questions"]
    exact = json.loads((study.parent / "run" / "findings.json").read_text(encoding="utf-8"))["questions"][0]
    (headline,) = [row for row in exact["specifications"][0]["inference"] if row["headline"]]
    assert question["headline"]["estimate"] == round(headline["estimate"], 1) != headline["estimate"]
    assert question["method"] == headline["method"]
    assert question["evidence"] == exact["evidence"]["rating"]
    assert found["report"].endswith("report.html")


@pytest.mark.parametrize("options", [["--quiet"], ["--quiet", "--json"]])
@pytest.mark.parametrize("command", ["run", "check", "report"])
def test_quiet_prints_nothing_but_the_json_that_was_asked_for(ran, command, options):
    result = printed_by(command, ran, *options)
    assert result.stderr == ""
    assert bool(result.stdout) is ("--json" in options)


def test_quiet_still_says_what_is_wrong(study):
    study.write_text("")
    assert "is empty" in invoke("run", study, "--quiet").stderr


@pytest.mark.usefixtures("no_pictures")
@pytest.mark.parametrize(
    ("values", "question", "words"),
    [
        (drifting, "", "Diagnostic failed: not alike: the trends are held not to be parallel."),
        (invented, "matching = { max_distance = 1e-9 }", "Diagnostic failed: the trends could not be tested."),
    ],
    ids=["trends that differ", "trends that cannot be tested"],
)
def test_a_failed_diagnostic_is_said_and_ends_with_1_though_all_is_written(tmp_path, values, question, words):
    study = write_study(tmp_path / "study", values(), question=question)
    for arguments in (["run", study], ["report", study.parent / "run"]):
        result = invoke(*arguments)
        assert result.exit_code == DIAGNOSTIC_FAILED
        assert words in " ".join(result.stdout.split())
        assert (study.parent / "run" / "release" / "report.html").is_file()


def test_the_version_and_the_help_are_printed():
    assert invoke("--version").stdout == f"{__version__}\n"
    for command in ("run", "check", "report", "demo", "new"):
        assert command in invoke("--help").stdout
        assert invoke(command, "--help").exit_code == DONE


@pytest.mark.parametrize(
    "arguments", [[], ["rum"], ["run"], ["run", "a.toml", "b.toml"], ["check", "--out", "x"], ["report"], ["new"]]
)
def test_a_command_that_cannot_be_understood_is_a_usage_error(arguments):
    result = invoke(*arguments)
    assert result.exit_code == USAGE
    assert "Usage:" in result.stdout + result.stderr


def test_a_new_study_is_refused_until_it_is_filled_in(tmp_path):
    result = invoke("new", tmp_path / "mine")
    assert result.exit_code == DONE
    assert str(tmp_path / "mine" / "study.toml") in result.stdout
    result = invoke("check", tmp_path / "mine" / "study.toml")
    assert result.exit_code == 3
    assert "records.outcome.path" in result.stderr
    assert invoke("new", tmp_path / "other", "--quiet").stdout == ""


def test_the_demo_says_that_it_is_invented_and_how_to_go_on(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    result = invoke("demo", "--kind", "areas")
    assert result.exit_code == DONE
    assert (tmp_path / "whatworked-demo" / "run" / "release" / "report.html").is_file()
    assert result.stdout.startswith("Everything in this study is invented")
    assert "Left out: Ivorywick" in result.stdout
    assert os.path.join("whatworked-demo", "run", "release", "report.html") in result.stdout
    assert re.findall(r"^  whatworked (\w+)", result.stdout, re.MULTILINE) == ["new", "check", "run"]


def test_a_demo_that_is_there_whole_is_run_again_and_one_that_was_changed_is_not_touched(tmp_path, no_pictures):
    folder = tmp_path / "demo"
    first = invoke("demo", folder, "--kind", "areas")
    assert "writing the records" in first.stderr
    written = contents(folder)
    again = invoke("demo", folder, "--kind", "areas")
    assert (again.exit_code, again.stdout) == (DONE, first.stdout)
    assert "the records are here already" in again.stderr
    assert "writing the records" not in again.stderr
    assert contents(folder) == written
    other = invoke("demo", folder)
    assert (other.exit_code, "not empty" in other.stderr) == (USAGE, True)
    for change in ("study.toml", "data/plans.csv", "written.json"):
        path = folder / change
        kept = path.read_bytes()
        path.write_bytes(kept[:-2])
        refused = invoke("demo", folder, "--kind", "areas")
        assert (refused.exit_code, "not empty" in refused.stderr) == (USAGE, True)
        path.write_bytes(kept)
    assert contents(folder) == written


def test_a_demo_that_other_code_wrote_is_not_taken_for_its_own(tmp_path, monkeypatch):
    folder = tmp_path / "demo"
    demonstration.demonstration(folder, "areas", say=str)
    told = []
    assert demonstration.demonstration(folder, "areas", say=told.append) == folder / "study.toml"
    assert told == ["the records are here already, as they would be written"]
    monkeypatch.setattr(demonstration, "versions", lambda: {"whatworked": "another"})
    with pytest.raises(UsageError, match="not empty"):
        demonstration.demonstration(folder, "areas", say=str)


def test_check_writes_nothing(study):
    there = contents(study.parent)
    assert invoke("check", study).exit_code == DONE
    assert contents(study.parent) == there


def test_check_counts_what_is_strange_in_the_records_and_says_how_it_is_handled(tmp_path):
    values = invented().astype(object)
    values[5, 7] = values[6, 7] = "c"
    out = invoke("check", write_study(tmp_path / "study", values)).stdout
    assert "  records rates: 140 of 140 rows, 10 periods (2010 to 2019)\n" in out
    assert "  - value marked c (confidential): 2 (missing: in no figure)\n" in out


def test_check_names_comparators_by_name_and_code_nearest_first(study):
    text = invoke("check", study).stdout
    (question,) = json.loads(invoke("check", study, "--json").stdout)["questions"]
    for group in question["groups"]:
        distances = [one["distance"] for one in group["comparators"]]
        assert distances == sorted(distances)
        named = ", ".join(f"{one['name']} ({one['area']})" for one in group["comparators"])
        assert f"- {group['pilot']} ({group['area']}): {named}\n" in text
    assert question["groups"][0]["comparators"][0]["name"].startswith("Area ")
    assert "periods: 5 baseline (2010 to 2014), 1 settling-in (2015), 4 post (2016 to 2019)" in " ".join(text.split())


@pytest.mark.parametrize("options", [[], ["--json"]])
def test_check_tells_nothing_of_outcomes_after_the_start(tmp_path, options):
    told = []
    for effect in (-6.0, 40.0):
        study = write_study(
            tmp_path / f"by {effect}", invented(effect=effect), extra=EVERY, columns=', denominator = "people"'
        )
        told.append(invoke("check", study, *options).stdout)
    assert told[0] == told[1]
    assert "A12" in told[0]


def test_check_lists_every_analysis_that_a_run_will_do(tmp_path):
    study = write_study(tmp_path / "study", invented(), extra=EVERY, columns=', denominator = "people"')
    (question,) = json.loads(invoke("check", study, "--json").stdout)["questions"]
    assert question["variants"] == [
        "leaving out each pilot in turn",
        "leaving out Pilot 1 and Pilot 2",
        "the effect period by period",
        "areas weighted by their population",
        "one comparator a pilot (4 pilots, 4 comparators)",
    ]


@pytest.mark.usefixtures("no_pictures")
def test_a_pilot_without_comparators_is_named_with_the_reason_before_and_after(tmp_path):
    study = write_study(
        tmp_path / "study", with_one_far_pilot(), extra='[[variant]]\nkind = "weight"\nweight = "equal"'
    )
    checked, done = (" ".join(invoke(command, study).stdout.split()) for command in ("check", "run"))
    assert "Pilot 1 is left out: all 10 candidates were too far in trend" in checked
    assert "areas weighted equally" in checked
    assert "Left out: Pilot 1: all 10 candidates were too far in trend" in done
    assert "3 pilots and" in done


def test_with_every_pilot_left_out_check_still_says_why(tmp_path):
    study = write_study(tmp_path / "study", invented(), question="matching = { max_distance = 1e-9 }")
    result = invoke("check", study)
    assert result.exit_code == DONE
    assert result.stdout.count("is left out: all 10 candidates were too far in trend") == 4


def test_periods_are_given_for_each_pilot_where_they_differ(tmp_path):
    study = write_study(tmp_path / "study", invented())
    text = study.read_text(encoding="utf-8")
    study.write_text(text.replace("2015-01-01, embedded = 2015-12-31", "2014-01-01, embedded = 2015-12-31", 1))
    out = " ".join(invoke("check", study).stdout.split())
    assert re.search(r"Pilot 1 \(A00\): .*?; periods: 4 baseline \(2010 to 2013\), 2 settling-in \(2014 to 2015\)", out)
    assert re.search(r"Pilot 2 \(A01\): .*?; periods: 5 baseline \(2010 to 2014\), 1 settling-in \(2015\)", out)


@pytest.fixture(scope="module")
def many(tmp_path_factory):
    """A study with a hundred and fifty comparators and long names."""
    rng = np.random.default_rng(5)
    values = np.vstack([invented(), rng.uniform(35, 55, (140, 1)) + invented()[5] - invented()[5].mean()])
    values[14:] += rng.normal(0, 0.3, (140, len(YEARS)))
    everyone = 'matching = { comparators_per_pilot = "all", max_distance = inf, slope_significance = 0 }'
    study = write_study(tmp_path_factory.mktemp("many") / "study", values, question=everyone)
    text = study.read_text(encoding="utf-8")
    study.write_text(
        text.replace("An invented study", "A title of many words " * 12).replace("Did the rate", "Did " * 40)
    )
    return study


@pytest.mark.usefixtures("no_pictures")
@pytest.mark.parametrize("command", ["check", "run"])
def test_long_lists_and_titles_fit_a_narrow_terminal(many, command):
    out = invoke(command, many).stdout
    long = [line for line in out.splitlines() if len(line) > WIDE]
    assert [line for line in long if str(many.parent) not in line] == []
    if command == "check":
        assert " ".join(out.split()).count("and 144 more") == 4
        assert (
            len(json.loads(invoke("check", many, "--json").stdout)["questions"][0]["groups"][0]["comparators"]) == 150
        )
    else:
        assert "4 pilots and 150 comparators" in out


@pytest.mark.usefixtures("no_pictures")
def test_a_share_is_told_in_percentage_points(tmp_path):
    study = write_study(tmp_path / "study", invented() / 100)
    study.write_text(study.read_text(encoding="utf-8").replace('"per 10,000 children"', '"share"'))
    out = " ".join(invoke("run", study).stdout.split())
    assert re.search(r"A fall of [56]\.\d+ percentage points \(95% interval: a fall of between", out)


HOSTILE = "\\u001b[2J\\u0007Über\\u202E研究\\u000d\\u009b31m"


@pytest.mark.usefixtures("no_pictures")
@pytest.mark.parametrize("options", [[], ["--json"]])
@pytest.mark.parametrize("command", ["check", "run"])
def test_what_is_printed_holds_nothing_that_a_terminal_would_obey(tmp_path, command, options):
    study = write_study(tmp_path / "study", invented())
    study.write_text(study.read_text(encoding="utf-8").replace("An invented study", HOSTILE), encoding="utf-8")
    table = study.parent / "rates.csv"
    table.write_text(table.read_text(encoding="utf-8").replace("Area 12", "\x1b[31mArea 12\u202e"), encoding="utf-8")
    result = invoke(command, study, *options)
    assert result.exit_code == DONE
    assert all(c.isprintable() for c in (result.stdout + result.stderr).replace("\n", ""))
    if options:
        document = json.loads(result.stdout)
        assert "研究" in (document["title"] if command == "check" else document["study"])


def test_a_mistake_that_quotes_the_protocol_is_printable_too(study):
    study.write_text(study.read_text(encoding="utf-8").replace('"rates.csv"', '"\\u001b[2J.csv"'))
    result = invoke("check", study)
    assert result.exit_code == 3
    assert "\x1b" not in result.stderr


@pytest.mark.usefixtures("no_pictures")
@pytest.mark.parametrize("encoding", ["ascii", "cp1252"])
def test_letters_that_the_output_does_not_have_are_spelled_out(tmp_path, encoding):
    study = write_study(tmp_path / "study", invented())
    study.write_text(
        study.read_text(encoding="utf-8").replace("An invented study", "Studie über 研究"), encoding="utf-8"
    )
    for options in ([], ["--json"]):
        result = CliRunner(charset=encoding).invoke(app, ["run", str(study), *options])
        assert result.exit_code == DONE
        assert "\\u7814" in result.stdout


def test_colour_is_used_on_a_terminal_unless_it_is_not_wanted(study):
    study.write_text("")
    seen = {}
    for wanted, environment in {"yes": {}, "no": {"NO_COLOR": "1"}}.items():
        ours, theirs = pty.openpty()
        code = "import os, sys; os.dup2(int(sys.argv.pop(1)), 2); from whatworked.cli import main; main()"
        process = start(
            theirs, "check", study, code=code, environment={"TERM": "xterm", **environment}, pass_fds=[theirs]
        )
        process.communicate(timeout=60)
        os.close(theirs)
        seen[wanted] = os.read(ours, 10_000).decode()
        os.close(ours)
        assert process.returncode == 3
    assert "\x1b[" in seen["yes"]
    assert "\x1b[" not in seen["no"].replace("\x1b[1m", "").replace("\x1b[0m", "")
    assert "is empty" in seen["no"]


def test_the_start_of_a_command_leaves_a_regular_end_alone(monkeypatch, capsys):
    monkeypatch.setattr(sys, "argv", ["whatworked", "--version"])
    with pytest.raises(SystemExit) as ended:
        whatworked.cli.main()
    assert ended.value.code == DONE
    assert capsys.readouterr().out == f"{__version__}\n"


def test_what_nobody_foresaw_ends_without_a_traceback_and_without_its_words(study, monkeypatch, capsys):
    def broken(*_, **__):
        raise ValueError("could not convert string to float: '7654.3210x'")

    monkeypatch.setattr(whatworked.cli, "prepare", broken)
    monkeypatch.setattr(sys, "argv", ["whatworked", "check", str(study)])
    with pytest.raises(SystemExit) as ended:
        whatworked.cli.main()
    assert ended.value.code == ENGINE
    error = capsys.readouterr().err
    assert "ValueError in test_cli.py" in error
    assert "7654.3210x" not in error
    assert "Traceback" not in error


def test_an_output_that_takes_nothing_is_said_to_be_full(study, monkeypatch, capsys):
    def full(*_, **__):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(whatworked.cli, "say", full)
    monkeypatch.setattr(sys, "argv", ["whatworked", "check", str(study)])
    with pytest.raises(SystemExit) as ended:
        whatworked.cli.main()
    assert ended.value.code == ENGINE
    assert "No space left on device" in capsys.readouterr().err


def test_the_whole_road_as_a_process_of_its_own(study):
    code, out, err = finish(start("run", study, "--json"))
    assert (code, json.loads(out)["questions"][0]["key"]) == (DONE, "rate")
    assert err.splitlines()[-1] == "release"
    code, out, err = finish(start("report", study.parent / "run"))
    assert (code, err) == (DONE, "")
    assert "Report:" in out
    study.write_text("")
    code, out, err = finish(start("run", study))
    assert (code, out) == (3, "")
    assert err.splitlines()[0] == "ProtocolError"
