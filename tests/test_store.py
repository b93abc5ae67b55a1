"""A save is whole or it never was, wherever it is stopped."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest
import shapely

from spatial import store
from spatial.schema import SchemaError
from spatial.store import add_counts, copy_study, recover, write_study
from spatial.study import open_study
from tests.studies import counts, flows, info, layers, small_study

ROOT = Path(__file__).resolve().parents[1]
CHILD = """
import os, signal, sys
from pathlib import Path
from spatial import store
from tests.studies import small_study
path, seed, stop = Path(sys.argv[1]), int(sys.argv[2]), sys.argv[3]
renames = 0
rename = Path.rename
def counted(self, target):
    global renames
    renames += 1
    if stop == f"before rename {renames}":
        os.kill(os.getpid(), signal.SIGKILL)
    found = rename(self, target)
    if stop == f"after rename {renames}":
        os.kill(os.getpid(), signal.SIGKILL)
    return found
Path.rename = counted
print("saving", flush=True)
small_study(path, seed=seed)
print("saved", flush=True)
"""


@pytest.fixture(scope="module")
def digests(tmp_path_factory):
    folder = tmp_path_factory.mktemp("digests")
    return {seed: small_study(folder / str(seed), seed=seed).digest for seed in (1, 2)}


def save_in_a_child(path, *, seed, stop=""):
    return subprocess.Popen(
        [sys.executable, "-c", CHILD, str(path), str(seed), stop],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
    )


@pytest.mark.parametrize(
    ("stop", "survivor"),
    [("before rename 1", 1), ("after rename 1", 1), ("before rename 2", 1), ("after rename 2", 2)],
)
def test_killed_around_the_renames_one_whole_study_is_left(tmp_path, digests, stop, survivor):
    path = tmp_path / "little"
    small_study(path, seed=1)
    child = save_in_a_child(path, seed=2, stop=stop)
    child.communicate()
    assert child.returncode == -signal.SIGKILL
    assert open_study(path).digest == digests[survivor]


def test_killed_at_any_moment_one_whole_study_is_left(tmp_path, digests):
    path = tmp_path / "little"
    small_study(path, seed=1)
    rng = np.random.default_rng(1)
    for _ in range(5):
        child = save_in_a_child(path, seed=2)
        assert child.stdout is not None
        child.stdout.readline()
        time.sleep(rng.uniform(0, 0.25))
        child.kill()
        child.communicate()
        assert open_study(path).digest in digests.values()


def test_a_first_save_killed_leaves_no_study(tmp_path, digests):
    path = tmp_path / "little"
    child = save_in_a_child(path, seed=1, stop="before rename 1")
    child.communicate()
    with pytest.raises(SchemaError, match="none found"):
        open_study(path)
    assert small_study(path, seed=1).digest == digests[1]


def test_saving_after_a_crash_keeps_the_old_study_until_the_new_one_stands(tmp_path, monkeypatch):
    path = tmp_path / "little"
    old = small_study(path, seed=1)
    save_in_a_child(path, seed=2, stop="after rename 1").communicate()
    assert not path.exists()

    def full(*_args):
        raise OSError(28, "disk full")

    monkeypatch.setattr(store, "_swap", full)
    with pytest.raises(OSError, match="full"):
        small_study(path, seed=2)
    assert open_study(path).digest == old.digest


def test_a_full_disk_leaves_the_old_study_and_no_draft(tmp_path, monkeypatch, digests):
    path = tmp_path / "little"
    small_study(path, seed=1)

    def full(*_args, **_more):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(store, "_describe", full)
    with pytest.raises(OSError, match="No space left"):
        small_study(path, seed=2)
    assert open_study(path).digest == digests[1]
    assert [one.name for one in tmp_path.iterdir()] == ["little"]


def test_a_reader_between_the_renames_does_not_stop_the_save(tmp_path, monkeypatch, digests):
    path = tmp_path / "little"
    small_study(path, seed=1)
    rename = Path.rename
    meddled = []

    def meddling(self, target):
        if self.name.endswith(".draft") and not meddled:
            meddled.append(True)
            recover(path)
        return rename(self, target)

    monkeypatch.setattr(Path, "rename", meddling)
    small_study(path, seed=2)
    assert meddled
    assert open_study(path).digest == digests[2]
    assert [one.name for one in tmp_path.iterdir()] == ["little"]


def test_drafts_of_crashed_saves_are_swept_after_a_day(tmp_path):
    save_in_a_child(tmp_path / "little", seed=1, stop="before rename 1").communicate()
    (draft,) = tmp_path.iterdir()
    small_study(tmp_path / "little")
    assert draft.exists()
    os.utime(draft, (time.time() - 90_000,) * 2)
    small_study(tmp_path / "little")
    assert [one.name for one in tmp_path.iterdir()] == ["little"]


def test_equal_studies_are_equal_files(tmp_path):
    one, two = small_study(tmp_path / "one"), small_study(tmp_path / "two")
    assert one.files == two.files
    assert one.digest == two.digest
    shuffled = counts().sample(frac=1, random_state=np.random.default_rng(1))
    three = write_study(
        tmp_path / "three", info(), shuffled, flows=flows(counts()), layers=layers()
    )
    assert three.digest == one.digest


def test_bad_tables_are_refused_before_anything_is_written(tmp_path, digests):
    path = tmp_path / "little"
    small_study(path, seed=1)
    bad = counts()
    bad.loc[0, "graduates"] = -1
    with pytest.raises(SchemaError, match="negative"):
        write_study(path, info(), bad)
    with pytest.raises(SchemaError, match="flows"):
        write_study(path, info(), counts(), flows=counts())
    with pytest.raises(SchemaError, match="stations"):
        write_study(path, info(), counts(), layers={"stations": layers()["rents"]})
    assert open_study(path).digest == digests[1]
    assert [one.name for one in tmp_path.iterdir()] == ["little"]


def test_other_folders_and_files_are_not_written_over(tmp_path):
    (tmp_path / "letters").mkdir()
    (tmp_path / "letters" / "mine.txt").write_text("dear")
    with pytest.raises(SchemaError, match="new folder or over a study"):
        small_study(tmp_path / "letters")
    with pytest.raises(SchemaError, match="is a file"):
        small_study(tmp_path / "letters" / "mine.txt")
    assert (tmp_path / "letters" / "mine.txt").read_text() == "dear"
    (tmp_path / "empty").mkdir()
    assert small_study(tmp_path / "empty").years


def plain(year, *, role="work", seed=3):
    table = counts(seed=seed, years=(year,))
    return table.loc[table["role"] == role, ["cell", "role", "year", "graduates", "base"]]


def test_counts_are_added_year_by_year(tmp_path):
    bare = replace(info(), groups=(), audit=({"role": "work", "year": 2020, "people_in": 1.0},))
    path = tmp_path / "grown"
    add_counts(path, bare, plain(2020).drop(columns="base"))
    again = replace(bare, audit=({"role": "work", "year": 2021, "people_in": 2.0},))
    study = add_counts(path, again, plain(2021))
    assert study.years == (2020, 2021)
    assert [one["year"] for one in study.info.audit] == [2020, 2021]
    assert study.series(role="work", year=2020)["base"].isna().all()
    assert study.series(role="work", year=2021)["base"].notna().all()
    assert study.counts["graduates"].sum() == 2 * plain(2020)["graduates"].sum()


def test_a_year_that_is_there_is_replaced_only_when_told(tmp_path):
    bare = replace(info(), groups=())
    path = tmp_path / "grown"
    old = add_counts(path, bare, plain(2020))
    with pytest.raises(SchemaError, match="holds work 2020 already; say --replace"):
        add_counts(path, bare, plain(2020, seed=4))
    assert open_study(path).digest == old.digest
    add_counts(path, bare, plain(2020, role="residence"))
    study = add_counts(path, bare, plain(2020, seed=4), replacing=["work"])
    assert (
        study.series(role="work", year=2020)["graduates"].sum()
        == plain(2020, seed=4)["graduates"].sum()
    )
    assert study.roles == ("residence", "work")


def test_additions_must_fit_the_study(tmp_path):
    path = tmp_path / "little"
    old = small_study(path)
    with pytest.raises(SchemaError, match="resolution 9, found 8"):
        add_counts(path, info(resolution=8), plain(2030))
    with pytest.raises(SchemaError, match="stayers apart"):
        add_counts(path, info(), plain(2030))
    assert open_study(path).digest == old.digest


def test_additions_keep_flows_layers_and_description(tmp_path):
    path = tmp_path / "little"
    old = small_study(path)
    study = add_counts(path, info(name="ignored"), counts(seed=3, years=(2030,)))
    assert study.info == old.info
    assert len(study.flows) == len(old.flows)
    assert study.layer("rents").equals(old.layer("rents"))
    assert study.years == (*old.years, 2030)


def test_a_layer_may_hold_any_geometry(tmp_path):
    area = gpd.GeoDataFrame(
        {"id": ["a"], "name": ["湖"], "name_en": ["Lake"], "kind": ["water"]},
        geometry=[shapely.MultiPolygon([shapely.box(116, 39, 117, 40)])],
        crs=4326,
    )
    study = write_study(tmp_path / "s", info(), counts(), layers={"ground": area})
    assert study.layer("ground").geometry.iloc[0].geom_type == "MultiPolygon"


def test_a_study_may_be_moved(tmp_path, digests):
    shutil.move(small_study(tmp_path / "here").path, tmp_path / "there")
    assert open_study(tmp_path / "there").digest == digests[1]


def test_a_copy_is_the_study(tmp_path, digests):
    old = small_study(tmp_path / "little")
    assert copy_study(old.path, tmp_path / "new" / "copy").digest == old.digest
    assert copy_study(small_study(tmp_path / "other", seed=2).path, old.path).digest == digests[2]
    with pytest.raises(SchemaError, match="none found"):
        copy_study(tmp_path / "nothing", old.path)
    assert open_study(old.path).digest == digests[2]


def test_a_study_may_be_where_one_stands_or_behind_a_link(tmp_path, monkeypatch, digests):
    small_study(tmp_path / "little")
    (tmp_path / "link").symlink_to(tmp_path / "little")
    small_study(tmp_path / "link", seed=2)
    assert (tmp_path / "link").is_symlink()
    assert open_study(tmp_path / "little").digest == digests[2]
    monkeypatch.chdir(tmp_path / "little")
    small_study(Path(), seed=1)
    assert open_study(tmp_path / "link").digest == digests[1]
    assert {one.name for one in tmp_path.iterdir()} == {"little", "link"}
