"""The coordinate systems that unlabelled positions may be in, and where each would put them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from spatial import gcj, geodesy
from spatial.geodesy import CoordinateError

__all__ = ["Candidate", "are_degrees", "candidates", "converted"]

Floats = NDArray[np.float64]

_DEGREES: Final = 0.9  # of rows that must do as degrees: strangers' files hold odd ones
_LARGEST_M: Final = 5e7  # eastings with a zone number before them reach 45 million
_TRIED: Final = 64
_CHINA_ZONES: Final = (73.5, 136.5)


@dataclass(frozen=True)
class Candidate:
    """One reading of a pair of columns: a system, and whether the columns changed places."""

    crs: str
    swapped: bool = False

    @property
    def name(self) -> str:
        """In a table: "GCJ-02", or "GCJ-02, swapped"."""
        return f"{self.crs}, swapped" if self.swapped else self.crs

    def axes(self, y: Floats, x: Floats) -> tuple[Floats, Floats]:
        """Latitude (or northing) and longitude (or easting) of the two columns as given."""
        return (x, y) if self.swapped else (y, x)


def are_degrees(y: Floats, x: Floats) -> bool:
    """Whether two columns, either way round, hold numbers that may be degrees."""
    small, large = np.minimum(np.abs(y), np.abs(x)), np.maximum(np.abs(y), np.abs(x))
    return bool(len(y)) and bool(np.mean((small <= 90) & (large <= 180)) >= _DEGREES)


def candidates(
    y: Floats, x: Floats, *, crs: str, centre: tuple[float, float] | None
) -> tuple[Candidate, ...]:
    """
    Every system that two columns may be in.

    Parameters
    ----------
    y, x
        The columns as given, shape (n,).
    crs
        What they are said to be; "" where nothing is said.
    centre
        Latitude and longitude near which they ought to lie; None where nobody knows. Without it
        no zone of a projection is tried but the one named and those beside it.
    """
    said = geodesy.crs_name(crs) if crs else ""
    degrees = are_degrees(y, x)
    names = dict.fromkeys(_degrees(y, x) if degrees else _planes(said, centre))
    if said and geodesy.is_projected(said) != degrees:
        names = dict.fromkeys([said, *names])
    return tuple(Candidate(name, swapped) for swapped in (False, True) for name in names)


def converted(y: Floats, x: Floats, candidate: Candidate) -> tuple[Floats, Floats]:
    """Degrees WGS-84 of two columns under one reading, shape (n,); NaN where it has no place."""
    north, east = candidate.axes(y, x)
    limits = (_LARGEST_M, _LARGEST_M) if geodesy.is_projected(candidate.crs) else (90, 180)
    able = (np.abs(north) <= limits[0]) & (np.abs(east) <= limits[1])
    rows = np.flatnonzero(able)
    lat, lon = np.full(len(y), np.nan), np.full(len(y), np.nan)
    tried = rows[:: max(len(rows) // _TRIED, 1)]
    placed = np.isfinite(_placed(north[tried], east[tried], candidate.crs)[0])
    if placed.mean() > 0.5 if len(placed) else False:
        lat[rows], lon[rows] = _placed(north[rows], east[rows], candidate.crs)
    return lat, lon


def _placed(north: Floats, east: Floats, crs: str) -> tuple[Floats, Floats]:
    """The same; rows that the projection does not reach are found by halving."""
    try:
        return geodesy.to_wgs84(north, east, crs=crs)
    except CoordinateError:
        if len(north) <= 1:
            return np.full(len(north), np.nan), np.full(len(north), np.nan)
    middle = len(north) // 2
    first = _placed(north[:middle], east[:middle], crs)
    second = _placed(north[middle:], east[middle:], crs)
    return np.concatenate([first[0], second[0]]), np.concatenate([first[1], second[1]])


def _degrees(y: Floats, x: Floats) -> Iterator[str]:
    yield "WGS-84"
    if (gcj.in_china(y, x) | gcj.in_china(x, y)).mean() > 0.5:
        yield "GCJ-02"
        yield "BD-09"


def _planes(said: str, centre: tuple[float, float] | None) -> Iterator[str]:
    if said.startswith("EPSG:"):
        yield from _beside(said)
    yield "EPSG:3857"
    if centre is None:
        return
    lat, lon = centre
    zone = geodesy.utm_name(lat, lon)
    yield zone
    yield from _beside(zone)
    if _CHINA_ZONES[0] <= lon <= _CHINA_ZONES[1] and gcj.in_china(np.array(lat), np.array(lon)):
        yield from _gauss_krueger(lon)


def _beside(name: str) -> Iterator[str]:
    """A UTM zone and the two beside it; another code alone."""
    yield name
    code = int(name[5:])
    if code // 100 in (326, 327) and 1 <= code % 100 <= 60:
        zone = code % 100
        for other in (zone - 2) % 60 + 1, zone % 60 + 1:
            yield f"EPSG:{code // 100 * 100 + other}"


def _gauss_krueger(lon: float) -> Iterator[str]:
    """CGCS2000 zones about a longitude: 3 and 6 degrees wide, without and with their number."""
    for three in sorted({min(max(round((lon + d - 75) / 3), 0), 20) for d in (-3, 0, 3)}):
        yield f"EPSG:{4534 + three}"
        yield f"EPSG:{4513 + three}"
    for six in sorted({min(max(round((lon + d - 75) / 6), 0), 10) for d in (-6, 0, 6)}):
        yield f"EPSG:{4502 + six}"
        yield f"EPSG:{4491 + six}"
