"""What stands beside the pre-registered test of the main effect, gathered so that it can be compared with it."""

from collections.abc import Iterator, Sequence

from whatworked.cells import NotEstimated
from whatworked.estimation.estimate import Estimate
from whatworked.estimation.inference import Menu
from whatworked.rules.additions import Opinion, judge_additions
from whatworked.rules.decision import Decision
from whatworked.strands.variants import Analysis
from whatworked.vocabulary import Role


def compare_additions(main: Analysis, beside: Sequence[Analysis], *, significance: float) -> Decision:
    """Say whether any other test of the main effect, or any additional analysis, disagrees with the registered test."""
    registered = None if isinstance(main.effect, NotEstimated) else _opinion("the registered test", main.effect)
    found = [] if main.menu is None else [*_of_menu(main.menu, main)]
    found += [
        _opinion(f"the addition '{one.name}'", one.effect)
        for one in beside
        if one.role is Role.ADDITIONAL and isinstance(one.effect, Estimate)
    ]
    return judge_additions(registered, found, significance=significance)


def _of_menu(menu: Menu, main: Analysis) -> Iterator[Opinion]:
    """Yield what each method makes of the effect; bias-reduced errors cannot see those of an area alone on its side."""
    alone = NotEstimated("an area is alone on its side") if 1 in (main.sides.pilots, main.sides.comparators) else None
    estimates = {
        "the bias-reduced test (CR2)": alone or menu.cr2,
        "the jackknife over areas (CR3)": menu.cr3,
        "the comparison of one change an area": (
            menu.collapsed if isinstance(menu.collapsed, NotEstimated) else menu.collapsed.estimate
        ),
        "the comparison inside each pilot's own group (stacked)": alone or menu.stacked,
    }
    if not isinstance(menu.wild, NotEstimated):
        yield Opinion("the wild bootstrap", menu.wild.estimate, menu.wild.p_value)
    if not isinstance(menu.randomisation, NotEstimated) and isinstance(main.effect, Estimate):
        yield Opinion("randomisation inference", main.effect.estimate, menu.randomisation.p_value)
    yield from (_opinion(name, one) for name, one in estimates.items() if isinstance(one, Estimate))


def _opinion(name: str, found: Estimate) -> Opinion:
    return Opinion(name, found.estimate, found.p_value)
