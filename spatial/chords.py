"""
Straight lines through the Earth: what a tree of nearest points and walks of a city need.

A chord on the ellipsoid is as good as the way over the ground: at 2.4 km it is 0.01 mm short, at
50 km 0.13 m, which `arc_km` gives back.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import ArrayLike, NDArray
from pyproj import Geod

__all__ = ["arc_km", "vectors"]

Floats = NDArray[np.float64]

_EARTH: Final = Geod(ellps="WGS84")
_CURVE: Final = (2 * _EARTH.a + _EARTH.b) / 3  # mean radius, metres


def vectors(lat: ArrayLike, lon: ArrayLike) -> Floats:
    """Places in metres from the middle of the Earth, shape (n, 3), of degrees WGS-84."""
    phi, around = (np.radians(np.asarray(one, dtype=np.float64)) for one in (lat, lon))
    normal = _EARTH.a / np.sqrt(1 - _EARTH.es * np.sin(phi) ** 2)
    flat = normal * np.cos(phi)
    up = normal * (1 - _EARTH.es) * np.sin(phi)
    return np.column_stack([flat * np.cos(around), flat * np.sin(around), up])


def arc_km(start: Floats, end: Floats) -> Floats:
    """
    Kilometres over the ground between places of `vectors`, shape (n,) of rows or one of them.

    Within 1e-5 of the geodesic up to 250 km.
    """
    chord = np.sqrt(((start - end) ** 2).sum(axis=-1))
    return np.asarray(2 * _CURVE * np.arcsin(np.minimum(chord / (2 * _CURVE), 1)) / 1000)
