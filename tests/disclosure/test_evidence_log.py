import json

from invented import LIMITS, invented

from whatworked.cells import Blank, Count, Mean, Share, Words
from whatworked.disclosure.evidence_log import evidence, write_evidence
from whatworked.disclosure.release import release
from whatworked.tables.document import document
from whatworked.tables.model import Column, Document, Section, Table


def log_of(*cells, facts=None):
    columns = tuple(Column(f"c{i}", Words(f"Column {i}")) for i in range(len(cells)))
    table = Table("counts", Words("A table"), "counts", columns, (cells,), Words("A source"))
    whole = Document({}, {}, (Section("q", facts or {}, {}, (), (table,)),), True, frozenset())
    return evidence(whole, release(whole, LIMITS))


def test_every_cell_of_a_table_is_accounted_for_once():
    entry, _ = log_of(Words("x"), Count(3), Count(12), Count(40), Blank("no"), Share(5, 100), Mean(2.0, "d", people=11))
    assert (entry.words, entry.shown, entry.not_applicable) == (1, 3, 1)
    assert entry.hidden == {"small_count": 1, "small_part": 1}
    assert entry.verdict == "released with numbers hidden"


def test_the_smallest_count_shown_counts_people_behind_means_and_not_zeros():
    entry, _ = log_of(Count(0), Count(40), Mean(2.0, "d", people=11), Share(20, 100), Count(3))
    assert entry.smallest_count_shown == 11


def test_a_table_without_people_has_no_smallest_count():
    assert log_of(Words("x"))[0].smallest_count_shown is None
    assert log_of(Words("x"))[0].verdict == "released whole"


def test_a_table_of_nothing_but_small_counts_says_so():
    assert log_of(Count(1), Count(2))[0].verdict == "released without any number"


def test_numbers_in_sentences_have_an_entry_of_their_own():
    prose = log_of(Words("x"), facts={"few": Count(3), "many": Count(30), "flag": True})[1]
    assert (prose.kind, prose.shown, prose.hidden) == ("prose", 1, {"small_count": 1})


def test_the_file_has_an_entry_for_every_released_table(tmp_path):
    whole = document(invented())
    released = release(whole, LIMITS)
    write_evidence(whole, released, tmp_path / "checker" / "evidence.json")
    written = json.loads((tmp_path / "checker" / "evidence.json").read_text(encoding="utf-8"))
    expected = [f"{section.key}/{table.key}" for section in released.sections for table in section.tables]
    expected += [f"appendix/{table.key}" for table in released.appendix]
    expected += [f"all_questions/{table.key}" for table in released.across]
    assert [entry["key"] for entry in written["tables"] if entry["kind"] != "prose"] == expected
    assert written["limits"] == LIMITS.to_dict()
    assert all(entry["verdict"] for entry in written["tables"])
