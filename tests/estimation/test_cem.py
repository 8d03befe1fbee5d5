"""Strata and weights: R's cem and MatchIt, the definition row by row, and the laws of the weights."""

import warnings
from collections import Counter, defaultdict
from fractions import Fraction

import golden_people as golden
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from whatworked import Bins, Cuts, FreedmanDiaconis, Grouping, Scott, Sturges, cem
from whatworked.estimation.cem import cem_weights, event_copy_weights, matched, strata_of

POINTS = {"k_as_cut_points": True}  # as R's cem counts
LL = ["age", "education", "black", "married", "nodegree", "re74", "re75", "hispanic", "u74", "u75"]
STURGES = {name: Sturges(**POINTS) for name in LL}
QUANTITIES = ["age", "education", "re74", "re75"]
OPINIONS = Grouping(["strongly agree", "agree"], ["neutral", "no opinion"], ["strongly disagree", "disagree"])
LALONDE = {name: Sturges() for name in ["age", "educ", "married", "nodegree", "re74", "re75"]}
IN_R = {
    "cem_LL_auto": ("cem_LL", "treated", STURGES, []),
    "cem_LL_scott": ("cem_LL", "treated", STURGES | dict.fromkeys(QUANTITIES, Scott(**POINTS)), []),
    "cem_LL_fd": ("cem_LL", "treated", STURGES | {"age": FreedmanDiaconis(**POINTS)}, []),
    "cem_LL_user": (
        "cem_LL",
        "treated",
        STURGES
        | {"education": Cuts(0, 6.5, 8.5, 12.5, 17), "age": Cuts(17, 21, 26, 40, 60), "re74": Bins(5, **POINTS)},
        [],
    ),
    "cem_LeLonde_missing_auto": ("cem_LeLonde", "treated", STURGES, ["q1"]),
    "cem_LeLonde_missing_grouped": ("cem_LeLonde", "treated", STURGES | {"q1": OPINIONS}, []),
    "matchit_lalonde_ATT_sturges": ("matchit_lalonde", "treat", LALONDE, ["race"]),
    "matchit_lalonde_ATT_scott": ("matchit_lalonde", "treat", LALONDE | {"age": Scott(), "educ": Scott()}, ["race"]),
    "matchit_lalonde_ATT_fd": (
        "matchit_lalonde",
        "treat",
        LALONDE | {"age": FreedmanDiaconis(), "educ": FreedmanDiaconis()},
        ["race"],
    ),
}


def equals_r(found, entry):
    first, whole = np.array(entry["weights_first60"]), golden.hashed(found.weights)
    assert found.weights[:60] == pytest.approx(first, rel=1e-11)
    assert {name: whole[name] for name in entry["weights"]} == pytest.approx(entry["weights"], rel=1e-11)
    if "n_strata" in entry:
        assert (found.strata, found.matched_strata) == (entry["n_strata"], entry["n_matched_strata"])
        kept = golden.hashed(np.flatnonzero(found.weights) + 1)
        assert kept == pytest.approx(entry["matched_idx_hash"], rel=1e-12)
        for arm, group in (("pilot", "G1"), ("comparator", "G0")):
            tab = entry["tab"]
            assert found.counts[arm] == {"rows": tab[f"All {group}"], "matched": tab[f"Matched {group}"]}


@pytest.mark.parametrize("entry", IN_R)
def test_strata_and_weights_are_those_of_r(entry):
    results = golden.expected("01-cem-weights")
    name, treatment, coarsen, exact = IN_R[entry]
    equals_r(cem(golden.columns(name), treatment=treatment, coarsen=coarsen, exact=exact), results[entry])


def test_with_the_arms_exchanged_the_weights_are_those_of_r_with_the_other_baseline():
    results = golden.expected("01-cem-weights")
    table = golden.columns("cem_LL")
    found = cem(table | {"treated": 1 - table["treated"]}, treatment="treated", coarsen=STURGES)
    entry = results["cem_LL_baseline0"]
    assert golden.hashed(found.weights) == pytest.approx(entry["weights"], rel=1e-11)


def test_r_takes_values_beyond_the_cuts_for_missing_and_we_keep_them_apart():
    results = golden.expected("01-cem-weights")
    table = golden.columns("cem_LL")
    cuts = STURGES | {"age": Cuts(20, 30, 40)}
    beyond = (table["age"] < 20) | (table["age"] > 40)
    as_r = table | {"age": np.where(beyond, np.nan, table["age"])}
    equals_r(cem(as_r, treatment="treated", coarsen=cuts), results["cem_LL_user_age_out_of_range"])
    assert cem(table, treatment="treated", coarsen=cuts).strata > results["cem_LL_user_age_out_of_range"]["n_strata"]


