"""Shapes from strangers' files: GeoJSON, GeoPackage, FlatGeobuf, zipped Shapefile, GeoParquet."""

from __future__ import annotations

import tempfile
import warnings
from pathlib import Path
from typing import Any, Final

import geopandas as gpd
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import shapely
from numpy.typing import NDArray
from pyogrio.errors import DataLayerError, DataSourceError
from pyproj.exceptions import ProjError

from spatial import geodesy
from spatial.ingest.archive import unpacked
from spatial.ingest.errors import InputError, naming
from spatial.ingest.guard import guarded
from spatial.ingest.read import check_said
from spatial.ingest.sniff import Kind, sniff
from spatial.ingest.text import encoding_of

__all__ = ["read_shapes"]

_ENDINGS: Final = (".geojson", ".json", ".gpkg", ".fgb", ".shp", ".parquet")
_SAMPLE: Final = 1 << 20
_ANY_LANGUAGE: Final = (0, 0x57)  # a .dbf that does not say in which language it is
_UNREADABLE: Final = (
    DataSourceError,
    DataLayerError,
    pa.ArrowException,
    shapely.errors.GEOSException,
    ValueError,
    OSError,
    ProjError,  # a coordinate system nobody knows
    # What pyogrio and geopandas make of some damaged headers:
    IndexError,
    KeyError,
    TypeError,
    UnboundLocalError,
)


@guarded
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
    kind = sniff(path, among=_ENDINGS, what="shapes")
    if kind.packing == "zip":
        with tempfile.TemporaryDirectory() as folder:
            table = _read(unpacked(path, kind.entry, Path(folder)), kind, layer, path.name)
    else:
        table = _read(path, kind, layer, path.name)
    if table.geometry.isna().all():
        raise InputError(f"{path.name}: a layer must have shapes, found none")
    table = _in_degrees(table, crs, path.name)
    table.attrs["source"] = path.name
    return table


def _read(path: Path, kind: Kind, layer: str, name: str) -> gpd.GeoDataFrame:
    options: dict[str, Any] = {"layer": layer} if layer else {}
    if kind.name == "Shapefile" and not path.with_suffix(".cpg").exists():
        options |= _encoding(path.with_suffix(".dbf"), name)
    try:
        if kind.holds != "shapes":
            raise InputError(f"{name}: a layer must have shapes, found a table without any")
        if kind.name == "Parquet":
            return _geoparquet(path, name)
        # The prefix makes GDAL use that driver and no other; the rest begin in one way only.
        prefix = "GeoJSON:" if kind.name == "GeoJSON" else ""
        with warnings.catch_warnings():
            # A shape GDAL cannot make out comes back as none; whoever counts rows says so.
            warnings.simplefilter("ignore", RuntimeWarning)
            table = gpd.read_file(f"{prefix}{path.resolve()}", engine="pyogrio", **options)
    except _UNREADABLE as error:
        if isinstance(error, InputError):
            raise
        found = f"no layer {layer[:60]}" if layer else "it damaged or cut short"
        raise InputError(f"{name}: shapes must be readable, found {found}") from None
    if not isinstance(table, gpd.GeoDataFrame):
        raise InputError(f"{name}: a layer must have shapes, found a table without any")
    return table


def _geoparquet(path: Path, name: str) -> gpd.GeoDataFrame:
    with pq.ParquetFile(path) as file:
        check_said(file.metadata, name)
    return gpd.read_parquet(path)


def _encoding(path: Path, name: str) -> dict[str, str]:
    """The encoding of a Shapefile's texts where none is said: UTF-8 or GB18030, if it is one."""
    try:
        with path.open("rb") as file:
            head = file.read(32)
            file.seek(int.from_bytes(head[8:10], "little"))
            texts = file.read(_SAMPLE).replace(b"\0", b" ")
    except OSError:
        return {}
    if len(head) < 32 or head[29] not in _ANY_LANGUAGE or texts.isascii():
        return {}
    try:
        return {"encoding": encoding_of(texts[: texts.rfind(b" ")], name).removesuffix("-sig")}
    except InputError:
        return {}


def _moved(table: gpd.GeoDataFrame, name: str) -> NDArray[np.object_]:
    try:
        return np.asarray(shapely.force_2d(table.geometry.to_crs(4326).to_numpy()), dtype=object)
    except ProjError:
        raise InputError(
            f"{name}: the coordinate system must be one of the Earth, found another in the file"
        ) from None


def _in_degrees(table: gpd.GeoDataFrame, crs: str, name: str) -> gpd.GeoDataFrame:
    with naming(name):
        if crs:
            shapes = geodesy.shapes_to_wgs84(table.geometry.to_numpy(), crs=crs)
        elif table.crs is None:
            raise InputError(
                f"{name}: the coordinate system must be known, found none in the file: name it"
            )
        else:
            shapes = _moved(table, name)
        points = shapely.get_coordinates(shapes)
        geodesy.check_degrees(points[:, 1], points[:, 0])
    broken = ~shapely.is_valid(shapes) & ~shapely.is_missing(shapes)
    shapes = np.where(broken, shapely.make_valid(shapes), shapes)
    return table.set_geometry(gpd.GeoSeries(shapes, index=table.index, crs=4326))
