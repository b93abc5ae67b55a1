"""
Gi* and its permutations beside esda and pygeoda, on the same cells in the same run.

    python -m benchmarks.gi_star [--rounds 3]

esda compiles its permutations where numba is installed, which is the fair comparison: the table
says which it was. Every timing leaves out finding the neighbours, which each of the three does
once; its own rows say what it costs here.
"""

from __future__ import annotations

import argparse
import importlib.util
import tempfile
import warnings
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import esda
import libpysal
import numpy as np
import pandas as pd
import pygeoda
from scipy.sparse import csr_array

from benchmarks.clock import peak_mb, seconds, turn_by_turn
from benchmarks.table import Row, table
from spatial import cells as h3cells
from spatial.hotspots import getis_ord
from spatial.neighbours import Neighbours, disk
from spatial.significance import p_permuted

__all__ = ["rows"]

CELLS = 100_000
SMALL = 10_000
DRAWS = 999


def rows(rounds: int = 3) -> list[Row]:
    """Scores and chance on 100 000 cells beside esda, on 10 000 beside pygeoda."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        counts = study(CELLS)
        near = disk(counts.index)
        found = [analytic(counts, near, rounds=rounds), permuted(counts, near, rounds=rounds)]
        few = counts.iloc[:SMALL]
        found.append(looked_up(few, disk(few.index), rounds=rounds))
    for k in (1, 3):
        (taken,) = turn_by_turn(partial(disk, counts.index, k=k), rounds=rounds)
        found.append(Row(f"neighbours within {k}, {CELLS:,} cells", "ms", taken * 1e3, None, ""))
    return found


def study(n: int) -> pd.Series:
    """Skewed counts, many of them small, on the `n` cells around a point."""
    radius = int(np.ceil((np.sqrt(12 * n - 3) - 3) / 6))
    middle = h3cells.points_to_cells([39.9], [116.4], resolution=9)
    cells = pd.Index(h3cells.grid_disk(middle, k=radius)[:n], name="cell")
    return pd.Series(np.random.default_rng(1).gamma(0.4, 50, n), index=cells)


def analytic(counts: pd.Series, near: Neighbours, *, rounds: int) -> Row:
    """Scores alone; ours timed on its first call too, which a compiler would have to wait for."""
    weights, values = esda_weights(near), counts.to_numpy()

    def mine() -> pd.Series:
        return getis_ord(counts, near)

    def theirs() -> Any:  # noqa: ANN401 - esda ships no types
        return esda.G_Local(values, weights, transform="B", star=True, permutations=0)

    first = seconds(mine)
    ours, esdas = turn_by_turn(mine, theirs, rounds=rounds)
    gap = np.abs(mine() - theirs().Zs).max()
    return Row(
        f"Gi* analytic, {len(counts):,} cells",
        "ms",
        ours * 1e3,
        esdas * 1e3,
        ">= 20x",
        "esda",
        peak_mb(mine),
        f"z equal to {gap:.0e}; first call {first * 1e3:.0f} ms",
    )


def permuted(counts: pd.Series, near: Neighbours, *, rounds: int) -> Row:
    """Chance by permutation; esda on one core and on all, the faster of the two."""
    weights, values = esda_weights(near), counts.to_numpy()
    mine = _draws(counts, near)

    def theirs(jobs: int, numbers: Any = values, links: Any = weights) -> Any:  # noqa: ANN401
        return esda.G_Local(
            numbers,
            links,
            transform="B",
            star=True,
            permutations=DRAWS,
            keep_simulations=False,
            seed=1,
            n_jobs=jobs,
        )

    compiled = importlib.util.find_spec("numba") is not None
    if compiled:  # compile first: the wait for it is not held against esda
        little = study(100)
        theirs(1, little.to_numpy(), esda_weights(disk(little.index)))
    gap = apart(mine(), np.minimum(1, 2 * theirs(1).p_sim))
    ours, one, all_cores = turn_by_turn(
        mine, partial(theirs, 1), partial(theirs, -1), rounds=max(1, rounds // 3)
    )
    return Row(
        f"Gi*, {DRAWS} permutations, {len(counts):,} cells",
        "ms",
        ours * 1e3,
        min(one, all_cores) * 1e3,
        ">= 100x",
        f"esda {'with' if compiled else 'WITHOUT'} numba",
        peak_mb(mine),
        f"p at most {gap:.1f} standard errors apart",
    )


def looked_up(counts: pd.Series, near: Neighbours, *, rounds: int) -> Row:
    """Scores and chance beside the method that looks its draws up in a table."""
    weights, values = geoda_weights(near), counts.tolist()
    draws = _draws(counts, near)

    def theirs() -> Any:  # noqa: ANN401 - pygeoda ships no types
        return pygeoda.local_gstar(
            weights, values, permutations=DRAWS, permutation_method="lookup-table", seed=1
        )

    def mine() -> pd.Series:
        return getis_ord(counts, near).where(draws() <= 0.05)

    ours, geodas = turn_by_turn(mine, theirs, rounds=rounds)
    return Row(
        f"Gi* with {DRAWS} permutations, {len(counts):,} cells",
        "ms",
        ours * 1e3,
        geodas * 1e3,
        ">= 1x",
        "pygeoda, lookup table",
        note="z and p",
    )


def _draws(counts: pd.Series, near: Neighbours) -> Callable[[], pd.Series]:
    return lambda: p_permuted(counts, near, permutations=DRAWS, rng=np.random.default_rng(1))


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
    n = len(near.cells)
    lines = [f"0 {n} cells id"]
    for number, row in enumerate(near.table[1:].T):
        others = row[row < n].tolist()
        lines += [f"{number} {len(others)}", " ".join(map(str, others))]
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "cells.gal"
        file.write_text("\n".join(lines) + "\n")
        return pygeoda.read_gal(str(file), [str(number) for number in range(n)])


def apart(p: pd.Series, other: np.ndarray[Any, Any]) -> float:
    """Largest difference of two-sided p, in Monte Carlo errors of the two runs together."""
    middle = np.clip((p + other) / 2, 2 / DRAWS, 1)
    error = 2 * np.sqrt(2 * (middle / 2) * (1 - middle / 2) / DRAWS)
    return float((np.abs(p - other) / error).max())


def main() -> None:
    """Print the table."""
    asked = argparse.ArgumentParser()
    asked.add_argument("--rounds", type=int, default=3)
    print(table(rows(asked.parse_args().rounds)))


if __name__ == "__main__":
    main()
