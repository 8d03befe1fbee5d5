"""Files that are no census, are cut off or mean harm: what is said of them, and what is never said."""

import subprocess
import sys
import traceback
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from whatworked.engine.duckdb import DuckDBEngine
from whatworked.errors import EngineError, RecordsError, WhatWorkedError
from whatworked.records.cin_census import read_cin_census
from whatworked.records.cin_header import CinFile
from whatworked.records.cin_xml import Unread, stream

ROOT = Path(__file__).parents[2]
CANARY = "CANARY-7f3a"

ITEMS = (
    "LAchildID", "UPN", "FormerUPN", "PersonBirthDate", "ExpectedPersonBirthDate", "GenderCurrent", "Sex",
    "PersonDeathDate", "Ethnicity", "Disability", "CINreferralDate", "ReferralSource", "PrimaryNeedCode",
    "CINclosureDate", "ReasonForClosure", "DateOfInitialCPC", "ReferralNFA", "AssessmentActualStartDate",
    "AssessmentAuthorisationDate", "AssessmentFactors", "CPPstartDate", "CPPendDate", "InitialCategoryOfAbuse",
    "NumberOfPreviousCPP", "Collection", "Year", "ReferenceDate", "LEA", "stray",
)  # fmt: skip


def whole(**texts):
    """Return a census of one child, each item with a text of its own where one is given."""

    def item(name, usual):
        return f"<{name}>{texts.get(name, usual)}</{name}>"

    return f"""<Message>
<Header>
<CollectionDetails>{item("Collection", "CIN")}{item("Year", 2019)}{item("ReferenceDate", "2019-03-31")}
</CollectionDetails>
<Source>{item("LEA", 301)}</Source>
</Header>
<Children>
<Child>{texts.get("stray", "")}
<ChildIdentifiers>{item("LAchildID", "c1")}{item("UPN", "A1")}{item("FormerUPN", "")}
{item("PersonBirthDate", "2010-01-01")}{item("ExpectedPersonBirthDate", "")}{item("GenderCurrent", 1)}{item("Sex", "")}
{item("PersonDeathDate", "")}</ChildIdentifiers>
<ChildCharacteristics>{item("Ethnicity", "WBRI")}<Disabilities>{item("Disability", "LD")}</Disabilities>
</ChildCharacteristics>
<CINdetails>{item("CINreferralDate", "2018-05-01")}{item("ReferralSource", "1A")}{item("PrimaryNeedCode", "N1")}
{item("CINclosureDate", "2018-09-01")}{item("ReasonForClosure", "RC7")}{item("DateOfInitialCPC", "2018-06-01")}
<Assessments>{item("AssessmentActualStartDate", "2018-05-02")}{item("AssessmentAuthorisationDate", "2018-06-13")}
<FactorsIdentifiedAtAssessment>{item("AssessmentFactors", "1A")}</FactorsIdentifiedAtAssessment></Assessments>
{item("ReferralNFA", "false")}
<ChildProtectionPlans>{item("CPPstartDate", "2018-06-01")}{item("CPPendDate", "")}
{item("InitialCategoryOfAbuse", "NEG")}{item("NumberOfPreviousCPP", 0)}</ChildProtectionPlans>
</CINdetails>
</Child>
</Children>
</Message>
"""


WHOLE = whole()


@pytest.fixture
def read_files(engine, tmp_path):
    """Write files, read them as censuses and see that nothing is left behind where they cannot be read."""

    def read(*contents):
        files = []
        for place, content in enumerate(contents):
            path = tmp_path / f"census_{place}.xml"
            path.write_bytes(content.encode() if isinstance(content, str) else content)
            files.append(CinFile(path))
        try:
            return read_cin_census(engine, files, to=tmp_path / "cin")
        except WhatWorkedError:
            assert list((tmp_path / "cin").iterdir()) == []
            raise

    return read


def said(caught):
    return str(caught.value) + "".join(traceback.format_exception(caught.value))


ENTITY = '<!DOCTYPE Message [<!ENTITY a "CANARY-7f3a">]>'
LAUGHS = (
    '<!DOCTYPE m [<!ENTITY a0 "ha">' + "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 12)) + "]>"
)

