"""Tiles are what the specifications of PMTiles and Mapbox Vector Tiles ask, to other readers."""

from __future__ import annotations

import gzip
import io

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from pmtiles.reader import MemorySource, Reader, all_tiles
from pmtiles.tile import deserialize_directory, tileid_to_zxy, write_varint, zxy_to_tileid

from spatial import cells as h3cells
from spatial.formats.mvt import varint, varints, zigzag
from spatial.formats.pmtiles import pack, tile_id, write_pmtiles
from spatial.formats.tiles import Tile, resolution_at, zooms_of

TOLD = {
    "study": "little",
    "synthetic": True,
    "modelled": [],
    "breaks": [],
    "method": "Counted.",
    "command": "gradmap",
    "citation": "Nobody",
}
BEIJING = (39.9, 116.4)


def disk(lat, lon, *, k=20, resolution=9):
    middle = h3cells.points_to_cells([lat], [lon], resolution=resolution)
    cells = h3cells.grid_disk(middle, k=k)
    rng = np.random.default_rng(1)
    columns = {
        "cell": pd.Series(h3cells.to_text(cells), dtype="str"),
        "graduates": rng.poisson(9, len(cells)).astype(float),
        "area_km2": h3cells.area_km2(cells),
        "z": rng.normal(size=len(cells)),
        "hotspot": pd.Series(rng.choice(["hot", "none", "cold"], len(cells)), dtype="str"),
        "recoded": rng.random(len(cells)) < 0.5,
        "name": pd.Series(rng.choice(["望京", "a"], len(cells)), dtype="str"),
    }
    return gpd.GeoDataFrame(columns, geometry=h3cells.outlines(cells), crs=4326)


@pytest.fixture(scope="module")
def city():
    return disk(*BEIJING)


@pytest.fixture(scope="module")
def archive(city, tmp_path_factory):
    path = tmp_path_factory.mktemp("tiles") / "city.pmtiles"
    write_pmtiles(city, path, TOLD, "cells")
    return path


def opened(path):
    return Reader(MemorySource(path.read_bytes()))


@given(st.lists(st.integers(0, 2**63 - 1), max_size=50))
def test_varints_are_those_of_the_pmtiles_package(numbers):
    stream = io.BytesIO()
    for one in numbers:
        write_varint(stream, one)
    content, lengths = varints(np.array(numbers, dtype=np.int64))
    assert content.tobytes() == stream.getvalue()
    assert b"".join(map(varint, numbers)) == stream.getvalue()
    assert lengths.sum() == len(content)


@given(st.integers(-(2**62), 2**62 - 1))
def test_zigzag_is_even_for_what_is_not_negative(number):
    (found,) = zigzag(np.array([number], dtype=np.int64))
    assert found == (2 * number if number >= 0 else -2 * number - 1)


@given(st.integers(0, 20), st.data())
def test_tiles_are_numbered_as_the_pmtiles_package_does(zoom, data):
    x, y = (data.draw(st.integers(0, (1 << zoom) - 1)) for _ in range(2))
    assert tile_id(zoom, x, y) == zxy_to_tileid(zoom, x, y)
    assert tileid_to_zxy(tile_id(zoom, x, y)) == (zoom, x, y)


