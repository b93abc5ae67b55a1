"""Tiles of a table, zoom by zoom: cells as their H3 parents, other shapes cut at the edges."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any, Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from spatial import cells as h3cells
from spatial.formats.common import plain, text_columns
from spatial.formats.mvt import EXTENT, Values, Whole, features, gathered, tile, values_of, zigzag

__all__ = ["Tile", "cell_tiles", "fields_of", "resolution_at", "shape_tiles", "zooms_of"]

_PIXELS: Final = 512  # of a tile, as MapLibre draws it
_LEAST: Final = 6  # pixels across a cell, so that one can still be told from the next
_AROUND_KM: Final = 40_075.017
_COARSEST_KM2: Final = 4_357_449.416  # mean area of a cell of resolution 0; each step is a seventh
_SHAPE_ZOOM: Final = 12
_MARGIN: Final = 128  # units that a shape reaches past its tile, so that no seam is seen
_BLUR: Final = 8  # units that an outline may be off below the last zoom: half a pixel
_POLE: Final = 85.0511287798066  # where the square world of web maps ends

# What adds up; of all else nothing is said above the cells themselves.
_SUMS: Final = ("graduates", "base", "area_km2", "before", "after", "change", "expected", "excess")
_BEST: Final = ("score",)
_SILENT: Final = "none"


_Outlines = tuple[NDArray[np.float64], Whole]


@dataclass(frozen=True)
class Tile:
    """One tile: its place and its content."""

    zoom: int
    x: int
    y: int
    content: bytes


def zooms_of(resolution: int, lat: float) -> int:
    """The last zoom that cells of a resolution need: the first that tells them apart."""
    return next(zoom for zoom in range(30) if _pixels(resolution, zoom, lat) >= _LEAST)


def resolution_at(zoom: int, *, own: int, lat: float) -> int:
    """The finest resolution, `own` at most, whose cells are six pixels wide or more."""
    fitting = [one for one in range(own + 1) if _pixels(one, zoom, lat) >= _LEAST]
    return max(fitting, default=0)


def cell_tiles(table: pd.DataFrame, layer: str, *, first: int = 0) -> Iterator[Tile]:
    """
    Tiles of cells, from the whole world to the last zoom that tells them apart.

    Each zoom shows the finest parents that can be told apart there: the sums of what adds up,
    how many cells of the study each stands for, and of words such as "hot" how many say so. No
    cell is cut: one that lies across an edge is whole in both tiles, and a viewer draws its part.

    Parameters
    ----------
    table
        With a column `cell`, hex; `geometry` is not looked at.
    layer
        Name of the layer in each tile.
    first
        Zoom to begin with.
    """
    if table.empty:
        return
    own = h3cells.from_text(table["cell"])
    resolution = h3cells.resolution_of(own)
    lat, _ = h3cells.centres(own)
    middle = float(np.mean(lat))
    found: dict[int, tuple[_Outlines, list[Values]]] = {}
    for zoom in range(first, zooms_of(resolution, middle) + 1):
        shown = resolution_at(zoom, own=resolution, lat=middle)
        if shown not in found:
            level, cells = plain(table), own
            if shown < resolution:
                level, cells = _summed(table, own, shown)
            found[shown] = (_outlines(cells), values_of(level))
        yield from _tiles_of_cells(*found[shown], zoom, layer)


def fields_of(table: pd.DataFrame) -> dict[str, str]:
    """Kind of every column that any zoom has: Number, String or Boolean."""
    levels = [plain(table)]
    if "cell" in table and len(table):
        levels.append(_summed(table, h3cells.from_text(table["cell"]), 0)[0])
    found: dict[str, str] = {}
    for level in levels:
        texts = text_columns(level)
        for name in (one for one in level.columns if one not in found):
            truth = pd.api.types.is_bool_dtype(level[name])
            found[str(name)] = "Boolean" if truth else "String" if name in texts else "Number"
    return found


def shape_tiles(table: gpd.GeoDataFrame, layer: str) -> Iterator[Tile]:
    """Tiles of lines or outlines up to zoom 12, cut a little outside each tile."""
    shapes = table.geometry.to_numpy()
    present = np.flatnonzero(~(shapely.is_missing(shapes) | shapely.is_empty(shapes)))
    if not len(present):
        return
    columns = values_of(plain(table))
    world = shapely.transform(shapes[present], _projected)
    for zoom in range(_SHAPE_ZOOM + 1):
        scaled = shapely.transform(world, partial(np.multiply, EXTENT << zoom))
        if zoom < _SHAPE_ZOOM:
            scaled = shapely.simplify(scaled, _BLUR)
        yield from _tiles_of_shapes(columns, present, scaled, zoom, layer)


def _pixels(resolution: int, zoom: int, lat: float) -> float:
    """Width of a cell on the screen."""
    across_km = np.sqrt(_COARSEST_KM2 / 7**resolution * 2 / np.sqrt(3))
    tile_km = _AROUND_KM * np.cos(np.radians(min(abs(lat), _POLE))) / 2**zoom
    return float(across_km / tile_km * _PIXELS)


def _projected(places: NDArray[np.float64]) -> NDArray[np.float64]:
    """Longitude and latitude as parts of the square world of web maps, 0 at its north-west."""
    lat = np.radians(np.clip(places[:, 1], -_POLE, _POLE))
    north = 0.5 - np.log(np.tan(np.pi / 4 + lat / 2)) / (2 * np.pi)
    return np.column_stack([places[:, 0] / 360 + 0.5, north])


def _summed(
    table: pd.DataFrame, own: h3cells.Cells, resolution: int
) -> tuple[pd.DataFrame, h3cells.Cells]:
    """The table of a coarser resolution, and its cells."""
    coarse, at = np.unique(h3cells.parents(own, resolution=resolution), return_inverse=True)
    columns: dict[str, Any] = {"cell": h3cells.to_text(coarse), "cells": np.bincount(at)}
    texts = text_columns(plain(table))
    for name in (one for one in table.columns if one not in ("cell", "geometry")):
        held = table[name]
        if name in _SUMS:
            columns[name] = held.groupby(at).sum(min_count=1).to_numpy()
        elif name in _BEST:
            columns[name] = held.groupby(at).max().to_numpy()
        elif name in texts and str(name).startswith("hotspot"):
            for word in sorted(set(held.dropna().unique()) - {_SILENT}):
                says = (held == word).to_numpy()
                columns[f"{name}_{word}"] = np.bincount(at[says], minlength=len(coarse))
    return pd.DataFrame(columns), coarse


def _outlines(cells: h3cells.Cells) -> _Outlines:
    """Corners of cells in the square world, and where each cell's end."""
    corners, ends = h3cells.boundaries(cells)
    first = np.repeat(corners[ends[:-1], 0], np.diff(ends))
    # A cell across the date line has corners on both sides of the world: keep them together.
    east = corners[:, 0] - 360 * np.round((corners[:, 0] - first) / 360)
    return _projected(np.column_stack([east, corners[:, 1]])), ends


