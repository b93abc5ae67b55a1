"""Minutes from door to door in the synthetic city: on foot and by rail, or by road."""

from __future__ import annotations

from typing import Final

import geopandas as gpd
import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import dijkstra
from scipy.spatial import cKDTree

from spatial.sources.beijing.terrain import Floats, plane_km

__all__ = ["minutes_between"]

_WALK_KM_PER_MINUTE: Final = 0.08
_DETOUR: Final = 1.25  # the way on the street over the straight line
_RAIL_KM_PER_MINUTE: Final = 0.62
_STOP_MINUTES: Final = 0.7
_BOARDING_MINUTES: Final = 5.0  # waiting, and the way to the platform and from it
_ROAD_KM_PER_MINUTE: Final = 0.38  # bus, bicycle and car in the morning
_NEAR: Final = 2  # stations tried at each end


def minutes_between(
    start: tuple[Floats, Floats],
    end: tuple[Floats, Floats],
    *,
    stations: gpd.GeoDataFrame,
    links: gpd.GeoDataFrame,
) -> NDArray[np.float32]:
    """
    Minutes from each start to each end by the faster of rail and road, shape (n, m).

    Parameters
    ----------
    start, end
        Kilometres east and north of the centre, each of shape (n,) and (m,).
    stations, links
        The network: columns id and geometry; columns a and b.
    """
    ride = _ride(stations, links)
    best = _road(start, end)
    from_station, from_walk = _walks(start, stations)
    to_station, to_walk = _walks(end, stations)
    for i in range(_NEAR):
        for j in range(_NEAR):
            by_rail = ride[np.ix_(from_station[:, i], to_station[:, j])]
            by_rail += from_walk[:, i, None] + (to_walk[:, j] + _BOARDING_MINUTES)[None, :]
            np.minimum(best, by_rail, out=best)
    return best


def _ride(stations: gpd.GeoDataFrame, links: gpd.GeoDataFrame) -> NDArray[np.float32]:
    """Minutes on the train between every two stations, infinite where no line leads."""
    x, y = plane_km(stations.geometry.y, stations.geometry.x)
    number = {name: row for row, name in enumerate(stations["id"])}
    a, b = (np.array([number[name] for name in links[end]], dtype=np.int64) for end in "ab")
    minutes = np.hypot(x[a] - x[b], y[a] - y[b]) / _RAIL_KM_PER_MINUTE + _STOP_MINUTES
    graph = coo_array((minutes, (a, b)), shape=(len(x), len(x))).tocsr()
    return np.asarray(dijkstra(graph, directed=False), dtype=np.float32)


def _walks(
    points: tuple[Floats, Floats], stations: gpd.GeoDataFrame
) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
    """The nearest stations of each point and the minutes' walk to them, shape (n, _NEAR)."""
    tree = cKDTree(np.column_stack(plane_km(stations.geometry.y, stations.geometry.x)))
    gap, station = tree.query(np.column_stack(points), k=_NEAR)
    return station.astype(np.int64), (gap * _DETOUR / _WALK_KM_PER_MINUTE).astype(np.float32)


def _road(start: tuple[Floats, Floats], end: tuple[Floats, Floats]) -> NDArray[np.float32]:
    east = np.subtract.outer(start[0].astype(np.float32), end[0].astype(np.float32))
    north = np.subtract.outer(start[1].astype(np.float32), end[1].astype(np.float32))
    km = np.sqrt(east * east + north * north)
    return np.asarray(4 + km * np.float32(_DETOUR / _ROAD_KM_PER_MINUTE))
