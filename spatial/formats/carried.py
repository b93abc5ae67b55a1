"""Carried: the provenance and the table that a file of any format brings with it."""

from __future__ import annotations

import sqlite3
import struct
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final
from xml.etree import ElementTree

import pandas as pd
import pyarrow as pa
import pyogrio
import python_calamine as calamine

from spatial.formats.flatgeobuf import read_flatgeobuf, read_flatgeobuf_table
from spatial.formats.geojson import read_geojson, read_geojson_table
from spatial.formats.gpkg import read_gpkg, read_gpkg_table
from spatial.formats.kml import read_kml, read_kml_table
from spatial.formats.parquet import read_parquet, read_parquet_table
from spatial.formats.pmtiles import read_pmtiles
from spatial.formats.shapefile import read_shapefile, read_shapefile_table
from spatial.formats.table import METADATA, read_csv, read_csv_table
from spatial.formats.xlsx import read_xlsx, read_xlsx_table
from spatial.ingest.archive import checked_entries
from spatial.ingest.errors import InputError

__all__ = ["carried", "tables_of"]

_READ: Final[dict[str, Callable[[Path], dict[str, dict[str, Any]]]]] = {
    ".gpkg": read_gpkg,
    ".geojson": read_geojson,
    ".csv": read_csv,
    ".parquet": read_parquet,
    ".fgb": read_flatgeobuf,
    ".shp.zip": read_shapefile,
    ".kml": read_kml,
    ".xlsx": read_xlsx,
    ".pmtiles": read_pmtiles,
}
_TABLES: Final[dict[str, Callable[[Path], pd.DataFrame]]] = {
    ".geojson": read_geojson_table,
    ".csv": read_csv_table,
    ".parquet": read_parquet_table,
    ".fgb": read_flatgeobuf_table,
    ".shp.zip": read_shapefile_table,
    ".kml": read_kml_table,
}
_NEEDED: Final = {
    "study": str,
    "study_digest": str,
    "synthetic": bool,
    "method": str,
    "command": str,
    "created": str,
    "licence": str,
    "citation": str,
    "breaks": list,
    "versions": dict,
}
# What the readers of a damaged file, or of a stranger's, may say.
_FAULTS: Final = (
    ElementTree.ParseError,
    EOFError,
    KeyError,
    OSError,
    TypeError,
    ValueError,
    calamine.CalamineError,
    pa.ArrowException,
    pyogrio.errors.DataLayerError,
    pyogrio.errors.DataSourceError,
    AttributeError,
    RecursionError,
    sqlite3.Error,
    struct.error,
    zipfile.BadZipFile,
    zlib.error,
)


def carried(path: Path, ending: str) -> dict[str, dict[str, Any]]:
    """
    Provenance of each layer of a file, by the layer's name, in the order they were written.

    Parameters
    ----------
    path
        A file as `export` writes it; of a CSV, its metadata lie beside it.
    ending
        Its format, one of `WRITERS`.

    Raises
    ------
    InputError
        When it cannot be read, or carries none.
    """
    if not path.is_file():
        raise InputError(f"{path}: there is no such file")
    if ending == ".csv" and not (beside := path.with_name(path.name + METADATA)).is_file():
        raise InputError(f"{path.name}: its provenance is in {beside.name}, which is not there")
    if ending in (".shp.zip", ".xlsx"):
        rule = f"{path.name}: a zip as gradmap writes it is needed, found"
        checked_entries(path, rule=rule, flat=ending == ".shp.zip")
    try:
        found = _READ[ending](path)
        for told in found.values():
            _check(told)
    except _FAULTS as fault:
        why = " ".join(str(fault).split())
        raise InputError(
            f"{path.name}: a file as gradmap writes it is needed, found no provenance ({why})"
        ) from fault
    if not found:
        raise InputError(f"{path.name}: a file as gradmap writes it is needed, found no provenance")
    return found


def _check(told: dict[str, Any]) -> None:
    """Raise ValueError when provenance lacks what every file says."""
    wrong = [name for name, kind in _NEEDED.items() if not isinstance(told.get(name), kind)]
    if wrong:
        raise ValueError(f"without {', '.join(wrong)}")


def tables_of(path: Path, ending: str, layer: str) -> pd.DataFrame | None:
    """The table of a layer as its format holds it; None of tiles, which hold no one table."""
    if ending == ".pmtiles":
        return None
    if ending == ".gpkg":
        return read_gpkg_table(path, layer)
    if ending == ".xlsx":
        return read_xlsx_table(path, layer)
    return _TABLES[ending](path)
