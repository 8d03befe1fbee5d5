"""The page on balance: its Python runs, and prints what the page shows."""

import contextlib
import io
import re
from pathlib import Path

PAGE = Path(__file__).parents[2] / "docs" / "explanation" / "reading-balance.md"
FENCE = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def test_every_piece_of_code_prints_what_stands_below_it():
    blocks = FENCE.findall(PAGE.read_text(encoding="utf-8"))
    assert [language for language, _ in blocks] == ["python", "text"] * 4
    names = {}
    for (_, code), (_, shown) in zip(blocks[::2], blocks[1::2], strict=True):
        printed = io.StringIO()
        with contextlib.redirect_stdout(printed):
            exec(code, names)
        assert printed.getvalue() == shown
