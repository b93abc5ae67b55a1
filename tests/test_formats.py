"""Every format holds every table, read back by programs that are not ours."""

from __future__ import annotations

import csv
import io
import json
import zipfile
from xml.etree import ElementTree

import duckdb
import geopandas as gpd
import h3
import numpy as np
import openpyxl
import pandas as pd
import pyarrow.parquet as pq
import pyogrio
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from pmtiles.reader import MemorySource, Reader

from spatial.commute_places import named_area
from spatial.commute_question import FlowQuestion
from spatial.commute_tables import flow_tables
from spatial.export import ExportError, ending_of, export, export_bytes, export_layers_bytes
from spatial.export_commute import FLOW_KINDS, export_flows
from spatial.formats import MEDIA, NAMES, WRITERS
from spatial.formats.carried import carried
from spatial.formats.shapefile import aliases
from spatial.ingest.errors import InputError
from tests.readers import read
from tests.studies import small_study
from tests.written import KINDS, tables_of

SUMS = {"difference": "after", "lineage": "graduates_after"}
NAMES_OF = {"places": "name", "lineage": "name", "lines": "label_from"}
FORMULAS = ("=1+1", "+1", "-1", "@A1", "\t=1", "=HYPERLINK(0)")


@pytest.fixture(scope="module", autouse=True)
def at_a_known_time():
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SOURCE_DATE_EPOCH", "1750000000")
        yield


@pytest.fixture(scope="module")
def study(tmp_path_factory):
    return small_study(tmp_path_factory.mktemp("studies") / "little")


@pytest.fixture(scope="module")
def made(study):
    """Each kind of table as it is written, with its provenance."""
    tables = tables_of(study)
    assert any(name > "\u4e00" for name in tables["places"][0]["name"])
    return tables


def written(made, kind, ending, folder):
    path = folder / f"{kind}{ending}"
    table, told = made[kind]
    WRITERS[ending](table, path, told, kind)
    return path


@pytest.mark.parametrize("ending", WRITERS)
@pytest.mark.parametrize("kind", KINDS)
def test_totals_and_names_are_the_same_to_other_readers(made, tmp_path, kind, ending):
    table, _ = made[kind]
    assert kind == "corridors" or len(table)
    path = written(made, kind, ending, tmp_path)
    if ending == ".pmtiles" and kind in ("lineage", "lines", "corridors"):
        # Lines and outlines that cross tiles are in each of them: one row is no total.
        assert Reader(MemorySource(path.read_bytes())).metadata()["vector_layers"][0]["id"] == kind
        return
    if not len(table):
        return
    rows = read(path, ending, kind)
    assert len(rows) == len(table)
    column = SUMS.get(kind, "graduates")
    given = column if ending != ".shp.zip" else aliases(table.columns)[column]
    found = [float(row[given]) for row in rows if row[given] not in (None, "")]
    assert sum(found) == pytest.approx(table[column].sum(), rel=1e-12)
    if name := NAMES_OF.get(kind):
        given = name if ending != ".shp.zip" else aliases(table.columns)[name]
        given = "Name" if ending == ".kml" and name == "name" else given
        assert sorted(row[given] for row in rows) == sorted(table[name])


@pytest.mark.parametrize(
    ("kind", "ending"),
    [
        *((kind, ending) for kind in KINDS for ending in WRITERS),
        *(("matrix", ending) for ending in (".gpkg", ".csv", ".parquet", ".xlsx")),
    ],
)
def test_every_file_carries_its_provenance_and_makes_the_same_bytes(made, tmp_path, kind, ending):
    path = written(made, kind, ending, tmp_path)
    assert carried(path, ending) == {kind: made[kind][1]}
    (tmp_path / "again").mkdir()
    assert written(made, kind, ending, tmp_path / "again").read_bytes() == path.read_bytes()


@pytest.mark.parametrize("ending", WRITERS)
@pytest.mark.parametrize("kind", ["cells", "places", "lines"])
def test_tables_without_a_row_make_files(made, tmp_path, kind, ending):
    empty = {kind: (made[kind][0].iloc[:0], made[kind][1])}
    path = written(empty, kind, ending, tmp_path)
    assert carried(path, ending)[kind] == made[kind][1]
    if ending == ".pmtiles":
        assert Reader(MemorySource(path.read_bytes())).header()["tile_entries_count"] == 0
    else:
        assert not read(path, ending, kind)


