"""Regular grids into cells: a table of squares' centres, and the size of a square."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import pandas as pd

from spatial.ingest.counted import Counted, count
from spatial.ingest.errors import InputError, naming
from spatial.ingest.regular import find_grid
from spatial.ingest.squares import SquareGrid
from spatial.ingest.values import counts_of, numbers_of, source_name
from spatial.ingest.weights import centre_weights, empty_by_centre, grid_weights

__all__ = ["Method", "grid_of", "grid_to_cells"]

Method = Literal["area", "centre"]


def grid_to_cells(
    table: pd.DataFrame,
    *,
    lat: str,
    lon: str,
    cell: str,
    columns: Sequence[str],
    resolution: int,
    crs: str = "WGS-84",
    method: Method = "area",
) -> Counted:
    """
    People per cell of people per square of a regular grid.

    Parameters
    ----------
    table
        One row per square.
    lat, lon
        Columns with the squares' centres; y and x where `crs` is projected.
    cell
        Size of a square: "0.01deg", "250m", "0.01x0.008deg" (width x height).
    columns
        Columns with people, 0 or more.
    resolution
        H3 resolution of the cells.
    crs
        "WGS-84", "GCJ-02", "BD-09" or "EPSG:n".
    method
        "area" gives each cell its exact share of every square. "centre" puts a square into the
        cell of its centre, which leaves holes; the audit says how many.

    Raises
    ------
    InputError
        When a column is missing, a value is no count, or the centres are on no regular grid.
    """
    values = {column: counts_of(table, column) for column in columns}
    grid, notes = grid_of(table, lat=lat, lon=lon, cell=cell, crs=crs)
    if method == "area":
        return count(values, grid_weights(grid, resolution=resolution), notes=notes)
    holes = empty_by_centre(grid, resolution=resolution)
    warning = (
        "squares were placed by their centres: cells get whole squares or none, so"
        f" {holes:.1%} of the cells centred in a square stay empty and hotspots will partly show"
        " the grid"
    )
    weights = centre_weights(*grid.centres(), resolution=resolution)
    return count(values, weights, notes=[*notes, warning])


def grid_of(
    table: pd.DataFrame, *, lat: str, lon: str, cell: str, crs: str
) -> tuple[SquareGrid, tuple[str, ...]]:
    """The regular grid of a table of centres, and notes; InputError names file and row."""
    y, x = numbers_of(table, lat), numbers_of(table, lon)
    name = source_name(table)
    with naming(name):
        try:
            return find_grid(y, x, cell=cell, crs=crs)
        except InputError as error:
            raise InputError(f"{name}: {error}") from None
