"""The graduates of the synthetic city: where each of them lives, and where each works."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from spatial.sources.beijing.drawing import magnets, pockets
from spatial.sources.beijing.fabric import Fabric
from spatial.sources.beijing.land import Field, even_texture
from spatial.sources.beijing.matching import matched
from spatial.sources.beijing.terrain import Floats, plane_km, smooth_noise

__all__ = ["ARRIVALS", "STAYERS", "YEARS", "People", "counts_of", "flows_of", "graduates"]

STAYERS: Final = {2022: 91_000, 2023: 88_000, 2024: 84_000, 2025: 82_000}
"""Graduates of Beijing universities who stay to work, by year."""

ARRIVALS: Final = {2022: 155_000, 2023: 140_000, 2024: 126_000, 2025: 119_000}
"""Graduates who come from elsewhere to work, by year: they fall faster than the stayers."""

YEARS: Final = tuple(STAYERS)
_GROUPS: Final = {"stayers": STAYERS, "arrivals": ARRIVALS}

_MOST_OF_BASE: Final = 0.1  # of all residents or jobs of a cell, for each group
_WORK_REST: Final = 40.0  # weight of workplaces that follow all jobs, the magnets' being about 72
_THIN: Final = {"residence": 6e-6, "work": 1.0e-5}  # share of a group under which a cell is left


@dataclass(frozen=True)
class People:
    """One row per graduate of one year and group: rows of the field, shape (n,) each."""

    year: int
    group: str
    home: NDArray[np.int64]
    work: NDArray[np.int64]


def graduates(
    city: Fabric,
    *,
    stations: gpd.GeoDataFrame,
    links: gpd.GeoDataFrame,
    campuses: gpd.GeoDataFrame,
    rents: gpd.GeoDataFrame,
    rng: np.random.Generator,
) -> Iterator[People]:
    """
    Every graduate of every year with a home and a workplace, group by group.

    Homes follow pockets, campuses, rail and rent, workplaces the magnets and all other jobs;
    the two are brought together by the minutes between them.
    """
    land = city.field
    texture = {
        role: even_texture(land, strength=strength, rng=rng)
        for role, strength in (("residence", 0.50), ("work", 0.20))
    }
    lived = _lived(city, stations=stations, rents=rents, rng=rng)
    for year in YEARS:
        running = _running(stations, links, year=year)
        for group, totals in _GROUPS.items():
            homes = _homes(city, lived, campuses, year=year, group=group) * texture["residence"]
            works = _works(city, year=year, group=group) * texture["work"]
            home, work = matched(
                land,
                _kept(homes, city.residents / totals[year], thin=_THIN["residence"]),
                _kept(works, city.jobs / totals[year], thin=_THIN["work"]),
                heads=totals[year],
                stations=running[0],
                links=running[1],
                rng=rng,
            )
            yield People(year, group, home, work)


def counts_of(people: list[People], city: Fabric, *, rebased: int) -> pd.DataFrame:
    """
    Graduates by group and base per cell, role and year: the table `counts` of a study.

    From the year `rebased` on, jobs are counted on the new basis.
    """
    tables = []
    for year in YEARS:
        jobs = city.jobs if year >= rebased else city.old_jobs
        for role, base in (("residence", city.residents), ("work", jobs)):
            table = pd.DataFrame({"cell": city.field.cells, "role": role, "year": year})
            table["base"] = base.astype(np.int32)
            for one in people:
                if one.year == year:
                    rows = one.home if role == "residence" else one.work
                    table[one.group] = np.bincount(rows, minlength=len(table)).astype(np.int32)
            table["graduates"] = sum(table[group] for group in _GROUPS)
            tables.append(table[(table["base"] > 0) | (table["graduates"] > 0)])
    return pd.concat(tables, ignore_index=True)


def flows_of(people: list[People], city: Fabric) -> pd.DataFrame:
    """Graduates from home cell to work cell by year: the table `flows` of a study."""
    tables = []
    for year in YEARS:
        same = [one for one in people if one.year == year]
        home = np.concatenate([one.home for one in same])
        work = np.concatenate([one.work for one in same])
        pair, heads = np.unique(home * len(city.field.cells) + work, return_counts=True)
        table = pd.DataFrame({"origin": city.field.cells[pair // len(city.field.cells)]})
        table["destination"] = city.field.cells[pair % len(city.field.cells)]
        table["year"] = year
        table["graduates"] = heads.astype(np.int32)
        tables.append(table)
    return pd.concat(tables, ignore_index=True)


def _works(city: Fabric, *, year: int, group: str) -> Floats:
    """Share of a group's workplaces in each cell, before texture, shape (n,)."""
    land, jobs = city.field, city.jobs.astype(np.float64)
    bearing = np.arctan2(land.x, land.y)
    # Leaning north-west, north-east and due east.
    lean = sum(np.exp(3 * (np.cos(bearing - np.radians(way)) - 1)) for way in (-45, 45, 90))
    rest = jobs**1.45 * (0.5 + lean)
    share = np.zeros(len(jobs))
    for one in magnets():
        weight = one.share[year] * (one.stayers if group == "stayers" else 1.0)
        near, closeness = city.bent.kernel(one.lat, one.lon, width_km=one.width_km)
        spread = closeness * jobs[near] ** 1.3
        share[near] += weight * spread / spread.sum()
    return np.asarray(share + _WORK_REST * rest / rest.sum())


