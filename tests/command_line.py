"""The command line for tests: inside this process, or as a process of its own."""

import os
import subprocess
import sys
from pathlib import Path

from typer.testing import CliRunner

from whatworked.cli import app

SOURCE = Path(__file__).parents[1] / "src"
START = "from whatworked.cli import main; main()"


def invoke(*arguments):
    """Run a command in this process; an error that nobody foresaw is raised."""
    result = CliRunner().invoke(app, [str(argument) for argument in arguments])
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result


def start(*arguments, code=START, environment=None, **options):
    """Start a command as a process of its own."""
    paths = os.pathsep.join(filter(None, [str(SOURCE), os.environ.get("PYTHONPATH")]))
    return subprocess.Popen(
        [sys.executable, "-c", code, *map(str, arguments)],
        env={**os.environ, "PYTHONPATH": paths, **(environment or {})},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        **options,
    )


def finish(process):
    """Return a process's exit code and its two outputs as text."""
    out, err = process.communicate(timeout=120)
    return process.returncode, out.decode(), err.decode()


def contents(folder):
    """Return every file below a folder, by path, and every folder as None; None where there is no folder."""
    if not folder.exists():
        return None
    return {str(path.relative_to(folder)): None if path.is_dir() else path.read_bytes() for path in folder.rglob("*")}
