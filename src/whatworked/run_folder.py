"""The folder of a run: findings and the checker's file stay inside, `release` may leave.

A run is there when its `findings.json` is there. Everything is written beside it first; the finished whole is then
given the name `.finished` in one move, and from there put into place, findings last. A run that fails or is killed
before that move leaves what was there before; after it, the next command puts the rest into place.
"""

import json
import os
import shutil
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import mkdtemp

from xlsxwriter.exceptions import FileCreateError

from whatworked.disclosure.evidence_log import write_evidence
from whatworked.disclosure.profile import Limits
from whatworked.disclosure.release import release
from whatworked.engine.store import PART, file_digest, part_name, sweep
from whatworked.errors import EngineError, Mistake, UsageError, WhatWorkedError
from whatworked.findings.files import from_json, to_json
from whatworked.findings.model import Findings
from whatworked.report.write import write_report
from whatworked.tables.document import document
from whatworked.version import versions

if sys.platform != "win32":
    import fcntl

FINDINGS, RELEASE, CHECKER, MANIFEST, LOG = "findings.json", "release", "checker", "manifest.json", "log.jsonl"
FINISHED = ".finished"
ARTEFACTS = "artefacts"
# What stands in `release`, in the words of the manifest.
RELEASED = {
    "report.html": "the whole report",
    "summary.html": "its summary of one page, which may be sent alone",
    "tables.xlsx": "every table as a workbook",
    "tables": "every table as a CSV file",
    "figures": "every figure as PNG and SVG",
}
MAKE_ROOM = "Check the disk's free space and the permissions of the folder, then run again."


@contextmanager
def refusals_named() -> Iterator[None]:
    """Turn what the system refuses (a full disk, a folder that may not be written) into an error with advice."""
    try:
        yield
    except FileCreateError as error:
        raise _refused(error.args[0]) from None
    except OSError as error:
        raise _refused(error) from None


def _refused(error: OSError) -> EngineError:
    where = Path(str(error.filename)).name if error.filename else "the disk"
    return EngineError(Mistake(where, f"cannot be written or read: {error.strerror or 'refused'}.", MAKE_ROOM))


