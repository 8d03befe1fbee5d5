"""Reading a released folder back, as a stranger would: pages parsed, workbooks opened, every word of every file."""

import re
import zipfile
from html.parser import HTMLParser
from pathlib import Path

VOID = {"meta", "img", "br", "link", "input", "hr"}


class Page(HTMLParser):
    """The page's tags in order with their attributes, and its visible text."""

    def __init__(self, html):
        super().__init__()
        self.tags, self.text, self.stack = [], [], []
        self.feed(html)

    def handle_starttag(self, tag, attributes):
        self.tags.append((tag, dict(attributes)))
        if tag not in VOID:
            self.stack.append(tag)

    def handle_endtag(self, tag):
        assert self.stack.pop() == tag

    def handle_data(self, data):
        if not {"style", "script", "title"} & set(self.stack):
            self.text.append((tuple(self.stack), data))

    def words(self, *, inside=None):
        return " ".join(data for stack, data in self.text if inside is None or inside in stack)


def everything_in(folder: Path) -> str:
    """Return the text of every file of a released folder; the drawn pixels are left out, nothing else."""
    found = []
    for path in sorted(folder.rglob("*")):
        if path.suffix == ".xlsx":
            with zipfile.ZipFile(path) as book:
                found += [book.read(name).decode("utf-8") for name in book.namelist()]
        elif path.suffix == ".html":
            found.append(re.sub(r"base64,[A-Za-z0-9+/=]*", "", path.read_text(encoding="utf-8")))
        elif path.suffix in {".csv", ".svg"}:
            found.append(path.read_text(encoding="utf-8"))
        elif path.is_file():
            assert path.suffix == ".png", path
    return "\n".join(found)
