"""The commute's statistics, slow and literal: one person, one pair, one block at a time."""

from __future__ import annotations

import math

import numpy as np
from pyproj import Geod

_EARTH = Geod(ellps="WGS84")


def geodesic_km(lat, lon, to_lat, to_lon):
    return _EARTH.inv(lon, lat, to_lon, to_lat)[2] / 1000


def haversine_km(lat, lon, to_lat, to_lon, *, radius_km=6371.0088):
    a, b = math.radians(lat), math.radians(to_lat)
    up, across = (b - a) / 2, math.radians(to_lon - lon) / 2
    chord = math.sin(up) ** 2 + math.cos(a) * math.cos(b) * math.sin(across) ** 2
    return 2 * radius_km * math.asin(math.sqrt(chord))


def rows(pairs):
    """Home row, job row and people of each pair."""
    return list(
        zip(
            pairs.origin.tolist(), pairs.destination.tolist(), pairs.graduates.tolist(), strict=True
        )
    )


def distances(pairs, *, sphere=False):
    measure = haversine_km if sphere else geodesic_km
    return [
        measure(pairs.lat[home], pairs.lon[home], pairs.lat[job], pairs.lon[job])
        for home, job, _ in rows(pairs)
    ]


def mean(values, weights):
    total = 0.0
    for value, weight in zip(values, weights, strict=True):
        total += value * weight
    return total / sum(weights)


def quantile(values, weights, share):
    """Least value with at least `share` of the weight at or below it."""
    total = sum(weights)
    for value in sorted(set(values)):
        reached = sum(w for v, w in zip(values, weights, strict=True) if v <= value)
        if reached >= share * total * (1 - 1e-12):
            return value
    raise AssertionError("nobody")


def band(value, edges):
    """The number of edges at or below a distance."""
    return sum(1 for edge in edges if edge <= value)


def exchange(pairs, inside):
    """Who lives, works, stays, comes and goes, person by person."""
    told = dict.fromkeys(("residents", "workers", "both", "inflow", "outflow"), 0.0)
    for home, job, people in rows(pairs):
        lives, works = bool(inside[home]), bool(inside[job])
        told["residents"] += people * lives
        told["workers"] += people * works
        told["both"] += people * (lives and works)
        told["inflow"] += people * (works and not lives)
        told["outflow"] += people * (lives and not works)
    return told


def radius_km(x, y, weights):
    """Semi-major axis of the ellipse that holds 90 %, by way of the inverse covariance matrix."""
    w = np.asarray(weights, dtype=float) / np.sum(weights)
    at = np.column_stack([x, y])
    away = at - w @ at
    spread = sum(part * np.outer(one, one) for part, one in zip(w, away, strict=True))
    inverse = np.linalg.inv(spread)
    distance = [math.sqrt(one @ inverse @ one) for one in away]
    scale = quantile(distance, list(w), 0.9)
    return scale * math.sqrt(np.linalg.eigvalsh(spread)[-1])


def block_means(values, weights, blocks, times):
    """Mean of a resample that repeats the people of block b times[b] times."""
    sums = people = 0.0
    for value, weight, block in zip(values, weights, blocks, strict=True):
        for _ in range(int(times[block])):
            sums += value * weight
            people += weight
    return sums / people if people else math.nan


def block_quantile(values, weights, blocks, times, share):
    """Quantile of such a resample."""
    drawn = [
        (value, weight * times[block])
        for value, weight, block in zip(values, weights, blocks, strict=True)
        if times[block]
    ]
    return quantile([one for one, _ in drawn], [one for _, one in drawn], share)
