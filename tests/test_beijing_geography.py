"""The drawn geography of the Beijing sample: consistent in itself, and true to the real city."""

from __future__ import annotations

from itertools import pairwise

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from spatial.schema import LAYERS, check_layer
from spatial.sources.beijing import geography

METRES = "EPSG:32650"  # UTM zone 50: lengths and areas true to 1 part in 1000 over Beijing


@pytest.fixture(scope="module")
def table():
    return geography.districts()


@pytest.fixture(scope="module")
def drawn(table):
    """The sixteen districts with an outline, by id, in metres."""
    return table[table.geometry.notna()].set_index("id").to_crs(METRES)


@pytest.fixture(scope="module")
def ground():
    return geography.ground().set_index("id")


@pytest.fixture(scope="module")
def real_districts(real_data):
    real = gpd.read_file(real_data / "beijing" / "districts_wgs84_m3.geojson").set_index("id")
    real.geometry = real.make_valid()
    return real.to_crs(METRES).geometry


# Districts


def test_there_are_sixteen_districts_and_a_row_for_the_rest(table, drawn):
    assert len(drawn) == 16
    assert table["id"].iloc[-1] == "unallocated"
    assert len(table) == 17
    assert table["name_en"].is_unique
    check_layer(table, name="districts")


def test_district_figures_add_up_to_the_city(table):
    assert table["gdp_100m_yuan"].sum() == pytest.approx(49843.1, abs=0.05)
    # The printed city totals differ from the sum of printed districts by rounding alone.
    assert table["employees_10k"].sum() == pytest.approx(1118.0, abs=16 * 0.05)
    assert table["talents_10k"].sum() == pytest.approx(807.3, abs=16 * 0.05)


def test_zones_have_the_published_share_of_talents(table):
    zones = table.groupby("zone")[["talents_10k", "employees_10k"]].sum()
    share = 100 * zones["talents_10k"] / zones["employees_10k"]
    rounding = 100 * 5 * 0.05 / 91.2  # five printed figures over the smallest sum of five
    published = pd.Series({"C": 81.2, "S": 51.0, "P": 59.1, "E": 43.7})
    pd.testing.assert_series_equal(
        share.sort_index(), published.sort_index(), check_names=False, atol=rounding, rtol=0
    )


def test_every_zone_is_named_in_both_languages(table):
    real = table[table["id"] != "unallocated"]
    assert set(real["zone"]) == set(geography.ZONES)
    assert real[["zone_name", "zone_name_en"]].notna().all(axis=None)


def test_districts_neither_overlap_nor_leave_gaps(drawn):
    assert drawn.is_valid.all()
    city = shapely.union_all(drawn.geometry.to_numpy())
    assert drawn.area.sum() == pytest.approx(city.area, rel=1e-9)
    assert city.geom_type == "Polygon"
    assert not city.interiors


def test_the_city_is_as_large_as_the_published_area(drawn):
    assert drawn.area.sum() / 1e6 == pytest.approx(16_410, rel=0.01)


def test_capital_airport_is_chaoyang_inside_shunyi(table):
    outline = table.set_index("name_en").geometry
    terminal_2 = shapely.Point(116.587, 40.078)
    assert outline["Chaoyang"].contains(terminal_2)
    assert not outline["Shunyi"].contains(terminal_2)
    assert outline["Shunyi"].convex_hull.contains(terminal_2)


@pytest.mark.parametrize("side", ["left", "right"])
def test_every_arc_has_its_districts_on_the_stated_sides(table, side):
    outline = table.set_index("id").geometry
    for block in geography._blocks("district_arcs.txt"):
        name, *codes = block.words
        closed = block.corners[0] == block.corners[-1]  # a one-sided strip needs an open line
        line = shapely.LineString(block.corners[:-1] if closed else block.corners)
        strip = line.buffer(5e-4 if side == "left" else -5e-4, single_sided=True, cap_style="flat")
        code = codes[side == "right"]
        if code == "outside":
            city = shapely.union_all(outline[:16].to_numpy())
            assert strip.intersection(city).area < 0.2 * strip.area, name
        else:
            assert strip.intersection(outline[code]).area > 0.8 * strip.area, name


