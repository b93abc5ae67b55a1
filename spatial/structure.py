"""Structure: where graduates lie around a city's centre, by distance and direction."""

from __future__ import annotations

from itertools import pairwise
from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from spatial.plane import Around

__all__ = [
    "RING_EDGES_KM",
    "SECTORS",
    "mean_distance_km",
    "ring_edges_km",
    "ring_names",
    "rings",
    "rings_of",
    "sector_rings",
    "sectors",
    "sectors_of",
    "weighted_centre",
]

SECTORS: Final = ("N", "NE", "E", "SE", "S", "SW", "W", "NW")
"""Eight sectors of 45 degrees, each centred on its point of the compass."""

RING_EDGES_KM: Final = (5.0, 10.0, 15.0, 25.0)
"""Edges of the rings about the centre, in kilometres."""
_THIN: Final = 0.01  # a ring that holds less of the graduates than this tells nothing


def weighted_centre(counts: pd.Series, seen: Around) -> tuple[float, float]:
    """
    Latitude and longitude of the graduates' mean centre, degrees WGS-84.

    The mean is taken on the azimuthal equidistant plane around the study's centre, not of
    degrees, which shrink towards the poles and jump at the date line.

    Parameters
    ----------
    counts
        Graduates per cell, shape (n,).
    seen
        The same cells as `around` the study's centre.

    Returns
    -------
    tuple
        NaN twice where nobody was counted.
    """
    weight = counts.to_numpy(dtype=np.float64)
    if not (total := weight.sum()) > 0:
        return float("nan"), float("nan")
    lat, lon = seen.place(weight @ seen.east_km / total, weight @ seen.north_km / total)
    return float(lat[0]), float(lon[0])


def mean_distance_km(counts: pd.Series, seen: Around) -> float:
    """Mean geodesic distance of a graduate from the study's centre; NaN where there is nobody."""
    weight = counts.to_numpy(dtype=np.float64)
    return float(weight @ seen.distance_km / total) if (total := weight.sum()) > 0 else np.nan


def sectors(counts: pd.Series, seen: Around) -> pd.Series:
    """Share of graduates in each of eight compass sectors; NaN where there is nobody."""
    return _shares(counts, sectors_of(seen), list(SECTORS), name="sector")


def rings(
    counts: pd.Series, seen: Around, *, edges_km: tuple[float, ...] = RING_EDGES_KM
) -> pd.Series:
    """Share of graduates in each ring around the centre; NaN where there is nobody."""
    return _shares(counts, rings_of(seen, edges_km=edges_km), ring_names(edges_km), name="ring")


def sector_rings(
    counts: pd.Series, seen: Around, *, edges_km: tuple[float, ...] = RING_EDGES_KM
) -> pd.DataFrame:
    """Share of graduates in each sector (rows) and ring (columns), shape (8, rings); sums to 1."""
    names = ring_names(edges_km)
    both = sectors_of(seen) * len(names) + rings_of(seen, edges_km=edges_km)
    cross = pd.MultiIndex.from_product([SECTORS, names], names=["sector", "ring"])
    shares = _shares(counts, both, list(cross), name="both").to_numpy()
    table = shares.reshape(len(SECTORS), len(names))
    return pd.DataFrame(
        table, index=pd.Index(SECTORS, name="sector"), columns=pd.Index(names, name="ring")
    )


def sectors_of(seen: Around) -> NDArray[np.int64]:
    """
    Position in SECTORS of each cell, by its centre, shape (n,).

    An edge belongs to the sector clockwise of it; a cell right at the centre has no direction
    and is put north, so that sectors add up to all.
    """
    return np.asarray(np.floor((seen.azimuth + 22.5) / 45).astype(np.int64) % len(SECTORS))


def rings_of(seen: Around, *, edges_km: tuple[float, ...]) -> NDArray[np.int64]:
    """
    Ring of each cell, by its centre, 0 the innermost, shape (n,); an edge belongs outside.

    Raises
    ------
    ValueError
        When the edges are not positive and ascending.
    """
    edges = np.asarray(edges_km, dtype=np.float64)
    if not (np.diff(edges, prepend=0.0) > 0).all() or not np.isfinite(edges).all():
        raise ValueError(f"ring edges must be above 0 and ascending, found {list(edges_km)}")
    return np.asarray(np.searchsorted(edges, seen.distance_km, side="right").astype(np.int64))


def ring_names(edges_km: tuple[float, ...]) -> list[str]:
    """Each ring by its edges in km: "0-5", "5-10", ..., "25+"."""
    inner = ["0", *(f"{edge:g}" for edge in edges_km)]
    between = [f"{a}-{b}" for a, b in pairwise(inner)]
    return [*between, f"{inner[-1]}+"]


def ring_edges_km(counts: pd.Series, seen: Around) -> tuple[float, ...]:
    """
    Edges that suit a city: 5, 10, 15 and 25 km, or fifths of its graduates.

    Fifths, to 0.1 km, are taken where any ring of the first kind would hold less than 1 % of
    the graduates, as in a town that ends within 10 km.
    """
    if not counts.sum() > 0 or (rings(counts, seen) >= _THIN).all():
        return RING_EDGES_KM
    order = np.argsort(seen.distance_km, kind="stable")
    held = np.cumsum(counts.to_numpy(dtype=np.float64)[order])
    at = np.searchsorted(held, np.array([0.2, 0.4, 0.6, 0.8]) * held[-1])
    fifths = np.unique(np.round(seen.distance_km[order][at], 1))
    return tuple(float(edge) for edge in fifths if edge > 0)


def _shares(
    counts: pd.Series, part: NDArray[np.int64], names: list[object] | list[str], *, name: str
) -> pd.Series:
    weight = counts.to_numpy(dtype=np.float64)
    held = np.bincount(part, weight, minlength=len(names))
    total = weight.sum()
    shares = held / total if total > 0 else np.full(len(names), np.nan)
    index = pd.Index(names, name=name, tupleize_cols=False)
    return pd.Series(shares, index=index, name="share")
