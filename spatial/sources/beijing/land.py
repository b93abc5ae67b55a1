"""The cells of Beijing before anyone lives there."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray

from spatial import cells as h3cells
from spatial.sources.beijing.terrain import Floats, kernel, plane_km, smooth_noise

__all__ = ["RESOLUTION", "Field", "bent", "even_texture", "field"]

RESOLUTION: Final = 9
"""H3 resolution of the sample."""

_OPEN: Final = {"park": 0.04, "airport": 0.10, "water": 0.0}  # what is left to build on


@dataclass(frozen=True)
class Field:
    """The cells of the city before anyone lives there: shape (n,) each, sorted by cell."""

    cells: h3cells.Cells
    lat: Floats
    lon: Floats
    x: Floats
    y: Floats
    district: NDArray[np.object_]
    open: Floats  # 0 on water and runways, little in parks, 1 elsewhere

    def kernel(
        self, lat: float, lon: float, *, width_km: float
    ) -> tuple[NDArray[np.int64], Floats]:
        """Positions within reach of a point and their Gaussian weight, shape (m,)."""
        x, y = plane_km(lat, lon)
        return kernel(self.x, self.y, at=(float(x), float(y)), width_km=width_km)

    @property
    def radius_km(self) -> Floats:
        """Distance from Tiananmen, km, shape (n,)."""
        return np.hypot(self.x, self.y)


def field(districts: gpd.GeoDataFrame, ground: gpd.GeoDataFrame) -> Field:
    """Every cell whose centre lies in one of the `districts`, and how far it can be built on."""
    held = districts[districts.geometry.notna()]
    cells = h3cells.cover(held.geometry.union_all(), resolution=RESOLUTION)
    lat, lon = h3cells.centres(cells)
    district = np.full(len(cells), None, dtype=object)
    for code, shape in zip(held["id"], held.geometry, strict=True):
        shapely.prepare(shape)
        district[shapely.contains_xy(shape, lon, lat)] = code
    inside = np.array([code is not None for code in district])
    cells, lat, lon = cells[inside], lat[inside], lon[inside]
    x, y = plane_km(lat, lon)
    return Field(cells, lat, lon, x, y, district[inside], _open(lat, lon, ground))


def bent(land: Field, *, rng: np.random.Generator) -> Field:
    """The field with its plane bent a little, so that no settlement is a perfect disc."""
    bend = [
        0.18 * smooth_noise(land.x, land.y, scale_km=2.2, rng=rng)
        + 0.13 * smooth_noise(land.x, land.y, scale_km=0.9, rng=rng)
        for _ in range(2)
    ]
    return replace(land, x=land.x + bend[0], y=land.y + bend[1])


def even_texture(land: Field, *, strength: float, rng: np.random.Generator) -> Floats:
    """
    Texture from cell to cell that evens out over a cell and its neighbours, shape (n,).

    A block of flats stands beside a school: single cells differ, places do not.
    """
    noise = rng.standard_normal(len(land.cells))
    cell, neighbour = h3cells.disk_pairs(land.cells, k=1)
    row = np.searchsorted(land.cells, neighbour).clip(max=len(noise) - 1)
    there = land.cells[row] == neighbour
    around = np.bincount(cell[there], noise[row[there]]) / np.bincount(cell[there])
    return np.asarray(np.exp(strength * (noise - around)))


def _open(lat: Floats, lon: Floats, ground: gpd.GeoDataFrame) -> Floats:
    share = np.ones(len(lat))
    for kind, left in _OPEN.items():
        shapes = ground.geometry[ground["kind"] == kind]
        areas = shapes[shapes.geom_type.isin(["Polygon", "MultiPolygon"])]
        if len(areas):
            area = areas.union_all()
            shapely.prepare(area)
            share[shapely.contains_xy(area, lon, lat)] = left
    return share
