"""
Cells of millions of points, some four times as fast as one by one, and the same to the last.

Seen from the centre of the Earth, H3's cells on a face of its icosahedron are a regular hexagonal
lattice on a plane. A point's place in that lattice takes a dozen multiplications and a rounding;
which cell stands there is asked of H3 once and remembered. Points so near an edge, of a cell or
of a face, that rounding might decide are left to H3 itself.

In the plane of a face, with its centre at 0, two of its corners at 2 and 2w (w a third of a turn),
cells of resolution 0 stand at the Eisenstein integers a + bw. Each finer resolution multiplies
by 2 - w and 3 + w in turn: both have norm 7, and their product is 7.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from functools import cache, partial
from itertools import combinations
from typing import Final, NamedTuple

import h3
import numpy as np
from numpy.typing import NDArray

from spatial import cells as h3cells

__all__ = ["cells_at", "cells_near"]

Values = NDArray[np.float64]
Exact = Callable[[NDArray[np.int64]], NDArray[np.uint64]]
"""Cells of some rows."""

_CHUNK: Final = 1 << 15  # points whose intermediate values stay in a core's own memory
_SIDE_BITS: Final = 10  # remembered: a window of 1024 x 1024 cells
_EDGE: Final = 1e-5  # of a cell: rounding is some 1e-9 at most
_STEP_M: Final = 1.5e6  # least between neighbours of resolution 0: 1 541 km at a corner of a face
_FACE_EDGE: Final = 2e-7  # difference of cosines: 1.8 m
_CENTRE: Final = 1e-5  # 1 - cosine, 30 km: beside a face's centre H3's own angles lose digits
_OFFSET: Final = 1 << 24
_FACES_A_BATCH: Final = 4


class _Face(NamedTuple):
    """Unit vector to the centre, those to tell it from its neighbours, and (a, b, 1) of a place."""

    centre: Values
    apart: Values
    place: Values


def cells_at(lat: Values, lon: Values, *, resolution: int) -> NDArray[np.uint64]:
    """
    Cell that holds each point in degrees WGS-84, shape (n,); as `cells.points_to_cells`.

    What was found is remembered by the thread that asked.
    """

    def exact(rows: NDArray[np.int64]) -> NDArray[np.uint64]:
        return h3cells.points_to_cells(lat[rows], lon[rows], resolution=resolution)

    return cells_near(lat, lon, resolution=resolution, slack_m=0.0, exact=exact)


def cells_near(
    lat: Values, lon: Values, *, resolution: int, slack_m: float, exact: Exact
) -> NDArray[np.uint64]:
    """
    Cell that holds each of some points that are known only nearly, shape (n,).

    Parameters
    ----------
    lat, lon
        Degrees WGS-84, shape (n,).
    resolution
        H3 resolution of the cells.
    slack_m
        Most by which they may miss their points, in metres, at most 1.
    exact
        Gives the cells of those rows for which that is not near enough, or that are new.
    """
    found = np.empty(len(lat), dtype=np.uint64)
    memory = _memory(resolution)
    # Two points a step apart are one apart in the lattice, and so is the measure of `_places` two.
    edge = _EDGE + 2 * slack_m / (_STEP_M / 7 ** (resolution / 2))
    for start in range(0, len(lat), _CHUNK):
        part = slice(start, start + _CHUNK)
        here = partial(_shifted, exact, start)
        found[part] = _chunk(lat[part], lon[part], resolution, edge, memory, here)
    return found


def _shifted(exact: Exact, start: int, rows: NDArray[np.int64]) -> NDArray[np.uint64]:
    return exact(rows + start)


class _Memory:
    """Cells by their place in a lattice; a later one takes the place of an earlier."""

    def __init__(self) -> None:
        size = 1 << 2 * _SIDE_BITS
        # Untouched, both take no memory.
        self.tags = np.zeros(size, dtype=np.int64)
        self.cells = np.zeros(size, dtype=np.uint64)

    def keep(
        self, slots: NDArray[np.int64], tags: NDArray[np.int64], cells: NDArray[np.uint64]
    ) -> None:
        """Remember cells; stopped at any moment, it knows less but nothing wrong."""
        self.tags[slots] = 0
        self.cells[slots] = cells
        self.tags[slots] = tags


class _Local(threading.local):
    resolution = -1
    memory: _Memory | None = None


_LOCAL: Final = _Local()


def _memory(resolution: int) -> _Memory:
    if _LOCAL.memory is None or _LOCAL.resolution != resolution:
        _LOCAL.memory, _LOCAL.resolution = _Memory(), resolution
    return _LOCAL.memory


def _chunk(
    lat: Values, lon: Values, resolution: int, edge: float, memory: _Memory, exact: Exact
) -> NDArray[np.uint64]:
    phi, lam = np.radians(lat), np.radians(lon)
    level = np.cos(phi)
    vectors = np.stack([level * np.cos(lam), level * np.sin(lam), np.sin(phi)])
    found = np.zeros(len(lat), dtype=np.uint64)
    rest = np.arange(len(lat))
    for _ in range(_FACES_A_BATCH):
        if not len(rest):
            break
        here = vectors if len(rest) == len(lat) else vectors[:, rest]
        number = int(np.argmax(_centres() @ here[:, 0]))
        tags, sure, inside = _places(here, number, resolution, edge)
        slots = _slots(tags)
        known = sure & (memory.tags[slots] == tags)
        found[rest] = np.where(known, memory.cells[slots], 0)
        unknown = np.flatnonzero(inside & ~known)
        if len(unknown):
            cells = exact(rest[unknown])
            found[rest[unknown]] = cells
            certain = sure[unknown]
            memory.keep(slots[unknown[certain]], tags[unknown[certain]], cells[certain])
        rest = rest[~inside] if not inside.all() else rest[:0]
        if len(rest) and not inside.any():
            break
    if len(rest):
        found[rest] = exact(rest)
    return found


def _places(
    vectors: Values, number: int, resolution: int, edge: float
) -> tuple[NDArray[np.int64], NDArray[np.bool_], NDArray[np.bool_]]:
    """One number for the lattice place of each point, whether it is sure, and on this face."""
    face = _faces(resolution)[number]
    inside = np.all(face.apart @ vectors > _FACE_EDGE, axis=0)
    a, b, depth = face.place @ vectors
    with np.errstate(divide="ignore", invalid="ignore"):
        a /= depth
        b /= depth
    # Points of other faces may lie at infinity here.
    a[~inside] = 0.0
    b[~inside] = 0.0
    i, j = np.rint(a), np.rint(b)
    a -= i
    b -= j
    u, v = 2 * a - b, 2 * b - a
    far_u, far_v = np.abs(u), np.abs(v)
    step = (far_u > 1) & (far_u >= far_v)
    other = (far_v > 1) & (far_v > far_u)
    move = np.where(step, np.sign(u), 0.0)
    i += move
    a -= move
    move = np.where(other, np.sign(v), 0.0)
    j += move
    b -= move
    # How far from the middle, 1 at the edge: across each of the three pairs of sides.
    away = np.maximum(np.abs(2 * a - b), np.abs(2 * b - a))
    np.maximum(away, np.abs(a + b), out=away)
    sure = inside & (away < 1 - edge) & (face.centre @ vectors < 1 - _CENTRE)
    tags = (i.astype(np.int64) + _OFFSET) << 25
    tags += j.astype(np.int64) + _OFFSET
    tags += (number + 1) << 50
    return tags, np.asarray(sure), inside


def _slots(tags: NDArray[np.int64]) -> NDArray[np.int64]:
    low = (1 << _SIDE_BITS) - 1
    return ((tags >> 25) & low) << _SIDE_BITS | (tags & low)


@cache
def _corners() -> tuple[tuple[int, int, int], ...]:
    """Three corners of each face, counter-clockwise seen from outside."""
    points = _points()
    near = 0.4  # cosine: neighbouring corners have 1 / sqrt(5), the next ones less than 0
    faces = []
    for p, q, r in combinations(range(12), 3):
        if min(points[p] @ points[q], points[q] @ points[r], points[p] @ points[r]) > near:
            ahead = np.linalg.det(points[[p, q, r]]) > 0
            faces.append((p, q, r) if ahead else (p, r, q))
    return tuple(faces)


@cache
def _points() -> Values:
    """Unit vectors to the icosahedron's corners, which are H3's pentagons."""
    lat, lon = np.radians([h3.cell_to_latlng(cell) for cell in sorted(h3.get_pentagons(0))]).T
    return np.stack([np.cos(lat) * np.cos(lon), np.cos(lat) * np.sin(lon), np.sin(lat)], axis=1)


@cache
def _centres() -> Values:
    middles = np.array([_points()[list(three)].sum(axis=0) for three in _corners()])
    return np.asarray(middles / np.linalg.norm(middles, axis=1, keepdims=True))


@cache
def _faces(resolution: int) -> tuple[_Face, ...]:
    centres, found = _centres(), []
    down = _multiplication(resolution)
    for centre, three in zip(centres, _corners(), strict=True):
        nearest = np.argsort(-(centres @ centre))[1:4]
        first, second = (
            _points()[three[n]] / (_points()[three[n]] @ centre) - centre for n in (0, 1)
        )
        # Columns: where (1, 0), (0, 1) and the middle of the plane stand in space.
        plane = np.stack([first / 2, second / 2, centre], axis=1)
        place = np.linalg.inv(plane)
        place[:2] = down @ place[:2]
        found.append(_Face(centre, centre - centres[nearest], place))
    return tuple(found)


def _multiplication(resolution: int) -> Values:
    """What multiplies a + bw on the way down from resolution 0, as a matrix on (a, b)."""
    # (p + qw)(a + bw) = pa - qb + (qa + (p - q)b)w, for w^2 = -1 - w.
    whole = np.eye(2) * 7.0 ** (resolution // 2)
    return whole @ np.array([[2.0, 1.0], [-1.0, 3.0]]) if resolution % 2 else whole
