"""From the numbers of the findings to typed cells: a missing number becomes a blank with its reason."""

from whatworked.cells import Blank, Cell, Coefficient, Count, Mean, Probability, Statistic, Tally, Words
from whatworked.findings.model import QuestionFindings

NOT_AVAILABLE = "not available"
SHARE = "share"


def coefficient(
    value: float | None, unit: str, *, residual_df: float, why: str | None = None, people: int | None = None
) -> Cell:
    """Return an estimate, a standard error or a limit of an interval; `people` have the level it belongs to."""
    return Blank(why or NOT_AVAILABLE) if value is None else Coefficient(value, unit, residual_df, people)


def probability(value: float | None, *, why: str | None = None, area: str | None = None) -> Cell:
    """Return a p-value."""
    return Blank(why or NOT_AVAILABLE) if value is None else Probability(value, area)


def statistic(value: float | None, *, digits: int = 2, why: str | None = None, area: str | None = None) -> Cell:
    """Return a pure number."""
    return Blank(why or NOT_AVAILABLE) if value is None else Statistic(value, digits, area)


def degrees(value: float | None, *, why: str | None = None) -> Cell:
    """Return degrees of freedom: whole where they are whole."""
    if value is None:
        return Blank(why or NOT_AVAILABLE)
    return Statistic(value, 0 if float(value).is_integer() else 1)


def rows(n: int, question: QuestionFindings) -> Cell:
    """Return a number of rows: of people where the records are of people, else of areas' periods."""
    return Tally(n, "area periods") if question.persons is None else Count(n)


def persons(n: int | None) -> Cell:
    """Return a number of people."""
    return Blank("people are not counted here") if n is None else Count(n, "people")


def mean(value: float, people: int | None, question: QuestionFindings, *, area: str | None) -> Cell:
    """Return a level of the outcome; of people's yes or no also how many say yes, so that the gate can guard both."""
    of_people = question.persons is not None and question.unit == SHARE and people is not None
    part = round(value * people) if of_people and people is not None else None
    return Mean(value, question.unit, people, question.published, area, part)


def words(text: str | None, *, why: str) -> Cell:
    """Return words, or a blank with its reason where there are none."""
    return Words(text) if text else Blank(why)


def recognisable(area: str, question: QuestionFindings) -> str | None:
    """Return the area where a reader of the published figures could tell it by its numbers."""
    return area if question.published else None
