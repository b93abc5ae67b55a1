"""Who lives where works where: homes and workplaces brought together by a gravity model."""

from __future__ import annotations

from typing import Final

import geopandas as gpd
import numpy as np
from numpy.typing import NDArray

from spatial import cells as h3cells
from spatial.sources.beijing.land import Field
from spatial.sources.beijing.terrain import Floats
from spatial.sources.beijing.travel import minutes_between

__all__ = ["matched"]

_ZONE: Final = 8  # resolution at which homes and workplaces are brought together
_WILLING_MINUTES: Final = 49.0  # beyond this, willingness to travel falls away
_PER_MINUTE: Final = 0.005  # how it falls before
_ROUNDS: Final = 10


def matched(
    land: Field,
    homes: Floats,
    works: Floats,
    *,
    heads: int,
    stations: gpd.GeoDataFrame,
    links: gpd.GeoDataFrame,
    rng: np.random.Generator,
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """
    Home and workplace of `heads` people, as rows of the field, each of shape (heads,).

    Pairs of zones are drawn from a doubly constrained gravity model over minutes from door to
    door, then a cell within each zone; so on average people add up to `homes` and `works`.

    Parameters
    ----------
    land
        The cells.
    homes, works
        Share of the people in each cell, shape (n,).
    heads
        How many people to draw.
    stations, links
        The metro that runs.
    rng
        Source of the draws.

    References
    ----------
    Wilson, A. G. (1967). A statistical theory of spatial distribution models. Transportation
    Research 1(3), 253-269.
    """
    zone = h3cells.parents(land.cells, resolution=_ZONE)
    home, work = _Ends(land, homes, zone), _Ends(land, works, zone)
    minutes = minutes_between(home.middle, work.middle, stations=stations, links=links)
    pairs = _balanced(_willing(minutes), home.share, work.share)
    cumulated = np.cumsum(pairs)
    drawn = np.searchsorted(cumulated, rng.random(heads) * cumulated[-1], side="right")
    drawn = np.minimum(drawn, pairs.size - 1)
    home_zone, work_zone = np.divmod(drawn, len(work.share))
    return home.cell(home_zone, rng=rng), work.cell(work_zone, rng=rng)


class _Ends:
    """The zones at one end of the commute: where they are, and which cell within them."""

    def __init__(self, land: Field, share: Floats, zone: h3cells.Cells) -> None:
        used = np.flatnonzero(share)
        self._rows = used[np.argsort(zone[used], kind="stable")]
        _, start = np.unique(zone[self._rows], return_index=True)
        weight = share[self._rows]
        self._cumulated = np.concatenate([[0.0], np.cumsum(weight)])
        self._start = np.append(start, len(weight))
        self.share = np.add.reduceat(weight, start)
        self.middle = (
            np.add.reduceat(weight * land.x[self._rows], start) / self.share,
            np.add.reduceat(weight * land.y[self._rows], start) / self.share,
        )

    def cell(self, zone: NDArray[np.int64], *, rng: np.random.Generator) -> NDArray[np.int64]:
        """Row of the field drawn within each zone, shape (n,)."""
        low, high = self._start[zone], self._start[zone + 1]
        first, last = self._cumulated[low], self._cumulated[high]
        place = np.searchsorted(
            self._cumulated, first + rng.random(len(zone)) * (last - first), side="right"
        )
        return np.asarray(self._rows[np.clip(place - 1, low, high - 1)])


def _willing(minutes: NDArray[np.float32]) -> Floats:
    """How readily people travel: much the same up to about three quarters of an hour."""
    late = (minutes.astype(np.float64) - _WILLING_MINUTES) / 5
    falling = np.exp(-_PER_MINUTE * minutes.astype(np.float64)) / (1 + np.exp(np.minimum(late, 40)))
    # The last digits of exp differ between processors; without them the draws do not.
    return np.asarray(falling.astype(np.float32), dtype=np.float64)


def _balanced(affinity: Floats, home: Floats, work: Floats) -> Floats:
    """
    `affinity` scaled by rows and columns until its margins are `home` and `work`.

    Sums are numpy's own: those of a matrix product depend on the processor, and people would
    land elsewhere.
    """
    right = np.ones(len(work))
    for _ in range(_ROUNDS):
        left = home / (affinity * right).sum(axis=1)
        right = work / (affinity * left[:, None]).sum(axis=0)
    return np.asarray(affinity * left[:, None] * right)
