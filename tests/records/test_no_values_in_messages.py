"""Whatever is wrong with a file, no message repeats what its rows hold.

Each case plants a word in one place of a broken file. The word may stand in a column's name, never in a message
because it stood in a row.
"""

import traceback

import pytest

from whatworked.errors import WhatWorkedError

CANARY = "CANARY-7f3a"
SHORT = "2013X9"

GOOD = ["area,year,rate,n,d,level,name", "A1,2013,1,1,1,LA,First", "A1,2014,1,1,1,LA,First"]
COLUMNS = {"area": "area", "period": "year", "value": "rate", "numerator": "n", "denominator": "d", "name": "name"}
MAPPING = {"columns": COLUMNS, "keep": {"level": "LA"}}
PLACES = range(7)

# A file that is wrong whatever the planted row holds: one more row that breaks it in this way.
BREAKS = {
    "too few values": "A2,2013,1",
    "too many values": "A2,2013,1,1,1,LA,name,more",
    "a quotation mark": 'A2,2013,"1,1,1,LA,name',
    "a quotation mark inside": 'A2,2013,"1"1,1,1,LA,name',
    "mixed line ends": "A2,2013,1,1,1,LA,name\r",
    "a NUL": "A2,2013,1,1,\0,LA,name",
    "a blank area": ",2013,1,1,1,LA,name",
    "a strange period": "A2,someday,1,1,1,LA,name",
    "no period": "A2,,1,1,1,LA,name",
    "a gap": "A2,2020,1,1,1,LA,name",
    "no number": "A2,2013,many,1,1,LA,name",
    "a fraction of people": "A2,2013,1,1.5,1,LA,name",
    "a population below nought": "A2,2013,1,1,-1,LA,name",
    "a repeated row": "A1,2013,1,1,1,LA,First",
    "a long line": "A2,2013,1,1,1,LA," + "x" * 2_100_000,
}


def said(caught):
    return str(caught.value) + "".join(traceback.format_exception(caught.value))


def with_canary(place, word):
    row = ["A3", "2013", "1", "1", "1", "LA", "Third"]
    row[place] = word
    return ",".join(row)


@pytest.mark.parametrize("word", [CANARY, SHORT])
@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("broken", BREAKS.values(), ids=BREAKS)
def test_no_message_repeats_a_row(read, broken, place, word):
    content = "\n".join([*GOOD, with_canary(place, word), broken]) + "\n"
    with pytest.raises(WhatWorkedError) as caught:
        read(content, **MAPPING)
    assert word not in said(caught)
    assert caught.value.__cause__ is None


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize(
    "changes",
    [
        {"columns": COLUMNS | {"value": "rates"}},
        {"keep": {"level": "no such level"}},
        {"keep": {"levels": "LA"}},
        {"columns": {"area": "area"}, "wide": {"2013": "rate", "2014": "year"}, "keep": {}},
        {"period": {"kind": "quarter"}},
        {"period": [{"label": "wave", "start": "2013-01-01", "end": "2013-12-31"}]},
        {"columns": COLUMNS | {"period": "name"}},
        {"columns": COLUMNS | {"value": "name"}},
    ],
    ids="-".join,
)
def test_no_message_about_a_wrong_mapping_repeats_a_row(read, changes, place):
    content = "\n".join([*GOOD, with_canary(place, CANARY)]) + "\n"
    with pytest.raises(WhatWorkedError) as caught:
        read(content, **(MAPPING | changes))
    assert CANARY not in said(caught)


@pytest.mark.parametrize("place", PLACES)
def test_no_message_repeats_the_first_row_of_a_file_without_a_header(read, place):
    content = "\n".join([with_canary(place, CANARY), *GOOD[1:]]) + "\n"
    with pytest.raises(WhatWorkedError) as caught:
        read(content, **MAPPING)
    assert CANARY not in said(caught)


@pytest.mark.parametrize("place", PLACES)
def test_no_message_repeats_what_another_encoding_left(read, tmp_path, place):
    content = "\n".join([*GOOD, with_canary(place, f"{CANARY}é")]) + "\n"
    (tmp_path / "areas.csv").write_bytes(content.encode("latin-1"))
    with pytest.raises(WhatWorkedError) as caught:
        read(None, **MAPPING)
    assert CANARY not in said(caught)
