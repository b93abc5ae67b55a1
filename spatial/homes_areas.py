"""Areas: places and districts with what a topic on homes says of each, and their outlines."""

from __future__ import annotations

from typing import Any, Final

import geopandas as gpd
import numpy as np
import pandas as pd

from spatial.concentrate import Concentration
from spatial.districts import district_of
from spatial.places import Places
from spatial.study import Study

__all__ = ["AREA_COLUMNS", "quotient_areas", "rent_areas"]

AREA_COLUMNS: Final = ("id", "name", "name_en", "kind")
"""What names an area; `kind` is "place" or "district"."""


def quotient_areas(study: Study, found: Concentration, places: Places | None) -> gpd.GeoDataFrame:
    """
    Location quotient of each place and district that has one, the highest first.

    Parameters
    ----------
    study
        Whose districts they are.
    found
        Their quotients.
    places
        Those `found` was made with.

    Returns
    -------
    geopandas.GeoDataFrame
        Columns AREA_COLUMNS, what `quotient_table` says, lat and lon (of the peak of a place, of
        a point inside a district) and geometry, WGS-84.
    """
    tables = {"place": found.places, "district": found.districts}
    parts = []
    for kind, areas in _areas(study, places).items():
        told = tables[kind]
        held = areas[areas["id"].isin(told.index)]
        own = told.loc[held["id"]].reset_index(drop=True)
        parts.append(_joined(held, own, kind)[own["lq"].notna().to_numpy()])
    return _stacked(parts, by="lq", ascending=False)


def rent_areas(
    study: Study, rents: pd.DataFrame, people: pd.Series, places: Places | None
) -> gpd.GeoDataFrame:
    """
    Median rent of each place and district that has one, the cheapest first.

    Parameters
    ----------
    study
        Whose districts they are.
    rents
        As `rent_table` gives them.
    people
        Graduates by cell.
    places
        At home; at work where homes are not counted.

    Returns
    -------
    geopandas.GeoDataFrame
        Columns AREA_COLUMNS, rent (median of the cells with a known rent, each counted by its
        graduates), graduates (of all its cells), cells (with a known rent), lat, lon and
        geometry, WGS-84.
    """
    parts = []
    for kind, areas in _areas(study, places).items():
        if kind == "place" and places is not None:
            member = places.member.reindex(rents.index)
        else:
            member = district_of(rents.index, study.layer("districts"))
        own = pd.DataFrame(
            [_median(rents[(member == one).to_numpy(dtype=bool)], people) for one in areas["id"]],
            columns=["rent", "graduates", "cells"],
        )
        parts.append(_joined(areas, own, kind)[own["cells"].to_numpy() > 0])
    return _stacked(parts, by="rent", ascending=True)


def _median(cells: pd.DataFrame, people: pd.Series) -> tuple[float, float, int]:
    """Median rent over cells by their graduates, all graduates, cells that were counted."""
    known = cells[cells["rent"].notna()]
    weight = people.reindex(known.index).fillna(0.0).to_numpy()
    if not len(known) or not weight.sum():
        return np.nan, np.nan, 0
    rent = known["rent"].to_numpy()
    order = np.argsort(rent, kind="stable")
    reached = np.cumsum(weight[order]) >= weight.sum() / 2
    median = float(rent[order][int(np.argmax(reached))])
    return median, float(people.reindex(cells.index).fillna(0.0).sum()), len(known)


def _areas(study: Study, places: Places | None) -> dict[str, gpd.GeoDataFrame]:
    """Places and districts as they stand: id, names, lat, lon and outline."""
    columns = ["id", "name", "name_en", "lat", "lon", "geometry"]
    found = {} if places is None else {"place": places.table[columns]}
    layer = study.layer("districts")
    if len(layer):
        inside = layer.geometry.representative_point()
        found["district"] = layer.assign(lat=inside.y, lon=inside.x)[columns]
    return found


def _joined(areas: gpd.GeoDataFrame, told: pd.DataFrame, kind: str) -> pd.DataFrame:
    held = areas.reset_index(drop=True)
    named = held[["id", "name", "name_en"]].astype("str").assign(kind=kind)
    where: Any = held[["lat", "lon", "geometry"]]
    found: pd.DataFrame = pd.concat([named, told, pd.DataFrame(where)], axis=1)
    return found


def _stacked(parts: list[pd.DataFrame], *, by: str, ascending: bool) -> gpd.GeoDataFrame:
    if not parts:
        empty = pd.DataFrame(columns=[*AREA_COLUMNS, by, "lat", "lon", "geometry"])
        return gpd.GeoDataFrame(empty, geometry="geometry", crs=4326)
    table = pd.concat(parts, ignore_index=True)
    table = table.sort_values(by, ascending=ascending, kind="stable", ignore_index=True)
    return gpd.GeoDataFrame(table, geometry="geometry", crs=4326)
