"""Medians near: of the values in each cell, else of those in the rings around it."""

from __future__ import annotations

from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import special

from spatial import cells as h3cells
from spatial.cells import Cells

__all__ = ["median_interval_ranks", "near_medians"]

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

_TAIL: Final = 0.025
_FEWEST: Final = 5


def near_medians(
    cells: Cells, at: Cells, values: Floats, *, least: int, rings: int
) -> pd.DataFrame:
    """
    Median of the values in each cell, or in the smallest disk around it that holds enough.

    Parameters
    ----------
    cells
        Sorted cells, each once, shape (n,).
    at, values
        Cell of each value, of the same resolution and inside `cells` or not, shape (m,).
    least
        Values a median must rest on, 1 or more.
    rings
        Rings that may be looked at where the cell itself holds fewer; 0 for none.

    Returns
    -------
    pandas.DataFrame
        Index `cell`; columns `rent` (median, NaN where even all rings hold fewer than `least`),
        `low` and `high` (its interval, see `median_interval_ranks`; NaN below five values),
        `listings` (values it rests on, 0 where NaN) and `rings` (how far they lie: 0 the cell
        itself, -1 where NaN).
    """
    order = np.argsort(values, kind="stable")
    held, start, rank = _by_cell(at[order])
    ring = np.full(len(cells), -1, dtype=np.int8)
    total = np.zeros(len(cells), dtype=np.int64)
    owners, sources = [np.empty(0, dtype=np.int64)], [np.empty(0, dtype=np.int64)]
    size = np.diff(start)
    for step in range(rings + 1):
        # Steps lead both ways, so the cells around the few with values are enough.
        source, near = h3cells.disk_pairs(held, k=step)
        owner, source = _still_open(cells, ring, source, near)
        within = np.bincount(owner, size[source], len(cells)).astype(np.int64)
        reached = within >= least
        ring[reached], total[reached] = step, within[reached]
        kept = reached[owner]
        owners.append(owner[kept])
        sources.append(source[kept])
    owner, source = np.concatenate(owners), np.concatenate(sources)
    pooled = _pooled(owner, start[source], size[source], rank)
    return _summary(cells, ring, total, values[order][pooled])


def median_interval_ranks(count: Ints) -> tuple[Ints, Ints]:
    """
    Ranks, from 0, of the sorted values between which the median of their source lies.

    The closest order statistics that leave at most 2.5 % on either side, whatever the
    distribution, so that it covers 95 % or more. Five values allow no such pair: theirs is the
    range, which covers 93.75 %.

    Parameters
    ----------
    count
        Values in each sample, five or more, shape (n,).

    References
    ----------
    Conover, W. J. (1999). Practical Nonparametric Statistics, 3rd ed., section 3.2.
    """
    sizes, number = np.unique(count, return_inverse=True)
    # The smallest k at which a binomial(n, 1/2) reaches 2.5 %; never equal, since 40 divides no
    # power of two.
    k = np.ceil(special.bdtrik(_TAIL, sizes, 0.5)).astype(np.int64)
    k = np.where(special.bdtr(np.maximum(k - 1.0, 0.0), sizes, 0.5) >= _TAIL, k - 1, k)
    k = np.maximum(k, 1)[number]
    return k - 1, count - k


def _by_cell(at: Cells) -> tuple[Cells, Ints, Ints]:
    """Cells with values, sorted; where each one's values start; and their numbers by cell."""
    rank = np.argsort(at, kind="stable")
    ordered = at[rank]
    first = np.flatnonzero(np.concatenate([[True], ordered[1:] != ordered[:-1]])[: len(ordered)])
    return ordered[first], np.append(first, len(ordered)), rank


def _still_open(
    cells: Cells, ring: NDArray[np.int8], source: Ints, near: Cells
) -> tuple[Ints, Ints]:
    """Of pairs of a cell with values and one near it, those in which the latter has no median."""
    owner = np.searchsorted(cells, near)
    inside = owner < len(cells)
    inside[inside] = cells[owner[inside]] == near[inside]
    inside[inside] = ring[owner[inside]] < 0
    return owner[inside], source[inside]


def _pooled(owner: Ints, start: Ints, size: Ints, rank: Ints) -> Ints:
    """Numbers of the values of every owner: owners ascend, and so do the values of each."""
    ends = np.cumsum(size)
    offset = np.arange(ends[-1] if len(ends) else 0) - np.repeat(ends - size, size)
    number = rank[np.repeat(start, size) + offset]
    most = max(len(rank), 1)
    # One sort of whole numbers puts both in order.
    return np.sort(np.repeat(owner, size) * most + number) % most


def _summary(cells: Cells, ring: NDArray[np.int8], total: Ints, pooled: Floats) -> pd.DataFrame:
    """Median and interval of each cell from its values, which lie together and ascend."""
    known = np.flatnonzero(ring >= 0)
    size = total[known]
    start = np.cumsum(size) - size
    rent, low, high = (np.full(len(cells), np.nan) for _ in range(3))
    rent[known] = (pooled[start + (size - 1) // 2] + pooled[start + size // 2]) / 2
    enough = size >= _FEWEST
    below, above = median_interval_ranks(size[enough])
    low[known[enough]] = pooled[start[enough] + below]
    high[known[enough]] = pooled[start[enough] + above]
    return pd.DataFrame(
        {"rent": rent, "low": low, "high": high, "listings": total, "rings": ring},
        index=pd.Index(cells, name="cell"),
    )
