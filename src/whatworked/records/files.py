"""Where a file is that the protocol names: in the study's folder or in the folder given by `--data`, nowhere else."""

import os
from difflib import get_close_matches
from pathlib import Path
from typing import Literal

from whatworked.engine.interface import CsvSource, ParquetSource, Source
from whatworked.errors import Mistake, ProtocolError, RecordsError
from whatworked.protocol.check import path_mistake
from whatworked.protocol.places import quoted

NEAR_NAMES = 5


def locate(path: str, *, folder: Path, data: Path | None, where: str) -> Path:
    """Return the file that a path of the protocol means, resolved.

    Parameters
    ----------
    path : relative, as the protocol gives it
    folder : the study's folder
    data : the folder given by `--data`, if any
    where : key path of the protocol that holds the path, such as `records.plans.path`

    Raises
    ------
    ProtocolError
        The path leads out of both folders or is of a kind that is not read, or the file is in both of them.
    RecordsError
        The file is in neither, or is a folder.
    """
    mistake = path_mistake(where, path)
    if mistake is not None:
        raise ProtocolError(mistake)
    roots = {"the study folder": folder} | ({"the folder given by --data": data} if data is not None else {})
    found: dict[Path, str] = {}
    for called, root in roots.items():
        candidate = root / path
        if os.path.lexists(candidate):
            found.setdefault(_inside(candidate, root, where), called)
    if len(found) > 1:
        both = f"{quoted(path)} is both in {' and in '.join(found.values())}."
        raise ProtocolError(Mistake(where, both, "Take one of the two files away, or rename it."))
    if not found:
        there = "there is no such file in " + " or in ".join(roots) + "."
        raise RecordsError(Mistake(f"{where} = {quoted(path)}", there, _near(path, list(roots.values()))))
    (real,) = found
    if not os.path.isfile(real):
        kind = "a folder" if os.path.isdir(real) else "something else"
        raise RecordsError(Mistake(where, f"{quoted(path)} is {kind}, not a file.", "Name a CSV or Parquet file."))
    return real


def locate_folder(path: str, *, folder: Path, data: Path | None, where: str) -> Path:
    """Return the folder that a path of the protocol means, resolved; errors as of `locate`."""
    mistake = path_mistake(where, path, endings=("",))
    if mistake is not None:
        raise ProtocolError(mistake)
    roots = [folder] if data is None else [folder, data]
    found = {_inside(root / path, root, where) for root in roots if (root / path).is_dir()}
    if len(found) > 1:
        both = f"{quoted(path)} is both in the study folder and in the folder given by --data."
        raise ProtocolError(Mistake(where, both, "Take one of the two away, or rename it."))
    if not found:
        there = "there is no such folder in the study folder" + (" or in the folder given by --data." if data else ".")
        raise RecordsError(Mistake(f"{where} = {quoted(path)}", there, "Check the path and the name."))
    return found.pop()


def source_of(path: Path, encoding: Literal["utf-8", "utf-16", "latin-1"]) -> Source:
    """Return how a located file is to be read."""
    return ParquetSource(path) if path.suffix.lower() == ".parquet" else CsvSource(path, encoding)


def _inside(candidate: Path, root: Path, where: str) -> Path:
    """Return where a path really leads, which must lie under `root`."""
    # Unlike `Path.resolve`, `realpath` takes symbolic links that run in a circle without raising.
    real = Path(os.path.realpath(candidate))
    if not real.is_relative_to(os.path.realpath(root)):
        found = f"{quoted(candidate.name)} is a symbolic link that leads out of the folder."
        raise ProtocolError(Mistake(where, found, "Put the file itself there, or give its folder by --data."))
    return real


def _near(path: str, roots: list[Path]) -> str:
    """Return the names nearest to a missing file's, where the path would have led."""
    name = Path(path).name
    there = sorted({entry for root in roots for entry in _entries((root / path).parent, root)})
    folded = {entry.casefold(): entry for entry in there}
    near = [folded[match] for match in get_close_matches(name.casefold(), folded, n=NEAR_NAMES)]
    return f"Files there with a name like it: {', '.join(near)}." if near else "Check the path and the name."


def _entries(folder: Path, root: Path) -> list[str]:
    """Return the names in a folder under `root`, nothing if it is none or leads out."""
    real = os.path.realpath(folder)
    if not Path(real).is_relative_to(os.path.realpath(root)):
        return []
    try:
        return os.listdir(real)
    except OSError:
        return []
