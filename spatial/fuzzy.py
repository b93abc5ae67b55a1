"""Fuzzy kappa: agreement of two maps of categories that forgives a near miss in part."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from spatial.neighbours import Neighbours

__all__ = ["Nearest", "fuzzy_kappa", "nearest"]


@dataclass(frozen=True, eq=False)
class Nearest:
    """
    A map of categories, and how far each cell is from each category.

    Parameters
    ----------
    codes
        Category of each cell, 0 to c - 1, shape (n,).
    rings
        Rings to the nearest cell of each category, itself included; one more than the steps
        looked at where there is none, shape (n, c).
    """

    codes: NDArray[np.int64]
    rings: NDArray[np.int64]

    def at(self, cells: NDArray[np.int64]) -> Nearest:
        """The same of the cells at these positions, distances as they were on the whole map."""
        return Nearest(self.codes[cells], self.rings[cells])


def nearest(
    codes: NDArray[np.int64], neighbours: Neighbours, *, categories: int, steps: int
) -> Nearest:
    """Distance from each cell to each category, in rings, looked for within `steps`."""
    near = neighbours.reach(steps)
    rings = np.full((len(codes), categories), steps + 1, dtype=np.int64)
    padded = np.append(codes, -1)
    cell = np.arange(len(codes))
    for ring in range(steps, -1, -1):  # inwards, so that the nearest is written last
        for row in near.table[3 * ring * (ring - 1) + 1 if ring else 0 : 3 * ring * (ring + 1) + 1]:
            there = padded[row]
            known = there >= 0
            rings[cell[known], there[known]] = ring
    return Nearest(codes, rings)


def fuzzy_kappa(one: Nearest, other: Nearest, worth: NDArray[np.float64]) -> float:
    """
    (S - E) / (1 - E): agreement S of two maps over what chance gives maps so lumpy, E.

    A cell of category a on the first map and b on the second agrees as much as the nearest b on
    the first and the nearest a on the second are worth, the lesser of the two; S is the mean.
    E is the mean of the same over all pairs of a cell of the first map with a cell of the
    second, so it needs only how often each distance occurs on each map.

    Parameters
    ----------
    one, other
        The maps, cell by cell.
    worth
        Worth of a match 0, 1, 2, ... rings away, falling from 1 to the 0 of none found.

    Returns
    -------
    float
        1 for identical maps, about 0 by chance, the same whichever map comes first; NaN without
        cells.
    """
    n = len(one.codes)
    if not n:
        return float("nan")
    cell = np.arange(n)
    far = np.maximum(one.rings[cell, other.codes], other.rings[cell, one.codes])
    agreed = float(worth[far].mean())
    mine, theirs = _how_often(one, len(worth)), _how_often(other, len(worth))
    pairs = np.arange(len(worth))
    least = worth[np.maximum(pairs[:, None], pairs[None])]
    expected = float(np.einsum("abr,bas,rs->", mine, theirs, least))
    return 1.0 if expected >= 1 - 1e-12 else (agreed - expected) / (1 - expected)


def _how_often(side: Nearest, levels: int) -> NDArray[np.float64]:
    """Part of the cells of category a whose nearest b is r rings away, as [a, b, r]."""
    n, categories = side.rings.shape
    found = np.empty((categories, categories, levels))
    for other in range(categories):
        key = side.codes * levels + side.rings[:, other]
        often = np.bincount(key, minlength=categories * levels)
        found[:, other] = often.reshape(categories, levels) / n
    return found
