"""What is near each cell, who lives within a walk of rail, and what overlaps."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from pyproj import Geod

from spatial import cells as h3cells
from spatial.access import (
    FLAGS,
    access_table,
    campus_km_of,
    missing_layers,
    share_within,
    work_km_of,
    worst_cells,
)
from spatial.analysis import Question, hotspot_table, place_table
from spatial.overlaps import overlaps
from spatial.question import QuestionError
from spatial.rail import network_of
from spatial.sources.beijing.sample import PACKAGED
from spatial.store import write_study
from spatial.study import open_study
from tests.studies import CENTRE, counts, info

LAT, LON = CENTRE
EARTH = Geod(ellps="WGS84")


def stations(opened=(2001, 2024, 2030)):
    at = [(0.0, 0.0), (0.02, 0.02), (-0.02, -0.01)]
    return gpd.GeoDataFrame(
        {
            "id": ["s1", "s2", "s3"],
            "name": ["中心站", "北站", "南站"],
            "name_en": ["Centre", "North", "South"],
            "lines": "1",
            "opened": list(opened),
        },
        geometry=[shapely.Point(LON + east, LAT + north) for north, east in at],
        crs=4326,
    )


def campuses():
    square = shapely.box(LON - 0.03, LAT, LON - 0.01, LAT + 0.02)
    shapes = [square, shapely.Point(LON + 0.03, LAT), shapely.Point()]
    return gpd.GeoDataFrame(
        {"id": ["a", "b", "c"], "name": "大学", "name_en": "University"}, geometry=shapes, crs=4326
    )


@pytest.fixture(scope="module")
def study(tmp_path_factory):
    folder = tmp_path_factory.mktemp("access") / "s"
    layers = {"stations": stations(), "campuses": campuses()}
    return write_study(folder, info(), counts(), layers=layers)


@pytest.fixture(scope="module")
def work(study):
    asked = Question(year=2025, role="work")
    return place_table(study, asked, hotspot_table(study, asked))


@pytest.fixture(scope="module")
def table(study, work):
    return access_table(study, year=2025, network=network_of(study, 2025), work=work)


def metres(lat, lon, to_lat, to_lon):
    return EARTH.inv(lon, lat, to_lon, to_lat)[2]


def test_the_walk_is_the_geodesic_to_the_nearest_station_of_the_year_at_80_metres_a_minute(table):
    lat, lon = h3cells.centres(table.index)
    for row, (one, other) in enumerate(zip(lat, lon, strict=True)):
        away = [metres(one, other, LAT, LON), metres(one, other, LAT + 0.02, LON + 0.02)]
        cell = table.iloc[row]
        assert cell["station_m"] == pytest.approx(min(away), rel=1e-5)
        assert cell["walk_minutes"] == pytest.approx(min(away) / 80, rel=1e-5)
        assert cell["station"] == int(np.argmin(away))
        assert cell["near_rail"] == (min(away) <= 800)


def test_a_station_not_yet_open_is_not_near(study):
    early = access_table(study, year=2023, network=network_of(study, 2023))
    assert set(early["station"]) == {0}
    with pytest.raises(QuestionError, match="that of 2023, found that of 2025"):
        access_table(study, year=2023, network=network_of(study, 2025))


def test_a_campus_is_near_by_its_outline_as_geopandas_measures_it(study, table):
    lat, lon = h3cells.centres(table.index)
    plane = gpd.GeoSeries(gpd.points_from_xy(lon, lat), crs=4326).to_crs("EPSG:32650")
    known = campuses().to_crs("EPSG:32650").geometry.iloc[:2]
    km = np.min([plane.distance(one) for one in known], axis=0) / 1000
    # UTM is off by up to 0.04 % and the nearest point of an outline by a metre or two.
    assert table["campus_km"].to_numpy() == pytest.approx(km, abs=0.003)
    assert (table["campus_km"] == 0).sum() == plane.within(known.iloc[0]).sum()
    assert (table["near_campus"] == (table["campus_km"] <= 1)).all()
    assert len(campus_km_of(study, [], [])) == 0


def test_a_cell_in_a_place_of_work_is_at_it(work, table):
    held = table.index.isin(work.member.index)
    assert (table["work_km"] == 0).equals(pd.Series(held, index=table.index))
    lat, lon = h3cells.centres(table.index)
    to_lat, to_lon = h3cells.centres(work.member.index)
    for row in range(0, len(table), 37):
        n = len(to_lat)
        away = metres(np.full(n, lat[row]), np.full(n, lon[row]), to_lat, to_lon)
        assert table["work_km"].iloc[row] * 1000 == pytest.approx(min(away), rel=1e-5, abs=1e-3)


@pytest.mark.parametrize(("places", "cells"), [(8, 9), (9, 8)])
def test_places_of_other_cells_are_found_all_the_same(study, places, cells):
    asked = Question(year=2025, role="work", resolution=places)
    found = place_table(study, asked, hotspot_table(study, asked))
    table = access_table(study, year=2025, network=None, resolution=cells, work=found)
    assert h3cells.resolution_of(table.index) == cells
    coarse = h3cells.parents(found.member.index, resolution=8)
    inside = np.isin(h3cells.parents(table.index, resolution=8), coarse)
    assert ((table["work_km"] == 0) == inside).all()


def test_finer_cells_than_the_study_has_are_refused(study):
    with pytest.raises(QuestionError, match="resolution must be 9, that of little, or coarser"):
        access_table(study, year=2025, network=None, resolution=10)


def test_what_a_study_lacks_is_said(tmp_path):
    bare = write_study(tmp_path / "s", info(), counts())
    table = access_table(bare, year=2025, network=None)
    assert table.attrs["missing"] == ["stations", "campuses", "work"]
    assert missing_layers(bare, network=None, work=None) == table.attrs["missing"]
    assert table[["walk_minutes", "station_m", "campus_km", "work_km"]].isna().all().all()
    assert not table[list(FLAGS)].any().any()
    assert (table["station"] == -1).all()
    within = share_within(bare)
    assert len(within) == 6
    assert within["share"].isna().all()
    assert worst_cells(table, bare.series(role="work", year=2025)["graduates"], None).empty
    assert np.isnan(work_km_of(None, bare.area)).all()


def test_the_share_is_of_the_stations_of_that_very_year(study):
    within = share_within(study).set_index(["year", "role"])
    lat, lon = h3cells.centres(study.area)
    for (year, role), row in within.iterrows():
        people = study.series(role=role, year=year)["graduates"].to_numpy()
        inside = 0.0
        for person, one, other in zip(people, lat, lon, strict=True):
            near = metres(one, other, LAT, LON) <= 800
            if year >= 2024:
                near |= metres(one, other, LAT + 0.02, LON + 0.02) <= 800
            inside += person * near
        assert row["graduates"] == people.sum()
        assert row["inside"] == pytest.approx(inside)
        assert row["share"] == pytest.approx(inside / people.sum())


def test_only_the_years_and_the_group_asked_for_are_told(study):
    told = share_within(study, years=[2025], group="stayers")
    assert told["year"].tolist() == [2025, 2025]
    assert (told["graduates"] < share_within(study, years=[2025])["graduates"]).all()


@given(st.integers(0, 3000), st.integers(0, 3000))
@settings(max_examples=15)
def test_neither_a_longer_walk_nor_more_stations_lower_the_share(study, walk, further):
    short = share_within(study, walk_m=walk)["share"]
    assert (share_within(study, walk_m=walk + further)["share"] >= short).all()
    more = share_within(study, walk_m=walk, network=lambda _: network_of(study, 2030))["share"]
    assert (more >= short).all()


def test_the_worst_cells_carry_most_people_farthest(study, table):
    people = study.series(role="residence", year=2025)["graduates"]
    network = network_of(study, 2025)
    worst = worst_cells(table, people, network, top=10)
    beyond = (table["station_m"] - 800).clip(0, 4200)
    burden = (people * beyond / 1000).sort_values(ascending=False)
    assert worst["person_km"].to_numpy() == pytest.approx(burden.to_numpy()[:10])
    first = worst.iloc[0]
    assert first["person_km"] == first["graduates"] * first["beyond_m"] / 1000
    assert first["station_name_en"] in ("Centre", "North")
    assert (worst_cells(table, people, network, top=10_000)["person_km"] > 0).all()
    assert worst_cells(table, people * 0, network).empty


def test_a_few_people_far_away_do_not_stand_above_an_estate():
    access = pd.DataFrame(
        {"station_m": [40_000.0, 2800.0], "station": [0, 0]}, index=pd.Index([1, 2], name="cell")
    )
    people = pd.Series([30.0, 400.0], index=access.index)

    class Rail:
        ids, names, names_en = (np.array(["s"], dtype=object),) * 3

    assert worst_cells(access, people, Rail()).index.tolist() == [2, 1]
    assert worst_cells(access, people, Rail(), most_m=np.inf).index.tolist() == [1, 2]


# --- Overlaps ------------------------------------------------------------------------------------

ROWS = st.lists(
    st.tuples(st.booleans(), st.booleans(), st.booleans(), st.integers(0, 50)), max_size=30
)


@given(ROWS)
@settings(max_examples=60)
def test_overlaps_are_what_pandas_groups_and_add_up_to_all(rows):
    table = pd.DataFrame(rows, columns=[*FLAGS, "graduates"]).astype(dict.fromkeys(FLAGS, bool))
    people = table["graduates"].astype(float)
    found = overlaps(table[list(FLAGS)], people)
    assert len(found) == 8
    assert found["cells"].sum() == len(rows)
    assert found["graduates"].sum() == people.sum()
    assert found["graduates"].is_monotonic_decreasing
    if people.sum():
        assert found["share"].sum() == pytest.approx(1)
    by = found.set_index(list(FLAGS))
    for combination, part in table.groupby(list(FLAGS)):
        assert by.loc[combination, "cells"] == len(part)
        assert by.loc[combination, "graduates"] == part["graduates"].sum()
    for flag in FLAGS:
        assert found.loc[found[flag], "graduates"].sum() == people[table[flag]].sum()


def test_nobody_is_lost_in_cells_without_flags():
    flags = pd.DataFrame({"near_rail": [True]}, index=[1])
    with pytest.raises(ValueError, match="must have flags, found 1 without"):
        overlaps(flags, pd.Series([2.0, 3.0], index=[1, 2]))


# --- The sample ----------------------------------------------------------------------------------


def test_more_than_four_in_ten_of_the_sample_live_within_800_metres_and_more_work_there():
    within = share_within(open_study(PACKAGED)).set_index(["year", "role"])["share"]
    homes, work = within.xs("residence", level="role"), within.xs("work", level="role")
    assert (homes > 0.4).all()
    assert (work > homes).all()
    assert homes.is_monotonic_increasing
