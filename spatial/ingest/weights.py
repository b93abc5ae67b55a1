"""Weights: the share of every square or zone that lies in every cell, and their sums."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import lru_cache
from typing import Final, Self

import numpy as np
import pandas as pd
import shapely
from numpy.typing import ArrayLike, NDArray

from spatial import cells as h3cells
from spatial import geodesy
from spatial.ingest.corners import corners
from spatial.ingest.errors import InputError
from spatial.ingest.squares import SquareGrid
from spatial.ingest.walk import walk

__all__ = ["Weights", "centre_weights", "empty_by_centre", "grid_weights"]

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Cells = NDArray[np.uint64]

_MOST_CELLS: Final = 20_000_000
_POLE_DEG: Final = 85.0
_GAP: Final = 1e-6  # of a square: more than this not covered is a fault, not rounding
_KEPT_GRIDS: Final = 8
_TOGETHER: Final = 1 << 17  # cells laid out at a time


@dataclass(frozen=True)
class Weights:
    """
    Sparse shares: each source (square, zone, point) is spread over cells, all of it.

    Parameters
    ----------
    cells
        Cells that receive anything, sorted, shape (k,).
    source, code, weight
        One entry for each pair that overlaps, shape (m,): which source, which of `cells`, and
        the share of the source that lies there. Shares of one source add up to 1.
    sources
        Number of sources; one without any entry receives nothing and must be dropped by name.
    """

    cells: Cells = field(repr=False)
    source: Ints = field(repr=False)
    code: Ints = field(repr=False)
    weight: Floats = field(repr=False)
    sources: int

    @classmethod
    def of_pairs(
        cls, source: Ints, cells: Cells, code: Ints, weight: Floats, *, sources: int
    ) -> Self:
        """Pairs with some of the sorted `cells`, each source's shares scaled to add up to 1."""
        used = np.bincount(code, minlength=len(cells)) > 0
        number = np.cumsum(used) - 1
        total = np.bincount(source, weight, minlength=sources)
        return cls(cells[used], source, number[code], weight / total[source], sources)

    @property
    def cell(self) -> Cells:
        """Cell of each entry, shape (m,)."""
        return self.cells[self.code]

    def spread(self, counts: ArrayLike) -> pd.Series:
        """
        Counts per cell of counts per source, shape (n,); the total is kept.

        Returns
        -------
        Series
            Indexed by `cells` (uint64, named "cell").
        """
        values = np.asarray(counts, dtype=np.float64)
        if values.shape != (self.sources,):
            raise ValueError(f"counts must be one per source, {self.sources}, found {values.shape}")
        found = np.bincount(self.code, self.weight * values[self.source], len(self.cells))
        return pd.Series(found, index=pd.Index(self.cells, name="cell"), name="graduates")


@lru_cache(maxsize=_KEPT_GRIDS)
def grid_weights(grid: SquareGrid, *, resolution: int) -> Weights:
    """
    Share of every square of a regular grid that lies in every cell, exact and kept in memory.

    A grid in degrees is walked on the cylindrical equal-area plane, where shares are those on
    the sphere; a projected one on its own plane; one in GCJ-02 or BD-09 in its own degrees, into
    which the cells' corners are carried. Cell edges are straight on that plane.

    Raises
    ------
    InputError
        When the grid spans half the globe or reaches a pole, or would need too many cells.
    """
    _check_extent(grid)
    cells = _touching(grid, resolution)
    parts = [
        _walked(grid, cells[first : first + _TOGETHER], first)
        for first in range(0, len(cells), _TOGETHER)
    ]
    square, code, share = (np.concatenate(values) for values in zip(*parts, strict=True))
    covered = np.bincount(square, share, minlength=len(grid))
    if (gap := float(np.abs(covered - 1).max())) > _GAP:
        raise ValueError(f"cells must cover each square once, found one {gap:.3g} of it off")
    return Weights.of_pairs(square, cells, code, share, sources=len(grid))