@pytest.mark.parametrize("count", [0, 1, 100, 30_000])
def test_every_tile_is_found_through_the_directories(count):
    rng = np.random.default_rng(2)
    places = rng.choice(4**10, count, replace=False)
    tiles = [Tile(10, int(one) % 1024, int(one) // 1024, b"%d" % one) for one in places]
    content = pack(tiles, bounds=(-1, -2, 3, 4), metadata={"a": "望"})
    reader = Reader(MemorySource(content))
    head = reader.header()
    assert head["root_offset"] + head["root_length"] <= 16_384
    assert (head["leaf_directory_length"] > 0) == (count == 30_000)
    assert head["addressed_tiles_count"] == head["tile_entries_count"] == count
    assert (head["min_lon_e7"], head["max_lat_e7"]) == (-10_000_000, 40_000_000)
    assert head["clustered"]
    assert reader.metadata() == {"a": "望"}
    for one in tiles[:200]:
        assert gzip.decompress(reader.get(one.zoom, one.x, one.y)) == one.content
    assert reader.get(11, 0, 0) is None
    if count < 30_000:
        root = content[head["root_offset"] : head["root_offset"] + head["root_length"]]
        assert len(deserialize_directory(root)) == count


def test_the_archive_says_what_it_holds(archive, city):
    reader = opened(archive)
    head, told = reader.header(), reader.metadata()
    assert (head["min_zoom"], head["max_zoom"]) == (0, zooms_of(9, BEIJING[0]))
    bounds = [head[f"{one}_e7"] / 1e7 for one in ("min_lon", "min_lat", "max_lon", "max_lat")]
    np.testing.assert_allclose(bounds, city.total_bounds, atol=1e-6)
    (layer,) = told["vector_layers"]
    assert (layer["id"], layer["maxzoom"]) == ("cells", head["max_zoom"])
    kinds = layer["fields"]
    assert (kinds["graduates"], kinds["recoded"], kinds["name"]) == ("Number", "Boolean", "String")
    assert told["gradmap"] == TOLD
    assert told["description"].startswith("Synthetic data.")
    assert told["attribution"] == "Synthetic data. Nobody"
    numbers = [tile_id(*one) for one, _ in all_tiles(MemorySource(archive.read_bytes()))]
    assert numbers == sorted(set(numbers))


def test_what_a_stranger_wrote_stays_text_where_viewers_draw_it_as_html(tmp_path, city):
    path = tmp_path / "a.pmtiles"
    said = {"citation": "<img src=x onerror=alert(1)> & 北京", "synthetic": False}
    write_pmtiles(city.head(1), path, {**TOLD, **said, "modelled": ["minutes"]}, "cells")
    found = opened(path).metadata()["attribution"]
    assert found == (
        "Modelled, not measured: minutes. &lt;img src=x onerror=alert(1)&gt; &amp; 北京"
    )


@given(
    west=st.floats(-180, 179),
    south=st.floats(-85, 84),
    wide=st.floats(0, 1),
    tall=st.floats(0, 1),
)
def test_viewers_begin_where_two_tiles_show_everything(west, south, wide, tall):
    bounds = (west, south, west + wide * (180 - west), south + tall * (85 - south))
    tiles = [Tile(zoom, 0, 0, b"a") for zoom in (2, 12)]
    head = Reader(MemorySource(pack(tiles, bounds=bounds, metadata={}))).header()
    ends = gpd.GeoSeries(shapely.points([bounds[:2], bounds[2:]]), crs=4326).to_crs(3857)
    across = max(ends.x.diff().iloc[1], ends.y.diff().iloc[1]) / (2 * np.pi * 6_378_137)
    assert head["center_zoom"] == 2 or across * 2 ** head["center_zoom"] <= 2 * (1 + 1e-9)
    assert head["center_zoom"] == 12 or across * 2 ** (head["center_zoom"] + 1) > 2 * (1 - 1e-9)


def test_every_zoom_holds_everybody(archive, city):
    for zoom in range(zooms_of(9, BEIJING[0]) + 1):
        found = pyogrio.read_dataframe(archive, ZOOM_LEVEL=zoom)
        each = found.drop_duplicates("cell")
        cells = h3cells.from_text(each["cell"])
        resolution = resolution_at(zoom, own=9, lat=BEIJING[0])
        assert h3cells.resolution_of(cells) == resolution
        assert each["graduates"].sum() == city["graduates"].sum()
        assert each["area_km2"].sum() == pytest.approx(city["area_km2"].sum(), rel=1e-12)
        assert found.geometry.is_valid.all()
        if resolution < 9:
            own = h3cells.parents(h3cells.from_text(city["cell"]), resolution=resolution)
            assert set(cells.tolist()) == set(own.tolist())
            assert each["cells"].sum() == len(city)
            assert each["hotspot_hot"].sum() == (city["hotspot"] == "hot").sum()
            assert each["z"].isna().all()


def test_values_of_cells_are_those_of_the_table(archive, city):
    found = pyogrio.read_dataframe(archive).drop_duplicates("cell").set_index("cell")
    expected = city.set_index("cell").loc[found.index]
    for name in ("graduates", "area_km2", "z", "hotspot", "name"):
        assert found[name].tolist() == expected[name].tolist()
    assert found["recoded"].astype(bool).tolist() == expected["recoded"].tolist()


def test_outlines_of_cells_are_within_a_unit(archive, city):
    found = pyogrio.read_dataframe(archive, CLIP="NO").drop_duplicates("cell").set_index("cell")
    expected = city.set_index("cell").to_crs(3857).geometry.loc[found.index]
    unit = 2 * np.pi * 6_378_137 / 2 ** zooms_of(9, BEIJING[0]) / 8192
    apart = shapely.hausdorff_distance(found.geometry.to_numpy(), expected.to_numpy())
    assert apart.max() <= unit


def test_a_missing_value_is_left_out(tmp_path, city):
    path = tmp_path / "a.pmtiles"
    holed = city.assign(z=np.where(np.arange(len(city)) % 2, np.nan, 0.5), name=None)
    write_pmtiles(holed.assign(graduates=np.inf), path, TOLD, "cells")
    found = pyogrio.read_dataframe(path).drop_duplicates("cell")
    assert found["z"].notna().sum() == (len(city) + 1) // 2
    assert "name" not in found or found["name"].isna().all()
    assert "graduates" not in found or found["graduates"].isna().all()


@pytest.mark.parametrize(
    ("lat", "lon"), [(51.4, 179.99), (-17.0, -179.99), (70.0, 20.0), (0.0, 0.0), (-54.8, -68.3)]
)
def test_cells_anywhere_are_all_there(tmp_path, lat, lon):
    table = disk(lat, lon, k=6, resolution=6)
    path = tmp_path / "a.pmtiles"
    write_pmtiles(table, path, TOLD, "cells")
    for zoom in range(opened(path).header()["max_zoom"] + 1):
        found = pyogrio.read_dataframe(path, ZOOM_LEVEL=zoom)
        assert found.drop_duplicates("cell")["graduates"].sum() == table["graduates"].sum()
        across = 2 * np.pi * 6_378_137
        assert (found.geometry.area < (across / 4) ** 2).all()


def test_a_pentagon_keeps_its_five_corners(tmp_path):
    (pentagon,) = h3cells.from_text(["89080000003ffff"])
    cells = h3cells.grid_disk([pentagon], k=2)
    table = gpd.GeoDataFrame(
        {"cell": pd.Series(h3cells.to_text(cells), dtype="str"), "graduates": 1.0},
        geometry=h3cells.outlines(cells),
        crs=4326,
    )
    path = tmp_path / "a.pmtiles"
    write_pmtiles(table, path, TOLD, "cells")
    found = pyogrio.read_dataframe(path, CLIP="NO").drop_duplicates("cell").set_index("cell")
    assert len(found) == len(cells)
    corners = shapely.get_num_coordinates(found.geometry.to_numpy()) - 1
    own = shapely.get_num_coordinates(table.set_index("cell").geometry.loc[found.index].to_numpy())
    assert corners.tolist() == (own - 1).tolist()


@given(st.integers(0, 15), st.floats(-85, 85))
def test_the_last_zoom_is_the_first_that_shows_the_own_resolution(resolution, lat):
    last = zooms_of(resolution, lat)
    assert resolution_at(last, own=resolution, lat=lat) == resolution
    if last:
        assert resolution_at(last - 1, own=resolution, lat=lat) < max(resolution, 1)
    shown = [resolution_at(zoom, own=15, lat=lat) for zoom in range(25)]
    assert shown == sorted(shown)


def test_outlines_with_holes_and_lines_keep_their_size(tmp_path):
    lat, lon = BEIJING
    hole = shapely.box(lon - 0.01, lat - 0.01, lon + 0.01, lat + 0.01)
    ring = shapely.box(lon - 0.05, lat - 0.05, lon + 0.05, lat + 0.05).difference(hole)
    apart = shapely.MultiPolygon([ring, shapely.box(lon + 0.1, lat, lon + 0.12, lat + 0.02)])
    shapes = gpd.GeoDataFrame({"id": ["a", "b"]}, geometry=[apart, hole], crs=4326)
    path = tmp_path / "a.pmtiles"
    write_pmtiles(shapes, path, TOLD, "places")
    found = pyogrio.read_dataframe(path)
    assert found.geometry.is_valid.all()
    whole = found.dissolve("id").geometry
    expected = shapes.set_index("id").to_crs(3857).geometry
    np.testing.assert_allclose(whole.area, expected.area.loc[whole.index], rtol=2e-3)
    at = gpd.GeoSeries([shapely.Point(lon, lat)], crs=4326).to_crs(3857).iloc[0]
    assert not whole.loc["a"].contains(at)
    line = shapely.LineString([(lon - 0.2, lat), (lon + 0.2, lat + 0.1)])
    write_pmtiles(gpd.GeoDataFrame({"n": [1]}, geometry=[line], crs=4326), path, TOLD, "lines")
    found = pyogrio.read_dataframe(path)
    expected = gpd.GeoSeries([line], crs=4326).to_crs(3857).iloc[0]
    drawn = shapely.union_all(found.geometry.to_numpy())
    assert shapely.hausdorff_distance(drawn, expected) < 20
    assert opened(path).get(3, *_tile_of(lat, lon, 3)) is not None


@pytest.mark.parametrize("seed", range(3))
def test_ragged_outlines_are_sound_at_every_zoom_and_whole_once_cut(tmp_path, seed):
    rng = np.random.default_rng(seed)
    lat, lon = BEIJING
    turn = np.sort(rng.uniform(0, 2 * np.pi, 3000))
    far = 0.1 + 0.02 * rng.random(3000)
    ring = np.column_stack([lon + far * np.cos(turn), lat + far * np.sin(turn)])
    coast = gpd.GeoDataFrame({"id": ["a"]}, geometry=[shapely.Polygon(ring)], crs=4326)
    path = tmp_path / "a.pmtiles"
    write_pmtiles(coast, path, TOLD, "places")
    for zoom in range(opened(path).header()["max_zoom"] + 1):
        assert pyogrio.read_dataframe(path, CLIP="NO", ZOOM_LEVEL=zoom).geometry.is_valid.all()
    drawn = shapely.union_all(pyogrio.read_dataframe(path).geometry.to_numpy())
    own = coast.to_crs(3857).geometry.iloc[0]
    unit = 2 * np.pi * 6_378_137 / 2**12 / 8192
    assert shapely.symmetric_difference(drawn, own).area < own.length * unit


def _tile_of(lat, lon, zoom):
    north = 0.5 - np.log(np.tan(np.pi / 4 + np.radians(lat) / 2)) / (2 * np.pi)
    return int((lon / 360 + 0.5) * 2**zoom), int(north * 2**zoom)
