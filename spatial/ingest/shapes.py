"""Shapes from strangers' files: GeoJSON, GeoPackage, FlatGeobuf, zipped Shapefile, GeoParquet."""

from __future__ import annotations

import shutil
import stat
import tempfile
import zipfile
from pathlib import Path, PurePosixPath
from typing import Any, Final

import geopandas as gpd
import numpy as np
import pyarrow as pa
import shapely
from pyogrio.errors import DataLayerError, DataSourceError

from spatial import geodesy
from spatial.ingest.errors import InputError, naming
from spatial.ingest.read import check_file

__all__ = ["read_shapes"]

# How each kind of file must begin, and what makes GDAL use that driver and no other.
_KINDS: Final[dict[str, tuple[str, tuple[bytes, ...], str]]] = {
    ".geojson": ("GeoJSON", (b"{",), "GeoJSON:"),
    ".json": ("GeoJSON", (b"{",), "GeoJSON:"),
    ".gpkg": ("GeoPackage", (b"SQLite format 3\0",), ""),
    ".fgb": ("FlatGeobuf", (b"fgb\x03",), ""),
    ".shp": ("Shapefile", (b"\x00\x00\x27\x0a",), ""),
    ".parquet": ("GeoParquet", (b"PAR1",), ""),
    ".zip": ("zipped Shapefile", (b"PK\x03\x04",), ""),
}
_GPKG_MARKS: Final = (b"GPKG", b"GP10", b"GP11")  # SQLite keeps the application's mark at 68
_ZIP_PARTS: Final = (".shp", ".shx", ".dbf", ".prj", ".cpg")
_UNREADABLE: Final = (
    DataSourceError,
    DataLayerError,
    pa.ArrowException,
    shapely.errors.GEOSException,
    ValueError,
    IndexError,  # what pyogrio makes of some damaged headers
    OSError,
)
_ZIP_ENTRIES: Final = 100
_ZIP_BYTES: Final = 1 << 30
_ZIP_RATIO: Final = 200


def read_shapes(path: str | Path, *, crs: str = "", layer: str = "") -> gpd.GeoDataFrame:
    """
    The shapes of a file in degrees WGS-84, mended where they cross themselves.

    Parameters
    ----------
    path
        .geojson, .json, .gpkg, .fgb, .shp, .zip (one Shapefile) or .parquet (GeoParquet).
    crs
        What the coordinates truly are, as `geodesy.to_wgs84` knows it; "" takes the file's word.
        GeoJSON always says WGS-84, even of GCJ-02.
    layer
        Which layer of a GeoPackage; "" takes the first.

    Raises
    ------
    InputError
        When the file is missing, not what its ending says, damaged, or of unknown coordinates.
    """
    path = Path(path)
    check_file(path)
    kind = path.suffix.lower()
    if kind not in _KINDS:
        raise InputError(
            f"{path.name}: shapes must end in {', '.join(_KINDS)}, found {path.suffix or 'nothing'}"
        )
    _check_start(path, kind)
    if kind == ".zip":
        with tempfile.TemporaryDirectory() as folder:
            table = _read(_unzipped(path, Path(folder)), ".shp", layer, path.name)
    else:
        table = _read(path, kind, layer, path.name)
    if table.empty:
        raise InputError(f"{path.name}: a layer must have shapes, found none")
    return _in_degrees(table, crs, path.name)


def _check_start(path: Path, kind: str) -> None:
    name, starts, _ = _KINDS[kind]
    with path.open("rb") as file:
        start = file.read(4096)
    if kind in (".geojson", ".json"):
        start = start.removeprefix(b"\xef\xbb\xbf").lstrip()
    database = kind == ".gpkg" and start[68:72] not in _GPKG_MARKS
    if not start.startswith(starts) or database:
        raise InputError(f"{path.name}: a {kind} file must be {name}, found something else")


def _read(path: Path, kind: str, layer: str, name: str) -> gpd.GeoDataFrame:
    options: dict[str, Any] = {"layer": layer} if layer else {}
    try:
        if kind == ".parquet":
            return gpd.read_parquet(path)
        table = gpd.read_file(f"{_KINDS[kind][2]}{path.resolve()}", engine="pyogrio", **options)
    except _UNREADABLE:
        found = f"no layer {layer}" if layer else "it damaged or cut short"
        raise InputError(f"{name}: shapes must be readable, found {found}") from None
    if not isinstance(table, gpd.GeoDataFrame):
        raise InputError(f"{name}: a layer must have shapes, found a table without any")
    return table


def _in_degrees(table: gpd.GeoDataFrame, crs: str, name: str) -> gpd.GeoDataFrame:
    with naming(name):
        if crs:
            shapes = geodesy.shapes_to_wgs84(table.geometry.to_numpy(), crs=crs)
        elif table.crs is None:
            raise InputError(
                f"{name}: the coordinate system must be known, found none in the file: name it"
            )
        else:
            shapes = shapely.force_2d(table.geometry.to_crs(4326).to_numpy())
        points = shapely.get_coordinates(shapes)
        geodesy.check_degrees(points[:, 1], points[:, 0])
    broken = ~shapely.is_valid(shapes) & ~shapely.is_missing(shapes)
    shapes = np.where(broken, shapely.make_valid(shapes), shapes)
    return table.set_geometry(gpd.GeoSeries(shapes, index=table.index, crs=4326))


def _unzipped(path: Path, folder: Path) -> Path:
    """The .shp in `folder` of the one Shapefile in a zip, after its entries were checked."""
    try:
        with zipfile.ZipFile(path) as archive:
            entries = [entry for entry in archive.infolist() if not entry.is_dir()]
            _check_entries(entries, path.name)
            wanted = [e for e in entries if PurePosixPath(e.filename.lower()).suffix in _ZIP_PARTS]
            for entry in wanted:
                target = folder / f"shapes{PurePosixPath(entry.filename.lower()).suffix}"
                with archive.open(entry) as source, target.open("wb") as out:
                    shutil.copyfileobj(source, out)
    except (zipfile.BadZipFile, EOFError, RuntimeError, NotImplementedError):
        raise InputError(f"{path.name}: a zip must be whole and open, found it damaged") from None
    found = folder / "shapes.shp"
    _check_start(found, ".shp")
    return found


def _check_entries(entries: list[zipfile.ZipInfo], name: str) -> None:
    rule = f"{name}: a zip must hold one Shapefile with flat names, found"
    if len(entries) > _ZIP_ENTRIES:
        raise InputError(f"{rule} {len(entries)} files")
    for entry in entries:
        if "/" in entry.filename or "\\" in entry.filename or entry.filename.startswith("."):
            raise InputError(f"{rule} {entry.filename[:60]!r}")
        if stat.S_ISLNK(entry.external_attr >> 16):
            raise InputError(f"{rule} a link")
        if entry.file_size > _ZIP_RATIO * max(entry.compress_size, 1000):
            raise InputError(f"{rule} {entry.filename[:60]!r} packed beyond reason")
    if sum(entry.file_size for entry in entries) > _ZIP_BYTES:
        raise InputError(f"{rule} more than 1 GiB")
    shapes = [entry for entry in entries if entry.filename.lower().endswith(".shp")]
    if len(shapes) != 1:
        raise InputError(f"{rule} {len(shapes)}")
