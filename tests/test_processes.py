import os
import subprocess
import sys
import time
from functools import partial
from pathlib import Path

import numpy as np
import pytest

from whatworked import processes, run
from whatworked.processes import cores, shared
from whatworked.protocol.read import parse_protocol
from whatworked.scaffold.simulate import Size, write_simulation

PATIENCE = 60


def tenfold(number: int) -> int:
    return 10 * number


def met(folder: Path, number: int) -> tuple[int, int]:
    """Say which process answers, once two have come."""
    (folder / str(os.getpid())).touch()
    until = time.monotonic() + PATIENCE
    while len(list(folder.iterdir())) < 2 and time.monotonic() < until:
        time.sleep(0.01)
    return number, os.getpid()


def mapped(rows: np.ndarray) -> tuple[float, bool]:
    """Say what came, and whether it is read from a file."""
    return float(rows.sum()), isinstance(rows, np.memmap)


def dies_outside_of(process: int, number: int) -> int:
    if os.getpid() != process:
        os._exit(1)
    return number


def test_answers_stand_in_the_order_of_the_questions_whoever_gives_them(tmp_path):
    found = shared(partial(met, tmp_path), range(6), processes=2)
    assert [number for number, _ in found] == list(range(6))
    assert len({process for _, process in found}) == 2


def test_one_process_and_several_find_the_same():
    assert shared(tenfold, range(20), processes=1) == shared(tenfold, range(20), processes=3) == [*range(0, 200, 10)]
    assert shared(tenfold, [], processes=3) == []


def test_what_an_ended_process_leaves_is_done_here():
    assert shared(partial(dies_outside_of, os.getpid()), range(4), processes=2) == [0, 1, 2, 3]


def test_where_no_process_starts_everything_is_done_here(monkeypatch):
    def refused(**_):
        raise OSError

    monkeypatch.setattr(processes, "Parallel", refused)
    assert shared(tenfold, range(3), processes=2) == [0, 10, 20]


def test_an_error_is_raised_here_as_it_is():
    with pytest.raises(ZeroDivisionError):
        shared(partial(divmod, 1), [1, 0], processes=2)


def test_a_script_is_not_run_again_by_its_processes(tmp_path):
    script = tmp_path / "script.py"
    script.write_text(
        "print('begun')\nfrom whatworked.processes import shared\nprint(shared(abs, [-1, -2, -3], processes=2))\n"
    )
    done = subprocess.run([sys.executable, script], capture_output=True, text=True, check=True)
    assert done.stdout == "begun\n[1, 2, 3]\n"


def test_nothing_that_is_given_is_written_to_a_disk(tmp_path, monkeypatch):
    monkeypatch.setenv("JOBLIB_TEMP_FOLDER", str(tmp_path / "joblib"))
    rows = [np.arange(500_000.0), np.ones(500_000)]
    found = shared(mapped, rows, processes=2)
    assert found == [(124999750000.0, False), (500000.0, False)]
    assert not [path for path in tmp_path.rglob("*") if path.is_file()]


def test_questions_that_processes_share_have_the_findings_of_one(tmp_path, monkeypatch):
    study = write_simulation(tmp_path / "study", Size(persons=4_000, areas=12), seed=3, effect=-0.3)
    protocol = parse_protocol(study.read_text(encoding="utf-8").partition("[[variant]]")[0], study.parent)
    alone = run(protocol)
    monkeypatch.setattr("whatworked.study.WORTH_A_PROCESS", 1)
    monkeypatch.setattr("whatworked.study.cores", lambda: 2)
    handed_out = []

    def counted(function, given, *, processes):
        handed_out.append((len(given), processes))
        return shared(function, given, processes=processes)

    monkeypatch.setattr("whatworked.study.shared", counted)
    assert run(protocol) == alone
    assert handed_out == [(len(protocol.question), 2)]


@pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX")
def test_an_interruption_ends_it_at_once(tmp_path):
    script = tmp_path / "script.py"
    script.write_text(
        "import signal, time\nsignal.signal(signal.SIGINT, signal.default_int_handler)\n"
        "from whatworked.processes import shared\nprint('begun', flush=True)\n"
        "try:\n    shared(time.sleep, [60, 60], processes=2)\nexcept KeyboardInterrupt:\n    print('interrupted')\n"
    )
    began = time.monotonic()
    with subprocess.Popen([sys.executable, script], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout.readline() == "begun\n"
        time.sleep(2)
        process.send_signal(2)
        assert process.stdout.read() == "interrupted\n"
    assert time.monotonic() - began < PATIENCE


def test_there_is_a_core():
    assert cores() >= 1
