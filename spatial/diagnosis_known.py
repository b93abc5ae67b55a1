"""What is known of a place, to hold unlabelled positions against: points, names and districts."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from spatial import cells as h3cells
from spatial.chords import vectors

if TYPE_CHECKING:
    from spatial.study import Study

__all__ = ["NOTHING", "Known", "known_in", "plain"]

Floats = NDArray[np.float64]

_PAD: Final = 0.5  # of the extent of what is known, on every side
_LEAST_PAD: Final = 0.3  # degrees
_DEGREE_M: Final = 111_195.0
_STEP_M: Final = 20.0
_MOST_STEPS: Final = 300_000
_KIND: Final = re.compile(r"(?<=..)(?:自治区|自治县|[区县市]|\s+(?:district|county|city))$")


@dataclass(frozen=True, eq=False)
class Known:
    """
    What is known, in degrees WGS-84.

    Parameters
    ----------
    lat, lon
        Points about which people crowd, such as stations, shape (k,).
    called
        Things with a name: columns name, lat and lon; None where no namesakes are sought.
    districts
        Polygons with a column `name`, and `id` and `name_en` where known; None without.
    box
        South, north, west and east of the study, where that is known.
    """

    lat: Floats
    lon: Floats
    called: pd.DataFrame | None = None
    districts: gpd.GeoDataFrame | None = None
    box: tuple[float, float, float, float] | None = None

    @cached_property
    def extent(self) -> tuple[float, float, float, float] | None:
        """South, north, west and east of where rows ought to lie; None where nothing is known."""
        lat, lon = [self.lat], [self.lon]
        if self.districts is not None and len(self.districts):
            west, south, east, north = self.districts.total_bounds
            lat.append(np.array([south, north]))
            lon.append(np.array([west, east]))
        if self.box is not None:
            lat.append(np.array(self.box[:2]))
            lon.append(np.array(self.box[2:]))
        y, x = np.concatenate(lat), np.concatenate(lon)
        if not len(y):
            return None
        pad_y, pad_x = (max(_PAD * np.ptp(one), _LEAST_PAD) for one in (y, x))
        return y.min() - pad_y, y.max() + pad_y, x.min() - pad_x, x.max() + pad_x

    @cached_property
    def centre(self) -> tuple[float, float] | None:
        """Latitude and longitude of the middle of the extent."""
        if self.extent is None:
            return None
        south, north, west, east = self.extent
        return (south + north) / 2, (west + east) / 2

    @cached_property
    def points(self) -> cKDTree | None:
        """The known points, to be asked for the nearest in metres; None without any."""
        return cKDTree(vectors(self.lat, self.lon)) if len(self.lat) else None

    @cached_property
    def outlines(self) -> cKDTree | None:
        """Points every 20 m or so along the districts' outlines; None without districts."""
        if self.districts is None or not len(self.districts):
            return None
        lines = shapely.boundary(self.districts.geometry.to_numpy())
        step = max(_STEP_M / _DEGREE_M, float(shapely.length(lines).sum()) / _MOST_STEPS)
        lon, lat = shapely.get_coordinates(shapely.segmentize(lines, step)).T
        return cKDTree(vectors(lat, lon))

    def district_rows(self, stated: Iterable[object]) -> NDArray[np.intp]:
        """Row of the district each name means, by id or either name; -1 where none is so called."""
        found: dict[str, int] = {}
        if self.districts is not None:
            for column in ("name_en", "name", "id"):
                if column in self.districts:
                    found |= {plain(one): row for row, one in enumerate(self.districts[column])}
        return np.array([found.get(plain(one), -1) for one in stated], dtype=np.intp)

    def in_district(self, lat: Floats, lon: Floats, rows: NDArray[np.intp]) -> NDArray[np.bool_]:
        """Whether each place lies in the district of its row, shape (n,)."""
        inside = np.zeros(len(lat), dtype=np.bool_)
        if self.districts is None:
            return inside
        shapes = self.districts.geometry.to_numpy()
        for row in np.unique(rows[rows >= 0]):
            own = np.flatnonzero((rows == row) & np.isfinite(lat))
            shapely.prepare(shapes[row])
            inside[own] = shapely.contains_xy(shapes[row], lon[own], lat[own])
        return inside

    def namesakes(self, named: Iterable[object]) -> NDArray[np.intp]:
        """Row of the one thing of each name; -1 where none or several are so called."""
        found: dict[str, int] = {}
        for row, one in enumerate([] if self.called is None else self.called["name"]):
            found[plain(one)] = -1 if plain(one) in found else row
        return np.array([found.get(plain(one), -1) for one in named], dtype=np.intp)


NOTHING: Final = Known(np.empty(0), np.empty(0))


def known_in(study: Study) -> Known:
    """What a study's layers know: stations, names of stations and campuses, districts, extent."""
    stations = _points(study, "stations")
    called = pd.concat([stations, _points(study, "campuses")], ignore_index=True)
    districts = study.layer("districts")
    districts = districts[~(districts.geometry.isna() | districts.geometry.is_empty)]
    lat, lon = h3cells.centres(study.area)
    return Known(
        stations["lat"].to_numpy(np.float64),
        stations["lon"].to_numpy(np.float64),
        called=called,
        districts=districts if len(districts) else None,
        box=(lat.min(), lat.max(), lon.min(), lon.max()) if len(lat) else None,
    )


def _points(study: Study, name: str) -> pd.DataFrame:
    """Name, lat and lon of a layer's rows, in degrees."""
    layer = study.layer(name)
    layer = layer[~(layer.geometry.isna() | layer.geometry.is_empty)]
    at = shapely.point_on_surface(layer.geometry.to_numpy())
    names = layer["name"].to_numpy(dtype=object)
    return pd.DataFrame({"name": names, "lat": shapely.get_y(at), "lon": shapely.get_x(at)})


def plain(name: object) -> str:
    """A name without what varies from file to file: width, case, and the word for its kind."""
    text = unicodedata.normalize("NFKC", "" if name is None else str(name)).casefold().strip()
    return _KIND.sub("", text)
