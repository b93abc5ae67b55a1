"""Zones into cells: polygons of any shape, by exact area."""

from __future__ import annotations

from collections.abc import Sequence

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import ArrayLike, NDArray

from spatial import cells as h3cells
from spatial import geodesy
from spatial.ingest.counted import Counted, count
from spatial.ingest.errors import InputError
from spatial.ingest.values import counts_of, source_name
from spatial.ingest.weights import Weights

__all__ = ["zone_weights", "zones_to_cells"]

SHAPELESS = "in a zone without a shape"

_GAP = 1e-6  # of a zone


def zones_to_cells(zones: gpd.GeoDataFrame, columns: Sequence[str], *, resolution: int) -> Counted:
    """
    People per cell of people per zone, spread evenly over each zone's area.

    Parameters
    ----------
    zones
        Polygons in any coordinate system they name, one row per zone. People in a zone without
        a shape are dropped, and the audit says how many.
    columns
        Columns with people, 0 or more.
    resolution
        H3 resolution of the cells.

    Raises
    ------
    InputError
        When a column is missing, a value is no count, or no zone has an area.
    """
    values = {column: counts_of(zones, column) for column in columns}
    if zones.crs is None:
        raise InputError(f"{source_name(zones)}: zones must name their coordinates, found none")
    shapes = shapely.force_2d(zones.geometry.to_crs(4326).to_numpy())
    broken = ~shapely.is_valid(shapes) & ~shapely.is_missing(shapes)
    shapes = np.where(broken, shapely.make_valid(shapes), shapes)
    has_area = shapely.area(shapes) > 0
    if not has_area.any():
        raise InputError(f"{source_name(zones)}: zones must be polygons, found none with an area")
    weights = zone_weights(shapes[has_area], resolution=resolution)
    return count(values, weights, kept=has_area, dropped={SHAPELESS: ~has_area})


def zone_weights(shapes: ArrayLike, *, resolution: int) -> Weights:
    """
    Share of every polygon that lies in every cell, exact on the equal-area plane.

    Parameters
    ----------
    shapes
        Valid polygons with an area, longitude and latitude in degrees, shape (n,).
    resolution
        H3 resolution of the cells.
    """
    zones = np.asarray(shapes, dtype=object)
    touching = [h3cells.cover(shape, resolution=resolution) for shape in zones]
    source = np.repeat(np.arange(len(zones)), [len(found) for found in touching])
    cells, code = np.unique(np.concatenate(touching), return_inverse=True)
    west, south, east, north = shapely.total_bounds(zones)
    if east - west > 170:
        raise InputError(f"zones must span at most 170 degrees, found {east - west:.0f}")
    lat_0, lon_0 = float(south + north) / 2, float(west + east) / 2
    flat = _on_plane(zones, lat_0, lon_0)
    share = _shares(flat, _on_plane(h3cells.outlines(cells), lat_0, lon_0), source, code)
    covered = np.bincount(source, share, len(zones))
    if (gap := float(np.abs(covered - 1).max())) > _GAP:
        raise ValueError(f"cells must cover each zone once, found one {gap:.3g} of it off")
    kept = np.flatnonzero(share > 0)
    return Weights.of_pairs(source[kept], cells, code[kept], share[kept], sources=len(zones))


def _on_plane(shapes: NDArray[np.object_], lat_0: float, lon_0: float) -> NDArray[np.object_]:
    def moved(xy: NDArray[np.float64]) -> NDArray[np.float64]:
        x, y = geodesy.equal_area(xy[:, 1], xy[:, 0], lat_0=lat_0, lon_0=lon_0)
        return np.column_stack([x, y])

    return np.asarray(shapely.transform(shapes, moved), dtype=object)


def _shares(
    zones: NDArray[np.object_],
    cells: NDArray[np.object_],
    source: NDArray[np.int64],
    code: NDArray[np.int64],
) -> NDArray[np.float64]:
    """Share of its zone in each pair: whole cells where they lie inside, clipped ones elsewhere."""
    shapely.prepare(zones)
    area = shapely.area(cells)[code]
    crossing = np.flatnonzero(~shapely.contains_properly(zones[source], cells[code]))
    parts = shapely.intersection(zones[source[crossing]], cells[code[crossing]])
    area[crossing] = shapely.area(parts)
    return np.asarray(area / shapely.area(zones)[source])
