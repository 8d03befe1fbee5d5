"""The repository names no package index and no path of anyone's machine."""

import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
# Written in pieces, so that this file does not name what it forbids.
HOSTS = re.compile(r"(py" + r"pi|python" + r"hosted|index-" + r"url|find-" + r"links|npm" + r"js)", re.IGNORECASE)
PATHS = re.compile(r"(?<![\w.])/(home|root|Users|opt|work)/|[A-Z]:\\Users")


def tracked() -> list[Path]:
    try:
        listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True, text=True)
    except (FileNotFoundError, subprocess.CalledProcessError):
        pytest.skip("not a git checkout")
    return [ROOT / name for name in listed.stdout.split("\0") if name and (ROOT / name).is_file()]


def lines_matching(pattern: re.Pattern[str]) -> list[str]:
    found = []
    for path in tracked():
        try:
            text = path.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue
        found += [
            f"{path.relative_to(ROOT)}:{n}" for n, line in enumerate(text.splitlines(), 1) if pattern.search(line)
        ]
    return found


def test_no_file_names_a_package_index():
    assert not lines_matching(HOSTS)


def test_no_file_names_a_path_of_a_machine():
    assert not lines_matching(PATHS)


@pytest.mark.parametrize("name", ["run.txt", "dev.txt"])
def test_every_locked_requirement_carries_its_hashes(name):
    text = (ROOT / "requirements" / name).read_text(encoding="utf-8")
    entries = re.split(r"\n(?=[a-z])", re.sub(r"^\s*#.*\n", "", text, flags=re.MULTILINE).strip())
    assert len(entries) > 15
    assert all(re.match(r"[\w.-]+==\S+", entry) and "--hash=sha256:" in entry for entry in entries)


def test_the_two_lock_files_agree():
    def pins(name: str) -> set[str]:
        text = (ROOT / "requirements" / name).read_text(encoding="utf-8")
        return set(re.findall(r"^([a-z][^\\]*?) \\$", text, flags=re.MULTILINE))

    assert pins("run.txt") <= pins("dev.txt")
