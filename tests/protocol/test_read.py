"""What is wrong with the form of a protocol is said all at once, in the words of the file."""

import re
from pathlib import Path

import pytest

from whatworked.errors import ProtocolError, UsageError
from whatworked.protocol.model import Protocol
from whatworked.protocol.read import LARGEST_FILE, MOST_MISTAKES, parse_protocol, read_protocol

JARGON = re.compile(
    r"Input should|Field required|Extra inputs|validat|pydantic|tuple|literal\[|constrained|discriminator|dict|"
    r"str\b|bool\b|CalendarPeriods|ListedPeriod|ExcludedArea|MatchingOverride|LeaveOut|Rematch|Reweight|AreaSeries",
    re.IGNORECASE,
)


def mistakes(text):
    """Return the mistakes of a text: where → what was found and advised."""
    with pytest.raises(ProtocolError) as refused:
        parse_protocol(text, Path())
    assert not JARGON.search(str(refused.value))
    assert len({mistake.where for mistake in refused.value.mistakes}) == len(refused.value.mistakes)
    return {mistake.where: f"{mistake.found} {mistake.advice}" for mistake in refused.value.mistakes}


def only_mistake(text):
    """Return the one mistake of a text."""
    ((where, what),) = mistakes(text).items()
    return where, what


def test_a_valid_protocol_is_read_whole(valid_text, tmp_path):
    (tmp_path / "study.toml").write_text(valid_text, encoding="utf-8")
    protocol = read_protocol(tmp_path / "study.toml")
    assert protocol.folder == tmp_path.resolve()
    assert [pilot.area for pilot in protocol.areas.pilots] == ["867", "821", "874", "869"]
    assert protocol.excluded() == {"919": "had the model already", "920": "excluded by the protocol"}
    assert protocol.records["plans"].keep["region_name"] == ("East", "South East")
    assert protocol.matching_of(protocol.question[1]).max_distance == float("inf")
    assert [variant.kind for variant in protocol.variants_of(protocol.question[0])] == ["leave_out", "lags", "matching"]


def test_a_protocol_survives_being_written_out_and_read_back(valid_text):
    protocol = parse_protocol(valid_text, Path("here"))
    again = Protocol.model_validate(protocol.model_dump()).placed_in(Path("here"))
    assert again.model_dump() == protocol.model_dump()
    assert (again.folder, again.digest) == (protocol.folder, protocol.digest)


def test_the_digest_ignores_comments_order_and_layout_and_nothing_else(valid_text):
    digest = parse_protocol(valid_text, Path()).digest
    head, pilots = valid_text.split("[areas]")
    pilots, rest = pilots.split("[matching]")
    moved = f"# a comment\n[matching] # another\n{rest}\n\n[areas]\n{pilots}\n{head}"
    moved = moved.replace('kind = "year", ends = "03-31"', "ends='03-31',kind='year'")
    assert moved != valid_text
    assert parse_protocol(moved, Path("elsewhere")).digest == digest
    assert parse_protocol(valid_text.replace("seed = 2017", "seed = 2018"), Path()).digest != digest
    assert parse_protocol(valid_text.replace("max_distance = inf, ", ""), Path()).digest != digest


def test_a_byte_order_mark_and_windows_lines_do_no_harm(valid_text, tmp_path):
    (tmp_path / "study.toml").write_bytes(valid_text.replace("\n", "\r\n").encode("utf-8-sig"))
    assert read_protocol(tmp_path / "study.toml").digest == parse_protocol(valid_text, Path()).digest


def test_a_huge_file_is_refused_by_its_size_alone(tmp_path):
    path = tmp_path / "study.toml"
    with path.open("wb") as file:
        file.truncate(100 * 2**20)
    with pytest.raises(ProtocolError, match=r"study\.toml: the file has 100\.0 MiB; a protocol has at most 1 MiB\."):
        read_protocol(path)
    with path.open("wb") as file:
        file.truncate(LARGEST_FILE + 1)
    with pytest.raises(ProtocolError, match=r"has 1\.1 MiB"):
        read_protocol(path)


def test_a_file_that_is_not_there_or_cannot_be_opened_is_a_mistake_of_use(tmp_path, monkeypatch):
    for path in (tmp_path / "study.toml", tmp_path, "\0"):
        with pytest.raises(UsageError, match="there is no such file"):
            read_protocol(path)
    (tmp_path / "study.toml").write_text("")

    def refuse(*_args):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "open", refuse)
    with pytest.raises(UsageError, match=r"cannot be read \(Permission denied\)"):
        read_protocol(tmp_path / "study.toml")


