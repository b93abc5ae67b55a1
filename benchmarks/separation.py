"""The least mean commute of 3 000 x 3 000 zones, beside POT's network simplex on the same."""

from __future__ import annotations

from typing import Any

import numpy as np
import ot

from benchmarks.clock import turn_by_turn
from benchmarks.table import Row
from spatial.geodesic_matrix import distance_matrix_km
from spatial.transport import least_mean_km

SIZE = 3_000
KINDS = ("even", "city", "apart", "shared")

Ends = tuple[Any, Any, Any, Any, Any, Any]


def rows() -> list[Row]:
    """One row for each kind of town."""
    return [_row(kind) for kind in KINDS]


def ends_of(kind: str, *, rng: np.random.Generator) -> Ends:
    """
    Zones and people of a made-up town, as arguments of `least_mean_km`.

    even: anywhere in 50 km, as many in each. city: crowded about one centre, a few zones large.
    apart: homes and jobs in two towns 40 km from each other. shared: homes and jobs in the same
    zones, a square grid, where many ways are equally long.
    """
    if kind == "even":
        homes, jobs = rng.uniform(0, 50, (2, SIZE, 2))
        sent = taken = np.ones(SIZE)
    elif kind == "shared":
        side = int(np.ceil(np.sqrt(SIZE)))
        homes = jobs = np.argwhere(np.ones((side, side)))[:SIZE].astype(float)
        sent, taken = rng.poisson(3, SIZE) + 1.0, rng.pareto(1.5, SIZE) + 0.1
    else:
        spread = np.array([15.0, 8.0]) if kind == "city" else np.array([5.0, 5.0])
        homes, jobs = rng.normal(0, spread, (2, SIZE, 2))
        jobs = jobs + (np.array([0.0, 40.0]) if kind == "apart" else 0.0)
        sent, taken = rng.pareto(1.5, SIZE) + 0.1, rng.pareto(1.2, SIZE) + 0.1
    lat, lon = 39.9 + homes[:, 0] / 111, 116.4 + homes[:, 1] / 85
    to_lat, to_lon = 39.9 + jobs[:, 0] / 111, 116.4 + jobs[:, 1] / 85
    return lat, lon, sent, to_lat, to_lon, taken


def _row(kind: str) -> Row:
    ends = ends_of(kind, rng=np.random.default_rng(1))
    lat, lon, sent, to_lat, to_lon, taken = ends
    shares = sent / sent.sum(), taken / taken.sum()
    found: dict[str, float] = {}

    def ours() -> None:
        found["ours"] = least_mean_km(*ends)

    def theirs() -> None:
        cost = distance_matrix_km(lat, lon, to_lat, to_lon)
        found["theirs"] = float(ot.emd2(*shares, cost, numItermax=10**8))

    quick, slow = turn_by_turn(ours, theirs, rounds=3)
    apart = abs(found["ours"] / found["theirs"] - 1)
    return Row(
        what=f"least mean commute of 3 000 x 3 000 zones, {kind}",
        unit="s",
        ours=quick,
        peer=slow,
        target="<= 1.2 s",
        peer_name="POT emd2",
        note=f"distances included in both; values {apart:.0e} apart",
    )
