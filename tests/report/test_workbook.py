import openpyxl

from whatworked.disclosure.released import Number, Text
from whatworked.report import workbook
from whatworked.report.view import View
from whatworked.report.workbook import Workbook


def written(tmp_path, view):
    book = Workbook(tmp_path / "tables.xlsx", title="A study")
    book.table("Table 1", view)
    book.close()
    return openpyxl.load_workbook(tmp_path / "tables.xlsx")["Table 1"]


def test_a_table_too_long_for_a_sheet_is_cut_and_says_so(tmp_path, monkeypatch):
    monkeypatch.setattr(workbook, "MOST_ROWS", 3)
    rows = tuple((Text(f"row {i}"), Number(i, str(i))) for i in range(5))
    sheet = written(tmp_path, View("t", "A table", ("a", "b"), rows, source="A source"))
    lines = [row[0].value for row in sheet.iter_rows()]
    assert "The first 3 rows; 2 more are in the CSV file of this table." in lines
    assert lines[-1] == "row 2"


def test_headings_that_repeat_are_told_apart(tmp_path):
    row = (Text("x"), Number(1.0, "1.0"), Number(2.0, "2.0"))
    sheet = written(tmp_path, View("t", "A table", ("p-value", "P-value", "h" * 300), (row,)))
    (table,) = sheet.tables.values()
    assert [column.name for column in table.tableColumns] == ["p-value", "P-value (2)", "h" * 250]


def test_a_table_without_rows_is_a_sheet_of_its_title(tmp_path):
    sheet = written(tmp_path, View("t", "A table", ("a",), ()))
    assert sheet["A1"].value == "A table"
    assert not sheet.tables


def test_numbers_keep_the_decimals_they_were_printed_with(tmp_path):
    sheet = written(tmp_path, View("t", "A table", ("a", "b"), ((Text("x"), Number(14.0, "14.0")),)))
    cell = next(cell for row in sheet.iter_rows() for cell in row if cell.value == 14)
    assert cell.number_format == "#,##0.0"


def test_stars_and_percent_signs_are_layout_and_the_cell_stays_a_number(tmp_path):
    row = (Text("x"), Number(-7.6, "−7.6", after="***"), Number(27.0, "27", after="%"))
    sheet = written(tmp_path, View("t", "A table", ("a", "b", "c"), (row,)))
    found = {cell.value: cell.number_format for row in sheet.iter_rows() for cell in row if cell.data_type == "n"}
    assert found[-7.6] == '#,##0.0"***"'
    assert found[27] == '#,##0"%"'


def test_long_headings_that_repeat_many_times_are_told_apart(tmp_path):
    sheet = written(tmp_path, View("t", "A table", ("h" * 300,) * 4, (tuple(map(Text, "abcd")),)))
    (table,) = sheet.tables.values()
    assert len({column.name.lower() for column in table.tableColumns}) == 4
