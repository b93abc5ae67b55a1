"""Own studies: a change can be taken back, and a refused one changes nothing."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from spatial import cells as h3cells
from spatial.info import StudyInfo
from spatial.schema import SchemaError
from spatial.shelf import changed, shelf, studies_on, undo, undoable
from spatial.store import add_counts, write_study

CELLS = h3cells.grid_disk(h3cells.points_to_cells([39.9], [116.4], resolution=8), k=2)


def counts(year, people=3.0):
    return pd.DataFrame(
        {"cell": CELLS, "role": "work", "year": year, "graduates": people, "base": np.nan}
    )


def made(year):
    return lambda path: write_study(path, StudyInfo(name="mine", resolution=8), counts(year))


def test_a_new_study_undone_is_gone_and_undone_again_is_back(tmp_path):
    study = changed(tmp_path, "mine", made(2024))
    assert list(studies_on(tmp_path)) == ["mine"]
    assert undo(tmp_path, "mine") is None
    assert studies_on(tmp_path) == {}
    assert undo(tmp_path, "mine").digest == study.digest


def test_an_added_year_is_taken_back(tmp_path):
    before = changed(tmp_path, "mine", made(2023)).digest
    info = StudyInfo(name="mine", resolution=8)
    after = changed(tmp_path, "mine", lambda path: add_counts(path, info, counts(2024)))
    assert after.years == (2023, 2024)
    assert undo(tmp_path, "mine").digest == before
    assert undo(tmp_path, "mine").digest == after.digest


def test_a_refused_change_leaves_everything_as_it_was(tmp_path):
    before = changed(tmp_path, "mine", made(2023)).digest

    def refused(_path):
        raise SchemaError("no")

    with pytest.raises(SchemaError):
        changed(tmp_path, "mine", refused)
    assert studies_on(tmp_path).keys() == {"mine"}
    assert made(2023)(tmp_path / "other").digest == before
    assert undo(tmp_path, "mine") is None  # what is undone is still the first change


@pytest.mark.parametrize("name", ["", "..", "../x", "a/b", ".before", "a\0b", "-x", "x" * 61])
def test_a_name_that_is_no_folder_is_refused(tmp_path, name):
    with pytest.raises(SchemaError, match="name must be letters"):
        changed(tmp_path, name, made(2024))
    assert not undoable(tmp_path, name)
    assert list(tmp_path.iterdir()) == []


def test_chinese_names_are_names(tmp_path):
    assert changed(tmp_path, "上海-2024", made(2024)).years == (2024,)


def test_the_environment_names_the_shelf(tmp_path, monkeypatch):
    monkeypatch.setenv("GRADMAP_SHELF", str(tmp_path))
    assert shelf() == tmp_path
    monkeypatch.delenv("GRADMAP_SHELF")
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    assert shelf() == tmp_path / "gradmap" / "studies"


def test_nothing_to_undo_is_said(tmp_path):
    with pytest.raises(SchemaError, match="nothing to undo"):
        undo(tmp_path, "mine")
