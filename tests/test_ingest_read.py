"""Strangers' files: what is read, what is refused, and with which sentence."""

from __future__ import annotations

import gzip
import json
import lzma
import os
import subprocess
import sys
import zipfile

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from spatial.ingest import InputError, read_shapes, read_table
from spatial.ingest._gdal import SKIPPED
from spatial.ingest.values import counts_of, ids_of, numbers_of

TEXT = "id,lat,lon,day\n007,+39.9,116.4,5\n008,39.8,116.5,0\n"


def refused(call, *args, **kwargs):
    """The sentence a call is refused with: one line, no path, no traceback words."""
    with pytest.raises(InputError) as error:
        call(*args, **kwargs)
    sentence = str(error.value)
    assert "\n" not in sentence
    assert "Error" not in sentence
    return sentence


def write(path, content):
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "gb18030"])
@pytest.mark.parametrize("mark", [",", ";", "\t", "|"])
def test_encoding_and_delimiter_are_found(tmp_path, encoding, mark):
    text = "编号,名称,人数\n0110,海淀,5\n0111,朝阳,7\n".replace(",", mark)
    table = read_table(write(tmp_path / "表.csv", text.encode(encoding)))
    assert list(table.columns) == ["编号", "名称", "人数"]
    assert table["编号"].tolist() == ["0110", "0111"]
    assert table["名称"].tolist() == ["海淀", "朝阳"]


@pytest.mark.parametrize(("ending", "pack"), [(".gz", gzip.compress), (".xz", lzma.compress)])
def test_a_packed_table_is_the_same_table(tmp_path, ending, pack):
    plain = read_table(write(tmp_path / "a.csv", TEXT))
    packed = read_table(write(tmp_path / f"a.csv{ending}", pack(TEXT.encode())))
    pd.testing.assert_frame_equal(plain, packed, check_like=True)


def test_ids_keep_their_zeros_and_numbers_their_plus(tmp_path):
    table = read_table(write(tmp_path / "a.csv", TEXT))
    assert ids_of(table, "id").tolist() == ["007", "008"]
    np.testing.assert_array_equal(numbers_of(table, "lat"), [39.9, 39.8])
    assert table.attrs["source"] == "a.csv"


def test_parquet_keeps_its_types(tmp_path):
    pd.DataFrame({"id": ["007"], "day": [5]}).to_parquet(tmp_path / "a.parquet")
    table = read_table(tmp_path / "a.parquet")
    assert ids_of(table, "id").tolist() == ["007"]
    assert counts_of(table, "day").tolist() == [5]


def test_quotes_blank_lines_and_a_column_without_a_name(tmp_path):
    table = read_table(write(tmp_path / "a.csv", '\n,name\n0,"a, ""b"""\n\n1,"two\nlines"\n'))
    assert list(table.columns) == ["unnamed 1", "name"]
    assert table["name"].tolist() == ['a, "b"', "two\nlines"]


@given(st.lists(st.floats(0, 1e12), min_size=1, max_size=20))
def test_numbers_survive_being_written(values):
    table = pd.DataFrame({"day": [repr(value) for value in values]})
    np.testing.assert_array_equal(counts_of(table, "day"), values)