def _walked(grid: SquareGrid, cells: Cells, first: int) -> tuple[Ints, Ints, Floats]:
    """Square, number of the cell (counted from `first`) and share of each pair that overlaps."""
    x_lines, y_lines, rings, offsets = _on_plane(grid, cells)
    shares = walk(rings, offsets, x_lines=x_lines, y_lines=y_lines)
    square = _square_at(grid, shares.column, shares.row)
    there = np.flatnonzero(square >= 0)
    return square[there], shares.polygon[there] + first, shares.share[there]


def centre_weights(lat: ArrayLike, lon: ArrayLike, *, resolution: int) -> Weights:
    """All of each source in the cell that holds its centre, degrees WGS-84, shape (n,)."""
    cell = h3cells.points_to_cells(lat, lon, resolution=resolution)
    cells, code = np.unique(cell, return_inverse=True)
    return Weights(cells, np.arange(len(cell)), code, np.ones(len(cell)), len(cell))


def empty_by_centre(grid: SquareGrid, *, resolution: int) -> float:
    """Share of the cells centred in some square that hold no square's centre themselves."""
    cells = grid_weights(grid, resolution=resolution).cells
    x, y = grid.plane.of_wgs84(*h3cells.centres(cells))
    if grid.plane.in_degrees:
        x = grid.x_0 + np.mod(x - grid.x_0, 360)
    column = np.floor((x - grid.x_0) / grid.width).astype(np.int64)
    row = np.floor((y - grid.y_0) / grid.height).astype(np.int64)
    on_grid = (column >= 0) & (column <= grid.column.max()) & (row >= 0) & (row <= grid.row.max())
    inside = np.flatnonzero(on_grid)
    inside = inside[_square_at(grid, column[inside], row[inside]) >= 0]
    used = centre_weights(*grid.centres(), resolution=resolution).cells
    return float(1 - np.isin(cells[inside], used).mean()) if len(inside) else 0.0


