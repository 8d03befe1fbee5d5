"""The register of methods: what each numerical function does, its source and its proof, read from its docstring."""

import inspect
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

# The Source of a docstring, as a section or in a line, up to the next blank line.
_SOURCE = re.compile(r"^Source(?:\n-{6}\n|: )(.*?)(?:\n\s*\n|\Z)", re.MULTILINE | re.DOTALL)
_PROOF = re.compile(r"tests/[\w/]+\.py")
_DECISIONS = re.compile(r"[Dd]ecisions? (\d{4})(?: and (\d{4}))?( of this project)?")


@dataclass(frozen=True, slots=True)
class Registered:
    """A numerical function: its name in the package, what it does, where it is published and what proves it."""

    name: str
    does: str
    source: str
    proofs: tuple[str, ...]
    decisions: tuple[str, ...]

    @property
    def proved(self) -> bool:
        """Whether the docstring names a proof."""
        return bool(self.proofs)


def registered(function: Callable[..., object]) -> Registered:
    """Return the entry of a function; without docstrings (`python -OO`) nothing is known but its name."""
    return entry(f"{function.__module__}.{function.__qualname__}", inspect.getdoc(function) or "")


def entry(name: str, docstring: str) -> Registered:
    """Return the entry that a docstring makes."""
    found = _SOURCE.search(docstring)
    told = " ".join(found[1].split()) if found else ""
    decisions = tuple(dict.fromkeys(number for match in _DECISIONS.finditer(told) for number in match.groups()[:2]))
    return Registered(
        name=name.removeprefix("whatworked."),
        does=" ".join(docstring.split("\n\n", maxsplit=1)[0].split()),
        source=_published(told),
        proofs=tuple(dict.fromkeys(_PROOF.findall(told))),
        decisions=tuple(number for number in decisions if number),
    )


def _published(told: str) -> str:
    """Return the source without the proofs and decisions that stand in columns of their own."""
    words = re.sub(r"\s*Proof: .*$", "", told)
    return re.sub(r"(?:^|(?<=[.;,])) ?[Dd]ecisions? \d{4}(?: and \d{4})?\.?$", "", words).strip(" .;,")


def cited(source: str) -> Iterator[str]:
    """Yield the works that a source names, as they are keyed in `whatworked.tables.references`."""
    for found in re.finditer(rf"({_NAMES})(?:['’]s)? \(((?:1[89]|20)\d\d)\)", source):
        yield f"{found[1]} ({found[2]})"


_NAME = r"[A-Z][\w’'-]*?[a-z]"
_NAMES = rf"{_NAME}(?:, {_NAME})*(?: & {_NAME}| et al\.)?"
