"""Did the pilot work?

from whatworked import read_protocol, run

findings = run(read_protocol("study.toml"), out="run")
"""

from whatworked.findings.model import Findings
from whatworked.notebook.areas import match_areas
from whatworked.notebook.did import did
from whatworked.notebook.regression import regress
from whatworked.protocol.model import Protocol
from whatworked.protocol.read import read_protocol
from whatworked.study import run
from whatworked.version import __version__

__all__ = ["Findings", "Protocol", "__version__", "did", "match_areas", "read_protocol", "regress", "run"]
