"""Directions: which way people go to work, and how many go how far."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from spatial.chords import vectors
from spatial.pairs import Pairs

__all__ = ["Rose", "bearings", "direction_rose", "distance_histogram"]

Floats = NDArray[np.float64]

_POINTS: Final = (
    *("N", "NNE", "NE", "ENE", "E", "ESE", "SE", "SSE"),
    *("S", "SSW", "SW", "WSW", "W", "WNW", "NW", "NNW"),
)


@dataclass(frozen=True, eq=False)
class Rose:
    """
    Graduates by the direction from home to work.

    Parameters
    ----------
    table
        Index `sector` from north, clockwise; columns point ("N", "NNE", ...; empty where the
        sectors are not points of the compass), middle (degrees), graduates, share (of those with
        a direction) and mean_km (NaN where there are none).
    here
        Graduates whose home and job are one point: they have no direction.
    mean_deg
        Circular mean of the directions, degrees from north; NaN where nobody has one.
    strength
        Length of the mean vector: 0 when directions cancel out, 1 when all go the same way.
    """

    table: pd.DataFrame
    here: float
    mean_deg: float
    strength: float


def bearings(pairs: Pairs) -> Floats:
    """
    Initial bearing of the geodesic from home to work, degrees from north in [0, 360), shape (n,).

    NaN where both are one point. It is taken from the chord, as seen on the horizon of the
    home: from the geodesic's own by 0.0001 degrees at 300 km, and many times as fast.
    """
    home, job = pairs.origin, pairs.destination
    places, phi, around = (
        vectors(pairs.lat, pairs.lon),
        np.radians(pairs.lat),
        np.radians(pairs.lon),
    )
    chord = places[job] - places[home]
    sin_lon, cos_lon = np.sin(around)[home], np.cos(around)[home]
    out = cos_lon * chord[:, 0] + sin_lon * chord[:, 1]
    east = cos_lon * chord[:, 1] - sin_lon * chord[:, 0]
    north = np.cos(phi)[home] * chord[:, 2] - np.sin(phi)[home] * out
    found = np.degrees(np.arctan2(east, north)) % 360
    found[found == 360] = 0.0  # a whisker west of north rounds up
    found[~chord.any(axis=1)] = np.nan
    return np.asarray(found)


def direction_rose(pairs: Pairs, *, bins: int = 16) -> Rose:
    """
    Graduates and their mean distance by the bearing from home to work.

    Parameters
    ----------
    pairs
        Flows of one year, n of them.
    bins
        Sectors of equal width, the first centred on north; a bearing on an edge is in the
        sector clockwise of it.

    References
    ----------
    Mardia, K. V. & Jupp, P. E. (2000). Directional Statistics. Wiley. Section 2.2 (mean
    direction and mean resultant length).
    """
    if bins < 1:
        raise ValueError(f"a rose needs 1 sector or more, found {bins}")
    angle = bearings(pairs)
    going = ~np.isnan(angle)
    people, turned, width = pairs.graduates[going], angle[going], 360 / bins
    sector = np.floor(turned / width + 0.5).astype(np.int64) % bins
    graduates = np.bincount(sector, people, minlength=bins).astype(np.float64)
    km = np.bincount(sector, people * pairs.distance_km[going], minlength=bins).astype(np.float64)
    total = float(people.sum())
    step = len(_POINTS) // bins if len(_POINTS) % bins == 0 else 0
    table = pd.DataFrame(
        {
            "point": pd.array(_POINTS[::step] if step else [""] * bins, dtype="str"),
            "middle": np.arange(bins) * width,
            "graduates": graduates,
            "share": graduates / total if total else graduates,
            "mean_km": _per(km, graduates),
        },
        index=pd.RangeIndex(bins, name="sector"),
    )
    mean, strength = _resultant(turned, people)
    return Rose(table, float(pairs.graduates[~going].sum()), mean, strength)


def distance_histogram(pairs: Pairs, *, edges_km: Sequence[float]) -> pd.DataFrame:
    """
    Graduates by geodesic distance from home to work, nobody lost.

    Parameters
    ----------
    pairs
        Flows of one year, n of them.
    edges_km
        Ascending; a distance on an edge is in the band above it. The last band is open, and
        one from 0 is put before the first edge unless that is 0.

    Returns
    -------
    pandas.DataFrame
        Columns from_km, to_km (infinite in the last row), graduates and share.
    """
    given = np.asarray(edges_km, dtype=np.float64)
    if not (np.isfinite(given).all() and (given >= 0).all() and (np.diff(given) > 0).all()):
        raise ValueError(f"edges must ascend from 0 or more, found {list(edges_km)}")
    edges = np.union1d([0.0], given)
    band = np.searchsorted(edges, pairs.distance_km, side="right") - 1
    graduates = np.bincount(band, pairs.graduates, minlength=len(edges)).astype(np.float64)
    total = float(graduates.sum())
    return pd.DataFrame(
        {
            "from_km": edges,
            "to_km": np.append(edges[1:], np.inf),
            "graduates": graduates,
            "share": graduates / total if total else graduates,
        }
    )


def _resultant(angle: Floats, people: Floats) -> tuple[float, float]:
    """Mean direction in degrees and length of the mean vector; NaN for nobody."""
    total = float(people.sum())
    if not total:
        return np.nan, np.nan
    east = float(people @ np.sin(np.radians(angle))) / total
    north = float(people @ np.cos(np.radians(angle))) / total
    return float(np.degrees(np.arctan2(east, north)) % 360), float(np.hypot(east, north))


def _per(sums: Floats, amounts: Floats) -> Floats:
    with np.errstate(invalid="ignore"):
        return np.asarray(sums / np.where(amounts > 0, amounts, np.nan))
