import re
from dataclasses import replace
from itertools import pairwise

import openpyxl
import pytest
from invented import COMPARATORS, LIMITS, PILOTS, UNUSED, invented
from released_folder import Page, everything_in

from whatworked.disclosure.release import release
from whatworked.findings.files import to_json
from whatworked.report.write import write_report
from whatworked.tables.document import document

HOSTILE = "=cmd|'/C calc'!A0 <script>document.title='run'</script> \"quoted\" {brace} 漢字 \u202egnp " + "x" * 230


def write(findings, folder, limits=LIMITS):
    write_report(release(document(findings), limits), folder)
    return folder


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return write(invented(), tmp_path_factory.mktemp("named"))


@pytest.fixture(scope="module")
def page(folder):
    return Page((folder / "report.html").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def hostile(tmp_path_factory):
    findings = invented()
    words = {"title": HOSTILE, "question": HOSTILE, "intervention": HOSTILE, "owner": HOSTILE, "limits": (HOSTILE,)}
    study = replace(findings.study, **words)
    words = {"title": HOSTILE, "outcome": HOSTILE, "source": HOSTILE, "concerns": (HOSTILE,)}
    questions = tuple(replace(question, **words) for question in findings.questions)
    names = tuple(replace(entry, name=f"{HOSTILE} {entry.area}") for entry in questions[0].names)
    questions = tuple(replace(q, names=names) for q in questions)
    findings = replace(findings, study=study, questions=questions)
    return write(findings, tmp_path_factory.mktemp("hostile"))


def test_two_writes_of_one_study_are_the_same_bytes(folder, tmp_path):
    again = write(invented(), tmp_path)
    files = sorted(path.relative_to(folder) for path in folder.rglob("*") if path.is_file())
    assert files == sorted(path.relative_to(again) for path in again.rglob("*") if path.is_file())
    assert [path for path in files if (folder / path).read_bytes() != (again / path).read_bytes()] == []


def test_the_report_is_one_small_file_that_opens_without_a_network(folder, page):
    html = (folder / "report.html").read_text(encoding="utf-8")
    assert len(html.encode()) < 3_000_000
    assert "http:" not in html
    assert "https:" not in html
    assert not [tag for tag, _ in page.tags if tag in {"script", "link", "iframe", "object", "embed", "base", "form"}]
    policy = next(given for tag, given in page.tags if tag == "meta" and "http-equiv" in given)
    assert policy["content"] == "default-src 'none'; style-src 'unsafe-inline'; img-src data:"


def test_headings_go_down_one_step_at_a_time_from_a_single_first(page):
    levels = [int(tag[1]) for tag, _ in page.tags if re.fullmatch(r"h[1-6]", tag)]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(later - earlier <= 1 for earlier, later in pairwise(levels))


def test_the_page_can_be_read_without_seeing_it(page):
    tags = dict(page.tags[:1])
    assert tags["html"] == {"lang": "en-GB"}
    images = [given for tag, given in page.tags if tag == "img"]
    assert len(images) == 14
    assert len({given["alt"] for given in images}) == 14
    assert all(given["src"].startswith("data:image/svg+xml;base64,") for given in images)
    tables = sum(tag == "table" for tag, _ in page.tags)
    assert tables == sum(tag == "caption" for tag, _ in page.tags)
    assert all(given.get("scope") in {"col", "row"} for tag, given in page.tags if tag == "th")
    ids = [given["id"] for _, given in page.tags if "id" in given]
    assert len(ids) == len(set(ids))
    pointed = [given["href"][1:] for tag, given in page.tags if tag == "a"]
    assert set(pointed) <= set(ids)
    labelled = {given["aria-labelledby"] for _, given in page.tags if "aria-labelledby" in given}
    assert labelled <= set(ids)


def test_every_figure_has_a_table_behind_it(page):
    assert page.words(inside="summary").count("The numbers behind figure") == 14


def test_every_number_of_the_page_is_found_in_the_findings(page):
    known = known_numbers(to_json(invented()))
    before_appendix = page.words().rpartition("Technical appendix")[0]
    printed = set(re.findall(r"(?<![\w.,])\d[\d,]*\.\d+(?!\w)", before_appendix))
    assert len(printed) > 200
    assert sorted(number for number in printed if number.replace(",", "") not in known) == []


def known_numbers(text):
    """Return every number of the findings rounded in every way in which a report may round it."""
    exact = [abs(float(number)) for number in re.findall(r"-?\d+(?:\.\d+)?(?:e-?\d+)?", text)]
    ways = [(scale, places) for scale in (1, 100) for places in range(1, 5)]
    return {f"{scale * number:.{places}f}" for number in exact for scale, places in ways} | {"0.001"}


def test_the_first_screen_speaks_without_jargon(page):
    first = page.words().split("What to bear in mind")[0].lower()
    for word in ("p-value", "p =", "bootstrap", "cluster", "coefficient", "regression", "significant", "cr1"):
        assert word not in first


def test_the_pages_first_table_has_one_row_a_question(page):
    words = page.words()
    assert "A fall of 14.0 per 10,000 children" in words
    assert "No evidence of a change. The estimate is a fall of 4.6" in words


def test_every_source_is_named_under_its_tables_and_figures(page):
    assert page.words().count("Source: ") + page.words().count("Source:") >= 8 + 30


def test_the_workbook_holds_every_table_and_no_formula_or_link(folder):
    book = openpyxl.load_workbook(folder / "tables.xlsx")
    tables = [name for name in book.sheetnames if name.startswith("Table")]
    assert book.sheetnames[:3] == ["Cover", "Contents", "Notes"]
    assert len(tables) == len(list((folder / "tables").glob("*.csv"))) - 4
    for sheet in book:
        assert not sheet.merged_cells.ranges
        for row in sheet.iter_rows():
            for cell in row:
                assert cell.data_type != "f"
                assert cell.hyperlink is None
        for table in sheet.tables.values():
            assert all(cell.value not in (None, "") for row in sheet[table.ref] for cell in row)


def test_the_workbooks_contents_list_its_sheets(folder):
    book = openpyxl.load_workbook(folder / "tables.xlsx")
    listed = [row[0].value for row in book["Contents"].iter_rows() if row[0].value in book.sheetnames]
    assert listed == ["Contents", *book.sheetnames[3:]]


def test_numbers_of_the_workbook_are_numbers_and_rounded(folder):
    book = openpyxl.load_workbook(folder / "tables.xlsx")
    cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row if cell.value is not None]
    found = [cell.value for cell in cells if cell.data_type == "n"]
    assert len(found) > 500
    assert all(round(value, 3) == value for value in found)


