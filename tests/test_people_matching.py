"""A study of people who are matched and described, end to end, against a second implementation row by row."""

import numpy as np
import pytest
import statsmodels.api as sm
from people_study import (
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


def fitted(kept, weight, *, covariates=False):
    """Weighted least squares on the rows, clustered on areas, with the covariates in the order of the protocol."""
    names, x = columns_by_hand(kept, covariates=covariates)
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
