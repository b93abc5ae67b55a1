"""Areas: the right people inside, each in one district, and names that lead to them."""

from __future__ import annotations

from itertools import pairwise

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from spatial import cells as h3cells
from spatial.areas import Area, area_of, drawn_area, shape_area
from spatial.places import Places
from spatial.question import QuestionError
from tests.studies import CENTRE, city, small_study

CELLS = city(radius=6)
LAT, LON = h3cells.centres(CELLS)


@pytest.fixture(scope="module")
def study(tmp_path_factory):
    return small_study(tmp_path_factory.mktemp("areas") / "little")


def places_at(resolution: int = 9, *, rings: int = 2) -> Places:
    middle = h3cells.points_to_cells([CENTRE[0]], [CENTRE[1]], resolution=resolution)
    held = h3cells.grid_disk(middle, k=rings)
    table = gpd.GeoDataFrame(
        {
            "id": ["work-centre", "work-north"],
            "name": ["中心", "北"],
            "name_en": ["Centre", "North"],
        },
        geometry=[shapely.Point(LON[0], LAT[0])] * 2,
        crs=4326,
    )
    member = pd.Series("work-centre", index=pd.Index(held, name="cell"))
    member.iloc[0] = "work-north"
    return Places(table, member, member == "work-centre")


def test_nothing_asked_is_the_whole_study(study):
    whole = area_of(study, "  ")
    assert (whole.kind, whole.id, whole.name, whole.name_en) == ("study", "", "小城", "Little town")
    assert whole.holds(LAT, LON, CELLS).all()


@pytest.mark.parametrize("name", ["w", "W", "西区", "West", " west "])
def test_a_district_goes_by_id_and_either_name(study, name):
    found = area_of(study, name)
    assert (found.kind, found.id) == ("district", "w")
    np.testing.assert_array_equal(found.holds(LAT, LON, CELLS), CENTRE[1] - 1e-12 >= LON)


def test_a_place_is_found_where_places_are_given(study):
    places = places_at()
    found = area_of(study, "Centre", places=places)
    assert (found.kind, found.id, found.name) == ("place", "work-centre", "中心")
    held = places.member.index[places.member == "work-centre"]
    np.testing.assert_array_equal(found.holds(LAT, LON, CELLS), np.isin(CELLS, held))
    with pytest.raises(QuestionError, match="must be a district of little, found 'Centre'"):
        area_of(study, "Centre")


def test_a_place_of_coarser_cells_holds_all_below_them(study):
    found = area_of(study, "Centre", places=places_at(resolution=7, rings=1))
    parents = h3cells.parents(CELLS, resolution=7)
    np.testing.assert_array_equal(found.holds(LAT, LON, CELLS), np.isin(parents, found.cells))


def test_an_unknown_name_gets_the_nearest_ones(study):
    with pytest.raises(QuestionError, match="found 'Wets'; did you mean West"):
        area_of(study, "Wets")
    with pytest.raises(QuestionError, match="district or place of little, found 'Centr'; did you"):
        area_of(study, "Centr", places=places_at())


def test_two_of_one_name_must_be_told_apart(study):
    places = places_at()
    places.table["name_en"] = "Twin"
    with pytest.raises(QuestionError, match=r"found 2 'twin': ids work-centre, work-north"):
        area_of(study, "twin", places=places)


def test_an_edge_belongs_to_one_district_the_last(study):
    lat, lon = np.array([CENTRE[0], CENTRE[0] + 0.3]), np.full(2, CENTRE[1])
    cell = h3cells.points_to_cells(lat, lon, resolution=9)
    assert not area_of(study, "West").holds(lat, lon, cell).any()
    assert area_of(study, "East").holds(lat, lon, cell).all()


