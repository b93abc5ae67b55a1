"""Fetching LODES: carried on where it was cut, kept by its hash, quiet where there is nothing."""

from __future__ import annotations

import hashlib
import socket

import numpy as np
import pytest

from spatial.ingest import InputError
from spatial.sources.lodes.fetch import cache_folder, fetch, hash_of
from spatial.sources.lodes.gather import gather
from spatial.sources.lodes.naming import Wanted
from tests.lodes_files import Region, publisher, write_counts, write_crosswalk

CONTENT = np.random.default_rng(5).bytes(3_000_000)


@pytest.fixture
def server(tmp_path):
    folder = tmp_path / "published"
    folder.mkdir()
    (folder / "blocks.csv.gz").write_bytes(CONTENT)
    with publisher(folder) as told:
        yield told


def get(server, target, **more):
    return fetch(f"{server.address}/blocks.csv.gz", target, pause_s=0.0, timeout_s=5.0, **more)


def test_a_file_is_fetched_whole_with_its_hash_beside_it(server, tmp_path):
    target = tmp_path / "kept" / "blocks.csv.gz"
    assert get(server, target) == target
    assert target.read_bytes() == CONTENT
    note = target.with_name("blocks.csv.gz.sha256").read_text()
    assert note == f"{hashlib.sha256(CONTENT).hexdigest()}  blocks.csv.gz\n"
    assert hash_of(target) == hashlib.sha256(CONTENT).hexdigest()
    assert sorted(one.name for one in target.parent.iterdir()) == [
        *("blocks.csv.gz", "blocks.csv.gz.sha256")
    ]


def test_what_is_kept_is_not_fetched_again(server, tmp_path):
    target = tmp_path / "blocks.csv.gz"
    get(server, target)
    get(server, target)
    assert len(server.asked) == 1


def test_what_was_changed_or_has_no_hash_is_fetched_again(server, tmp_path):
    target = tmp_path / "blocks.csv.gz"
    get(server, target)
    target.write_bytes(b"somebody's own")
    get(server, target)
    assert target.read_bytes() == CONTENT
    target.with_name("blocks.csv.gz.sha256").unlink()
    get(server, target)
    assert len(server.asked) == 3


def test_a_cut_transfer_is_carried_on(server, tmp_path):
    server.cut = [1_000_000, 500_000]
    target = tmp_path / "blocks.csv.gz"
    get(server, target)
    assert target.read_bytes() == CONTENT
    assert [part for _, part in server.asked] == ["", "bytes=1000000-", "bytes=1500000-"]


def test_a_later_run_carries_on_too(server, tmp_path):
    server.cut = [1_000_000]
    target = tmp_path / "blocks.csv.gz"
    with pytest.raises(InputError, match="cut short in 1 tries: run the same command again"):
        get(server, target, tries=1)
    assert not target.exists()
    get(server, target, tries=1)
    assert target.read_bytes() == CONTENT
    assert server.asked[-1][1] == "bytes=1000000-"


def test_parts_of_two_versions_are_never_put_together(server, tmp_path):
    server.cut = [1_000_000]
    target = tmp_path / "blocks.csv.gz"
    with pytest.raises(InputError):
        get(server, target, tries=1)
    new = CONTENT[::-1]
    (server.folder / "blocks.csv.gz").write_bytes(new)
    server.mark = '"two"'
    get(server, target)
    assert target.read_bytes() == new


def test_a_server_that_knows_no_parts_sends_all_again(server, tmp_path):
    server.cut, server.ranges = [1_000_000], False
    target = tmp_path / "blocks.csv.gz"
    get(server, target)
    assert target.read_bytes() == CONTENT


def test_a_weak_mark_is_no_ground_to_carry_on(server, tmp_path):
    server.cut, server.mark = [1_000_000], 'W/"one"'
    target = tmp_path / "blocks.csv.gz"
    get(server, target)
    assert target.read_bytes() == CONTENT
    assert [part for _, part in server.asked] == ["", ""]


