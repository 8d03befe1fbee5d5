"""Serial correlation of a person's errors: R's numbers, the sums written out, and how often a true null is rejected."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from panel_rows import columns, golden, invented, of_table, table
from scipy import stats

from whatworked.cells import NotEstimated
from whatworked.diagnostics.result import chi_squared, f_test
from whatworked.diagnostics.serial_correlation import Sequence, serial_correlation, serial_correlation_as_coded
from whatworked.estimation.linear import INTERCEPT
from whatworked.estimation.rows import PanelRows


def in_file_order(entry):
    grunfeld = table("_data/Grunfeld.csv")
    if entry == "bgtest_sim_area_year_data_csv":
        rows = table("09-breusch-godfrey/data.csv")
        return of_table(rows, lambda row: row["outcome"], columns("treat", "post", "tp"), unit="area")
    firms = [row for row in grunfeld if row["firm"] == 1 or "pooled" in entry]
    return of_table(firms, lambda row: row["inv"], columns("value", "capital"), unit="firm")


@pytest.mark.parametrize("order", [1, 2, 3, 4])
@pytest.mark.parametrize(
    "entry", ["bgtest_Grunfeld_pooled_lm", "bgtest_Grunfeld_firm1", "bgtest_sim_area_year_data_csv"]
)
def test_breusch_and_godfrey_equal_r_where_all_rows_are_one_sequence(entry, order):
    expected, rows = golden("09-breusch-godfrey")[entry], in_file_order(entry)
    place = np.arange(len(rows.outcome))
    together = replace(rows, unit=0 * place, area=0 * place, person=0 * place)
    found = serial_correlation(together, Sequence(place, place), order=order)
    for test, form in [(found.n_r_squared, "Chisq"), (found.f, "F")]:
        other = expected[f"order{order}_{form}"]
        assert test.statistic == pytest.approx(other["stat"], rel=1e-8)
        assert test.p_value == pytest.approx(other["p"], rel=1e-8)
        assert test.df == (tuple(other["df"]) if form == "F" else other["df"])
    coded = serial_correlation_as_coded(rows, Sequence(place, place), order=order)
    assert coded == found.n_r_squared


def by_hand(rows, date, order):
    """Every sum of the definition by loops over rows; the auxiliary regression in full."""
    root = np.sqrt(rows.weight)
    coef = np.linalg.lstsq(rows.design * root[:, None], rows.outcome * root, rcond=None)[0]
    e = rows.outcome - rows.design @ coef
    lags = np.zeros((len(e), order))
    for i in range(len(e)):
        before = [j for j in range(len(e)) if rows.unit[j] == rows.unit[i] and date[j] < date[i]]
        for step, j in enumerate(sorted(before, key=lambda j: -date[j])[:order]):
            lags[i, step] = e[j]
    onto = np.linalg.lstsq(rows.design * root[:, None], lags * root[:, None], rcond=None)[0]
    net = lags - rows.design @ onto
    sums = np.array([(rows.weight[m] * e[m]) @ net[m] for m in (rows.person == p for p in np.unique(rows.person))])
    robust = sums.sum(axis=0) @ np.linalg.solve(sums.T @ sums, sums.sum(axis=0))
    whole = np.column_stack([rows.design, lags])
    auxiliary = np.linalg.lstsq(whole * root[:, None], e * root, rcond=None)[0]
    full, rss = (rows.weight * (e - whole @ auxiliary) ** 2).sum(), (rows.weight * e**2).sum()
    free = len(e) - whole.shape[1]
    return robust, len(e) * (1 - full / rss), (rss - full) / order / (full / free)


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 10_000), st.sampled_from([1, 2]))
def test_the_three_statistics_are_the_sums_of_their_definitions(seed, order):
    rows = invented(seed)
    date = np.random.default_rng(seed).permutation(len(rows.unit))
    found = serial_correlation(rows, Sequence(date, date), order=order)
    mine = (found.robust.statistic, found.n_r_squared.statistic, found.f.statistic)
    assert mine == pytest.approx(by_hand(rows, date, order), rel=1e-7)
    assert found.robust.df == found.n_r_squared.df == order
    assert found.f.df == (order, len(date) - 4 - order)


def test_copies_of_an_event_are_one_person_and_lag_within_their_own_group():
    rows = invented(3)
    date = np.arange(len(rows.unit))
    plain = serial_correlation(rows, Sequence(date, date))
    twice = np.r_[date, date]
    copies = replace(rows.keep(twice), weight=rows.weight[twice] / 2, unit=np.r_[rows.unit, rows.unit + 1000])
    found = serial_correlation(copies, Sequence(twice, twice))
    assert found.robust.statistic == pytest.approx(plain.robust.statistic, rel=1e-9)
    assert found.n_r_squared.statistic == pytest.approx(2 * plain.n_r_squared.statistic, rel=1e-9)


def test_rows_of_one_date_stand_in_the_order_of_their_events():
    rows = invented(4)
    n = len(rows.unit)
    event = np.random.default_rng(4).permutation(n)
    by_event = serial_correlation(rows, Sequence(np.zeros(n), event))
    assert by_event == serial_correlation(rows, Sequence(event, np.zeros(n)))
    assert by_event != serial_correlation(rows, Sequence(np.zeros(n), -event))


@pytest.mark.parametrize("shift", [1e3, 1e9])
def test_neither_a_constant_nor_a_scale_nor_the_order_of_rows_matters(shift):
    rows = invented(5)
    rows = replace(rows, outcome=np.round(rows.outcome * 64) / 64)
    date = np.arange(len(rows.unit))
    plain = serial_correlation(rows, Sequence(date, date))
    order = np.random.default_rng(5).permutation(len(date))
    changed = replace(rows, outcome=rows.outcome * 4 + shift, weight=rows.weight * 3).keep(order)
    found = serial_correlation(changed, Sequence(date[order], date[order]))
    for name in ("robust", "n_r_squared", "f"):
        assert getattr(found, name).statistic == pytest.approx(getattr(plain, name).statistic, rel=1e-6), name


def drawn(rng, *, people, weight, follow=0.0):
    unit = np.repeat(np.arange(people), 4)
    error = rng.normal(size=(people, 4))
    for t in range(1, 4):
        error[:, t] += follow * error[:, t - 1]
    x = rng.normal(size=len(unit))
    design = np.column_stack([np.ones(len(unit)), x])
    return PanelRows((INTERCEPT, "x"), design, x + error.ravel(), weight(rng, len(unit)), unit % 4, unit, unit)


def test_with_skewed_weights_the_deciding_statistic_rejects_a_true_null_as_often_as_it_says_and_n_r_squared_too_often():
    rng, draws = np.random.default_rng(6), 400
    robust = classic = equal = 0
    date = np.arange(1600)
    for _ in range(draws):
        rows = drawn(rng, people=400, weight=lambda rng, n: np.exp(rng.normal(0, 1.0, n)))
        found = serial_correlation(rows, Sequence(date, date))
        robust += found.robust.p_value < 0.05
        classic += found.n_r_squared.p_value < 0.05
        plain = serial_correlation(replace(rows, weight=np.ones(1600)), Sequence(date, date))
        equal += plain.n_r_squared.p_value < 0.05
    assert 0.025 < robust / draws < 0.085
    assert 0.025 < equal / draws < 0.085
    assert classic / draws > 0.12


def test_errors_that_follow_one_another_are_found():
    rng, date = np.random.default_rng(7), np.arange(800)
    weight = lambda rng, n: np.exp(rng.normal(0, 0.5, n))  # noqa: E731
    found = [
        serial_correlation(drawn(rng, people=200, weight=weight, follow=0.3), Sequence(date, date)) for _ in range(20)
    ]
    assert sum(test.robust.p_value < 0.05 for test in found) >= 18


@pytest.mark.parametrize(
    ("change", "order", "reason"),
    [
        (lambda rows: rows, 0, "the order of serial correlation is at least 1"),
        (lambda rows: rows, 9, "no unit was seen often enough for this order"),
        (lambda rows: replace(rows, unit=np.arange(len(rows.unit))), 1, "no unit was seen often enough for this order"),
        (lambda rows: replace(rows, weight=0 * rows.weight), 1, "no row has a weight above 0"),
        (lambda rows: replace(rows, outcome=rows.design[:, 1]), 1, "the model leaves no residual to judge by"),
        (lambda rows: rows.keep(np.arange(len(rows.unit)) < 5), 1, "the model leaves no residual to judge by"),
    ],
)
def test_what_cannot_be_tested_gives_the_reason(change, order, reason):
    rows = change(invented(8))
    date = np.arange(len(rows.unit))
    assert serial_correlation(rows, Sequence(date, date), order=order) == NotEstimated(reason)


def test_one_person_has_no_deciding_statistic_but_the_others():
    rows = invented(9)
    date = np.arange(len(rows.unit))
    found = serial_correlation(replace(rows, person=0 * rows.unit), Sequence(date, date))
    assert found.robust == NotEstimated("too few people were seen often enough for this order")
    assert 0 < found.n_r_squared.p_value <= 1


def test_p_values_are_the_upper_tails():
    assert chi_squared(3.2, 2).p_value == pytest.approx(stats.chi2.sf(3.2, 2), rel=1e-12)
    assert f_test(3.2, (2, 17)).p_value == pytest.approx(stats.f.sf(3.2, 2, 17), rel=1e-12)
