"""Names of places: from a gazetteer, else a station, else a district, else the position."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import ArrayLike, NDArray

from spatial import cells as h3cells
from spatial.geodesy import distance_km
from spatial.schema import LAYERS
from spatial.sources.beijing import gazetteer as beijing

__all__ = ["NAMED_BY", "borrow_gazetteer", "name_places", "slugs"]

NAMED_BY: Final = ("gazetteer", "station", "district", "position")
"""What a place may be named by, the best first."""

_STATION_KM: Final = 1.5  # a walk that still feels like the station's surroundings
_MIDDLE: Final = 0.2  # of a district's radius: nearer than this no direction is worth naming

# Clockwise from north.
_WINDS: Final = (
    ("北", "north"),
    ("东北", "north-east"),
    ("东", "east"),
    ("东南", "south-east"),
    ("南", "south"),
    ("西南", "south-west"),
    ("西", "west"),
    ("西北", "north-west"),
)


@dataclass(frozen=True)
class _Name:
    name: str
    name_en: str
    named_by: str


class _Known:
    """A layer of named things, how far each name reaches, and the point each stands at."""

    def __init__(self, layer: gpd.GeoDataFrame, reach_km: NDArray[np.float64]) -> None:
        points = layer.geometry.representative_point()
        self.names = list(zip(layer["name"], layer["name_en"], strict=True))
        self.lat, self.lon = points.y.to_numpy(), points.x.to_numpy()
        self.reach_km = reach_km

    def near(self, lat: float, lon: float) -> list[tuple[str, str, tuple[float, float]]]:
        """Names whose reach holds the point, with their own points, best fit first."""
        fit = distance_km(lat, lon, self.lat, self.lon) / self.reach_km
        rows = np.flatnonzero(fit <= 1)
        rows = rows[np.argsort(fit[rows], kind="stable")]
        return [(*self.names[row], (self.lat[row], self.lon[row])) for row in rows.tolist()]


def name_places(
    peaks: pd.DataFrame,
    *,
    gazetteer: gpd.GeoDataFrame,
    stations: gpd.GeoDataFrame | None = None,
    districts: gpd.GeoDataFrame | None = None,
) -> pd.DataFrame:
    """
    A name of its own for each place, from the best that is known near its peak.

    An entry of the gazetteer fits a peak within its reach, the better the smaller the distance
    is against that reach. Each entry names one place: the more prominent takes it, the next
    takes the next best, or the same name with a direction ("Wangjing (north)"). Where none
    fits, the nearest station within 1.5 km gives its name, then the district with a direction
    from its centre, then the position.

    Parameters
    ----------
    peaks
        `lat` and `lon` of each place's peak, degrees WGS-84, the most prominent first.
    gazetteer
        Layer "places": name, name_en, reach_km (km) and geometry; may be empty.
    stations, districts
        Layers of those names, or None.

    Returns
    -------
    pandas.DataFrame
        name, name_en and named_by ("gazetteer", "station", "district", "position"), on the
        index of `peaks`; no name twice.
    """
    taken: set[str] = set()
    found = []
    known = _Known(gazetteer, gazetteer["reach_km"].to_numpy(dtype=np.float64))
    stops = None if stations is None else _Known(stations, np.full(len(stations), _STATION_KM))
    for lat, lon in zip(peaks["lat"], peaks["lon"], strict=True):
        offers = _offers(lat, lon, gazetteer=known, stations=stops, districts=districts)
        name = next(offer for offer in offers if not _labels(offer) & taken)
        taken |= _labels(name)
        found.append((name.name, name.name_en, name.named_by))
    return pd.DataFrame(
        found, columns=["name", "name_en", "named_by"], index=peaks.index, dtype="str"
    )


def borrow_gazetteer(cells: ArrayLike) -> gpd.GeoDataFrame:
    """
    The packaged gazetteer that covers the middle of `cells`; an empty one where none does.

    Covers: the mean of the cells' centres lies within the hull of the gazetteer's entries.
    """
    lat, lon = h3cells.centres(cells)
    if len(lat):
        middle = shapely.Point(lon.mean(), lat.mean())
        for known, hull in _packaged():
            if shapely.contains(hull, middle):
                return known.copy()
    columns: dict[str, list[str]] = {column: [] for column in LAYERS["places"]}
    return gpd.GeoDataFrame(columns, geometry=[], crs="EPSG:4326")


@cache
def _packaged() -> tuple[tuple[gpd.GeoDataFrame, shapely.Geometry], ...]:
    """Every packaged gazetteer and the hull of its entries, read once: names are asked often."""
    return tuple((known, known.union_all().convex_hull) for known in (beijing.places(),))


def slugs(names: pd.Series) -> list[str]:
    """Each name as lower-case ASCII words joined by hyphens, numbered where two are alike."""
    found: list[str] = []
    for name in names:
        plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
        slug = re.sub(r"[^a-z0-9]+", "-", plain).strip("-") or "place"
        tries = (slug if number == 1 else f"{slug}-{number}" for number in range(1, 10**6))
        found.append(next(one for one in tries if one not in found))
    return found


def _offers(
    lat: float,
    lon: float,
    *,
    gazetteer: _Known,
    stations: _Known | None,
    districts: gpd.GeoDataFrame | None,
) -> Iterator[_Name]:
    """Every name that would do, the best first, without end."""
    yield from _from_gazetteer(lat, lon, gazetteer)
    if stations is not None:
        yield from _from_stations(lat, lon, stations)
    if districts is not None and len(districts):
        yield from _from_districts(lat, lon, districts)
    yield from _from_position(lat, lon)


def _from_gazetteer(lat: float, lon: float, gazetteer: _Known) -> Iterator[_Name]:
    near = gazetteer.near(lat, lon)
    for name, name_en, _ in near:
        yield _Name(name, name_en, "gazetteer")
    for name, name_en, point in near:
        wind, wind_en = _wind(point, (lat, lon))
        english = f"{name_en} ({wind_en})"
        yield _Name(english if name == name_en else f"{name} {wind}", english, "gazetteer")


def _from_stations(lat: float, lon: float, stations: _Known) -> Iterator[_Name]:
    for name, name_en, _ in stations.near(lat, lon):
        english = f"{name_en} station area"
        chinese = f"{name.removesuffix('站')}站周边"
        yield _Name(english if name == name_en else chinese, english, "station")


def _from_districts(lat: float, lon: float, districts: gpd.GeoDataFrame) -> Iterator[_Name]:
    holding = np.flatnonzero(districts.geometry.covers(shapely.Point(lon, lat)).to_numpy())
    if not len(holding):
        return
    row = districts.iloc[int(holding[0])]
    name, name_en, middle = row["name"], row["name_en"], row.geometry.centroid
    west, south, east, north = row.geometry.bounds
    radius = float(distance_km(south, west, north, east)) / 2
    if float(distance_km(middle.y, middle.x, lat, lon)) < _MIDDLE * radius:
        direction, direction_en = "中部", "centre"
    else:
        wind, direction_en = _wind((middle.y, middle.x), (lat, lon))
        direction = f"{wind}部"
    english = f"{name_en}, {direction_en}"
    for number in range(1, 10):
        last = "" if number == 1 else f" {number}"
        chinese = english if name == name_en else f"{name}{direction}"
        yield _Name(f"{chinese}{last}", f"{english}{last}", "district")


def _from_position(lat: float, lon: float) -> Iterator[_Name]:
    north, north_zh = ("N", "北纬") if lat >= 0 else ("S", "南纬")
    east, east_zh = ("E", "东经") if lon >= 0 else ("W", "西经")
    for digits in (2, 3, 4, 6):
        y, x = f"{abs(lat):.{digits}f}°", f"{abs(lon):.{digits}f}°"
        yield _Name(f"{north_zh}{y} {east_zh}{x}", f"{y} {north}, {x} {east}", "position")


def _wind(start: tuple[float, float], end: tuple[float, float]) -> tuple[str, str]:
    """One of eight directions from `start` to `end`, both latitude and longitude in degrees."""
    east = (end[1] - start[1]) * np.cos(np.radians(start[0]))
    turn = np.arctan2(east, end[0] - start[0]) / (np.pi / 4)
    return _WINDS[round(float(turn)) % 8]


def _labels(name: _Name) -> set[str]:
    return {name.name, name.name_en}
