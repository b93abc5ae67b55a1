"""Rent listings from strangers' files: points with a price, a kind and what more is known."""

from __future__ import annotations

from collections.abc import Mapping
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
from spatial.ingest.layers import is_table, text_of
from spatial.ingest.read import read_table
from spatial.ingest.rent_rows import (
    Mask,
    RentAudit,
    RentResult,
    amounts_of,
    other_rows,
    price_faults,
    sieved,
    years_in,
)
from spatial.ingest.shapes import read_shapes

__all__ = ["load_listings"]

_ALL: Final = "all"
_TOLD: Final = 6


def load_listings(
    path: str | Path,
    *,
    price: str,
    year: int = 0,
    year_column: str = "",
    kind: str = "",
    kind_map: Mapping[str, str] | None = None,
    kind_is: str = "",
    area: str = "",
    area_of: Mapping[str, str] | None = None,
    rooms: str = "",
    id: str = "",  # noqa: A002 - the word of the contract
    lat: str = "",
    lon: str = "",
    crs: str = "",
    layer: str = "",
    where: Mapping[str, str] | None = None,
) -> RentResult:
    """
    Listings of a table with coordinates, or of a file of points.

    A row without a price, a place, a kind or a year is dropped, and the audit says how many for
    which reason; one without an area or rooms is kept.

    Parameters
    ----------
    path
        As `read_table` or `read_shapes` takes it.
    price
        Column with the rent a month.
    year, year_column
        Year of observation, or a column of years or dates.
    kind, kind_map, kind_is
        Column with the kind of home and what its words mean: {"整租": "flat", "合租": "room"}.
        A kind "room" lets one room of a shared flat. Without a column all are `kind_is`.
    area, area_of
        Column with the area in m2; and other columns for some kinds, by our word.
    rooms
        Column with the number of rooms of the flat.
    id
        Column; without it rows are numbered. Of rows of one year with one id the first is kept.
    lat, lon
        Columns with coordinates, of a table only.
    crs
        As `geodesy.to_wgs84` knows it; "" is WGS-84 in a table, the file's word in shapes.
    layer
        Of a file with several.
    where
        What columns must hold: {"city": "Beijing"}.

    Raises
    ------
    InputError
        When a column is missing, nothing says the kind or year, or no row can be kept.
    """
    table, place = _placed(Path(path), lat=lat, lon=lon, crs=crs, layer=layer)
    kinds = _kinds(table, kind, dict(kind_map or {}), kind_is)
    asked = amounts_of(table, price)
    years = years_in(table, year_column, year=year)
    ids = text_of(table, id) if id else pd.Series(_numbers(len(table)), index=table.index)
    faults = {
        **other_rows(table, where or {}),
        **price_faults(asked),
        **place.faults,
        **kinds.faults,
        "without a year": years < 0,
    }
    good = ~np.logical_or.reduce(list(faults.values()))
    faults["with an id that came before"] = _again(ids, years, good)
    kept, dropped = sieved(table, faults, what="listings must have a price and a place")
    size = _areas(table, kinds.ours, area, dict(area_of or {}))
    columns = {
        "id": _unique(ids, years, kept),
        "rent": asked.values[kept],
        "area_m2": size[kept],
        "kind": kinds.ours[kept],
        "year": years[kept],
    }
    notes = list(kinds.notes)
    if area or area_of:
        notes += _lacking(size[kept], "an area: left out of rents by the square metre")
    if rooms:
        counted = _positive(amounts_of(table, rooms).values)[kept]
        columns["rooms"] = counted
        notes += _lacking(counted, "a number of rooms: left out of rents by the room")
    found = gpd.GeoDataFrame(columns, geometry=place.points[kept], crs=4326)
    return RentResult(found, RentAudit(len(table), len(found), dropped, tuple(notes)))


@dataclass(frozen=True, eq=False)
class _Place:
    """Point of each row, degrees WGS-84, None where it has none, and why not."""

    points: NDArray[np.object_]
    faults: dict[str, Mask]


@dataclass(frozen=True, eq=False)
class _Kinds:
    """Kind of each row in our words, and the rows without."""

    ours: NDArray[np.object_]
    faults: dict[str, Mask]
    notes: tuple[str, ...]


