"""
The drivers GDAL must not load: set in the environment before anything loads GDAL.

A file whose name ends in .geojson may hold an OGR VRT, a service description or a pipeline, and
GDAL then reads other files of this machine, or asks other machines, on the stranger's behalf.
`driver=` does not prevent it; a driver that was never registered cannot.
"""

from __future__ import annotations

import os
from typing import Final

__all__ = ["SKIPPED", "skip_drivers"]

SKIPPED: Final = (
    "OGR_VRT",
    "VRT",
    "GTI",
    "STACIT",
    "STACTA",
    "GDALG",
    "DERIVED",
    "WFS",
    "OAPIF",
    "OGCAPI",
    "CSW",
    "HTTP",
    "WMS",
    "WMTS",
    "WCS",
    "EEDA",
    "EEDAI",
    "PLMOSAIC",
    "PLSCENES",
    "NGW",
    "Carto",
    "AmigoCloud",
    "Elasticsearch",
    "ESRIJSON",
    "TopoJSON",
    "JSONFG",
    "GeoRSS",
    "GML",
    "LVBAG",
    "GPSBabel",
    "ADBC",
    "PDS4",
    "MapML",
    "DAAS",
    "SXF",
    "OSM",
    "VDV",
    "EDIGEO",
    "Selafin",
    "GTFS",
    "Zarr",
)


def skip_drivers() -> None:
    """Add `SKIPPED` to what the environment tells GDAL to leave out; what is there stays."""
    # GDAL warns of every name it does not find, so a driver stands in one of its two lists only.
    named = set(os.environ.get("OGR_SKIP", "").split(","))
    before = os.environ.get("GDAL_SKIP", "").split()
    os.environ["GDAL_SKIP"] = " ".join(dict.fromkeys([*before, *sorted({*SKIPPED} - named)]))


skip_drivers()
