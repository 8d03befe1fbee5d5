"""Write the reference pages that are read out of the code; `--check` says which are stale.

A page of reference cannot go wrong this way: the descriptions of the protocol's keys, the shape of
`findings.json` and the exit codes stand in the code alone.
"""

import ast
import json
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import typer
from pydantic import TypeAdapter

from whatworked import errors
from whatworked.cli import app
from whatworked.findings.files import json_schema
from whatworked.findings.model import Findings
from whatworked.protocol.model import Protocol
from whatworked.tables.deciders import DECIDERS
from whatworked.tables.references import REFERENCES
from whatworked.tables.register import Registered, cited, entry

ROOT = Path(__file__).parents[1]
GENERATED = "<!-- Written by docs/generate.py from {source}. Change the code, then run `make docs`. -->"

ABOUT_PROTOCOL = """\
A study is one TOML file. Unknown keys, wrong types and values out of range are refused, all mistakes at once."""
ABOUT_FINDINGS = """\
Everything a run computed, in exact numbers: the file stays inside. Its JSON Schema ships with the package, as
`whatworked/findings/schema.json`. A number that could not be had is null, and a
`note` or a reason beside it says why. Shares lie between 0 and 1, periods go by their labels, and the term of the
difference-in-differences is `pilot:post`."""
ABOUT_ERRORS = """\
A message says where the mistake stands (key, file or column), what was found, what is known and what to do. All
mistakes of a stage are listed at once. No message quotes a value of the records: names of tables, columns and areas,
and counts, only.

What a statistician expects to happen at times is no error: a pilot without a comparator, a coefficient that cannot be
identified, a test that four areas cannot carry. Such things are results with a reason, and the report prints them."""

ABOUT_COMMANDS = """\
Progress goes to stderr, results to stdout. `NO_COLOR` is respected and nothing is asked: a command runs the same in a
terminal and in a script. How a command ends: [errors and exit codes](errors.md)."""

ABOUT_METHODS = """\
Every numerical function: what it does, where it is published and what proves it, read from its docstring. A test fails
where one of them names no source, or a proof that does not exist. A report's technical appendix holds the lines of
those that the study used, and leads there from every table. Works are named in the short form; the full ones are
below."""

Schema = Mapping[str, Any]

# The rooms whose functions are methods.
NUMERICAL = ("estimation", "diagnostics", "matching", "rules", "disclosure")

# Where each part of a protocol stands in the file.
PLACES = {
    "Study": "`[study]`",
    "SchoolHoliday": "`school_holidays` of study",
    "AreaSeries": '`[records.NAME]` with `kind = "area_series"`',
    "Columns": "`columns` of records",
    "CalendarPeriods": "`period` of records, by the calendar",
    "ListedPeriod": "`period` of records, an entry of a list",
    "Events": '`[records.NAME]` with `kind = "events"`',
    "CinCensus": '`[records.NAME]` with `kind = "cin_census"`',
    "Ssda903": '`[records.NAME]` with `kind = "ssda903"`',
    "Npd": '`[records.NAME]` with `kind = "npd"`',
    "SchoolCensus": '`[records.NAME]` with `kind = "school_census"`',
    "EventColumns": "`columns` of records of events",
    "EventCovariate": "`covariates` of the columns of events",
    "CutPoints": "`coarsening`, by cut points",
    "EqualBins": "`coarsening`, by a number of bins",
    "AutomaticBins": "`coarsening`, by a rule",
    "Groups": "`coarsening`, by groups of levels",
    "AreaCovariates": '`[records.NAME]` with `kind = "area_covariates"`',
    "ContextColumns": "`columns` of covariates of areas",
    "AreaCovariate": "`covariates` of records, one of them",
    "Areas": "`[areas]`",
    "Pilot": "`pilots` of areas",
    "Successor": "`successors` of areas",
    "ExcludedArea": "`excluded` of areas",
    "PracticeModel": "`practice_models` of areas, an entry",
    "Inspection": "`ratings` of areas, an entry",
    "Matching": "`[matching]`",
    "Question": "`[[question]]`",
    "Outcome": "`outcome` of a question",
    "Stretch": "`window` and `margin` of an outcome",
    "OutlierRule": "`outliers` of an outcome",
    "YearsSince": "`since` of an outcome",
    "MatchingOverride": "`matching` of a question or variant",
    "LeaveOut": '`[[variant]]` with `kind = "leave_out"`',
    "OtherEstimator": '`[[variant]]` with `kind = "estimator"`',
    "Lags": '`[[variant]]` with `kind = "lags"`',
    "Rematch": '`[[variant]]` with `kind = "matching"`',
    "Reweight": '`[[variant]]` with `kind = "weight"`',
    "Redefine": '`[[variant]]` with `kind = "outcome"`',
    "Definition": "`outcome` of such a variant",
    "Cutoff": '`[[variant]]` with `kind = "cutoff"`',
    "SecondaryOutcome": '`[[variant]]` with `kind = "secondary_outcome"`',
    "Dose": '`[[variant]]` with `kind = "dose"`',
    "PracticeModels": '`[[variant]]` with `kind = "practice_models"`',
    "Triple": '`[[variant]]` with `kind = "triple"`',
    "OtherRules": '`[[variant]]` with `kind = "rule_set"`',
    "Thresholds": "`[thresholds]`",
    "Star": "`stars` of thresholds",
    "Quality": "`[quality]`",
    "Disclosure": "`[disclosure]`",
}
TYPES = {
    "string": "text",
    "integer": "whole number",
    "number": "number",
    "boolean": "`true` or `false`",
    "null": "null",
}
LIMITS = {
    "minimum": "at least {}",
    "exclusiveMinimum": "above {}",
    "maximum": "at most {}",
    "exclusiveMaximum": "below {}",
    "minItems": "at least {} of them",
    "maxLength": "at most {} characters",
    "pattern": "of the form `{}`",
}


