"""Folders to start from: invented studies that run as they stand, and an empty one to fill in."""

from whatworked.scaffold.demo import write_demo
from whatworked.scaffold.new import write_new
from whatworked.scaffold.nine_pilots import write_nine_pilots

__all__ = ["write_demo", "write_new", "write_nine_pilots"]
