"""Places: hot cells around a peak, as a planner would name them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final, TypeVar

import geopandas as gpd
import h3.api.numpy_int as h3
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from spatial import cells as h3cells
from spatial.classes import ClassRules, classify_places
from spatial.naming import borrow_gazetteer, name_places, slugs
from spatial.neighbours import Neighbours
from spatial.peaks import Peaks
from spatial.relief import FLOOR, relief
from spatial.schema import Role

__all__ = ["PLACE_COLUMNS", "Layers", "Places", "describe_places", "find_places", "outline"]

_Table = TypeVar("_Table", pd.Series, pd.DataFrame)

PLACE_COLUMNS: Final = (
    "id",
    "name",
    "name_en",
    "class",
    "graduates",
    "share",
    "prominence",
    "peak",
    "lat",
    "lon",
    "cells",
    "area_km2",
    "density",
    "q",
    "rank",
    "residence",
    "work",
    "residence_share",
    "work_share",
    "rule",
    "named_by",
    "geometry",
)
"""Columns of a table of places."""


@dataclass(frozen=True, eq=False)
class Places:
    """
    Places and the cells they hold.

    Parameters
    ----------
    table
        One row per place, the most prominent first, WGS-84.
    member
        Id of the place that holds each cell; only cells of places, so no cell twice.
    core
        Whether the cell belongs to the core of its place, where the surface is at least half
        as high as at the peak; on the index of `member`.
    """

    table: gpd.GeoDataFrame
    member: pd.Series
    core: pd.Series

    def __repr__(self) -> str:
        people, share = self.table["graduates"].sum(), self.table["share"].sum()
        return (
            f"Places({len(self.table)} places of {len(self.member):,} cells,"
            f" {people:,.0f} graduates, {share:.1%} of all)"
        )


@dataclass(frozen=True, eq=False)
class Layers:
    """What a study knows besides counts, for names and classes; None where it does not."""

    gazetteer: gpd.GeoDataFrame | None = None
    stations: gpd.GeoDataFrame | None = None
    districts: gpd.GeoDataFrame | None = None
    campuses: gpd.GeoDataFrame | None = None


def find_places(
    counts: pd.Series,
    hotspots: pd.DataFrame,
    neighbours: Neighbours,
    *,
    top: int = 20,
    min_prominence: float = 0.0,
    smoothing_k: int | None = None,
    floor: float = FLOOR,
) -> Places:
    """
    The most prominent peaks of the smoothed counts, with the hot cells around them.

    The surface is the mean count within `smoothing_k` steps. A peak's prominence is its height
    above the highest saddle leading to a higher peak. A place is made of the hot cells that
    hang together with its peak, stand above the highest saddle leading to any other kept peak,
    and above `floor` times the peak. Two places cannot share a cell: the way between their
    peaks through it would lie above the highest way there is.

    Parameters
    ----------
    counts
        Graduates per cell under study, shape (n,), zeros included, in any order.
    hotspots
        Column "hotspot" of the same cells ("hot" is looked for), and "q" where known.
    neighbours
        Of the same cells, 1 step or more; places hang together by 1 step.
    top
        Most places to keep.
    min_prominence
        Least prominence to keep, in graduates per cell of the surface.
    smoothing_k
        Steps; None chooses a radius of about 0.9 km (1 at resolution 8, 3 at 9).
    floor
        Part of the peak's height below which a cell is no longer of its place.

    Returns
    -------
    Places
        With `id` the rank as text, and without names and classes (see `describe_places`).
        A peak that is not hot, as may be where the surface is smoother than the hotspots, gives
        way to the connected hot cells with the most graduates on its part of the surface, and
        the highest of them is the place's peak; a peak without hot cells within the steps of
        the surface makes no place, so a constant or an empty field has none.
    """
    counts, hotspots = _aligned(counts, neighbours.cells), _aligned(hotspots, neighbours.cells)
    hot = (hotspots["hotspot"] == "hot").to_numpy(dtype=np.bool_)
    found = relief(counts, neighbours, smoothing_k=smoothing_k)
    kept, extents = found.extents(hot, top=top, min_prominence=min_prominence, floor=floor)
    return _gathered(counts, hotspots, found.heights, peaks=found.peaks, kept=kept, extents=extents)


def describe_places(
    places: Places,
    *,
    role: Role,
    residence: pd.Series | None = None,
    work: pd.Series | None = None,
    layers: Layers | None = None,
    rules: ClassRules | None = None,
) -> Places:
    """
    `places` with ids, names and classes.

    Parameters
    ----------
    places
        As found; the order of rows decides who takes a name.
    role
        The role whose hotspots they are; ids read "work-wangjing".
    residence, work
        Graduates per cell in each role and the same year, for the class; None where not counted.
    layers
        For names and classes. Without a gazetteer the packaged one is borrowed where it covers
        the study.
    rules
        Thresholds of the classes.
    """
    layers = layers or Layers()
    counts = {"residence": residence, "work": work}
    table = places.table.assign(**_by_role(places, counts))
    gazetteer = layers.gazetteer
    if gazetteer is None:
        known = next((one for one in (work, residence) if one is not None), places.member)
        gazetteer = borrow_gazetteer(known.index)
    names = name_places(
        table, gazetteer=gazetteer, stations=layers.stations, districts=layers.districts
    )
    classes = classify_places(table, role=role, campuses=layers.campuses, rules=rules)
    ids = [f"{role}-{slug}" for slug in slugs(names["name_en"])]
    new_id = dict(zip(table["id"], ids, strict=True))
    table = table.assign(**names, **classes).assign(id=pd.array(ids, dtype="str"))
    return replace(
        places,
        table=table[list(PLACE_COLUMNS)],
        member=places.member.map(new_id).astype("str"),
    )


def outline(cells: NDArray[np.uint64]) -> shapely.MultiPolygon:
    """Union of the cells' hexagons, holes kept, longitude and latitude in degrees."""
    parts = h3.cells_to_h3shape(cells, tight=False).__geo_interface__["coordinates"]
    return shapely.MultiPolygon([shapely.Polygon(shell, holes) for shell, *holes in parts])


