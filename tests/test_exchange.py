"""Who goes from where to where: nobody is lost, and there and back are told apart."""

from __future__ import annotations

from dataclasses import replace
from math import atan2, cos, degrees, radians, sin, sqrt

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from pyproj import Geod
from scipy.stats import circmean

from spatial import cells as h3cells
from spatial.areas import drawn_area
from spatial.directions import bearings, direction_rose, distance_histogram
from spatial.ends import (
    ELSEWHERE,
    Labels,
    coarse_cells,
    ends_in,
    ends_of,
    middles,
    named,
    people_at,
)
from spatial.exchange import exchange, homes_of_workers, jobs_of_residents, matrix, partners
from spatial.pairs import Pairs
from spatial.places import Layers, Places
from tests.studies import CENTRE, city, layers

CELLS = city(radius=4)
EARTH = Geod(ellps="WGS84")


def pairs(rows, *, cells=CELLS):
    """Pairs of (home, job, graduates), rows of `cells`."""
    lat, lon = h3cells.centres(cells)
    table = np.array(rows, dtype=np.float64).reshape(-1, 3)
    ends = table[:, :2].astype(np.int64)
    return Pairs(lat, lon, cells, ends[:, 0], ends[:, 1], table[:, 2], exact=False)


def swapped(given):
    return replace(given, origin=given.destination, destination=given.origin)


def labels(code, size):
    ids = [f"l{row}" for row in range(size)]
    table = pd.DataFrame({"id": ids, "name": ids, "name_en": ids, "kind": "place"}, dtype="str")
    return Labels(np.asarray(code, dtype=np.int64), table)


END = st.integers(0, len(CELLS) - 1)
ROWS = st.lists(st.tuples(END, END, st.integers(1, 50)), min_size=1, max_size=40)
CODES = st.lists(st.integers(-1, 3), min_size=len(CELLS), max_size=len(CELLS))
MASKS = st.lists(st.booleans(), min_size=len(CELLS), max_size=len(CELLS)).map(np.array)


# --- The matrix ---------------------------------------------------------------------------------


@given(ROWS, CODES, CODES)
def test_the_matrix_is_what_counting_one_by_one_gives(rows, home, work):
    found = matrix(pairs(rows), labels(home, 4), labels(work, 4))
    expected = {}
    for start, end, people in rows:
        key = (home[start], work[end])
        expected[key] = expected.get(key, 0) + people
    for (row, column), people in expected.items():
        assert found.iloc[row, column] == people  # -1, elsewhere, is the last
    assert found.to_numpy().sum() == sum(expected.values())


@given(ROWS, CODES, CODES)
def test_the_matrix_is_the_crosstab_of_pandas(rows, home, work):
    given_pairs, homes, jobs = pairs(rows), labels(home, 4), labels(work, 4)
    found = matrix(given_pairs, homes, jobs)
    names = np.array([*homes.table["id"], ELSEWHERE], dtype=object)
    expected = pd.crosstab(
        names[homes.code[given_pairs.origin]],
        names[jobs.code[given_pairs.destination]],
        values=given_pairs.graduates,
        aggfunc="sum",
    )
    expected = expected.reindex(index=found.index, columns=found.columns).fillna(0)
    np.testing.assert_array_equal(found, expected)


@given(ROWS, CODES, CODES)
def test_the_way_back_is_the_matrix_turned(rows, home, work):
    there = matrix(pairs(rows), labels(home, 4), labels(work, 4))
    back = matrix(swapped(pairs(rows)), labels(work, 4), labels(home, 4))
    np.testing.assert_array_equal(back, there.T)


def test_the_matrix_names_its_rows_and_columns():
    everywhere, nowhere = labels([0] * len(CELLS), 1), labels([-1] * len(CELLS), 0)
    found = matrix(pairs([(0, 1, 5)]), everywhere, nowhere)
    assert found.index.tolist() == ["l0", ELSEWHERE]
    assert found.columns.tolist() == [ELSEWHERE]
    assert (found.index.name, found.columns.name) == ("home", "work")
    assert found.loc["l0", ELSEWHERE] == 5


# --- An area: in, out and within ----------------------------------------------------------------


@given(ROWS, MASKS)
def test_exchange_is_what_counting_one_by_one_gives(rows, inside):
    found = exchange(pairs(rows), inside)
    assert found.residents == sum(people for home, _, people in rows if inside[home])
    assert found.workers == sum(people for _, job, people in rows if inside[job])
    assert found.both == sum(p for home, job, p in rows if inside[home] and inside[job])
    assert found.inflow == sum(p for home, job, p in rows if inside[job] and not inside[home])
    assert found.outflow == sum(p for home, job, p in rows if inside[home] and not inside[job])
    assert found.total == sum(people for _, _, people in rows)


