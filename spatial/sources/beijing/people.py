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

from spatial import cells as h3cells
from spatial.sources.beijing.drawing import magnets, pockets
from spatial.sources.beijing.fabric import Fabric, Field
from spatial.sources.beijing.terrain import Floats, plane_km, smooth_noise
from spatial.sources.beijing.travel import minutes_between

__all__ = ["ARRIVALS", "STAYERS", "YEARS", "People", "counts_of", "flows_of", "graduates"]

STAYERS: Final = {2022: 91_000, 2023: 88_000, 2024: 84_000, 2025: 82_000}
"""Graduates of Beijing universities who stay to work, by year."""

ARRIVALS: Final = {2022: 155_000, 2023: 140_000, 2024: 126_000, 2025: 119_000}
"""Graduates who come from elsewhere to work, by year: they fall faster than the stayers."""

YEARS: Final = tuple(STAYERS)
_GROUPS: Final = {"stayers": STAYERS, "arrivals": ARRIVALS}

_ZONE: Final = 8  # resolution at which homes and workplaces are brought together
_WILLING_MINUTES: Final = 44.0  # beyond this, willingness to travel falls away
_PER_MINUTE: Final = 0.02  # how it falls before
_ROUNDS: Final = 12
_WORK_REST: Final = 25.0  # weight of workplaces that follow all jobs, the magnets' being about 72
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
    who lives where works where is a doubly constrained gravity model over door-to-door minutes,
    from which people are drawn one by one.
    """
    land = city.field
    texture = {
        role: _even_texture(land, strength=strength, rng=rng)
        for role, strength in (("residence", 0.50), ("work", 0.20))
    }
    lived = _lived(city, stations=stations, rents=rents, rng=rng)
    for year in YEARS:
        running = _running(stations, links, year=year)
        for group, totals in _GROUPS.items():
            homes = _homes(city, lived, campuses, year=year, group=group) * texture["residence"]
            works = _works(city, year=year, group=group) * texture["work"]
            yield _drawn(
                land,
                _kept(homes, thin=_THIN["residence"]),
                _kept(works, thin=_THIN["work"]),
                running=running,
                people=(year, group, totals[year]),
                rng=rng,
            )


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
        spread = closeness * (residents[near] + 20) ** 0.3
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
    return np.asarray(np.exp(since * (0.005 * (land.radius_km - 12) + 0.015 * south_east)))


def _even_texture(land: Field, *, strength: float, rng: np.random.Generator) -> Floats:
    """
    Texture from cell to cell that evens out over a cell and its neighbours, shape (n,).

    A block of flats stands beside a school: single cells differ, places do not.
    """
    noise = rng.standard_normal(len(land.cells))
    cell, neighbour = h3cells.disk_pairs(land.cells, k=1)
    row = np.searchsorted(land.cells, neighbour).clip(max=len(noise) - 1)
    there = land.cells[row] == neighbour
    around = np.bincount(cell[there], noise[row[there]]) / np.bincount(cell[there])
    return np.asarray(np.exp(strength * (noise - around)))


def _running(
    stations: gpd.GeoDataFrame, links: gpd.GeoDataFrame, *, year: int
) -> tuple[gpd.GeoDataFrame, gpd.GeoDataFrame]:
    """Stations and links with trains in a year."""
    stands = (links["opened"] <= year) & ~(links["closed"] <= year)
    return stations[stations["opened"] <= year], links[stands]


def _kept(share: Floats, *, thin: float) -> Floats:
    """`share` without the cells too thin for anybody; sums to 1."""
    share = share / share.sum()
    share = np.where(share < thin, 0, share)
    return np.asarray(share / share.sum())


def _drawn(
    land: Field,
    homes: Floats,
    works: Floats,
    *,
    running: tuple[gpd.GeoDataFrame, gpd.GeoDataFrame],
    people: tuple[int, str, int],
    rng: np.random.Generator,
) -> People:
    """Homes and workplaces of one group of one year, drawn zone by zone, then cell by cell."""
    year, group, heads = people
    zone = h3cells.parents(land.cells, resolution=_ZONE)
    home, work = _Ends(land, homes, zone), _Ends(land, works, zone)
    minutes = minutes_between(home.middle, work.middle, stations=running[0], links=running[1])
    pairs = _balanced(_willing(minutes), home.share, work.share)
    cumulated = np.cumsum(pairs, dtype=np.float64)
    drawn = np.searchsorted(cumulated, rng.random(heads) * cumulated[-1], side="right")
    drawn = np.minimum(drawn, pairs.size - 1)
    return People(
        year,
        group,
        home.cell(drawn // len(work.share), rng),
        work.cell(drawn % len(work.share), rng),
    )


class _Ends:
    """The zones at one end of the commute: where they are, and which cell within them."""

    def __init__(self, land: Field, share: Floats, zone: h3cells.Cells) -> None:
        used = np.flatnonzero(share)
        self._rows = used[np.argsort(zone[used], kind="stable")]
        _, start = np.unique(zone[self._rows], return_index=True)
        weight = share[self._rows]
        self._cumulated = np.concatenate([[0.0], np.cumsum(weight)])
        self._start = np.append(start, len(weight))
        self.share = np.add.reduceat(weight, start)
        self.middle = (
            np.add.reduceat(weight * land.x[self._rows], start) / self.share,
            np.add.reduceat(weight * land.y[self._rows], start) / self.share,
        )

    def cell(self, zone: NDArray[np.int64], rng: np.random.Generator) -> NDArray[np.int64]:
        """Row of the field drawn within each zone, shape (n,)."""
        low, high = self._start[zone], self._start[zone + 1]
        first, last = self._cumulated[low], self._cumulated[high]
        place = np.searchsorted(
            self._cumulated, first + rng.random(len(zone)) * (last - first), side="right"
        )
        return np.asarray(self._rows[np.clip(place - 1, low, high - 1)])


def _willing(minutes: NDArray[np.float32]) -> NDArray[np.float32]:
    late = np.minimum((minutes - _WILLING_MINUTES) / 7, 40)
    return np.asarray(np.exp(-_PER_MINUTE * minutes) / (1 + np.exp(late)), dtype=np.float32)


def _balanced(affinity: NDArray[np.float32], home: Floats, work: Floats) -> NDArray[np.float32]:
    """`affinity` scaled by rows and columns until its margins are `home` and `work`."""
    right = np.ones(len(work), dtype=np.float32)
    left = np.ones(len(home), dtype=np.float32)
    for _ in range(_ROUNDS):
        left = (home / (affinity @ right)).astype(np.float32)
        right = (work / (left @ affinity)).astype(np.float32)
    return affinity * left[:, None] * right[None, :]