def protocol_page() -> str:
    """Return the page of every key that a study file may hold."""
    schema = Protocol.model_json_schema()
    parts = schema["$defs"]
    unplaced = set(parts) ^ set(PLACES)
    if unplaced:
        raise SystemExit(f"docs/generate.py: PLACES and the protocol differ in {', '.join(sorted(unplaced))}")
    blocks = [
        "# The protocol",
        GENERATED.format(source="src/whatworked/protocol/model.py"),
        ABOUT_PROTOCOL,
        "## The file",
        table(schema, parts),
    ]
    for name, where in PLACES.items():
        blocks += [
            f'<a id="{anchor(name)}"></a>',
            f"## {where}",
            plain(parts[name]["description"]),
            table(parts[name], parts),
        ]
    return "\n\n".join(blocks) + "\n"


def findings_page() -> str:
    """Return the page of the shape of `findings.json`."""
    schema = TypeAdapter(Findings).json_schema(mode="serialization")
    parts = schema["$defs"]
    blocks = [
        "# findings.json",
        GENERATED.format(source="src/whatworked/findings/model.py"),
        ABOUT_FINDINGS,
        "## The file",
        table(schema, parts),
    ]
    for name in sorted(parts):
        words = plain(parts[name].get("description", ""))
        if "properties" in parts[name]:
            blocks += [f'<a id="{anchor(name)}"></a>', f"## {name}", words, table(parts[name], parts)]
        else:
            blocks += [f'<a id="{anchor(name)}"></a>', f"## {name}", words, kind(parts[name], parts)]
    return "\n\n".join(block for block in blocks if block) + "\n"


def errors_page() -> str:
    """Return the page of the exit codes and what an error says."""
    codes = {0: "done", 1: "done, but a diagnostic failed"}
    for error in errors.WhatWorkedError.__subclasses__():
        codes[error.exit_code] = f"`{error.__name__}`: {plain(error.__doc__ or '')}"
    blocks = [
        "# Errors and exit codes",
        GENERATED.format(source="src/whatworked/errors.py"),
        "A command ends with one of these codes.",
        "\n".join(["| code | meaning |", "| --- | --- |", *(f"| {code} | {codes[code]} |" for code in sorted(codes))]),
        ABOUT_ERRORS,
    ]
    return "\n\n".join(blocks) + "\n"


def commands_page() -> str:
    """Return the page of the commands."""
    group = typer.main.get_command(app)
    blocks = ["# Commands", GENERATED.format(source="src/whatworked/cli"), ABOUT_COMMANDS]
    for name, command in sorted(group.commands.items()):  # type: ignore[attr-defined]
        arguments = [one.metavar for one in command.params if one.param_type_name == "argument"]
        blocks += [f"## `{' '.join(['whatworked', name, *arguments])}`", command.help]
        rows = ["| option | meaning |", "| --- | --- |"]
        for one in command.params:
            rows.append(f"| `{one.metavar if one.param_type_name == 'argument' else one.opts[0]}` | {one.help} |")
        blocks.append("\n".join(rows))
    return "\n\n".join(blocks) + "\n"


def methods_page() -> str:
    """Return the register of methods."""
    blocks = ["# Methods", GENERATED.format(source="the docstrings of src/whatworked"), ABOUT_METHODS]
    works: set[str] = set()
    for room in NUMERICAL:
        rows = ["| function | what it does | published in | proved by | decision |", "| --- | --- | --- | --- | --- |"]
        for one in entries_of(room):
            works |= set(cited(one.source))
            proofs = ", ".join(f"[{Path(proof).name}](../../{proof})" for proof in one.proofs)
            decisions = ", ".join(f"[{number}]({decision_page(number)})" for number in one.decisions)
            cells = (f"`{one.name}`", one.does, one.source, proofs, decisions)
            rows.append("| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |")
        blocks += [f"## {room.capitalize()}", "\n".join(rows)]
    blocks += ["## Works", "\n".join(f"- **{work}**: {REFERENCES[work]}" for work in sorted(works))]
    return "\n\n".join(blocks) + "\n"


