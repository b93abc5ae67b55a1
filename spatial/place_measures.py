"""Measures of places: what the rules of their kinds go by."""

from __future__ import annotations

from typing import Any, Final

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.sparse.csgraph import shortest_path

from spatial import cells as h3cells
from spatial.analysis import series_table
from spatial.geodesy import distance_km
from spatial.places import Places
from spatial.question import Question
from spatial.rail import Network, minutes_matrix, nearest_station, terminals
from spatial.study import Study

__all__ = ["home_measures", "jobs_to_homes", "work_measures"]

Floats = NDArray[np.float64]

_WORDS: Final = ("", "_en")


def work_measures(places: Places) -> pd.DataFrame:
    """Share of all graduates at work, and `jobs_to_homes`, of each place of work; index id."""
    return pd.DataFrame(
        {"share": places.table["share"].astype(float), "jobs_to_homes": jobs_to_homes(places)}
    ).set_axis(_ids(places))


def jobs_to_homes(places: Places) -> pd.Series:
    """
    A place's share of all graduates at work over its share of all at home.

    inf where nobody lives, NaN where either role was not counted or there is nobody at all.
    """
    work, homes = (places.table[f"{one}_share"].astype(float) for one in ("work", "residence"))
    return pd.Series(work / homes, name="jobs_to_homes")


def home_measures(
    study: Study,
    places: Places,
    *,
    year: int,
    network: Network | None,
    work: Places | None,
    magnet_share: float,
) -> pd.DataFrame:
    """
    What there is around each residence place, seen from its peak.

    Parameters
    ----------
    study, places, year
        Residence places of that year of the study.
    network
        The rail of the year, or None.
    work
        Places of work of the year, or None.
    magnet_share
        Least share of all graduates at work that makes one of these a magnet.

    Returns
    -------
    pandas.DataFrame
        Index id. campus_km to the nearest campus, `campus` and `campus_en` its names;
        station_m to the nearest station, end_stations from there to the nearest end of a line,
        `end` and `end_en` its names; core_density (graduates per km2 of the core) and
        density_ratio, over that of the middle place; gazetteer_kind, "" where the study's own
        gazetteer does not know the place; magnet_km and magnet_minutes to the nearest magnet,
        `magnet` and `magnet_en` (the nearest by minutes where there is rail); centre_km and
        nearer_share, the part of the base, or of graduates without one, that lives nearer to
        the study's centre; base_density (per km2) and base_density_ratio, over what the middle
        resident lives at; jobs_to_homes. NaN and "" where unknown.
    """
    columns: dict[str, Any] = {}
    columns |= _campuses(study, places.table)
    columns |= _line_ends(network, places.table)
    columns |= _densities(study, places, year)
    columns |= {"gazetteer_kind": _gazetteer_kinds(study, places.table)}
    columns |= _magnets(places.table, network, work, least=magnet_share)
    columns |= {"jobs_to_homes": jobs_to_homes(places).to_numpy()}
    return pd.DataFrame(columns, index=_ids(places))


def _ids(places: Places) -> pd.Index:
    ids: pd.Index = pd.Index(places.table["id"].astype(str), name="id")
    return ids


def _at(table: pd.DataFrame) -> tuple[Floats, Floats]:
    lat, lon = (table[one].to_numpy(dtype=np.float64) for one in ("lat", "lon"))
    return lat, lon


def _campuses(study: Study, places: gpd.GeoDataFrame) -> dict[str, Any]:
    campuses = study.layer("campuses")
    campuses = campuses[~(campuses.geometry.isna() | campuses.geometry.is_empty)]
    points = campuses.geometry.representative_point()
    km = _matrix_km(places, points.y.to_numpy(), points.x.to_numpy())
    return _nearest(km, campuses, value="campus_km", name="campus")


def _line_ends(network: Network | None, places: gpd.GeoDataFrame) -> dict[str, Any]:
    n = len(places)
    found: dict[str, Any] = {"station_m": np.full(n, np.nan), "end_stations": np.full(n, np.nan)}
    found |= {f"end{word}": [""] * n for word in _WORDS}
    if network is None or not len(network) or not n:
        return found
    station, found["station_m"] = nearest_station(network, *_at(places))
    ends = terminals(network)
    if not len(ends):
        return found
    stops = shortest_path(network.neighbours, directed=False, unweighted=True, indices=ends)
    stops = stops[:, station]
    nearest, row = stops.min(axis=0), ends[stops.argmin(axis=0)]
    led = np.isfinite(nearest)
    found["end_stations"] = np.where(led, nearest, np.nan)
    found["end"] = np.where(led, network.names[row], "")
    found["end_en"] = np.where(led, network.names_en[row], "")
    return found


