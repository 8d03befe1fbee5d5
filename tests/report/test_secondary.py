"""What a reader is told of secondary analyses, and whether anything disagrees with the test registered beforehand."""

import re
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest
from invented_study import invented, write_study

from whatworked import read_protocol, run
from whatworked.disclosure.profile import Limits
from whatworked.disclosure.release import release
from whatworked.report.overview import answers
from whatworked.report.prose.design import listed
from whatworked.tables.document import document
from whatworked.tables.names import AreaNames
from whatworked.tables.secondary import remarks, shown_terms
from whatworked.vocabulary import Rating, Role

VARIANTS = "".join(
    f'[[variant]]\nkind = "{kind}"\n{more}'
    for kind, more in (("dose", 'score = "delivery"\n'), ("practice_models", ""), ("triple", ""))
)


@pytest.fixture(scope="module")
def found(tmp_path_factory):
    values = invented(5, pilots=6, effect=-3.0)
    kinds = ", ".join(f'{{ area = "A{i:02d}", model = "{"similar" if i % 2 else "without"}" }}' for i in range(6, 14))
    rated = ", ".join(
        f'{{ area = "A{i:02d}", date = 2012-01-01, rating = "{"good" if i % 2 else "inadequate"}" }}' for i in range(14)
    )
    folder = tmp_path_factory.mktemp("studies") / "s"
    path = write_study(
        folder, values, pilots=6, extra=VARIANTS, areas=f"practice_models = [{kinds}]\nratings = [{rated}]"
    )
    text = path.read_text(encoding="utf-8").replace("publish_names = true", "publish_names = false")
    for i in range(6):
        score = "" if i == 5 else f"delivery = {1 + i}.0, "
        text = text.replace(f'label = "Pilot {i + 1}", ', f'label = "Pilot {i + 1}", {score}')
    path.write_text(text, encoding="utf-8")
    return run(read_protocol(path))


def released(findings):
    return release(document(findings), Limits.from_dict(findings.disclosure))


def changed(findings, **fields):
    return replace(findings, questions=(replace(findings.questions[0], **fields),))


def test_each_secondary_analysis_is_one_sentence_made_of_its_own_released_numbers(found):
    (section,) = released(found).sections
    sentences = listed(section, "secondary")
    names = ("Quality of delivery:", "Practice models of the comparators:", "High against low inspection ratings:")
    assert [sentence.startswith(name) for sentence, name in zip(sentences, names, strict=True)] == [True] * 3
    assert "not available" not in " ".join(sentences)
    for number, sentence in enumerate(sentences, start=1):
        table = section.table("secondary_terms" + (f"_{number}" if number > 1 else ""))
        printed = {cell.text for row in table.rows for cell in row}
        estimates = re.findall(r"(?:is|by) ([−\d.]+) per", sentence)
        assert estimates
        assert set(estimates) <= printed


def test_the_tables_name_every_term_and_who_left(found):
    (section,) = released(found).sections
    dose, models, rating = (section.table(f"secondary_terms{end}") for end in ("", "_2", "_3"))
    names = [[row[0].text for row in table.rows] for table in (dose, models, rating)]
    assert "Quality of delivery × after the start (the effect of a full dose)" in names[0]
    assert "Comparator without a similar practice model × after the start" in names[1]
    assert "Effect against comparators without a similar practice model (sign turned)" in names[1]
    assert "Pilot area × after the start (the effect at a low rating)" in names[2]
    assert "Effect at a high rating (the sum of two terms)" in names[2]
    notes = " ".join(str(fact) for note in dose.notes for fact in note.facts.values())
    assert "eft out without a delivery score: Pilot 6" in notes


def test_secondary_analyses_claim_no_cause_where_the_main_one_may_not(found):
    question = found.questions[0]
    doubted = changed(found, evidence=replace(question.evidence, rating=Rating.NO_CAUSAL_READING))
    (section,) = released(doubted).sections
    first, *sentences = listed(section, "secondary")
    assert first == "The main analysis allows no causal reading, so neither do these: each is a difference."
    assert not [sentence for sentence in sentences if re.search(r"\bthe effect\b", sentence)]


def test_the_front_page_says_whether_additions_disagree(found):
    row = dict(zip(answers(released(found)).headings, answers(released(found)).rows[0], strict=True))
    decision = next(one for one in found.questions[0].decisions if one.decision == "additions")
    told = row["Do additions disagree with the registered test?"]
    assert decision.chosen == "additions_agree"
    assert told == f"No. All {decision.facts['counted']} other ways of testing draw its conclusion."
    facts = {**decision.facts, "disagreeing": 2, "names": "the wild bootstrap, the stacked form"}
    rest = tuple(one for one in found.questions[0].decisions if one.decision != "additions")
    other = changed(found, decisions=(*rest, replace(decision, chosen="additions_disagree", facts=facts)))
    told = answers(released(other)).rows[0][-1]
    assert told == f"Yes. 2 of {decision.facts['counted']} other ways of testing: the wild bootstrap, the stacked form."
    none = answers(released(changed(found, decisions=rest))).rows[0][-1]
    assert none == "There is nothing to compare."


def test_what_is_counted_are_the_tests_beside_the_registered_one(found):
    main = found.questions[0].specifications[0]
    counted = next(one.facts["counted"] for one in found.questions[0].decisions if one.decision == "additions")
    assert counted == sum(row.p_value is not None for row in main.inference) - 1
    assert np.isfinite(main.effect.p_value)


def test_levels_of_people_are_not_printed_for_rows_that_they_were_not_counted_on(found):
    question = found.questions[0]
    one = next(s for s in question.specifications if s.role is Role.SECONDARY)
    level = replace(one.terms[0], term="sex[M]")
    counted = SimpleNamespace(means=(SimpleNamespace(name="sex", level="M"),))
    told = SimpleNamespace(specifications=question.specifications, matching=counted)
    fewer, same = (replace(one, terms=(*one.terms, level), rows=rows) for rows in (one.rows, question.rows))
    assert fewer.rows < same.rows
    assert shown_terms(fewer, told) == one.terms
    assert shown_terms(same, told) == same.terms
    assert len(remarks(fewer, told, AreaNames({}))) == len(remarks(same, told, AreaNames({}))) + 1
    # what the main analysis prints is not touched
    main = replace(question.specifications[0], terms=(*question.specifications[0].terms, level))
    assert shown_terms(main, told) == main.terms