@given(ROWS, MASKS)
def test_the_way_back_swaps_inflow_and_outflow(rows, inside):
    there, back = exchange(pairs(rows), inside), exchange(swapped(pairs(rows)), inside)
    assert (back.inflow, back.outflow) == (there.outflow, there.inflow)
    assert (back.residents, back.workers) == (there.workers, there.residents)
    assert back.net_inflow == -there.net_inflow
    np.testing.assert_equal(back.self_containment, there.self_sufficiency)


def test_the_whole_study_contains_itself():
    found = exchange(pairs([(0, 1, 5), (2, 2, 3)]), np.ones(len(CELLS), dtype=bool))
    assert (found.self_containment, found.inflow, found.outflow) == (1, 0, 0)


def test_nobody_lives_in_an_empty_area():
    found = exchange(pairs([(0, 1, 5)]), np.zeros(len(CELLS), dtype=bool))
    assert np.isnan(found.self_containment)
    assert np.isnan(found.self_sufficiency)


@given(ROWS, MASKS)
def test_catchments_hold_residents_and_workers_cell_by_cell(rows, inside):
    found, given_pairs = exchange(pairs(rows), inside), pairs(rows)
    homes, jobs = homes_of_workers(given_pairs, inside), jobs_of_residents(given_pairs, inside)
    assert homes.sum() == found.workers
    assert jobs.sum() == found.residents
    assert (homes > 0).all()
    assert homes.index.is_monotonic_increasing
    for cell, people in homes.items():
        assert people == sum(p for h, j, p in rows if CELLS[h] == cell and inside[j])
    pd.testing.assert_series_equal(jobs, homes_of_workers(swapped(given_pairs), inside))


@given(ROWS, MASKS, CODES)
def test_partners_add_up_to_the_inflow_and_the_outflow(rows, inside, code):
    given_pairs, found = pairs(rows), exchange(pairs(rows), inside)
    coming = partners(given_pairs, inside, labels(code, 4), side="home")
    going = partners(given_pairs, inside, labels(code, 4), side="work")
    assert coming["graduates"].sum() == found.inflow
    assert going["graduates"].sum() == found.outflow
    assert coming.empty or coming["share"].sum() == pytest.approx(1)
    assert ELSEWHERE not in coming["id"].tolist()[:-1]
    pd.testing.assert_frame_equal(
        going, partners(swapped(given_pairs), inside, labels(code, 4), side="home")
    )
    for label, people, km in coming[["id", "graduates", "mean_km"]].itertuples(index=False):
        row = -1 if label == ELSEWHERE else int(label[1:])
        mine = [
            at
            for at, (h, j, _) in enumerate(rows)
            if inside[j] and not inside[h] and code[h] == row
        ]
        weight = given_pairs.graduates[mine]
        assert people == weight.sum()
        assert km == pytest.approx(np.average(given_pairs.distance_km[mine], weights=weight))


# --- Labels of the ends -------------------------------------------------------------------------


def test_an_end_belongs_to_the_first_area_that_holds_it():
    lat, lon = CENTRE
    west = drawn_area([(lat - 1, lon - 1), (lat - 1, lon), (lat + 1, lon), (lat + 1, lon - 1)])
    every = drawn_area(
        [(lat - 1, lon - 1), (lat - 1, lon + 1), (lat + 1, lon + 1), (lat + 1, lon - 1)]
    )
    given_pairs = pairs([(0, 1, 1)])
    found = ends_in(given_pairs, [west, every])
    np.testing.assert_array_equal(found.code, np.where(given_pairs.lon <= lon, 0, 1))
    assert (ends_in(given_pairs, []).code == -1).all()
    assert len(ends_in(given_pairs, [])) == 0


def some_places(cells):
    """Two places of some cells each, as `find_places` leaves them."""
    member = pd.Series(["b", "a", "a"], index=pd.Index(cells, name="cell"), dtype="str")
    table = gpd.GeoDataFrame(
        {"id": ["a", "b"], "name": ["甲", "乙"], "name_en": ["A", "B"]},
        geometry=[shapely.Point(0, 0)] * 2,
        crs=4326,
    )
    return Places(table, member, member == "a")


def test_an_end_goes_by_its_place_before_its_district():
    given_pairs = pairs([(0, 1, 1)])
    found = ends_of(given_pairs, places=some_places(CELLS[:3]), districts=layers()["districts"])
    assert found.table["id"].tolist() == ["a", "b", "w", "e"]
    assert found.table["kind"].tolist() == ["place", "place", "district", "district"]
    assert found.code[:3].tolist() == [1, 0, 0]
    np.testing.assert_array_equal(found.code[3:], np.where(given_pairs.lon[3:] < CENTRE[1], 2, 3))


