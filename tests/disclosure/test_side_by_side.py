"""Tables over all questions tell nothing that a question does not tell: every number is read from what was released."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from invented import LIMITS

from whatworked.cells import Blank, Count, Mean, Share, Statistic, Tally, Words
from whatworked.disclosure.evidence_log import write_evidence
from whatworked.disclosure.release import release
from whatworked.disclosure.released import NotApplicable, Number, Text, Withheld
from whatworked.errors import DisclosureError
from whatworked.tables.model import Column, Copy, Document, Links, Place, Section, SideBySide, Sum, Table


def question(cells, *, key="q", links=None):
    """A question with one table of one row."""
    columns = tuple(Column(f"c{j}", Words("C")) for j in range(len(cells)))
    table = Table("grid", Words("T"), "counts", columns, (tuple(cells),), Words("s"))
    return Section(key, {}, {}, (), (table,), links or Links())


def beside(*cells, key="all"):
    columns = tuple(Column(f"c{j}", Words("C")) for j in range(len(cells)))
    return SideBySide(key, Words("T"), "counts", columns, (cells,), Words("s"))


def copied(sections, *cells, limits=LIMITS, withheld=frozenset()):
    whole = Document({}, {}, tuple(sections), not withheld, withheld, across=(beside(*cells),))
    out = release(whole, limits)
    return out, out.across[0].rows[0]


def place(j):
    return Place("grid", 0, f"c{j}")


@settings(max_examples=60, deadline=None)
@given(st.lists(st.integers(0, 40), min_size=2, max_size=6), st.sampled_from([None, 0]))
def test_what_is_hidden_in_a_question_is_hidden_beside_the_others(parts, places):
    cells = [*map(Count, parts), Count(sum(parts))]
    last = len(parts)
    links = Links((Sum(place(last), tuple(place(j) for j in range(last))),))
    copies = [Copy("q", place(j), places=places) for j in range(len(cells))]
    out, row = copied([question(cells, links=links)], *copies)
    own = out.sections[0].tables[0].rows[0]
    for there, here in zip(own, row, strict=True):
        assert isinstance(here, Withheld) is isinstance(there, Withheld)
        if isinstance(there, Number):
            assert here.value == there.value


@pytest.mark.parametrize("cell", [Count(4), Share(3, 400), Mean(0.5, "days", 5), Mean(0.01, "share", 300, part=3)])
def test_a_number_that_a_rule_hides_is_hidden_with_its_reason_and_without_its_mark(cell):
    _, (here,) = copied([question([cell])], Copy("q", place(0), places=0, unit=True, mark="***"))
    assert isinstance(here, Withheld)
    assert here.text == LIMITS.symbol


def test_a_copy_is_rounded_from_what_was_released_and_not_from_the_exact_number():
    # 13.46% is printed as 13.5% and so is 14% beside the others; from the exact number it would be 13%
    cells = [Mean(0.1346, "share", 1000, part=135), Mean(0.5, "share", 1000, part=500)]
    out, (here,) = copied([question(cells)], Copy("q", place(0), places=0, unit=True))
    assert out.sections[0].tables[0].rows[0][0].text == "13.5"
    assert (here.value, here.text, here.after) == (14, "14", "%")


def test_what_rounds_to_nothing_says_so_and_a_zero_stays_a_zero():
    cells = [Mean(0.003, "share", 9000, part=27), Mean(0.0, "share", 9000, part=0), Mean(0.3, "share", 900, part=270)]
    _, row = copied([question(cells)], *(Copy("q", place(j), places=0, unit=True) for j in range(3)))
    assert [(type(cell), cell.text) for cell in row] == [(NotApplicable, "[low]"), (Number, "0"), (Number, "30")]


def test_a_share_may_be_told_of_a_hundred():
    _, (here,) = copied([question([Statistic(0.48)])], Copy("q", place(0), places=0, scale=100, mark="%"))
    assert (here.value, here.text + here.after) == (48, "48%")


@pytest.mark.parametrize(
    "at", [Copy("other", place(0)), Copy("q", Place("no", 0, "c0")), Copy("q", Place("grid", 3, "c0"))]
)
def test_a_copy_of_what_is_not_there_is_blank(at):
    _, (here,) = copied([question([Count(50)])], at)
    assert isinstance(here, NotApplicable)


def test_words_and_counts_of_areas_stand_for_themselves():
    _, row = copied([question([Count(50)])], Words("a"), Tally(4, "leads", of=5), Blank("why"))
    assert [(type(cell), cell.text) for cell in row] == [(Text, "a"), (Number, "4 of 5"), (NotApplicable, "[z]")]


def test_a_withheld_name_beside_the_questions_stops_the_release():
    with pytest.raises(DisclosureError):
        copied([question([Count(50)])], Words("Northwold"), withheld=frozenset({"Northwold"}))


def test_a_key_that_could_be_no_file_is_refused():
    whole = Document({}, {}, (question([Count(50)]),), True, frozenset(), across=(beside(Words("a"), key="../up"),))
    with pytest.raises(DisclosureError):
        release(whole, LIMITS)


def test_the_checkers_log_counts_what_stands_behind_the_copies(tmp_path):
    whole = Document(
        {},
        {},
        (question([Count(50), Count(4)]),),
        True,
        frozenset(),
        across=(beside(*(Copy("q", place(j)) for j in (0, 1))),),
    )
    write_evidence(whole, release(whole, LIMITS), tmp_path / "evidence.json")
    entry = json.loads((tmp_path / "evidence.json").read_text(encoding="utf-8"))["tables"][-1]
    assert entry["key"] == "all_questions/all"
    assert (entry["shown"], entry["hidden"], entry["smallest_count_shown"]) == (1, {"small_count": 1}, 50)
