"""
Nodes, ways and relations of a saved OpenStreetMap file, whichever of its JSON forms it has.

Overpass and the editing interface write a list of `elements`; extracts are also kept as one object
keyed by "n1", "w2" and "r3". What the file does not hold, such as the nodes of a route, may stand
in a second one: further JSON, or a table of stops whose ids are such keys.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from spatial.ingest.caps import UPLOAD_BYTES
from spatial.ingest.errors import InputError
from spatial.ingest.layers import is_table, text_of
from spatial.ingest.read import check_file, read_table
from spatial.ingest.values import numbers_of

__all__ = ["Element", "Member", "Osm", "elements_of", "read_osm"]

Floats = NDArray[np.float64]

_KINDS: Final = {"n": "n", "w": "w", "r": "r", "node": "n", "way": "w", "relation": "r"}
_STOPS: Final = ("stop_id", "stop_name", "stop_lat", "stop_lon")


@dataclass(frozen=True)
class Member:
    """One member of a relation: its key, such as "n1", and its role."""

    key: str
    role: str


@dataclass(frozen=True, eq=False)
class Element:
    """
    One node, way or relation.

    Parameters
    ----------
    key
        "n1", "w2" or "r3".
    tags
        What is said of it.
    at
        Longitudes and latitudes along it in degrees, shape (k, 2): of a node one; empty where the
        file has none.
    nodes, members
        Keys of a way's nodes, and the members of a relation.
    """

    key: str
    tags: Mapping[str, str]
    at: Floats
    nodes: tuple[str, ...] = ()
    members: tuple[Member, ...] = ()


@dataclass(frozen=True, eq=False)
class Osm:
    """
    Everything in some files, by key.

    Parameters
    ----------
    elements
        By key.
    stop_areas
        Of nodes that a table of stops gives, the key of the station each belongs to.
    """

    elements: dict[str, Element] = field(default_factory=dict)
    stop_areas: dict[str, str] = field(default_factory=dict)

    def of_kind(self, kind: str, **tags: str) -> Iterator[Element]:
        """Elements of a kind, "n", "w" or "r", with these tags, in the order of the file."""
        for key, one in self.elements.items():
            if key[0] == kind and all(one.tags.get(name) == value for name, value in tags.items()):
                yield one

    def course(self, key: str) -> Floats:
        """Longitudes and latitudes along a node or way, shape (k, 2); empty where unknown."""
        one = self.elements.get(key)
        if one is None:
            return np.empty((0, 2))
        if len(one.at) or not one.nodes:
            return one.at
        found = [self.elements[node].at for node in one.nodes if node in self.elements]
        return np.concatenate([*found, np.empty((0, 2))])


def read_osm(paths: Sequence[str | Path]) -> Osm:
    """
    Everything in some saved files.

    Parameters
    ----------
    paths
        JSON of either form; and tables of stops as GTFS writes them (stops.txt), whose stop_id is
        a key such as n123 or node/123: they place nodes that the JSON only names.

    Raises
    ------
    InputError
        When a file is missing, too large, not such a file, or a place lies off the Earth.
    """
    whole = Osm()
    for path in map(Path, paths):
        _join(whole, _stops(path) if is_table(path) else _read(path))
    return whole


def elements_of(content: object, *, source: str) -> Osm:
    """
    Everything in JSON that is read already.

    Raises
    ------
    InputError
        When it has neither form; the message names `source`.
    """
    if isinstance(content, dict) and isinstance(content.get("elements"), list):
        given = [(None, one) for one in content["elements"]]
    elif isinstance(content, dict) and content and all(_is_key(key) for key in content):
        given = list(content.items())
    else:
        raise InputError(
            f"{source}: OpenStreetMap JSON must be a list of elements or an object by n1, w2, r3,"
            " found neither"
        )
    found = Osm()
    for key, one in given:
        for element in _elements(key, one, source):
            _add(found, element)
    return found


def _join(whole: Osm, more: Osm) -> None:
    for one in more.elements.values():
        _add(whole, one)
    whole.stop_areas.update(more.stop_areas)


def _add(whole: Osm, one: Element) -> None:
    """Take in an element; of one that is there already, what was missing of it."""
    there = whole.elements.get(one.key)
    if there is None:
        whole.elements[one.key] = one
        return
    whole.elements[one.key] = Element(
        one.key,
        {**one.tags, **there.tags},
        there.at if len(there.at) else one.at,
        there.nodes or one.nodes,
        there.members or one.members,
    )


def _read(path: Path) -> Osm:
    check_file(path)
    if (size := path.stat().st_size) > UPLOAD_BYTES:
        raise InputError(
            f"{path.name}: OpenStreetMap JSON must be at most {UPLOAD_BYTES >> 20} MB, found"
            f" {size >> 20}: ask for a smaller area"
        )
    try:
        content = json.loads(path.read_bytes())
    except (ValueError, RecursionError):
        raise InputError(
            f"{path.name}: OpenStreetMap JSON must be whole, found it damaged or cut short"
        ) from None
    return elements_of(content, source=path.name)


def _stops(path: Path) -> Osm:
    """Nodes of a table of stops, and the station each belongs to."""
    table = read_table(path)
    if missing := [column for column in _STOPS if column not in table]:
        raise InputError(
            f"{path.name}: a table of stops needs {', '.join(_STOPS)}, found no {missing[0]}"
        )
    lat, lon = (numbers_of(table, column, empty_allowed=True) for column in _STOPS[2:])
    keys = [_key_of(text) for text in text_of(table, "stop_id")]
    names = text_of(table, "stop_name")
    parents = text_of(table, "parent_station") if "parent_station" in table else names.map(_none)
    placed = {key: row for row, key in enumerate(keys) if np.isfinite(lat[row] + lon[row])}
    found = Osm()
    for row, key in enumerate(keys):
        parent = _key_of(parents.iloc[row])
        # A platform without a place of its own stands at its station.
        spot = placed.get(key, placed.get(parent))
        if key and spot is not None:
            at = _checked([[lon[spot], lat[spot]]], f"{path.name}: row {spot + 1}")
            found.elements[key] = Element(key, {"name": names.iloc[row]}, at)
            if parent:
                found.stop_areas[key] = parent
    return found


def _none(_: object) -> str:
    return ""


def _elements(key: str | None, one: object, source: str) -> Iterator[Element]:
    """An element, and what its members say of where they are."""
    if not isinstance(one, dict):
        raise InputError(f"{source}: an element must be an object, found {type(one).__name__}")
    kind = _KINDS.get(str(one.get("type", key[0] if key else "")))
    number = one.get("id", key[1:] if key else None)
    if kind is None or number is None:
        return  # counts, areas and remarks that services add
    name = key or f"{kind}{number}"
    tags = one.get("tags") if isinstance(one.get("tags"), dict) else {}
    texts = {str(k): str(v) for k, v in (tags or {}).items()}
    listed = [part for part in _list(one.get("members")) if isinstance(part, dict)]
    members = [
        Member(f"{_KINDS[str(part.get('type'))]}{part.get('ref')}", str(part.get("role", "")))
        for part in listed
        if str(part.get("type")) in _KINDS
    ]
    nodes = tuple(f"n{node}" for node in _list(one.get("nodes")))
    yield Element(name, texts, _places(one, f"{source}: {name}"), nodes, tuple(members))
    for part in listed:
        if str(part.get("type")) in _KINDS and len(at := _places(part, f"{source}: {name}")):
            yield Element(f"{_KINDS[str(part['type'])]}{part.get('ref')}", {}, at)


def _places(one: Mapping[str, Any], place: str) -> Floats:
    """Longitudes and latitudes that an element itself gives, shape (k, 2)."""
    middle = one.get("center")
    given = [one] if "lat" in one else _list(one.get("geometry"))
    if not given and isinstance(middle, dict):
        given = [middle]
    pairs = [[p.get("lon"), p.get("lat")] for p in given if isinstance(p, dict)]
    return _checked(pairs, place)


def _checked(pairs: Sequence[Sequence[object]], place: str) -> Floats:
    try:
        at = np.array(pairs, dtype=np.float64).reshape(-1, 2)
    except (TypeError, ValueError, OverflowError):
        at = np.full((1, 2), np.nan)
    bad = np.flatnonzero(~((np.abs(at[:, 0]) <= 180) & (np.abs(at[:, 1]) <= 90)))
    if len(bad):
        lon, lat = at[bad[0]]
        raise InputError(f"{place}: a place must lie on the Earth, found lat {lat:g}, lon {lon:g}")
    return at


def _list(value: object) -> list[Any]:
    return value if isinstance(value, list) else []


def _is_key(text: str) -> bool:
    return text[:1] in "nwr" and text[1:].isdigit()


def _key_of(text: str) -> str:
    """What "n123", "node/123" and "node 123" all mean, n123; nothing of other texts."""
    kind, _, number = text.replace(" ", "/").partition("/")
    key = f"{_KINDS[kind]}{number}" if number and kind in _KINDS else text
    return key if _is_key(key) else ""