def test_weights_of_pupils_with_missing_values_are_those_of_r():
    results = golden.expected("01-cem-weights")
    table = golden.columns("sim_pilot")
    before = golden.rows_of(table, table["post"] == 0)
    coarsen = {
        "age": Cuts(-0.5, 4.5, 10.5, 15.5, 17.5),
        "deprivation": Cuts(-0.5, 9.5, 19.5, 39.5, 200),
        "prior": Cuts(-0.5, 0.5, 1.5, 99),
    }
    found = cem(before, treatment="treat", coarsen=coarsen, exact=["sex", "ethnicity", "sen", "fsm"])
    equals_r(found, results["cem_sim_pre_missing"])


def definition(stratum, pilot, copies):
    """The weights as the paper has them, one row at a time, in fractions."""
    members = defaultdict(lambda: {True: Fraction(0), False: Fraction(0)})
    for s, arm, copy in zip(stratum, pilot, copies, strict=True):
        members[s][arm] += copy
    both = {s for s, arms in members.items() if s >= 0 and arms[True] and arms[False]}
    whole = {arm: sum((members[s][arm] for s in both), Fraction(0)) for arm in (True, False)}
    weights = []
    for s, arm, copy in zip(stratum, pilot, copies, strict=True):
        if s not in both:
            weights.append(Fraction(0))
        elif arm:
            weights.append(copy)
        else:
            weights.append(whole[False] / whole[True] * members[s][True] / members[s][False] * copy)
    return weights, whole


@st.composite
def studies(draw):
    n = draw(st.integers(2, 60))
    stratum = draw(st.lists(st.integers(-1, 6), min_size=n, max_size=n))
    pilot = draw(st.lists(st.booleans(), min_size=n, max_size=n))
    copies = draw(st.lists(st.integers(1, 7), min_size=n, max_size=n))
    return np.array(stratum), np.array(pilot), np.array(copies)


@settings(max_examples=80, deadline=None)
@given(studies())
def test_weights_are_the_definition_row_by_row(study):
    stratum, pilot, copies = study
    found = cem_weights(stratum, pilot, copy_weight=1 / copies)
    weights, whole = definition(stratum.tolist(), pilot.tolist(), [Fraction(1, int(c)) for c in copies])
    assert found.weight == pytest.approx([float(w) for w in weights], rel=1e-13)
    assert (found.pilots, found.comparators) == pytest.approx((float(whole[True]), float(whole[False])))


@settings(max_examples=80, deadline=None)
@given(studies())
def test_the_invariants_of_the_weights_hold(study):
    stratum, pilot, copies = study
    copy = 1 / copies
    found = cem_weights(stratum, pilot, copy_weight=copy)
    assert not found.weight[~found.kept].any()
    assert (found.weight[found.kept] > 0).all()
    assert found.weight[~pilot].sum() == pytest.approx(found.comparators)
    assert found.comparators == pytest.approx(copy[found.kept & ~pilot].sum())
    assert found.weight[pilot & found.kept].tolist() == copy[pilot & found.kept].tolist()
    for s in np.unique(stratum[found.kept]):
        inside = stratum == s
        ratio = found.weight[inside & pilot].sum() / found.weight[inside & ~pilot].sum()
        assert ratio == pytest.approx(found.pilots / found.comparators)


@settings(max_examples=80, deadline=None)
@given(studies(), st.randoms(use_true_random=False))
def test_neither_the_order_of_rows_nor_the_labels_of_strata_changes_a_bit(study, source):
    stratum, pilot, copies = study
    weight = cem_weights(stratum, pilot, copy_weight=1 / copies).weight
    order = np.array(source.sample(range(len(stratum)), len(stratum)))
    shuffled = cem_weights(stratum[order], pilot[order], copy_weight=1 / copies[order]).weight
    assert shuffled.tolist() == weight[order].tolist()
    label = np.array([*source.sample(range(20), 7), -1])
    renamed = cem_weights(label[stratum], pilot, copy_weight=1 / copies).weight
    assert renamed.tolist() == weight.tolist()


@settings(max_examples=80, deadline=None)
@given(studies(), st.integers(2, 4))
def test_rows_given_several_times_weigh_what_they_weighed(study, times):
    stratum, pilot, copies = study
    once = cem_weights(stratum, pilot, copy_weight=1 / copies)
    again = cem_weights(
        *(np.tile(column, times) for column in (stratum, pilot)), copy_weight=np.tile(1 / copies, times)
    )
    assert again.weight == pytest.approx(np.tile(once.weight, times), rel=1e-12)
    counted = cem_weights(stratum, pilot, count=np.full(len(stratum), float(times)), copy_weight=1 / copies)
    assert counted.weight == pytest.approx(once.weight, rel=1e-12)


