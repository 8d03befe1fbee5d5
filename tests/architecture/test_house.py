"""What keeps the house in order: lengths, sources of methods, the contract of the rooms."""

import ast
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SOURCE = ROOT / "src" / "whatworked"
LONGEST_FILE = 400
FILES = sorted(SOURCE.rglob("*.py"))
NAMELESS = {"utils", "helpers", "common", "base", "misc"}


def place(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def public_functions(room: str) -> Iterator[tuple[str, ast.FunctionDef]]:
    for path in sorted((SOURCE / room).rglob("*.py")):
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            if isinstance(node, ast.FunctionDef) and not node.name.startswith("_"):
                yield f"{place(path)}::{node.name}", node


def rooms() -> set[str]:
    found = {path.stem for path in SOURCE.glob("*.py")} | {path.parent.name for path in SOURCE.glob("*/__init__.py")}
    return found - {"__init__"}


@pytest.mark.parametrize("path", FILES, ids=place)
def test_no_file_is_longer_than_can_be_read_at_once(path):
    assert len(path.read_text(encoding="utf-8").splitlines()) <= LONGEST_FILE


def test_no_module_goes_by_a_name_that_says_nothing():
    assert not [place(path) for path in FILES if path.stem in NAMELESS or path.parent.name in NAMELESS]


@pytest.mark.parametrize("room", ["estimation", "diagnostics", "matching", "rules"])
def test_every_public_function_of_the_numerical_rooms_says_what_it_does(room):
    assert not [name for name, function in public_functions(room) if not ast.get_docstring(function)]


@pytest.mark.parametrize("room", ["estimation", "diagnostics"])
def test_every_numerical_method_names_its_source(room):
    functions = list(public_functions(room))
    assert functions
    without = [name for name, function in functions if takes_or_gives_numbers(function) and not has_source(function)]
    assert not without


def takes_or_gives_numbers(function: ast.FunctionDef) -> bool:
    return ast.unparse(function.returns or ast.Constant(None)) not in {"str", "bool", "tuple[str, ...]", "None"}


def has_source(function: ast.FunctionDef) -> bool:
    return re.search(r"^Source\n-{6}$", ast.get_docstring(function) or "", re.MULTILINE) is not None


def test_every_proof_that_a_docstring_names_exists():
    named = {
        (place(path), proof)
        for path in FILES
        for proof in re.findall(r"tests/[\w/]+\.py", path.read_text(encoding="utf-8"))
    }
    assert not {(where, proof) for where, proof in named if not (ROOT / proof).is_file()}


def test_every_decision_that_a_docstring_or_a_page_names_exists():
    pages = [*FILES, *sorted(ROOT.glob("docs/**/*.md")), *sorted(ROOT.glob("*.md"))]
    decisions = {path.name[:4] for path in (ROOT / "docs" / "decisions").glob("[0-9]*.md")}
    named = {
        (place(path), number)
        for path in pages
        for number in re.findall(r"[Dd]ecision (\d{4})", path.read_text(encoding="utf-8"))
    }
    assert decisions
    assert not {(where, number) for where, number in named if number not in decisions}


def test_every_decision_has_the_five_headings():
    headings = ["Question", "Considered", "Chosen, because", "Consequences", "Confirmed by"]
    for page in sorted((ROOT / "docs" / "decisions").glob("[0-9]*.md")):
        found = re.findall(r"^## (.*)$", page.read_text(encoding="utf-8"), re.MULTILINE)
        assert found == headings, page.name


def contract() -> list[str]:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    (layers,) = [c for c in project["tool"]["importlinter"]["contracts"] if c["type"] == "layers"]
    assert layers["exhaustive"] is True
    return [room.strip() for layer in layers["layers"] for room in layer.split("|")]


def test_every_room_has_its_place_in_the_contract():
    assert rooms() == {room for room in contract() if not room.startswith("(")}


def test_the_version_is_the_same_wherever_it_stands():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"]
    assert f'__version__ = "{project}"' in (SOURCE / "version.py").read_text(encoding="utf-8")
    assert f"## {project}" in (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")


def test_every_room_has_its_place_in_the_map():
    page = (ROOT / "docs" / "index.md").read_text(encoding="utf-8")
    assert not {room for room in rooms() if f"`{room}" not in page}


def test_every_noun_of_the_glossary_has_an_owner_that_exists():
    rows = re.findall(r"^\| .* \| `([\w/]+\.py)` \|$", (ROOT / "GLOSSARY.md").read_text(encoding="utf-8"), re.MULTILINE)
    assert len(rows) > 30
    assert not [owner for owner in rows if not (SOURCE / owner).is_file()]


def test_every_link_of_the_pages_leads_somewhere():
    broken = []
    for page in [
        *sorted(ROOT.glob("*.md")),
        *sorted(ROOT.glob("docs/**/*.md")),
        *sorted(ROOT.glob("examples/**/*.md")),
    ]:
        text = page.read_text(encoding="utf-8")
        for target, fragment in re.findall(r"\]\(([^)#\s]*)(#[^)\s]*)?\)", text):
            goal = page.parent / target if target else page
            if not goal.exists() or (fragment and f'<a id="{fragment[1:]}">' not in goal.read_text(encoding="utf-8")):
                broken.append(f"{place(page)}: {target}{fragment}")
    assert not broken
