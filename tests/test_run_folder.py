"""The run folder: whole or as it was, whatever happens to the run, and the same bytes each time."""

import errno
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import textwrap
import threading
from pathlib import Path

import pytest
from command_line import contents, finish, invoke, start
from invented_study import invented, write_study

import whatworked.records.area_store
from whatworked import read_protocol, run
from whatworked.engine import store
from whatworked.errors import EngineError, Mistake, RecordsError
from whatworked.findings.files import from_json
from whatworked.run_folder import RunFolder

KILLS = 8
TRIES = 5
LATEST_KILL = 1.2
ENGINE = 6
RESULTS = ("findings.json", "release", "checker", "manifest.json", "log.jsonl")
# A process number beyond the largest that Linux and macOS give out.
NO_PROCESS = 2**22 + 1


def study_in(folder, **options):
    options = {"extra": '[[variant]]\nkind = "leave_out"\npilots = "each"\n'} | options
    return write_study(folder, options.pop("values", invented()), **options)


@pytest.fixture(scope="module")
def ran(tmp_path_factory):
    """Return a study that was run undisturbed."""
    study = study_in(tmp_path_factory.mktemp("undisturbed") / "study")
    assert invoke("run", study, "--quiet").exit_code == 0
    return study


@pytest.fixture
def finished(ran, tmp_path):
    """Return a finished run to play with, without the study and its records."""
    return shutil.copytree(ran.parent / "run", tmp_path / "run")


@pytest.fixture
def no_pictures(monkeypatch):
    """Write a small report in place of the whole: what is proved is where it lands."""

    def write_report(document, folder):
        folder.mkdir(parents=True)
        (folder / "report.html").write_text(f"about {document.facts['title'].text}")

    monkeypatch.setattr("whatworked.run_folder.write_report", write_report)


def results(folder):
    """Return the files of a run that it made for a reader: all but the artefacts."""
    return {path: content for path, content in contents(folder).items() if path.split(os.sep)[0] in RESULTS}


def leftovers(folder):
    return [path for path in contents(folder) if Path(path).name.startswith((".part-", ".finished"))]


def test_two_runs_write_the_same_bytes(ran, tmp_path):
    study = shutil.copytree(ran.parent, tmp_path / "elsewhere", ignore=shutil.ignore_patterns("run"))
    assert invoke("run", study / "study.toml", "--quiet").exit_code == 0
    assert results(study / "run") == results(ran.parent / "run")


def test_a_run_killed_at_any_moment_leaves_nothing_half_and_the_next_makes_it_whole(ran, tmp_path):
    expected = results(ran.parent / "run")
    folder = tmp_path / "run"
    moments = random.Random(2)
    ends = []
    for _ in range(KILLS):
        # The first line of progress comes once the libraries are loaded: from there on the run itself is hit.
        process = start("run", ran, "--out", folder)
        process.stderr.readline()
        try:
            process.wait(moments.uniform(0, LATEST_KILL))
        except subprocess.TimeoutExpired:
            process.kill()
        process.communicate()
        ends.append(process.returncode)
        if (folder / "findings.json").exists():
            from_json((folder / "findings.json").read_text(encoding="utf-8"), where="here")
            assert results(folder) == expected
    assert ends.count(-signal.SIGKILL) >= KILLS // 2
    assert invoke("run", ran, "--out", folder, "--quiet").exit_code == 0
    assert results(folder) == expected
    assert leftovers(folder) == []


def interruptible():
    """Let a signal through that a shell has its background jobs ignore, and with them the tests that it runs there."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def test_a_run_that_is_interrupted_ends_with_130_and_leaves_the_earlier_run(ran, tmp_path):
    folder = shutil.copytree(ran.parent / "run", tmp_path / "run")
    # On a machine that is short of time a run may be over before the signal reaches it; then there is another.
    for _ in range(TRIES):
        process = start("run", ran, "--out", folder, preexec_fn=interruptible)
        process.stderr.readline()
        process.send_signal(signal.SIGINT)
        code, out, err = finish(process)
        if code:
            break
    assert code == 128 + signal.SIGINT
    assert "Traceback" not in err
    assert out == ""
    assert results(folder) == results(ran.parent / "run")
    assert leftovers(folder) == []


# Puts two kinds of runs into place, killed at every single move of a file, and once not at all.
MOVES = """
import os, signal, sys
from pathlib import Path
from types import SimpleNamespace
import whatworked.run_folder as room

