"""
H3 cells as points of a triangular lattice, so that a map needs four bytes a cell.

H3 draws its cells as a regular triangular lattice on each face of an icosahedron and carries
them to the sphere by the gnomonic projection. That projection is projective: with v the unit
vector of a point and (i, j) its place on the lattice, v is parallel to M (i, j, 1), M being one
3 x 3 matrix for a face and resolution. Nine numbers therefore give every centre and every corner
of a patch of cells exactly, and the inverse of M finds the cell under any point without a search.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from itertools import combinations

import h3
import h3ronpy
import numpy as np
import pyarrow as pa
from numpy.typing import ArrayLike, NDArray

from spatial import cells as h3cells

__all__ = ["CORNERS", "Lattice", "lattice"]

# Corners of the cell at (0, 0), in thirds of a lattice step: centroids of the six triangles of
# neighbouring centres, counter-clockwise on the lattice.
CORNERS = np.array([(2, 1), (1, 2), (-1, 1), (-2, -1), (-1, -2), (1, -1)])
"""Corners of a hexagon on the lattice, counter-clockwise, in thirds of a step."""

_TOLERANCE = 1e-3 / 6_371_000  # one millimetre on the ground, in radians
_SAMPLE = 800
_FAR = 1 << 30


@dataclass(frozen=True)
class Lattice:
    """
    Cells as lattice points, in one patch per face of the icosahedron they lie on.

    Parameters
    ----------
    ij
        Lattice place of each cell within its patch, shape (n, 2), 0 or more.
    patch
        Patch of each cell, shape (n,).
    matrices
        M of each patch, shape (patches, 3, 3): unit vector = M (i, j, 1) up to length.
    """

    ij: NDArray[np.int32]
    patch: NDArray[np.uint8]
    matrices: NDArray[np.float64]

    def corners(self) -> NDArray[np.float64]:
        """
        Longitude and latitude of the six corners of each cell, degrees, shape (n, 6, 2).

        Corners shared by cells of one patch are equal to the last bit, since they come from the
        same whole thirds.
        """
        thirds = 3 * self.ij[:, None, :] + CORNERS[None]
        found = np.empty((len(self.ij), 6, 2))
        for patch, matrix in enumerate(self.matrices):
            here = self.patch == patch
            found[here] = _to_degrees(_to_sphere(thirds[here] / 3, matrix))
        return found

    def on_sphere(
        self, ij: NDArray[np.float64] | NDArray[np.int32], *, patch: int
    ) -> NDArray[np.float64]:
        """Longitude and latitude of places on the lattice of a patch, degrees, shape (n, 2)."""
        return _to_degrees(_to_sphere(ij, self.matrices[patch]))

    def on_plane(self, lat: ArrayLike, lon: ArrayLike, *, patch: int) -> NDArray[np.float64]:
        """Places of points on the lattice of a patch, continued beyond its face, shape (n, 2)."""
        return _to_plane(_to_vectors(lat, lon), self.matrices[patch])


def lattice(cells: ArrayLike) -> Lattice:
    """
    The lattice places of `cells`, all of one resolution.

    A cell across two faces is bent at the edge by H3 and drawn flat here, so that its far corners
    lie up to 1/50 of its size away; beside H3's twelve pentagons, all of them at sea, more.

    Raises
    ------
    ValueError
        When the cells of a face fit no lattice.
    """
    ids = h3cells.as_cells(cells)
    vectors = _to_vectors(*h3cells.centres(ids))
    face = _face_of(vectors)
    ij = np.zeros((len(ids), 2), dtype=np.int32)
    patch = np.zeros(len(ids), dtype=np.uint8)
    matrices = []
    for number, one in enumerate(np.unique(face)):
        here = np.flatnonzero(face == one)
        ij[here], matrix = _fit(ids[here], vectors[here], face=int(one))
        patch[here] = number
        matrices.append(matrix)
    return Lattice(ij, patch, np.array(matrices).reshape(-1, 3, 3))


def _fit(
    ids: NDArray[np.uint64], vectors: NDArray[np.float64], *, face: int
) -> tuple[NDArray[np.int32], NDArray[np.float64]]:
    middle = vectors.mean(axis=0)
    anchor = int(np.argmax(vectors @ middle))
    # A small disk fixes the matrix even for a single cell, which alone would not; what of it
    # lies on the next face belongs to another lattice.
    around = h3cells.grid_disk(ids[[anchor]], k=3)
    around = around[_face_of(_to_vectors(*h3cells.centres(around))) == face]
    known = np.concatenate([ids, around])
    points = np.concatenate([vectors, _to_vectors(*h3cells.centres(around))])
    sample = np.r_[: len(ids) : max(1, len(ids) // _SAMPLE), len(ids) : len(known)]
    ij = _local_ij(known[sample], int(ids[anchor]))
    usable = ij[:, 0] != _FAR
    matrix = _solve(ij[usable], points[sample[usable]])
    # Where H3 gives no local place (far from the anchor), the matrix does.
    places = np.rint(_to_plane(vectors, matrix)).astype(np.int32)
    if (gap := float(np.abs(_to_sphere(places, matrix) - vectors).max())) > _TOLERANCE:
        raise ValueError(
            "cells must lie on a regular lattice, as they do away from H3's twelve pentagons;"
            f" found {gap * 6_371_000:.3g} m of difference around {h3.int_to_str(int(ids[0]))}"
        )
    low = places.min(axis=0)
    shift = np.array([[1, 0, low[0]], [0, 1, low[1]], [0, 0, 1]], dtype=np.float64)
    return places - low, matrix @ shift


def _local_ij(ids: NDArray[np.uint64], anchor: int) -> NDArray[np.int64]:
    found = pa.record_batch(h3ronpy.cells_to_localij(ids, anchor, set_failing_to_invalid=True))
    columns = [found.column(name).fill_null(_FAR).to_numpy() for name in ("i", "j")]
    return np.stack(columns, axis=1).astype(np.int64)


def _solve(ij: NDArray[np.int64], vectors: NDArray[np.float64]) -> NDArray[np.float64]:
    """M by the direct linear transform: the cross product of v and M (i, j, 1) is zero."""
    centre, size = ij.mean(axis=0), max(1.0, float(np.abs(ij).max()))
    plane = np.c_[(ij - centre) / size, np.ones(len(ij))]
    nothing = np.zeros_like(plane)
    x, y, z = (vectors[:, [axis]] * plane for axis in range(3))
    system = np.concatenate([np.c_[nothing, -z, y], np.c_[z, nothing, -x], np.c_[-y, x, nothing]])
    matrix = np.linalg.svd(system, full_matrices=False)[2][-1].reshape(3, 3)
    scale = np.array(
        [[1 / size, 0, -centre[0] / size], [0, 1 / size, -centre[1] / size], [0, 0, 1]]
    )
    matrix = matrix @ scale
    ahead = (vectors[0] @ matrix @ np.array([*ij[0], 1.0])) > 0
    return np.asarray(matrix if ahead else -matrix)


def _to_sphere(
    places: NDArray[np.float64] | NDArray[np.int32], matrix: NDArray[np.float64]
) -> NDArray[np.float64]:
    found = places @ matrix[:, :2].T + matrix[:, 2]
    return np.asarray(found / np.linalg.norm(found, axis=-1, keepdims=True))


def _to_plane(vectors: NDArray[np.float64], matrix: NDArray[np.float64]) -> NDArray[np.float64]:
    found = vectors @ np.linalg.inv(matrix).T
    return np.asarray(found[:, :2] / found[:, 2:])


def _to_vectors(lat: ArrayLike, lon: ArrayLike) -> NDArray[np.float64]:
    phi, lam = np.radians(lat), np.radians(lon)
    x, y, z = np.cos(phi) * np.cos(lam), np.cos(phi) * np.sin(lam), np.sin(phi)
    return np.asarray(np.stack([x, y, z], axis=-1))


def _to_degrees(vectors: NDArray[np.float64]) -> NDArray[np.float64]:
    lon = np.arctan2(vectors[..., 1], vectors[..., 0])
    lat = np.arctan2(vectors[..., 2], np.hypot(vectors[..., 0], vectors[..., 1]))
    return np.asarray(np.degrees(np.stack([lon, lat], axis=-1)))


def _face_of(vectors: NDArray[np.float64]) -> NDArray[np.int64]:
    return np.asarray(np.argmax(vectors @ _faces().T, axis=1))


@cache
def _faces() -> NDArray[np.float64]:
    """Unit vectors to the 20 face centres; the pentagons are the icosahedron's corners."""
    corners = _to_vectors(*np.array([h3.cell_to_latlng(c) for c in h3.get_pentagons(0)]).T)
    near = 1.2  # neighbouring corners are 1.107 rad apart, the next ones 2.034
    apart = np.arccos(np.clip(corners @ corners.T, -1, 1))
    found = [
        corners[list(three)].sum(axis=0)
        for three in combinations(range(12), 3)
        if all(apart[a, b] < near for a, b in combinations(three, 2))
    ]
    return np.array([one / np.linalg.norm(one) for one in found])