REFUSED = {
    "an entity": (ENTITY + WHOLE.replace("c1", "&a;"), "line 1: it declares a document type"),
    "a billion laughs": (LAUGHS + WHOLE.replace("c1", "&a11;"), "line 1: it declares a document type"),
    "a file elsewhere": (
        '<?xml version="1.0"?>\n<!DOCTYPE Message SYSTEM "file:///etc/passwd">' + WHOLE,
        "line 2: it declares a document type",
    ),
    "an entity that nobody declared": (WHOLE.replace("c1", "&nbsp;"), "line 9: it is cut off or not well-formed"),
    "another root": (WHOLE.replace("Message", "Report"), "line 1: its outermost element is not Message"),
    "a page": ("<!-- saved -->\n<html><body/></html>", "line 2: its outermost element is not Message"),
    "cut off": (WHOLE[: WHOLE.index("<Ethnicity>") + 13], "line 12: it is cut off or not well-formed XML"),
    "tags crossed": (WHOLE.replace("</Sex>", "</sex>"), "line 10: it is cut off or not well-formed XML (mismatched"),
    "two documents": (WHOLE + WHOLE, "line 25: it is cut off or not well-formed XML (junk after document element)"),
    "an ampersand": (WHOLE.replace("c1", "Tom & Co"), "line 9: it is cut off or not well-formed XML"),
    "a control character": (WHOLE.replace("c1", "\x01"), "line 9: it is cut off or not well-formed XML"),
    "bytes of another encoding": (WHOLE.replace("c1", "é").encode("latin-1"), "line 9: it is cut off or not well"),
    "an encoding nobody knows": ('<?xml version="1.0" encoding="x-none"?>' + WHOLE, "its encoding cannot be read"),
    "an encoding not to be had": ('<?xml version="1.0" encoding="utf-7"?>' + WHOLE, "its encoding cannot be read"),
    "empty": ("", "census_0.xml: the file is empty"),
    "blank": ("\n\n", "line 3: it is cut off or not well-formed XML (no element found)"),
    "a table": ("area,child\n301,c1\n", "line 1: it is cut off or not well-formed XML"),
    "a compressed file": (b"PK\x03\x04" + bytes(range(256)), "line 1: it is cut off or not well-formed XML"),
    "another collection": (whole(Collection="SSDA903"), "Header, Collection: it is not a children in need census"),
    "no council": (whole(LEA=""), "Header, LEA: no code of a council"),
    "no year": (whole(Year="", ReferenceDate="31 March"), "Header, ReferenceDate and Year: no date and no year"),
    "no header": (WHOLE.replace("Header>", "Head>"), "Header, LEA: no code of a council before the first child"),
    "no child": ("<Message><Header/><Children/></Message>", "Header, LEA: no code of a council before the first child"),
    "an empty message": ("<Message/>", "census_0.xml: there is no child in it"),
    "a header only": (
        WHOLE[: WHOLE.index("<Children>")] + "<Children/></Message>",
        "census_0.xml: there is no child in it",
    ),
    "a deep nest": ("<Message>" + "<a>" * 200, "line 1: more than 100 elements inside one another"),
    "a child without end": (
        WHOLE[: WHOLE.index("<CINdetails>")] + "<CINdetails/>" * 100_001,
        "line 14: one child with more than 100,000 elements",
    ),
    "texts without end": (
        WHOLE[: WHOLE.index("<Sex>")] + "<Sex>1</Sex>" * 100_001,
        "line 10: one child with more than 100,000 elements",
    ),
    "a tag without end": ("<Message a='" + "x" * 3_000_000 + "'/>", "a tag or comment of more than a million"),
    "a comment without end": ("<!--" + "x" * 3_000_000 + "--><Message/>", "a tag or comment of more than a million"),
}  # fmt: skip


@pytest.mark.parametrize(("content", "expected"), REFUSED.values(), ids=REFUSED)
def test_what_is_no_census_is_refused_with_file_and_line(read_files, content, expected):
    with pytest.raises(RecordsError) as caught:
        read_files(content)
    assert expected in str(caught.value)
    assert str(caught.value).startswith("census_0.xml")
    assert CANARY not in said(caught)
    assert caught.value.__cause__ is None


def test_the_whole_file_is_read(read_files):
    records = read_files(WHOLE)
    assert [step.rows for step in records.steps if step.rule.endswith("1 file")] == [1, 1, 1, 1, 1]


def test_every_broken_file_is_named_at_once(read_files):
    with pytest.raises(RecordsError) as caught:
        read_files("", WHOLE, "<html/>", WHOLE[:200])
    assert [mistake.where.split(",")[0] for mistake in caught.value.mistakes] == [
        "census_0.xml",
        "census_2.xml",
        "census_3.xml",
    ]


def test_two_files_of_one_council_and_year_are_refused(read_files):
    with pytest.raises(RecordsError, match=r"census_2.xml: it is of the same council and year as census_0.xml"):
        read_files(WHOLE, whole(LEA="302"), WHOLE.replace("c1", "c2"))


def test_no_file_at_all_is_refused(engine, tmp_path):
    with pytest.raises(RecordsError, match="no file is given"):
        read_cin_census(engine, [], to=tmp_path / "cin")


@pytest.mark.parametrize("name", ["missing.xml", ""])
def test_a_file_that_cannot_be_opened_is_named(engine, tmp_path, name):
    with pytest.raises(RecordsError, match="the file cannot be opened"):
        read_cin_census(engine, [CinFile(tmp_path / name)], to=tmp_path / "cin")