folder = room.RunFolder(Path(sys.argv[1]))

def write(findings, part):
    for name in (room.RELEASE, room.CHECKER):
        (part / name).mkdir()
        (part / name / "file").write_text(findings.word)

room._write_release = write
room.to_json = lambda findings: findings.word
room._log = lambda findings: [findings.word]

def killed_at(move):
    rename, done = Path.rename, 0
    def counting(self, target):
        nonlocal done
        if done == move:
            os.kill(os.getpid(), signal.SIGKILL)
        done += 1
        return rename(self, target)
    Path.rename = counting

def findings(word):
    return SimpleNamespace(word=word, study=SimpleNamespace(protocol_hash=word, seed=1))

def forked(action):
    child = os.fork()
    if not child:
        action()
        os._exit(0)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])

def seen():
    # Of which run is each file that a reader sees, the findings first?
    paths = [room.FINDINGS, f"{room.RELEASE}/file", f"{room.CHECKER}/file", room.LOG, room.MANIFEST]
    texts = [path.read_text() if path.exists() else "" for path in map(folder.path.joinpath, paths)]
    return ["new" if "new" in text else "old" if "old" in text else "none" for text in texts]

move, ended = 0, None
while ended != 0:
    with folder.artefacts():
        folder.write(findings("old"), inputs={})
    def replace():
        killed_at(move)
        folder.write(findings("new"), inputs={})
    ended = forked(replace)
    left = seen()
    print(move, ended, left, flush=True)
    assert left[0] == "none" or len(set(left)) == 1, "findings that are not beside all files of their run"
    with folder.artefacts():
        pass
    assert seen() == ["old" if move == 0 else "new"] * 5, "not whole after the next command"
    hidden = [path.name for path in folder.path.iterdir() if path.name.startswith(".")]
    assert hidden == [], hidden
    move += 1
print("moves", move)
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
def test_killed_at_any_move_of_a_file_the_old_run_or_the_new_is_whole(tmp_path):
    script = tmp_path / "moves.py"
    script.write_text(MOVES)
    (tmp_path / "run").mkdir()
    code, out, err = finish(start(tmp_path / "run", code=f"exec(open({str(script)!r}).read())"))
    assert code == 0, out + err
    # One to name it finished, five old files away, five new ones in.
    assert out.splitlines()[-1] == "moves 12"


def test_what_a_killed_run_left_finished_is_put_into_place_by_report(finished):
    whole = results(finished)
    ready = finished / ".finished"
    ready.mkdir()
    for name in RESULTS:
        (finished / name).rename(ready / name)
    assert invoke("report", finished, "--quiet").exit_code == 0
    assert results(finished) == whole
    assert leftovers(finished) == []


def test_what_a_killed_run_left_finished_gives_way_to_a_later_run(finished, ran):
    whole = results(finished)
    ready = finished / ".finished"
    ready.mkdir()
    (ready / "findings.json").write_text("of the killed run")
    RunFolder(finished).write(RunFolder(ran.parent / "run").read(), inputs={"rates": ran.parent / "rates.csv"})
    assert results(finished) == whole
    assert leftovers(finished) == []


def test_the_leftovers_of_dead_runs_are_swept_and_those_of_living_ones_spared(finished, ran):
    (finished / f".part-{NO_PROCESS}-run-x").mkdir()
    (finished / f".part-{NO_PROCESS}-run-x" / "findings.json").write_text("half")
    living = finished / f".part-{os.getpid()}-run-y"
    living.mkdir()
    assert invoke("run", ran, "--out", finished, "--quiet").exit_code == 0
    assert leftovers(finished) == [living.name]


def test_a_run_replaces_the_one_before_it(finished, ran, tmp_path):
    (finished / "release" / "tables" / "of_an_older_version.csv").write_text("old")
    other = study_in(tmp_path / "other", values=invented(4))
    assert invoke("run", other, "--out", finished, "--quiet").exit_code == 0
    assert "of_an_older_version.csv" not in str(sorted(results(finished)))
    assert results(finished)["findings.json"] != results(ran.parent / "run")["findings.json"]
    assert invoke("run", ran, "--out", finished, "--quiet").exit_code == 0
    assert results(finished) == results(ran.parent / "run")


