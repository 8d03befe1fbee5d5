"""The version of the package, which stands in every artefact's key and in every manifest."""

import platform
from importlib.metadata import version

__version__ = "0.1.0"
LIBRARIES = ("duckdb", "numpy", "scipy", "vl-convert-python")


def versions() -> dict[str, str]:
    """Return the versions of what numbers and pictures are made with."""
    own = {"whatworked": __version__, "python": platform.python_version()}
    return own | {library: version(library) for library in LIBRARIES}
