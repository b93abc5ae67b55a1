"""Flows that leave the house say where they come from, and read back as what went in."""

from __future__ import annotations

import csv
import io
import json
import sqlite3
import zipfile
from contextlib import closing

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
import pytest
import shapely

from spatial.areas import area_of
from spatial.commute_question import FlowQuestion
from spatial.corridors import BusRules, bus_lines
from spatial.desire import flow_lines
from spatial.ends import Labels, ends_of
from spatial.exchange import matrix
from spatial.export import ExportError
from spatial.export_commute import export_flows, export_flows_bytes, long_form
from spatial.pairs import pairs_of
from tests.studies import small_study

ENDINGS = (".gpkg", ".geojson", ".csv")
RULES = BusRules(least_km=0.1, least_minutes=1, least_saved=0, least_graduates=1, resolution=9)


@pytest.fixture(scope="module")
def study(tmp_path_factory):
    return small_study(tmp_path_factory.mktemp("studies") / "little")


@pytest.fixture(scope="module")
def labels(study):
    return ends_of(pairs_of(study, 2025), districts=study.layer("districts"))


@pytest.fixture(scope="module")
def tables(study, labels):
    pairs = pairs_of(study, 2025)
    lines = flow_lines(pairs, resolution=9)
    buses = bus_lines(pairs, np.full(len(pairs), 90.0), rules=RULES)
    assert len(lines.table)
    assert len(buses)
    return {
        "lines": lines,
        "matrix": long_form(matrix(pairs, labels, labels), labels, labels),
        "corridors": buses,
    }


@pytest.fixture(autouse=True)
def at_a_known_time(monkeypatch):
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1750000000")


def told_by(path, layer):
    """The provenance that a file carries for one of its tables."""
    if path.suffix == ".gpkg":
        with closing(sqlite3.connect(path)) as database:
            (content,) = database.execute(
                "SELECT metadata FROM gpkg_metadata JOIN gpkg_metadata_reference ON id ="
                " md_file_id WHERE table_name = ?",
                (layer,),
            ).fetchone()
        return json.loads(content)
    if path.suffix == ".geojson":
        return json.loads(path.read_text(encoding="utf-8"))["gradmap"]
    beside = path.with_name(path.name + "-metadata.json")
    return json.loads(beside.read_text(encoding="utf-8"))["notes"][0]


def file_of(path, kind):
    if path.suffix == ".gpkg" or kind == "lines":
        return path
    ending = ".csv" if kind == "matrix" else path.suffix
    return path.with_name(f"{path.stem}-{kind}{ending}")


def read(path, layer):
    if path.suffix == ".csv":
        return pd.read_csv(path)
    return pyogrio.read_dataframe(path, layer=layer if path.suffix == ".gpkg" else None)


@pytest.mark.parametrize("ending", ENDINGS)
def test_every_table_reads_back_as_it_went_in(study, tables, tmp_path, ending):
    path = tmp_path / f"out{ending}"
    written = export_flows(study, 2025, tables, path, rules=RULES)
    assert sorted(tmp_path.iterdir()) == sorted(written)
    for kind, table in tables.items():
        expected = table.table if kind == "lines" else table
        found = read(file_of(path, kind), kind)
        for column in expected:
            if pd.api.types.is_float_dtype(expected[column]):
                np.testing.assert_allclose(found[column], expected[column], atol=1e-7)
            else:
                assert found[column].tolist() == expected[column].tolist()
        if kind == "matrix" or ending == ".csv":
            assert "geometry" not in found
            continue
        assert found.crs.to_epsg() == 4326
        assert (found.geom_type == "LineString").all()
        ends = ("from", "to") if kind == "lines" else ("home", "work")
        names = [f"{end}_{axis}" for end in ends for axis in ("lon", "lat")]
        corners = shapely.get_coordinates(found.geometry.to_numpy()).reshape(-1, 4)
        np.testing.assert_allclose(corners, expected[names], atol=1e-7)


@pytest.mark.parametrize("ending", ENDINGS)
def test_every_table_says_where_it_comes_from(study, tables, tmp_path, ending):
    path = tmp_path / f"out{ending}"
    export_flows(
        study,
        2025,
        tables,
        path,
        asked=FlowQuestion(area=area_of(study, "西区"), side="work", lines=20),
        rules=RULES,
    )
    for kind in tables:
        told = told_by(file_of(path, kind), kind)
        assert told["study_digest"] == study.digest
        assert told["synthetic"] is True
        assert told["flows"]["year"] == 2025
        assert told["flows"]["table"] == kind
        asked = "gradmap commute little --year 2025 --side work --area w --resolution 8 --top 20"
        asked += f" --lines 20 --out out{ending}"
        assert told["command"] == asked
        assert told["modelled"] == (["minutes"] if kind == "corridors" else [])
        assert told["licence"] == "CC0-1.0"
    assert told["flows"]["rules"]["least_km"] == 0.1
    assert "more than 0.1 km" in told["method"]
    assert "modelled, not measured" in told["method"]


