"""What a notebook asks for beside a table, checked: an option that is mistyped is refused, never read as another."""

from collections.abc import Iterable
from datetime import date, datetime

from whatworked.errors import Mistake, UsageError


def listed(name: str, given: Iterable[str]) -> tuple[str, ...]:
    """Return names of columns; one text is refused, for its letters would be taken for names."""
    if isinstance(given, str):
        raise UsageError(Mistake(name, "it is one text, not a list.", f'Give a list: {name}=["..."].'))
    return tuple(given)


def check_seed(seed: int) -> None:
    """Refuse what is no seed."""
    if not _whole(seed, least=0):
        raise UsageError(Mistake("seed", "it is no whole number from 0 on.", "Give one, such as 0."))


def check_draws(draws: int | None, *, seed: int, ties: str) -> None:
    """Refuse what a bootstrap cannot draw."""
    check_seed(seed)
    if draws is not None and not _whole(draws, least=1):
        found = "it is no whole number from 1 on."
        raise UsageError(Mistake("draws", found, "Give one, such as 9999, or None for all sign vectors of few areas."))
    if ties not in (">=", ">"):
        raise UsageError(
            Mistake("ties", "it is no rule.", 'Give ">=" to count a draw as extreme as the sample, or ">".')
        )


def check_order(order: int) -> None:
    """Refuse what is no number of lags."""
    if not _whole(order, least=1):
        raise UsageError(Mistake("order", "it is no whole number from 1 on.", "Give the number of lags, such as 1."))


def check_search(comparators: int | str, max_distance: float | None, significance: float | None) -> None:
    """Refuse limits of a search for areas that no area could meet, or that mean nothing."""
    mistakes = []
    if comparators != "all" and not _whole(comparators, least=1):
        advice = 'Give how many, from 1 on, or "all".'
        mistakes.append(Mistake("comparators_per_pilot", "it is neither a number of areas nor all.", advice))
    if max_distance is not None and not max_distance > 0:
        mistakes.append(Mistake("max_distance", "it is not above 0.", "Give a ceiling, or None for none."))
    if significance is not None and not 0 < significance < 1:
        mistakes.append(
            Mistake("significance", "it is not between 0 and 1.", "Give a level, or None for no such rule.")
        )
    if mistakes:
        raise UsageError(mistakes)


def day_of(name: str, given: str | date) -> date:
    """Return a day, of a time of day too; what is none is refused."""
    if isinstance(given, datetime):
        return given.date()
    if isinstance(given, date):
        return given
    try:
        return date.fromisoformat(given)
    except (TypeError, ValueError):
        raise UsageError(Mistake(name, "a start is no day.", "Give the start of each pilot as 2017-05-01.")) from None


def _whole(given: object, *, least: int) -> bool:
    return isinstance(given, int) and not isinstance(given, bool) and given >= least
