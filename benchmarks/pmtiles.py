"""
100 000 cells of resolution 9 to PMTiles: ours beside GDAL's own driver in the same run.

    python -m benchmarks.pmtiles [--rounds 2]

Both write the same table for the same zooms. GDAL is handed finished outlines and cuts them
for every zoom; ours starts from the ids of the cells and shows parents where cells are too
small to be told apart. The last zoom alone, where both show every cell, is timed as well: there
ours has no parents to gain from.
"""

from __future__ import annotations

import argparse
import tempfile
import warnings
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio

from benchmarks.clock import peak_mb, turn_by_turn
from benchmarks.table import Row, table
from spatial import cells as h3cells
from spatial.formats.pmtiles import pack, write_pmtiles
from spatial.formats.tiles import cell_tiles, zooms_of

__all__ = ["rows"]

CELLS = 100_000
RESOLUTION = 9
BEIJING = (39.9, 116.4)
TOLD: dict[str, Any] = {
    "study": "benchmark",
    "synthetic": True,
    "modelled": [],
    "breaks": [],
    "method": "Poisson counts.",
    "command": "python -m benchmarks.pmtiles",
    "citation": "",
}


def city() -> gpd.GeoDataFrame:
    """Cells with the columns of a hotspot table, outlines drawn."""
    middle = h3cells.points_to_cells([BEIJING[0]], [BEIJING[1]], resolution=RESOLUTION)
    cells = h3cells.grid_disk(middle, k=183)[:CELLS]
    rng = np.random.default_rng(1)
    z = rng.normal(size=CELLS)
    columns = {
        "cell": pd.Series(h3cells.to_text(cells), dtype="str"),
        "graduates": rng.poisson(8, CELLS).astype(float),
        "base": rng.poisson(300, CELLS).astype(float),
        "area_km2": h3cells.area_km2(cells),
        "z": z,
        "p": np.exp(-np.abs(z)),
        "hotspot": pd.Series(np.where(z > 2, "hot", np.where(z < -2, "cold", "none")), dtype="str"),
    }
    return gpd.GeoDataFrame(columns, geometry=h3cells.outlines(cells), crs=4326)


def rows(rounds: int = 1) -> list[Row]:
    """Seconds of both, all zooms and the last alone, and what the files weigh."""
    cells = city()
    last = zooms_of(RESOLUTION, BEIJING[0])
    with tempfile.TemporaryDirectory() as folder:
        mine, theirs = Path(folder) / "ours.pmtiles", Path(folder) / "gdal.pmtiles"

        def ours() -> None:
            write_pmtiles(cells, mine, TOLD, "cells")

        def one_zoom() -> None:
            tiles = list(cell_tiles(cells, "cells", first=last))
            mine.write_bytes(pack(tiles, bounds=(0, 0, 1, 1), metadata={}))

        def gdal(first: int) -> None:
            theirs.unlink(missing_ok=True)
            zooms = {"MINZOOM": first, "MAXZOOM": last, "NAME": "cells"}
            with warnings.catch_warnings():
                # It blurs tiles that grow too large: fewer bytes, and its own choice.
                warnings.simplefilter("ignore")
                pyogrio.write_dataframe(cells, theirs, driver="PMTiles", layer="cells", **zooms)

        peer, own = turn_by_turn(lambda: gdal(0), ours, rounds=rounds)
        weights = [file.stat().st_size / 1e6 for file in (theirs, mine)]
        peer_last, own_last = turn_by_turn(lambda: gdal(last), one_zoom, rounds=rounds)
        memory = peak_mb(ours)
    what = f"{CELLS:,} cells to PMTiles, zoom"
    gdal_name = f"GDAL {'.'.join(map(str, pyogrio.__gdal_version__))}"
    note = f"{weights[1]:.1f} MB, GDAL's {weights[0]:.1f} MB"
    return [
        Row(f"{what}s 0 to {last}", "s", own, peer, ">= 20x", gdal_name, memory, note),
        Row(
            f"{what} {last} alone, the same cells in both", "s", own_last, peer_last, "", gdal_name
        ),
    ]


def main() -> None:
    asked = argparse.ArgumentParser()
    asked.add_argument("--rounds", type=int, default=1)
    print(table(rows(asked.parse_args().rounds)))


if __name__ == "__main__":
    main()
