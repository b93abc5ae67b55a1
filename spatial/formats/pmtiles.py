"""
PMTiles: a whole pyramid of map tiles in one file that any web server can hand out in pieces.

References
----------
PMTiles Version 3 Specification: header of 127 bytes, directories of varints, tiles numbered
along a Hilbert curve zoom by zoom.
"""

from __future__ import annotations

import gzip
import html
import json
import struct
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, Final

import geopandas as gpd
import numpy as np
import pandas as pd

from spatial import cells as h3cells
from spatial.formats.common import FormatError, described, not_measured, shapes_of
from spatial.formats.mvt import varints
from spatial.formats.style import Style
from spatial.formats.tiles import Tile, cell_tiles, fields_of, shape_tiles

__all__ = ["pack", "read_pmtiles", "tile_id", "write_pmtiles"]

_HEADER: Final = 127
_ROOT: Final = 16_384  # bytes within which header and root directory must lie
_LEAF: Final = 4_096  # entries of a leaf directory
_GZIP: Final = 2
_VECTOR: Final = 1
_LEVEL: Final = 5  # of gzip: a tenth larger than the best, at half its time

_Entry = tuple[int, int, int, int]
"""Number of the first tile, offset, length, and tiles in a row (0: a leaf directory)."""


def write_pmtiles(
    table: gpd.GeoDataFrame,
    path: Path,
    provenance: dict[str, Any],
    layer: str,
    *,
    style: Style | None = None,  # noqa: ARG001 - a page brings its own
) -> None:
    """
    Write PMTiles of vector tiles, the provenance in their metadata under "gradmap".

    A table with a column `cell` is shown as the H3 parents that each zoom can tell apart, others
    as they are.

    Raises
    ------
    FormatError
        When the table has no shapes.
    """
    shapes = shapes_of(table)
    if shapes is None:
        raise FormatError("tiles need shapes, found a table without")
    draw = cell_tiles if "cell" in table else shape_tiles
    tiles = list(draw(table, layer))
    told = _metadata(table, provenance, layer, tiles)
    path.write_bytes(pack(tiles, bounds=_bounds(table, shapes), metadata=told))


def read_pmtiles(path: Path) -> dict[str, dict[str, Any]]:
    """Provenance of the one layer, from the metadata."""
    with path.open("rb") as file:
        head = file.read(_HEADER)
        start, length = struct.unpack_from("<2Q", head, 24)
        if not head.startswith(b"PMTiles\x03") or start + length > path.stat().st_size:
            raise ValueError("found no PMTiles of version 3")
        file.seek(start)
        told = json.loads(gzip.decompress(file.read(length)))
    return {str(told["vector_layers"][0]["id"]): told["gradmap"]}


def pack(
    tiles: Sequence[Tile], *, bounds: tuple[float, float, float, float], metadata: dict[str, Any]
) -> bytes:
    """
    An archive of tiles.

    Parameters
    ----------
    tiles
        In any order, each place once.
    bounds
        West, south, east and north of what they show, degrees.
    metadata
        Of the whole; the specification wants `vector_layers`.
    """
    numbered = sorted((tile_id(one.zoom, one.x, one.y), one.content) for one in tiles)
    entries: list[_Entry] = []
    contents: list[bytes] = []
    offset = 0
    for number, content in numbered:
        packed = gzip.compress(content, _LEVEL, mtime=0)
        entries.append((number, offset, len(packed), 1))
        contents.append(packed)
        offset += len(packed)
    root, leaves = _directories(entries)
    told = gzip.compress(json.dumps(metadata, ensure_ascii=False).encode(), mtime=0)
    lengths = (len(root), len(told), len(leaves), offset)
    zooms = [one.zoom for one in tiles] or [0]
    head = _header(lengths, len(entries), (min(zooms), max(zooms)), bounds)
    return b"".join([head, root, told, leaves, *contents])


