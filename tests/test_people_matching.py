"""A study of people who are matched and described, end to end, against a second implementation row by row."""

import csv

import numpy as np
import pytest
import statsmodels.api as sm
from people_study import (
    AREAS,
    COARSENING,
    STARTS,
    areas_of,
    bins,
    by_hand,
    columns_by_hand,
    invented,
    main_of,
    outcomes_of,
    write_study,
)

from whatworked import read_protocol, run
from whatworked.errors import ProtocolError, RecordsError


def fitted(kept, weight, *, covariates=False, context=None):
    """Weighted least squares on the rows, clustered on areas, with the covariates in the order of the protocol."""
    names, x = columns_by_hand(kept, covariates=covariates, context=context)
    model = sm.WLS(outcomes_of(kept), x, weights=weight)
    fit = model.fit(cov_type="cluster", cov_kwds={"groups": areas_of(kept)})
    place = names.index("pilot:post")
    return fit.params[place], fit.bse[place]


@pytest.fixture(scope="module")
def rows():
    return invented()


@pytest.mark.parametrize("covariates", [False, True])
@pytest.mark.parametrize("matched", [False, True])
def test_effect_error_rows_and_persons_equal_the_second_implementation(tmp_path, rows, matched, covariates):
    question = 'covariates = ["age", "sex", "grade"]' if covariates else ""
    findings = run(
        read_protocol(write_study(tmp_path / "study", rows, question=question, matching=COARSENING if matched else ""))
    )
    kept, weight = by_hand(rows, coarse=bins if matched else None)
    estimate, error = fitted(kept, weight, covariates=covariates)
    main = main_of(findings)
    assert main.effect.estimate == pytest.approx(estimate, rel=1e-9)
    assert main.effect.std_error == pytest.approx(error, rel=1e-9)
    assert main.rows == len(kept)
    found = findings.questions[0].matching
    assert found.people_matched is matched
    assert found.rows_kept == len(kept)
    assert findings.questions[0].persons == len({(r[2], r[3]) for r in kept})
    assert found.weights_sum == pytest.approx(weight.sum(), rel=1e-12)


def test_leaving_a_pilot_out_matches_the_others_anew(tmp_path, rows):
    extra = '[[variant]]\nkind = "leave_out"\npilots = "each"'
    findings = run(read_protocol(write_study(tmp_path / "study", rows, matching=COARSENING, extra=extra)))
    names = {s.name: s for s in findings.questions[0].specifications}
    for left in STARTS:
        pilots = tuple(pilot for pilot in STARTS if pilot != left)
        estimate, error = fitted(*by_hand(rows, pilots=pilots, coarse=bins))
        found = names[f"without Pilot {left}"]
        assert found.effect.estimate == pytest.approx(estimate, rel=1e-9)
        assert found.effect.std_error == pytest.approx(error, rel=1e-9)


def test_balance_is_of_the_covariates_before_coarsening_and_gets_better(tmp_path, rows):
    found = run(read_protocol(write_study(tmp_path / "study", rows, matching=COARSENING))).questions[0].matching
    assert 0 < found.l1_after < found.l1_before < 1
    assert found.lcs_after > found.lcs_before
    kept, weight = by_hand(rows, coarse=bins)
    female = {
        arm: np.average(
            [r[8] == "F" for r in kept if (r[2] in STARTS) is arm and r[5] < 0],
            weights=[w for r, w in zip(kept, weight, strict=True) if (r[2] in STARTS) is arm and r[5] < 0],
        )
        for arm in (True, False)
    }
    means = {(m.name, m.level, m.arm.value): m.mean for m in found.means}
    assert means["sex", "F", "pilot"] == pytest.approx(female[True])
    assert means["sex", "F", "comparator"] == pytest.approx(female[False])
    assert sum(one.lost for one in found.lost if one.name == "sex") == sum(
        arm.rows - arm.matched_rows for arm in found.arms
    )


def test_events_behind_a_mean_are_counted_once_whatever_their_copies(tmp_path, rows):
    findings = run(read_protocol(write_study(tmp_path / "study", rows, matching=COARSENING)))
    kept, _ = by_hand(rows, coarse=bins)
    for row in findings.questions[0].summary:
        mine = {r[0] for r in kept if (r[2] in STARTS) is (row.arm == "pilot") and (r[5] >= 0) is (row.phase == "post")}
        assert row.people == row.rows == len(mine)


def test_the_order_of_the_file_does_not_matter(tmp_path, rows):
    shuffled = [rows[i] for i in np.random.default_rng(1).permutation(len(rows))]
    question = 'covariates = ["age", "sex"]'
    one, other = (
        main_of(run(read_protocol(write_study(tmp_path / name, r, question=question, matching=COARSENING))))
        for name, r in (("one", rows), ("other", shuffled))
    )
    assert one == other


def test_covariates_that_the_records_lack_are_refused_together(tmp_path, rows):
    path = write_study(
        tmp_path / "study",
        rows[:50],
        question='covariates = ["agee", "sex", "sex"]',
        matching='coarsening = { sex = { cuts = [1] }, age = { groups = [["1"]] }, colour = "exact" }',
    )
    with pytest.raises(ProtocolError) as refused:
        read_protocol(path)
    text = str(refused.value)
    for part in (
        "question[outcome].covariates[0]",
        'Did you mean "age"',
        "question[outcome].covariates[2]",
        "matching.coarsening.sex",
        "matching.coarsening.age",
        "matching.coarsening.colour",
    ):
        assert part in text


