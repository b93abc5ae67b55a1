"""Cells on arrays are what h3 says of them one at a time."""

from __future__ import annotations

import h3
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from spatial import cells as h3cells

LAT = st.floats(-89, 89)
LON = st.floats(-180, 180)
RESOLUTION = st.integers(0, 15)
BEIJING = (39.9073, 116.3913)


@st.composite
def cell_ids(draw, fewest=1, most=40):
    """Some cells of one resolution around a random place, and some from elsewhere."""
    resolution = draw(RESOLUTION)
    places = draw(st.lists(st.tuples(LAT, LON), min_size=fewest, max_size=most))
    return [h3.latlng_to_cell(lat, lon, resolution) for lat, lon in places]


def ints(text):
    return np.array([h3.str_to_int(one) for one in text], dtype=np.uint64)


@given(st.lists(st.tuples(LAT, LON), max_size=30), RESOLUTION)
def test_a_point_lies_in_the_cell_h3_says(places, resolution):
    lat, lon = np.array(places, dtype=float).reshape(-1, 2).T
    found = h3cells.points_to_cells(lat, lon, resolution=resolution)
    assert found.dtype == np.uint64
    assert h3cells.to_text(found).tolist() == [
        h3.latlng_to_cell(*place, resolution) for place in places
    ]


@given(cell_ids())
def test_text_and_back(text):
    found = h3cells.from_text(text)
    assert found.tolist() == ints(text).tolist()
    assert h3cells.to_text(found).tolist() == text
    assert h3cells.from_text(pd.Series(text)).tolist() == found.tolist()


@pytest.mark.parametrize("wrong", ["", "cell", "8931aa5", "ffffffffffffffff", "=1+1", "0"])
def test_text_that_is_no_cell_is_named_with_its_row(wrong):
    with pytest.raises(ValueError, match=r"cells must be H3 cell ids, found .* in row 2") as fault:
        h3cells.from_text(["8931aa42c77ffff", wrong])
    assert repr(wrong) in str(fault.value)


@given(cell_ids())
def test_centres_areas_and_resolution_are_those_of_h3(text):
    lat, lon = h3cells.centres(ints(text))
    expected = np.array([h3.cell_to_latlng(one) for one in text])
    np.testing.assert_allclose(np.c_[lat, lon], expected, atol=1e-9)
    areas = [h3.cell_area(one, unit="km^2") for one in text]
    np.testing.assert_allclose(h3cells.area_km2(ints(text)), areas, rtol=1e-6, atol=1e-7)
    assert h3cells.resolution_of(ints(text)) == h3.get_resolution(text[0])


@given(cell_ids(fewest=0))
def test_boundaries_are_those_of_h3_pentagons_and_edges_included(text):
    corners, offsets = h3cells.boundaries(ints(text))
    assert len(offsets) == len(text) + 1
    for row, one in enumerate(text):
        expected = np.array(h3.cell_to_boundary(one))[:, ::-1]
        mine = corners[offsets[row] : offsets[row + 1]]
        np.testing.assert_allclose(mine, expected, atol=1e-9)


def test_pentagons_have_five_corners_and_an_outline():
    pentagon = ints(h3.get_pentagons(4)[:1])
    hexagon = h3cells.points_to_cells([39.9], [116.4], resolution=4)
    _, offsets = h3cells.boundaries(np.r_[hexagon, pentagon, hexagon])
    assert len(np.diff(offsets)) == 3
    assert np.diff(offsets)[1] != 6
    for outline in h3cells.outlines(np.r_[hexagon, pentagon]):
        assert outline.is_valid


def test_outlines_are_polygons_on_the_boundaries():
    disk = h3cells.grid_disk(h3cells.points_to_cells(*[[v] for v in BEIJING], resolution=9), k=3)
    shapes = h3cells.outlines(disk)
    assert shapely.is_valid(shapes).all()
    assert (shapely.get_num_coordinates(shapes) == 7).all()
    assert shapely.is_ccw(shapely.get_exterior_ring(shapes)).all()
    # Neighbours fill the plane: no gap and no overlap but for the last bits.
    whole = shapely.union_all(shapes, grid_size=1e-9)
    assert whole.geom_type == "Polygon"
    assert len(whole.interiors) == 0
    assert whole.area == pytest.approx(shapely.area(shapes).sum(), rel=1e-6)
    assert len(h3cells.outlines([])) == 0


@settings(max_examples=50)
@given(cell_ids(most=6), st.integers(0, 3))
def test_disk_pairs_are_the_disks_of_h3(text, k):
    positions, neighbours = h3cells.disk_pairs(ints(text), k=k)
    assert (np.diff(positions) >= 0).all()
    for row, one in enumerate(text):
        mine = neighbours[positions == row].tolist()
        assert sorted(mine) == sorted(h3.str_to_int(other) for other in h3.grid_disk(one, k))
    everything = {h3.str_to_int(n) for one in text for n in h3.grid_disk(one, k)}
    assert h3cells.grid_disk(ints(text), k=k).tolist() == sorted(everything)


@given(cell_ids(), RESOLUTION)
def test_parents_are_those_of_h3_and_never_finer(text, resolution):
    if resolution > h3.get_resolution(text[0]):
        with pytest.raises(ValueError, match="a parent must be coarser"):
            h3cells.parents(ints(text), resolution=resolution)
        return
    found = h3cells.parents(ints(text), resolution=resolution)
    assert h3cells.to_text(found).tolist() == [h3.cell_to_parent(c, resolution) for c in text]


def test_resolution_is_one_or_an_error():
    mixed = np.r_[
        h3cells.points_to_cells([39.9], [116.4], resolution=8),
        h3cells.points_to_cells([39.9], [116.4], resolution=9),
    ]
    with pytest.raises(ValueError, match=r"one resolution, found \[8, 9\]"):
        h3cells.resolution_of(mixed)
    with pytest.raises(ValueError, match="found no cells"):
        h3cells.resolution_of([])


def test_cover_holds_every_point_of_the_area():
    area = shapely.box(116.30, 39.95, 116.35, 40.00)
    cover = h3cells.cover(area, resolution=9)
    assert (np.diff(cover.astype(object)) > 0).all()
    rng = np.random.default_rng(1)
    lon, lat = rng.uniform(116.30, 116.35, 500), rng.uniform(39.95, 40.00, 500)
    assert set(h3cells.points_to_cells(lat, lon, resolution=9)) <= set(cover)
    assert shapely.intersects(h3cells.outlines(cover), area).all()


def test_spacing_is_the_distance_between_neighbours():
    disk = h3cells.grid_disk(h3cells.points_to_cells(*[[v] for v in BEIJING], resolution=9), k=2)
    centre = h3.latlng_to_cell(*BEIJING, 9)
    here = h3.cell_to_latlng(centre)
    apart = [
        h3.great_circle_distance(here, h3.cell_to_latlng(one), unit="km")
        for one in h3.grid_ring(centre, 1)
    ]
    assert h3cells.spacing_km(disk) == pytest.approx(np.mean(apart), rel=0.05)


def test_a_cell_of_beijing_is_smaller_than_the_nominal_one():
    cell = h3cells.points_to_cells(*[[v] for v in BEIJING], resolution=9)
    assert h3cells.area_km2(cell)[0] == pytest.approx(0.075, abs=0.001)


def test_one_centre_is_the_centre_of_many():
    cell = h3cells.points_to_cells(*[[v] for v in BEIJING], resolution=9)
    assert h3cells.latlng(cell[0]) == pytest.approx([v[0] for v in h3cells.centres(cell)])
