"""Synthetic rent listings: rooms and flats around neighbourhoods with a typical rent."""

from __future__ import annotations

from typing import Final

import geopandas as gpd
import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from spatial.sources.beijing.fabric import Fabric
from spatial.sources.beijing.terrain import Floats, plane_km

__all__ = ["listings"]

_OF_2024: Final = {2022: 1.05, 2023: 1.03, 2024: 1.0, 2025: 0.97}  # how rents moved
_ROOMS: Final = np.array([0.34, 0.43, 0.19, 0.04])  # flats with 1 to 4 rooms
_FLAT_M2: Final = np.array([47.0, 72.0, 104.0, 138.0])


def listings(
    city: Fabric, anchors: gpd.GeoDataFrame, *, count: int, rng: np.random.Generator
) -> gpd.GeoDataFrame:
    """
    Rooms and flats to let, where people live.

    Returns
    -------
    geopandas.GeoDataFrame
        `count` points, WGS-84: id, rent (yuan a month), area_m2, kind (room, flat), rooms (of
        the flat that is let or shared), year.
    """
    cell = _where(city, anchors, count=count, rng=rng)
    land = city.field
    per_m2, per_room = _typical(anchors, land.x[cell], land.y[cell])
    flat = rng.random(count) < 0.45
    rooms = 1 + rng.choice(len(_ROOMS), count, p=_ROOMS)
    rooms = np.where(flat, rooms, np.maximum(rooms, 2))
    whole_m2 = _FLAT_M2[rooms - 1] * rng.lognormal(0, 0.16, count)
    room_m2 = rng.normal(13.5, 3.0, count).clip(7, 24)
    area: Floats = np.where(flat, whole_m2, room_m2).round(1)
    year = rng.choice(list(_OF_2024), count)
    # Small flats cost more by the square metre, large rooms less.
    whole = per_m2 * area * (area / 70) ** -0.22
    shared = per_room * (area / 13.5) ** 0.45
    rent = np.where(flat, whole, shared) * rng.lognormal(0, 0.13, count)
    rent = rent * np.array([_OF_2024[one] for one in year.tolist()])
    return gpd.GeoDataFrame(
        {
            "id": [f"r{number:04d}" for number in range(1, count + 1)],
            "rent": (10 * np.round(rent / 10)).astype(np.int32),
            "area_m2": area,
            "kind": np.where(flat, "flat", "room"),
            "rooms": rooms.astype(np.int8),
            "year": year.astype(np.int16),
        },
        geometry=_beside(land.lon[cell], land.lat[cell], rng=rng),
        crs="EPSG:4326",
    )


def _where(
    city: Fabric, anchors: gpd.GeoDataFrame, *, count: int, rng: np.random.Generator
) -> NDArray[np.int64]:
    """Rows of the field: near an anchor, by residents, more where the city is dense."""
    land = city.field
    points = np.column_stack(plane_km(anchors.geometry.y, anchors.geometry.x))
    gap, _ = cKDTree(points).query(np.column_stack([land.x, land.y]))
    weight = city.residents * np.exp(-((gap / 1.6) ** 2)) * np.exp(-land.radius_km / 16)
    return rng.choice(len(weight), count, p=weight / weight.sum())


def _typical(anchors: gpd.GeoDataFrame, x: Floats, y: Floats) -> tuple[Floats, Floats]:
    """Typical rent per m2 of a flat, and of a room, between the nearest anchors."""
    points = np.column_stack(plane_km(anchors.geometry.y, anchors.geometry.x))
    away, nearest = cKDTree(points).query(np.column_stack([x, y]), k=3)
    close = 1 / (away + 0.3) ** 2
    close /= close.sum(axis=1, keepdims=True)
    per_m2 = (anchors["rent_per_m2"].to_numpy()[nearest] * close).sum(axis=1)
    return per_m2, (anchors["room_rent"].to_numpy()[nearest] * close).sum(axis=1)


def _beside(lon: Floats, lat: Floats, *, rng: np.random.Generator) -> gpd.array.GeometryArray:
    """Points within some 130 m of each cell's centre, to five decimals."""
    spread = rng.uniform(-0.0011, 0.0011, (2, len(lon)))
    return gpd.points_from_xy(np.round(lon + spread[0] * 1.25, 5), np.round(lat + spread[1], 5))
