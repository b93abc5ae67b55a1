"""What is drawn: packed payloads, colours and legends from one table, empty layers never None."""

from __future__ import annotations

import json
import re
from pathlib import Path

import folium
import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from layers import palette
from layers.campuses import campus_layer
from layers.cells import Frame, Geometry, Scale, cell_layer, packed_chance
from layers.districts import district_layer
from layers.ground import ground_layer
from layers.legend import ramp
from layers.metro import rail_layer, walk_layer
from layers.packed import compact, pack
from layers.rent import rent_layer
from spatial import cells as h3cells
from spatial.lattice import lattice
from spatial.schema import LAYERS

ROOT = Path(__file__).resolve().parents[1]
TYPES = {"u8": "<u1", "u16": "<u2", "u32": "<u4", "i16": "<i2", "i32": "<i4", "f32": "<f4"}
TYPES |= {"f64": "<f8"}


def unpacked(payload):
    """The payload read back by the letter of its description."""
    assert payload[:4] == b"GMP1"
    size = int.from_bytes(payload[4:8], "little")
    body = payload[8 + size + -size % 8 :]

    def restore(value):
        if isinstance(value, dict) and list(value) == ["$"]:
            kind, offset, length = value["$"]
            assert offset % 8 == 0
            return np.frombuffer(body, TYPES[kind], count=length, offset=offset)
        if isinstance(value, dict):
            return {key: restore(one) for key, one in value.items()}
        return [restore(one) for one in value] if isinstance(value, list) else value

    return restore(json.loads(payload[8 : 8 + size]))


@given(
    st.lists(
        hnp.arrays(
            st.sampled_from([np.uint8, np.uint16, np.int16, np.float32, np.float64]),
            st.integers(0, 40),
            elements={"allow_nan": False},
        ),
        max_size=5,
    )
)
def test_what_is_packed_comes_back(arrays):
    found = unpacked(pack({"arrays": arrays, "text": "望京 <b>", "number": 1.5}))
    assert found["text"] == "望京 <b>"
    for given_one, found_one in zip(arrays, found["arrays"], strict=True):
        np.testing.assert_array_equal(given_one, found_one)


@given(hnp.arrays(np.float64, st.integers(0, 50), elements=st.floats(0, 1e6, width=32)))
def test_compact_numbers_stay_what_they_are(values):
    np.testing.assert_allclose(compact(values), values, rtol=1e-6)


@given(st.floats(1e-12, 1.0))
def test_a_chance_keeps_its_size_in_a_byte(q):
    packed = packed_chance(np.array([q]))
    assert 10 ** (-float(packed[0]) / 20) == pytest.approx(q, rel=0.07)


def frames_of(count):
    table = pd.DataFrame(
        {
            "value": np.arange(count, dtype=float),
            "graduates": np.arange(count, dtype=float),
            "z": np.linspace(-3, 9, count),
            "q": np.linspace(1, 1e-9, count),
            "hotspot": ["hot" if at % 2 else "none" for at in range(count)],
            "place": np.zeros(count, dtype=int),
        }
    )
    return [Frame("2025", table, total=float(table["graduates"].sum()))]


def cell_data(k=60):
    cells = h3cells.grid_disk(h3cells.points_to_cells([39.9], [116.4], resolution=9), k=k)
    found = lattice(cells)
    geometry = Geometry(found.ij, found.patch, found.matrices, "one")
    scale = Scale([1, 10, 100, 1000], "Graduates")
    return len(cells), cell_layer(frames_of(len(cells)), geometry, scale, role="work")


def test_a_cell_takes_at_most_twelve_bytes():
    count, layer = cell_data()
    assert count > 10_000
    assert len(pack(layer.data)) <= 12 * count