@pytest.mark.parametrize(
    ("name", "content", "sentence"),
    [
        ("empty.csv", b"", "a file must have content, found it empty"),
        ("blank.csv", b"\n\n  \n", "a table must have rows, found none"),
        ("header.csv", b"a,b\n", "a table must have rows, found a header only"),
        ("junk.csv", bytes(range(256)) * 20, "a table must be text, found binary content"),
        ("junk2.csv", b"\x01\x02\x03abc", "a table must be text, found binary content"),
        ("latin.csv", "größe\n1\n".encode("latin-1") + b"\xff\xff", "another encoding"),
        ("p.csv", b"PAR1....", "must be text, found a Parquet file"),
        ("x.csv", b"PK\x03\x04....", "must be text, found a zip or Excel file"),
        ("z.csv.gz", b"a,b\n1,2\n", "a .gz file must be packed so, found something else"),
        (
            "cut.csv.gz",
            gzip.compress(TEXT.encode() * 99, mtime=0)[:60],
            "found it damaged or cut short",
        ),
        ("cut.csv.xz", lzma.compress(TEXT.encode() * 99)[:60], "found it damaged or cut short"),
        ("a.parquet", b"PAR1" + b"\0" * 50, "found it damaged or cut short"),
        ("b.parquet", b"a,b\n1,2\n", "a .parquet file must be Parquet"),
        ("a.exe", b"MZ", "a table must end in .csv, .tsv"),
        ("noending", b"a,b\n1,2\n", "found no ending"),
        ("twice.csv", b"a,b,a\n1,2,3\n", "column names must differ, found a twice"),
        ("long.csv", b"a,b\n1,2\n1,2,3\n", "must have 2 values like the header, found 3"),
        ("short.csv", b"a,b\n1,2\n1\n", "must have 2 values like the header, found 1"),
        ("broken.csv", b'"a\nb",c\n1,2\n', "column names must be on one line"),
    ],
)
def test_what_is_no_table_gets_one_sentence(tmp_path, name, content, sentence):
    found = refused(read_table, write(tmp_path / name, content))
    assert found.startswith(name)
    assert sentence in found


def test_a_row_of_another_width_is_named(tmp_path):
    path = write(tmp_path / "a.csv", "a,b\n1,2\n3,4\n5,6,7\n")
    assert refused(read_table, path).endswith("found 3 in row 3")


def test_a_truncated_parquet_gets_one_sentence(tmp_path):
    path = tmp_path / "a.parquet"
    pd.DataFrame({"day": np.arange(10_000)}).to_parquet(path)
    path.write_bytes(path.read_bytes()[:5000])
    assert refused(read_table, path) == (
        "a.parquet: a Parquet file must be whole, found it damaged or cut short"
    )


def test_no_file_and_no_file_but_a_folder(tmp_path):
    assert "a file is needed, found none at" in refused(read_table, tmp_path / "no.csv")
    assert "found a folder" in refused(read_table, tmp_path)
    assert "a file is needed" in refused(read_shapes, tmp_path / "no.geojson")


@pytest.mark.parametrize(
    ("value", "sentence"),
    [
        ("many", "t: column day must hold numbers, found 'many' in row 2"),
        ("1,234", "found '1,234' in row 2: write numbers without thousands separators"),
        ("1 234 567", "write numbers without thousands separators"),
        ("3,5", "found '3,5' in row 2: write decimals with a point"),
        ("", "found nothing in row 2"),
        ("NaN", "in row 2"),
        ("inf", "found 'inf' in row 2"),
        ("-4", "column day must be 0 or more, found -4 in row 2"),
        ("True", "found 'True' in row 2"),
        ("<5", "found '<5' in row 2"),
        ("x" * 500, "found '" + "x" * 40 + "' in row 2"),
    ],
)
def test_what_is_no_count_gets_one_sentence(value, sentence):
    table = pd.DataFrame({"day": ["3", value]})
    table.attrs["source"] = "t"
    assert sentence in refused(counts_of, table, "day")


def test_a_missing_column_is_answered_with_those_there_are():
    table = pd.DataFrame({"a": [1], "b": [1]})
    assert refused(counts_of, table, "day") == "table: column day is needed, found a, b"


def test_truth_is_no_count():
    assert "must hold numbers" in refused(counts_of, pd.DataFrame({"day": [True, False]}), "day")


@pytest.mark.parametrize(
    ("ids", "sentence"),
    [
        (["1", "2", "1"], "each id in column id must come once, found 1 again in row 3"),
        (["1", "", "3"], "must hold an id, found nothing in row 2"),
        (["1", None, "3"], "must hold an id, found nothing in row 2"),
        ([1.0, 2.5], "ids in column id must be text or whole numbers"),
    ],
)
def test_what_is_no_id_gets_one_sentence(ids, sentence):
    assert sentence in refused(ids_of, pd.DataFrame({"id": ids}), "id")