def _tiles_of_cells(
    outlines: _Outlines, columns: list[Values], zoom: int, layer: str
) -> Iterator[Tile]:
    corners, ends = outlines
    sizes = np.diff(ends)
    places = np.rint(corners * (EXTENT << zoom)).astype(np.int64)
    low = np.minimum.reduceat(places, ends[:-1]) // EXTENT
    high = np.maximum.reduceat(places, ends[:-1]) // EXTENT
    high[:, 1] = np.minimum(high[:, 1], (1 << zoom) - 1)
    low[:, 1] = np.clip(low[:, 1], 0, high[:, 1])
    rows, x, y = _covered(low, high)
    order, tiles, where = _by_tile(x, y, zoom)
    rows, x, y = rows[order], x[order], y[order]
    sizes = sizes[rows]
    local = gathered(places, ends[:-1][rows], sizes) - EXTENT * np.repeat(
        np.column_stack([x, y]), sizes, axis=0
    )
    commands = _rings(local, sizes)
    yield from _packed(columns, rows, tiles, commands, where, zoom, layer, kind=3)


def _covered(low: Whole, high: Whole) -> tuple[Whole, Whole, Whole]:
    """Every tile that each box touches: row of the box, and x and y of the tile."""
    wide, tall = (high - low + 1).T
    rows = np.repeat(np.arange(len(low)), wide * tall)
    within = np.arange(len(rows)) - np.repeat(np.cumsum(wide * tall) - wide * tall, wide * tall)
    return rows, low[rows, 0] + within % wide[rows], low[rows, 1] + within // wide[rows]


