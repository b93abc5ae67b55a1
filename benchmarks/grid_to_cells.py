"""
A 250 m grid of 102 400 squares to resolution 9, exact: ours beside tobler in the same run.

    python -m benchmarks.grid_to_cells [--rounds 3]

Ours is timed from the table of centres to the counts per cell: finding
the lattice and the cells, weighing, spreading, nothing kept from the round before. tobler is
timed on `area_interpolate` alone: its squares and hexagons are drawn, and carried into the grid's
plane, before its clock starts. Rounds alternate; the best of them counts, for both.
"""

from __future__ import annotations

import argparse
import warnings
from collections.abc import Callable

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from tobler.area_weighted import area_interpolate

from benchmarks.clock import peak_mb, turn_by_turn
from benchmarks.table import Row, table
from spatial import cells as h3cells
from spatial.ingest import grid_to_cells
from spatial.ingest.weights import grid_weights

__all__ = ["rows"]

SIDE_M = 250.0
ACROSS = 320
CRS = 32650
RESOLUTION = 9


def squares() -> pd.DataFrame:
    """Centres in UTM 50 N around Beijing, and Poisson counts of people."""
    along = np.arange(ACROSS) * SIDE_M + SIDE_M / 2
    x, y = np.meshgrid(420_000 + along, 4_380_000 + along)
    people = np.random.default_rng(1).poisson(50, x.size).astype(float)
    return pd.DataFrame({"x": x.ravel(), "y": y.ravel(), "people": people})


def ours(grid: pd.DataFrame) -> pd.Series:
    """People per cell, weights kept from before if there are any."""
    found = grid_to_cells(
        grid,
        lat="y",
        lon="x",
        cell=f"{SIDE_M:g}m",
        columns=["people"],
        resolution=RESOLUTION,
        crs=f"EPSG:{CRS}",
    )
    return found.counts["people"]


def drawn(grid: pd.DataFrame, counts: pd.Series) -> Callable[[], pd.Series]:
    """What tobler does with the squares and cells, drawn beforehand."""
    half = SIDE_M / 2
    boxes = shapely.box(grid.x - half, grid.y - half, grid.x + half, grid.y + half)
    source = gpd.GeoDataFrame({"people": grid["people"]}, geometry=boxes, crs=CRS)
    cells = gpd.GeoDataFrame(geometry=h3cells.outlines(counts.index.to_numpy()), crs=4326)
    target = cells.to_crs(CRS)

    def theirs() -> pd.Series:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            found = area_interpolate(source, target, extensive_variables=["people"])
        return pd.Series(found["people"].to_numpy(), index=counts.index)

    return theirs


def rows(rounds: int = 3) -> list[Row]:
    """Seconds and loss of both, and how far apart their counts lie."""
    grid = squares()
    counts = ours(grid)
    theirs = drawn(grid, counts)

    def anew() -> pd.Series:
        grid_weights.cache_clear()
        return ours(grid)

    peer, fresh, kept = turn_by_turn(theirs, anew, lambda: ours(grid), rounds=rounds)
    peer_counts = theirs()
    apart = float((counts - peer_counts).abs().max())
    what = f"{len(grid):,} squares of {SIDE_M:g} m to {len(counts):,} cells"
    return [
        Row(f"{what}, exact", "s", fresh, peer, ">= 20x", "tobler", peak_mb(anew)),
        Row("the same grid again, weights kept", "s", kept, peer, "", "tobler"),
        Row(
            "people lost, relative (at least the unit of rounding)",
            "",
            loss(counts, grid),
            loss(peer_counts, grid),
            "<= 1e-12",
            "tobler",
            note=f"at most {apart:.0e} people apart in one cell",
        ),
    ]


def loss(counts: pd.Series, grid: pd.DataFrame) -> float:
    """Share of the people that are not in the cells; no less than the unit of rounding."""
    gap = abs(counts.sum() / grid["people"].sum() - 1)
    return max(float(gap), float(np.finfo(np.float64).eps))


def main() -> None:
    asked = argparse.ArgumentParser()
    asked.add_argument("--rounds", type=int, default=3)
    print(table(rows(asked.parse_args().rounds)))


if __name__ == "__main__":
    main()
