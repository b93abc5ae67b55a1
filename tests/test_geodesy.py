"""Geodesy: pyproj as the witness, there-and-back as the law, two known pairs as the truth."""

from __future__ import annotations

import math

import geopandas as gpd
import numpy as np
import pandas as pd
import pyproj
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from spatial import gcj, geodesy

IN_CHINA = st.tuples(st.floats(4, 53), st.floats(75, 134))
ANYWHERE = st.tuples(st.floats(-89, 89), st.floats(-179, 179))
SHIFTED = st.sampled_from(["GCJ-02", "BD-09"])


def literal_gcj(lat, lon):
    """The published formula for one point, written out with the standard library alone."""
    x, y, pi = lon - 105.0, lat - 35.0, math.pi
    wave = (20 * math.sin(6 * x * pi) + 20 * math.sin(2 * x * pi)) * 2 / 3
    north = -100 + 2 * x + 3 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * math.sqrt(abs(x)) + wave
    north += (20 * math.sin(y * pi) + 40 * math.sin(y / 3 * pi)) * 2 / 3
    north += (160 * math.sin(y / 12 * pi) + 320 * math.sin(y * pi / 30)) * 2 / 3
    east = 300 + x + 2 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * math.sqrt(abs(x)) + wave
    east += (20 * math.sin(x * pi) + 40 * math.sin(x / 3 * pi)) * 2 / 3
    east += (150 * math.sin(x / 12 * pi) + 300 * math.sin(x / 30 * pi)) * 2 / 3
    a, e2 = 6378245.0, 0.00669342162296594323
    magic = 1 - e2 * math.sin(math.radians(lat)) ** 2
    d_lat = north * 180 / ((a * (1 - e2)) / (magic * math.sqrt(magic)) * pi)
    d_lon = east * 180 / (a / math.sqrt(magic) * math.cos(math.radians(lat)) * pi)
    return lat + d_lat, lon + d_lon


@given(ANYWHERE, ANYWHERE)
def test_distance_is_the_geodesic_of_pyproj(start, end):
    metres = pyproj.Geod(ellps="WGS84").inv(start[1], start[0], end[1], end[0])[2]
    assert geodesy.distance_km(*start, *end) == pytest.approx(metres / 1000, abs=1e-9)


@given(ANYWHERE, ANYWHERE)
def test_distance_on_the_sphere_is_that_of_a_ball_of_mean_radius(start, end):
    metres = pyproj.Geod(a=6371008.8, b=6371008.8).inv(start[1], start[0], end[1], end[0])[2]
    assert geodesy.sphere_distance_km(*start, *end) == pytest.approx(metres / 1000, abs=1e-4)


@given(ANYWHERE, ANYWHERE)
def test_sphere_and_ellipsoid_differ_by_less_than_one_percent(start, end):
    exact = geodesy.distance_km(*start, *end)
    assert geodesy.sphere_distance_km(*start, *end) == pytest.approx(exact, rel=0.0065, abs=1e-6)


def test_distance_takes_one_place_against_many():
    found = geodesy.distance_km(39.9, 116.4, np.array([39.9, 40.9]), np.array([116.4, 116.4]))
    assert found[0] == 0
    assert found[1] == pytest.approx(111.04, abs=0.01)


@pytest.mark.parametrize(
    ("shifted", "true", "off_m"),
    [
        ((39.9087, 116.3975), (39.9073, 116.3913), 5),
        ((40.0527, 116.3060), (40.05172, 116.30018), 45),
    ],
    ids=["Tiananmen", "Xierqi"],
)
def test_gcj02_figures_in_circulation_land_where_the_places_are(shifted, true, off_m):
    found = geodesy.to_wgs84(*shifted, crs="GCJ-02")
    assert geodesy.distance_km(*found, *true)[0] * 1000 < off_m
    assert geodesy.distance_km(*shifted, *true) * 1000 > 480


@given(IN_CHINA)
def test_gcj02_is_the_published_formula(point):
    found = geodesy.from_wgs84(*point, crs="GCJ-02")
    np.testing.assert_allclose(np.ravel(found), literal_gcj(*point), atol=1e-12)


@given(IN_CHINA, SHIFTED)
def test_there_and_back_is_within_a_tenth_of_a_millimetre(point, crs):
    back = geodesy.to_wgs84(*geodesy.from_wgs84(*point, crs=crs), crs=crs)
    assert geodesy.distance_km(*back, *point)[0] < 1e-7


