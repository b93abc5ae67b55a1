"""Points into cells: places with people, or places whose people stand in another table."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from spatial import geodesy
from spatial.ingest.counted import Counted, count
from spatial.ingest.errors import InputError, naming
from spatial.ingest.values import counts_of, ids_of, numbers_of, source_name
from spatial.ingest.weights import centre_weights

__all__ = ["joined_to_cells", "points_to_cells"]

NOWHERE = "without coordinates"
UNKNOWN = "with an id that no point has"


def points_to_cells(
    table: pd.DataFrame,
    *,
    lat: str,
    lon: str,
    columns: Sequence[str],
    resolution: int,
    crs: str = "WGS-84",
) -> Counted:
    """
    People per cell of people at points.

    Parameters
    ----------
    table
        One row per point; points may share a place.
    lat, lon
        Columns with coordinates; y and x where `crs` is projected. People at a point without
        coordinates are dropped, and the audit says how many.
    columns
        Columns with people, 0 or more.
    resolution
        H3 resolution of the cells.
    crs
        "WGS-84", "GCJ-02", "BD-09" or "EPSG:n".

    Raises
    ------
    InputError
        When a column is missing, a value is no count or no coordinate, or no point has any.
    """
    values = {column: counts_of(table, column) for column in columns}
    north, east, known = _positions(table, lat, lon, crs)
    weights = centre_weights(north, east, resolution=resolution)
    return count(values, weights, kept=known, dropped={NOWHERE: ~known})


def joined_to_cells(
    points: pd.DataFrame,
    counts: pd.DataFrame,
    *,
    lat: str,
    lon: str,
    point_id: str,
    columns: Sequence[str],
    resolution: int,
    count_id: str = "",
    crs: str = "WGS-84",
) -> Counted:
    """
    People per cell of a table of counts, placed by the points whose ids it uses.

    Parameters
    ----------
    points
        One row per id, with coordinates.
    counts
        One row per id, with people. Ids are text: leading zeros count.
    point_id, count_id
        Columns with the ids; `count_id` is called like `point_id` where it is "".
    lat, lon, columns, resolution, crs
        As for `points_to_cells`.

    Raises
    ------
    InputError
        As `points_to_cells`; also when an id comes twice or the tables share none.
    """
    values = {column: counts_of(counts, column) for column in columns}
    ids = pd.Index(ids_of(points, point_id))
    wanted = ids_of(counts, count_id or point_id)
    at = ids.get_indexer(pd.Index(wanted))
    if (at < 0).all():
        raise InputError(_nothing_shared(points, counts, ids, wanted))
    north, east, known = _positions(points, lat, lon, crs)
    number = np.cumsum(known) - 1
    placed = (at >= 0) & known[at]
    weights = centre_weights(
        north[number[at[placed]]], east[number[at[placed]]], resolution=resolution
    )
    dropped = {UNKNOWN: at < 0, NOWHERE: (at >= 0) & ~known[at]}
    return count(values, weights, kept=placed, dropped=dropped)


def _positions(
    table: pd.DataFrame, lat: str, lon: str, crs: str
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.bool_]]:
    """Degrees WGS-84 of the rows that have coordinates, and which rows do."""
    y = numbers_of(table, lat, empty_allowed=True)
    x = numbers_of(table, lon, empty_allowed=True)
    known = ~(np.isnan(y) | np.isnan(x))
    name = source_name(table)
    if not known.any():
        raise InputError(f"{name}: points must have coordinates in {lat} and {lon}, found none")
    with naming(name):
        if not geodesy.is_projected(crs):
            # Empty places stand at 0, 0 here, so that a message names the file's own row.
            geodesy.check_degrees(np.where(known, y, 0), np.where(known, x, 0))
        north, east = geodesy.to_wgs84(y[known], x[known], crs=crs)
    return north, east, known


def _nothing_shared(
    points: pd.DataFrame, counts: pd.DataFrame, ids: pd.Index, wanted: pd.Series
) -> str:
    here, there = str(ids[0]), str(wanted.iloc[0])
    hint = ""
    if here.lstrip("0") == there.lstrip("0") or abs(len(here) - len(there)) == 1:
        hint = ": leading zeros may have been lost"
    return (
        f"{source_name(counts)}: ids must be those of {source_name(points)}, found none in common"
        f" ({there} here, {here} there){hint}"
    )
