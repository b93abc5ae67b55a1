"""What a map on paper shows: finished tables, and how they are coloured and named."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import geopandas as gpd
import numpy as np
from numpy.typing import NDArray

from layers.sheet_plane import Bounds

__all__ = ["Cells", "MapContent"]


@dataclass(frozen=True, eq=False)
class Cells:
    """
    Corners of all cells and the class of each.

    Parameters
    ----------
    corners
        Longitude and latitude, shape (m, 2).
    offsets
        Cell `c` has corners offsets[c] to offsets[c + 1], shape (n + 1,).
    classes
        0 for the ground, else one more than the colour, shape (n,).
    """

    corners: NDArray[np.float64]
    offsets: NDArray[np.int64]
    classes: NDArray[np.integer[Any]]


@dataclass(frozen=True, eq=False)
class MapContent:
    """
    What a map shows; layers that a study has not are empty tables.

    Parameters
    ----------
    cells, colours
        Classes of cells and the colour of each class above the ground.
    outline
        Colour of the outlines of places.
    places
        Outlines, WGS-84, in the order of their names.
    names
        Name, number, latitude and longitude of each place, the most important first.
    quiet_names
        The same of districts, their numbers empty.
    bounds
        What must be seen.
    hatched
        Whether the colours are cut by gaps, where years do not compare.
    """

    cells: Cells
    colours: Sequence[str]
    outline: str
    places: gpd.GeoDataFrame
    bounds: Bounds
    names: Sequence[tuple[str, str, float, float]] = ()
    quiet_names: Sequence[tuple[str, str, float, float]] = ()
    ground: gpd.GeoDataFrame = field(default_factory=gpd.GeoDataFrame)
    districts: gpd.GeoDataFrame = field(default_factory=gpd.GeoDataFrame)
    links: gpd.GeoDataFrame = field(default_factory=gpd.GeoDataFrame)
    stations: gpd.GeoDataFrame = field(default_factory=gpd.GeoDataFrame)
    hatched: bool = False
