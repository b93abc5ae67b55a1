"""Rent of each cell: the median of its listings or its neighbours', else the mean of its zones."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
import pandas as pd

from spatial import cells as h3cells
from spatial.cells import Cells
from spatial.question import QuestionError
from spatial.rent_listings import (
    ALL,
    Per,
    listing_year,
    listings_of,
    rent_kinds,
    rolled_up,
    zones_of,
)
from spatial.rent_near import near_medians
from spatial.rent_pay import affordability, affordable, affordable_rent
from spatial.rent_zones import zone_means, zone_shares
from spatial.study import Study

__all__ = [
    "ALL",
    "LEAST",
    "NO_BAND",
    "RINGS",
    "Per",
    "affordability",
    "affordable",
    "affordable_rent",
    "listing_year",
    "rent_bands",
    "rent_edges_fault",
    "rent_kinds",
    "rent_table",
]

LEAST: Final = 5
"""Listings that the median of a cell must rest on."""
RINGS: Final = 3
"""Rings around a cell that are searched for them."""
NO_BAND: Final = -1
"""Band of a cell whose rent is not known."""
_MOST_RINGS: Final = 10


def rent_table(
    study: Study,
    *,
    year: int,
    resolution: int | None = None,
    kind: str = ALL,
    per: Per = "month",
    least: int = LEAST,
    rings: int = RINGS,
) -> pd.DataFrame:
    """
    Rent of each cell of the study area, and what it rests on.

    A cell with `least` listings has their median and looks no further. Any other has the median
    of all listings in the smallest disk of cells around it that holds `least`, at most `rings`
    steps away; listings just outside the study area count. Where even that holds fewer, the cell
    takes the mean of the zones it lies in, by area, if the study has such figures; else nothing.

    Parameters
    ----------
    study
        Its layer of rents: listings at points, figures of polygons, or both.
    year
        Of its rents the nearest year is taken; `listing_year` tells which.
    resolution
        H3 resolution to roll up to; None is the study's own.
    kind, per
        As for `listings_of`. Medians of "all" kinds by the month mix rooms and whole homes.
    least
        Listings that a median must rest on, 1 or more.
    rings
        Rings that may be looked at, 0 to 10.

    Returns
    -------
    pandas.DataFrame
        Index `cell` (uint64, sorted). Columns `rent` (in the study's currency a month, NaN where
        unknown), `low` and `high` (95 % interval of the median by order statistics; NaN below
        five listings and for zones), `listings` (how many it rests on, 0 where unknown, NaN for
        zones), `rings` (0 the cell itself or its zones, -1 where unknown) and `zone` (whether it
        is the mean of zones). `attrs` holds year, kind, per, least, rings and, by reason, the
        listings that could not be used.

    Raises
    ------
    QuestionError
        When the study has no rents, or none of that kind, or a choice is out of its range.
    """
    _check(least=least, rings=rings)
    cells = _cells(study, resolution)
    listings = listings_of(study, year=year, kind=kind, per=per)
    at = rolled_up(listings.cell, cells)
    table = near_medians(cells, at, listings.rent, least=least, rings=rings)
    table["listings"] = table["listings"].astype(np.float64)
    zones = zones_of(study, year=year, kind=kind, per=per)
    table["zone"] = False
    if len(zones.rent):
        shares = zone_shares(cells, zones.shapes)
        means = zone_means(shares, zones.shape, zones.rent, zones=len(zones.shapes))
        taken = (table["rings"] < 0).to_numpy() & ~np.isnan(means)
        table.loc[taken, "rent"] = means[taken]
        table.loc[taken, "listings"] = np.nan
        table.loc[taken, "rings"] = 0
        table["zone"] = taken
    left_out = {
        reason: listings.left_out.get(reason, 0) + zones.left_out.get(reason, 0)
        for reason in (*listings.left_out, *zones.left_out)
    }
    table.attrs = {
        "year": listing_year(study, year),
        "kind": kind,
        "per": per,
        "least": least,
        "rings": rings,
        "left_out": left_out,
    }
    return table


def rent_bands(rents: pd.Series, edges: Sequence[float]) -> pd.Series:
    """
    Number of the band of each rent: 0 below the first edge, as many as edges from the last on.

    Bands are half open: a rent of exactly an edge belongs to the band that begins there.

    Parameters
    ----------
    rents
        Rents, such as `rent_table` gives them.
    edges
        Rents in ascending order that part the bands, each above 0; the study's own are
        `study.info.rent_edges`.

    Returns
    -------
    pandas.Series
        Named "band", int8, on the index of `rents`; -1 where the rent is NaN.

    Raises
    ------
    QuestionError
        When the edges do not ascend, or one is not above 0.
    """
    limits = np.asarray(list(edges), dtype=np.float64)
    if fault := rent_edges_fault(edges):
        raise QuestionError(fault)
    if len(limits) > np.iinfo(np.int8).max:
        raise QuestionError(f"rent bands need 127 edges at most, found {len(limits)}")
    values = rents.to_numpy(dtype=np.float64, na_value=np.nan)
    band = np.searchsorted(limits, values, side="right")
    found = np.where(np.isnan(values), NO_BAND, band).astype(np.int8)
    return pd.Series(found, index=rents.index, name="band")


def rent_edges_fault(edges: Sequence[float]) -> str:
    """What is wrong with edges of rent bands, "" where nothing is: they ascend from above 0."""
    limits = np.asarray(list(edges), dtype=np.float64)
    if np.isfinite(limits).all() and (limits > 0).all() and (np.diff(limits) > 0).all():
        return ""
    told = ", ".join(f"{one:g}" for one in limits)
    return f"edges of rent bands must ascend from above 0, found {told}"


def _check(*, least: int, rings: int) -> None:
    if least < 1:
        raise QuestionError(f"a rent must rest on 1 listing or more, found {least}")
    if not 0 <= rings <= _MOST_RINGS:
        raise QuestionError(f"rings must be 0 to {_MOST_RINGS}, found {rings}")


def _cells(study: Study, resolution: int | None) -> Cells:
    own = study.info.resolution
    if resolution is None or resolution == own or not len(study.area):
        return study.area
    if not 0 <= resolution < own:
        raise QuestionError(
            f"resolution must be {own}, that of {study.info.name}, or coarser, found {resolution}"
        )
    return np.unique(h3cells.parents(study.area, resolution=resolution))
