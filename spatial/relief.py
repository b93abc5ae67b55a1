"""Relief: the smoothed surface of counts with its peaks, on which hot cells become places."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from spatial.extents import hot_parts
from spatial.neighbours import Neighbours
from spatial.peaks import Peaks, find_peaks, smoothing_steps, surface

__all__ = ["FLOOR", "Relief", "relief"]

FLOOR = 0.3
"""Part of a peak's height below which a cell is no longer of its place."""


@dataclass(frozen=True, eq=False)
class Relief:
    """
    What of places does not depend on which cells are hot: one relief serves every verdict.

    Parameters
    ----------
    counts
        Graduates per cell, shape (n,).
    heights
        Their smoothed surface.
    peaks
        Of that surface.
    near
        Neighbours within one step.
    around
        Positions of the cells within the surface's steps of each peak, shape (m, p); n stands
        for none.
    """

    counts: pd.Series
    heights: pd.Series
    peaks: Peaks
    near: Neighbours
    around: NDArray[np.int32]

    def extents(
        self, hot: NDArray[np.bool_], *, top: int, min_prominence: float = 0.0, floor: float = FLOOR
    ) -> tuple[NDArray[np.int64], list[NDArray[np.int64]]]:
        """
        The peaks kept, the most prominent first, and the positions of the cells of each.

        See `places.find_places` for what is kept and how far it reaches.
        """
        beside = np.append(hot, False)[self.around].any(axis=0)
        prominence = self.peaks.prominence
        able = np.flatnonzero(beside & (prominence > 0) & (prominence >= min_prominence))
        able = able[np.argsort(-prominence[able], kind="stable")]
        return hot_parts(
            self.heights,
            self.counts,
            hot,
            self.near,
            peaks=self.peaks,
            able=able,
            top=top,
            floor=floor,
        )


def relief(counts: pd.Series, neighbours: Neighbours, *, smoothing_k: int | None = None) -> Relief:
    """
    The relief of counts.

    Parameters
    ----------
    counts
        Graduates per cell under study, zeros included, on the cells of `neighbours`.
    neighbours
        1 step or more.
    smoothing_k
        Steps of the surface; None chooses a radius of about 0.9 km.
    """
    steps = smoothing_steps(neighbours.cells) if smoothing_k is None else smoothing_k
    near = neighbours.reach(1)
    heights = surface(counts, neighbours.reach(steps))
    peaks = find_peaks(heights, counts, near)
    around = neighbours.reach(max(steps, 1)).table[:, peaks.position]
    return Relief(counts, heights, peaks, near, around)