def _densities(study: Study, places: Places, year: int) -> dict[str, Any]:
    """Density of the core, distance from the centre, and density of the base."""
    ids, member = places.table["id"].astype(str), places.member
    names = ("core_density", "density_ratio", "centre_km", "nearer_share")
    if not len(member) or year not in study.years_of("residence"):
        nothing = np.full(len(ids), np.nan)
        return dict.fromkeys((*names, "base_density", "base_density_ratio"), nothing)
    asked = Question(year=year, role="residence", resolution=h3cells.resolution_of(member.index))
    table = series_table(study, asked)
    table["km2"] = h3cells.area_km2(table.index)
    inside = table.reindex(member.index)
    owner = member.astype(str)
    core = inside[places.core.to_numpy()].groupby(owner[places.core.to_numpy()]).sum()
    whole = inside.groupby(owner).sum(min_count=1)
    core_density = (core["graduates"] / core["km2"]).reindex(ids).to_numpy()
    base_density = (whole["base"] / whole["km2"]).reindex(ids).to_numpy()
    known = bool(table["base"].notna().any())
    weight = table["base" if known else "graduates"].fillna(0.0).to_numpy()
    centre_lat, centre_lon = study.centre
    away = distance_km(centre_lat, centre_lon, *h3cells.centres(table.index))
    km = distance_km(centre_lat, centre_lon, *_at(places.table))
    order = np.argsort(away, kind="stable")
    below = np.concatenate([[0.0], np.cumsum(weight[order])])
    nearer = below[np.searchsorted(away[order], km, side="left")]
    usual = _weighted_median((table["base"] / table["km2"]).to_numpy(), weight) if known else np.nan
    return {
        "core_density": core_density,
        "density_ratio": core_density / (np.median(core_density) or np.nan),
        "centre_km": km,
        "nearer_share": nearer / (below[-1] or np.nan),
        "base_density": base_density,
        "base_density_ratio": base_density / (usual or np.nan),
    }


def _gazetteer_kinds(study: Study, places: pd.DataFrame) -> list[str]:
    """What the study's own gazetteer calls each place it names."""
    gazetteer = study.layer("places")
    kinds = dict(zip(gazetteer["name"].astype(str), gazetteer["kind"].astype(str), strict=True))
    named = places["named_by"].astype(str) == "gazetteer"
    return [
        kinds.get(str(name), "") if by_gazetteer else ""
        for name, by_gazetteer in zip(places["name"], named, strict=True)
    ]


def _magnets(
    places: gpd.GeoDataFrame, network: Network | None, work: Places | None, *, least: float
) -> dict[str, Any]:
    nobody = places.iloc[:0]
    magnets = nobody if work is None else work.table[(work.table["share"] >= least).to_numpy()]
    km = _matrix_km(places, *_at(magnets))
    found = _nearest(km, magnets, value="magnet_km", name="magnet")
    found["magnet_minutes"] = np.full(len(places), np.nan)
    if network is not None and km.size:
        minutes = minutes_matrix(network, *_at(places), *_at(magnets)).astype(np.float64)
        found |= _nearest(minutes, magnets, value="magnet_minutes", name="magnet")
    return found


def _matrix_km(places: gpd.GeoDataFrame, lat: Floats, lon: Floats) -> Floats:
    """Kilometres from each place to each of k points, shape (n, k)."""
    if not len(lat) or not len(places):
        return np.empty((len(places), len(lat)))
    from_lat, from_lon = _at(places)
    km: Floats = distance_km(from_lat[:, None], from_lon[:, None], lat[None], lon[None])
    return km


def _nearest(values: Floats, table: pd.DataFrame, *, value: str, name: str) -> dict[str, Any]:
    """Least value of each row (n, k), and the names of the row of `table` it stands for."""
    n, k = values.shape
    if not n or not k:
        return {value: np.full(n, np.nan)} | {f"{name}{word}": [""] * n for word in _WORDS}
    best = values.argmin(axis=1)
    names = {f"{name}{word}": table[f"name{word}"].to_numpy(dtype=object)[best] for word in _WORDS}
    return {value: values[np.arange(n), best], **names}


def _weighted_median(values: Floats, weight: Floats) -> float:
    """Value at which half of the weight is reached; NaN without weight."""
    held = weight > 0
    if not held.any():
        return float("nan")
    order = np.argsort(values[held], kind="stable")
    below = np.cumsum(weight[held][order])
    return float(values[held][order][np.searchsorted(below, below[-1] / 2)])
