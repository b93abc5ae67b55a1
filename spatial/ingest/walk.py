"""
Area of every polygon in every rectangle of a lattice, without clipping a polygon.

By Green's theorem the area of a polygon inside one rectangle is the integral, along the
polygon's edges within that row, of how far each point lies into the rectangle. An edge in
some column therefore adds a trapezoid there and a full width to every column on its left; font
rasterisers fill letters the same way. Edges are cut first where they cross a row line, then where
they cross a column line, so that pieces come in order and nothing is sorted.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple, TypeVar

import numpy as np
from numpy.typing import NDArray

__all__ = ["Shares", "walk"]

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Number = TypeVar("Number", np.float64, np.int64)

_CHUNK_BOXES = 1 << 14  # rectangles looked at together: their sums stay in the cache
_ROUNDING = 1e-13


class Shares(NamedTuple):
    """What each polygon covers of each rectangle, one row per pair that overlaps."""

    polygon: Ints
    column: Ints
    row: Ints
    share: Floats  # of the rectangle's area, 0 to 1


class _Rings(NamedTuple):
    """Corners of closed rings; a place is counted in lines before it, 0 before all of them."""

    x: Floats
    y: Floats
    column: Ints
    row: Ints
    offsets: Ints


class _Boxes(NamedTuple):
    """Rectangles each polygon may touch: first column and row, (n, 2), and a common size."""

    low: Ints
    wide: int
    high: int


class _Pieces(NamedTuple):
    """Straight pieces of edges, each within one row; all fields of one length."""

    x0: Floats
    y0: Floats
    x1: Floats
    y1: Floats
    column0: Ints
    column1: Ints
    begin: Ints  # where this row would have its column 0, among the rectangles of all boxes


class _Steps(NamedTuple):
    """Pieces within one row and column: sum of both ends' x, height climbed, column and row."""

    x_sum: Floats
    rise: Floats
    column: Ints
    begin: Ints


def walk(corners: Floats, offsets: Ints, *, x_lines: Floats, y_lines: Floats) -> Shares:
    """
    Share of every rectangle between neighbouring lines that each polygon covers.

    Parameters
    ----------
    corners
        x and y of the polygons' corners, counter-clockwise, the first not repeated, shape (m, 2).
    offsets
        Polygon p has rows offsets[p] to offsets[p + 1] of `corners`, shape (n + 1,).
    x_lines, y_lines
        Ascending lines, shapes (columns + 1,) and (rows + 1,); what lies beyond them is dropped.

    Returns
    -------
    Shares
        Pairs that overlap; shares below rounding (about 1e-13 of the smaller shape) are left out.
    """
    x, y = np.ascontiguousarray(corners[:, 0]), np.ascontiguousarray(corners[:, 1])
    column = np.searchsorted(x_lines, x, side="right")
    row = np.searchsorted(y_lines, y, side="right")
    low, span = _extent(column, row, offsets)
    found = []
    for start, stop in _chunks(span):
        ends = offsets[start : stop + 1]
        here = slice(ends[0], ends[-1])
        wide, high = (int(places) for places in span[start:stop].max(axis=0))
        boxes = _Boxes(low[start:stop], wide, high)
        rings = _Rings(x[here], y[here], column[here], row[here], ends - ends[0])
        part = _shares(*_sums(rings, boxes, x_lines, y_lines), boxes, x_lines, y_lines)
        found.append(part._replace(polygon=part.polygon + start))
    if not found:
        nothing = np.empty(0, dtype=np.int64)
        return Shares(nothing, nothing, nothing, np.empty(0))
    return Shares(*(np.concatenate(parts) for parts in zip(*found, strict=True)))


def _extent(column: Ints, row: Ints, offsets: Ints) -> tuple[Ints, Ints]:
    """First place and number of places of each polygon along x and y, each shape (n, 2)."""
    if len(offsets) < 2:
        return np.empty((0, 2), dtype=np.int64), np.empty((0, 2), dtype=np.int64)
    low, high = (
        np.stack([edge.reduceat(places, offsets[:-1]) for places in (column, row)], axis=1)
        for edge in (np.minimum, np.maximum)
    )
    return low, high - low + 1


