"""
Gradmap computes here: tables in, tables out.

Importing the package closes the GDAL drivers through which a stranger's file could read other
files, run programs or reach the network. GDAL asks once, when pyogrio loads, so it is said here,
before anything heavy is imported.
"""

import os

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
