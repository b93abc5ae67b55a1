"""Zone means in cells: how much of each cell lies in which zone, and the mean by area."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Final

import numpy as np
import shapely
from numpy.typing import NDArray

from spatial import cells as h3cells
from spatial.cells import Cells
from spatial.geodesy import EARTH_RADIUS_KM, equal_area

__all__ = ["COVERED", "ZoneShares", "zone_means", "zone_shares"]

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

COVERED: Final = 0.5
"""Share of a cell that zones with a figure must hold for the cell to take their mean."""

_MARGIN: Final = 1.5  # on the reach of a regular cell; too many are clipped, and none the worse


@dataclass(frozen=True, eq=False)
class ZoneShares:
    """Every overlap: cell, zone (rows of either) and the share of the cell, each of shape (m,)."""

    cell: Ints
    zone: Ints
    share: Floats
    cells: int


def zone_means(shares: ZoneShares, zone: Ints, rent: Floats, *, zones: int) -> Floats:
    """
    Mean rent of the zones in each cell, weighted by the area that they share with it.

    A zone's median cannot be taken apart and put together anew, so that a cell across several
    takes the mean of their figures; where it lies in one, it has that zone's own.

    Parameters
    ----------
    shares
        Of all cells and zones.
    zone, rent
        Zones with a figure, shape (n,), and the figures; the others hold no rent.
    zones
        Number of zones in `shares`.

    Returns
    -------
    ndarray
        Shape (cells,), NaN where zones with a figure hold less than half of the cell.
    """
    count = np.bincount(zone, minlength=zones)
    figure = np.bincount(zone, rent, minlength=zones) / np.maximum(count, 1)
    told = count[shares.zone] > 0
    cell, share, value = shares.cell[told], shares.share[told], figure[shares.zone[told]]
    covered = np.bincount(cell, share, shares.cells)
    summed = np.bincount(cell, share * value, shares.cells)
    found = np.full(shares.cells, np.nan)
    np.divide(summed, covered, out=found, where=covered >= COVERED)
    # Rounding must not carry a figure that stands on the edge of a band into the next one.
    low, high = np.full(shares.cells, np.inf), np.full(shares.cells, -np.inf)
    np.minimum.at(low, cell, value)
    np.maximum.at(high, cell, value)
    return np.asarray(np.clip(found, low, high))


def zone_shares(cells: Cells, shapes: NDArray[np.object_]) -> ZoneShares:
    """
    Share of every cell that lies in every zone, exact on an equal-area plane and kept in memory.

    Parameters
    ----------
    cells
        Sorted, shape (n,).
    shapes
        Polygons, longitude and latitude in degrees.
    """
    binary = shapely.to_wkb(np.asarray(shapes, dtype=object)).tolist()
    return _zone_shares(cells.tobytes(), tuple(binary))


# A second or so for 80 000 cells and a thousand zones, and every year has the same ones.
@lru_cache(maxsize=4)
def _zone_shares(ids: bytes, binary: tuple[bytes, ...]) -> ZoneShares:
    cells = np.frombuffer(ids, dtype=np.uint64)
    shapes = np.asarray(shapely.from_wkb(np.array(binary, dtype=object)), dtype=object)
    broken = ~shapely.is_valid(shapes)
    shapes[broken] = shapely.make_valid(shapes[broken])
    if not len(cells) or not len(shapes):
        nothing = np.empty(0, dtype=np.int64)
        return ZoneShares(nothing, nothing, np.empty(0), len(cells))
    crossed = _near_an_edge(cells, shapes)
    lat, lon = h3cells.centres(cells[~crossed])
    point, zone = shapely.STRtree(shapes).query(shapely.points(lon, lat), predicate="intersects")
    whole = np.flatnonzero(~crossed)[point]
    rows = np.flatnonzero(crossed)
    part, cut, share = _clipped(cells[rows], shapes)
    return ZoneShares(
        np.concatenate([whole, rows[part]]),
        np.concatenate([zone, cut]),
        np.concatenate([np.ones(len(whole)), share]),
        len(cells),
    )


def _near_an_edge(cells: Cells, shapes: NDArray[np.object_]) -> NDArray[np.bool_]:
    """Whether each cell may touch a zone's edge; the others lie in a zone whole, or outside."""
    lat, lon = h3cells.centres(cells)
    rings = shapely.get_rings(shapely.get_parts(shapes))
    corners, ring = shapely.get_coordinates(rings, return_index=True)
    same = ring[1:] == ring[:-1]
    # Degrees of longitude are counted where they are shortest: distances come out too short
    # rather than too long, and too many cells are clipped rather than too few.
    squeezed = np.array([np.cos(np.radians(min(np.abs(lat).max() + 1, 89))), 1.0])
    edges = shapely.linestrings(np.stack([corners[:-1], corners[1:]], axis=1)[same] * squeezed)
    centres = shapely.points(np.column_stack([lon, lat]) * squeezed)
    # A hexagon reaches as far as its sides are long; distorted ones a little farther.
    side_km = float(np.sqrt(h3cells.area_km2(cells).max() * 2 / np.sqrt(27)))
    reach = np.degrees(side_km / EARTH_RADIUS_KM) * _MARGIN
    _, near = shapely.STRtree(centres).query(edges, predicate="dwithin", distance=reach)
    found = np.zeros(len(cells), dtype=np.bool_)
    found[near] = True
    return found


def _clipped(cells: Cells, shapes: NDArray[np.object_]) -> tuple[Ints, Ints, Floats]:
    """Cell, zone and share of the cell of every overlap, by clipping."""
    west, south, east, north = shapely.total_bounds(shapes).tolist()
    lat_0, lon_0 = (south + north) / 2, (west + east) / 2

    def moved(xy: Floats) -> Floats:
        x, y = equal_area(xy[:, 1], xy[:, 0], lat_0=lat_0, lon_0=lon_0)
        return np.column_stack([x, y])

    zones = shapely.transform(shapes, moved)
    hexagons = shapely.transform(h3cells.outlines(cells), moved)
    shapely.prepare(zones)
    cell, zone = shapely.STRtree(zones).query(hexagons, predicate="intersects")
    inside = shapely.contains_properly(zones[zone], hexagons[cell])
    share = np.ones(len(cell))
    cut = np.flatnonzero(~inside)
    parts = shapely.intersection(zones[zone[cut]], hexagons[cell[cut]])
    share[cut] = shapely.area(parts) / shapely.area(hexagons[cell[cut]])
    kept = share > 0
    return cell[kept], zone[kept], share[kept]
