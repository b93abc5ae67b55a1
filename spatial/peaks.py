"""Peaks of a surface over cells: where they stand, how they rise above their saddles."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import minimum_spanning_tree

from spatial import cells as h3cells
from spatial.neighbours import Neighbours

__all__ = ["Peaks", "find_peaks", "smoothing_steps", "surface"]

_RADIUS_KM = 0.9  # a part of town one would walk across; ring 1 at resolution 8, 3 at 9


@dataclass(frozen=True, eq=False)
class Peaks:
    """
    The peaks of a surface, highest first, and the saddles between them.

    Parameters
    ----------
    position
        Position of each peak among the cells, shape (p,).
    height
        Surface at each peak, shape (p,).
    prominence
        Height above the highest saddle where the peak meets a higher one; above 0 where it
        meets none. In units of the surface, shape (p,).
    saddles
        Pairs of peaks that meet, shape (s, 2), highest saddle first: a tree over each connected
        part of the cells, so that the way between two peaks along it is the highest there is.
    saddle_height
        Surface at each saddle, shape (s,).
    """

    position: NDArray[np.int64]
    height: NDArray[np.float64]
    prominence: NDArray[np.float64]
    saddles: NDArray[np.int64]
    saddle_height: NDArray[np.float64]

    def floors(self, kept: NDArray[np.int64]) -> NDArray[np.float64]:
        """Highest saddle from each `kept` peak to any other of them; -inf where it is alone."""
        floor = np.full(len(self.position), -np.inf)
        parent = list(range(len(self.position)))
        # What a merged part holds: nothing, one kept peak still without a saddle, or more.
        holds: dict[int, int | None] = {peak: peak for peak in kept.tolist()}
        for (a, b), height in zip(self.saddles.tolist(), self.saddle_height.tolist(), strict=True):
            one, other = _root(parent, a), _root(parent, b)
            parent[other] = one
            if other not in holds:
                continue
            if one not in holds:
                holds[one] = holds[other]
                continue
            for alone in (holds[one], holds[other]):
                if alone is not None:
                    floor[alone] = height
            holds[one] = None
        return floor[kept]


def smoothing_steps(cells: pd.Index) -> int:
    """Steps of a disk with a radius of about 0.9 km: 1 at resolution 8, 3 at 9, 0 from 7 up."""
    return round(_RADIUS_KM / h3cells.spacing_km(cells)) if len(cells) else 0


def surface(counts: pd.Series, neighbours: Neighbours) -> pd.Series:
    """
    Mean graduates per cell over the full disk around each cell, as "surface".

    Cells outside the study hold nobody: a mean over only those inside would rise towards its
    edge, and peaks would stand there.
    """
    full = len(neighbours.table)
    return pd.Series(neighbours.sums(counts) / full, index=counts.index, name="surface")


def find_peaks(heights: pd.Series, counts: pd.Series, neighbours: Neighbours) -> Peaks:
    """
    Peaks and saddles of `heights` over the graph of cells one step apart.

    Every cell climbs to its highest neighbour until it stands on a peak, which splits the cells
    into basins. All of a basin hangs together above any of its cells, so the highest edge
    between two basins is where they meet, and a spanning tree of those edges holds every saddle
    of the merge tree. Of equal heights the cell with more `counts`, then the one with the
    smaller id, counts as the higher: a lone tower makes a plateau of its disk, and the peak
    should stand on the tower. A plateau has one peak that matters; the others' prominence is 0.

    References
    ----------
    Edelsbrunner, H., Harer, J. & Zomorodian, A. (2003). Hierarchical Morse-Smale complexes for
    piecewise linear 2-manifolds. Discrete & Computational Geometry 30, 87-107. Carr, H.,
    Snoeyink, J. & Axen, U. (2003). Computing contour trees in all dimensions. Computational
    Geometry 24(2), 75-94.
    """
    height = heights.to_numpy(dtype=np.float64)
    n = len(height)
    order = np.lexsort((-counts.to_numpy(dtype=np.float64), -height))
    rank = np.full(n + 1, n, dtype=np.int64)  # the padding of the table ranks below all cells
    rank[order] = np.arange(n)
    top = _climb(rank, order, neighbours)
    standing = top[order] == order
    summits = np.flatnonzero(standing)  # their ranks: the highest first
    basin = (np.cumsum(standing) - 1)[rank[top]]
    pairs, at = _saddles(rank, basin, neighbours, peaks=len(summits))
    saddle_height = height[order[at]]
    peak_height = height[order[summits]]
    prominence = _prominence(peak_height, pairs, saddle_height)
    return Peaks(order[summits], peak_height, prominence, pairs, saddle_height)


def _climb(
    rank: NDArray[np.int64], order: NDArray[np.int64], neighbours: Neighbours
) -> NDArray[np.int64]:
    """The peak each cell climbs to, going to its highest neighbour at every step."""
    best: NDArray[np.int64] = rank[neighbours.table[0]]
    for row in neighbours.table[1:]:
        np.minimum(best, rank[row], out=best)
    uphill: NDArray[np.int64] = order[best]
    while True:
        further = uphill[uphill]
        if np.array_equal(further, uphill):
            return uphill
        uphill = further


def _saddles(
    rank: NDArray[np.int64], basin: NDArray[np.int64], neighbours: Neighbours, *, peaks: int
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Pairs of basins that meet, as a spanning tree, and the rank where they do, best first."""
    padded = np.append(basin, -1)
    here, there, lower = [], [], []
    for row in neighbours.table[1:]:
        one = np.flatnonzero(padded[row] > basin)  # each pair from the lower-numbered side
        here.append(basin[one])
        there.append(padded[row[one]])
        lower.append(np.maximum(rank[one], rank[row[one]]))
    if not here or not sum(map(len, here)):
        return np.empty((0, 2), dtype=np.int64), np.empty(0, dtype=np.int64)
    a, b, at = np.concatenate(here), np.concatenate(there), np.concatenate(lower)
    first = np.argsort(at, kind="stable")
    key, best = np.unique(a[first] * peaks + b[first], return_index=True)
    weight = at[first][best] + 1.0  # 0 would mean no edge
    graph = coo_array((weight, (key // peaks, key % peaks)), shape=(peaks, peaks))
    tree = minimum_spanning_tree(graph.tocsr()).tocoo()
    by_rank = np.lexsort((tree.col, tree.row, tree.data))
    pairs = np.stack([tree.row, tree.col], axis=1)[by_rank].astype(np.int64)
    return pairs, tree.data[by_rank].astype(np.int64) - 1


def _prominence(
    peak_height: NDArray[np.float64],
    pairs: NDArray[np.int64],
    saddle_height: NDArray[np.float64],
) -> NDArray[np.float64]:
    """Each peak's height above the saddle at which its part joins one with a higher peak."""
    found = peak_height.copy()
    parent = list(range(len(peak_height)))
    for (a, b), height in zip(pairs.tolist(), saddle_height.tolist(), strict=True):
        one, other = _root(parent, a), _root(parent, b)
        winner, loser = (one, other) if one < other else (other, one)
        parent[loser] = winner
        found[loser] = peak_height[loser] - height
    return found


def _root(parent: list[int], node: int) -> int:
    while parent[node] != node:
        parent[node] = parent[parent[node]]
        node = parent[node]
    return node
