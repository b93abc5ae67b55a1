"""A study opens when it is what was saved, and otherwise says everything that is wrong."""

from __future__ import annotations

import json
import shutil

import h3
import numpy as np
import pandas as pd
import pytest

from spatial import cells as h3cells
from spatial.schema import SchemaError
from spatial.store import write_study
from spatial.study import StudyInfo, hash_of, inspect, open_study
from tests.studies import YEARS, city, counts, info, small_study


@pytest.fixture(scope="module")
def saved(tmp_path_factory):
    return small_study(tmp_path_factory.mktemp("studies") / "little").path


@pytest.fixture
def folder(saved, tmp_path):
    return shutil.copytree(saved, tmp_path / "little")


def described(folder):
    return json.loads((folder / "study.json").read_text(encoding="utf-8"))


def describe(folder, content):
    (folder / "study.json").write_text(json.dumps(content), encoding="utf-8")


def test_what_was_saved_is_what_opens(folder):
    study = open_study(folder)
    assert study.info == info()
    assert study.years == YEARS
    assert study.roles == ("residence", "work")
    keys = ["role", "year", "cell"]
    expected = counts().sort_values(keys, ignore_index=True)
    pd.testing.assert_frame_equal(
        study.counts[expected.columns], expected, check_dtype=False, check_exact=True
    )
    assert study.counts["cell"].dtype == np.uint64
    assert len(study.flows) == 25
    assert study.layer("stations")["name"].tolist() == ["中心站", "北站"]
    assert study.layer("campuses").empty
    assert "synthetic" in repr(study)


def test_the_digest_is_of_the_content_alone(folder, saved):
    assert open_study(folder).digest == open_study(saved).digest


def test_another_count_is_another_digest(saved, tmp_path):
    assert small_study(tmp_path / "other", seed=2).digest != open_study(saved).digest
    assert small_study(tmp_path / "named", name="big").digest != open_study(saved).digest


@pytest.mark.parametrize("name", ["counts.parquet", "flows.parquet", "stations.parquet"])
def test_one_changed_byte_is_found(folder, name):
    content = bytearray((folder / name).read_bytes())
    content[len(content) // 2] ^= 1
    (folder / name).write_bytes(content)
    with pytest.raises(SchemaError, match=f"{name} is not the file that was saved"):
        open_study(folder)


@pytest.mark.parametrize("name", ["counts.parquet", "flows.parquet", "stations.parquet"])
@pytest.mark.parametrize("left", [0, 10, 1000])
def test_a_truncated_file_is_found(folder, name, left):
    content = (folder / name).read_bytes()
    (folder / name).write_bytes(content[:left])
    _, faults = inspect(folder)
    assert any(f"{name} is not the file that was saved" in one for one in faults)
    assert all("\n" not in one for one in faults)


def test_a_file_that_was_saved_but_is_no_table_is_found(folder):
    (folder / "flows.parquet").write_bytes(b"no table")
    content = described(folder)
    content["files"]["flows.parquet"] = hash_of(folder / "flows.parquet")
    describe(folder, content)
    with pytest.raises(SchemaError, match=r"flows\.parquet cannot be read"):
        open_study(folder)


def test_every_fault_is_named_at_once(folder):
    (folder / "flows.parquet").unlink()
    (folder / "stations.parquet").write_bytes(b"")
    (folder / "counts.parquet").write_bytes(b"PAR1")
    with pytest.raises(SchemaError) as fault:
        open_study(folder)
    assert "flows.parquet is listed and not there" in str(fault.value)
    assert "stations.parquet is not the file" in str(fault.value)
    assert "counts.parquet is not the file" in str(fault.value)


@pytest.mark.parametrize(
    "content",
    [
        "",
        "{",
        "[]",
        "null",
        "3",
        '"study"',
        "[" * 100_000,
        '{"name": "x"}',
        "\x00",
        '{"format": 1}',
    ],
)
def test_a_broken_description_is_one_fault(folder, content):
    (folder / "study.json").write_text(content, encoding="utf-8")
    study, faults = inspect(folder)
    assert study is None
    assert len(faults) == 1
    assert "\n" not in faults[0]


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("resolution", 16),
        ("resolution", "9"),
        ("resolution", None),
        ("name", 3),
        ("title", "Little"),
        ("title", {"en": 3}),
        ("centre", [1]),
        ("centre", "here"),
        ("groups", [3]),
        ("groups", [{"title": {}}]),
        ("breaks", [{"after": "x", "before": "y", "series": "work"}]),
        ("source", []),
        ("files", []),
        ("files", {"counts.parquet": 3}),
        ("format", 2),
        ("threshold", "five"),
        ("audit", [3]),
        ("rent_edges", ["cheap"]),
        ("synthetic", "yes"),
        ("definitions", {"work": "jobs"}),
    ],
)
def test_a_field_of_the_wrong_form_is_a_fault(folder, field, value):
    describe(folder, described(folder) | {field: value})
    with pytest.raises(SchemaError, match=r"study\.json"):
        open_study(folder)


