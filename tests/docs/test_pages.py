"""What the pages tell a reader to do works: commands, protocols and Python, in the order of the page."""

import json
import os
import re
import subprocess
import sys
import tomllib
from dataclasses import asdict
from pathlib import Path

import pytest

from whatworked.errors import ProtocolError
from whatworked.protocol.read import parse_protocol
from whatworked.records.numbers import MARKS
from whatworked.rules.trends import judge_trends
from whatworked.scaffold import write_demo

ROOT = Path(__file__).parents[2]
FENCE = re.compile(r"^```(\w+)(?: ([^\n]+))?\n(.*?)^```$", re.MULTILINE | re.DOTALL)
PAGES = sorted([*ROOT.glob("docs/how-to/*.md"), *ROOT.glob("docs/explanation/*.md")])


def blocks(page: Path, language: str) -> list[str]:
    return [body for found, _, body in FENCE.findall(page.read_text(encoding="utf-8")) if found == language]


def merged(base: dict, given: dict) -> dict:
    both = dict(base)
    for key, value in given.items():
        both[key] = merged(both[key], value) if isinstance(value, dict) and isinstance(both.get(key), dict) else value
    return both


def as_toml(value) -> str:
    match value:
        case dict():
            return "{ " + ", ".join(f'"{key}" = {as_toml(inner)}' for key, inner in value.items()) + " }"
        case list():
            return "[" + ", ".join(map(as_toml, value)) + "]"
        case bool():
            return str(value).lower()
        case str():
            return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'
        case _:
            return str(value)


@pytest.mark.parametrize(
    ("page", "block"),
    [
        pytest.param(page, block, id=f"{page.stem}-{number}")
        for page in PAGES
        for number, block in enumerate(blocks(page, "toml"))
    ],
)
def test_every_piece_of_a_protocol_on_a_page_is_accepted_in_its_place(page, block, tmp_path):
    whole = tomllib.loads(write_demo(tmp_path / "demo").read_text(encoding="utf-8"))
    del whole["variant"]  # one of them needs the denominator, which a shorter mapping leaves out
    piece = tomllib.loads(block)
    if not any(
        isinstance(value, dict) and key in {"study", "records", "areas", "disclosure", "quality"}
        for key, value in piece.items()
    ):
        piece = {"records": {"plans": piece}}  # keys of a table of records, shown by themselves
    if "columns" in piece.get("records", {}).get("plans", {}):
        whole["records"]["plans"] = {}
    text = "\n".join(f"{key} = {as_toml(value)}" for key, value in merged(whole, piece).items())
    assert parse_protocol(text, tmp_path).records["plans"].kind == "area_series"


def test_the_page_on_files_names_every_mark():
    page = (ROOT / "docs" / "how-to" / "map-your-file.md").read_text(encoding="utf-8")
    assert not [mark for mark in MARKS if mark != "blank" and f"`{mark}`" not in page]


def test_the_decision_on_the_page_is_one_that_the_rule_takes():
    (shown,) = blocks(ROOT / "docs" / "how-to" / "read-a-decision.md", "json")
    taken = asdict(judge_trends(leads=5, insignificant=4, significance=0.05))
    assert json.loads(shown) == json.loads(json.dumps(taken))


@pytest.fixture(scope="module")
def walked(tmp_path_factory):
    """Do what the tutorial says, in order, and return the folder and what each step printed."""
    folder = tmp_path_factory.mktemp("tutorial")
    printed = []
    for language, name, body in FENCE.findall((ROOT / "docs" / "tutorial.md").read_text(encoding="utf-8")):
        match language:
            case "console":
                for line in body.splitlines():
                    command, *arguments = line.split()
                    assert command == "whatworked"
                    printed.append(do(folder, "-c", "from whatworked.cli import main; main()", *arguments))
            case "toml":
                (folder / name).write_text(body, encoding="utf-8")
            case "python":
                printed.append(do(folder, "-c", body))
            case _:
                pytest.fail(f"a block of the tutorial that nobody runs: {language}")
    return folder, printed


def do(folder: Path, *arguments: str) -> str:
    source = os.pathsep.join([str(ROOT / "src"), os.environ.get("PYTHONPATH", "")])
    done = subprocess.run(
        [sys.executable, *arguments],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "PYTHONPATH": source},
        timeout=120,
    )
    assert done.returncode in {0, 1}, done.stderr  # 1: done, but a diagnostic failed
    return done.stdout


def test_the_tutorial_leads_to_a_report_that_holds_the_planted_effect(walked):
    folder, printed = walked
    report = (folder / "my_study" / "run" / "release" / "report.html").read_text(encoding="utf-8")
    assert "child protection plans" in report
    assert printed[-1].splitlines()[-1] == "planted -12"


def test_the_page_on_the_report_names_the_headings_that_the_report_has(walked):
    folder, _ = walked
    report = (folder / "my_study" / "run" / "release" / "report.html").read_text(encoding="utf-8")
    headings = [
        " ".join(re.sub(r"<[^>]+>", "", heading).split())
        for heading in re.findall(r"<h[23][^>]*>(.*?)</h", report, re.DOTALL)
    ]
    # some chapters have a heading only where there is something to say under it
    chapter = (ROOT / "src" / "whatworked" / "report" / "templates" / "chapter.html.j2").read_text(encoding="utf-8")
    headings += re.findall(r"<h3>([^{<]+)</h3>", chapter)
    page = (ROOT / "docs" / "how-to" / "read-the-report.md").read_text(encoding="utf-8")
    named = [words.rstrip(".") for words in re.findall(r"\*\*([^*]+)\*\*", page)]
    named.remove("The answer in a sentence")  # a paragraph, whose heading is the question itself
    assert len(named) > 5
    assert not set(named) - set(headings)


def test_the_tutorial_says_truly_who_is_dropped(walked):
    folder, _ = walked
    (question,) = json.loads((folder / "my_study" / "run" / "findings.json").read_text(encoding="utf-8"))["questions"]
    assert [one["pilot"] for one in question["areas"]["dropped"]] == ["A57"]
    report = (folder / "my_study" / "run" / "release" / "report.html").read_text(encoding="utf-8")
    assert "Ivorywick" in report


def test_the_mistake_that_the_tutorial_suggests_is_found_with_the_right_name_beside_it(walked):
    folder, _ = walked
    study = (folder / "my_study" / "study.toml").read_text(encoding="utf-8")
    (folder / "my_study" / "mistaken.toml").write_text(study.replace("plans_rate", "plan_rate"), encoding="utf-8")
    command = [sys.executable, "-c", "from whatworked.cli import main; main()"]
    done = subprocess.run(
        [*command, "check", "my_study/mistaken.toml", "--data", "demo/data"],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "PYTHONPATH": str(ROOT / "src")},
        timeout=120,
    )
    assert done.returncode == ProtocolError.exit_code
    assert "plan_rate" in done.stderr
    assert "plans_rate" in done.stderr


@pytest.mark.parametrize("page", [ROOT / "README.md", ROOT / "CONTRIBUTING.md"], ids=lambda path: path.stem)
def test_every_make_target_that_a_page_names_exists(page):
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    named = set(re.findall(r"^make ([a-z]+)|`make ([a-z]+)`", page.read_text(encoding="utf-8"), re.MULTILINE))
    assert {first or second for first, second in named} <= targets
