"""Beijing's drawn names, campuses and rent anchors: complete, in place, and named as people do."""

from __future__ import annotations

import re

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyproj import Geod

from spatial.schema import check_layer
from spatial.sources.beijing import gazetteer

KINDS = {"centre", "node", "new_town", "town", "community", "campus_area", "area", "landmark"}
WEST, SOUTH, EAST, NORTH = 115.41, 39.44, 117.51, 41.06

# Peaks of the real day population, latitude and longitude, and what people call them.
PEAKS = {
    "cbd": (39.912, 116.451),
    "zhongguancun": (39.980, 116.311),
    "xierqi": (40.048, 116.300),
    "financial-street": (39.916, 116.352),
    "wangjing": (39.985, 116.470),
    "fengtai-science-park": (39.824, 116.281),
    "yizhuang": (39.795, 116.502),
    "tongzhou": (39.908, 116.640),
}

NAMED = {  # the places the published findings speak of
    "泛中关村", "CBD", "望京", "西二旗", "西三旗", "金融街", "三元桥", "丰台科技园", "四惠",
    "亦庄", "通州副中心", "北京像素", "天通西苑",
}  # fmt: skip

PLACES = gazetteer.places()
CAMPUSES = gazetteer.campuses()
ANCHORS = gazetteer.rent_anchors()
LAYERS = {"places": PLACES, "campuses": CAMPUSES, "rent_anchors": ANCHORS}

_EARTH = Geod(ellps="WGS84")


def distances_km(table: gpd.GeoDataFrame, lat: float, lon: float) -> np.ndarray:
    n = len(table)
    metres = _EARTH.inv(table.geometry.x, table.geometry.y, np.full(n, lon), np.full(n, lat))[2]
    return np.asarray(metres) / 1000


def best_name(lat: float, lon: float) -> str:
    """Id of the place whose distance is the smallest share of its reach."""
    share = distances_km(PLACES, lat, lon) / PLACES["reach_km"].to_numpy()
    return str(PLACES["id"].iloc[int(share.argmin())])


def anchor(name: str) -> pd.Series:
    return ANCHORS.set_index("id").loc[name]


@pytest.mark.parametrize(("name", "at_least"), [("places", 140), ("campuses", 55)])
def test_layers_keep_the_contract(name, at_least):
    check_layer(LAYERS[name], name=name)
    assert len(LAYERS[name]) >= at_least


@pytest.mark.parametrize("name", LAYERS)
def test_ids_are_unique_slugs(name):
    ids = LAYERS[name]["id"]
    assert ids.is_unique
    assert ids.str.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*").all()


@pytest.mark.parametrize("name", ["places", "campuses"])
@pytest.mark.parametrize("column", ["name", "name_en"])
def test_no_two_share_a_name(name, column):
    assert LAYERS[name][column].is_unique


@pytest.mark.parametrize("name", ["places", "campuses"])
def test_names_are_in_both_languages(name):
    table = LAYERS[name]
    chinese = table["name"].str.contains(r"[\u4e00-\u9fff]") | (table["name"] == "CBD")
    assert chinese.all()
    assert table["name_en"].str.fullmatch(r"[A-Z0-9][A-Za-z0-9 '&().-]*").all()


@pytest.mark.parametrize("name", LAYERS)
def test_points_lie_inside_beijing_to_three_decimals(name):
    points = LAYERS[name].geometry
    assert points.x.between(WEST, EAST).all()
    assert points.y.between(SOUTH, NORTH).all()
    np.testing.assert_allclose(points.x, points.x.round(3), atol=1e-12)
    np.testing.assert_allclose(points.y, points.y.round(3), atol=1e-12)


@pytest.mark.parametrize("name", LAYERS)
def test_no_two_points_coincide(name):
    assert not LAYERS[name].geometry.duplicated().any()


def test_kinds_and_reaches_are_sensible():
    assert set(PLACES["kind"]) == KINDS
    assert PLACES["reach_km"].between(0.5, 4).all()


def test_every_place_of_the_findings_is_named():
    assert set(PLACES["name"]) >= NAMED
    kinds = PLACES.set_index("name")["kind"]
    assert (kinds[["泛中关村", "CBD", "望京"]] == "centre").all()
    assert (kinds[["亦庄", "通州副中心"]] == "new_town").all()


@pytest.mark.parametrize("place", PEAKS)
def test_real_peaks_get_their_own_name(place):
    assert best_name(*PEAKS[place]) == place


@given(
    st.sampled_from(sorted(PEAKS)),
    st.floats(-500, 500, allow_nan=False),
    st.floats(-500, 500, allow_nan=False),
)
def test_half_a_kilometre_does_not_change_the_name(place, north_m, east_m):
    lat, lon = PEAKS[place]
    lat += north_m / 111_000
    lon += east_m / (111_320 * np.cos(np.radians(lat)))
    assert best_name(lat, lon) == place


def test_each_place_answers_to_its_own_name():
    found = [best_name(p.y, p.x) for p in PLACES.geometry]
    assert found == PLACES["id"].tolist()


@pytest.mark.parametrize("suffix", ["Shahe", "Liangxiang", "Changping", "Yanqi Lake", "Daxing"])
def test_new_town_campuses_are_there(suffix):
    assert CAMPUSES["name_en"].str.contains(f"({suffix})", regex=False).any()


