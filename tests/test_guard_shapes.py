"""Hostile GeoJSON and databases: one sentence or the shapes, never a crash, never a stray row."""

from __future__ import annotations

import sqlite3

import geopandas as gpd
import numpy as np
import pytest
import shapely

from spatial.ingest import InputError, read_shapes
from spatial.ingest.guard import read_safely
from tests.hostile import feature, nested

OUTSIDE = [
    ("[116,NaN]", "it damaged"),
    ("[116,-NaN]", "it damaged"),
    ("[116,Infinity]", "lat must lie in -90..90, found inf"),
    ("[116,1e400]", "it damaged"),
    ("[500,40]", "lon must lie in -180..180, found 500"),
    ("[40,116]", "lat and lon look swapped"),
    ("[1e308,1e308]", "lat must lie in -90..90, found 1e+308"),
    ("[116]", "must have shapes, found none"),
    ("[]", "must have shapes, found none"),
    ('["116","40"]', "must have shapes, found none"),
    ("null", "must have shapes, found none"),
    ("{}", "must have shapes, found none"),
]


def write(path, content):
    path.write_text(content, encoding="utf-8")
    return path


def refused(call, *args, **kwargs):
    with pytest.raises(InputError) as error:
        call(*args, **kwargs)
    assert "\n" not in str(error.value)
    return str(error.value)


@pytest.mark.parametrize(("coordinates", "sentence"), OUTSIDE)
def test_places_off_the_earth_get_one_sentence(tmp_path, coordinates, sentence):
    found = refused(read_shapes, write(tmp_path / "a.geojson", feature(coordinates)))
    assert found.startswith("a.geojson: ")
    assert sentence in found or "must be a number" in found


@pytest.mark.parametrize("depth", [1_000, 10_000, 100_000])
def test_shapes_within_shapes_without_end_are_refused(tmp_path, depth):
    assert refused(read_shapes, write(tmp_path / "a.geojson", nested(depth)))


def test_properties_and_brackets_without_end_are_refused(tmp_path):
    deep = "[" * 10_000 + "]" * 10_000
    path = write(tmp_path / "a.geojson", feature("[116,40]", properties=f'{{"a":{deep}}}'))
    assert refused(read_shapes, path)
    assert refused(read_shapes, write(tmp_path / "b.geojson", feature(deep, kind="Polygon")))
    assert refused(read_shapes, write(tmp_path / "c.geojson", "{" + "[" * 1_000_000))


def test_a_million_points_in_a_ring_are_fine(tmp_path):
    around = np.append(np.arange(1_000_000) * (2 * np.pi / 1_000_000), 0)
    places = np.column_stack([116 + np.cos(around), 40 + np.sin(around)]).round(7)
    ring = str(places.tolist())[1:-1]
    path = write(tmp_path / "a.geojson", feature(f"[[{ring}]]", kind="Polygon"))
    shape = read_shapes(path).geometry.iloc[0]
    assert shapely.get_num_coordinates(shape) > 900_000
    assert shape.area == pytest.approx(np.pi, rel=1e-6)


def test_features_without_a_shape_stay_as_rows_without_one(tmp_path):
    two = (
        '{"type":"FeatureCollection","features":['
        '{"type":"Feature","properties":{"n":1},"geometry":null},'
        '{"type":"Feature","properties":{"n":2},"geometry":{"type":"Point","coordinates":[1,2]}}]}'
    )
    table = read_shapes(write(tmp_path / "a.geojson", two))
    assert table["n"].tolist() == [1, 2]
    assert table.geometry.isna().tolist() == [True, False]
    assert table.attrs["source"] == "a.geojson"


def test_property_values_are_text_and_nothing_else(tmp_path):
    evil = "<script>alert(1)</script>${alert(1)}"
    path = write(tmp_path / "a.geojson", feature("[1,2]", properties=f'{{"name":"{evil}"}}'))
    assert read_shapes(path)["name"].tolist() == [evil]


@pytest.fixture
def database(tmp_path):
    path = tmp_path / "a.gpkg"
    shapes = gpd.GeoDataFrame({"n": [1]}, geometry=[shapely.Point(1, 2)], crs=4326)
    shapes.to_file(path, layer="a", engine="pyogrio")
    return path


def test_a_view_over_what_is_not_its_own_gives_nothing(database, tmp_path):
    """A database whose layer is a view that would call functions or other files."""
    secret = tmp_path / "secret.csv"
    secret.write_text("word\nhidden\n")
    with sqlite3.connect(database) as base:
        base.executescript(
            f"ALTER TABLE a RENAME TO b; CREATE VIEW a AS SELECT fid, geom,"
            f" readfile('{secret}') AS n FROM b;"
        )
    assert "hidden" not in refused(read_safely, "read_shapes", database)


def test_a_damaged_database_is_one_sentence(database):
    content = bytearray(database.read_bytes())
    content[4096:8192] = b"\xff" * 4096
    database.write_bytes(bytes(content))
    assert refused(read_shapes, database)
