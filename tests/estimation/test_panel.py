"""Person fixed effects against R, against dummies, against first differences, and the laws of least squares."""

from dataclasses import replace
from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from panel_rows import golden, golden_fixed, invented, table

from whatworked.cells import NotEstimated
from whatworked.estimation.covariance import classical, cr1, cr2, cr3, leave_out_area
from whatworked.estimation.linear import INTERCEPT
from whatworked.estimation.panel import CONSTANT, fixed_effects, seen_again
from whatworked.estimation.person import person_covariance
from whatworked.estimation.randomisation import randomise
from whatworked.estimation.rows import PanelRows, grouped, pooled
from whatworked.estimation.wild import wild_restricted


def errors(covariance):
    return np.sqrt(np.diag(covariance))


def dummies(rows):
    """The moving columns, then a dummy a unit."""
    units = np.unique(rows.unit)
    return np.column_stack([rows.design[:, [1, 3]], rows.unit[:, None] == units])


def by_dummies(rows):
    """Weighted least squares with a dummy a unit, by QR: slopes, residuals, the slopes' bread, number of columns."""
    x, root = dummies(rows), np.sqrt(rows.weight)
    q, r = np.linalg.qr(x * root[:, None])
    coef = np.linalg.solve(r, q.T @ (rows.outcome * root))
    inverse = np.linalg.inv(r)
    return coef[:2], rows.outcome - x @ coef, (inverse @ inverse.T)[:2, :2], x.shape[1]


@pytest.mark.parametrize(
    "entry", ["wagepan", "EmplUK_unbalanced", "sim_unbalanced_missing", "jtrain_unbalanced_missing"]
)
def test_fixed_effects_equal_r(entry):
    expected, rows = golden("06-individual-fe")[entry], golden_fixed()[entry]
    fits = {
        counted: fixed_effects(rows, singletons="stay", effects_counted=counted) for counted in ("one", "none", "all")
    }
    linear, terms = fits["one"].linear, tuple(expected["coef"])
    assert linear.names == terms
    assert linear.coef == pytest.approx([*expected["coef"].values()], rel=1e-8)
    assert linear.r_squared == pytest.approx(expected["r2_within"], rel=1e-8)
    assert (linear.rows, linear.residual_df) == (expected["n"], expected["df_residual"])
    assert fits["one"].units == expected["dims"]["n"]
    assert errors(classical(linear)) == pytest.approx([*expected["se_classical"].values()], rel=1e-8)
    names = {"one": "fixest_se_default", "none": "se_arellano_sss", "all": "fixest_se_nested_false"}
    for counted, name in names.items():
        found = errors(person_covariance(fits[counted].fit))
        assert found == pytest.approx([*expected[name].values()], rel=1e-8), name
    if "cluster_other" in expected:
        assert errors(cr1(linear)) == pytest.approx([*expected["cluster_other"]["se"].values()], rel=1e-8)


def test_year_effects_beside_unit_effects_equal_r_with_and_without_those_seen_once():
    expected, rows = golden("06-individual-fe"), golden_fixed()["sim_unbalanced_missing"]
    year = np.array([row["year"] for row in table("_data/sim_pilot.csv") if np.isfinite(row["score"] + row["prior"])])
    calendar = [(year == t).astype(float) for t in np.unique(year)[1:]]
    names = ("tp", "prior", *(f"year[{t}]" for t in range(len(calendar))))
    rows = replace(rows, names=names, design=np.column_stack([rows.design[:, [1, 3]], *calendar]))
    for entry, singletons in [("sim_twoway_fixest_area", "stay"), ("sim_twoway_fixest_singletons_removed", "leave")]:
        fit = fixed_effects(rows, singletons=singletons)
        assert fit.linear.rows == expected[entry]["n"]
        assert fit.linear.coef[:2] == pytest.approx([*expected[entry]["coef"].values()], rel=1e-8)
        # fixest takes two effects out by iteration and stops at 1e-6; the coefficients are nearer than the errors
        assert errors(cr1(fit.linear))[:2] == pytest.approx([*expected[entry]["se"].values()], rel=2e-7)


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10_000))
def test_fixed_effects_equal_a_dummy_for_every_unit(seed):
    rows = invented(seed)
    fit = fixed_effects(rows)
    kept = rows.keep(seen_again(rows))
    coef, residual, bread, columns = by_dummies(kept)
    assert fit.linear.names == ("x", "z")
    assert fit.linear.coef == pytest.approx(coef, rel=1e-8, abs=1e-10)
    assert fit.fit.residual == pytest.approx(residual, abs=1e-9)
    assert fit.linear.residual_df == len(residual) - columns
    variance = float(kept.weight @ residual**2) / (len(residual) - columns)
    assert classical(fit.linear) == pytest.approx(bread * variance, rel=1e-7)