def test_students_are_rough_thousands():
    assert (CAMPUSES["students"] % 1000 == 0).all()
    assert CAMPUSES["students"].between(1_000, 60_000).all()
    assert 500_000 < CAMPUSES["students"].sum() < 1_000_000


def test_rents_are_rounded_and_plausible():
    assert len(ANCHORS) >= 70
    assert (ANCHORS["rent_per_m2"] % 5 == 0).all()
    assert (ANCHORS["room_rent"] % 100 == 0).all()
    assert ANCHORS["rent_per_m2"].between(40, 140).all()
    assert ANCHORS["room_rent"].between(1500, 5000).all()


def test_rents_fall_with_distance_from_the_centre():
    km = distances_km(ANCHORS, 39.9073, 116.3913)
    inner, outer = ANCHORS[km < 10], ANCHORS[km > 25]
    for column in ("rent_per_m2", "room_rent"):
        assert inner[column].min() > outer[column].median()
        assert np.corrcoef(km, ANCHORS[column])[0, 1] < -0.6


def test_both_sides_of_the_published_band_edge_are_drawn():
    below = (ANCHORS["room_rent"] < 3000).mean()
    assert 0.3 < below < 0.7
    assert anchor("tiantongyuan")["room_rent"] < 3000 < anchor("wangjing")["room_rent"]


@pytest.mark.real
def test_places_named_after_a_station_stand_by_it(real_data):
    stations = pd.read_csv(real_data / "beijing" / "subway_2026_stations_wgs84.csv")
    stations = stations.dropna(subset=["stop_name", "lat", "lon"])
    pairs = PLACES.merge(stations, left_on="name", right_on="stop_name")
    assert len(pairs) >= 80
    metres = _EARTH.inv(pairs.geometry.x, pairs.geometry.y, pairs["lon"], pairs["lat"])[2]
    far = pairs.loc[np.asarray(metres) > 1500, "name"].unique()
    assert len(far) == 0, f"more than 1.5 km from the station of that name: {', '.join(far)}"
    assert np.median(metres) < 300  # a GCJ-02 slip would shift all by 540 m


@pytest.mark.real
def test_campuses_stand_where_the_directory_has_them(real_data):
    directory = pd.read_csv(real_data / "beijing" / "universities_pg7go_bd09.csv")
    directory["key"] = directory["name"].map(campus_key)
    pairs = CAMPUSES.assign(key=CAMPUSES["name"].map(campus_key)).merge(directory, on="key")
    assert len(pairs) >= 40
    there = np.array([bd09_to_wgs84(*p) for p in zip(pairs["lat"], pairs["lon"], strict=True)])
    metres = np.asarray(_EARTH.inv(pairs.geometry.x, pairs.geometry.y, there[:, 1], there[:, 0])[2])
    far = pairs.loc[metres > 1200, "name_x"].unique()
    assert len(far) == 0, f"more than 1.2 km from the directory's point: {', '.join(far)}"
    assert np.median(metres) < 300  # a GCJ-02 slip would shift all by 540 m


def campus_key(name: str) -> str:
    """A campus name without brackets and the words for campus."""
    return re.sub(r"[()\uff08\uff09]|新?校区", "", name)


def bd09_to_wgs84(lat: float, lon: float) -> tuple[float, float]:
    """The published shifts inverted: BD-09 to GCJ-02 in closed form, then by fixed point."""
    x, y, turn = lon - 0.0065, lat - 0.006, np.pi * 3000 / 180
    radius = np.hypot(x, y) - 0.00002 * np.sin(y * turn)
    angle = np.arctan2(y, x) - 0.000003 * np.cos(x * turn)
    goal = np.array([radius * np.sin(angle), radius * np.cos(angle)])
    guess = goal.copy()
    for _ in range(6):
        guess += goal - wgs84_to_gcj02(*guess)
    return float(guess[0]), float(guess[1])


def wgs84_to_gcj02(lat: float, lon: float) -> np.ndarray:
    """The published forward shift, on the ellipsoid of Krasovsky."""
    x, y, pi = lon - 105, lat - 35, np.pi
    waves = 20 * np.sin(6 * pi * x) + 20 * np.sin(2 * pi * x)
    north = -100 + 2 * x + 3 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * np.sqrt(abs(x))
    north += 2 / 3 * (waves + 20 * np.sin(pi * y) + 40 * np.sin(pi * y / 3))
    north += 2 / 3 * (160 * np.sin(pi * y / 12) + 320 * np.sin(pi * y / 30))
    east = 300 + x + 2 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * np.sqrt(abs(x))
    east += 2 / 3 * (waves + 20 * np.sin(pi * x) + 40 * np.sin(pi * x / 3))
    east += 2 / 3 * (150 * np.sin(pi * x / 12) + 300 * np.sin(pi * x / 30))
    axis, flat = 6378245.0, 0.00669342162296594323
    bend = 1 - flat * np.sin(np.radians(lat)) ** 2
    metres_lat = axis * (1 - flat) / bend**1.5
    metres_lon = axis / np.sqrt(bend) * np.cos(np.radians(lat))
    return np.array([lat + np.degrees(north / metres_lat), lon + np.degrees(east / metres_lon)])
