"""
The rail of one year as a graph: stations, links, and the minutes from any station to any other.

A node is a platform: one station on one line. Links join platforms of their own line, so that
every change of line is paid for. Links without a line are one line together, "": where nothing is
known of changes, none is charged.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TypeVar

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from scipy.sparse import csr_array
from scipy.sparse.csgraph import dijkstra
from scipy.spatial import cKDTree

from spatial.chords import vectors
from spatial.geodesy import distance_km
from spatial.question import QuestionError
from spatial.rail_rules import RailRules
from spatial.study import Study

__all__ = ["Network", "network_of", "standing"]

Floats = NDArray[np.float64]
Rows = NDArray[np.int64]
_Table = TypeVar("_Table", bound=pd.DataFrame)


@dataclass(frozen=True, eq=False)
class Network:
    """
    The rail of one year.

    Parameters
    ----------
    year, rules
        What was asked.
    ids, names, names_en
        Of the s stations that stand and have a place, shape (s,).
    lat, lon
        Degrees, shape (s,).
    links
        Columns a, b (rows of the stations), line, km and minutes; every link that stands between
        two such stations, each pair once a line.
    ride
        Minutes from station to station, shape (s, s), float32: trains, stops and changes, without
        the wait for the first train. Symmetric; 0 on the diagonal, inf where no way leads.
        From a to c takes at most a change longer than from a to b and from b to c.
    """

    year: int
    rules: RailRules
    ids: NDArray[np.object_]
    names: NDArray[np.object_]
    names_en: NDArray[np.object_]
    lat: Floats
    lon: Floats
    links: pd.DataFrame
    ride: NDArray[np.float32]

    def __len__(self) -> int:
        return len(self.ids)

    @cached_property
    def tree(self) -> cKDTree:
        """The stations, to be asked for those nearest a place of `chords.vectors`."""
        return cKDTree(vectors(self.lat, self.lon))

    @cached_property
    def neighbours(self) -> csr_array:
        """Which stations a link joins, whatever its line, shape (s, s); walks left out."""
        a, b = (self.links[end].to_numpy() for end in "ab")
        ends = np.unique(np.stack([np.r_[a, b], np.r_[b, a]]), axis=1)
        shape = (len(self), len(self))
        return csr_array((np.ones(ends.shape[1]), (ends[0], ends[1])), shape=shape)

    def row(self, station: str) -> int:
        """
        Row of a station by id, else by name.

        Raises
        ------
        QuestionError
            When no station, or more than one, is called so in this year.
        """
        for words in (self.ids, self.names, self.names_en):
            found = np.flatnonzero(words == station)
            if len(found) == 1:
                return int(found[0])
            if len(found) > 1:
                ids = ", ".join(map(str, self.ids[found]))
                raise QuestionError(f"{station} is the name of several stations: {ids}")
        raise QuestionError(f"there is no station {station} in {self.year}")


def standing(table: _Table, year: int) -> _Table:
    """Rows open in a year; what has no year of opening always was."""
    opened = pd.to_numeric(table["opened"], errors="coerce").to_numpy(np.float64, na_value=np.nan)
    open_now = ~(opened > year)
    if "closed" in table:
        closed = pd.to_numeric(table["closed"], errors="coerce").to_numpy(
            np.float64, na_value=np.nan
        )
        open_now &= ~(closed <= year)
    return table[open_now]


def network_of(study: Study, year: int, rules: RailRules | None = None) -> Network | None:
    """
    The rail of a year, or None where the study has no station then.

    Without links there are stations, and no way between them but on foot where they are close.
    Links to stations that are not there, or not yet, are left out: `rail_faults` tells of them.
    """
    rules = rules or RailRules()
    stations = standing(study.layer("stations"), year)
    shapes = stations.geometry
    stations = stations[~(shapes.isna() | shapes.is_empty)]
    if stations.empty:
        return None
    places = stations.geometry.representative_point()
    lat, lon = places.y.to_numpy(np.float64), places.x.to_numpy(np.float64)
    ids = stations["id"].astype(str).to_numpy(object)
    links = _links(standing(study.layer("rail_links"), year), ids, lat, lon, rules)
    return Network(
        year=year,
        rules=rules,
        ids=ids,
        names=_text(stations["name"]),
        names_en=_text(stations["name_en"]),
        lat=lat,
        lon=lon,
        links=links,
        ride=_ride(links, vectors(lat, lon), rules),
    )


def _text(values: pd.Series) -> NDArray[np.object_]:
    """Names, "" where there is none."""
    return np.array([str(one).strip() for one in values.fillna("")], dtype=object)


def _links(
    table: gpd.GeoDataFrame, ids: NDArray[np.object_], lat: Floats, lon: Floats, rules: RailRules
) -> pd.DataFrame:
    known = pd.Index(ids)
    a, b = (known.get_indexer(pd.Index(table[end].astype(str))).astype(np.int64) for end in "ab")
    good = (a >= 0) & (b >= 0) & (a != b)
    table, a, b = table[good], a[good], b[good]
    km = _lengths_km(table)
    unknown = ~(km > 0)
    km[unknown] = distance_km(lat[a[unknown]], lon[a[unknown]], lat[b[unknown]], lon[b[unknown]])
    line = table["line"].fillna("").astype(str).str.strip()
    speed = line.map(dict(rules.line_kmh)).astype(float).fillna(rules.train_kmh).to_numpy()
    found = pd.DataFrame(
        {
            "a": np.minimum(a, b),
            "b": np.maximum(a, b),
            "line": line.to_numpy(),
            "km": km,
            "minutes": km / speed * 60 + rules.stop_minutes,
        }
    )
    shortest = found.sort_values("minutes", kind="stable").drop_duplicates(["a", "b", "line"])
    return shortest.sort_index(ignore_index=False).reset_index(drop=True)


def _lengths_km(table: gpd.GeoDataFrame) -> Floats:
    """Length of each link as the study gives it, else as it is drawn; NaN where neither."""
    given = np.full(len(table), np.nan)
    if "length_km" in table:
        said = pd.to_numeric(table["length_km"], errors="coerce")
        given = np.array(said.to_numpy(np.float64, na_value=np.nan))
    given[~(np.isfinite(given) & (given > 0))] = np.nan
    open_ = np.flatnonzero(np.isnan(given))
    drawn = table.geometry.to_numpy()[open_]
    xy, part = shapely.get_coordinates(drawn, return_index=True)
    same = part[1:] == part[:-1]
    step = distance_km(xy[:-1, 1], xy[:-1, 0], xy[1:, 1], xy[1:, 0]) if len(xy) > 1 else same
    length = np.bincount(part[1:][same], weights=step[same], minlength=len(open_))
    given[open_] = np.where(length > 0, length, np.nan)
    return given


def _ride(links: pd.DataFrame, places: Floats, rules: RailRules) -> NDArray[np.float32]:
    """Minutes between all stations over the graph of platforms, shape (s, s)."""
    names, line = np.unique(links["line"].to_numpy(object), return_inverse=True)
    count, lines = len(places), len(names) + 1
    a, b = (links[end].to_numpy(np.int64) for end in "ab")
    unserved = np.setdiff1d(np.arange(count), np.r_[a, b])
    keys = np.unique(np.r_[a * lines + line, b * lines + line, unserved * lines + lines - 1])
    station = keys // lines
    start = np.searchsorted(station, np.arange(count))
    stop = np.searchsorted(station, np.arange(count), side="right")

    near = _close(places, rules.interchange_m)
    afoot = np.sqrt(((places[near[:, 0]] - places[near[:, 1]]) ** 2).sum(axis=1))
    afoot = afoot * rules.detour / rules.walk_m_per_minute
    changes = [(s, s, rules.transfer_minutes) for s in range(count)]
    changes += [
        (int(s), int(t), float(walk) + rules.transfer_minutes)
        for (s, t), walk in zip(near, afoot, strict=True)
    ]
    edges = [
        (i, j, minutes)
        for s, t, minutes in changes
        for i in range(start[s], stop[s])
        for j in range(start[t], stop[t])
        if i < j
    ]
    change = np.array(edges, dtype=np.float64).reshape(-1, 3)
    rows = np.r_[np.searchsorted(keys, a * lines + line), change[:, 0].astype(np.int64)]
    columns = np.r_[np.searchsorted(keys, b * lines + line), change[:, 1].astype(np.int64)]
    minutes = np.r_[links["minutes"].to_numpy(np.float64), change[:, 2]]
    between = dijkstra(_graph(rows, columns, minutes, len(keys)), directed=False)
    best = np.minimum.reduceat(np.minimum.reduceat(between, start, axis=0), start, axis=1)
    return best.astype(np.float32)


def _graph(rows: Rows, columns: Rows, minutes: Floats, count: int) -> csr_array:
    """A graph of the quickest of each pair's edges: a sparse matrix would add them up."""
    low, high = np.minimum(rows, columns), np.maximum(rows, columns)
    order = np.lexsort([minutes, high, low])
    low, high, minutes = low[order], high[order], minutes[order]
    first = np.r_[True, (low[1:] != low[:-1]) | (high[1:] != high[:-1])][: len(low)]
    return csr_array((minutes[first], (low[first], high[first])), shape=(count, count))


def _close(places: Floats, metres: float) -> Rows:
    """Pairs of stations at most so far apart, shape (n, 2)."""
    pairs = cKDTree(places).query_pairs(metres, output_type="ndarray")
    return np.asarray(pairs, dtype=np.int64)
