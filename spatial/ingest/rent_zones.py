"""Rents of zones from strangers' files: polygons, and the median or mean rent of each by year."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from spatial.ingest.errors import InputError
from spatial.ingest.layers import text_of
from spatial.ingest.read import read_table
from spatial.ingest.rent_rows import (
    RentAudit,
    RentResult,
    amounts_of,
    other_rows,
    price_faults,
    sieved,
    years_in,
)
from spatial.ingest.shapes import read_shapes
from spatial.ingest.values import ids_of, source_name

__all__ = ["load_rent_zones"]

_KIND: Final = "zone"
_SHARED: Final = 3  # zones at a year's highest figure before it is taken for a top code
_AREAL: Final = (shapely.GeometryType.POLYGON, shapely.GeometryType.MULTIPOLYGON)


def load_rent_zones(
    path: str | Path,
    zones: str | Path,
    *,
    price: str,
    zone_id: str,
    id: str = "",  # noqa: A002 - the word of the contract
    year: int = 0,
    year_column: str = "",
    where: Mapping[str, str] | None = None,
    crs: str = "",
    layer: str = "",
) -> RentResult:
    """
    Rents of zones, by zone and year.

    Where several zones share the highest figure of a year it is taken for a top code, "this or
    more": such figures are kept, marked in a column `top_coded` and counted in the audit.

    Parameters
    ----------
    path
        Table of figures, one row a zone and year, as `read_table` takes it; the file of zones
        itself where that has them.
    zones
        Polygons, as `read_shapes` takes them.
    price
        Column with the zone's rent a month.
    zone_id, id
        Column of ids of the zones, and of the table ("" where it is called alike).
    year, year_column
        Year of all figures, or a column of years.
    where
        What columns of the table must hold: {"measure": "gross_rent"}.
    crs, layer
        Of the zones, as for `read_shapes`.

    Returns
    -------
    RentResult
        Ids are those of the zones with their year, such as "11001000100-2019"; the column `zone`
        has the zone's own.

    Raises
    ------
    InputError
        When anything is wrong with a file, a zone has two figures in a year, or none has any.
    """
    shapes = read_shapes(zones, crs=crs, layer=layer)
    shapes.attrs["source"] = Path(zones).name
    own = pd.Index(ids_of(shapes, zone_id))
    within = Path(path) == Path(zones)
    table = pd.DataFrame(shapes.drop(columns=shapes.geometry.name)) if within else read_table(path)
    table.attrs["source"] = Path(path).name
    polygons = _polygons(shapes.geometry.to_numpy())
    named = text_of(table, zone_id if within else id or zone_id)
    row = own.get_indexer(pd.Index(named))
    asked = amounts_of(table, price)
    years = years_in(table, year_column, year=year)
    faults = {
        **other_rows(table, where or {}),
        "without a year": years < 0,
        "with an id that no zone has": row < 0,
        "of a zone without a polygon": (row >= 0) & shapely.is_missing(polygons)[row],
        **price_faults(asked, called="figure"),
    }
    kept, dropped = sieved(table, faults, what="zones must have a figure")
    found = pd.DataFrame(
        {
            "id": named[kept].to_numpy() + "-" + years[kept].astype(str).astype(object),
            "zone": named[kept].to_numpy(),
            "rent": asked.values[kept],
            "area_m2": np.nan,
            "kind": _KIND,
            "year": years[kept],
        }
    )
    _check_once(found, source_name(table))
    found["top_coded"] = _top_coded(found)
    layer_of = gpd.GeoDataFrame(found, geometry=polygons[row[kept]], crs=4326)
    notes = (*_without(found, len(own)), *_capped(found))
    return RentResult(layer_of, RentAudit(len(table), len(found), dropped, notes))


def _polygons(shapes: NDArray[np.object_]) -> NDArray[np.object_]:
    """The polygons in each shape, None where there is none: mending may leave lines beside them."""
    found = shapes.copy()
    for number in np.flatnonzero(~np.isin(shapely.get_type_id(shapes), _AREAL)):
        parts = shapely.get_parts(shapely.get_parts(shapes[number]))
        own = parts[shapely.get_type_id(parts) == shapely.GeometryType.POLYGON]
        found[number] = shapely.multipolygons(own) if len(own) else None
    found[shapely.is_empty(found)] = None
    return found


def _check_once(found: pd.DataFrame, name: str) -> None:
    if (twice := found["id"].duplicated()).any():
        first = found[twice].iloc[0]
        raise InputError(
            f"{name}: each zone must have one figure a year, found two for {first['zone']} in"
            f" {first['year']}"
        )


def _top_coded(found: pd.DataFrame) -> pd.Series:
    """Whether each figure is the highest of its year and that of several zones."""
    highest = found["rent"] == found.groupby("year")["rent"].transform("max")
    shared = highest.groupby(found["year"]).transform("sum") >= _SHARED
    return highest & shared


def _without(found: pd.DataFrame, zones: int) -> list[str]:
    """One note on the zones that have no figure in some year."""
    missing = zones - found.groupby("year").size()
    missing = missing[missing > 0]
    if missing.empty:
        return []
    told = ", ".join(f"{count} in {year}" for year, count in missing.items())
    return [f"of {zones} zones without a figure: {told}"]


def _capped(found: pd.DataFrame) -> list[str]:
    """One note on figures that are top-coded."""
    capped = found[found["top_coded"]].groupby("year")["rent"].agg(["size", "max"])
    if capped.empty:
        return []
    told = [
        f"{size} at {most:g} in {year}"
        for year, size, most in zip(capped.index, capped["size"], capped["max"], strict=True)
    ]
    return [f"zones at a year's highest figure, taken for a top code: {', '.join(told)}"]
