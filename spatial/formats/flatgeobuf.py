"""FlatGeobuf: shapes that a page can read piece by piece, with provenance in the header."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import geopandas as gpd
import pandas as pd
import pyogrio
import shapely

from spatial.formats.common import as_json, described, rounded, shapes_of
from spatial.formats.style import Style

__all__ = ["read_flatgeobuf", "read_flatgeobuf_table", "write_flatgeobuf"]


def write_flatgeobuf(
    table: gpd.GeoDataFrame,
    path: Path,
    provenance: dict[str, Any],
    layer: str,
    *,
    style: Style | None = None,  # noqa: ARG001 - the format has no place for it
) -> None:
    """
    Write FlatGeobuf, its provenance as JSON in the header's metadata.

    Rows are in the order of its index along a Hilbert curve, not in that of the table.
    """
    shapes = shapes_of(table)
    content = table if shapes is None else table.set_geometry(rounded(shapes), crs=4326)
    pyogrio.write_dataframe(
        content,
        path,
        driver="FlatGeobuf",
        layer=layer,
        layer_options={
            "TITLE": f"{provenance['study']}: {layer}",
            "DESCRIPTION": described(provenance),
            # Without shapes there is nothing to index.
            "SPATIAL_INDEX": "NO" if shapes is None or not len(shapes) else "YES",
        },
        layer_metadata={"gradmap": as_json(provenance)},
    )


def read_flatgeobuf(path: Path) -> dict[str, dict[str, Any]]:
    """Provenance of the one layer, from the header."""
    told = pyogrio.read_info(path)
    return {str(told["layer_name"]): json.loads(told["layer_metadata"]["gradmap"])}


def read_flatgeobuf_table(path: Path) -> pd.DataFrame:
    """Every column as it is stored, shapes as text (WKT)."""
    table = pd.DataFrame(pyogrio.read_dataframe(path))
    if "geometry" in table:
        table["geometry"] = shapely.to_wkt(table["geometry"].to_numpy(), rounding_precision=-1)
    return table
