"""What follows from the answers, and what does not: the last parts of the summary.

A finding of high or moderate strength is a point for or against, a weaker one a sign to look further; a question that
was asked to learn decides nothing; no evidence speaks neither for nor against. What is advised is never more than that.
"""

from collections.abc import Sequence

from whatworked.report.prose.asked import Asked, Kind, of
from whatworked.report.prose.people import fewer_than_half
from whatworked.report.prose.phrases import number, whole
from whatworked.report.prose.pieces import Sentence, listed, sentence

HOPED, UNHOPED = "which is what was hoped for", "the opposite of what was hoped for"


def so_what(asked: Sequence[Asked], it: str) -> list[list[Sentence]]:
    """Return what may be concluded, by rating and by the direction that was hoped for, and what may not."""
    seen = of(asked, Kind.EVIDENCE)
    good, bad, other = _by_hope(seen)
    told = []
    for group, strong, weak in (
        (good, f"is a point in favour of {it}", "is a hopeful sign, but a weak one: a reason to look further"),
        (
            bad,
            f"is a point against {it}: whoever thinks of starting it should first ask why, and where it is in use "
            "this needs a closer look",
            "is a worrying sign, but a weak one: a reason to look closely, not by itself a reason to stop",
        ),
        (
            other,
            "is a change, but no direction was hoped for: whether it is welcome this study does not say",
            "is a weak sign of a change, and no direction was hoped for",
        ),
    ):
        told += _concluded([one for one in group if one.strong], strong)
        told += _concluded([one for one in group if not one.strong and not one.exploratory], weak)
    told += _concluded([one for one in seen if one.exploratory], "may guide the next study, and decides nothing")
    nothing = of(asked, Kind.NOTHING_SEEN)
    if nothing:
        outcomes = listed(one.to("evidence") for one in nothing)
        told.append(
            sentence(
                "On ", *outcomes, f" this is no ground to say that {it} changes something, nor that it changes nothing."
            )
        )
    unknown = of(asked, Kind.NO_READING, Kind.NO_ESTIMATE, Kind.HIDDEN)
    if unknown:
        told.append(sentence("On ", *listed(one.to("evidence") for one in unknown), " nothing follows either way."))
    told.append(_overall(asked, [one for one in good if one.strong], [one for one in bad if one.strong], it))
    return [[said] for said in told]


def _by_hope(seen: Sequence[Asked]) -> tuple[list[Asked], list[Asked], list[Asked]]:
    """Return the changes that were hoped for, their opposites, and those of which nothing was hoped; none to learn."""
    decisive = [(one, one.answer.hoped if one.answer else "") for one in seen if not one.exploratory]
    good = [one for one, hoped in decisive if hoped == HOPED]
    bad = [one for one, hoped in decisive if hoped == UNHOPED]
    return good, bad, [one for one, hoped in decisive if hoped not in (HOPED, UNHOPED)]


def _concluded(group: Sequence[Asked], verdict: str) -> list[Sentence]:
    if not group:
        return []
    what = "What was found for " if len(group) == 1 else "Each finding for "
    return [sentence(what, *listed(one.to("evidence") for one in group), f" {verdict}.")]


def _overall(asked: Sequence[Asked], good: Sequence[Asked], bad: Sequence[Asked], it: str) -> Sentence:
    """Return what all of it together advises: never more than the strong findings carry."""
    if good and bad:
        text = "points in both directions"
        return sentence(
            "Together this ",
            bad[0].to("evidence", text=text),
            "; weighing one against the other is left to those who decide.",
        )
    if good:
        text = "by itself a reason to stop"
        return sentence("Nothing here is ", good[0].to("evidence", text=text), f" {it}.")
    if bad:
        text = "by itself a reason to start"
        return sentence("Nothing here is ", bad[0].to("evidence", text=text), f" {it} elsewhere.")
    text = "by itself a reason to start or to stop"
    return sentence("Nothing here is ", asked[0].to("evidence", text=text), f" {it}.")


def cannot_say(asked: Sequence[Asked], it: str) -> list[list[Sentence]]:
    """Return the limits that the study's own decisions and facts show."""
    text = "the pilots that could be compared"
    told = [
        sentence(
            "All of this is about ", asked[0].to("scope", text=text), f", not about what {it} would do elsewhere."
        ),
        *_left_out(asked),
        *_unlike(asked),
        *_few_areas(asked),
        *_power(asked),
    ]
    concerned = [one for one in asked if one.section.passages.get("concerns")]
    if concerned:
        outcomes = listed(one.to("evidence") for one in concerned)
        told.append(sentence("There are concerns about the records behind ", *outcomes, "."))
    if of(asked, Kind.EVIDENCE):
        text = "large enough to matter, or worth its cost"
        told.append(sentence("Whether a change is ", asked[0].to("evidence", text=text), ", it does not say."))
    return [[said] for said in told]


def _left_out(asked: Sequence[Asked]) -> list[Sentence]:
    pairs = [
        (one, whole(one.section.facts, "pilots_in_protocol") - whole(one.section.facts, "pilots")) for one in asked
    ]
    lost = [(one, n) for one, n in pairs if n > 0]
    if not lost:
        return []
    pieces = listed(one.to("scope", text=f"{n} for {one.outcome}") for one, n in lost)
    return [sentence("Pilots that could not be compared are left out: ", *pieces, ".")]


def _unlike(asked: Sequence[Asked]) -> list[Sentence]:
    """Return of which questions most of the pilots' rows were like none of the comparators'."""
    few = [(one, share) for one in asked if (share := fewer_than_half(one.section)) is not None]
    if not few:
        return []
    pieces = listed(one.to("scope", text=f"{share.text}% for {one.outcome}") for one, share in few)
    return [
        sentence(
            "Fewer than half of the pilots' records were like any of the comparators': ",
            *pieces,
            ". The answer is about these, and the others may be unlike them.",
        )
    ]


def _few_areas(asked: Sequence[Asked]) -> list[Sentence]:
    few = [
        one
        for one in asked
        if any(choice.key == "inference" and choice.taken == "collapsed_t" for choice in one.section.choices)
    ]
    if not few:
        return []
    outcomes = listed(one.to("inference") for one in few)
    return [sentence("So few areas, or so unequal ones, could show only a large and steady change in ", *outcomes, ".")]


def _power(asked: Sequence[Asked]) -> list[Sentence]:
    """Return how often the check of trends would have noticed a drift, for the question where it is least."""
    known = [
        (power.value, place)
        for place, one in enumerate(asked)
        if one.kind in (Kind.EVIDENCE, Kind.NOTHING_SEEN)
        and (power := number(one.section.facts, "power_majority_rule")) is not None
    ]
    if not known:
        return []
    least, place = min(known)
    return [
        sentence(
            "The check that both had moved alike can miss ",
            asked[place].to("trends", text="a slow drift"),
            f": for {asked[place].outcome} it would notice one in {100 * least:.0f} of 100 such studies.",
        )
    ]
