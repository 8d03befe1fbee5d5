"""The folder of a run: findings and the checker's file stay inside, `release` may leave.

A run is there when its `findings.json` is there: everything is written beside it first and moved into place at
the end, so that a run that fails or is killed leaves what was there before.
"""

import json
import platform
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from importlib.metadata import version
from pathlib import Path

from whatworked.disclosure.evidence_log import write_evidence
from whatworked.disclosure.profile import Limits
from whatworked.disclosure.release import release
from whatworked.engine.store import file_digest, part_name, sweep
from whatworked.errors import Mistake, UsageError, WhatWorkedError
from whatworked.findings.files import from_json, to_json
from whatworked.findings.model import Findings
from whatworked.report.write import write_report
from whatworked.tables.document import document
from whatworked.version import __version__

FINDINGS, RELEASE, CHECKER, MANIFEST, LOG = "findings.json", "release", "checker", "manifest.json", "log.jsonl"
ARTEFACTS = "artefacts"
LIBRARIES = ("duckdb", "numpy", "scipy", "vl-convert-python")


class RunFolder:
    """Where one run is written."""

    def __init__(self, path: Path) -> None:
        """Name the folder; nothing is made yet."""
        self.path = path

    @contextmanager
    def artefacts(self) -> Iterator[Path]:
        """Make the folder of artefacts; a run that fails takes away what it made and left empty."""
        if self.path.exists() and not self.path.is_dir():
            raise UsageError(Mistake(str(self.path), "is a file, not a folder.", "Name a folder for the run."))
        fresh = not self.path.exists()
        try:
            (self.path / ARTEFACTS).mkdir(parents=True, exist_ok=True)
        except OSError as error:
            problem = f"cannot be written: {error.strerror}."
            raise UsageError(Mistake(str(self.path), problem, "Name a folder that you may write to.")) from None
        sweep(self.path)
        try:
            yield self.path / ARTEFACTS
        except WhatWorkedError:
            if fresh:
                shutil.rmtree(self.path, ignore_errors=True)
            raise

    def write(self, findings: Findings, *, inputs: Mapping[str, Path]) -> None:
        """Write a finished run: findings, release, the checker's file, manifest and log."""
        manifest = {
            "protocol": findings.study.protocol_hash,
            "seed": findings.study.seed,
            "inputs": {name: {"file": path.name, "sha256": file_digest(path)} for name, path in inputs.items()},
            "versions": {"whatworked": __version__, "python": platform.python_version()}
            | {library: version(library) for library in LIBRARIES},
        }
        with self._moved_into_place() as part:
            _write_release(findings, part)
            (part / MANIFEST).write_text(json.dumps(manifest, indent=1, sort_keys=True) + "\n", encoding="utf-8")
            lines = [json.dumps(entry, sort_keys=True) for entry in _log(findings)]
            (part / LOG).write_text("\n".join(lines) + "\n", encoding="utf-8")
            (part / FINDINGS).write_text(to_json(findings), encoding="utf-8")

    def read(self) -> Findings:
        """Return the findings of a finished run."""
        path = self.path / FINDINGS
        if not path.is_file():
            advice = "Give the folder that `whatworked run` wrote."
            raise UsageError(Mistake(str(self.path), f"holds no {FINDINGS}, so it is no finished run.", advice))
        return from_json(path.read_text(encoding="utf-8"), where=str(path))

    def release_again(self) -> Findings:
        """Write `release` and the checker's file anew from the findings alone, and return these."""
        findings = self.read()
        with self._moved_into_place() as part:
            _write_release(findings, part)
        return findings

    @contextmanager
    def _moved_into_place(self) -> Iterator[Path]:
        """Hand out a part of the folder to fill; move what was put there into place, findings last."""
        part, old = self.path / part_name("run"), self.path / part_name("old")
        part.mkdir(parents=True)
        try:
            yield part
            old.mkdir()
            made = sorted((entry.name for entry in part.iterdir()), key=lambda name: (name == FINDINGS, name))
            for name in reversed(made):
                if (self.path / name).exists():
                    (self.path / name).rename(old / name)
            for name in made:
                (part / name).rename(self.path / name)
        finally:
            shutil.rmtree(part, ignore_errors=True)
            shutil.rmtree(old, ignore_errors=True)


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
