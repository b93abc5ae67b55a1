"""The lie of the land under the synthetic city: its plane, plain, valleys and texture."""

from __future__ import annotations

from typing import Final

import numpy as np
import shapely
from numpy.typing import ArrayLike, NDArray

from spatial.geodesy import EARTH_RADIUS_KM, equal_area

__all__ = ["CENTRE", "Floats", "kernel", "on_plain", "plane_km", "smooth_noise", "valley_km"]

Floats = NDArray[np.float64]

CENTRE: Final = (39.9073, 116.3913)
"""Tiananmen, latitude and longitude."""

# The foot of the Western Hills and the Jundu range, then the city's edge across the plain;
# drawn by hand to about 0.01 degree, longitude and latitude.
_PLAIN: Final = (
    *((115.72, 39.54), (115.80, 39.58), (115.88, 39.62), (115.93, 39.70), (115.94, 39.75)),
    *((116.02, 39.79), (116.06, 39.82), (116.10, 39.87), (116.07, 39.93), (116.09, 39.96)),
    *((116.14, 39.96), (116.19, 39.98), (116.21, 40.01), (116.17, 40.03), (116.11, 40.06)),
    *((116.09, 40.13), (116.11, 40.19), (116.10, 40.24), (116.18, 40.26), (116.24, 40.28)),
    *((116.32, 40.24), (116.42, 40.26), (116.50, 40.28), (116.57, 40.33), (116.61, 40.38)),
    *((116.67, 40.42), (116.76, 40.43), (116.82, 40.45), (116.88, 40.42), (116.96, 40.37)),
    *((116.92, 40.28), (116.94, 40.22), (117.04, 40.20), (117.12, 40.21), (117.24, 40.21)),
    *((117.30, 40.17), (117.24, 40.08), (117.10, 39.95), (116.98, 39.70), (116.80, 39.56)),
    *((116.50, 39.40), (116.20, 39.42), (115.90, 39.48)),
)
_YANQING: Final = (
    *((115.83, 40.33), (115.93, 40.35), (116.02, 40.40), (116.10, 40.47), (116.20, 40.53)),
    *((116.16, 40.57), (116.04, 40.55), (115.93, 40.51), (115.84, 40.41)),
)

# Valleys and the roads in them: all that is lived in among the mountains.
_VALLEYS: Final = (
    ((116.10, 39.94), (116.03, 39.99), (115.97, 40.00), (115.88, 40.03), (115.70, 40.05)),
    ((115.97, 40.00), (115.80, 39.97), (115.68, 39.97), (115.52, 39.97), (115.44, 39.95)),
    ((115.93, 39.75), (115.84, 39.78), (115.76, 39.85), (115.64, 39.83), (115.53, 39.81)),
    ((115.72, 39.57), (115.64, 39.61), (115.58, 39.65), (115.49, 39.68)),
    ((116.12, 40.24), (116.06, 40.29), (116.01, 40.36), (115.97, 40.44)),
    ((116.63, 40.36), (116.63, 40.48), (116.62, 40.62), (116.60, 40.74), (116.61, 40.90)),
    ((116.64, 40.45), (116.50, 40.55), (116.38, 40.63), (116.20, 40.68)),
    ((116.84, 40.45), (116.85, 40.55), (116.96, 40.60), (117.08, 40.64), (117.27, 40.66)),
    ((116.85, 40.55), (116.83, 40.67), (116.76, 40.73)),
    ((117.08, 40.64), (117.12, 40.56), (117.22, 40.50)),
    ((116.96, 40.37), (117.03, 40.42), (117.15, 40.43)),
    ((117.12, 40.20), (117.10, 40.28), (117.16, 40.33)),
    ((116.20, 40.53), (116.33, 40.52), (116.45, 40.55)),
    ((116.28, 40.26), (116.32, 40.34), (116.25, 40.40)),
    ((116.57, 40.31), (116.50, 40.38), (116.44, 40.42)),
)

_KM: Final = EARTH_RADIUS_KM * float(np.cos(np.radians(CENTRE[0])))
_REACH: Final = 3.5  # a kernel ends this many widths from its centre


def plane_km(lat: ArrayLike, lon: ArrayLike) -> tuple[Floats, Floats]:
    """
    Kilometres east and north of the centre, each of shape (n,).

    Areas are true; distances are true near the centre and within 2 % at the city's edge.
    """
    lat, lon = np.asarray(lat, dtype=np.float64), np.asarray(lon, dtype=np.float64)
    x, y = equal_area(lat, lon, lat_0=CENTRE[0], lon_0=CENTRE[1])
    return x * _KM, y * EARTH_RADIUS_KM**2 / _KM


def on_plain(lat: Floats, lon: Floats) -> NDArray[np.bool_]:
    """Whether each point lies on the plain or in the Yanqing basin, shape (n,)."""
    plain = shapely.union_all([shapely.Polygon(_PLAIN), shapely.Polygon(_YANQING)])
    shapely.prepare(plain)
    return np.asarray(shapely.contains_xy(plain, lon, lat))


def valley_km(lat: Floats, lon: Floats) -> Floats:
    """Distance in km from each point to the nearest valley road, shape (n,)."""
    lines = []
    for valley in _VALLEYS:
        corners = np.array(valley)
        lines.append(shapely.LineString(np.column_stack(plane_km(corners[:, 1], corners[:, 0]))))
    points = shapely.points(*plane_km(lat, lon))
    roads = shapely.multilinestrings(lines)
    shapely.prepare(roads)
    return np.asarray(shapely.distance(points, roads))


def smooth_noise(x: Floats, y: Floats, *, scale_km: float, rng: np.random.Generator) -> Floats:
    """
    Noise of mean 0 and variance about 1 that varies over `scale_km`, shape (n,).

    Normal draws on a square lattice, turned so that no axis shows, blended smoothly between.
    """
    turn = rng.uniform(0, np.pi / 2)
    u = (x * np.cos(turn) - y * np.sin(turn)) / scale_km
    v = (x * np.sin(turn) + y * np.cos(turn)) / scale_km
    u, v = u - u.min(), v - v.min()
    row, column = u.astype(np.int64), v.astype(np.int64)
    knots = rng.standard_normal((row.max() + 2, column.max() + 2))
    s, t = _ease(u - row), _ease(v - column)
    blended = (
        knots[row, column] * (1 - s) * (1 - t)
        + knots[row + 1, column] * s * (1 - t)
        + knots[row, column + 1] * (1 - s) * t
        + knots[row + 1, column + 1] * s * t
    )
    # The variance of a blend falls between knots; dividing by its root keeps it even.
    return np.asarray(blended / np.sqrt(((1 - s) ** 2 + s**2) * ((1 - t) ** 2 + t**2)))


def kernel(
    x: Floats, y: Floats, *, at: tuple[float, float], width_km: float
) -> tuple[NDArray[np.int64], Floats]:
    """Positions within reach of `at` and the Gaussian weight of each, unscaled, shape (m,)."""
    reach = _REACH * width_km
    near = np.flatnonzero((np.abs(x - at[0]) < reach) & (np.abs(y - at[1]) < reach))
    square = (x[near] - at[0]) ** 2 + (y[near] - at[1]) ** 2
    inside = square < reach**2
    return near[inside], np.exp(-square[inside] / (2 * width_km**2))


def _ease(share: Floats) -> Floats:
    return share * share * (3 - 2 * share)
