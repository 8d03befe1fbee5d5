"""Invented returns through a whole study: the effect is what the generator's own truth gives, row by row."""

import csv
import json
import shutil
from datetime import date
from itertools import pairwise
from math import floor

import numpy as np
import pytest
import statsmodels.api as sm
from command_line import invoke
from plain_study import unmatched

from whatworked import read_protocol, run
from whatworked.errors import ProtocolError, RecordsError
from whatworked.protocol.read import parse_protocol
from whatworked.scaffold.simulate import Size, write_simulation

pytestmark = pytest.mark.usefixtures("undrawn")

KEYS = ("rereferral", "escalation", "icpc", "entry_to_care", "kinship", "assessment_duration")


@pytest.fixture(scope="module")
def simulation(tmp_path_factory):
    """A study of 12,000 children, every area a candidate at any distance, without the variants.

    People are not matched and nothing of theirs enters the model, which is linear, so that least squares on the truth
    must give the same.
    """
    folder = tmp_path_factory.mktemp("simulation") / "study"
    study = write_simulation(folder, Size(persons=12_000, areas=12), seed=3, effect=-0.3)
    text = unmatched(study.read_text(encoding="utf-8"))
    head, _, questions = text.partition("[[question]]")
    kept = [q for q in questions.split("[[question]]") if any(f'key = "{key}"' in q for key in KEYS)]
    wide = head.replace("max_distance = 1.5", "max_distance = inf\nslope_significance = 0")
    body = "[[question]]".join(["", *kept]).partition("[[variant]]")[0]
    study.write_text(wide + body, encoding="utf-8")
    return folder, run(read_protocol(study), out=folder / "run")


def truth_rows(folder, question, groups, last):
    """Place the truth's events in groups and phases, by the dates of the truth alone."""
    programmes = {a["area"]: a for a in json.loads((folder / "truth.json").read_text(encoding="utf-8"))["areas"]}
    placed = []
    for g, group in enumerate(groups):
        start, embedded = (date.fromisoformat(programmes[group.pilot][name]) for name in ("start", "embedded"))
        for area in (group.pilot, *group.comparators):
            with (folder / "truth" / f"{area}_{question}.csv").open(newline="") as file:
                for row in csv.DictReader(file):
                    event, before, after = (date.fromisoformat(row[n]) for n in ("event_date", "before", "after"))
                    if before < start:
                        since = floor((before - start).days / 365.25)
                    elif after > embedded and date.fromisoformat(row["known"]) < last:
                        since = floor((event - embedded).days / 365.25)
                    else:
                        continue
                    year = event.year + (event.month > 3)
                    placed.append(((area, row["child"], event), g, area, year, since, float(row["outcome"])))
    if question == "assessment_duration":
        first, third = np.percentile(list({row[0]: row[-1] for row in placed}.values()), [25, 75])
        placed = [row for row in placed if row[-1] <= third + 1.5 * (third - first)]
    copies = {}
    for key, *_ in placed:
        copies[key] = copies.get(key, 0) + 1
    return [(*row, 1 / copies[row[0]]) for row in placed]


@pytest.mark.parametrize("key", KEYS)
def test_the_effect_equals_least_squares_on_the_generators_truth(simulation, key):
    folder, findings = simulation
    question = next(q for q in findings.questions if q.key == key)
    assert question.areas.groups
    rows = truth_rows(folder, key, question.areas.groups, date(2019, 3, 31))
    pilots = {group.pilot for group in question.areas.groups}
    area, year = np.array([r[2] for r in rows]), np.array([r[3] for r in rows])
    since, y, w = (np.array([r[j] for r in rows], dtype=float) for j in (4, 5, 6))
    pilot, post = np.isin(area, list(pilots)).astype(float), (since >= 0).astype(float)
    columns = [np.ones(len(y)), pilot, post, pilot * post, *((year == t) * 1.0 for t in sorted(set(year))[1:])]
    kept = []
    for column in columns:
        if np.linalg.matrix_rank(np.column_stack([*kept, column])) > len(kept):
            kept.append(column)
    fit = sm.WLS(y, np.column_stack(kept), weights=w).fit(cov_type="cluster", cov_kwds={"groups": area})
    main = question.specifications[0]
    assert question.rows == len(rows)
    assert question.persons == len({r[0][:2] for r in rows})
    assert main.effect.estimate == pytest.approx(fit.params[3], rel=1e-7)
    assert main.effect.std_error == pytest.approx(fit.bse[3], rel=1e-6)


def test_every_row_of_the_returns_is_accounted_for(simulation):
    _, findings = simulation
    for question in findings.questions:
        steps = question.population.flow
        for before, after in pairwise(steps):
            if after.left_out:
                assert before.rows == after.rows + after.left_out


def test_a_check_names_every_question_and_its_comparators(simulation):
    folder, findings = simulation
    found = invoke("check", folder / "study.toml", "--json", "--quiet")
    assert found.exit_code == 0
    planned = {q["key"]: [g["comparators"] for g in q["groups"]] for q in json.loads(found.stdout)["questions"]}
    assert planned.keys() == set(KEYS)
    assert {key: len(groups) for key, groups in planned.items()} == {
        q.key: len(q.areas.groups) for q in findings.questions
    }


def truth_of(folder, area, question):
    with (folder / "truth" / f"{area}_{question}.csv").open(newline="") as file:
        return [(date.fromisoformat(row["event_date"]), float(row["outcome"])) for row in csv.DictReader(file)]


