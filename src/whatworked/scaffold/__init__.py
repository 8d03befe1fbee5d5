"""Folders to start from: an invented study that runs as it stands, and an empty one to fill in."""

from whatworked.scaffold.demo import write_demo
from whatworked.scaffold.new import write_new

__all__ = ["write_demo", "write_new"]
