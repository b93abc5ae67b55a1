"""Campuses, districts and ring roads of OpenStreetMap."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any, Final

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray

from spatial.geodesy import area_km2
from spatial.ingest.errors import InputError
from spatial.ingest.layers import LayerResult
from spatial.sources.osm.elements import Element, Osm
from spatial.sources.osm.rail import Box

__all__ = ["RINGS", "campuses_of", "districts_of", "rings_of"]

RINGS: Final = r"[二三四五六]环|ring road"
_CAMPUSES: Final = ("university", "college")
_CHINESE: Final = "二三四五六七八九"
_RING: Final = re.compile(rf"(?:第)?([{_CHINESE}])环|([2-9])(?:nd|rd|th) ring", re.IGNORECASE)
_LEAST_PIECE: Final = 1e-4  # of a district's area: slivers of outlines drawn twice


def campuses_of(osm: Osm, *, box: Box | None = None) -> LayerResult:
    """
    A point for each named university and college; what is drawn twice under a name counts once.

    Raises
    ------
    InputError
        When there is none.
    """
    found, nameless, seen = [], 0, set()
    for one in osm.elements.values():
        if one.tags.get("amenity") not in _CAMPUSES:
            continue
        shape = _shape(osm, one)
        if shape is None:
            continue
        at = shapely.point_on_surface(shape)
        if not _inside(at, box):
            continue
        name, name_en = _names(one)
        spot = name, round(at.x, 2), round(at.y, 2)
        nameless += not name
        if name and spot not in seen:
            seen.add(spot)
            found.append((one.key, name, name_en, at))
    if not found:
        raise InputError("campuses must have amenity=university or college, found none named here")
    notes = [f"{nameless} campuses without a name left out"] if nameless else []
    return _layer(found, notes)


def districts_of(osm: Osm, *, admin_level: int, box: Box | None = None) -> LayerResult:
    """
    Districts: the administrative boundaries of one level.

    Parameters
    ----------
    osm
        As `read_osm` gives it.
    admin_level
        6 for districts of China and for US counties; the levels of other countries differ.
    box
        Within which their middle must lie; None takes all.

    Raises
    ------
    InputError
        When there is none of this level; the levels found are named.
    """
    found, open_ones = [], []
    levels: dict[str, int] = defaultdict(int)
    for one in osm.elements.values():
        if one.tags.get("boundary") != "administrative" or one.key[0] == "n":
            continue
        levels[one.tags.get("admin_level", "none")] += 1
        if one.tags.get("admin_level") != str(admin_level):
            continue
        shape = _shape(osm, one)
        name, name_en = _names(one)
        if shape is None or shapely.get_dimensions(shape) < 2:
            open_ones.append(name or one.key)
        elif name and _inside(shapely.point_on_surface(shape), box):
            found.append((one.key, name, name_en, shape))
    if not found:
        have = ", ".join(sorted(levels)) or "none"
        raise InputError(
            f"districts must be whole boundaries of admin_level {admin_level}, found none here;"
            f" levels in the data: {have}"
        )
    notes = []
    if open_ones:
        notes.append(f"{len(open_ones)} boundaries not closed left out: {', '.join(open_ones[:6])}")
    return _layer(found, notes)


def rings_of(osm: Osm, *, match: str = RINGS, box: Box | None = None) -> LayerResult:
    """
    Ring roads, for the ground of a map: ways whose name or ref matches, joined ring by ring.

    Parameters
    ----------
    osm
        As `read_osm` gives it.
    match
        Regular expression, looked for anywhere in name, name:en, int_name or ref. Roads are put
        together by what it finds: 东二环 and 西二环 both hold 二环.
    box
        Within which roads must begin or end; None takes all.

    Raises
    ------
    InputError
        When `match` is no regular expression, or matches nothing.
    """
    try:
        wanted = re.compile(match, re.IGNORECASE)
    except re.error as fault:
        raise InputError(f"rings must match a regular expression, found {match}: {fault}") from None
    parts: dict[str, list[Any]] = defaultdict(list)
    for way in osm.of_kind("w"):
        if "highway" not in way.tags or len(at := osm.course(way.key)) < 2:
            continue
        names = ("name", "name:zh", "name:en", "int_name", "ref")
        hits = [hit for tag in names if (hit := wanted.search(way.tags.get(tag, "")))]
        if hits and (_inside(shapely.Point(at[0]), box) or _inside(shapely.Point(at[-1]), box)):
            parts[_ring(hits[0][0], way)].append(shapely.LineString(at))
    if not parts:
        raise InputError(f"rings must be ways named {match}, found none here")
    found = [
        (f"osm-{name}", *_ring_names(name), shapely.line_merge(shapely.MultiLineString(own)))
        for name, own in sorted(parts.items())
    ]
    layer = _layer(found, ())
    layer.layer.insert(3, "kind", "ring_road")
    return layer


def _ring(found: str, way: Element) -> str:
    """What a ring's roads have in common: ring-2 of 东二环, else what matched."""
    for text in (found, way.tags.get("name", ""), way.tags.get("name:en", "")):
        if hit := _RING.search(text):
            number = _CHINESE.index(hit[1]) + 2 if hit[1] else int(hit[2])
            return f"ring-{number}"
    return found


