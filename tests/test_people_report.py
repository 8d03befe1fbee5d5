"""A study of matched people with a rare outcome, from its records to its report."""

import pytest
from test_people_matching import COARSENING, invented, write_study

from whatworked import read_protocol, run
from whatworked.disclosure.profile import Limits
from whatworked.disclosure.release import release
from whatworked.report.prose.answer import answer_in_a_line
from whatworked.report.prose.people import how_matched
from whatworked.tables.document import document
from whatworked.vocabulary import Estimator, Phase


@pytest.fixture(scope="module")
def findings(tmp_path_factory):
    rows = [(*row[:3], int(row[3] and i % 8 == 0), *row[4:]) for i, row in enumerate(invented(effect=0.0))]
    folder = tmp_path_factory.mktemp("rare") / "study"
    return run(read_protocol(write_study(folder, rows, question='covariates = ["age"]', matching=COARSENING)))


def test_what_would_have_been_lies_a_marginal_effect_from_the_observed_mean(findings):
    question = findings.questions[0]
    main = question.specifications[0]
    assert main.estimator is Estimator.LOGIT
    effect = main.average_marginal_effect
    last = [row for row in question.counterfactual if row.phase is Phase.POST][-1]
    assert last.pilots - last.counterfactual == pytest.approx(effect.estimate)
    assert last.pilots - last.conf_low == pytest.approx(effect.conf_high)
    assert abs(effect.estimate) < abs(main.effect.estimate)


def test_the_report_tells_the_answer_in_points_and_how_people_were_matched(findings):
    section = release(document(findings), Limits.from_dict(findings.disclosure)).sections[0]
    assert "percentage points" in answer_in_a_line(section)
    words = " ".join(how_matched(section))
    assert "age (below 4.5 / 4.5 to 12.5 / above 12.5)" in words
    assert "the model itself holds age." in words
    models = {row["model"].text for row in section.table("sensitivity").records()}
    assert "Logistic regression" in models