@pytest.mark.parametrize("cuts", ["[3, 2]", "[]", "[1, 1]", "[nan]"])
def test_cut_points_out_of_order_are_refused(tmp_path, rows, cuts):
    path = write_study(tmp_path / "study", rows[:50], matching=f"coarsening = {{ age = {{ cuts = {cuts} }} }}")
    with pytest.raises(ProtocolError, match="cuts"):
        read_protocol(path)


def test_a_number_that_holds_text_and_a_category_of_identifiers_are_refused_without_a_value(tmp_path, rows):
    wrong = [(*row[:4], "canary", *row[5:]) for row in rows[:30]]
    path = write_study(tmp_path / "one", [*wrong, *rows], question='covariates = ["age"]')
    with pytest.raises(RecordsError) as refused:
        run(read_protocol(path))
    assert "column Age" in str(refused.value)
    assert "30 values" in str(refused.value)
    assert "canary" not in str(refused.value)
    many = [(*row[:6], f"canary{i}") for i, row in enumerate(rows)]
    path = write_study(tmp_path / "two", many, question='covariates = ["grade"]')
    with pytest.raises(RecordsError, match="levels") as refused:
        run(read_protocol(path))
    assert "canary" not in str(refused.value)


def test_where_nobody_has_a_counterpart_there_is_a_reason_and_no_number(tmp_path, rows):
    apart = [(*row[:5], "F" if row[0] in STARTS else "M", row[6]) for row in rows]
    findings = run(read_protocol(write_study(tmp_path / "study", apart, matching='coarsening = { sex = "exact" }')))
    main = main_of(findings)
    assert main.rows == 0
    assert main.effect.not_estimated
    assert findings.questions[0].evidence.rating == "no_causal_reading"


def test_covariates_of_areas_enter_the_model_behind_peoples_own_and_the_model_without_them_stands_beside(
    tmp_path, rows
):
    rng = np.random.default_rng(5)
    density = {(area, year): float(rng.integers(10, 90)) for area in AREAS for year in range(2010, 2020)}
    context = """
[records.context]
kind = "area_covariates"
path = "context.csv"
columns = { area = "area", period = "year" }
covariates = { density = { column = "density" } }
period = { kind = "year" }
source = "Invented"
"""
    path = write_study(
        tmp_path / "study",
        rows,
        question='covariates = ["age", "sex", "grade"]\narea_covariates = ["density"]',
        matching=COARSENING,
        extra=context,
    )
    with (tmp_path / "study" / "context.csv").open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([("area", "year", "density"), *((a, y, v) for (a, y), v in density.items())])
    findings = run(read_protocol(path))
    kept, weight = by_hand(rows, coarse=bins)
    values = np.array(list(density.values()))
    scored = {key: (value - values.mean()) / values.std(ddof=1) for key, value in density.items()}
    known = np.array([scored[r[2], r[4].year] for r in kept])
    estimate, error = fitted(kept, weight, covariates=True, context=known)
    main = main_of(findings)
    assert main.effect.estimate == pytest.approx(estimate, rel=1e-9)
    assert main.effect.std_error == pytest.approx(error, rel=1e-9)
    assert "density" in [term.term for term in main.terms]
    without = next(s for s in findings.questions[0].specifications if s.name == "without covariates of areas")
    estimate, error = fitted(kept, weight, covariates=True)
    assert without.effect.estimate == pytest.approx(estimate, rel=1e-9)
    assert without.effect.std_error == pytest.approx(error, rel=1e-9)


@pytest.mark.parametrize("choice", ['{ rule = "sturges" }', "{ bins = 4 }"])
def test_cut_points_that_a_rule_finds_tell_no_least_and_no_greatest_value(tmp_path, rows, choice):
    known = [(*row[:4], row[4] and row[4] + 100.25, *row[5:]) for row in rows]
    path = write_study(tmp_path / "study", known, matching=f"coarsening = {{ age = {choice} }}")
    found = run(read_protocol(path)).questions[0].matching
    assert 0 < found.matched_strata <= found.strata
    said = [*found.coarsening[0].bins, *(one.level for one in found.lost)]
    assert any("equal bins" in text for text in said)
    assert not [text for text in said if "0.25" in text]


def test_records_under_a_former_code_are_those_of_the_area_that_it_became(tmp_path, rows):
    before = [("OLD" if r[0] == "C4" and r[2] < "2013" else r[0], *r[1:]) for r in rows]
    path = write_study(tmp_path / "one", before, matching=COARSENING)
    text = path.read_text(encoding="utf-8")
    path.write_text(
        text.replace("publish_names", 'successors = [{ area = "OLD", becomes = "C4" }]\npublish_names'),
        encoding="utf-8",
    )
    joined, whole = (
        run(read_protocol(p)).questions[0] for p in (path, write_study(tmp_path / "two", rows, matching=COARSENING))
    )
    assert joined.specifications == whole.specifications
    assert joined.persons == whole.persons
    assert joined.series == whole.series