def test_fields_of_later_versions_are_left_out(folder):
    describe(folder, described(folder) | {"mood": "good"})
    assert open_study(folder).info == info()


@pytest.mark.parametrize("name", ["../little/counts.parquet", "/etc/passwd", ".."])
def test_files_outside_the_folder_are_not_read(folder, name):
    content = described(folder)
    describe(folder, content | {"files": content["files"] | {name: "0" * 64}})
    with pytest.raises(SchemaError, match="listed and not there"):
        open_study(folder)


def test_no_study_is_said_so(tmp_path):
    for path in (tmp_path, tmp_path / "nothing"):
        with pytest.raises(SchemaError, match=r"a study is a folder with a study\.json"):
            open_study(path)


def test_cells_of_another_resolution_are_a_fault(tmp_path):
    with pytest.raises(SchemaError, match="cells must be of resolution 8, found 9"):
        write_study(tmp_path / "s", info(resolution=8), counts())


def test_the_area_is_gap_free_with_a_ring_of_two(saved):
    study = open_study(saved)
    assert study.area.tolist() == h3cells.grid_disk(city(radius=12), k=2).tolist()


def test_a_series_lies_on_the_whole_area_and_loses_nobody(saved):
    study = open_study(saved)
    for role in study.roles:
        for year in study.years:
            rows = study.counts.query("role == @role and year == @year")
            table = study.series(role=role, year=year)
            assert table.index.tolist() == study.area.tolist()
            assert table["graduates"].sum() == rows["graduates"].sum()
            assert table["base"].sum() == pytest.approx(rows["base"].sum(), rel=1e-12)
            parts = [study.series(role=role, year=year, group=g) for g in ("stayers", "arrivals")]
            both = parts[0]["graduates"] + parts[1]["graduates"]
            assert (both == table["graduates"]).all()


def test_a_base_that_is_unknown_stays_unknown(tmp_path):
    table = counts().assign(base=np.nan)
    study = write_study(tmp_path / "s", info(), table)
    assert study.series(role="work", year=2025)["base"].isna().all()


def test_what_was_not_counted_is_said_so(saved):
    study = open_study(saved)
    with pytest.raises(SchemaError, match="little counts work in 2023, 2024, 2025, not in 1999"):
        study.series(role="work", year=1999)
    with pytest.raises(SchemaError, match="group must be one of all, stayers, arrivals, found x"):
        study.series(role="work", year=2025, group="x")
    with pytest.raises(SchemaError, match="found base"):
        study.series(role="work", year=2025, group="base")
    with pytest.raises(SchemaError, match="a layer must be one of"):
        study.layer("shops")


def test_breaks_between_years(saved):
    study = open_study(saved)
    assert [one.after for one in study.break_between(2023, 2025)] == [2023]
    assert [one.after for one in study.break_between(2024, 2023, series="work")] == [2023]
    assert study.break_between(2024, 2025) == []
    assert study.break_between(2023, 2024, series="residence") == []


def test_the_centre_is_the_middle_of_the_cells(saved):
    study = open_study(saved)
    middle = h3.latlng_to_cell(*study.centre, 9)
    assert h3.grid_distance(middle, h3.int_to_str(int(city(radius=0)[0]))) <= 1


def test_info_and_back():
    assert StudyInfo.from_json(json.loads(json.dumps(info().to_json()))) == info()


def test_an_empty_study_is_a_study(tmp_path):
    table = counts().iloc[:0]
    study = write_study(tmp_path / "s", info(), table)
    assert study.years == ()
    assert study.roles == ()
    assert len(study.area) == 0
    assert study.centre == (0.0, 0.0)
    assert "no years" in repr(study)
