"""Rents from files: every row kept or dropped for a reason; real listings and real zones."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from spatial import geodesy
from spatial.ingest.errors import InputError
from spatial.ingest.listings import load_listings
from spatial.ingest.rent_rows import years_in
from spatial.ingest.rent_zones import load_rent_zones
from spatial.schema import check_layer

HEADER = "id,price,size,room_size,beds,type,lat,lon,when"
GOOD = "a,3000,60,12,2,整租,39.9,116.4,2017-12-14"


def homes(tmp_path, *rows, name="homes.csv", header=HEADER):
    file = tmp_path / name
    file.write_text("\n".join([header, *rows]) + "\n", encoding="utf-8")
    return file


ASKED = {
    "price": "price",
    "year": 2017,
    "kind": "type",
    "kind_map": {"整租": "flat", "合租": "room"},
    "area": "size",
    "area_of": {"room": "room_size"},
    "rooms": "beds",
    "id": "id",
    "lat": "lat",
    "lon": "lon",
}


def test_a_listing_has_its_rent_place_kind_area_and_rooms(tmp_path):
    file = homes(tmp_path, GOOD, "b,1500,90,11.5,3,合租,39.91,116.41,2017")
    found = load_listings(file, **ASKED)
    check_layer(found.layer, name="rents")
    assert found.layer.drop(columns="geometry").to_dict("list") == {
        "id": ["a", "b"],
        "rent": [3000, 1500],
        "area_m2": [60, 11.5],
        "kind": ["flat", "room"],
        "year": [2017, 2017],
        "rooms": [2, 3],
    }
    np.testing.assert_allclose(found.layer.geometry.y, [39.9, 39.91])
    assert found.audit.to_dict() == {"rows": 2, "kept": 2, "dropped": {}, "notes": []}


def test_every_row_is_kept_or_dropped_for_the_first_reason_that_holds(tmp_path):
    rows = [
        GOOD,
        "b,,60,,2,整租,39.9,116.4,2017",
        "c,面议,60,,2,整租,39.9,116.4,2017",
        "d,0,60,,2,整租,39.9,116.4,2017",
        "e,-5,60,,2,整租,,116.4,2017",
        "f,3000,60,,2,整租,,116.4,2017",
        "g,3000,60,,2,整租,x,116.4,2017",
        "h,3000,60,,2,整租,0,0,2017",
        "i,3000,60,,2,整租,116.4,39.9,2017",
        "j,3000,60,,2,,39.9,116.4,2017",
        "k,3000,60,,2,车位,39.9,116.4,2017",
        "l,3000,60,,2,整租,39.9,116.4,",
        "a,3300,60,,2,整租,39.9,116.4,2017",
        "a,3100,0,,,整租,39.9,116.4,2018",
    ]
    found = load_listings(homes(tmp_path, *rows), **ASKED | {"year": 0, "year_column": "when"})
    assert found.audit.dropped == {
        "without a price": 1,
        "with a price that is no number": 1,
        "with a price of 0 or less": 2,
        "without coordinates": 1,
        "with coordinates that are no numbers": 1,
        "at latitude and longitude 0": 1,
        "with coordinates off the Earth": 1,
        "without a kind": 1,
        "of a kind that has no word of ours": 1,
        "without a year": 1,
        "with an id that came before": 1,
    }
    assert found.audit.rows == found.audit.kept + sum(found.audit.dropped.values()) == 14
    assert found.audit.notes == (
        "kinds without a word of ours: 车位 (1)",
        "1 kept without an area: left out of rents by the square metre",
        "1 kept without a number of rooms: left out of rents by the room",
    )
    # One id in two years is told apart by the year.
    assert found.layer["id"].tolist() == ["a-2017", "a-2018"]


@given(st.lists(st.sampled_from(["3000", "", "x", "0", "-1", "inf", "2500.5"]), min_size=1))
def test_rows_in_are_rows_kept_and_dropped(tmp_path_factory, prices):
    rows = [f"{n},{price},60,,2,整租,39.9,116.4,2017" for n, price in enumerate(prices)]
    file = homes(tmp_path_factory.mktemp("homes"), *rows)
    good = [price for price in prices if price in ("3000", "2500.5")]
    if not good:
        with pytest.raises(InputError, match="must have a price and a place, found none of"):
            load_listings(file, **ASKED)
        return
    audit = load_listings(file, **ASKED).audit
    assert (audit.rows, audit.kept) == (len(prices), len(good))
    assert sum(audit.dropped.values()) == len(prices) - len(good)


@pytest.mark.parametrize("crs", ["GCJ-02", "BD-09", "EPSG:32650", "WGS-84"])
def test_coordinates_come_in_as_they_are_named(tmp_path, crs):
    lat, lon = np.array([39.9073, 40.05172]), np.array([116.3913, 116.30018])
    y, x = geodesy.from_wgs84(lat, lon, crs=crs)
    rows = [f"{n},3000,60,,2,整租,{y[n]:.9f},{x[n]:.9f},2017" for n in range(2)]
    layer = load_listings(homes(tmp_path, *rows), **ASKED, crs=crs).layer
    away = geodesy.distance_km(lat, lon, layer.geometry.y, layer.geometry.x)
    assert (away < 0.001).all()


def test_shapes_and_parquet_give_what_a_table_gives(tmp_path):
    file = homes(tmp_path, GOOD, "b,1500,90,11.5,3,合租,39.91,116.41,2017")
    first = load_listings(file, **ASKED)
    table = pd.read_csv(file)
    table.to_parquet(tmp_path / "homes.parquet")
    second = load_listings(tmp_path / "homes.parquet", **ASKED)
    points = gpd.GeoDataFrame(
        table, geometry=gpd.points_from_xy(table["lon"], table["lat"]), crs=4326
    )
    points.to_file(tmp_path / "homes.geojson")
    third = load_listings(tmp_path / "homes.geojson", **ASKED | {"lat": "", "lon": ""})
    for other in (second, third):
        pd.testing.assert_frame_equal(
            first.layer.drop(columns="geometry"),
            other.layer.drop(columns="geometry"),
            check_dtype=False,
        )
        assert shapely.equals_exact(
            first.layer.geometry.to_numpy(), other.layer.geometry.to_numpy(), 1e-9
        ).all()


def test_only_rows_that_are_asked_for_are_kept(tmp_path):
    file = homes(tmp_path, GOOD, "b,1500,90,11.5,3,合租,39.91,116.41,2017")
    found = load_listings(file, **ASKED, where={"beds": "2"})
    assert found.layer["id"].tolist() == ["a"]
    assert found.audit.dropped == {"of another beds than 2": 1}


def test_without_words_kinds_are_as_they_stand_and_without_ids_rows_are_numbered(tmp_path):
    file = homes(tmp_path, GOOD, "b,1500,90,11.5,3,all,39.91,116.41,2017", GOOD)
    found = load_listings(file, price="price", year=2017, kind="type", lat="lat", lon="lon")
    assert found.layer["kind"].tolist() == ["整租", "整租"]
    assert found.layer["id"].tolist() == ["row 1", "row 3"]
    assert found.layer["area_m2"].isna().all()
    assert found.audit.dropped == {"of a kind called all": 1}
    alike = load_listings(file, price="price", year=2017, kind_is="flat", lat="lat", lon="lon")
    assert set(alike.layer["kind"]) == {"flat"}


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"price": "cost"}, "column cost is needed, found id, price"),
        ({"kind": ""}, "a column with their kind or one kind for all"),
        ({"kind_is": "flat"}, "a column with their kind or one kind for all"),
        ({"kind_map": {"整租": "all"}}, "no kind of listing may be called all"),
        ({"year": 0}, "year must lie in 1900 to 2200, found 0"),
        ({"lat": ""}, "coordinates need both lat and lon, found one"),
        ({"lat": "", "lon": ""}, "a table needs columns lat and lon"),
        ({"lat": "lon", "lon": "lat"}, "lat and lon look swapped"),
        ({"price": "type"}, "found none of 1 rows: 1 with a price that is no number"),
    ],
)
def test_what_cannot_be_read_is_said_in_one_sentence(tmp_path, changes, words):
    with pytest.raises(InputError, match=words) as caught:
        load_listings(homes(tmp_path, GOOD), **ASKED | changes)
    assert "\n" not in str(caught.value)


def test_polygons_are_no_listings(tmp_path):
    tracts(tmp_path)
    with pytest.raises(InputError, match="listings must be points, found polygons"):
        load_listings(tmp_path / "tracts.geojson", price="rent", year=2019, kind_is="flat")


def test_years_are_found_at_the_start_of_dates():
    table = pd.DataFrame({"when": ["2017", "2018-05-01", "20191231", "2020.0", "soon", "", "99"]})
    expected = [2017, 2018, 2019, 2020, -1, -1, -1]
    assert years_in(table, "when", year=0).tolist() == expected


# --- Zones ---------------------------------------------------------------------------------------


def tracts(tmp_path, count=5):
    shapes = [shapely.box(116 + n / 10, 39, 116.1 + n / 10, 40) for n in range(count)]
    table = {"GEOID": [f"0{n}" for n in range(count)], "rent": [1000 + n for n in range(count)]}
    gpd.GeoDataFrame(table, geometry=shapes, crs=4326).to_file(tmp_path / "tracts.geojson")
    return tmp_path / "tracts.geojson"


def figures(tmp_path, *rows):
    return homes(tmp_path, *rows, name="figures.csv", header="id,value,measure,year")


FIGURES = {"price": "value", "zone_id": "GEOID", "id": "id", "year_column": "year"}


def test_zones_take_their_figure_of_each_year(tmp_path):
    rows = [
        *("00,1500,rent,2018", "00,1600,rent,2019", "01,1700,rent,2019", "01,1,home,2019"),
        *("02,,rent,2019", "77,1800,rent,2019", "03,1900,rent,", "04,NA,rent,2019"),
    ]
    where = {"measure": "rent"}
    found = load_rent_zones(figures(tmp_path, *rows), tracts(tmp_path), **FIGURES, where=where)
    check_layer(found.layer, name="rents")
    assert found.layer["id"].tolist() == ["00-2018", "00-2019", "01-2019"]
    assert found.layer["zone"].tolist() == ["00", "00", "01"]
    assert found.layer["rent"].tolist() == [1500, 1600, 1700]
    assert set(found.layer["kind"]) == {"zone"}
    assert found.layer["area_m2"].isna().all()
    assert found.layer.geometry.iloc[2].bounds == (116.1, 39, 116.2, 40)
    assert found.audit.dropped == {
        "of another measure than rent": 1,
        "without a year": 1,
        "with an id that no zone has": 1,
        "without a figure": 2,
    }
    assert found.audit.rows == found.audit.kept + sum(found.audit.dropped.values())
    assert found.audit.notes == ("of 5 zones without a figure: 4 in 2018, 3 in 2019",)


def test_figures_may_stand_beside_the_shapes(tmp_path):
    file = tracts(tmp_path)
    found = load_rent_zones(file, file, price="rent", zone_id="GEOID", year=2019)
    assert found.layer["rent"].tolist() == [1000, 1001, 1002, 1003, 1004]
    assert found.audit.notes == ()


def test_a_highest_figure_of_several_zones_is_kept_as_top_coded(tmp_path):
    rows = [f"0{n},{2001 if n < 3 else 900},rent,2014" for n in range(5)]
    rows += [f"0{n},{2001 if n < 2 else 800},rent,2015" for n in range(5)]
    found = load_rent_zones(figures(tmp_path, *rows), tracts(tmp_path), **FIGURES)
    assert found.layer["top_coded"].tolist() == [True] * 3 + [False] * 7
    assert found.audit.kept == 10
    assert found.audit.notes == (
        "zones at a year's highest figure, taken for a top code: 3 at 2001 in 2014",
    )


def test_two_figures_for_a_zone_and_year_are_refused(tmp_path):
    rows = ["00,1500,rent,2018", "00,1600,home,2018"]
    with pytest.raises(InputError, match="one figure a year, found two for 00 in 2018"):
        load_rent_zones(figures(tmp_path, *rows), tracts(tmp_path), **FIGURES)


def test_zones_without_any_figure_are_refused(tmp_path):
    rows = ["0,1500,rent,2018"]
    with pytest.raises(InputError, match="zones must have a figure, found none of 1 rows"):
        load_rent_zones(figures(tmp_path, *rows), tracts(tmp_path), **FIGURES)


# --- Real listings and zones ---------------------------------------------------------------------


@pytest.fixture(scope="module")
def ziroom(real_data):
    return load_listings(
        real_data / "beijing" / "rent_ziroom_2017-12-14_bd09.csv",
        price="sell_price",
        year_column="snapshot",
        kind="kind",
        kind_map={"whole": "flat", "share": "room"},
        area="build_size",
        area_of={"room": "usage_area"},
        rooms="house_bedroom",
        id="id",
        lat="latitude",
        lon="longitude",
        crs="BD-09",
    )


@pytest.mark.real
def test_every_real_listing_is_kept(ziroom):
    assert (ziroom.audit.rows, ziroom.audit.kept) == (4_874, 4_874)
    assert ziroom.layer["kind"].value_counts().to_dict() == {"room": 2_662, "flat": 2_212}
    assert set(ziroom.layer["year"]) == {2017}
    assert ziroom.layer["area_m2"].notna().all()


@pytest.mark.real
def test_five_in_six_real_listings_lie_within_a_kilometre_of_a_station(ziroom, real_data):
    stations = pd.read_csv(real_data / "beijing" / "subway_2026_stations_wgs84.csv")
    nearest = np.full(len(ziroom.layer), np.inf)
    lat, lon = ziroom.layer.geometry.y.to_numpy(), ziroom.layer.geometry.x.to_numpy()
    for y, x in stations[["lat", "lon"]].dropna().to_numpy():
        nearest = np.minimum(nearest, geodesy.distance_km(lat, lon, y, x))
    assert 100 * (nearest <= 1).mean() == pytest.approx(84.5, abs=0.5)


@pytest.mark.real
def test_real_flats_are_dearest_by_the_square_metre_in_four_districts(ziroom, real_data):
    raw = pd.read_csv(
        real_data / "beijing" / "rent_ziroom_2017-12-14_bd09.csv", dtype={"id": str}
    ).set_index("id")
    flats = ziroom.layer[ziroom.layer["kind"] == "flat"]
    per_m2 = flats["rent"] / flats["area_m2"]
    # The district that the listing states; by polygon a handful change sides.
    stated = per_m2.groupby(raw["district_name"].reindex(flats["id"]).to_numpy()).median()
    dearest = stated.sort_values(ascending=False)
    assert dearest.index[:4].tolist() == ["西城", "东城", "海淀", "朝阳"]
    assert dearest.iloc[:4].tolist() == pytest.approx([123.9, 122.8, 119.2, 114.5], abs=0.1)
    assert stated["通州"] == pytest.approx(63.3, abs=0.1)


@pytest.mark.real
def test_real_flats_are_dearest_in_the_same_order_by_polygon(ziroom, real_data):
    districts = gpd.read_file(real_data / "beijing" / "districts_wgs84_m3.geojson")
    districts = districts.set_geometry(districts.geometry.make_valid())
    flats = ziroom.layer[ziroom.layer["kind"] == "flat"]
    held = flats.sjoin(districts[["name", "geometry"]], predicate="intersects")
    held = held[~held.index.duplicated()]
    medians = (held["rent"] / held["area_m2"]).groupby(held["name"]).median()
    dearest = medians.sort_values(ascending=False)
    assert dearest.index[:4].tolist() == ["西城区", "东城区", "海淀区", "朝阳区"]
    assert dearest.iloc[:4].tolist() == pytest.approx([123.9, 122.8, 119.2, 114.5], abs=0.7)
    assert medians["通州区"] == pytest.approx(63.3, abs=1)


@pytest.mark.real
def test_real_listings_unconverted_stand_half_a_kilometre_off(ziroom, real_data):
    raw = pd.read_csv(real_data / "beijing" / "rent_ziroom_2017-12-14_bd09.csv")
    points = ziroom.layer.geometry
    away = geodesy.distance_km(raw["latitude"], raw["longitude"], points.y, points.x)
    assert 0.5 < np.median(away) < 2


@pytest.mark.real
def test_real_tracts_bring_eleven_years_of_median_gross_rent(real_data):
    us = real_data / "us"
    found = load_rent_zones(
        us / "ncr_cttrbg_acs5_2009_2019_housing_access.csv.xz",
        us / "ncr_geo_census_cb_2010_census_tracts.geojson",
        price="value",
        zone_id="geoid",
        id="geoid",
        year_column="year",
        where={"measure": "gross_rent"},
    )
    check_layer(found.layer, name="rents")
    audit = found.audit
    assert audit.rows == audit.kept + sum(audit.dropped.values())
    assert sorted(found.layer["year"].unique()) == list(range(2009, 2020))
    assert "11001000100-2019" in set(found.layer["id"])
    # A straight reading of the same table.
    raw = pd.read_csv(us / "ncr_cttrbg_acs5_2009_2019_housing_access.csv.xz", dtype={"geoid": str})
    raw = raw[(raw["measure"] == "gross_rent") & raw["geoid"].isin(set(found.layer["zone"]))]
    raw = raw.dropna(subset="value")
    raw.index = raw["geoid"] + "-" + raw["year"].astype(str)
    np.testing.assert_array_equal(raw["value"].reindex(found.layer["id"]), found.layer["rent"])
    assert len(raw) == audit.kept
    # Top-coded at 2 001 until 2014 and at 3 501 from 2015, and kept.
    capped = found.layer[found.layer["top_coded"]].groupby("year")["rent"].unique()
    assert {year: one.tolist() for year, one in capped.items()} == {
        year: [2001] if year < 2015 else [3501] for year in range(2009, 2020)
    }
