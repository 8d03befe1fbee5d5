"""Counts below the limit, planted in every typed cell, must not be found anywhere in what leaves."""

import re
from dataclasses import replace

from invented import LIMITS, invented
from released_folder import everything_in

from whatworked.cells import Coefficient, Count, Mean, Probability, Share, Statistic, Words
from whatworked.disclosure.profile import Limits
from whatworked.disclosure.release import release
from whatworked.report.write import write_report
from whatworked.tables.document import document
from whatworked.tables.model import Choice, Column, Passage, Table

# So high a limit that the planted numbers are unlike any other in the report.
LIMIT = Limits("srs", 9000, 10, "[c]")
PLANTED = {
    "count": Count(8011),
    "share": Share(8017, 50_000),
    "complement": Share(50_000 - 8039, 50_000),
    "mean": Mean(8053.7, "days", people=8059),
    "unknown": Mean(8069.7, "days"),
    "named": Mean(8081.7, "days", people=20_000, published=True, area="E0601"),
    "estimate": Coefficient(8087.7, "days", residual_df=9.5),
    "distance": Statistic(8089.7, 1, "E0601"),
    "chance": Probability(0.8093, "E0601"),
}
CANARIES = ("8011", "8017", "8039", "8053", "8059", "8069", "8081", "8087", "8089", "8093", "0.809", "16.0", "83.9")


def found_in(words):
    plain = words.replace(",", "")
    return [canary for canary in CANARIES if re.search(rf"(?<![\d.]){re.escape(canary)}(?!\d)", plain)]


def planted_document():
    """Return the invented document with a planted number in every place that can hold one."""
    whole = document(invented(publish_names=False))
    section = whole.sections[0]
    said = Passage(" ".join(f"{{{key}}}" for key in PLANTED), PLANTED)
    columns = tuple(Column(key, Words(key)) for key in ("row", *PLANTED))
    row = (Words("x"), *PLANTED.values())
    table = Table("planted", Words("Planted"), "counts", columns, (row,), Words("s"), (said,))
    facts = dict(section.facts) | {
        "estimate": PLANTED["estimate"],
        "low": PLANTED["estimate"],
        "high": PLANTED["estimate"],
        "pilots_before": PLANTED["mean"],
        "pilots_after": PLANTED["unknown"],
    }
    poisoned = tuple(replace(t, notes=(said,), rows=tuple(map(poison, t.rows))) for t in section.tables)
    planted = replace(
        section,
        facts=facts,
        passages={subject: (said,) for subject in ("evidence", "concerns", "dropped", "not_run")},
        choices=(Choice(Words("d"), Words("c"), (said,), (said,)),),
        tables=(*poisoned, table),
    )
    passages = {subject: (said,) for subject in ("limits", "how_compared", "how_people", "how_models")}
    return replace(whole, passages=passages, sections=(planted,), appendix=(table,))


def poison(row):
    """Return a row of which every number is a planted one of the same type, or an estimate."""
    of_type = {type(cell): cell for cell in reversed(PLANTED.values())}
    return tuple(of_type.get(type(cell), cell) for cell in row)


def test_no_planted_number_is_found_in_any_file(tmp_path):
    write_report(release(planted_document(), LIMIT), tmp_path)
    words = everything_in(tmp_path)
    assert words.count("[c]") > 100
    assert found_in(words) == []


def test_the_search_would_find_them(tmp_path):
    open_gate = Limits("srs", 1, 0, "[c]")
    write_report(release(replace(planted_document(), names_published=True), open_gate), tmp_path)
    missed = set(CANARIES) - set(found_in(everything_in(tmp_path)))
    # People behind a mean, the part of a share and a p-value's fourth digit are never printed; a mean of people
    # whose number is unknown stays hidden.
    assert missed == {"8017", "8039", "8059", "8069", "8093"}


def test_small_numbers_of_people_hide_every_mean_and_figure_made_of_them(tmp_path):
    question = invented().questions[0]
    few = replace(
        question,
        published=False,
        persons=5000,
        series=tuple(replace(row, people=7) for row in question.series),
        summary=tuple(replace(row, people=7) for row in question.summary),
        counterfactual=tuple(replace(row, pilot_people=7, comparator_people=7) for row in question.counterfactual),
        specifications=tuple(replace(s, residual_df=4.0) for s in question.specifications),
    )
    write_report(release(document(replace(invented(), questions=(few,))), LIMITS), tmp_path)
    words = everything_in(tmp_path)
    secret = {f"{row.value:.{places}f}" for row in question.series if row.value for places in (1, 2, 3)}
    secret |= {f"{abs(term.estimate):.1f}" for s in question.specifications for term in s.terms}
    found = {number for number in secret if re.search(rf"(?<![\d.]){re.escape(number)}(?!\d)", words)}
    # The stylesheet and the drawings' geometry are gone with the figures; what is left must be none of these.
    assert {number for number in found if number not in {"0.3", "0.9", "1.0", "1.4", "1.1"}} == set()
    # the flow counts no one who is few: its steps leave out hundreds, and 72 rows stay
    assert sorted(path.name for path in (tmp_path / "figures").iterdir()) == ["plans_flow.png", "plans_flow.svg"]