def test_cells_keep_their_place_on_the_ground():
    """The browser's own arithmetic, written out: corner = M (i, j, 1), then to degrees."""
    cells = h3cells.grid_disk(h3cells.points_to_cells([39.9], [116.4], resolution=9), k=5)
    found = lattice(cells)
    geometry = Geometry(found.ij, found.patch, found.matrices, "one")
    layer = cell_layer(frames_of(len(cells)), geometry, Scale([1], "x"), role="work")
    data = unpacked(pack(layer.data))["geometry"]
    matrix = data["matrices"].reshape(3, 3)
    for at, cell in enumerate(cells[:20]):
        i, j = data["ij"].reshape(-1, 2)[at].astype(float)
        x, y, z = matrix @ np.array([i, j, 1.0])
        lat, lon = h3cells.latlng(cell)
        assert np.degrees(np.arctan2(z, np.hypot(x, y))) == pytest.approx(lat, abs=1e-9)
        assert np.degrees(np.arctan2(y, x)) == pytest.approx(lon, abs=1e-9)


def empty(name):
    return gpd.GeoDataFrame({column: [] for column in LAYERS[name]}, geometry=[], crs=4326)


def test_an_empty_table_gives_an_empty_layer():
    assert ground_layer(empty("ground")).data["shapes"] == []
    assert district_layer(empty("districts"), names=[]).data["items"] == []
    rail = rail_layer(empty("stations"), empty("rail_links"), names=[], notes=[])
    assert rail.data["stations"] == rail.data["links"] == []
    assert walk_layer(empty("stations"), metres=800).data["points"] == []
    assert campus_layer(empty("campuses"), names=[], notes=[]).data["items"] == []
    rents = rent_layer(empty("rents"), edges=[3000], unit="", kinds={})
    assert len(rents.data["lat"]) == 0


def test_a_listing_at_an_edge_belongs_to_the_band_above():
    rents = gpd.GeoDataFrame(
        {
            "id": ["a", "b", "c"],
            "rent": [2999.0, 3000.0, 9000.0],
            "area_m2": [10, 10, 10],
            "kind": ["room", "room", "flat"],
            "year": [2025] * 3,
        },
        geometry=shapely.points([116.4] * 3, [39.9] * 3),
        crs=4326,
    )
    layer = rent_layer(rents, edges=[3000, 4500], unit="", kinds={"flat": "Flat", "room": "Room"})
    assert layer.data["band"].tolist() == [0, 1, 2]
    assert layer.data["kind"].tolist() == [1, 1, 0]


@pytest.mark.parametrize("role", ["work", "residence"])
@pytest.mark.parametrize("classes", range(1, 9))
def test_colours_run_from_light_to_dark(role, classes):
    colours = palette.ramp_colours(role, classes)
    assert len(set(colours)) == classes
    light = [int(one[1:3], 16) + int(one[3:5], 16) + int(one[5:], 16) for one in colours]
    assert light == sorted(light, reverse=True)


def test_the_legend_has_a_row_for_every_class_and_the_ground():
    colours = palette.ramp_colours("work", 5)
    legend = ramp("Graduates", colours, ["1", "2", "5", "10", "20"])
    assert [one["colour"] for one in legend["classes"]] == [palette.PAGE["ground"], *colours]


def test_no_colour_is_written_outside_the_palette():
    files = [*ROOT.glob("layers/**/*.py"), *ROOT.glob("views/**/*.py"), *ROOT.glob("layers/js/*")]
    hexes = re.compile(r"#(?:[0-9a-fA-F]{6}|[0-9a-fA-F]{3})\b")
    found = {
        file.name: hexes.findall(file.read_text(encoding="utf-8"))
        for file in files
        if file.name != "palette.py"
    }
    assert {name: colours for name, colours in found.items() if colours} == {}


def test_the_theme_has_the_palette_s_colours():
    theme = (ROOT / ".streamlit" / "config.toml").read_text(encoding="utf-8")
    known = {one.lower() for one in palette.PAGE.values()}
    assert {one.lower() for one in re.findall(r"#[0-9a-fA-F]{6}", theme)} <= known


def test_a_layer_renders_in_a_folium_map_without_a_network():
    from layers.basemap import basemap

    board = basemap(bounds=[[39.7, 116.1], [40.1, 116.7]])
    cell_data(k=3)[1].add_to(board)
    page = board.get_root().render()
    assert "gradmap.fromBase64" in page
    elements = re.sub(r"<script>.*?</script>", "", page, flags=re.DOTALL)
    assert re.findall(r"(?:src|href)\s*=", elements) == []
    assert isinstance(board, folium.Map)