def test_a_file_that_is_not_utf_8_is_refused_with_its_line(tmp_path):
    (tmp_path / "study.toml").write_bytes('[study]\ntitle = "Caf\xe9"'.encode("latin-1"))
    with pytest.raises(ProtocolError, match=r"study\.toml: line 2 is not UTF-8 text") as refused:
        read_protocol(tmp_path / "study.toml")
    assert "encoding" in str(refused.value)


@pytest.mark.parametrize("text", ["", "\n\n", "# only a comment"])
def test_an_empty_file_is_called_empty(text):
    assert only_mistake(text) == (
        "the file",
        "is empty. A protocol has at least [study], [records.…], [areas] and [[question]].",
    )


@pytest.mark.parametrize(
    ("text", "where", "what"),
    [
        ("[study]\ntitle = ", "line 2, column 8", "this is no TOML: invalid value"),
        ("[study]\ntitle 5\n", "line 2, column 7", "this is no TOML: expected '='"),
        ('a = "unclosed\n', "line 1, column 14", "this is no TOML"),
        ("a = 2017-13-01", "line 1, column 9", "this is no TOML"),
        ("a = 1\n\na = 2\n", "line 3, column 6", "given for the second time"),
        ("[study]\n[study]\n", "line 2, column 7", "given for the second time"),
        ("[[question]]\n[question]\n", "line 2, column 10", "given for the second time"),
        ("a = { b = 1 }\na.c = 2\n", "line 2, column 8", "given for the second time"),
        ("a = { b = 1, b = 2 }", "line 1, column 19", "given for the second time"),
        ("a = " + "9" * 5000, "the file", "thousands of digits"),
    ],
)
def test_a_mistake_of_the_toml_has_its_line_and_column(text, where, what):
    found, said = only_mistake(text)
    assert found == where
    assert what in said


@pytest.mark.parametrize(
    "text",
    [
        "a = " + "[" * 100_000,
        "a = " + "{a=" * 100_000,
        "a" + ".a" * 200_000 + " = 1",
        "[" + "a . " * 200_000 + "a]",
        "a = {" + '"b".' * 100_000 + "b = 1}",
        "a = " + "{a.b.c.d.e.f=" * 150 + "1" + "}" * 150,
    ],
)
def test_what_lies_too_deep_is_refused_before_it_costs_anything(text):
    assert "too deep" in only_mistake(text)[1]


def test_dots_in_texts_and_comments_are_no_depth(valid_text):
    text = valid_text.replace("Four pilots", "a.b.c.d.e.f.g.h.i.j.k Four") + "\n# a.b.c.d.e.f.g.h.i.j.k"
    assert parse_protocol(text, Path()).study.limits == ("a.b.c.d.e.f.g.h.i.j.k Four are few.",)


