"""Cheapness: whether graduates live where rents are low, by cell and by residential pocket."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from spatial import cells as h3cells
from spatial.blocks import FEWEST, blocks_of
from spatial.places import Places
from spatial.quotients import quotient_table
from spatial.study import Study

__all__ = ["CHEAPNESS_COLUMNS", "Rank", "RentReading", "pockets_are_cheap", "rent_reading"]

Floats = NDArray[np.float64]
Mask = NDArray[np.bool_]

CHEAPNESS_COLUMNS: Final = (
    "kind",
    "per",
    "year",
    "inside",
    "outside",
    "median_inside",
    "median_outside",
    "ratio",
    "low",
    "high",
)
"""Columns of a reading as a table."""

_TAIL: Final = 0.025
_COARSER: Final = 2
_FEW: Final = 5
_DRAWS: Final = 300


@dataclass(frozen=True)
class Rank:
    """Spearman's rank correlation with its 95 % interval, from neighbourhoods drawn anew."""

    rho: float
    low: float
    high: float
    n: int
    """Cells that were ranked."""


@dataclass(frozen=True, eq=False)
class RentReading:
    """
    Graduates at home against rent.

    Parameters
    ----------
    bands
        One row a rent band: low_rent, high_rent (the first has no low, the last no high: NaN),
        cells, what `quotient_table` says, share_graduates and share_base. All compare with those
        in cells with a known rent.
    rank
        Of the location quotient on rent over cells: below 0, more graduates where it is cheap.
    """

    bands: pd.DataFrame
    rank: Rank


def rent_reading(
    graduates: pd.Series,
    base: pd.Series,
    rents: pd.Series,
    *,
    edges: Sequence[float],
    least: float = 1.0,
    rng: np.random.Generator | None = None,
    draws: int = _DRAWS,
) -> RentReading:
    """
    Whether graduates are more, against all residents, where rents are low.

    Parameters
    ----------
    graduates, base
        At home, per cell, shape (n,), on one index.
    rents
        Rent of each cell; cells without one, and without base, are left out of everything.
    edges
        Of the rent bands, ascending; a band holds its lower edge.
    least
        Fewest graduates the base must lead one to expect for a cell to be ranked: the quotients
        of smaller ones are noise, which draws every correlation to 0.
    rng, draws
        Neighbourhoods are drawn anew this often for the interval of the rank correlation;
        without a generator it is NaN.

    References
    ----------
    Spearman, C. (1904). The proof and measurement of association between two things. American
    Journal of Psychology 15(1), 72-101. Davison, A. C. & Hinkley, D. V. (1997). Bootstrap
    methods and their application. Cambridge University Press, section 3.8 (whole groups).
    """
    rent = rents.reindex(graduates.index)
    known = (rent.notna() & (base > 0)).to_numpy()
    people, under, rent = graduates[known], base[known], rent[known]
    band = pd.Series(np.searchsorted(edges, rent, side="right"), index=rent.index, name="band")
    table = quotient_table(people, under, by=band, least=least)
    table = table.reindex(pd.RangeIndex(len(edges) + 1, name="band"))
    table["verdict"] = table["verdict"].fillna("none")
    table[["graduates", "base"]] = table[["graduates", "base"]].fillna(0.0)
    table.insert(0, "low_rent", [np.nan, *edges])
    table.insert(1, "high_rent", [*edges, np.nan])
    table.insert(2, "cells", np.bincount(band, minlength=len(edges) + 1))
    for name in ("graduates", "base"):
        table[f"share_{name}"] = table[name] / (table[name].sum() or np.nan)
    cells = quotient_table(people, under, least=least)
    ranked = (cells["expected"] >= least).to_numpy()
    return RentReading(table, _rank(cells["lq"][ranked], rent[ranked], rng=rng, draws=draws))


def pockets_are_cheap(
    study: Study,
    places: Places,
    *,
    year: int,
    rng: np.random.Generator,
    classes: Sequence[str] = ("residential_pocket",),
    draws: int = 1000,
) -> pd.DataFrame:
    """
    Median rent of the listings in the pockets over that of all other listings.

    Parameters
    ----------
    study
        Whose listings they are.
    places
        Residence places, of any resolution.
    year
        The nearest year with listings is taken, the earlier of two.
    rng, draws
        Neighbourhoods of listings, two resolutions coarser than the places' cells, are drawn
        anew this often for the interval: listings next door are alike.
    classes
        Of the places that are pockets.

    Returns
    -------
    pandas.DataFrame
        Columns CHEAPNESS_COLUMNS: one row for all listings by "month", and for each kind by
        "month" and, where areas are known, by "m2": the area of a room and that of a flat do not
        compare. Listings inside and outside, their median rents, and the
        ratio of these with its 95 % interval: the pockets are cheap where `high` is below 1.
        Ratio NaN with fewer than 5 listings on a side, its interval with fewer than 10
        neighbourhoods. Empty where the study has no listings.
    """
    listings, year = _of_year(study.layer("rents"), year)
    if listings.empty or not len(places.member):
        return pd.DataFrame(columns=list(CHEAPNESS_COLUMNS))
    cells = _cells_of(listings, h3cells.resolution_of(places.member.index))
    pockets = places.table.loc[places.table["class"].isin(list(classes)), "id"]
    inside = np.isin(cells, places.member.index[places.member.isin(pockets)])
    kinds = listings["kind"].astype(str).to_numpy()
    rent = listings["rent"].to_numpy(dtype=np.float64)
    area = pd.to_numeric(listings["area_m2"], errors="coerce").to_numpy(np.float64, na_value=np.nan)
    per_m2 = np.divide(rent, area, out=np.full(len(rent), np.nan), where=area > 0)
    rows = []
    for kind in ("all", *sorted(set(kinds))):
        for per, values in (("month", rent), ("m2", per_m2)):
            held = np.isfinite(values) & ((kinds == kind) | (kind == "all"))
            if held.any() and (kind, per) != ("all", "m2"):
                told = _ratio(values[held], inside[held], cells[held], rng=rng, draws=draws)
                rows.append((kind, per, year, *told))
    return pd.DataFrame(rows, columns=list(CHEAPNESS_COLUMNS))


