"""The plane a map sheet is drawn on: sinusoidal, in kilometres about the middle of the map."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

__all__ = ["Bounds", "Plane", "frame_bounds"]

Floats = NDArray[np.float64]
Bounds = tuple[float, float, float, float]
"""South, west, north and east edge, degrees."""

# WGS-84. Drawing needs no geodesic: `spatial.geodesy` measures, this only lays out.
_AXIS_KM: Final = 6378.137
_SQUARED_ECCENTRICITY: Final = 6.69437999014e-3


@dataclass(frozen=True)
class Plane:
    """
    Equal-area: every parallel at its true length, the meridian of the middle too.

    Angles are true in the middle; 60 km from it they are off by half a degree at most at
    40 degrees of latitude, less than a line on paper shows.

    Parameters
    ----------
    lat, lon
        The middle, degrees WGS-84, which comes to lie at (0, 0).
    """

    lat: float
    lon: float

    def project(self, lon: ArrayLike, lat: ArrayLike) -> Floats:
        """Kilometres east and north of the middle, shape (n, 2), of points in degrees."""
        east = (np.asarray(lon, dtype=np.float64) - self.lon + 180) % 360 - 180
        north = np.asarray(lat, dtype=np.float64)
        return np.stack([np.radians(east) * self._parallel(north), self._meridian(north)], axis=-1)

    @staticmethod
    def _parallel(lat: Floats) -> Floats:
        """Radius of a parallel, km."""
        sine = np.sin(np.radians(lat))
        prime = _AXIS_KM / np.sqrt(1 - _SQUARED_ECCENTRICITY * sine**2)
        return np.asarray(prime * np.cos(np.radians(lat)))

    def _meridian(self, lat: Floats) -> Floats:
        """Kilometres along the meridian from the middle, by Simpson's rule."""
        reach = np.radians(lat - self.lat)
        parts = [_meridian_radius(value) for value in (self.lat, (lat + self.lat) / 2, lat)]
        return np.asarray(reach * (parts[0] + 4 * parts[1] + parts[2]) / 6)


def _meridian_radius(lat: ArrayLike) -> Floats:
    """Radius of curvature along the meridian, km."""
    sine = np.sin(np.radians(np.asarray(lat, dtype=np.float64)))
    return np.asarray(
        _AXIS_KM * (1 - _SQUARED_ECCENTRICITY) / (1 - _SQUARED_ECCENTRICITY * sine**2) ** 1.5
    )


def frame_bounds(bounds: Bounds, *, width: float, height: float) -> tuple[Plane, Bounds]:
    """
    The plane of a map, and its edges in km (south, west, north, east) with the frame's shape.

    Parameters
    ----------
    bounds
        What must be seen; the shorter way is widened about the middle until the shape fits.
    width, height
        Of the frame, in any unit.
    """
    south, west, north, east = bounds
    plane = Plane((south + north) / 2, (west + east) / 2)
    # The parallel nearest the equator is the longest.
    near = min(abs(south), abs(north)) if south * north > 0 else 0.0
    across = abs(plane.project(east, np.copysign(near, plane.lat))[0])
    up = max(abs(plane.project(plane.lon, lat)[1]) for lat in (south, north))
    least = 0.05  # a study of one cell still has a map
    across, up = max(across, least), max(up, least)
    half_up = max(up, across * height / width)
    half_across = half_up * width / height
    return plane, (-half_up, -half_across, half_up, half_across)