def test_a_folder_that_cannot_be_written_to_is_an_error_of_the_engine(engine, tmp_path):
    (tmp_path / "census.xml").write_text(WHOLE)
    (tmp_path / "cin").write_text("a file stands here")
    with pytest.raises(EngineError, match="cannot be written"):
        read_cin_census(engine, [CinFile(tmp_path / "census.xml")], to=tmp_path / "cin")


@pytest.mark.parametrize("encoding", ["utf-16", "utf-8-sig", "latin-1", "cp1252"])
def test_other_encodings_are_read_where_the_file_declares_them(read_files, engine, encoding):
    declared = "utf-8" if encoding == "utf-8-sig" else encoding
    text = f'<?xml version="1.0" encoding="{declared}"?>' + WHOLE.replace("c1", "Zoë")
    records = read_files(text.encode(encoding))
    assert engine.collect(records.tables["child"])["child"].tolist() == ["Zoë"]


@pytest.mark.parametrize("item", ITEMS)
def test_no_message_note_or_step_repeats_a_text(read_files, item):
    record = "<Child><ChildIdentifiers><LAchildID>c2</LAchildID></ChildIdentifiers></Child></Children>"
    try:
        records = read_files(whole(**{item: CANARY}).replace("</Children>", record))
    except RecordsError as error:
        told = str(error) + "".join(traceback.format_exception(error))
    else:
        told = repr((records.steps, records.notes))
    assert told
    assert CANARY not in told


@pytest.mark.parametrize("item", ITEMS)
def test_no_message_of_a_broken_file_repeats_a_text(read_files, item):
    sound = whole(**{item: CANARY})
    for content in (sound[:-30], sound.replace("</CINdetails>", "</CINdetail>"), ENTITY + sound):
        with pytest.raises(RecordsError) as caught:
            read_files(content)
        assert CANARY not in said(caught)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.integers(0, len(WHOLE.encode()) - 1))
def test_a_file_cut_off_anywhere_is_refused_and_nothing_else_is_raised(tmp_path, end):
    path = tmp_path / "cut.xml"
    path.write_bytes(WHOLE.encode()[:end])
    if end >= len(WHOLE.encode()) - 1:
        assert [name for name, _ in stream(path, Unread())] == ["Header", "Child"]
        return
    with pytest.raises(RecordsError):
        list(stream(path, Unread()))


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.integers(0, len(WHOLE.encode())), st.integers(0, 40), st.binary(max_size=8))
def test_a_file_damaged_anywhere_is_read_or_refused_and_nothing_else_is_raised(tmp_path, start, length, put):
    content = WHOLE.encode()
    path = tmp_path / "damaged.xml"
    path.write_bytes(content[:start] + put + content[start + length :])
    with DuckDBEngine([tmp_path], None, threads=1) as engine, suppress(RecordsError):
        records = read_cin_census(engine, [CinFile(path)], to=tmp_path / "cin")
        rows = {name: len(engine.collect(query)["child"]) for name, query in records.tables.items()}
        assert rows == {step.step: step.rows for step in records.steps}


GENERATE = """
import resource, sys
from pathlib import Path
from whatworked.engine.duckdb import DuckDBEngine
from whatworked.records.cin_census import read_cin_census
from whatworked.records.cin_header import CinFile
from whatworked.records.cin_xml import Unread, stream

folder, copies = Path(sys.argv[1]), int(sys.argv[2])
whole = (folder / "one.xml").read_text(encoding="utf-8")
start, end = whole.index("<Child>"), whole.index("</Children>")
with (folder / "many.xml").open("w", encoding="utf-8") as file:
    file.write(whole[:start])
    for n in range(copies):
        file.write(whole[start:end].replace("c1", f"c{n}"))
    file.write(whole[end:])
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
assert sum(1 for _ in stream(folder / "many.xml", Unread())) == copies + 1
streamed = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
with DuckDBEngine([folder], None, memory="100MB", threads=1) as engine:
    records = read_cin_census(engine, [CinFile(folder / "many.xml")], to=folder / "cin")
    after = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
print((folder / "many.xml").stat().st_size, records.steps[0].rows, streamed - before, after - before)
"""


def test_thirty_megabytes_are_read_in_memory_that_does_not_grow_with_the_file(tmp_path):
    pytest.importorskip("resource", reason="memory is measured on POSIX systems")
    (tmp_path / "one.xml").write_text(WHOLE, encoding="utf-8")
    copies = 25_000
    done = subprocess.run(
        [sys.executable, "-c", GENERATE, str(tmp_path), str(copies)],
        env={"PYTHONPATH": str(ROOT / "src"), "PATH": ""},
        capture_output=True,
        text=True,
        check=True,
        timeout=300,
    )
    size, children, streaming, reading = map(int, done.stdout.split())
    assert size > 30_000_000
    assert children == copies
    # In kilobytes. A tree of the file would take ten times its size.
    assert streaming < 5_000
    assert reading < 150_000
