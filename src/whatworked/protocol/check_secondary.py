"""Where secondary analyses, and what they are made from, contradict the rest of a protocol."""

import math
from collections.abc import Iterable, Iterator

from whatworked.errors import Mistake, known
from whatworked.protocol.model import Pilot, Protocol
from whatworked.protocol.places import quoted
from whatworked.protocol.variants import Dose, LeaveOut, PracticeModels, Triple


def secondary_contradictions(protocol: Protocol) -> Iterator[Mistake]:
    """Yield what is wrong with scores, practice models, ratings and the variants that use them."""
    yield from _scores(protocol.areas.pilots)
    yield from _practice_models(protocol)
    yield from _ratings(protocol)
    for index, variant in enumerate(protocol.variant):
        where = f"variant[{index}]"
        match variant:
            case Dose():
                yield from _dose(where, variant, protocol.areas.pilots)
            case PracticeModels():
                yield from _needs(where, "practice_models", protocol.areas.practice_models)
            case Triple():
                yield from _needs(where, "ratings", protocol.areas.ratings)
            case LeaveOut():
                yield from _flags(where, variant, protocol.areas.pilots)


def _scores(pilots: Iterable[Pilot]) -> Iterator[Mistake]:
    """Yield scores without end, and flags that a pilot has twice."""
    for index, pilot in enumerate(pilots):
        where = f"areas.pilots[{index}]"
        for name, score in (("delivery", pilot.delivery), ("embeddedness", pilot.embeddedness)):
            if score is not None and not math.isfinite(score):
                yield Mistake(f"{where}.{name}", f"found {score}.", "Give a number, or leave the key out.")
        for place, flag in enumerate(pilot.flags):
            if flag in pilot.flags[:place]:
                yield Mistake(f"{where}.flags[{place}]", f"{quoted(flag)} stands there twice.", "Keep one.")


def _practice_models(protocol: Protocol) -> Iterator[Mistake]:
    """Yield pilots with another practice model, and areas that are listed twice."""
    pilots = {pilot.area: index for index, pilot in enumerate(protocol.areas.pilots)}
    seen: dict[str, int] = {}
    for index, entry in enumerate(protocol.areas.practice_models):
        where = f"areas.practice_models[{index}].area"
        if entry.area in pilots:
            found = f"{quoted(entry.area)} is a pilot, areas.pilots[{pilots[entry.area]}]."
            yield Mistake(where, found, "A pilot has the intervention itself. List comparators only.")
        if (of := seen.setdefault(entry.area, index)) != index:
            yield Mistake(where, f"{quoted(entry.area)} is in areas.practice_models[{of}] too.", "Keep one.")


def _ratings(protocol: Protocol) -> Iterator[Mistake]:
    """Yield two inspections of one area on one day."""
    seen: dict[tuple[str, object], int] = {}
    for index, entry in enumerate(protocol.areas.ratings):
        if (of := seen.setdefault((entry.area, entry.date), index)) != index:
            found = f"{quoted(entry.area)} has areas.ratings[{of}] on {entry.date} too."
            yield Mistake(f"areas.ratings[{index}].date", found, "Keep one inspection of an area and day.")


def _dose(where: str, variant: Dose, pilots: Iterable[Pilot]) -> Iterator[Mistake]:
    """Yield that no pilot has a score above 0."""
    scores = [score for pilot in pilots if (score := pilot.score(variant.score)) is not None]
    if not any(score > 0 for score in scores):
        found = f"no pilot has a {variant.score} score above 0."
        yield Mistake(f"{where}.score", found, f"Give the pilots in areas.pilots their `{variant.score}`.")


def _needs(where: str, key: str, entries: tuple[object, ...]) -> Iterator[Mistake]:
    """Yield that what an analysis is made from has not been given."""
    if not entries:
        yield Mistake(f"{where}.kind", f"needs areas.{key}, which is empty.", f"Give areas.{key}, or leave this out.")


def _flags(where: str, variant: LeaveOut, pilots: tuple[Pilot, ...]) -> Iterator[Mistake]:
    """Yield flags that no pilot or that every pilot has, and that neither or both of pilots and flags are given."""
    if (variant.pilots is None) == (not variant.flags):
        found = "names neither pilots nor flags." if variant.pilots is None else "gives both `pilots` and `flags`."
        yield Mistake(f"{where}.pilots", found, "Give `pilots`, or `flags` to leave out the pilots that have one.")
        return
    given = {flag for pilot in pilots for flag in pilot.flags}
    for place, flag in enumerate(variant.flags):
        if flag not in given:
            advice = known(given, flag) if given else "Give the pilots in areas.pilots their `flags`."
            yield Mistake(f"{where}.flags[{place}]", f"no pilot has the flag {quoted(flag)}.", advice)
    if variant.flags and all(set(variant.flags) & set(pilot.flags) for pilot in pilots):
        yield Mistake(f"{where}.flags", "every pilot has one of these, so that none would be left.", "Name fewer.")
