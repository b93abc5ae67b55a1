"""Layers from files: what comes in, what is left out and told, and what is refused."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from spatial.ingest import InputError
from spatial.ingest.courses import links_along_shapes
from spatial.ingest.layers import lines_in, load_districts, load_stations
from spatial.ingest.links import load_links
from spatial.schema import check_layer

STOPS = """nr,stop,english,ways,y,x,since
07,中心,Centre,1;2,39.90,116.40,1999
08,北站,North,"1, 2/1",39.92,116.40,2014-12-28
09,中心,,3,39.90,116.42,
10,,,1,39.88,116.40,2020
11,远站,Far,1,,116.40,2020
"""
COLUMNS = {"name": "stop", "lines": "ways", "lat": "y", "lon": "x"}


@pytest.fixture
def stops(tmp_path):
    path = tmp_path / "stops.csv"
    path.write_text(STOPS, encoding="utf-8")
    return path


@pytest.fixture
def stations(stops):
    return load_stations(stops, **COLUMNS, id="nr", name_en="english").layer


def written(path, text):
    path.write_text(text, encoding="utf-8")
    return path


# Stations


def test_stations_come_with_their_names_lines_and_years(stops):
    found = load_stations(stops, **COLUMNS, id="nr", name_en="english", opened="since")
    check_layer(found.layer, name="stations")
    table = found.layer.set_index("id")
    assert list(table.index) == ["07", "08", "09", "10"]
    assert list(table["name_en"]) == ["Centre", "North", "中心", ""]
    assert list(table["lines"]) == ["1;2", "1;2", "3", "1"]
    np.testing.assert_array_equal(table["opened"], [1999, 2014, np.nan, 2020])
    assert table.geometry["08"].equals(shapely.Point(116.40, 39.92))


def test_rows_without_a_place_are_left_out_and_told_and_those_without_a_name_kept(stops):
    assert load_stations(stops, **COLUMNS).notes == (
        "1 row without a place left out: 远站",
        "1 row without a name kept: 4",
    )


def test_without_ids_the_names_are_ids_and_repeated_ones_are_numbered(stops):
    assert list(load_stations(stops, **COLUMNS).layer["id"]) == [
        "中心",
        "北站",
        "中心 2",
        "station",
    ]


def test_stations_of_shifted_coordinates_land_where_they_are(tmp_path):
    path = written(tmp_path / "one.csv", "n,lat,lon\n西二旗,40.0527,116.3060\n")
    point = load_stations(path, name="n", lat="lat", lon="lon", crs="GCJ-02").layer.geometry[0]
    assert point.distance(shapely.Point(116.30018, 40.05172)) < 0.001


def test_stations_of_shapes_are_those_of_the_table(stations, tmp_path):
    path = tmp_path / "stops.gpkg"
    stations.to_crs(32650).to_file(path)
    again = load_stations(path, name="name", id="id", name_en="name_en", lines="lines").layer
    assert list(again["id"]) == list(stations["id"])
    assert shapely.distance(again.geometry.values, stations.geometry.values).max() < 1e-9


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"name": "nom"}, "stops.csv: column nom is needed, found nr, stop"),
        ({"lat": "", "lon": ""}, "stops.csv: a table needs columns lat and lon, found neither"),
        ({"lon": ""}, "stops.csv: coordinates need both lat and lon, found one"),
        ({"lat": "x", "lon": "y"}, "found 116.4 in row 1: lat and lon look swapped"),
        ({"opened": "stop"}, "column stop must hold years in 1800 to 2200, found '中心' in row 1"),
        ({"id": "ways"}, "each id in column ways must come once, found 1 again in row 5"),
        ({"crs": "GCJ-20"}, "stops.csv: crs must be WGS-84, GCJ-02"),
    ],
)
def test_stations_that_cannot_be_taken_are_refused_in_a_sentence(stops, change, said):
    with pytest.raises(InputError, match=said):
        load_stations(stops, **(COLUMNS | change))


def test_shapes_need_no_columns_of_coordinates(stations, tmp_path):
    path = tmp_path / "stops.geojson"
    stations.to_file(path)
    with pytest.raises(InputError, match="shapes have their own place, found lat and lon named"):
        load_stations(path, name="name", lat="lat", lon="lon")


def test_lines_of_a_cell_are_parted_however_they_are_written():
    assert (
        lines_in("1;2") == lines_in("1/2") == lines_in("1, 2") == lines_in("1、2 / 1") == ["1", "2"]
    )
    assert lines_in(" ; ") == []


# Links


def test_links_find_their_stations_by_id_or_name_and_are_drawn_straight(stations, tmp_path):
    text = "from,to,way,year,km\n07,北站,1;2,2014,2.5\nNorth,09,3,,\n"
    path = written(tmp_path / "links.csv", text)
    columns = {"line": "way", "opened": "year", "length_km": "km"}
    found = load_links(path, a="from", b="to", stations=stations, **columns)
    check_layer(found.layer, name="rail_links")
    rows = found.layer[["a", "b", "line"]].to_numpy().tolist()
    assert rows == [["07", "08", "1"], ["07", "08", "2"], ["08", "09", "3"]]
    np.testing.assert_array_equal(found.layer["opened"], [2014, 2014, np.nan])
    np.testing.assert_array_equal(found.layer["length_km"], [2.5, 2.5, np.nan])
    assert found.layer.geometry[0].equals(shapely.LineString([(116.4, 39.9), (116.4, 39.92)]))
    assert found.notes == ()


def test_a_name_of_several_stations_means_the_one_on_the_line(stations, tmp_path):
    path = written(tmp_path / "links.csv", "a,b,line\n中心,北站,2\n中心,北站,3\n中心,北站,9\n")
    found = load_links(path, a="a", b="b", line="line", stations=stations)
    assert found.layer[["a", "line"]].to_numpy().tolist() == [["07", "2"], ["09", "3"]]
    (note,) = found.notes
    assert note.startswith("1 row between stations that are not there, or of a name of several")


def test_links_left_out_are_told(stations, tmp_path):
    text = "a,b,line\n07,08,1\n08,07,1\n07,99,1;2\n08,08,1\n"
    found = load_links(
        written(tmp_path / "links.csv", text), a="a", b="b", line="line", stations=stations
    )
    assert len(found.layer) == 1
    assert found.notes == (
        "1 row between stations that are not there, or of a name of several, left out: 07-99",
        "1 row from a station to itself left out: 08-08",
        "1 row repeating a link of the same line left out: 08-07",
    )


def test_links_of_another_city_are_refused(stations, tmp_path):
    path = written(tmp_path / "links.csv", "a,b\nParis,Lyon\n")
    with pytest.raises(
        InputError, match="links must join stations of the study, found none of Par"
    ):
        load_links(path, a="a", b="b", stations=stations)


def test_links_keep_the_way_they_are_drawn(stations, tmp_path):
    bent = shapely.LineString([(116.40, 39.90), (116.41, 39.91), (116.40, 39.92)])
    path = tmp_path / "links.geojson"
    rows = {"a": ["07", "08"], "b": ["08", "09"]}
    gpd.GeoDataFrame(rows, geometry=[bent, None], crs=4326).to_file(path)
    layer = load_links(path, a="a", b="b", stations=stations).layer
    assert layer.geometry[0].equals(bent)
    assert layer.geometry[1].equals(shapely.LineString([(116.40, 39.92), (116.42, 39.90)]))


def test_neighbours_along_a_course_are_linked_by_the_way_between_them(tmp_path):
    places = {
        "w": (116.40, 39.90),
        "m": (116.42, 39.9005),
        "e": (116.44, 39.90),
        "off": (116.42, 39.95),
    }
    table = {"id": list(places), "name": list(places), "name_en": "", "lines": "", "opened": np.nan}
    known = gpd.GeoDataFrame(table, geometry=[shapely.Point(*p) for p in places.values()], crs=4326)
    # Drawn in two pieces that miss each other by 40 m, the second against the first's direction.
    pieces = [[(116.39, 39.90), (116.43, 39.90)], [(116.45, 39.90), (116.4305, 39.90)]]
    course = shapely.MultiLineString(pieces)
    path = tmp_path / "lines.geojson"
    gpd.GeoDataFrame({"NAME": ["red"]}, geometry=[course], crs=4326).to_file(path)
    found = links_along_shapes(path, line="NAME", stations=known)
    check_layer(found.layer, name="rail_links")
    assert {frozenset(one) for one in found.layer[["a", "b"]].to_numpy()} == {
        frozenset("wm"),
        frozenset("me"),
    }
    np.testing.assert_allclose(found.layer["length_km"], 1.710, atol=0.01)
    assert found.notes == ("1 row of a station on no course: off",)


# Districts


def test_districts_are_mended_and_what_is_no_polygon_is_told(tmp_path):
    bow = shapely.Polygon([(0, 0), (1, 1), (1, 0), (0, 1)])
    spike = shapely.Polygon([(2, 0), (3, 0), (3, 1), (3, 0.5), (5, 0.5), (3, 0.5), (2, 1)])
    shapes = [bow, spike, shapely.Point(9, 9), None]
    path = tmp_path / "areas.gpkg"
    names = {"name": ["甲", "乙", "丙", "丁"], "en": ["A", None, "C", "D"]}
    gpd.GeoDataFrame(names, geometry=shapes, crs=4326).to_file(path)
    found = load_districts(path, name="name", name_en="en")
    check_layer(found.layer, name="districts")
    assert list(found.layer["id"]) == ["甲", "乙"]
    assert list(found.layer["name_en"]) == ["A", "乙"]
    assert found.layer.is_valid.all()
    assert set(found.layer.geom_type) <= {"Polygon", "MultiPolygon"}
    assert found.layer.geometry[0].area == pytest.approx(0.5)
    assert found.notes == ("2 rows without a polygon left out: 丙, 丁",)


def test_a_file_of_points_holds_no_districts(tmp_path):
    path = tmp_path / "points.geojson"
    gpd.GeoDataFrame({"n": ["A"]}, geometry=[shapely.Point(1, 1)], crs=4326).to_file(path)
    with pytest.raises(InputError, match="districts must be polygons, found none"):
        load_districts(path, name="n")


# Real files


@pytest.mark.real
def test_the_91_stations_of_washington_load(real_data):
    path = real_data / "us" / "metro-stations-regional.geojson"
    found = load_stations(path, name="NAME", lines="LINE")
    assert (len(found.layer), found.notes) == (91, ())
    assert found.layer["id"].is_unique
    assert found.layer.set_index("name")["lines"]["Fort Totten"] == "red;green;yellow"


@pytest.mark.real
def test_the_lines_of_washington_link_their_stations(real_data):
    folder = real_data / "us"
    stations = load_stations(folder / "metro-stations-regional.geojson", name="NAME").layer
    lines = folder / "metro-lines-regional.geojson"
    found = links_along_shapes(lines, line="NAME", stations=stations)
    assert found.notes == ()
    # 27 stations on red, 28 on silver, 26 on orange, 21 on green in 2016.
    counts = found.layer["line"].value_counts()
    assert counts[["red", "silver", "orange", "green"]].to_list() == [26, 27, 25, 20]


@pytest.mark.real
@pytest.mark.parametrize(
    ("file", "crs"),
    [("districts_wgs84_m3.geojson", ""), ("districts_gcj02_vonng.geojson", "GCJ-02")],
)
def test_the_16_districts_of_beijing_load_whole(real_data, file, crs):
    found = load_districts(real_data / "beijing" / file, name="name", crs=crs)
    assert (len(found.layer), found.notes) == (16, ())
    assert found.layer.is_valid.all()


@pytest.mark.real
def test_the_rail_of_beijing_loads_whole(real_data):
    folder = real_data / "beijing"
    stops = folder / "subway_2026_stations_wgs84.csv"
    columns = {"name": "stop_name", "lines": "lines", "lat": "lat", "lon": "lon"}
    stations = load_stations(stops, **columns)
    assert (len(stations.layer), stations.notes) == (402, ())
    edges = pd.read_csv(folder / "subway_2026_edges.csv")
    path = folder / "subway_2026_edges.csv"
    links = load_links(path, a="a", b="b", line="lines", stations=stations.layer)
    assert len(links.layer) == edges["lines"].str.split(";").str.len().sum()
    assert links.layer.groupby(["a", "b"]).ngroups == 487
    assert links.notes == ()
