"""Small studies made up on the spot, for tests that need one to read."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from spatial import cells as h3cells
from spatial.store import write_study
from spatial.study import Break, Group, Source, Study, StudyInfo

CENTRE = (39.9, 116.4)
YEARS = (2023, 2024, 2025)


def city(*, radius: int = 12, resolution: int = 9) -> np.ndarray:
    middle = h3cells.points_to_cells([CENTRE[0]], [CENTRE[1]], resolution=resolution)
    return h3cells.grid_disk(middle, k=radius)


def info(**changes: object) -> StudyInfo:
    given = {
        "name": "little",
        "resolution": 9,
        "title": {"en": "Little town", "zh": "小城"},
        "groups": (Group("stayers", {"en": "Stayers"}), Group("arrivals", {"en": "Arrivals"})),
        "source": Source("A made-up register", "https://example.org", "CC0-1.0", "Nobody (2025)"),
        "breaks": (Break(2023, 2024, "work", {"en": "the register was renewed"}),),
        "synthetic": True,
        "currency": {"en": "yuan", "zh": "元"},
        "rent_edges": (2000.0, 3000.0),
    }
    return StudyInfo(**(given | changes))


def counts(*, seed: int = 1, radius: int = 12, years: tuple[int, ...] = YEARS) -> pd.DataFrame:
    """Two planted job centres and one bedroom town over a thin ground, with base and groups."""
    rng = np.random.default_rng(seed)
    ids = city(radius=radius)
    lat, lon = h3cells.centres(ids)
    tables = []
    for year in years:
        for role, peaks in (("work", [(0.0, 0.0), (0.02, 0.02)]), ("residence", [(-0.02, 0.0)])):
            mean = np.full(len(ids), 2.0)
            for north, east in peaks:
                away = np.hypot(lat - CENTRE[0] - north, lon - CENTRE[1] - east)
                mean += 200 * np.exp(-((away / 0.004) ** 2))
            stayers, arrivals = rng.poisson(mean / 2), rng.poisson(mean / 2)
            tables.append(
                pd.DataFrame(
                    {
                        "cell": ids,
                        "role": role,
                        "year": year,
                        "graduates": (stayers + arrivals).astype(float),
                        "base": 50.0 + 5 * mean,
                        "stayers": stayers.astype(float),
                        "arrivals": arrivals.astype(float),
                    }
                )
            )
    return pd.concat(tables, ignore_index=True)


def flows(table: pd.DataFrame, *, year: int = 2025) -> pd.DataFrame:
    """Everybody at home in the strongest cells works in the strongest cells of work."""
    rows = table[table["year"] == year].sort_values("graduates", ascending=False)
    homes = rows.loc[rows["role"] == "residence", "cell"].to_numpy()[:5]
    jobs = rows.loc[rows["role"] == "work", "cell"].to_numpy()[:5]
    return pd.DataFrame(
        {
            "origin": np.repeat(homes, 5),
            "destination": np.tile(jobs, 5),
            "year": year,
            "graduates": np.arange(1.0, 26.0),
        }
    )


def layers() -> dict[str, gpd.GeoDataFrame]:
    lat, lon = CENTRE
    stations = {
        "id": ["s1", "s2"],
        "name": ["中心站", "北站"],
        "name_en": ["Centre", "North"],
        "lines": ["1", "1"],
        "opened": [2001, 2001],
    }
    at = [shapely.Point(lon, lat), shapely.Point(lon + 0.02, lat + 0.02)]
    rents = {"id": ["r1", "r2", "r3"], "rent": [1800.0, 2600.0, 4200.0], "area_m2": [20.0] * 3}
    rents |= {"kind": ["room"] * 3, "year": [2025] * 3}
    near = [shapely.Point(lon + step, lat - 0.02 * (step > 0)) for step in (0.0, 0.001, 0.002)]
    halves = [
        shapely.box(lon - 1, lat - 1, lon, lat + 1),
        shapely.box(lon, lat - 1, lon + 1, lat + 1),
    ]
    names = {"id": ["w", "e"], "name": ["西区", "东区"], "name_en": ["West", "East"]}
    return {
        "stations": gpd.GeoDataFrame(stations, geometry=at, crs=4326),
        "rents": gpd.GeoDataFrame(rents, geometry=near, crs=4326),
        "districts": gpd.GeoDataFrame(names, geometry=halves, crs=4326),
    }


def small_study(path: Path, *, seed: int = 1, **changes: object) -> Study:
    table = counts(seed=seed)
    return write_study(path, info(**changes), table, flows=flows(table), layers=layers())
