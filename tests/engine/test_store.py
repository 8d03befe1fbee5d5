"""The store of artefacts: names, whole or nothing, and what a killed run leaves."""

import hashlib
import os
import signal
import subprocess
import sys
import textwrap
import time

import duckdb
import pytest

from whatworked.engine.store import Store, file_digest, part_name, sweep, write_atomically

KILLS = 6
# A process number beyond the largest that Linux and macOS give out.
NO_PROCESS = 2**22 + 1


def key(store, **changes):
    given = {"step": "read", "code": "1", "fragment": {"b": 1, "a": [1, 2]}, "inputs": ["x", "y"]} | changes
    return store.key(given.pop("step"), **given)


def test_the_key_does_not_depend_on_the_order_of_a_fragments_keys(tmp_path):
    store = Store(tmp_path)
    assert key(store) == key(store, fragment={"a": [1, 2], "b": 1})


@pytest.mark.parametrize(
    "changes",
    [
        {"step": "match"},
        {"code": "2"},
        {"fragment": {"b": 2, "a": [1, 2]}},
        {"fragment": {"b": 1, "a": [2, 1]}},
        {"inputs": ["y", "x"]},
        {"inputs": ["xy"]},
    ],
)
def test_whatever_made_an_artefact_changes_its_key(tmp_path, changes):
    store = Store(tmp_path)
    assert key(store) != key(store, **changes)


def test_json_comes_back_as_it_was_kept(tmp_path):
    store, value = Store(tmp_path), {"areas": ["É1"], "n": 3, "x": 0.1, "none": None}
    store.save_json("k", value)
    assert store.has("k", suffix=".json")
    assert not store.has("k")
    assert store.load_json("k") == value


def test_a_write_that_fails_leaves_the_old_file_and_no_part(tmp_path):
    path = tmp_path / "artefact"
    write_atomically(path, lambda part: part.write_text("old"))

    def fail(part):
        part.write_text("half")
        raise OSError("disk is full")

    with pytest.raises(OSError, match="disk is full"):
        write_atomically(path, fail)
    assert path.read_text() == "old"
    assert os.listdir(tmp_path) == ["artefact"]


def test_the_sweep_takes_dead_parts_and_spares_living_ones(tmp_path):
    (tmp_path / f".part-{NO_PROCESS}-file").write_text("")
    (tmp_path / f".part-{NO_PROCESS}-folder").mkdir()
    (tmp_path / f".part-{NO_PROCESS}-folder" / "inside").write_text("")
    spared = {part_name("mine"), ".part-1-of-another-user", ".part-nobody", "artefact"}
    for name in spared:
        (tmp_path / name).write_text("")
    assert sweep(tmp_path) == (f".part-{NO_PROCESS}-file", f".part-{NO_PROCESS}-folder")
    assert set(os.listdir(tmp_path)) == spared


def test_the_part_of_another_users_process_is_spared(tmp_path, monkeypatch):
    def forbidden(process, signal_number):
        raise PermissionError

    monkeypatch.setattr(os, "kill", forbidden)
    (tmp_path / f".part-{NO_PROCESS}-file").write_text("")
    assert sweep(tmp_path) == ()


def test_the_digest_of_a_file_is_the_sha256_of_its_content(tmp_path):
    (tmp_path / "file").write_bytes(b"abc" * 1000)
    assert file_digest(tmp_path / "file") == hashlib.sha256(b"abc" * 1000).hexdigest()


WRITER = """
    import sys
    from pathlib import Path
    from whatworked.engine.duckdb import DuckDBEngine
    from whatworked.engine.sql import Query
    from whatworked.engine.store import Store, write_atomically

    folder = Path(sys.argv[1])
    store = Store(folder)
    with DuckDBEngine([], folder, threads=1) as engine:
        for step in range(40):
            key = store.key("step", code="1", fragment=step, inputs=[])
            if store.has(key):
                print("found", flush=True)
                continue
            digits = " UNION ALL ".join(f"SELECT {digit} AS d" for digit in range(10))
            text = (
                f"SELECT CAST(a.d + {step} AS BIGINT) AS n FROM ({digits}) AS a CROSS JOIN ({digits}) AS b "
                f"CROSS JOIN ({digits}) AS c CROSS JOIN ({digits}) AS e CROSS JOIN ({digits}) AS f"
            )
            engine.materialise(Query(text, grain="number", columns=("n",)), to=store.path(key))
            print("made", flush=True)
"""


def whole(folder):
    return [path for path in folder.glob("*.parquet") if not path.name.startswith(".part-")]


def test_a_run_killed_at_any_moment_leaves_whole_artefacts_and_the_next_run_goes_on(tmp_path):
    script = tmp_path / "writer.py"
    script.write_text(textwrap.dedent(WRITER))
    folder = tmp_path / "store"
    command = [sys.executable, str(script), str(folder)]
    for kill in range(KILLS):
        process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        process.stdout.readline()
        time.sleep(0.01 * kill)
        process.send_signal(signal.SIGKILL)
        process.communicate()
        for path in whole(folder):
            assert duckdb.connect().execute(f"SELECT count(*) FROM '{path}'").fetchone() == (100_000,)
    done = len(whole(folder))
    last = subprocess.run(command, capture_output=True, text=True, check=True)
    assert done >= 1
    assert last.stdout.count("found") == done
    assert last.stdout.count("made") == 40 - done
    assert not list(folder.glob(".part-*"))