class RunFolder:
    """Where one run is written."""

    def __init__(self, path: Path) -> None:
        """Name the folder; nothing is made yet."""
        self.path = path

    @contextmanager
    def artefacts(self) -> Iterator[Path]:
        """Make the folder of artefacts; a run that fails leaves the whole folder as it was."""
        made = self._make()
        artefacts = self.path / ARTEFACTS
        kept = set(artefacts.iterdir())
        try:
            with refusals_named():
                yield artefacts
        except WhatWorkedError:
            if not self._others_at_work():
                with suppress(OSError):
                    for path in set(artefacts.iterdir()) - kept:
                        path.unlink()
                    for folder in made:
                        folder.rmdir()
            raise

    def write(self, findings: Findings, *, inputs: Mapping[str, Path]) -> None:
        """Write a finished run: findings, release, the checker's file, manifest and log."""
        manifest = {
            "protocol": findings.study.protocol_hash,
            "seed": findings.study.seed,
            "inputs": {name: {"file": path.name, "sha256": file_digest(path)} for name, path in inputs.items()},
            "versions": versions(),
            "release": RELEASED,
        }
        with self._put_into_place() as part:
            _write_release(findings, part)
            (part / MANIFEST).write_text(json.dumps(manifest, indent=1, sort_keys=True) + "\n", encoding="utf-8")
            lines = [json.dumps(entry, sort_keys=True) for entry in _log(findings)]
            (part / LOG).write_text("\n".join(lines) + "\n", encoding="utf-8")
            (part / FINDINGS).write_text(to_json(findings), encoding="utf-8")

    def read(self) -> Findings:
        """Return the findings of a finished run."""
        if (self.path / FINISHED).is_dir():
            with refusals_named(), _alone(self.path):
                self._settle()
        path = self.path / FINDINGS
        advice = "Give the folder that `whatworked run` wrote."
        if not path.is_file():
            raise UsageError(Mistake(str(self.path), f"holds no {FINDINGS}, so it is no finished run.", advice))
        try:
            with refusals_named():
                text = path.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            raise UsageError(Mistake(str(path), "is no text, so it holds no findings.", advice)) from None
        return from_json(text, where=str(path))

    def release_again(self) -> Findings:
        """Write `release` and the checker's file anew from the findings alone, and return these."""
        findings = self.read()
        with self._put_into_place() as part:
            _write_release(findings, part)
        return findings

    def _make(self) -> list[Path]:
        """Make the folder with its artefacts, bring an earlier run in order; return what was made, innermost first."""
        if self.path.exists() and not self.path.is_dir():
            raise UsageError(Mistake(str(self.path), "is a file, not a folder.", "Name a folder for the run."))
        artefacts = self.path / ARTEFACTS
        made = [folder for folder in (artefacts, self.path, *self.path.parents) if not folder.exists()]
        try:
            self.path.mkdir(parents=True, exist_ok=True)
            with _alone(self.path):
                self._settle()
                self._refuse_strange_files()
            artefacts.mkdir(exist_ok=True)
            sweep(self.path)
        except OSError as error:
            problem = f"cannot be written: {error.strerror}."
            raise UsageError(Mistake(str(self.path), problem, "Name a folder that you may write to.")) from None
        return made

    def _refuse_strange_files(self) -> None:
        """Refuse to replace files that bear the names of a run's but belong to none."""
        strange = [name for name in (RELEASE, CHECKER, MANIFEST, LOG) if os.path.lexists(self.path / name)]
        if strange and not (self.path / FINDINGS).exists():
            found = f"holds {' and '.join(strange)} but no {FINDINGS}, so no run wrote this; nothing was changed."
            raise UsageError(Mistake(str(self.path), found, "Name another folder, or move them away."))

    def _others_at_work(self) -> bool:
        """Return whether another run has something unfinished here: its parts are spared by the sweep."""
        sweep(self.path)
        sweep(self.path / ARTEFACTS)
        return any(self.path.glob(f"{PART}*")) or any((self.path / ARTEFACTS).glob(f"{PART}*"))

    @contextmanager
    def _put_into_place(self) -> Iterator[Path]:
        """Hand out a folder to fill; once it is filled, put what it holds into place."""
        with refusals_named():
            part = Path(mkdtemp(prefix=part_name("run-"), dir=self.path))
            try:
                yield part
                with _alone(self.path):
                    self._settle()
                    part.rename(self.path / FINISHED)
                    self._settle()
            finally:
                shutil.rmtree(part, ignore_errors=True)

    def _settle(self) -> None:
        """Put into place what stands finished: the old is moved away, findings first, the new in, findings last.

        A process that is killed on the way leaves the rest to the next: doing it twice does no harm.
        """
        finished = self.path / FINISHED
        if not finished.is_dir():
            return
        old = Path(mkdtemp(prefix=part_name("old-"), dir=self.path))
        names = sorted(os.listdir(finished), key=lambda name: (name == FINDINGS, name))
        for name in reversed(names):
            if os.path.lexists(self.path / name):
                (self.path / name).rename(old / name)
        for name in names:
            (finished / name).rename(self.path / name)
        finished.rmdir()
        shutil.rmtree(old, ignore_errors=True)


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Let one process at a time put files into place; the system ends this with the process, however it ends.

    Where there are no such locks (Windows, some network drives) nobody is kept waiting.
    """
    if sys.platform == "win32":  # pragma: no cover
        yield
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        with suppress(OSError):
            fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def _write_release(findings: Findings, folder: Path) -> None:
    whole = document(findings)
    released = release(whole, Limits.from_dict(findings.disclosure))
    write_report(released, folder / RELEASE)
    write_evidence(whole, released, folder / CHECKER / "evidence.json")


def _log(findings: Findings) -> Iterator[dict[str, object]]:
    """Say step by step what was done, in counts and decisions: nothing of persons, no clock."""
    for question in findings.questions:
        for step in question.population.flow:
            yield {"question": question.key, "step": step.step, "rows": step.rows, "left_out": step.left_out}
        for note in question.quality:
            yield {"question": question.key, "found": note.what, "rows": note.rows, "handled": note.handled}
        for decision in question.decisions:
            yield {"question": question.key, "decision": decision.decision, "chosen": decision.chosen}
        yield {"question": question.key, "evidence": question.evidence.rating.value}
