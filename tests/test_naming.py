"""Names and classes of places: one name each, the best that fits, and the rule that chose."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from spatial import cells as h3cells
from spatial.classes import ClassRules, classify_places
from spatial.naming import borrow_gazetteer, name_places, slugs
from spatial.schema import PLACE_CLASSES


def points(rows, columns):
    table = pd.DataFrame(rows, columns=[*columns, "lat", "lon"])
    return gpd.GeoDataFrame(
        table.drop(columns=["lat", "lon"]),
        geometry=gpd.points_from_xy(table["lon"], table["lat"]),
        crs="EPSG:4326",
    )


def gazetteer(*rows):
    return points(rows, ["name", "name_en", "reach_km"])


def peaks(*rows):
    return pd.DataFrame(rows, columns=["lat", "lon"], index=[f"row{i}" for i in range(len(rows))])


WANGJING = ("望京", "Wangjing", 2.0, 39.99, 116.47)
NEARER = ("花家地", "Huajiadi", 1.0, 39.98, 116.465)
STATIONS = points([("来广营站", "Laiguangying", 40.02, 116.46)], ["name", "name_en"])
DISTRICTS = gpd.GeoDataFrame(
    {"name": ["朝阳区"], "name_en": ["Chaoyang"]},
    geometry=[shapely.box(116.3, 39.8, 116.7, 40.2)],
    crs="EPSG:4326",
)
NOWHERE = gazetteer()


def names(found):
    return list(found[["name", "name_en", "named_by"]].itertuples(index=False, name=None))


def test_the_entry_that_fits_best_against_its_reach_gives_the_name():
    """1.2 km of a reach of 2 is nearer than 0.7 km of a reach of 1."""
    found = name_places(peaks((39.986, 116.469)), gazetteer=gazetteer(WANGJING, NEARER))
    assert names(found) == [("望京", "Wangjing", "gazetteer")]
    assert found.index.tolist() == ["row0"]


def test_an_entry_names_one_place_and_the_next_takes_the_next_best():
    two = peaks((39.986, 116.469), (39.985, 116.469))
    found = name_places(two, gazetteer=gazetteer(WANGJING, NEARER))
    assert found["name_en"].tolist() == ["Wangjing", "Huajiadi"]


def test_without_a_next_best_the_same_name_gets_a_direction():
    two = peaks((39.99, 116.47), (40.005, 116.47), (39.99, 116.455), (40.006, 116.47))
    found = name_places(two, gazetteer=gazetteer(WANGJING))
    assert names(found)[:3] == [
        ("望京", "Wangjing", "gazetteer"),
        ("望京 北", "Wangjing (north)", "gazetteer"),
        ("望京 西", "Wangjing (west)", "gazetteer"),
    ]
    assert found["named_by"].iloc[3] == "position"  # a second north would be no name


def test_then_the_station_then_the_district_then_the_position():
    far = gazetteer(("南", "South", 1.0, 30.0, 110.0))
    known = {"gazetteer": far, "stations": STATIONS, "districts": DISTRICTS}
    found = name_places(
        peaks((40.021, 116.461), (40.022, 116.461), (40.0, 116.5), (41.0, 116.5)), **known
    )
    assert names(found) == [
        ("来广营站周边", "Laiguangying station area", "station"),
        ("朝阳区中部", "Chaoyang, centre", "district"),
        ("朝阳区中部 2", "Chaoyang, centre 2", "district"),
        ("北纬41.00° 东经116.50°", "41.00° N, 116.50° E", "position"),
    ]


@pytest.mark.parametrize(
    ("lat", "lon", "name", "name_en"),
    [
        (40.15, 116.35, "朝阳区西北部", "Chaoyang, north-west"),
        (39.85, 116.65, "朝阳区东南部", "Chaoyang, south-east"),
        (40.0, 116.68, "朝阳区东部", "Chaoyang, east"),
        (39.82, 116.5, "朝阳区南部", "Chaoyang, south"),
    ],
)
def test_the_direction_is_seen_from_the_districts_centre(lat, lon, name, name_en):
    found = name_places(peaks((lat, lon)), gazetteer=NOWHERE, districts=DISTRICTS)
    assert names(found) == [(name, name_en, "district")]


def test_a_gazetteer_in_one_language_stays_in_it():
    entry = ("Irvine", "Irvine", 3.0, 33.68, -117.83)
    found = name_places(peaks((33.68, -117.83), (33.70, -117.83)), gazetteer=gazetteer(entry))
    assert found["name"].tolist() == found["name_en"].tolist() == ["Irvine", "Irvine (north)"]


def test_south_and_west_have_their_letters():
    found = name_places(peaks((-33.9, -70.6)), gazetteer=NOWHERE)
    assert names(found) == [("南纬33.90° 西经70.60°", "33.90° S, 70.60° W", "position")]


NEARBY = st.tuples(st.floats(39.9, 40.1), st.floats(116.4, 116.5))


@given(st.lists(NEARBY, min_size=1, max_size=12, unique=True))
@settings(max_examples=25, deadline=None)
def test_no_two_places_share_a_name_or_an_id(rows):
    rows = list({(round(lat, 4), round(lon, 4)) for lat, lon in rows})
    found = name_places(
        peaks(*rows), gazetteer=gazetteer(WANGJING, NEARER), stations=STATIONS, districts=DISTRICTS
    )
    assert found["name"].is_unique
    assert found["name_en"].is_unique
    assert len(set(slugs(found["name_en"]))) == len(rows)


def test_slugs_are_plain_and_numbered_where_alike():
    given_names = pd.Series(["Xi'an Road", "Café (north)", "café  North", "望京", "西二旗"])
    assert slugs(given_names) == ["xi-an-road", "cafe-north", "cafe-north-2", "place", "place-2"]


def test_no_places_need_no_names():
    assert name_places(peaks(), gazetteer=NOWHERE).empty


def test_the_packaged_gazetteer_is_borrowed_where_it_covers_the_middle():
    def around(lat, lon):
        return h3cells.grid_disk(h3cells.points_to_cells([lat], [lon], resolution=7), k=3)

    assert len(borrow_gazetteer(around(39.9, 116.4))) > 100
    elsewhere = borrow_gazetteer(around(33.7, -117.8))
    assert elsewhere.empty
    assert {"name", "name_en", "reach_km", "geometry"} <= set(elsewhere.columns)
    assert borrow_gazetteer(np.array([], dtype=np.uint64)).empty


# --- Classes -------------------------------------------------------------------------------------

CAMPUSES = points([("北京大学", "Peking University", 39.99, 116.305)], ["name", "name_en"])
BESIDE, AWAY = (39.995, 116.305), (39.8, 116.5)


def place(where, residence_share, work_share):
    return pd.DataFrame(
        {
            "lat": [where[0]],
            "lon": [where[1]],
            "residence_share": [residence_share],
            "work_share": [work_share],
        }
    )


@pytest.mark.parametrize(
    ("where", "homes", "jobs", "role", "expected"),
    [
        (AWAY, 0.01, 0.02, "work", ("work_centre", "jobs")),
        (BESIDE, 0.01, 0.05, "work", ("work_centre", "jobs")),
        (AWAY, 0.0, 0.05, "residence", ("work_centre", "jobs")),
        (BESIDE, 0.02, 0.02, "work", ("campus_edge", "campus")),
        (BESIDE, 0.05, 0.01, "residence", ("campus_edge", "campus")),
        (AWAY, 0.02, 0.01, "residence", ("residential_pocket", "homes")),
        (AWAY, 0.02, 0.0, "work", ("residential_pocket", "homes")),
        (AWAY, 0.02, 0.015, "work", ("mixed_live_work", "both")),
        (AWAY, 0.0, 0.0, "work", ("mixed_live_work", "both")),
        (AWAY, np.nan, 0.02, "work", ("work_centre", "role")),
        (BESIDE, np.nan, 0.02, "work", ("work_centre", "role")),
        (AWAY, 0.02, np.nan, "residence", ("residential_pocket", "role")),
        (BESIDE, 0.02, np.nan, "residence", ("campus_edge", "campus")),
    ],
)
def test_the_rule_gives_the_class(where, homes, jobs, role, expected):
    found = classify_places(place(where, homes, jobs), role=role, campuses=CAMPUSES)
    assert tuple(found.iloc[0]) == expected


def test_thresholds_can_be_changed():
    mixed = place(AWAY, 0.02, 0.03)
    found = classify_places(mixed, role="work", rules=ClassRules(lead=1.5))
    assert found["class"].tolist() == ["work_centre"]
    wide = ClassRules(campus_km=100)
    found = classify_places(mixed, role="work", campuses=CAMPUSES, rules=wide)
    assert found["class"].tolist() == ["campus_edge"]


SHARE = st.one_of(st.floats(0, 1), st.just(float("nan")))


@given(SHARE, SHARE, st.sampled_from(["residence", "work"]))
def test_every_place_has_a_class_of_the_four(homes, jobs, role):
    found = classify_places(place(BESIDE, homes, jobs), role=role, campuses=CAMPUSES)
    assert found["class"].isin(PLACE_CLASSES).all()
