"""Which district a cell lies in, and sums by district."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import ArrayLike

from spatial import cells as h3cells

__all__ = ["district_of", "district_totals"]


def district_of(cells: ArrayLike, districts: gpd.GeoDataFrame) -> pd.Series:
    """
    Id of the district that holds each cell's centre.

    Returns
    -------
    pandas.Series
        Named "district", index `cell`, shape (n,); missing where no district holds the centre.
    """
    index = pd.Index(h3cells.as_cells(cells), name="cell")
    lat, lon = h3cells.centres(index)
    tree = shapely.STRtree(districts.geometry.to_numpy())
    point, district = tree.query(shapely.points(lon, lat), predicate="intersects")
    ids = districts["id"].to_numpy(dtype=object)
    found = np.full(len(index), None, dtype=object)
    # A centre on a shared edge goes to the district that stands last in the table.
    found[point] = ids[district]
    return pd.Series(found, index=index, name="district")


def district_totals(counts: pd.Series, member: pd.Series) -> pd.Series:
    """Sum of `counts` by cell in each district, named as `counts`, index `district`."""
    held = member.reindex(counts.index)
    return counts.groupby(held.rename("district").to_numpy()).sum().rename_axis("district")