def test_districts_of_the_sample_hold_everybody_once():
    from spatial.districts import district_of
    from spatial.sources.beijing.sample import PACKAGED
    from spatial.study import open_study

    sample = open_study(PACKAGED)
    districts = sample.layer("districts")
    cells = sample.area[::7]
    lat, lon = h3cells.centres(cells)
    told = district_of(cells, districts).to_numpy()
    outlined = districts.loc[~districts.geometry.is_empty & districts.geometry.notna(), "id"]
    assert len(outlined) == 16
    for name in outlined:
        inside = area_of(sample, str(name)).holds(lat, lon, cells)
        np.testing.assert_array_equal(inside, told == name)
    with pytest.raises(QuestionError, match=r"an area must have an outline, .* has none"):
        area_of(sample, "unallocated")


def inside_literally(corners, lat, lon):
    """Even-odd rule: how often a line to the east crosses the outline."""
    crossed = 0
    for (a_lat, a_lon), (b_lat, b_lon) in pairwise([*corners, corners[0]]):
        if (a_lat > lat) != (b_lat > lat):
            at = a_lon + (lat - a_lat) / (b_lat - a_lat) * (b_lon - a_lon)
            crossed += at > lon
    return crossed % 2 == 1


@given(st.integers(0, 2**32 - 1))
def test_drawn_areas_hold_what_the_even_odd_rule_holds(seed):
    rng = np.random.default_rng(seed)
    turn = np.sort(rng.uniform(0, 2 * np.pi, 6))
    if np.diff([*turn, turn[0] + 2 * np.pi]).max() > 3:
        return  # not around the centre: may cross itself
    reach = rng.uniform(0.002, 0.02, 6)
    corners = [
        (CENTRE[0] + r * np.cos(t), CENTRE[1] + r * np.sin(t))
        for t, r in zip(turn, reach, strict=True)
    ]
    found = drawn_area(corners).holds(LAT, LON, CELLS)
    expected = [inside_literally(corners, lat, lon) for lat, lon in zip(LAT, LON, strict=True)]
    np.testing.assert_array_equal(found, expected)


@given(st.integers(0, 5))
def test_where_a_ring_starts_does_not_matter(first):
    corners = [(39.89, 116.39), (39.89, 116.41), (39.9, 116.42), (39.91, 116.41), (39.91, 116.39)]
    turned = corners[first:] + corners[:first]
    np.testing.assert_array_equal(
        drawn_area(turned).holds(LAT, LON, CELLS), drawn_area(corners).holds(LAT, LON, CELLS)
    )


@pytest.mark.parametrize(
    ("ring", "fault"),
    [
        ([(39.9, 116.4), (39.8, 116.4)], "three corners or more, found 2"),
        ([(39.9, 116.4), (39.8, 116.3), (39.8, 116.4), (39.9, 116.3)], "must not cross itself"),
        ([(39.9, 116.4), (39.8, 116.4), (39.7, 116.4)], "must not cross itself or be a line"),
        ([(116.4, 39.9), (116.4, 39.8), (116.3, 39.8)], "must lie on the Earth"),
    ],
)
def test_what_is_no_outline_is_refused(ring, fault):
    with pytest.raises(QuestionError, match=fault):
        drawn_area(ring)


def test_a_shape_must_be_a_polygon():
    with pytest.raises(QuestionError, match="must be a polygon, found Point"):
        shape_area(shapely.Point(0, 0))


def test_holes_are_outside():
    outer, hole = shapely.box(116.3, 39.8, 116.5, 40), shapely.Point(CENTRE[::-1]).buffer(0.005)
    area = shape_area(shapely.difference(outer, hole))
    away = np.hypot(LON - CENTRE[1], LAT - CENTRE[0])
    np.testing.assert_array_equal(area.holds(LAT, LON, CELLS), away > 0.005)


def test_nobody_is_in_no_cells():
    empty = np.empty(0)
    none = Area("place", "p", cells=CELLS[:3]).holds(empty, empty, empty.astype(np.uint64))
    assert none.shape == (0,)
    assert not Area("place", "p", cells=CELLS[:0]).holds(LAT, LON, CELLS).any()
