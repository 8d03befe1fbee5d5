"""Work shared among the cores of one machine: one function, many arguments, the answers in the order of these.

Decision 0037.
"""

import warnings
from collections.abc import Callable, Sequence
from concurrent.futures.process import BrokenProcessPool
from typing import TypeVar

from joblib import Parallel, cpu_count, delayed

Given = TypeVar("Given")
Found = TypeVar("Found")


def cores() -> int:
    """Return how many processes may run at once."""
    return int(cpu_count())


def shared(function: Callable[[Given], Found], given: Sequence[Given], *, processes: int) -> list[Found]:
    """Return what a function makes of each argument, worked out by at most so many processes.

    Where processes do not start, or one is ended from outside, everything is worked out here: that takes longer and
    gives the same.

    Parameters
    ----------
    function : of a module, for the processes import it; called twice with one argument it gives the same
    given : the arguments, which are pickled, as are the answers
    processes : there are no more, and none that would have nothing to do

    Raises
    ------
    whatever the function raises, as it is
    """
    several = min(processes, len(given))
    if several > 1:
        try:
            with warnings.catch_warnings():
                # a process that has grown is replaced by a fresh one, which is no concern of a user's
                warnings.filterwarnings("ignore", "A worker stopped while some jobs were given", UserWarning)
                # nothing that is given is written to a disk on its way, for it may be people's rows
                work = Parallel(n_jobs=several, batch_size=1, max_nbytes=None)
                return list(work(delayed(function)(one) for one in given))
        except (BrokenProcessPool, OSError):
            # an error of the function's own is met again below
            pass
    return [function(one) for one in given]