def test_every_mistake_of_form_is_listed_at_once_with_its_place():
    found = mistakes(
        """
        colour = "red"
        [study]
        title = ""
        question = 5
        seed = -1
        data_start = 2012-04-01T00:00:00
        data_end = "2020-03-31"
        ruleset = "as_coded"
        [records.Plans]
        kind = "area_series"
        [records.plans]
        kind = "area_seris"
        columns = { area = "code", value = { column = "rate" }, valeu = "rate" }
        keep = { level = 3, region = ["East", 4] }
        wide = ["2013"]
        period = { kind = "term", ends = "31 March" }
        unit = "u"
        source = "s"
        published = "yes"
        [records.referrals]
        kind = "area_series"
        path = "c1.csv"
        columns = "code"
        period = [{ label = 2013, start = 2012 }, 5, { label = "2014", start = 2013-04-01, stop = 2014-03-31 }]
        unit = "u"
        source = "s"
        [records.third]
        kind = "area_series"
        path = "c1.csv"
        columns = { area = "code" }
        period = "year"
        unit = "u"
        source = "s"
        [areas]
        pilots = [{ area = 867, label = "Bracknell Forest", start = 2017-05-01, embeded = 2018-03-31 }, { label = "x" }]
        excluded = [919, { reason = "because" }, { area = "" }]
        [matching]
        comparators_per_pilot = 0
        max_distance = nan
        slope_significance = inf
        [[question]]
        key = "rereferral"
        title = "T"
        outcome = { label = "o", better = "less" }
        matching = { comparators_per_pilot = "most", max_distance = 0, baseline_periods = "all" }
        [[question]]
        key = "Not A Key"
        title = 0xffffffffffffffffff
        records = "plans"
        [[question]]
        key = "rereferral"
        title = "T"
        records = false
        outcome = { label = "o" }
        [[variant]]
        kind = "leave-out"
        [[variant]]
        pilots = ["x"]
        [[variant]]
        kind = "leave_out"
        pilots = "every"
        [[variant]]
        kind = "leave_out"
        pilots = []
        [[variant]]
        kind = ["lags"]
        [[variant]]
        kind = "matching"
        name = "n"
        [thresholds]
        drift_per_year = nan
        min_areas = 2.5
        stars = [{ mark = "****", below = 2 }]
        [disclosure]
        profile = "strict"
        smallest = true
        """
    )
    expected = {
        "colour": "is an unknown key. Known: areas, disclosure, matching, quality",
        "study.title": "is empty. Title of the report.",
        "study.question": 'found 5; text is expected. Write it in quotes: "5".',
        "study.seed": "found -1; it must be at least 0.",
        "study.data_start": "found the date and time 2012-04-01 00:00:00; a date is expected. "
        "Write the day without the time: 2012-04-01.",
        "study.data_end": 'found "2020-03-31"; a date is expected. Write the day without quotes',
        "study.ruleset": "is an unknown key. Known: data_end, data_start, intervention, limits, link, owner, question, "
        'rule_set, school_holidays, seed, title, version, year_ends. Did you mean "rule_set"?',
        "records.Plans": "is no name that a table of records can have.",
        "records.Plans.path": "is missing.",
        "records.plans.path": "is missing. CSV or Parquet file",
        "records.plans.kind": 'found "area_seris". Known: area_covariates, area_series, cin_census, events, npd, '
        'school_census, ssda903. Did you mean "area_series"?',
        "records.plans.columns.value": "found a table; text is expected.",
        "records.plans.columns.valeu": "is an unknown key. Known: area, denominator, name, numerator, period, value. "
        'Did you mean "value"?',
        "records.plans.keep.level": 'found 3; text or a list of texts is expected. Write it in quotes: "3".',
        "records.plans.keep.region[1]": 'found 4; text is expected. Write it in quotes: "4".',
        "records.plans.wide": "found a list of 1; a table is expected.",
        "records.plans.period.kind": 'found "term". Known: month, quarter, year.',
        "records.plans.period.ends": 'found "31 March", which is not in the form wanted.',
        "records.plans.published": 'found "yes"; true or false is expected.',
        "records.referrals.columns": 'found "code"; a table is expected.',
        "records.referrals.period[0].label": 'found 2013; text is expected. Write it in quotes: "2013".',
        "records.referrals.period[0].start": "found 2012; a date is expected.",
        "records.referrals.period[1]": "found 5; a table is expected.",
        "records.referrals.period[2].stop": "is an unknown key. Known: end, label, start.",
        "records.third.period": 'found "year"; a table or a list of tables is expected. The periods:',
        "areas.pilots[0].area": 'found 867; text is expected. Write it in quotes: "867".',
        "areas.pilots[0].embeded": "is an unknown key. Known: area, delivery, embedded, embeddedness, flags, label, "
        'start. Did you mean "embedded"?',
        "areas.pilots[1].area": "is missing.",
        "areas.pilots[1].start": "is missing. Day on which the intervention started.",
        "areas.excluded[0]": 'found 919; text or a table is expected. Write it in quotes: "919".',
        "areas.excluded[1].area": "is missing.",
        "areas.excluded[2].area": "is empty.",
        "matching.comparators_per_pilot": "found 0; it must be at least 1.",
        "matching.max_distance": "found nan, which is not a number.",
        "matching.slope_significance": "found inf; it must be below 1.",
        "question[0].records": "is missing.",
        "question[0].outcome.better": 'found "less". Known: higher, lower, neither.',
        "question[0].matching.comparators_per_pilot": 'found "most"; a whole number or "all" is expected.',
        "question[0].matching.max_distance": "found 0; it must be above 0.",
        "question[0].matching.baseline_periods": 'found "all"; a list of texts is expected.',
        "question[1].key": 'found "Not A Key", which is not in the form wanted. Short name of the question',
        "question[1].title": "found a whole number of more than 64 bits.",
        "question[1].outcome": "is missing.",
        "question[2].records": "found false; text or a list of texts is expected.",
        "variant[0].kind": 'found "leave-out". Known: cutoff, dose, estimator, lags, leave_out, matching, outcome, '
        "practice_models, rule_set, secondary_outcome, triple, weight. "
        'Did you mean "leave_out"?',
        "variant[1].kind": "is missing. Known: cutoff, dose, estimator, lags, leave_out, matching, outcome, "
        "practice_models, rule_set, secondary_outcome, triple, weight.",
        "variant[2].pilots": 'found "every"; a list of texts or "each" is expected.',
        "variant[3].pilots": "is empty.",
        "variant[4].kind": "found a list of 1.",
        "variant[5].matching": "is missing.",
        "thresholds.drift_per_year": "found nan, which is not a number.",
        "thresholds.min_areas": "found 2.5; a whole number is expected.",
        "thresholds.stars[0].mark": "has 4 characters. At most 3 are allowed.",
        "thresholds.stars[0].below": "found 2; it must be below 1.",
        "disclosure.profile": 'found "strict". Known: dfe, report, srs.',
        "disclosure.smallest": "found true; a whole number is expected.",
    }
    missing = {where: what for where, what in expected.items() if what not in found.get(where, "")}
    assert missing == {}
    beside = {f"records.Plans.{key}" for key in ("columns", "period", "unit", "source")}
    assert set(found) - set(expected) == beside


