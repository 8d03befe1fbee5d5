"""From a sentence of the summary to the protocol line and the tested function, and from every number to the findings.

Two small studies are run whole, of areas and of people, and the page is read as a stranger would.

Numbers of the page that are no findings, and why:
- numbers of tables and figures, sections and headings;
- the 95 of a 95% interval and the 100 of "in n of 100 studies", which are ways of speaking;
- in the technical appendix: what stands in formulas, years and pages of works, versions, the protocol, and the limits
  of what may be shown.
"""

import json
import re
from pathlib import Path

import people_study
import pytest
from invented_study import invented, write_study

from whatworked import read_protocol, run
from whatworked.disclosure.profile import Limits
from whatworked.disclosure.release import release
from whatworked.findings.files import from_json
from whatworked.report.prose.pieces import as_words, decision_anchors
from whatworked.report.prose.summary import summary
from whatworked.tables.document import document

ROOT = Path(__file__).parents[1]
VARIANTS = '[[variant]]\nkind = "lags"\n[[variant]]\nkind = "leave_out"\npilots = "each"\n'
LEVEL = "[thresholds]\nsignificance = 0.04\n"
SECOND = """
[[question]]
key = "again"
title = "Did the rate change, asked to learn?"
records = "rates"
outcome = { label = "the rate again" }
exploratory = true
concerns = ["Recording changed in 2014."]
"""
NUMBER = r"(?<![\w.,])\d[\d,]*(?:\.\d+)?(?![\w])"


def of_areas(folder):
    return write_study(
        folder, invented(), question='concerns = ["Two areas changed their forms."]', extra=f"{SECOND}{VARIANTS}{LEVEL}"
    )


def of_people(folder):
    question = 'covariates = ["age", "sex"]\nrecurrence_veto = true'
    return people_study.write_study(
        folder, people_study.invented(), question=question, matching=people_study.COARSENING, extra=f"{VARIANTS}{LEVEL}"
    )


@pytest.fixture(scope="module", params=[of_areas, of_people], ids=["areas", "people"])
def ran(request, tmp_path_factory):
    """Return the folder of a study that was run."""
    path = request.param(tmp_path_factory.mktemp("study") / "study")
    run(read_protocol(path), out=path.parent / "run")
    return path.parent


class Place:
    """A page taken apart by the ids on it: what stands inside each, as words and as links."""

    def __init__(self, html):
        self.html = re.sub(r"base64,[A-Za-z0-9+/=]*", "", html)
        self.html = re.sub(r"<style>.*?</style>", "", self.html, flags=re.DOTALL)

    def row(self, anchor):
        """Return the row of a table that has an id."""
        return re.search(rf'<tr id="{re.escape(anchor)}".*?</tr>', self.html, re.DOTALL)[0]

    def after_table(self, anchor):
        """Return what stands from a table's caption to the next table."""
        start = self.html.index(f'id="{anchor}"')
        return self.html[
            start : self.html.index("</details>" if "<table" not in self.html[start + 1 :] else "<table", start)
        ]

    def part(self, start, end):
        """Return what lies between two ids."""
        return self.html[self.html.index(f'id="{start}"') : self.html.index(f'id="{end}"')]


def links(html):
    return re.findall(r'href="#([^"]+)"', html)


def words(html):
    return re.sub(r"<[^>]*>", " ", html)


