"""The ground under the cells: water, parks, ring roads, drawn by the study itself."""

from __future__ import annotations

import geopandas as gpd

from layers.packed import Packed
from layers.palette import GROUND_STYLES
from layers.shapes import lines_of, polygons_of

__all__ = ["ground_layer"]


def ground_layer(ground: gpd.GeoDataFrame) -> Packed:
    """Shapes of known kinds; lines of water are rivers. An empty table gives an empty layer."""
    shapes = []
    for one in ground.itertuples():
        if polygons := polygons_of(one.geometry):
            shapes.append({"kind": one.kind, "polygons": polygons})
        if lines := lines_of(one.geometry):
            kind = "river" if one.kind == "water" else one.kind
            shapes.append({"kind": kind, "lines": lines})
    return Packed("ground", {"shapes": shapes, "styles": GROUND_STYLES})