@given(ANYWHERE, SHIFTED)
def test_outside_china_nothing_is_shifted(point, crs):
    if gcj.in_china(np.array(point[0]), np.array(point[1])):
        return
    np.testing.assert_array_equal(np.ravel(geodesy.from_wgs84(*point, crs=crs)), point)


def test_bd09_is_shifted_once_more_by_about_a_kilometre():
    once = geodesy.from_wgs84(39.9073, 116.3913, crs="GCJ-02")
    twice = geodesy.from_wgs84(39.9073, 116.3913, crs="BD-09")
    assert 0.7 < geodesy.distance_km(*once, *twice)[0] < 1.2


@given(st.tuples(st.floats(-79, 83), st.floats(114.5, 119.5)))
def test_a_projected_system_is_that_of_pyproj_and_comes_back(point):
    y, x = geodesy.from_wgs84(*point, crs="EPSG:32650")
    direct = pyproj.Transformer.from_crs(4326, 32650, always_xy=True).transform(point[1], point[0])
    np.testing.assert_allclose([x[0], y[0]], direct, atol=1e-6)
    back = geodesy.to_wgs84(y, x, crs="epsg:32650")
    assert geodesy.distance_km(*back, *point)[0] < 1e-6


def test_another_datum_moves_the_point():
    # The datum of British maps lies about a hundred metres from WGS-84 in London.
    found = geodesy.to_wgs84(51.5, -0.12, crs="EPSG:4277")
    assert 0.05 < geodesy.distance_km(*found, 51.5, -0.12)[0] < 0.2


@pytest.mark.parametrize(
    ("written", "name"),
    [
        ("wgs84", "WGS-84"),
        ("WGS 84", "WGS-84"),
        ("EPSG:4326", "WGS-84"),
        ("4326", "WGS-84"),
        ("gcj02", "GCJ-02"),
        ("BD_09", "BD-09"),
        ("epsg:32650", "EPSG:32650"),
    ],
)
def test_a_system_has_one_spelling(written, name):
    assert geodesy.crs_name(written) == name


@pytest.mark.parametrize(
    ("written", "sentence"),
    [
        ("GJC-02", "found 'GJC-02'; did you mean GCJ-02?"),
        ("BD09LL", "did you mean BD-09?"),
        ("mercator", "crs must be WGS-84, GCJ-02, BD-09 or EPSG:n"),
        ("EPSG:999999", "found EPSG:999999, which is not a code"),
        ("EPSG:5703", "crs must give places on a map"),
    ],
)
def test_an_unknown_system_gets_one_sentence(written, sentence):
    with pytest.raises(geodesy.CoordinateError) as error:
        geodesy.crs_name(written)
    assert sentence in str(error.value)
    assert "\n" not in str(error.value)


def test_swapped_coordinates_are_called_so():
    with pytest.raises(
        geodesy.CoordinateError, match=r"found 116\.3 in row 2: lat and lon look sw"
    ):
        geodesy.to_wgs84([39.9, 116.3], [116.4, 39.9], crs="WGS-84")


@pytest.mark.parametrize(
    ("lat", "lon", "sentence"),
    [
        (39.9, 216.3, "lon must lie in -180..180, found 216.3 in row 1$"),
        (450.0, 39.0, "lat must lie in -90..90, found 450 in row 1$"),
        (np.nan, 39.0, "lat must be a number, found nothing in row 1$"),
        (39.0, np.nan, "lon must be a number, found nothing in row 1$"),
        (np.inf, 0.0, "lat must lie in"),
    ],
)
def test_a_place_off_the_earth_is_refused(lat, lon, sentence):
    with pytest.raises(geodesy.CoordinateError, match=sentence):
        geodesy.to_wgs84(lat, lon, crs="GCJ-02")


def test_a_place_outside_a_projection_is_refused():
    with pytest.raises(geodesy.CoordinateError, match="EPSG:32650"):
        geodesy.to_wgs84(1e9, 1e9, crs="EPSG:32650")


@given(ANYWHERE, st.floats(0.001, 5), st.floats(0.001, 5))
def test_areas_on_the_equal_area_plane_are_areas_on_the_sphere(corner, wide, high):
    south, west = min(corner[0], 84), corner[1]
    x, y = geodesy.equal_area([south, south + high], [west, west + wide], lat_0=south, lon_0=west)
    zone = np.sin(np.radians(south + high)) - np.sin(np.radians(south))
    assert np.diff(x)[0] * np.diff(y)[0] == pytest.approx(np.radians(wide) * zone, rel=1e-6)


