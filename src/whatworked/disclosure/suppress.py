"""Which cell may not leave, and why: one function over the types of cells."""

from enum import StrEnum

from whatworked.cells import Cell, Coefficient, Count, Hidden, Mean, Probability, Share, Statistic
from whatworked.disclosure.profile import Limits


class Rule(StrEnum):
    """The rules that hold a number back, by the name that the output checker's log gives them."""

    SMALL_COUNT = "small_count"
    SMALL_PART = "small_part"
    FEW_PEOPLE = "few_people"
    PEOPLE_UNKNOWN = "people_unknown"
    SATURATED_MODEL = "saturated_model"
    NAMES_AN_AREA = "names_an_area"
    HELD_BACK_BEFORE = "held_back_before"
    TELLS_ANOTHER = "tells_another"

    def in_words(self, limits: Limits) -> str:
        """Return the reason as a note under a table gives it."""
        return {
            Rule.SMALL_COUNT: f"fewer than {limits.smallest} people",
            Rule.SMALL_PART: f"fewer than {limits.smallest} people in one part of the share",
            Rule.FEW_PEOPLE: f"fewer than {limits.smallest} people behind the figure",
            Rule.PEOPLE_UNKNOWN: "the number of people behind the figure is not known",
            Rule.SATURATED_MODEL: f"a model with fewer than {limits.residual_df} residual degrees of freedom",
            Rule.NAMES_AN_AREA: "it would give the name of the area away",
            Rule.HELD_BACK_BEFORE: "held back before it reached the report",
            Rule.TELLS_ANOTHER: "a hidden number could be worked out from it",
        }[self]


def broken_rule(cell: Cell, limits: Limits, *, names_published: bool) -> Rule | None:
    """Return the rule that forbids a cell to leave, None where it may.

    Zero is no small number (see `whatworked.disclosure.profile`); a share is hidden when the part or its
    complement is small, a mean also when nobody knows how many stand behind it and it was never published.
    """
    rule: Rule | None = None
    match cell:
        case Count(n=n) if _small(n, limits):
            rule = Rule.SMALL_COUNT
        case Share(of=part, among=whole) if _small(part, limits) or _small(whole - part, limits):
            rule = Rule.SMALL_PART
        case Mean():
            rule = _rule_of_mean(cell, limits, names_published=names_published)
        case Coefficient(residual_df=df) if not df >= limits.residual_df:
            rule = Rule.SATURATED_MODEL
        case Coefficient(people=int(people)) if _small(people, limits):
            rule = Rule.FEW_PEOPLE
        case Statistic(area=area) | Probability(area=area) if area is not None and not names_published:
            rule = Rule.NAMES_AN_AREA
        case Hidden():
            rule = Rule.HELD_BACK_BEFORE
    return rule


def _rule_of_mean(mean: Mean, limits: Limits, *, names_published: bool) -> Rule | None:
    if mean.people is None and not mean.published:
        return Rule.PEOPLE_UNKNOWN
    if mean.people is not None and _small(mean.people, limits):
        return Rule.FEW_PEOPLE
    if mean.part is not None and (_small(mean.part, limits) or _small((mean.people or 0) - mean.part, limits)):
        return Rule.SMALL_PART
    if mean.area is not None and mean.published and not names_published:
        return Rule.NAMES_AN_AREA
    return None


def _small(n: int, limits: Limits) -> bool:
    return 0 < n < limits.smallest
