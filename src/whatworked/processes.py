"""Work shared among the cores of one machine: one function, many arguments, the answers in the order of these.

The helping processes are started as plain programs and not by `multiprocessing`, which on macOS and Windows would run
the script that called us once more in each of them. What a helper cannot do, because it does not start, is killed, or
meets an error, is done again here: an error is raised where its cause can be seen, and a machine that allows no
helpers takes longer and gives the same.
"""

import os
import pickle
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from threading import Lock, Thread
from typing import Any, BinaryIO, Generic, TypeVar

Given = TypeVar("Given")
Found = TypeVar("Found")

# `-P` keeps modules of the folder at hand from standing in for those meant; then the caller's own paths hold.
PROGRAM = "import pickle, sys; sys.path[:] = pickle.load(sys.stdin.buffer); from whatworked.processes import help_out"
START = (sys.executable, "-P", "-c", f"{PROGRAM}; help_out()")
# What comes of a helper that does not start or ends, of what cannot be sent, and of what is no answer.
LOST = (OSError, EOFError, pickle.PickleError, AttributeError, ImportError, TypeError, ValueError)


def cores() -> int:
    """Return how many processes may run at once."""
    return len(os.sched_getaffinity(0)) if sys.platform == "linux" else os.cpu_count() or 1


def shared(function: Callable[[Given], Found], given: Sequence[Given], *, processes: int) -> list[Found]:
    """Return what a function makes of each argument, worked out by at most so many processes, this one among them.

    Parameters
    ----------
    function : of a module, for the helpers import it; called twice with one argument it gives the same
    given : the arguments, which are pickled, as are the answers
    processes : there are no more, and none that would have nothing to do
    """
    work = _Work(function, given)
    with ExitStack() as helpers:
        for _ in range(min(processes, len(given)) - 1):
            with suppress(OSError):
                helpers.enter_context(_helper(work))
        for place in work.left():
            work.found[place] = function(given[place])
    return [work.found[place] if place in work.found else function(one) for place, one in enumerate(given)]


class _Work(Generic[Given, Found]):
    """What is to be done, which of it somebody has taken, and what was found."""

    def __init__(self, function: Callable[[Given], Found], given: Sequence[Given]) -> None:
        self.function, self.given = function, given
        self.found: dict[int, Found] = {}
        self._lock, self._places = Lock(), iter(range(len(given)))

    def left(self) -> Iterator[int]:
        """Take the places of the arguments that nobody has taken yet, one at a time."""
        while True:
            with self._lock:
                place = next(self._places, None)
            if place is None:
                return
            yield place

    def ask(self, questions: BinaryIO, answers: BinaryIO) -> None:
        """Have a helper do what is left, as long as it answers."""
        with suppress(*LOST):
            _send(sys.path, questions)
            for place in self.left():
                _send((self.function, self.given[place]), questions)
                answered, answer = pickle.load(answers)
                if answered:
                    self.found[place] = answer


@contextmanager
def _helper(work: _Work[Any, Any]) -> Iterator[None]:
    """Start a helper, and at the end wait for it; an error or an interruption ends it at once."""
    with subprocess.Popen(START, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        thread = Thread(target=work.ask, args=(process.stdin, process.stdout), daemon=True)
        thread.start()
        try:
            yield
            thread.join()
        finally:
            process.kill()
            thread.join()


def help_out() -> None:  # pragma: no cover - it runs in a process of its own, where nobody counts
    """Work for the process that started this one until it has no more questions."""
    # An interruption is for the other process, which ends this one.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    # What a library may print is no answer.
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    answer_all(sys.stdin.buffer, answers)


def answer_all(questions: BinaryIO, answers: BinaryIO) -> None:
    """Answer each pair of a function and an argument with whether it could be answered, and the answer."""
    with suppress(EOFError, BrokenPipeError):
        while True:
            function, given = pickle.load(questions)
            try:
                answer: tuple[bool, Any] = True, function(given)
            except Exception:  # noqa: BLE001 - whatever it is, the other process meets it again and says so
                answer = False, None
            _send(answer, answers)


def _send(message: object, to: BinaryIO) -> None:
    to.write(pickle.dumps(message))
    to.flush()