def entries_of(room: str) -> Iterator[Registered]:
    """Yield the register's entries of a room: its public functions that name a source, and every rule."""
    rules = {decider.registered().name: decider.registered() for decider in DECIDERS.values()}
    for path in sorted((ROOT / "src" / "whatworked" / room).rglob("*.py")):
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            if isinstance(node, ast.FunctionDef) and not node.name.startswith("_"):
                found = entry(f"{room}.{path.stem}.{node.name}", ast.get_docstring(node) or "")
                found = rules.get(found.name, found)
                if found.source or found.proofs:
                    yield found


def decision_page(number: str) -> str:
    """Return where a decision record stands, seen from the reference pages."""
    (page,) = (ROOT / "docs" / "decisions").glob(f"{number}-*.md")
    return f"../decisions/{page.name}"


def table(part: Schema, parts: Schema) -> str:
    """Return the table of a part's keys."""
    described = any("description" in key for key in part["properties"].values())
    lines = (
        ["| key | type | default | meaning |", "| --- | --- | --- | --- |"]
        if described
        else ["| key | type |", "| --- | --- |"]
    )
    required = set(part.get("required", ()))
    for name, key in part["properties"].items():
        cells = [f"`{name}`", kind(key, parts)]
        if described:
            cells[1] = cells[1].removesuffix(" or null")  # a key is left out, never written as null
            cells += ["required" if name in required else default(key), plain(key.get("description", ""))]
        lines.append("| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |")
    return "\n".join(lines)


def kind(key: Schema, parts: Schema) -> str:
    """Return a key's type in words."""
    if "$ref" in key:
        name = key["$ref"].rsplit("/", 1)[1]
        return f"[{plain_name(name)}](#{anchor(name)})"
    alternatives = key.get("anyOf") or key.get("oneOf")
    if alternatives:
        return " or ".join(dict.fromkeys(kind(one, parts) for one in alternatives))
    if "const" in key:
        return f'`"{key["const"]}"`'
    if "enum" in key:
        return " or ".join(f'`"{value}"`' for value in key["enum"])
    words = container(key, parts) or (
        "date" if key.get("format") == "date" else TYPES.get(key.get("type", ""), "anything")
    )
    return ", ".join([words, *limits(key)])


def container(key: Schema, parts: Schema) -> str | None:
    """Return the words for a list or a table of things, None for anything else."""
    if key.get("type") == "array" and "prefixItems" in key:
        return "list of " + ", ".join(kind(item, parts) for item in key["prefixItems"])
    if key.get("type") == "array":
        return f"list of {kind(key['items'], parts)}"
    if key.get("type") == "object":
        inner = key.get("additionalProperties") or next(iter(key.get("patternProperties", {}).values()), {})
        return f"table of {kind(inner, parts)}"
    return None


def limits(key: Schema) -> Iterator[str]:
    """Yield a key's limits in words."""
    for name, words in LIMITS.items():
        if name in key and not (name == "minItems" and "prefixItems" in key):
            yield words.format(key[name])


def default(key: Schema) -> str:
    """Return a key's default, as TOML would write it; an empty one is left blank."""
    match key.get("default"):
        case None | {} | [] | "":
            return ""
        case bool(value):
            return f"`{str(value).lower()}`"
        case str(value):
            return f'`"{value}"`'
        case int(value) | float(value):
            return f"`{value}`"
        case list(entries):
            return ", ".join(f"`{entry}`" if not isinstance(entry, dict) else f"`{inline(entry)}`" for entry in entries)
        case _:
            return "as described there"


def inline(entry: Mapping[str, Any]) -> str:
    """Return a table as TOML writes it on one line."""
    pairs = (f'{name} = "{value}"' if isinstance(value, str) else f"{name} = {value}" for name, value in entry.items())
    return "{ " + ", ".join(pairs) + " }"


def plain(words: str) -> str:
    """Return a docstring as one paragraph."""
    return " ".join(words.split())


def plain_name(name: str) -> str:
    """Return how a page calls a part."""
    return PLACES.get(name, name)


def anchor(name: str) -> str:
    """Return the anchor of a part on its page."""
    return name.lower()


def findings_schema() -> str:
    """Return the JSON Schema of `findings.json`, which ships with the package."""
    return json.dumps(json_schema(), indent=1, sort_keys=True) + "\n"


PAGES = {
    "docs/reference/commands.md": commands_page,
    "docs/reference/protocol.md": protocol_page,
    "docs/reference/findings.md": findings_page,
    "docs/reference/methods.md": methods_page,
    "docs/reference/errors.md": errors_page,
    "src/whatworked/findings/schema.json": findings_schema,
}


def stale() -> list[str]:
    """Return the names of the pages that differ from the code."""
    return [
        name
        for name, page in PAGES.items()
        if not (ROOT / name).is_file() or (ROOT / name).read_text(encoding="utf-8") != page()
    ]


def main() -> None:
    """Write the pages, or with `--check` name those that are stale."""
    if "--check" in sys.argv[1:]:
        found = stale()
        raise SystemExit(f"stale: {', '.join(found)}; run `make docs`" if found else 0)
    for name, page in PAGES.items():
        (ROOT / name).write_text(page(), encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main()
