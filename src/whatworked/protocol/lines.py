"""On which line of a TOML text each key stands, which the reader of TOML does not tell."""

import re
import tomllib
from bisect import bisect_right

from whatworked.protocol.places import Part

Place = tuple[Part, ...]

# What may stand between two things: blanks, ends of lines, commas of lists and tables, comments.
_BETWEEN = re.compile(r"(?:[\s,]|#[^\n]*)*+")
# A key with its dots, up to the sign that ends it.
_KEY = re.compile(r"""(?:"(?:[^"\\\n]|\\.)*+"|'[^'\n]*+'|[^"'=\]#\n])++""")
_TEXT = re.compile(
    r'''"""(?:[^"\\]|\\.|"(?!""))*+"{3,5}|\'{3}(?:[^']|'(?!''))*+'{3,5}'''
    r"""|"(?:[^"\\\n]|\\.)*+"|'[^'\n]*+'""",
    re.DOTALL,
)
_PLAIN = re.compile(r"[^,\]}#\n]++")


def key_lines(text: str) -> dict[Place, int]:
    """Return the line, counted from 1, of every key, table and entry of a list; `text` is proper TOML."""
    return _Reader(text).read()


class _Reader:
    """Goes once through a text, keeping the path of tables and the place reached."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._at = 0
        self._ends = [found.start() for found in re.finditer("\n", text)]
        self._lines: dict[Place, int] = {}
        self._entries: dict[Place, int] = {}

    def read(self) -> dict[Place, int]:
        table: Place = ()
        while self._next():
            if self._text[self._at] == "[":
                table = self._header()
            else:
                self._pair(table)
        return self._lines

    def _next(self) -> bool:
        """Go to what comes next, and say whether anything does."""
        self._take(_BETWEEN)
        return self._at < len(self._text)

    def _header(self) -> Place:
        listed = self._text.startswith("[[", self._at)
        line = self._line()
        self._at += 2 if listed else 1
        *above, last = self._names()
        self._at += 2 if listed else 1
        table: Place = ()
        for name in above:
            self._lines.setdefault((*table, name), line)
            table = self._newest((*table, name))
        table = (*table, last)
        if not listed:
            table = self._newest(table)
        else:
            self._lines.setdefault(table, line)
            self._entries[table] = self._entries.get(table, -1) + 1
            table = self._newest(table)
        self._lines.setdefault(table, line)
        return table

    def _newest(self, table: Place) -> Place:
        """Return a table, or of a list of tables its newest entry."""
        return (*table, self._entries[table]) if table in self._entries else table

    def _pair(self, table: Place) -> None:
        line = self._line()
        for name in self._names():
            table = (*table, name)
            self._lines.setdefault(table, line)
        self._at = self._text.index("=", self._at) + 1
        self._value(table)

    def _value(self, place: Place) -> None:
        self._take(_BETWEEN)
        match self._text[self._at]:
            case "[":
                self._at += 1
                entry = 0
                while self._next() and self._text[self._at] != "]":
                    self._lines[*place, entry] = self._line()
                    self._value((*place, entry))
                    entry += 1
                self._at += 1
            case "{":
                self._at += 1
                while self._next() and self._text[self._at] != "}":
                    self._pair(place)
                self._at += 1
            case '"' | "'":
                self._take(_TEXT)
            case _:
                self._take(_PLAIN)

    def _names(self) -> list[str]:
        """Return the parts of the key that stands here; the reader of TOML knows what its quotes mean."""
        names: list[str] = []
        inner: object = tomllib.loads(f"{self._take(_KEY).strip()} = 0")
        while isinstance(inner, dict):
            ((name, inner),) = inner.items()
            names.append(name)
        return names

    def _take(self, pattern: re.Pattern[str]) -> str:
        found = pattern.match(self._text, self._at)
        if found is None:
            raise ValueError(f"no proper TOML at line {self._line()}")
        self._at = found.end()
        return found[0]

    def _line(self) -> int:
        return bisect_right(self._ends, self._at - 1) + 1