def tile_id(zoom: int, x: int, y: int) -> int:
    """Number of a tile: those of all lower zooms, then its place on the zoom's Hilbert curve."""
    found = ((1 << 2 * zoom) - 1) // 3
    for bit in reversed(range(zoom)):
        side = 1 << bit
        right, down = bool(x & side), bool(y & side)
        found += side * side * ((3 * right) ^ down)
        x, y = x & (side - 1), y & (side - 1)
        if not down:
            if right:
                x, y = side - 1 - x, side - 1 - y
            x, y = y, x
    return found


def _directories(entries: Sequence[_Entry]) -> tuple[bytes, bytes]:
    """The root directory and the leaves below it; none where the root can hold everything."""
    root = _directory(entries)
    if len(root) <= _ROOT - _HEADER:
        return root, b""
    size = _LEAF
    while True:
        leaves, heads, offset = [], [], 0
        for start in range(0, len(entries), size):
            leaf = _directory(entries[start : start + size])
            heads.append((entries[start][0], offset, len(leaf), 0))
            leaves.append(leaf)
            offset += len(leaf)
        root = _directory(heads)
        if len(root) <= _ROOT - _HEADER:
            return root, b"".join(leaves)
        size *= 2


def _directory(entries: Sequence[_Entry]) -> bytes:
    if not entries:
        return gzip.compress(b"\x00", mtime=0)
    number, offset, length, run = np.array(entries, dtype=np.int64).T
    follows = np.append(False, offset[1:] == offset[:-1] + length[:-1])
    told = [
        [len(entries)],
        np.diff(number, prepend=0),
        run,
        length,
        np.where(follows, 0, offset + 1),
    ]
    content, _ = varints(np.concatenate(told).astype(np.int64))
    return gzip.compress(content.tobytes(), mtime=0)


def _header(
    lengths: tuple[int, int, int, int],
    tiles: int,
    zooms: tuple[int, int],
    bounds: tuple[float, float, float, float],
) -> bytes:
    starts = np.cumsum([_HEADER, *lengths])[:4].tolist()
    pieces = [one for pair in zip(starts, lengths, strict=True) for one in pair]
    west, south, east, north = (round(one * 1e7) for one in bounds)
    middle = ((west + east) // 2, (south + north) // 2)
    return struct.pack(
        "<7sB11Q6B4iB2i",
        b"PMTiles",
        3,
        *pieces,
        *(tiles, tiles, tiles),
        *(1, _GZIP, _GZIP, _VECTOR, *zooms),
        *(west, south, east, north),
        min(max(_whole(bounds), zooms[0]), zooms[1]),
        *middle,
    )


def _whole(bounds: tuple[float, float, float, float]) -> int:
    """The last zoom at which a page two tiles wide shows everything: where viewers begin."""
    west, south, east, north = bounds
    rise = np.diff(np.arcsinh(np.tan(np.radians([south, north]))))[0]
    across = max((east - west) / 360, float(rise) / (2 * np.pi), 2.0**-30)
    return int(np.floor(np.log2(2 / across)))


def _bounds(table: pd.DataFrame, shapes: gpd.GeoSeries) -> tuple[float, float, float, float]:
    if "cell" in table and len(table):
        corners, _ = h3cells.boundaries(h3cells.from_text(table["cell"]))
        low, high = corners.min(axis=0), corners.max(axis=0)
        return float(low[0]), float(low[1]), float(high[0]), float(high[1])
    if not len(shapes.dropna()):
        return -180.0, -85.0, 180.0, 85.0
    west, south, east, north = shapes.total_bounds.tolist()
    return west, south, east, north


def _metadata(
    table: pd.DataFrame, provenance: dict[str, Any], layer: str, tiles: Iterable[Tile]
) -> dict[str, Any]:
    zooms = [one.zoom for one in tiles] or [0]
    return {
        "name": f"{provenance['study']}: {layer}",
        "description": described(provenance),
        # Viewers draw it as HTML: what a stranger wrote is to stay text.
        "attribution": html.escape(f"{not_measured(provenance)}{provenance['citation']}"),
        "type": "overlay",
        "version": "1",
        "vector_layers": [
            {
                "id": layer,
                "description": provenance["method"],
                "minzoom": min(zooms),
                "maxzoom": max(zooms),
                "fields": fields_of(table),
            }
        ],
        "gradmap": provenance,
    }
