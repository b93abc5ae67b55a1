"""Corners of cells, each point once: three cells meet at nearly every corner."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from spatial import cells as h3cells
from spatial.lattice import CORNERS, Lattice, lattice

__all__ = ["Corners", "corners"]

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


class Corners(NamedTuple):
    """Points, and which of them bound each cell, counter-clockwise."""

    lat: Floats  # degrees WGS-84, shape (points,)
    lon: Floats
    point: Ints  # shape (m,)
    offsets: Ints  # cell c has entries offsets[c] to offsets[c + 1] of `point`


def corners(cells: ArrayLike) -> Corners:
    """
    The corners of `cells`, as points that neighbouring cells share.

    Carrying points into another coordinate system costs more than finding them, so cells on one
    face of H3's icosahedron are laid out as a lattice, whose corners are known by whole numbers.
    Elsewhere every cell brings its own.
    """
    found = h3cells.as_cells(cells)
    try:
        places = lattice(found)
    except ValueError:  # around a pentagon the lattice is torn
        return _one_by_one(found)
    # Across an edge of the icosahedron cells are bent, which a lattice does not know.
    return _shared(places) if len(places.matrices) == 1 else _one_by_one(found)


def _one_by_one(cells: NDArray[np.uint64]) -> Corners:
    points, offsets = h3cells.boundaries(cells)
    return Corners(points[:, 1], points[:, 0], np.arange(len(points)), offsets)


def _shared(places: Lattice) -> Corners:
    ij = places.ij.astype(np.int64)
    # Corners lie at whole thirds, one of either kind for each lattice place: (2, 1) and (1, 2)
    # thirds beyond it. A key is the place and the kind.
    step, thirds = np.divmod(CORNERS, 3)
    size = int(ij[:, 1].max(initial=0)) + 2
    place = (ij[:, :1] + 1 + step[:, 0]) * size + ij[:, 1:] + 1 + step[:, 1]
    key = (2 * place + (thirds[:, 0] == 1)).ravel()
    used = np.zeros(int(key.max(initial=-1)) + 1, dtype=bool)
    used[key] = True
    number = np.cumsum(used, dtype=np.int32) - 1
    known = np.flatnonzero(used)
    row, column = np.divmod(known // 2, size)
    kinds = known % 2
    plane = np.column_stack([row - 1 + (2 - kinds) / 3, column - 1 + (1 + kinds) / 3])
    matrix = places.matrices[0]
    vectors = plane @ matrix[:, :2].T + matrix[:, 2]
    lon = np.degrees(np.arctan2(vectors[:, 1], vectors[:, 0]))
    lat = np.degrees(np.arctan2(vectors[:, 2], np.hypot(vectors[:, 0], vectors[:, 1])))
    return Corners(lat, lon, number[key], np.arange(len(ij) + 1) * 6)
