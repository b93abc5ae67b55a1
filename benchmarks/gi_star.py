"""
Gi* and its permutations beside esda and pygeoda, on the same cells in the same run.

    python benchmarks/gi_star.py [--cells 100000] [--permutations 999]

Needs the extra "bench". esda compiles its permutations where numba is installed, which is the
fair comparison: the table says which it was. Every timing leaves out finding the neighbours,
which each of the three does once; its own row says what it costs here.
"""

from __future__ import annotations

import argparse
import importlib.util
import tempfile
import time
import tracemalloc
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import esda
import libpysal
import numpy as np
import pandas as pd
from scipy.sparse import csr_array

from spatial import cells as h3cells
from spatial.hotspots import getis_ord
from spatial.neighbours import Neighbours, disk
from spatial.significance import p_permuted

SMALL = 10_000


def study(n: int) -> pd.Series:
    """Skewed counts, many of them small, on the `n` cells around a point."""
    radius = int(np.ceil((np.sqrt(12 * n - 3) - 3) / 6))
    middle = h3cells.points_to_cells([39.9], [116.4], resolution=9)
    cells = pd.Index(h3cells.grid_disk(middle, k=radius)[:n], name="cell")
    return pd.Series(np.random.default_rng(1).gamma(0.4, 50, n), index=cells)


def esda_weights(near: Neighbours) -> Any:  # noqa: ANN401 - libpysal ships no types
    """The same neighbours as libpysal has them, without the cell itself."""
    n = len(near.cells)
    row, column = np.tile(np.arange(n), len(near.table) - 1), near.table[1:].ravel()
    real = column < n
    ones = np.ones(int(real.sum()))
    return libpysal.weights.WSP(csr_array((ones, (row[real], column[real])), shape=(n, n))).to_W(
        silence_warnings=True
    )


def geoda_weights(near: Neighbours) -> Any:  # noqa: ANN401 - pygeoda ships no types
    """The same neighbours as pygeoda reads them."""
    import pygeoda

    n = len(near.cells)
    lines = [f"0 {n} cells id"]
    for number, row in enumerate(near.table[1:].T):
        others = row[row < n].tolist()
        lines += [f"{number} {len(others)}", " ".join(map(str, others))]
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "cells.gal"
        file.write_text("\n".join(lines) + "\n")
        return pygeoda.read_gal(str(file), [str(number) for number in range(n)])


def seconds(work: Callable[[], object], *, times: int) -> float:
    """The shortest of `times` runs."""
    taken = []
    for _ in range(times):
        start = time.perf_counter()
        work()
        taken.append(time.perf_counter() - start)
    return min(taken)


def peak_mb(work: Callable[[], object]) -> float:
    """Most memory held at once, MB, beyond what was held before."""
    tracemalloc.start()
    work()
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return peak / 1e6


def apart(p: pd.Series, other: np.ndarray, *, permutations: int) -> float:
    """Largest difference of two-sided p, in Monte Carlo errors of the two runs together."""
    middle = np.clip((p + other) / 2, 2 / permutations, 1)
    error = 2 * np.sqrt(2 * (middle / 2) * (1 - middle / 2) / permutations)
    return float((np.abs(p - other) / error).max())


def analytic(counts: pd.Series, near: Neighbours) -> list[str]:
    """Scores alone."""
    weights, values = esda_weights(near), counts.to_numpy()

    def theirs() -> Any:  # noqa: ANN401
        return esda.G_Local(values, weights, transform="B", star=True, permutations=0)

    start = time.perf_counter()
    z = getis_ord(counts, near)
    first = time.perf_counter() - start
    ours, esdas = seconds(lambda: getis_ord(counts, near), times=5), seconds(theirs, times=2)
    gap = np.abs(z - theirs().Zs).max()
    note = f"z equal to {gap:.0e}; first call {first * 1e3:.0f} ms"
    return row("Gi* analytic", len(counts), ours, "esda", esdas, 20, note)


