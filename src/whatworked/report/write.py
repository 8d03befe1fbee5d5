"""Everything that may leave, written into one folder: page, workbook, tables and figures."""

from itertools import islice
from pathlib import Path

from whatworked.disclosure.released import ReleasedDocument
from whatworked.report import across
from whatworked.report.appendix import appendix_views
from whatworked.report.csv_files import csv_text
from whatworked.report.figures.drawing import Drawn, drawn
from whatworked.report.figures.figure import figures
from whatworked.report.overview import answers, decisions
from whatworked.report.page import page, summary_page
from whatworked.report.prose.fill import fill
from whatworked.report.prose.phrases import words
from whatworked.report.view import View, numbers, printed
from whatworked.report.workbook import Workbook

GENERAL_NOTES = (
    "The source's test is the test registered before the study: standard errors clustered by area.",
    "The headline test is the one that suits the number of areas, chosen by rule.",
    "p-values below 0.001 are written <0.001.",
    "In the CSV files a cell of words that begins with =, +, - or @ has an apostrophe before it, so that no "
    "spreadsheet takes it for a formula.",
)


def write_report(document: ReleasedDocument, folder: Path) -> None:
    """Write report, summary, `tables.xlsx`, `tables/*.csv` and `figures/*`; the same document, the same bytes."""
    pictures = _pictures(document)
    views = _views(document)
    (folder / "tables").mkdir(parents=True, exist_ok=True)
    (folder / "figures").mkdir(exist_ok=True)
    _write_text(folder / "report.html", page(document, pictures))
    _write_text(folder / "summary.html", summary_page(document))
    for view in views:
        _write_text(folder / "tables" / f"{view.key}.csv", csv_text(view))
    for key, found in pictures.items():
        for one in found:
            _write_figure(one, folder / "figures" / f"{key}_{one.figure.key}")
    _write_workbook(document, views, folder / "tables.xlsx")


def _pictures(document: ReleasedDocument) -> dict[str, tuple[Drawn, ...]]:
    """Return the figures of each question, all of them drawn together."""
    found = {section.key: figures(section) for section in document.sections}
    pictures = iter(drawn(figure for of_question in found.values() for figure in of_question))
    return {key: tuple(islice(pictures, len(of_question))) for key, of_question in found.items()}


def _views(document: ReleasedDocument) -> list[View]:
    """Return every table of the report, those made of sentences first."""
    decided = [decisions(section, number=n) for n, section in enumerate(document.sections, start=1)]
    found = [answers(document), *(view for view in decided if view.rows), *across.whole(document)]
    number = numbers(document)
    for section in document.sections:
        found += [printed(table, section, number=number[section.key, table.key]) for table in section.tables]
    found += appendix_views(document)
    return [*found, _contents(found)]


def _contents(views: list[View]) -> View:
    return View(
        key="contents",
        title="Tables in this folder",
        headings=("File", "Title", "Source", "Notes"),
        rows=tuple(
            (f"{view.key}.csv", view.title, view.source or "This report", " ".join(view.notes) or "None")
            for view in views
        ),
    )


def _write_figure(picture: Drawn, path: Path) -> None:
    if picture.png is not None and picture.svg is not None:
        path.with_suffix(".png").write_bytes(picture.png)
        _write_text(path.with_suffix(".svg"), picture.svg)


def _write_workbook(document: ReleasedDocument, views: list[View], path: Path) -> None:
    facts = document.facts
    book = Workbook(path, title=words(facts, "title"))
    tables = [view for view in views if view.key != "contents"]
    book.words(
        "Cover",
        words(facts, "title"),
        [
            words(facts, "question"),
            f"Owner: {words(facts, 'owner')}. Protocol version {words(facts, 'version')}.",
            f"Protocol digest (SHA-256): {words(facts, 'protocol_hash')}.",
            "This workbook holds the tables of report.html. Sheet Contents lists them, sheet Notes explains symbols.",
        ],
    )
    book.table("Contents", View("contents", "Contents", ("Sheet", "Table"), tuple((v.sheet, v.title) for v in tables)))
    book.words("Notes", "Notes", _notes(document))
    for view in tables:
        book.table(view.sheet, view)
    book.close()


def _notes(document: ReleasedDocument) -> list[str]:
    limits = document.limits
    return [
        f"{document.hidden}: a number that may not leave. Hidden are counts of people from 1 to "
        f"{int(limits['smallest']) - 1}, figures with so few people behind them, numbers from which these could be "
        "worked out, figures that would give away the name of an area, and "
        f"estimates on fewer than {limits['residual_df']} residual degrees of freedom.",
        f"{document.not_applicable}: no number belongs here; the notes above each table say why.",
        *GENERAL_NOTES,
        *(f"Limit of the study: {fill(passage)}" for passage in document.passages.get("limits", ())),
    ]


def _write_text(path: Path, text: str) -> None:
    path.write_bytes(text.encode("utf-8"))
