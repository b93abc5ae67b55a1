"""Lines from home to work: width by graduates, wide at home and narrow at work."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
import shapely

from layers.packed import Packed, compact
from layers.palette import FLOW, LINES
from layers.shapes import polygons_of

__all__ = ["DIRECTIONS", "area_layer", "bus_layer", "flow_layer"]

DIRECTIONS = ("in", "out", "through")
"""Flows into an area, out of it, or from any place to any other."""


def flow_layer(
    lines: pd.DataFrame, *, texts: Sequence[str], notes: Sequence[str], key: str
) -> Packed:
    """
    Lines of a table of flows; an empty table gives an empty layer.

    Parameters
    ----------
    lines
        One row a line, the heaviest first: from_lat, from_lon, to_lat, to_lon in degrees,
        graduates, direction ("in", "out", "through").
    texts, notes
        What the tooltip of each line says: from where to where, and how many.
    key
        Tells one state of the layer from another.
    """
    where = lines[["from_lat", "from_lon", "to_lat", "to_lon"]].to_numpy(dtype=np.float64)
    number = {word: at for at, word in enumerate(DIRECTIONS)}
    data = {
        "ends": where.astype(np.float32).ravel(),
        "graduates": compact(lines["graduates"].to_numpy(dtype=np.float64)),
        "direction": np.array([number[one] for one in lines["direction"]], dtype=np.uint8),
        "colours": [FLOW[one] for one in DIRECTIONS],
        "texts": list(texts),
        "notes": list(notes),
    }
    return Packed("flows", data, key=key)


def area_layer(outline: shapely.Geometry | None, *, key: str) -> Packed:
    """The outline of the area that was chosen."""
    return Packed("area", {"polygons": polygons_of(outline), "line": LINES["chosen"]}, key=key)


def bus_layer(
    rides: pd.DataFrame, *, texts: Sequence[str], notes: Sequence[str], key: str
) -> Packed:
    """One line a suggested bus, from its first stop to its last: columns as of `flow_layer`."""
    where = rides[["from_lat", "from_lon", "to_lat", "to_lon"]].to_numpy(dtype=np.float64)
    data = {
        "ends": where.ravel(),
        "texts": list(texts),
        "notes": list(notes),
        "line": FLOW["bus"],
        "fill": FLOW["stop"],
    }
    return Packed("bus", data, key=key)
