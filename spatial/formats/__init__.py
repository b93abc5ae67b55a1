"""Formats: one module each, with provenance where its readers look for it."""

from __future__ import annotations

from typing import Final

from spatial.formats.common import FormatError, Write, guarded
from spatial.formats.flatgeobuf import write_flatgeobuf
from spatial.formats.geojson import write_geojson
from spatial.formats.gpkg import write_gpkg
from spatial.formats.kml import write_kml
from spatial.formats.parquet import write_parquet
from spatial.formats.pmtiles import write_pmtiles
from spatial.formats.shapefile import write_shapefile
from spatial.formats.style import Style
from spatial.formats.table import write_csv
from spatial.formats.xlsx import write_xlsx

__all__ = [
    "MEDIA",
    "NAMES",
    "WRITERS",
    "FormatError",
    "Style",
    "Write",
    "guarded",
    "write_csv",
    "write_flatgeobuf",
    "write_geojson",
    "write_gpkg",
    "write_kml",
    "write_parquet",
    "write_pmtiles",
    "write_shapefile",
    "write_xlsx",
]

WRITERS: Final[dict[str, Write]] = {
    ".gpkg": write_gpkg,
    ".geojson": write_geojson,
    ".csv": write_csv,
    ".parquet": write_parquet,
    ".fgb": write_flatgeobuf,
    ".shp.zip": write_shapefile,
    ".kml": write_kml,
    ".xlsx": write_xlsx,
    ".pmtiles": write_pmtiles,
}
"""Every format, by the ending of its files."""

NAMES: Final = {
    ".gpkg": "GeoPackage",
    ".geojson": "GeoJSON",
    ".csv": "CSV",
    ".parquet": "GeoParquet",
    ".fgb": "FlatGeobuf",
    ".shp.zip": "Shapefile",
    ".kml": "KML",
    ".xlsx": "Excel",
    ".pmtiles": "PMTiles",
}
"""What people call them."""

MEDIA: Final = {
    ".gpkg": "application/geopackage+sqlite3",
    ".geojson": "application/geo+json",
    ".csv": "application/zip",
    ".parquet": "application/vnd.apache.parquet",
    ".fgb": "application/flatgeobuf",
    ".shp.zip": "application/zip",
    ".kml": "application/vnd.google-earth.kml+xml",
    ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    ".pmtiles": "application/vnd.pmtiles",
}
"""What browsers call them; a CSV comes with its metadata in one zip."""
