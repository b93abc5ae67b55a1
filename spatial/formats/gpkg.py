"""GeoPackage: layers with their provenance in its metadata tables and QGIS's own styles."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import geopandas as gpd
import pandas as pd
import pyogrio

from spatial.formats.common import as_json, described
from spatial.formats.qml import qml
from spatial.formats.sld import sld
from spatial.formats.style import Style

__all__ = ["read_gpkg", "read_gpkg_table", "write_gpkg"]

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
# The columns that QGIS makes and looks for; it takes the row that is the layer's default.
_STYLES = """
CREATE TABLE IF NOT EXISTS layer_styles (
  id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
  f_table_catalog TEXT(256),
  f_table_schema TEXT(256),
  f_table_name TEXT(256),
  f_geometry_column TEXT(256),
  styleName TEXT(30),
  styleQML TEXT,
  styleSLD TEXT,
  useAsDefault BOOLEAN,
  description TEXT,
  owner TEXT(30),
  ui TEXT(30),
  update_time DATETIME
);
"""
_EXTENSION = (
    "gpkg_metadata",
    "http://www.geopackage.org/spec120/#extension_metadata",
    "read-write",
)


def write_gpkg(
    table: gpd.GeoDataFrame,
    path: Path,
    provenance: dict[str, Any],
    layer: str,
    *,
    style: Style | None = None,
) -> None:
    """
    Add a layer to a GeoPackage, new or not, its provenance as JSON in the metadata tables.

    A `style` goes to the table `layer_styles`, from where QGIS draws the layer as it opens it.
    """
    created = provenance["created"]
    pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": created.replace("Z", ".000Z")})
    try:
        pyogrio.write_dataframe(
            table,
            path,
            driver="GPKG",
            layer=layer,
            append=path.exists(),
            # Older readers warn of a later version, whose news is of no use here.
            dataset_options={"VERSION": "1.2"},
            layer_options={"DESCRIPTION": described(provenance), "IDENTIFIER": layer},
        )
    finally:
        pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": None})
    with closing(sqlite3.connect(path)) as database, database:
        _add_metadata(database, layer, provenance)
        if style is not None:
            _add_style(database, layer, style, created.replace("Z", ".000Z"))


def read_gpkg(path: Path) -> dict[str, dict[str, Any]]:
    """
    Provenance of each layer that carries any, in the order they were written.

    By SQL: the file is not written to, and no driver of maps is needed.
    """
    with closing(_opened(path)) as database:
        found = database.execute(
            "SELECT table_name, metadata FROM gpkg_metadata JOIN gpkg_metadata_reference"
            " ON id = md_file_id WHERE reference_scope = 'table' ORDER BY id"
        ).fetchall()
    return {str(layer): json.loads(content) for layer, content in found}


def read_gpkg_table(path: Path, layer: str) -> pd.DataFrame:
    """Every column of one layer as it is stored, shapes as bytes."""
    named = layer.replace('"', '""')
    with closing(_opened(path)) as database:
        answer = database.execute(f'SELECT * FROM "{named}"')
        names = [one[0] for one in answer.description]
        return pd.DataFrame(answer.fetchall(), columns=names, dtype=object)


def _opened(path: Path) -> sqlite3.Connection:
    return sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True)


def _add_metadata(database: sqlite3.Connection, layer: str, provenance: dict[str, Any]) -> None:
    database.executescript(_METADATA)
    (number,) = database.execute("SELECT count(*) + 1 FROM gpkg_metadata").fetchone()
    database.execute(
        "INSERT INTO gpkg_metadata VALUES (?, 'dataset', ?, 'application/json', ?)",
        (number, "https://www.w3.org/TR/prov-overview/", as_json(provenance, indent=1)),
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


def _add_style(database: sqlite3.Connection, layer: str, style: Style, created: str) -> None:
    found = database.execute(
        "SELECT column_name, geometry_type_name FROM gpkg_geometry_columns WHERE table_name = ?",
        (layer,),
    ).fetchone()
    if found is None:  # a matrix has nothing to draw
        return
    drawn = "line" if "LINE" in found[1] else "fill"
    database.executescript(_STYLES)
    database.execute(
        "INSERT INTO layer_styles (f_table_catalog, f_table_schema, f_table_name,"
        " f_geometry_column, styleName, styleQML, styleSLD, useAsDefault, description, owner,"
        " update_time) VALUES ('', '', ?, ?, ?, ?, ?, 1, ?, '', ?)",
        (
            layer,
            found[0],
            (style.title or layer)[:30],
            qml(style, drawn=drawn),
            sld(style, drawn=drawn, layer=layer),
            style.title or layer,
            created,
        ),
    )
    database.execute(
        "INSERT OR IGNORE INTO gpkg_contents (table_name, data_type, identifier, last_change)"
        " VALUES ('layer_styles', 'attributes', 'layer_styles', ?)",
        (created,),
    )
