"""Rent listings, and zones with a rent, as points, one colour a price band."""

from __future__ import annotations

from collections.abc import Sequence

import geopandas as gpd
import numpy as np
import shapely

from layers.packed import Packed, compact
from layers.palette import PAGE, RENT

__all__ = ["MOST_EDGES", "rent_layer"]

MOST_EDGES = len(RENT) - 1
"""Edges of price bands that there are colours for."""


def rent_layer(
    rents: gpd.GeoDataFrame,
    *,
    edges: Sequence[float],
    unit: str,
    kinds: dict[str, str],
    key: str = "rents",
) -> Packed:
    """
    One point a listing or zone, coloured by the band its rent falls in.

    `edges` are the upper ends of all bands but the last, at most `MOST_EDGES` of them; `kinds`
    gives the word for each kind of listing, and is in the order they are numbered.
    """
    number = {kind: at for at, kind in enumerate(kinds)}
    rent = rents["rent"].to_numpy(dtype=np.float64)
    points = shapely.point_on_surface(rents.geometry.to_numpy())
    data = {
        "lat": shapely.get_y(points).astype(np.float32),
        "lon": shapely.get_x(points).astype(np.float32),
        "rent": compact(rent),
        "band": np.searchsorted(np.asarray(edges), rent, side="right").astype(np.uint8),
        "kind": rents["kind"].map(number).to_numpy(dtype=np.uint8),
        "kinds": list(kinds.values()),
        "colours": list(RENT),
        "rim": PAGE["card"],
        "unit": unit,
    }
    return Packed("rents", data, key=key)
