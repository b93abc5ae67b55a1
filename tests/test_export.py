"""What leaves the house says where it comes from, and reads back as what went in."""

from __future__ import annotations

import csv
import io
import json
import re
import sqlite3
import zipfile
from contextlib import closing
from dataclasses import replace

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
import pytest
import shapely

from spatial import cells as h3cells
from spatial.analysis import hotspot_table, place_table
from spatial.export import FORMATS, ExportError, export, export_bytes
from spatial.formats import guarded
from spatial.provenance import provenance
from spatial.question import Question
from spatial.study import Source, open_study
from tests.studies import small_study

QUESTION = Question(year=2024, chance="permutation", permutations=9_999, seed=7, top=3)


@pytest.fixture(scope="module")
def study(tmp_path_factory):
    return small_study(tmp_path_factory.mktemp("studies") / "little")


@pytest.fixture(scope="module")
def cells(study):
    return hotspot_table(study, QUESTION)


@pytest.fixture(scope="module")
def places(study, cells):
    found = place_table(study, QUESTION, cells).table
    assert len(found) == 2
    return found


@pytest.fixture
def tables(cells, places):
    return {"cells": cells, "places": places}


@pytest.fixture(autouse=True)
def at_a_known_time(monkeypatch):
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1750000000")


def told(study, kind, name="out.gpkg"):
    return provenance(study, QUESTION, kind=kind, out=name)


def told_by(path):
    """The provenance that a file carries."""
    if path.suffix == ".gpkg":
        with closing(sqlite3.connect(path)) as database:
            (content,) = database.execute("SELECT metadata FROM gpkg_metadata").fetchone()
        return json.loads(content)
    if path.suffix == ".geojson":
        return json.loads(path.read_text(encoding="utf-8"))["gradmap"]
    sidecar = path.with_name(path.name + "-metadata.json")
    return json.loads(sidecar.read_text(encoding="utf-8"))["notes"][0]


def test_provenance_says_what_one_needs_to_judge_and_repeat(study):
    found = told(study, "cells")
    assert found["study_digest"] == study.digest
    assert found["synthetic"] is True
    assert Question.from_dict(found["question"]) == QUESTION
    assert found["created"] == "2025-06-15T15:06:40Z"
    assert found["licence"] == "CC0-1.0"
    assert found["citation"] == "Nobody (2025)"
    assert [one["after"] for one in found["breaks"]] == [2023]
    assert "Gi* (Ord and Getis 1995)" in found["method"]
    assert "9999 conditional permutations, seed 7" in found["method"]
    assert "resolution 9" in found["method"]
    assert found["versions"]["h3"]
    assert found["command"] == (
        "gradmap hotspots little --year 2024 --role work --measure count --k 1 --alpha 0.05"
        " --chance permutation --permutations 9999 --seed 7 --out out.gpkg"
    )
    assert "--top 3" in told(study, "places")["command"]


def test_a_year_away_from_the_break_has_none(study):
    assert provenance(study, replace(QUESTION, year=2025), kind="cells")["breaks"] == []


def test_a_time_that_is_none_is_refused(study, monkeypatch):
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "yesterday")
    with pytest.raises(ValueError, match="SOURCE_DATE_EPOCH must be whole seconds"):
        told(study, "cells")


@pytest.mark.parametrize("kind", ["cells", "places"])
@pytest.mark.parametrize("ending", FORMATS)
def test_every_format_carries_the_provenance(study, tables, tmp_path, kind, ending):
    path = tmp_path / f"out{ending}"
    expected = told(study, kind, path.name)
    written = export(tables[kind], path, provenance=expected, kind=kind)
    assert written[0] == path
    assert sorted(one.name for one in tmp_path.iterdir()) == sorted(one.name for one in written)
    assert told_by(path) == expected


@pytest.mark.parametrize("kind", ["cells", "places"])
@pytest.mark.parametrize("ending", FORMATS)
def test_the_same_question_makes_the_same_bytes(study, tables, tmp_path, kind, ending):
    contents = []
    for folder in ("one", "two"):
        (tmp_path / folder).mkdir()
        path = tmp_path / folder / f"out{ending}"
        files = export(tables[kind], path, provenance=told(study, kind), kind=kind)
        contents.append([file.read_bytes() for file in files])
    assert contents[0] == contents[1]
    name = f"out{ending}"
    again = [export_bytes(tables[kind], name, provenance=told(study, kind), kind=kind)] * 2
    assert again[0] == export_bytes(tables[kind], name, provenance=told(study, kind), kind=kind)


