"""Commuting radius: the ellipse that holds nine in ten homes and jobs."""

from __future__ import annotations

from math import nan
from typing import Final

import numpy as np
from numpy.typing import ArrayLike, NDArray
from pyproj import Geod

from spatial.ellipse import axes
from spatial.plane import Around

__all__ = [
    "HELD",
    "quantile_of_sorted",
    "radius_km",
    "seen_from",
    "weighted_quantile",
    "widened_km",
]

Floats = NDArray[np.float64]

HELD: Final = 0.9
"""Part of all homes and jobs inside the ellipse."""

_EARTH: Final = Geod(ellps="WGS84")
# A share is a product of floats: what people reach exactly must not be missed by its last digit.
_ROUNDING: Final = 1e-12
_LINE: Final = 1e-9


def weighted_quantile(values: Floats, weights: Floats, share: ArrayLike) -> Floats:
    """
    Least value at which at least `share` of all weight lies at or below it; NaN without weight.

    Parameters
    ----------
    values, weights
        Each of shape (n,); weights 0 or more.
    share
        Above 0, at most 1, shape (m,) or one.

    References
    ----------
    Hyndman, R. J. & Fan, Y. (1996). Sample quantiles in statistical packages. The American
    Statistician 50(4), 361-365; definition 1.
    """
    order = np.argsort(values, kind="stable")
    return quantile_of_sorted(values[order], np.cumsum(weights[order]), share)


def quantile_of_sorted(ordered: Floats, below: Floats, share: ArrayLike) -> Floats:
    """The same of ascending values and the weight at or below each of them."""
    part = np.asarray(share, dtype=np.float64)
    if not len(ordered) or not below[-1] > 0:
        return np.full(part.shape, nan)
    at = np.searchsorted(below, part * below[-1] * (1 - _ROUNDING), side="left")
    return np.asarray(ordered[np.minimum(at, len(ordered) - 1)])


def seen_from(lat: Floats, lon: Floats, *, centre: tuple[float, float]) -> Around:
    """Where points lie as seen from a centre, on the plane laid there."""
    start_lat, start_lon = (np.full(len(lat), value) for value in centre)
    azimuth, _, metres = _EARTH.inv(start_lon, start_lat, lon, lat)
    return Around(centre, np.asarray(metres) / 1000, np.asarray(azimuth) % 360)


def radius_km(lat: Floats, lon: Floats, weights: Floats) -> float:
    """
    Semi-major axis in km of the ellipse that holds 90 % of homes and jobs taken together.

    The standard ellipse of all ends of commutes, weighted by people, is widened or narrowed
    alike in all directions until the least that holds 90 % of them is found: by the quantile of
    their Mahalanobis distance from the centre.

    Parameters
    ----------
    lat, lon
        Ends of commutes, degrees WGS-84, each of shape (m,).
    weights
        People who live or work at each, shape (m,).

    Returns
    -------
    float
        NaN where nobody was counted, 0 where all ends are one point.
    """
    held = weights > 0
    lat, lon, weights = lat[held], lon[held], weights[held]
    if not len(weights):
        return nan
    centre = (float(np.average(lat, weights=weights)), float(np.average(lon, weights=weights)))
    seen = seen_from(lat, lon, centre=centre)
    return widened_km(seen.east_km, seen.north_km, weights)


def widened_km(east_km: Floats, north_km: Floats, weights: Floats) -> float:
    """The same of points on a plane, each of shape (m,), with some weight among them."""
    part = weights / weights.sum()
    x, y = east_km - part @ east_km, north_km - part @ north_km
    major, minor, azimuth = axes(part @ x**2, part @ y**2, part @ (x * y))
    if not major > 0:
        return 0.0
    tilt = np.radians(np.nan_to_num(azimuth))
    along, across = x * np.sin(tilt) + y * np.cos(tilt), x * np.cos(tilt) - y * np.sin(tilt)
    away = (along / major) ** 2
    if minor > _LINE * major:  # on a line there is no across
        away += (across / minor) ** 2
    # In units of the semi-axis, sqrt(2) deviations: the scale of the whole ellipse.
    return float(major * np.sqrt(weighted_quantile(away, weights, HELD)))