def test_a_question_goes_by_its_key_where_it_has_one(valid_text):
    assert (
        only_mistake(valid_text.replace('weight = "denominator"', 'weight = "children"'))[0]
        == "question[referrals].weight"
    )
    assert only_mistake(valid_text.replace("max_distance = inf, ", "max_distance = nan, "))[0] == (
        "question[referrals].matching.max_distance"
    )


def test_missing_tables_are_named_together():
    assert set(mistakes("[matching]\nmax_distance = 1")) == {"study", "records", "areas", "question"}


def test_one_table_where_a_list_of_tables_belongs_is_advised_to_take_two_brackets():
    assert "Write [[question]] with two brackets" in mistakes("[question]\nkey = 'a'")["question"]
    assert "Write [[areas.pilots]] with two brackets" in mistakes("[areas.pilots]\narea = 'a'")["areas.pilots"]


def test_questions_that_are_no_list_of_tables_are_named_by_number():
    assert set(mistakes("question = [1, 'a']")) >= {"question[0]", "question[1]"}
    assert "question" in mistakes("question = []")


def test_a_key_that_no_table_could_hold_unquoted_is_quoted_short_and_printable(valid_text):
    text = valid_text.replace("seed = 2017", f'"a b\\u0007" = 1\n"{"k" * 500}" = 2')
    found = mistakes(text)
    assert 'study."a b\\u0007"' in found
    assert f'study."{"k" * 59}…"' in found


def test_a_column_called_key_in_brackets_is_a_column(valid_text):
    text = valid_text.replace("seed = 2017", '"[key]" = 1').replace('geographic_level = "Local', '"[key]" = 3, x = "L')
    assert set(mistakes(text)) == {'study."[key]"', 'records.plans.keep."[key]"'}


def test_long_values_are_quoted_short(valid_text):
    where, what = only_mistake(valid_text.replace('profile = "dfe"', f'profile = "{"d" * 5000}"'))
    assert where == "disclosure.profile"
    assert len(what) < 120
    assert only_mistake(valid_text.replace("Did referrals change?", "x" * 400)) == (
        "question[referrals].title",
        "has 400 characters. At most 300 are allowed.",
    )


def test_a_time_of_day_and_an_empty_list_are_described(valid_text):
    assert "found the time 12:30:00; a date" in only_mistake(valid_text.replace("2012-04-01", "12:30:00"))[1]
    what = only_mistake(valid_text.replace('intervention = "Family Safeguarding"', "intervention = []"))[1]
    assert "found an empty list; text is expected." in what


def test_a_list_without_end_is_cut_and_said_to_be_too_long(valid_text):
    text = valid_text.replace('"920"]', '"920", ' + ", ".join(f'"X{n}"' for n in range(10_000)) + "]")
    assert only_mistake(text) == ("areas.excluded", "has 10002 entries. At most 10000 are allowed.")


def test_of_very_many_mistakes_the_first_hundred_are_listed_and_the_rest_counted():
    found = mistakes("\n".join(f"unknown_{n} = 1" for n in range(300)))
    assert len(found) == MOST_MISTAKES + 1
    assert found["the file"] == "204 more mistakes are not listed. Mend these first."
