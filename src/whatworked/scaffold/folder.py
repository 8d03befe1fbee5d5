"""Write a folder of text files, or refuse where something would be overwritten."""

from collections.abc import Mapping
from importlib.resources import files
from pathlib import Path

from whatworked.errors import Mistake, UsageError


def template(name: str) -> str:
    """Return the text of a file that ships with the package, such as `demo/study.toml`."""
    return (files("whatworked.scaffold") / "templates" / name).read_text(encoding="utf-8")


def write_folder(folder: Path, texts: Mapping[str, str]) -> None:
    """Write texts into an empty or new folder: path inside the folder → text.

    Raises
    ------
    UsageError
        The folder holds something already, is a file, or cannot be written.
    """
    if folder.exists() and not folder.is_dir():
        raise UsageError(Mistake(str(folder), "is a file, not a folder.", "Name a folder that is new or empty."))
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if any(folder.iterdir()):
            raise UsageError(
                Mistake(str(folder), "is not empty; nothing was written.", "Name a folder that is new or empty.")
            )
        for path, text in texts.items():
            target = folder / path
            target.parent.mkdir(parents=True, exist_ok=True)
            # The same bytes on every machine: the files' digests stand in the report's manifest.
            target.write_text(text, encoding="utf-8", newline="\n")
    except OSError as error:
        raise UsageError(
            Mistake(str(folder), f"cannot be written: {error.strerror}.", "Name a folder that you may write to.")
        ) from error
