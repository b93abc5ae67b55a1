"""Four bytes a cell are enough: the lattice gives back every corner that h3 draws."""

from __future__ import annotations

from itertools import combinations

import h3
import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from spatial import cells as h3cells
from spatial.lattice import CORNERS, Lattice, lattice

PENTAGONS = np.array([h3.cell_to_latlng(one) for one in h3.get_pentagons(0)])
MILLIMETRE_IN_DEGREES = 1e-3 / 111_000


def h3_vector(lat, lon):
    phi, lam = np.radians([lat, lon])
    return np.cos(phi) * np.cos(lam), np.cos(phi) * np.sin(lam), np.sin(phi)


def face_centres():
    vectors = np.array([h3_vector(*p) for p in PENTAGONS])
    return [
        vectors[list(three)].sum(axis=0)
        for three in combinations(range(12), 3)
        if all(0.1 < np.arccos(vectors[a] @ vectors[b]) < 1.2 for a, b in combinations(three, 2))
    ]


FACES = face_centres()


def nearest_face(lat, lon):
    """The face a point lies on, or -1 within a thousandth of the edge between two."""
    near = np.sort(np.array(FACES) @ h3_vector(lat, lon))[::-1]
    if near[0] - near[1] < 1e-9:
        return -1
    return int(np.argmax(np.array(FACES) @ h3_vector(lat, lon)))


def near_a_pentagon(lat, lon, *, km):
    return any(h3.great_circle_distance((lat, lon), p, unit="km") < km for p in PENTAGONS)


def disk_around(lat, lon, *, resolution, k):
    return h3cells.grid_disk(h3cells.points_to_cells([lat], [lon], resolution=resolution), k=k)


def assert_corners_are_those_of_h3(cells, *, across=True):
    """
    Corner by corner, to five millimetres, for cells that lie on one face.

    Cells across an edge of the icosahedron bend there: H3 gives some a corner more, and the flat
    lattice draws the far corners up to a tenth of a cell away.
    """
    corners = lattice(cells).corners()
    drawn, offsets = h3cells.boundaries(cells)
    spacing = h3cells.spacing_km(cells) / 111
    for row in np.flatnonzero(np.diff(offsets) == 6):
        expected = drawn[offsets[row] : offsets[row + 1]]
        shrink = np.array([np.cos(np.radians(expected[:, 1].mean())), 1.0])
        apart = np.abs((corners[row][:, None] - expected[None] + 180) % 360 - 180) * shrink
        distances = apart.max(axis=-1)
        on_one_face = len({nearest_face(lat, lon) for lon, lat in expected}) == 1
        if not (on_one_face or across):
            continue
        allowed = 5 * MILLIMETRE_IN_DEGREES if on_one_face else spacing / 10
        assert distances.min(axis=1).max() < allowed
        assert len(set(distances.argmin(axis=1))) == 6


@settings(max_examples=40, deadline=None)
@given(st.floats(-80, 80), st.floats(-179, 179), st.integers(5, 11), st.integers(0, 6))
def test_corners_are_those_of_h3_anywhere_away_from_pentagons(lat, lon, resolution, k):
    assume(not near_a_pentagon(lat, lon, km=700))
    assert_corners_are_those_of_h3(disk_around(lat, lon, resolution=resolution, k=k))


def face_edge_middle():
    """The middle of an edge between two faces: between two neighbouring pentagons."""
    vectors = np.array([h3_vector(*p) for p in PENTAGONS])
    apart = np.arccos(np.clip(vectors @ vectors.T, -1, 1))
    a, b = np.argwhere((apart > 0.1) & (apart < 1.2))[0]
    middle = vectors[a] + vectors[b]
    middle /= np.linalg.norm(middle)
    return np.degrees(np.arcsin(middle[2])), np.degrees(np.arctan2(middle[1], middle[0]))


@pytest.mark.parametrize("resolution", [6, 7, 8, 9])
def test_cells_across_a_face_edge_lie_in_two_patches(resolution):
    cells = disk_around(*face_edge_middle(), resolution=resolution, k=8)
    found = lattice(cells)
    assert len(found.matrices) == 2
    assert set(found.patch) == {0, 1}
    assert_corners_are_those_of_h3(cells)


def test_places_are_small_whole_and_each_its_own():
    cells = disk_around(39.9, 116.4, resolution=9, k=40)
    found = lattice(cells)
    assert found.ij.min() == 0
    assert found.ij.max() < 256
    assert len(np.unique(np.c_[found.patch, found.ij], axis=0)) == len(cells)


def test_neighbours_share_their_corners_to_the_last_bit():
    cells = disk_around(39.9, 116.4, resolution=9, k=5)
    corners = lattice(cells).corners()
    # n hexagons of a full disk of radius k have 6 (k + 1)^2 corners between them.
    assert len(np.unique(corners.reshape(-1, 2), axis=0)) == 6 * (5 + 1) ** 2


def test_the_six_corners_go_round_the_centre_once():
    # A hexagon has a middle: its corners add up to nothing and each faces another.
    assert CORNERS.sum(axis=0).tolist() == [0, 0]
    assert {tuple(-c) for c in CORNERS} == {tuple(c) for c in CORNERS}
    cells = disk_around(39.9, 116.4, resolution=9, k=2)
    shapes = lattice(cells).corners()
    x, y = shapes[..., 0], shapes[..., 1]
    twice = (x * np.roll(y, -1, axis=1) - np.roll(x, -1, axis=1) * y).sum(axis=1)
    assert (twice > 0).all()


def test_a_single_cell_and_far_apart_cells_have_their_places():
    assert_corners_are_those_of_h3(disk_around(39.9, 116.4, resolution=9, k=0))
    apart = np.r_[
        disk_around(39.9, 116.4, resolution=9, k=1), disk_around(38.9, 115.4, resolution=9, k=1)
    ]
    assert_corners_are_those_of_h3(np.sort(apart))


def test_no_cells_give_an_empty_lattice():
    found = lattice([])
    assert isinstance(found, Lattice)
    assert found.ij.shape == (0, 2)
    assert found.corners().shape == (0, 6, 2)


@pytest.mark.parametrize("resolution", [5, 6, 9])
def test_around_a_pentagon_every_hexagon_has_its_corners(resolution):
    pentagon = h3cells.from_text(h3.get_pentagons(resolution)[:1])
    around = h3cells.grid_disk(pentagon, k=4)
    assert len(lattice(around).matrices) == 5
    assert_corners_are_those_of_h3(around[around != pentagon], across=False)


def test_order_of_the_cells_is_kept():
    cells = disk_around(39.9, 116.4, resolution=9, k=3)
    shuffled = np.random.default_rng(1).permutation(cells)
    assert np.allclose(
        lattice(shuffled).corners()[np.argsort(shuffled)], lattice(cells).corners(), atol=1e-9
    )
