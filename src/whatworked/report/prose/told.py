"""What was looked at, how, what was found and what was not: the first parts of the summary."""

from collections.abc import Sequence

from whatworked.report.prose.asked import Asked, Kind, of
from whatworked.report.prose.phrases import flag, number, whole, words
from whatworked.report.prose.pieces import Sentence, listed, sentence


def looked_at(asked: Sequence[Asked], it: str) -> list[Sentence]:
    """Return what was asked, where and when, and which questions were asked to learn."""
    outcomes = listed(one.to("evidence") for one in asked)
    head = f"We asked whether {it} changed "
    told = [sentence(head, *(() if len(asked) == 1 else (f"{len(asked)} things: ",)), *outcomes, ".")]
    pilots = [whole(one.section.facts, "pilots") for one in asked]
    every = max(whole(one.section.facts, "pilots_in_protocol") for one in asked)
    least, most = min(pilots), max(pilots)
    many = f"{most}" if least == most else f"between {least} and {most}, depending on the question,"
    could = asked[pilots.index(least)].to("scope", text="could be compared with others")
    head = (
        f"Of the {every} areas that had it, the pilots, {many} " if every > 1 else "The area that had it, the pilot, "
    )
    told.append(sentence(head if most else f"None of the {every} pilots ", could, _years(asked), "."))
    learning = [one for one in asked if one.exploratory]
    if learning:
        verb = "was" if len(learning) == 1 else "were"
        told.append(
            sentence("To learn, not to decide, we asked about ", *listed(one.to("scope") for one in learning), ".")
            if len(learning) < len(asked)
            else sentence("All of this ", learning[0].to("scope", text=f"{verb} asked to learn, not to decide"), ".")
        )
    return told


def _years(asked: Sequence[Asked]) -> str:
    spans = {(words(one.section.facts, "first_period"), words(one.section.facts, "last_period")) for one in asked}
    ((first, last), *others) = sorted(spans)
    return f", by figures from {first} to {last}" if first and last and not others else ""


def how(asked: Sequence[Asked], it: str) -> list[Sentence]:
    """Return how it was done, in everyday words; nothing where nothing could be compared."""
    compared = [one for one in asked if whole(one.section.facts, "pilots")]
    if not compared:
        return []
    first = compared[0]
    searched = [flag(one.section.facts, "searched") is True for one in compared]
    beside = (
        ", areas whose own figures had moved like the pilot’s before it began"
        if all(searched)
        else ", areas that the study had named for it beforehand"
        if not any(searched)
        else ""
    )
    told = [
        sentence("Beside each pilot we set ", first.to("scope", text=f"areas that did not have {it}"), f"{beside}.")
    ]
    matched = [one for one in compared if flag(one.section.facts, "people_matched")]
    if matched:
        told.append(
            sentence("Within them we compared ", matched[0].to("family", text="people of the same kind"), " only.")
        )
    return [
        *told,
        sentence(
            "Then we took ",
            first.to("inference", text="two differences"),
            ": how far the pilots changed from before the start to after it, and how far the others changed over the "
            "same time. What is left when the second is taken from the first cannot come from what made the areas "
            "unlike all along, nor from what changed for all of them.",
        ),
        sentence(
            "It is the work of ",
            it,
            " only if, without it, ",
            first.to("trends", text="pilots and others would have gone on moving alike"),
            ".",
        ),
    ]


def found(asked: Sequence[Asked], it: str) -> list[list[Sentence]]:
    """Return every change that there is evidence of, with its size, its interval and its strength."""
    seen = of(asked, Kind.EVIDENCE)
    if not seen:
        text = f"no evidence that {it} changed {'it' if len(asked) == 1 else 'any of these'}"
        return [[sentence("We found ", asked[0].to("evidence", text=text), ".")]]
    return [_change(one) for one in seen]


def _change(one: Asked) -> list[Sentence]:
    assert one.answer is not None
    hoped = f", {one.answer.hoped}" if one.answer.hoped else ""
    strength = words(one.section.facts, "rating_in_words").lower()
    return [
        sentence("We found ", one.to("evidence", text=one.answer.change_in_outcome), f"{hoped}."),
        sentence("That is ", one.to("evidence", text=strength), f"; the figures allow {one.answer.range}."),
        *_disagreement(one),
    ]


def _disagreement(one: Asked) -> list[Sentence]:
    facts = one.section.facts
    against, counted = number(facts, "additions_disagreeing"), whole(facts, "additions_counted")
    if against is None or not against.value:
        return []
    sees = "see no clear change" if one.kind is Kind.EVIDENCE else "see a change"
    if against.value == 1:
        sees = sees.replace("see", "sees", 1)
    return [
        sentence(
            "Beware: of ",
            f"{counted} other ways of testing {one.outcome}, ",
            one.to("additions", text=f"{against.text} {sees}"),
            ".",
        )
    ]


def not_found(asked: Sequence[Asked], it: str) -> list[list[Sentence]]:
    """Return what there is no evidence of, and what could not be told, each with its reason."""
    nothing = of(asked, Kind.NOTHING_SEEN)
    items = [[_no_change(one), *_disagreement(one)] for one in nothing]
    if nothing:
        text = "not evidence that nothing changed"
        items.append([sentence("No evidence of a change is ", nothing[0].to("evidence", text=text), ".")])
    return [*items, *([said] for said in (*_unreadable(asked, it), *_without_number(asked)))]


def _no_change(one: Asked) -> Sentence:
    assert one.answer is not None
    return sentence(
        "We found no evidence of a change in ", one.to("evidence"), f"; the figures allow {one.answer.range}."
    )


def _unreadable(asked: Sequence[Asked], it: str) -> list[Sentence]:
    told = []
    unread = of(asked, Kind.NO_READING)
    failed = [one for one in unread if words(one.section.facts, "leads_verdict") == "fail"]
    for group, why in (
        (failed, "the pilots and the areas beside them had not moved alike before the start"),
        ([one for one in unread if one not in failed], "whether pilots and others had moved alike could not be tested"),
    ):
        if group:
            outcomes = listed(one.to("trends") for one in group)
            told.append(sentence("For ", *outcomes, f" {why}, so what came after cannot be put down to {it}."))
    return told


def _without_number(asked: Sequence[Asked]) -> list[Sentence]:
    told = [
        sentence("For ", one.to("evidence"), f" there is no answer: {words(one.section.facts, 'not_estimated')}.")
        for one in of(asked, Kind.NO_ESTIMATE)
    ]
    hidden = of(asked, Kind.HIDDEN)
    if hidden:
        outcomes = listed(one.to("evidence") for one in hidden)
        told.append(sentence("What was found for ", *outcomes, " may not be shown: it could disclose too much."))
    return told
