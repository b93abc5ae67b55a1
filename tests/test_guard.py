"""Reading in a child: the same answer as without, and whatever goes wrong is one sentence."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import textwrap
import threading
import time
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from spatial.ingest import InputError, guard, load_points, read_shapes, read_table
from spatial.ingest.audit import Audit
from spatial.ingest.guard import READERS, Limits, protection, read_safely
from spatial.ingest.handover import packed, unpacked_value
from spatial.ingest.load import LoadResult

ROOT = Path(__file__).resolve().parents[1]
TEXT = "id,lat,lon,n\n007,39.9,116.4,5\n008,39.8,116.5,0\n"
LINUX = sys.platform == "linux"


def write(path, content):
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def refused(call, *args, **kwargs):
    with pytest.raises(InputError) as error:
        call(*args, **kwargs)
    assert "\n" not in str(error.value)
    return str(error.value)


def test_a_table_comes_back_as_it_is(tmp_path):
    path = write(tmp_path / "a.csv", TEXT.encode("utf-16"))
    found, expected = read_safely("read_table", path), read_table(path)
    pd.testing.assert_frame_equal(found, expected)
    assert found.attrs == expected.attrs


def test_shapes_come_back_as_they_are(tmp_path):
    shapes = gpd.GeoDataFrame(
        {"name": ["a", "b", "c"]}, geometry=[shapely.box(1, 1, 2, 2), None, None], crs=4326
    )
    shapes.to_file(tmp_path / "s.gpkg", engine="pyogrio")
    found, expected = (read(tmp_path / "s.gpkg") for read in (_shapes_safely, read_shapes))
    pd.testing.assert_frame_equal(pd.DataFrame(found.drop(columns="geometry")), _plain(expected))
    assert found.geometry.to_wkb().tolist() == expected.geometry.to_wkb().tolist()
    assert (found.crs.to_epsg(), found.attrs) == (4326, expected.attrs)


def _shapes_safely(path):
    return read_safely("read_shapes", path)


def _plain(table):
    return pd.DataFrame(table.drop(columns="geometry"))


def test_a_whole_load_passes_with_its_second_file_and_its_progress(tmp_path):
    points = write(tmp_path / "p.csv", TEXT)
    counts = write(tmp_path / "c.csv", "id,n\n007,3\n009,4\n")
    options = {"lat": "lat", "lon": "lon", "columns": {"work": "n"}, "resolution": 8, "id": "id"}
    said = []
    found = read_safely(
        "load_points", points, join=str(counts), progress=lambda *told: said.append(told), **options
    )
    expected = load_points(points, join=counts, **options)
    pd.testing.assert_frame_equal(found.counts, expected.counts)
    np.testing.assert_array_equal(found.cells, expected.cells)
    assert found.audit == expected.audit
    assert found.cells.dtype == np.uint64


def test_a_refusal_is_the_readers_own_sentence(tmp_path):
    path = write(tmp_path / "a.csv", "a,b\n")
    assert refused(read_safely, "read_table", path) == refused(read_table, path)
    path = write(tmp_path / "b.csv", TEXT)
    options = {"lat": "lat", "lon": "lon", "columns": {"work": "n"}, "resolution": 8, "crs": "x"}
    assert "crs must be WGS-84" in refused(read_safely, "load_points", path, **options)


def test_only_readers_may_be_asked_for(tmp_path):
    path = write(tmp_path / "a.csv", TEXT)
    for name in ("system", "os.system", "check_file", "protection"):
        with pytest.raises(ValueError, match="function must be one of"):
            read_safely(name, path)


def test_every_reader_is_where_it_is_said_to_be():
    from importlib import import_module

    for name, module in READERS.items():
        assert callable(getattr(import_module(module), name))


def test_it_ends_in_time_however_long_the_file_takes(tmp_path):
    path = write(tmp_path / "a.csv", TEXT)
    begun = time.monotonic()
    found = refused(read_safely, "read_table", path, limits=Limits(seconds=0.05))
    assert found == "a.csv: a file must be read within 0.05 s, found it takes longer"
    assert time.monotonic() - begun < 5


HOSTILE = {
    "crash": ("import os, signal; os.kill(os.getpid(), signal.SIGSEGV)", "breaks its reader"),
    "exit": ("import os; os._exit(0)", "breaks its reader"),
    "odd": ("raise RuntimeError('secret\\nthings')", "breaks its reader"),
    "abort": ("import os; os.abort()", "4 GiB of memory, found it takes more"),
    "memory": ("bytearray(8 << 30)", "4 GiB of memory, found it takes more"),
}
"""What a reader does that breaks or was taken over, and the sentence that says so."""


def taken_over(tmp_path, body):
    """A child whose reader runs `body`, and what `read_safely` makes of it."""
    head = f"""
        import sys
        sys.path.insert(0, {str(ROOT)!r})
        import spatial.child
        from pathlib import Path
        from types import ModuleType
        fake, real = ModuleType("fake"), spatial.child.import_module
        spatial.child.import_module = lambda name: fake if name.endswith("read") else real(name)
        def read_table(path):
    """
    tail = """
        fake.read_table = read_table
        sys.exit(spatial.child.main(Path(sys.argv[-1])))
    """
    folder = tmp_path / "program"
    folder.mkdir(exist_ok=True)
    text = textwrap.dedent(head) + textwrap.indent(textwrap.dedent(body), "    ")
    program = write(folder / "child.py", text + "\n" + textwrap.dedent(tail))
    return [sys.executable, str(program)]


@pytest.fixture
def run_hostile(tmp_path, monkeypatch):
    def run(body, **limits):
        command = taken_over(tmp_path, body)
        begin = subprocess.Popen

        def other(arguments, **options):
            return begin([*command, arguments[-1]], **options)

        monkeypatch.setattr(guard.subprocess, "Popen", other)
        return read_safely("read_table", write(tmp_path / "a.csv", TEXT), limits=Limits(**limits))

    return run


@pytest.mark.skipif(not LINUX, reason="signals, and a limit on memory")
@pytest.mark.parametrize("name", HOSTILE)
def test_a_reader_that_breaks_is_one_sentence(run_hostile, name):
    body, sentence = HOSTILE[name]
    found = refused(run_hostile, body)
    assert found.startswith("a.csv: a file must be readable")
    assert found.endswith(sentence)


def test_a_reader_that_never_ends_is_ended(run_hostile):
    assert "must be read within 4 s" in refused(run_hostile, "while True: pass", seconds=4)


ATTEMPT = """
    import os, socket, subprocess
    import pandas as pd
    done = []
    for attempt in {attempts!r}:
        try:
            done.append(f"{{attempt}}: {{eval(attempt)!r}}")
        except OSError:
            pass
    return pd.DataFrame({{"done": ["nothing", *done]}})
