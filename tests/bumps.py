"""A made-up city for tests of the years: Gaussian bumps of graduates on a thin ground."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from spatial import cells as h3cells
from spatial.geodesy import distance_km
from spatial.hotspots import find_hotspots
from spatial.neighbours import Neighbours, disk
from spatial.places import Places, find_places

CENTRE = (39.9, 116.4)


@dataclass(frozen=True)
class Bump:
    """Graduates around a point, `north` and `east` of the centre in km, `height` per cell."""

    north: float
    east: float
    height: float = 60.0
    width_km: float = 0.9


def area(*, radius: int = 30, resolution: int = 8) -> Neighbours:
    middle = h3cells.points_to_cells([CENTRE[0]], [CENTRE[1]], resolution=resolution)
    return disk(h3cells.grid_disk(middle, k=radius))


def mean_counts(near: Neighbours, bumps: Sequence[Bump], *, ground: float = 3.0) -> np.ndarray:
    lat, lon = h3cells.centres(near.cells.to_numpy())
    mean = np.full(len(lat), ground)
    for bump in bumps:
        north = CENTRE[0] + bump.north / 111.0
        east = CENTRE[1] + bump.east / (111.3 * np.cos(np.radians(CENTRE[0])))
        away = distance_km(north, east, lat, lon)
        mean += bump.height * np.exp(-((away / bump.width_km) ** 2) / 2)
    return mean


def counted(mean: np.ndarray, near: Neighbours, *, rng: np.random.Generator) -> pd.Series:
    return pd.Series(rng.poisson(mean).astype(float), index=near.cells, name="graduates")


def found(counts: Mapping[int, pd.Series], near: Neighbours, *, top: int) -> dict[int, Places]:
    hot = {year: find_hotspots(held, near) for year, held in counts.items()}
    return {year: find_places(held, hot[year], near, top=top) for year, held in counts.items()}


def scattered(count: int, *, rng: np.random.Generator, within_km: float = 20.0) -> list[Bump]:
    """So many bumps of different heights and widths, at least 3.5 km apart."""
    bumps: list[Bump] = []
    while len(bumps) < count:
        north, east = rng.uniform(-within_km, within_km, 2)
        if np.hypot(north, east) > within_km:
            continue
        if all(np.hypot(north - b.north, east - b.east) > 3.5 for b in bumps):
            bumps.append(Bump(north, east, rng.uniform(15, 90), rng.uniform(0.7, 1.3)))
    return bumps
