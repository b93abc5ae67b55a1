"""
Offset: counts moved by whole steps of a study's own cells, so that coarser cells cut them anew.

H3 cells lie where they lie, but counts on finer cells can be moved under the coarser ones. A step
of the finer lattice is an exact translation of it, and the coarser cells, seven finer ones each,
are a lattice within it: moved by one step in each of the six directions, and by none, the counts
meet each of the seven ways in which the coarser lattice can lie once.
"""

from __future__ import annotations

from math import sqrt
from typing import Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from spatial import cells as h3cells
from spatial.lattice import Lattice, lattice

__all__ = ["NOWHERE", "Offset", "moved", "offsets"]

Offset = tuple[int, int]
"""Steps along both axes of the lattice of a study's own cells; (1, 1) is one step too."""

NOWHERE: Final[Offset] = (0, 0)
"""No offset."""
_APERTURE: Final = 7  # cells of one resolution in a cell of the next coarser


def offsets(own: int, resolution: int) -> tuple[Offset, ...]:
    """
    Offsets that show a question at `resolution` another grid, for counts of resolution `own`.

    Six directions, by half the distance between the coarser cells, in whole steps: one for the
    next coarser resolution, four for the one after. None at the counts' own resolution, where
    the grid cannot be shifted: there are no finer counts to move.
    """
    step = round(sqrt(_APERTURE ** max(own - resolution, 0)) / 2)
    return tuple(_turned((step, 0), sixths=turn) for turn in range(6)) if step else ()


def moved(cells: ArrayLike, offset: Offset, *, points: Lattice | None = None) -> h3cells.Cells:
    """
    The cell that lies `offset` from each of `cells`, shape (n,).

    Exact on a face of H3's icosahedron: no two cells become one, and the opposite offset leads
    back. Where cells lie on several faces, each is moved along the lattice of its own face, all
    in the direction that the axes have on the face of most of them. One step across an edge is
    exact too. Of several steps, those that cross an edge may end one cell beside, in a cell that
    another was moved to: sums then hold both, so that nobody is lost. So they do around H3's
    twelve pentagons, all at sea, where five faces meet.

    Parameters
    ----------
    cells
        Of one resolution.
    offset
        Steps along the axes that `lattice` gives the cells.
    points
        Their lattice, where it is at hand.
    """
    ids = h3cells.as_cells(cells)
    if offset == NOWHERE or not len(ids):
        return ids
    points = lattice(ids) if points is None else points
    lonlat = np.empty((len(ids), 2))
    for patch, steps in enumerate(_by_patch(points, offset)):
        here = points.patch == patch
        lonlat[here] = points.on_sphere(points.ij[here] + np.array(steps), patch=patch)
    resolution = h3cells.resolution_of(ids)
    return h3cells.points_to_cells(lonlat[:, 1], lonlat[:, 0], resolution=resolution)


def _by_patch(points: Lattice, offset: Offset) -> list[Offset]:
    """The same direction on the ground in the axes of each patch, which differ by sixths."""
    sizes = np.bincount(points.patch)
    main = int(sizes.argmax())
    found = []
    for patch in range(len(sizes)):
        start = points.ij[points.patch == patch].mean(axis=0)[None]
        lon, lat = points.on_sphere(start, patch=patch).T
        there = points.on_plane(lat, lon, patch=main)
        lead = points.on_sphere(there + np.array(offset), patch=main)
        wanted = points.on_plane(lead[:, 1], lead[:, 0], patch=patch) - start
        turns = [_turned(offset, sixths=turn) for turn in range(6)]
        found.append(min(turns, key=lambda one: _length(wanted[0] - np.array(one))))
    return found


def _turned(offset: Offset, *, sixths: int) -> Offset:
    """An offset turned by sixths of a circle: axes are a third of one apart."""
    i, j = offset
    for _ in range(sixths):
        i, j = i - j, i
    return i, j


def _length(step: NDArray[np.float64]) -> float:
    """Length on the lattice squared: (1, 1) is as long as (1, 0)."""
    i, j = step
    return float(i * i - i * j + j * j)
