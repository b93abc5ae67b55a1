"""Little rail networks made up on the spot, and ways over them written out slowly."""

from __future__ import annotations

import heapq
from dataclasses import dataclass, field
from itertools import product

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from spatial.geodesy import distance_km

EAST, NORTH = 0.0117, 0.009  # about 1 km each at 39.9 north


@dataclass
class Rails:
    """What the rail modules ask of a study: its layers, years and cells."""

    stations: gpd.GeoDataFrame
    rail_links: gpd.GeoDataFrame
    years: tuple[int, ...] = (2025,)
    area: np.ndarray = field(default_factory=lambda: np.empty(0, np.uint64))

    def layer(self, name):
        return getattr(self, name)


def rails(places, links=(), *, shapes=None, area=(), **columns):
    """
    `places` by id: (km north, km east) or None; `links`: (a, b, line) of ids, or one year more.

    Further columns of the stations are named; their lines are those of their links.
    """
    ids = list(places)
    served = {one: [] for one in ids}
    for a, b, line, *_ in links:
        for end in (a, b):
            if end in served and line not in served[end]:
                served[end].append(line)
    points = [
        at and shapely.Point(116.4 + EAST * at[1], 39.9 + NORTH * at[0]) for at in places.values()
    ]
    given = {"id": ids, "name": ids, "name_en": ids}
    given |= {"lines": [";".join(served[one]) for one in ids], "opened": np.nan}
    stations = gpd.GeoDataFrame(given | columns, geometry=points, crs=4326)
    rows = [(a, b, line, more[0] if more else np.nan) for a, b, line, *more in links]
    table = pd.DataFrame(rows, columns=["a", "b", "line", "opened"])
    drawn = gpd.GeoDataFrame(table, geometry=shapes or [None] * len(rows), crs=4326)
    return Rails(stations, drawn, area=np.asarray(area, np.uint64))


def metres(a, b):
    """Geodesic metres between two (lat, lon)."""
    return float(np.ravel(distance_km([a[0]], [a[1]], [b[0]], [b[1]]))[0]) * 1000


def slow_rides(study, rules):
    """Minutes from every station to every other, Dijkstra over (station, line) by hand."""
    at = {i: (p.y, p.x) for i, p in zip(study.stations["id"], study.stations.geometry, strict=True)}
    rows = [r for r in study.rail_links.itertuples() if r.a != r.b and {r.a, r.b} <= set(at)]
    lines = {one: {r.line for r in rows if one in (r.a, r.b)} or {None} for one in at}

    def onward(station, line):
        for row in rows:
            if row.line == line and station in (row.a, row.b):
                other = row.b if station == row.a else row.a
                km = metres(at[row.a], at[row.b]) / 1000
                speed = rules.line_kmh.get(line, rules.train_kmh)
                yield (other, line), km / speed * 60 + rules.stop_minutes
        for other in lines[station] - {line}:
            yield (station, other), rules.transfer_minutes
        for near in set(at) - {station}:
            away = metres(at[station], at[near])
            if away <= rules.interchange_m:
                walk = away * rules.detour / rules.walk_m_per_minute
                for other in lines[near]:
                    yield (near, other), walk + rules.transfer_minutes

    found = {}
    for start in at:
        best = {}
        queue = [(0.0, start, str(line), line) for line in lines[start]]
        while queue:
            minutes, station, _, line = heapq.heappop(queue)
            if (station, line) in best:
                continue
            best[station, line] = minutes
            for (to, on), more in onward(station, line):
                if (to, on) not in best:
                    heapq.heappush(queue, (minutes + more, to, str(on), on))
        for end in at:
            found[start, end] = min(best.get((end, line), np.inf) for line in lines[end])
    return found


def slow_door_to_door(study, rules, home, work):
    """(rail, direct) minutes between two places: every two stations within reach are tried."""
    at = {i: (p.y, p.x) for i, p in zip(study.stations["id"], study.stations.geometry, strict=True)}
    ride = slow_rides(study, rules)
    rail = np.inf
    for board, alight in product(at, at):
        out, back = metres(home, at[board]), metres(at[alight], work)
        if max(out, back) <= rules.reach_m:
            walks = (out + back) * rules.detour / rules.walk_m_per_minute
            rail = min(rail, walks + rules.wait_minutes + ride[board, alight])
    km = metres(home, work) / 1000
    afoot = km * 1000 * rules.detour / rules.walk_m_per_minute
    return rail, min(km / rules.direct_kmh * 60 + rules.direct_minutes, afoot)
