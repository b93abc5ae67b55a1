"""How a city's graduates lay in each year: the path of their centre, and how far they spread."""

from __future__ import annotations

from collections.abc import Sequence

import shapely

from layers.packed import Packed
from layers.palette import LINES, PAGE
from layers.shapes import polygons_of

__all__ = ["drift_layer"]


def drift_layer(
    centres: Sequence[tuple[str, float, float]],
    ellipses: Sequence[tuple[str, shapely.Polygon]],
    *,
    key: str,
) -> Packed:
    """
    The weighted centre of each year joined by a line, and the standard ellipse of some years.

    Parameters
    ----------
    centres
        Label, latitude and longitude of each year, ascending.
    ellipses
        Label and outline (longitude, latitude) of each year to be outlined; the last is drawn
        solid, the others dashed.
    key
        Tells one state of the layer from another.
    """
    data = {
        "centres": [{"name": name, "lat": lat, "lon": lon} for name, lat, lon in centres],
        "ellipses": [{"name": name, "polygons": polygons_of(one)} for name, one in ellipses],
        "line": LINES["chosen"],
        "fill": PAGE["card"],
    }
    return Packed("drift", data, key=key)