@settings(max_examples=80, deadline=None)
@given(studies())
def test_cells_weigh_what_their_rows_weigh(study):
    stratum, pilot, copies = study
    rows = Counter(zip(stratum.tolist(), pilot.tolist(), copies.tolist(), strict=True))
    columns = [np.array(column) for column in zip(*rows, strict=True)]
    count = np.array([*rows.values()], dtype=float)
    cells = cem_weights(columns[0], columns[1], count=count, copy_weight=1 / columns[2])
    by_cell = dict(zip(rows, cells.weight.tolist(), strict=True))
    whole = cem_weights(stratum, pilot, copy_weight=1 / copies)
    listed = zip(stratum.tolist(), pilot.tolist(), copies.tolist(), strict=True)
    assert [by_cell[row] for row in listed] == whole.weight.tolist()


@settings(max_examples=80, deadline=None)
@given(studies(), st.integers(2, 4))
def test_a_comparator_split_over_copies_counts_once(study, groups):
    stratum, pilot, _ = study
    ones = np.ones(len(stratum))
    times = np.where(pilot, 1, groups)
    rows = np.repeat(np.arange(len(stratum)), times)
    split = cem_weights(stratum[rows], pilot[rows], copy_weight=(ones / times)[rows])
    together = np.bincount(rows, split.weight, len(stratum))
    assert together == pytest.approx(cem_weights(stratum, pilot).weight, rel=1e-12)


@settings(max_examples=80, deadline=None)
@given(studies(), st.integers(1, 20))
def test_an_area_whose_strata_no_pilot_is_in_changes_nothing(study, rows):
    stratum, pilot, copies = study
    weight = cem_weights(stratum, pilot, copy_weight=1 / copies).weight
    more = cem_weights(
        np.append(stratum, np.full(rows, 99)),
        np.append(pilot, np.zeros(rows, dtype=bool)),
        copy_weight=np.append(1 / copies, np.ones(rows)),
    )
    assert more.weight.tolist() == [*weight.tolist(), *[0.0] * rows]


@settings(max_examples=80, deadline=None)
@given(studies())
def test_coarser_strata_never_lose_matched_rows(study):
    stratum, pilot, _ = study
    fine = matched(stratum, pilot)
    coarse = matched(np.where(stratum >= 0, stratum // 2, -1), pilot)
    assert not (fine & ~coarse).any()


@settings(max_examples=80, deadline=None)
@given(st.lists(st.tuples(*[st.integers(-5, 5)] * 3), min_size=1, max_size=80), st.integers(1, 1 << 40))
def test_rows_share_a_stratum_exactly_where_all_bins_are_alike(rows, far):
    bins = [np.array(column) * (far if i else 1) for i, column in enumerate(zip(*rows, strict=True))]
    number, strata = strata_of(bins)
    order = {row: i for i, row in enumerate(sorted(set(rows)))}
    assert number.tolist() == [order[row] for row in rows]
    assert strata == len(order)


def test_narrow_whole_numbers_do_not_overflow():
    narrow = [np.array([-100, 100, 100], dtype=np.int8)] * 4
    assert strata_of(narrow)[0].tolist() == [0, 1, 1]


@settings(max_examples=80, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 8), st.booleans()), min_size=1, max_size=60))
def test_the_kept_copies_of_an_event_share_a_weight_of_one(rows):
    event, kept = (np.array(column) for column in zip(*rows, strict=True))
    weight = event_copy_weights(event, kept)
    assert not weight[~kept].any()
    for one in np.unique(event[kept]):
        assert weight[event == one].sum() == pytest.approx(1)
        assert len(set(weight[kept & (event == one)].tolist())) == 1


def test_without_a_common_stratum_every_weight_is_0_and_nothing_warns():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = cem_weights(np.array([0, 1]), np.array([True, False]))
    assert found.weight.tolist() == [0, 0]
    assert (found.pilots, found.comparators) == (0, 0)


def test_a_row_of_copy_weight_0_is_no_counterpart():
    found = cem_weights(np.array([0, 0]), np.array([True, False]), copy_weight=np.array([1.0, 0.0]))
    assert not found.kept.any()


def test_the_weighted_effect_on_earnings_is_that_of_r():
    results = golden.expected("02-l1-lcs")
    table = golden.columns("cem_LL")
    weight = cem(table, treatment="treated", coarsen=STURGES).weights
    pilot = table["treated"] == 1
    means = [np.average(table["re78"][side], weights=weight[side]) for side in (pilot, ~pilot)]
    assert means[0] - means[1] == pytest.approx(results["LL_att_lm"]["estimate"], rel=1e-11)
