"""How far an indicator of the commute rests on single neighbourhoods: blocks drawn anew."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from math import nan
from typing import Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from spatial import cells as h3cells
from spatial.blocks import FEWEST
from spatial.cells import Cells
from spatial.commute_radius import quantile_of_sorted, seen_from, widened_km

__all__ = ["Draws", "Interval", "draws_of"]

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Mask = NDArray[np.bool_]
Interval = tuple[float, float]
"""Lower and upper end; NaN where there is none."""

NOTHING: Final = (nan, nan)
_TAIL: Final = 0.025
_COARSER: Final = 2
_MOST: Final = 3_000
_BINS: Final = 1_000
_SPOTS: Final = 2_000


@dataclass(frozen=True, eq=False)
class Draws:
    """
    Neighbourhoods of an area, and how often each is drawn.

    Sums over each block stand for its people, so that a draw costs as much as there are blocks.

    Parameters
    ----------
    block
        Block of each end, shape (m,); -1 outside the area.
    times
        How often each block is drawn, shape (draws, blocks): as many as there are, with
        replacement. Without any draws every interval is NaN.
    resolution
        H3 resolution of the blocks; -1 without draws.
    """

    block: Ints
    times: Floats
    resolution: int

    @cached_property
    def known(self) -> bool:
        """Whether anything was drawn."""
        return self.times.size > 0

    def ratio(self, ends: Ints, over: Floats, under: Floats) -> Interval:
        """95 % interval of sum(over) / sum(under) of rows whose own end is given, shape (n,)."""
        return self.ratio_of((ends, over), (ends, under))

    def ratio_of(self, over: tuple[Ints, Floats], under: tuple[Ints, Floats]) -> Interval:
        """The same where the rows above and below have ends of their own."""
        if not self.known:
            return NOTHING
        above, below = self._sums(*over), self._sums(*under)
        return _interval(np.divide(above, below, out=np.full(len(below), nan), where=below > 0))

    def quantiles(
        self, ends: Ints, values: Floats, weights: Floats, shares: ArrayLike
    ) -> list[Interval]:
        """
        95 % interval of each weighted quantile of ascending `values`.

        A histogram of each block in bins of equal weight stands for its people; inside a bin
        they are taken as evenly spread, and what this moves the quantile of all is taken off.
        """
        parts = np.atleast_1d(np.asarray(shares, dtype=np.float64))
        total = float(weights.sum())
        if not self.known or not total > 0:
            return [NOTHING] * len(parts)
        below = np.cumsum(weights)
        bins = np.minimum((below / total * _BINS).astype(np.int64), _BINS - 1)
        # Bins ascend with the rows: the last value at or below each bin ends it.
        last = np.searchsorted(bins, np.arange(_BINS), side="right") - 1
        edges = np.concatenate([values[:1], values[np.maximum(last, 0)]])
        inside = self._table(ends, bins, weights, columns=_BINS)
        drawn = _within_bins(self.times @ inside, edges, parts)
        middle = _within_bins(inside.sum(axis=0)[None], edges, parts)
        true = quantile_of_sorted(values, below, parts)
        return [_interval(one) for one in (drawn - middle + true).clip(min=0).T]

    def radius(
        self,
        ends: Ints,
        places: tuple[Ints, Ints],
        weights: Floats,
        at: tuple[Floats, Floats, Cells],
    ) -> Interval:
        """
        95 % interval of the commuting radius, relative to that of all.

        Ends are gathered in at most some 2 000 spots; what this changes in the radius of all,
        the caller takes off by multiplying.

        Parameters
        ----------
        ends
            Own end of each row, shape (n,).
        places
            Both ends of each row, home and job, each of shape (n,).
        weights
            People of each row, shape (n,).
        at
            Latitude, longitude and cell of each end, each of shape (m,).
        """
        if not self.known or not weights.sum() > 0:
            return NOTHING
        lat, lon, cell = at
        people = sum(np.bincount(one, weights, minlength=len(lat)) for one in places)
        spot, east, north = _spots(lat, lon, cell, np.asarray(people))
        inside = sum(self._table(ends, spot[one], weights, columns=len(east)) for one in places)
        drawn = self.times @ np.asarray(inside)
        whole = widened_km(east, north, np.asarray(inside).sum(axis=0))
        if not whole > 0:
            return NOTHING
        found = [widened_km(east, north, one) / whole if one.any() else nan for one in drawn]
        return _interval(np.array(found))

    def _sums(self, ends: Ints, values: Floats) -> Floats:
        """Sum of `values` in each draw, shape (draws,)."""
        block = self.block[ends]
        held = block >= 0
        if not held.all():
            block, values = block[held], values[held]
        return np.asarray(self.times @ np.bincount(block, values, minlength=self.times.shape[1]))

    def _table(self, ends: Ints, column: Ints, weights: Floats, *, columns: int) -> Floats:
        """Weight of each block in each column, shape (blocks, columns)."""
        blocks = self.times.shape[1]
        where = self.block[ends] * columns + column
        found = np.bincount(where, weights, minlength=blocks * columns)
        return np.asarray(found, dtype=np.float64).reshape(blocks, columns)


def draws_of(
    cell: Cells, inside: Mask, held: Mask, *, draws: int, rng: np.random.Generator
) -> Draws:
    """
    Blocks of an area, and how often each is drawn.

    Blocks are the H3 ancestors two resolutions coarser, 49 cells, so that neighbours are drawn
    together; one coarser, or the cells themselves, where that leaves fewer than 10 with anybody
    in them. Fewer cells than that are not drawn at all: they would say nothing.

    Parameters
    ----------
    cell, inside, held
        Cell of each end, whether it lies in the area, and whether anybody lives or works there,
        each of shape (m,).
    draws
        Times to draw all blocks; 0 for no intervals.
    rng
        Where chance comes from.

    References
    ----------
    Davison, A. C. & Hinkley, D. V. (1997). Bootstrap methods and their application. Cambridge
    University Press, section 3.8 (drawing whole groups).
    """
    rows = inside & held
    none = Draws(np.full(len(cell), -1, dtype=np.int64), np.empty((0, 0)), -1)
    if draws < 1 or not rows.any():
        return none
    own = h3cells.resolution_of(cell)
    for resolution in _resolutions(cell[rows], own):
        ancestor = h3cells.parents(cell, resolution=resolution)
        peopled = np.unique(ancestor[rows])
        if len(peopled) >= FEWEST:
            break
    if len(peopled) < FEWEST:
        return none
    # An area's edge cuts through blocks: what is outside is not the area's to draw.
    block = np.where(rows, np.searchsorted(peopled, ancestor), -1)
    even = np.full(len(peopled), 1 / len(peopled))
    times = rng.multinomial(len(peopled), even, size=draws).astype(np.float64)
    return Draws(block, times, resolution)


def _resolutions(cells: Cells, own: int) -> range:
    """Resolutions of blocks to try, the coarsest first: not so fine that there are too many."""
    first = max(own - _COARSER, 0)
    while first and len(np.unique(h3cells.parents(cells, resolution=first))) > _MOST:
        first -= 1
    return range(first, own + 1)


def _within_bins(weight: Floats, edges: Floats, shares: Floats) -> Floats:
    """Quantile of each row of weights in bins, evenly spread inside, shape (rows, shares)."""
    below = np.cumsum(weight, axis=1)
    found = np.full((len(weight), len(shares)), nan)
    for row, reached in enumerate(below):
        if reached[-1] > 0:
            levels = shares * reached[-1]
            at = np.minimum(np.searchsorted(reached, levels), len(reached) - 1)
            left = (reached[at] - levels) / np.where(weight[row, at] > 0, weight[row, at], 1)
            found[row] = edges[at + 1] - left * (edges[at + 1] - edges[at])
    return found


def _spots(lat: Floats, lon: Floats, cell: Cells, people: Floats) -> tuple[Ints, Floats, Floats]:
    """Spot of each end, shape (m,), and where the people of each spot are on a plane, km."""
    held = people > 0
    for resolution in range(h3cells.resolution_of(cell), -1, -1):
        ancestor = h3cells.parents(cell, resolution=resolution)
        spots = np.unique(ancestor[held])
        if len(spots) <= _SPOTS:
            break
    spot = np.minimum(np.searchsorted(spots, ancestor), len(spots) - 1)
    centre = (float(np.average(lat, weights=people)), float(np.average(lon, weights=people)))
    seen = seen_from(lat, lon, centre=centre)
    total = np.bincount(spot, people)
    east = np.bincount(spot, people * seen.east_km) / total
    north = np.bincount(spot, people * seen.north_km) / total
    return spot, east, north


def _interval(drawn: Floats) -> Interval:
    sound = drawn[np.isfinite(drawn)]
    if not len(sound):
        return NOTHING
    low, high = np.quantile(sound, (_TAIL, 1 - _TAIL))
    return float(low), float(high)
