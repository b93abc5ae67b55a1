"""
H3 cells on arrays: shapes, areas, centres, neighbours, parents.

Cells are `uint64` inside the house and 15-character hex at its edges. Bulk work goes through
h3ronpy, which this module alone imports; tests hold it against `h3`.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import h3
import h3ronpy
import h3ronpy.vector as h3vector
import numpy as np
import pandas as pd
import pyarrow as pa
import shapely
from numpy.typing import ArrayLike, NDArray

__all__ = [
    "Cells",
    "area_km2",
    "as_cells",
    "boundaries",
    "centres",
    "cover",
    "disk_pairs",
    "from_text",
    "grid_disk",
    "outlines",
    "parents",
    "points_to_cells",
    "resolution_of",
    "spacing_km",
    "to_text",
]

Cells = NDArray[np.uint64]
"""Cells as numbers, shape (n,), uint64."""

_HEXAGON_WKB_BYTES = 125  # byte order, type, rings and points (13), then 7 points of 16 bytes


def as_cells(cells: ArrayLike) -> Cells:
    """`cells` as a contiguous uint64 array, shape (n,)."""
    return np.ascontiguousarray(cells, dtype=np.uint64)


def to_text(cells: ArrayLike) -> NDArray[np.object_]:
    """Hex form of each cell, shape (n,), as written in files and tooltips."""
    text = _arrow(h3ronpy.cells_to_string(as_cells(cells)))
    return np.asarray(text.to_numpy(zero_copy_only=False), dtype=object)


def from_text(text: pd.Series | list[str]) -> Cells:
    """
    Cell of each hex text, shape (n,).

    Raises
    ------
    ValueError
        When any text is not an H3 cell; the first such text and its row are named.
    """
    parsed = _arrow(
        h3ronpy.cells_parse(pa.array(list(text), pa.large_utf8()), set_failing_to_invalid=True)
    )
    if parsed.null_count:
        row = int(np.flatnonzero(parsed.is_null().to_numpy(zero_copy_only=False))[0])
        raise ValueError(f"cells must be H3 cell ids, found {list(text)[row]!r} in row {row + 1}")
    return as_cells(parsed.to_numpy())


def resolution_of(cells: ArrayLike) -> int:
    """
    The one resolution of all `cells`.

    Raises
    ------
    ValueError
        When there are no cells, or cells of several resolutions.
    """
    found = (as_cells(cells) >> np.uint64(52)) & np.uint64(15)
    if len(found) == 0 or (found != found[0]).any():
        found = np.unique(found)
        raise ValueError(f"cells must be of one resolution, found {found.tolist() or 'no cells'}")
    return int(found[0])


def points_to_cells(lat: ArrayLike, lon: ArrayLike, *, resolution: int) -> Cells:
    """Cell that holds each point, degrees WGS-84, shape (n,)."""
    return as_cells(
        _arrow(
            h3vector.coordinates_to_cells(
                np.ascontiguousarray(lat, dtype=np.float64),
                np.ascontiguousarray(lon, dtype=np.float64),
                resolution,
            )
        ).to_numpy()
    )


def centres(cells: ArrayLike) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Latitude and longitude of each cell's centre, degrees WGS-84, each of shape (n,)."""
    found = pa.record_batch(h3vector.cells_to_coordinates(as_cells(cells)))
    return found.column("lat").to_numpy(), found.column("lng").to_numpy()


def area_km2(cells: ArrayLike) -> NDArray[np.float64]:
    """Area of each cell on the sphere of H3's own radius, km2, shape (n,)."""
    return _areas_km2(as_cells(cells).tobytes())


def parents(cells: ArrayLike, *, resolution: int) -> Cells:
    """Ancestor of each cell at a coarser `resolution`, shape (n,)."""
    if resolution > (own := resolution_of(cells)):
        raise ValueError(f"a parent must be coarser, found resolution {resolution} above {own}")
    return as_cells(_arrow(h3ronpy.change_resolution(as_cells(cells), resolution)).to_numpy())


def grid_disk(cells: ArrayLike, *, k: int) -> Cells:
    """Every cell within `k` steps of any of `cells`, sorted, each once."""
    return _unique(as_cells(_arrow(h3ronpy.grid_disk(as_cells(cells), k, flatten=True))))


