"""Where a protocol contradicts itself: all contradictions at once, found without a look at the records."""

import math
import re
from collections.abc import Iterator

from whatworked.errors import Mistake
from whatworked.protocol.check_contexts import context_contradictions
from whatworked.protocol.check_questions import question_contradictions
from whatworked.protocol.check_records import records_contradictions
from whatworked.protocol.check_secondary import secondary_contradictions
from whatworked.protocol.check_timing import timing_contradictions
from whatworked.protocol.model import Protocol
from whatworked.protocol.places import question_places, quoted
from whatworked.protocol.variants import Rematch

_ELSEWHERE = re.compile(r"[/~]|[A-Za-z]:")
_PATTERN = re.compile(r"[*?\[]")
_SPREADSHEETS = (".xlsx", ".xlsm", ".xlsb", ".xls", ".ods")


def contradictions(protocol: Protocol) -> tuple[Mistake, ...]:
    """Return everything in a protocol that cannot be true at once, roughly in the order of the file."""
    window = tuple(_window(protocol))
    # Against a window that is turned round every date would be wrong.
    timing = () if window else (*_starts(protocol), *timing_contradictions(protocol))
    found = (
        *window,
        *_holidays(protocol),
        *_records(protocol),
        *_pilots(protocol),
        *timing,
        *_excluded(protocol),
        *_successors(protocol),
        *_match_files(protocol),
        *question_contradictions(protocol),
        *context_contradictions(protocol),
        *secondary_contradictions(protocol),
        *_thresholds(protocol),
    )
    return tuple(dict.fromkeys(found))


def path_mistake(key_path: str, path: str, *, endings: tuple[str, ...] = (".csv", ".parquet")) -> Mistake | None:
    """Return what is wrong with the path of a data file, None if nothing is.

    A path names one file below the study's folder, in a form that means the same on every system.
    """
    below = 'Write the way from the study\'s folder with forward slashes, such as "data/plans.csv".'
    ending = path.lower()
    faults = (
        (not path.strip(), "is empty.", "Name a file inside the study's folder."),
        ("://" in path, "is an address.", "Download the file into the study's folder and name it here."),
        (_ELSEWHERE.match(path) or "\\" in path, "does not start from the study's folder.", below),
        (".." in path.split("/"), "leads out of the study's folder.", "Put the file inside it, or give --data."),
        (not path.isprintable(), "holds control characters.", below),
        (_PATTERN.search(path), "stands for several files.", "Name one file, without * ? [ in its name."),
        (ending.endswith(_SPREADSHEETS), "is a spreadsheet.", "Save the sheet as CSV (UTF-8) and name that file."),
        (not ending.endswith(endings), f"does not end in {' or '.join(endings)}.", "Give the data in such a file."),
    )
    return next(
        (Mistake(key_path, f"{quoted(path)} {found}", advice) for wrong, found, advice in faults if wrong), None
    )


def _window(protocol: Protocol) -> Iterator[Mistake]:
    """Yield what is wrong with the study's window."""
    first, last = protocol.study.data_start, protocol.study.data_end
    if first is not None and last is not None and last < first:
        yield Mistake("study.data_end", f"{last} is before study.data_start, {first}.", "Give a later day.")


def _holidays(protocol: Protocol) -> Iterator[Mistake]:
    """Yield school holidays that end before they start or are not in order."""
    before = None
    for index, holiday in enumerate(protocol.study.school_holidays):
        where = f"study.school_holidays[{index}]"
        if holiday.end < holiday.start:
            yield Mistake(
                f"{where}.end", f"{holiday.end} is before the start, {holiday.start}.", "Mend one of the two."
            )
        elif before is not None and holiday.start <= before:
            found = f"{holiday.start} is not after the end of the holiday before it, {before}."
            yield Mistake(f"{where}.start", found, "List the holidays in order of time, each once.")
        before = holiday.end if before is None else max(before, holiday.end)


def _records(protocol: Protocol) -> Iterator[Mistake]:
    """Yield what is wrong with the tables of records."""
    for name, table in protocol.tables.items():
        mistake = path_mistake(f"records.{name}.path", table.path)
        if mistake is not None:
            yield mistake
        yield from records_contradictions(f"records.{name}", table)
    for name, context in protocol.contexts.items():
        mistake = path_mistake(f"records.{name}.path", context.path)
        if mistake is not None:
            yield mistake
    for name, returns in protocol.returns.items():
        mistake = path_mistake(f"records.{name}.folder", returns.folder, endings=("",))
        if mistake is not None:
            yield mistake


