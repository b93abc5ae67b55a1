"""District outlines, with the study's own figures on hover, filled by one of them when asked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import geopandas as gpd

from layers.packed import Packed
from layers.palette import CHOROPLETH, LINES
from layers.shapes import polygons_of

__all__ = ["district_labels", "district_layer"]


def district_layer(
    districts: gpd.GeoDataFrame,
    *,
    names: Sequence[str],
    rows: Sequence[Sequence[str]] = (),
    classes: Mapping[int, int] | None = None,
    key: str = "districts",
) -> Packed:
    """
    Outlines of the districts; an empty table gives an empty layer.

    Parameters
    ----------
    districts
        One row a district, WGS-84; rows without a shape are left out of the picture.
    names, rows
        Name and tooltip lines of each district, in the same order.
    classes
        Class of a district (its row number) from 0, where districts are to be filled.
    key
        Tells one state of the layer from another.
    """
    items = []
    for number, shape in enumerate(districts.geometry):
        fill = CHOROPLETH[classes[number]] if classes and number in classes else None
        items.append(
            {
                "id": str(districts["id"].iloc[number]),
                "name": names[number],
                "rows": list(rows[number]) if rows else [],
                "polygons": polygons_of(shape),
                "fill": fill,
            }
        )
    return Packed("districts", {"items": items, "line": LINES["district"]}, key=key)


def district_labels(
    districts: gpd.GeoDataFrame, *, names: Sequence[str]
) -> list[dict[str, str | float | bool]]:
    """Quiet names at a point inside each district, shown while the map is far out."""
    return [
        {
            "name": name,
            "lat": shape.representative_point().y,
            "lon": shape.representative_point().x,
            "quiet": True,
            "until": 11.5,
        }
        for name, shape in zip(names, districts.geometry, strict=True)
        if shape is not None and not shape.is_empty
    ]
