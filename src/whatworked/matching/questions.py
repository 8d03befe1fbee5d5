"""Comparators for one question, from its series and the protocol."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

from whatworked.cells import Dropped
from whatworked.engine.interface import Engine
from whatworked.errors import Mistake, ProtocolError, RecordsError
from whatworked.matching.groups import Matches, baseline_of, match_areas_by_trend, override, read_match_file
from whatworked.matching.series import baseline_panel
from whatworked.matching.trends import LEAST_PERIODS, Panel
from whatworked.protocol.matching import Matching
from whatworked.protocol.model import AreaSeries, Protocol, Question
from whatworked.protocol.people import Events
from whatworked.records.area_series import AreaTable
from whatworked.vocabulary import Phase, phase_of

# A match that is given needs no trend, only something to compare with.
LEAST_GIVEN = 1
NO_ROW = "the records hold no row of it that the question looks at"


@dataclass(frozen=True)
class Searched:
    """What a search for comparators looks at: a question, its series, the days in which its outcomes may still fall.

    `held` are the areas that the records hold; the question's series may have no row of some of them.
    """

    protocol: Protocol
    question: Question
    table: AreaTable
    window: int
    held: Collection[str]
    match_files: Mapping[str, tuple[str, Path]]


def match_question(engine: Engine, searched: Searched, matching: Matching) -> Matches:
    """Choose the comparators of every pilot on baseline periods alone, or take them from the match file."""
    protocol, table = searched.protocol, searched.table
    # An event near the start says something of the time after it: its outcome falls within the window.
    window = timedelta(days=searched.window)
    pilots = [pilot.model_copy(update={"start": pilot.start - window}) for pilot in protocol.areas.pilots]
    panel = baseline_panel(engine, table, pilots)
    _check_series(searched, panel, least=LEAST_PERIODS if matching.match_file is None else LEAST_GIVEN)
    barred = {pilot.area: "it is a pilot" for pilot in pilots} | protocol.excluded()
    absent = tuple(Dropped(pilot.area, NO_ROW) for pilot in pilots if pilot.area not in panel.areas)
    present = [pilot for pilot in pilots if pilot.area in panel.areas]
    found = match_areas_by_trend(panel, present, periods=table.periods, barred=barred, matching=matching)
    if matching.match_file is not None:
        where, path = searched.match_files[matching.match_file]
        pairs = read_match_file(path, where=where, pilots=pilots, areas=panel.areas, barred=barred)
        found = override(found, pairs, present)
    return replace(found, dropped=(*absent, *found.dropped)).dated(protocol.areas.pilots)


def _check_series(searched: Searched, panel: Panel, *, least: int) -> None:
    """Refuse what only the records can show: pilots that they do not hold, too few periods before or none after."""
    protocol, question, periods = searched.protocol, searched.question, searched.table.periods
    unknown = [
        Mistake(
            f"areas.pilots[{i}].area",
            f'no rows for "{pilot.area}" in the records of question {question.key}.',
            _as_written(protocol, question),
        )
        for i, pilot in enumerate(protocol.areas.pilots)
        if pilot.area not in panel.areas and pilot.area not in searched.held
    ]
    if unknown:
        raise RecordsError(unknown)
    mistakes = []
    for i, pilot in enumerate(protocol.areas.pilots):
        before = int(baseline_of(pilot, periods).sum())
        where = f"areas.pilots[{i}]"
        if before < least:
            found = f"the records of question {question.key} hold too few periods that end before its start ({before})."
            mistakes.append(
                Mistake(where, found, f"At least {least} {'is' if least == 1 else 'are'} needed: use longer records.")
            )
        if not any(phase_of(p, pilot.start, pilot.embedded) is Phase.POST for p in periods):
            found = f"the records of question {question.key} hold no period after its start or embedded date."
            mistakes.append(Mistake(where, found, "Use later records, or mend the dates."))
    if mistakes:
        raise ProtocolError(mistakes)


def _as_written(protocol: Protocol, question: Question) -> str:
    table = protocol.tables.get(question.table)
    if isinstance(table, AreaSeries | Events):
        return f"Give the code as the column {table.columns.area} writes it."
    return "Give the code as the returns write it."
