"""The synthetic city itself: residents and jobs of every resolution-9 cell of Beijing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import geopandas as gpd
import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from spatial.sources.beijing.drawing import settlements
from spatial.sources.beijing.land import Field, bent
from spatial.sources.beijing.terrain import (
    Floats,
    on_plain,
    plane_km,
    smooth_noise,
    valley_km,
)

__all__ = ["OLD_JOBS_10K", "RESIDENTS", "Fabric", "fabric", "shared_out"]

RESIDENTS: Final = {
    "110101": 708_829,
    "110102": 1_106_214,
    "110105": 3_452_460,
    "110106": 2_019_764,
    "110107": 567_851,
    "110108": 3_133_469,
    "110109": 392_606,
    "110111": 1_312_778,
    "110112": 1_840_295,
    "110113": 1_324_044,
    "110114": 2_269_487,
    "110115": 1_993_591,
    "110116": 441_040,
    "110117": 457_313,
    "110118": 527_683,
    "110119": 345_671,
}
"""District code -> residents at the census of 1 November 2020 (21 893 095 in the city)."""

OLD_JOBS_10K: Final = {"110102": 128.4}
"""District code -> employees of 2023 on the older basis, 10 000 persons, where published."""

_OLD_OVER_NEW: Final = 128.4 / 117.5  # assumed of every other district as well
_FEWEST: Final = 40  # residents or jobs below which a cell counts as empty
_MOST_HOMES: Final = 2500  # about 33 000 residents per km2; estates outside stand higher
_MOST_OUTSIDE: Final = 3600
_MOST_JOBS: Final = 14000


@dataclass(frozen=True)
class Fabric:
    """Residents and jobs per cell of a field, whole persons, shape (n,) each."""

    field: Field
    bent: Field  # the same cells in a plane bent a little, where no settlement is a disc
    residents: NDArray[np.int64]
    jobs: NDArray[np.int64]
    old_jobs: NDArray[np.int64]


def fabric(
    land: Field,
    districts: gpd.GeoDataFrame,
    places: gpd.GeoDataFrame,
    stations: gpd.GeoDataFrame,
    *,
    rng: np.random.Generator,
) -> Fabric:
    """
    Residents and jobs of every cell, whole persons that add up to each district's figures.

    Parameters
    ----------
    land
        The cells.
    districts
        Columns id and employees_10k (10 000 persons, 2024).
    places, stations
        Points that people live and work around.
    rng
        Source of the villages, the texture of the blocks and the shape of the settlements.
    """
    crooked = bent(land, rng=rng)
    residents, jobs = _settled(crooked, places)
    homes = _city_homes(land) + residents + _villages(land, rng=rng)
    near = _near_stations(land, stations)
    homes = homes * (1 + 0.7 * near) * _blocks(land, coarse=0.32, fine=0.46, rng=rng) * land.open
    outside = 1 / (1 + np.exp((11 - land.radius_km) / 1.5))
    homes = _crowded(homes, most=_MOST_HOMES + (_MOST_OUTSIDE - _MOST_HOMES) * outside)
    work = _city_jobs(land) + jobs + 0.10 * homes
    work = work * (1 + 0.6 * near) * _blocks(land, coarse=0.12, fine=0.30, rng=rng) * land.open
    work = _crowded(work, most=_MOST_JOBS)
    new = {
        code: round(1e4 * employees)
        for code, employees in zip(districts["id"], districts["employees_10k"], strict=True)
    }
    old = {
        code: round(1e4 * OLD_JOBS_10K.get(code, employees / 1e4 * _OLD_OVER_NEW))
        for code, employees in new.items()
    }
    return Fabric(
        land,
        crooked,
        _by_district(land, homes, RESIDENTS),
        _by_district(land, work, new),
        _by_district(land, work, old),
    )


def shared_out(weights: Floats, total: int, *, fewest: float = 0) -> NDArray[np.int64]:
    """
    `total` whole persons shared in proportion to `weights`, shape (n,).

    Cells that would hold fewer than `fewest` stay empty. Fractions go to the largest
    remainders, so that the sum is `total` exactly.
    """
    exact: Floats = weights * (total / weights.sum())
    for _ in range(3):  # what the emptied cells held lifts others over the edge
        exact = np.where(exact < fewest, 0, exact)
        exact *= total / exact.sum()
    whole: NDArray[np.int64] = np.floor(exact).astype(np.int64)
    missing = total - int(whole.sum())
    whole[np.argsort(whole - exact, kind="stable")[:missing]] += 1
    return whole


def _crowded(people: Floats, *, most: float | Floats) -> Floats:
    """People per cell where no cell can hold more than `most`."""
    return np.asarray(most * (1 - np.exp(-people / most)))


def _by_district(land: Field, weights: Floats, totals: dict[str, int]) -> NDArray[np.int64]:
    people = np.zeros(len(weights), dtype=np.int64)
    for code in np.unique(land.district.astype(str)):
        rows = land.district == code
        people[rows] = shared_out(weights[rows], totals[code], fewest=_FEWEST)
    return people


def _city_homes(land: Field) -> Floats:
    """Residents per cell of the continuous city, before texture."""
    r = land.radius_km
    inner = 0.62 + 0.38 / (1 + np.exp(-(r - 3.0) / 0.7))  # courtyards and offices inside
    return np.asarray(1150 * inner * np.exp(-np.maximum(r - 8.5, 0) / 3.6)) * _plain(land)


def _city_jobs(land: Field) -> Floats:
    """Jobs per cell of the continuous city: a core, and the avenue through it east to west."""
    r = land.radius_km
    core = 800 * np.exp(-np.maximum(r - 4.0, 0) / 3.6)
    avenue = 450 * np.exp(-((land.y / 0.7) ** 2)) * np.exp(-((land.x / 9) ** 4))
    return np.asarray(core + avenue) * _plain(land)


def _settled(land: Field, places: gpd.GeoDataFrame) -> tuple[Floats, Floats]:
    """Residents and jobs per cell around the named places."""
    told = settlements()
    homes, work = np.zeros(len(land.cells)), np.zeros(len(land.cells))
    rows = zip(places["id"], places["kind"], places["reach_km"], places.geometry, strict=True)
    for name, kind, reach, point in rows:
        usual = [1e4 * heads * reach**2 for heads in _USUAL.get(kind, (1.0, 1.0))]
        residents, jobs = told.get(name, usual)
        core = 0.4 if kind in ("centre", "node", "new_town") else 0.0
        for people, heads, width in (
            (homes, residents, 0.46),
            (work, (1 - core) * jobs, 0.42),
            (work, core * jobs, 0.20),
        ):
            near, weight = land.kernel(point.y, point.x, width_km=width * reach)
            if len(near):
                people[near] += heads * weight / weight.sum()
    return homes, work


# Kind of place -> residents and jobs per km2 of reach squared, 10 000 persons.
_USUAL: Final = {
    "community": (4.5, 0.7),
    "area": (2.4, 2.2),
    "campus_area": (4.5, 2.0),
    "town": (1.2, 0.4),
    "node": (3.0, 3.0),
    "landmark": (0.2, 0.8),
}


def _villages(land: Field, *, rng: np.random.Generator) -> Floats:
    """Residents per cell in villages: a few km apart on the plain, strung along the valleys."""
    step = 1.9
    spots = np.stack(np.meshgrid(np.arange(-90, 95, step), np.arange(-60, 135, step)), axis=-1)
    spots = spots.reshape(-1, 2) + rng.uniform(-1.0, 1.0, (spots.size // 2, 2))
    tree = cKDTree(np.column_stack([land.x, land.y]))
    gap, nearest = tree.query(spots)
    lat, lon = land.lat[nearest], land.lon[nearest]
    plain = on_plain(lat, lon)
    valley = ~plain & (valley_km(lat, lon) < 1.0)
    r = np.hypot(*spots.T)
    size = rng.lognormal(np.log(1000), 0.75, len(spots)) * (1 + 2.2 * np.exp(-r / 18))
    size = np.where(valley, 0.22 * size, size)
    thick = 0.62 + 0.25 * smooth_noise(spots[:, 0], spots[:, 1], scale_km=7, rng=rng)
    kept = (gap < 0.3) & (plain | valley) & (rng.random(len(spots)) < np.where(valley, 0.75, thick))
    widths = np.where(valley, 0.16, rng.uniform(0.18, 0.34, len(spots)))
    people = np.zeros(len(land.cells))
    for (x, y), heads, width in zip(spots[kept], size[kept], widths[kept], strict=True):
        near = np.array(tree.query_ball_point((x, y), 3 * width + 0.2), dtype=np.int64)
        square = (land.x[near] - x) ** 2 + (land.y[near] - y) ** 2
        weight = np.exp(-square / (2 * width**2))
        if weight.sum() > 0:
            people[near] += heads * weight / weight.sum()
    return people


def _near_stations(land: Field, stations: gpd.GeoDataFrame) -> Floats:
    """1 at a metro station, falling to 0 over about a kilometre, shape (n,)."""
    points = np.column_stack(plane_km(stations.geometry.y, stations.geometry.x))
    gap, _ = cKDTree(points).query(np.column_stack([land.x, land.y]))
    return np.asarray(np.exp(-((gap / 0.7) ** 2)))


def _blocks(land: Field, *, coarse: float, fine: float, rng: np.random.Generator) -> Floats:
    """Texture of districts, quarters and blocks, median 1, shape (n,)."""
    noise = coarse * smooth_noise(land.x, land.y, scale_km=4.5, rng=rng)
    noise = noise + coarse * smooth_noise(land.x, land.y, scale_km=1.6, rng=rng)
    noise = noise + fine * smooth_noise(land.x, land.y, scale_km=0.6, rng=rng)
    noise = noise + fine * rng.standard_normal(len(land.cells))
    return np.asarray(np.exp(noise))


def _plain(land: Field) -> Floats:
    return on_plain(land.lat, land.lon).astype(np.float64)
