"""CSV, and beside it what the W3C's Metadata Vocabulary for Tabular Data has to say of it."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any, Final

import geopandas as gpd
import pandas as pd
import shapely

from spatial.formats.common import DIGITS, guarded, plain, rounded, shapes_of, text_columns
from spatial.formats.style import Style

__all__ = ["METADATA", "read_csv", "read_csv_table", "write_csv"]

METADATA: Final = "-metadata.json"
_OUTLINED: Final = ("places", "lineage")


def write_csv(
    table: gpd.GeoDataFrame,
    path: Path,
    provenance: dict[str, Any],
    layer: str,
    *,
    style: Style | None = None,  # noqa: ARG001 - the format has no place for it
) -> None:
    """
    Write CSV, and its provenance to `path` + "-metadata.json".

    So named by the W3C, Model for Tabular Data and Metadata on the Web, section 5.3. UTF-8
    without a mark at its start, which would become part of the first column's name wherever it
    is not expected; for Excel, which expects it, there is XLSX.

    Outlines of cells are left out, their ids say as much; those of places and lineages are
    text (WKT).
    """
    bare, shapes = plain(table), shapes_of(table)
    if layer in _OUTLINED and shapes is not None:
        bare["geometry"] = shapely.to_wkt(rounded(shapes), rounding_precision=DIGITS)
    content = bare.assign(**{name: guarded(bare[name]) for name in text_columns(bare)})
    content.to_csv(path, index=False, encoding="utf-8", lineterminator="\n")
    told = {
        "@context": "http://www.w3.org/ns/csvw",
        "url": path.name,
        "dc:title": f"{provenance['study']}: {layer}",
        "dc:created": provenance["created"],
        "dc:license": provenance["licence"],
        "tableSchema": {"columns": [_column(bare[name]) for name in bare.columns]},
        "notes": [provenance],
    }
    path.with_name(path.name + METADATA).write_text(
        json.dumps(told, ensure_ascii=False, indent=1) + "\n", encoding="utf-8"
    )


def read_csv(path: Path) -> dict[str, dict[str, Any]]:
    """Provenance of the one layer, from the file beside."""
    told = json.loads(path.with_name(path.name + METADATA).read_text(encoding="utf-8"))
    provenance = told["notes"][0]
    return {str(told["dc:title"]).removeprefix(f"{provenance['study']}: "): provenance}


def read_csv_table(path: Path) -> pd.DataFrame:
    """Every column as text, as it is stored."""
    with path.open(encoding="utf-8", newline="") as lines:
        head, *rows = csv.reader(lines)
    return pd.DataFrame(rows, columns=head, dtype=object)


def _column(values: pd.Series) -> dict[str, str]:
    kind = "string"
    if pd.api.types.is_bool_dtype(values):
        kind = "boolean"
    elif pd.api.types.is_integer_dtype(values):
        kind = "integer"
    elif pd.api.types.is_float_dtype(values):
        kind = "number"
    return {"titles": str(values.name), "name": str(values.name), "datatype": kind}