def test_corners_lie_on_the_stated_grid():
    for block in geography._blocks("district_arcs.txt"):
        steps = np.array(block.corners) / 0.005
        np.testing.assert_allclose(steps, steps.round(), atol=1e-6)


@pytest.mark.real
def test_each_district_covers_its_real_outline(drawn, real_districts):
    assert set(drawn.index) == set(real_districts.index)
    shapes = drawn.geometry.reindex(real_districts.index)
    iou = shapes.intersection(real_districts).area / shapes.union(real_districts).area
    assert iou.min() >= 0.85, iou.round(3).to_dict()


# Ground


def test_ground_has_every_kind_and_is_a_valid_layer(ground):
    check_layer(ground.reset_index(), name="ground")
    assert set(LAYERS["ground"]) <= set(ground.reset_index().columns)
    kinds = {"ring_road", "water", "park", "airport", "mountain_edge"}
    assert set(ground["kind"]) == kinds
    assert ground.is_valid.all()
    assert ground[["name", "name_en"]].map(len).gt(0).all(axis=None)


def test_rings_are_closed_and_lie_one_within_the_next(ground):
    rings = [ground.geometry[f"ring-{number}"] for number in range(2, 7)]
    assert all(ring.is_closed and ring.is_simple for ring in rings)
    areas = [shapely.Polygon(ring) for ring in rings]
    for inner, outer in pairwise(areas):
        assert outer.contains_properly(inner)
    assert areas[0].contains(shapely.Point(116.3913, 39.9073))  # Tiananmen


@pytest.mark.parametrize(
    ("number", "kilometres"), [(2, 32.7), (3, 48.3), (4, 65.3), (5, 98.6), (6, 187.6)]
)
def test_rings_are_as_long_as_the_roads(ground, number, kilometres):
    length = ground.to_crs(METRES).geometry[f"ring-{number}"].length / 1000
    assert 0.95 * kilometres < length < 1.01 * kilometres  # corners cut short, nothing added


@pytest.mark.parametrize(
    ("first", "second"),
    [("kunming-lake", "summer-palace"), ("chaobai-river", "bai-river")],
)
def test_what_belongs_together_meets(ground, first, second):
    assert ground.geometry[first].intersects(ground.geometry[second])


@pytest.mark.parametrize(
    ("one", "district"),
    [
        ("kunming-lake", "Haidian"),
        ("fragrant-hills", "Haidian"),
        ("yuyuantan", "Haidian"),
        ("shichahai", "Xicheng"),
        ("beihai", "Xicheng"),
        ("forbidden-city", "Dongcheng"),
        ("temple-of-heaven", "Dongcheng"),
        ("chaoyang-park", "Chaoyang"),
        ("olympic-forest-park", "Chaoyang"),
        ("nanhaizi-park", "Daxing"),
        ("green-heart-park", "Tongzhou"),
        ("ming-tombs-reservoir", "Changping"),
        ("huairou-reservoir", "Huairou"),
        ("miyun-reservoir", "Miyun"),
    ],
)
def test_ground_lies_in_its_district(table, ground, one, district):
    shape = ground.geometry[one]
    outline = table.set_index("name_en").geometry[district]
    assert outline.contains(shape.centroid)


@pytest.mark.real
@pytest.mark.parametrize("number", [2, 3, 4, 5])
def test_rings_follow_the_real_roads(ground, real_data, number):
    path = real_data / "beijing" / "ring_roads_2_5_partial_osm2013_wgs84.geojson"
    roads = gpd.read_file(path).to_crs(METRES)
    roads = roads[roads["ring_no"] == number]
    ring = ground.to_crs(METRES).geometry[f"ring-{number}"]
    corners = shapely.points(shapely.get_coordinates(roads.geometry.to_numpy()))
    assert shapely.distance(corners, ring).max() < 600


@pytest.mark.real
@pytest.mark.parametrize(
    ("station", "airport"),
    [
        ("2号航站楼", "capital-airport"),
        ("3号航站楼", "capital-airport"),
        ("大兴机场", "daxing-airport"),
    ],
)
def test_airport_stations_lie_in_their_airport(ground, real_data, station, airport):
    stations = pd.read_csv(real_data / "beijing" / "subway_2026_stations_wgs84.csv")
    row = stations.set_index("stop_name").loc[station]
    assert ground.geometry[airport].contains(shapely.Point(row["lon"], row["lat"]))
