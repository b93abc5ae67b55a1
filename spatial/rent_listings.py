"""Rents asked: the listings and zones of one year and kind, by the month, square metre or room."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal, get_args

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from spatial import cells as h3cells
from spatial.cells import Cells
from spatial.question import QuestionError
from spatial.study import Study

__all__ = [
    "ALL",
    "PERS",
    "ROOM",
    "ZONE",
    "Listings",
    "Per",
    "Zones",
    "listing_year",
    "listings_of",
    "rent_kinds",
    "rolled_up",
    "zones_of",
]

Per = Literal["month", "m2", "room"]
"""What a rent is for: the home as it is let, a square metre of it, or a room; a month each."""
PERS: Final[tuple[Per, ...]] = get_args(Per)
"""All of these."""

ALL: Final = "all"
"""Every kind of listing."""
ROOM: Final = "room"
"""The kind of a listing that lets one room of a shared flat: its rent is that of a room."""
ZONE: Final = "zone"
"""The kind of a zone's own figure, such as the median rent of a tract."""

_AREAL: Final = (shapely.GeometryType.POLYGON, shapely.GeometryType.MULTIPOLYGON)


@dataclass(frozen=True, eq=False)
class Listings:
    """
    Rents asked at points.

    Parameters
    ----------
    cell
        Cell of each at the study's own resolution, shape (n,).
    rent
        In the study's currency a month, for what was asked (`Per`), all above 0, shape (n,).
    left_out
        Listings of that year and kind that cannot be used, by reason.
    """

    cell: Cells
    rent: NDArray[np.float64]
    left_out: Mapping[str, int]


@dataclass(frozen=True, eq=False)
class Zones:
    """
    Rents that stand for polygons.

    Parameters
    ----------
    shapes
        Every polygon of the study's rents, of whatever year, each once, degrees WGS-84.
    shape
        Row of `shapes` of each figure, shape (n,).
    rent
        As in `Listings`, shape (n,).
    left_out
        As in `Listings`.
    """

    shapes: NDArray[np.object_]
    shape: NDArray[np.int64]
    rent: NDArray[np.float64]
    left_out: Mapping[str, int]


def listing_year(study: Study, year: int) -> int:
    """
    The year with rents that is nearest to `year`; of two as near, the earlier.

    Raises
    ------
    QuestionError
        When the study has no rents.
    """
    years = _rents(study)["year"].astype(int).unique().tolist()
    return int(min(years, key=lambda one: (abs(one - year), one)))


def rent_kinds(study: Study) -> tuple[str, ...]:
    """Kinds of listing in the study, by name; none where it has no rents."""
    return tuple(sorted(set(study.layer("rents")["kind"].astype(str))))


def listings_of(study: Study, *, year: int, kind: str = ALL, per: Per = "month") -> Listings:
    """
    Rents asked at points in the year nearest to `year`.

    Parameters
    ----------
    study
        Its layer of rents.
    year
        As `listing_year` takes it.
    kind
        One of `rent_kinds`, or "all" of them together.
    per
        "month": the rent as asked. "m2": rent over area, of listings with an area. "room": rent
        over rooms, of whole homes with a number of rooms; a shared room's rent is that of a room.

    Raises
    ------
    QuestionError
        When the study has no rents, or none of that kind.
    """
    rents, shapes = _asked(study, year=year, kind=kind)
    rows = rents[shapely.get_type_id(shapes) == shapely.GeometryType.POINT]
    rent, why = _rent_for(rows, per)
    known = ~np.isnan(rent)
    points = rows.geometry.to_numpy()[known]
    cell = h3cells.points_to_cells(
        shapely.get_y(points), shapely.get_x(points), resolution=study.info.resolution
    )
    return Listings(cell, rent[known], why)


def zones_of(study: Study, *, year: int, kind: str = ALL, per: Per = "month") -> Zones:
    """
    Rents that stand for polygons in the year nearest to `year`; takes and raises as `listings_of`.

    Rents of a zone are its own figure, so that those by the square metre or room need a study
    whose zones have an area or a number of rooms.
    """
    rents, shapes = _asked(study, year=year, kind=kind)
    areal = np.isin(shapely.get_type_id(shapes), _AREAL)
    rent, why = _rent_for(rents[areal], per)
    known = ~np.isnan(rent)
    everywhere = study.layer("rents").geometry.to_numpy()
    every = np.isin(shapely.get_type_id(everywhere), _AREAL)
    binary = shapely.to_wkb(everywhere[every])
    code, _ = pd.factorize(binary)
    _, first = np.unique(code, return_index=True)
    asked = np.flatnonzero(every).searchsorted(rents.index.to_numpy()[areal][known])
    return Zones(everywhere[every][first], code[asked].astype(np.int64), rent[known], why)


def rolled_up(at: Cells, cells: Cells) -> Cells:
    """
    Ancestors of listings' cells at the resolution of `cells`.

    Not the cell at that resolution in which the point lies: H3's cells do not nest exactly, and
    a listing is to lie where the graduates of its cell are counted.
    """
    if not len(cells) or not len(at):
        return at
    return h3cells.parents(at, resolution=h3cells.resolution_of(cells[:1]))


def _rents(study: Study) -> gpd.GeoDataFrame:
    rents = study.layer("rents")
    if rents.empty:
        raise QuestionError(f"rents need listings or zones, {study.info.name} has none")
    return rents.reset_index(drop=True)


def _asked(study: Study, *, year: int, kind: str) -> tuple[gpd.GeoDataFrame, NDArray[np.object_]]:
    """Rows of the study's rents of one year and kind, by their number, and their shapes."""
    rents = _rents(study)
    if kind != ALL and kind not in (known := rent_kinds(study)):
        raise QuestionError(f"kind must be one of {', '.join((ALL, *known))}, found {kind}")
    chosen = rents["year"].astype(int) == listing_year(study, year)
    if kind != ALL:
        chosen &= rents["kind"].astype(str) == kind
    found = rents[chosen]
    return found, found.geometry.to_numpy()


def _rent_for(rows: pd.DataFrame, per: Per) -> tuple[NDArray[np.float64], dict[str, int]]:
    """Rent of each row, NaN where it cannot be told, and how many of these for which reason."""
    if per not in PERS:
        raise QuestionError(f"per must be one of {', '.join(PERS)}, found {per}")
    rent = _above_zero(rows, "rent")
    why = {"without a rent": int(np.isnan(rent).sum())}
    if per == "m2":
        size = _above_zero(rows, "area_m2")
        why["without an area"] = int((~np.isnan(rent) & np.isnan(size)).sum())
        rent = rent / size
    elif per == "room":
        shared = (rows["kind"].astype(str) == ROOM).to_numpy()
        rooms = np.where(shared, 1.0, _above_zero(rows, "rooms"))
        why["without a number of rooms"] = int((~np.isnan(rent) & np.isnan(rooms)).sum())
        rent = rent / rooms
    return rent, {reason: count for reason, count in why.items() if count}


def _above_zero(rows: pd.DataFrame, column: str) -> NDArray[np.float64]:
    """One column as numbers, NaN where it is missing, 0, below 0 or infinite."""
    if column not in rows:
        return np.full(len(rows), np.nan)
    values = pd.to_numeric(rows[column], errors="coerce").to_numpy(np.float64, na_value=np.nan)
    return np.where((values > 0) & np.isfinite(values), values, np.nan)