def read(path):
    if path.suffix == ".csv":
        return pd.read_csv(path)
    return gpd.read_file(path)


@pytest.mark.parametrize("ending", FORMATS)
def test_cells_read_back_as_they_went_in(study, cells, tmp_path, ending):
    path = tmp_path / f"out{ending}"
    export(cells, path, provenance=told(study, "cells"), kind="cells")
    found = read(path)
    assert found["cell"].str.fullmatch("[0-9a-f]{15}").all()
    assert h3cells.from_text(found["cell"]).tolist() == cells.index.tolist()
    assert found["graduates"].sum() == cells["graduates"].sum()
    for column in ("graduates", "base", "area_km2", "value", "z", "p", "q"):
        np.testing.assert_array_equal(found[column].to_numpy(float), cells[column].to_numpy())
    assert found["hotspot"].tolist() == cells["hotspot"].tolist()
    centres = np.c_[h3cells.centres(cells.index)]
    np.testing.assert_allclose(found[["lat", "lon"]], np.transpose(centres.T), atol=1e-7)
    if ending != ".csv":
        assert found.crs.to_epsg() == 4326
        outlines = gpd.GeoSeries(h3cells.outlines(cells.index), crs=4326)
        assert shapely.equals_exact(found.normalize(), outlines.normalize(), 2e-7).all()


@pytest.mark.parametrize("ending", FORMATS)
def test_places_read_back_as_they_went_in(study, places, tmp_path, ending):
    path = tmp_path / f"out{ending}"
    export(places, path, provenance=told(study, "places"), kind="places")
    found = read(path)
    for column in ("id", "name", "name_en", "class", "graduates", "share", "prominence"):
        assert found[column].tolist() == places[column].tolist()
    assert h3cells.from_text(found["peak"]).tolist() == places["peak"].tolist()
    shapes = shapely.from_wkt(found["geometry"]) if ending == ".csv" else found.geometry.to_numpy()
    np.testing.assert_allclose(
        shapely.area(shapes), shapely.area(places.geometry.to_numpy()), rtol=1e-3
    )
    assert shapely.is_valid(shapes).all()


def test_missing_values_stay_missing(study, cells, tmp_path):
    holed = cells.assign(value=np.nan, z=np.inf)
    for ending in FORMATS:
        path = tmp_path / f"out{ending}"
        export(holed, path, provenance=told(study, "cells"), kind="cells")
        assert read(path)["value"].isna().all()
    json.loads(
        (tmp_path / "out.geojson").read_text(encoding="utf-8"),
        parse_constant=lambda word: pytest.fail(f"{word} is no JSON"),
    )


def test_empty_tables_make_files(study, cells, places, tmp_path):
    for ending in FORMATS:
        for kind, table in (("cells", cells.iloc[:0]), ("places", places.iloc[:0])):
            path = tmp_path / f"{kind}{ending}"
            export(table, path, provenance=told(study, kind), kind=kind)
            assert len(read(path)) == 0


def test_the_geopackage_tables_are_those_of_the_standard(study, cells, tmp_path):
    path = tmp_path / "out.gpkg"
    export(cells, path, provenance=told(study, "cells"), kind="cells")
    assert pyogrio.list_layers(path)[:, 0].tolist() == ["cells"]
    with closing(sqlite3.connect(path)) as database:
        assert database.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        assert not database.execute("PRAGMA foreign_key_check").fetchall()
        (scope, mime), *more = database.execute("SELECT md_scope, mime_type FROM gpkg_metadata")
        assert (scope, mime, more) == ("dataset", "application/json", [])
        references = database.execute(
            "SELECT reference_scope, table_name, md_file_id FROM gpkg_metadata_reference"
        ).fetchall()
        assert references == [("geopackage", None, 1), ("table", "cells", 1)]
        named = {row[0] for row in database.execute("SELECT table_name FROM gpkg_extensions")}
        assert {"gpkg_metadata", "gpkg_metadata_reference"} <= named
        ((described, changed),) = database.execute(
            "SELECT description, last_change FROM gpkg_contents"
        )
    assert described.startswith("Synthetic data.")
    assert changed == "2025-06-15T15:06:40.000Z"


