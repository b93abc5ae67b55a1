"""Formats: GeoPackage, GeoJSON and CSV, each with provenance where its readers look for it."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable
from contextlib import closing
from pathlib import Path
from typing import Any, Final

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
import shapely

__all__ = ["guarded", "write_csv", "write_geojson", "write_gpkg"]

_DIGITS = 7  # of a degree: one centimetre
_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")
_OUTLINED: Final = ("places", "lineage")
_METADATA = """
CREATE TABLE IF NOT EXISTS gpkg_metadata (
  id INTEGER CONSTRAINT m_pk PRIMARY KEY ASC NOT NULL,
  md_scope TEXT NOT NULL DEFAULT 'dataset',
  md_standard_uri TEXT NOT NULL,
  mime_type TEXT NOT NULL DEFAULT 'text/xml',
  metadata TEXT NOT NULL DEFAULT ''
);
CREATE TABLE IF NOT EXISTS gpkg_metadata_reference (
  reference_scope TEXT NOT NULL,
  table_name TEXT,
  column_name TEXT,
  row_id_value INTEGER,
  timestamp DATETIME NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ','now')),
  md_file_id INTEGER NOT NULL,
  md_parent_id INTEGER,
  CONSTRAINT crmr_mfi_fk FOREIGN KEY (md_file_id) REFERENCES gpkg_metadata(id),
  CONSTRAINT crmr_mpi_fk FOREIGN KEY (md_parent_id) REFERENCES gpkg_metadata(id)
);
"""
_EXTENSION = (
    "gpkg_metadata",
    "http://www.geopackage.org/spec120/#extension_metadata",
    "read-write",
)


def write_gpkg(table: gpd.GeoDataFrame, path: Path, provenance: dict[str, Any], layer: str) -> None:
    """Add a layer to a GeoPackage, new or not, its provenance as JSON in the metadata tables."""
    created = provenance["created"]
    pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": created.replace("Z", ".000Z")})
    try:
        pyogrio.write_dataframe(
            table,
            path,
            driver="GPKG",
            layer=layer,
            append=path.exists(),
            layer_options={"DESCRIPTION": _describe(provenance), "IDENTIFIER": layer},
        )
    finally:
        pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": None})
    with closing(sqlite3.connect(path)) as database, database:
        _add_metadata(database, layer, provenance)


def write_geojson(
    table: gpd.GeoDataFrame, path: Path, provenance: dict[str, Any], layer: str
) -> None:
    """Write GeoJSON (RFC 7946), its provenance in the member "gradmap"."""
    head = {"type": "FeatureCollection", "name": layer, "gradmap": provenance}
    opening = json.dumps(head, ensure_ascii=False, allow_nan=False)[:-1]
    with path.open("w", encoding="utf-8", newline="\n") as file:
        file.write(f'{opening}, "features": [\n')
        file.write(",\n".join(_features(table)))
        file.write("\n]}\n")


def write_csv(table: gpd.GeoDataFrame, path: Path, provenance: dict[str, Any], layer: str) -> None:
    """
    Write CSV, and its provenance to `path` + "-metadata.json".

    So named by the W3C, Model for Tabular Data and Metadata on the Web, section 5.3.

    Outlines of cells are left out, their ids say as much; those of places and lineages are
    text (WKT).
    """
    plain = pd.DataFrame(table.drop(columns="geometry"))
    if layer in _OUTLINED:
        plain["geometry"] = shapely.to_wkt(_rounded(table.geometry), rounding_precision=_DIGITS)
    content = plain.assign(**{name: guarded(plain[name]) for name in _texts(plain)})
    content.to_csv(path, index=False, encoding="utf-8", lineterminator="\n")
    described = {
        "@context": "http://www.w3.org/ns/csvw",
        "url": path.name,
        "dc:title": f"{provenance['study']}: {layer}",
        "dc:created": provenance["created"],
        "dc:license": provenance["licence"],
        "tableSchema": {"columns": [_column(plain[name]) for name in plain.columns]},
        "notes": [provenance],
    }
    path.with_name(path.name + "-metadata.json").write_text(
        json.dumps(described, ensure_ascii=False, indent=1) + "\n", encoding="utf-8"
    )


def guarded(texts: pd.Series) -> pd.Series:
    """Texts that a spreadsheet would run as a formula, with an apostrophe before them."""
    filled = texts.astype(object).where(texts.notna(), None)
    return filled.map(lambda one: f"'{one}" if str(one).startswith(_FORMULA) else one)


def _features(table: gpd.GeoDataFrame) -> Iterable[str]:
    shapes = shapely.to_geojson(_rounded(table.geometry))
    columns = table.drop(columns="geometry")
    values = {name: _json_values(columns[name]) for name in columns.columns}
    names = list(values)
    for shape, row in zip(shapes, zip(*values.values(), strict=True), strict=True):
        properties = json.dumps(dict(zip(names, row, strict=True)), ensure_ascii=False)
        yield f'{{"type": "Feature", "properties": {properties}, "geometry": {shape}}}'


def _json_values(column: pd.Series) -> list[Any]:
    """Python values that JSON knows: null where a value is missing or infinite."""
    if pd.api.types.is_float_dtype(column):
        return [one if np.isfinite(one) else None for one in column.to_list()]
    return [None if missing else one for one, missing in zip(column, column.isna(), strict=True)]


def _rounded(shapes: gpd.GeoSeries) -> Any:  # noqa: ANN401 - an array of shapes
    turned = shapely.orient_polygons(shapes.to_numpy())
    return shapely.transform(turned, lambda places: places.round(_DIGITS))


def _texts(table: pd.DataFrame) -> list[str]:
    return [
        name
        for name in table.columns
        if not pd.api.types.is_numeric_dtype(table[name])
        and not pd.api.types.is_bool_dtype(table[name])
    ]


def _column(values: pd.Series) -> dict[str, str]:
    kind = "string"
    if pd.api.types.is_bool_dtype(values):
        kind = "boolean"
    elif pd.api.types.is_integer_dtype(values):
        kind = "integer"
    elif pd.api.types.is_float_dtype(values):
        kind = "number"
    return {"titles": str(values.name), "name": str(values.name), "datatype": kind}


def _describe(provenance: dict[str, Any]) -> str:
    kind = "Synthetic data. " if provenance["synthetic"] else ""
    crossed = provenance["breaks"] if "comparison" in provenance else []
    told = "".join(f"Not comparable ({one['series']}): {one['reason']['en']} " for one in crossed)
    return f"{kind}{told}{provenance['method']} Made by: {provenance['command']}"


def _add_metadata(database: sqlite3.Connection, layer: str, provenance: dict[str, Any]) -> None:
    database.executescript(_METADATA)
    (number,) = database.execute("SELECT count(*) + 1 FROM gpkg_metadata").fetchone()
    content = json.dumps(provenance, ensure_ascii=False, indent=1)
    database.execute(
        "INSERT INTO gpkg_metadata VALUES (?, 'dataset', ?, 'application/json', ?)",
        (number, "https://www.w3.org/TR/prov-overview/", content),
    )
    created = provenance["created"].replace("Z", ".000Z")
    whole = [("geopackage", None, created, number)] if number == 1 else []
    database.executemany(
        "INSERT INTO gpkg_metadata_reference VALUES (?, ?, NULL, NULL, ?, ?, NULL)",
        [*whole, ("table", layer, created, number)],
    )
    database.executescript(
        "CREATE TABLE IF NOT EXISTS gpkg_extensions (table_name TEXT, column_name TEXT,"
        " extension_name TEXT NOT NULL, definition TEXT NOT NULL, scope TEXT NOT NULL,"
        " CONSTRAINT ge_tce UNIQUE (table_name, column_name, extension_name))"
    )
    if number == 1:
        database.executemany(
            "INSERT INTO gpkg_extensions VALUES (?, NULL, ?, ?, ?)",
            [("gpkg_metadata", *_EXTENSION), ("gpkg_metadata_reference", *_EXTENSION)],
        )
