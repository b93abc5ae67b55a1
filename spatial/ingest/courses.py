"""Rail links from the drawn courses of lines: neighbours along a course are joined."""

from __future__ import annotations

from itertools import combinations, pairwise
from pathlib import Path
from typing import Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from shapely.ops import substring

from spatial import geodesy
from spatial.ingest.errors import InputError
from spatial.ingest.layers import LayerResult, left_out, text_of
from spatial.ingest.shapes import read_shapes
from spatial.ingest.values import source_name

__all__ = ["links_along_shapes"]

_WITHIN_M: Final = 150.0
_GAP_M: Final = 100.0  # drawn pieces of one course miss each other by less


def links_along_shapes(
    path: str | Path,
    *,
    line: str,
    stations: gpd.GeoDataFrame,
    within_m: float = _WITHIN_M,
    crs: str = "",
    layer: str = "",
) -> LayerResult:
    """
    Links between neighbours along the drawn course of each line.

    Parameters
    ----------
    path, crs, layer
        As for `read_shapes`.
    line
        Column with the name of the line.
    stations
        The study's own.
    within_m
        Stations so near a course are taken to be on it; one that a course meets twice, as the
        start of a loop, is so only once.

    Raises
    ------
    InputError
        When anything is wrong with the file or no course has two stations.
    """
    table = read_shapes(path, crs=crs, layer=layer)
    table.attrs["source"] = Path(path).name
    places = stations.geometry.representative_point()
    plane = geodesy.utm_name(float(places.y.mean()), float(places.x.mean()))
    north, east = geodesy.from_wgs84(places.y, places.x, crs=plane)
    points = np.asarray(shapely.points(east, north))
    ids = stations["id"].astype(str).to_numpy(object)
    rows = []
    for name, course in zip(text_of(table, line), table.geometry, strict=True):
        for way in _ways(_on_plane(course, plane)):
            on = np.flatnonzero(shapely.distance(way, points) <= within_m)
            along = shapely.line_locate_point(way, points[on])
            order = np.argsort(along, kind="stable")
            for i, j in pairwise(order):
                piece = substring(way, along[i], along[j])
                rows.append((ids[on[i]], ids[on[j]], name, along[j] - along[i], piece))
    if not rows:
        raise InputError(f"{source_name(table)}: a course must pass two stations, found none")
    links = pd.DataFrame(rows, columns=["a", "b", "line", "metres", "way"])
    pair = ["".join(sorted(one)) for one in zip(links["a"], links["b"], strict=True)]
    links = links[~pd.DataFrame({"pair": pair, "line": links["line"]}).duplicated().to_numpy()]
    drawn = geodesy.shapes_to_wgs84(links["way"].to_numpy(object), crs=plane)
    found = links[["a", "b", "line"]].assign(opened=np.nan, length_km=links["metres"] / 1000)
    used = set(links["a"]) | set(links["b"])
    away = left_out(~np.isin(ids.astype(str), sorted(used)), "of a station on no course", ids)
    return LayerResult(gpd.GeoDataFrame(found, geometry=drawn, crs=4326), tuple(away))


def _ways(course: shapely.Geometry) -> list[shapely.LineString]:
    """The pieces of a course: those whose ends all but meet are one, spurs are left out."""
    merged = shapely.get_parts(shapely.line_merge(course))
    ways = [np.array(one.coords) for one in merged if one.length > _GAP_M]
    while len(ways) > 1:
        meetings = [
            (float(np.hypot(*(a[-1] - b[0]))), i, j, a, b)
            for i, j in combinations(range(len(ways)), 2)
            for a in (ways[i], ways[i][::-1])
            for b in (ways[j], ways[j][::-1])
        ]
        gap, i, j, a, b = min(meetings, key=lambda one: one[0])
        if gap > _GAP_M:
            break
        ways = [one for k, one in enumerate(ways) if k not in (i, j)] + [np.vstack([a, b])]
    return [shapely.LineString(one) for one in ways]


def _on_plane(shape: shapely.Geometry, plane: str) -> shapely.Geometry:
    """A shape in metres of a projection."""

    def moved(xy: NDArray[np.float64]) -> NDArray[np.float64]:
        y, x = geodesy.from_wgs84(xy[:, 1], xy[:, 0], crs=plane)
        return np.column_stack([x, y])

    return shapely.transform(shape, moved)