def _gathered(
    counts: pd.Series,
    hotspots: pd.DataFrame,
    heights: pd.Series,
    *,
    peaks: Peaks,
    kept: NDArray[np.int64],
    extents: list[NDArray[np.int64]],
) -> Places:
    ids = counts.index.to_numpy()
    ranks = np.arange(1, len(kept) + 1)
    place = pd.array(ranks.astype(str), dtype="str")
    peak = np.array([one[0] for one in extents], dtype=np.int64)
    lat, lon = h3cells.centres(ids[peak])
    members = np.concatenate([np.empty(0, dtype=np.int64), *extents])
    owner = np.repeat(np.arange(len(kept)), [len(one) for one in extents])
    total = float(counts.sum())
    amount, area = counts.to_numpy(dtype=np.float64), h3cells.area_km2(ids[members])
    graduates = np.bincount(owner, amount[members], minlength=len(kept))
    area_km2 = np.bincount(owner, area, minlength=len(kept))
    chance = hotspots["q"].to_numpy() if "q" in hotspots else np.full(len(ids), np.nan)
    table = gpd.GeoDataFrame(
        {
            "id": place,
            "graduates": graduates,
            "share": graduates / total if total else graduates,
            "prominence": peaks.prominence[kept],
            "peak": ids[peak],
            "lat": lat,
            "lon": lon,
            "cells": np.array([len(one) for one in extents], dtype=np.int64),
            "area_km2": area_km2,
            "density": np.divide(graduates, area_km2),
            "q": np.array([chance[one].min() for one in extents], dtype=np.float64),
            "rank": ranks,
        },
        geometry=[outline(ids[one]) for one in extents],
        crs="EPSG:4326",
    )
    index = pd.Index(ids[members], name="cell")
    core = heights.to_numpy()[members] >= peaks.height[kept][owner] / 2
    return Places(
        table,
        pd.Series(place.take(owner), index=index, name="place"),
        pd.Series(core, index=index, name="core"),
    )


def _by_role(places: Places, counts: dict[str, pd.Series | None]) -> dict[str, pd.Series]:
    """Graduates of each role in each place, and their part of all in that role."""
    found: dict[str, pd.Series] = {}
    for role, values in counts.items():
        inside = pd.Series(np.nan, index=places.table.index)
        share = inside
        if values is not None:
            here = values.reindex(places.member.index, fill_value=0)
            sums = here.groupby(places.member).sum()
            inside = places.table["id"].map(sums).astype(np.float64)
            share = inside / (float(values.sum()) or np.nan)
        found |= {role: inside, f"{role}_share": share}
    return found


def _aligned(table: _Table, cells: pd.Index) -> _Table:
    if table.index.equals(cells):
        return table
    odd = len(table.index.symmetric_difference(cells))
    if odd or len(table) != len(cells):
        raise ValueError(
            f"counts, hotspots and neighbours must be of the same cells, found {len(table)} and"
            f" {len(cells)}, of which {odd} differ"
        )
    return table.loc[cells]
