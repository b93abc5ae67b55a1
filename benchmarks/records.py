"""
Raw records into cells, at scale, beside what one would write with pandas and with pandas and h3.

    python -m benchmarks.records [--millions 100]

Records are made up: Parquet files of 5 million rows (time, lat, lon, weight, role), crowded about
400 spots of a town. Ours is measured in a program of its own, whose memory is told as the system
counts it; the disk holds the files in its cache, as they have just been written.
"""

from __future__ import annotations

import argparse
import json
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import h3
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from benchmarks.clock import seconds
from benchmarks.table import Row, table
from spatial import cells as h3cells

__all__ = ["make_records", "rows"]

FILE_ROWS = 5_000_000
MILLIONS = 100
_BYTES_A_ROW = 26
_LOOPED = 200_000
_SPOTS = 400
_MEASURED = """
import json, resource, sys, time
from spatial.ingest.records import load_records
from spatial.ingest.record_rules import RecordRules
rules = RecordRules(resolution=9, lat="lat", lon="lon", weight="weight", role_column="role",
                    time="time", crs=sys.argv[2])
start, used = time.perf_counter(), time.process_time()
found = load_records(sys.argv[1:2], rules=rules)
took, used = time.perf_counter() - start, time.process_time() - used
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
print(json.dumps({"took": took, "used": used, "peak": peak, "records": found.records,
                  "people": found.whole.on_map, "cells": len(found.counts)}))
"""


def rows(millions: int = MILLIONS) -> list[Row]:
    """Seconds for a million records, and most memory held."""
    with tempfile.TemporaryDirectory(prefix="gradmap-bench-") as made:
        folder = Path(made)
        millions = min(millions, _room(folder))
        people = make_records(folder, millions=millions)
        ours = _measured(folder, "WGS-84")
        if ours["people"] != people:
            raise ValueError(f"{people:,.0f} people were made, found {ours['people']:,.0f}")
        first = sorted(folder.iterdir())[0]
        pandas = seconds(lambda: _by_pandas(first)) / FILE_ROWS
        looped = seconds(lambda: _by_loop(first)) / _LOOPED
        shifted = _measured(first, "GCJ-02")
    each = ours["took"] / ours["records"]
    what = f"{millions} M records to cells, seconds a million"
    rate = f"{1e-6 / each:.2f} M records/s, {ours['used'] / ours['records'] * 1e6:.2f} s of cores"
    used = {"memory_mb": ours["peak"], "note": f"{rate}, {ours['cells']:,} sums"}
    return [
        Row(what, "s", each * 1e6, pandas * 1e6, f"<= {1 / 3:.3f} s", "h3ronpy + pandas", **used),
        Row(what, "s", each * 1e6, looped * 1e6, "", "h3 in a loop + pandas"),
        Row("their most memory at once", "MB", ours["peak"], None, "<= 1000 MB"),
        Row(
            "5 M records in GCJ-02, seconds a million",
            "s",
            shifted["took"] / shifted["records"] * 1e6,
            None,
            "",
            memory_mb=shifted["peak"],
        ),
    ]


def make_records(folder: Path, *, millions: int) -> float:
    """Files of made-up records; the people they stand for."""
    rng = np.random.default_rng(1)
    lat, lon = rng.normal(39.93, 0.16, _SPOTS), rng.normal(116.4, 0.2, _SPOTS)
    spread, crowd = rng.uniform(0.002, 0.03, _SPOTS), rng.pareto(1.2, _SPOTS) + 0.1
    people = 0.0
    for number in range(max(1, millions * 1_000_000 // FILE_ROWS)):
        spot = rng.choice(_SPOTS, FILE_ROWS, p=crowd / crowd.sum())
        seconds_ = rng.integers(1_640_995_200, 1_767_225_600, FILE_ROWS)  # 2022 to 2025
        weight = rng.integers(1, 20, FILE_ROWS).astype(np.float32)
        roles = rng.integers(0, 2, FILE_ROWS).astype(np.int8)
        made = {
            "time": pa.array(seconds_, pa.timestamp("s")),
            "lat": lat[spot] + spread[spot] * rng.normal(size=FILE_ROWS),
            "lon": lon[spot] + 1.3 * spread[spot] * rng.normal(size=FILE_ROWS),
            "weight": weight,
            "role": pa.DictionaryArray.from_arrays(roles, ["residence", "work"]),
        }
        pq.write_table(pa.table(made), folder / f"{number:03}.parquet", row_group_size=1 << 20)
        people += float(weight.sum(dtype=np.float64))
    return people


def _room(folder: Path) -> int:
    """Millions of records for which the disk has room, half of it left free."""
    return max(5, shutil.disk_usage(folder).free // 2 // _BYTES_A_ROW // 1_000_000)


def _measured(path: Path, crs: str) -> dict[str, float]:
    command = [sys.executable, "-c", _MEASURED, str(path), crs]
    ran = subprocess.run(command, capture_output=True, text=True, check=True)
    found: dict[str, float] = json.loads(ran.stdout)
    return found


def _by_pandas(path: Path) -> pd.Series:
    """One file at once: all cells by h3ronpy, then a group-by."""
    frame = pd.read_parquet(path)
    frame["cell"] = h3cells.points_to_cells(frame["lat"], frame["lon"], resolution=9)
    return _grouped(frame)


def _by_loop(path: Path) -> pd.Series:
    """A few records, each one's cell by h3."""
    frame = next(pq.ParquetFile(path).iter_batches(_LOOPED)).to_pandas()
    places = zip(frame["lat"], frame["lon"], strict=True)
    frame["cell"] = [h3.latlng_to_cell(lat, lon, 9) for lat, lon in places]
    return _grouped(frame)


def _grouped(frame: pd.DataFrame) -> pd.Series:
    keys = [frame["cell"], frame["role"], frame["time"].dt.year]
    return frame.groupby(keys, observed=True)["weight"].sum()


def main() -> None:
    asked = argparse.ArgumentParser()
    asked.add_argument("--millions", type=int, default=MILLIONS)
    print(table(rows(asked.parse_args().millions)))


if __name__ == "__main__":
    main()
