"""CSV, and beside it what the W3C's Metadata Vocabulary for Tabular Data has to say of it."""

from __future__ import annotations

import csv
import json
import re
from pathlib import Path
from typing import Any, Final

import geopandas as gpd
import pandas as pd
import shapely

from spatial.formats.common import (
    DIGITS,
    guarded,
    has_lines,
    plain,
    rounded,
    shapes_of,
    text_columns,
)
from spatial.formats.style import Style

__all__ = ["METADATA", "read_csv", "read_csv_table", "write_csv"]

METADATA: Final = "-metadata.json"
_ENDS: Final = re.compile(r'[",;\t\r\n]')


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

    A text is quoted when it holds anything that some reader takes for the end of a cell, a
    semicolon or carriage return included: what comes after would be a cell of its own, and a
    formula where it begins like one.

    Outlines of cells are left out, their ids say as much, and lines, whose ends are columns; other
    shapes, as those of places, are text (WKT).
    """
    bare, shapes = plain(table), shapes_of(table)
    if shapes is not None and "cell" not in bare and not has_lines(shapes):
        bare["geometry"] = shapely.to_wkt(rounded(shapes), rounding_precision=DIGITS)
    path.write_text(_rows(bare), encoding="utf-8", newline="\n")
    told = {
        "@context": "http://www.w3.org/ns/csvw",
        "url": path.name,
        "dc:title": f"{provenance['study']}: {layer}",
        "dc:created": provenance["created"],
        "dc:license": provenance["licence"],
        "tableSchema": {"columns": [_column(bare[name], provenance) for name in bare.columns]},
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


def _rows(table: pd.DataFrame) -> str:
    """The whole file: the head and a line for each row, numbers as Python writes them."""
    texts = text_columns(table)
    columns = [
        _quoted(guarded(table[name])) if name in texts else _told(table[name]) for name in table
    ]
    head = _quoted(pd.Series([str(name) for name in table], dtype=object))
    return "".join(f"{','.join(row)}\n" for row in [head, *zip(*columns, strict=True)])


def _quoted(texts: pd.Series) -> list[str]:
    """Texts as cells of a line, empty where there is none."""
    found = _told(texts)
    return ['"' + one.replace('"', '""') + '"' if _ENDS.search(one) else one for one in found]


def _told(values: pd.Series) -> list[str]:
    missing = values.isna()
    return ["" if none else str(one) for one, none in zip(values.tolist(), missing, strict=True)]


def _column(values: pd.Series, provenance: dict[str, Any]) -> dict[str, str]:
    kind = "string"
    if pd.api.types.is_bool_dtype(values):
        kind = "boolean"
    elif pd.api.types.is_integer_dtype(values):
        kind = "integer"
    elif pd.api.types.is_float_dtype(values):
        kind = "number"
    name = str(values.name)
    meaning = provenance.get("columns", {}).get(name)
    told = {"titles": name, "name": name, "datatype": kind}
    return told | {"dc:description": meaning} if meaning else told
