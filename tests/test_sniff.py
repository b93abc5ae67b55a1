"""What a file is: its ending and its first bytes must agree, and nothing reads another file."""

from __future__ import annotations

import gzip
import lzma
import os
import tomllib
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from spatial.ingest import InputError, read_shapes, read_table
from spatial.ingest.caps import UPLOAD_BYTES
from spatial.ingest.guard import read_safely, uploaded
from spatial.ingest.sniff import ENDINGS, check_name, sniff
from tests.hostile import VRT, workbook, zipped

ROOT = Path(__file__).resolve().parents[1]
TEXT = b"a,b\n1,2\n"


def write(path, content):
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def refused(call, *args, **kwargs):
    with pytest.raises(InputError) as error:
        call(*args, **kwargs)
    sentence = str(error.value)
    assert "\n" not in sentence
    assert "Error" not in sentence
    return sentence


@pytest.fixture(scope="module")
def honest(tmp_path_factory):
    """One file of each kind on the short list."""
    import rasterio
    from rasterio.transform import from_origin

    folder = tmp_path_factory.mktemp("honest")
    shapes = gpd.GeoDataFrame({"n": [1]}, geometry=[shapely.box(1, 1, 2, 2)], crs=4326)
    for name in ("s.geojson", "s.json", "s.gpkg", "s.fgb", "s.shp"):
        driver = {"driver": "GeoJSON"} if name == "s.json" else {}
        shapes.to_file(folder / name, engine="pyogrio", **driver)
    shapes.to_parquet(folder / "s.parquet")
    pd.DataFrame({"n": [1]}).to_parquet(folder / "t.parquet")
    for name in ("t.csv", "t.tsv", "t.txt"):
        write(folder / name, TEXT)
    write(folder / "t.csv.gz", gzip.compress(TEXT, mtime=0))
    write(folder / "t.csv.xz", lzma.compress(TEXT))
    write(folder / "t.xlsx", workbook('<row r="1"><c r="A1"><v>1</v></c></row>'))
    for ending in ("tif", "tiff"):
        with rasterio.open(
            folder / f"r.{ending}",
            "w",
            driver="GTiff",
            width=1,
            height=1,
            count=1,
            dtype="uint8",
            crs="EPSG:4326",
            transform=from_origin(1, 1, 1, 1),
        ) as data:
            data.write(np.ones((1, 1, 1), "uint8"))
    write(folder / "t.zip", zipped({"t.csv": TEXT}))
    write(folder / "g.zip", zipped({"s.geojson": (folder / "s.geojson").read_bytes()}))
    parts = {f"s.{end}": (folder / f"s.{end}").read_bytes() for end in ("shp", "shx", "dbf", "prj")}
    write(folder / "s.zip", zipped(parts))
    return folder


@pytest.mark.parametrize(
    ("name", "kind", "holds"),
    [
        ("t.csv", "text", "table"),
        ("t.tsv", "text", "table"),
        ("t.txt", "text", "table"),
        ("t.csv.gz", "text", "table"),
        ("t.csv.xz", "text", "table"),
        ("t.xlsx", "Excel", "table"),
        ("t.parquet", "Parquet", "table"),
        ("s.parquet", "Parquet", "shapes"),
        ("s.geojson", "GeoJSON", "shapes"),
        ("s.json", "GeoJSON", "shapes"),
        ("s.gpkg", "GeoPackage", "shapes"),
        ("s.fgb", "FlatGeobuf", "shapes"),
        ("s.shp", "Shapefile", "shapes"),
        ("s.zip", "Shapefile", "shapes"),
        ("g.zip", "GeoJSON", "shapes"),
        ("t.zip", "text", "table"),
        ("r.tif", "GeoTIFF", "raster"),
        ("r.tiff", "GeoTIFF", "raster"),
    ],
)
def test_what_is_honest_is_known_and_read(honest, name, kind, holds):
    found = sniff(honest / name)
    assert (found.name, found.holds) == (kind, holds)
    if holds == "table" and kind != "Excel":
        assert len(read_table(honest / name)) == 1
    elif holds == "shapes":
        assert len(read_shapes(honest / name)) == 1


def test_no_kind_passes_for_another(honest, tmp_path):
    """Every honest file under every other ending: refused, unless both are text or one format."""
    same = {".csv", ".tsv", ".txt"}, {".geojson", ".json"}, {".tif", ".tiff"}
    for file in ("t.csv", "t.xlsx", "t.parquet", "s.geojson", "s.gpkg", "s.fgb", "s.shp", "r.tif"):
        for ending in ENDINGS:
            own = Path(file).suffix
            if own == ending or any({own, ending} <= group for group in same):
                continue
            if own == ".geojson" and ending in (".csv", ".tsv", ".txt"):
                continue  # text it is; as a table it has no columns anybody asks for
            trap = write(tmp_path / f"x{ending}", (honest / file).read_bytes())
            assert "must be" in refused(sniff, trap), (file, ending)