SHAPES = gpd.GeoDataFrame(
    {"code": ["007", "008"], "people": [3, 4]},
    geometry=[shapely.box(116, 39, 117, 40), shapely.box(117, 39, 118, 40)],
    crs=4326,
)


def save(folder, kind):
    if kind == ".zip":
        SHAPES.to_file(folder / "s.shp", engine="pyogrio")
        with zipfile.ZipFile(folder / "s.zip", "w") as archive:
            for part in folder.glob("s.???"):
                if part.suffix != ".zip":
                    archive.write(part, part.name)
        return folder / "s.zip"
    path = folder / f"s{kind}"
    if kind == ".parquet":
        SHAPES.to_parquet(path)
    else:
        SHAPES.to_file(path, engine="pyogrio")
    return path


@pytest.mark.parametrize("kind", [".geojson", ".gpkg", ".fgb", ".parquet", ".zip"])
def test_shapes_come_back_whole_with_their_ids(tmp_path, kind):
    table = read_shapes(save(tmp_path, kind)).sort_values("code")
    assert table["code"].tolist() == ["007", "008"]
    assert table.crs.to_epsg() == 4326
    assert shapely.area(table.geometry.to_numpy()).tolist() == pytest.approx([1, 1])


def test_a_file_in_a_projected_system_comes_in_degrees(tmp_path):
    SHAPES.to_crs(32650).to_file(tmp_path / "s.gpkg", engine="pyogrio")
    table = read_shapes(tmp_path / "s.gpkg")
    np.testing.assert_allclose(table.total_bounds, SHAPES.total_bounds, atol=1e-9)


def test_what_a_file_says_of_itself_can_be_overruled(tmp_path):
    table = read_shapes(save(tmp_path, ".geojson"), crs="GCJ-02")
    moved = table.total_bounds - SHAPES.total_bounds
    assert (np.abs(moved) > 1e-4).all()
    assert (np.abs(moved) < 0.02).all()
    assert "did you mean GCJ-02" in refused(read_shapes, save(tmp_path, ".geojson"), crs="GJC-02")


def test_shapes_without_a_system_must_be_told_theirs(tmp_path):
    path = save(tmp_path, ".zip")
    with zipfile.ZipFile(path, "w") as archive:
        for part in ("s.shp", "s.shx", "s.dbf"):
            archive.write(tmp_path / part, part)
    assert "the coordinate system must be known" in refused(read_shapes, path)
    assert len(read_shapes(path, crs="EPSG:4326")) == 2


def test_crossing_rings_are_mended(tmp_path):
    bow = shapely.Polygon([(0, 0), (1, 1), (1, 0), (0, 1)])
    gpd.GeoDataFrame(geometry=[bow], crs=4326).to_file(tmp_path / "b.geojson", engine="pyogrio")
    mended = read_shapes(tmp_path / "b.geojson").geometry.iloc[0]
    assert mended.is_valid
    assert mended.area == pytest.approx(0.5)


VRT = """<OGRVRTDataSource><OGRVRTLayer name="{name}">
<SrcDataSource>{path}</SrcDataSource></OGRVRTLayer></OGRVRTDataSource>"""


def test_a_vrt_dressed_as_geojson_is_refused(tmp_path):
    secret = write(tmp_path / "secret.csv", "word\nhidden\n")
    trap = write(tmp_path / "map.geojson", VRT.format(name="secret", path=secret))
    assert "a .geojson file must be GeoJSON, found something else" in refused(read_shapes, trap)