def test_two_rows_a_unit_are_first_differences():
    rng = np.random.default_rng(3)
    unit = np.tile(np.arange(40), 2)
    x, y = rng.normal(size=(80, 2)), rng.normal(size=80)
    rows = PanelRows(("x", "z"), x, y, np.ones(80), unit % 5, unit, unit)
    change, moved = x[40:] - x[:40], y[40:] - y[:40]
    direct = np.linalg.lstsq(change, moved, rcond=None)[0]
    fit = fixed_effects(rows)
    assert fit.linear.coef == pytest.approx(direct, rel=1e-10)
    variance = ((moved - change @ direct) ** 2).sum() / (40 - 2)
    assert classical(fit.linear) == pytest.approx(variance * np.linalg.inv(change.T @ change), rel=1e-9)


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 10_000), st.sampled_from([1e3, 1e6, 1e9]))
def test_a_constant_added_to_the_outcome_moves_nothing(seed, shift):
    rows = invented(seed)
    rows = replace(rows, outcome=np.round(rows.outcome * 64) / 64)  # so that adding it loses no digit
    plain, moved = fixed_effects(rows), fixed_effects(replace(rows, outcome=rows.outcome + shift))
    assert moved.linear.coef == pytest.approx(plain.linear.coef, rel=1e-9, abs=1e-11)
    assert cr1(moved.linear) == pytest.approx(cr1(plain.linear), rel=1e-7)
    assert moved.linear.r_squared == pytest.approx(plain.linear.r_squared, rel=1e-7)


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 10_000), st.floats(1e-6, 1e6), st.floats(1e-6, 1e6))
def test_scaling_outcome_or_weights_scales_what_it_should(seed, outcome, weight):
    rows = invented(seed)
    plain = fixed_effects(rows).linear
    scaled = fixed_effects(replace(rows, outcome=rows.outcome * outcome, weight=rows.weight * weight)).linear
    assert scaled.coef == pytest.approx(plain.coef * outcome, rel=1e-8)
    assert cr1(scaled) == pytest.approx(cr1(plain) * outcome**2, rel=1e-7)
    assert classical(scaled) == pytest.approx(classical(plain) * outcome**2, rel=1e-7)


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 10_000))
def test_neither_the_order_of_rows_nor_the_names_of_units_and_areas_matter(seed):
    rows = invented(seed)
    order = np.random.default_rng(seed).permutation(len(rows.outcome))
    names = np.array([f"u{i}" for i in np.random.default_rng(seed).permutation(60)])
    mixed = rows.keep(order)
    mixed = replace(
        mixed, unit=names[mixed.unit], person=names[mixed.person], area=np.array(list("fedcba"))[mixed.area]
    )
    plain, other = fixed_effects(rows), fixed_effects(mixed)
    assert other.linear.coef == pytest.approx(plain.linear.coef, rel=1e-10)
    assert cr1(other.linear) == pytest.approx(cr1(plain.linear), rel=1e-9)
    assert person_covariance(other.fit) == pytest.approx(person_covariance(plain.fit), rel=1e-9)


def test_a_row_of_weight_two_estimates_as_two_rows():
    rows = invented(4, weights=False)
    twice = np.r_[np.arange(len(rows.outcome)), np.arange(20)]
    weighted = replace(rows, weight=np.where(np.arange(len(rows.outcome)) < 20, 2.0, 1.0))
    again = seen_again(rows)
    doubled = fixed_effects(rows.keep(twice[again[twice]]))
    assert doubled.linear.coef == pytest.approx(fixed_effects(weighted).linear.coef, rel=1e-10)


