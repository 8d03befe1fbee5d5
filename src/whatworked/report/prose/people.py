"""How people were matched, told from the released tables: whom it kept, what it did, and what the effect is of."""

from whatworked.disclosure.released import Number, Released, ReleasedSection, ReleasedTable
from whatworked.report.figures.balance import ALIKE, differences
from whatworked.report.prose.phrases import capital, count, flag, words

HALF = 50.0
BELOW = "The figures are in the table below it."
Row = dict[str, Released]


def how_matched(section: ReleasedSection) -> list[str]:
    """Return the paragraphs on matching people; none for a question about areas."""
    facts = section.facts
    if not flag(facts, "of_people"):
        return []
    model = (
        f"Of people's characteristics the model itself holds {words(facts, 'in_model')}."
        if facts.get("in_model") is not None
        else "No characteristic of people enters the model itself."
    )
    if not flag(facts, "people_matched"):
        return [
            "People were not matched with each other: every row of the matched areas counts, and the rows of a "
            f"comparator that serves several pilots share one weight between them. {model}"
        ]
    found = (_rule(section), _estimand(), _kept(section), _warning(section), _balance(section), model)
    return [paragraph for paragraph in found if paragraph]


def balance_message(table: ReleasedTable) -> str:
    """Return the message of the Love plot: how many differences are small before and after."""
    found = differences(table)
    if not found:
        return "How alike pilots and comparators are in each characteristic"
    before = sum(abs(value) <= ALIKE for _, value, _ in found)
    after = sum(value is not None and abs(value) <= ALIKE for *_, value in found)
    return (
        f"After matching, {after or 'none'} of {count(len(found), 'difference')} between the arms "
        f"{'is' if after == 1 else 'are'} small; before it, {before or 'none'}"
    ).replace(f"{len(found)} of {len(found)} ", f"all {len(found)} ")


def balance_alt(section: ReleasedSection, table: ReleasedTable) -> str:
    """Return the description of the Love plot."""
    found = differences(table)
    largest = max((abs(value) for *_, value in found if value is not None), default=None)
    most = "" if largest is None else f" The largest after matching is {largest:.2f}."
    return (
        f"Dot chart of the standardised difference between pilots and comparators in {count(len(found), 'line')} of "
        f"covariates and levels, for {words(section.facts, 'outcome')}, before and after matching.{most} {BELOW}"
    )


def overlap_message(section: ReleasedSection) -> str:
    """Return the message of the overlap figure: the share of each arm that found a counterpart."""
    pilots, others = (_line(section, arm, "Rows").get("share") for arm in ("Pilot", "Comparator"))
    if not isinstance(pilots, Number) or not isinstance(others, Number):
        return "Who has a counterpart in the other arm, bin by bin"
    return f"{pilots.text}% of the pilots' rows and {others.text}% of the comparators' have a counterpart"


def overlap_alt(section: ReleasedSection, table: ReleasedTable) -> str:
    """Return the description of the overlap figure."""
    bins = len({(row["covariate"].text, row["bin"].text) for row in table.records()})
    return (
        f"Bar charts of the rows of pilots and of comparators in {count(bins, 'bin')} of covariates, for "
        f"{words(section.facts, 'outcome')}, those with a counterpart in the other arm and those without. {BELOW}"
    )


def _rule(section: ReleasedSection) -> str:
    return (
        "People were matched exactly on coarse groups (coarsened exact matching), with no look at the outcome: a row "
        "stays if its matched group has, in the same phase, at least one row of the other arm that is like it in every "
        f"respect that follows: {words(section.facts, 'coarsening')}. A missing value is like a missing value."
    )


def _estimand() -> str:
    return (
        "A matched pilot row weighs 1. Comparator rows are weighed so that each kind of person is as common among them "
        "as among the pilots: the pilots' number of that kind over the comparators' number of that kind, times all "
        "matched comparator rows over all matched pilot rows. The rows of one event in several groups share a weight. "
        "So the effect is that on the pilot rows that have a counterpart, and on no others."
    )


def _kept(section: ReleasedSection) -> str:
    """Return who stayed in each arm, as far as it may be told."""
    arms = [(arm, _line(section, arm, "Rows"), _line(section, arm, "Persons")) for arm in ("Pilot", "Comparator")]
    told = [_arm(arm, rows, persons) for arm, rows, persons in arms if rows and persons]
    effective = _line(section, "Comparator", "Rows of equal weight that would tell as much").get("kept")
    tell = (
        f" With their weights, the comparators' rows tell as much as {effective.text} rows of equal weight would."
        if isinstance(effective, Number)
        else ""
    )
    return f"{capital('; '.join(told))}.{tell}" if told else ""


def _arm(arm: str, rows: Row, persons: Row) -> str:
    share = rows["share"]
    every = f" of {rows['before'].text}" if isinstance(share, Number) else ""
    part = f" ({share.text}%)" if isinstance(share, Number) else ""
    return f"the {arm.lower()}s kept {rows['kept'].text}{every} rows{part}, of {persons['kept'].text} people"


def fewer_than_half(section: ReleasedSection) -> Number | None:
    """Return the per cent of the pilots' rows that have a counterpart, where that is told and below half."""
    share = _line(section, "Pilot", "Rows").get("share")
    return share if isinstance(share, Number) and share.value < HALF else None


def _warning(section: ReleasedSection) -> str:
    share = fewer_than_half(section)
    if share is None:
        return ""
    return (
        f"Take care: fewer than half of the pilots' rows ({share.text}%) have a counterpart. The answer is about these "
        "rows, which may be unlike the others; the table of who found none shows in what."
    )


def _balance(section: ReleasedSection) -> str:
    table = section.table("balance_overall")
    if table is None:
        return ""
    first, second = table.records()[:2]
    before, after = first["before"], first["after"]
    if not isinstance(before, Number) or not isinstance(after, Number):
        return "How alike the arms are in everything at once could not be told."
    verdict = (
        "Matching made the arms no more alike than they were; with coarser bins it may even lose the likeness it began "
        "with, so the answer leans on the model for what remains."
        if after.value > before.value
        else "Matching changed little of it."
        if after.value == before.value
        else "So matching made the arms more alike; what remains lies within the bins."
    )
    return (
        "In all characteristics at once, in finer cells than those of the matching, the arms' spread over the cells "
        f"differed by {before.text} before matching and by {after.text} after it (L1: 0 is the same spread, 1 nothing "
        f"in common), and the share of cells that hold both arms went from {second['before'].text} to "
        f"{second['after'].text}. {verdict}"
    )


def _line(section: ReleasedSection, arm: str, counted: str) -> Row:
    """Return a line of the table of people matched, empty where there is none."""
    table = section.table("people_matched")
    lines = () if table is None else table.records()
    return next((row for row in lines if row["arm"].text == arm and row["counted"].text == counted), {})
