import csv
import io

import pytest

from whatworked.disclosure.released import NotApplicable, Number, Text, Withheld
from whatworked.report.csv_files import csv_text, harmless
from whatworked.report.view import View

FORMULAS = ("=1+1", "+1", "-1+1", "@SUM(A1)", "\t=1", "\r=1", " =1", "\uff1d1+1", "=cmd|' /C calc'!A0")


@pytest.mark.parametrize("words", FORMULAS)
def test_words_that_begin_like_a_formula_get_an_apostrophe(words):
    assert harmless(words) == "'" + words


@pytest.mark.parametrize("words", ["Luton", "a=b", "−14.0", "-", "[c]", "", "'=1"])
def test_other_words_stay_as_they_are(words):
    assert harmless(words) == words


def test_numbers_are_written_as_numbers_and_words_survive_quoting():
    row = (
        Text('say "=1", twice\n'),
        Number(-1234.5, "−1,234.5", "days"),
        Number(0.001, "<0.001", bound=True),
        Withheld("-", "few", "small_count"),
        NotApplicable("[z]", "no"),
        "=now()",
    )
    view = View("v", "title", ("=a", "b", "c", "d", "e", "f"), (row,))
    header, body = list(csv.reader(io.StringIO(csv_text(view))))
    assert header[0] == "'=a"
    assert body == ['say "=1", twice\n', "-1234.5", "<0.001", "-", "[z]", "'=now()"]
    assert float(body[1]) == -1234.5


def test_what_stands_behind_numbers_has_a_column_of_its_own():
    rows = (
        ("a", Number(-7.6, "−7.6", after="***"), Number(1.0, "1")),
        ("b", Number(0.3, "0.3"), Number(2.0, "2")),
        ("c", NotApplicable("[z]", "no"), Number(0.001, "<0.001", bound=True)),
    )
    view = View("v", "title", ("term", "main", "n"), rows)
    assert list(csv.reader(io.StringIO(csv_text(view)))) == [
        ["term", "main", "main, mark", "n"],
        ["a", "-7.6", "***", "1"],
        ["b", "0.3", "", "2"],
        ["c", "[z]", "", "<0.001"],
    ]
