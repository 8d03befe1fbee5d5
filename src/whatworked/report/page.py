"""The report itself: one HTML file that opens without a network and runs no scripts."""

from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass

from jinja2 import Environment, PackageLoader, StrictUndefined

from whatworked.disclosure.released import ReleasedDocument, ReleasedSection, ReleasedTable, Withheld
from whatworked.report.across import in_parts
from whatworked.report.appendix import appendix_views
from whatworked.report.figures.drawing import Drawn
from whatworked.report.figures.figure import Figure
from whatworked.report.overview import HEADINGS, front
from whatworked.report.prose import answer, design, people
from whatworked.report.prose.fill import fill
from whatworked.report.prose.phrases import words
from whatworked.report.prose.pieces import Piece
from whatworked.report.prose.summary import summary
from whatworked.report.trace import Places, Traced, made_by, places, traced
from whatworked.report.view import View, as_text, numbers, pivoted, printed

# The tables that stand open in the page; the others fold away, and those behind figures stand with these.
OPEN = (
    "summary",
    "primary",
    "secondary",
    "inference",
    "sensitivity",
    "rule_sets",
    "areas_compared",
    "people_matched",
    "balance_overall",
    "baseline_means",
)
NEAREST = 10
MOST_ROWS = 150
# The parts of how the study was done, of which each is a subject of the document's passages.
HOW = ("compared", "people", "models", "chance", "design")


@dataclass(frozen=True, slots=True)
class Picture:
    """A figure on the page: `data` is the picture, or None where the gate held it back, `why` the reason."""

    number: int
    figure: Figure
    data: str | None
    why: str
    table: View


@dataclass(frozen=True, slots=True)
class Chapter:
    """Everything the page says about one question."""

    key: str
    title: str
    outcome: str
    answer: str
    happened: str
    rating: str
    reasons: list[str]
    sure: list[str]
    design: list[str]
    people: list[str]
    dropped: list[str]
    concerns: list[str]
    secondary: list[str]
    rule_sets: list[str]
    not_run: list[str]
    exploratory: bool
    decisions: tuple[Traced, ...]
    made_by: Mapping[str, tuple[Piece, ...]]
    pictures: tuple[Picture, ...]
    open_tables: tuple[View, ...]
    folded_tables: tuple[View, ...]


def page(document: ReleasedDocument, pictures: Mapping[str, tuple[Drawn, ...]]) -> str:
    """Return the page as text; `pictures` holds the figures of each question, drawn, by its key."""
    count = 0
    chapters = []
    where = places(document, most=MOST_ROWS)
    for section in document.sections:
        chapters.append(_chapter(document, section, where, pictures=pictures[section.key], first=count + 1))
        count += len(pictures[section.key])
    return _rendered(
        "report.html.j2",
        document,
        chapters=chapters,
        across=in_parts(document),
        appendix=[_cut(view, len(view.rows)) for view in appendix_views(document)],
        how={part: [fill(passage) for passage in document.passages.get(f"how_{part}", ())] for part in HOW},
        hidden=document.hidden,
        not_applicable=document.not_applicable,
        disclosure=document.limits,
    )


def summary_page(document: ReleasedDocument) -> str:
    """Return the summary as a page of its own; its links lead into `report.html` beside it."""
    return _rendered("summary_page.html.j2", document)


def _rendered(template: str, document: ReleasedDocument, **more: object) -> str:
    environment = Environment(
        loader=PackageLoader("whatworked.report"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["shown"] = as_text
    where = places(document, most=MOST_ROWS)
    return environment.get_template(template).render(
        study={key: words(document.facts, key) for key in document.facts},
        headings=HEADINGS,
        front=front(document),
        summary=summary(document),
        limits=[fill(passage) for passage in document.passages.get("limits", ())],
        limits_key=where.key("study.limits"),
        **more,
    )


def _chapter(
    document: ReleasedDocument,
    section: ReleasedSection,
    where: Places,
    *,
    pictures: tuple[Drawn, ...],
    first: int,
) -> Chapter:
    behind = {drawn.figure.table for drawn in pictures}
    shown = {table.key: _table(document, section, table) for table in section.tables}
    rest = [key for key in shown if key not in behind and key not in OPEN]
    return Chapter(
        key=section.key,
        title=words(section.facts, "question"),
        outcome=words(section.facts, "outcome"),
        answer=answer.answer_in_a_paragraph(section),
        happened=answer.what_happened(section),
        rating=words(section.facts, "rating_in_words"),
        reasons=design.reasons_of_rating(section),
        sure=design.how_sure(section),
        design=design.design(section),
        people=people.how_matched(section),
        dropped=design.listed(section, "dropped"),
        concerns=design.listed(section, "concerns"),
        secondary=design.listed(section, "secondary"),
        rule_sets=design.listed(section, "rule_sets"),
        not_run=design.listed(section, "not_run"),
        exploratory=section.facts.get("exploratory") is True,
        decisions=traced(section, where),
        made_by=made_by(section, where),
        pictures=tuple(_picture(drawn, shown[drawn.figure.table], n) for n, drawn in enumerate(pictures, start=first)),
        open_tables=tuple(shown[key] for key in OPEN if key in shown),
        folded_tables=tuple(shown[key] for key in rest),
    )


def _picture(drawn: Drawn, table: View, number: int) -> Picture:
    if drawn.page is None:
        hidden = dict.fromkeys(cell.why for row in table.rows for cell in row if isinstance(cell, Withheld))
        why = "; ".join(hidden) or "there is no number to draw"
        return Picture(number, drawn.figure, None, why, table)
    return Picture(number, drawn.figure, b64encode(drawn.page.encode()).decode("ascii"), "", table)


def _table(document: ReleasedDocument, section: ReleasedSection, table: ReleasedTable) -> View:
    """Return a table as the page lays it out; what is too long for it is cut, and the note says where the rest is."""
    number = numbers(document)[section.key, table.key]
    if table.key == "trends":
        view = printed(table, section, number=number)
        return pivoted(view, across=4, value=5, names=(0, 1, 2), heading="")
    view = printed(table, section, number=number, first=NEAREST if table.key == "candidates" else None)
    return _cut(view, len(table.rows))


def _cut(view: View, rows: int) -> View:
    kept = view.rows[:MOST_ROWS]
    if len(kept) == rows:
        return view
    note = f"{len(kept):,} of {rows:,} rows are shown; all are in the workbook and in tables/{view.key}.csv."
    return View(view.key, view.title, view.headings, kept, (*view.notes, note), view.source, view.heads)