def _ring_names(name: str) -> tuple[str, str]:
    number = name.removeprefix("ring-")
    if not (name.startswith("ring-") and number.isdigit()):
        return name, name
    ordinal = {"2": "2nd", "3": "3rd"}.get(number, f"{number}th")
    return f"{_CHINESE[int(number) - 2]}环路", f"{ordinal} Ring Road"


def _shape(osm: Osm, one: Element) -> shapely.Geometry | None:
    """Point, line or polygon of an element; None where the file does not draw it."""
    if one.key[0] == "r" and one.members:
        shape = _polygon(osm, one)
        if shape is None and len(one.at):
            return shapely.Point(one.at[0])
        return shape
    at = osm.course(one.key)
    if not len(at):
        return None
    if len(at) > 3 and (at[0] == at[-1]).all():
        return shapely.make_valid(shapely.Polygon(at), method="structure")
    return shapely.Point(at[0]) if len(at) == 1 else shapely.LineString(at)


def _polygon(osm: Osm, relation: Element) -> shapely.Geometry | None:
    """The area within the outer ways of a relation, less that within its inner ones."""
    areas = {}
    for role, names in (("outer", ("outer", "")), ("inner", ("inner",))):
        own = [one.key for one in relation.members if one.role in names and one.key[0] == "w"]
        drawn = [at for key in own if len(at := osm.course(key)) > 1]
        if role == "outer" and len(drawn) < len(own):
            return None  # a stretch that is not in the file would leave another shape
        faces = shapely.polygonize([shapely.LineString(at) for at in drawn])
        areas[role] = _filled(shapely.get_parts(faces))
    if areas["outer"] is None:
        return None
    shape = shapely.difference(areas["outer"], areas["inner"] or shapely.Polygon())
    pieces = shapely.get_parts(shape)
    pieces = pieces[shapely.get_dimensions(pieces) == 2]
    sizes = area_km2(pieces) if len(pieces) else np.empty(0)
    kept = pieces[sizes > _LEAST_PIECE * sizes.sum()]
    if not len(kept):
        return None
    whole: shapely.Geometry = kept[0] if len(kept) == 1 else shapely.multipolygons(kept)
    return whole


def _filled(faces: NDArray[np.object_]) -> shapely.Geometry | None:
    """All that lies within any of the rings."""
    if not len(faces):
        return None
    whole: shapely.Geometry = shapely.union_all([shapely.Polygon(one.exterior) for one in faces])
    return whole


def _names(one: Element) -> tuple[str, str]:
    name = (one.tags.get("name:zh") or one.tags.get("name") or one.tags.get("name:en", "")).strip()
    return name, one.tags.get("name:en", "").strip() or name


def _inside(at: shapely.Point, box: Box | None) -> bool:
    if box is None:
        return True
    south, north, west, east = box
    return bool(south <= at.y <= north and west <= at.x <= east)


def _layer(rows: Iterable[tuple[str, str, str, Any]], notes: Sequence[str]) -> LayerResult:
    ids, names, english, shapes = zip(*rows, strict=True)
    table = {"id": list(ids), "name": list(names), "name_en": list(english)}
    return LayerResult(gpd.GeoDataFrame(table, geometry=list(shapes), crs=4326), tuple(notes))
