"""Neighbours: which cells of a study lie within k steps of each cell."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

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
        Position in `cells` of each neighbour, shape (1 + 3 k (k + 1), n), where `n` stands for
        no neighbour. Row 0 is the cell itself, then come ring 1 in six rows, ring 2 in twelve
        and so on. Rows run over neighbours because sums over rows stream through memory.
    """

    cells: pd.Index
    k: int
    table: NDArray[np.int32]

    @cached_property
    def counts(self) -> NDArray[np.int64]:
        """Neighbours of each cell, itself included, shape (n,)."""
        return np.asarray((self.table < len(self.cells)).sum(axis=0))

    def sums(self, values: ArrayLike) -> NDArray[np.float64]:
        """Sum of `values` over each cell and its neighbours, shape (n,)."""
        padded = np.append(np.asarray(values, dtype=np.float64), 0.0)
        found: NDArray[np.float64] = padded[self.table[0]]
        for row in self.table[1:]:
            found += padded[row]
        return found

    def reach(self, k: int) -> Neighbours:
        """Neighbours within `k` steps: the first rows of this table, or a new one if k grows."""
        if k > self.k:
            return disk(self.cells, k=k)
        return replace(self, k=k, table=self.table[: _rows(k)])

    def within(self, kept: NDArray[np.bool_]) -> Neighbours:
        """Neighbours among the cells that are `kept`, shape (n,), and no others."""
        place = np.cumsum(kept, dtype=np.int32) - 1
        last = int(kept.sum())
        renumbered = np.append(np.where(kept, place, last), last).astype(np.int32)
        table = renumbered[self.table[:, kept]]
        return replace(self, cells=self.cells[kept], table=table)


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
    return Neighbours(pd.Index(ids, name="cell"), k, table)


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
    """Lattice steps to all cells within `k`, nearest ring first; (1, 1) is one step."""
    span = range(-k, k + 1)
    near = [(max(abs(i), abs(j), abs(i - j)), i, j) for i in span for j in span]
    return [(i, j) for ring, i, j in sorted(near) if ring <= k]


def _rows(k: int) -> int:
    return 1 + 3 * k * (k + 1)


def _looked_up(ids: NDArray[np.uint64], *, k: int) -> NDArray[np.int32]:
    """The table by asking H3 for each disk, anywhere on the Earth."""
    n = len(ids)
    table = np.full((_rows(k), n), n, dtype=np.int32)
    inner = np.empty(0, dtype=np.int64)
    for ring in range(k + 1):
        owner, near = h3cells.disk_pairs(ids, k=ring)
        place = np.searchsorted(ids, near)
        known = place < n
        known[known] = ids[place[known]] == near[known]
        pairs = np.sort(owner[known] * n + place[known])
        outermost = np.ones(len(pairs), dtype=np.bool_)
        outermost[np.searchsorted(pairs, inner)] = False
        owner, place = np.divmod(pairs[outermost], max(n, 1))
        starts = np.searchsorted(owner, np.arange(n))
        column = np.arange(len(owner)) - starts[owner] if n else owner
        table[_rows(ring - 1) * (ring > 0) + column, owner] = place
        inner = pairs
    return table
