"""The store of artefacts: each is named by everything that made it, and is there whole or not at all.

A run that is killed leaves finished artefacts and perhaps a part; the next run finds the first and sweeps away
the second. There is no lock: two runs at once write the same content under the same name.
"""

import hashlib
import json
import os
import shutil
from collections.abc import Callable, Iterable
from pathlib import Path

PART = ".part-"

Json = None | bool | int | float | str | list["Json"] | dict[str, "Json"]


class Store:
    """A folder of artefacts."""

    def __init__(self, folder: Path) -> None:
        """Open the folder, making it if need be, and sweep away the parts of runs that were killed."""
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        sweep(folder)

    def key(self, step: str, *, code: str, fragment: Json, inputs: Iterable[str]) -> str:
        """Return the name of an artefact: SHA-256 of all that made it.

        That is the step, the version of the code, the part of the protocol that it reads, and its inputs.
        `inputs` are keys of artefacts or digests of files, in the order in which the step takes them.
        """
        whole = {"step": step, "code": code, "fragment": fragment, "inputs": list(inputs)}
        text = json.dumps(whole, sort_keys=True, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
        return hashlib.sha256(text.encode()).hexdigest()

    def path(self, key: str, *, suffix: str = ".parquet") -> Path:
        """Return where the artefact is, or would be."""
        return self.folder / f"{key}{suffix}"

    def has(self, key: str, *, suffix: str = ".parquet") -> bool:
        """Return whether the artefact is there; if so, it is whole."""
        return self.path(key, suffix=suffix).is_file()

    def save_json(self, key: str, value: Json) -> Path:
        """Keep a small artefact as JSON."""
        text = json.dumps(value, sort_keys=True, ensure_ascii=False, allow_nan=False)
        path = self.path(key, suffix=".json")
        write_atomically(path, lambda part: part.write_text(text, encoding="utf-8"))
        return path

    def load_json(self, key: str) -> Json:
        """Return a small artefact, None where it is not there or is damaged: then it has to be made again."""
        try:
            value: Json = json.loads(self.path(key, suffix=".json").read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return None
        return value


def write_atomically(path: Path, write: Callable[[Path], object]) -> None:
    """Let `write` fill a temporary file, then put it in place of `path` in one move.

    The name of the temporary file holds the process, so that a sweep spares the parts of living runs.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.parent / part_name(path.name)
    try:
        write(part)
        _flush(part)
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)
    _flush_names(path.parent)


def part_name(name: str) -> str:
    """Return the name of something that this process has not finished."""
    return f"{PART}{os.getpid()}-{name}"


def sweep(folder: Path) -> tuple[str, ...]:
    """Delete what processes that are no more have left unfinished; return the names."""
    left = [path for path in sorted(folder.glob(f"{PART}*")) if not _alive(path.name)]
    for path in left:
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path, ignore_errors=True)
        else:
            path.unlink(missing_ok=True)
    return tuple(path.name for path in left)


def file_digest(path: Path) -> str:
    """Return the SHA-256 of a file's content."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _alive(name: str) -> bool:
    """Return whether the process in the name of a part may still be running."""
    number = name.removeprefix(PART).partition("-")[0]
    if not number.isdigit() or os.name == "nt":
        # No part of ours, or a system on which asking after a process would end it.
        return True
    try:
        os.kill(int(number), 0)
    except (ProcessLookupError, OverflowError):
        return False
    except PermissionError:
        return True
    return True


def _flush(path: Path) -> None:
    """Wait until the content of a file is on the disk."""
    with path.open("rb+") as file:
        os.fsync(file.fileno())


def _flush_names(folder: Path) -> None:
    """Wait until the names in a folder are on the disk, where the system opens folders."""
    if os.name == "nt":  # pragma: no cover - the tests run where folders can be opened
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
