"""
GCJ-02 and BD-09: the shifted degrees of Chinese web maps, there and back.

No authority publishes the shift. What is used everywhere is a reconstruction that fits it to
well under a metre: two short sums of sines of the distance from 35 N, 105 E give a shift in
metres, which the Krassowsky ellipsoid turns into degrees. BD-09 turns and stretches GCJ-02
once more by another small sine. Neither has an inverse in closed form; both shifts
change by less than 1 % over their own length, so a fixed point is reached in a few rounds.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import numpy as np
from numpy.typing import NDArray

__all__ = [
    "bd09_to_gcj02",
    "gcj02_to_bd09",
    "gcj02_to_wgs84",
    "in_china",
    "wgs84_to_gcj02",
]

Values = NDArray[np.float64]
Pair = tuple[Values, Values]

_SEMI_MAJOR_M: Final = 6378245.0  # Krassowsky 1940
_ECCENTRICITY2: Final = 0.00669342162296594323
_ORIGIN: Final = (35.0, 105.0)
_BOX: Final = (0.8293, 55.8271, 72.004, 137.8347)  # south, north, west, east
_BD_WAVE: Final = np.pi * 3000 / 180
_BD_SHIFT: Final = (0.006, 0.0065)
_ROUNDS: Final = 40
_CLOSE_DEG: Final = 1e-13


def in_china(lat: Values, lon: Values) -> NDArray[np.bool_]:
    """Whether each point lies in the box within which the systems are shifted."""
    south, north, west, east = _BOX
    return np.asarray((lat >= south) & (lat <= north) & (lon >= west) & (lon <= east))


def wgs84_to_gcj02(lat: Values, lon: Values) -> Pair:
    """GCJ-02 of degrees WGS-84, shape (n,); unchanged outside China."""
    return _where_in_china(lat, lon, _to_gcj(lat, lon))


def gcj02_to_bd09(lat: Values, lon: Values) -> Pair:
    """BD-09 of degrees GCJ-02, shape (n,); unchanged outside China."""
    return _where_in_china(lat, lon, _to_bd(lat, lon))


def gcj02_to_wgs84(lat: Values, lon: Values) -> Pair:
    """Degrees WGS-84 of GCJ-02, shape (n,), to well below 0.1 mm; unchanged outside China."""
    return _inverse(_to_gcj, lat, lon)


def bd09_to_gcj02(lat: Values, lon: Values) -> Pair:
    """Degrees GCJ-02 of BD-09, shape (n,), to well below 0.1 mm; unchanged outside China."""
    return _inverse(_to_bd, lat, lon)


def _to_gcj(lat: Values, lon: Values) -> Pair:
    y, x = lat - _ORIGIN[0], lon - _ORIGIN[1]
    root = np.sqrt(np.abs(x))
    common = 20 * np.sin(6 * np.pi * x) + 20 * np.sin(2 * np.pi * x)
    north_m = -100 + 2 * x + 3 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * root
    north_m += (common + _waves(y, (20, 1), (40, 3), (160, 12), (320, 30))) * 2 / 3
    east_m = 300 + x + 2 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * root
    east_m += (common + _waves(x, (20, 1), (40, 3), (150, 12), (300, 30))) * 2 / 3
    phi = np.radians(lat)
    flat = 1 - _ECCENTRICITY2 * np.sin(phi) ** 2
    meridian_m = _SEMI_MAJOR_M * (1 - _ECCENTRICITY2) / flat**1.5
    parallel_m = _SEMI_MAJOR_M / np.sqrt(flat) * np.cos(phi)
    return lat + np.degrees(north_m / meridian_m), lon + np.degrees(east_m / parallel_m)


def _waves(along: Values, *waves: tuple[float, float]) -> Values:
    """Sum of sines, each of a height in metres and a half wave in degrees."""
    total = np.zeros_like(along)
    for height, half_wave in waves:
        total += height * np.sin(np.pi * along / half_wave)
    return total


def _to_bd(lat: Values, lon: Values) -> Pair:
    radius = np.hypot(lon, lat) + 0.00002 * np.sin(lat * _BD_WAVE)
    angle = np.arctan2(lat, lon) + 0.000003 * np.cos(lon * _BD_WAVE)
    return radius * np.sin(angle) + _BD_SHIFT[0], radius * np.cos(angle) + _BD_SHIFT[1]


def _where_in_china(lat: Values, lon: Values, moved: Pair) -> Pair:
    inside = in_china(lat, lon)
    return np.where(inside, moved[0], lat), np.where(inside, moved[1], lon)


def _inverse(forward: Callable[[Values, Values], Pair], lat: Values, lon: Values) -> Pair:
    """The points that `forward` carries to (lat, lon), by fixed-point rounds."""
    found_lat, found_lon = lat.copy(), lon.copy()
    with np.errstate(invalid="ignore", divide="ignore", over="ignore"):
        for _ in range(_ROUNDS):
            there_lat, there_lon = forward(found_lat, found_lon)
            step_lat, step_lon = lat - there_lat, lon - there_lon
            found_lat, found_lon = found_lat + step_lat, found_lon + step_lon
            far = np.maximum(np.abs(step_lat), np.abs(step_lon)) > _CLOSE_DEG
            if not (far & in_china(found_lat, found_lon)).any():
                break
    # Whether a point is shifted is decided by where it truly lies, not by where it appears.
    inside = in_china(found_lat, found_lon)
    return np.where(inside, found_lat, lat), np.where(inside, found_lon, lon)
