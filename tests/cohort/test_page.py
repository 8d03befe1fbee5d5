"""The page of cohorts is the specification: each of its examples is run, rows left out and all."""

import re
from collections import Counter
from dataclasses import replace
from datetime import date
from pathlib import Path

import drawn
import pytest

from whatworked.cohort.days import Months
from whatworked.cohort.definitions import Outliers, definitions
from whatworked.cohort.timing import GroupArea, group_table

PAGE = Path(__file__).parents[2] / "docs" / "reference" / "cohorts.md"
BLOCK = re.compile(r"^```(records|rows|left-out)([^\n]*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
TWO_GROUPS = group_table(
    [
        GroupArea("P", "P", True, drawn.START, drawn.EMBEDDED),
        GroupArea("P", "C", False, drawn.START, drawn.EMBEDDED),
        GroupArea("Q", "Q", True, date(2015, 4, 1)),
        GroupArea("Q", "C", False, date(2015, 4, 1)),
    ]
)


def examples():
    """Yield each example: its claim, its records, and what must come out."""
    for section in re.split(r"^### ", PAGE.read_text(encoding="utf-8"), flags=re.MULTILINE)[1:]:
        claim = section.splitlines()[0]
        blocks = BLOCK.findall(section)
        (records,) = [body for kind, _, body in blocks if kind == "records"]
        results = [(kind, words.split(), body) for kind, words, body in blocks if kind != "records"]
        assert results, claim
        yield claim, records, results


def tables(body):
    """Return the drawn tables of a block by name."""
    parts = [part.strip().split("\n", 1) for part in body.strip().split("\n\n")]
    return {name.strip(): text for name, text in parts}


def part(name, **changes):
    """Return what replaces fields of one definition."""
    return lambda means: replace(means, **{name: replace(getattr(means, name), **changes)})


def reading(word):
    """Return what a word of an example replaces in the definitions."""
    name, _, value = word.partition("=")
    if name in ("plans_from", "conferences_from"):
        return part({"plans_from": "escalation"}.get(name, "conference"), **{name: date.fromisoformat(value)})
    return {
        "calendar": part("rereferral", window=Months(6, 183, "calendar")),
        "day_zero": part("conference", day_zero=True),
        "wide": part("kinship", definition="wide"),
        "limit": part("assessments", outliers=Outliers("limit", limit=int(value) if value.isdigit() else 0)),
        "population": part("entry_to_care", population=value),
    }[name]


def readings(words):
    """Return the definitions that an example asks for, and its matched groups."""
    means = definitions("as_coded" if "as_coded" in words else "as_reported")
    for word in words:
        if word not in ("as_coded", "two_groups") and not word.startswith(("holiday=", "link=")):
            means = reading(word)(means)
    groups = TWO_GROUPS if "two_groups" in words else drawn.GROUPS
    return {name: getattr(means, name) for name in means.__slots__}, groups


def holidays(words):
    """Return the school holidays that an example names."""
    spans = [word.removeprefix("holiday=").split(":") for word in words if word.startswith("holiday=")]
    return [(date.fromisoformat(first), date.fromisoformat(last)) for first, last in spans]


def link(words):
    """Return whether an example follows children into other areas."""
    return next((word.removeprefix("link=") for word in words if word.startswith("link=")), "area")


@pytest.mark.parametrize(
    ("claim", "records", "results"), [pytest.param(*example, id=example[0]) for example in examples()]
)
def test_the_page_says_what_comes_out(engine, claim, records, results):
    for kind, (key, *words), body in results:
        means, groups = readings(words)
        found = drawn.rows_of(
            key, groups=groups, means=means, holidays=holidays(words), link=link(words), **tables(records)
        )
        if kind == "rows":
            columns = body.splitlines()[0].split()
            expected = sorted(tuple(line.split()) for line in body.splitlines()[1:])
            asked = " ".join({"child": "person"}.get(column, column) for column in columns)
            assert drawn.shown(engine, found.rows, asked) == expected, (key, words)
        else:
            listed = [line.split(None, 1) for line in body.strip().splitlines()]
            expected = {rule: int(n) for n, rule in listed}
            left_out = Counter()
            for stage in found.stages.values():
                left_out.update(drawn.left_out(engine, stage))
            assert left_out == expected, (key, words)


def test_the_page_names_every_column_that_comes_out():
    page = PAGE.read_text(encoding="utf-8")
    columns = drawn.rows_of("rereferral").rows.columns
    assert not [column for column in columns if f"`{column}`" not in page]