def test_two_runs_at_once_into_one_folder_leave_one_of_them_whole(ran, tmp_path):
    other = study_in(tmp_path / "other", values=invented(4))
    assert invoke("run", other, "--quiet").exit_code == 0
    folder = tmp_path / "both"
    ended = [finish(process) for process in [start("run", study, "--out", folder) for study in (ran, other)]]
    assert [code for code, _, _ in ended] == [0, 0], ended
    assert results(folder) in (results(ran.parent / "run"), results(other.parent / "run"))
    assert leftovers(folder) == []


@pytest.mark.usefixtures("no_pictures")
def test_many_writers_at_once_never_mix_their_files(tmp_path, ran):
    folder = RunFolder(tmp_path)
    both = [RunFolder(ran.parent / "run").read(), run(read_protocol(study_in(tmp_path / "other", values=invented(4))))]
    writers = [threading.Thread(target=folder.write, args=(findings,), kwargs={"inputs": {}}) for findings in both * 6]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    assert folder.read() in both
    whole = results(tmp_path)
    folder.write(folder.read(), inputs={})
    assert results(tmp_path) == whole
    assert leftovers(tmp_path) == []


def test_a_run_that_fails_beside_another_leaves_its_artefacts_alone(tmp_path, ran):
    folder = tmp_path / "run"
    (folder / "artefacts").mkdir(parents=True)

    def fail_beside_another():
        with RunFolder(folder).artefacts() as artefacts:
            (artefacts / "another's").write_text("whole")
            (artefacts / f".part-{os.getpid()}-spill").write_text("")
            raise RecordsError(Mistake("rates.csv", "is empty."))

    with pytest.raises(RecordsError):
        fail_beside_another()
    assert (folder / "artefacts" / "another's").read_text() == "whole"


def full_at(call, monkeypatch):
    """Let the disk be full at one call of a kind."""

    def refuse(*arguments, **options):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), "somewhere/a file")

    monkeypatch.setattr(call, refuse)


FULL = [
    "whatworked.engine.store.write_atomically",
    "whatworked.engine.duckdb.write_atomically",
    "whatworked.engine.store.Store.save_json",
    "whatworked.report.write.page",
    "whatworked.report.write._write_text",
    "whatworked.report.write._write_figure",
    "xlsxwriter.workbook.ZipFile",
    "whatworked.run_folder.write_evidence",
    "whatworked.run_folder.to_json",
    "whatworked.run_folder.mkdtemp",
    "pathlib.Path.rename",
]


@pytest.mark.parametrize("before", [False, True], ids=["nothing before", "a run before"])
@pytest.mark.parametrize("call", FULL)
def test_a_full_disk_is_said_and_leaves_what_was_there(tmp_path, ran, monkeypatch, call, before):
    study = study_in(tmp_path / "study", values=invented(4))
    folder = study.parent / "run"
    if before:
        shutil.copytree(ran.parent / "run", folder)
    there = contents(folder)
    full_at(call, monkeypatch)
    result = invoke("run", study)
    assert result.exit_code == ENGINE
    assert "No space left on device" in result.stderr or "cannot be written" in result.stderr
    assert "Check the disk's free space" in result.stderr
    assert "Traceback" not in result.stderr
    assert contents(folder) == there


def test_a_full_disk_under_report_leaves_the_release_that_was_there(finished, monkeypatch):
    there = contents(finished)
    full_at("whatworked.report.write._write_text", monkeypatch)
    assert invoke("report", finished).exit_code == ENGINE
    assert contents(finished) == there


def test_a_full_folder_for_temporary_files_is_said(ran, monkeypatch):
    full_at("whatworked.study.TemporaryDirectory", monkeypatch)
    with pytest.raises(EngineError, match="No space left"):
        run(read_protocol(ran))


def test_report_needs_nothing_but_the_findings(finished, tmp_path):
    whole = results(finished)
    alone = tmp_path / "alone"
    alone.mkdir()
    (alone / "findings.json").write_bytes(whole["findings.json"])
    assert invoke("report", alone, "--quiet").exit_code == 0
    made = results(alone)
    assert {path for path in made if path.startswith(("release", "checker"))} | {"findings.json"} == set(made)
    assert not {path for path, content in made.items() if whole[path] != content}
    assert "release/report.html" in {Path(path).as_posix() for path in made}


