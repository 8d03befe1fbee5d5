from dataclasses import replace

import pytest
from invented import COMPARATORS, LIMITS, PILOTS, UNUSED, invented

from whatworked.cells import Blank, Count, Hidden, Mean, Share, Statistic, Words
from whatworked.disclosure.release import NOT_APPLICABLE, clean, release
from whatworked.disclosure.released import NotApplicable, Number, Text, Withheld
from whatworked.disclosure.withheld_names import NameGuard
from whatworked.errors import DisclosureError
from whatworked.tables.document import document
from whatworked.tables.model import Choice, Column, Document, Passage, Section, Table, said


def one_table(*cells, facts=None, withheld=frozenset(), names_published=True, key="counts", question="first"):
    columns = tuple(Column(f"c{i}", Words(f"Column {i}")) for i in range(len(cells)))
    table = Table(key, Words("A table"), "counts", columns, (cells,), Words("A source"))
    section = Section(question, facts or {}, {}, (), (table,))
    return Document({}, {}, (section,), names_published, withheld)


def released_cells(*cells, **how):
    return release(one_table(*cells, **how), LIMITS).sections[0].tables[0].rows[0]


def test_hidden_and_blank_print_differently_each_with_its_reason():
    small, blank = released_cells(Count(3), Blank("not in this model"))
    assert isinstance(small, Withheld)
    assert isinstance(blank, NotApplicable)
    assert (small.text, small.why, small.rule) == ("[c]", "fewer than 10 people", "small_count")
    assert (blank.text, blank.why) == (NOT_APPLICABLE, "not in this model")


def test_a_study_whose_own_symbol_is_that_of_a_blank_gets_another_for_blanks():
    own = replace(LIMITS, symbol=NOT_APPLICABLE)
    out = release(one_table(Count(3), Blank("not here")), own).sections[0].tables[0].rows[0]
    assert [cell.text for cell in out] == ["[z]", "[x]"]


def test_what_was_hidden_upstream_stays_hidden():
    (cell,) = released_cells(Hidden("a reason"))
    assert isinstance(cell, Withheld)


@pytest.mark.parametrize("cell", [Statistic(float("nan")), Mean(float("inf"), "days", people=50), Share(0, 0)])
def test_no_number_that_is_none_is_printed(cell):
    (out,) = released_cells(cell)
    assert isinstance(out, NotApplicable)


def test_facts_of_sentences_pass_the_same_gate_as_cells_of_tables():
    facts = {"few": Count(3), "many": Count(30), "level": 0.05, "flag": True, "none": None, "words": Words("a, b")}
    out = release(one_table(Words("x"), facts=facts), LIMITS).sections[0].facts
    assert isinstance(out["few"], Withheld)
    assert out["many"] == Number(30, "30", "rows")
    assert (out["level"], out["flag"], out["none"], out["words"]) == (0.05, True, None, Text("a, b"))


def test_facts_of_decisions_notes_and_branches_pass_the_gate():
    few = {"n": Count(3)}
    choice = Choice(Words("d"), Words("c"), (Passage("{n} left", few),), (Passage("{n} not", few),))
    table = Table(
        "t", Words("T"), "counts", (Column("a", Words("A")),), ((Words("x"),),), Words("s"), (Passage("{n}", few),)
    )
    section = Section("q", {}, {"evidence": (Passage("{n}", few),)}, (choice,), (table,))
    out = release(Document({}, {}, (section,), True, frozenset()), LIMITS).sections[0]
    passages = [
        *out.passages["evidence"],
        *out.choices[0].because,
        *out.choices[0].not_taken,
        *out.tables[0].notes,
    ]
    assert len(passages) == 4
    assert all(isinstance(passage.facts["n"], Withheld) for passage in passages)


def test_words_lose_control_characters_and_marks_that_turn_the_reading_direction():
    assert clean("a\tb\x00c\u202ed\ud800e<script>") == "a b cd\ufffde<script>"


@pytest.mark.parametrize("place", ["cell", "title", "source", "heading", "fact", "template", "blank", "study"])
def test_a_withheld_name_is_refused_wherever_words_can_stand(place):
    name = Words("Not Easterby, surely")
    words = Words("nothing")
    fill = {key: name if key == place else words for key in ("cell", "title", "source", "heading", "fact", "study")}
    cell = Blank(name.text) if place == "blank" else fill["cell"]
    passage = Passage(name.text if place == "template" else "nothing")
    table = Table("t", fill["title"], "k", (Column("c", fill["heading"]),), ((cell,),), fill["source"])
    section = Section("q", {"f": fill["fact"]}, {"evidence": (passage,)}, (), (table,))
    whole = Document({"title": fill["study"]}, {}, (section,), False, frozenset({"Easterby"}))
    with pytest.raises(DisclosureError) as refused:
        release(whole, LIMITS)
    assert "Easterby" not in str(refused.value)
    assert refused.value.exit_code == 5
    assert release(replace(whole, withheld=frozenset({"Elsewhere"})), LIMITS)


def test_short_codes_and_numbers_are_refused_only_as_a_whole_cell():
    guard = NameGuard({"CA", "867", "E06000036"})
    assert guard.finds("CA")
    assert guard.finds(" 867 ")
    assert not guard.finds("867 rows")
    assert not guard.finds("A CAT")
    assert guard.finds("area E06000036.")
    assert not guard.finds("area E060000361")
    assert not NameGuard(()).finds("anything")


@pytest.mark.parametrize("key", ["../up", "A", "a b", "", "a/b", "x" * 101])
def test_a_key_that_could_be_a_path_is_refused(key):
    with pytest.raises(DisclosureError):
        release(one_table(Words("x"), question=key), LIMITS)


def test_no_code_or_comparator_name_passes_when_names_are_withheld():
    released = release(document(invented(publish_names=False)), LIMITS)
    everything = repr(released)
    for code, name in (COMPARATORS | UNUSED).items():
        assert code not in everything
        assert name not in everything
    assert not [code for code in PILOTS if code in everything]
    assert all(label in everything for label in PILOTS.values())


def test_a_study_title_that_names_a_withheld_area_is_refused():
    findings = invented(publish_names=False)
    named = replace(findings, questions=(replace(findings.questions[0], source="Langrick council"),))
    with pytest.raises(DisclosureError):
        release(document(named), LIMITS)


def test_sentences_without_gaps_keep_their_braces():
    assert said("a {b} c").template == "{words}"
