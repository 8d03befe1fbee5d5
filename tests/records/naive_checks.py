"""The checks of canonical tables a second time: lists of rows and dates, no query, from the declarations' words."""

from collections import defaultdict
from datetime import date, timedelta

from hypothesis import strategies as st

from whatworked.records.check_rules import CODE_SETS, DUPLICATES, OLDEST
from whatworked.records.schema import BY_NAME

DAYS = ["-", *(str(date(2013, 3, 1) + timedelta(days=97 * i)) for i in range(13)), "1985-06-01", "2016-03-31"]


def rows_of(**columns):
    free = {column: st.sampled_from(values) for column, values in columns.items()}
    place = {"area": st.sampled_from("PC"), "child": st.sampled_from("12"), "census_year": st.sampled_from("456")}
    one = st.fixed_dictionaries(place | free)
    return st.lists(one.map(lambda row: row | {"census_year": f"201{row['census_year']}"}), max_size=6)


DRAWN = st.fixed_dictionaries(
    {
        "child": rows_of(
            origin=["cin", "cla"], birth_date=DAYS, birth_precision=["day", "month"], death_date=DAYS,
            expected_birth_date=["-", "2015-01-01"], sex=["-", "0", "1", "2", "3"], ethnicity=["-", "WBRI", "XXXX"],
        ),
        "referral": rows_of(
            referral_date=DAYS[1:], sequence=["1", "2"], closure_date=DAYS,
            previous_plans=["-", "0", "100"], closure_reason=["-", "RC7", "RC9"], need=["-", "N1"],
            no_further_action=["-", "0", "1"],
            referral_source=["6", "5D"],
        ),
        "assessment": rows_of(start_date=DAYS[1:], sequence=["1", "2"], end_date=DAYS),
        "episode": rows_of(
            start_date=DAYS[1:], end_date=DAYS, end_reason=["-", "E45", "X1"], start_reason=["S", "-"],
            legal_status=["C2"], placement=["U6", "Q1"], need=["N1", "N9"],
        ),
    }
)  # fmt: skip
AFTER, LONG = "after the year of the return", f"more than {OLDEST} years before the return"


def naive(tables):
    """Count every check row by row; (table, check, area, year) → [tested, found]."""
    found = defaultdict(lambda: [0, 0])
    for name, rows in tables.items():
        keys = set()
        for row in rows:
            full = {column.name: None for column in BY_NAME[name].columns}
            full |= {key: None if value == "-" else value for key, value in row.items()}
            key = tuple(full[column] for column in BY_NAME[name].key)
            judged = {DUPLICATES: key in keys, **dict(judge(name, full, tables))}
            keys.add(key)
            for check, wrong in judged.items():
                counted = found[name, check, row["area"], row["census_year"]]
                counted[0] += 1
                counted[1] += wrong
    return {key: tuple(counted) for key, counted in found.items()}


def judge(name, row, tables):
    """Yield every check that applies to a row and whether something is wrong."""
    year = int(row["census_year"])
    for column in BY_NAME[name].columns:
        value = row[column.name]
        if column.name in EXPECTED and EXPECTED[column.name](name, row):
            yield f"{column.name}: missing", value is None
        if value is None:
            continue
        if column.codes:
            code = CODE_SETS[column.codes].get(value)
            yield f"{column.name}: not a code of its year", code is None or not code.is_valid_in(year)
        if column.between:
            yield f"{column.name}: out of range", not column.between[0] <= int(value) <= column.between[1]
        if column.type == "DATE" and column.name != "expected_birth_date":
            day = date.fromisoformat(value)
            yield f"{column.name}: {AFTER}", day > date(year, 3, 31)
            yield f"{column.name}: {LONG}", day.year < year - OLDEST
    yield from of_days(name, row)
    yield from of_others(name, row, tables)


EXPECTED = {
    "birth_date": lambda _, row: row["expected_birth_date"] is None,
    "sex": lambda *_: True,
    "ethnicity": lambda name, _: name == "child",
    "referral_source": lambda *_: True,
    "need": lambda *_: True,
    "no_further_action": lambda *_: True,
    "closure_reason": lambda _, row: row["closure_date"] is not None,
    "start_reason": lambda *_: True,
    "legal_status": lambda *_: True,
    "placement": lambda *_: True,
    "end_reason": lambda _, row: row["end_date"] is not None,
}
PAIRS = {
    "child": ("birth_date", "death_date"),
    "referral": ("referral_date", "closure_date"),
    "assessment": ("start_date", "end_date"),
    "episode": ("start_date", "end_date"),
}


def of_days(name, row):
    first, last = PAIRS[name]
    if row[first] and row[last]:
        yield f"{last}: before {first}", row[last] < row[first]


def of_others(name, row, tables):
    own = [one for one in tables["child"] if (one["area"], one["child"]) == (row["area"], row["child"])]
    births = [one["birth_date"] for one in own if one["birth_date"] != "-"]
    if name == "child":
        full = {one["birth_date"] for one in own if one["birth_date"] != "-" and one["birth_precision"] == "day"}
        if row["birth_date"] and full:
            yield "birth_date: differs between returns", len(full) > 1
        if row["sex"] not in (None, "0"):
            yield "sex: differs between returns", len({one["sex"] for one in own} - {"-", "0"}) > 1
        return
    yield "child: in no return's list of children", not own
    first = PAIRS[name][0]
    day, deaths = row[first], [one["death_date"] for one in own if one["death_date"] != "-"]
    if births:
        allowed = 0 if name == "episode" else 280
        words = f" by more than {allowed} days" if allowed else ""
        early = (date.fromisoformat(min(births)) - date.fromisoformat(day)).days
        yield f"{first}: before birth{words}", early > allowed
    if deaths:
        yield f"{first}: after death", day > max(deaths)
    if name == "episode":
        yield "child: in no census of children in need", all(one["origin"] != "cin" for one in own)
    if name == "assessment":
        made = [one for one in tables["referral"] if (one["area"], one["child"]) == (row["area"], row["child"])]
        yield "no referral of the child on or before the day", all(one["referral_date"] > day for one in made)