def test_demeaning_without_weights_is_another_estimate_unless_weights_are_equal():
    rows = invented(5)
    plain, other = fixed_effects(rows), fixed_effects(rows, demeaning="unweighted")
    kept = rows.keep(seen_again(rows))
    x, y = kept.design[:, [1, 3]].copy(), kept.outcome.copy()
    for unit in np.unique(kept.unit):
        mine = kept.unit == unit
        x[mine] -= x[mine].mean(axis=0)
        y[mine] -= y[mine].mean()
    root = np.sqrt(kept.weight)
    direct = np.linalg.lstsq(x * root[:, None], y * root, rcond=None)[0]
    assert other.linear.coef == pytest.approx(direct, rel=1e-9)
    assert abs(other.linear.coef - plain.linear.coef).max() > 1e-3
    equal = replace(rows, weight=np.full(len(rows.weight), 2.5))
    same, also = fixed_effects(equal), fixed_effects(equal, demeaning="unweighted")
    assert also.linear.coef == pytest.approx(same.linear.coef, rel=1e-12)


def test_those_seen_once_leave_counted_and_change_no_slope():
    rows = invented(6)
    left, stayed = fixed_effects(rows), fixed_effects(rows, singletons="stay")
    once = (np.bincount(rows.unit) == 1).sum()
    assert left.singletons == once > 0
    assert stayed.singletons == 0
    assert stayed.linear.rows - left.linear.rows == stayed.units - left.units == once
    assert stayed.linear.coef == pytest.approx(left.linear.coef, rel=1e-10)
    assert classical(stayed.linear) == pytest.approx(classical(left.linear), rel=1e-10)


def test_what_stays_the_same_about_a_unit_leaves_with_the_reason():
    rows = invented(7)
    large = replace(
        rows,
        names=(*rows.names, "level", "copy"),
        design=np.column_stack([rows.design, 1e9 + rows.unit, 3 * rows.design[:, 1] + rows.unit]),
    )
    fit = fixed_effects(large)
    assert [(entry.term, entry.reason) for entry in fit.linear.dropped] == [
        (INTERCEPT, CONSTANT),
        ("sex", CONSTANT),
        ("level", CONSTANT),
        ("copy", "collinear with x"),
    ]
    assert fit.grams.names == ("x", "z", "copy")


def test_an_outcome_that_stands_still_within_units_has_no_r_squared_and_no_slope():
    rows = invented(8)
    fit = fixed_effects(replace(rows, outcome=rows.unit * 1e6 + 0.1))
    assert fit.linear.coef == pytest.approx([0, 0], abs=1e-12)
    assert fit.linear.r_squared is None


def test_clustered_errors_on_areas_are_those_of_the_dummies_with_one_effect_counted():
    rows = invented(9).keep(seen_again(invented(9)))
    _, residual, bread, _ = by_dummies(rows)
    fit = fixed_effects(rows)
    scores = fit.fit.design * (rows.weight * residual)[:, None]
    meat = sum(np.outer(s, s) for s in (scores[rows.area == a].sum(axis=0) for a in range(6)))
    n = len(residual)
    assert cr1(fit.linear) == pytest.approx(6 / 5 * (n - 1) / (n - 3) * bread @ meat @ bread, rel=1e-8)


def test_leaving_an_area_out_is_the_fit_without_it():
    rows = invented(10)
    fit = fixed_effects(rows)
    for area in range(6):
        without = fixed_effects(rows.keep(rows.area != area))
        assert leave_out_area(fit.linear, area, "x") == pytest.approx(without.linear.coef, rel=1e-8)
    assert np.isfinite(cr3(fit.linear, "x")).all()
    assert np.isfinite(cr2(fit.linear)).all()


