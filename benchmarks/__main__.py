"""
Every speed figure beside its peer, in one run and one table.

    python -m benchmarks [--only gi_star]
"""

from __future__ import annotations

import argparse
import os
import platform
import sys
from importlib import import_module
from importlib.metadata import version

from benchmarks.clock import seconds
from benchmarks.table import Row, table, verdict

MODULES = (
    "grid_to_cells",
    "gi_star",
    "separation",
    "siting",
    "records",
    "pmtiles",
    "weights",
    "first_paint",
    "answers",
    "first_screen",
)
PEERS = ("esda", "folium", "POT", "pygeoda", "tobler")


def main() -> None:
    """Run what is asked for, one after another, and print what was found."""
    asked = argparse.ArgumentParser(prog="python -m benchmarks")
    asked.add_argument("--only", choices=MODULES, action="append", help="leave out the others")
    rows: list[Row] = []
    for name in asked.parse_args().only or MODULES:
        print(f"{name} ...", file=sys.stderr, flush=True)
        taken = seconds(lambda name=name: rows.extend(import_module(f"benchmarks.{name}").rows()))
        print(f"{name}: {taken:.0f} s", file=sys.stderr, flush=True)
    print(table(rows))
    print(f"\nEvery time is the best of its rounds. {machine()}.")
    missed = sum(verdict(row) == "NO" for row in rows)
    print(f"{missed} of {sum(bool(row.target) for row in rows)} targets missed.")


def machine() -> str:
    """What the figures were measured on, and with which peers."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    load = f", load {os.getloadavg()[0]:.1f} at the end" if hasattr(os, "getloadavg") else ""
    peers = ", ".join(f"{name} {version(name)}" for name in PEERS)
    return (
        f"{cores} cores, {platform.machine()}, {platform.system()}{load};"
        f" Python {platform.python_version()}; {peers}"
    )


if __name__ == "__main__":
    main()
