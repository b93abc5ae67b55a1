"""Stations, and the links between them, of OpenStreetMap's routes."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from scipy.cluster.hierarchy import fcluster, linkage

from spatial.chords import vectors
from spatial.ingest.errors import InputError
from spatial.ingest.layers import LayerResult
from spatial.sources.osm.elements import Element, Osm

__all__ = ["MODES", "Box", "line_of", "rail_of"]

Box = tuple[float, float, float, float]
"""South, north, west and east in degrees."""

MODES: Final = ("subway", "light_rail", "monorail")

_MERGE_M: Final = 500.0
_DIRECTION: Final = re.compile(r"\s*[（(](?:上行|下行|内环|外环|inner|outer)[^）)]*[）)]\s*$")
_NUMBERED: Final = re.compile(r"(\d+)\s*号线")
_WAY_OF_TRAVEL: Final = re.compile(r"\s*(?:[:：]|->|→|=>|⇒|（|\().*$")
_STOP: Final = re.compile(r"stop(?:_entry_only|_exit_only)?(?::\d+)?")


@dataclass(frozen=True)
class _Stop:
    """A stop of one route: where, what it is called, and its line."""

    key: str
    name: str
    name_en: str
    lat: float
    lon: float


def rail_of(
    osm: Osm, *, box: Box | None = None, modes: Iterable[str] = MODES
) -> tuple[LayerResult, LayerResult]:
    """
    Stations and links of the routes in some files.

    Stops of one name are one station where each is within 500 m of another; farther apart they
    are two. Links join successive stops of a route, whichever way it runs, and end where the file
    does not place a stop: what lies beyond may be another neighbour.

    Parameters
    ----------
    osm
        As `read_osm` gives it.
    box
        Within which stops are taken; None takes all.
    modes
        Values of the tag route.

    Raises
    ------
    InputError
        When no route has two stops with a name and a place there.
    """
    wanted = set(modes)
    routes = [
        (line_of(route), _stops_of(osm, route, box))
        for route in osm.of_kind("r", type="route")
        if route.tags.get("route") in wanted
    ]
    seen = [(line, stop) for line, stops in routes for stop in stops if stop is not None]
    if len({stop.key for _, stop in seen}) < 2:
        raise InputError(_nothing(routes, osm))
    keys = list(dict.fromkeys(stop.key for _, stop in seen))
    known = {stop.key: stop for _, stop in seen}
    row = _merged([known[key] for key in keys])
    station = dict(zip(keys, row, strict=True))
    stations = _stations([known[key] for key in keys], row, seen, station)
    notes = _missing(routes)
    return (
        LayerResult(stations, tuple(notes)),
        _links(routes, station, stations),
    )


def line_of(route: Element) -> str:
    """
    What a route's line is called: the first of its refs, else its name up to the way of travel.

    Chinese names of numbered lines give the number: 地铁 12号线: 东坝北 → 四季青桥 is 12.
    """
    ref = re.split(r"[;,；，]", route.tags.get("ref", ""))[0].strip()
    name = route.tags.get("name", "")
    if ref:
        return ref
    if numbered := _NUMBERED.search(name):
        return numbered[1]
    plain = _WAY_OF_TRAVEL.sub("", name).strip()
    return re.sub(r"^(?:\S{0,4}地铁|subway)\s+", "", plain, flags=re.IGNORECASE) or route.key


def _stops_of(osm: Osm, route: Element, box: Box | None) -> list[_Stop | None]:
    """Stops in the order of a route; None for one without a name or a place."""
    nodes = [one for one in route.members if one.key[0] == "n"]
    stops = [one for one in nodes if _STOP.fullmatch(one.role)]
    if not stops:  # older routes give their stops no role
        stops = [one for one in nodes if not one.role]
    found = [_stop(osm, one.key) for one in stops]
    if box is None:
        return found
    south, north, west, east = box
    return [
        one if one and south <= one.lat <= north and west <= one.lon <= east else None
        for one in found
    ]


def _stop(osm: Osm, key: str) -> _Stop | None:
    at = osm.course(key)
    node = osm.elements.get(key)
    if node is None or not len(at):
        return None
    area = osm.elements.get(osm.stop_areas.get(key, ""))
    tags = {**node.tags, **(area.tags if area else {})}
    name = _DIRECTION.sub("", tags.get("name:zh") or tags.get("name", "")).strip()
    if not name:
        return None
    return _Stop(key, name, tags.get("name:en", "").strip() or name, at[0, 1], at[0, 0])


def _merged(stops: Sequence[_Stop]) -> NDArray[np.int64]:
    """Row of the station of each stop: one name, and each within 500 m of another of it."""
    by_name: dict[str, list[int]] = defaultdict(list)
    for row, stop in enumerate(stops):
        by_name[stop.name].append(row)
    found = np.zeros(len(stops), dtype=np.int64)
    count = 0
    for rows in by_name.values():
        at = vectors([stops[row].lat for row in rows], [stops[row].lon for row in rows])
        group = np.ones(1, dtype=np.int64)
        if len(rows) > 1:
            group = fcluster(linkage(at, method="single"), _MERGE_M, criterion="distance")
        # Numbers by first appearance, so that the order of the file is kept.
        _, first, number = np.unique(group, return_index=True, return_inverse=True)
        order = np.argsort(np.argsort(first))
        found[rows] = count + order[number.reshape(-1)]
        count += len(first)
    return found


def _stations(
    stops: Sequence[_Stop],
    row: NDArray[np.int64],
    seen: Sequence[tuple[str, _Stop]],
    station: dict[str, np.int64],
) -> gpd.GeoDataFrame:
    lines: dict[int, dict[str, None]] = defaultdict(dict)
    for line, stop in seen:
        lines[int(station[stop.key])][line] = None
    table = pd.DataFrame(
        {
            "row": row,
            "name": [stop.name for stop in stops],
            "name_en": [stop.name_en for stop in stops],
            "lat": [stop.lat for stop in stops],
            "lon": [stop.lon for stop in stops],
        }
    )
    table["own"] = table["name_en"] != table["name"]
    # Of several stops the English name is that of one which has one.
    best = table.sort_values(["row", "own"], ascending=[True, False], kind="stable")
    whole = best.groupby("row").agg({"name": "first", "name_en": "first"})
    at = table.groupby("row")[["lat", "lon"]].mean()
    again = whole.groupby("name").cumcount()
    ids = whole["name"].where(again == 0, whole["name"] + " " + (again + 1).astype(str))
    found = {
        "id": ids.to_numpy(object),
        "name": whole["name"].to_numpy(object),
        "name_en": whole["name_en"].to_numpy(object),
        "lines": [";".join(lines[int(one)]) for one in whole.index],
        "opened": np.full(len(whole), np.nan),
    }
    return gpd.GeoDataFrame(found, geometry=gpd.points_from_xy(at["lon"], at["lat"]), crs=4326)


def _links(
    routes: Sequence[tuple[str, list[_Stop | None]]],
    station: dict[str, np.int64],
    stations: gpd.GeoDataFrame,
) -> LayerResult:
    found: dict[tuple[int, int, str], None] = {}
    for line, stops in routes:
        for one, other in _neighbours(stops):
            a, b = sorted((int(station[one.key]), int(station[other.key])))
            if a != b:
                found[a, b, line] = None
    pairs = np.array([(a, b) for a, b, _ in found], dtype=np.int64).reshape(-1, 2)
    at = shapely.get_coordinates(stations.geometry.to_numpy())
    ids = stations["id"].to_numpy(object)
    columns = {
        "a": ids[pairs[:, 0]],
        "b": ids[pairs[:, 1]],
        "line": np.array([line for _, _, line in found], dtype=object),
        "opened": np.full(len(found), np.nan),
    }
    drawn = np.asarray(shapely.linestrings(at[pairs]))
    return LayerResult(gpd.GeoDataFrame(columns, geometry=drawn, crs=4326), ())


def _neighbours(stops: Sequence[_Stop | None]) -> Iterator[tuple[_Stop, _Stop]]:
    for one, other in pairwise(stops):
        if one is not None and other is not None:
            yield one, other


def _missing(routes: Sequence[tuple[str, list[_Stop | None]]]) -> list[str]:
    """Notes on stops without a place or name, and on routes that have none with them."""
    gone = [(line, sum(stop is None for stop in stops), len(stops)) for line, stops in routes]
    lost = [(line, count) for line, count, of in gone if 0 < count < of]
    notes = []
    if lost:
        lines = ", ".join(dict.fromkeys(line for line, _ in lost))
        count = sum(count for _, count in lost)
        notes.append(f"{count} stops without a name or a place here left out, on lines {lines}")
    if away := sum(count == of for _, count, of in gone):
        notes.append(f"{away} routes without a stop here left out")
    return notes


def _nothing(routes: Sequence[tuple[str, list[_Stop | None]]], osm: Osm) -> str:
    if not routes:
        return "stations must stand on routes (route=subway and the like), found no such route"
    if not any(key[0] == "n" and len(one.at) for key, one in osm.elements.items()):
        return (
            f"stops must have places, found {len(routes)} routes and no node with a place: add a"
            " file with the nodes, or a table of stops"
        )
    return f"stations must lie within the study, found none of {len(routes)} routes with two there"
