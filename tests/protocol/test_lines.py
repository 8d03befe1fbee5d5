"""The line of every key: by a second road for real files, and for every TOML text that can be thought of."""

import tomllib
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from whatworked.protocol.lines import key_lines
from whatworked.protocol.read import read_protocol
from whatworked.protocol.written import written

ROOT = Path(__file__).parents[2]
STUDIES = sorted([*ROOT.glob("examples/*/study.toml"), *ROOT.glob("src/whatworked/scaffold/templates/*/study.toml")])


def paths(value, place=()):
    """Yield the path of every key, table and entry of what the reader of TOML returns."""
    entries = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, inner in entries:
        yield (*place, key)
        yield from paths(inner, (*place, key))


@pytest.mark.parametrize("study", STUDIES, ids=lambda path: path.parent.name)
def test_every_key_of_a_study_has_a_line_that_holds_its_name(study):
    text = study.read_text(encoding="utf-8")
    lines, found = text.splitlines(), key_lines(text)
    assert set(found) == set(paths(tomllib.loads(text)))
    for place, line in found.items():
        name = next(part for part in reversed(place) if isinstance(part, str))
        if isinstance(place[-1], str):
            assert name in lines[line - 1], place
    assert list(found.values()) != [1] * len(found)


@pytest.mark.parametrize("study", STUDIES, ids=lambda path: path.parent.name)
def test_up_to_the_line_before_a_key_the_file_does_not_hold_it(study):
    text = study.read_text(encoding="utf-8")
    lines, checked = text.splitlines(), 0
    for place, line in key_lines(text).items():
        try:
            before = tomllib.loads("\n".join(lines[: line - 1]))
        except tomllib.TOMLDecodeError:
            continue  # cut inside a list that goes over lines
        checked += 1
        assert place not in set(paths(before)), place
    assert checked > 20


def test_nested_lists_dotted_keys_quotes_and_comments_are_placed():
    text = """# [no] table = 1
a.b = 1
"c.d" = "# no comment [x]"
[t]
list = [
  { x = 1, y = [2, 3] },  # , ]
  # between
  { x = '''two
lines''', y = [] },
]
[[q]]
k = \"\"\"
[[q]]
k = 2\"\"\"
[q.m]
n = true
[[q]]
k = 1
[q.m]
n = false
"""
    found = key_lines(text)
    assert set(found) == set(paths(tomllib.loads(text)))
    assert found["a", "b"] == 2
    assert found["c.d",] == 3
    assert found["t", "list", 0, "y", 1] == 6
    assert found["t", "list", 1, "y"] == 9
    assert found["q", 0, "k"] == 12
    assert found["q", 0, "m", "n"] == 16
    assert found["q", 1] == 17
    assert found["q", 1, "m", "n"] == 20


KEYS = st.sampled_from(["a", "b", "c-d", "e_1", '"f g"', "'h.i'", '"j\\"k"', '"#"', '"="', '"[x]"'])
TEXTS = st.sampled_from(
    ['"x"', "'y'", '"""\nz\n"q" """', "'''#\n'''", '"# ["', "1", "-2.5e3", "inf", "true", "2019-01-31"]
)
BREAKS = st.sampled_from(["", " ", "\n", " # ] , }\n", "\n\n"])
VALUES = st.recursive(
    TEXTS,
    lambda inner: st.one_of(
        st.lists(st.tuples(BREAKS, inner, BREAKS), max_size=3).map(
            lambda parts: "[" + ",".join("".join(part) for part in parts) + "]"
        ),
        st.dictionaries(KEYS, inner, max_size=3).map(
            lambda table: "{ " + ", ".join(f"{key} = {value}" for key, value in table.items()) + " }"
        ),
    ),
    max_leaves=6,
)
TABLES = st.dictionaries(KEYS, VALUES, max_size=3)


@settings(max_examples=60, deadline=None)
@given(TABLES, st.lists(st.tuples(KEYS, TABLES), max_size=4))
def test_every_path_of_any_text_is_found_and_stands_on_its_line(first, listed):
    text = "".join(f"{key} = {value}\n" for key, value in first.items())
    for name, table in listed:
        text += f'[["list of".{name}]] # one\n' + "".join(f"{key} = {value}\n" for key, value in table.items())
    try:
        tree = tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        return  # this reader takes no breaks in a table on one line
    found = key_lines(text)
    assert set(found) == set(paths(tree))
    shifted = key_lines("\n# above\n" + text)
    assert shifted == {place: line + 2 for place, line in found.items()}


def test_what_is_written_is_what_was_read_and_defaults_have_no_line():
    protocol = read_protocol(ROOT / "examples" / "signs_of_safety" / "study.toml")
    found = {key.key: key for key in written(protocol)}
    veto = found["question[rereferral].recurrence_veto"]
    text = (ROOT / "examples" / "signs_of_safety" / "study.toml").read_text(encoding="utf-8").splitlines()
    assert (veto.value, veto.given) == ("true", True)
    assert text[veto.line - 1] == "recurrence_veto = true"
    level = found["thresholds.significance"]
    assert (level.value, level.line, level.given) == ("0.05", None, False)
    for key in found.values():
        assert tomllib.loads(f"x = {key.value}")
        assert (key.line is None) is not key.given
