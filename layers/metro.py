"""Metro lines and stations, and the circles one can walk to them in."""

from __future__ import annotations

from collections.abc import Sequence

import geopandas as gpd

from layers.packed import Packed
from layers.palette import RAIL
from layers.shapes import lines_of

__all__ = ["rail_layer", "walk_layer"]


def rail_layer(
    stations: gpd.GeoDataFrame,
    links: gpd.GeoDataFrame,
    *,
    names: Sequence[str],
    notes: Sequence[str],
    key: str = "rail",
) -> Packed:
    """Thin grey lines with white stations; name and note of each on hover."""
    items = [
        {"name": name, "note": note, "lat": round(point.y, 5), "lon": round(point.x, 5)}
        for name, note, point in zip(names, notes, stations.geometry, strict=True)
    ]
    lines = [line for shape in links.geometry for line in lines_of(shape)]
    data = {"stations": items, "links": lines, "line": RAIL["line"], "fill": RAIL["station"]}
    return Packed("rail", data, key=key)


def walk_layer(stations: gpd.GeoDataFrame, *, metres: float, key: str = "walk") -> Packed:
    """One circle of `metres` around each station, drawn as a single shade."""
    points = [[round(point.y, 5), round(point.x, 5)] for point in stations.geometry]
    data = {"points": points, "metres": float(metres), "fill": RAIL["walk"]}
    return Packed("walk", data, key=key)
