"""An empty study: a protocol to fill in, each key with its meaning beside it."""

from pathlib import Path

from whatworked.scaffold.folder import template, write_folder


def write_new(folder: Path) -> Path:
    """Write a study to fill in into a new or empty folder and return its study file.

    Raises
    ------
    UsageError
        The folder holds something already, is a file, or cannot be written.
    """
    write_folder(folder, {name: template(f"new/{name}") for name in ("study.toml", "README.md")})
    return folder / "study.toml"
