"""Invented studies of people for tests: the events, the protocol, and the rows that a model is fitted on, by hand."""

import csv
from collections import Counter, defaultdict
from datetime import date, timedelta
from math import floor

import numpy as np

FIRST, LAST = date(2010, 1, 1), date(2019, 12, 31)
# Two pilots share the comparator C1; the third has two of its own.
STARTS = {"P1": date(2014, 3, 1), "P2": date(2015, 6, 1), "P3": date(2015, 1, 1)}
EMBEDDED = {"P1": date(2014, 12, 31), "P2": date(2016, 1, 31), "P3": date(2015, 12, 31)}
COMPARATORS = {"P1": ("C1", "C2"), "P2": ("C1", "C3"), "P3": ("C4", "C5")}
AREAS = ("P1", "P2", "P3", "C1", "C2", "C3", "C4", "C5")


def invented(seed=0, *, people=150, effect=-0.2, base=0.35, times=(1, 4), steady=0.0, later=False, scale=1.0):
    """Events whose outcome depends on age and sex, of which pilots and comparators have different mixtures.

    `times` are the events a person may have, from the first to before the last; `steady` is by how much people differ
    for good, `scale` by how much age, sex and area matter; those with a high share come `later`.
    """
    rng = np.random.default_rng(seed)
    rows = []
    for i, area in enumerate(AREAS):
        pilot = area in STARTS
        for person in range(people + 20 * i):
            sex = "F" if rng.random() < (0.6 if pilot else 0.4) else "M"
            born = FIRST - timedelta(days=int(rng.integers(0, 365 * (12 if pilot else 18))))
            group = rng.choice(["a", "b", "c", "rare"], p=[0.4, 0.3, 0.28, 0.02])
            own = steady * rng.standard_normal() if steady else 0.0
            for _ in range(rng.integers(*times)):
                first = 1800 if later and own > 0 else 0
                day = FIRST + timedelta(days=int(rng.integers(first, 3652)))
                age = "" if rng.random() < 0.05 else (day - born).days // 365
                share = base + own + scale * (0.02 * (age or 0) + 0.1 * (sex == "F") - 0.02 * i)
                if pilot and day > EMBEDDED[area]:
                    share += effect
                rows.append((area, f"p{person}", day.isoformat(), int(rng.random() < share), age, sex, group))
    return rows


def write_study(
    folder, rows, *, question="", matching="", extra="", covariates=None, study="", unit="share", pairs=None
):
    compared = pairs or COMPARATORS
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "events.csv").open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([("area", "person", "day", "outcome", "Age", "Sex", "group"), *rows])
    with (folder / "matches.csv").open("w", newline="", encoding="utf-8") as file:
        pairs = [(pilot, area) for pilot, areas in compared.items() for area in areas]
        csv.writer(file).writerows([("pilot", "comparator"), *pairs])
    pilots = ", ".join(
        f'{{ area = "{a}", label = "Pilot {a}", start = {STARTS[a]}, embedded = {EMBEDDED[a]} }}' for a in compared
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
{study}
[records.people]
kind = "events"
path = "events.csv"
columns = {{ area = "area", person = "person", date = "day", outcome = "outcome", covariates = {named} }}
period = {{ kind = "year" }}
unit = "{unit}"
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


def main_of(findings):
    return named(findings, "main")


def named(findings, name):
    """Return the question's analysis of that name."""
    return next(s for s in findings.questions[0].specifications if s.name == name)


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
    return weighed(list(placed_rows(rows, pilots)), coarse)


def seen_again(kept, coarse=None):
    """The rows of people seen more than once in their area and group, weighed anew, once."""
    seen = Counter((r[1], r[2], r[3]) for r in kept)
    return weighed([r for r in kept if seen[r[1], r[2], r[3]] > 1], coarse)


def weighed(placed, coarse=None):
    """Drop strata without both arms, and weigh what is left."""
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


def columns_by_hand(kept, *, covariates=False, event_time=False, context=None):
    """Return the names and columns of the model in the order in which they stay, collinear ones left out."""
    pilot = np.array([r[2] in STARTS for r in kept], dtype=float)
    k = np.array([r[5] for r in kept])
    if event_time:
        times = [int(t) for t in np.unique(k) if t != -1]
        named_columns = [("(intercept)", np.ones(len(kept))), ("pilot", pilot)]
        named_columns += [(f"since[{t}]", (k == t) * 1.0) for t in times]
        named_columns += [(f"pilot:k={t}", pilot * (k == t)) for t in times]
    else:
        post = (k >= 0).astype(float)
        named_columns = [
            ("(intercept)", np.ones(len(kept))),
            ("pilot", pilot),
            ("post", post),
            ("pilot:post", pilot * post),
        ]
    if covariates:
        chosen = ("age", "sex", "grade") if covariates is True else covariates
        named_columns += [(n, c) for n, c in covariates_by_hand(kept) if n.split("[")[0] in chosen]
    named_columns += [] if context is None else [("context", context)]
    years = np.array([r[4].year for r in kept])
    named_columns += [(f"period[{year}]", (years == year).astype(float)) for year in range(2011, 2020)]
    return independent(named_columns)


def covariates_by_hand(kept):
    """Return age with its indicator, sex and grade, as columns."""
    known = np.array([r[7] != "" for r in kept])
    found = [("age", np.array([float(r[7] or 0) for r in kept]) * known)]
    if not known.all():
        found.append(("age[(missing)]", (~known).astype(float)))
    found.append(("sex[M]", np.array([r[8] == "M" for r in kept], dtype=float)))
    levels = sorted({r[9] for r in kept})[1:]
    return found + [(f"grade[{g}]", np.array([r[9] == g for r in kept], dtype=float)) for g in levels]


def independent(named_columns):
    """Leave out every column that those before it already tell."""
    names, kept = [], []
    basis = np.zeros((len(named_columns[0][1]), 0))
    for name, column in named_columns:
        left = column - basis @ (basis.T @ column)
        left = left - basis @ (basis.T @ left)
        if np.linalg.norm(left) > 1e-8 * np.linalg.norm(column):
            names.append(name)
            kept.append(column)
            basis = np.column_stack([basis, left / np.linalg.norm(left)])
    return tuple(names), np.column_stack(kept)


def areas_of(kept):
    """Number each row's area."""
    return np.unique([r[2] for r in kept], return_inverse=True)[1]


def outcomes_of(kept):
    return np.array([r[6] for r in kept], dtype=float)


def bins(age, sex, grade):
    """Age up to 4, 5 to 12, 13 and over; sex as it is; the grades a and b as one."""
    band = "" if age == "" else 0 if age <= 4.5 else 1 if age <= 12.5 else 2
    return band, sex, "ab" if grade in "ab" else grade


COARSENING = 'coarsening = { age = { cuts = [4.5, 12.5] }, sex = "exact", grade = { groups = [["a", "b"]] } }'