def _of_year(listings: gpd.GeoDataFrame, year: int) -> tuple[gpd.GeoDataFrame, int]:
    shapes = listings.geometry
    listings = listings[~(shapes.isna() | shapes.is_empty) & listings["rent"].notna()]
    if listings.empty:
        return listings, year
    years = listings["year"].astype(int)
    near = min(years.unique(), key=lambda one: (abs(one - year), one))
    return listings[(years == near).to_numpy()], int(near)


def _cells_of(listings: gpd.GeoDataFrame, resolution: int) -> h3cells.Cells:
    points = listings.geometry.representative_point()
    return h3cells.points_to_cells(points.y, points.x, resolution=resolution)


def _ratio(
    values: Floats, inside: Mask, cells: h3cells.Cells, *, rng: np.random.Generator, draws: int
) -> tuple[float, ...]:
    """Listings inside and outside, both medians, their ratio and its interval."""
    sizes = (int(inside.sum()), int((~inside).sum()))
    if min(sizes) < _FEW:
        medians = [
            float(np.median(values[one])) if one.any() else np.nan for one in (inside, ~inside)
        ]
        return (*sizes, *medians, np.nan, np.nan, np.nan)
    one, other = float(np.median(values[inside])), float(np.median(values[~inside]))
    coarse = max(h3cells.resolution_of(cells) - _COARSER, 0)
    blocks = blocks_of(cells, np.ones(len(cells), dtype=np.bool_), resolution=coarse)
    low = high = np.nan
    if blocks.count >= FEWEST:
        found = np.full(draws, np.nan)
        for rows, times in blocks.draws(draws, rng=rng):
            weight = times[:, blocks.block]
            found[rows] = _medians(values[inside], weight[:, inside]) / _medians(
                values[~inside], weight[:, ~inside]
            )
        low, high = _interval(found)
    return (*sizes, one, other, one / other, low, high)


def _medians(values: Floats, times: Floats) -> Floats:
    """Median of `values` (n,), each taken as often as a row of `times` (draws, n) says."""
    order = np.argsort(values, kind="stable")
    below = np.cumsum(times[:, order], axis=1)
    half = below[:, -1:] / 2
    last = len(values) - 1
    lower = values[order][np.minimum((below < half).sum(axis=1), last)]
    upper = values[order][np.minimum((below <= half).sum(axis=1), last)]
    return np.where(half[:, 0] > 0, (lower + upper) / 2, np.nan)


def _rank(lq: pd.Series, rents: pd.Series, *, rng: np.random.Generator | None, draws: int) -> Rank:
    n = len(lq)
    x, y = (np.unique(one, return_inverse=True)[1] for one in (lq, rents))
    rho = _spearman(x, y, np.ones(n))
    if rng is None or not np.isfinite(rho):
        return Rank(rho, np.nan, np.nan, n)
    cells = h3cells.as_cells(lq.index)
    coarse = max(h3cells.resolution_of(cells) - _COARSER, 0)
    blocks = blocks_of(cells, np.ones(n, dtype=np.bool_), resolution=coarse)
    if blocks.count < FEWEST:
        return Rank(rho, np.nan, np.nan, n)
    found = [
        _spearman(x, y, row[blocks.block])
        for _, times in blocks.draws(draws, rng=rng)
        for row in times
    ]
    return Rank(rho, *_interval(np.array(found)), n)


def _spearman(x: NDArray[np.int64], y: NDArray[np.int64], times: Floats) -> float:
    """Rank correlation of two codes of order (n,), each pair taken `times` over."""
    total = times.sum()
    if not total > 0:
        return float("nan")
    away = [_ranks(one, times) - (total + 1) / 2 for one in (x, y)]
    spread = np.sqrt(times @ away[0] ** 2) * np.sqrt(times @ away[1] ** 2)
    return float(times @ (away[0] * away[1]) / spread) if spread > 0 else float("nan")


def _ranks(codes: NDArray[np.int64], times: Floats) -> Floats:
    """Rank of each row, ties at the middle of theirs, each row taken `times` over."""
    held = np.bincount(codes, times)
    return np.asarray((np.cumsum(held) - (held - 1) / 2)[codes])


def _interval(drawn: Floats) -> tuple[float, float]:
    sound = drawn[np.isfinite(drawn)]
    if not len(sound):
        return np.nan, np.nan
    low, high = np.quantile(sound, (_TAIL, 1 - _TAIL))
    return float(low), float(high)