def _pilots(protocol: Protocol) -> Iterator[Mistake]:
    """Yield pilots with impossible dates, and pilots that are one."""
    areas: dict[str, int] = {}
    labels: dict[str, int] = {}
    for index, pilot in enumerate(protocol.areas.pilots):
        where = f"areas.pilots[{index}]"
        if (of := areas.setdefault(pilot.area, index)) != index:
            yield Mistake(f"{where}.area", f"{quoted(pilot.area)} is the area of areas.pilots[{of}] too.", "Keep one.")
        if (of := labels.setdefault(pilot.label, index)) != index:
            yield Mistake(
                f"{where}.label", f"{quoted(pilot.label)} is the label of areas.pilots[{of}] too.", "Rename it."
            )
        if pilot.embedded is not None and pilot.embedded < pilot.start:
            advice = f"Give a date after {pilot.start}, or leave it out if there is no settling-in."
            yield Mistake(f"{where}.embedded", f"{pilot.embedded} is before the start, {pilot.start}.", advice)


def _starts(protocol: Protocol) -> Iterator[Mistake]:
    """Yield pilots that start outside the study's window."""
    first, last = protocol.study.data_start, protocol.study.data_end
    for index, pilot in enumerate(protocol.areas.pilots):
        where = f"areas.pilots[{index}].start"
        if first is not None and pilot.start < first:
            yield Mistake(where, f"{pilot.start} is before study.data_start, {first}.", "Mend one of the two.")
        if last is not None and pilot.start > last:
            yield Mistake(where, f"{pilot.start} is after study.data_end, {last}.", "Mend one of the two.")


def _excluded(protocol: Protocol) -> Iterator[Mistake]:
    """Yield areas that are excluded for nothing."""
    pilots = {pilot.area: index for index, pilot in reversed(list(enumerate(protocol.areas.pilots)))}
    seen: dict[str, int] = {}
    for index, entry in enumerate(protocol.areas.excluded):
        where, area = f"areas.excluded[{index}]", entry if isinstance(entry, str) else entry.area
        if area in pilots:
            advice = "A pilot is never a comparator. Leave it out here, or out of the pilots."
            yield Mistake(where, f"{quoted(area)} is a pilot, areas.pilots[{pilots[area]}].", advice)
        if (of := seen.setdefault(area, index)) != index:
            yield Mistake(where, f"{quoted(area)} is excluded by areas.excluded[{of}] already.", "Keep one of the two.")


def _successors(protocol: Protocol) -> Iterator[Mistake]:
    """Yield former codes that are said twice, that the study uses elsewhere, or that another became."""
    named = {pilot.area: f"areas.pilots[{index}]" for index, pilot in enumerate(protocol.areas.pilots)}
    named |= {area: "areas.excluded" for area in protocol.excluded()}
    former = [entry.area for entry in protocol.areas.successors]
    for index, entry in enumerate(protocol.areas.successors):
        where = f"areas.successors[{index}]"
        if entry.area in former[:index]:
            found = f"{quoted(entry.area)} is in areas.successors[{former.index(entry.area)}] already."
            yield Mistake(f"{where}.area", found, "Keep one of the two.")
        if entry.area in named:
            advice = "Name the area by the code that it became."
            yield Mistake(f"{where}.area", f"{quoted(entry.area)} is named by {named[entry.area]}.", advice)
        if entry.becomes in former:
            advice = "Name the code that it has in the end."
            yield Mistake(f"{where}.becomes", f"{quoted(entry.becomes)} is a former code itself.", advice)


def _match_files(protocol: Protocol) -> Iterator[Mistake]:
    """Yield what is wrong with the paths of match files, wherever one is named."""
    places = question_places(question.key for question in protocol.question)
    named = [("matching", protocol.matching.match_file)]
    named += [(f"{place}.matching", q.matching.match_file) for place, q in zip(places, protocol.question, strict=True)]
    named += [
        (f"variant[{index}].matching", variant.matching.match_file)
        for index, variant in enumerate(protocol.variant)
        if isinstance(variant, Rematch)
    ]
    for where, path in named:
        mistake = None if path is None else path_mistake(f"{where}.match_file", path, endings=(".csv",))
        if mistake is not None:
            yield mistake


def _thresholds(protocol: Protocol) -> Iterator[Mistake]:
    """Yield marks that share a limit, and a drift without end."""
    drift = protocol.thresholds.drift_per_year
    if drift is not None and not math.isfinite(drift):
        yield Mistake("thresholds.drift_per_year", f"found {drift}.", "Give a number, or leave the key out.")
    seen: dict[float, int] = {}
    for index, star in enumerate(protocol.thresholds.stars):
        if (of := seen.setdefault(star.below, index)) != index:
            found = f"{star.below} is the limit of thresholds.stars[{of}] too."
            yield Mistake(f"thresholds.stars[{index}].below", found, "Give every mark a limit of its own.")
