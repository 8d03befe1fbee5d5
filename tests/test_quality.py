"""Faults in the records lower the rating by one step, and only where they concern the question."""

import json

import pytest
from command_line import invoke
from invented_study import AREAS, YEARS, invented, write_study

from whatworked import read_protocol, run
from whatworked.findings.files import from_json, to_json
from whatworked.scaffold.simulate import Size, write_simulation

# Years without a value for any pilot: 30% of the pilots' figures, at the limit.
LOST = [6, 7, 8]
STEPS = ["high", "moderate", "low", "very_low"]
CONCERN = "concerns about the quality of the data"


def studied(folder, values, **options):
    return run(read_protocol(write_study(folder, values, **options)))


def holed(values, *, areas, years):
    """The values with a mark in place of those of some areas and years."""
    marked = values.astype(object)
    for area in areas:
        marked[area, years] = "x"
    return marked


@pytest.fixture(scope="module")
def sound():
    # Enough areas and a clear fall: rated high.
    return invented(seed=2, effect=-9.0)


def test_a_rating_drops_one_step_with_the_concern_and_not_without_it(tmp_path, sound):
    values = holed(sound, areas=range(4), years=LOST)
    with_it = studied(tmp_path / "with", values).questions[0]
    without = studied(tmp_path / "without", values, extra="[quality]\nmissing_share = 1.0").questions[0]
    assert with_it.specifications == without.specifications
    assert [fact.concern for fact in with_it.checked.checks if fact.check == "value: missing"] == [True, False]
    assert without.checked.concerns == ()
    assert [CONCERN in reason for reason in with_it.evidence.because].count(True) == 1
    assert not any(CONCERN in reason for reason in without.evidence.because)
    assert STEPS.index(with_it.evidence.rating) == STEPS.index(without.evidence.rating) + 1


def test_concerns_of_both_sources_are_one_step_together(tmp_path, sound):
    values = holed(sound, areas=range(4), years=LOST)
    stated = studied(tmp_path / "both", values, question='concerns = ["They changed their forms."]').questions[0]
    found = studied(tmp_path / "found", values).questions[0]
    assert stated.evidence.rating == found.evidence.rating
    (reason,) = (reason for reason in stated.evidence.because if CONCERN in reason)
    assert reason.format(**stated.evidence.facts).endswith(
        "(1 stated in the protocol and 1 found by the checks of the records)"
    )


def test_holes_in_areas_that_nobody_is_compared_with_concern_nobody(tmp_path, sound):
    unused = sorted(set(range(AREAS)) - compared(studied(tmp_path / "sound", sound)))
    assert unused
    values = holed(sound, areas=unused, years=range(len(YEARS)))
    values[unused, 0] = sound[unused, 0]
    question = studied(tmp_path / "holed", values).questions[0]
    assert question.checked.concerns == ()
    assert question.checked.faults == ()
    assert question.checked.checks


def compared(findings):
    groups = findings.questions[0].areas.groups
    return {int(area[1:]) for group in groups for area in (group.pilot, *group.comparators)}


def test_findings_keep_the_checks_both_ways(tmp_path, sound):
    findings = studied(tmp_path / "study", holed(sound, areas=(0,), years=[9]))
    assert findings.questions[0].checked.faults
    assert from_json(to_json(findings), where="findings.json") == findings


def test_a_study_without_checks_in_its_findings_is_still_read(tmp_path, sound):
    findings = studied(tmp_path / "study", sound)
    old = json.loads(to_json(findings))
    for question in old["questions"]:
        del question["checked"]
    assert from_json(json.dumps(old), where="findings.json").questions[0].checked.checks == ()


def test_check_tells_faults_and_concerns_before_a_run(tmp_path, sound):
    study = write_study(tmp_path / "study", holed(sound, areas=range(4), years=LOST))
    said = " ".join(invoke("check", study, "--quiet", "--json").stdout.split())
    checks = json.loads(said)["questions"][0]["checks"]
    assert [fact["concern"] for fact in checks if fact["found"]] == [True]
    told = " ".join(invoke("check", study).stdout.split())
    assert "area_series, value: missing: pilots 12 of 40 (30.0%)" in told
    assert ": a concern, at 30%" in told
    assert "1 of 2 found nothing" in told


@pytest.mark.parametrize("broken", [-0.1, 0.0, 1.1, "much", True])
def test_limits_are_shares(tmp_path, sound, broken):
    value = f'"{broken}"' if isinstance(broken, str) else str(broken).lower()
    with pytest.raises(Exception, match=r"quality\.missing_share"):
        read_protocol(write_study(tmp_path / "study", sound, extra=f"[quality]\nmissing_share = {value}"))


@pytest.fixture(scope="module")
def nation(tmp_path_factory):
    """Returns of twelve councils; every area a candidate at any distance, one question, without the variants."""
    folder = tmp_path_factory.mktemp("quality") / "nation"
    study = write_simulation(folder, Size(persons=4_000, areas=12, years=(2011, 2019)), seed=3, effect=-0.3)
    head, _, questions = study.read_text(encoding="utf-8").partition("[[question]]")
    first = questions.partition("[[question]]")[0]
    assert 'key = "rereferral"' in first
    wide = head.replace("max_distance = 1.5", "max_distance = inf\nslope_significance = 0")
    study.write_text(f"{wide}[[question]]{first}", encoding="utf-8")
    return folder, run(read_protocol(study)).questions[0]


def test_returns_as_they_are_raise_no_concern(nation):
    _, question = nation
    tables = {fact.table for fact in question.checked.checks}
    assert tables == {"child", "referral", "plan", "conference"}
    assert question.checked.concerns == ()
    assert {fact.tested > 0 for fact in question.checked.checks} == {True}


def test_returns_that_are_not_there_are_gaps_of_their_areas_and_a_concern(nation):
    folder, before = nation
    pilots = [group.pilot for group in before.areas.groups[:2]]
    lost = [folder / "cin" / f"{pilot}_{year}.xml" for pilot in pilots for year in (2018, 2019)]
    kept = {path: path.read_bytes() for path in lost}
    try:
        for path in lost:
            path.unlink()
        question = run(read_protocol(folder / "study.toml")).questions[0]
    finally:
        for path, content in kept.items():
            path.write_bytes(content)
    gaps = {(row.area, row.period) for row in question.checked.faults if (row.table, row.note) == ("referral", "none")}
    assert gaps == {(pilot, year) for pilot in pilots for year in ("2018", "2019")}
    assert ("referral", "coverage") in question.checked.concerns
