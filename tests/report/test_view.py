from invented import LIMITS, invented

from whatworked.disclosure.release import release
from whatworked.disclosure.released import NotApplicable, Number, Text, Withheld
from whatworked.report.view import View, as_text, lettered, numbers, pivoted, printed, symbols_explained
from whatworked.tables.document import document


def test_a_wide_table_holds_the_same_cells_as_the_tidy_one():
    section = release(document(invented()), LIMITS).sections[0]
    tidy = printed(section.table("trends"), section, number=1)
    wide = pivoted(tidy, across=4, value=5, names=(0, 1, 2), heading="")
    assert wide.headings[3:] == ("2013", "2014", "2015", "2016", "2017", "2018", "2019")
    found = {
        (row[0], row[1], year): cell for row in wide.rows for year, cell in zip(wide.headings[3:], row[3:], strict=True)
    }
    assert found == {(row[0].text, row[1].text, row[4].text): row[5] for row in tidy.rows}


def test_every_symbol_is_explained_under_its_table():
    cells = [
        (Withheld("[c]", "few", "r"), NotApplicable("[z]", "reference")),
        (NotApplicable("[z]", "none"), Text("a")),
    ]
    assert symbols_explained(cells) == ("[c] hidden: few.", "[z] no number: reference; none.")


def test_many_reasons_are_cut_and_counted():
    cells = [[NotApplicable("[z]", f"reason {i}") for i in range(7)]]
    assert symbols_explained(cells)[0].endswith("reason 3; and 3 more reasons.")


def test_a_column_of_symbols_alone_counts_as_numeric():
    view = View("v", "t", ("a", "b", "c"), (("x", Withheld("[c]", "few", "r"), Number(1.0, "1.0")),))
    assert view.numeric == (False, True, True)


def test_tables_are_numbered_once_through_the_whole_report():
    document_ = release(document(invented()), LIMITS)
    assert list(numbers(document_).values()) == list(range(1, len(numbers(document_)) + 1))


def test_long_tables_may_show_the_first_rows_of_each_group_only():
    section = release(document(invented()), LIMITS).sections[0]
    short = printed(section.table("candidates"), section, number=1, first=3)
    assert [row[0].text for row in short.rows] == [
        pilot for pilot in ("Alderbrook", "Brackenford", "Coldharbour", "Dunmere") for _ in range(3)
    ]


def test_a_letter_tells_each_reason_for_an_empty_cell_apart():
    rows = (
        (Text("x"), NotApplicable("[z]", "dropped"), Number(1.0, "1.0", after="*")),
        (Text("y"), NotApplicable("[z]", "not asked"), NotApplicable("[z]", "dropped")),
        (Text("z"), Withheld("[c]", "few", "r"), Number(2.0, "2.0")),
    )
    view = lettered(View("v", "t", ("a", "b", "c"), rows), notes=("a note",))
    assert [[as_text(cell) for cell in row] for row in view.rows] == [
        ["x", "[z] a", "1.0*"],
        ["y", "[z] b", "[z] a"],
        ["z", "[c]", "2.0"],
    ]
    assert view.notes == ("a note", "[z] a no number: dropped.", "[z] b no number: not asked.", "[c] hidden: few.")


def test_one_reason_needs_no_letter():
    view = View("v", "t", ("a", "b"), ((Text("x"), NotApplicable("[z]", "dropped")),))
    assert lettered(view, notes=()) is view