@pytest.mark.parametrize("ending", [".gpkg", ".parquet", ".fgb", ".kml", ".xlsx", ".shp.zip"])
def test_missing_and_infinite_numbers_are_nothing(made, tmp_path, ending):
    table, told = made["cells"]
    holed = table.head(3).assign(z=[np.nan, np.inf if ending != ".gpkg" else np.nan, 1.5])
    path = written({"cells": (holed, told)}, "cells", ending, tmp_path)
    found = [row["z"] for row in read(path, ending, "cells")]
    known = sorted(float(one) for one in found if one not in (None, "") and np.isfinite(float(one)))
    assert known == [1.5]


def test_endings_are_found_in_names():
    assert [ending_of(f"a{one}".upper()) for one in WRITERS] == list(WRITERS)
    assert list(NAMES) == list(MEDIA) == list(WRITERS)
    assert (ending_of("a.zip"), ending_of(".gpkg"), ending_of("gpkg")) == ("", "", "")


@pytest.mark.parametrize("start", FORMULAS)
def test_no_text_is_a_formula(made, tmp_path, start):
    table, told = made["places"]
    attack = {"places": (table.assign(name=start), told)}
    path = written(attack, "places", ".xlsx", tmp_path)
    sheet = openpyxl.load_workbook(path)["places"]
    at = [one.value for one in sheet[1]].index("name")
    cells = [row[at] for row in sheet.iter_rows(min_row=2)]
    assert {one.value for one in cells} == {start}
    assert {(one.data_type, one.quotePrefix) for one in cells} == {("s", True)}
    with zipfile.ZipFile(path) as book:
        assert b"<f>" not in b"".join(book.read(one) for one in book.namelist())
    path = written(attack, "places", ".csv", tmp_path)
    assert {row["name"] for row in read(path, ".csv", "places")} == {f"'{start}"}


def test_numbers_of_a_workbook_are_numbers(made, tmp_path):
    path = written(made, "cells", ".xlsx", tmp_path)
    book = openpyxl.load_workbook(path)
    assert book.sheetnames == ["cells", "method"]
    kinds = {name.value: one.data_type for name, one in zip(*book["cells"]["1:2"], strict=True)}
    assert (kinds["graduates"], kinds["z"], kinds["cell"]) == ("n", "n", "s")
    method = {row[0]: row[1] for row in book["method"].iter_rows(values_only=True)}
    assert (method["synthetic"], method["licence"]) == ("yes", "CC0-1.0")
    assert "Gi* (Ord and Getis 1995)" in method["method"]
    assert "the register was renewed" in method["break 2023/2024"]


def test_a_sheet_that_is_too_long_is_refused(made, tmp_path, monkeypatch):
    monkeypatch.setattr("spatial.formats.xlsx._ROWS", 10)
    table, told = made["cells"]
    ids = table.set_index(pd.Index([int(one, 16) for one in table["cell"]], dtype="uint64"))
    bare = ids.drop(columns=["cell", "geometry", "lat", "lon"])
    with pytest.raises(ExportError, match="a sheet holds 10 rows, found"):
        export(pd.DataFrame(bare), tmp_path / "out.xlsx", provenance=told, kind="cells")
    assert not list(tmp_path.iterdir())


def test_geoparquet_is_what_its_standard_asks(made, tmp_path):
    path = written(made, "cells", ".parquet", tmp_path)
    geo = json.loads(pq.read_metadata(path).metadata[b"geo"])
    column = geo["columns"]["geometry"]
    assert (geo["version"], geo["primary_column"]) == ("1.1.0", "geometry")
    assert (column["encoding"], column["geometry_types"]) == ("WKB", ["Polygon"])
    assert column["covering"]["bbox"]["xmax"] == ["bbox", "xmax"]
    table = made["cells"][0]
    np.testing.assert_allclose(column["bbox"], table.total_bounds, atol=1e-7)
    back = gpd.read_parquet(path)
    assert back.crs.equals("OGC:CRS84")
    assert back.geometry.exterior.is_ccw.all()
    assert shapely.equals_exact(back.geometry.normalize(), table.geometry.normalize(), 2e-7).all()
    west, south, east, north = table.geometry.iloc[0].bounds
    near = gpd.read_parquet(path, bbox=(west, south, east, north))
    assert 0 < len(near) < 20
    inside = duckdb.sql(
        f"SELECT count(*) FROM '{path}' WHERE bbox.xmin <= {east} AND bbox.xmax >= {west}"
        f" AND bbox.ymin <= {north} AND bbox.ymax >= {south}"
    ).fetchall()
    assert inside == [(len(near),)]


