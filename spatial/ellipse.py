"""Standard ellipse: how far graduates spread around their centre, and along which line."""

from __future__ import annotations

from dataclasses import dataclass
from math import nan
from typing import Final

import numpy as np
import pandas as pd
import shapely
from numpy.typing import ArrayLike, NDArray

from spatial.plane import Around, around

__all__ = ["AXIS", "Ellipse", "axes", "outline", "standard_ellipse"]

Floats = NDArray[np.float64]

AXIS: Final = float(np.sqrt(2))
"""Standard deviations in a semi-axis: the ellipse then holds 63 % of a normal cloud."""


@dataclass(frozen=True)
class Ellipse:
    """Ellipse around the graduates' centre; all NaN where nobody was counted."""

    lat: float
    lon: float
    major_km: float
    minor_km: float
    azimuth: float
    """Direction of the long axis, degrees clockwise from north, 0 to 180; NaN for a circle."""


def standard_ellipse(counts: pd.Series, seen: Around) -> Ellipse:
    """
    Standard deviational ellipse of graduates around their weighted centre.

    Lefever's ellipse in Yuill's weighted form: the axes are the principal axes of the cells'
    centres weighted by graduates, and a semi-axis is sqrt(2) standard deviations long, as
    CrimeStat has it. Sums are divided by all graduates, not by n - 2: weights are people, and two
    of them make no difference.

    Parameters
    ----------
    counts
        Graduates per cell, shape (n,).
    seen
        The same cells as `around` the study's centre.

    References
    ----------
    Lefever, D. W. (1926). Measuring geographic concentration by means of the standard deviational
    ellipse. American Journal of Sociology 32(1), 88-94.
    Yuill, R. S. (1971). The standard deviational ellipse: an updated tool for spatial description.
    Geografiska Annaler B 53(1), 28-39.
    """
    weight = counts.to_numpy(dtype=np.float64)
    if not (total := weight.sum()) > 0:
        return Ellipse(nan, nan, nan, nan, nan)
    weight = weight / total
    east, north = weight @ seen.east_km, weight @ seen.north_km
    x, y = seen.east_km - east, seen.north_km - north
    major, minor, azimuth = axes(weight @ x**2, weight @ y**2, weight @ (x * y))
    lat, lon = seen.place(east, north)
    return Ellipse(float(lat[0]), float(lon[0]), float(major), float(minor), float(azimuth))


def axes(xx: ArrayLike, yy: ArrayLike, xy: ArrayLike) -> tuple[Floats, Floats, Floats]:
    """
    Semi-axes in km and azimuth in degrees from variances and covariance of east and north.

    Parameters
    ----------
    xx, yy, xy
        Variance east, variance north and their covariance, km2, each of shape (m,).
    """
    mean = (np.asarray(xx) + np.asarray(yy)) / 2
    along, across = (np.asarray(yy) - np.asarray(xx)) / 2, np.asarray(xy, dtype=np.float64)
    apart = np.hypot(along, across)
    major = AXIS * np.sqrt(np.maximum(mean + apart, 0))
    minor = AXIS * np.sqrt(np.maximum(mean - apart, 0))
    azimuth = np.degrees(np.arctan2(across, along) / 2) % 180
    return major, minor, np.where(apart > 1e-9 * mean, azimuth, np.nan)


def outline(ellipse: Ellipse, *, corners: int = 72) -> shapely.Polygon:
    """The ellipse as a polygon, longitude and latitude in degrees; empty where it is NaN."""
    if np.isnan(ellipse.major_km):
        return shapely.Polygon()
    turn = np.linspace(0, 2 * np.pi, corners, endpoint=False)
    tilt = np.radians(np.nan_to_num(ellipse.azimuth))
    along, across = ellipse.major_km * np.cos(turn), ellipse.minor_km * np.sin(turn)
    plane = around([], centre=(ellipse.lat, ellipse.lon))
    lat, lon = plane.place(
        along * np.sin(tilt) + across * np.cos(tilt), along * np.cos(tilt) - across * np.sin(tilt)
    )
    return shapely.Polygon(np.column_stack([lon, lat]))