def permuted(counts: pd.Series, near: Neighbours, *, permutations: int) -> list[str]:
    """Chance by permutation, esda on one core and on all, the faster of the two."""
    weights, values = esda_weights(near), counts.to_numpy()

    def mine() -> pd.Series:
        return p_permuted(counts, near, permutations=permutations, rng=np.random.default_rng(1))

    def theirs(jobs: int) -> Any:  # noqa: ANN401
        return esda.G_Local(
            values, weights, transform="B", star=True, permutations=permutations,
            keep_simulations=False, seed=1, n_jobs=jobs,
        )  # fmt: skip

    compiled = importlib.util.find_spec("numba") is not None
    if compiled:  # compile first: the wait for it is not held against esda
        little = study(100)
        esda.G_Local(
            little.to_numpy(), esda_weights(disk(little.index)), transform="B", star=True,
            permutations=9, keep_simulations=False, seed=1, n_jobs=1,
        )  # fmt: skip
    found = theirs(1)
    esdas = min(seconds(lambda jobs=jobs: theirs(jobs), times=1) for jobs in (1, -1))
    gap = apart(mine(), np.minimum(1, 2 * found.p_sim), permutations=permutations)
    note = (
        f"p at most {gap:.1f} standard errors apart; peak {peak_mb(mine):.0f} MB;"
        f" esda {'with' if compiled else 'WITHOUT'} numba"
    )
    ours = seconds(mine, times=3)
    return row(f"Gi*, {permutations} permutations", len(counts), ours, "esda", esdas, 100, note)


def looked_up(counts: pd.Series, near: Neighbours, *, permutations: int) -> list[str]:
    """Scores and chance beside the method that looks its draws up in a table."""
    import pygeoda

    weights, values = geoda_weights(near), counts.tolist()

    def theirs() -> Any:  # noqa: ANN401
        return pygeoda.local_gstar(
            weights, values, permutations=permutations, permutation_method="lookup-table", seed=1
        )

    def mine() -> pd.Series:
        p = p_permuted(counts, near, permutations=permutations, rng=np.random.default_rng(1))
        return getis_ord(counts, near).where(p <= 0.05)

    ours, geodas = seconds(mine, times=5), seconds(theirs, times=3)
    name = f"Gi*, {permutations} permutations"
    return row(name, len(counts), ours, "pygeoda lookup-table", geodas, 1, "z and p")


def row(
    work: str, n: int, ours: float, peer: str, theirs: float, target: float, note: str
) -> list[str]:
    """One line of the table."""
    ratio = theirs / ours
    verdict = "met" if ratio >= target else "MISSED"
    return [
        work, f"{n:,}", f"{ours * 1e3:.1f} ms", peer, f"{theirs * 1e3:,.0f} ms", f"{ratio:,.0f}x",
        f">= {target:g}x {verdict}", note,
    ]  # fmt: skip


def main() -> None:
    """Print the table."""
    asked = argparse.ArgumentParser(description=__doc__.split("\n\n")[0].strip())
    asked.add_argument("--cells", type=int, default=100_000)
    asked.add_argument("--permutations", type=int, default=999)
    options = asked.parse_args()
    warnings.simplefilter("ignore")
    counts = study(options.cells)
    near = disk(counts.index)
    few = counts.iloc[:SMALL]
    rows = [
        analytic(counts, near),
        permuted(counts, near, permutations=options.permutations),
        looked_up(few, disk(few.index), permutations=options.permutations),
    ]
    head = ["work", "cells", "gradmap", "peer", "peer's time", "ratio", "target", "note"]
    for line in [head, ["---"] * len(head), *rows]:
        print("| " + " | ".join(line) + " |")
    for k in (1, 3):
        taken = seconds(lambda k=k: disk(counts.index, k=k), times=3)
        print(f"\nneighbours within {k} of {options.cells:,} cells: {taken * 1e3:.0f} ms")


if __name__ == "__main__":
    main()
