"""Shapes as the nested lists the map script reads: longitude and latitude, five decimals."""

from __future__ import annotations

from typing import Any

import shapely

__all__ = ["lines_of", "polygons_of"]

_DECIMALS = 5  # one metre


def polygons_of(shape: shapely.Geometry | None) -> list[list[list[list[float]]]]:
    """Polygons, each a list of rings, of any polygonal shape; none for anything else."""
    return [
        [_points(ring) for ring in (polygon.exterior, *polygon.interiors)]
        for polygon in _parts(shape, "Polygon")
    ]


def lines_of(shape: shapely.Geometry | None) -> list[list[list[float]]]:
    """Lines, each a list of points, of any line-like shape; none for anything else."""
    return [_points(line) for line in _parts(shape, "LineString")]


def _parts(shape: Any, kind: str) -> list[Any]:  # noqa: ANN401 - shapely's parts share no type
    if shape is None or shape.is_empty:
        return []
    return [part for part in getattr(shape, "geoms", [shape]) if part.geom_type == kind]


def _points(line: shapely.Geometry) -> list[list[float]]:
    found: list[list[float]] = shapely.get_coordinates(line).round(_DECIMALS).tolist()
    return found