def _placed(path: Path, *, lat: str, lon: str, crs: str, layer: str) -> tuple[pd.DataFrame, _Place]:
    if bool(lat) != bool(lon):
        raise InputError(f"{path.name}: coordinates need both lat and lon, found one")
    if lat:
        table = read_table(path)
        return table, _from_columns(table, path.name, lat=lat, lon=lon, crs=crs or "WGS-84")
    if is_table(path):
        raise InputError(f"{path.name}: a table needs columns lat and lon, found neither named")
    table = read_shapes(path, crs=crs, layer=layer)
    table.attrs["source"] = path.name
    shapes = table.geometry.to_numpy()
    if np.isin(shapely.get_type_id(shapes), (3, 6)).any():
        raise InputError(
            f"{path.name}: listings must be points, found polygons: load them as zones"
        )
    lost = shapely.get_type_id(shapes) != shapely.GeometryType.POINT
    lost |= shapely.is_empty(shapes)
    return table, _Place(shapes, {"without a place": lost})


def _from_columns(table: pd.DataFrame, name: str, *, lat: str, lon: str, crs: str) -> _Place:
    y, x = amounts_of(table, lat), amounts_of(table, lon)
    faults = {
        "without coordinates": y.empty | x.empty,
        "with coordinates that are no numbers": y.odd | x.odd,
    }
    with naming(name):
        if not geodesy.is_projected(crs):
            faults["at latitude and longitude 0"] = (y.values == 0) & (x.values == 0)
            off = (np.abs(y.values) > 90) | (np.abs(x.values) > 180)
            if off.all():  # most likely the two are swapped, which this says
                geodesy.check_degrees(y.values, x.values)
            faults["with coordinates off the Earth"] = off
        known = ~np.logical_or.reduce(list(faults.values()))
        points = np.full(len(table), None, dtype=object)
        north, east = geodesy.to_wgs84(y.values[known], x.values[known], crs=crs)
        points[known] = shapely.points(east, north)
    return _Place(points, faults)


def _kinds(table: pd.DataFrame, column: str, words: dict[str, str], constant: str) -> _Kinds:
    if bool(column) == bool(constant):
        raise InputError("listings need a column with their kind or one kind for all, and not both")
    if words and not column:
        raise InputError("words for kinds need a column with the kind, found none named")
    if _ALL in (constant, *words.values()):
        raise InputError(f"no kind of listing may be called {_ALL}, which stands for every kind")
    theirs = text_of(table, column) if column else pd.Series([constant] * len(table), dtype=object)
    ours = theirs.map(words).fillna("") if words else theirs
    nothing = (theirs == "").to_numpy(dtype=np.bool_)
    unknown = (ours == "").to_numpy(dtype=np.bool_) & ~nothing
    faults = {"without a kind": nothing, "of a kind that has no word of ours": unknown}
    if not words:
        faults[f"of a kind called {_ALL}"] = (ours == _ALL).to_numpy(dtype=np.bool_)
    return _Kinds(ours.to_numpy(object), faults, _strangers(theirs[unknown]))


def _strangers(words: pd.Series) -> tuple[str, ...]:
    """One note on kinds that were dropped for want of a word."""
    if words.empty:
        return ()
    counts = words.value_counts()
    told = [f"{word} ({count})" for word, count in counts.head(_TOLD).items()]
    more = f" and {len(counts) - _TOLD} more" if len(counts) > _TOLD else ""
    return (f"kinds without a word of ours: {', '.join(told)}{more}",)


def _areas(
    table: pd.DataFrame, kinds: NDArray[np.object_], column: str, others: dict[str, str]
) -> NDArray[np.float64]:
    size = amounts_of(table, column).values
    for kind, other in others.items():
        size = np.where(kinds == kind, amounts_of(table, other).values, size)
    return _positive(size)


def _positive(values: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.where(values > 0, values, np.nan)


def _lacking(values: NDArray[np.float64], what: str) -> list[str]:
    count = int(np.isnan(values).sum())
    return [f"{count} kept without {what}"] if count else []


def _numbers(count: int) -> list[str]:
    return [f"row {number}" for number in range(1, count + 1)]


def _again(ids: pd.Series, years: NDArray[np.int64], good: Mask) -> Mask:
    """Whether a good row of the same id and year came before."""
    found = np.zeros(len(ids), dtype=np.bool_)
    keys = pd.DataFrame({"id": ids.to_numpy(), "year": years})[good]
    found[good] = keys.duplicated().to_numpy() & (keys["id"] != "").to_numpy()
    return found


def _unique(ids: pd.Series, years: NDArray[np.int64], kept: Mask) -> pd.Series:
    """Ids of the kept rows: with their year where one comes again, with their row if empty."""
    rows = np.flatnonzero(kept)
    found = pd.Series(ids.to_numpy()[rows], dtype=object)
    found = found.where(found != "", pd.Series([f"row {row + 1}" for row in rows], dtype=object))
    if found.duplicated().any():
        found = found + "-" + pd.Series(years[rows]).astype(str)
    while (twice := found.duplicated()).any():
        found = found.where(~twice, found + "'")
    return found
