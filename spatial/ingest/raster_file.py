"""GeoTIFFs from strangers: opened as GeoTIFF and nothing else, and read a strip at a time."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final, NamedTuple

import numpy as np
import rasterio
import shapely
from numpy.typing import NDArray
from rasterio.errors import NotGeoreferencedWarning, RasterioError
from rasterio.windows import Window

from spatial import cells as h3cells
from spatial import geodesy
from spatial.ingest.errors import InputError, naming
from spatial.ingest.sniff import sniff
from spatial.ingest.squares import Plane

__all__ = ["Raster", "RasterFacts", "opened_raster", "placed", "raster_facts", "strips"]

Cells = NDArray[np.uint64]

_ENDINGS: Final = (".tif", ".tiff")
_READ_PIXELS: Final = 1 << 22  # of a strip that is read at once
_BLOCK_BYTES: Final = 512 << 20  # of one tile or strip as the file stores it
_MOST_PIXELS: Final = 5_000_000_000
_SETTINGS: Final = {
    "GDAL_DISABLE_READDIR_ON_OPEN": "EMPTY_DIR",  # nothing beside the file is read
    "GDAL_PAM_ENABLED": "NO",
    "GDAL_CACHEMAX": 64,
}
_UNREADABLE: Final = (RasterioError, OSError, ValueError, OverflowError)


@dataclass(frozen=True)
class RasterFacts:
    """
    What a raster says of itself, for a person who decides what to load.

    Parameters
    ----------
    width, height, bands
        Pixels and bands.
    crs
        Coordinate system as `load_raster` takes it, "" where it has no name.
    pixel
        Size of a pixel, with its unit.
    west, south, east, north
        Its corners' extent in degrees WGS-84, or in its own unit where `crs` is "".
    nodata
        The value that stands for nothing, None where none is said.
    kind
        Type of its numbers: "float32".
    """

    width: int
    height: int
    bands: int
    crs: str
    pixel: str
    west: float
    south: float
    east: float
    north: float
    nodata: float | None
    kind: str


class Raster(NamedTuple):
    """An open raster, the plane it is regular on, and the part of it that is read."""

    data: rasterio.DatasetReader
    band: int
    plane: Plane
    window: Window
    name: str


def raster_facts(path: str | Path) -> RasterFacts:
    """What a GeoTIFF says of itself; InputError where it is none."""
    path = Path(path)
    with opened_raster(path) as data:
        crs = _named_crs(data)
        west, south, east, north = data.bounds
        unit = "degrees"
        if crs:
            plane = Plane(geodesy.crs_name(crs))
            unit = unit if plane.in_degrees else "m"
            if not plane.in_degrees:
                ring = shapely.get_coordinates(
                    shapely.segmentize(shapely.box(west, south, east, north), (east - west) / 16)
                )
                with naming(path.name):
                    lat, lon = plane.to_wgs84(ring[:, 0], ring[:, 1])
                west, south, east, north = lon.min(), lat.min(), lon.max(), lat.max()
        return RasterFacts(
            data.width,
            data.height,
            data.count,
            crs,
            f"{data.transform.a:.6g} {unit}",
            float(west),
            float(south),
            float(east),
            float(north),
            None if data.nodata is None else float(data.nodata),
            str(data.dtypes[0]),
        )


@contextmanager
def opened_raster(path: Path) -> Iterator[rasterio.DatasetReader]:
    """A GeoTIFF, or a zip with one, open for reading; what is damaged becomes one sentence."""
    kind = sniff(path, among=_ENDINGS, what="a raster")
    place = f"/vsizip/{{{path.absolute()}}}/{kind.entry}" if kind.packing else str(path.absolute())
    try:
        with (
            warnings.catch_warnings(),
            rasterio.Env(**_SETTINGS),
        ):
            warnings.simplefilter("ignore", NotGeoreferencedWarning)  # told below, in a sentence
            with rasterio.open(place, driver="GTiff") as data:
                _check(data, path.name)
                yield data
    except InputError:
        raise
    except geodesy.CoordinateError:
        raise
    except _UNREADABLE:
        raise InputError(
            f"{path.name}: a GeoTIFF must be whole, found it damaged or cut short"
        ) from None


def _check(data: rasterio.DatasetReader, name: str) -> None:
    """Refuse what is no grid of numbers, or is stored so that a part of it fills the memory."""
    step = data.transform
    if step.is_identity:
        raise InputError(f"{name}: a raster must say where it lies, found no place in it")
    if step.b or step.d or not (step.a > 0 and step.e < 0):
        raise InputError(f"{name}: a raster must lie with north up, found it turned or mirrored")
    for (high, wide), kind in zip(data.block_shapes, data.dtypes, strict=True):
        if "complex" in kind:
            raise InputError(f"{name}: pixels must hold numbers of people, found {kind}")
        if (size := high * wide * np.dtype(kind).itemsize) > _BLOCK_BYTES:
            raise InputError(
                f"{name}: a raster must be stored in parts of at most {_BLOCK_BYTES >> 20} MB,"
                f" found one of {size >> 20:,}: store it in tiles"
            )


def _named_crs(data: rasterio.DatasetReader) -> str:
    authority = data.crs.to_authority() if data.crs is not None else None
    return ":".join(authority) if authority and authority[0] in ("EPSG", "ESRI") else ""


def placed(
    data: rasterio.DatasetReader, band: int, crs: str, within: Cells | None, name: str
) -> Raster:
    """One band of an open raster, and the part of it around `within`; InputError where none."""
    if not 1 <= band <= data.count:
        raise InputError(f"{name}: band must be one of 1 to {data.count}, found {band}")
    if not (said := crs or _named_crs(data)):
        raise InputError(
            f"{name}: the coordinate system must be known, found none with a code: name it"
        )
    plane = Plane(geodesy.crs_name(said))
    window = _window(data, plane, within, name)
    if window.width * window.height > _MOST_PIXELS:
        raise InputError(
            f"{name}: a load must read at most {_MOST_PIXELS:,} pixels, found"
            f" {window.width * window.height:,}: name a study area"
        )
    return Raster(data, band, plane, window, name)


def _window(data: rasterio.DatasetReader, plane: Plane, within: Cells | None, name: str) -> Window:
    """The pixels around `within`, two cells more on each side; all of them where it is None."""
    if within is None or not len(within):
        return Window(0, 0, data.width, data.height)
    edge = h3cells.grid_disk(within, k=2)
    x, y = plane.of_wgs84(*h3cells.centres(edge))
    column, row = (
        (x - data.transform.c) / data.transform.a,
        (y - data.transform.f) / data.transform.e,
    )
    left, top = max(0, int(column.min()) - 1), max(0, int(row.min()) - 1)
    right = min(data.width, int(column.max()) + 2)
    bottom = min(data.height, int(row.max()) + 2)
    if left >= right or top >= bottom:
        raise InputError(f"{name}: a raster must reach the study area, found it elsewhere")
    return Window(left, top, right - left, bottom - top)


def strips(raster: Raster) -> Iterator[Window]:
    """Parts of the window that follow how the file is stored, so that nothing is unpacked twice."""
    window = raster.window
    high, wide = raster.data.block_shapes[raster.band - 1]
    rows = max(high, high * (_READ_PIXELS // (window.width * high)))
    across = window.width if rows * window.width <= 4 * _READ_PIXELS else wide
    bottom, right = window.row_off + window.height, window.col_off + window.width
    top = window.row_off
    while top < bottom:
        below = min(bottom, (top // high) * high + rows)
        left = window.col_off
        while left < right:
            beyond = min(right, (left // wide) * wide + max(across, wide))
            yield Window(left, top, beyond - left, below - top)
            left = beyond
        top = below
