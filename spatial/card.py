"""Card: what is known of one place, on one page."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from spatial import cells as h3cells
from spatial.geodesy import distance_km
from spatial.places import Places
from spatial.question import Question, QuestionError
from spatial.rent_listings import listing_year, zones_of
from spatial.rent_zones import zone_means, zone_shares
from spatial.study import Study

__all__ = ["Card", "Rent", "Walk", "card"]

_WALK_M_PER_MIN: Final = 80
_NEAR_KM: Final = 1.0
_FEW_LISTINGS: Final = 5
_TOP_FLOWS: Final = 5
_KM_PER_DEGREE: Final = 111.2


@dataclass(frozen=True)
class Walk:
    """The nearest station, and the walk to it from the place's peak, as the crow flies."""

    name: str
    name_en: str
    lines: str
    distance_km: float
    minutes: float


@dataclass(frozen=True)
class Rent:
    """
    Median monthly rent of the listings in or near a place, in the study's currency.

    `band` holds the study's edges around the median: from the first, below the second; None
    where there is no edge on that side. `near` tells that listings within 1 km were added,
    because the place itself has few. `zone` tells that there are none near, and that the rent is
    the mean by area of so many zones' own figures.
    """

    median: float
    band: tuple[float | None, float | None]
    listings: int
    year: int
    near: bool
    zone: bool = False


@dataclass(frozen=True, eq=False)
class Card:
    """
    One place: its row, its years, and what lies around it.

    Parameters
    ----------
    place
        Its row of the table of places.
    by_year
        Index year; graduates in the cells of the place, and their share of all, in every year
        in which its role was counted.
    walk, rent
        None where the study has no stations, or no listings near.
    flows
        Where the people of a work place live, or those of a residence place work: name,
        name_en, kind ("place", "district", "elsewhere"), graduates and share of the place's
        flows, largest first; empty where the study has no flows.
    """

    place: pd.Series
    by_year: pd.DataFrame
    walk: Walk | None
    rent: Rent | None
    flows: pd.DataFrame


def card(
    study: Study,
    question: Question,
    places: Places,
    place_id: str,
    *,
    others: Places | None = None,
) -> Card:
    """
    What is known of one place.

    Parameters
    ----------
    study, question, places
        What was asked, and the places it gave.
    place_id
        One of the ids of `places`.
    others
        Places of the other role, to tell where flows come from or go to; without them, and
        outside them, districts do.

    Raises
    ------
    QuestionError
        When there is no such place.
    """
    rows = places.table[places.table["id"] == place_id]
    if rows.empty:
        raise QuestionError(f"there is no place {place_id} in {question.year}")
    place = rows.iloc[0]
    inside = _cells_inside(study, question, places.member.index[places.member == place_id])
    return Card(
        place=place,
        by_year=_by_year(study, question, inside),
        walk=_walk(study, question, place),
        rent=_rent(study, question, place.geometry, inside),
        flows=_flows(study, question, inside, others=others),
    )


def _cells_inside(study: Study, question: Question, held: pd.Index) -> h3cells.Cells:
    """Cells of the study's own resolution in the place."""
    if question.resolution is None or question.resolution == study.info.resolution:
        return h3cells.as_cells(held)
    parents = h3cells.parents(study.area, resolution=question.resolution)
    return study.area[np.isin(parents, held.to_numpy())]


def _by_year(study: Study, question: Question, inside: h3cells.Cells) -> pd.DataFrame:
    column = "graduates" if question.group == "all" else question.group
    counts = study.counts.loc[study.counts["role"] == question.role, ["cell", "year", column]]
    total = counts.groupby("year")[column].sum()
    here = counts[np.isin(counts["cell"].to_numpy(), inside)].groupby("year")[column].sum()
    graduates = here.reindex(total.index, fill_value=0.0).astype(float)
    share = graduates / total.where(total > 0)
    return pd.DataFrame({"graduates": graduates, "share": share})


def _walk(study: Study, question: Question, place: pd.Series) -> Walk | None:
    stations = study.layer("stations")
    opened = pd.to_numeric(stations["opened"], errors="coerce")
    stations = stations[opened.isna() | (opened <= question.year)]
    if stations.empty:
        return None
    points = stations.geometry.representative_point()
    away = distance_km(place["lat"], place["lon"], points.y.to_numpy(), points.x.to_numpy())
    nearest = stations.iloc[int(np.argmin(away))]
    km = float(np.min(away))
    return Walk(
        name=str(nearest["name"]),
        name_en=str(nearest["name_en"]),
        lines=_listed(nearest["lines"]),
        distance_km=km,
        minutes=km * 1000 / _WALK_M_PER_MIN,
    )


def _listed(lines: object) -> str:
    return ", ".join(map(str, lines)) if isinstance(lines, list | np.ndarray) else str(lines)


