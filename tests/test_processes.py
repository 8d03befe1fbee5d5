import io
import os
import pickle
import subprocess
import sys
import time
from functools import partial
from pathlib import Path

import pytest

from whatworked import processes
from whatworked.processes import answer_all, cores, shared

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


def only_in(process: int, folder: Path, number: int) -> int:
    found, mine = met(folder, number)
    if mine != process:
        raise ValueError(number)
    return found


def dies_outside_of(process: int, folder: Path, number: int) -> int:
    found, mine = met(folder, number)
    if mine != process:
        os._exit(1)
    return found


def interrupted_in(process: int, folder: Path, number: int) -> int:
    if met(folder, number)[1] == process:
        raise KeyboardInterrupt
    time.sleep(PATIENCE)
    return number


def test_answers_stand_in_the_order_of_the_questions_whoever_gives_them(tmp_path):
    found = shared(partial(met, tmp_path), range(6), processes=2)
    assert [number for number, _ in found] == list(range(6))
    assert len({process for _, process in found}) == 2


def test_one_process_and_several_find_the_same():
    assert shared(tenfold, range(20), processes=1) == shared(tenfold, range(20), processes=3) == [*range(0, 200, 10)]
    assert shared(tenfold, [], processes=3) == []


@pytest.mark.parametrize("function", [only_in, dies_outside_of])
def test_what_a_helper_cannot_do_is_done_here(tmp_path, function):
    assert shared(partial(function, os.getpid(), tmp_path), range(4), processes=2) == [0, 1, 2, 3]


def test_where_no_helper_starts_everything_is_done_here(monkeypatch):
    monkeypatch.setattr(processes, "START", ("/no/such/program",))
    assert shared(tenfold, range(3), processes=2) == [0, 10, 20]


def test_what_cannot_be_sent_is_done_here():
    assert shared(lambda number: 10 * number, range(3), processes=2) == [0, 10, 20]


def test_an_error_is_raised_here_as_it_is():
    with pytest.raises(ZeroDivisionError):
        shared(partial(divmod, 1), [1, 0], processes=2)


def test_an_interruption_passes_and_waits_for_no_helper(tmp_path):
    began = time.monotonic()
    with pytest.raises(KeyboardInterrupt):
        shared(partial(interrupted_in, os.getpid(), tmp_path), range(4), processes=2)
    assert time.monotonic() - began < PATIENCE


def test_a_script_is_not_run_again_by_its_helpers(tmp_path):
    script = tmp_path / "script.py"
    script.write_text(
        "print('begun')\nfrom whatworked.processes import shared\nprint(shared(abs, [-1, -2, -3], processes=2))\n"
    )
    done = subprocess.run([sys.executable, script], capture_output=True, text=True, check=True)
    assert done.stdout == "begun\n[1, 2, 3]\n"


def test_a_helper_answers_each_question_and_says_what_it_could_not_do():
    answers = io.BytesIO()
    answer_all(io.BytesIO(pickle.dumps((tenfold, 2)) + pickle.dumps((tenfold, None))), answers)
    answers.seek(0)
    assert [pickle.load(answers), pickle.load(answers)] == [(True, 20), (False, None)]


def test_there_is_a_core():
    assert cores() >= 1
