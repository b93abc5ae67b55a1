"""Extents of places: the connected hot cells around each peak that is kept."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from spatial.neighbours import Neighbours
from spatial.peaks import Peaks

__all__ = ["hot_parts"]


def hot_parts(
    heights: pd.Series,
    counts: pd.Series,
    hot: NDArray[np.bool_],
    near: Neighbours,
    *,
    peaks: Peaks,
    able: NDArray[np.int64],
    top: int,
    floor: float,
) -> tuple[NDArray[np.int64], list[NDArray[np.int64]]]:
    """
    The first `top` of the `able` peaks around which hot cells stand, and those cells.

    Which cells a peak can have depends on which other peaks are kept, so a peak that turns out
    to have none makes room for the next and all are looked at again.
    """
    relief = np.append(heights.to_numpy(), -np.inf)
    amounts = counts.to_numpy(dtype=np.float64)
    hot_relief = np.append(np.where(hot, relief[:-1], -np.inf), -np.inf)
    while True:
        kept = able[:top]
        limits = np.maximum(peaks.floors(kept), floor * peaks.height[kept])
        found = [
            _hot_part(start, relief, hot_relief, near, counts=amounts, above=limit)
            for start, limit in zip(peaks.position[kept].tolist(), limits.tolist(), strict=True)
        ]
        empty = [peak for peak, part in zip(kept, found, strict=True) if not len(part)]
        if not empty:
            return kept, found
        able = able[~np.isin(able, empty)]


def _hot_part(
    start: int,
    relief: NDArray[np.float64],
    hot_relief: NDArray[np.float64],
    near: Neighbours,
    *,
    counts: NDArray[np.float64],
    above: float,
) -> NDArray[np.int64]:
    """Positions of the connected hot cells of a peak, the highest of them first; maybe none."""
    if hot_relief[start] > above:
        part = _flood(start, hot_relief, near, above=above)
        return np.concatenate([[start], part[part != start]])
    # The peak of a smoothed surface may fall between the hot cells that make it.
    lobe = _flood(start, relief, near, above=above)
    rest, best = lobe[hot_relief[lobe] > above], lobe[:0]
    while len(rest):
        part = _flood(int(rest[0]), hot_relief, near, above=above)
        rest = np.setdiff1d(rest, part, assume_unique=True)
        best = part if counts[part].sum() > counts[best].sum() else best
    return best[np.lexsort((best, -counts[best], -relief[best]))]


def _flood(
    start: int, heights: NDArray[np.float64], near: Neighbours, *, above: float
) -> NDArray[np.int64]:
    """Positions that hang together with `start` through heights `above` a limit, sorted."""
    edge = found = np.array([start], dtype=np.int64)
    while len(edge):
        around = np.unique(near.table[:, edge])
        around = around[heights[around] > above]
        edge = np.setdiff1d(around, found, assume_unique=True)
        found = np.union1d(found, edge)
    return found
