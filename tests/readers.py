"""Readers that are not ours, one for each format: GDAL's programs, DuckDB, openpyxl, csv."""

from __future__ import annotations

import csv
import io
import os
import subprocess

import duckdb
import numpy as np
import openpyxl
import pandas as pd
import pyogrio
import shapely

from spatial.formats.shapefile import aliases
from tests.programs import program

GEOMETRY = "geometry"


def outside():
    """The environment without what our own copy of GDAL is told in it."""
    return {key: one for key, one in os.environ.items() if key not in ("GDAL_SKIP", "OGR_SKIP")}


def through_gdal(path, *, layer="", shapes=False):
    """Rows as Debian's ogr2ogr prints them; with `shapes`, those as WKT in the column WKT."""
    asked = [program("ogr2ogr"), "-f", "CSV", "/vsistdout/", str(path), *([layer] if layer else [])]
    asked += ["-lco", "GEOMETRY=AS_WKT"] if shapes else []
    ran = subprocess.run(asked, env=outside(), capture_output=True, check=True, timeout=60)
    return list(csv.DictReader(io.StringIO(ran.stdout.decode("utf-8"), newline="")))


def read(path, ending, kind):
    """Rows of a table, a dictionary each, without their shapes."""
    return rows_and_shapes(path, ending, kind)[0]


def rows_and_shapes(path, ending, kind):
    """Rows of a table, and their shapes in WGS-84; None where the file has none, as do tiles."""
    if ending == ".parquet":
        found = duckdb.sql(f"SELECT * FROM '{path}'").df()
        shapes = shapely.from_wkb(found[GEOMETRY].map(bytes)) if GEOMETRY in found else None
        found = found.drop(columns=[GEOMETRY, "bbox"], errors="ignore")
        return found.to_dict("records"), shapes
    if ending == ".pmtiles":
        found = pyogrio.read_dataframe(path)
        key = next((one for one in ("cell", "id") if one in found), None)
        return (found.drop_duplicates(key) if key else found).to_dict("records"), None
    if ending == ".xlsx":
        book = openpyxl.load_workbook(path, read_only=True)
        head, *rows = book[kind].iter_rows(values_only=True)
        book.close()
        rows = [dict(zip(head, row, strict=True)) for row in rows]
    elif ending == ".csv":
        with path.open(encoding="utf-8", newline="") as file:
            rows = list(csv.DictReader(file))
    else:
        rows = through_gdal(path, layer=kind if ending == ".gpkg" else "", shapes=True)
    at = "WKT" if rows and "WKT" in rows[0] else GEOMETRY
    if not rows or at not in rows[0]:
        return rows, None
    return rows, shapely.from_wkt([row.pop(at) or None for row in rows])


def names_in(table, ending):
    """What each column is called in a file."""
    names = [one for one in table.columns if one != GEOMETRY]
    if ending == ".shp.zip":
        return aliases(names)
    called = {"name": "Name", "end": "end_"} if ending == ".kml" else {}
    return {one: called.get(one, one) for one in names}


def numbers(values):
    """Numbers of a column, sorted; texts, truth and what is missing as a reader gives them."""
    said = {"true": 1.0, "false": 0.0, "t": 1.0, "f": 0.0, "": np.nan, None: np.nan}
    told = [
        said.get(one.lower(), one) if isinstance(one, str) else said.get(one, one) for one in values
    ]
    found = pd.to_numeric(pd.Series(told, dtype=object)).astype(float).to_numpy()
    return np.sort(found[np.isfinite(found)])


def texts(values):
    """Texts of a column, sorted, empty where there is none."""
    return sorted("" if pd.isna(one) else str(one) for one in values)
