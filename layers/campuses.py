"""Campuses as points with their names."""

from __future__ import annotations

from collections.abc import Sequence

import geopandas as gpd

from layers.packed import Packed
from layers.palette import CAMPUS

__all__ = ["campus_layer"]


def campus_layer(
    campuses: gpd.GeoDataFrame, *, names: Sequence[str], notes: Sequence[str]
) -> Packed:
    """One ring a campus; name and note on hover; an empty table gives an empty layer."""
    items = [
        {"name": name, "note": note, "lat": round(point.y, 5), "lon": round(point.x, 5)}
        for name, note, point in zip(names, notes, campuses.geometry, strict=True)
    ]
    return Packed("campuses", {"items": items, "line": CAMPUS["rim"], "fill": CAMPUS["fill"]})