@pytest.mark.parametrize("name", ["map.geojson", "map.json", "map.gpkg", "map.fgb", "map.shp"])
def test_a_vrt_is_refused_under_every_name(tmp_path, name):
    secret = write(tmp_path / "secret.csv", "word\nhidden\n")
    trap = write(tmp_path / name, VRT.format(name="secret", path=secret))
    sentence = refused(read_shapes, trap)
    assert "a VRT, which points at other files" in sentence
    assert "hidden" not in sentence


@pytest.mark.parametrize("name", ["map.geojson", "map.vrt", "map.csv", "map.shp"])
def test_a_vrt_in_a_zip_is_refused(tmp_path, name):
    secret = write(tmp_path / "secret.csv", "word\nhidden\n")
    trap = write(tmp_path / "m.zip", zipped({name: VRT.format(name="secret", path=secret)}))
    assert "hidden" not in refused(read_shapes, trap)
    assert "hidden" not in refused(read_table, trap)


def test_a_vrt_as_bytes_is_refused(tmp_path):
    secret = write(tmp_path / "secret.csv", "word\nhidden\n")
    content = VRT.format(name="secret", path=secret).encode()
    for name, function in (("map.geojson", "read_shapes"), ("map.csv", "read_table")):
        with uploaded(name, content) as path:
            assert "hidden" not in refused(read_safely, function, path)


@pytest.mark.parametrize(
    "disguise", ["\ufeff{}", "  \n\n{}", "<?xml version='1.0'?>{}", "<!-- {{ -->{}", "{{}}{}"]
)
def test_a_disguised_vrt_gives_nobody_elses_rows(tmp_path, disguise):
    """What begins like JSON reaches GDAL's GeoJSON reader only, which knows no VRT."""
    secret = write(tmp_path / "secret.csv", "word\nhidden\n")
    content = disguise.format(VRT.format(name="secret", path=secret))
    trap = write(tmp_path / "map.geojson", content)
    assert "hidden" not in refused(read_shapes, trap)


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("../a.csv", "one plain name"),
        ("..", "one plain name"),
        ("a..csv", "one plain name"),
        ("/etc/passwd", "one plain name"),
        ("a\\b.csv", "one plain name"),
        ("C:a.csv", "one plain name"),
        ("a\0.csv", "one plain name"),
        ("a\n.csv", "one plain name"),
        ("a\u202ecsv.exe", "one plain name"),
        (".hidden.csv", "one plain name"),
        ("-rf.csv", "one plain name"),
        ("nul.csv", "one plain name"),
        ("", "one plain name"),
        ("x" * 300 + ".csv", "one plain name"),
    ],
)
def test_a_name_that_leads_elsewhere_is_refused(name, sentence):
    found = refused(check_name, name, 10)
    assert sentence in found
    assert found.isprintable()


def test_a_plain_name_in_chinese_is_taken_and_the_file_is_gone_afterwards():
    with uploaded("北京 人口(2020).csv", TEXT) as path:
        assert read_table(path)["a"].tolist() == ["1"]
    assert not path.exists()


def test_the_cap_is_the_one_the_page_says():
    settings = tomllib.loads((ROOT / ".streamlit" / "config.toml").read_text())
    assert settings["server"]["maxUploadSize"] << 20 == UPLOAD_BYTES
    assert "must be at most 200 MB, found 201" in refused(check_name, "a.csv", 201 << 20)


def test_a_path_with_a_zero_byte_and_a_pipe_are_refused(tmp_path):
    assert "zero byte" in refused(read_table, str(tmp_path / "a\0.csv"))
    if hasattr(os, "mkfifo"):
        os.mkfifo(tmp_path / "p.csv")
        assert "a device or pipe" in refused(read_table, tmp_path / "p.csv")


@pytest.mark.parametrize(
    ("name", "content", "sentence"),
    [
        ("a.csv", b"PARE....", "found an encrypted Parquet file"),
        ("a.parquet", b"PAR1" + b"\0" * 20 + b"PARE", "must be open, found it encrypted"),
        ("a.parquet", b"PAR1", "must be whole, found it damaged or cut short"),
        ("a.parquet", b"PAR1\0", "must be whole, found it damaged or cut short"),
        ("a.xlsx", b"\xd0\xcf\x11\xe0" * 9, "found something else: an old or locked Excel file"),
        ("a.csv", b"<!DOCTYPE html><html>", "found XML or a web page"),
        ("a.geojson", b"<!DOCTYPE html><html>", "found something else: XML or a web page"),
        (
            "a.csv.gz",
            gzip.compress(b"PK\x03\x04", mtime=0),
            "must be text, found a zip or Excel file",
        ),
        ("a.geojson.gz", gzip.compress(b"{}", mtime=0), "must hold .csv, .tsv or .txt and end so"),
        ("a.tar.gz", gzip.compress(b"x", mtime=0), "found .gz"),
        ("a.7z", b"7z\xbc\xaf", "found .7z"),
        ("a.zip", b"Rar!", "a .zip file must be a zip"),
        ("a", b"a,b", "found no ending"),
    ],
)
def test_what_is_not_on_the_short_list_gets_one_sentence(tmp_path, name, content, sentence):
    assert sentence in refused(sniff, write(tmp_path / name, content))
