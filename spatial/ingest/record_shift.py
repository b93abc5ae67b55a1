"""
GCJ-02 and BD-09 by the million: the shift between nodes of a fine net, and the cell it leads to.

To undo these shifts takes a dozen sines, six times over. But they are smooth: between nodes 1/256
of a degree apart a straight line misses by centimetres. So a point is moved by the net, and only
where it then lies too near the edge of a cell for that to decide is it moved in full. Cells are
the same to the last.
"""

from __future__ import annotations

import threading
from functools import cache
from typing import Final

import numpy as np
from numpy.typing import NDArray

from spatial import cells as h3cells
from spatial import gcj, geodesy
from spatial.ingest.record_lattice import cells_near

__all__ = ["SLACK_M", "moved_cells", "nearly_wgs84"]

Values = NDArray[np.float64]

SLACK_M: Final = {"GCJ-02": 0.04, "BD-09": 0.6}
"""Most by which the net misses, in metres, with room to spare: a third of it is found."""

_STEPS: Final = 64  # between the nodes of a tile, along each side
_TILES: Final = 4  # a degree
_NODES: Final = (_STEPS + 1) ** 2
_MOST: Final = 512  # tiles, 68 kB each
_CROWD: Final = 512  # points in a batch that are worth a tile
_CHUNK: Final = 1 << 15
_SOUTH, _WEST, _ROWS, _COLUMNS = 0, 72, 56, 66  # degrees: what is shifted lies in here


class _Net:
    """Shifts at the nodes of the tiles that were needed; a tile is never changed once told."""

    def __init__(self, crs: str) -> None:
        self.crs = crs
        self.slots = np.full(_ROWS * _TILES * _COLUMNS * _TILES, -1, dtype=np.int64)
        # North in the real part, east in the other: one look for both. Untouched, no memory.
        self.shifts = np.zeros(_MOST * _NODES, dtype=np.complex128)
        self._used = 0
        self._lock = threading.Lock()

    def prepare(self, tiles: NDArray[np.int64]) -> None:
        """Find the shifts of those tiles in which many points lie, as long as there is room."""
        times = np.bincount(tiles, minlength=len(self.slots))
        for tile in np.flatnonzero((times >= _CROWD) & (self.slots < 0)):
            with self._lock:
                if self.slots[tile] < 0 and self._used < _MOST and _is_shifted(int(tile)):
                    at = self._used * _NODES
                    self.shifts[at : at + _NODES] = _shifts(int(tile), self.crs)
                    self.slots[tile] = self._used
                    self._used += 1


def moved_cells(lat: Values, lon: Values, *, crs: str, resolution: int) -> NDArray[np.uint64]:
    """Cell of each point in degrees GCJ-02 or BD-09, shape (n,)."""

    def exact(rows: NDArray[np.int64]) -> NDArray[np.uint64]:
        north, east = geodesy.to_wgs84(lat[rows], lon[rows], crs=crs)
        return h3cells.points_to_cells(north, east, resolution=resolution)

    north, east, known = nearly_wgs84(lat, lon, crs=crs)
    if known.all():
        return cells_near(north, east, resolution=resolution, slack_m=SLACK_M[crs], exact=exact)
    found = np.empty(len(lat), dtype=np.uint64)
    rows, others = np.flatnonzero(known), np.flatnonzero(~known)
    found[others] = exact(others)
    found[rows] = cells_near(
        north[rows],
        east[rows],
        resolution=resolution,
        slack_m=SLACK_M[crs],
        exact=lambda some: exact(rows[some]),
    )
    return found


def nearly_wgs84(lat: Values, lon: Values, *, crs: str) -> tuple[Values, Values, NDArray[np.bool_]]:
    """
    Degrees WGS-84 to within SLACK_M of points in degrees `crs`, and for which they are known.

    Not known are points where few others lie, and those at the border of what is shifted.
    """
    net = _net(crs)
    tiles = _tiles(lat, lon)
    net.prepare(tiles[tiles >= 0])
    slots = np.where(tiles >= 0, net.slots[tiles], -1)
    north, east = lat.copy(), lon.copy()
    for start in range(0, len(lat), _CHUNK):
        part = slice(start, start + _CHUNK)
        shift = _between(net, slots[part], lat[part], lon[part])
        north[part] += shift.real
        east[part] += shift.imag
    return north, east, slots >= 0


def _between(
    net: _Net, slots: NDArray[np.int64], lat: Values, lon: Values
) -> NDArray[np.complex128]:
    """The shift at each point, from the four nodes around it; 0 where there is no tile."""
    scale = _TILES * _STEPS
    y, x = (lat - _SOUTH) * scale, (lon - _WEST) * scale
    row, column = np.floor(y), np.floor(x)
    y -= row
    x -= column
    inside = slots >= 0
    at = row.astype(np.int64) % _STEPS * (_STEPS + 1) + column.astype(np.int64) % _STEPS
    at = np.where(inside, slots * _NODES + at, 0)
    low = net.shifts[at] * (1 - x) + net.shifts[at + 1] * x
    high = net.shifts[at + _STEPS + 1] * (1 - x) + net.shifts[at + _STEPS + 2] * x
    return np.where(inside, low * (1 - y) + high * y, 0)


def _tiles(lat: Values, lon: Values) -> NDArray[np.int64]:
    """Number of the tile that each point lies in, -1 outside them all."""
    row = np.floor((lat - _SOUTH) * _TILES).astype(np.int64)
    column = np.floor((lon - _WEST) * _TILES).astype(np.int64)
    inside = (row >= 0) & (row < _ROWS * _TILES) & (column >= 0) & (column < _COLUMNS * _TILES)
    return np.where(inside, row * (_COLUMNS * _TILES) + column, -1)


def _corner(tile: int) -> tuple[float, float]:
    row, column = divmod(tile, _COLUMNS * _TILES)
    return _SOUTH + row / _TILES, _WEST + column / _TILES


def _is_shifted(tile: int) -> bool:
    """Whether all of a tile, and some way around it, is shifted: at the border there is a jump."""
    south, west = _corner(tile)
    aside = 0.1
    lat = np.array([south - aside, south + 1 / _TILES + aside])
    lon = np.array([west - aside, west + 1 / _TILES + aside])
    return bool(gcj.in_china(lat, lon).all())


def _shifts(tile: int, crs: str) -> NDArray[np.complex128]:
    south, west = _corner(tile)
    steps = np.arange(_STEPS + 1) / (_STEPS * _TILES)
    lat, lon = (one.ravel() for one in np.meshgrid(south + steps, west + steps, indexing="ij"))
    north, east = geodesy.to_wgs84(lat, lon, crs=crs)
    return np.asarray((north - lat) + 1j * (east - lon))


@cache
def _net(crs: str) -> _Net:
    return _Net(crs)
