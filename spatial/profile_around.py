"""What an area has: rail within a walk, rents, and places with their kinds."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from spatial import cells as h3cells
from spatial.geodesy import distance_km
from spatial.info import Words
from spatial.kinds import Fired, kinds_of
from spatial.profile_row import Row, Subject
from spatial.profile_words import KIND_WORDS
from spatial.rail import near_rail
from spatial.rent import ALL, listing_year, rent_kinds
from spatial.rent_listings import listings_of, zones_of
from spatial.rent_near import median_interval_ranks
from spatial.rent_zones import zone_means, zone_shares
from spatial.schema import ROLES

__all__ = ["place_rows", "rail_rows", "rent_rows"]

_STATIONS: Final = 3
_FEWEST: Final = 5
_PLACES: Final = 5


def rail_rows(asked: Subject) -> Iterator[Row | Words]:
    """Share of graduates within 800 m of a station, stations inside, and the nearest ones."""
    network = asked.network
    if network is None:
        yield {"en": "stations that run in the year", "zh": "当年运营的轨道车站"}
        return
    lat, lon = h3cells.centres(asked.cells)
    near = near_rail(network, lat, lon)
    weight = np.zeros(len(lat))
    for role, end in zip(ROLES, ("home", "work"), strict=True):
        year = asked.year_of(role)
        if year is None:
            continue
        people = asked.study.series(role=role, year=year)["graduates"].to_numpy()[asked.inside]
        weight += people
        value = float(people[near].sum() / people.sum()) if people.sum() else np.nan
        note = {} if year == network.year else _rail_of(network.year)
        yield Row(
            section="rail",
            indicator=f"near_rail_{end}",
            year=year,
            value=value,
            unit="share",
            note=note,
        )
    cell = h3cells.points_to_cells(network.lat, network.lon, resolution=asked.study.info.resolution)
    held = asked.area.holds(network.lat, network.lon, cell)
    if not asked.whole:
        yield Row(
            section="rail",
            indicator="stations_inside",
            year=network.year,
            value=float(held.sum()),
            unit="count",
        )
        middle = _middle(lat, lon, weight)
        away = 1000 * distance_km(*np.broadcast_arrays(*middle, network.lat, network.lon))
        for row in np.argsort(away, kind="stable")[:_STATIONS]:
            yield Row(
                section="rail",
                indicator="station_from_middle",
                name=str(network.names[row]),
                name_en=str(network.names_en[row]),
                year=network.year,
                value=float(away[row]),
                unit="m",
            )
    else:
        yield Row(
            section="rail",
            indicator="stations",
            year=network.year,
            value=float(len(network)),
            unit="count",
        )


def rent_rows(asked: Subject) -> Iterator[Row | Words]:
    """Median rent of the listings in the area, of all kinds and of each; else its zones' mean."""
    lacking = {"en": "rents", "zh": "租金"}
    if asked.study.layer("rents").empty:
        yield lacking
        return
    kinds = rent_kinds(asked.study)
    told = False
    for kind in (ALL, *(kinds if len(kinds) > 1 else ())):
        rents = _listed(asked, kind)
        if len(rents):
            told = True
            yield _median(asked, kind, rents)
    if not told:
        mean = _zone_mean(asked)
        yield lacking if mean is None else mean


def place_rows(asked: Subject) -> Iterator[Row | Words]:
    """Places whose peak lies in the area, the largest of each role, with their kind and why."""
    for role in ROLES:
        places, year = asked.places[role], asked.year_of(role)
        if places is None or year is None:
            continue
        table = places.table
        held = asked.area.holds(table["lat"], table["lon"], table["peak"])
        if not held.any():
            continue
        kinds = kinds_of(
            asked.study,
            places,
            role=role,
            year=year,
            network=asked.network,
            work=asked.places["work"],
        )
        rows: Any = table[held].sort_values("graduates", ascending=False).head(_PLACES)
        for one in rows.itertuples():
            kind: Any = kinds.loc[one.id]
            yield Row(
                section="places",
                indicator=f"place_{role}",
                name=str(one.name),
                name_en=str(one.name_en),
                year=year,
                value=float(one.graduates),
                unit="people",
                note=_why(str(kind["kind"]), kind["fired"]),
            )


def _rail_of(year: int) -> Words:
    return {"en": f"by the rail of {year}", "zh": f"按{year}年轨道网络"}