def test_a_part_longer_than_the_file_is_thrown_away(server, tmp_path):
    target = tmp_path / "blocks.csv.gz"
    target.with_name("blocks.csv.gz.part").write_bytes(CONTENT + b"more")
    target.with_name("blocks.csv.gz.part.mark").write_text(server.mark)
    get(server, target)
    assert target.read_bytes() == CONTENT


def test_a_busy_server_is_asked_again(server, tmp_path):
    server.busy = 2
    target = tmp_path / "blocks.csv.gz"
    get(server, target)
    assert target.read_bytes() == CONTENT
    server.busy = 9
    with pytest.raises(InputError, match=r"must answer, found answer 503 in 3 tries"):
        get(server, tmp_path / "other.csv.gz", tries=3)


def test_no_file_is_no_data(server, tmp_path):
    target = tmp_path / "gone.csv.gz"
    assert fetch(f"{server.address}/gone.csv.gz", target) is None
    assert list(tmp_path.glob("gone*")) == []
    assert len(server.asked) == 1


def test_progress_is_told(server, tmp_path):
    told = []
    get(server, tmp_path / "blocks.csv.gz", tell=lambda doing, share: told.append((doing, share)))
    assert {doing for doing, _ in told} == {"fetching blocks.csv.gz"}
    shares = [share for _, share in told]
    assert shares == sorted(shares)
    assert shares[-1] == 1.0


def test_no_network_is_one_plain_sentence(tmp_path):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # taken and not listening: nobody answers there
        port = taken.getsockname()[1]
        with pytest.raises(InputError, match=r"no way there .* or load files .* with --from"):
            fetch(f"http://127.0.0.1:{port}/a.csv.gz", tmp_path / "a.csv.gz", tries=2, pause_s=0.0)
    assert list(tmp_path.iterdir()) == []


def test_a_server_that_never_answers_is_given_up(tmp_path):
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        address = f"http://127.0.0.1:{silent.getsockname()[1]}/a.csv.gz"
        with pytest.raises(InputError, match="found no answer in time in 1 tries"):
            fetch(address, tmp_path / "a.csv.gz", timeout_s=0.2, tries=1)


def test_only_the_web_is_fetched_from(tmp_path):
    with pytest.raises(InputError, match="http or https"):
        fetch("file:///etc/hosts", tmp_path / "hosts")


def test_the_cache_is_where_caches_are(monkeypatch, tmp_path):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert cache_folder() == tmp_path / "gradmap" / "lodes"
    monkeypatch.delenv("XDG_CACHE_HOME")
    monkeypatch.setenv("HOME", str(tmp_path / "me"))
    assert cache_folder() == tmp_path / "me" / ".cache" / "gradmap" / "lodes"


def test_files_come_from_the_publishers_tree_and_gaps_are_told(tmp_path):
    region = Region(np.random.default_rng(2))
    tree = tmp_path / "tree" / "LODES8" / "va"
    write_counts(tree / "rac", "va", "rac", 2018, region.counts("va"))
    write_crosswalk(tree, "va", region.places)
    wanted = Wanted(("va",), (2018, 2019), ("rac",))
    with publisher(tmp_path / "tree") as server:
        found = gather(wanted, cache=tmp_path / "cache", home=server.address)
        again = gather(wanted, cache=tmp_path / "cache", home=server.address + "/")
    assert [one.name for one in found.missing] == ["va_rac_S000_JT00_2019.csv.gz"]
    assert again == found
    # Kept files are not asked for again; whether there is data by now always is.
    assert [path.rpartition("/")[2] for path, _ in server.asked] == [
        *("va_rac_S000_JT00_2018.csv.gz", "va_rac_S000_JT00_2019.csv.gz", "va_xwalk.csv.gz"),
        "va_rac_S000_JT00_2019.csv.gz",
    ]