def _on_plane(grid: SquareGrid, found: Cells) -> tuple[Floats, Floats, Floats, Ints]:
    """Column lines, row lines, and the cells' corners with their offsets, on one plane."""
    around = corners(found)
    x, y = grid.plane.of_wgs84(around.lat, around.lon)
    x_lines, y_lines = grid.x_lines(), grid.y_lines()
    if grid.plane.in_degrees:
        lon_0, lat_0 = float(x_lines[len(x_lines) // 2]), float(y_lines[len(y_lines) // 2])
        x, y = geodesy.equal_area(y, x, lat_0=lat_0, lon_0=lon_0)
        _, y_lines = geodesy.equal_area(y_lines, lon_0, lat_0=lat_0, lon_0=lon_0)
        # Lines are not unwrapped: they never leave the half globe around their middle.
        x_lines = np.radians(x_lines - lon_0)
    else:
        x, y, x_lines, y_lines = x - grid.x_0, y - grid.y_0, x_lines - grid.x_0, y_lines - grid.y_0
    return x_lines, y_lines, np.column_stack([x, y])[around.point], around.offsets


def _check_extent(grid: SquareGrid) -> None:
    if not grid.plane.in_degrees:
        return
    x_lines, y_lines = grid.x_lines(), grid.y_lines()
    if x_lines[-1] - x_lines[0] > 170:
        raise InputError(
            "a grid in degrees must span at most 170 degrees of longitude,"
            f" found {x_lines[-1] - x_lines[0]:.0f}"
        )
    if max(-y_lines[0], y_lines[-1]) > _POLE_DEG:
        raise InputError(
            f"a grid in degrees must lie within {_POLE_DEG:.0f} degrees of the equator, found"
            f" {max(y_lines[0], y_lines[-1], key=abs):.1f}: use a projected EPSG code"
        )


def _touching(grid: SquareGrid, resolution: int) -> Cells:
    """Every cell that touches a square, and a few more."""
    lat, lon = grid.centres(every=max(1, len(grid) // 100))
    some = h3cells.points_to_cells(lat, lon, resolution=resolution)
    cell_km2 = float(h3cells.area_km2(some).min())
    side_km = float(np.sqrt(cell_km2 * 2 / np.sqrt(27)))
    wide_km, high_km = _sides_km(grid, float(lat[0]), float(lon[0]))
    if len(grid) * wide_km * high_km / cell_km2 > _MOST_CELLS:
        raise InputError(
            f"a load must need at most {_MOST_CELLS:,} cells, found about"
            f" {len(grid) * wide_km * high_km / cell_km2:,.0f} at resolution {resolution}:"
            " choose a coarser one"
        )
    columns, rows = int(grid.column.max()) + 1, int(grid.row.max()) + 1
    in_box = columns * wide_km * rows * high_km / cell_km2
    # Points closer together than a cell's side: a cell that touches a square is next to one.
    across = int(np.ceil(wide_km / (0.9 * side_km))), int(np.ceil(high_km / (0.9 * side_km)))
    # One point looked up and its neighbours cost about as much as two cells of a box.
    if in_box < 2 * len(grid) * across[0] * across[1]:
        return h3cells.cover(
            _outline(grid, side_km / wide_km, side_km / high_km), resolution=resolution
        )
    return _around_points(grid, across, resolution)


def _sides_km(grid: SquareGrid, lat: float, lon: float) -> tuple[float, float]:
    """Width and height of a square near (lat, lon), in km."""
    x, y = grid.plane.of_wgs84(np.array([lat]), np.array([lon]))
    corner_x = np.array([x[0], x[0] + grid.width, x[0]])
    corner_y = np.array([y[0], y[0], y[0] + grid.height])
    north, east = grid.plane.to_wgs84(corner_x, corner_y)
    sides = geodesy.sphere_distance_km(north[0], east[0], north[1:], east[1:])
    return float(sides[0]), float(sides[1])


def _outline(grid: SquareGrid, columns: float, rows: float) -> shapely.Geometry:
    """Polygon, degrees WGS-84, around all squares and two cell sides (in squares) more."""
    x, y = grid.x_lines(), grid.y_lines()
    left, right = x[0] - 2 * columns * grid.width, x[-1] + 2 * columns * grid.width
    low, high = y[0] - 2 * rows * grid.height, y[-1] + 2 * rows * grid.height
    ring = shapely.get_coordinates(
        shapely.segmentize(shapely.box(left, low, right, high), max(right - left, high - low) / 32)
    )
    lat, lon = grid.plane.to_wgs84(ring[:, 0], ring[:, 1])
    # Across the antimeridian a polygon in degrees would run round the other side of the Earth.
    if np.ptp(lon) > 180:
        east, west = np.where(lon < 0, 180, lon), np.where(lon < 0, lon, -180)
        return shapely.MultiPolygon(
            [shapely.Polygon(np.column_stack([side, lat])).buffer(0) for side in (east, west)]
        )
    return shapely.Polygon(np.column_stack([lon, lat]))


def _around_points(grid: SquareGrid, across: tuple[int, int], resolution: int) -> Cells:
    found = []
    for i in range(across[0]):
        for j in range(across[1]):
            column, row = grid.column + (i + 0.5) / across[0], grid.row + (j + 0.5) / across[1]
            cell = h3cells.points_to_cells(*grid.place(column, row), resolution=resolution)
            found.append(np.unique(cell))
    return h3cells.grid_disk(np.unique(np.concatenate(found)), k=1)


def _square_at(grid: SquareGrid, column: Ints, row: Ints) -> Ints:
    """Which square lies at each place of the lattice, -1 where none does, shape (m,)."""
    columns = int(grid.column.max()) + 1
    key, wanted = grid.row * columns + grid.column, row * columns + column
    size = (int(grid.row.max()) + 1) * columns
    if size <= 50_000_000:
        table = np.full(size, -1, dtype=np.int64)
        table[key] = np.arange(len(key))
        return np.asarray(table[wanted])
    order = np.argsort(key)
    at = np.minimum(np.searchsorted(key[order], wanted), len(key) - 1)
    return np.where(key[order][at] == wanted, order[at], -1)
