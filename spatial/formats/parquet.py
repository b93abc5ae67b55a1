"""GeoParquet 1.1: columns for machines, with a box around each shape and the provenance inside."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Final

import geopandas as gpd
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import shapely

from spatial.formats.common import as_json, plain, rounded, shapes_of, text_columns
from spatial.formats.style import Style

__all__ = ["read_parquet", "read_parquet_table", "write_parquet"]

_ROWS: Final = 20_000  # of a group: what a reader skips where the box is elsewhere
_SIDES: Final = ("xmin", "ymin", "xmax", "ymax")


def write_parquet(
    table: gpd.GeoDataFrame,
    path: Path,
    provenance: dict[str, Any],
    layer: str,
    *,
    style: Style | None = None,  # noqa: ARG001 - the format has no place for it
) -> None:
    """
    Write GeoParquet 1.1, its provenance under "gradmap" in the footer.

    Coordinates are longitude and latitude (OGC:CRS84, what the standard takes where none is
    said), to a centimetre. A table without shapes becomes plain Parquet. Neither pandas' nor
    Arrow's own notes are kept: the same table makes the same bytes whoever wrote it.
    """
    columns = {name: _column(table[name]) for name in plain(table).columns}
    shapes = shapes_of(table)
    notes = {"gradmap": as_json(provenance), "gradmap:layer": layer}
    if shapes is not None:
        outlines = rounded(shapes)
        boxes = shapely.bounds(outlines)
        columns["geometry"] = pa.array(shapely.to_wkb(outlines), pa.binary())
        columns["bbox"] = pa.StructArray.from_arrays(
            [pa.array(np.ascontiguousarray(side)) for side in boxes.T], list(_SIDES)
        )
        notes["geo"] = json.dumps(_geo(outlines, boxes))
    arrow = pa.table(columns)
    with pq.ParquetWriter(path, arrow.schema, compression="zstd", store_schema=False) as file:
        file.write_table(arrow, row_group_size=_ROWS)
        file.add_key_value_metadata(notes)


def read_parquet(path: Path) -> dict[str, dict[str, Any]]:
    """Provenance of the one layer, from the footer."""
    notes = pq.read_metadata(path).metadata or {}
    return {notes[b"gradmap:layer"].decode(): json.loads(notes[b"gradmap"])}


def read_parquet_table(path: Path) -> pd.DataFrame:
    """Every column as it is stored, shapes as text (WKT)."""
    table = pq.read_table(path)
    found = pd.DataFrame({name: table[name].to_pylist() for name in table.column_names})
    if "geometry" in found:
        shapes = shapely.from_wkb(found["geometry"].to_numpy())
        found["geometry"] = shapely.to_wkt(shapes, rounding_precision=-1)
    return found.drop(columns="bbox", errors="ignore")


def _column(values: pd.Series) -> pa.Array:
    """Missing is null, whatever stood for it."""
    if text_columns(values.to_frame()):
        return pa.array(values.astype(object).where(values.notna(), None), pa.string())
    return pa.array(values, from_pandas=True)


def _geo(outlines: Any, boxes: Any) -> dict[str, Any]:  # noqa: ANN401 - arrays
    present = outlines[~shapely.is_missing(outlines)]
    told: dict[str, Any] = {
        "encoding": "WKB",
        "geometry_types": sorted({one.geom_type for one in present}),
        "edges": "planar",
        "orientation": "counterclockwise",
        "covering": {"bbox": {side: ["bbox", side] for side in _SIDES}},
    }
    if len(boxes):
        low, high = np.nanmin(boxes[:, :2], axis=0), np.nanmax(boxes[:, 2:], axis=0)
        told["bbox"] = [*low.tolist(), *high.tolist()]
    return {"version": "1.1.0", "primary_column": "geometry", "columns": {"geometry": told}}
