"""The tables about matched people: what they hold, and that no small count can be worked out from all of them."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from invented import LIMITS, invented, with_question
from invented_people import BINS, LEVELS, OTHER_BINS, PILOT_BINS, PILOT_CASES, matched, of_people

from whatworked.cells import Blank, Cell, Count, Mean, Share, Statistic
from whatworked.disclosure.release import release
from whatworked.disclosure.released import Number, Withheld
from whatworked.tables.document import document
from whatworked.tables.matching import COUNTED, ROWS_OF_ARM
from whatworked.vocabulary import Arm

KEYS = ("people_matched", "balance_overall", "balance", "baseline_means", "without_counterpart")


def section_of(question):
    return document(with_question(invented(), question)).sections[0]


def table_of(question, key):
    return next(table for table in section_of(question).tables if table.key == key)


def released_of(question):
    found = release(document(with_question(invented(), question)), LIMITS).sections[0]
    return {table.key: table.rows for table in found.tables}


def test_a_question_of_matched_people_has_its_five_tables_and_one_of_areas_has_none():
    keys = [table.key for table in section_of(of_people()).tables]
    assert [key for key in keys if key in KEYS] == list(KEYS)
    assert set(KEYS).isdisjoint(t.key for s in document(invented()).sections for t in s.tables)


def test_people_who_were_described_and_not_matched_have_their_summary_statistics_only():
    only = replace(matched(), people_matched=False, lost=())
    keys = {table.key for table in section_of(replace(of_people(), matching=only)).tables}
    assert keys & set(KEYS) == {"baseline_means"}


def test_every_count_and_every_share_is_of_unweighted_people():
    for key in KEYS:
        for row in table_of(of_people(), key).rows:
            assert all(isinstance(cell, Cell) for cell in row)
    table = table_of(of_people(), "people_matched")
    first = table.rows[0]
    assert first[2:] == (Count(1000), Count(940), Count(60), Share(940, 1000))
    assert [row[1].text for row in table.rows[: len(COUNTED)]] == list(COUNTED)
    assert len(table.rows) == 2 * ROWS_OF_ARM
    assert isinstance(table.rows[3][3], Statistic)
    mean = table_of(of_people(), "baseline_means").rows[1][2]
    assert mean == Mean(0.56, "share", 500, part=280)


def test_the_share_with_a_counterpart_is_a_share_of_pilot_rows():
    assert table_of(of_people(), "balance_overall").rows[2][1:] == (Share(930, 1000), Share(912, 940))


def test_the_distance_over_all_levels_stands_once_and_each_levels_difference_once():
    rows = table_of(of_people(), "balance").rows
    names = [(row[0].text, row[1].text) for row in rows]
    assert names[:3] == [("Age", "Mean"), ("Sex", "All levels"), ("Sex", "F")]
    assert len(names) == 1 + 3 + 5
    for row in rows:
        single = row[1].text == "All levels"
        assert isinstance(row[2], Blank) is single
        assert isinstance(row[6], Blank) is (not single and row[1].text != "Mean")


def test_rows_without_a_counterpart_stand_by_bin_and_arm():
    rows = table_of(of_people(), "without_counterpart").rows
    assert len(rows) == 2 * sum(len(bins) for bins in BINS.values())
    assert rows[0][3:] == (Count(300), Count(290), Count(10), Share(10, 300))


def test_where_no_count_is_small_every_number_is_shown():
    for key, rows in released_of(of_people()).items():
        if key in KEYS:
            assert not [cell for row in rows for cell in row if isinstance(cell, Withheld)]


def with_losses(pilot_age, other_age):
    """Losses by age for each arm; the other covariates lose the same number in all."""

    def changed(bins, losses):
        total = sum(losses)
        out = {"age": tuple((pair[0], n) for pair, n in zip(bins["age"], losses, strict=True))}
        for name in ("sex", "ethnicity"):
            first, *rest = bins[name]
            out[name] = ((first[0], total), *((pair[0], 0) for pair in rest))
        return out

    return matched(pilot_bins=changed(PILOT_BINS, pilot_age), other_bins=changed(OTHER_BINS, other_age))


def test_two_lost_rows_of_pilots_can_be_had_from_no_difference():
    rows = released_of(of_people(with_losses((1, 1, 0), (40, 20, 17))))
    pilots, others = (rows["people_matched"][i] for i in (0, ROWS_OF_ARM))
    assert [isinstance(cell, Number) for cell in pilots[2:]] == [False, True, False, False]
    assert isinstance(others[4], Withheld)
    assert others[4].rule == "tells_another"
    assert isinstance(rows["balance_overall"][2][1], Withheld)


class Attacker:
    """Knows how the tables hang together and every printed number, and solves for the rest by linear algebra.

    The equations are written here a second time, from what the tables mean and not from the package's links.
    """

    def __init__(self, question, rows):
        self.known, self.equations, self.names = {}, [], {}
        arms = (Arm.PILOT, Arm.COMPARATOR)
        for a, arm in enumerate(arms):
            for w, what in enumerate(COUNTED):
                line = rows["people_matched"][a * ROWS_OF_ARM + w]
                for name, cell in zip(("before", "kept", "lost"), line[2:5], strict=True):
                    self.see((arm, what, name), cell)
                self.add({(arm, what, "before"): 1, (arm, what, "kept"): -1, (arm, what, "lost"): -1})
            self.bins(question, rows, arm)
        self.steps(question, rows)
        self.flow(arms)
        self.add({(Arm.PILOT, "Rows", "before"): 1, (Arm.PILOT, "Events", "before"): -1})
        for i, row in enumerate(question.summary):
            self.see(("summary", row.arm, i), rows["summary"][i][3])
        for arm in arms:
            phases = {("summary", arm, i): -1 for i, row in enumerate(question.summary) if row.arm is arm}
            self.add({(arm, "Events", "kept"): 1, **phases})

    def steps(self, question, rows):
        for i, step in enumerate(question.population.flow):
            line = rows["flow"][i]
            for name, cell in zip(("rows", "left_out"), line[2:4], strict=True):
                self.see((i, name), cell)
            if step.persons is not None:
                self.see((i, "persons"), line[4])

    def flow(self, arms):
        self.add({(1, "rows"): 1, **{(arm, "Events", "before"): -1 for arm in arms}})
        self.add({(2, "rows"): 1, **{(arm, "Rows", "before"): -1 for arm in arms}})
        self.add({(3, "rows"): 1, **{(arm, "Rows", "kept"): -1 for arm in arms}})
        self.add({(3, "left_out"): 1, **{(arm, "Rows", "lost"): -1 for arm in arms}})
        self.add({(2, "persons"): 1, **{(arm, "Persons", "before"): -1 for arm in arms}})
        self.add({(3, "persons"): 1, **{(arm, "Persons", "kept"): -1 for arm in arms}})
        self.add({(0, "rows"): 1, (1, "rows"): -1, (1, "left_out"): -1})

    def bins(self, question, rows, arm):
        sums = {}
        for i, one in enumerate(question.matching.lost):
            if one.arm is not arm:
                continue
            for name, cell in zip(("before", "kept", "lost"), rows["without_counterpart"][i][3:6], strict=True):
                self.see((i, name), cell)
                sums.setdefault((one.name, name), {(arm, "Rows", name): 1})[i, name] = -1
            self.add({(i, "before"): 1, (i, "kept"): -1, (i, "lost"): -1})
        for equation in sums.values():
            self.add(equation)

    def see(self, key, cell):
        self.names.setdefault(key, len(self.names))
        if isinstance(cell, Number):
            self.known[key] = cell.value

    def add(self, equation):
        self.equations.append(equation)

    def solves(self, key):
        """Whether the count of a key is determined by what is known."""
        unknown = [name for name in self.names if name not in self.known]
        place = {name: i for i, name in enumerate(unknown)}
        if key not in place:
            return True
        system = np.zeros((len(self.equations), len(unknown)))
        for i, equation in enumerate(self.equations):
            for name, sign in equation.items():
                if name in place:
                    system[i, place[name]] = sign
        alone = np.eye(len(unknown))[place[key]]
        return np.linalg.matrix_rank(np.vstack([system, alone])) == np.linalg.matrix_rank(system)


def small_counts(question):
    found = question.matching
    for arm in found.arms:
        pairs = ((arm.rows, arm.matched_rows), (arm.events, arm.matched_events), (arm.persons, arm.matched_persons))
        for what, (before, kept) in zip(COUNTED, pairs, strict=True):
            yield from (((arm.arm, what, name), n) for name, n in (("kept", kept), ("lost", before - kept)))
    for i, one in enumerate(found.lost):
        yield from (
            ((i, name), n) for name, n in (("before", one.rows), ("kept", one.rows - one.lost), ("lost", one.lost))
        )


LOSS = st.one_of(st.integers(0, 12), st.integers(0, 190))


@settings(max_examples=25, deadline=None)
@given(st.tuples(LOSS, LOSS, LOSS), st.tuples(LOSS, LOSS, LOSS), st.integers(0, 40), st.integers(0, 40))
def test_no_small_count_can_be_worked_out_from_all_tables_together(pilots, others, persons, other_persons):
    found = with_losses(pilots, others)
    arms = tuple(
        replace(arm, persons=arm.matched_persons + lost)
        for arm, lost in zip(found.arms, (persons, other_persons), strict=True)
    )
    question = of_people(replace(found, arms=arms))
    attacker = Attacker(question, released_of(question))
    small = [key for key, n in small_counts(question) if 0 < n < LIMITS.smallest]
    assert [key for key in small if attacker.solves(key)] == []


def test_the_attacker_finds_small_counts_where_nothing_guards_them():
    question = of_people(with_losses((5, 0, 0), (40, 20, 17)))
    bare = section_of(question)
    bare = release(replace(document(invented()), sections=(replace(bare, links=type(bare.links)()),)), LIMITS)
    rows = {table.key: table.rows for table in bare.sections[0].tables}
    assert Attacker(question, rows).solves((Arm.PILOT, "Rows", "lost"))


@pytest.mark.parametrize("few", [(455, 40, 4, 1), (400, 90, 5, 5), (360, 120, 15, 5)])
def test_a_rare_level_is_hidden_in_both_arms_with_its_balance_and_another_level(few):
    rows = released_of(of_people(matched(pilot_cases=PILOT_CASES | {"ethnicity": few})))
    lines = {(row[0].text, row[1].text): row[2:] for row in rows["baseline_means"]}
    balance = {(row[0].text, row[1].text): row[2:6] for row in rows["balance"]}
    hidden = [level for level in LEVELS["ethnicity"] if isinstance(lines["Ethnicity", level][0], Withheld)]
    assert len(hidden) >= 2
    cases = dict(zip(LEVELS["ethnicity"], few, strict=True))
    assert sum(cases[level] for level in hidden) >= LIMITS.smallest
    for level in hidden:
        assert all(isinstance(cell, Withheld) for cell in lines["Ethnicity", level])
        assert not [cell for cell in balance["Ethnicity", level] if isinstance(cell, Number)]


def test_two_levels_of_which_one_is_rare_take_their_distance_with_them():
    rows = released_of(of_people(matched(pilot_cases=PILOT_CASES | {"sex": (496, 4)})))
    distance = next(row for row in rows["balance"] if (row[0].text, row[1].text) == ("Sex", "All levels"))
    assert all(isinstance(cell, Withheld) for cell in distance[6:])


def test_a_flow_that_drops_a_few_people_hides_the_step_before():
    question = of_people()
    steps = question.population.flow
    changed = (steps[0], replace(steps[1], rows=steps[1].rows, left_out=3), *steps[2:])
    changed = (replace(steps[0], rows=steps[1].rows + 3), *changed[1:])
    rows = released_of(replace(question, population=replace(question.population, flow=changed)))["flow"]
    assert isinstance(rows[1][3], Withheld)
    assert isinstance(rows[0][2], Withheld)
    assert isinstance(rows[-1][2], Number)


def test_two_analyses_that_differ_by_a_few_rows_are_not_both_counted():
    question = of_people()
    main, *others = question.specifications
    fewer = tuple(replace(one, rows=main.rows - 4) if one.name.startswith("without") else one for one in others)
    rows = released_of(replace(question, specifications=(main, *fewer)))["sensitivity"]
    assert isinstance(rows[0][8], Number)
    assert all(isinstance(row[8], Withheld) for row in rows[1:])


def test_what_would_have_been_is_hidden_where_the_pilots_own_mean_is():
    question = of_people()
    rows = tuple(
        replace(row, pilots=value, pilot_people=200)
        for row, value in zip(question.counterfactual, (0.3, 0.02) * 4, strict=False)
    )
    rows = tuple(replace(row, counterfactual=0.4, conf_low=0.02, conf_high=0.5) for row in rows)
    for row in released_of(replace(question, counterfactual=rows))["counterfactual"]:
        assert len({isinstance(cell, Withheld) for cell in row[2:6]}) == 1
