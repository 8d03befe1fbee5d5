"""Did the pilot work?

from whatworked import read_protocol, run

findings = run(read_protocol("study.toml"), out="run")
"""

from whatworked.estimation.coarsening import Bins, Cuts, FreedmanDiaconis, Grouping, Scott, Sturges
from whatworked.findings.model import Findings
from whatworked.notebook.areas import match_areas
from whatworked.notebook.balance import balance
from whatworked.notebook.cem import cem
from whatworked.notebook.did import did
from whatworked.notebook.event_study import event_study
from whatworked.notebook.regression import regress
from whatworked.protocol.model import Protocol
from whatworked.protocol.read import read_protocol
from whatworked.study import run
from whatworked.version import __version__

__all__ = [
    "Bins",
    "Cuts",
    "Findings",
    "FreedmanDiaconis",
    "Grouping",
    "Protocol",
    "Scott",
    "Sturges",
    "__version__",
    "balance",
    "cem",
    "did",
    "event_study",
    "match_areas",
    "read_protocol",
    "regress",
    "run",
]