def test_without_places_and_districts_everybody_is_elsewhere():
    found = ends_of(pairs([(0, 1, 1)]))
    assert (found.code == -1).all()
    assert matrix(pairs([(0, 1, 1)]), found, found).loc[ELSEWHERE, ELSEWHERE] == 1


def test_an_edge_that_two_districts_share_belongs_to_the_last():
    lat, lon = CENTRE
    cells = h3cells.points_to_cells([lat], [lon], resolution=9)
    edge = Pairs(
        *map(np.array, ([lat], [lon])), cells, *[np.array([0])] * 2, np.ones(1), exact=True
    )
    assert ends_of(edge, districts=layers()["districts"]).code.tolist() == [1]


def test_places_of_coarser_cells_hold_the_finer_ends():
    coarse = np.unique(h3cells.parents(CELLS, resolution=8))
    found = ends_of(pairs([(0, 1, 1)]), places=some_places(coarse[:3]))
    own = h3cells.parents(CELLS, resolution=8)
    np.testing.assert_array_equal(found.code == 1, own == coarse[0])
    np.testing.assert_array_equal(found.code == 0, np.isin(own, coarse[1:3]))


def test_ends_elsewhere_go_by_coarse_cells():
    given_pairs = pairs([(0, 1, 1)])
    found = coarse_cells(given_pairs, resolution=7, labels=labels([0, -1, *[-1] * 59], 1))
    assert found.code[0] == 0
    own = h3cells.to_text(h3cells.parents(CELLS, resolution=7))
    assert found.table["id"].to_numpy()[found.code[1:]].tolist() == own[1:].tolist()
    assert set(found.table["kind"].tolist()) == {"place", "cell"}


def test_the_middle_of_a_label_is_where_its_people_are():
    given_pairs = pairs([(0, 1, 3), (2, 1, 1)])
    lat, lon = middles(given_pairs, labels([0] * 61, 2), people_at(given_pairs, "home"))
    assert lat[0] == pytest.approx((3 * given_pairs.lat[0] + given_pairs.lat[2]) / 4)
    assert lon[0] == pytest.approx((3 * given_pairs.lon[0] + given_pairs.lon[2]) / 4)
    assert np.isnan(lat[1])


def test_the_middle_lies_on_the_right_side_of_the_date_line():
    lat, lon = np.zeros(2), np.array([179.99, -179.97])
    cells = h3cells.points_to_cells(lat, lon, resolution=9)
    home, job = np.array([0, 1]), np.array([1, 0])
    around = Pairs(lat, lon, cells, home, job, np.ones(2), exact=True)
    assert middles(around, labels([0, 0], 1), np.ones(2))[1] == pytest.approx([-179.99])


def test_cells_take_the_name_of_what_is_near_and_places_keep_theirs():
    known = pd.concat([labels([], 1).table, coarse_cells(pairs([(0, 1, 1)]), resolution=5).table])
    lat, lon = np.array([CENTRE[0], CENTRE[0]]), np.array([CENTRE[1], CENTRE[1] - 0.2])
    empty = gpd.GeoDataFrame({"name": [], "name_en": [], "reach_km": []}, geometry=[], crs=4326)
    found = named(
        known.iloc[:2].reset_index(drop=True),
        lat,
        lon,
        layers=Layers(empty, districts=layers()["districts"]),
    )
    assert found["name"].tolist()[0] == "l0"
    assert found["name_en"].tolist()[1].startswith("West")
    assert found["name"].tolist()[1].startswith("西区")


# --- Directions and distances -------------------------------------------------------------------


def azimuth(lat, lon, to_lat, to_lon):
    """Direction on the ellipsoid of the straight chord to a near point, on the horizon."""
    a, f = 6378137.0, 1 / 298.257223563

    def place(y, x):
        n = a / sqrt(1 - f * (2 - f) * sin(y) ** 2)
        return np.array([n * cos(y) * cos(x), n * cos(y) * sin(x), n * (1 - f) ** 2 * sin(y)])

    y, x = radians(lat), radians(lon)
    chord = place(radians(to_lat), radians(to_lon)) - place(y, x)
    north = np.array([-sin(y) * cos(x), -sin(y) * sin(x), cos(y)])
    east = np.array([-sin(x), cos(x), 0.0])
    return degrees(atan2(chord @ east, chord @ north)) % 360


@given(ROWS)
def test_the_bearing_is_that_of_the_chord_on_the_horizon(rows):
    given_pairs = pairs(rows)
    for found, (home, job, _) in zip(bearings(given_pairs), rows, strict=True):
        if home == job:
            assert np.isnan(found)
            continue
        at = [(given_pairs.lat[end], given_pairs.lon[end]) for end in (home, job)]
        off = (found - azimuth(*at[0], *at[1]) + 180) % 360 - 180
        assert abs(off) < 1e-4


