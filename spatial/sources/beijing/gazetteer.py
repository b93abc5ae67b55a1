"""The gazetteer: Beijing's place names, campuses and rent anchors, drawn by this project."""

from __future__ import annotations

from importlib import resources

import geopandas as gpd
import pandas as pd

from spatial.schema import check_columns, check_layer

__all__ = ["campuses", "places", "rent_anchors"]

_ANCHOR_COLUMNS = ("id", "name", "lat", "lon", "rent_per_m2", "room_rent")


def places() -> gpd.GeoDataFrame:
    """
    Names a planner would use for parts of Beijing, one point each.

    Returns
    -------
    GeoDataFrame
        id, name, name_en, kind, reach_km and geometry (points, WGS-84, 0.001 degree). `kind` is
        centre, node, new_town, town, community, campus_area, area or landmark. `reach_km` says
        how far the name carries: the name that fits a point best is the one whose distance is
        the smallest share of its reach.
    """
    table = _points("places.csv")
    check_layer(table, name="places")
    return table


def campuses() -> gpd.GeoDataFrame:
    """
    Campuses of higher education, one point each.

    Returns
    -------
    GeoDataFrame
        id, name, name_en, students and geometry (points, WGS-84, 0.001 degree). `students` is
        a rough head count on that campus, rounded to 1 000: a weight, not a statistic.
    """
    table = _points("campuses.csv")
    check_layer(table, name="campuses")
    return table


def rent_anchors() -> gpd.GeoDataFrame:
    """
    Neighbourhoods with a typical asking rent of 2024, from which listings are drawn.

    Returns
    -------
    GeoDataFrame
        id, name, rent_per_m2 (whole flat, yuan per m2 and month, rounded to 5), room_rent (one
        room in a shared flat, yuan per month, rounded to 100) and geometry (points, WGS-84).
        The figures are rounded judgements, not measurements.
    """
    return _points("rent_anchors.csv", columns=_ANCHOR_COLUMNS)


def _points(
    file: str, *, columns: tuple[str, ...] = ("id", "name", "name_en", "lat", "lon")
) -> gpd.GeoDataFrame:
    """The rows of a drawn file as points; `lat` and `lon` become the geometry."""
    with (resources.files(__package__) / "drawn" / file).open(encoding="utf-8") as text:
        table = pd.read_csv(text)
    check_columns(table, columns, name=file)
    geometry = gpd.points_from_xy(table["lon"], table["lat"], crs="EPSG:4326")
    return gpd.GeoDataFrame(table.drop(columns=["lat", "lon"]), geometry=geometry)
