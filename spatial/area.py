"""Study area: every cell under study, without gaps."""

from __future__ import annotations

import numpy as np
import shapely
from numpy.typing import ArrayLike, NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from spatial import cells as h3cells

__all__ = ["study_area"]

Cells = NDArray[np.uint64]
Ints = NDArray[np.int64]


def study_area(
    cells_with_data: ArrayLike, *, ring: int = 2, outline: shapely.Geometry | None = None
) -> Cells:
    """
    Sorted cells under study, gap-free, shape (n,).

    With an `outline` (longitude and latitude in degrees) it is every cell that touches it.
    Without, the cells with data, all within `ring` steps of them, and every hole this leaves:
    a reservoir in a city is part of the city, and statistics run on its zeros.
    """
    known = np.unique(h3cells.as_cells(cells_with_data))
    if not len(known):
        return known
    if outline is not None:
        return h3cells.cover(outline, resolution=h3cells.resolution_of(known))
    area = h3cells.grid_disk(known, k=ring)
    return _filled(area)


def _filled(area: Cells) -> Cells:
    """`area` and every cell it encloses."""
    edge = np.setdiff1d(h3cells.grid_disk(area, k=1), area, assume_unique=True)
    if not len(edge):
        return area
    label = _components(edge)
    frontier = edge[_enclosed(area, edge, label)]
    while len(frontier):
        area = np.union1d(area, frontier)
        frontier = np.setdiff1d(h3cells.grid_disk(frontier, k=1), area, assume_unique=True)
    return area


def _components(cells: Cells) -> Ints:
    """Number of the connected group each cell belongs to, shape (n,)."""
    at, neighbour = h3cells.disk_pairs(cells, k=1)
    to = np.minimum(np.searchsorted(cells, neighbour), len(cells) - 1)
    there = cells[to] == neighbour
    graph = coo_array((np.ones(int(there.sum())), (at[there], to[there])), shape=(len(cells),) * 2)
    _, label = connected_components(graph, directed=False)
    return np.asarray(label, dtype=np.int64)


def _enclosed(area: Cells, edge: Cells, label: Ints) -> NDArray[np.bool_]:
    """
    Whether each outer neighbour of `area` lies in a hole.

    A group of outer neighbours runs along one shore of the area. Along an outer shore the most
    westerly point is outside; along the shore of a hole it belongs to the area.
    """
    groups = int(label.max()) + 1
    _, lon = h3cells.centres(edge)
    lon_0 = float(lon[0])
    at, neighbour = h3cells.disk_pairs(edge, k=1)
    inside = np.isin(neighbour, area)
    _, shore = h3cells.centres(neighbour[inside])
    outer, inner = np.full(groups, np.inf), np.full(groups, np.inf)
    np.minimum.at(outer, label, _around(lon, lon_0))
    np.minimum.at(inner, label[at[inside]], _around(shore, lon_0))
    return np.asarray((inner < outer)[label])


def _around(lon: NDArray[np.float64], lon_0: float) -> NDArray[np.float64]:
    """Degrees east of `lon_0`, within 180, so that the date line does not cut a shore."""
    return np.asarray(lon - lon_0 - 360 * np.rint((lon - lon_0) / 360))
