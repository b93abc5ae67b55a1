"""Neighbours: which cells of a study lie within k steps of each cell."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from spatial import cells as h3cells
from spatial.lattice import Lattice, lattice

__all__ = ["Neighbours", "disk"]

# A lattice box this many times larger than its cells would cost more than looking cells up.
_LARGEST_BOX = 60


@dataclass(frozen=True, eq=False)
class Neighbours:
    """
    Cells within `k` steps of each cell: binary weights, the cell itself included.

    Only cells of the study area count, so a cell at its edge has fewer neighbours and one alone
    has none but itself.

    Parameters
    ----------
    cells
        The cells under study, uint64, sorted, each once, shape (n,).
    k
        Steps.
    table
        Position in `cells` of each neighbour, shape (m, n): row 0 is the cell itself, and `n`
        stands for no neighbour. Rows run over neighbours because sums over rows stream memory.
    counts
        Neighbours of each cell, itself included, shape (n,).
    """

    cells: pd.Index
    k: int
    table: NDArray[np.int32]
    counts: NDArray[np.int64]

    def sums(self, values: ArrayLike) -> NDArray[np.float64]:
        """Sum of `values` over each cell and its neighbours, shape (n,)."""
        padded = np.append(np.asarray(values, dtype=np.float64), 0.0)
        found: NDArray[np.float64] = padded[self.table[0]]
        for row in self.table[1:]:
            found += padded[row]
        return found

    def means(self, values: ArrayLike) -> NDArray[np.float64]:
        """Mean of `values` over each cell and those of its neighbours under study, shape (n,)."""
        return np.asarray(self.sums(values) / self.counts)

    def within(self, kept: NDArray[np.bool_]) -> Neighbours:
        """Neighbours among the cells that are `kept`, shape (n,), and no others."""
        place = np.cumsum(kept, dtype=np.int32) - 1
        last = int(kept.sum())
        renumbered = np.append(np.where(kept, place, last), last).astype(np.int32)
        table = renumbered[self.table[:, kept]]
        counts = (table < last).sum(axis=0)
        return replace(self, cells=self.cells[kept], table=table, counts=counts)


def disk(cells: pd.Index | NDArray[np.uint64], *, k: int = 1) -> Neighbours:
    """
    Neighbours of each of `cells` within `k` steps, the cell itself included.

    Raises
    ------
    ValueError
        When cells are unsorted, repeated or of several resolutions, or `k` is below 0.
    """
    ids = h3cells.as_cells(cells)
    if k < 0:
        raise ValueError(f"k must be 0 or more steps, found {k}")
    if (ids[1:] <= ids[:-1]).any():
        raise ValueError("cells must be sorted and each there once, found others")
    if len(ids):
        h3cells.resolution_of(ids)
    table = _on_lattice(ids, k=k)
    if table is None:
        table = _looked_up(ids, k=k)
    counts = (table < len(ids)).sum(axis=0)
    return Neighbours(pd.Index(ids, name="cell"), k, table, counts)


def _on_lattice(ids: NDArray[np.uint64], *, k: int) -> NDArray[np.int32] | None:
    """The table by whole steps on H3's lattice; None where the cells do not lie on one."""
    points = _one_patch(ids) if k else None
    if points is None:
        return None
    ij = points.ij.astype(np.int64) + k
    height, width = (ij.max(axis=0) + k + 1).tolist()
    if height * width > _LARGEST_BOX * len(ids) + 10_000:
        return None
    box = np.full(height * width, len(ids), dtype=np.int32)
    flat = ij[:, 0] * width + ij[:, 1]
    box[flat] = np.arange(len(ids), dtype=np.int32)
    return np.stack([box[flat + (i * width + j)] for i, j in _steps(k)])


def _one_patch(ids: NDArray[np.uint64]) -> Lattice | None:
    if not len(ids):
        return None
    try:
        points = lattice(ids)
    except ValueError:  # around a pentagon, where the lattice is torn
        return None
    return points if len(points.matrices) == 1 else None


def _steps(k: int) -> list[tuple[int, int]]:
    """Lattice steps to all cells within `k`, the cell itself first; (1, 1) is one step."""
    near = [
        (i, j)
        for i in range(-k, k + 1)
        for j in range(-k, k + 1)
        if max(abs(i), abs(j), abs(i - j)) <= k
    ]
    return sorted(near, key=lambda step: (max(abs(step[0]), abs(step[1])), step))


def _looked_up(ids: NDArray[np.uint64], *, k: int) -> NDArray[np.int32]:
    """The table by asking H3 for each disk, anywhere on the Earth."""
    owner, near = h3cells.disk_pairs(ids, k=k)
    place = np.searchsorted(ids, near)
    known = place < len(ids)
    known[known] = ids[place[known]] == near[known]
    owner, place = owner[known], place[known]
    order = np.lexsort((place, place != owner, owner))
    owner, place = owner[order], place[order]
    counts = np.bincount(owner, minlength=len(ids))
    column = np.arange(len(owner)) - np.repeat(np.cumsum(counts) - counts, counts)
    table = np.full((int(counts.max(initial=1)), len(ids)), len(ids), dtype=np.int32)
    table[column, owner] = place
    return table
