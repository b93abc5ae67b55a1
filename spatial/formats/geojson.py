"""GeoJSON (RFC 7946), its provenance in the member "gradmap"."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import geopandas as gpd
import pandas as pd
import shapely

from spatial.formats.common import json_values, plain, rounded
from spatial.formats.style import Style

__all__ = ["read_geojson", "read_geojson_table", "write_geojson"]


def write_geojson(
    table: gpd.GeoDataFrame,
    path: Path,
    provenance: dict[str, Any],
    layer: str,
    *,
    style: Style | None = None,  # noqa: ARG001 - its provenance tells it
) -> None:
    """
    Write GeoJSON (RFC 7946), its provenance in the member "gradmap".

    Classes and colours are told there once: simplestyle would give every row four columns more
    that say nothing of it, and few programs draw by them.
    """
    head = {"type": "FeatureCollection", "name": layer, "gradmap": provenance}
    opening = json.dumps(head, ensure_ascii=False, allow_nan=False)[:-1]
    with path.open("w", encoding="utf-8", newline="\n") as file:
        file.write(f'{opening}, "features": [\n')
        file.write(",\n".join(_features(table)))
        file.write("\n]}\n")


def read_geojson(path: Path) -> dict[str, dict[str, Any]]:
    """Provenance of the one layer."""
    content = json.loads(path.read_text(encoding="utf-8"))
    return {str(content["name"]): content["gradmap"]}


def read_geojson_table(path: Path) -> pd.DataFrame:
    """Every column as it is stored, shapes as text (WKT)."""
    found = json.loads(path.read_text(encoding="utf-8"))["features"]
    table = pd.DataFrame([one["properties"] for one in found], dtype=object)
    shapes = shapely.from_geojson([json.dumps(one["geometry"]) for one in found])
    return table.assign(geometry=shapely.to_wkt(shapes, rounding_precision=-1))


def _features(table: gpd.GeoDataFrame) -> Iterable[str]:
    shapes = shapely.to_geojson(rounded(table.geometry))
    columns = plain(table)
    values = {name: json_values(columns[name]) for name in columns.columns}
    names = list(values)
    for shape, row in zip(shapes, zip(*values.values(), strict=True), strict=True):
        properties = json.dumps(dict(zip(names, row, strict=True)), ensure_ascii=False)
        yield f'{{"type": "Feature", "properties": {properties}, "geometry": {shape}}}'
