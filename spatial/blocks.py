"""Blocks: small neighbourhoods, and drawing them anew to see what a change rests on."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from spatial import cells as h3cells

__all__ = ["FEWEST", "Blocks", "blocks_of"]

FEWEST: Final = 10
"""Blocks with anybody in them below which drawing them anew says nothing."""

_ENOUGH: Final = 30
_NUMBERS_AT_ONCE: Final = 2_000_000


@dataclass(frozen=True, eq=False)
class Blocks:
    """
    Which block each cell is in.

    Parameters
    ----------
    block
        Shape (n,): 0 to count - 1, or `count` for cells of blocks without anybody in any year,
        which are left as they are: there is nobody to draw.
    count
        Blocks with anybody in them.
    resolution
        That of the blocks.
    """

    block: NDArray[np.int64]
    count: int
    resolution: int

    def draws(
        self, resamples: int, *, rng: np.random.Generator
    ) -> Iterator[tuple[slice, NDArray[np.float64]]]:
        """
        How often each block is drawn, with replacement, as many as there are.

        Yields
        ------
        tuple
            Some of the resamples, and times drawn, shape (their number, count + 1), the last
            being 1 for the cells left as they are: a few at a time, so that memory stays bounded.
        """
        step = max(1, _NUMBERS_AT_ONCE // (self.count + 1))
        for start in range(0, resamples, step):
            size = min(step, resamples - start)
            times = np.ones((size, self.count + 1))
            for row in times:
                drawn = rng.integers(max(self.count, 1), size=self.count)
                row[:-1] = np.bincount(drawn, minlength=self.count)
            yield slice(start, start + size), times


def blocks_of(
    cells: NDArray[np.uint64], held: NDArray[np.bool_], *, resolution: int | None = None
) -> Blocks:
    """
    Cells in blocks by their H3 ancestor: one resolution coarser, 7 cells, where that will do.

    Parameters
    ----------
    cells
        The study area, shape (n,).
    held
        Whether anybody was ever counted in the cell, shape (n,).
    resolution
        That of the blocks; their cells' own makes each cell a block. Left out, one coarser than
        the cells, or theirs where that leaves fewer than 30 blocks with anybody in them.

    Raises
    ------
    ValueError
        When `resolution` is finer than the cells.
    """
    own = h3cells.resolution_of(cells)
    if resolution is not None:
        return _blocks(cells, held, resolution=resolution)
    coarser = _blocks(cells, held, resolution=max(own - 1, 0))
    return coarser if coarser.count >= _ENOUGH else _blocks(cells, held, resolution=own)


def _blocks(cells: NDArray[np.uint64], held: NDArray[np.bool_], *, resolution: int) -> Blocks:
    parent = h3cells.parents(cells, resolution=resolution)
    peopled = np.unique(parent[held])
    place = np.searchsorted(peopled, parent)
    inside = np.isin(parent, peopled)
    return Blocks(np.where(inside, place, len(peopled)), len(peopled), resolution)
