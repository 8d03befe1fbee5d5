"""Contradictions of a protocol are found without the records, all at once."""

import re
from datetime import date
from pathlib import Path

import pytest

from whatworked.errors import ProtocolError
from whatworked.protocol.check import contradictions
from whatworked.protocol.model import Protocol
from whatworked.protocol.read import parse_protocol

LISTED = """[
    { label = "2013", start = 2012-04-01 }, { label = "2014", start = 2013-04-01 },
    { label = "2015", start = 2014-04-01 }, { label = "2016", start = 2015-04-01 },
    { label = "2017", start = 2016-04-01 }, { label = "2018", start = 2017-04-01 },
    { label = "2019", start = 2018-04-01 }, { label = "2020", start = 2019-04-01 },
]"""
YEARS = '{ kind = "year", ends = "03-31" }'
WINDOW = "data_start = 2012-04-01\ndata_end = 2020-03-31\n"


def mistakes(text):
    """Return the mistakes of a text: where → everything found and advised there."""
    with pytest.raises(ProtocolError) as refused:
        parse_protocol(text, Path())
    found = {}
    for mistake in refused.value.mistakes:
        found[mistake.where] = f"{found.get(mistake.where, '')}{mistake.found} {mistake.advice}\n"
    assert len(set(refused.value.mistakes)) == len(refused.value.mistakes)
    return found


def spoilt(text, *replacements):
    """Return a text with parts of it replaced, each of which must be there."""
    for old, new in replacements:
        assert old in text
        text = text.replace(old, new)
    return text


def test_a_valid_protocol_has_no_contradiction(valid_text):
    assert contradictions(parse_protocol(valid_text, Path())) == ()
    assert contradictions(parse_protocol(spoilt(valid_text, (YEARS, LISTED), ('"2016-17"', '"2017"')), Path())) == ()


def test_gaps_between_listed_periods_and_a_proxy_with_the_same_periods_are_no_contradiction(valid_text):
    gaps = LISTED.replace("start = 2015-04-01", "start = 2015-04-01, end = 2016-03-30")
    text = spoilt(valid_text, (YEARS, gaps), ('"2016-17"', '"2017"'), ("max_distance = 0.6", 'proxy = "referrals"'))
    assert contradictions(parse_protocol(text, Path())) == ()