def pilots(seed, effect=1.0):
    """A difference-in-differences panel: four pilots of nine areas, people in both phases."""
    rng = np.random.default_rng(seed)
    unit = np.repeat(np.arange(90), 4)
    area, year = unit % 9, np.tile(np.arange(4), 90)
    pilot, post = (area < 4).astype(float), (year >= 2).astype(float)
    outcome = (
        rng.normal(size=90)[unit]
        + rng.normal(size=360)
        + effect * pilot * post
        + rng.normal(0, 0.3, (9, 4))[area, year]
    )
    years = [(year == t).astype(float) for t in (1, 2, 3)]
    names = (INTERCEPT, "pilot", "post", "pilot:post", "year[1]", "year[2]", "year[3]")
    design = np.column_stack([np.ones(360), pilot, post, pilot * post, *years])
    return PanelRows(names, design, outcome, rng.uniform(0.5, 2, 360), area, unit, unit)


def test_the_wild_bootstrap_of_demeaned_rows_counts_the_same_signs_as_one_on_rows():
    rows = pilots(0)
    fit = fixed_effects(rows)
    x, y, w = fit.fit.design, fit.fit.design @ fit.linear.coef + fit.fit.residual, rows.weight
    place = fit.linear.names.index("pilot:post")
    others = np.delete(np.arange(x.shape[1]), place)
    root = np.sqrt(w)
    restricted = np.linalg.lstsq(x[:, others] * root[:, None], y * root, rcond=None)[0]
    level, error = x[:, others] @ restricted, y - x[:, others] @ restricted

    def statistic(outcome):
        bread = np.linalg.inv(x.T @ (w[:, None] * x))
        coef = bread @ (x.T @ (w * outcome))
        scores = x * (w * (outcome - x @ coef))[:, None]
        sums = np.array([scores[rows.area == a].sum(axis=0) for a in range(9)])
        return abs(coef[place]) / np.sqrt((bread @ sums.T @ sums @ bread)[place, place])

    own = statistic(y)
    signs = 1 - 2 * ((np.arange(512)[:, None] >> np.arange(9)) & 1)
    beyond = [statistic(level + error * v[rows.area]) >= own * (1 - 1e-10) for v in signs]
    assert wild_restricted(fit.linear, "pilot:post").p_value == pytest.approx(np.mean(beyond))


def test_randomisation_recodes_the_interaction_alone_and_refits_with_unit_effects():
    rows = pilots(1)
    fit = fixed_effects(rows)
    found = randomise(fit.grams, fit.linear, pilots=np.arange(9) < 4, groups=None)

    def statistic(chosen):
        pilot = np.isin(rows.area, chosen).astype(float)
        design = rows.design.copy()
        design[:, 1], design[:, 3] = pilot, pilot * rows.design[:, 2]
        linear = fixed_effects(replace(rows, design=design)).linear
        place = linear.names.index("pilot:post")
        return linear.coef[place] / np.sqrt(cr1(linear)[place, place])

    factor = statistic([0, 1, 2, 3]) / found.statistic
    values = np.array([abs(statistic(list(chosen))) for chosen in combinations(range(9), 4)])
    own = abs(factor * found.statistic)
    assert found.assignments == 126
    assert found.p_value == pytest.approx((values >= own * (1 - 1e-10)).mean())


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (lambda rows: replace(rows, unit=np.arange(len(rows.unit))), "no unit was seen more than once"),
        (lambda rows: replace(rows, unit=np.zeros_like(rows.unit)), "a unit has rows in more than one area"),
        (lambda rows: replace(rows, weight=-rows.weight), "a weight is negative"),
        (lambda rows: replace(rows, weight=0 * rows.weight), "no row has a weight above 0"),
        (
            lambda rows: replace(rows, outcome=rows.outcome * np.nan),
            "an outcome, a covariate or a weight is not a finite number",
        ),
        (
            lambda rows: replace(rows, names=(INTERCEPT,), design=rows.design[:, :1]),
            "no column changes within any unit",
        ),
    ],
)
def test_what_cannot_be_fitted_gives_the_reason(change, reason):
    assert fixed_effects(change(invented(0))) == NotEstimated(reason)


def test_rows_of_weight_zero_are_nobody():
    rows = invented(11)
    zero = np.where(np.arange(len(rows.weight)) % 3 == 0, 0.0, rows.weight)
    plain = fixed_effects(rows.keep(zero > 0))
    other = fixed_effects(replace(rows, weight=zero))
    assert other.linear.coef == pytest.approx(plain.linear.coef, rel=1e-12)
    assert (other.units, other.singletons, other.linear.rows) == (plain.units, plain.singletons, plain.linear.rows)
    assert (other.fit.used <= (zero > 0)).all()


