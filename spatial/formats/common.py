"""What every format needs of a table: its texts guarded, its outlines rounded, its story told."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Final, Protocol

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from spatial.formats.style import Style

__all__ = [
    "DIGITS",
    "FormatError",
    "Write",
    "as_json",
    "described",
    "guarded",
    "has_lines",
    "json_values",
    "not_measured",
    "plain",
    "rounded",
    "shapes_of",
    "text_columns",
]

DIGITS: Final = 7  # of a degree: one centimetre
# Spreadsheets in East Asian languages take the wide signs for the narrow ones.
_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")


class FormatError(ValueError):
    """A table that a format has no place for; the message says why."""


class Write(Protocol):
    """Writes one table, a GeoDataFrame or, of a matrix, a DataFrame, with its provenance."""

    def __call__(
        self,
        table: gpd.GeoDataFrame,
        path: Path,
        provenance: dict[str, Any],
        layer: str,
        *,
        style: Style | None = None,
    ) -> None:
        """Write `table` to `path`."""


def guarded(texts: pd.Series) -> pd.Series:
    """Texts that a spreadsheet would run as a formula, with an apostrophe before them."""
    filled = texts.astype(object).where(texts.notna(), None)
    return filled.map(lambda one: f"'{one}" if str(one).startswith(_FORMULA) else one)


def plain(table: pd.DataFrame) -> pd.DataFrame:
    """The columns without their shapes."""
    return pd.DataFrame(table.drop(columns="geometry", errors="ignore"))


def shapes_of(table: pd.DataFrame) -> gpd.GeoSeries | None:
    """The shapes of a table; None where it has none, or not one that is not missing."""
    if "geometry" not in table:
        return None
    shapes = gpd.GeoSeries(table["geometry"], crs=4326)
    return None if len(shapes) and shapes.isna().all() else shapes


def rounded(shapes: gpd.GeoSeries) -> Any:  # noqa: ANN401 - an array of shapes
    """The same to a centimetre, outer rings counter-clockwise."""
    turned = shapely.orient_polygons(shapes.to_numpy())
    return shapely.transform(turned, lambda places: places.round(DIGITS))


def json_values(column: pd.Series) -> list[Any]:
    """Python values that JSON knows: null where a value is missing or infinite."""
    if pd.api.types.is_float_dtype(column):
        return [one if np.isfinite(one) else None for one in column.to_list()]
    return [None if missing else one for one, missing in zip(column, column.isna(), strict=True)]


def has_lines(shapes: gpd.GeoSeries) -> bool:
    """Whether the shapes are lines."""
    return bool(shapes.geom_type.str.contains("Line").any())


def text_columns(table: pd.DataFrame) -> list[str]:
    """Columns that hold neither numbers nor truth."""
    return [
        name
        for name in table.columns
        if not pd.api.types.is_numeric_dtype(table[name])
        and not pd.api.types.is_bool_dtype(table[name])
    ]


def as_json(provenance: dict[str, Any], *, indent: int | None = None) -> str:
    """Provenance as JSON text, in its own order."""
    return json.dumps(provenance, ensure_ascii=False, allow_nan=False, indent=indent)


def described(provenance: dict[str, Any]) -> str:
    """What a reader must know before the first number: what it is not, and how it was made."""
    crossed = provenance["breaks"] if "comparison" in provenance else []
    told = "".join(f"Not comparable ({one['series']}): {one['reason']['en']} " for one in crossed)
    kind = not_measured(provenance)
    return f"{kind}{told}{provenance['method']} Made by: {provenance['command']}"


def not_measured(provenance: dict[str, Any]) -> str:
    """The sentences, a space after each, that say what is synthetic or modelled; empty if none."""
    told = "Synthetic data. " if provenance["synthetic"] else ""
    if modelled := provenance.get("modelled"):
        told += f"Modelled, not measured: {', '.join(modelled)}. "
    return told