def _chunks(span: Ints) -> Iterator[tuple[int, int]]:
    """Runs of polygons whose boxes, all as large as the largest, fit the cache."""
    if not len(span):
        return
    size = max(1, _CHUNK_BOXES // int(span.max(axis=0).prod()))
    for start in range(0, len(span), size):
        yield start, min(start + size, len(span))


def _sums(rings: _Rings, boxes: _Boxes, x_lines: Floats, y_lines: Floats) -> tuple[Floats, Floats]:
    """
    Area between the pieces within each rectangle and its left side, and how far they climb.

    Returns
    -------
    tuple
        Both of shape (boxes, rows, columns).
    """
    shape = len(boxes.low), boxes.high, boxes.wide
    inside, across = np.zeros(shape).ravel(), np.zeros(shape).ravel()
    for within_row in _in_rows(rings, boxes, x_lines, y_lines):
        for x_sum, rise, column, begin in _in_columns(within_row, x_lines):
            # Before the first line it does not matter how far into its column a piece lies.
            depth = x_sum - 2 * x_lines[np.maximum(column - 1, 0)]
            at = begin + column
            inside += np.bincount(at, depth * rise, len(inside))
            across += np.bincount(at, rise, len(across))
    return inside.reshape(shape) / 2, across.reshape(shape)


def _shares(
    inside: Floats, across: Floats, boxes: _Boxes, x_lines: Floats, y_lines: Floats
) -> Shares:
    column = boxes.low[:, :1] + np.arange(boxes.wide)
    row = boxes.low[:, 1:] + np.arange(boxes.high)
    # What climbs to the right of a rectangle covers it from side to side.
    beyond = np.zeros_like(across)
    for step in range(boxes.wide - 2, -1, -1):
        np.add(beyond[..., step + 1], across[..., step + 1], out=beyond[..., step])
    width = _sizes(x_lines)[np.minimum(column, len(x_lines))][:, None, :]
    full = width * _sizes(y_lines)[np.minimum(row, len(y_lines))][:, :, None]
    area = inside + beyond * width
    least = _ROUNDING * min(float(full.max(initial=0)), float(area.max(initial=0)))
    polygon, at_row, at_column = np.nonzero((area > least) & (full > 0))
    share = area[polygon, at_row, at_column] / full[polygon, at_row, at_column]
    return Shares(polygon, column[polygon, at_column] - 1, row[polygon, at_row] - 1, share)


def _sizes(lines: Floats) -> Floats:
    """Distance between lines by place; 0 before the first and after the last."""
    return np.concatenate([[0.0], np.diff(lines), [0.0]])


def _in_rows(rings: _Rings, boxes: _Boxes, x_lines: Floats, y_lines: Floats) -> Iterator[_Pieces]:
    """The rings' edges, cut where they cross a row line."""
    x, y, column, row, offsets = rings
    after = np.arange(1, len(x) + 1)
    after[offsets[1:] - 1] = offsets[:-1]
    begin = (np.arange(len(boxes.low)) * boxes.high - boxes.low[:, 1]) * boxes.wide
    begin = np.repeat(begin - boxes.low[:, 0], np.diff(offsets))
    level = row == row[after]
    a = np.flatnonzero(level)
    b = after[a]
    yield _Pieces(x[a], y[a], x[b], y[b], column[a], column[b], begin[a] + row[a] * boxes.wide)
    a = np.flatnonzero(~level)
    b = after[a]
    cut = _cut(row[a], row[b])
    a, b = a[cut.parent], b[cut.parent]
    of, to = a[cut.ends], b[cut.ends]
    line = y_lines[cut.line]
    run = x[of] + (line - y[of]) / (y[to] - y[of]) * (x[to] - x[of])
    # Rounding must not carry a point out of its polygon's box.
    run = np.clip(run, np.minimum(x[of], x[to]), np.maximum(x[of], x[to]))
    place = np.searchsorted(x_lines, run, side="right")
    x0, x1 = cut.ends_at(x[a], x[b], run)
    y0, y1 = cut.ends_at(y[a], y[b], line)
    column0, column1 = cut.ends_at(column[a], column[b], place)
    yield _Pieces(x0, y0, x1, y1, column0, column1, begin[a] + cut.place * boxes.wide)


def _in_columns(pieces: _Pieces, x_lines: Floats) -> Iterator[_Steps]:
    """`pieces` cut where they cross a column line."""
    x0, y0, x1, y1, column0, column1, begin = pieces
    upright = column0 == column1
    at = np.flatnonzero(upright)
    yield _Steps((x0 + x1)[at], (y1 - y0)[at], column0[at], begin[at])
    at = np.flatnonzero(~upright)
    x0, y0, x1, y1 = x0[at], y0[at], x1[at], y1[at]
    column0, column1, begin = column0[at], column1[at], begin[at]
    cut = _cut(column0, column1)
    of = cut.parent[cut.ends]
    line = x_lines[cut.line]
    along = np.clip((line - x0[of]) / (x1[of] - x0[of]), 0, 1)
    height = y0[of] + along * (y1[of] - y0[of])
    x0, x1 = cut.ends_at(x0[cut.parent], x1[cut.parent], line)
    y0, y1 = cut.ends_at(y0[cut.parent], y1[cut.parent], height)
    yield _Steps(x0 + x1, y1 - y0, cut.place, begin[cut.parent])


class _Cut(NamedTuple):
    """Pieces that lines cut from their parents, in order along each parent."""

    parent: Ints
    place: Ints
    ends: Ints  # pieces that end at a line; the piece after each begins there
    line: Ints  # the line of each of `ends`

    def ends_at(
        self, start: NDArray[Number], stop: NDArray[Number], met: NDArray[Number]
    ) -> tuple[NDArray[Number], NDArray[Number]]:
        """`start` and `stop` of each piece (overwritten): the parents' where no line is met."""
        stop[self.ends] = met
        start[self.ends + 1] = met
        return start, stop


def _cut(first: Ints, last: Ints) -> _Cut:
    """How parents from place `first` to place `last` fall into one piece for each place."""
    count = np.abs(last - first)
    step = np.sign(last - first)
    begin = np.concatenate([[0], np.cumsum(count + 1)])
    parent = np.repeat(np.arange(len(count)), count + 1)
    nth = np.arange(begin[-1]) - begin[parent]
    place = first[parent] + step[parent] * nth
    ends = np.flatnonzero(nth < count[parent])
    # Going up from place c one meets line c; going down, line c - 1.
    return _Cut(parent, place, ends, place[ends] - (step[parent[ends]] < 0))
