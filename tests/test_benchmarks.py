"""Every benchmark runs at its smallest size, so that none of them can rot."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
BENCHMARKS = ROOT / "benchmarks"
# Roads that another script asks for, each in a process of its own, and parts of another script.
ASKED_FOR = {
    "area_matching_loop.py",
    "logit_peers.py",
    "matching_people_roads.py",
    "panel_peers.py",
    "planted_branches.py",
    "planted_settings.py",
    "planted_study.py",
    "planted_truth.py",
    "people_specifications_peers.py",
    "specifications_peers.py",
}
SMALLEST = {
    "area_matching.py": ["--areas", "40", "--years", "10", "--pilots", "4", "--plain-areas", "40"],
    "interval_coverage.py": ["--studies", "2"],
    "cohorts.py": ["--referrals", "3000"],
    "false_positives.py": ["--studies", "2"],
    "logit.py": ["--rows", "1500", "--repeats", "1"],
    "matching_people.py": ["--rows", "5000", "10000"],
    "matching_on_noise.py": ["--studies", "3"],
    "measure.py": [],
    "nation.py": ["--children", "3000"],
    "panel.py": ["--rows", "3000"],
    "people_specifications.py": ["--rows", "4000", "--peers", "5"],
    "planted_effects.py": [
        "--seeds",
        "1",
        "--persons",
        "1600",
        "--areas",
        "9",
        "--jobs",
        "1",
        "--settings",
        "nine pilots",
    ],
    "returns.py": ["--children", "2000", "--areas", "12"],
    "specifications.py": ["--shapes", "tiny", "--specifications", "6"],
    "whole_study.py": ["--only", "big", "--areas", "60", "--years", "10", "--pilots", "3"],
}
# What each must have said at the end, beside its tables.
PROVED = {
    "cohorts.py": "rows of re-referral, cases and ages are equal",
    "area_matching.py": "every distance and p-value agrees",
    "matching_people.py": "matched rows, L1 and LCS agree",
    "panel.py": "fixed effects agree",
    "people_specifications.py": "effects with CR1 agree",
    "logit.py": "effects with bare clustered errors agree",
    "specifications.py": "effects with CR1 agree",
    "whole_study.py": "to the same findings",
}


def test_every_benchmark_has_its_smallest_size_here():
    assert {path.name for path in BENCHMARKS.glob("*.py")} == {*SMALLEST, *ASKED_FOR}


@pytest.mark.parametrize("script", SMALLEST)
def test_it_runs_agrees_with_its_peers_and_prints_tables_of_numbers(script):
    path = os.pathsep.join([str(ROOT / "src"), os.environ.get("PYTHONPATH", "")])
    done = subprocess.run(
        [sys.executable, str(BENCHMARKS / script), *SMALLEST[script]],
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
        env={**os.environ, "PYTHONPATH": path},
    )
    assert done.returncode == 0, done.stderr
    assert PROVED.get(script, "") in done.stdout
    if SMALLEST[script]:
        rows = re.findall(r"^\|.*\d.*\|$", done.stdout, re.MULTILINE)
        assert len(rows) > 4
        assert not re.search(r"\b(nan|inf)\b", "".join(rows))