def test_report_on_a_whole_run_changes_no_byte(finished):
    there = contents(finished)
    assert invoke("report", finished, "--quiet").exit_code == 0
    assert contents(finished) == there


def reads(monkeypatch):
    """Return a list that grows with every table that is read from its file."""
    seen = []
    read = whatworked.records.area_store.read_area_series

    def spy(engine, name, *arguments, **options):
        seen.append(name)
        return read(engine, name, *arguments, **options)

    monkeypatch.setattr(whatworked.records.area_store, "read_area_series", spy)
    return seen


@pytest.mark.usefixtures("no_pictures")
def test_a_file_is_read_again_only_if_it_or_its_mapping_changed(tmp_path, monkeypatch):
    seen = reads(monkeypatch)
    study = study_in(tmp_path / "study")
    table = study.parent / "rates.csv"

    def read_by_a_run():
        seen.clear()
        assert invoke("run", study, "--quiet").exit_code == 0
        return list(seen)

    assert read_by_a_run() == ["rates"]
    first = results(study.parent / "run")
    assert read_by_a_run() == []
    assert results(study.parent / "run") == first

    study.write_text(study.read_text().replace('title = "An invented study"', 'title = "Another title"'))
    assert read_by_a_run() == []
    study.write_text(study.read_text().replace('name = "name", ', ""))
    assert read_by_a_run() == ["rates"]
    study.write_text(study.read_text().replace("seed = 1", "seed = 1\ndata_end = 2018-12-31"))
    assert read_by_a_run() == ["rates"]
    table.write_text(table.read_text().replace("Area 5,", "Area 5b,"))
    assert read_by_a_run() == ["rates"]
    table.rename(table.parent / "again.csv")
    study.write_text(study.read_text().replace("rates.csv", "again.csv"))
    assert read_by_a_run() == ["rates"]
    assert read_by_a_run() == []


@pytest.mark.usefixtures("no_pictures")
def test_the_manifest_holds_the_digest_of_every_file_that_was_read(tmp_path):
    study = study_in(tmp_path / "study", question='matching = { match_file = "pairs.csv" }')
    pairs = "pilot,comparator\nA00,A12\nA01,A13\nA02,A12\nA03,A11\n"
    (study.parent / "pairs.csv").write_text(pairs)
    assert invoke("run", study, "--quiet").exit_code == 0
    manifest = json.loads((study.parent / "run" / "manifest.json").read_text(encoding="utf-8"))
    assert manifest["inputs"] == {
        "rates": {"file": "rates.csv", "sha256": store.file_digest(study.parent / "rates.csv")},
        "question[rate].matching.match_file": {
            "file": "pairs.csv",
            "sha256": store.file_digest(study.parent / "pairs.csv"),
        },
    }
    assert manifest["protocol"] == read_protocol(study).digest


def test_nothing_in_the_folder_tells_where_or_when_it_was_made(ran):
    for path, content in results(ran.parent / "run").items():
        assert content is None or str(ran.parent).encode() not in content, path


# Every way out is shut before the command line is loaded.
NO_NETWORK = """
import socket

def refuse(*_, **__):
    raise OSError("no network in this test")

class Refusing(socket.socket):
    __init__ = refuse

socket.socket = Refusing
socket.create_connection = socket.getaddrinfo = socket.gethostbyname = refuse
"""


def test_the_demo_runs_without_a_network(tmp_path):
    (tmp_path / "shut").mkdir()
    (tmp_path / "shut" / "sitecustomize.py").write_text(textwrap.dedent(NO_NETWORK))
    paths = os.pathsep.join([str(tmp_path / "shut"), str(Path(__file__).parents[1] / "src")])
    command = "import socket\ntry:\n    socket.socket()\nexcept OSError as error:\n    print(error)\n"
    main = "from whatworked.cli import main; main()"
    done = subprocess.run(
        [sys.executable, "-c", command + main, "demo", str(tmp_path / "demo"), "--kind", "areas"],
        env={**os.environ, "PYTHONPATH": paths},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.stdout.startswith("no network in this test\n"), "the way out was not shut"
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "demo" / "run" / "release" / "report.html").is_file()