def test_the_lines_say_how_much_they_show(study, tables, tmp_path):
    export_flows(study, 2025, {"lines": tables["lines"]}, tmp_path / "out.geojson")
    told = told_by(tmp_path / "out.geojson", "lines")
    lines = tables["lines"]
    assert told["flows"]["shown"] == lines.shown
    assert told["flows"]["total"] == lines.total == 325
    assert f"{lines.share:.1%} of 325 graduates" in told["method"]


@pytest.mark.parametrize("ending", ENDINGS)
def test_the_same_tables_make_the_same_bytes(study, tables, tmp_path, ending):
    contents = []
    for folder in ("one", "two"):
        (tmp_path / folder).mkdir()
        files = export_flows(study, 2025, tables, tmp_path / folder / f"out{ending}")
        contents.append([file.read_bytes() for file in files])
    assert contents[0] == contents[1]
    name = f"out{ending}"
    once = export_flows_bytes(study, 2025, tables, name)
    assert once == export_flows_bytes(study, 2025, tables, name)
    if ending == ".gpkg":
        assert (once.name, once.content) == (name, contents[0][0])
    else:
        with zipfile.ZipFile(io.BytesIO(once.content)) as archive:
            assert [archive.read(one) for one in archive.namelist()] == contents[0]


def test_a_geopackage_holds_all_tables(study, tables, tmp_path):
    path = tmp_path / "out.gpkg"
    export_flows(study, 2025, tables, path)
    kinds = dict(pyogrio.list_layers(path).tolist())
    assert kinds == {"lines": "LineString", "corridors": "LineString", "matrix": None}
    with closing(sqlite3.connect(path)) as database:
        assert database.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        assert not database.execute("PRAGMA foreign_key_check").fetchall()


def test_names_that_are_formulas_are_guarded_and_chinese_ones_kept(study, tables, tmp_path):
    lines = tables["lines"].table.assign(label_from="=1+1", label_to="中关村")
    path = tmp_path / "out.csv"
    drawn = type(tables["lines"])(lines, 325.0, 0.0, 20, 9)
    export_flows(study, 2025, {"lines": drawn}, path)
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert {row["label_from"] for row in rows} == {"'=1+1"}
    assert {row["label_to"] for row in rows} == {"中关村"}
    assert float(rows[0]["graduates"]) == lines["graduates"].iloc[0]


@pytest.mark.parametrize("ending", ENDINGS)
def test_empty_tables_make_files(study, tables, tmp_path, ending):
    none = {kind: tables[kind].iloc[:0] for kind in ("matrix", "corridors")}
    path = tmp_path / f"out{ending}"
    export_flows(study, 2025, none, path)
    # The matrix has no geometry: the ending is that of the first table that has one.
    first = file_of(path, "corridors") if ending == ".csv" else path
    assert len(read(first, "corridors")) == 0


def test_the_long_form_holds_everybody_once(study, labels):
    wide = matrix(pairs_of(study, 2025), labels, labels)
    found = long_form(wide, labels, labels)
    assert found["graduates"].sum() == wide.to_numpy().sum() == 325
    back = found.pivot_table(index="home", columns="work", values="graduates", aggfunc="sum")
    back = back.reindex(index=wide.index, columns=wide.columns).fillna(0)
    np.testing.assert_array_equal(back, wide)
    assert set(found["home_name"]) <= {"西区", "东区"}
    nowhere = Labels(np.full(len(labels.code), -1), labels.table)
    outside = long_form(matrix(pairs_of(study, 2025), nowhere, labels), nowhere, labels)
    assert set(outside["home"]) == {"elsewhere"}
    assert set(outside["home_name"]) == {""}


def test_files_that_cannot_be_written_are_refused(study, tables, tmp_path):
    with pytest.raises(ExportError, match=r"must end in \.gpkg"):
        export_flows(study, 2025, tables, tmp_path / "out.xyz")
    with pytest.raises(ExportError, match="found no table"):
        export_flows(study, 2025, {}, tmp_path / "out.csv")
    assert not list(tmp_path.iterdir())


def test_geojson_is_read_by_others(study, tables, tmp_path):
    path = tmp_path / "out.geojson"
    export_flows(study, 2025, {"lines": tables["lines"]}, path)
    found = gpd.read_file(path)
    assert found["graduates"].sum() == tables["lines"].shown
    json.loads(
        path.read_text(encoding="utf-8"),
        parse_constant=lambda word: pytest.fail(f"{word} is no JSON"),
    )
