"""The page in a real browser: hostile words run nothing. Skipped where there is no browser."""

import shutil
import subprocess
from dataclasses import replace

import pytest
from invented import LIMITS, invented

from whatworked.disclosure.release import release
from whatworked.report.write import write_report
from whatworked.tables.document import document

BROWSER = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
OPTIONS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
HOSTILE = "<img src=x onerror=\"document.title='run'\"><script>document.title='run'</script>"


@pytest.mark.skipif(BROWSER is None, reason="no chromium on this machine")
def test_hostile_words_run_nothing_in_a_browser(tmp_path):
    findings = invented()
    questions = tuple(replace(q, title=HOSTILE, outcome=HOSTILE, source=HOSTILE) for q in findings.questions)
    study = replace(findings.study, question=HOSTILE, limits=(HOSTILE,))
    write_report(release(document(replace(findings, study=study, questions=questions)), LIMITS), tmp_path)
    profile = f"--user-data-dir={tmp_path / 'profile'}"
    page = (tmp_path / "report.html").as_uri()
    shown = subprocess.run(
        [BROWSER, *OPTIONS, profile, "--dump-dom", page], capture_output=True, text=True, timeout=120, check=True
    ).stdout
    assert f"<title>{findings.study.title}</title>" in shown
    assert "&lt;script&gt;" in shown
    assert "<script" not in shown