def test_gdal_itself_would_have_been_fooled_and_no_longer_is(tmp_path):
    """With the drivers skipped even an unguarded read opens nothing; without, it does."""
    secret = write(tmp_path / "secret.csv", "word\nhidden\n")
    trap = write(tmp_path / "map.geojson", VRT.format(name="secret", path=secret))
    script = "import pyogrio, sys; print(pyogrio.read_dataframe(sys.argv[1]))"
    plain = {
        key: value for key, value in os.environ.items() if key not in ("GDAL_SKIP", "OGR_SKIP")
    }

    def run(before):
        command = [sys.executable, "-c", before + script, str(trap)]
        return subprocess.run(command, capture_output=True, text=True, env=plain, check=False)

    assert "hidden" in run("").stdout
    guarded = run("import spatial.ingest; ")
    assert guarded.returncode != 0
    assert "hidden" not in guarded.stdout


def test_skipped_drivers_are_not_there_and_skipping_is_silent():
    script = "import spatial.ingest, pyogrio; print(' '.join(pyogrio.list_drivers()))"
    run = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert not set(SKIPPED) & set(run.stdout.split())
    assert "GeoJSON" in run.stdout.split()
    assert run.stderr == ""


@pytest.mark.parametrize(
    "content",
    [
        {"type": "gdal_streamed_alg", "command_line": "gdal vector pipeline read /etc/passwd"},
        {"type": "Topology", "objects": {}, "arcs": []},
        {"links": [{"rel": "data", "href": "http://127.0.0.1:9/collections"}]},
        {"type": "FeatureCollection"},
        {"a": 1},
    ],
)
def test_json_that_is_no_geojson_is_refused(tmp_path, content):
    trap = write(tmp_path / "map.geojson", json.dumps(content))
    sentence = refused(read_shapes, trap)
    assert sentence.startswith("map.geojson: ")


@pytest.mark.parametrize(
    ("name", "content", "sentence"),
    [
        ("a.gpkg", b"not a database", "a .gpkg file must be GeoPackage, found something else"),
        ("a.gpkg", b"SQLite format 3\0" + b"\0" * 200, "must be GeoPackage, found something else"),
        ("a.geojson", b'{"type": "FeatureCollection", "feat', "found it damaged or cut short"),
        ("a.fgb", b"fgb\x03fgb\x00" + b"\1" * 20, "found it damaged or cut short"),
        ("a.kml", b"<kml/>", "shapes must end in"),
        ("a.zip", b"PK\x03\x04junk", "a zip must be whole and open, found it damaged"),
        ("a.parquet", b"PAR1junk", "found it damaged or cut short"),
        ("a.geojson", b'{"type":"FeatureCollection","features":[]}', "must have shapes, found"),
    ],
)
def test_what_is_no_shape_file_gets_one_sentence(tmp_path, name, content, sentence):
    assert sentence in refused(read_shapes, write(tmp_path / name, content))


def test_a_truncated_geopackage_gets_one_sentence(tmp_path):
    path = save(tmp_path, ".gpkg")
    path.write_bytes(path.read_bytes()[:3000])
    assert "found it damaged or cut short" in refused(read_shapes, path)


def test_a_layer_that_is_not_there_is_named(tmp_path):
    assert "found no layer roads" in refused(read_shapes, save(tmp_path, ".gpkg"), layer="roads")


@pytest.mark.parametrize(
    ("entries", "sentence"),
    [
        ({"../s.shp": b"x"}, "found '../s.shp'"),
        ({"deep/s.shp": b"x"}, "found 'deep/s.shp'"),
        ({"s.shp": b"\0" * 5_000_000}, "packed beyond reason"),
        ({f"{n}.txt": b"" for n in range(101)}, "found 101 files"),
        ({"a.shp": b"x", "b.shp": b"x"}, "found 2"),
        ({"readme.txt": b"x"}, "found 0"),
        ({"s.shp": b"<OGRVRTDataSource/>"}, "a .shp file must be Shapefile"),
    ],
)
def test_a_zip_with_more_in_it_is_refused(tmp_path, entries, sentence):
    path = tmp_path / "s.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in entries.items():
            archive.writestr(name, content)
    assert sentence in refused(read_shapes, path)
    assert not (tmp_path.parent / "s.shp").exists()