def test_a_shapefile_explains_its_columns(made, tmp_path):
    path = written(made, "lineage", ".shp.zip", tmp_path)
    with zipfile.ZipFile(path) as archive:
        names = archive.namelist()
        rows = list(csv.DictReader(io.StringIO(archive.read("lineage-columns.csv").decode())))
        assert archive.read("lineage.cpg").decode() == "UTF-8"
        assert json.loads(archive.read("lineage.json"))["gradmap"] == made["lineage"][1]
    assert [one for one in names if one.endswith((".shp", ".shx", ".dbf", ".prj"))]
    columns = [one for one in made["lineage"][0].columns if one != "geometry"]
    assert [row["column"] for row in rows] == columns
    assert list(pyogrio.read_info(f"/vsizip/{path}")["fields"]) == [row["alias"] for row in rows]


def test_long_texts_end_where_a_character_does(made, tmp_path):
    table, told = made["places"]
    path = written(
        {"places": (table.assign(name="京" * 200), told)}, "places", ".shp.zip", tmp_path
    )
    back = pyogrio.read_dataframe(f"/vsizip/{path}")
    assert set(back["name"]) == {"京" * 84}


@given(st.lists(st.text(max_size=20), unique=True, max_size=40))
def test_short_names_are_ascii_and_no_two_alike(names):
    found = aliases(names)
    short = [one.lower() for one in found.values()]
    assert list(found) == names
    assert len(set(short)) == len(names)
    assert all(one.isascii() and 0 < len(one) <= 10 for one in short)


def test_kml_survives_what_xml_cannot_say(made, tmp_path):
    table, told = made["places"]
    odd = table.assign(name="a\x00b<&>\"'\x0b]]>\r\n望")
    path = written({"places": (odd, told)}, "places", ".kml", tmp_path)
    space = "{http://www.opengis.net/kml/2.2}"
    names = {
        one.findtext(f"{space}name") for one in ElementTree.parse(path).iter(f"{space}Placemark")
    }
    assert names == {"a\ufffdb<&>\"'\ufffd]]>\r\n望"}


def test_flatgeobuf_says_in_its_header_what_it_is(made, tmp_path):
    path = written(made, "places", ".fgb", tmp_path)
    told = pyogrio.read_info(path)["layer_metadata"]
    assert told["TITLE"] == "little: places"
    assert told["DESCRIPTION"].startswith("Synthetic data.")
    assert pyogrio.read_info(path)["capabilities"]["fast_spatial_filter"]


def test_flows_go_to_every_format_and_a_matrix_where_it_fits(study, tmp_path):
    area = named_area(study, "", year=2025, side="residence", resolution=9, top=3)
    asked = FlowQuestion(area=area, resolution=9, top=3)
    tables = flow_tables(study, 2025, asked).by_kind()
    for ending in WRITERS:
        (tmp_path / ending).mkdir()
        files = export_flows(study, 2025, tables, tmp_path / ending / f"f{ending}", asked=asked)
        found = {}
        for file in files:
            if ending_of(file):
                found |= carried(file, ending_of(file))
        assert set(found) == set(FLOW_KINDS)
        assert found["corridors"]["modelled"] == ["minutes"]
        own = ending in (".gpkg", ".csv", ".parquet", ".xlsx")
        assert any(file.name == "f-matrix.csv" for file in files) == (not own or ending == ".csv")


def test_downloads_know_their_media(made):
    table, told = made["places"]
    bare = table.assign(peak=[h3.str_to_int(one) for one in table["peak"]])
    for ending, media in MEDIA.items():
        found = export_bytes(bare, f"a{ending}", provenance=told, kind="places", style=None)
        assert found.media == media
    both = export_layers_bytes(
        {"places": bare, "lineage": made["lineage"][0]},
        "a.shp.zip",
        provenance={"places": told, "lineage": made["lineage"][1]},
    )
    with zipfile.ZipFile(io.BytesIO(both.content)) as archive:
        assert archive.namelist() == ["a.shp.zip", "a-lineage.shp.zip"]


@pytest.mark.parametrize("ending", WRITERS)
@pytest.mark.parametrize("content", [b"", b"{}", b"PK\x03\x04", b"SQLite format 3\0", b"[" * 9999])
def test_a_file_without_provenance_gets_one_sentence(tmp_path, ending, content):
    path = tmp_path / f"a{ending}"
    path.write_bytes(content)
    (tmp_path / "a.csv-metadata.json").write_bytes(content)
    with pytest.raises(InputError) as said:
        carried(path, ending)
    assert "\n" not in str(said.value)
    with pytest.raises(InputError, match="there is no such file"):
        carried(tmp_path / f"b{ending}", ending)
