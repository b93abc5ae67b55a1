"""Counts moved under coarser cells: an exact translation, against h3's own steps."""

from __future__ import annotations

from itertools import combinations

import h3
import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from spatial import cells as h3cells
from spatial.lattice import lattice
from spatial.offset import NOWHERE, moved, offsets

BEIJING = (39.93, 116.4)
STEPS = offsets(9, 8)


def around(lat, lon, *, k, resolution=9):
    return h3cells.grid_disk(h3cells.points_to_cells([lat], [lon], resolution=resolution), k=k)


def edge_points(lean):
    """A point on each edge of the icosahedron, `lean` of the way from its middle to a corner."""
    corners = [unit(*h3.cell_to_latlng(corner)) for corner in h3.get_pentagons(0)]
    found = []
    for one, other in combinations(corners, 2):
        if one @ other > 0.4:  # neighbours are 63 degrees apart, the next ones 117
            point = (one + other) * (1 - lean) / 2 + one * lean
            x, y, z = point / np.linalg.norm(point)
            found.append((float(np.degrees(np.arcsin(z))), float(np.degrees(np.arctan2(y, x)))))
    return found


def unit(lat, lon):
    phi, lam = np.radians(lat), np.radians(lon)
    return np.array([np.cos(phi) * np.cos(lam), np.cos(phi) * np.sin(lam), np.sin(phi)])


def literal(cell, offset, origin):
    """The cell `offset` away on h3's own local coordinates, one cell at a time."""
    i, j = h3.cell_to_local_ij(origin, cell)
    return h3.local_ij_to_cell(origin, i + offset[0], j + offset[1])


def test_steps_are_those_of_h3_s_own_local_coordinates():
    cells = around(*BEIJING, k=12)
    texts = h3cells.to_text(cells)
    origin = texts[0]
    # The axes of the lattice may be turned by sixths against h3's: find how, then hold all to it.
    found = {one: h3cells.to_text(moved(cells, one)) for one in STEPS}
    theirs = {one: [literal(cell, one, origin) for cell in texts] for one in STEPS}
    turns = [turn for turn in range(6) if list(found[STEPS[0]]) == theirs[STEPS[turn]]]
    assert len(turns) == 1
    for at, one in enumerate(STEPS):
        assert list(found[one]) == theirs[STEPS[(at + turns[0]) % 6]]


@pytest.mark.parametrize(("own", "resolution"), [(9, 8), (8, 7), (9, 7), (10, 7)])
def test_offsets_are_half_the_way_between_coarser_cells(own, resolution):
    cells = around(*BEIJING, k=2, resolution=own)
    found = offsets(own, resolution)
    assert len(set(found)) == 6
    apart = h3cells.spacing_km(h3cells.parents(cells, resolution=resolution))
    step = h3cells.spacing_km(cells)
    for one in found:
        far = h3.grid_distance(*(h3.int_to_str(int(c[0])) for c in (cells, moved(cells, one))))
        assert far * step == pytest.approx(apart / 2, abs=step / 2 + 0.01)


def test_the_grid_cannot_be_shifted_at_the_study_s_own_resolution():
    assert offsets(8, 8) == ()
    assert offsets(8, 9) == ()


def test_the_seven_offsets_put_each_cell_once_in_each_place_of_a_coarser_cell():
    cells = around(*BEIJING, k=15)
    places = [
        [h3.cell_to_child_pos(cell, 8) for cell in h3cells.to_text(moved(cells, one))]
        for one in (NOWHERE, *STEPS)
    ]
    np.testing.assert_array_equal(np.sort(places, axis=0), np.arange(7)[:, None] + 0 * cells[None])


LATS, LONS = st.floats(-60, 60), st.floats(-179, 179)
OFFSETS = st.sampled_from([*STEPS, *offsets(9, 7), (2, -3), (5, 1)])


@settings(max_examples=30, deadline=None)
@given(LATS, LONS, OFFSETS)
def test_an_offset_and_its_opposite_lead_back(lat, lon, offset):
    cells = around(lat, lon, k=6)
    assume(len(lattice(cells).matrices) == 1)
    there = moved(cells, offset)
    assume(len(lattice(there).matrices) == 1)
    assert len(np.unique(there)) == len(cells)
    # The axes are those of the cells asked, which moved cells need not share.
    back = [moved(there, turn) for turn in six(offset)]
    assert any(np.array_equal(one, cells) for one in back)


def six(offset):
    i, j = offset
    for _ in range(6):
        yield i, j
        i, j = i - j, i


def test_no_offset_changes_nothing():
    cells = around(*BEIJING, k=4)
    np.testing.assert_array_equal(moved(cells, NOWHERE), cells)
    assert len(moved(cells[:0], (1, 0))) == 0


@pytest.mark.parametrize(
    # In the last the axes of the two faces differ, as they may where H3's base cells meet.
    ("lean", "resolution", "k", "every"),
    [(0.0, 9, 8, 1), (0.35, 9, 8, 1), (0.35, 6, 20, 7)],
)
def test_one_step_across_any_edge_of_the_icosahedron_is_exact(lean, resolution, k, every):
    places = edge_points(lean)
    assert len(places) == 30
    for at, place in enumerate(places[::every]):
        cells = around(*place, k=k, resolution=resolution)
        points = lattice(cells)
        assert len(points.matrices) == 2
        there = moved(cells, STEPS[at % 6], points=points)
        assert len(np.unique(there)) == len(cells)
        assert {steps_between(*pair) for pair in zip(cells, there, strict=True)} == {1}
        # All go the same way: neighbours stay neighbours.
        first, near = h3cells.disk_pairs(cells, k=1)
        to = np.minimum(np.searchsorted(cells, near), len(cells) - 1)
        known = np.flatnonzero(cells[to] == near)[::7]
        assert {steps_between(there[first[one]], there[to[one]]) for one in known} == {0, 1}


def steps_between(one, other):
    return h3.grid_distance(h3.int_to_str(int(one)), h3.int_to_str(int(other)))


def test_several_steps_across_an_edge_lose_nobody():
    cells = around(*edge_points(0.35)[0], k=14)
    people = np.arange(1.0, len(cells) + 1)
    there = moved(cells, offsets(9, 6)[0])
    assert len(there) == len(cells)
    assert set(h3cells.parents(there, resolution=9)) == set(there)
    assert np.bincount(np.unique(there, return_inverse=True)[1], people).sum() == people.sum()
    spread = np.unique(there, return_counts=True)[1]
    assert spread.max() <= 2
    assert (spread > 1).mean() < 0.1


def test_around_a_pentagon_nobody_is_lost():
    pentagon = h3cells.from_text([h3.get_pentagons(9)[0]])
    cells = h3cells.grid_disk(pentagon, k=10)
    there = moved(cells, (1, 0))
    assert len(there) == len(cells)
    assert len(np.unique(there)) > 0.95 * len(cells)