def test_one_unit_alone_is_fitted_without_an_error_clustered_on_areas():
    rows = invented(12)
    longest = np.bincount(rows.unit).argmax()
    fit = fixed_effects(rows.keep(rows.unit == longest))
    assert fit.units == 1
    assert np.isnan(cr1(fit.linear)).all()
    assert isinstance(person_covariance(fit.fit), NotEstimated)


def test_more_columns_than_areas_and_huge_scales_are_still_least_squares():
    rng = np.random.default_rng(13)
    rows = invented(13, people=200)
    more = rng.normal(size=(len(rows.outcome), 8)) * 10.0 ** np.arange(-8, 8, 2)
    wide = replace(rows, names=(*rows.names, *(f"m{j}" for j in range(8))), design=np.column_stack([rows.design, more]))
    fit = fixed_effects(wide)
    assert fit.linear.k == 10 > len(fit.linear.grams.areas)
    kept = rows.keep(seen_again(rows))
    scale = np.r_[1, 1, 10.0 ** -np.arange(-8, 8, 2)]
    x = np.column_stack(
        [wide.design[seen_again(rows)][:, [1, 3, *range(4, 12)]] * scale, kept.unit[:, None] == np.unique(kept.unit)]
    )
    root = np.sqrt(kept.weight)
    direct = np.linalg.lstsq(x * root[:, None], kept.outcome * root, rcond=None)[0][:10] * scale
    assert fit.linear.coef == pytest.approx(direct, rel=1e-8)


def test_means_are_taken_out_of_many_columns_as_out_of_one():
    rows = invented(14)
    units = grouped(rows.unit, rows.weight)
    wide = np.hstack([rows.design * power for power in range(1, 6)])
    share = np.random.default_rng(14).uniform(size=len(wide))
    means = np.array(
        [
            np.average(wide[rows.unit == one], axis=0, weights=rows.weight[rows.unit == one])
            for one in np.unique(rows.unit)
        ]
    )
    assert units.means(wide) == pytest.approx(means, rel=1e-12)
    assert units.less_means(wide, share) == pytest.approx(wide - share[:, None] * means[units.index], rel=1e-12)


def test_the_pooled_fit_keeps_its_rows():
    rows = invented(14)
    fit = pooled(rows)
    root = np.sqrt(rows.weight)
    direct = np.linalg.lstsq(rows.design * root[:, None], rows.outcome * root, rcond=None)[0]
    assert [fit.linear.value(name) for name in rows.names] == pytest.approx(direct, rel=1e-9)
    assert fit.residual == pytest.approx(rows.outcome - rows.design @ direct, abs=1e-9)
    assert fit.scores.sum(axis=0) == pytest.approx(np.zeros(4), abs=1e-8)


def test_a_planted_effect_is_found_where_people_who_come_back_later_differ_and_the_pooled_model_is_off():
    """The people of the pilots' post years have a higher level: a change in who comes, not in what happens to them."""
    within, across = [], []
    for seed in range(60):
        rng = np.random.default_rng(seed)
        unit, year = np.repeat(np.arange(200), 4), rng.integers(0, 8, 800)
        area, late = unit % 10, (unit // 10) % 2
        year = np.clip(year + 2 * late - 1, 0, 7)
        pilot, post = (area < 5).astype(float), (year >= 4).astype(float)
        level = rng.normal(size=200)[unit] + 2 * late * pilot
        outcome = level + 0.5 * pilot * post + 0.1 * year + rng.normal(size=800)
        design = np.column_stack([np.ones(800), pilot, post, pilot * post])
        rows = PanelRows((INTERCEPT, "pilot", "post", "pilot:post"), design, outcome, np.ones(800), area, unit, unit)
        within.append(fixed_effects(rows).linear.value("pilot:post"))
        across.append(pooled(rows).linear.value("pilot:post"))
    error = np.std(within) / np.sqrt(60)
    assert error < 0.05
    assert abs(np.mean(within) - 0.5) < 4 * error
    assert np.mean(across) - 0.5 > 0.3