# Each case: what to replace in the valid protocol, and every place that must then be named, with the words to be found.
CASES = {
    "window turned round": (
        [("data_end = 2020-03-31", "data_end = 2012-03-31")],
        {"study.data_end": "2012-03-31 is before study.data_start, 2012-04-01."},
    ),
    "embedded before the start": (
        [('"Luton", start = 2017-05-01, embedded = 2018-03-31', '"Luton", start = 2017-05-01, embedded = 2017-03-31')],
        {"areas.pilots[1].embedded": "2017-03-31 is before the start, 2017-05-01. Give a date after 2017-05-01"},
    ),
    "start before the data": (
        [('"Luton", start = 2017-05-01', '"Luton", start = 2011-05-01')],
        {
            "areas.pilots[1].start": "2011-05-01 is before study.data_start, 2012-04-01.",
            "question[referrals].matching.baseline_periods": "too few",
        },
    ),
    "start after the data": (
        [('"Luton", start = 2017-05-01, embedded = 2018-03-31', '"Luton", start = 2021-05-01')],
        {"areas.pilots[1].start": "2021-05-01 is after study.data_end, 2020-03-31."},
    ),
    "one area twice": (
        [('area = "821"', 'area = "867"')],
        {"areas.pilots[1].area": '"867" is the area of areas.pilots[0] too.'},
    ),
    "one label twice": (
        [('label = "Luton"', 'label = "Bracknell Forest"')],
        {"areas.pilots[1].label": '"Bracknell Forest" is the label of areas.pilots[0] too.'},
    ),
    "a pilot excluded": (
        [('"920"]', '"920", "874"]')],
        {"areas.excluded[2]": '"874" is a pilot, areas.pilots[2].'},
    ),
    "an area excluded twice": (
        [('"920"]', '"920", "919"]')],
        {"areas.excluded[2]": '"919" is excluded by areas.excluded[0] already.'},
    ),
    "one key twice": (
        [('key = "referrals"', 'key = "plans"'), ('questions = ["referrals"]', 'questions = ["plans"]')],
        {"question[1].key": '"plans" is the key of question[0] too.'},
    ),
    "unknown records": (
        [('records = "plans"', 'records = "plan"')],
        {"question[plans].records": 'no table of records is called "plan". Known: plans, referrals. Did you mean'},
    ),
    "unknown proxies": (
        [
            ("max_distance = 0.6", 'proxy = "plan"'),
            ("max_distance = inf, baseline", 'proxy = "referal", baseline'),
            ('comparators_per_pilot = "all", max_distance = inf', 'proxy = "x"'),
        ],
        {
            "matching.proxy": 'no table of records is called "plan".',
            "question[referrals].matching.proxy": 'Did you mean "referrals"?',
            "variant[2].matching.proxy": 'no table of records is called "x". Known: plans, referrals.',
        },
    ),
    "variants name what is not there": (
        [
            ('pilots = "each"', 'pilots = ["Luten"]\nquestions = ["plan"]'),
            ('questions = ["referrals"]', 'questions = ["plans", "referals"]'),
        ],
        {
            "variant[0].pilots[0]": 'no pilot is called "Luten". Known: Bracknell Forest, Luton, Peterborough, '
            'West Berkshire. Did you mean "Luton"?',
            "variant[0].questions[0]": 'no question is called "plan".',
            "variant[3].questions[1]": 'Did you mean "referrals"?',
        },
    ),
    "a leave-out of all pilots": (
        [('pilots = "each"', 'pilots = ["Luton", "Peterborough", "West Berkshire", "Bracknell Forest"]')],
        {"variant[0].pilots": "names all pilots, so that none would be left."},
    ),
    "weights without a denominator": (
        [
            ('better = "lower" }', 'better = "lower" }\nweight = "denominator"'),
            ('weight = "equal"\nquestions = ["referrals"]', 'weight = "denominator"'),
        ],
        {
            "question[plans].weight": 'is "denominator", but records.plans has no columns.denominator.',
            "variant[3].weight": 'is "denominator", but records.plans has no columns.denominator.',
        },
    ),
    "a long table without its columns": (
        [('period = "time_period", value = "rate", denominator', "denominator")],
        {
            "records.referrals.columns.period": "is missing. Name the column of the period, or give `wide`",
            "records.referrals.columns.value": "is missing. Name the column of the value, or give `wide`",
        },
    ),
    "a wide table with the columns of a long one": (
        [
            (
                "published = true\n\n[records.r",
                'published = true\nwide = { 2013 = "y13", 2014 = "y13", 14 = "y14" }\n\n[records.r',
            )
        ],
        {
            "records.plans.columns.period": "is given beside `wide`",
            "records.plans.columns.value": "is given beside `wide`",
            "records.plans.columns.numerator": "one column cannot hold the people behind the figures of every period.",
            "records.plans.wide.2014": '"y13" is the column of "2013" too.',
            "records.plans.wide.14": '"14" is no label of kind "year".',
        },
    ),
    "a wide table with labels that the list does not have": (
        [
            (f"period = {YEARS}", f"period = {LISTED}"),
            (
                ', period = "time_period", value = "rate", denominator = "children" }',
                ' }\nwide = { 2013 = "a", 2031 = "b" }',
            ),
            ('weight = "denominator"\n', ""),
            ('"2016-17"', '"2017"'),
        ],
        {"records.referrals.wide.2031": '"2031" is none of the listed periods. Known: 2013, 2014'},
    ),
    "ends that no year has": (
        [('ends = "03-31"', 'ends = "02-29"')],
        {
            "records.plans.period.ends": '"02-29" is no day of every year. Give month and day, such as "03-31"',
            "records.referrals.period.ends": "02-29",
        },
    ),
    "ends of a month": (
        [(YEARS, '{ kind = "month", ends = "03-31" }')],
        {
            "records.referrals.period.ends": 'is for years only, and the kind is "month".',
            "records.plans.period.ends": "for years only",
        },
    ),
    "nothing to guard small numbers with": (
        [("published = true\n\n[areas]", "[areas]")],
        {"records.referrals.published": "Small numbers could not be guarded: give columns.numerator, or say published"},
    ),
    "two baseline periods": (
        [
            ("max_distance = 0.6", 'baseline_periods = ["2013", "2014"]'),
            ('["2013", "2014", "2015", "2016-17"]', '["2013", "2014", "2013"]'),
            ('"all", max_distance = inf', '"all", baseline_periods = ["2013"]'),
        ],
        {
            "matching.baseline_periods": "names too few periods (2); a trend needs 3.",
            "question[referrals].matching.baseline_periods": "names too few periods (2); a trend needs 3.",
            "variant[2].matching.baseline_periods": "names too few periods (1); a trend needs 3.",
        },
    ),
    "baseline periods that are none": (
        [('"2016-17"]', '"2016-18"]')],
        {"question[referrals].matching.baseline_periods[3]": '"2016-18" is no label of kind "year". Years are'},
    ),
    "baseline periods that lie after the start": (
        [('"2015", "2016-17"]', '"2018", "2019"]'), ('"Luton", start = 2017-05-01', '"Luton", start = 2018-04-01')],
        {
            "question[referrals].matching.baseline_periods": "before the start of areas.pilots[0], 2017-05-01 (2);",
            "areas.pilots[1].embedded": "2018-03-31 is before",
        },
    ),
    "a window with two baseline periods": (
        [
            ("data_start = 2012-04-01", "data_start = 2015-04-01"),
            (', baseline_periods = ["2013", "2014", "2015", "2016-17"]', ""),
        ],
        {
            f"areas.pilots[{n}].start": "too few periods of records.plans lie before it, 2017-05-01 (2); a trend needs"
            for n in range(4)
        },
    ),
    "a list with two baseline periods": (
        [
            (WINDOW, ""),
            (YEARS, LISTED),
            ('"2016-17"', '"2017"'),
            ('"Luton", start = 2017-05-01', '"Luton", start = 2014-05-01'),
        ],
        {
            "areas.pilots[1].start": "too few periods of records.plans lie before it, 2014-05-01 (2); a trend needs 3.",
            "question[referrals].matching.baseline_periods": "too few",
        },
    ),
    "no period after the settling-in": (
        [("data_end = 2020-03-31", "data_end = 2019-03-30")],
        {f"areas.pilots[{n}].embedded": "no period of records.plans begins after 2018-03-31" for n in range(4)},
    ),
    "no listed period after the start": (
        [
            (YEARS, LISTED),
            ('"2016-17"', '"2017"'),
            ('"Luton", start = 2017-05-01, embedded = 2018-03-31', '"Luton", start = 2019-04-02'),
        ],
        {"areas.pilots[1].start": "no period of records.plans begins from 2019-04-02"},
    ),
    "marks with one limit": (
        [
            (
                "[disclosure]",
                '[thresholds]\nstars = [{ mark = "*", below = 0.05 }, { mark = "+", below = 0.05 }]\n[disclosure]',
            )
        ],
        {"thresholds.stars[1].below": "0.05 is the limit of thresholds.stars[0] too."},
    ),
    "a drift without end": (
        [("[disclosure]", "[thresholds]\ndrift_per_year = -inf\n[disclosure]")],
        {"thresholds.drift_per_year": "found -inf."},
    ),
    "proxies with other periods": (
        [
            (f'children" }}\nperiod = {YEARS}', 'children" }\nperiod = { kind = "year", ends = "08-31" }'),
            ("max_distance = 0.6", 'proxy = "referrals"'),
            ("max_distance = inf, baseline", 'proxy = "plans", baseline'),
        ],
        {
            "matching.proxy": "records.referrals has other periods than records.plans, which it stands for.",
            "question[referrals].matching.proxy": "records.plans has other periods than records.referrals",
        },
    ),
    "paths": (
        [
            ('path = "d1_child_protection_plans.csv"', 'path = "../d1.csv"'),
            ('path = "data/c1_referrals.parquet"', 'path = "c1.xlsx"'),
            ("max_distance = 0.6", 'match_file = "/tmp/match.csv"'),
            ("max_distance = inf, baseline", 'match_file = "~/match.csv", baseline'),
            ('comparators_per_pilot = "all", max_distance = inf', 'match_file = "match.parquet"'),
        ],
        {
            "records.plans.path": '"../d1.csv" leads out of the study\'s folder.',
            "records.referrals.path": '"c1.xlsx" is a spreadsheet. Save the sheet as CSV',
            "matching.match_file": '"/tmp/match.csv" does not start from the study\'s folder.',
            "question[referrals].matching.match_file": '"~/match.csv" does not start from the study\'s folder.',
            "variant[2].matching.match_file": '"match.parquet" does not end in .csv.',
        },
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_a_contradiction_is_named_with_its_place(case, valid_text):
    replacements, expected = CASES[case]
    found = mistakes(spoilt(valid_text, *replacements))
    assert {where: what for where, what in expected.items() if what not in found.get(where, "")} == {}
    assert set(found) == set(expected)


def test_many_contradictions_are_listed_in_one_message(valid_text):
    together = [
        "embedded before the start",
        "one label twice",
        "a pilot excluded",
        "unknown records",
        "a drift without end",
        "nothing to guard small numbers with",
        "variants name what is not there",
        "baseline periods that are none",
    ]
    replacements = [replacement for case in together for replacement in CASES[case][0]]
    replacements[0] = (replacements[0][0], replacements[0][1].replace('"Luton"', '"Luton"'))
    found = mistakes(spoilt(valid_text, *replacements))
    assert {where for case in together for where in CASES[case][1]} <= set(found)


def test_pilots_left_out_each_need_a_second_pilot(valid_text):
    text = re.sub(r'\n    \{ area = "8(21|74|69)".*', "", valid_text)
    assert mistakes(text) == {"variant[0].pilots": 'is "each", but there is only one pilot. Leave this variant out.\n'}


LISTS = {
    "[]": {"period": "is an empty list."},
    '[{ label = "a", start = 2012-01-01 }]': {"period[0].end": "is missing, and a single period does not tell"},
    '[{ label = "a", start = 2012-01-01 }, { label = "a", start = 2013-01-01 }]': {
        "period[1].label": '"a" is the label of period[0] too.'
    },
    '[{ label = "a", start = 2012-01-01 }, { label = "b", start = 2012-01-01 }]': {
        "period[1].start": "2012-01-01 is not after the start of the period before it, 2012-01-01."
    },
    '[{ label = "a", start = 2012-01-01, end = 2011-12-31 }, { label = "b", start = 2013-01-01 }]': {
        "period[0].end": "2011-12-31 is before the start, 2012-01-01."
    },
    '[{ label = "a", start = 2012-01-01, end = 2013-01-01 }, { label = "b", start = 2013-01-01 }]': {
        "period[0].end": "2013-01-01 is not before the start of the next period, 2013-01-01."
    },
}


@pytest.mark.parametrize("periods", LISTS)
def test_a_list_of_periods_is_in_order_without_overlap(periods, valid_text):
    text = spoilt(valid_text, (f"period = {YEARS}\n", f"period = {periods}\n"))
    found = mistakes(text)
    for where, what in LISTS[periods].items():
        assert what in found[f"records.plans.{where}"]
    assert {where for where in found if ".period" in where} == {
        f"records.{name}.{where}" for name in ("plans", "referrals") for where in LISTS[periods]
    }


def test_without_a_window_the_calendar_tells_nothing_of_how_many_periods_there_are(valid_text):
    text = spoilt(valid_text, (WINDOW, ""), (', baseline_periods = ["2013", "2014", "2015", "2016-17"]', ""))
    assert contradictions(parse_protocol(text, Path())) == ()


def test_the_first_and_last_day_of_the_calendar_can_be_given(valid_text):
    text = spoilt(
        valid_text,
        ("data_start = 2012-04-01", "data_start = 0001-01-01"),
        ("data_end = 2020-03-31", "data_end = 0001-01-01"),
        ("start = 2017-05-01, embedded = 2018-03-31", "start = 0001-01-01"),
    )
    found = mistakes(text)
    assert "too few periods of records.plans lie before it, 0001-01-01 (0)" in found["areas.pilots[0].start"]
    assert "no period of records.plans begins from 0001-01-01" in found["areas.pilots[0].start"]
    far = spoilt(
        valid_text,
        ("data_end = 2020-03-31", "data_end = 9999-12-31"),
        ("start = 2017-05-01, embedded = 2018-03-31", "start = 9999-12-31"),
    )
    assert set(mistakes(far)) == {f"areas.pilots[{index}].start" for index in range(4)}


def test_contradictions_are_found_in_a_protocol_made_by_hand(valid_text):
    protocol = parse_protocol(valid_text, Path())
    study = protocol.study.model_copy(update={"data_end": date(2011, 1, 1)})
    spoilt_by_hand = protocol.model_copy(update={"study": study})
    assert isinstance(spoilt_by_hand, Protocol)
    assert "study.data_end" in {mistake.where for mistake in contradictions(spoilt_by_hand)}
