"""Findings as JSON, both ways, and the schema that describes them."""

from typing import Any

from pydantic import TypeAdapter, ValidationError

from whatworked.errors import Mistake, UsageError
from whatworked.findings.model import Findings

_ADAPTER = TypeAdapter(Findings)


def to_json(findings: Findings) -> str:
    """Return findings as indented JSON: the same findings give the same bytes."""
    return _ADAPTER.dump_json(findings, indent=1).decode() + "\n"


def from_json(text: str, *, where: str) -> Findings:
    """Return the findings that `to_json` wrote; a file that holds something else is a usage error."""
    try:
        return _ADAPTER.validate_json(text)
    except ValidationError as problems:
        advice = "Give the folder of a finished run, made by this version of whatworked."
        raise UsageError(
            Mistake(where, f"these are no findings ({problems.error_count()} mistakes).", advice)
        ) from None


def json_schema() -> dict[str, Any]:
    """Return the JSON Schema of `findings.json`."""
    return _ADAPTER.json_schema(mode="serialization")