def disk_pairs(cells: ArrayLike, *, k: int) -> tuple[NDArray[np.int64], Cells]:
    """
    Every (position in `cells`, cell within `k` steps of it), itself included.

    Returns
    -------
    tuple
        Positions, shape (m,), ascending, and the neighbouring cells, shape (m,).
    """
    found = _arrow(h3ronpy.grid_disk(as_cells(cells), k))
    sizes = np.diff(found.offsets.to_numpy())
    return np.repeat(np.arange(len(found), dtype=np.int64), sizes), as_cells(
        found.values.to_numpy()
    )


def boundaries(cells: ArrayLike) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """
    Corners of each cell, counter-clockwise, the first not repeated.

    Returns
    -------
    tuple
        Longitude and latitude in degrees, shape (m, 2), and offsets, shape (n + 1,): cell `c`
        has rows offsets[c] to offsets[c + 1]. Six corners each, save pentagons and the few
        cells that lie across an edge of H3's icosahedron.
    """
    shapes = _arrow(h3vector.cells_to_wkb_polygons(as_cells(cells)))
    offsets = np.frombuffer(shapes.buffers()[1], dtype=_offset_type(shapes))[: len(shapes) + 1]
    content = np.frombuffer(shapes.buffers()[2], dtype=np.uint8)
    if len(shapes) and (np.diff(offsets) == _HEXAGON_WKB_BYTES).all():
        rows = content[offsets[0] : offsets[-1]].reshape(-1, _HEXAGON_WKB_BYTES)
        corners = np.ascontiguousarray(rows[:, 13:109]).view("<f8").reshape(-1, 2)
        return corners, np.arange(len(shapes) + 1, dtype=np.int64) * 6
    polygons = shapely.from_wkb(shapes.to_numpy(zero_copy_only=False))
    rings = [shapely.get_coordinates(polygon)[:-1] for polygon in polygons]
    ends = np.concatenate([[0], np.cumsum([len(ring) for ring in rings], dtype=np.int64)])
    return np.concatenate([np.empty((0, 2)), *rings]), ends


def outlines(cells: ArrayLike) -> NDArray[np.object_]:
    """Polygon of each cell, longitude and latitude in degrees, shape (n,)."""
    corners, offsets = boundaries(cells)
    sizes = np.diff(offsets)
    if not len(sizes):
        return np.empty(0, dtype=object)
    rings = shapely.linearrings(corners, indices=np.repeat(np.arange(len(sizes)), sizes))
    return np.asarray(shapely.polygons(rings))


def cover(area: shapely.Geometry, *, resolution: int) -> Cells:
    """Every cell that touches `area` (longitude and latitude in degrees), sorted."""
    found = h3vector.geometry_to_cells(
        area, resolution, containment_mode=h3vector.ContainmentMode.Covers
    )
    return _unique(as_cells(_arrow(found).to_numpy()))


def spacing_km(cells: ArrayLike) -> float:
    """Mean distance in km between the centres of neighbouring cells, from the mean cell area."""
    sample = as_cells(cells)[:: max(1, len(as_cells(cells)) // 1000)]
    return float(np.sqrt(area_km2(sample).mean() * 2 / np.sqrt(3)))


def latlng(cell: int) -> tuple[float, float]:
    """Latitude and longitude of the centre of one cell, degrees WGS-84."""
    found = h3.cell_to_latlng(h3.int_to_str(int(cell)))
    return float(found[0]), float(found[1])


# Two microseconds a cell, and every question about a study asks for the areas of its cells again.
@lru_cache(maxsize=16)
def _areas_km2(cells: bytes) -> NDArray[np.float64]:
    ids = np.frombuffer(cells, dtype=np.uint64)
    found = np.array(_arrow(h3ronpy.cells_area_km2(ids)).to_numpy(), dtype=np.float64)
    found.flags.writeable = False
    return found


def _unique(cells: Cells) -> Cells:
    """Sorted, each once: on 64-bit integers several times as fast as NumPy's own, which hashes."""
    ordered = np.sort(cells)
    new = np.empty(len(ordered), dtype=np.bool_)
    new[:1] = True
    np.not_equal(ordered[1:], ordered[:-1], out=new[1:])
    return ordered[new]


def _arrow(values: Any) -> Any:  # noqa: ANN401 - pyarrow ships no types
    return pa.array(values)


def _offset_type(array: Any) -> str:  # noqa: ANN401 - pyarrow ships no types
    return "<i8" if pa.types.is_large_binary(array.type) else "<i4"
