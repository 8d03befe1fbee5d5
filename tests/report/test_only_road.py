"""The gate is the only road: what the report may import, and who may make released values."""

import ast
from pathlib import Path

SOURCE = Path(__file__).parents[2] / "src" / "whatworked"
RELEASED = {
    node.name
    for node in ast.parse((SOURCE / "disclosure" / "released.py").read_text(encoding="utf-8")).body
    if isinstance(node, ast.ClassDef)
}
MAY_IMPORT = ("whatworked.disclosure.released", "whatworked.errors", "whatworked.processes", "whatworked.report")


def modules(room):
    return sorted((SOURCE / room).rglob("*.py"))


def imported(path):
    """Return the modules of the package that a file imports, by their full names."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, path
            found.add(node.module)
    return {name for name in found if name.split(".")[0] == "whatworked"}


def test_the_report_imports_what_was_released_and_nothing_else_of_the_package():
    assert modules("report")
    strays = {
        (path.name, name) for path in modules("report") for name in imported(path) if not name.startswith(MAY_IMPORT)
    }
    assert strays == set()


def test_only_the_gate_imports_the_tables_and_only_the_tables_the_findings():
    assert {name for path in modules("tables") for name in imported(path) if ".disclosure" in name} == set()
    assert {name for path in modules("disclosure") for name in imported(path) if ".findings" in name} == set()


def test_released_values_are_made_in_the_room_of_the_gate_alone():
    assert {"Number", "Text", "Withheld", "NotApplicable", "ReleasedTable", "ReleasedDocument"} <= RELEASED
    made = set()
    for path in SOURCE.rglob("*.py"):
        if path.is_relative_to(SOURCE / "disclosure"):
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call):
                name = node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")
                if name in RELEASED:
                    made.add((path.name, name))
    assert made == set()


def test_nothing_in_the_report_replaces_a_field_of_a_released_value():
    for path in modules("report"):
        names = {
            node.id for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))) if isinstance(node, ast.Name)
        }
        assert "replace" not in names, path
