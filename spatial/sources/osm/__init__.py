"""Layers of a study from OpenStreetMap: stations, links, campuses, districts and ring roads."""

from spatial.sources.osm.elements import read_osm
from spatial.sources.osm.layers import (
    ATTRIBUTION,
    WHAT,
    add_osm_layers,
    osm_layers,
    study_box,
    within_study,
)
from spatial.sources.osm.overpass import ENDPOINT, ask, cache_folder, query_of

__all__ = [
    "ATTRIBUTION",
    "ENDPOINT",
    "WHAT",
    "add_osm_layers",
    "ask",
    "cache_folder",
    "osm_layers",
    "query_of",
    "read_osm",
    "study_box",
    "within_study",
]
