"""A demonstration to run: written anew, or found as a command before this one wrote it.

Beside what was written stand the digests of it all. Where every file is still as they say, and the very code that is
running wrote it, writing would give the same bytes, and is spared.
"""

import json
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from typing import Literal

from whatworked.engine.store import file_digest
from whatworked.scaffold.demo import write_demo
from whatworked.scaffold.nine_pilots import write_nine_pilots
from whatworked.version import versions

Demonstration = Literal["national", "areas"]
WRITTEN = "written.json"


def demonstration(folder: Path, kind: Demonstration, *, say: Callable[[str], object]) -> Path:
    """Return the study file of a demonstration in a new or empty folder, or in one that holds it whole already.

    Parameters
    ----------
    folder : new or empty, or that of the same demonstration, no file of which has changed; there may be others
    kind : the records of a nation of children, or published statistics of areas
    say : told whether the records have to be written

    Raises
    ------
    UsageError
        The folder holds something else, is a file, or cannot be written.
    """
    if _is_written(folder, kind):
        say("the records are here already, as they would be written")
        return folder / "study.toml"
    say("writing the records")
    study = write_nine_pilots(folder) if kind == "national" else write_demo(folder)
    _write_down(folder, kind)
    return study


def _write_down(folder: Path, kind: Demonstration) -> None:
    files = {
        path.relative_to(folder).as_posix(): file_digest(path) for path in sorted(folder.rglob("*")) if path.is_file()
    }
    text = json.dumps({"kind": kind, "by": _by(), "sha256": files}, indent=1)
    (folder / WRITTEN).write_text(text + "\n", encoding="utf-8", newline="\n")


def _is_written(folder: Path, kind: Demonstration) -> bool:
    try:
        told = json.loads((folder / WRITTEN).read_text(encoding="utf-8"))
        if (told["kind"], told["by"]) != (kind, _by()):
            return False
        return all(file_digest(folder / name) == digest for name, digest in told["sha256"].items())
    except (OSError, ValueError, LookupError, TypeError, AttributeError):
        return False


def _by() -> dict[str, str]:
    """Return what wrote it: the code of the package, and what it was run with."""
    package = Path(__file__).parents[1]
    code = sha256()
    for path in sorted(path for path in package.rglob("*") if path.is_file() and path.suffix != ".pyc"):
        code.update(f"{path.relative_to(package).as_posix()}\0{file_digest(path)}\0".encode())
    return {**versions(), "code": code.hexdigest()}
