"""Layers out of what OpenStreetMap holds, and into a study with their attribution."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from spatial import cells as h3cells
from spatial.geodesy import area_km2
from spatial.info import Source
from spatial.ingest.errors import InputError
from spatial.ingest.layers import LayerResult, left_out
from spatial.schema import SchemaError
from spatial.sources.osm.elements import Osm
from spatial.sources.osm.rail import Box, rail_of
from spatial.sources.osm.shapes import RINGS, campuses_of, districts_of, rings_of
from spatial.store import rewrite
from spatial.study import Study, open_study

__all__ = ["ATTRIBUTION", "WHAT", "add_osm_layers", "osm_layers", "study_box", "within_study"]

WHAT: Final = {
    "stations": "stations",
    "lines": "rail_links",
    "campuses": "campuses",
    "districts": "districts",
    "rings": "ground",
}
"""What may be asked for, and the layer it becomes."""

ATTRIBUTION: Final = Source(
    name="OpenStreetMap",
    url="https://www.openstreetmap.org/copyright",
    licence="ODbL-1.0",
    citation="© OpenStreetMap contributors",
)
"""Credit that OpenStreetMap asks for."""

_LEAST_COVERED: Final = 0.05
_MARGIN: Final = 0.02  # degrees: a station may stand just outside the last cell


def osm_layers(
    osm: Osm,
    *,
    what: Iterable[str] = WHAT,
    box: Box | None = None,
    admin_level: int = 6,
    rings: str = RINGS,
) -> dict[str, LayerResult]:
    """
    Layers by name, as `schema.LAYERS` describes them.

    Parameters
    ----------
    osm
        As `read_osm` gives it.
    what
        Of `WHAT`. Lines are links between stations, so they bring the stations.
    box
        Within which things are taken; None takes all.
    admin_level, rings
        As for `districts_of` and `rings_of`.

    Raises
    ------
    InputError
        When something else is asked for, or there is none of it.
    """
    asked = list(dict.fromkeys(what))
    if unknown := [one for one in asked if one not in WHAT]:
        raise InputError(f"layers must be of {', '.join(WHAT)}, found {', '.join(unknown)}")
    found: dict[str, LayerResult] = {}
    if {"stations", "lines"} & set(asked):
        found["stations"], links = rail_of(osm, box=box)
        if "lines" in asked:
            found["rail_links"] = links
    if "campuses" in asked:
        found["campuses"] = campuses_of(osm, box=box)
    if "districts" in asked:
        found["districts"] = districts_of(osm, admin_level=admin_level, box=box)
    if "rings" in asked:
        found["ground"] = rings_of(osm, match=rings, box=box)
    return found


def add_osm_layers(
    path: str | Path, layers: Mapping[str, LayerResult], *, replacing: bool = False
) -> Study:
    """
    A study with these layers, each under the attribution that OpenStreetMap asks for.

    Other ground than ring roads stays; a year of opening that a replaced station had does not.

    Raises
    ------
    SchemaError
        When there is no sound study, or a layer is there and not to be replaced.
    """
    study = open_study(path)
    there = [name for name in layers if name != "ground" and study.has(name)]
    if not replacing and there:
        raise SchemaError(f"{path} has {', '.join(there)} already; say --replace to replace them")
    if "stations" in layers and "rail_links" not in layers and study.has("rail_links"):
        raise SchemaError(
            f"{path} has links between its old stations; ask for lines too, or for other layers"
        )
    tables: dict[str, pd.DataFrame | None] = {
        name: _with_ground(study, found.layer) if name == "ground" else found.layer
        for name, found in layers.items()
    }
    credited = {**study.info.attributions, **dict.fromkeys(layers, ATTRIBUTION)}
    return rewrite(study, replace(study.info, attributions=credited), tables)


def within_study(found: LayerResult, study: Study) -> LayerResult:
    """Districts that the study's cells cover by a twentieth at least: neighbours are left out."""
    districts = found.layer
    areas = study.area_km2.to_numpy()
    lat, lon = h3cells.centres(study.area)
    tree = shapely.STRtree(np.atleast_1d(np.asarray(shapely.points(lon, lat))))
    row, cell = tree.query(districts.geometry.to_numpy(), predicate="contains")
    covered = np.bincount(row, areas[cell], minlength=len(districts))
    kept = covered >= _LEAST_COVERED * area_km2(districts.geometry.to_numpy())
    if not kept.any():
        raise InputError("districts must hold cells of the study, found none that do")
    notes = left_out(~kept, "beside the study left out", districts["name"])
    return LayerResult(districts[kept].reset_index(drop=True), (*found.notes, *notes))


def study_box(study: Study) -> Box:
    """
    South, north, west and east of a study's cells, with a margin of 0.02 degrees.

    Raises
    ------
    SchemaError
        When the study has no cells.
    """
    if not len(study.area):
        raise SchemaError(f"{study.path}: a study must have cells to say where it is, found none")
    lat, lon = h3cells.centres(study.area)
    south, north, west, east = (float(one) for one in (lat.min(), lat.max(), lon.min(), lon.max()))
    return south - _MARGIN, north + _MARGIN, west - _MARGIN, east + _MARGIN


def _with_ground(study: Study, rings: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """The study's ground with these ring roads in the place of those it had."""
    old = study.layer("ground")
    kept = old[old["kind"] != "ring_road"]
    return rings if kept.empty else pd.concat([kept, rings], ignore_index=True)
