"""Names that attack: whatever areas, pilots, columns and titles are called, the numbers stay the same."""

import csv
import json
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from command_line import contents, invoke
from hypothesis import given, settings
from hypothesis import strategies as st
from invented_study import AREAS, invented, write_study

from whatworked import read_protocol, run
from whatworked.findings.files import to_json

PIECES = [
    '"',
    "'",
    "';--",
    '"; DROP TABLE records_rates; --',
    "' OR '1'='1",
    "<script>alert(1)</script>",
    "</td><img src=x onerror=alert(1)>",
    "&amp;",
    "{estimate}",
    "{0.__class__}",
    "{{ 7 * 7 }}",
    "%s%n",
    "\\",
    "\\u0041",
    "=cmd|'/C calc'!A0",
    "+1",
    "-1",
    "@SUM(A1)",
    "$(id)",
    "`id`",
    "../..",
    "a,b",
    "\t",
    "NaN",
    "NULL",
    "é",
    "e\u0301",
    "研究",
    "🏴󠁧󠁢󠁷󠁬󠁳󠁿",
    "\u202eleft",
    "\u00a0",
    "\ufeff",
    "[[c]]",
    "pilot:post",
    "Pilot 1",
    "A05",
    "12",
    "x" * 250,
]
NAMES = st.lists(st.sampled_from(PIECES), min_size=1, max_size=4).map("".join).map(lambda name: name[:280])


def as_toml(text):
    escaped = "".join(c if c >= " " and c not in '"\\\x7f' else f"\\u{ord(c):04x}" for c in text)
    return f'"{escaped}"'


def renamed(folder, *, code, name, label, title, column):
    """Write the invented study with everything renamed; codes keep their order, by which ties are broken."""
    study = write_study(folder, invented(), extra='[[variant]]\nkind = "leave_out"\npilots = "each"\n')
    table = folder / "rates.csv"
    with table.open(encoding="utf-8", newline="") as file:
        rows = list(csv.reader(file))
    for row in rows[1:]:
        row[0], row[1] = row[0] + code, name + row[1]
    rows[0][3] += column
    with table.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows(rows)
    text = study.read_text(encoding="utf-8")
    for i in range(AREAS):
        text = text.replace(f'"A{i:02d}"', as_toml(f"A{i:02d}{code}"))
    for i in range(4):
        text = text.replace(f'"Pilot {i + 1}"', as_toml(f"{label}{i + 1}"))
    text = text.replace('value = "rate"', f"value = {as_toml('rate' + column)}")
    for plain in ('"An invented study"', '"Did it work?"', '"Did the rate fall?"', '"the rate"', '"Invented"'):
        text = text.replace(plain, as_toml(title))
    study.write_text(text, encoding="utf-8")
    return study


def numbers_in(value):
    """Return every number of a document in its order, and None where there is none."""
    if isinstance(value, dict):
        return [number for inner in value.values() for number in numbers_in(inner)]
    if isinstance(value, list):
        return [number for inner in value for number in numbers_in(inner)]
    return [value] if isinstance(value, int | float | None) else []


def numbers_of(study):
    return numbers_in(json.loads(to_json(run(read_protocol(study)))))


@pytest.fixture(scope="module")
def plain(tmp_path_factory):
    folder = tmp_path_factory.mktemp("plain") / "study"
    return numbers_of(renamed(folder, code="", name="", label="P", title="T", column=""))


@settings(max_examples=25, deadline=None, derandomize=True)
@given(code=NAMES, name=NAMES, label=NAMES, title=NAMES, column=NAMES)
def test_no_name_changes_a_number(plain, code, name, label, title, column):
    with TemporaryDirectory() as folder:
        # Space at the end of a code or of a column's name is no part of it.
        study = renamed(
            Path(folder) / "study", code=code.rstrip(), name=name, label=label, title=title, column=column.rstrip()
        )
        found = numbers_of(study)
    assert len(plain) > 500
    assert len(found) == len(plain)
    assert [pair for pair in zip(found, plain, strict=True) if pair[0] != pair[1]] == []


ATTACK = "<script>alert(1)</script>\"';DROP TABLE x;--{estimate}{{ 7 * 7 }}=1+1\u202e"


def test_a_whole_run_of_attacking_names_writes_a_report_in_which_they_are_words(tmp_path):
    study = renamed(tmp_path / "study", code=ATTACK, name=ATTACK, label=ATTACK, title=ATTACK, column=ATTACK)
    plain = renamed(tmp_path / "plain", code="", name="", label="P", title="T", column="")
    told = [invoke("run", study), invoke("run", plain)]
    assert [result.exit_code for result in told] == [0, 0]
    made, usual = (set(contents(path.parent / "run" / "release")) for path in (study, plain))
    assert made == usual
    report = (study.parent / "run" / "release" / "report.html").read_text(encoding="utf-8")
    assert "<script" not in report
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in report
    assert "{{ 7 * 7 }}" in report
    for command in ("check", "run"):
        result = invoke(command, study)
        assert result.exit_code == 0
        assert "\u202e" not in result.stdout