def test_geojson_is_what_its_standard_asks(study, places, tmp_path):
    path = tmp_path / "out.geojson"
    export(places, path, provenance=told(study, "places"), kind="places")
    content = json.loads(path.read_text(encoding="utf-8"))
    assert content["type"] == "FeatureCollection"
    assert "crs" not in content
    for feature in content["features"]:
        shape = shapely.geometry.shape(feature["geometry"])
        assert all(part.exterior.is_ccw for part in shape.geoms)
        text = json.dumps(feature["geometry"])
        assert max(map(len, re.findall(r"\.(\d+)", text))) == 7


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r"])
def test_texts_that_a_spreadsheet_would_run_are_guarded(study, places, tmp_path, start):
    attack = f'{start}HYPERLINK("http://example.org")'
    path = tmp_path / "out.csv"
    named = places.assign(name=attack, share=-0.5)
    export(named, path, provenance=told(study, "places"), kind="places")
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["name"] for row in rows] == [f"'{attack}"] * len(places)
    assert [row["share"] for row in rows] == ["-0.5"] * len(places)
    assert not path.read_bytes().startswith((b"#", b"\xef\xbb\xbf"))


def test_harmless_texts_are_left_alone():
    texts = pd.Series(["望京", "a=b", "", None, "3-4"], dtype="str")
    assert guarded(texts).tolist()[:3] == ["望京", "a=b", ""]
    assert guarded(texts).isna().tolist() == [False, False, False, True, False]


def test_a_table_described_as_the_web_has_it(study, cells, tmp_path):
    path = tmp_path / "out.csv"
    export(cells, path, provenance=told(study, "cells"), kind="cells")
    described = json.loads((tmp_path / "out.csv-metadata.json").read_text(encoding="utf-8"))
    assert described["@context"] == "http://www.w3.org/ns/csvw"
    assert described["url"] == "out.csv"
    with path.open(encoding="utf-8") as file:
        header = file.readline().strip().split(",")
    assert [one["name"] for one in described["tableSchema"]["columns"]] == header
    kinds = {one["name"]: one["datatype"] for one in described["tableSchema"]["columns"]}
    assert (kinds["cell"], kinds["graduates"]) == ("string", "number")


def test_downloads_are_the_files(study, cells, tmp_path):
    for ending in (".gpkg", ".geojson"):
        path = tmp_path / f"out{ending}"
        export(cells, path, provenance=told(study, "cells"), kind="cells")
        found = export_bytes(cells, path.name, provenance=told(study, "cells"), kind="cells")
        assert (found.name, found.content) == (path.name, path.read_bytes())
    export(cells, tmp_path / "out.csv", provenance=told(study, "cells"), kind="cells")
    found = export_bytes(cells, "out.csv", provenance=told(study, "cells"), kind="cells")
    assert (found.name, found.media) == ("out.csv.zip", "application/zip")
    with zipfile.ZipFile(io.BytesIO(found.content)) as archive:
        assert archive.namelist() == ["out.csv", "out.csv-metadata.json"]
        for name in archive.namelist():
            assert archive.read(name) == (tmp_path / name).read_bytes()


def test_what_cannot_be_written_is_said_and_the_old_file_stays(study, cells, tmp_path, monkeypatch):
    said = told(study, "cells")
    for name in ("out.txt", "out", "out.gpkg.txt", ".gpkg"):
        with pytest.raises(ExportError, match=r"must end in \.gpkg, .*\.pmtiles, found "):
            export(cells, tmp_path / name, provenance=said, kind="cells")
    with pytest.raises(ExportError, match="there is no folder"):
        export(cells, tmp_path / "nowhere" / "out.csv", provenance=said, kind="cells")
    (tmp_path / "folder.csv").mkdir()
    with pytest.raises(ExportError, match="it is a folder"):
        export(cells, tmp_path / "folder.csv", provenance=said, kind="cells")
    path = tmp_path / "out.geojson"
    path.write_text("old")

    def full(*_given, **_more):
        raise OSError(28, "No space left on device")

    monkeypatch.setitem(FORMATS, ".geojson", full)
    with pytest.raises(ExportError, match="cannot be written: No space left on device"):
        export(cells, path, provenance=said, kind="cells")
    assert path.read_text() == "old"
    assert {one.name for one in tmp_path.iterdir()} == {"folder.csv", "out.geojson"}


def test_names_with_quotes_and_markup_survive(tmp_path):
    name = '"><script>alert(1)</script>\n`${1}`'
    source = Source(name, "https://example.org", "CC0-1.0", name)
    study = small_study(tmp_path / "odd", name="it's odd", source=source)
    table = hotspot_table(study, QUESTION)
    for ending in FORMATS:
        path = tmp_path / f"out{ending}"
        export(table, path, provenance=told(study, "cells"), kind="cells")
        assert told_by(path)["source"] == name
    assert open_study(study.path).info.source == source