def test_a_check_gives_the_flow_and_the_level_before_the_start_with_both_arms_together(simulation):
    folder, _ = simulation
    planned = json.loads(invoke("check", folder / "study.toml", "--json", "--quiet").stdout)["questions"]
    areas = json.loads((folder / "truth.json").read_text(encoding="utf-8"))["areas"]
    first = min(date.fromisoformat(area["start"]) for area in areas if area["pilot"])
    first_year = date(first.year - (first < date(first.year, 4, 1)), 4, 1)
    for question in planned:
        records, key = question["records"], question["key"]
        assert records["rows_of_file"] - sum(step["rows"] for step in records["left_out"]) == records["rows"]
        rows = [row for area in areas for row in truth_of(folder, area["area"], key)]
        told = [outcome for day, outcome in rows if day < first_year]
        if key == "assessment_duration":
            low, high = np.percentile([outcome for day, outcome in rows if day < first], [25, 75])
            told = [outcome for outcome in told if outcome <= high + 1.5 * (high - low)]
        assert question["before_the_start"]["events"] == len(told)
        assert question["before_the_start"]["mean"] == pytest.approx(np.mean(told), rel=1e-12)


def test_the_study_is_complete_as_it_is_written(tmp_path):
    assert invoke("simulate", tmp_path / "nation", "--persons", 12_000, "--areas", 12).exit_code == 0
    findings = run(read_protocol(tmp_path / "nation" / "study.toml"))
    assert [question.key for question in findings.questions] == list(KEYS)
    assert all(question.areas.groups or question.areas.dropped for question in findings.questions)
    duration = next(question for question in findings.questions if question.key == "assessment_duration")
    assert duration.specifications


def test_dirty_returns_go_through_a_whole_study_with_their_faults_counted(tmp_path):
    nation = tmp_path / "nation"
    assert invoke("simulate", nation, "--persons", 4_000, "--areas", 12, "--dirty").exit_code == 0
    planted = json.loads((nation / "truth.json").read_text(encoding="utf-8"))["dirt"]
    assert sum(planted.values()) > 0
    findings = run(read_protocol(nation / "study.toml"))
    clean = tmp_path / "clean"
    assert invoke("simulate", clean, "--persons", 4_000, "--areas", 12).exit_code == 0
    found, without = (
        {note.what for question in all_of.questions for note in question.quality}
        for all_of in (findings, run(read_protocol(clean / "study.toml")))
    )
    assert found - without


def test_a_second_run_takes_the_artefacts_and_finds_the_same(simulation):
    folder, findings = simulation
    assert run(read_protocol(folder / "study.toml"), out=folder / "run") == findings


def test_a_question_whose_returns_are_not_there_is_refused(simulation):
    folder, _ = simulation
    text = (folder / "study.toml").read_text(encoding="utf-8")
    text = text.replace('records = ["cin", "care", "school"]', 'records = ["cin", "school"]')
    with pytest.raises(RecordsError, match="hold no table of the kind episode"):
        run(parse_protocol(text, folder))


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("data_end = ", "# data_end = ", "needs the first and the last day"),
        ('kind = "icpc"', 'kind = "given"', "holds returns|tables of records"),
        ('records = ["cin", "care", "school"]', 'records = ["cin", "cars"]', 'Did you mean "care"'),
        ('folder = "cin"', 'folder = "../cin"', "leads out"),
    ],
)
def test_a_protocol_that_contradicts_itself_about_returns_is_refused(simulation, old, new, message):
    folder, _ = simulation
    text = (folder / "study.toml").read_text(encoding="utf-8")
    assert old in text
    with pytest.raises(ProtocolError, match=message):
        parse_protocol(text.replace(old, new), folder)


@pytest.mark.parametrize("name", ["cin", "ssda903", "school"])
def test_an_empty_or_absent_folder_is_told(simulation, tmp_path, name):
    folder, _ = simulation
    text = (folder / "study.toml").read_text(encoding="utf-8")
    with pytest.raises(RecordsError, match="no such folder"):
        run(parse_protocol(text.replace(f'folder = "{name}"', 'folder = "nowhere"'), folder))
    (folder / "empty").mkdir(exist_ok=True)
    with pytest.raises(RecordsError, match="holds no"):
        run(parse_protocol(text.replace(f'folder = "{name}"', 'folder = "empty"'), folder))


def test_a_pilot_whom_nothing_of_a_question_happened_to_leaves_that_question_with_a_reason(simulation, tmp_path):
    folder, whole = simulation
    study = shutil.copytree(folder, tmp_path / "study", ignore=shutil.ignore_patterns("run", "truth", "empty"))
    for file in study.glob("ssda903/X001/*/episodes.csv"):
        file.write_text(file.read_text(encoding="utf-8").partition("\n")[0] + "\n", encoding="utf-8")
    found = {question.key: question.areas for question in run(read_protocol(study / "study.toml")).questions}
    before = {question.key: question.areas for question in whole.questions}
    reasons = {left.pilot: left.reason for left in found["kinship"].dropped}
    assert reasons["X001"] == "the records hold no row of it that the question looks at"
    assert "X001" not in {left.pilot for left in before["kinship"].dropped}
    assert "X001" not in {area for group in found["kinship"].groups for area in group.comparators}
    assert found["rereferral"] == before["rereferral"]


def test_a_pilot_that_no_record_holds_is_refused(simulation, tmp_path):
    folder, _ = simulation
    text = (folder / "study.toml").read_text(encoding="utf-8").replace('area = "X001"', 'area = "X999"')
    with pytest.raises(RecordsError, match='no rows for "X999"'):
        run(parse_protocol(text, folder))
