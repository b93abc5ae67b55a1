"""Pairs: who goes from which home to which job in a year, and how far that is."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from spatial import cells as h3cells
from spatial.cells import Cells
from spatial.geodesic_matrix import spots
from spatial.geodesy import distance_km, sphere_distance_km
from spatial.question import QuestionError
from spatial.study import Study

__all__ = ["Pairs", "flow_years", "pairs_of"]

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

_MANY: Final = 2_000_000
_AT_ONCE: Final = 500_000
_SMALL_DEGREES: Final = 2.0


@dataclass(frozen=True, eq=False)
class Pairs:
    """
    Flows of one year between ends: the source's own points where it gave any, else cell centres.

    Parameters
    ----------
    lat, lon
        The ends, degrees WGS-84, each of shape (m,).
    cell
        Cell of each end at the study's own resolution, shape (m,).
    origin, destination
        Row of the ends at which each pair lives and works, each of shape (n,).
    graduates
        People of each pair, shape (n,).
    exact
        Whether the ends are the source's own points rather than cell centres.
    """

    lat: Floats
    lon: Floats
    cell: Cells
    origin: Ints
    destination: Ints
    graduates: Floats
    exact: bool

    def __len__(self) -> int:
        return len(self.graduates)

    @cached_property
    def distance_km(self) -> Floats:
        """
        Geodesic distance on the WGS-84 ellipsoid from home to job, km, shape (n,).

        Of more than two million pairs in a region less than 2 degrees across it is taken from
        chords, which are within 0.1 m of it there and ten times as fast.
        """
        if len(self) <= _MANY or not self._small:
            return distance_km(*self._at)
        ends = spots(self.lat, self.lon, lat_0=float(np.mean(self.lat)))
        found = np.empty(len(self))
        for start in range(0, len(self), _AT_ONCE):
            rows = slice(start, start + _AT_ONCE)
            found[rows] = ends.of(self.origin[rows]).pairs_km(ends.of(self.destination[rows]))
        return found

    @cached_property
    def sphere_distance_km(self) -> Floats:
        """Great-circle distance on the mean sphere from home to job, km, shape (n,)."""
        return sphere_distance_km(*self._at)

    def where(self, rows: NDArray[np.bool_] | Ints) -> Pairs:
        """The pairs of a mask of shape (n,), or of some rows; the ends stay as they are."""
        kept = replace(
            self,
            origin=self.origin[rows],
            destination=self.destination[rows],
            graduates=self.graduates[rows],
        )
        for name in ("distance_km", "sphere_distance_km"):
            if name in self.__dict__:  # a million geodesics take a second: not twice
                kept.__dict__[name] = self.__dict__[name][rows]
        return kept

    @property
    def _small(self) -> bool:
        """Whether the region is so small that a sphere bends as the ellipsoid does."""
        return bool(max(np.ptp(self.lat), np.ptp(self.lon)) < _SMALL_DEGREES)

    @property
    def _at(self) -> tuple[Floats, Floats, Floats, Floats]:
        home, job = self.origin, self.destination
        return self.lat[home], self.lon[home], self.lat[job], self.lon[job]


def flow_years(study: Study) -> tuple[int, ...]:
    """Years with flows, ascending; none where the study has no flows."""
    found: set[int] = set()
    for table in _tables(study):
        found.update(int(year) for year in table["year"].unique())
    return tuple(sorted(found))


def pairs_of(study: Study, year: int) -> Pairs:
    """
    Flows of one year, between the source's points where the study keeps them.

    Raises
    ------
    QuestionError
        When the study has no flows of that year.
    """
    if study.has("pairs") and study.has("points"):
        rows = _of_year(study.pairs, year)
        if len(rows):
            return _between_points(study, rows)
    rows = _of_year(study.flows, year)
    if len(rows):
        return _between_cells(rows)
    known = ", ".join(map(str, flow_years(study))) or "no year"
    raise QuestionError(f"{study.info.name} has flows in {known}, not in {year}")


def _tables(study: Study) -> list[pd.DataFrame]:
    return [study.flows, *([study.pairs] if study.has("pairs") else [])]


def _of_year(table: pd.DataFrame, year: int) -> pd.DataFrame:
    rows: pd.DataFrame = table[table["year"].to_numpy() == year]
    return rows


def _between_points(study: Study, rows: pd.DataFrame) -> Pairs:
    points = study.points
    return Pairs(
        lat=_floats(points["lat"]),
        lon=_floats(points["lon"]),
        cell=h3cells.as_cells(points["cell"]),
        origin=rows["origin"].to_numpy(dtype=np.int64),
        destination=rows["destination"].to_numpy(dtype=np.int64),
        graduates=_floats(rows["graduates"]),
        exact=True,
    )


def _between_cells(rows: pd.DataFrame) -> Pairs:
    homes, jobs = rows["origin"].to_numpy(), rows["destination"].to_numpy()
    # Each side alone first: a million rows are of a few thousand cells.
    ends = np.union1d(np.unique(homes), np.unique(jobs))
    lat, lon = h3cells.centres(ends)
    return Pairs(
        lat=lat,
        lon=lon,
        cell=h3cells.as_cells(ends),
        origin=np.searchsorted(ends, homes),
        destination=np.searchsorted(ends, jobs),
        graduates=_floats(rows["graduates"]),
        exact=False,
    )


def _floats(values: Any) -> Floats:  # noqa: ANN401 - a column of any kind of number
    return np.asarray(values, dtype=np.float64)
