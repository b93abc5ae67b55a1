"""
What an Overpass service is asked for, and its answers, each kept once it has come.

Nothing here runs unless somebody asks for it by name. One request at a time; a busy service is
asked again after a pause, and then left alone.
"""

from __future__ import annotations

import hashlib
import http.client
import json
import os
import tempfile
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable, Iterable
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Final

from spatial.ingest.caps import UPLOAD_BYTES
from spatial.ingest.errors import InputError
from spatial.sources.osm.rail import MODES, Box

__all__ = ["ENDPOINT", "ask", "cache_folder", "query_of"]

ENDPOINT: Final = "https://overpass-api.de/api/interpreter"
"""Address of the service that is asked where none is named."""

_BUSY: Final = (429, 502, 503, 504)
_PAUSES_S: Final = (5.0, 20.0)
_CHUNK: Final = 1 << 16
_ROUTES: Final = "|".join(MODES)


def query_of(
    what: Iterable[str],
    *,
    box: Box | None = None,
    place: str = "",
    admin_level: int = 6,
    rings: str = "",
    seconds: int = 180,
) -> str:
    """
    The question in the service's own language.

    Parameters
    ----------
    what
        Of stations, lines, campuses, districts and rings.
    box, place
        Where: within degrees, or within the boundary of a place of that name or English name.
    admin_level, rings
        As for `districts_of` and `rings_of`.
    seconds
        How long the service may take.

    Raises
    ------
    InputError
        When it is not said where.
    """
    if place:
        name = _quoted(place)
        start = f'(area["boundary"="administrative"]["name"={name}];'
        start += f'area["boundary"="administrative"]["name:en"={name}];)->.here;\n'
        where = "(area.here)"
    elif box is not None:
        south, north, west, east = box
        start, where = "", f"({south:.5f},{west:.5f},{north:.5f},{east:.5f})"
    else:
        raise InputError("a question needs a place or a study with cells, found neither")
    asked = set(what)
    parts = []
    if asked & {"stations", "lines"}:  # routes are wanted with their nodes, all else as drawn
        parts.append(f'relation["type"="route"]["route"~"^({_ROUTES})$"]{where}->.r;')
        parts.append(".r out body;node(r.r);out body;")
    if "campuses" in asked:
        parts.append(f'nwr["amenity"~"^(university|college)$"]["name"]{where};out geom;')
    if "districts" in asked:
        level = f'["admin_level"="{admin_level}"]'
        parts.append(f'relation["boundary"="administrative"]{level}{where};out geom;')
    if "rings" in asked:
        parts.append(f'way["highway"]["name"~{_quoted(rings)},i]{where};out geom;')
    body = "\n".join(parts)
    return f"[out:json][timeout:{seconds}];\n{start}{body}\n"


def ask(
    query: str,
    *,
    cache: Path,
    endpoint: str = ENDPOINT,
    seconds: int = 180,
    pauses: tuple[float, ...] = _PAUSES_S,
    wait: Callable[[float], None] = time.sleep,
) -> Path:
    """
    The file with the answer to a query, from the cache where it was asked before.

    Parameters
    ----------
    query
        As `query_of` writes it.
    cache
        Folder of answers, named by the hash of endpoint and query.
    endpoint
        Address of the service.
    seconds
        After which a silent service is given up.
    pauses
        Seconds before each further try of a busy service.
    wait
        How to spend them.

    Raises
    ------
    InputError
        When the address is none, the service refuses, is silent or answers something else.
    """
    if not endpoint.startswith(("https://", "http://")):
        raise InputError(f"the service's address must begin with https://, found {endpoint}")
    name = hashlib.sha256(f"{endpoint}\n{query}".encode()).hexdigest()[:24]
    kept = cache / f"overpass-{name}.json"
    if kept.is_file():
        return kept
    cache.mkdir(parents=True, exist_ok=True)
    content = _answer(query, endpoint, seconds, pauses, wait)
    _check(content, endpoint)
    handle, draft = tempfile.mkstemp(dir=cache, prefix=".overpass-")
    with os.fdopen(handle, "wb") as file:
        file.write(content)
    Path(draft).replace(kept)
    return kept


def cache_folder() -> Path:
    """Where answers are kept when nobody says: the user's own cache."""
    given = os.environ.get("XDG_CACHE_HOME", "")
    return (Path(given) if given else Path.home() / ".cache") / "gradmap" / "osm"


def _answer(
    query: str,
    endpoint: str,
    seconds: int,
    pauses: tuple[float, ...],
    wait: Callable[[float], None],
) -> bytes:
    body = urllib.parse.urlencode({"data": query}).encode()
    headers = {"User-Agent": f"gradmap/{_version()} (one query at a time, answers cached)"}
    request = urllib.request.Request(endpoint, data=body, headers=headers)
    for pause in (*pauses, None):
        try:
            with urllib.request.urlopen(request, timeout=seconds + 30) as reply:
                return _read(reply, endpoint)
        except urllib.error.HTTPError as fault:
            if pause is None or fault.code not in _BUSY:
                raise InputError(
                    f"{endpoint}: the service must answer, found {fault.code} {fault.reason}"
                ) from None
            wait(pause)
        except (urllib.error.URLError, TimeoutError, http.client.HTTPException, OSError) as fault:
            reason = getattr(fault, "reason", None) or fault
            raise InputError(f"{endpoint}: the service must answer, found {reason}") from None
    raise InputError(f"{endpoint}: the service must answer, found it busy")


def _read(reply: http.client.HTTPResponse, endpoint: str) -> bytes:
    parts, size = [], 0
    while part := reply.read(_CHUNK):
        size += len(part)
        if size > UPLOAD_BYTES:
            raise InputError(
                f"{endpoint}: an answer must be at most {UPLOAD_BYTES >> 20} MB, found more: ask"
                " for less"
            )
        parts.append(part)
    return b"".join(parts)


def _check(content: bytes, endpoint: str) -> None:
    """A service that gives up half way says so in a remark, beside what it has."""
    try:
        found = json.loads(content)
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, dict) or not isinstance(found.get("elements"), list):
        raise InputError(f"{endpoint}: an answer must be a list of elements, found something else")
    if remark := str(found.get("remark", "")):
        raise InputError(f"{endpoint}: an answer must be whole, found {remark[:200]}")
    if not found["elements"]:
        raise InputError(f"{endpoint}: an answer must hold something, found nothing there")


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


def _version() -> str:
    try:
        return version("gradmap")
    except PackageNotFoundError:
        return "0"