def _rent(
    study: Study, question: Question, outline: shapely.Geometry, inside: h3cells.Cells
) -> Rent | None:
    rents = study.layer("rents")
    if rents.empty:
        return None
    year = listing_year(study, question.year)
    points = shapely.get_type_id(rents.geometry.to_numpy()) == shapely.GeometryType.POINT
    rents = rents[points & (rents["year"].astype(int) == year).to_numpy()]
    west, south, east, north = shapely.bounds(outline).tolist()
    wide = _NEAR_KM / _KM_PER_DEGREE / np.cos(np.radians((south + north) / 2))
    high = _NEAR_KM / _KM_PER_DEGREE
    listings = rents.cx[west - wide : east + wide, south - high : north + high]
    shapely.prepare(outline)
    held = listings[shapely.intersects(outline, listings.geometry.to_numpy())]
    near = len(held) < _FEW_LISTINGS
    if near:
        held = listings[_within_km(listings, outline)]
    if held.empty:
        return None if points.all() else _zone_rent(study, year, inside)
    median = float(held["rent"].median())
    return Rent(median, _band(study, median), len(held), year, near)


def _zone_rent(study: Study, year: int, inside: h3cells.Cells) -> Rent | None:
    """Mean of the zones' figures in the cells of a place."""
    zones = zones_of(study, year=year)
    shares = zone_shares(study.area, zones.shapes)
    means = zone_means(shares, zones.shape, zones.rent, zones=len(zones.shapes))
    here = np.isin(study.area, inside)
    if not (known := here & ~np.isnan(means)).any():
        return None
    mean = float(means[known].mean())
    held = np.isin(zones.shape, shares.zone[here[shares.cell]])
    return Rent(mean, _band(study, mean), int(held.sum()), year, near=False, zone=True)


def _band(study: Study, rent: float) -> tuple[float | None, float | None]:
    """Edges of the study around a rent."""
    edges = (None, *study.info.rent_edges, None)
    at = int(np.searchsorted(study.info.rent_edges, rent, side="right"))
    return edges[at], edges[at + 1]


def _within_km(listings: gpd.GeoDataFrame, outline: shapely.Geometry) -> list[bool]:
    """Whether each listing lies within 1 km of the outline."""
    points = listings.geometry.representative_point()
    lines = [shapely.shortest_line(outline, point) for point in points]
    ends = np.array([shapely.get_coordinates(line)[0] for line in lines]).reshape(-1, 2)
    away = distance_km(ends[:, 1], ends[:, 0], points.y.to_numpy(), points.x.to_numpy())
    return [bool(one) for one in np.asarray(away) <= _NEAR_KM]


def _flows(
    study: Study, question: Question, inside: h3cells.Cells, *, others: Places | None
) -> pd.DataFrame:
    here, there = (
        ("destination", "origin") if question.role == "work" else ("origin", "destination")
    )
    flows = study.flows
    flows = flows[flows["year"] == question.year]
    flows = flows[np.isin(flows[here].to_numpy(), inside)]
    ends = flows.groupby(there)["graduates"].sum()
    named = _named(study, question, h3cells.as_cells(ends.index), others=others)
    named["graduates"] = ends.to_numpy()
    found = named.groupby(["name", "name_en", "kind"])["graduates"].sum().reset_index()
    total = float(found["graduates"].sum())
    found["share"] = found["graduates"] / total if total else found["graduates"]
    order = ["graduates", "name_en"]
    return found.sort_values(order, ascending=[False, True], ignore_index=True).head(_TOP_FLOWS)


def _named(
    study: Study, question: Question, cells: h3cells.Cells, *, others: Places | None
) -> pd.DataFrame:
    """Name of the place that holds each cell, else of its district, else "elsewhere"."""
    named = pd.DataFrame(
        {"name": "其他", "name_en": "elsewhere", "kind": "elsewhere"},
        index=range(len(cells)),
        dtype=object,
    )
    districts = study.layer("districts")
    if len(districts) and len(cells):
        lat, lon = h3cells.centres(cells)
        point, row = districts.sindex.query(shapely.points(lon, lat), predicate="intersects")
        point, first = np.unique(point, return_index=True)
        rows = districts.iloc[row[first]]
        named.loc[point, "name"] = rows["name"].to_numpy()
        named.loc[point, "name_en"] = rows["name_en"].to_numpy()
        named.loc[point, "kind"] = "district"
    if others is not None and len(others.member) and len(cells):
        coarse = cells
        if question.resolution is not None and question.resolution < study.info.resolution:
            coarse = h3cells.parents(cells, resolution=question.resolution)
        place = others.member.reindex(coarse)
        inside = np.flatnonzero(place.notna())
        rows = others.table.set_index("id").loc[place.iloc[inside]]
        named.loc[inside, "name"] = rows["name"].to_numpy()
        named.loc[inside, "name_en"] = rows["name_en"].to_numpy()
        named.loc[inside, "kind"] = "place"
    return named