def test_no_code_and_no_comparators_name_leaves_when_names_are_withheld(tmp_path):
    words = everything_in(write(invented(publish_names=False), tmp_path))
    withheld = [*PILOTS, *COMPARATORS, *UNUSED, *COMPARATORS.values(), *UNUSED.values()]
    assert [name for name in withheld if name in words] == []
    assert "Comparator 1" in words
    assert not list((tmp_path / "figures").glob("*trends*"))
    assert "This figure cannot be shown" in words


def test_hostile_words_survive_as_text_and_nothing_else(hostile):
    html = (hostile / "report.html").read_text(encoding="utf-8")
    page = Page(html)
    assert not [tag for tag, _ in page.tags if tag == "script"]
    assert not [given for _, given in page.tags if any(name.startswith("on") for name in given)]
    kept = HOSTILE.replace("\u202e", "")
    assert kept in page.words()
    assert "\u202e" not in everything_in(hostile)
    for svg in (hostile / "figures").glob("*.svg"):
        assert "<script" not in svg.read_text(encoding="utf-8")


def test_hostile_words_start_no_formula_in_workbook_or_csv(hostile):
    book = openpyxl.load_workbook(hostile / "tables.xlsx")
    cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row if cell.value is not None]
    assert not [cell.coordinate for cell in cells if cell.data_type == "f" or cell.hyperlink]
    assert [cell for cell in cells if str(cell.value).startswith("=cmd")]
    for path in (hostile / "tables").glob("*.csv"):
        assert not re.search(r'(?:^|,)"?[=+@]', path.read_text(encoding="utf-8"), re.MULTILINE)


def test_an_empty_study_still_has_a_report(tmp_path):
    question = replace(
        invented().questions[0],
        specifications=(),
        series=(),
        counterfactual=(),
        leave_one_area_out=(),
        summary=(),
        tests=(),
        decisions=(),
        quality=(),
        areas=replace(invented().questions[0].areas, groups=(), candidates=()),
    )
    write(replace(invented(), questions=(question,)), tmp_path)
    assert "could not be estimated" in (tmp_path / "report.html").read_text(encoding="utf-8")
