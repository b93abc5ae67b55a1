"""Labels: which place, district, area or coarse cell each end of the flows belongs to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from spatial import cells as h3cells
from spatial.areas import Area
from spatial.naming import borrow_gazetteer, name_places
from spatial.pairs import Pairs
from spatial.places import Layers, Places

__all__ = [
    "ELSEWHERE",
    "LABEL_COLUMNS",
    "Labels",
    "Side",
    "coarse_cells",
    "ends_in",
    "ends_of",
    "middles",
    "named",
    "people_at",
]

Side = Literal["home", "work"]
"""The end of a flow that is meant: where people live, or where they work."""

ELSEWHERE: Final = "elsewhere"
LABEL_COLUMNS: Final = ("id", "name", "name_en", "kind")

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Labels:
    """
    What each end of the flows is called.

    Parameters
    ----------
    code
        Row of `table` for each end, -1 for an end elsewhere, shape (m,).
    table
        Columns id, name, name_en and kind ("place", "district", "drawn", "study" or "cell"),
        shape (k, 4), index 0 to k - 1. A coarse cell has no name until `named` gives it one.
    """

    code: Ints
    table: pd.DataFrame

    def __len__(self) -> int:
        return len(self.table)


def ends_in(pairs: Pairs, areas: Sequence[Area]) -> Labels:
    """The first of `areas` that holds each end."""
    code = np.full(len(pairs.lat), -1, dtype=np.int64)
    for row, area in enumerate(areas):
        free = np.flatnonzero(code < 0)
        held = area.holds(pairs.lat[free], pairs.lon[free], pairs.cell[free])
        code[free[held]] = row
    rows = [(one.id or one.kind, one.name, one.name_en, one.kind) for one in areas]
    return Labels(code, _table(rows))


def ends_of(
    pairs: Pairs, *, places: Places | None = None, districts: gpd.GeoDataFrame | None = None
) -> Labels:
    """
    The place that holds each end, else its district, else elsewhere.

    Parameters
    ----------
    pairs
        Flows, of whose m ends the labels are.
    places
        Of homes for the ends people live at, of work for those they work at. None or empty
        where there are none. Their cells may be coarser than the ends'.
    districts
        As a study brings them. An end on a shared edge is in the district that stands last.
    """
    code = np.full(len(pairs.lat), -1, dtype=np.int64)
    rows: list[tuple[str, str, str, str]] = []
    if places is not None and len(places.table):
        code = _place_codes(pairs, places)
        rows += _rows(places.table, kind="place")
    if districts is not None and len(districts):
        tree = shapely.STRtree(districts.geometry.to_numpy())
        free = np.flatnonzero(code < 0)
        at = shapely.points(pairs.lon[free], pairs.lat[free])
        point, district = tree.query(at, predicate="intersects")
        last = np.full(len(free), -1, dtype=np.int64)
        np.maximum.at(last, point, district)
        code[free] = np.where(last >= 0, last + len(rows), -1)
        rows += _rows(districts, kind="district")
    return Labels(code, _table(rows))


def coarse_cells(pairs: Pairs, *, resolution: int, labels: Labels | None = None) -> Labels:
    """
    The coarser cell that holds each end which `labels` leave elsewhere; each end without them.

    Raises
    ------
    ValueError
        When `resolution` is finer than the cells of the ends.
    """
    code = np.full(len(pairs.lat), -1, dtype=np.int64) if labels is None else labels.code.copy()
    known = _table([]) if labels is None else labels.table
    free = np.flatnonzero(code < 0)
    if not len(free):
        return Labels(code, known)
    cells, at = np.unique(
        h3cells.parents(pairs.cell[free], resolution=resolution), return_inverse=True
    )
    code[free] = at + len(known)
    texts = [(str(one), "", "", "cell") for one in h3cells.to_text(cells)]
    return Labels(code, pd.concat([known, _table(texts)], ignore_index=True))


def people_at(pairs: Pairs, side: Side) -> Floats:
    """Graduates who live, or who work, at each end, shape (m,)."""
    rows = pairs.origin if side == "home" else pairs.destination
    return np.bincount(rows, pairs.graduates, minlength=len(pairs.lat)).astype(np.float64)


def middles(pairs: Pairs, labels: Labels, people: Floats) -> tuple[Floats, Floats]:
    """
    Mean latitude and longitude of the `people` of each label, degrees, each of shape (k,).

    Parameters
    ----------
    pairs, labels
        Flows between m ends, and k labels of these.
    people
        At each end, shape (m,). A label without any has NaN.
    """
    held = (labels.code >= 0) & (people > 0)
    code, weight = labels.code[held], people[held]
    # The way round from one of them, so that the date line does not cut a town in two.
    lon_0 = float(pairs.lon[held][0]) if len(code) else 0.0
    east = (pairs.lon[held] - lon_0 + 180) % 360 - 180
    total = np.bincount(code, weight, minlength=len(labels))
    with np.errstate(invalid="ignore"):
        lat = np.bincount(code, weight * pairs.lat[held], minlength=len(labels)) / total
        lon = np.bincount(code, weight * east, minlength=len(labels)) / total + lon_0
    return lat, (lon + 180) % 360 - 180


def named(table: pd.DataFrame, lat: Floats, lon: Floats, *, layers: Layers | None) -> pd.DataFrame:
    """
    `table` of labels with a name for each coarse cell, from the best known near its people.

    Parameters
    ----------
    table
        Rows of a table of labels, shape (k, 4); who stands first has the first choice.
    lat, lon
        Where the people of each are, degrees, each of shape (k,).
    layers
        Gazetteer, stations and districts; without a gazetteer the packaged one is borrowed
        where it covers the middle.
    """
    layers = layers or Layers()
    nameless = (table["name"] == "").to_numpy()
    if not nameless.any():
        return table
    gazetteer = layers.gazetteer
    if gazetteer is None:
        gazetteer = borrow_gazetteer(h3cells.points_to_cells(lat, lon, resolution=9))
    # Places that have a name take it before any cell near them can.
    order = np.argsort(nameless, kind="stable")
    found = name_places(
        pd.DataFrame({"lat": lat[order], "lon": lon[order]}, index=order),
        gazetteer=gazetteer,
        stations=layers.stations,
        districts=layers.districts,
    ).sort_index()
    kept = table.copy()
    for column in ("name", "name_en"):
        kept[column] = np.where(nameless, found[column], table[column])
    return kept


def _place_codes(pairs: Pairs, places: Places) -> Ints:
    member = places.member
    cells = pairs.cell
    if len(member) and len(cells):
        resolution = h3cells.resolution_of(member.index)
        if resolution < h3cells.resolution_of(cells):
            cells = h3cells.parents(cells, resolution=resolution)
    row_of = pd.Series(np.arange(len(places.table)), index=places.table["id"].astype(object))
    owner = pd.Series(row_of.reindex(member.astype(object)).to_numpy(), index=member.index)
    return owner.reindex(cells).fillna(-1).to_numpy(dtype=np.int64)


def _rows(table: pd.DataFrame, *, kind: str) -> list[tuple[str, str, str, str]]:
    texts = [
        (table[name] if name in table else table["id"]).astype(str) for name in LABEL_COLUMNS[:3]
    ]
    return [(*row, kind) for row in zip(*texts, strict=True)]


def _table(rows: Sequence[tuple[str, ...]]) -> pd.DataFrame:
    return pd.DataFrame(list(rows), columns=list(LABEL_COLUMNS), dtype="str")