@pytest.fixture(scope="module")
def page(ran):
    return Place((ran / "run" / "release" / "report.html").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def released(ran):
    findings = from_json((ran / "run" / "findings.json").read_text(encoding="utf-8"), where="here")
    return release(document(findings), Limits.from_dict(findings.disclosure))


def test_every_sentence_of_the_summary_is_on_the_page_and_leads_to_a_row_of_decisions(page, released):
    told = page.part("summary", "limits") if 'id="limits"' in page.html else page.html
    sentences = re.findall(r'<span class="sentence">(.*?)</span>', told, re.DOTALL)
    expected = [as_words(said) for part in summary(released) for said in part.sentences]
    assert [re.sub(r"<[^>]*>", "", one) for one in sentences] == [one.replace("'", "&#39;") for one in expected]
    for one in sentences:
        assert links(one)
        for anchor in links(one):
            assert "Rule:" in page.row(anchor)


def test_every_decision_leads_to_tables_a_proved_rule_and_the_lines_of_the_protocol(page, ran, released):
    study = (ran / "study.toml").read_text(encoding="utf-8").splitlines()
    seen = 0
    for section in released.sections:
        for anchor in decision_anchors(section):
            row = page.row(anchor)
            kinds = [link.partition("_")[0] + link.partition("_")[2][:8] for link in links(row)]
            assert any(link.startswith("appendix_methods-") for link in links(row)), kinds
            for link in links(row):
                if link.startswith("appendix_methods-"):
                    assert proofs(page.row(link))
                elif link.startswith("appendix_protocol-"):
                    key, _, line, whose = re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", page.row(link), re.DOTALL)
                    if whose != "The default":
                        assert key.rpartition(".")[2] in study[int(line.replace(",", "")) - 1]
                        seen += 1
                else:
                    assert f'id="{link}"' in page.html
    assert seen


def proofs(row):
    """Return the proofs in a row of the register, each of which must exist."""
    found = re.findall(r"tests/[\w/]+\.py", row)
    assert all((ROOT / proof).is_file() for proof in found)
    return found


def test_the_tables_behind_a_decision_name_the_functions_that_made_them(page, released):
    for section in released.sections:
        for key in ("inference", "sensitivity", "tests", "summary"):
            after = page.after_table(f"{section.key}_{key}-caption")
            made = re.search(r"Where these numbers come from: .*?</p>", after, re.DOTALL)
            assert made, key
            for anchor in links(made[0]):
                assert proofs(page.row(anchor))


def test_the_appendix_holds_the_methods_and_the_works_of_this_study_and_no_others(page, released):
    appendix = {table.key: table for table in released.appendix}
    named = {name for section in released.sections for names in section.made_by.values() for name in names}
    rules = {choice.rule for section in released.sections for choice in section.choices}
    rows = appendix["methods"].records()
    assert {row["function"].text for row in rows} == named | rules
    sources = " ".join(row["source"].text for row in rows)
    for row in appendix["references"].records():
        assert row["short"].text.replace(" (", "'s (") in sources or row["short"].text in sources
    people = any("cem" in name for name in named)
    assert ("coarsened exact matching" in page.html) is people
    assert ("estimation.logit.fit_logit" in named) is ("Logistic regression, for an outcome" in page.html)


def known(findings):
    """Return every number of the findings, also within its sentences, rounded in every way of a report."""
    exact = [abs(float(number)) for number in re.findall(r"-?\d+(?:\.\d+)?(?:e-?\d+)?", findings)]
    exact += [float(number.replace(",", "")) for number in re.findall(r"\d{1,3}(?:,\d{3})+", findings)]
    whole = json.loads(findings)
    exact += [float(number) for number in (*counted(whole), *lost(whole))]
    ways = [(scale, places) for scale in (1, 100) for places in range(5)]
    return {f"{scale * number:.{places}f}" for number in set(exact) for scale, places in ways} | {"0.001"}


def lost(findings):
    """Yield what matching took: what an arm had less what it kept, and what a bin had less what it lost."""
    for question in findings["questions"]:
        matching = question["matching"] or {"arms": (), "lost": ()}
        yield from (one["rows"] - one["lost"] for one in matching["lost"])
        for arm in matching["arms"]:
            yield from (arm[name] - arm[f"matched_{name}"] for name in ("rows", "events", "persons"))


def counted(value):
    """Yield what a reader may count: the entries of every list of the findings, and of those how many are alike."""
    if isinstance(value, list):
        yield len(value)
        if value and all(isinstance(entry, dict) for entry in value):
            for key in value[0]:
                kinds = [json.dumps(entry.get(key)) for entry in value]
                yield len(set(kinds))
                yield from (kinds.count(kind) for kind in set(kinds))
    entries = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    for entry in entries:
        yield from counted(entry)


def printed(html):
    """Return every number of a piece of a page, but for those that are no findings."""
    text = words(html)
    for other in (r"(?:Table|Figure|figure) A?\d+", r"95%", r"in [\d.]+ of 100 s\w+", r"&#\d+;", r"of 100 such"):
        text = re.sub(other, " ", text)
    return set(re.findall(NUMBER, text))


def test_every_number_before_the_appendix_is_a_finding(page, ran):
    findings = (ran / "run" / "findings.json").read_text(encoding="utf-8")
    found, there = printed(page.part("answers", "technical")), known(findings)
    assert len(found) > 200
    assert sorted(number for number in found if number.replace(",", "") not in there) == []


def test_every_number_of_the_summary_alone_is_a_finding(ran):
    html = (ran / "run" / "release" / "summary.html").read_text(encoding="utf-8")
    there = known((ran / "run" / "findings.json").read_text(encoding="utf-8"))
    body = re.sub(r"<style>.*?</style>", "", html[html.index("<body") :], flags=re.DOTALL)
    assert [number for number in printed(body) if number.replace(",", "") not in there] == []


def test_a_number_that_is_no_finding_would_be_noticed(page, ran):
    there = known((ran / "run" / "findings.json").read_text(encoding="utf-8"))
    assert not {"7,654,321", "123.457"} & there
    assert printed("<td>123.457</td><p>Table 7 and 7,654,321 rows") == {"123.457", "7,654,321"}
