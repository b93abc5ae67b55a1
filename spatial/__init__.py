"""
Gradmap computes here: tables in, tables out.

Importing the package closes the GDAL drivers through which a stranger's file could read other
files, run programs or reach the network. GDAL asks once, when pyogrio loads, so it is said here,
before anything heavy is imported.

    import spatial

    study = spatial.open("beijing")      # a folder; without one, the packaged synthetic sample
    study.hotspots(year=2025, role="work")
    study.places(role="work", top=10).table
    study.compare(2022, 2025, role="residence").events
    study.commute(area="Haidian")
    study.siting(year=2025).sites.table
"""

from __future__ import annotations

import os
from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from spatial.api import open_named as open  # noqa: A004 - spatial.open is what one says
    from spatial.question import Question
    from spatial.study import Study

__all__ = ["Question", "Study", "open"]

# A file named .geojson whose content is a virtual layer makes GDAL open whatever the layer names.
_CLOSED = (
    *("OGR_VRT", "VRT", "GTI", "STACIT", "STACTA", "GDALG", "DERIVED", "GPSBabel", "ADBC"),
    *("WFS", "OAPIF", "OGCAPI", "CSW", "HTTP", "WMS", "WCS", "WMTS", "EEDA", "EEDAI"),
    *("Carto", "AmigoCloud", "Elasticsearch", "PLSCENES", "PLMOSAIC", "NGW", "DAAS"),
    *("ESRIJSON", "TopoJSON", "JSONFG", "GeoRSS", "GML"),
)

# GDAL complains on stderr of names it was built without, so only those of its wheels are here.
_asked = [driver.strip() for driver in os.environ.get("OGR_SKIP", "").split(",")]
os.environ["OGR_SKIP"] = ",".join(dict.fromkeys([*filter(None, _asked), *_CLOSED]))

# What a name of the package stands for; loaded when first used, so that importing it stays quick.
_HOMES = {
    "open": ("spatial.api", "open_named"),
    "Study": ("spatial.study", "Study"),
    "Question": ("spatial.question", "Question"),
}


def __getattr__(name: str) -> object:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    module, own = _HOMES[name]
    return getattr(import_module(module), own)


def __dir__() -> list[str]:
    return sorted([*globals(), *_HOMES])
