"""
Layers from strangers' files: stations and districts, with an account of what was left out.

A year of opening that a file does not give is NaN: what has none always stood.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from spatial import geodesy
from spatial.ingest.errors import InputError, naming
from spatial.ingest.read import read_table
from spatial.ingest.shapes import read_shapes
from spatial.ingest.values import column_of, ids_of, numbers_of, source_name

__all__ = [
    "LayerResult",
    "is_table",
    "left_out",
    "lines_in",
    "load_districts",
    "load_stations",
    "numbered",
    "text_of",
    "years_of",
]

_TABLES: Final = (".csv", ".tsv", ".txt", ".gz", ".xz")
_BETWEEN_LINES: Final = re.compile(r"[;,/|、，；]")
_YEAR: Final = re.compile(r"(\d{4})(?:\D.*|\d{4})?")
_TOLD: Final = 6


@dataclass(frozen=True)
class LayerResult:
    """
    What a file gave.

    Parameters
    ----------
    layer
        A layer as `schema.LAYERS` describes it, WGS-84.
    notes
        Plain words on every row that was left out, or kept with something missing.
    """

    layer: gpd.GeoDataFrame
    notes: tuple[str, ...]


def load_stations(
    path: str | Path,
    *,
    name: str,
    id: str = "",  # noqa: A002 - the word of the contract
    name_en: str = "",
    lines: str = "",
    lat: str = "",
    lon: str = "",
    crs: str = "",
    opened: str = "",
    closed: str = "",
    layer: str = "",
) -> LayerResult:
    """
    Stations of a table with coordinates, or of a file of shapes.

    Parameters
    ----------
    path
        As `read_table` or `read_shapes` takes it.
    name, id, name_en, lines, opened, closed
        Columns. Without ids the names are ids, numbered where they repeat. Lines of one station
        may be parted by ; , / or |. Years may be dates that begin with one.
    lat, lon
        Columns with coordinates, of a table only.
    crs
        As `geodesy.to_wgs84` knows it; "" is WGS-84 in a table, the file's word in shapes.
    layer
        Of a file with several.

    Raises
    ------
    InputError
        When anything is wrong with the file; one sentence says what and where.
    """
    table, points, known = _placed(Path(path), lat=lat, lon=lon, crs=crs, layer=layer)
    names = text_of(table, name)
    notes = [*left_out(~known, "without a place left out", names)]
    notes += left_out((names == "").to_numpy() & known, "without a name kept", table.index + 1)
    found: dict[str, object] = {
        "id": ids_of(table, id) if id else numbered(names, "station"),
        "name": names,
        "name_en": text_of(table, name_en).where(lambda text: text != "", names)
        if name_en
        else names,
        "lines": [";".join(lines_in(one)) for one in text_of(table, lines)] if lines else "",
        "opened": years_of(table, opened),
    }
    if closed:
        found["closed"] = years_of(table, closed)
    stations = gpd.GeoDataFrame(found, geometry=points, crs=4326, index=table.index)
    return LayerResult(stations[known].reset_index(drop=True), tuple(notes))


def load_districts(
    path: str | Path,
    *,
    name: str,
    id: str = "",  # noqa: A002 - the word of the contract
    name_en: str = "",
    crs: str = "",
    layer: str = "",
) -> LayerResult:
    """
    Districts of any file of polygons, mended where they cross themselves.

    Parameters
    ----------
    path, crs, layer
        As for `read_shapes`.
    name, id, name_en
        Columns. Without ids the names are ids, numbered where they repeat.

    Raises
    ------
    InputError
        When anything is wrong with the file or none of its shapes is a polygon.
    """
    table = read_shapes(path, crs=crs, layer=layer)
    table.attrs["source"] = Path(path).name
    names = text_of(table, name)
    shapes = _polygons(table.geometry.to_numpy())
    known = ~shapely.is_missing(shapes) & ~shapely.is_empty(shapes)
    if not known.any():
        raise InputError(f"{source_name(table)}: districts must be polygons, found none")
    notes = [*left_out(~known, "without a polygon left out", names)]
    notes += left_out((names == "").to_numpy() & known, "without a name kept", table.index + 1)
    found = {
        "id": ids_of(table, id) if id else numbered(names, "district"),
        "name": names,
        "name_en": text_of(table, name_en).where(lambda text: text != "", names)
        if name_en
        else names,
    }
    districts = gpd.GeoDataFrame(found, geometry=shapes, crs=4326, index=table.index)
    return LayerResult(districts[known].reset_index(drop=True), tuple(notes))


def is_table(path: Path) -> bool:
    """Whether a file is a table of text by its ending."""
    return path.suffix.lower() in _TABLES


def text_of(table: pd.DataFrame, column: str) -> pd.Series:
    """One column as text without blanks at the ends, "" where it is empty."""
    return column_of(table, column).astype("string").fillna("").str.strip().astype(object)


def lines_in(text: str) -> list[str]:
    """The lines named in one cell, each once: "1;2", "1/2" and "1, 2" are two."""
    return list(dict.fromkeys(one for part in _BETWEEN_LINES.split(text) if (one := part.strip())))


def years_of(table: pd.DataFrame, column: str) -> NDArray[np.float64]:
    """Years of one column, shape (n,), of years or dates that begin with one; NaN where empty."""
    if not column:
        return np.full(len(table), np.nan)
    found = np.full(len(table), np.nan)
    for row, text in enumerate(text_of(table, column)):
        year = _YEAR.fullmatch(text.removesuffix(".0"))
        if year and 1800 <= int(year[1]) <= 2200:
            found[row] = int(year[1])
        elif text.lower() not in ("", "nan", "none", "nat", "<na>"):
            raise InputError(
                f"{source_name(table)}: column {column} must hold years in 1800 to 2200, found"
                f" {text[:40]!r} in row {row + 1}"
            )
    return found


def numbered(names: pd.Series, nothing: str) -> pd.Series:
    """Names as ids: those that repeat, and those that are not there, with a number."""
    text = names.where(names != "", nothing)
    again = text.groupby(text).cumcount()
    plain = text.where(again == 0, text + " " + (again + 1).astype(str))
    while (twice := plain.duplicated()).any():  # "A", "A" and "A 2"
        plain = plain.where(~twice, plain + "'")
    return plain


def _placed(
    path: Path, *, lat: str, lon: str, crs: str, layer: str
) -> tuple[pd.DataFrame, NDArray[np.object_], NDArray[np.bool_]]:
    """Rows of a file, a point for each in degrees WGS-84, and which rows have one."""
    if bool(lat) != bool(lon):
        raise InputError(f"{path.name}: coordinates need both lat and lon, found one")
    if not (is_table(path) or (lat and path.suffix.lower() == ".parquet")):
        if lat:
            raise InputError(f"{path.name}: shapes have their own place, found lat and lon named")
        table = read_shapes(path, crs=crs, layer=layer)
        table.attrs["source"] = path.name
        points = shapely.point_on_surface(table.geometry.to_numpy())
        return table, points, ~shapely.is_missing(points) & ~shapely.is_empty(points)
    if not lat:
        raise InputError(f"{path.name}: a table needs columns lat and lon, found neither named")
    table = read_table(path)
    y, x = (numbers_of(table, column, empty_allowed=True) for column in (lat, lon))
    known = ~(np.isnan(y) | np.isnan(x))
    if not known.any():
        raise InputError(f"{path.name}: stations must have coordinates in {lat}, {lon}, found none")
    with naming(path.name):
        if not geodesy.is_projected(crs or "WGS-84"):
            # Empty places stand at 0, 0 here, so that a message names the file's own row.
            geodesy.check_degrees(np.where(known, y, 0), np.where(known, x, 0))
        north, east = geodesy.to_wgs84(y[known], x[known], crs=crs or "WGS-84")
    points = np.full(len(table), None, dtype=object)
    points[known] = shapely.points(east, north)
    return table, points, known


def _polygons(shapes: NDArray[np.object_]) -> NDArray[np.object_]:
    """The polygons in each shape; None where there is none: mending may leave lines beside them."""
    parts, row = shapely.get_parts(shapes, return_index=True)
    parts, inner = shapely.get_parts(parts, return_index=True)
    areas = shapely.get_type_id(parts) == shapely.GeometryType.POLYGON
    found = np.full(len(shapes), None, dtype=object)
    for number in np.unique(row[inner][areas]):
        own = parts[areas & (row[inner] == number)]
        found[number] = own[0] if len(own) == 1 else shapely.multipolygons(own)
    return found


def left_out(rows: NDArray[np.bool_], what: str, names: Iterable[object]) -> list[str]:
    """One note on the rows of a mask, [] where there is none."""
    count = int(rows.sum())
    if not count:
        return []
    told = [str(one) or "nameless" for one, here in zip(names, rows, strict=True) if here]
    more = f" and {count - _TOLD} more" if count > _TOLD else ""
    return [f"{count} row{'s' * (count > 1)} {what}: {', '.join(told[:_TOLD])}{more}"]