def _by_tile(x: Whole, y: Whole, zoom: int) -> tuple[Whole, Whole, list[tuple[int, int]]]:
    """Order of features by tile, the number of each one's tile, and where the tiles lie."""
    across = 1 << zoom
    keys = y * across + x % across
    order = np.argsort(keys, kind="stable")
    different, tiles = np.unique(keys[order], return_inverse=True)
    return order, tiles, [(int(one % across), int(one // across)) for one in different]


def _rings(corners: Whole, sizes: Whole) -> tuple[Whole, Whole]:
    """Commands of one ring each, turned round: a tile's y grows southwards, and so must rings."""
    ends = np.concatenate([[0], np.cumsum(sizes)])
    at = np.arange(len(corners))
    row = np.repeat(np.arange(len(sizes)), sizes)
    turned = corners[ends[row] + ends[row + 1] - 1 - at]
    steps = np.diff(turned, axis=0, prepend=0)
    steps[ends[:-1]] = turned[ends[:-1]]
    moves = zigzag(steps)
    stops = np.concatenate([[0], np.cumsum(2 * sizes + 3)])
    found = np.empty(int(stops[-1]), dtype=np.int64)
    found[stops[:-1]] = (1 << 3) | 1
    found[stops[:-1] + 3] = ((sizes - 1) << 3) | 2
    found[stops[1:] - 1] = (1 << 3) | 7
    place = stops[row] + 1 + 2 * (at - ends[row]) + (at > ends[row])
    found[place], found[place + 1] = moves[:, 0], moves[:, 1]
    return found, stops


def _tiles_of_shapes(
    columns: list[Values], rows: Whole, shapes: NDArray[Any], zoom: int, layer: str
) -> Iterator[Tile]:
    bounds = shapely.bounds(shapes)
    low = np.floor(bounds[:, :2] / EXTENT).astype(np.int64)
    high = np.floor(bounds[:, 2:] / EXTENT).astype(np.int64)
    at, x, y = _covered(low, np.clip(high, low, None))
    order, tiles, where = _by_tile(x, y, zoom)
    kind, held, kept, stops = 0, [], [], [0]
    for number, one in enumerate(order):
        left, top = int(x[one]) * EXTENT, int(y[one]) * EXTENT
        cut = shapely.clip_by_rect(
            shapes[at[one]],
            left - _MARGIN,
            top - _MARGIN,
            left + EXTENT + _MARGIN,
            top + EXTENT + _MARGIN,
        )
        kind, commands = _commands(_on_grid(cut), left, top, kind)
        if commands:
            held += commands
            kept.append(number)
            stops.append(len(held))
    if not kept:
        return
    different, tiles = np.unique(tiles[kept], return_inverse=True)
    commands_of = (np.array(held, dtype=np.int64), np.array(stops, dtype=np.int64))
    where = [where[one] for one in different]
    yield from _packed(
        columns, rows[at[order[kept]]], tiles, commands_of, where, zoom, layer, kind=kind
    )


def _on_grid(shape: shapely.Geometry) -> shapely.Geometry:
    """
    A shape at whole units; an outline stays sound, which rounding each corner would not see to.

    Of an outline that touches or crosses itself, some readers lose a part as they cut it.
    """
    if not any(one.geom_type == "Polygon" for one in shapely.get_parts(shape).tolist()):
        return shape
    sound = shape if shapely.is_valid(shape) else shapely.make_valid(shape)
    return shapely.set_precision(sound, 1.0)


def _commands(shape: shapely.Geometry, left: int, top: int, kind: int) -> tuple[int, list[int]]:
    """Kind of a shape, 2 lines or 3 polygons, and its commands; none where nothing is left."""
    found: list[int] = []
    pen = (0, 0)
    for part in shapely.get_parts(shape).tolist():
        closed = part.geom_type == "Polygon"
        if part.is_empty or (not closed and part.geom_type != "LineString"):
            continue
        kind = 3 if closed else 2
        # As y grows southwards, an outer ring that runs clockwise has a positive area here.
        lines = [part.exterior, *part.interiors] if closed else [part]
        for number, line in enumerate(lines):
            places = np.rint(shapely.get_coordinates(line)).astype(np.int64) - (left, top)
            if closed:
                places = places[:-1]
                places = places[::-1] if (_area(places) > 0) == (number > 0) else places
            places = places[np.append(True, (np.diff(places, axis=0) != 0).any(axis=1))]
            if len(places) < (3 if closed else 2) or (closed and _area(places) == 0):
                if closed and number == 0:
                    break
                continue
            moves = zigzag(np.diff(places, axis=0, prepend=[pen])).ravel().tolist()
            found += [9, *moves[:2], ((len(places) - 1) << 3) | 2, *moves[2:], *([15] * closed)]
            pen = (int(places[-1, 0]), int(places[-1, 1]))
    return kind, found


def _area(ring: Whole) -> int:
    """Twice the area of a ring, by the surveyor's formula."""
    x, y = ring.T
    return int(np.sum(x * np.roll(y, -1) - np.roll(x, -1) * y))


def _packed(
    columns: list[Values],
    rows: Whole,
    tiles: Whole,
    commands: tuple[Whole, Whole],
    where: list[tuple[int, int]],
    zoom: int,
    layer: str,
    *,
    kind: int,
) -> Iterator[Tile]:
    content, ends, tables = features(columns, rows, tiles, commands, kind=kind)
    keys = [one.name for one in columns]
    for number, (x, y) in enumerate(where):
        values = [held[to[number] : to[number + 1]].tobytes() for held, to in tables]
        shapes = content[ends[number] : ends[number + 1]].tobytes()
        yield Tile(zoom, x, y, tile(layer, keys, shapes, values))
