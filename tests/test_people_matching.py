"""A study of people who are matched and described, end to end, against a second implementation row by row."""

import csv
from collections import Counter, defaultdict
from datetime import date, timedelta
from math import floor

import numpy as np
import pytest
import statsmodels.api as sm

from whatworked import read_protocol, run
from whatworked.errors import ProtocolError, RecordsError

FIRST, LAST = date(2010, 1, 1), date(2019, 12, 31)
# Two pilots share the comparator C1; the third has two of its own.
STARTS = {"P1": date(2014, 3, 1), "P2": date(2015, 6, 1), "P3": date(2015, 1, 1)}
EMBEDDED = {"P1": date(2014, 12, 31), "P2": date(2016, 1, 31), "P3": date(2015, 12, 31)}
COMPARATORS = {"P1": ("C1", "C2"), "P2": ("C1", "C3"), "P3": ("C4", "C5")}
AREAS = ("P1", "P2", "P3", "C1", "C2", "C3", "C4", "C5")


def invented(seed=0, *, people=150, effect=-0.2):
    """Events whose outcome depends on age and sex, of which pilots and comparators have different mixtures."""
    rng = np.random.default_rng(seed)
    rows = []
    for i, area in enumerate(AREAS):
        pilot = area in STARTS
        for person in range(people + 20 * i):
            sex = "F" if rng.random() < (0.6 if pilot else 0.4) else "M"
            born = FIRST - timedelta(days=int(rng.integers(0, 365 * (12 if pilot else 18))))
            group = rng.choice(["a", "b", "c", "rare"], p=[0.4, 0.3, 0.28, 0.02])
            for _ in range(rng.integers(1, 4)):
                day = FIRST + timedelta(days=int(rng.integers(0, 3652)))
                age = "" if rng.random() < 0.05 else (day - born).days // 365
                share = 0.35 + 0.02 * (age or 0) + 0.1 * (sex == "F") - 0.02 * i
                if pilot and day > EMBEDDED[area]:
                    share += effect
                rows.append((area, f"p{person}", day.isoformat(), int(rng.random() < share), age, sex, group))
    return rows


def write_study(folder, rows, *, question="", matching="", extra="", covariates=None):
    folder.mkdir(exist_ok=True)
    with (folder / "events.csv").open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([("area", "person", "day", "outcome", "Age", "Sex", "group"), *rows])
    with (folder / "matches.csv").open("w", newline="", encoding="utf-8") as file:
        pairs = [(pilot, area) for pilot, areas in COMPARATORS.items() for area in areas]
        csv.writer(file).writerows([("pilot", "comparator"), *pairs])
    pilots = ", ".join(
        f'{{ area = "{a}", label = "Pilot {a}", start = {STARTS[a]}, embedded = {EMBEDDED[a]} }}' for a in STARTS
    )
    named = covariates or (
        '{ age = { column = "Age", kind = "number" }, sex = { column = "Sex", kind = "category" }, '
        'grade = { column = "group", kind = "category" } }'
    )
    (folder / "study.toml").write_text(
        f"""
[study]
title = "Invented people, matched"
question = "Did it work?"
data_end = {LAST}
[records.people]
kind = "events"
path = "events.csv"
columns = {{ area = "area", person = "person", date = "day", outcome = "outcome", covariates = {named} }}
period = {{ kind = "year" }}
unit = "share"
source = "Invented"
[areas]
publish_names = true
pilots = [{pilots}]
[matching]
match_file = "matches.csv"
{matching}
[[question]]
key = "outcome"
title = "Did the share fall?"
records = "people"
outcome = {{ label = "the share", better = "lower" }}
{question}
{extra}
""",
        encoding="utf-8",
    )
    return folder / "study.toml"


def since(day, pilot):
    start, end = STARTS[pilot], EMBEDDED[pilot]
    if day < start:
        return floor((day - start).days / 365.25)
    return floor((day - end).days / 365.25) if end < day <= LAST else None


def placed_rows(rows, pilots):
    """Every event in every group whose phases hold it."""
    for number, (area, person, text, y, age, sex, grade) in enumerate(rows):
        day = date.fromisoformat(text)
        for pilot in pilots:
            k = since(day, pilot) if area in (pilot, *COMPARATORS[pilot]) else None
            if k is not None:
                yield number, pilot, area, person, day, k, y, age, sex, grade


def by_hand(rows, *, pilots=tuple(STARTS), coarse=None):
    """Row by row: places, strata, what is kept, copies and weights."""
    placed = list(placed_rows(rows, pilots))
    stratum = {(r[0], r[1]): (r[1], r[5] >= 0, coarse(r[7], r[8], r[9])) if coarse else 0 for r in placed}
    arms = defaultdict(set)
    for r in placed:
        arms[stratum[r[0], r[1]]].add(r[2] in STARTS)
    kept = [r for r in placed if len(arms[stratum[r[0], r[1]]]) == 2]
    copies = Counter(r[0] for r in kept)
    weight = np.array([1 / copies[r[0]] for r in kept])
    if coarse is None:
        return kept, weight
    mass = defaultdict(lambda: [0.0, 0.0])
    for r, w in zip(kept, weight, strict=True):
        mass[stratum[r[0], r[1]]][r[2] in STARTS] += w
    ratio = sum(pair[0] for pair in mass.values()) / sum(pair[1] for pair in mass.values())
    of = [mass[stratum[r[0], r[1]]] for r in kept]
    factor = [1.0 if r[2] in STARTS else ratio * own[1] / own[0] for r, own in zip(kept, of, strict=True)]
    return kept, weight * np.array(factor)


def fitted(kept, weight, *, covariates=False, context=None):
    """Weighted least squares on the rows, clustered on areas, with the covariates in the order of the protocol."""
    pilot = np.array([r[2] in STARTS for r in kept], dtype=float)
    post = np.array([r[5] >= 0 for r in kept], dtype=float)
    columns = [np.ones(len(kept)), pilot, post, pilot * post]
    if covariates:
        known = np.array([r[7] != "" for r in kept])
        columns += [np.array([float(r[7] or 0) for r in kept]) * known, (~known).astype(float)]
        columns += [np.array([r[8] == "M" for r in kept], dtype=float)]
        columns += [np.array([r[9] == g for r in kept], dtype=float) for g in ("b", "c", "rare")]
    columns += [] if context is None else [context]
    years = np.array([r[4].year for r in kept])
    columns += [(years == year).astype(float) for year in range(2011, 2020)]
    x = np.column_stack(columns)
    kept_columns = []
    for j in range(x.shape[1]):
        if np.linalg.matrix_rank(x[:, [*kept_columns, j]]) > len(kept_columns):
            kept_columns.append(j)
    areas = np.unique([r[2] for r in kept], return_inverse=True)[1]
    y = np.array([r[6] for r in kept], dtype=float)
    fit = sm.WLS(y, x[:, kept_columns], weights=weight).fit(cov_type="cluster", cov_kwds={"groups": areas})
    place = kept_columns.index(3)
    return fit.params[place], fit.bse[place]


def bins(age, sex, grade):
    """Age up to 4, 5 to 12, 13 and over; sex as it is; the grades a and b as one."""
    band = "" if age == "" else 0 if age <= 4.5 else 1 if age <= 12.5 else 2
    return band, sex, "ab" if grade in "ab" else grade


COARSENING = 'coarsening = { age = { cuts = [4.5, 12.5] }, sex = "exact", grade = { groups = [["a", "b"]] } }'


@pytest.fixture(scope="module")
def rows():
    return invented()


def main_of(findings):
    return next(s for s in findings.questions[0].specifications if s.name == "main")


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