"""
"""A reader that tells which of some attempts came through."""


def test_a_reader_taken_over_starts_nothing_and_reaches_nobody(run_hostile, monkeypatch):
    monkeypatch.setenv("SECRET_TOKEN", "hidden")
    attempts = [
        "socket.create_connection(('127.0.0.1', 9), 1)",
        "socket.getaddrinfo('localhost', 80)",
        "socket.socket(type=socket.SOCK_DGRAM).sendto(b'x', ('127.0.0.1', 9))",
        "socket.socket().bind(('127.0.0.1', 0))",
        "subprocess.run(['true'])",
        "os.system('true')",
        "os.fork()",
        "os.execv('/bin/true', ['true'])",
    ]
    found = run_hostile(ATTEMPT.format(attempts=attempts))
    assert found["done"].tolist() == ["nothing"]
    told = run_hostile("import os, pandas as pd; return pd.DataFrame({'x': [str(os.environ)]})")
    assert "hidden" not in told["x"].iloc[0]


needs_walls = pytest.mark.skipif(
    not LINUX or not protection()["filesystem"], reason="this kernel walls nobody in"
)


@needs_walls
def test_a_reader_taken_over_sees_and_writes_no_other_file(run_hostile, tmp_path):
    secret = write(tmp_path / "secret.csv", "word\nhidden\n")
    link = tmp_path / "link.csv"
    link.symlink_to(secret)
    attempts = [
        *(f"open({str(path)!r}).read()" for path in (secret, link, ROOT / "pyproject.toml")),
        "open('/etc/passwd').read()",
        "open('/proc/1/environ', 'rb').read()",
        f"os.listdir({str(tmp_path)!r})",
        f"open({str(tmp_path / 'written.txt')!r}, 'w').write('x')",
        f"os.remove({str(secret)!r})",
        f"os.rename('complaints.txt', {str(tmp_path / 'moved.txt')!r})",
    ]
    found = run_hostile(ATTEMPT.format(attempts=attempts))
    assert found["done"].tolist() == ["nothing"]
    assert secret.exists()


@needs_walls
def test_a_link_given_as_the_file_is_the_file(tmp_path):
    link = tmp_path / "link.csv"
    link.symlink_to(write(tmp_path / "real.csv", TEXT))
    assert len(read_safely("read_table", link)) == 2


def test_what_holds_here_is_told():
    held = protection()
    assert set(held) == {"cpu", "files", "memory", "network", "filesystem"}
    if LINUX:
        assert held["memory"]
        assert held["cpu"]


def test_the_page_may_ask_from_several_threads(tmp_path):
    path, found = write(tmp_path / "a.csv", TEXT), []
    threads = [
        threading.Thread(target=lambda: found.append(len(read_safely("read_table", path))))
        for _ in range(3)
    ]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert found == [2, 2, 2]


def test_nothing_is_left_behind(tmp_path, monkeypatch):
    path = write(tmp_path / "a.csv", TEXT)
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(scratch))
    read_safely("read_table", path)
    refused(read_safely, "read_table", path, limits=Limits(seconds=0.05))
    assert list(scratch.iterdir()) == []


def test_the_environment_puts_every_reader_in_a_child(tmp_path, monkeypatch):
    path = write(tmp_path / "a.csv", TEXT)
    asked = []
    monkeypatch.setattr(guard, "read_safely", lambda *names, **_: asked.append(names[0]))
    read_table(path)
    assert asked == []
    monkeypatch.setenv("GRADMAP_SAFE", "1")
    read_table(path)
    read_shapes(path)
    assert asked == ["read_table", "read_shapes"]


def test_the_command_line_reads_in_a_child_when_told(tmp_path):
    path = write(tmp_path / "a.csv", TEXT)
    command = [sys.executable, "-m", "spatial.cli", "load", "points", str(path), "--into"]
    command += [str(tmp_path / "s"), "--lat", "lat", "--lon", "lon", "--work", "n"]
    command += ["--year", "2020", "--resolution", "8"]
    ran = subprocess.run(
        command, capture_output=True, text=True, cwd=ROOT, env=os.environ | {"GRADMAP_SAFE": "1"}
    )
    assert (ran.returncode, ran.stderr) == (0, "")
    assert "work 2020: 5 people in, 5 on the map" in ran.stdout


PLAIN = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**60), 2**60)
    | st.floats(allow_nan=False)
    | st.text(),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.tuples(inner, inner)
        | st.dictionaries(st.text(max_size=5), inner, max_size=3)
    ),
    max_leaves=8,
)


@given(PLAIN)
def test_plain_values_pass_unchanged(tmp_path_factory, value):
    folder = tmp_path_factory.mktemp("h")
    packed(value, folder)
    assert unpacked_value(folder) == value


def test_results_pass_unchanged(tmp_path):
    counts = pd.DataFrame({"cell": np.array([1, 2**63], np.uint64), "role": "work", "n": [0.1, 2]})
    audit = {"work": Audit(2.1, 2.0, {"x": 0.1}, ("a note",))}
    result = LoadResult(counts, audit, np.array([3], np.uint64))
    packed({"result": result, "path": tmp_path, "shape": shapely.box(0, 0, 1, 1)}, tmp_path)
    found = unpacked_value(tmp_path)
    pd.testing.assert_frame_equal(found["result"].counts, counts)
    assert found["result"].audit == audit
    assert found["path"] == tmp_path
    assert found["shape"].equals(shapely.box(0, 0, 1, 1))


@pytest.mark.parametrize("value", [object(), print, {1, 2}, b"bytes", np.zeros((2, 2))])
def test_what_is_not_plain_does_not_pass(tmp_path, value):
    with pytest.raises(TypeError, match="a value handed over must be plain"):
        packed(value, tmp_path)


@pytest.mark.parametrize(
    "tree",
    [
        {"kind": "record", "class": "Popen", "parts": {}},
        {"kind": "record", "class": "Audit", "parts": {"odd": 1}},
        {"kind": "call"},
        {"no": "kind"},
        {"kind": "array", "table": 0},
        {"kind": "array", "table": "../../secret"},
        {"kind": "shape", "wkb": "00"},
        {"kind": "map", "pairs": 5},
        {"kind": "frame", "table": 0},
    ],
)
def test_an_answer_that_lies_is_refused(tmp_path, tree):
    (tmp_path / "value.json").write_text(json.dumps(tree))
    with pytest.raises(ValueError, match="an answer must be"):
        unpacked_value(tmp_path)


def test_an_arrow_file_that_lies_is_refused(tmp_path):
    """Offsets that point outside their text must not reach whoever reads the text."""
    offsets = pa.array([0, 1 << 20], pa.int32()).buffers()[1]
    text = pa.py_buffer(b"a" * (1 << 20))
    lie = pa.Array.from_buffers(pa.string(), 1, [None, offsets, text])
    with (
        pa.OSFile(str(tmp_path / "0.arrow"), "wb") as sink,
        pa.ipc.new_file(sink, pa.schema({"values": pa.string()})) as writer,
    ):
        writer.write_table(pa.table({"values": lie}))
    whole = (tmp_path / "0.arrow").read_bytes()
    end = (1 << 20).to_bytes(4, "little")
    assert whole.count(b"\0\0\0\0" + end) >= 1
    (tmp_path / "0.arrow").write_bytes(
        whole.replace(b"\0\0\0\0" + end, b"\0\0\0\0" + (1 << 28).to_bytes(4, "little"), 1)
    )
    (tmp_path / "value.json").write_text(json.dumps({"kind": "array", "table": 0}))
    with pytest.raises(ValueError, match="an answer must be whole"):
        unpacked_value(tmp_path)


def test_signals_that_mean_time_are_told_apart():
    assert signal.SIGXCPU in guard._OUT_OF_TIME
