"""Every indicator of a drift as a file: the numbers that are told, and the same again."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner

from spatial.cli import main
from spatial.drift import drift
from spatial.export import BARE
from spatial.formats import WRITERS
from spatial.replay import replay
from tests.studies import small_study


@pytest.fixture(scope="module")
def little(tmp_path_factory):
    return small_study(tmp_path_factory.mktemp("studies") / "little")


@pytest.fixture(autouse=True)
def away(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


def run(little, *words):
    return CliRunner().invoke(main, ["drift", str(little.path), "--resamples", "100", *words])


@pytest.mark.parametrize("ending", BARE)
def test_a_drift_is_identical_made_again(little, tmp_path, ending):
    said = run(little, "--role", "work", "--group", "stayers", "--out", f"drift{ending}")
    assert said.exit_code == 0, said.output
    files = [one for one in tmp_path.iterdir() if one.name.endswith(ending)]
    assert len(files) == (1 if ending == ".gpkg" else 2)
    for file in files:
        (found,) = replay(file, study=little)
        assert (found.differences, found.same_bytes) == ((), True)


def test_the_file_holds_what_is_printed(little, tmp_path):
    said = json.loads(run(little, "--out", "drift.csv").output)
    found = drift(little, role="residence", resamples=100, rng=np.random.default_rng(1))
    for name, table, told in (
        ("drift.csv", found.years, said["drift"]["years"]),
        ("drift-changes.csv", found.changes, said["drift"]["changes"]),
    ):
        read = pd.read_csv(tmp_path / name)
        pd.testing.assert_frame_equal(read, table.reset_index(drop=True), check_dtype=False)
        assert len(read) == len(told)
    beside = json.loads((tmp_path / "drift.csv-metadata.json").read_text(encoding="utf-8"))
    (provenance,) = beside["notes"]
    assert provenance["synthetic"] is True
    assert provenance["drift"] == {
        "table": "indicators",
        "role": "residence",
        "group": "all",
        "resamples": 100,
        "seed": 1,
    }
    assert all("dc:description" in one for one in beside["tableSchema"]["columns"])


def test_a_break_of_the_role_is_told(little, tmp_path):
    run(little, "--role", "work", "--out", "drift.csv")
    beside = json.loads((tmp_path / "drift.csv-metadata.json").read_text(encoding="utf-8"))
    assert [one["after"] for one in beside["notes"][0]["breaks"]] == [2023]


@pytest.mark.parametrize("ending", [one for one in WRITERS if one not in BARE])
def test_a_format_that_needs_shapes_is_refused_before_anything_is_drawn(little, tmp_path, ending):
    said = run(little, "--out", f"drift{ending}")
    assert said.exit_code == 2
    assert "a table without shapes must go to .gpkg, .csv, .parquet, .xlsx" in said.output
    assert not list(tmp_path.iterdir())
