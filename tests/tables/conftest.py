"""Lets the tests of this folder import the invented findings of the report's tests."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "report"))