def _middle(
    lat: NDArray[np.float64], lon: NDArray[np.float64], weight: NDArray[np.float64]
) -> tuple[float, float]:
    """Mean place of the graduates; of the cells where there are none."""
    heavy = weight if weight.sum() > 0 else np.ones(len(lat))
    return float(np.average(lat, weights=heavy)), float(np.average(lon, weights=heavy))


def _listed(asked: Subject, kind: str) -> NDArray[np.float64]:
    """Rents of the listings whose cell has its centre in the area, ascending."""
    found = listings_of(asked.study, year=asked.year, kind=kind)
    lat, lon = h3cells.centres(found.cell)
    return np.sort(found.rent[asked.area.holds(lat, lon, found.cell)])


def _median(asked: Subject, kind: str, rents: NDArray[np.float64]) -> Row:
    low = high = np.nan
    if len(rents) >= _FEWEST:
        below, above = median_interval_ranks(np.array([len(rents)]))
        low, high = float(rents[below[0]]), float(rents[above[0]])
    median = float(np.median(rents))
    few = len(rents) < _FEWEST
    band, chinese = _band(asked, median)
    return Row(
        section="rent",
        indicator="median_rent",
        name="" if kind == ALL else kind,
        name_en="" if kind == ALL else kind,
        year=listing_year(asked.study, asked.year),
        value=median,
        low=low,
        high=high,
        unit="rent",
        note={
            "en": f"{'only ' if few else ''}{len(rents)} listings{band}",
            "zh": f"{'仅' if few else ''}{len(rents)}条房源{chinese}",
        },
    )


def _zone_mean(asked: Subject) -> Row | None:
    """Mean by area of the zones' own figures."""
    study = asked.study
    zones = zones_of(study, year=asked.year)
    if not len(zones.rent):
        return None
    shares = zone_shares(study.area, zones.shapes)
    means = zone_means(shares, zones.shape, zones.rent, zones=len(zones.shapes))
    known = asked.inside & ~np.isnan(means)
    if not known.any():
        return None
    mean = float(np.average(means[known], weights=study.area_km2.to_numpy()[known]))
    count = int(np.isin(zones.shape, shares.zone[known[shares.cell]]).sum())
    band, chinese = _band(asked, mean)
    return Row(
        section="rent",
        indicator="zone_rent",
        year=listing_year(study, asked.year),
        value=mean,
        unit="rent",
        note={
            "en": f"mean by area of {count} zones' own figures{band}",
            "zh": f"{count}个分区自有数值按面积平均{chinese}",
        },
    )


def _band(asked: Subject, rent: float) -> tuple[str, str]:
    """The band of the study that a rent lies in, in words of each language."""
    edges = asked.study.info.rent_edges
    if not edges:
        return "", ""
    at = int(np.searchsorted(edges, rent, side="right"))
    if not at:
        return f"; band: below {edges[0]:,.0f}", f"；区间：低于{edges[0]:,.0f}"
    if at == len(edges):
        return f"; band: {edges[-1]:,.0f} or more", f"；区间：{edges[-1]:,.0f}及以上"
    low, high = f"{edges[at - 1]:,.0f}", f"{edges[at]:,.0f}"
    return f"; band: {low} to {high}", f"；区间：{low}至{high}"


def _why(kind: str, fired: tuple[Fired, ...]) -> Words:
    """The kind of a place, and the numbers that made it so."""
    reasons: dict[str, list[str]] = {"en": [], "zh": []}
    for one in fired:
        measure = KIND_WORDS[one.measure]
        for lang, name in (("en", one.name_en), ("zh", one.name)):
            figure = "" if np.isnan(one.value) else _figure(one)
            about = "" if pd.isna(name) or not name or one.measure == "gazetteer" else f" ({name})"
            reasons[lang].append(measure[lang].format(figure) + about)
    return {
        "en": KIND_WORDS[kind]["en"] + (f": {', '.join(reasons['en'])}" if fired else ""),
        "zh": KIND_WORDS[kind]["zh"] + (f"：{'，'.join(reasons['zh'])}" if fired else ""),
    }


def _figure(one: Fired) -> str:
    if not np.isfinite(one.value):
        return "∞"
    if one.measure in ("share", "nearer_share"):
        return f"{one.value:.1%}"
    return f"{one.value:.2g}" if one.value < 10 else f"{one.value:.0f}"
