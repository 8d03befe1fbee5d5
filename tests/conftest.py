"""Lets the tests of this folder import the invented studies beside them, and run studies without their pictures."""

import sys
from pathlib import Path

import pytest

from whatworked.report.figures.drawing import Drawn

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE))


def pytest_collection_modifyitems(items):
    """Begin with whole studies, which stand in this folder itself: short tests fill what time is left at the end."""
    items.sort(key=lambda item: item.path.parent != HERE)


@pytest.fixture(scope="module")
def undrawn():
    """Write reports whose pictures are a blank one: drawing takes most of a small run, and is proved elsewhere."""

    def drawn(figures):
        return [Drawn(one) if one.picture is None else Drawn(one, "<svg/>", "<svg/>", b"png") for one in figures]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("whatworked.report.write.drawn", drawn)
        yield