def _homes(
    city: Fabric, lived: Floats, campuses: gpd.GeoDataFrame, *, year: int, group: str
) -> Floats:
    """Share of a group's homes in each cell, before texture, shape (n,)."""
    land, residents = city.field, city.residents.astype(np.float64)
    share = np.zeros(len(residents))
    for one in pockets():
        weight = one.share[year] * (one.stayers if group == "stayers" else 1.0)
        near, closeness = city.bent.kernel(one.lat, one.lon, width_km=one.width_km)
        spread = closeness * residents[near] ** 0.5
        share[near] += weight * spread / spread.sum()
    edges = np.zeros(len(residents))
    where = zip(campuses.geometry.y, campuses.geometry.x, campuses["students"], strict=True)
    for lat, lon, students in where:
        near, closeness = city.bent.kernel(lat, lon, width_km=0.7)
        if len(near) and (spread := closeness * residents[near] ** 0.5).sum() > 0:
            edges[near] += students * spread / spread.sum()
    edge = (6.0 if group == "stayers" else 1.0) - 0.4 * (year - 2022)
    rest = lived * _drift(land, year=year)
    share += max(edge, 0.4) * edges / edges.sum()
    return np.asarray(share + (38 + 3.0 * (year - 2022)) * rest / rest.sum())


def _lived(
    city: Fabric,
    *,
    stations: gpd.GeoDataFrame,
    rents: gpd.GeoDataFrame,
    rng: np.random.Generator,
) -> Floats:
    """How graduates spread over homes outside the pockets: near rail, where rent is low."""
    land = city.field
    here = np.column_stack([land.x, land.y])
    rail = np.column_stack(plane_km(stations.geometry.y, stations.geometry.x))
    gap, _ = cKDTree(rail).query(here)
    anchors = np.column_stack(plane_km(rents.geometry.y, rents.geometry.x))
    away, nearest = cKDTree(anchors).query(here, k=4)
    close = 1 / (away + 0.5) ** 2
    rent = (rents["room_rent"].to_numpy()[nearest] * close).sum(axis=1) / close.sum(axis=1)
    taste = np.exp(0.22 * smooth_noise(land.x, land.y, scale_km=3.0, rng=rng))
    residents: Floats = city.residents.astype(np.float64) ** 0.75
    near = 0.6 + 0.4 * np.exp(-((gap / 0.9) ** 2))
    inward = np.exp(-np.maximum(land.radius_km - 14, 0) / 8)
    return np.asarray(residents * near * inward * np.exp(-(rent - 3000) / 4500) * taste)


def _drift(land: Field, *, year: int) -> Floats:
    """The signed trends of homes: outward, up in the south-east, down in the north-west."""
    since = year - 2022
    bearing = np.arctan2(land.x, land.y)
    south_east = np.cos(bearing - np.radians(135))
    return np.asarray(np.exp(since * (0.006 * (land.radius_km - 12) + 0.025 * south_east)))


def _running(
    stations: gpd.GeoDataFrame, links: gpd.GeoDataFrame, *, year: int
) -> tuple[gpd.GeoDataFrame, gpd.GeoDataFrame]:
    """Stations and links with trains in a year."""
    stands = (links["opened"] <= year) & ~(links["closed"] <= year)
    return stations[stations["opened"] <= year], links[stands]


def _kept(share: Floats, base: Floats, *, thin: float) -> Floats:
    """`share` no larger than a part of `base`, and 0 in cells too thin for anybody; sums to 1."""
    share = np.minimum(share / share.sum(), _MOST_OF_BASE * base)
    share = np.where(share < thin, 0, share)
    return np.asarray(share / share.sum())