@given(
    st.tuples(st.floats(-80, 80), st.floats(-180, 180)),
    st.floats(0, 360),
    st.floats(1, 300_000),
)
def test_the_bearing_is_that_of_the_geodesic_of_pyproj(start, angle, metres):
    lat, lon = start
    to_lon, to_lat, _ = EARTH.fwd(lon, lat, angle, metres)
    at = [np.array([lat, to_lat]), np.array([lon, to_lon])]
    cells = h3cells.points_to_cells(*at, resolution=9)
    one = Pairs(*at, cells, np.array([0]), np.array([1]), np.ones(1), exact=True)
    expected, _, _ = EARTH.inv(lon, lat, to_lon, to_lat)
    assert abs((bearings(one)[0] - expected + 180) % 360 - 180) < 5e-4


@given(ROWS)
def test_the_mean_direction_is_that_of_scipy(rows):
    rose = direction_rose(pairs(rows))
    repeated = np.repeat(bearings(pairs(rows)), [int(people) for *_, people in rows])
    repeated = repeated[~np.isnan(repeated)]
    if not len(repeated) or rose.strength < 1e-9:
        return
    off = rose.mean_deg - circmean(repeated, high=360, low=0)
    assert abs((off + 180) % 360 - 180) < 1e-6


@given(ROWS, st.sampled_from([1, 4, 7, 8, 16]))
def test_the_rose_counts_everybody_in_the_sector_that_faces_them(rows, bins):
    given_pairs = pairs(rows)
    rose = direction_rose(given_pairs, bins=bins)
    assert rose.table["graduates"].sum() + rose.here == given_pairs.graduates.sum()
    assert rose.here == sum(people for home, job, people in rows if home == job)
    for sector, row in rose.table.iterrows():
        off = (bearings(given_pairs) - row["middle"] + 180) % 360 - 180
        mine = (off >= -180 / bins - 1e-9) & (off < 180 / bins - 1e-9)
        assert row["graduates"] == given_pairs.graduates[mine].sum(), sector
        if mine.any():
            km = np.average(given_pairs.distance_km[mine], weights=given_pairs.graduates[mine])
            assert row["mean_km"] == pytest.approx(km)
        else:
            assert np.isnan(row["mean_km"])


def test_the_way_back_faces_the_other_way():
    given_pairs = pairs([(0, 60, 5), (3, 40, 2), (7, 7, 1)])
    there, back = bearings(given_pairs), bearings(swapped(given_pairs))
    np.testing.assert_allclose((back - there) % 360, [180, 180, np.nan], atol=0.05)


def test_sectors_are_called_by_the_points_of_the_compass():
    given_pairs = pairs([(0, 1, 1)])
    points = direction_rose(given_pairs, bins=8).table["point"].tolist()
    assert points == ["N", "NE", "E", "SE", "S", "SW", "W", "NW"]
    assert set(direction_rose(given_pairs, bins=5).table["point"]) == {""}
    with pytest.raises(ValueError, match="1 sector or more"):
        direction_rose(given_pairs, bins=0)


def test_nobody_who_stays_has_a_direction():
    rose = direction_rose(pairs([(4, 4, 9)]))
    assert rose.here == 9
    assert np.isnan(rose.mean_deg)
    assert np.isnan(rose.strength)
    assert rose.table["share"].sum() == 0


@given(ROWS, st.lists(st.integers(0, 30), min_size=1, max_size=5, unique=True).map(sorted))
def test_the_histogram_is_that_of_numpy_and_loses_nobody(rows, edges):
    given_pairs = pairs(rows)
    found = distance_histogram(given_pairs, edges_km=[edge / 10 for edge in edges])
    inner = np.append(found["from_km"], np.inf)
    expected, _ = np.histogram(given_pairs.distance_km, inner, weights=given_pairs.graduates)
    np.testing.assert_array_equal(found["graduates"], expected)
    assert found["graduates"].sum() == given_pairs.graduates.sum()
    assert found["from_km"].iloc[0] == 0
    assert found["to_km"].tolist()[:-1] == found["from_km"].tolist()[1:]


def test_edges_that_do_not_ascend_are_refused():
    with pytest.raises(ValueError, match="edges must ascend"):
        distance_histogram(pairs([(0, 1, 1)]), edges_km=[5, 5])


def test_distances_are_those_of_the_ellipsoid():
    given_pairs = pairs([(0, 60, 1)])
    apart = sorted([given_pairs.sphere_distance_km[0], given_pairs.distance_km[0]])
    found = distance_histogram(given_pairs, edges_km=[np.mean(apart)])
    far = given_pairs.distance_km[0] == apart[1]
    assert found["graduates"].tolist() == [1 - far, far]
