"""A study of people's events, end to end, against a second implementation that counts row by row."""

import csv
from datetime import date, timedelta
from math import floor

import numpy as np
import pytest
import statsmodels.api as sm

from whatworked import read_protocol, run
from whatworked.errors import ProtocolError, RecordsError

pytestmark = pytest.mark.usefixtures("undrawn")

AREAS, PILOTS = 9, 3
FIRST = date(2010, 1, 1)
STARTS = (date(2015, 3, 1), date(2015, 9, 1), date(2016, 2, 10))
EMBEDDED = (date(2015, 12, 31), date(2016, 6, 30), date(2016, 8, 20))


def invented(seed=0, *, people=700, effect=-0.15, decimals=False):
    """Area, person, day and outcome of events over ten years; pilots' outcomes fall after their embedded date."""
    rng = np.random.default_rng(seed)
    rows = []
    for i in range(AREAS):
        for person in range(people // (1 + i % 3)):
            for _ in range(rng.integers(1, 4)):
                day = FIRST + timedelta(days=int(rng.integers(0, 3652)))
                share = 0.4 + 0.02 * i + (effect if i < PILOTS and day > EMBEDDED[i] else 0.0)
                outcome = round(rng.normal(20, 5), 2) if decimals else int(rng.random() < share)
                rows.append((f"A{i}", f"p{person}", day.isoformat(), outcome))
    return rows


def write_study(folder, rows, *, window=0, unit="share", study="", extra=""):
    folder.mkdir(exist_ok=True)
    with (folder / "events.csv").open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([("area", "person", "day", "outcome"), *rows])
    pilots = ", ".join(
        f'{{ area = "A{i}", label = "Pilot {i + 1}", start = {STARTS[i]}, embedded = {EMBEDDED[i]} }}'
        for i in range(PILOTS)
    )
    (folder / "study.toml").write_text(
        f"""
[study]
title = "An invented study of people"
question = "Did it work?"
{study}
[records.people]
kind = "events"
path = "events.csv"
columns = {{ area = "area", person = "person", date = "day", outcome = "outcome" }}
period = {{ kind = "year" }}
unit = "{unit}"
source = "Invented"
[areas]
publish_names = true
pilots = [{pilots}]
[matching]
max_distance = inf
slope_significance = 0
[[question]]
key = "outcome"
title = "Did the share fall?"
records = "people"
outcome = {{ label = "the share", better = "lower", window_days = {window} }}
{extra}
""",
        encoding="utf-8",
    )
    return folder / "study.toml"


def studied(tmp_path, rows, **options):
    return run(read_protocol(write_study(tmp_path / "study", rows, **options)))


def by_hand(rows, groups, *, window, last):
    """Row by row: which group, phase and year each event stands in, and the copies of each."""
    starts = {f"A{i}": (STARTS[i], EMBEDDED[i]) for i in range(PILOTS)}
    placed = []
    for event, (area, person, day, outcome) in enumerate(rows):
        when = date.fromisoformat(day)
        for group in groups:
            if area not in (group.pilot, *group.comparators):
                continue
            start, embedded = starts[group.pilot]
            if when + timedelta(days=window) < start:
                since = floor(((when - start).days + window) / 365.25)
            elif when > embedded and (not window or when + timedelta(days=window) < last):
                since = floor((when - embedded).days / 365.25)
            else:
                continue
            placed.append((event, group.pilot, area, person, when.year, since, outcome))
    copies = {}
    for event, *_ in placed:
        copies[event] = copies.get(event, 0) + 1
    return [(*row, 1 / copies[row[0]]) for row in placed]


@pytest.mark.parametrize("window", [0, 183])
def test_the_effect_equals_weighted_least_squares_on_every_row(tmp_path, window):
    rows = invented()
    (question,) = studied(tmp_path, rows, window=window).questions
    placed = by_hand(rows, question.areas.groups, window=window, last=date(2019, 12, 31))
    area, year = np.array([r[2] for r in placed]), np.array([r[4] for r in placed])
    since, y, w = (np.array([r[j] for r in placed], dtype=float) for j in (5, 6, 7))
    pilot, post = np.isin(area, [f"A{i}" for i in range(PILOTS)]).astype(float), (since >= 0).astype(float)
    x = np.column_stack([np.ones(len(y)), pilot, post, pilot * post, *((year == t) for t in range(2011, 2020))])
    x = x.astype(float)
    if np.linalg.matrix_rank(x) < x.shape[1]:
        x = x[:, :-1]  # no year holds both phases: the last says nothing that post does not
    fit = sm.WLS(y, x, weights=w).fit(cov_type="cluster", cov_kwds={"groups": area})
    main = question.specifications[0]
    assert main.rows == question.rows == len(placed)
    assert main.effect.estimate == pytest.approx(fit.params[3], rel=1e-8)
    assert main.effect.std_error == pytest.approx(fit.bse[3], rel=1e-7)
    assert question.persons == len({(r[2], r[3]) for r in placed})
    assert question.incidence == pytest.approx(y.mean())
    leads = {entry.since: entry.rows for entry in question.support}
    assert leads == {k: int((since == k).sum()) for k in sorted(set(since.astype(int)))}
    phases = next(step for step in question.population.flow if step.step == "phases")
    assert phases.rows == len({r[0] for r in placed})
    summary = {(row.arm.value, row.phase.value): row for row in question.summary}
    mine = (pilot == 1) & (post == 1)
    assert summary["pilot", "post"].mean == pytest.approx(np.average(y[mine], weights=w[mine]))
    assert summary["pilot", "post"].people == round(w[mine].sum())


def test_areas_are_matched_on_the_plain_means_of_their_events(tmp_path):
    rows = invented(1)
    (question,) = studied(tmp_path, rows).questions
    series = {(row.area, row.period): row for row in question.series}
    for (area, year), row in series.items():
        mine = [r[3] for r in rows if r[0] == area and r[2].startswith(year)]
        assert row.value == pytest.approx(np.mean(mine))
        assert row.people == len(mine)


def test_the_order_of_rows_does_not_matter(tmp_path):
    rows = invented(2, people=150)
    one = studied(tmp_path, rows)
    other = studied(tmp_path, [rows[i] for i in np.random.default_rng(0).permutation(len(rows))])
    assert one == other


def test_a_planted_effect_on_people_is_found(tmp_path):
    (question,) = studied(tmp_path, invented(3)).questions
    effect = question.specifications[0].effect
    assert effect.conf_low < -0.15 < effect.conf_high


def test_outcomes_with_decimals_are_summed_exactly(tmp_path):
    rows = invented(4, people=120, decimals=True)
    (question,) = studied(tmp_path, rows, unit="days").questions
    assert question.incidence is None
    values = [r[3] for r in rows if r[0] == "A0" and r[2].startswith("2012")]
    found = next(row for row in question.series if row.area == "A0" and row.period == "2012")
    assert found.value == pytest.approx(np.mean(values), rel=1e-12)


def test_rows_that_cannot_be_used_are_counted_by_reason(tmp_path):
    rows = invented(5, people=120)
    broken = [
        ("", "p", "2012-01-01", 1),
        ("A0", "", "2012-01-01", 1),
        ("A0", "p", "", 1),
        ("A0", "p", "2012-01-01", ""),
    ]
    outside = [("A0", "p", "2009-12-31", 1), ("A0", "p", "2020-01-01", 0)]
    (question,) = studied(
        tmp_path, rows + broken + outside, study="data_start = 2010-01-01\ndata_end = 2019-12-31"
    ).questions
    steps = {step.rule: step.left_out for step in question.population.flow}
    for reason in ("no area", "no person", "no day", "no outcome"):
        assert steps[f"rows with {reason} leave"] == 1
    assert steps["rows with outside the study's time leave"] == 2


@pytest.mark.parametrize(
    ("row", "message"),
    [
        (("A0", "p", "01/02/2012", 1), "1 row with a day that is not written"),
        (("A0", "p", "2012-02-30", 1), "1 row with a day that is not written"),
        (("A0", "p", "2012-02-03", "yes"), "1 value with letters"),
        (("A0", "p", "2012-02-03", "1.00000001"), "more than 6 decimals"),
        (("A0", "p", "2012-02-03", "1e-12"), "more than 6 decimals"),
        (("A0", "p", "2012-02-03", "-1e-200"), "more than 6 decimals"),
        (("A0", "p", "2012-02-03", "1e200"), "too large to be summed exactly"),
        (("A0", "p", "2012-02-03", "1e12"), "too large"),
    ],
)
def test_what_is_neither_sound_nor_missing_is_refused_without_its_value(tmp_path, row, message):
    rows = [*invented(6, people=60), row]
    with pytest.raises(RecordsError, match=message) as caught:
        studied(tmp_path, rows)
    assert "yes" not in str(caught.value)


def test_columns_that_are_not_there_are_all_named(tmp_path):
    path = write_study(tmp_path / "study", invented(7, people=60))
    path.write_text(path.read_text().replace('person = "person", date = "day"', 'person = "persn", date = "dy"'))
    with pytest.raises(ProtocolError) as caught:
        run(read_protocol(path))
    assert [m.where for m in caught.value.mistakes] == ["records.people.columns.person", "records.people.columns.date"]


def test_events_are_not_weighed_by_population_and_figures_have_no_window(tmp_path):
    path = write_study(tmp_path / "study", invented(8, people=60))
    path.write_text(path.read_text().replace('records = "people"', 'records = "people"\nweight = "denominator"'))
    with pytest.raises(ProtocolError, match="holds events of people"):
        read_protocol(path)


def test_the_second_run_reads_the_artefact_and_finds_the_same(tmp_path):
    path = write_study(tmp_path / "study", invented(9, people=60))
    first = run(read_protocol(path), out=tmp_path / "run")
    again = run(read_protocol(path), out=tmp_path / "run")
    assert again == first
    assert run(read_protocol(path)) == first


def test_few_people_with_or_without_the_outcome_leave_no_figure(tmp_path):
    """One pilot's year is made to hold three people with the outcome, another's three without."""
    rows = [r for r in invented(10, people=400) if not (r[0] == "A0" and r[2][:4] in ("2011", "2012"))]
    rows += [("A0", f"q{i}", "2011-05-05", int(i < 3)) for i in range(40)]
    rows += [("A0", f"q{i}", "2012-05-05", int(i >= 3)) for i in range(40)]
    run(read_protocol(write_study(tmp_path / "study", rows)), out=tmp_path / "run")
    with (tmp_path / "run" / "release" / "tables" / "outcome_trends.csv").open(
        encoding="utf-8-sig", newline=""
    ) as file:
        series = [line for line in csv.reader(file) if line[:2] == ["Pilot 1", "Pilot 1"]]
    by_year = {year: line for line in series for year in ("2011", "2012", "2013") if year in line}
    assert "[c]" in by_year["2011"]
    assert "[c]" in by_year["2012"]
    assert "[c]" not in by_year["2013"]


@pytest.mark.parametrize("suffix", [".json", ".parquet"])
@pytest.mark.parametrize("damage", [b"", b"{", None])
def test_a_damaged_artefact_is_made_again(tmp_path, suffix, damage):
    path = write_study(tmp_path / "study", invented(11, people=60))
    first = run(read_protocol(path), out=tmp_path / "run")
    for artefact in (tmp_path / "run" / "artefacts").glob(f"*{suffix}"):
        if damage is None:
            artefact.unlink()
        else:
            artefact.write_bytes(damage)
    assert run(read_protocol(path), out=tmp_path / "run") == first


@pytest.mark.parametrize("value", [2, -1, 1.01, 100])
def test_a_share_that_is_none_is_refused(tmp_path, value):
    rows = invented(people=60)
    wrong = [(*row[:3], value) if place < 3 else row for place, row in enumerate(rows)]
    with pytest.raises(RecordsError) as caught:
        studied(tmp_path, wrong)
    assert "events.csv, column outcome: 3 values below 0 or above 1" in str(caught.value)


def test_an_outcome_of_days_may_be_above_one(tmp_path):
    assert studied(tmp_path, invented(people=60, decimals=True), unit="days").questions[0].unit == "days"
