"""
Population rasters into cells: GeoTIFFs of people per pixel, such as WorldPop's or GHSL's.

A raster is a regular grid, so its people go to cells by exact area as any grid's do; it is read
a strip at a time, so that a country's raster needs no more memory than a city's.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from rasterio.windows import Window

from spatial import cells as h3cells
from spatial import geodesy
from spatial.area import study_area
from spatial.ingest.audit import Audit
from spatial.ingest.errors import InputError, naming
from spatial.ingest.guard import guarded
from spatial.ingest.load import OUTSIDE, LoadResult, Progress
from spatial.ingest.raster_file import Raster, opened_raster, placed, strips
from spatial.ingest.squares import SquareGrid
from spatial.ingest.values import MOST_PEOPLE
from spatial.ingest.weights import grid_weights
from spatial.schema import ROLES, Role

__all__ = ["load_raster"]

Floats = NDArray[np.float64]
Cells = NDArray[np.uint64]

_TILE_CELLS: Final = 500_000  # laid out at once, about
_TILE_SIDE: Final = (16, 512)  # pixels
_MERGE_AT: Final = 2_000_000


@dataclass
class _Tally:
    """What was found on the way, summed over strips."""

    people: float = 0.0
    empty: int = 0
    negative: int = 0
    owed: float = 0.0


@guarded
def load_raster(
    path: str | Path,
    *,
    role: Role,
    resolution: int,
    band: int = 1,
    crs: str = "",
    outline: shapely.Geometry | None = None,
    within: Cells | None = None,
    progress: Progress | None = None,
) -> LoadResult:
    """
    A raster of people per pixel as cells of a study.

    Parameters
    ----------
    path
        A GeoTIFF (.tif, .tiff, or a zip with one) whose pixels hold people, not densities.
    role
        What is counted: "residence" for a population raster.
    resolution
        H3 resolution of the cells.
    band
        Which band, from 1.
    crs
        Its coordinate system, where the file's word is missing or wrong.
    outline, within
        Study area as a shape in degrees WGS-84, or as cells; only pixels around it are read, and
        people beside it are dropped and named. Without, all pixels are read.
    progress
        Told what is being done.

    Returns
    -------
    LoadResult
        The audit's notes tell how many pixels hold nothing or less than nothing: neither are
        people, and neither count.

    Raises
    ------
    InputError
        When the file is no such raster, or holds nobody there; one sentence says what and where.
    """
    path = Path(path)
    if role not in ROLES:
        raise InputError(f"role must be one of {', '.join(ROLES)}, found {role}")
    if not 0 <= resolution <= 15:
        raise InputError(f"resolution must lie in 0..15, found {resolution}")
    if outline is not None:
        within = h3cells.cover(outline, resolution=resolution)
    with opened_raster(path) as data, naming(path.name):
        raster = placed(data, band, crs, within, path.name)
        found, tally = _counted(raster, resolution, progress)
    return _result(found, tally, raster, role, within)


def _counted(
    raster: Raster, resolution: int, progress: Progress | None
) -> tuple[pd.Series, _Tally]:
    """People per cell of all pixels in the window."""
    tally, parts, held = _Tally(), [], 0
    window = raster.window
    for strip in strips(raster):
        values, told = _people(raster, strip)
        for one in ("people", "empty", "negative", "owed"):
            setattr(tally, one, getattr(tally, one) + getattr(told, one))
        for found in _spread(raster, strip, values, resolution):
            parts.append(found)
            held += len(found)
        if held > _MERGE_AT:
            parts = [_merged(parts)]
            held = len(parts[0])
        if progress is not None:
            behind = (strip.row_off + strip.height - window.row_off) / window.height
            progress("spreading over cells", 0.95 * float(behind))
    return _merged(parts), tally


def _people(raster: Raster, strip: Window) -> tuple[Floats, _Tally]:
    """People of each pixel, 0 where it holds nothing or less; and how many of these there are."""
    at = raster.band - 1
    values = raster.data.read(raster.band, window=strip)
    nodata = raster.data.nodatavals[at]
    with np.errstate(invalid="ignore"):
        empty = np.isnan(values) if nodata is None else np.isnan(values) | (values == nodata)
    people = values.astype(np.float64)
    people[empty] = 0
    if not np.isfinite(people).all():
        raise InputError(f"{raster.name}: pixels must hold numbers of people, found infinity")
    people = people * raster.data.scales[at] + np.where(empty, 0, raster.data.offsets[at])
    if people.size and people.max() > MOST_PEOPLE:
        raise InputError(
            f"{raster.name}: a pixel must hold at most {MOST_PEOPLE:,.0f} people, found"
            f" {people.max():g}"
        )
    below = people < 0
    owed = float(people[below].sum())
    people[below] = 0
    return people, _Tally(float(people.sum()), int(empty.sum()), int(below.sum()), owed)


def _spread(raster: Raster, strip: Window, people: Floats, resolution: int) -> Iterator[pd.Series]:
    """People per cell of the peopled pixels of a strip, some tiles at a time."""
    side = _tile_side(raster, strip, resolution)
    step = raster.data.transform
    for top in range(0, people.shape[0], side):
        for left in range(0, people.shape[1], side):
            tile = people[top : top + side, left : left + side]
            row, column = np.nonzero(tile)
            if not len(row):
                continue
            # Rows of a raster run down, those of a grid up; both from what is peopled.
            first, last = int(column.min()), int(row.max())
            grid = SquareGrid(
                raster.plane,
                step.c + step.a * (strip.col_off + left + first),
                step.f + step.e * (strip.row_off + top + last + 1),
                step.a,
                -step.e,
                (column - first).astype(np.int64),
                (last - row).astype(np.int64),
            )
            # Past the cache of whole grids: tiles never come again.
            weights = grid_weights.__wrapped__(grid, resolution=resolution)
            yield weights.spread(tile[row, column])


def _tile_side(raster: Raster, strip: Window, resolution: int) -> int:
    """Pixels along a tile that needs about as many cells as may be laid out at once."""
    step = raster.data.transform
    x = step.c + step.a * (strip.col_off + strip.width / 2 + np.array([0, 1, 0]))
    y = step.f + step.e * (strip.row_off + strip.height / 2 + np.array([0, 0, 1]))
    lat, lon = raster.plane.to_wgs84(x, y)
    sides = geodesy.sphere_distance_km(lat[0], lon[0], lat[1:], lon[1:])
    cell = h3cells.points_to_cells(lat[:1], lon[:1], resolution=resolution)
    per_pixel = float(sides.prod() / h3cells.area_km2(cell)[0])
    return int(np.clip(np.sqrt(_TILE_CELLS / max(per_pixel, 1e-9)), *_TILE_SIDE))


def _merged(parts: list[pd.Series]) -> pd.Series:
    if not parts:
        return pd.Series(dtype=np.float64, index=pd.Index([], dtype=np.uint64, name="cell"))
    whole = pd.concat(parts)
    cells, code = np.unique(whole.index.to_numpy(), return_inverse=True)
    people = np.bincount(code, whole.to_numpy(), len(cells))
    return pd.Series(people, index=pd.Index(cells, name="cell"), name="graduates")


def _result(
    found: pd.Series, tally: _Tally, raster: Raster, role: Role, within: Cells | None
) -> LoadResult:
    inside = found if within is None else found[np.isin(found.index.to_numpy(), within)]
    on_map = float(inside.sum())
    if not on_map > 0:
        where = "" if within is None else " inside the study area"
        raise InputError(f"{raster.name}: there must be people{where}, found 0")
    lost = tally.people - on_map if within is not None else 0.0
    audit = Audit(
        people_in=tally.people,
        on_map=on_map,
        dropped={OUTSIDE: lost} if lost > 0 else {},
        notes=_notes(tally, raster),
    ).checked()
    counts = pd.DataFrame({"cell": inside.index, "role": role, "graduates": inside.to_numpy()})
    counts = counts[counts["graduates"] > 0].reset_index(drop=True)
    area = study_area(counts["cell"].to_numpy()) if within is None else np.unique(within)
    return LoadResult(counts, {role: audit}, area)


def _notes(tally: _Tally, raster: Raster) -> tuple[str, ...]:
    window, data = raster.window, raster.data
    notes = []
    if (window.width, window.height) != (data.width, data.height):
        notes.append(
            f"read {window.width:,} by {window.height:,} of {data.width:,} by {data.height:,}"
            " pixels, those around the study area; people in are theirs"
        )
    if tally.empty:
        notes.append(f"{tally.empty:,} pixels hold no data and count nobody")
    if tally.negative:
        notes.append(
            f"{tally.negative:,} pixels hold less than 0, {tally.owed:,.6g} in all, and count"
            " nobody"
        )
    return tuple(notes)