@given(ANYWHERE, ANYWHERE)
def test_the_equal_area_plane_leads_back(point, origin):
    plane = geodesy.equal_area(*point, lat_0=origin[0], lon_0=origin[1])
    lat, lon = geodesy.from_equal_area(*plane, lat_0=origin[0], lon_0=origin[1])
    assert float(lat) == pytest.approx(point[0], abs=1e-6)
    assert (float(lon) - point[1]) % 360 == pytest.approx(0, abs=1e-9) or (
        (float(lon) - point[1]) % 360 == pytest.approx(360, abs=1e-9)
    )


def test_area_is_that_of_pyproj_whichever_way_the_ring_runs():
    ring = [(116, 39), (117, 39), (117, 40), (116, 40)]
    expected = pyproj.Geod(ellps="WGS84").geometry_area_perimeter(shapely.Polygon(ring))[0] / 1e6
    found = geodesy.area_km2([shapely.Polygon(ring), shapely.Polygon(ring[::-1])])
    np.testing.assert_allclose(found, expected, rtol=1e-12)


def test_holes_have_no_area():
    whole, hole = shapely.box(0, 0, 3, 3), shapely.box(1, 1, 2, 2)
    ring, out, within = geodesy.area_km2([shapely.difference(whole, hole), whole, hole])
    assert ring == pytest.approx(out - within)


def test_utm_zone():
    assert geodesy.utm_name(39.9, 116.4) == "EPSG:32650"
    assert geodesy.utm_name(-30.0, -51.2) == "EPSG:32722"


def test_feet_are_not_metres():
    assert geodesy.metres_per_unit("EPSG:2230") == pytest.approx(0.3048006)
    assert geodesy.metres_per_unit("EPSG:32650") == 1


@pytest.mark.real
def test_gcj02_districts_come_to_lie_on_the_true_ones(real_data):
    shifted = gpd.read_file(real_data / "beijing" / "districts_gcj02_vonng.geojson")
    true = gpd.read_file(real_data / "beijing" / "districts_wgs84_m3.geojson").to_crs(32650)
    rings = shapely.get_rings(true.geometry.to_numpy())
    corners = [shapely.get_coordinates(ring) for ring in rings]
    segments = np.concatenate([np.stack([ring[:-1], ring[1:]], axis=1) for ring in corners])
    edges = shapely.STRtree(shapely.linestrings(segments))
    moved = geodesy.shapes_to_wgs84(shifted.geometry.to_numpy(), crs="GCJ-02")

    def median_m(shapes):
        points = gpd.GeoSeries(shapely.points(shapely.get_coordinates(shapes)[::10]), crs=4326)
        _, metres = edges.query_nearest(
            points.to_crs(32650).to_numpy(), return_distance=True, all_matches=False
        )
        return float(np.median(metres))

    assert median_m(moved) < 30
    assert median_m(shifted.geometry.to_numpy()) > 150


@pytest.mark.real
@pytest.mark.parametrize(
    ("file", "lat", "lon", "district", "least"),
    [
        ("rent_ziroom_2017-12-14_bd09.csv", "latitude", "longitude", "district_name", 0.99),
        ("universities_pg7go_bd09.csv", "lat", "lon", "area", 0.95),
    ],
)
def test_bd09_places_land_in_the_district_they_state(real_data, file, lat, lon, district, least):
    table = pd.read_csv(real_data / "beijing" / file)
    lat_true, lon_true = geodesy.to_wgs84(table[lat], table[lon], crs="BD-09")
    # The development area is no district; most of it lies in Daxing.
    stated = table[district].replace({"亦庄开发区": "大兴"}).str.rstrip("区")
    places = gpd.GeoDataFrame(
        {"stated": stated},
        geometry=gpd.points_from_xy(lon_true, lat_true),
        crs=4326,
    )
    districts = gpd.read_file(real_data / "beijing" / "districts_wgs84_m3.geojson")
    districts["geometry"] = districts.make_valid()
    joined = places.sjoin(districts[["name", "geometry"]], how="left")
    right = (joined["name"].str.rstrip("区") == joined["stated"]).groupby(level=0).any()
    assert right.mean() >= least
